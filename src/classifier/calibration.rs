//! From evidence that only ranks to log-odds that mean what they say.

#![expect(clippy::cast_precision_loss, reason = "counts of rows and columns are far below 2^52")]

use serde::{Deserialize, Serialize};

use super::Label;

/// Kinds of evidence a model gives for one comment.
pub const EVIDENCE: usize = 7;

/// What a model finds in one comment, as log-odds that rank but are not calibrated: first the multinomial model over
/// all tokens, then the Bernoulli model of each [group](super::Group), in the order of [`super::Group::ALL`].
pub type Evidence = [f64; EVIDENCE];

/// Strength of the ridge: the squares of the weights, on evidence scaled to about one, are held down as if by this
/// many rows.
const RIDGE: f64 = 1.0;

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
        Self { weights: [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0], intercept: 0.0, prior: 0.0, rows: 0 }
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
    /// 2007); evidence that would get a negative weight is left out. Then the prior is fitted on the rows as they
    /// are. Rounded to six decimals, so that no machine's last bits show. With one class missing, or evidence that
    /// does not rank, nothing is fitted.
    pub fn fit(scored: &[(Evidence, Label)]) -> Self {
        let spam = scored.iter().filter(|(_, label)| *label == Label::Spam).count() as f64;
        let ham = scored.len() as f64 - spam;
        if spam == 0.0 || ham == 0.0 {
            return Self::default();
        }
        let rows = scored.len() as f64;
        let scale = scale(scored);
        let points: Vec<Point> = scored
            .iter()
            .map(|(evidence, label)| {
                let x = std::array::from_fn(|kind| evidence[kind] / scale[kind]);
                let (target, weight) = match label {
                    Label::Spam => ((spam + 1.0) / (spam + 2.0), rows / 2.0 / spam),
                    Label::Ham => (1.0 / (ham + 2.0), rows / 2.0 / ham),
                };
                Point { x, offset: 0.0, target, weight }
            })
            .collect();
        let Some((weights, intercept)) = non_negative(&points) else { return Self::default() };
        let weights = std::array::from_fn(|kind| rounded(weights[kind] / scale[kind]));
        let fitted = Self { weights, intercept: rounded(intercept), prior: 0.0, rows: scored.len() as u64 };
        if !fitted.is_sound() || weights.iter().all(|weight| *weight == 0.0) {
            return Self::default();
        }
        let prior = fitted.fit_prior(scored, ((spam + 1.0) / (ham + 1.0)).ln());
        Self { prior: rounded(prior), ..fitted }
    }

    /// The one number that makes the probabilities right for the rows' own share of spam.
    fn fit_prior(&self, scored: &[(Evidence, Label)], start: f64) -> f64 {
        let points: Vec<Point> = scored
            .iter()
            .map(|(evidence, label)| Point {
                x: [0.0; EVIDENCE],
                offset: self.log_odds(evidence) + start,
                target: if *label == Label::Spam { 1.0 } else { 0.0 },
                weight: 1.0,
            })
            .collect();
        start + newton(&points, &[]).1
    }
}

fn rounded(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}

/// Root mean square of each kind of evidence, so that all weights are equally easy to find and to hold down.
fn scale(scored: &[(Evidence, Label)]) -> Evidence {
    std::array::from_fn(|kind| {
        let squares: f64 = scored.iter().map(|(evidence, _)| evidence[kind] * evidence[kind]).sum();
        let root = (squares / scored.len() as f64).sqrt();
        if root.is_finite() && root > 0.0 { root } else { f64::INFINITY }
    })
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

/// Leaves kinds of evidence out until no weight is negative. Nothing if none is left.
fn non_negative(points: &[Point]) -> Option<(Evidence, f64)> {
    let mut used: Vec<usize> = (0..EVIDENCE).collect();
    while !used.is_empty() {
        let (weights, intercept) = newton(points, &used);
        let before = used.len();
        used.retain(|&kind| weights[kind] >= 0.0);
        if used.len() == before {
            return Some((weights, intercept));
        }
    }
    None
}

fn loss(points: &[Point], weights: &Evidence, intercept: f64) -> f64 {
    let misfit: f64 = points
        .iter()
        .map(|point| {
            let z = point.log_odds(weights, intercept);
            // -t ln σ(z) - (1-t) ln σ(-z), written so that nothing overflows.
            point.weight * (z.max(0.0) - point.target * z + (-z.abs()).exp().ln_1p())
        })
        .sum();
    misfit + 0.5 * RIDGE * weights.iter().map(|weight| weight * weight).sum::<f64>()
}

/// Ridge logistic regression on some kinds of evidence: Newton's method with step halving. The others' weights are 0.
fn newton(points: &[Point], used: &[usize]) -> (Evidence, f64) {
    let size = used.len() + 1;
    let (mut weights, mut intercept) = ([0.0; EVIDENCE], 0.0);
    let mut current = loss(points, &weights, intercept);
    for _ in 0..100 {
        let mut gradient = [0.0; EVIDENCE + 1];
        let mut curvature = [[0.0; EVIDENCE + 1]; EVIDENCE + 1];
        for point in points {
            let probability = sigmoid(point.log_odds(&weights, intercept));
            let error = point.weight * (probability - point.target);
            let bend = point.weight * probability * (1.0 - probability);
            let x = |place: usize| used.get(place).map_or(1.0, |&kind| point.x[kind]);
            for row in 0..size {
                gradient[row] += error * x(row);
                for column in 0..=row {
                    curvature[row][column] += bend * x(row) * x(column);
                }
            }
        }
        for (place, &kind) in used.iter().enumerate() {
            gradient[place] += RIDGE * weights[kind];
            curvature[place][place] += RIDGE;
        }
        curvature[size - 1][size - 1] += 1e-9;
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
            let value = loss(points, &next, next_intercept);
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
        let fitted = Calibration::fit(&drawn(2.0));
        assert!((fitted.weights[0] - 2.0).abs() < 0.1, "{fitted:?}");
        assert!(fitted.intercept.abs() < 0.1 && fitted.prior.abs() < 0.1, "{fitted:?}");
        assert_eq!(fitted.weights[1..], [0.0; EVIDENCE - 1]);
    }

    #[test]
    fn the_numbers_of_each_class_move_the_prior_and_nothing_else() {
        let rows = drawn(2.0);
        let ham = rows.iter().filter(|(_, label)| *label == Ham);
        let many: Vec<_> = rows.iter().chain(ham.cycle().take(9 * 900)).copied().collect();
        let (even, uneven) = (Calibration::fit(&rows), Calibration::fit(&many));
        assert!((even.weights[0] - uneven.weights[0]).abs() < 0.1, "{even:?} {uneven:?}");
        assert!((even.intercept - uneven.intercept).abs() < 0.1, "{even:?} {uneven:?}");
        assert!((uneven.prior - 0.1_f64.ln()).abs() < 0.1, "{uneven:?}");
    }

    #[test]
    fn evidence_that_points_the_wrong_way_is_left_out() {
        let mut rows = drawn(2.0);
        for (evidence, label) in &mut rows {
            evidence[3] = if *label == Spam { -0.5 } else { 0.5 };
        }
        let fitted = Calibration::fit(&rows);
        assert!(fitted.weights[0] > 1.5 && fitted.weights[3] == 0.0, "{fitted:?}");
    }

    #[test]
    fn two_kinds_of_evidence_share_the_weight() {
        let mut rows = drawn(2.0);
        for (evidence, _) in &mut rows {
            evidence[5] = evidence[0];
        }
        let fitted = Calibration::fit(&rows);
        assert!((fitted.weights[0] - fitted.weights[5]).abs() < 1e-4, "{fitted:?}");
        assert!((fitted.weights[0] + fitted.weights[5] - 2.0).abs() < 0.1, "{fitted:?}");
    }

    #[test]
    fn hopeless_scores_are_left_alone() {
        assert_eq!(Calibration::fit(&[]), Calibration::default());
        assert_eq!(Calibration::fit(&[(one(1.0), Spam)]), Calibration::default());
        let backwards = [(1.0, Ham), (2.0, Ham), (-1.0, Spam), (-2.0, Spam)];
        assert_eq!(
            Calibration::fit(&backwards.map(|(score, label)| (one(score), label))),
            Calibration::default()
        );
        let separable = [(one(-1.0), Ham), (one(1.0), Spam)].repeat(50);
        let fitted = Calibration::fit(&separable);
        assert!(fitted.is_sound() && fitted.weights[0] > 1.0, "{fitted:?}");
    }
}
