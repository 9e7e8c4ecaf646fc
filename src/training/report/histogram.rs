//! Scores of ham upwards and of spam downwards, with the thresholds between them. Bars grow with the square root of
//! the rows (a rootogram, Tukey 1972): a few mistakes far from the rest stay visible.

#![expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^52")]

use super::{count, percent};
use crate::classifier::scale::{BARS, TICKS, bar, edges, place};
use crate::classifier::{Evaluation, Label};
use crate::drawing::{Anchor, Drawing, Figure, Frame};

const SPAN: Frame = Frame { top: 24.0, height: 300.0 };
const HEIGHT: f64 = 362.0;
/// Height of the longest bars of both sides together, as a share of the frame.
const LONGEST: f64 = 0.94;

/// The two-sided histogram.
pub(super) fn histogram(scored: &[(f64, Label)], figures: &Evaluation) -> Figure {
    let mut bars = [[0_u64; 2]; BARS];
    for &(probability, label) in scored {
        bars[bar(probability)][usize::from(label == Label::Spam)] += 1;
    }
    let decisions = figures.decisions;
    let cuts = [place(decisions.approve_below), place(decisions.reject_from)];
    let mut drawing = Drawing::new(
        "histogram",
        HEIGHT,
        "How the probabilities of ham and spam lie apart",
        &format!(
            "Rows by probability of spam: ham above the middle line, spam below it. {} rows are published, {} held, {} \
             turned away.",
            decisions.approved, decisions.held, decisions.rejected
        ),
    );
    for (class, from, to, name) in [
        ("zone ham", 0.0, cuts[0], "✓ published"),
        ("zone doubt", cuts[0], cuts[1], "◐ held"),
        ("zone spam", cuts[1], 1.0, "✕ turned away"),
    ] {
        // A zone that is no wider than a hair is not there.
        if to - from > 1e-6 {
            drawing.bar(class, SPAN, (from, 0.0), (to, 1.0), name);
            if to - from > 0.17 {
                drawing.label(
                    "zone-name",
                    SPAN,
                    (f64::midpoint(from, to), 1.0),
                    (0.0, -8.0),
                    Anchor::Middle,
                    name,
                );
            }
        }
    }
    let ticks = TICKS.map(|(probability, name)| (place(probability), name));
    drawing.columns(SPAN, &ticks);
    drawing.axes(SPAN, "probability of spam →", "");
    let length = |rows: u64| (rows as f64).sqrt();
    let [up, down] = [0, 1].map(|side| length(bars.iter().map(|bar| bar[side]).max().unwrap_or(0)));
    let unit = LONGEST / (up + down).max(1.0);
    let middle = 0.5 + f64::midpoint(down, -up) * unit;
    for (bar, [ham, spam]) in bars.iter().enumerate() {
        let (left, right) = (bar as f64 / BARS as f64, (bar + 1) as f64 / BARS as f64);
        let gap = 0.08 / BARS as f64;
        for (rows, class, way) in [(*ham, "bar ham", unit), (*spam, "bar spam", -unit)] {
            if rows > 0 {
                let end = middle + way * length(rows);
                let title = format!("{} {}, {}", count(rows), &class[4..], range(bar));
                drawing.bar(class, SPAN, (left + gap, middle), (right - gap, end), title);
            }
        }
    }
    drawing.line("middle", SPAN, [(0.0, middle), (1.0, middle)]);
    for cut in cuts.into_iter().filter(|cut| (1e-6..1.0 - 1e-6).contains(cut)) {
        drawing.line("cut", SPAN, [(cut, 0.0), (cut, 1.0)]);
    }
    let side = |name: &str, rows: u64| format!("{name}, {}", count(rows));
    drawing.label("strong", SPAN, (0.98, 1.0), (0.0, 17.0), Anchor::End, side("▲ ham", figures.ham));
    drawing.label("strong", SPAN, (0.02, 0.0), (0.0, -9.0), Anchor::Start, side("▼ spam", figures.spam));
    let rows = bars.iter().enumerate().filter(|(_, [ham, spam])| ham + spam > 0);
    Figure {
        heading: "How ham and spam lie apart".to_owned(),
        words: cuts_in_words(decisions.approve_below, decisions.reject_from),
        svg: drawing.finish(),
        heads: vec!["Probability of spam", "Ham", "Spam"],
        rows: rows.map(|(bar, [ham, spam])| vec![range(bar), count(*ham), count(*spam)]).collect(),
    }
}

fn cuts_in_words(approve_below: f64, reject_from: f64) -> String {
    let published = if approve_below > 0.0 {
        format!("Below {} a comment is published", exact(approve_below))
    } else {
        "No comment is published unseen".to_owned()
    };
    let rejected = if reject_from <= 1.0 {
        format!("from {} on it is turned away", exact(reject_from))
    } else {
        "none is turned away unseen".to_owned()
    };
    format!(
        "{published}, {rejected}. Ham stands above the line, spam hangs below it; a bar \
             four times as long stands for sixteen times the rows."
    )
}

/// A threshold as percent with the decimals it has.
fn exact(probability: f64) -> String {
    format!("{} %", (probability * 1e8).round() / 1e6)
}

/// The probabilities of one bar.
fn range(bar: usize) -> String {
    let (low, high) = edges(bar);
    if low < 0.5 {
        format!("{} to {}", percent(low), percent(high))
    } else {
        format!("{:.2} to {:.2} %", 100.0 * low, 100.0 * high)
    }
}
