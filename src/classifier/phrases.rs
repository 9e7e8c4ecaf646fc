//! Finds phrases in a text as a person reads it: whole words, whatever their case, the punctuation between them and their
//! disguise. Linear in the text, however many phrases there are.

use aho_corasick::AhoCorasick;
use unicode_normalization::char::is_combining_mark;
use unicode_script::{Script, UnicodeScript};

use super::character::Class;
use super::normalise::normalise;
use super::words::letter_behind;

/// Single letters in a row that are taken for a word spelled out: `v i a g r a`.
const SPELLED_OUT: usize = 3;

/// A list of phrases to look for.
#[derive(Debug, Clone)]
pub struct Phrases {
    /// Of each phrase ` its words `, so that nothing but whole words can be found in ` words of a text `.
    automaton: AhoCorasick,
}

/// A phrase without a letter, a digit or a pictograph, or more of them than can be searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is nothing in it to look for")]
pub struct NoPhrase;

impl Phrases {
    /// Prepares the search for any of these.
    pub fn new<P: AsRef<str>>(phrases: &[P]) -> Result<Self, NoPhrase> {
        let patterns: Vec<String> = phrases.iter().map(|phrase| plain(&read(phrase.as_ref()))).collect();
        if patterns.iter().any(|pattern| pattern.len() < 2) {
            return Err(NoPhrase);
        }
        AhoCorasick::new(patterns).map(|automaton| Self { automaton }).map_err(|_error| NoPhrase)
    }

    /// Which of the phrases is in a text: the place of one of them in the list.
    pub fn find(&self, text: &Spellings) -> Option<usize> {
        text.0.iter().find_map(|spelling| Some(self.automaton.find(spelling)?.pattern().as_usize()))
    }
}

/// A text as [`Phrases`] look through it: its words as they are written, and the same behind their disguises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spellings(Vec<String>);

impl Spellings {
    /// Reads a text.
    pub fn of(text: &str) -> Self {
        let words = read(text);
        let mut spellings = vec![plain(&words)];
        for glued in [false, true] {
            let spelling = undisguised(&words, glued);
            if !spellings.contains(&spelling) {
                spellings.push(spelling);
            }
        }
        Self(spellings)
    }
}

/// Words in small letters with single spaces between them: equal for what reads the same.
pub fn folded(text: &str) -> String {
    plain(&read(text)).trim().to_owned()
}

/// A word of a text, in small letters.
struct Word {
    letters: String,
    /// Only such punctuation as [`glues`] stands between it and the word before.
    glued: bool,
}

fn read(text: &str) -> Vec<Word> {
    let text = normalise(text).text;
    let mut words: Vec<Word> = Vec::new();
    let (mut open, mut glued, mut last) = (false, false, ' ');
    for c in text.chars() {
        let class = Class::of(c);
        let alone = stands_alone(c);
        if is_combining_mark(c) {
            // Part of the letter before it.
            if let (true, Some(word)) = (open, words.last_mut()) {
                word.letters.push(c);
            }
        } else if is_apostrophe(c) {
            // `don't`, `п'ять`, whichever apostrophe it is.
        } else if class.is(Class::ALPHANUMERIC) || alone {
            let apart = alone || stands_alone(last);
            if apart || !open {
                words.push(Word { letters: String::new(), glued: glued && !apart });
            }
            if let Some(word) = words.last_mut() {
                word.letters.extend(c.to_lowercase());
            }
            (open, glued, last) = (true, true, c);
        } else {
            open = false;
            glued = glued && glues(c);
        }
    }
    words
}

/// Whether a character is a word of its own.
fn stands_alone(c: char) -> bool {
    let class = Class::of(c);
    class.is(Class::IDEOGRAPH) || class.is(Class::PICTOGRAPH) || runs_on(c)
}

/// Of a script that puts no space between words, or writes endings onto them: each character counts as a word.
fn runs_on(c: char) -> bool {
    c >= '\u{e00}'
        && matches!(
            c.script(),
            Script::Thai | Script::Lao | Script::Khmer | Script::Myanmar | Script::Tibetan | Script::Hangul
        )
        && c.is_alphabetic()
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ' | '`' | '´')
}

/// What is put between the letters of a word to hide it.
fn glues(c: char) -> bool {
    matches!(c, '.' | '-' | '_' | '*' | '·' | '•' | '~' | '+' | '|' | '‐' | '‑' | '–')
}

/// ` its words `; of a letter three times in a row or more two are left.
fn plain(words: &[Word]) -> String {
    let mut text = String::from(" ");
    for word in words {
        push_shortened(&mut text, &word.letters, 2);
        text.push(' ');
    }
    text
}

/// The same behind the disguises: letters set apart, digits for letters, letters repeated; and, where `glued`, words
/// with punctuation inside.
fn undisguised(words: &[Word], glued: bool) -> String {
    let mut text = String::from(" ");
    let single = |word: &Word| {
        let mut letters = word.letters.chars();
        letters.next().is_some_and(|c| c.is_alphabetic() && !stands_alone(c)) && letters.next().is_none()
    };
    for run in words.chunk_by(|first, second| single(first) && single(second)) {
        let spelled_out = run.len() >= SPELLED_OUT;
        for (place, word) in run.iter().enumerate() {
            if text.len() > 1 && (spelled_out && place > 0 || glued && word.glued) {
                text.pop();
            }
            let (digits, letters) = count(&word.letters);
            if digits > 0 && letters > digits {
                let letters: String = word.letters.chars().map(letter_behind).collect();
                push_shortened(&mut text, &letters, 1);
            } else {
                push_shortened(&mut text, &word.letters, 1);
            }
            text.push(' ');
        }
    }
    text
}

fn count(word: &str) -> (usize, usize) {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    (digits, word.chars().count() - digits)
}

/// Adds a word; of a letter that comes three times in a row or more, `keep` are left. Numbers stay as they are.
fn push_shortened(text: &mut String, word: &str, keep: usize) {
    let letters: Vec<char> = word.chars().collect();
    for run in letters.chunk_by(|first, second| first == second) {
        let length = if run.len() > 2 && !run[0].is_numeric() { keep } else { run.len() };
        text.extend(&run[..length]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn hit(phrase: &str, text: &str) -> bool {
        Phrases::new(&[phrase]).unwrap().find(&Spellings::of(text)).is_some()
    }

    #[test]
    fn whole_words_are_found_and_parts_of_words_are_not() {
        for (phrase, text) in [
            ("dress", "What a DRESS!"),
            ("dress", "dress"),
            ("online casino", "the best Online  –  Casino, ever"),
            ("online casino", "online\ncasino"),
            ("don't", "I don’t"),
            ("buy now", "<b>Buy</b> now"),
            ("c", "C# and c++"),
            ("911", "call 911."),
            ("казино", "Найкраще КАЗИНО України"),
            ("п'ять гривень", "за пʼять гривень"),
            ("赌场", "最好的赌场在这里"),
            ("카지노", "온라인 카지노에서"),
            ("カジノ", "オンラインカジノで遊ぶ"),
            ("คาสิโน", "เว็บคาสิโนออนไลน์"),
            ("💰💰", "easy 💰💰💰"),
            ("naïve", "NAI\u{308}VE"),
        ] {
            assert!(hit(phrase, text), "{phrase} in {text}");
        }
        for (phrase, text) in [
            ("dress", "Anna Dresser"),
            ("dress", "an address"),
            ("dress", "dresses"),
            ("online casino", "a casino online"),
            ("casino", "casinó"),
            ("кіт", "скіт і кити"),
            ("赌场", "赌博场"),
            ("क", "क\u{94d}षण"),
            ("ก", "ก\u{e49}"),
            ("911", "19110"),
            ("us", "u s"),
        ] {
            assert!(!hit(phrase, text), "{phrase} in {text}");
        }
    }

    #[test]
    fn disguises_are_seen_through() {
        for text in [
            "v1agra",
            "V.I.A.G.R.A",
            "get v i a g r a here",
            "vi\u{200b}agra",
            "vi\u{430}gra",
            "ｖｉａｇｒａ",
            "𝐯𝐢𝐚𝐠𝐫𝐚",
            "viaaaagra",
            "vi-agra",
            "v*i*a*g*r*a",
            "v&#105;agra",
            "vi<b></b>agra",
        ] {
            assert!(hit("viagra", text), "{text}");
        }
        assert!(hit("казино", "к а з и н о") && hit("казино", "каа\u{200d}аазино"));
        assert!(hit("online casino", "online cas1no"));
        assert!(!hit("god", "a good day"), "double letters are two");
    }

    #[test]
    fn what_cannot_be_looked_for_is_refused() {
        assert!(Phrases::new(&["fine", " … "]).is_err() && Phrases::new(&[""]).is_err());
        let list = Phrases::new(&["one", "two"]).unwrap();
        assert_eq!(list.find(&Spellings::of("number two")), Some(1));
        assert!(Phrases::new::<&str>(&[]).unwrap().find(&Spellings::of("anything")).is_none());
        assert_eq!(folded("  Best-SEO\u{200b} 77 "), "best seo 77");
    }

    #[test]
    fn hostile_texts_cost_what_they_are_long() {
        let list: Vec<String> = (0..200).map(|n| format!("{} x{n}", "a ".repeat(40))).collect();
        let phrases = Phrases::new(&list).unwrap();
        for piece in ["a ", "a.", "'", "\u{301}", "<", "1a", "赌", "&", "aaa"] {
            let spellings = Spellings::of(&piece.repeat(65_000 / piece.len()));
            assert!(spellings.0.iter().map(String::len).sum::<usize>() <= 4 * 130_000, "{piece}");
            assert_eq!(phrases.find(&spellings), None, "{piece}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics_and_a_phrase_is_found_between_others(phrase in ".{1,30}", before in "\\PC{0,40}", after in "\\PC{0,40}") {
            // What closes a tag or entity of the surroundings would change how the phrase reads.
            let calm = |text: &str| !text.contains(['<', '>', '[', ']', '&', ';', '#']);
            let found = Phrases::new(&[&phrase]);
            Spellings::of(&format!("{before}{phrase}{after}"));
            if let Ok(found) = found && calm(&phrase) && calm(&before) && calm(&after) {
                let text = format!("{before} \u{3000}/ {phrase} / {after}");
                let words = plain(&read(&phrase)).trim().chars().filter(|c| is_combining_mark(*c)).count();
                prop_assume!(words == 0);
                prop_assert!(found.find(&Spellings::of(&text)).is_some(), "{:?} in {:?}", phrase, text);
            }
        }

        #[test]
        fn no_phrase_is_found_inside_a_word((phrase, before, after) in prop_oneof![
            ("[a-z]{2,8}", "[a-z]{1,4}", "[a-z]{0,4}"),
            ("[а-яії]{2,8}", "[а-яії]{1,4}", "[а-яії]{0,4}"),
        ]) {
            let word = format!("{before}{phrase}{after}");
            // A letter three times in a row is taken for a disguise.
            let letters: Vec<char> = word.chars().collect();
            prop_assume!(!letters.windows(3).any(|run| run[0] == run[1] && run[1] == run[2]));
            prop_assert!(!hit(&phrase, &word), "{} in {}", phrase, word);
        }
    }
}
