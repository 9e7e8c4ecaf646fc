//! How well the scores told spam from ham, by what people decided.

use time::Date;

use super::super::figures::{count, plural, share};
use super::Section;
use super::axes::{Days, LOW, MAIN, course, middle, refs, round_up};
use crate::drawing::{Anchor, Drawing, Figure};
use crate::service::figures::{ENOUGH, Measured};
use crate::training;

pub(super) fn model(measured: &Measured, first: Date) -> Section {
    let heading = "The scores";
    let Some(evaluation) = &measured.evaluation else {
        let note = format!(
            "To measure them it takes {ENOUGH} comments that people said are spam and {ENOUGH} that they said are good; these \
             days have {}.",
            plural(measured.labelled, "comment with a label", "comments with a label")
        );
        return Section { heading, note, figures: Vec::new() };
    };
    let basis = match measured.scored.len() as u64 {
        some if some < measured.labelled => {
            format!("A random {} of the {}", count(some), count(measured.labelled))
        }
        all => format!("The {}", count(all)),
    };
    let note = format!(
        "{basis} comments of these days that people have decided on: by the score each came in with, whichever model gave it. \
         People decide mostly on what is in doubt, so these figures are worse than those of all comments."
    );
    let days = Days { first, step: 7 };
    let figures = vec![
        over_time(
            measured,
            &days,
            &Pair {
                id: "ranking",
                title: "How well scores rank spam above ham, by week",
                axis: "↑ area under the curve",
                names: ["ROC", "precision-recall"],
                values: |week| [week.roc_auc, week.pr_auc],
                best: 1.0,
            },
            format!("Scores rank spam above good comments in {} of all pairs", share(evaluation.roc_auc)),
        ),
        over_time(
            measured,
            &days,
            &Pair {
                id: "calibration",
                title: "How far probabilities are from the truth, by week",
                axis: "↑ error",
                names: ["Brier score", "calibration error"],
                values: |week| [week.brier, week.ece],
                best: 0.0,
            },
            format!("On average a probability is off by {}", share(evaluation.ece)),
        ),
        training::reliability(evaluation),
        training::roc(&measured.scored, evaluation),
        training::precision_recall(&measured.scored, evaluation),
    ];
    Section { heading, note, figures }
}

/// Two measures of the scores that are drawn together.
struct Pair {
    id: &'static str,
    title: &'static str,
    axis: &'static str,
    names: [&'static str; 2],
    values: fn(&training::Evaluation) -> [f64; 2],
    /// 1 or 0.
    best: f64,
}

fn over_time(measured: &Measured, days: &Days, pair: &Pair, heading: String) -> Figure {
    let weeks = &measured.weeks;
    let known = || weeks.iter().flatten().flat_map(|week| (pair.values)(week));
    // From the best value to a round one beyond the worst.
    let worst = known().fold(0.0, |worst: f64, value| worst.max((value - pair.best).abs()));
    let span = round_up(worst.max(0.01)).min(1.0);
    let y = |value: f64| if pair.best > 0.5 { (value - 1.0 + span) / span } else { value / span };
    let mut drawing = Drawing::new(
        pair.id,
        LOW + 20.0,
        pair.title,
        &format!(
            "{} as a solid line, {} as a dashed one; upright lines where another model was put in force.",
            pair.names[0], pair.names[1]
        ),
    );
    let ticks: Vec<(f64, String)> = [0.0, 0.5, 1.0]
        .map(|part| (part, figure(if pair.best > 0.5 { 1.0 - span * (1.0 - part) } else { span * part })))
        .to_vec();
    drawing.rows(MAIN, &refs(&ticks));
    days.draw(&mut drawing, MAIN, weeks.len());
    for (at, model) in &measured.promotions {
        drawing.line("cut", MAIN, [(*at, 0.0), (*at, 1.0)]);
        let anchor = if *at < 0.5 { Anchor::Start } else { Anchor::End };
        let away = if *at < 0.5 { 4.0 } else { -4.0 };
        drawing.label("tiny", MAIN, (*at, 0.0), (away, -5.0), anchor, format_args!("model {model}"));
    }
    let mut ends = Vec::new();
    for (which, class) in [(1, "second"), (0, "")] {
        let points: Vec<_> = weeks
            .iter()
            .enumerate()
            .map(|(place, week)| {
                let value = (pair.values)(week.as_ref()?)[which];
                let title =
                    format!("Week from {}: {} {}", days.name(place), pair.names[which], figure(value));
                Some((middle(place, weeks.len()), y(value), title))
            })
            .collect();
        course(&mut drawing, class, MAIN, &points);
        ends.extend(points.iter().flatten().next_back().map(|(x, y, _)| (*x, *y, pair.names[which])));
    }
    // The lower line is named below it, the upper one above.
    ends.sort_by(|a, b| a.1.total_cmp(&b.1));
    for ((x, y, name), dy) in ends.into_iter().zip([17.0, -9.0]) {
        let (anchor, dx) = if x > 0.5 { (Anchor::End, 4.0) } else { (Anchor::Start, -4.0) };
        drawing.label("strong", MAIN, (x, y), (dx, dy), anchor, name);
    }
    drawing.axes(MAIN, "", pair.axis);
    let promoted = match measured.promotions.len() as u64 {
        0 => "No model was put in force on these days".to_owned(),
        number => format!("{} put in force on these days", plural(number, "model was", "models were")),
    };
    Figure {
        heading,
        words: format!("{promoted}. Weeks with fewer than {ENOUGH} of either kind are left out."),
        svg: drawing.finish(),
        heads: vec!["Week from", "Labels", pair.names[0], pair.names[1]],
        rows: weeks
            .iter()
            .enumerate()
            .rev()
            .filter_map(|(place, week)| {
                let week = week.as_ref()?;
                let [first, second] = (pair.values)(week).map(figure);
                Some(vec![days.name(place), count(week.rows), first, second])
            })
            .collect(),
    }
}

fn figure(value: f64) -> String {
    format!("{value:.3}")
}
