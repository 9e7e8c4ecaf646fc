//! The tokens that tell most, with their names. Columns are hashes: what is behind one can only be learned from texts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::calibration::Calibration;
use super::counts::Counts;
use super::evidence::{Classes, contribution, odds};
use super::explain::describe;
use super::group::Group;
use super::tokens::{Reader, Sink, Token};
use super::{Document, Seen};

/// So many are kept that speak for spam, and as many for ham.
const MOST: usize = 50;
/// What was seen in fewer comments tells of these only.
const FEWEST: u32 = 3;

/// A token that tells much.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Telling {
    /// Its column.
    pub column: u32,
    /// Kind of evidence.
    pub group: Group,
    /// The token in words, as in an [explanation](super::Contribution).
    pub token: String,
    /// Another token that shares its column, and so its evidence, if one was seen.
    pub shares_with: Option<String>,
    /// What it adds to the log-odds of a comment that holds nothing else; above nought speaks for spam.
    pub log_odds: f64,
    /// In how many comments its column was seen.
    pub seen: Seen,
}

/// The most telling tokens of these counts, those for spam first, the strongest first on each side: by what they say times
/// the square root of how often. Their names are looked for in `documents`; a token that is in none of them is left out.
pub(crate) fn telling<'a>(
    counts: &Counts,
    calibration: &Calibration,
    documents: impl IntoIterator<Item = Document<'a>>,
) -> Vec<Telling> {
    let mut ranked = ranked(counts, calibration);
    let mut names = Names(ranked.iter().map(|found| (found.column, Vec::new())).collect());
    let mut reader = Reader::default();
    for document in documents {
        reader.read(&document, &mut names);
    }
    ranked.retain_mut(|found| {
        let mut names = names.0.remove(&found.column).unwrap_or_default().into_iter();
        found.token = names.next().unwrap_or_default();
        found.shares_with = names.next();
        !found.token.is_empty()
    });
    ranked
}

/// The first two tokens found in each of some columns, in words.
struct Names(BTreeMap<u32, Vec<String>>);

impl Sink for Names {
    fn token(&mut self, token: Token<'_>) {
        if let Some(names) = self.0.get_mut(&token.column()).filter(|names| names.len() < 2) {
            let name = describe(&token);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }

    /// None of them is looked for.
    fn characters(&mut self, _: u32, _: &[char]) {}
}

/// The columns, without names.
fn ranked(counts: &Counts, calibration: &Calibration) -> Vec<Telling> {
    let of_class = Classes::of(counts).odds(1.0);
    let mut found: Vec<(f64, Telling)> = counts
        .raw()
        .filter(|(_, cell)| cell.rows[0].saturating_add(cell.rows[1]) >= FEWEST)
        // Runs of characters repeat in pieces what the words tell.
        .filter(|(column, _)| Group::of(*column) != Group::Characters)
        .map(|(column, cell)| {
            let group = Group::of(column);
            let log_odds = contribution(group, odds(cell), &of_class, &calibration.weights, 1);
            let [ham, spam] = cell.rows;
            let weight = log_odds * f64::from(ham.saturating_add(spam)).sqrt();
            let log_odds = (log_odds * 1e6).round() / 1e6;
            let seen = Seen { ham, spam };
            (weight, Telling { column, group, token: String::new(), shares_with: None, log_odds, seen })
        })
        .collect();
    found.sort_by(|(a, left), (b, right)| b.total_cmp(a).then(left.column.cmp(&right.column)));
    let spam = found.iter().take(MOST).filter(|(weight, _)| *weight > 0.0);
    let ham = found.iter().rev().take(MOST).filter(|(weight, _)| *weight < 0.0);
    spam.chain(ham).map(|(_, telling)| telling.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::model::tests::of;
    use super::super::{Features, Label};
    use super::*;

    fn found(texts: &[(&str, Label)]) -> Vec<Telling> {
        let mut counts = Counts::default();
        let read: Vec<(Features, Label)> = texts.iter().map(|(text, label)| (of(text), *label)).collect();
        for (features, label) in &read {
            counts.add(features, *label);
        }
        let documents = texts.iter().map(|(content, _)| Document { content, ..Document::default() });
        telling(&counts, &Calibration::default(), documents)
    }

    #[test]
    fn what_tells_most_comes_with_its_name_and_where_it_was_seen() {
        let spam = ["pills one", "pills two", "pills three", "pills four"].map(|text| (text, Label::Spam));
        let ham = ["river one", "river two", "river three", "river four"].map(|text| (text, Label::Ham));
        let found = found(&[spam, ham].concat());
        let named = |name: &str| found.iter().find(|telling| telling.token == name).unwrap();
        let (pills, river) = (named("word “pills”"), named("word “river”"));
        assert_eq!((pills.seen, river.seen), (Seen { ham: 0, spam: 4 }, Seen { ham: 4, spam: 0 }));
        assert!(pills.log_odds > 1.0 && river.log_odds < -1.0);
        assert!(!found.iter().any(|telling| telling.token == "word “one”"), "it says nothing");
        let (before, after) = found.split_at(found.partition_point(|telling| telling.log_odds > 0.0));
        assert!(before.len() <= MOST && after.iter().all(|telling| telling.log_odds < 0.0));
    }
}
