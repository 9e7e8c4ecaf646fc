//! Runs of four to six characters across a whole text.

use super::character::Class;
use super::group::Group;
use super::words::Run;

/// The shortest and the longest run.
const SHORTEST: usize = 4;
const LONGEST: usize = 6;
/// Base of the rolling hash: an odd number without a pattern (the golden ratio's).
const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
/// Multiplier that spreads a hash over its high bits (from xxHash).
const SPREAD: u64 = 0xc2b2_ae3d_27d4_eb4f;

/// `BASE` to the power of each size of run.
const POWERS: [u64; LONGEST - SHORTEST + 1] = {
    let mut powers = [BASE; LONGEST - SHORTEST + 1];
    let mut place = 0;
    while place < powers.len() {
        let mut size = 1;
        while size < SHORTEST + place {
            powers[place] = powers[place].wrapping_mul(BASE);
            size += 1;
        }
        place += 1;
    }
    powers
};

/// A text in lower case as runs are taken from it: links are one character, numbers a zero, white space one space,
/// letters repeated four times or more are kept three times. Fed one character at a time.
pub(super) struct Grams {
    text: Vec<char>,
    /// Hash of all before each character, and of the whole. The hash of a run follows from those at its ends (Karp
    /// and Rabin, "Efficient randomized pattern-matching algorithms", 1987): it costs the same whatever its length.
    hashes: Vec<u64>,
    run: Run,
    last: char,
}

impl Default for Grams {
    fn default() -> Self {
        Self { text: Vec::new(), hashes: Vec::new(), run: Run::default(), last: ' ' }
    }
}

impl Grams {
    /// Forgets the text read before.
    pub(super) fn begin(&mut self) {
        self.text.clear();
        self.hashes.clear();
        self.hashes.push(0);
        self.push(' ');
        self.run = Run::default();
        self.last = ' ';
    }

    /// To be called after the last character.
    pub(super) fn end(&mut self) {
        if self.last != ' ' {
            self.push(' ');
        }
    }

    /// Reads on by one character.
    #[inline]
    pub(super) fn read(&mut self, c: char, class: Class) {
        if class.is(Class::SPACE) {
            self.once(' ');
        } else if class.is(Class::NUMBER) {
            self.once('0');
        } else {
            if self.run.length_with(c) <= 3 {
                if class.is(Class::SMALL) {
                    self.push(c);
                } else if c.is_ascii() {
                    self.push(c.to_ascii_lowercase());
                } else {
                    c.to_lowercase().for_each(|c| self.push(c));
                }
            }
            self.last = c;
        }
    }

    /// Adds a character that stands for any number of its kind.
    fn once(&mut self, c: char) {
        if self.last != c {
            self.push(c);
        }
        self.last = c;
    }

    /// Hands over each run's column and characters.
    pub(super) fn each(&self, emit: &mut impl FnMut(u32, &[char])) {
        for (size, power) in (SHORTEST..).zip(POWERS) {
            let ends = self.hashes.iter().zip(self.hashes.iter().skip(size));
            for (run, (before, here)) in self.text.windows(size).zip(ends) {
                emit(column(here.wrapping_sub(before.wrapping_mul(power)), size), run);
            }
        }
    }

    fn push(&mut self, c: char) {
        let before = self.hashes.last().copied().unwrap_or_default();
        self.hashes.push(before.wrapping_mul(BASE).wrapping_add(u64::from(c)));
        self.text.push(c);
    }
}

fn column(hash: u64, size: usize) -> u32 {
    let (first, columns) = Group::Characters.columns();
    let hash = hash.wrapping_add(size as u64);
    // Without the shift the column would be linear in the characters, and likenesses between runs would add up.
    let spread = (hash ^ hash >> 32).wrapping_mul(SPREAD);
    first + (((spread >> 32) * u64::from(columns)) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Grams {
        let mut grams = Grams::default();
        grams.begin();
        text.chars().for_each(|c| grams.read(c, Class::of(c)));
        grams.end();
        grams
    }

    proptest! {
        /// Equal runs have equal columns wherever they stand, and there is one for each place and size.
        #[test]
        fn a_column_follows_from_its_run_alone(text in "[a-cж ]{0,60}") {
            let mut columns = BTreeMap::new();
            let mut count = 0;
            let grams = read(&text);
            grams.each(&mut |column, run| {
                count += 1;
                assert_eq!(*columns.entry(run.to_vec()).or_insert(column), column);
            });
            let places: usize = (SHORTEST..=LONGEST).map(|size| (grams.text.len() + 1).saturating_sub(size)).sum();
            prop_assert_eq!(count, places);
        }
    }

    /// As many different columns as chance would give, also for runs that are alike.
    #[test]
    #[expect(clippy::cast_precision_loss, reason = "counts of some ten thousand")]
    fn runs_spread_evenly() {
        let text: String = (0..20_000_u32).map(|n| char::from(b'a' + (n * n / 7 % 26) as u8)).collect();
        let (mut runs, mut columns) = (std::collections::BTreeSet::new(), std::collections::BTreeSet::new());
        read(&text).each(&mut |column, run| {
            runs.insert(run.to_vec());
            columns.insert(column);
        });
        let (runs, all) = (runs.len() as f64, f64::from(Group::Characters.columns().1));
        let expected = all * (1.0 - (-runs / all).exp());
        assert!((columns.len() as f64 - expected).abs() < 0.02 * expected, "{} of {expected}", columns.len());
    }

    #[test]
    fn text_is_folded_before() {
        assert_eq!(read("Aaaaah,  1234\nÉ").text.iter().collect::<String>(), " aaah, 0 é ");
    }
}
