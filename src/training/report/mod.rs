//! The report: figures as lines for the terminal, or as one HTML page that needs nothing else.

mod curves;
mod histogram;
mod mistakes;
mod outcomes;
mod page;
mod reliability;
mod telling;

use std::fmt::Write as _;

use super::card::lines;
use crate::classifier::{Evaluation, Label, ModelCard, Source};

pub use curves::{precision_recall, roc};
pub use mistakes::{Mistake, worst_mistakes};
pub use page::html;
pub use reliability::reliability;

/// What a report tells.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// Heading.
    pub title: &'a str,
    /// Facts above the figures: name and value.
    pub facts: &'a [(String, String)],
    /// Sentences about what can be decided automatically; empty if nothing was promised.
    pub promises: &'a [String],
    /// The figures; none if there was nothing to measure.
    pub evaluation: Option<&'a Evaluation>,
    /// Probability and label of each measured row.
    pub scored: &'a [(f64, Label)],
    /// The worst mistakes, see [`worst_mistakes`].
    pub mistakes: &'a [Mistake],
    /// Where the rows of this run came from.
    pub sources: &'a [Source],
    /// The model's card.
    pub card: &'a ModelCard,
}

impl Report<'_> {
    /// The report as aligned lines.
    pub fn text(&self) -> String {
        let rows: Vec<(&str, &str)> =
            self.facts.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let figures = self.evaluation.map(lines).unwrap_or_default();
        let figures: Vec<(&str, &str)> =
            figures.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let width = rows.iter().chain(&figures).map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        let mut text = format!("{}\n\n", self.title);
        for (name, value) in rows.iter().chain(&[("", "")]).chain(&figures) {
            let _ = writeln!(text, "{}", format!("{name:width$}  {value}").trim_end());
        }
        if let Some(evaluation) = self.evaluation {
            text.push_str("\nprobability said    really spam    rows\n");
            for bin in evaluation.reliability.iter().filter(|bin| bin.rows() > 0) {
                let _ = writeln!(
                    text,
                    "{:16.3}    {:11.3}    {:4}",
                    bin.mean_probability,
                    bin.spam_share(),
                    bin.rows()
                );
            }
        }
        for promise in self.promises {
            let _ = write!(text, "\n{promise}");
        }
        text.trim_end().to_owned()
    }
}

/// A count with thousands separated: `12,345`.
fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share as percent, more exactly where it is small: `97.4 %`, `0.07 %`.
fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent.abs() < 1e-9 {
        "0 %".to_owned()
    } else if percent < 1.0 {
        format!("{percent:.2} %")
    } else {
        format!("{percent:.1} %")
    }
}

fn escaped(text: &str) -> std::borrow::Cow<'_, str> {
    html_escape::encode_double_quoted_attribute(text)
}
