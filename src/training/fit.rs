//! The fit itself: a `linfa_bayes::MultinomialNb` a group on aggregated counts (the Bernoulli half is in `bernoulli.rs`).
//!
//! linfa takes dense rows only, and 2^18 columns make a row of 2 MB. Its multinomial fit adds up the rows of each
//! class before anything else, so one row a class with the sums in it gives the same model: same counts, same
//! log-probabilities. Only its class priors differ from a fit on single rows: they are even, which is what is
//! wanted here (calibration brings the prior). Columns without evidence are left out, so the smoothing counts
//! the vocabulary observed in the group.

#![expect(clippy::cast_precision_loss, reason = "counts of rows and columns are far below 2^52")]

use std::collections::HashMap;

use linfa::dataset::DatasetBase;
use linfa::traits::Fit;
use linfa_bayes::MultinomialNb;
use ndarray::{Array1, Array2};
use serde::Deserialize;

use super::bernoulli;
use super::silence::Silence;
use crate::classifier::{ALPHA, Column, Counts, Group, Label};

/// Why the fit failed. Both mean that `linfa-bayes` is not what this program was tested with.
#[derive(Debug, thiserror::Error)]
pub enum FitError {
    /// A class without rows.
    #[error("there is no {} to learn from", .0.as_str())]
    EmptyClass(Label),
    /// linfa refused.
    #[error("linfa-bayes could not fit the model: {0}")]
    Linfa(#[from] linfa_bayes::NaiveBayesError),
    /// linfa's parameters could not be read, or do not follow from the counts.
    #[error(
        "the parameters linfa-bayes fitted are not as expected ({0}); build with the versions in Cargo.lock"
    )]
    Parameters(String),
}

/// Fits both naive Bayes models and returns the evidence linfa's hold. Their probabilities are checked against those the
/// classifier computes from the same counts.
pub fn fit(counts: &Counts) -> Result<Counts, FitError> {
    for label in [Label::Ham, Label::Spam] {
        if counts.rows(label) == 0 {
            return Err(FitError::EmptyClass(label));
        }
    }
    bernoulli::check(counts)?;
    let mut fitted = Vec::with_capacity(counts.observed());
    for group in Group::ALL {
        let columns: Vec<Column> =
            counts.columns().filter(|column| Group::of(column.number) == group).collect();
        if !columns.is_empty() {
            fitted.extend(fit_group(&columns)?);
        }
    }
    Counts::from_columns(fitted.into_iter(), counts.rows(Label::Ham), counts.rows(Label::Spam))
        .ok_or_else(|| FitError::Parameters("counts out of range".to_owned()))
}

/// Fits one multinomial model, and returns the columns with the evidence it holds.
fn fit_group(columns: &[Column]) -> Result<impl Iterator<Item = Column>, FitError> {
    let fitted = fit_silently(aggregated(columns))?;
    let mut classes = parameters(&fitted)?;
    let mut class = |label: Label| {
        classes
            .class_info
            .remove(&label.index())
            .filter(|class| class.feature_count.len() == columns.len() && class.rows == 1)
            .ok_or_else(|| FitError::Parameters(format!("no class {}", label.as_str())))
    };
    let (ham, spam) = (class(Label::Ham)?, class(Label::Spam)?);
    check_log_probabilities(columns, &ham, &spam)?;
    let cells = ham.feature_count.into_iter().zip(spam.feature_count).map(|(ham, spam)| [ham, spam]);
    Ok(columns.iter().zip(cells).map(|(column, evidence)| Column { evidence, ..*column }))
}

/// One row of evidence a class: ham, spam.
fn aggregated(columns: &[Column]) -> Array2<f64> {
    Array2::from_shape_fn((2, columns.len()), |(class, place)| columns[place].evidence[class])
}

fn fit_silently(aggregated: Array2<f64>) -> Result<MultinomialNb<f64, usize>, FitError> {
    let targets = Array1::from_vec(vec![Label::Ham.index(), Label::Spam.index()]);
    let dataset = DatasetBase::new(aggregated, targets);
    let _silence = Silence::new();
    Ok(MultinomialNb::params().alpha(ALPHA).fit(&dataset)?)
}

/// What linfa's model serialises to. A field renamed or added upstream fails here, loudly, at the first test.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameters {
    class_info: HashMap<usize, Class>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Class {
    #[serde(rename = "class_count")]
    rows: usize,
    #[serde(rename = "prior")]
    _prior: f64,
    feature_count: Array1<f64>,
    feature_log_prob: Array1<f64>,
}

fn parameters(model: &MultinomialNb<f64, usize>) -> Result<Parameters, FitError> {
    rmp_serde::to_vec_named(model).map_err(|error| FitError::Parameters(error.to_string())).and_then(
        |bytes| rmp_serde::from_slice(&bytes).map_err(|error| FitError::Parameters(error.to_string())),
    )
}

fn check_log_probabilities(columns: &[Column], ham: &Class, spam: &Class) -> Result<(), FitError> {
    let smoothing = ALPHA * columns.len() as f64;
    for (class, label) in [(ham, Label::Ham), (spam, Label::Spam)] {
        let seen = || columns.iter().map(|column| column.evidence[label.index()]);
        let total = (seen().sum::<f64>() + smoothing).ln();
        let own = seen().map(|evidence| (evidence + ALPHA).ln() - total);
        let equal = own.zip(&class.feature_log_prob).all(|(own, linfa)| (own - linfa).abs() < 1e-9);
        if !equal {
            return Err(FitError::Parameters("log-probabilities do not follow from the counts".to_owned()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use linfa_bayes::NaiveBayes;
    use proptest::prelude::*;

    use super::*;
    use crate::classifier::{Document, Features, ModelCard, Ranker, features};

    const SPAM: [&str; 4] = [
        "Check out my channel http://www.a.top/?x=1",
        "WIN £1000 cash now!!! call 09061701461",
        "cheap pills, visit pills-4u.biz",
        "subscribe and I subscribe back",
    ];
    const HAM: [&str; 4] = [
        "I still love this song",
        "Thanks for the article, I did not know about the paper backups.",
        "what is the name of the second track?",
        "ok see you at home later",
    ];

    fn of(content: &str) -> Features {
        features(&Document { content, ..Document::default() })
    }

    fn examples() -> Vec<(Features, Label)> {
        let spam = SPAM.map(|text| (of(text), Label::Spam));
        spam.into_iter().chain(HAM.map(|text| (of(text), Label::Ham))).collect()
    }

    fn counts(examples: &[(Features, Label)]) -> Counts {
        let mut counts = Counts::default();
        for (features, label) in examples {
            counts.add(features, *label);
        }
        counts
    }

    #[test]
    fn fitting_changes_no_count() {
        let counts = counts(&examples());
        assert_eq!(fit(&counts).unwrap(), counts);
    }

    /// Each row on its own in linfa, weighed as the classifier weighs it, gives the model the aggregate gives.
    #[test]
    fn aggregated_rows_fit_like_single_rows() {
        let examples = examples();
        let counts = counts(&examples);
        let columns: Vec<u32> = counts.columns().map(|column| column.number).collect();
        let mut rows = Array2::zeros((examples.len(), columns.len()));
        for (mut row, example) in rows.outer_iter_mut().zip(&examples) {
            let alone = self::counts(std::slice::from_ref(example));
            for Column { number, evidence, .. } in alone.columns() {
                row[columns.binary_search(&number).unwrap()] = evidence[0] + evidence[1];
            }
        }
        let targets: Array1<usize> = examples.iter().map(|(_, label)| label.index()).collect();
        let dataset = DatasetBase::new(rows, targets);
        let silence = Silence::new();
        let single = MultinomialNb::params().alpha(ALPHA).fit(&dataset).unwrap();
        drop(silence);
        let single = parameters(&single).unwrap();
        for label in [Label::Ham, Label::Spam] {
            let class = &single.class_info[&label.index()];
            for (column, count) in counts.columns().zip(&class.feature_count) {
                assert!((column.evidence[label.index()] - count).abs() < 1e-12);
            }
        }
    }

    /// The sparse scorer is linfa's models: each group's evidence is the difference of linfa's joint log-likelihoods.
    #[test]
    fn scores_equal_the_joint_log_likelihood() {
        let counts = counts(&examples());
        let ranker = Ranker::new(&counts);
        for group in [Group::Words, Group::Characters, Group::Links, Group::Shape] {
            let columns: Vec<Column> =
                counts.columns().filter(|column| Group::of(column.number) == group).collect();
            let linfa = fit_silently(aggregated(&columns)).unwrap();
            let columns: Vec<u32> = columns.iter().map(|column| column.number).collect();
            for text in SPAM.iter().chain(&HAM).chain(&["never seen: check the song at a.top", "", "ﷺ"]) {
                let read = of(text);
                let mut row = Array2::zeros((1, columns.len()));
                for (column, _) in read.groups() {
                    if let Ok(place) = columns.binary_search(&column) {
                        row[(0, place)] = 1.0;
                    }
                }
                row /= f64::sqrt(row.sum()).max(1.0);
                let joint = linfa.joint_log_likelihood(row.view());
                let expected = joint[&1][0] - joint[&0][0];
                assert!((ranker.score(&read)[group as usize] - expected).abs() < 1e-9, "{group:?}: {text:?}");
            }
        }
    }

    /// The day this fails, linfa has fixed its underflow, and its own probabilities could be compared too.
    #[test]
    fn linfa_probabilities_still_underflow_on_long_rows() {
        let silence = Silence::new();
        let dataset =
            DatasetBase::new(Array2::from_diag(&Array1::from_elem(2, 1.0)), Array1::from_vec(vec![0, 1]));
        let model: MultinomialNb<f64, usize> = MultinomialNb::params().fit(&dataset).unwrap();
        drop(silence);
        let (probabilities, _) = model.predict_proba(Array2::from_elem((1, 2), 1000.0).view());
        assert!(probabilities.iter().any(|probability| !probability.is_finite()));
    }

    #[test]
    fn a_class_without_rows_is_refused() {
        let ham: Vec<_> = examples().into_iter().filter(|(_, label)| *label == Label::Ham).collect();
        assert!(matches!(fit(&counts(&ham)), Err(FitError::EmptyClass(Label::Spam))));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn learning_equals_refitting_and_forgetting_undoes_it(text in "[ -~а-я]{0,80}", spam: bool, probe in ".{0,80}") {
            let mut examples = examples();
            let before = crate::training::fit_uncalibrated(examples.iter().map(|(f, l)| (f, *l))).unwrap();
            let label = if spam { Label::Spam } else { Label::Ham };
            let (read, probe) = (of(&text), of(&probe));

            let mut learned = before.clone();
            learned.learn(&read, label);
            examples.push((read.clone(), label));
            let refitted = crate::training::fit_uncalibrated(examples.iter().map(|(f, l)| (f, *l))).unwrap();
            prop_assert_eq!(learned.score(&probe), refitted.score(&probe));
            prop_assert_eq!(learned.to_bytes(), refitted.to_bytes());

            learned.forget(&read, label);
            prop_assert_eq!(learned.score(&probe), before.score(&probe));
            prop_assert_eq!(learned.to_bytes(), before.to_bytes());
        }
    }

    #[test]
    fn cards_count_what_was_learned() {
        let mut model = crate::classifier::Model::new(counts(&examples()), ModelCard::default());
        model.learn(&of("one more"), Label::Ham);
        assert_eq!((model.card().rows, model.card().ham, model.card().spam), (9, 5, 4));
    }
}
