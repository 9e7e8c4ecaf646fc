//! How a text is written, whatever it says and in whatever language: one token a property.

use super::links::Piece;
use super::normalise::Normalised;
use super::tokens::{Words, is_pictograph};

/// The properties; their order is part of the feature specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Property {
    Length,
    Words,
    Capitals,
    Digits,
    ShoutedWords,
    Emoji,
    ExclamationMarks,
    QuestionMarks,
    Repetitions,
    Lines,
    DistinctWords,
    WordLength,
    Links,
    LinksPerWord,
    BbcodeLinks,
    MixedAlphabets,
    DisguisedLetters,
    SpacedOutLink,
    Email,
    Phone,
    Money,
    Script,
    SmallStart,
    OpenEnd,
}

/// The bucket of a count: 0, 1, 2, 3, 5, 8, 13, … each get one, and the numbers up to the next belong to it.
pub(super) fn bucket(count: usize) -> u32 {
    let (mut low, mut high, mut bucket) = (1, 2, 0);
    while count >= low {
        (low, high) = (high, low + high);
        bucket += 1;
    }
    bucket
}

/// The smallest count in a bucket.
pub(super) fn bucket_start(bucket: u32) -> u64 {
    (0..bucket)
        .fold((0_u64, 1_u64), |(low, high), step| if step == 0 { (1, 2) } else { (high, low + high) })
        .0
}

/// A text read three ways.
pub(super) struct Shape<'a> {
    pub(super) normalised: &'a Normalised,
    pub(super) pieces: &'a [Piece<'a>],
    pub(super) words: &'a Words,
}

#[derive(Default)]
struct Tally {
    characters: usize,
    letters: usize,
    capitals: usize,
    digits: usize,
    emoji: usize,
    exclamations: usize,
    questions: usize,
    repetitions: usize,
    lines: usize,
    shouted: usize,
    phone: bool,
    money: bool,
    scripts: u32,
}

impl Tally {
    /// One pass over the text between links.
    fn read(&mut self, text: &str) {
        let mut last = ' ';
        let mut run = 0;
        let mut phone_digits = 0;
        let (mut word_capitals, mut word_letters) = (0, 0);
        for c in text.chars().chain([' ']) {
            run = if c == last { run + 1 } else { 1 };
            if run == 3 && !c.is_whitespace() && c != '.' {
                self.repetitions += 1;
            }
            if c.is_alphanumeric() {
                word_letters += 1;
                word_capitals += usize::from(c.is_uppercase());
            } else {
                self.shouted += usize::from(word_letters > 1 && word_capitals == word_letters);
                (word_capitals, word_letters) = (0, 0);
            }
            self.letters += usize::from(c.is_alphabetic());
            self.capitals += usize::from(c.is_uppercase());
            self.digits += usize::from(c.is_numeric());
            self.emoji += usize::from(is_pictograph(c));
            self.exclamations += usize::from(c == '!');
            self.questions += usize::from(c == '?');
            self.lines += usize::from(c == '\n');
            self.money |= is_currency(c) && last.is_numeric() || c.is_numeric() && is_currency(last);
            phone_digits = match c {
                _ if c.is_numeric() => phone_digits + 1,
                ' ' | '-' | '(' | ')' | '+' | '/' if phone_digits > 0 && !last.is_whitespace() => {
                    phone_digits
                }
                _ => 0,
            };
            self.phone |= phone_digits >= 7;
            self.scripts |= script(c).map_or(0, |number| 1 << number);
            self.characters += usize::from(!(c.is_whitespace() && last.is_whitespace()));
            last = c;
        }
    }
}

impl Shape<'_> {
    /// Hands every property with its bucket to `emit`.
    pub(super) fn emit(&self, emit: &mut impl FnMut(Property, u32)) {
        let mut tally = Tally::default();
        let (mut links, mut spaced_out, mut email) = (0, false, false);
        for piece in self.pieces {
            match piece {
                Piece::Text(text) => tally.read(text),
                Piece::Link(link) => {
                    links += 1;
                    spaced_out |= link.obfuscated;
                }
                Piece::Email => email = true,
            }
        }
        let mut words: Vec<&str> = self.words.iter().collect();
        let count = words.len();
        let letters_in_words: usize = words.iter().map(|word| word.len()).sum();
        words.sort_unstable();
        words.dedup();

        emit(Property::Length, bucket(tally.characters));
        emit(Property::Words, bucket(count));
        emit(Property::Capitals, share(tally.capitals, tally.letters, 10));
        emit(Property::Digits, share(tally.digits, tally.characters, 20));
        emit(Property::ShoutedWords, bucket(tally.shouted));
        emit(Property::Emoji, bucket(tally.emoji));
        emit(Property::ExclamationMarks, bucket(tally.exclamations));
        emit(Property::QuestionMarks, bucket(tally.questions));
        emit(Property::Repetitions, bucket(tally.repetitions));
        emit(Property::Lines, bucket(tally.lines));
        emit(Property::DistinctWords, share(words.len(), count, 10));
        emit(Property::WordLength, share(letters_in_words, count, 1).min(12));
        emit(Property::Links, bucket(links));
        emit(Property::LinksPerWord, share(links, count, 10));
        if self.normalised.bbcode_links > 0 {
            emit(Property::BbcodeLinks, bucket(self.normalised.bbcode_links));
        }
        if self.normalised.mixed_words > 0 {
            emit(Property::MixedAlphabets, bucket(self.normalised.mixed_words));
        }
        if self.normalised.disguised_letters > 0 {
            emit(Property::DisguisedLetters, bucket(self.normalised.disguised_letters));
        }
        let text = self.normalised.text.as_str();
        let flags = [
            (Property::SpacedOutLink, spaced_out),
            (Property::Email, email),
            (Property::Phone, tally.phone),
            (Property::Money, tally.money),
            (Property::SmallStart, text.starts_with(char::is_lowercase)),
            (Property::OpenEnd, text.ends_with(char::is_alphanumeric)),
        ];
        for (property, is) in flags {
            emit(property, u32::from(is));
        }
        for number in (0..32).filter(|number| tally.scripts & 1 << number != 0) {
            emit(Property::Script, number);
        }
    }
}

/// `part / whole` in steps of `1 / steps`.
fn share(part: usize, whole: usize, steps: usize) -> u32 {
    u32::try_from((part * steps).checked_div(whole).unwrap_or(0)).unwrap_or(u32::MAX)
}

fn is_currency(c: char) -> bool {
    matches!(c, '$' | '€' | '£' | '₽' | '¥' | '₹' | '₴')
}

/// Names of the scripts told apart, by their number.
pub(super) const SCRIPTS: [&str; 11] =
    ["Latin", "Greek", "Cyrillic", "Hebrew", "Arabic", "Indic", "Thai", "Hangul", "Kana", "Han", "another"];

fn script(c: char) -> Option<u32> {
    let number = match c {
        'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' => 0,
        _ if !c.is_alphabetic() => return None,
        '\u{370}'..='\u{3ff}' => 1,
        '\u{400}'..='\u{52f}' => 2,
        '\u{590}'..='\u{5ff}' => 3,
        '\u{600}'..='\u{6ff}' => 4,
        '\u{900}'..='\u{d7f}' => 5,
        '\u{e00}'..='\u{e7f}' => 6,
        '\u{ac00}'..='\u{d7af}' => 7,
        '\u{3040}'..='\u{30ff}' => 8,
        '\u{3400}'..='\u{9fff}' => 9,
        _ => 10,
    };
    Some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_grow_like_fibonacci() {
        let buckets: Vec<u32> = [0, 1, 2, 3, 4, 5, 7, 8, 89, 90, 144].map(bucket).to_vec();
        assert_eq!(buckets, [0, 1, 2, 3, 3, 4, 4, 5, 10, 10, 11]);
        for number in 0..40 {
            assert_eq!(bucket(usize::try_from(bucket_start(number)).unwrap()), number);
        }
    }
}
