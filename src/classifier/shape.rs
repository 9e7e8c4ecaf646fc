//! How a text is written, whatever it says and in whatever language: one token a property.

use super::character::Class;
use super::links::Link;
use super::normalise::Normalised;

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
    SpelledOutWords,
    MixedWords,
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

/// What is counted in a text. Fed one character at a time.
#[derive(Default)]
pub(super) struct Tally {
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
    links: usize,
    spaced_out_links: usize,
    emails: usize,
    here: Here,
}

/// Where reading stands in a stretch of text.
#[derive(Default)]
struct Here {
    last: char,
    last_class: Class,
    run: usize,
    phone_digits: usize,
    word_capitals: usize,
    word_letters: usize,
}

impl Tally {
    /// Reads on by one character.
    #[inline]
    pub(super) fn read(&mut self, c: char, class: Class) {
        let Here { last, last_class, run, phone_digits, word_capitals, word_letters } = &mut self.here;
        *run = if c == *last { *run + 1 } else { 1 };
        self.repetitions += usize::from(*run == 3 && !class.is(Class::SPACE) && c != '.');
        if class.is(Class::LETTER) {
            self.letters += 1;
            self.scripts |= 1 << class.script(c);
        }
        if class.is(Class::ALPHANUMERIC) {
            let capital = usize::from(class.is(Class::CAPITAL));
            *word_letters += 1;
            *word_capitals += capital;
            self.capitals += capital;
        } else {
            self.shouted += usize::from(*word_letters > 1 && word_capitals == word_letters);
            (*word_capitals, *word_letters) = (0, 0);
            self.emoji += usize::from(class.is(Class::PICTOGRAPH));
            self.exclamations += usize::from(c == '!');
            self.questions += usize::from(c == '?');
            self.lines += usize::from(c == '\n');
            self.money |= class.is(Class::CURRENCY) && last_class.is(Class::NUMBER);
        }
        if class.is(Class::NUMBER) {
            self.digits += 1;
            self.money |= last_class.is(Class::CURRENCY);
            *phone_digits += 1;
            self.phone |= *phone_digits >= 7;
        } else if !matches!(c, ' ' | '-' | '(' | ')' | '+' | '/') || last_class.is(Class::SPACE) {
            *phone_digits = 0;
        }
        self.characters += usize::from(!(class.is(Class::SPACE) && last_class.is(Class::SPACE)));
        (*last, *last_class) = (c, class);
    }

    /// Ends a stretch of text.
    pub(super) fn close(&mut self) {
        self.shouted +=
            usize::from(self.here.word_letters > 1 && self.here.word_capitals == self.here.word_letters);
        self.here = Here::default();
    }

    pub(super) fn link(&mut self, link: &Link<'_>) {
        self.links += 1;
        self.spaced_out_links += usize::from(link.obfuscated);
    }

    pub(super) fn email(&mut self) {
        self.emails += 1;
    }
}

/// What the words of a text amount to.
pub(super) struct Wording {
    pub(super) words: usize,
    pub(super) distinct: usize,
    /// Length of all words together, in bytes.
    pub(super) length: usize,
    /// Words written as single letters.
    pub(super) spelled_out: usize,
    /// Words that hold both letters and digits.
    pub(super) mixed: usize,
}

/// Hands every property with its bucket to `emit`.
pub(super) fn shape(
    text: &Normalised<'_>,
    tally: &Tally,
    wording: &Wording,
    emit: &mut impl FnMut(Property, u32),
) {
    let count = wording.words;
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
    emit(Property::DistinctWords, share(wording.distinct, count, 10));
    emit(Property::WordLength, share(wording.length, count, 1).min(12));
    emit(Property::Links, bucket(tally.links));
    emit(Property::LinksPerWord, share(tally.links, count, 10));
    // Most texts have none of these, so that there is none says nothing.
    let rare = [
        (Property::BbcodeLinks, text.bbcode_links),
        (Property::MixedAlphabets, text.mixed_words),
        (Property::DisguisedLetters, text.disguised_letters),
        (Property::SpelledOutWords, wording.spelled_out),
        (Property::MixedWords, wording.mixed),
    ];
    for (property, count) in rare.into_iter().filter(|(_, count)| *count > 0) {
        emit(property, bucket(count));
    }
    let flags = [
        (Property::SpacedOutLink, tally.spaced_out_links > 0),
        (Property::Email, tally.emails > 0),
        (Property::Phone, tally.phone),
        (Property::Money, tally.money),
        (Property::SmallStart, text.text.starts_with(char::is_lowercase)),
        (Property::OpenEnd, text.text.ends_with(char::is_alphanumeric)),
    ];
    for (property, is) in flags {
        emit(property, u32::from(is));
    }
    for number in (0..32).filter(|number| tally.scripts & 1 << number != 0) {
        emit(Property::Script, number);
    }
}

/// `part / whole` in steps of `1 / steps`.
fn share(part: usize, whole: usize, steps: usize) -> u32 {
    u32::try_from((part * steps).checked_div(whole).unwrap_or(0)).unwrap_or(u32::MAX)
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
