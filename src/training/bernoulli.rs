//! The Bernoulli half of the fit: `linfa_bayes::BernoulliNb` on aggregated counts.
//!
//! linfa takes dense rows of nought and one, a row a comment. Its fit only adds the rows up, so one row a class that holds
//! each column's *share* of the comments, smoothed by α / n instead of α, gives the same probabilities:
//! `(share + α/n) / (1 + 2α/n) = (count + α) / (n + 2α)`. Columns are independent in the model, so they are fitted a
//! block at a time. linfa does not show its probabilities; asked for the likelihoods of a block's unit rows, it shows
//! their logits.

#![expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^52")]

use linfa::dataset::DatasetBase;
use linfa::traits::Fit;
use linfa_bayes::{BernoulliNb, NaiveBayes};
use ndarray::{Array1, Array2};

use super::fit::FitError;
use crate::classifier::{ALPHA_PRESENCE, Column, Counts, Label};

/// Columns fitted at a time. The work grows with the square of it, the number of fits falls with it.
const BLOCK: usize = 32;

/// Fits the Bernoulli model and checks that linfa's probabilities are those the classifier computes from the counts.
pub(super) fn check(counts: &Counts) -> Result<(), FitError> {
    let columns: Vec<Column> = counts.columns().collect();
    for label in [Label::Ham, Label::Spam] {
        let rows = counts.rows(label) as f64;
        for block in columns.chunks(BLOCK) {
            let seen: Vec<f64> = block.iter().map(|column| f64::from(column.rows[label.index()])).collect();
            for (linfa, seen) in logits(&seen, rows)?.into_iter().zip(seen) {
                let own = ((seen + ALPHA_PRESENCE) / (rows - seen + ALPHA_PRESENCE)).ln();
                let equal = (own - linfa).abs() < 1e-6;
                if !equal {
                    return Err(FitError::Parameters(
                        "Bernoulli probabilities do not follow from the counts".to_owned(),
                    ));
                }
            }
        }
    }
    Ok(())
}

/// Log-odds of each column being there, as linfa fits them for one class of `rows` comments, of which `seen` had it.
fn logits(seen: &[f64], rows: f64) -> Result<Vec<f64>, FitError> {
    let width = seen.len();
    let shares = Array2::from_shape_fn((1, width), |(_, place)| seen[place] / rows);
    let dataset = DatasetBase::new(shares, Array1::from_vec(vec![0_usize]));
    let fitted: BernoulliNb<f64, usize> =
        BernoulliNb::params().alpha(ALPHA_PRESENCE / rows).binarize(None).fit(&dataset)?;
    // A unit row for each column, and one without any.
    let probes = Array2::from_shape_fn((width + 1, width), |(row, place)| f64::from(u8::from(row == place)));
    let joint = fitted.joint_log_likelihood(probes.view());
    let likelihoods =
        joint.get(&0).ok_or_else(|| FitError::Parameters("no class in the Bernoulli model".to_owned()))?;
    Ok(likelihoods.iter().take(width).map(|likelihood| likelihood - likelihoods[width]).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The share trick gives what linfa fits on one row a comment.
        #[test]
        fn shares_fit_like_single_rows(rows in prop::collection::vec(prop::collection::vec(any::<bool>(), 5), 1..12)) {
            let dense = Array2::from_shape_fn((rows.len(), 5), |(row, place)| f64::from(u8::from(rows[row][place])));
            let seen: Vec<f64> = (0..5).map(|place| dense.column(place).sum()).collect();
            let dataset = DatasetBase::new(dense, Array1::from_elem(rows.len(), 0_usize));
            let single: BernoulliNb<f64, usize> =
                BernoulliNb::params().alpha(ALPHA_PRESENCE).binarize(None).fit(&dataset).unwrap();
            let probes = Array2::from_shape_fn((6, 5), |(row, place)| f64::from(u8::from(row == place)));
            let joint = single.joint_log_likelihood(probes.view());
            for (place, logit) in logits(&seen, rows.len() as f64).unwrap().into_iter().enumerate() {
                prop_assert!((joint[&0][place] - joint[&0][5] - logit).abs() < 1e-9);
            }
        }
    }
}
