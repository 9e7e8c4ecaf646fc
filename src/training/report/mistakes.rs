//! The worst mistakes: what to look at for wrong labels.

use std::fmt::Write as _;

use super::escaped;
use crate::classifier::{Label, Source};
use crate::training::rows::LabelledRow;

/// So many are kept of each kind.
const MOST: usize = 20;
/// A text is cut after so many characters.
const LONGEST: usize = 280;

/// A row on the wrong side of even odds.
#[derive(Debug, Clone, PartialEq)]
pub struct Mistake {
    /// The file or site it came from.
    pub source: String,
    /// Its line there, from 1; 0 if it has none.
    pub line: u64,
    /// Spam probability it was given.
    pub probability: f64,
    /// What it is labelled as.
    pub label: Label,
    /// The beginning of its text, on one line.
    pub text: String,
}

impl Mistake {
    /// How far the probability is from the label, 0.5 to 1.
    fn distance(&self) -> f64 {
        distance(self.probability, self.label)
    }
}

fn distance(probability: f64, label: Label) -> f64 {
    match label {
        Label::Ham => probability,
        Label::Spam => 1.0 - probability,
    }
}

/// The worst mistakes among scored rows: ham called spam, then spam called ham, the worst first in each. `sources` are
/// those the rows name.
pub fn worst_mistakes(rows: &[LabelledRow], sources: &[Source], scored: &[(f64, Label)]) -> Vec<Mistake> {
    let mut mistakes = Mistakes::default();
    for (row, &(probability, label)) in rows.iter().zip(scored) {
        let source = sources.get(row.source).map_or("", |source| &source.name);
        mistakes.offer(source, row.line, probability, label, &row.content);
    }
    mistakes.into_worst()
}

/// Collects the worst mistakes of each label.
#[derive(Debug, Clone, Default)]
pub(super) struct Mistakes {
    /// Ham called spam and spam called ham, the worst first in each.
    worst: [Vec<Mistake>; 2],
}

impl Mistakes {
    /// Looks at one scored row and keeps it if it is among the worst. Of equal mistakes those offered first stay.
    pub(super) fn offer(&mut self, source: &str, line: u64, probability: f64, label: Label, text: &str) {
        let is_mistake = probability.is_finite() && (probability >= 0.5) == (label == Label::Ham);
        let worst = &mut self.worst[usize::from(label == Label::Spam)];
        let how_bad = distance(probability, label);
        let place = worst.partition_point(|mistake| mistake.distance() >= how_bad);
        if is_mistake && place < MOST {
            let text = shortened(text);
            worst.insert(place, Mistake { source: source.to_owned(), line, probability, label, text });
            worst.truncate(MOST);
        }
    }

    /// Those kept: ham called spam, then spam called ham, the worst first in each.
    pub(super) fn into_worst(self) -> Vec<Mistake> {
        self.worst.into_iter().flatten().collect()
    }
}

/// The text on one line, without characters that show nothing or turn the line around, cut where it gets long.
fn shortened(text: &str) -> String {
    let turns =
        |c: char| matches!(c, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    let mut short = String::new();
    let mut length = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if length > 0 {
            short.push(' ');
            length += 1;
        }
        for c in word.chars().filter(|&c| !turns(c)) {
            if length >= LONGEST {
                short.push('…');
                return short;
            }
            short.push(c);
            length += 1;
        }
    }
    short
}

/// The section, one list a kind. Empty without mistakes.
pub(super) fn mistakes(mistakes: &[Mistake]) -> String {
    if mistakes.is_empty() {
        return String::new();
    }
    let mut html = String::from(
        "<section>\n<h2>Worst mistakes</h2>\n<p class=\"words\">Where the model is sure and the label says otherwise, one \
         of them is wrong. Look here for wrong labels first.</p>\n<div class=\"pair\">\n",
    );
    for (label, heading) in
        [(Label::Ham, "Labelled ham, looks like spam"), (Label::Spam, "Labelled spam, looks like ham")]
    {
        let of_label: Vec<&Mistake> = mistakes.iter().filter(|mistake| mistake.label == label).collect();
        let _ = writeln!(html, "<div>\n<h3>{heading}</h3>");
        if of_label.is_empty() {
            html.push_str("<p class=\"words\">None.</p>\n");
        }
        html.push_str("<ol class=\"mistakes\">\n");
        for mistake in of_label {
            let line = if mistake.line > 0 { format!(", line {}", mistake.line) } else { String::new() };
            let _ = writeln!(
                html,
                "<li><p class=\"where\"><b class=\"{}\">{:.3}</b> {}{line}</p><blockquote><bdi>{}</bdi></blockquote></li>",
                if label == Label::Ham { "spam" } else { "ham" },
                mistake.probability,
                escaped(&mistake.source),
                escaped(&mistake.text)
            );
        }
        html.push_str("</ol>\n</div>\n");
    }
    html.push_str("</div>\n</section>\n");
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_of_each_label_are_kept_in_order() {
        let mut mistakes = Mistakes::default();
        for line in 1..=1000_u32 {
            let probability = f64::from(line * 7 % 1000) / 1000.0;
            mistakes.offer("a.csv", line.into(), probability, Label::Ham, "x");
            mistakes.offer("a.csv", line.into(), probability, Label::Spam, "x");
        }
        let worst = mistakes.into_worst();
        let probabilities = |label| -> Vec<f64> {
            worst.iter().filter(|mistake| mistake.label == label).map(|mistake| mistake.probability).collect()
        };
        let expected: Vec<f64> = (0..20).map(|place| f64::from(999 - place) / 1000.0).collect();
        assert_eq!(probabilities(Label::Ham), expected);
        let expected: Vec<f64> = (0..20).map(|place| f64::from(place) / 1000.0).collect();
        assert_eq!(probabilities(Label::Spam), expected);
    }

    #[test]
    fn what_is_right_is_no_mistake() {
        let mut mistakes = Mistakes::default();
        mistakes.offer("a.csv", 1, 0.49, Label::Ham, "x");
        mistakes.offer("a.csv", 2, 0.5, Label::Spam, "x");
        mistakes.offer("a.csv", 3, f64::NAN, Label::Spam, "x");
        assert_eq!(mistakes.into_worst(), []);
    }

    #[test]
    fn texts_are_one_short_line() {
        assert_eq!(shortened(" a\r\n\tb\u{0}c \u{202E}d "), "a b c d");
        let long = shortened(&"é ".repeat(1000));
        assert_eq!((long.chars().count(), long.ends_with('…')), (LONGEST + 1, true));
    }
}
