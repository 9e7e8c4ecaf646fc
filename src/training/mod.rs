//! From labelled rows to a model: read, split, fit through `linfa-bayes`, calibrate, measure.
//!
//! [`train`] passes over the rows twice. Besides the rows themselves (their text and about 200 bytes each) it
//! needs about 60 MB, however many rows there are: features are extracted anew on each pass, not kept.

mod bernoulli;
mod card;
mod evaluation;
mod fit;
mod report;
pub mod rows;
mod silence;
mod split;

use crate::classifier::{
    Calibration, Counts, EVIDENCE, Features, Label, Model, ModelCard, Ranker, Score, Source, features,
};

pub use crate::classifier::{Bin, Evaluation};
pub use card::markdown;
pub use evaluation::{bins, evaluate};
pub use fit::{FitError, fit};
pub use report::{Mistake, Mistakes, Report, Telling, html};
use rows::LabelledRow;
use split::HELD_OUT;
pub use split::Validation;

/// What a training run is to do. The core knows no clock and no command line, so it is told.
#[derive(Debug, Clone)]
pub struct TrainOptions {
    /// Which rows to measure on.
    pub validation: Validation,
    /// Decides the split and the folds; the same rows, options and seed give the same bytes.
    pub seed: u64,
    /// Spam probabilities below which a comment is approved and from which it is rejected.
    pub thresholds: (f64, f64),
    /// For the card: the time, RFC 3339.
    pub trained_at: String,
    /// For the card: the command.
    pub trained_by: String,
    /// For the card: where the rows came from.
    pub sources: Vec<Source>,
}

/// A model with what was learned about it on the way.
#[derive(Debug)]
pub struct Trained {
    /// Fitted on all rows, calibrated on scores each row got from a model that had not seen it.
    pub model: Model,
    /// Figures of an otherwise equal model that never saw the held-out rows; none if there were too few rows.
    /// With [`Validation::EachSource`], of one model a source that never saw that source.
    pub evaluation: Option<Evaluation>,
    /// Probability and label of each held-out row, in the order of `held_out`.
    pub scored: Vec<(f64, Label)>,
    /// Places of the held-out rows among the given ones, ascending: measure another model on the same rows with
    /// [`measure`].
    pub held_out: Vec<usize>,
    /// Rows that repeat another one but for numbers, links, case and punctuation. They never sit on both sides.
    pub repeated: usize,
}

/// Why no model could be trained.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// Nothing to learn from.
    #[error(
        "there is no usable row; check the text and label columns, or the reasons given for the rows left out"
    )]
    NoRows,
    /// Nothing to tell apart.
    #[error("all {rows} usable rows are {}; a classifier needs examples of both ham and spam", .label.as_str())]
    OneClass {
        /// The only class there is.
        label: Label,
        /// How often it occurs.
        rows: usize,
    },
    /// A time split that puts a whole class on one side.
    #[error("splitting at {date} leaves {side} without {}; choose another date, or --validation", .missing.as_str())]
    Split {
        /// The date asked for.
        date: String,
        /// The side that misses a class.
        side: &'static str,
        /// The class it misses.
        missing: Label,
    },
    /// Sources cannot be left out one at a time.
    #[error("without {name} there is no {} left; leaving one file out at a time takes two files with both classes", .missing.as_str())]
    OneSource {
        /// The source that cannot be spared.
        name: String,
        /// The class only it has.
        missing: Label,
    },
    /// The fit itself.
    #[error(transparent)]
    Fit(#[from] FitError),
}

/// Trains a model on all rows, having measured an equal one on rows it did not see. `progress` hears how many of
/// how many steps are done.
pub fn train(
    rows: &[LabelledRow],
    options: &TrainOptions,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Trained, TrainError> {
    require_both_classes(rows)?;
    let split = split::split(rows, &options.sources, &options.validation, options.seed)?;
    let steps = 2 * rows.len();
    let mut done = 0;
    let mut step = || {
        done += 1;
        progress(done, steps);
    };

    let mut buckets = vec![Counts::default(); split.count];
    for (row, &bucket) in rows.iter().zip(&split.buckets) {
        buckets[bucket].add(&features(&row.document()), row.label);
        step();
    }
    let mut training = Counts::default();
    for bucket in &buckets[HELD_OUT + 1..] {
        training.merge(bucket);
    }
    let mut all = training.clone();
    all.merge(&buckets[HELD_OUT]);
    let all = fit(&all)?;
    let training = if training == all { training } else { fit(&training)? };

    // Each row is scored twice, by models that never saw it: one made of the other training rows, to calibrate the
    // model that is measured, and one made of all other rows, to calibrate the model that is handed out.
    let mut from_training = vec![([0.0; EVIDENCE], Label::Ham); rows.len()];
    let mut from_all = from_training.clone();
    for (bucket, counts) in buckets.iter().enumerate() {
        let [training_ranker, all_ranker] = [training.clone(), all.clone()].map(|mut others| {
            others.subtract(counts);
            Ranker::new(&others)
        });
        let training_ranker = if bucket == HELD_OUT { Ranker::new(&training) } else { training_ranker };
        for (place, row) in rows.iter().enumerate().filter(|(place, _)| split.buckets[*place] == bucket) {
            let features = features(&row.document());
            from_training[place] = (training_ranker.score(&features), row.label);
            from_all[place] = (all_ranker.score(&features), row.label);
            step();
        }
    }

    let (held_out, trained_on): (Vec<usize>, Vec<usize>) =
        (0..rows.len()).partition(|&place| split.buckets[place] == HELD_OUT);
    let calibration = Calibration::fit(&from_all);
    let (held_out, measured) = match options.validation {
        Validation::EachSource => (trained_on, calibration),
        Validation::Share(_) | Validation::From(_) => {
            (held_out, Calibration::fit(&pick(&from_training, &trained_on)))
        }
    };
    let scored: Vec<(f64, Label)> = pick(&from_training, &held_out)
        .into_iter()
        .map(|(evidence, label)| {
            (Score::from(measured.log_odds(&evidence)).with_prior(measured.prior).probability, label)
        })
        .collect();
    let evaluation = (!scored.is_empty()).then(|| evaluate(&scored, options.thresholds));
    let card = ModelCard {
        trained_at: options.trained_at.clone(),
        trained_by: options.trained_by.clone(),
        sources: options.sources.clone(),
        calibration,
        seed: options.seed,
        measured: options.validation.describe(),
        held_out: evaluation.clone(),
        ..ModelCard::default()
    };
    Ok(Trained { model: Model::new(all, card), evaluation, scored, held_out, repeated: split.repeated })
}

/// Probability and label of each row, as the model sees it in a queue with these log-odds of spam.
pub fn measure<'a>(
    model: &Model,
    prior: f64,
    rows: impl IntoIterator<Item = &'a LabelledRow>,
) -> Vec<(f64, Label)> {
    let probability =
        |row: &LabelledRow| model.score(&features(&row.document())).with_prior(prior).probability;
    rows.into_iter().map(|row| (probability(row), row.label)).collect()
}

/// Fits a model on these comments without calibrating it, one pass, 12 MB.
pub fn fit_uncalibrated<'a>(
    examples: impl IntoIterator<Item = (&'a Features, Label)>,
) -> Result<Model, FitError> {
    let mut counts = Counts::default();
    for (features, label) in examples {
        counts.add(features, label);
    }
    Ok(Model::new(fit(&counts)?, ModelCard::default()))
}

/// Refuses rows that are none, or of one class only.
pub fn require_both_classes(rows: &[LabelledRow]) -> Result<(), TrainError> {
    let first = rows.first().ok_or(TrainError::NoRows)?.label;
    if rows.iter().all(|row| row.label == first) {
        return Err(TrainError::OneClass { label: first, rows: rows.len() });
    }
    Ok(())
}

fn pick<T: Copy>(from: &[T], places: &[usize]) -> Vec<T> {
    places.iter().map(|&place| from[place]).collect()
}
