//! Figures from scored rows.

#![expect(clippy::cast_precision_loss, reason = "counts of rows and columns are far below 2^52")]

use serde::{Deserialize, Serialize};

use crate::classifier::{CaughtAtBlocked, Confusion, Decisions, Evaluation, Label};

/// Measures probabilities against labels. `thresholds` are the probabilities below which a row is approved and
/// from which it is rejected. Without rows of both classes the areas are 0. Figures are rounded to nine decimals, so
/// that they do not show on which machine the logarithms were taken.
pub fn evaluate(scored: &[(f64, Label)], thresholds: (f64, f64)) -> Evaluation {
    let spam = count(scored, |_, label| label == Label::Spam);
    let ham = scored.len() as u64 - spam;
    let confusion = confusion(scored);
    let Confusion { tp, fp, tn, fn_ } = confusion;
    let precision = share(tp, tp + fp);
    let recall = share(tp, tp + fn_);
    let curve = curve(scored);
    let caught = |blocked: f64| {
        let allowed = |point: &&Point| point.ham as f64 <= blocked * ham as f64;
        share(curve.iter().rev().find(allowed).map_or(0, |point| point.spam), spam)
    };
    Evaluation {
        rows: scored.len() as u64,
        spam,
        ham,
        accuracy: share(tp + tn, scored.len() as u64),
        precision,
        recall,
        f1: if precision + recall > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 },
        mcc: rounded(matthews(confusion)),
        roc_auc: rounded(roc_area(&curve, spam, ham)),
        pr_auc: rounded(average_precision(&curve, spam)),
        brier: rounded(mean(
            scored.iter().map(|(probability, label)| (probability - target(*label)).powi(2)),
        )),
        ece: rounded(calibration_error(scored)),
        confusion,
        spam_caught_at_ham_blocked: CaughtAtBlocked {
            none: caught(0.0),
            one_in_1000: caught(0.001),
            five_in_1000: caught(0.005),
            one_in_100: caught(0.01),
        },
        decisions: decisions(scored, thresholds),
    }
}

/// Ten equal bins of probability.
pub(super) const BINS: usize = 10;

/// The rows of one bin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// Ham among them.
    pub ham: u64,
    /// Spam among them.
    pub spam: u64,
    /// Mean of the probabilities that were said.
    pub mean_probability: f64,
}

impl Bin {
    /// How many rows.
    pub fn rows(self) -> u64 {
        self.ham + self.spam
    }

    /// Share of the rows that really were spam; 0 without rows.
    pub fn spam_share(self) -> f64 {
        share(self.spam, self.rows())
    }
}

/// Probabilities and what came true, in ten bins: the reliability diagram.
pub fn bins(scored: &[(f64, Label)]) -> [Bin; BINS] {
    let mut bins = [Bin::default(); BINS];
    for &(probability, label) in scored {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a probability times ten"
        )]
        let bin = &mut bins[((probability * BINS as f64) as usize).min(BINS - 1)];
        bin.ham += u64::from(label == Label::Ham);
        bin.spam += u64::from(label == Label::Spam);
        bin.mean_probability += probability;
    }
    for bin in &mut bins {
        bin.mean_probability /= bin.rows().max(1) as f64;
    }
    bins
}

fn count(scored: &[(f64, Label)], holds: impl Fn(f64, Label) -> bool) -> u64 {
    scored.iter().filter(|(probability, label)| holds(*probability, *label)).count() as u64
}

fn rounded(figure: f64) -> f64 {
    (figure * 1e9).round() / 1e9
}

fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len().max(1) as f64;
    values.sum::<f64>() / count
}

fn target(label: Label) -> f64 {
    if label == Label::Spam { 1.0 } else { 0.0 }
}

fn confusion(scored: &[(f64, Label)]) -> Confusion {
    Confusion {
        tp: count(scored, |probability, label| probability >= 0.5 && label == Label::Spam),
        fp: count(scored, |probability, label| probability >= 0.5 && label == Label::Ham),
        tn: count(scored, |probability, label| probability < 0.5 && label == Label::Ham),
        fn_: count(scored, |probability, label| probability < 0.5 && label == Label::Spam),
    }
}

fn matthews(Confusion { tp, fp, tn, fn_ }: Confusion) -> f64 {
    let [tp, fp, tn, fn_] = [tp, fp, tn, fn_].map(|count| count as f64);
    let product = (tp + fp) * (tp + fn_) * (tn + fp) * (tn + fn_);
    if product > 0.0 { (tp * tn - fp * fn_) / product.sqrt() } else { 0.0 }
}

/// Spam and ham at or above one probability.
struct Point {
    spam: u64,
    ham: u64,
}

/// One point for each probability that occurs, the highest first.
fn curve(scored: &[(f64, Label)]) -> Vec<Point> {
    let mut sorted = scored.to_vec();
    sorted.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut spam, mut ham) = (0, 0);
    sorted
        .chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq())
        .map(|equal| {
            spam += count(equal, |_, label| label == Label::Spam);
            ham += count(equal, |_, label| label == Label::Ham);
            Point { spam, ham }
        })
        .collect()
}

fn roc_area(curve: &[Point], spam: u64, ham: u64) -> f64 {
    let mut area = 0.0;
    let mut last = (0.0, 0.0);
    for point in curve {
        let next = (share(point.ham, ham), share(point.spam, spam));
        area += (next.0 - last.0) * f64::midpoint(next.1, last.1);
        last = next;
    }
    area
}

fn average_precision(curve: &[Point], spam: u64) -> f64 {
    let mut area = 0.0;
    let mut last = 0;
    for point in curve {
        area += share(point.spam - last, spam) * share(point.spam, point.spam + point.ham);
        last = point.spam;
    }
    area
}

fn calibration_error(scored: &[(f64, Label)]) -> f64 {
    let off = |bin: &Bin| bin.rows() as f64 * (bin.mean_probability - bin.spam_share()).abs();
    bins(scored).iter().map(off).sum::<f64>() / scored.len().max(1) as f64
}

fn decisions(scored: &[(f64, Label)], (approve_below, reject_from): (f64, f64)) -> Decisions {
    let approved = count(scored, |probability, _| probability < approve_below);
    let rejected = count(scored, |probability, _| probability >= reject_from);
    let spam = count(scored, |probability, label| probability < approve_below && label == Label::Spam);
    let ham = count(scored, |probability, label| probability >= reject_from && label == Label::Ham);
    Decisions {
        approved,
        held: scored.len() as u64 - approved - rejected,
        rejected,
        approved_spam_share: share(spam, approved),
        rejected_ham_share: share(ham, rejected),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Label::{Ham, Spam};

    #[test]
    fn figures_of_a_small_example() {
        // Checked by hand and against scikit-learn's definitions.
        let scored = [(0.9, Spam), (0.8, Ham), (0.7, Spam), (0.3, Ham), (0.2, Spam), (0.1, Ham)];
        let figures = evaluate(&scored, (0.2, 0.85));
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-8, "{a} is not {b}");
        assert_eq!((figures.rows, figures.spam, figures.ham), (6, 3, 3));
        assert_eq!(figures.confusion, Confusion { tp: 2, fp: 1, tn: 2, fn_: 1 });
        close(figures.accuracy, 4.0 / 6.0);
        close(figures.f1, 2.0 / 3.0);
        close(figures.mcc, 1.0 / 3.0);
        close(figures.roc_auc, 6.0 / 9.0);
        close(figures.pr_auc, (1.0 + 2.0 / 3.0 + 3.0 / 5.0) / 3.0);
        close(figures.brier, (0.01 + 0.64 + 0.09 + 0.09 + 0.64 + 0.01) / 6.0);
        close(figures.spam_caught_at_ham_blocked.none, 1.0 / 3.0);
        assert_eq!(
            (figures.decisions.approved, figures.decisions.held, figures.decisions.rejected),
            (1, 4, 1)
        );
    }

    #[test]
    fn equal_probabilities_are_neither_above_nor_below_each_other() {
        let figures = evaluate(&[(0.5, Spam), (0.5, Ham)], (0.2, 0.9));
        assert!((figures.roc_auc - 0.5).abs() < 1e-12);
        assert!(figures.spam_caught_at_ham_blocked.none.abs() < 1e-12);
    }

    #[test]
    fn json_has_the_documented_names() {
        insta::assert_json_snapshot!(evaluate(&[(1.0, Spam), (0.0, Ham)], (0.2, 0.95)));
    }
}
