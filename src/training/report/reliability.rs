//! Reliability: of the rows given a probability, how many were spam.

#![expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^52")]

use super::{count, percent};
use crate::classifier::Evaluation;
use crate::drawing::{Anchor, Drawing, Figure, Frame};
use crate::training::evaluation::interval;

const SQUARE: Frame = Frame { top: 24.0, height: 236.0 };
const COUNTS: Frame = Frame { top: 276.0, height: 48.0 };
const HEIGHT: f64 = 362.0;
const SIDE: [(f64, &str); 5] = [(0.0, "0"), (0.25, "25 %"), (0.5, "50 %"), (0.75, "75 %"), (1.0, "100 %")];

/// The reliability diagram with the rows of each bin below.
pub fn reliability(figures: &Evaluation) -> Figure {
    let bins = &figures.reliability;
    let mut drawing = Drawing::new(
        "reliability",
        HEIGHT,
        "Share that was spam against the probability given",
        &format!(
            "On the diagonal a probability means what it says. On average it is off by {:.4}.",
            figures.ece
        ),
    );
    drawing.columns(SQUARE, &SIDE.map(|(x, _)| (x, "")));
    drawing.rows(SQUARE, &SIDE);
    drawing.columns(COUNTS, &SIDE);
    let both = Frame { height: COUNTS.top + COUNTS.height - SQUARE.top, ..SQUARE };
    drawing.axes(both, "probability given →", "↑ were spam");
    drawing.line("ideal", SQUARE, [(0.0, 0.0), (1.0, 1.0)]);
    drawing.label("note", SQUARE, (0.78, 0.78), (-8.0, -2.0), Anchor::End, "means what it says");
    let filled = || bins.iter().filter(|bin| bin.rows() > 0);
    drawing.line("curve thin", SQUARE, filled().map(|bin| (bin.mean_probability, bin.spam_share())));
    let most = bins.iter().map(|bin| bin.rows()).max().unwrap_or(0).max(1) as f64;
    let width = 1.0 / bins.len().max(1) as f64;
    for (place, bin) in (0_u32..).zip(bins).filter(|(_, bin)| bin.rows() > 0) {
        let (said, was) = (bin.mean_probability, bin.spam_share());
        let bounds = interval(bin.spam, bin.rows());
        drawing.line("whisker", SQUARE, [(said, bounds.at_least), (said, bounds.at_most)]);
        let title = format!("{} rows: said {}, were spam {}", count(bin.rows()), percent(said), percent(was));
        drawing.dot("dot", SQUARE, (said, was), &title);
        let left = width * f64::from(place);
        let height = 0.72 * bin.rows() as f64 / most;
        drawing.bar("bar", COUNTS, (left + 0.1 * width, 0.0), (left + 0.9 * width, height.max(0.02)), &title);
        let rows = count(bin.rows());
        drawing.label("tiny", COUNTS, (left + 0.5 * width, height), (0.0, -3.0), Anchor::Middle, rows);
    }
    Figure {
        heading: "Do probabilities mean what they say?".to_owned(),
        words: format!(
            "Dots on the dashed line do. On average a probability is off by {}; the upright lines are what chance \
             leaves open, the bars are rows.",
            percent(figures.ece)
        ),
        svg: drawing.finish(),
        heads: vec!["Said", "Were spam", "Believable", "Rows"],
        rows: filled()
            .map(|bin| {
                let bounds = interval(bin.spam, bin.rows());
                vec![
                    percent(bin.mean_probability),
                    percent(bin.spam_share()),
                    format!("{} to {}", percent(bounds.at_least), percent(bounds.at_most)),
                    count(bin.rows()),
                ]
            })
            .collect(),
    }
}
