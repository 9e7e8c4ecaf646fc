//! ROC and precision-recall: what every threshold would do at once.

use super::percent;
use crate::classifier::{Evaluation, Label};
use crate::drawing::{Anchor, Drawing, Figure, Frame};
use crate::training::evaluation::{Point, curve, share};

const SQUARE: Frame = Frame { top: 24.0, height: 300.0 };
const HEIGHT: f64 = 362.0;
const TICKS: [(f64, &str); 5] = [(0.0, "0"), (0.25, "25 %"), (0.5, "50 %"), (0.75, "75 %"), (1.0, "100 %")];
/// Points closer than this are drawn as one.
const FINE: f64 = 0.003;

/// Ham blocked against spam caught.
pub fn roc(scored: &[(f64, Label)], figures: &Evaluation) -> Figure {
    let area = figures.roc_auc;
    let caught = figures.spam_caught_at_ham_blocked;
    let mut drawing = Drawing::new(
        "roc",
        HEIGHT,
        "Spam caught against ham blocked",
        &format!("The ROC curve. The area below it is {area:.4}; 0.5 would be guessing, 1 is perfect."),
    );
    axes(&mut drawing, "ham blocked →", "↑ spam caught");
    drawing.line("ideal", SQUARE, [(0.0, 0.0), (1.0, 1.0)]);
    drawing.label("note", SQUARE, (0.6, 0.6), (8.0, 4.0), Anchor::Start, "guessing");
    let points = curve(scored);
    let place = |point: &Point| (share(point.ham, figures.ham), share(point.spam, figures.spam));
    let places: Vec<(f64, f64)> = [(0.0, 0.0)].into_iter().chain(points.iter().map(place)).collect();
    drawing.line("curve", SQUARE, thinned(&places));
    drawing.label("strong", SQUARE, (0.96, 0.1), (0.0, 0.0), Anchor::End, format_args!("area {area:.4}"));
    let rows = [
        ("none", caught.none),
        ("0.1 %", caught.one_in_1000),
        ("0.5 %", caught.five_in_1000),
        ("1 %", caught.one_in_100),
    ];
    Figure {
        heading: "Telling spam from ham".to_owned(),
        words: format!(
            "Take one spam and one genuine comment: the spam gets the higher probability in {} of all pairs.",
            percent(area)
        ),
        svg: drawing.finish(),
        heads: vec!["Ham blocked at most", "Spam caught"],
        rows: rows.iter().map(|(blocked, caught)| vec![(*blocked).to_owned(), percent(*caught)]).collect(),
    }
}

/// Precision against recall.
pub fn precision_recall(scored: &[(f64, Label)], figures: &Evaluation) -> Figure {
    let mean = figures.pr_auc;
    let mut drawing = Drawing::new(
        "precision-recall",
        HEIGHT,
        "Precision against recall",
        &format!("The precision-recall curve. Average precision is {mean:.4}."),
    );
    axes(&mut drawing, "spam caught (recall) →", "↑ spam among what is caught (precision)");
    let points = curve(scored);
    let base = share(figures.spam, figures.rows);
    drawing.line("ideal", SQUARE, [(0.0, base), (1.0, base)]);
    drawing.label("note", SQUARE, (0.02, base), (0.0, -6.0), Anchor::Start, "guessing");
    let place = |point: &Point| (share(point.spam, figures.spam), share(point.spam, point.spam + point.ham));
    let places: Vec<(f64, f64)> = points.iter().map(place).collect();
    drawing.line("curve", SQUARE, thinned(&places));
    let text = format_args!("average precision {mean:.4}").to_string();
    drawing.label("strong", SQUARE, (0.96, 0.1), (0.0, 0.0), Anchor::End, text);
    let rows = [0.5, 0.8, 0.9, 0.95, 0.99].into_iter().filter_map(|wanted| {
        let (_, precision) = places.iter().find(|(recall, _)| *recall >= wanted)?;
        Some(vec![percent(wanted), percent(*precision)])
    });
    Figure {
        heading: "Clean catch".to_owned(),
        words: format!(
            "At even odds {} of the spam is caught, and {} of the catch is spam.",
            percent(figures.recall),
            percent(figures.precision)
        ),
        svg: drawing.finish(),
        heads: vec!["Spam caught at least", "Spam among what is caught"],
        rows: rows.collect(),
    }
}

fn axes(drawing: &mut Drawing, across: &str, up: &str) {
    drawing.columns(SQUARE, &TICKS);
    drawing.rows(SQUARE, &TICKS);
    drawing.axes(SQUARE, across, up);
}

/// The points without those that nobody could see beside the one before. The last one stays.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for (place, &point) in points.iter().enumerate() {
        let near = |&(x, y): &(f64, f64)| (point.0 - x).abs() < FINE && (point.1 - y).abs() < FINE;
        if place + 1 == points.len() || !kept.last().is_some_and(near) {
            kept.push(point);
        }
    }
    kept
}
