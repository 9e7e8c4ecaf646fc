//! From evidence that only ranks to log-odds that mean what they say.

#![expect(clippy::cast_precision_loss, reason = "counts of rows and columns are far below 2^52")]

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Group, Label};

/// Kinds of evidence a model gives for one comment: two of each group.
pub const EVIDENCE: usize = 2 * Group::ALL.len();

/// What a model finds in one comment, as log-odds that rank but are not calibrated: first of the multinomial,
/// then of the Bernoulli model of each group, both in the order of [`Group::ALL`].
pub type Evidence = [f64; EVIDENCE];

/// Strength of the ridge that pulls the weights, on evidence scaled to about one, to their mean, as if by this many rows.
const RIDGE: f64 = 0.03;
/// The same for rows of other sources, as a share of the rows: a few sources say little about which kind of evidence is
/// worth more on the next one, however many rows they have.
const RIDGE_ACROSS: f64 = 0.1;

/// `log-odds = Σ weight · evidence + intercept`: naive Bayes models stacked by a logistic regression (Wolpert, "Stacked
/// Generalization", 1992), which calibrates them as Platt does ("Probabilistic Outputs for Support Vector Machines",
/// 1999). The log-odds are those of a queue that is half spam.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// One weight a kind of evidence, never negative: more evidence of spam never means less spam.
    pub weights: Evidence,
    /// Log-odds without any evidence.
    pub intercept: f64,
    /// Log-odds to add for a queue with as much spam in it as the training rows.
    pub prior: f64,
    /// How many rows it was fitted on; 0 means it was not fitted at all.
    pub rows: u64,
}

impl Default for Calibration {
    fn default() -> Self {
        Self {
            weights: std::array::from_fn(|kind| f64::from(u8::from(kind < Group::ALL.len()))),
            intercept: 0.0,
            prior: 0.0,
            rows: 0,
        }
    }
}

impl Calibration {
    /// Calibrated log-odds of some evidence, in a queue that is half spam.
    pub fn log_odds(&self, evidence: &Evidence) -> f64 {
        self.weights.iter().zip(evidence).map(|(weight, evidence)| weight * evidence).sum::<f64>()
            + self.intercept
    }

    /// Whether every number is one that can be worked with.
    pub(super) fn is_sound(&self) -> bool {
        self.weights.iter().all(|weight| *weight >= 0.0 && weight.is_finite())
            && self.intercept.is_finite()
            && self.prior.is_finite()
    }

    /// Fits all numbers on evidence that the models had not learned from. The weights are fitted with the classes weighed
    /// equally, whatever their numbers, on softened targets (Lin, Lin, Weng, "A Note on Platt's Probabilistic Outputs",
    /// 2007); evidence that would get a negative weight is left out. Then the prior is fitted for `rows`, the numbers
    /// of ham and spam that the scored ones were drawn from. Rounded to six decimals, so that no machine's last bits
    /// show. With one class missing, or evidence that does not rank, nothing is fitted.
    pub fn fit(scored: &[(Evidence, Label)], rows: [u64; 2]) -> Self {
        Self::fit_weighed(scored, rows, RIDGE, |_, label| label.index())
    }

    /// The same for evidence in rows of sources that the models had not learned from: `source_of` tells each row's.
    /// Sources count alike, however many rows they have, and the weights stay near each other.
    pub fn fit_across(
        scored: &[(Evidence, Label)],
        rows: [u64; 2],
        source_of: impl Fn(usize) -> usize,
    ) -> Self {
        let ridge = RIDGE_ACROSS * scored.len() as f64;
        Self::fit_weighed(scored, rows, ridge, |place, label| 2 * source_of(place) + label.index())
    }

    /// Rows of each cell, and both classes, weigh alike; the label is a cell's lowest bit.
    fn fit_weighed(
        scored: &[(Evidence, Label)],
        rows: [u64; 2],
        ridge: f64,
        cell_of: impl Fn(usize, Label) -> usize,
    ) -> Self {
        let mut cells = BTreeMap::<usize, f64>::new();
        for (place, (_, label)) in scored.iter().enumerate() {
            *cells.entry(cell_of(place, *label)).or_default() += 1.0;
        }
        let with_rows = |label: Label| cells.keys().filter(|cell| *cell % 2 == label.index()).count() as f64;
        let (ham_cells, spam_cells) = (with_rows(Label::Ham), with_rows(Label::Spam));
        if ham_cells == 0.0 || spam_cells == 0.0 {
            return Self::default();
        }
        let many = |label: Label| scored.iter().filter(|(_, its)| *its == label).count() as f64;
        let (ham, spam) = (many(Label::Ham), many(Label::Spam));
        let half = scored.len() as f64 / 2.0;
        let scale = scale(scored);
        let points: Vec<Point> = scored
            .iter()
            .enumerate()
            .map(|(place, (evidence, label))| {
                let x = std::array::from_fn(|kind| evidence[kind] / scale[kind]);
                let in_cell = cells.get(&cell_of(place, *label)).copied().unwrap_or(1.0);
                let (target, cells) = match label {
                    Label::Spam => ((spam + 1.0) / (spam + 2.0), spam_cells),
                    Label::Ham => (1.0 / (ham + 2.0), ham_cells),
                };
                Point { x, offset: 0.0, target, weight: half / cells / in_cell }
            })
            .collect();
        let Some((weights, intercept)) = non_negative(&points, ridge) else { return Self::default() };
        let weights = std::array::from_fn(|kind| rounded(weights[kind] / scale[kind]));
        let fitted = Self { weights, intercept: rounded(intercept), prior: 0.0, rows: scored.len() as u64 };
        if !fitted.is_sound() || weights.iter().all(|weight| *weight == 0.0) {
            return Self::default();
        }
        let stands_for = [rows[0] as f64 / ham, rows[1] as f64 / spam];
        let start = ((rows[1] as f64 + 1.0) / (rows[0] as f64 + 1.0)).ln();
        Self { prior: rounded(fitted.fit_prior(scored, stands_for, start)), ..fitted }
    }

    /// The one number that makes the probabilities right for the rows' own share of spam, each row standing for so many.
    fn fit_prior(&self, scored: &[(Evidence, Label)], stands_for: [f64; 2], start: f64) -> f64 {
        let points: Vec<Point> = scored
            .iter()
            .map(|(evidence, label)| Point {
                x: [0.0; EVIDENCE],
                offset: self.log_odds(evidence) + start,
                target: if *label == Label::Spam { 1.0 } else { 0.0 },
                weight: stands_for[label.index()],
            })
            .collect();
        start + newton(&points, &[], 0.0).1
    }
}

fn rounded(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

/// Root mean square of each kind of evidence, so that all weights are equally easy to find and to pull. That of all kinds
/// where there was none: what these rows say nothing of may yet be learnt at a site, and is then trusted like the others.
fn scale(scored: &[(Evidence, Label)]) -> Evidence {
    let squares: Evidence = std::array::from_fn(|kind| {
        scored.iter().map(|(evidence, _)| evidence[kind] * evidence[kind]).sum::<f64>() / scored.len() as f64
    });
    let mean = squares.iter().sum::<f64>() / EVIDENCE as f64;
    let root = |square: f64| if square.is_finite() && square > 0.0 { square.sqrt() } else { f64::INFINITY };
    squares.map(|square| if square > 0.0 { root(square) } else { root(mean) })
}

struct Point {
    x: Evidence,
    /// Log-odds to begin with.
    offset: f64,
    target: f64,
    weight: f64,
}

impl Point {
    fn log_odds(&self, weights: &Evidence, intercept: f64) -> f64 {
        let evidence: f64 = self.x.iter().zip(weights).map(|(x, weight)| x * weight).sum();
        self.offset + evidence + intercept
    }
}

/// Leaves the kind of evidence with the most negative weight out until none is. Nothing if none is left.
fn non_negative(points: &[Point], ridge: f64) -> Option<(Evidence, f64)> {
    let mut used: Vec<usize> = (0..EVIDENCE).collect();
    while !used.is_empty() {
        let (weights, intercept) = newton(points, &used, ridge);
        let least = (0..used.len()).min_by(|a, b| weights[used[*a]].total_cmp(&weights[used[*b]]))?;
        if weights[used[least]] >= 0.0 {
            return Some((weights, intercept));
        }
        used.remove(least);
    }
    None
}

fn loss(points: &[Point], used: &[usize], ridge: f64, weights: &Evidence, intercept: f64) -> f64 {
    let misfit: f64 = points
        .iter()
        .map(|point| {
            let z = point.log_odds(weights, intercept);
            // -t ln σ(z) - (1-t) ln σ(-z), written so that nothing overflows.
            point.weight * (z.max(0.0) - point.target * z + (-z.abs()).exp().ln_1p())
        })
        .sum();
    let mean = mean(weights, used);
    misfit + 0.5 * ridge * used.iter().map(|&kind| (weights[kind] - mean).powi(2)).sum::<f64>()
}

fn mean(weights: &Evidence, used: &[usize]) -> f64 {
    used.iter().map(|&kind| weights[kind]).sum::<f64>() / used.len().max(1) as f64
}

/// Ridge logistic regression on some kinds of evidence: Newton's method with step halving. The others' weights are 0.
fn newton(points: &[Point], used: &[usize], ridge: f64) -> (Evidence, f64) {
    let size = used.len() + 1;
    let (mut weights, mut intercept) = ([0.0; EVIDENCE], 0.0);
    let mut current = loss(points, used, ridge, &weights, intercept);
    for _ in 0..100 {
        let mut gradient = [0.0; EVIDENCE + 1];
        let mut curvature = [[0.0; EVIDENCE + 1]; EVIDENCE + 1];
        for point in points {
            let probability = sigmoid(point.log_odds(&weights, intercept));
            let error = point.weight * (probability - point.target);
            let bend = point.weight * probability * (1.0 - probability);
            let x: [f64; EVIDENCE + 1] =
                std::array::from_fn(|place| used.get(place).map_or(1.0, |&kind| point.x[kind]));
            for ((slope, bends), own) in gradient.iter_mut().zip(&mut curvature).zip(x).take(size) {
                *slope += error * own;
                bends.iter_mut().zip(x).take(size).for_each(|(cell, other)| *cell += bend * own * other);
            }
        }
        let mean = mean(&weights, used);
        for (place, &kind) in used.iter().enumerate() {
            gradient[place] += ridge * (weights[kind] - mean);
            curvature[place][place] += ridge;
            curvature[place][..used.len()].iter_mut().for_each(|cell| *cell -= ridge / used.len() as f64);
        }
        // Kinds without any evidence leave nothing to bend.
        (0..size).for_each(|place| curvature[place][place] += 1e-9);
        if gradient.iter().all(|slope| slope.abs() < 1e-9 * points.len() as f64) {
            break;
        }
        let step = solve(&mut curvature, &gradient, size);
        let mut length = 1.0;
        loop {
            let mut next = weights;
            for (place, &kind) in used.iter().enumerate() {
                next[kind] -= length * step[place];
            }
            let next_intercept = intercept - length * step[size - 1];
            let value = loss(points, used, ridge, &next, next_intercept);
            if value < current {
                (weights, intercept, current) = (next, next_intercept, value);
                break;
            }
            length /= 2.0;
            if length < 1e-8 {
                return (weights, intercept);
            }
        }
    }
    (weights, intercept)
}

/// Solves `matrix · x = right` for a positive definite matrix of which the lower triangle is given (Cholesky).
fn solve(
    matrix: &mut [[f64; EVIDENCE + 1]; EVIDENCE + 1],
    right: &[f64; EVIDENCE + 1],
    size: usize,
) -> [f64; EVIDENCE + 1] {
    let mut x = *right;
    for row in 0..size {
        for column in 0..=row {
            let known: f64 = (0..column).map(|k| matrix[row][k] * matrix[column][k]).sum();
            let rest = matrix[row][column] - known;
            matrix[row][column] =
                if row == column { rest.max(1e-12).sqrt() } else { rest / matrix[column][column] };
        }
        let known: f64 = (0..row).map(|k| matrix[row][k] * x[k]).sum();
        x[row] = (x[row] - known) / matrix[row][row];
    }
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size).map(|k| matrix[k][row] * x[k]).sum();
        x[row] = (x[row] - known) / matrix[row][row];
    }
    x
}

/// The probability with these log-odds.
pub(super) fn sigmoid(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use Label::{Ham, Spam};

    /// Evidence of the first kind only.
    fn one(score: f64) -> Evidence {
        let mut evidence = [0.0; EVIDENCE];
        evidence[0] = score;
        evidence
    }

    /// Fitted for the rows as they are.
    fn fit(scored: &[(Evidence, Label)]) -> Calibration {
        let many = |label| scored.iter().filter(|(_, its)| *its == label).count() as u64;
        Calibration::fit(scored, [many(Ham), many(Spam)])
    }

    /// 200 rows at each of nine scores, as many of them spam as odds of `e^(slope · score)` say.
    fn drawn(slope: f64) -> Vec<(Evidence, Label)> {
        let mut scored = Vec::new();
        for step in -4..=4 {
            let score = f64::from(step) / 4.0;
            let spam = (200.0 * sigmoid(slope * score)).round();
            let label = |n| if f64::from(n) < spam { Spam } else { Ham };
            scored.extend((0..200).map(|n| (one(score), label(n))));
        }
        scored
    }

    #[test]
    fn it_finds_the_odds_behind_the_scores() {
        let fitted = fit(&drawn(2.0));
        assert!((fitted.weights[0] - 2.0).abs() < 0.1, "{fitted:?}");
        assert!(fitted.intercept.abs() < 0.1 && fitted.prior.abs() < 0.1, "{fitted:?}");
        // What was never seen in the rows may yet be learnt at a site.
        assert!(fitted.weights[1..].iter().all(|weight| *weight > 1.0), "{fitted:?}");
    }

    #[test]
    fn the_numbers_of_each_class_move_the_prior_and_nothing_else() {
        let rows = drawn(2.0);
        let ham = rows.iter().filter(|(_, label)| *label == Ham);
        let many: Vec<_> = rows.iter().chain(ham.cycle().take(9 * 900)).copied().collect();
        let (even, uneven) = (fit(&rows), fit(&many));
        assert!((even.weights[0] - uneven.weights[0]).abs() < 0.1, "{even:?} {uneven:?}");
        assert!((even.intercept - uneven.intercept).abs() < 0.1, "{even:?} {uneven:?}");
        assert!((uneven.prior - 0.1_f64.ln()).abs() < 0.1, "{uneven:?}");
    }

    #[test]
    fn a_sample_of_one_class_stands_for_all_of_it() {
        let rows = drawn(2.0);
        let sampled = Calibration::fit(&rows, [9 * 900, 900]);
        assert!((sampled.prior + 9_f64.ln()).abs() < 0.1, "{sampled:?}");
    }

    #[test]
    fn sources_count_alike_however_large() {
        // The evidence ranks well in the first source and says nothing in the second, which is ten times as large.
        let mut rows = drawn(4.0);
        let first = rows.len();
        let half = |place: usize| if place.is_multiple_of(2) { Spam } else { Ham };
        rows.extend((0..10 * first).map(|place| (one(if place % 4 < 2 { 1.0 } else { -1.0 }), half(place))));
        let across = Calibration::fit_across(&rows, [1, 1], |place| usize::from(place >= first));
        let all_alike = fit(&rows);
        assert!(across.weights[0] > 2.0 * all_alike.weights[0], "{across:?} {all_alike:?}");
    }

    #[test]
    fn evidence_that_points_the_wrong_way_is_left_out() {
        let mut rows = drawn(2.0);
        for (evidence, label) in &mut rows {
            evidence[3] = if *label == Spam { -0.5 } else { 0.5 };
        }
        let fitted = fit(&rows);
        assert!(fitted.weights[0] > 1.5 && fitted.weights[3] == 0.0, "{fitted:?}");
    }

    #[test]
    fn two_kinds_of_evidence_share_the_weight() {
        let mut rows = drawn(2.0);
        for (evidence, _) in &mut rows {
            evidence[5] = evidence[0];
        }
        let fitted = fit(&rows);
        assert!((fitted.weights[0] - fitted.weights[5]).abs() < 1e-4, "{fitted:?}");
        assert!((fitted.weights[0] + fitted.weights[5] - 2.0).abs() < 0.1, "{fitted:?}");
    }

    #[test]
    fn hopeless_scores_are_left_alone() {
        assert_eq!(fit(&[]), Calibration::default());
        assert_eq!(fit(&[(one(1.0), Spam)]), Calibration::default());
        let backwards = [(1.0, Ham), (2.0, Ham), (-1.0, Spam), (-2.0, Spam)];
        assert_eq!(fit(&backwards.map(|(score, label)| (one(score), label))), Calibration::default());
        let separable = [(one(-1.0), Ham), (one(1.0), Spam)].repeat(50);
        let fitted = fit(&separable);
        assert!(fitted.is_sound() && fitted.weights[0] > 1.0, "{fitted:?}");
    }
}
