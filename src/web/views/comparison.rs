//! Two models side by side, measured on the same rows.

use askama::Template;
use askama::filters::HtmlSafe;

use super::figures::{count, percent, signed};

/// How well a model did on labelled rows it had not seen.
#[derive(Debug, Clone)]
pub struct Figures {
    /// Rows measured on.
    pub rows: u64,
    /// Share decided rightly at even odds.
    pub accuracy: f64,
    /// Share of real spam among what was called spam.
    pub precision: f64,
    /// Share of spam that was called spam.
    pub recall: f64,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Area under the ROC curve, 0.5 to 1.
    pub roc_auc: f64,
    /// Mean squared error of the probability, 0 is best.
    pub brier: f64,
    /// Expected calibration error, 0 is best.
    pub ece: f64,
    /// Share of spam caught where 0.5 % of ham is blocked.
    pub caught_at_half_percent: f64,
    /// The four kinds of outcome at even odds.
    pub confusion: Confusion,
    /// Said and true shares of spam, by said probability, lowest first.
    pub reliability: Vec<Bin>,
}

/// Counts of outcomes; spam is the positive class.
#[derive(Debug, Clone, Copy)]
pub struct Confusion {
    /// Spam called spam.
    pub tp: u64,
    /// Ham called spam.
    pub fp: u64,
    /// Ham called ham.
    pub tn: u64,
    /// Spam called ham.
    pub fn_: u64,
}

/// Rows whose spam probability was said to be about the same.
#[derive(Debug, Clone, Copy)]
pub struct Bin {
    /// Mean probability said, 0 to 1.
    pub said: f64,
    /// Share that really was spam, 0 to 1.
    pub was: f64,
    /// How many rows.
    pub rows: u64,
}

/// A candidate beside the current model, or one model by itself.
#[derive(Debug, Clone, Template)]
#[template(path = "models/comparison.html")]
pub struct Comparison {
    /// Name of the candidate.
    pub candidate_name: String,
    /// The candidate's figures.
    pub candidate: Figures,
    /// The current model's name and figures. `None` for the first model.
    pub current: Option<(String, Figures)>,
}

impl HtmlSafe for Comparison {}

/// One line of the comparison.
struct MetricRow {
    name: &'static str,
    meaning: &'static str,
    candidate: String,
    /// The current model's value, the change, and what the change is.
    current: Option<(String, String, &'static str)>,
}

/// Which way a figure is better, and how it is written.
#[derive(Clone, Copy)]
enum Kind {
    /// A share, more is better; changes are in points.
    Share,
    /// A number between 0 and 1, more is better.
    More,
    /// A number between 0 and 1, less is better.
    Less,
}

impl Kind {
    fn value(self, value: f64) -> String {
        match self {
            Self::Share => percent(value),
            _ if value.is_finite() => format!("{value:.3}"),
            _ => "–".to_owned(),
        }
    }

    /// The change in words, and whether it is `better`, `worse` or the `same` as far as it is written.
    fn change(self, from: f64, to: f64) -> (String, &'static str) {
        let written = match self {
            Self::Share => format!("{} points", signed((to - from) * 100.0, 1)),
            _ => signed(to - from, 3),
        };
        let verdict = match (written.starts_with('+'), written.starts_with('\u{2212}'), self) {
            (true, _, Self::Share | Self::More) | (_, true, Self::Less) => "better",
            (false, false, _) => "same",
            _ => "worse",
        };
        (written, verdict)
    }
}

/// A figure's name, what it means, how it is written, and where it is found.
type Metric = (&'static str, &'static str, Kind, fn(&Figures) -> f64);

const METRICS: [Metric; 8] = [
    ("Accuracy", "decided rightly", Kind::Share, |f| f.accuracy),
    ("Precision", "really spam, of what was called spam", Kind::Share, |f| f.precision),
    ("Recall", "called spam, of all spam", Kind::Share, |f| f.recall),
    ("F1", "precision and recall in one", Kind::Share, |f| f.f1),
    ("Spam caught", "while 0.5\u{a0}% of ham is blocked", Kind::Share, |f| f.caught_at_half_percent),
    ("ROC AUC", "spam ranked above ham", Kind::More, |f| f.roc_auc),
    ("Brier score", "error of the probability, less is better", Kind::Less, |f| f.brier),
    ("Calibration error", "said and true share apart, less is better", Kind::Less, |f| f.ece),
];

impl Comparison {
    fn metrics(&self) -> Vec<MetricRow> {
        METRICS
            .iter()
            .map(|&(name, meaning, kind, of)| MetricRow {
                name,
                meaning,
                candidate: kind.value(of(&self.candidate)),
                current: self.current.as_ref().map(|(_, current)| {
                    let (change, verdict) = kind.change(of(current), of(&self.candidate));
                    (kind.value(of(current)), change, verdict)
                }),
            })
            .collect()
    }

    /// Name, figures and place in the drawing of each model, the current one first.
    fn models(&self) -> Vec<(&str, &Figures, &'static str)> {
        let current = self.current.iter().map(|(name, figures)| (name.as_str(), figures, "current"));
        current.chain([(self.candidate_name.as_str(), &self.candidate, "candidate")]).collect()
    }
}

impl Figures {
    /// Points of the reliability line in a square of 200 units, origin at the lower left.
    fn points(&self) -> Vec<(f64, f64, f64)> {
        let most = self.reliability.iter().map(|bin| bin.rows).max().unwrap_or(1).max(1);
        #[expect(clippy::cast_precision_loss, reason = "a radius on screen needs no 53 bits")]
        let radius = |rows: u64| tenth(2.5 + 5.5 * (rows as f64 / most as f64).sqrt());
        self.reliability
            .iter()
            .filter(|bin| bin.said.is_finite() && bin.was.is_finite() && bin.rows > 0)
            .map(|bin| {
                (
                    tenth(bin.said.clamp(0.0, 1.0) * 200.0),
                    tenth(200.0 - bin.was.clamp(0.0, 1.0) * 200.0),
                    radius(bin.rows),
                )
            })
            .collect()
    }

    fn line(&self) -> String {
        self.points().iter().map(|(x, y, _)| format!("{x},{y}")).collect::<Vec<_>>().join(" ")
    }
}

fn tenth(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_judged_by_what_is_written() {
        assert_eq!(Kind::Share.change(0.95, 0.962), ("+1.2 points".to_owned(), "better"));
        assert_eq!(Kind::More.change(0.95, 0.94), ("\u{2212}0.010".to_owned(), "worse"));
        assert_eq!(Kind::Less.change(0.05, 0.04), ("\u{2212}0.010".to_owned(), "better"));
        assert_eq!(Kind::Less.change(0.04, 0.05), ("+0.010".to_owned(), "worse"));
        assert_eq!(Kind::Share.change(0.95, 0.9501), ("0.0 points".to_owned(), "same"));
        assert_eq!(Kind::Share.change(f64::NAN, 0.9).1, "same");
    }
}
