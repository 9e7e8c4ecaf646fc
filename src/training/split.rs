//! Which rows are held out, and which fold the others belong to. Near-identical rows stay together.

#![expect(clippy::cast_precision_loss, reason = "counts of rows and columns are far below 2^52")]

use std::collections::{BTreeMap, HashMap};

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::TrainError;
use super::rows::LabelledRow;
use crate::classifier::{Label, Source, fingerprint};

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
    /// Each source in turn: its rows are scored by a model of the other sources. Tells, and calibrates for, how
    /// the model does on a site it has not seen.
    EachSource,
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
            Self::EachSource => "all rows, those of each file by a model of the other files".to_owned(),
        }
    }
}

pub(super) struct Split {
    /// Bucket of each row.
    pub(super) buckets: Vec<usize>,
    /// Number of buckets, the one held out included, which may be empty.
    pub(super) count: usize,
    /// Rows that repeat another one in all but details.
    pub(super) repeated: usize,
}

/// Splits rows that come from `sources` in their order.
pub(super) fn split(
    rows: &[LabelledRow],
    sources: &[Source],
    validation: &Validation,
    seed: u64,
) -> Result<Split, TrainError> {
    // Ordered by a seeded hash, so that the split depends on texts and seed, not on the order of rows.
    let mut groups: BTreeMap<(u64, u64), Vec<usize>> = BTreeMap::new();
    for (place, row) in rows.iter().enumerate() {
        let print = fingerprint(&row.document());
        groups.entry((xxh3_64_with_seed(&print.to_le_bytes(), seed), print)).or_default().push(place);
    }
    let repeated = rows.len() - groups.len();
    let groups: Vec<Vec<usize>> = groups.into_values().collect();

    let mut buckets = vec![HELD_OUT; rows.len()];
    let held_out = match validation {
        Validation::Share(share) => random_groups(rows, &groups, *share),
        Validation::From(date) => later_groups(rows, &groups, date),
        Validation::EachSource => {
            return Ok(Split { buckets: by_source(rows, sources)?, count: sources.len() + 1, repeated });
        }
    };
    let mut next_fold = HashMap::from([(Label::Ham, 0), (Label::Spam, 0)]);
    for (group, _) in groups.iter().zip(&held_out).filter(|(_, held_out)| !**held_out) {
        let fold = next_fold.entry(rows[group[0]].label).or_default();
        for &place in group {
            buckets[place] = HELD_OUT + 1 + *fold;
        }
        *fold = (*fold + 1) % FOLDS;
    }

    if let Some((side, missing)) = missing_class(rows, &buckets) {
        match validation {
            Validation::From(date) => return Err(TrainError::Split { date: date.clone(), side, missing }),
            // Too few rows to spare any: all are trained on, none is measured.
            Validation::Share(_) | Validation::EachSource => {
                let mut fold = 0;
                for bucket in buckets.iter_mut().filter(|bucket| **bucket == HELD_OUT) {
                    *bucket = HELD_OUT + 1 + fold;
                    fold = (fold + 1) % FOLDS;
                }
            }
        }
    }
    Ok(Split { buckets, count: FOLDS + 1, repeated })
}

/// One bucket a source. Refuses sources without which a class is gone.
fn by_source(rows: &[LabelledRow], sources: &[Source]) -> Result<Vec<usize>, TrainError> {
    if sources.len() < 2 {
        let name = sources.first().map_or_else(|| "the only file".to_owned(), |source| source.name.clone());
        return Err(TrainError::OneSource { name, missing: Label::Spam });
    }
    for source in sources {
        let rest = |count: fn(&Source) -> u64| sources.iter().map(count).sum::<u64>() - count(source);
        for (label, left) in
            [(Label::Ham, rest(|source| source.ham)), (Label::Spam, rest(|source| source.spam))]
        {
            if left == 0 {
                return Err(TrainError::OneSource { name: source.name.clone(), missing: label });
            }
        }
    }
    let buckets = (1..).zip(sources).flat_map(|(bucket, source)| (0..source.rows).map(move |_| bucket));
    // Rows no source answers for belong to the last one.
    Ok(buckets.chain(std::iter::repeat(sources.len())).take(rows.len()).collect())
}

/// Takes whole groups until each class has given its share.
fn random_groups(rows: &[LabelledRow], groups: &[Vec<usize>], share: f64) -> Vec<bool> {
    let class_size = |label| rows.iter().filter(|row| row.label == label).count();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a count is a count"
    )]
    let quota = |label| (share * class_size(label) as f64).floor() as usize;
    let mut left = HashMap::from([Label::Ham, Label::Spam].map(|label| (label, quota(label))));
    let mut take = |group: &Vec<usize>| {
        let left = left.entry(rows[group[0]].label).or_default();
        let fits = group.len() <= *left;
        *left -= if fits { group.len() } else { 0 };
        fits
    };
    groups.iter().map(&mut take).collect()
}

/// A text that was there before the date is nothing new after it: its group is trained on.
fn later_groups(rows: &[LabelledRow], groups: &[Vec<usize>], date: &str) -> Vec<bool> {
    let later = |place: &usize| {
        let dated = rows[*place].date.trim().replacen(' ', "T", 1);
        dated.starts_with(|c: char| c.is_ascii_digit()) && dated.as_str() >= date
    };
    groups.iter().map(|group| group.iter().all(later)).collect()
}

fn missing_class(rows: &[LabelledRow], buckets: &[usize]) -> Option<(&'static str, Label)> {
    let has = |held_out: bool, label| {
        rows.iter().zip(buckets).any(|(row, &bucket)| (bucket == HELD_OUT) == held_out && row.label == label)
    };
    for label in [Label::Ham, Label::Spam] {
        if !has(true, label) {
            return Some(("the rows to measure on", label));
        }
        if !has(false, label) {
            return Some(("the rows to train on", label));
        }
    }
    None
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

    #[test]
    fn copies_stay_on_one_side_and_the_seed_decides_which() {
        let words = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"];
        let mut texts = Vec::new();
        for word in words {
            texts.extend([(word, Label::Ham, ""), (word, Label::Ham, "")]);
        }
        let spam: Vec<String> = words.iter().map(|word| format!("buy {word}")).collect();
        texts.extend(spam.iter().map(|text| (text.as_str(), Label::Spam, "")));
        let rows = rows(&texts);
        let first = split(&rows, &[], &Validation::Share(0.2), 1).unwrap();
        assert_eq!(first.repeated, 10);
        for pair in first.buckets[..20].chunks(2) {
            assert_eq!(pair[0], pair[1]);
        }
        assert_eq!(first.buckets.iter().filter(|&&bucket| bucket == HELD_OUT).count(), 6);
        assert_eq!(first.buckets, split(&rows, &[], &Validation::Share(0.2), 1).unwrap().buckets);
        assert_ne!(first.buckets, split(&rows, &[], &Validation::Share(0.2), 2).unwrap().buckets);
    }

    #[test]
    fn a_time_split_holds_out_what_is_new() {
        let rows = rows(&[
            ("old ham", Label::Ham, "2020-01-01"),
            ("old spam", Label::Spam, "2020-01-01T10:00:00Z"),
            ("new ham", Label::Ham, "2021-01-01 00:00:00"),
            ("new spam", Label::Spam, "2021-06-01"),
            ("old spam", Label::Spam, "2021-07-01"),
            ("undated", Label::Ham, ""),
        ]);
        let split_at = |date: &str| split(&rows, &[], &Validation::From(date.to_owned()), 0);
        let buckets = split_at("2021-01-01").unwrap().buckets;
        let held_out: Vec<bool> = buckets.into_iter().map(|bucket| bucket == HELD_OUT).collect();
        assert_eq!(held_out, [false, false, true, true, false, false]);
        assert!(matches!(split_at("2030-01-01"), Err(TrainError::Split { .. })));
    }

    #[test]
    fn too_few_rows_are_all_trained_on() {
        let rows = rows(&[("one", Label::Ham, ""), ("two", Label::Spam, "")]);
        let buckets = split(&rows, &[], &Validation::Share(0.5), 0).unwrap().buckets;
        assert!(!buckets.contains(&HELD_OUT));
    }

    #[test]
    fn sources_are_left_out_one_at_a_time() {
        let rows = rows(&[
            ("a", Label::Ham, ""),
            ("b", Label::Spam, ""),
            ("c", Label::Ham, ""),
            ("d", Label::Spam, ""),
        ]);
        let source = |ham, spam| Source { rows: ham + spam, ham, spam, ..Source::default() };
        let buckets =
            |sources: &[Source]| split(&rows, sources, &Validation::EachSource, 0).map(|split| split.buckets);
        assert_eq!(buckets(&[source(1, 1), source(1, 1)]).unwrap(), [1, 1, 2, 2]);
        assert!(matches!(buckets(&[source(2, 2)]), Err(TrainError::OneSource { .. })));
    }
}
