//! Which rows are held out, and which fold the others belong to. Near-identical rows stay together.

#![expect(clippy::cast_precision_loss, reason = "counts of rows and columns are far below 2^52")]

use std::collections::{BTreeMap, HashMap};

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::rows::LabelledRow;
use crate::classifier::{Label, fingerprint};

/// Bucket of the held-out rows; the others are the folds.
pub(super) const HELD_OUT: usize = 0;
const FOLDS: usize = 5;

/// How the rows to measure on are chosen.
#[derive(Debug, Clone, PartialEq)]
pub enum Validation {
    /// A random share of each class, 0 (measure nothing) to 0.9.
    Share(f64),
    /// Rows dated at this date or later (ISO 8601, compared as text). Undated rows are trained on.
    From(String),
    /// So many parts (2 or more) of about equal size: each is measured by a model of the others.
    Folds(usize),
    /// The rows of this source and of those behind it, counted from 0. The model does not learn from them at all.
    Given {
        /// The first source to measure on.
        first: usize,
    },
    /// Each of so many sources in turn: its rows are scored by a model of the others. Tells, and calibrates for, how
    /// the model does on a site it has not seen.
    EachSource(usize),
}

impl Validation {
    /// The choice in words, for cards and reports.
    pub fn describe(&self) -> String {
        match self {
            Self::Share(share) => format!(
                "a random {:.0} % of each class, held out from an otherwise equal model; near-identical texts never sit on \
                 both sides",
                100.0 * share
            ),
            Self::From(date) => format!("the rows from {date} on, by a model of the rows before"),
            Self::Folds(folds) => format!(
                "all rows, each by a model of the other folds ({folds} of them; near-identical texts share one)"
            ),
            Self::Given { .. } => "the rows of the validation files, which were not learned from".to_owned(),
            Self::EachSource(_) => "all rows, those of each file by a model of the other files".to_owned(),
        }
    }

    /// Whether every row is measured, by a model of the buckets it is not in.
    pub(super) fn measures_all(&self) -> bool {
        matches!(self, Self::Folds(_) | Self::EachSource(_))
    }

    /// Whether the model learns from the rows it is measured on, in the end.
    pub(super) fn learns_held_out(&self) -> bool {
        !matches!(self, Self::Given { .. })
    }
}

/// Says into which bucket a row goes, one row at a time.
pub(super) struct Split {
    validation: Validation,
    seed: u64,
    /// Bucket of each fingerprint, if all of them were known beforehand; else a hash decides.
    exact: Option<HashMap<u64, usize>>,
}

impl Split {
    /// For rows that are too many to look at beforehand. The classes are split alike, as far as chance goes.
    pub(super) fn hashed(validation: Validation, seed: u64) -> Self {
        Self { validation, seed, exact: None }
    }

    /// For these rows: the share held out is met in each class, and the classes are dealt evenly to the folds.
    pub(super) fn exact(validation: Validation, seed: u64, rows: &[LabelledRow]) -> Self {
        let split = Self::hashed(validation, seed);
        // Ordered by a seeded hash, so that the split depends on texts and seed, not on the order of rows.
        let mut groups: BTreeMap<(u64, u64), Vec<Label>> = BTreeMap::new();
        for row in rows.iter().filter(|row| split.fixed(row).is_none()) {
            let print = fingerprint(&row.document());
            groups.entry((split.hash(print), print)).or_default().push(row.label);
        }
        let groups: Vec<(u64, Vec<Label>)> =
            groups.into_iter().map(|((_, print), labels)| (print, labels)).collect();
        let held_out = match split.validation {
            Validation::Share(share) => random_groups(&groups, share),
            _ => vec![false; groups.len()],
        };
        let mut next_fold = HashMap::from([(Label::Ham, 0), (Label::Spam, 0)]);
        let mut deal = |label: Label| {
            let fold = next_fold.entry(label).or_default();
            *fold = *fold % split.folds() + 1;
            HELD_OUT + *fold
        };
        let buckets = groups
            .iter()
            .zip(held_out)
            .map(|((print, labels), held_out)| (*print, if held_out { HELD_OUT } else { deal(labels[0]) }));
        Self { exact: Some(buckets.collect()), ..split }
    }

    /// Number of buckets, the one held out included, which may stay empty.
    pub(super) fn buckets(&self) -> usize {
        HELD_OUT + 1 + self.folds()
    }

    /// The row's bucket.
    pub(super) fn bucket(&self, row: &LabelledRow, fingerprint: u64) -> usize {
        self.fixed(row).unwrap_or_else(|| match &self.exact {
            Some(buckets) => buckets.get(&fingerprint).copied().unwrap_or(HELD_OUT + 1),
            None => self.drawn(fingerprint),
        })
    }

    fn folds(&self) -> usize {
        match self.validation {
            Validation::Folds(count) | Validation::EachSource(count) => count,
            _ => FOLDS,
        }
    }

    /// The bucket of a row that something else than its text decides on.
    fn fixed(&self, row: &LabelledRow) -> Option<usize> {
        match &self.validation {
            Validation::From(date) => dated_from(row, date).then_some(HELD_OUT),
            Validation::Given { first } => (row.source >= *first).then_some(HELD_OUT),
            Validation::EachSource(count) => Some(HELD_OUT + 1 + row.source.min(count - 1)),
            Validation::Share(_) | Validation::Folds(_) => None,
        }
    }

    fn drawn(&self, fingerprint: u64) -> usize {
        let hash = self.hash(fingerprint);
        // The upper half decides on holding out, the lower half on the fold.
        let (upper, lower) = (hash >> 32, hash & 0xffff_ffff);
        match self.validation {
            Validation::Share(share) if (upper as f64) < share * 4_294_967_296.0 => HELD_OUT,
            #[expect(clippy::cast_possible_truncation, reason = "32 bits")]
            _ => HELD_OUT + 1 + lower as usize % self.folds(),
        }
    }

    fn hash(&self, fingerprint: u64) -> u64 {
        xxh3_64_with_seed(&fingerprint.to_le_bytes(), self.seed)
    }
}

fn dated_from(row: &LabelledRow, date: &str) -> bool {
    let dated = row.date.trim();
    if !dated.starts_with(|c: char| c.is_ascii_digit()) {
        return false;
    }
    dated.replacen(' ', "T", 1).as_str() >= date
}

/// Takes whole groups until each class has given its share. None at all, where that leaves a side without a class.
fn random_groups(groups: &[(u64, Vec<Label>)], share: f64) -> Vec<bool> {
    let count = |groups: &mut dyn Iterator<Item = &(u64, Vec<Label>)>| {
        let mut counts = [0; 2];
        groups.flat_map(|(_, labels)| labels).for_each(|label| counts[label.index()] += 1);
        counts
    };
    let all: [usize; 2] = count(&mut groups.iter());
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a count is a count"
    )]
    let mut left = all.map(|count| (share * count as f64).floor() as usize);
    let mut take = |(_, labels): &(u64, Vec<Label>)| {
        let left = &mut left[labels[0].index()];
        let fits = labels.len() <= *left;
        *left -= if fits { labels.len() } else { 0 };
        fits
    };
    let held_out: Vec<bool> = groups.iter().map(&mut take).collect();
    let taken =
        count(&mut groups.iter().zip(&held_out).filter(|(_, held_out)| **held_out).map(|(group, _)| group));
    let whole = (0..2).all(|class| taken[class] > 0 && taken[class] < all[class]);
    if whole { held_out } else { vec![false; groups.len()] }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(texts: &[(&str, Label, &str)]) -> Vec<LabelledRow> {
        texts
            .iter()
            .map(|(content, label, date)| LabelledRow {
                content: (*content).to_owned(),
                date: (*date).to_owned(),
                ..LabelledRow::new(*label)
            })
            .collect()
    }

    fn buckets(split: &Split, rows: &[LabelledRow]) -> Vec<usize> {
        rows.iter().map(|row| split.bucket(row, fingerprint(&row.document()))).collect()
    }

    fn exact(rows: &[LabelledRow], validation: Validation, seed: u64) -> Vec<usize> {
        buckets(&Split::exact(validation, seed, rows), rows)
    }

    fn hashed(rows: &[LabelledRow], validation: Validation, seed: u64) -> Vec<usize> {
        buckets(&Split::hashed(validation, seed), rows)
    }

    /// Words that no other number has: digits do not tell texts apart.
    fn word(number: usize) -> String {
        number.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
    }

    #[test]
    fn copies_stay_on_one_side_and_the_seed_decides_which() {
        let mut all = Vec::new();
        for number in 0..10 {
            let ham = word(number);
            all.extend(rows(&[(&ham, Label::Ham, ""), (&format!("{ham} 7!"), Label::Ham, "")]));
            all.extend(rows(&[(&format!("buy {ham}"), Label::Spam, "")]));
        }
        for of in [exact, hashed] {
            let first = of(&all, Validation::Share(0.2), 1);
            assert!(first.chunks(3).all(|group| group[0] == group[1]));
            assert_eq!(first, of(&all, Validation::Share(0.2), 1));
            assert_ne!(first, of(&all, Validation::Share(0.2), 2));
        }
        let held_out =
            exact(&all, Validation::Share(0.2), 1).into_iter().filter(|&bucket| bucket == HELD_OUT);
        assert_eq!(held_out.count(), 6);
    }

    #[test]
    fn a_hash_splits_about_as_told() {
        let texts: Vec<String> = (0..20_000).map(word).collect();
        let rows: Vec<LabelledRow> = texts.iter().flat_map(|text| rows(&[(text, Label::Ham, "")])).collect();
        let count = |buckets: &[usize], bucket| buckets.iter().filter(|&&found| found == bucket).count();
        let shared = hashed(&rows, Validation::Share(0.25), 3);
        assert!(count(&shared, HELD_OUT).abs_diff(5_000) < 250);
        let folds = hashed(&rows, Validation::Folds(10), 3);
        assert_eq!(count(&folds, HELD_OUT), 0);
        assert!((1..=10).all(|fold| count(&folds, fold).abs_diff(2_000) < 200));
        assert!(!hashed(&rows[..100], Validation::Share(0.0), 3).contains(&HELD_OUT));
    }

    #[test]
    fn folds_are_dealt_evenly_by_class() {
        let spam: Vec<String> = (0..6).map(|number| format!("buy {}", word(number))).collect();
        let ham: Vec<String> = (0..9).map(word).collect();
        let spam = spam.iter().flat_map(|text| rows(&[(text, Label::Spam, "")]));
        let all: Vec<_> = spam.chain(ham.iter().flat_map(|text| rows(&[(text, Label::Ham, "")]))).collect();
        let buckets = exact(&all, Validation::Folds(3), 5);
        for fold in 1..=3 {
            assert_eq!(buckets[..6].iter().filter(|&&bucket| bucket == fold).count(), 2);
            assert_eq!(buckets[6..].iter().filter(|&&bucket| bucket == fold).count(), 3);
        }
    }

    #[test]
    fn a_time_split_holds_out_what_is_later() {
        let rows = rows(&[
            ("old ham", Label::Ham, "2020-01-01"),
            ("old spam", Label::Spam, "2020-01-01T10:00:00Z"),
            ("new ham", Label::Ham, "2021-01-01 00:00:00"),
            ("new spam", Label::Spam, "2021-06-01"),
            ("undated", Label::Ham, ""),
        ]);
        for of in [exact, hashed] {
            let buckets = of(&rows, Validation::From("2021-01-01".to_owned()), 0);
            let held_out: Vec<bool> = buckets.into_iter().map(|bucket| bucket == HELD_OUT).collect();
            assert_eq!(held_out, [false, false, true, true, false]);
        }
    }

    #[test]
    fn too_few_rows_are_all_trained_on() {
        let rows = rows(&[("one", Label::Ham, ""), ("two", Label::Spam, "")]);
        assert!(!exact(&rows, Validation::Share(0.5), 0).contains(&HELD_OUT));
    }

    #[test]
    fn sources_decide_where_they_are_told_to() {
        let mut rows = rows(&[("a", Label::Ham, ""), ("b", Label::Spam, ""), ("a", Label::Ham, "")]);
        for (source, row) in rows.iter_mut().enumerate() {
            row.source = source;
        }
        for of in [exact, hashed] {
            assert_eq!(of(&rows, Validation::EachSource(3), 0), [1, 2, 3]);
            let given = of(&rows, Validation::Given { first: 1 }, 0);
            assert!(given[0] != HELD_OUT && given[1..] == [HELD_OUT, HELD_OUT]);
        }
    }
}
