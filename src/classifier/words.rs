//! The words of a text.

use super::character::Class;
use super::links::{Piece, pieces};
use super::normalise::Normalised;

/// The mark before the first word and the one after the last.
const BEGIN: &str = "^";
const END: &str = "·";
/// Single letters in a row that are taken for a word spelled out: `v i a g r a`.
const SPELLED_OUT: usize = 3;

/// The words of a text in one buffer, one space between them, with a mark at either end. Fed one character at a time;
/// the buffers are used again for the next text.
#[derive(Default)]
pub(super) struct Words {
    buffer: String,
    ranges: Vec<(usize, usize)>,
    /// Words that hold both letters and digits, by their place.
    mixed: Vec<usize>,
    word: Option<Open>,
    /// The character before, in this stretch of text.
    last: char,
    unfolded: String,
}

/// A word whose end has not been seen.
struct Open {
    start: usize,
    digits: u32,
    length: u32,
    run: Run,
    /// An apostrophe belongs to the word only if the word goes on behind it.
    apostrophe: bool,
}

impl Words {
    /// Forgets the text read before.
    pub(super) fn begin(&mut self) {
        self.buffer.clear();
        self.ranges.clear();
        self.mixed.clear();
        self.push(BEGIN);
    }

    /// To be called after the last character.
    pub(super) fn end(&mut self) {
        self.push(END);
    }

    /// Reads a whole text; answers whether there is a link in it.
    pub(super) fn read_text(&mut self, text: &Normalised<'_>, scratch: &mut String) -> bool {
        let mut with_link = false;
        self.begin();
        pieces(&text.text, scratch, &mut |piece| match piece {
            Piece::Text(text) => {
                text.chars().for_each(|c| self.read(c, Class::of(c)));
                self.close();
            }
            Piece::Link(_) => {
                self.push("<url>");
                with_link = true;
            }
            Piece::Email => self.push("<email>"),
        });
        self.end();
        with_link
    }

    /// Adds a whole word, such as `<url>`.
    pub(super) fn push(&mut self, word: &str) {
        let start = self.open();
        self.buffer.push_str(word);
        self.ranges.push((start, self.buffer.len()));
    }

    /// Reads on by one character of the text.
    #[inline]
    pub(super) fn read(&mut self, c: char, class: Class) {
        if class.is(Class::ALPHANUMERIC) && !class.is(Class::IDEOGRAPH) {
            self.read_letter(c, class);
        } else if matches!(c, '\'' | '’') && self.word.as_ref().is_some_and(|word| !word.apostrophe) {
            if let Some(word) = &mut self.word {
                word.apostrophe = true;
            }
        } else {
            self.close_word();
            let once = class.is(Class::TELLING) && c != self.last;
            if once || class.is(Class::IDEOGRAPH) || class.is(Class::PICTOGRAPH) {
                let start = self.open();
                self.buffer.push(c);
                self.ranges.push((start, self.buffer.len()));
            }
        }
        self.last = c;
    }

    /// Ends a stretch of text: no word goes on behind a link.
    pub(super) fn close(&mut self) {
        self.close_word();
        self.last = ' ';
    }

    fn close_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        if word.digits == word.length {
            self.buffer.truncate(word.start);
            self.buffer.push_str("<num");
            self.buffer.push(char::from(b'0' + word.digits.min(9) as u8));
            self.buffer.push('>');
        } else if word.digits > 0 {
            self.mixed.push(self.ranges.len());
        }
        self.ranges.push((word.start, self.buffer.len()));
    }

    /// The words proper, without the marks.
    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        self.ranges[1..self.ranges.len() - 1].iter().map(|&(start, end)| &self.buffer[start..end])
    }

    /// Neighbours, the marks among them, with a space between the two.
    pub(super) fn pairs(&self) -> impl Iterator<Item = &str> {
        self.ranges.windows(2).map(|pair| &self.buffer[pair[0].0..pair[1].1])
    }

    /// How many words hold both letters and digits.
    pub(super) fn mixed(&self) -> usize {
        self.mixed.len()
    }

    /// Hands over the words behind two disguises: `v i a g r a`, spelled out, and `v1agra`, with digits for the
    /// letters they look like. Answers how many were spelled out.
    pub(super) fn undisguised(&mut self, emit: &mut impl FnMut(&str)) -> usize {
        let Self { buffer, ranges, mixed, unfolded, .. } = self;
        let mut found = 0;
        for run in ranges.chunk_by(|first, second| {
            is_letter(&buffer[first.0..first.1]) && is_letter(&buffer[second.0..second.1])
        }) {
            if run.len() >= SPELLED_OUT {
                unfolded.clear();
                unfolded.extend(run.iter().flat_map(|&(start, end)| buffer[start..end].chars()));
                emit(unfolded);
                found += 1;
            }
        }
        for &place in &*mixed {
            let (start, end) = ranges[place];
            unfolded.clear();
            unfolded.extend(buffer[start..end].chars().map(letter_behind));
            emit(unfolded);
        }
        found
    }

    fn open(&mut self) -> usize {
        if !self.buffer.is_empty() {
            self.buffer.push(' ');
        }
        self.buffer.len()
    }

    /// Adds a letter in lower case; of three or more in a row only two are kept.
    fn read_letter(&mut self, c: char, class: Class) {
        if self.word.is_none() {
            let start = self.open();
            self.word = Some(Open { start, digits: 0, length: 0, run: Run::default(), apostrophe: false });
        }
        let Some(word) = &mut self.word else { return };
        if std::mem::take(&mut word.apostrophe) {
            word.length += 1;
            self.buffer.push('\'');
        }
        word.length += 1;
        word.digits += u32::from(class.is(Class::NUMBER));
        if word.run.length_with(c) <= 2 || class.is(Class::NUMBER) {
            if class.is(Class::SMALL) {
                self.buffer.push(c);
            } else if c.is_ascii() {
                self.buffer.push(c.to_ascii_lowercase());
            } else {
                self.buffer.extend(c.to_lowercase());
            }
        }
    }
}

fn is_letter(word: &str) -> bool {
    let mut characters = word.chars();
    characters.next().is_some_and(char::is_alphabetic) && characters.next().is_none()
}

/// The letter a digit stands for in a word.
pub(super) fn letter_behind(c: char) -> char {
    match c {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        '8' => 'b',
        _ => c,
    }
}

/// Counts how often the same character came in a row, whatever its case.
#[derive(Default)]
pub(super) struct Run {
    last: char,
    length: usize,
}

impl Run {
    pub(super) fn length_with(&mut self, c: char) -> usize {
        let c = c.to_ascii_lowercase();
        self.length = if self.last == c { self.length + 1 } else { 1 };
        self.last = c;
        self.length
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classifier::normalise::normalise;

    #[track_caller]
    fn reads(text: &str, expected: &str) {
        let mut words = Words::default();
        words.read_text(&normalise("left over from before"), &mut String::new());
        words.read_text(&normalise(text), &mut String::new());
        assert_eq!(words.iter().collect::<Vec<_>>().join(" "), expected, "from {text:?}");
        assert_eq!(words.pairs().count(), words.iter().len() + 1);
    }

    #[test]
    fn words_numbers_and_telling_marks() {
        reads("Hello, World!!! ?", "hello world ! ?");
        reads("don't 'quote' dogs' ''x''", "don't quote dogs x");
        reads("Sooooo goooood", "soo good");
        reads("call 0906 170146 mp3", "call <num4> <num6> mp3");
        reads("see http://a.top! or a@b.com", "see <url> ! or <email>");
        reads("語り a😀b", "語 り a 😀 b");
        reads("", "");
    }

    #[test]
    fn letters_set_apart_are_one_word_and_digits_letters() {
        let mut words = Words::default();
        words.read_text(&normalise("get v i a g r a and fr33 b4, I a sub 4 u"), &mut String::new());
        let mut found = Vec::new();
        assert_eq!(words.undisguised(&mut |word| found.push(word.to_owned())), 1);
        assert_eq!(found, ["viagra", "free", "ba"]);
        assert_eq!(words.mixed(), 2);
    }
}
