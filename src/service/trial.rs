//! The trial of a new model: it and the model in force are asked about the same rows, which neither has learnt from,
//! and the gate says whether the new one may take the other's place.

use serde::{Deserialize, Serialize};

use crate::classifier::{Evaluation, Label, Model, Source, features};
use crate::policy::{Duel, Gate, Thresholds, TrialRow, TrialSource, gate};
use crate::training::rows::LabelledRow;
use crate::training::{Bin, Validation, bins, evaluate};

/// What came out of a retraining; kept with the model version.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Comparison {
    /// The new model.
    pub candidate: Measured,
    /// The model in force at the time, by its number, on the same rows.
    pub current: Option<(i64, Measured)>,
    /// The two beside each other, row by row.
    #[serde(default)]
    pub duel: Option<Duel>,
    /// Rows learnt from.
    pub used: u64,
    /// Rows that could not be used.
    pub left_out: u64,
    /// The first of them.
    pub bad_rows: Vec<BadRow>,
}

/// A model's figures on the held-out rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Measured {
    /// All figures.
    pub evaluation: Evaluation,
    /// What was said and what came true.
    pub reliability: Vec<Bin>,
}

impl Measured {
    pub(super) fn of(scored: &[(f64, Label)]) -> Self {
        let cuts = (Thresholds::DEFAULT.approve_below(), Thresholds::DEFAULT.reject_from());
        Self { evaluation: evaluate(scored, cuts), reliability: bins(scored).to_vec() }
    }
}

/// A row that could not be used.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BadRow {
    /// Its line in the file.
    pub line: u64,
    /// Why.
    pub reason: String,
}

/// The model in force, as registered.
pub(super) struct Champion {
    pub(super) id: i64,
    pub(super) model: Model,
}

impl Champion {
    /// Whether it was trained on this file.
    pub(super) fn knows(&self, checksum: &str) -> bool {
        self.model.card().sources.iter().any(|source| source.checksum == checksum)
    }
}

/// What the model in force was taught of the rows of a source.
pub(super) enum Taught {
    Nothing,
    /// Every row, with the label it has.
    AsLabelled,
    /// One entry a row, found by its line.
    Each(Vec<Option<Label>>),
}

impl Taught {
    fn of(&self, row: &LabelledRow) -> Option<Label> {
        match self {
            Self::Nothing => None,
            Self::AsLabelled => Some(row.label),
            Self::Each(labels) => *labels.get(usize::try_from(row.line).ok()?.checked_sub(1)?)?,
        }
    }
}

/// Where rows came from.
pub(super) struct Supply {
    pub(super) source: Source,
    pub(super) taught: Taught,
}

/// Tries the new model, whose probabilities of the held-out rows are `scored`. Their sources are places in `supplies`,
/// `prior` the log-odds of spam among the new model's rows: both models
/// are told it, so that what is compared is what they find in the text.
pub(super) fn trial(
    champion: Option<&Champion>,
    prior: f64,
    held_out: &[LabelledRow],
    scored: &[(f64, Label)],
    supplies: &[Supply],
) -> (Option<(i64, Measured)>, Gate) {
    let by_champion = champion.map(|champion| ask(champion, prior, held_out, supplies));
    let rows: Vec<TrialRow> = held_out
        .iter()
        .zip(scored)
        .enumerate()
        .map(|(place, (row, (challenger, label)))| TrialRow {
            source: row.source,
            label: *label,
            challenger: *challenger,
            champion: by_champion.as_ref().map(|scores| scores[place]),
        })
        .collect();
    let sources: Vec<TrialSource> = supplies
        .iter()
        .map(|Supply { source, .. }| TrialSource {
            name: source.name.clone(),
            spam: source.spam,
            ham: source.ham,
        })
        .collect();
    let current = champion.zip(by_champion).map(|(champion, scores)| {
        let scored: Vec<(f64, Label)> =
            scores.into_iter().zip(&rows).map(|(probability, row)| (probability, row.label)).collect();
        (champion.id, Measured::of(&scored))
    });
    (current, gate(&rows, &sources))
}

/// Spam probability of each row by the model in force, which first forgets those of them that it has learnt:
/// forgetting is exact, so it is asked as a model that never saw any.
fn ask(champion: &Champion, prior: f64, held_out: &[LabelledRow], supplies: &[Supply]) -> Vec<f64> {
    let mut model = champion.model.clone();
    for row in held_out {
        if let Some(label) = supplies.get(row.source).and_then(|supply| supply.taught.of(row)) {
            model.forget(&features(&row.document()), label);
        }
    }
    let ask = |row: &LabelledRow| model.score(&features(&row.document())).with_prior(prior).probability;
    held_out.iter().map(ask).collect()
}

/// Share of the rows that is held out to measure on.
pub(super) const HELD_OUT: f64 = 0.2;

/// What to measure on: the newest fifth of the rows where every row is dated and the dates cut off about a fifth,
/// because that is how a model is used; else a random fifth of each class. `dates` as the rows have them, ISO 8601.
pub(super) fn validation<'a>(dates: impl Iterator<Item = &'a str>) -> Validation {
    let random = Validation::Share(HELD_OUT);
    let mut dates: Vec<&str> = dates.collect();
    dates.sort_unstable();
    let has_day = |date: &&str| date.len() >= 10 && date.as_bytes()[..4].iter().all(u8::is_ascii_digit);
    if !dates.iter().all(has_day) {
        return random;
    }
    // The first of a day or a second takes all of it along.
    let Some(cut) = dates.get(dates.len() * 4 / 5) else { return random };
    let newer = dates.len() - dates.partition_point(|date| date < cut);
    if newer * 10 <= dates.len() * 3 { Validation::From((*cut).to_owned()) } else { random }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(content: &str, label: Label, line: u64) -> LabelledRow {
        LabelledRow { content: content.to_owned(), line, ..LabelledRow::new(label) }
    }

    fn rows() -> Vec<LabelledRow> {
        let things = ["pills", "watches", "loans", "tickets"]
            .map(|thing| format!("cheap {thing} at http://{thing}.top"));
        let places =
            ["river", "bridge", "market", "church"].map(|place| format!("I walked to the {place} and back"));
        let spam = things.iter().map(|text| (text, Label::Spam));
        let labelled = spam.chain(places.iter().map(|text| (text, Label::Ham)));
        (1..).zip(labelled).map(|(line, (text, label))| row(text, label, line)).collect()
    }

    fn model(rows: &[LabelledRow]) -> Model {
        let read: Vec<_> = rows.iter().map(|row| (features(&row.document()), row.label)).collect();
        crate::training::fit_uncalibrated(read.iter().map(|(features, label)| (features, *label))).unwrap()
    }

    #[test]
    fn the_model_in_force_is_asked_as_if_it_had_never_seen_the_rows() {
        let all = rows();
        let (held_out, kept): (Vec<LabelledRow>, Vec<LabelledRow>) =
            all.iter().cloned().partition(|row| row.line % 2 == 0);
        let champion = Champion { id: 1, model: model(&all) };
        let never_saw = model(&kept);
        let expected: Vec<f64> =
            held_out.iter().map(|row| never_saw.score(&features(&row.document())).probability).collect();
        let supply = |taught| [Supply { source: Source::default(), taught }];

        assert_eq!(ask(&champion, 0.0, &held_out, &supply(Taught::AsLabelled)), expected, "to the last bit");
        let each = all.iter().map(|row| Some(row.label)).collect();
        assert_eq!(ask(&champion, 0.0, &held_out, &supply(Taught::Each(each))), expected);
        assert_ne!(ask(&champion, 0.0, &held_out, &supply(Taught::Nothing)), expected, "it would remember");
    }

    #[test]
    fn the_newest_fifth_is_measured_on_where_dates_say_which_it_is() {
        let days: Vec<String> = (10..30).map(|day| format!("2026-01-{day}")).collect();
        let of = |dates: &[&str]| validation(dates.iter().copied());
        let days: Vec<&str> = days.iter().map(String::as_str).collect();
        assert_eq!(of(&days), Validation::From("2026-01-26".to_owned()));
        assert_eq!(of(&["2026-01-01"; 20]), Validation::Share(0.2), "one day is no order");
        assert_eq!(of(&[&days[..], &[""]].concat()), Validation::Share(0.2), "not every row has one");
        assert_eq!(of(&["yesterday"; 20]), Validation::Share(0.2));
        assert_eq!(of(&[]), Validation::Share(0.2));
    }
}
