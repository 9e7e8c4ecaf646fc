//! From a score that only ranks to log-odds that mean what they say.

#![expect(clippy::cast_precision_loss, reason = "counts of rows and columns are far below 2^52")]

use serde::{Deserialize, Serialize};

use super::Label;

/// `log-odds = slope · score + intercept` (Platt, "Probabilistic Outputs for Support Vector Machines", 1999).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Never negative: a higher score never means less spam.
    pub slope: f64,
    /// Log-odds of a score of nought.
    pub intercept: f64,
    /// How many scores it was fitted on; 0 means it was not fitted at all.
    pub rows: u64,
}

impl Default for Calibration {
    fn default() -> Self {
        Self { slope: 1.0, intercept: 0.0, rows: 0 }
    }
}

impl Calibration {
    /// Calibrated log-odds of a score.
    pub fn log_odds(&self, score: f64) -> f64 {
        self.slope * score + self.intercept
    }

    /// Fits both numbers on scores the model had not learned from, the classes weighed equally, whatever their
    /// numbers: the log-odds are those of a queue that is half spam. Newton's method with step halving on
    /// softened targets (Lin, Lin, Weng, "A Note on Platt's Probabilistic Outputs", 2007). Rounded to six decimals, so
    /// that no machine's last bits show. With one class
    /// missing, or scores that do not rank, nothing is fitted.
    pub fn fit(scored: &[(f64, Label)]) -> Self {
        let spam = scored.iter().filter(|(_, label)| *label == Label::Spam).count() as f64;
        let ham = scored.len() as f64 - spam;
        if spam == 0.0 || ham == 0.0 {
            return Self::default();
        }
        // The scores are scaled to about one, so that the two numbers are equally easy to find.
        let scale = (scored.iter().map(|(score, _)| score * score).sum::<f64>() / scored.len() as f64).sqrt();
        if !scale.is_finite() || scale == 0.0 {
            return Self::default();
        }
        let points: Vec<Point> = scored
            .iter()
            .map(|(score, label)| match label {
                Label::Spam => {
                    Point { x: score / scale, target: (spam + 1.0) / (spam + 2.0), weight: 0.5 / spam }
                }
                Label::Ham => Point { x: score / scale, target: 1.0 / (ham + 2.0), weight: 0.5 / ham },
            })
            .collect();
        let (slope, intercept) = newton(&points);
        if slope > 0.0 && slope.is_finite() && intercept.is_finite() {
            let [slope, intercept] = [slope / scale, intercept].map(|number| (number * 1e6).round() / 1e6);
            Self { slope, intercept, rows: scored.len() as u64 }
        } else {
            Self::default()
        }
    }
}

struct Point {
    x: f64,
    target: f64,
    weight: f64,
}

fn loss(points: &[Point], slope: f64, intercept: f64) -> f64 {
    points
        .iter()
        .map(|p| {
            let z = slope * p.x + intercept;
            // -t ln σ(z) - (1-t) ln σ(-z), written so that nothing overflows.
            p.weight * (z.max(0.0) - p.target * z + (-z.abs()).exp().ln_1p())
        })
        .sum()
}

fn newton(points: &[Point]) -> (f64, f64) {
    let (mut slope, mut intercept) = (1.0, 0.0);
    let mut current = loss(points, slope, intercept);
    for _ in 0..100 {
        let [mut g0, mut g1, mut h00, mut h01, mut h11] = [0.0, 0.0, 1e-10, 0.0, 1e-10];
        for p in points {
            let probability = sigmoid(slope * p.x + intercept);
            let error = p.weight * (probability - p.target);
            let curvature = p.weight * probability * (1.0 - probability);
            g0 += error * p.x;
            g1 += error;
            h00 += curvature * p.x * p.x;
            h01 += curvature * p.x;
            h11 += curvature;
        }
        let determinant = h00 * h11 - h01 * h01;
        if g0.abs().max(g1.abs()) < 1e-10 || determinant <= 0.0 {
            break;
        }
        let step = ((h11 * g0 - h01 * g1) / determinant, (h00 * g1 - h01 * g0) / determinant);
        let mut length = 1.0;
        loop {
            let next = (slope - length * step.0, intercept - length * step.1);
            let value = loss(points, next.0, next.1);
            if value < current {
                (slope, intercept) = next;
                current = value;
                break;
            }
            length /= 2.0;
            if length < 1e-8 {
                return (slope, intercept);
            }
        }
    }
    (slope, intercept)
}

/// The probability with these log-odds.
pub(super) fn sigmoid(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_finds_the_odds_behind_the_scores() {
        // At score s the odds of spam are e^(2s): 100 draws at each of nine scores, rounded.
        let mut scored = Vec::new();
        for step in -4..=4 {
            let score = f64::from(step) / 4.0;
            let spam = (100.0 * sigmoid(2.0 * score)).round();
            let label = |n| if f64::from(n) < spam { Label::Spam } else { Label::Ham };
            scored.extend((0..100).map(|n| (score, label(n))));
        }
        let fitted = Calibration::fit(&scored);
        assert!((fitted.slope - 2.0).abs() < 0.1, "slope {}", fitted.slope);
        assert!(fitted.intercept.abs() < 0.1, "intercept {}", fitted.intercept);
    }

    #[test]
    fn the_numbers_of_each_class_do_not_matter() {
        let spam = [1.0, 2.0, 3.0, -0.5].map(|score| (score, Label::Spam));
        let ham = [-1.0, -2.0, -3.0, 0.5].map(|score| (score, Label::Ham));
        let many: Vec<_> = spam.iter().copied().cycle().take(400).chain(ham.repeat(10)).collect();
        assert!(Calibration::fit(&many).intercept.abs() < 0.1);
    }

    #[test]
    fn hopeless_scores_are_left_alone() {
        assert_eq!(Calibration::fit(&[]), Calibration::default());
        assert_eq!(Calibration::fit(&[(1.0, Label::Spam)]), Calibration::default());
        let backwards = [(1.0, Label::Ham), (2.0, Label::Ham), (-1.0, Label::Spam), (-2.0, Label::Spam)];
        assert_eq!(Calibration::fit(&backwards), Calibration::default());
        let separable = [(-1.0, Label::Ham), (1.0, Label::Spam)].repeat(50);
        let fitted = Calibration::fit(&separable);
        assert!(fitted.slope.is_finite() && fitted.slope > 1.0);
    }
}
