//! Figures from scored rows.

#![expect(clippy::cast_precision_loss, reason = "counts of rows and columns are far below 2^52")]

use crate::classifier::{
    Bin, CaughtAtBlocked, Confusion, Decisions, Evaluation, Interval, Label, confidence,
};

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
        reliability: bins(scored)
            .map(|bin| Bin { mean_probability: rounded(bin.mean_probability), ..bin })
            .to_vec(),
    }
}

/// Ten equal bins of probability.
const BINS: usize = 10;

/// Confidence of each bound of an [`Interval`].
pub(super) const CONFIDENCE: f64 = 0.9;

/// What the rate may be behind `errors` in `rows`.
pub(super) fn interval(errors: u64, rows: u64) -> Interval {
    Interval {
        at_least: rounded(confidence::at_least(errors, rows, CONFIDENCE)),
        at_most: rounded(confidence::at_most(errors, rows, CONFIDENCE)),
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

pub(super) fn share(part: u64, whole: u64) -> f64 {
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
pub(super) struct Point {
    pub(super) spam: u64,
    pub(super) ham: u64,
}

/// One point for each probability that occurs, the highest first.
pub(super) fn curve(scored: &[(f64, Label)]) -> Vec<Point> {
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
    let spam = |holds: fn(f64, f64) -> bool, cut: f64| {
        count(scored, |probability, label| holds(probability, cut) && label == Label::Spam)
    };
    let approved_spam = spam(|probability, cut| probability < cut, approve_below);
    let rejected_spam = spam(|probability, cut| probability >= cut, reject_from);
    let rejected_ham = rejected - rejected_spam;
    let rows = scored.len() as u64;
    Decisions {
        approve_below,
        reject_from,
        approved,
        held: rows - approved - rejected,
        rejected,
        approved_spam,
        held_spam: count(scored, |_, label| label == Label::Spam) - approved_spam - rejected_spam,
        rejected_ham,
        automatic_share: share(approved + rejected, rows),
        approved_spam_share: share(approved_spam, approved),
        approved_spam_interval: interval(approved_spam, approved),
        rejected_ham_share: share(rejected_ham, rejected),
        rejected_ham_interval: interval(rejected_ham, rejected),
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
        close(figures.decisions.automatic_share, 2.0 / 6.0);
        assert_eq!((figures.decisions.approved_spam, figures.decisions.held_spam), (0, 2));
        close(figures.decisions.approved_spam_interval.at_most, 0.9);
        assert_eq!(figures.reliability.iter().map(|bin| bin.rows()).sum::<u64>(), 6);
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
