//! From labelled rows to a model: read, split, fit through `linfa-bayes`, calibrate, measure.
//!
//! [`gather()`] reads the rows once, on several threads, and keeps counts and a sample; [`Gathered::train`] makes the
//! model. Memory does not grow with the number of rows, and the number of threads changes no bit of the result.

mod bernoulli;
mod card;
mod evaluation;
mod fit;
mod gather;
mod learn;
mod report;
pub mod rows;
mod sample;
mod seen;
mod silence;
mod split;

use std::num::NonZeroUsize;

use crate::classifier::{Counts, Features, Label, Model, ModelCard, Subject, features};

pub use crate::classifier::{Bin, Evaluation};
pub use card::markdown;
pub use evaluation::{bins, evaluate};
pub use fit::{FitError, fit};
pub use gather::{Gathered, gather};
pub use report::{Mistake, Report, html, precision_recall, reliability, roc, worst_mistakes};
use rows::LabelledRow;
pub use split::Validation;

/// What a training run is to do. The core knows no clock and no command line, so it is told.
#[derive(Debug, Clone)]
pub struct TrainOptions {
    /// For the card: what the labels are about.
    pub subject: Subject,
    /// Which rows to measure on.
    pub validation: Validation,
    /// Decides the split, the folds and the samples; the same rows, options and seed give the same bytes.
    pub seed: u64,
    /// How many threads read rows. It changes nothing but the time.
    pub threads: NonZeroUsize,
    /// Spam probabilities below which a comment is approved and from which it is rejected.
    pub thresholds: (f64, f64),
    /// For the card: the time, RFC 3339.
    pub trained_at: String,
    /// For the card: the command.
    pub trained_by: String,
}

/// A model with what was learned about it on the way.
#[derive(Debug)]
pub struct Trained {
    /// Fitted on all rows, calibrated on scores each row got from a model that had not seen it.
    pub model: Model,
    /// Figures of an otherwise equal model that never saw the rows measured on (with [`Validation::Given`], of the
    /// model itself; with [`Validation::Folds`] and [`Validation::EachSource`], of one model a part); none if there
    /// were too few rows.
    pub evaluation: Option<Evaluation>,
    /// Probability and label of each row measured on.
    pub scored: Vec<(f64, Label)>,
    /// These rows, in the same order: measure another model on them with [`measure`]. A random sample, if there
    /// were more than 20,000 (or 8 MB of them).
    pub held_out: Vec<LabelledRow>,
    /// Rows that repeat another one but for numbers, links, case and punctuation (an estimate, off by a few in ten
    /// thousand). They never sit on both sides.
    pub repeated: u64,
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
        rows: u64,
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
    /// Rows to measure on were given, but only of one class.
    #[error("there is no usable {} among the rows to validate on; measuring takes both classes", .missing.as_str())]
    Given {
        /// The class they miss.
        missing: Label,
    },
    /// All rows of a class are in one fold.
    #[error("there are too few rows that are {} for several folds; use --validation", .missing.as_str())]
    Folds {
        /// The class.
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
        return Err(TrainError::OneClass { label: first, rows: rows.len() as u64 });
    }
    Ok(())
}
