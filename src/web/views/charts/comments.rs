//! What came in, what was decided without a person, and how often that was wrong.

use super::super::figures::{count, few, plural, share};
use super::axes::{BELOW, Bars, Days, LOW, MAIN, SHARES, course, middle, mirrored, portion, rows};
use crate::drawing::{Anchor, Drawing, Figure, Frame};
use crate::policy::End;
use crate::service::figures::Figures;

pub(super) fn came_in(figures: &Figures, days: &Days) -> Figure {
    let Figures { periods, whole, .. } = figures;
    let number = periods.len();
    let mut drawing = Drawing::new(
        "came-in",
        308.0,
        "Comments that came in, by where they stand now",
        "Published above the line; spam below it, rejected ones as outlines after it; in a row of its own what waits.",
    );
    let bars: Vec<(Bars, Bars)> = periods
        .iter()
        .map(|period| {
            let down = vec![("bar spam", "spam", period.spam), ("bar out", "rejected", period.rejected)];
            (vec![("bar ham", "published", period.approved)], down)
        })
        .collect();
    mirrored(&mut drawing, MAIN, days, &bars);
    drawing.label(
        "strong",
        MAIN,
        (0.02, 1.0),
        (0.0, -8.0),
        Anchor::Start,
        format_args!("▲ published, {}", count(whole.approved)),
    );
    drawing.label(
        "strong",
        MAIN,
        (0.02, 0.0),
        (0.0, 13.0),
        Anchor::Start,
        format_args!("▼ spam, {}", count(whole.spam)),
    );
    let held: Vec<(Bars, Bars)> =
        periods.iter().map(|period| (vec![("bar doubt", "waiting", period.held)], Vec::new())).collect();
    mirrored(&mut drawing, BELOW, days, &held);
    drawing.label(
        "strong",
        BELOW,
        (0.98, 1.0),
        (0.0, -8.0),
        Anchor::End,
        format_args!("◐ still waiting, {}", count(whole.held)),
    );
    days.draw(&mut drawing, BELOW, number);
    let a_day = whole.came_in() as f64 / ((figures.last - figures.first).whole_days() + 1) as f64;
    Figure {
        heading: format!(
            "{} comments a day, {} of them spam",
            few(a_day),
            portion(whole.spam, whole.came_in())
        ),
        words: format!(
            "{} came in; {} are published, {} spam, {} rejected, and {} wait. Counted on the day they came in, by where they \
             stand now.",
            plural(whole.came_in(), "comment", "comments"),
            count(whole.approved),
            count(whole.spam),
            count(whole.rejected),
            count(whole.held)
        ),
        svg: drawing.finish(),
        heads: vec![days.unit(), "Published", "Spam", "Rejected", "Waiting", "All"],
        rows: rows(days, periods, |period| {
            [period.approved, period.spam, period.rejected, period.held, period.came_in()].map(count).to_vec()
        }),
    }
}

pub(super) fn alone(figures: &Figures, days: &Days) -> Figure {
    let Figures { periods, whole, .. } = figures;
    let mut drawing = Drawing::new(
        "alone",
        LOW + 20.0,
        "Share of comments decided without a person",
        "One line; the nearer to 100 %, the fewer comments people had to look at.",
    );
    drawing.rows(MAIN, &SHARES);
    days.draw(&mut drawing, MAIN, periods.len());
    let points: Vec<_> = periods
        .iter()
        .enumerate()
        .map(|(place, period)| {
            let alone = period.alone_share()?;
            Some((middle(place, periods.len()), alone, format!("{}: {}", days.name(place), share(alone))))
        })
        .collect();
    course(&mut drawing, "", MAIN, &points);
    drawing.axes(MAIN, "", "↑ decided without a person");
    let decided = whole.alone_share().map_or("Nothing is known of what".to_owned(), share);
    Figure {
        heading: format!("{decided} was decided without a person"),
        words: format!(
            "{} were published or turned away at once; {} waited for somebody. Of comments from before Moderato noted it, \
             nothing is known.",
            plural(whole.alone, "comment", "comments"),
            plural(whole.asked, "comment", "comments")
        ),
        svg: drawing.finish(),
        heads: vec![days.unit(), "At once", "Held", "Share at once"],
        rows: rows(days, periods, |period| {
            let alone = period.alone_share().map_or("–".to_owned(), share);
            vec![count(period.alone), count(period.asked), alone]
        }),
    }
}

pub(super) fn corrected(figures: &Figures, days: &Days) -> Figure {
    let Figures { periods, whole, published, turned_away, .. } = figures;
    let mut drawing = Drawing::new(
        "corrected",
        LOW + 24.0,
        "Decisions made without a person that people have corrected",
        "Above the line spam that had been published, below it good comments that had been turned away.",
    );
    let bars: Vec<(Bars, Bars)> = periods
        .iter()
        .map(|period| {
            let missed = vec![("bar spam", "published, and spam", period.missed)];
            (missed, vec![("bar ham", "turned away, and good", period.blocked)])
        })
        .collect();
    mirrored(&mut drawing, MAIN, days, &bars);
    days.draw(&mut drawing, Frame { height: MAIN.height + 12.0, ..MAIN }, periods.len());
    drawing.label(
        "strong",
        MAIN,
        (0.02, 1.0),
        (0.0, -8.0),
        Anchor::Start,
        format_args!("▲ published, but spam: {}", count(whole.missed)),
    );
    drawing.label(
        "strong",
        MAIN,
        (0.02, 0.0),
        (0.0, 12.0),
        Anchor::Start,
        format_args!("▼ turned away, but good: {}", count(whole.blocked)),
    );
    Figure {
        heading: format!(
            "People corrected {} of {}",
            count(whole.missed + whole.blocked),
            plural(whole.alone, "decision made without them", "decisions made without them")
        ),
        words: format!(
            "By the day the comment came in. What nobody came upon is not in it. {} {}",
            audited(published, "published", "spam"),
            audited(turned_away, "turned away", "good")
        ),
        svg: drawing.finish(),
        heads: vec![days.unit(), "Published, but spam", "Turned away, but good"],
        rows: rows(days, periods, |period| vec![count(period.missed), count(period.blocked)]),
    }
}

/// What the audit sample says of one end.
fn audited(end: &End, what: &str, wrong: &str) -> String {
    match end.rate {
        None => format!("No audit sample says how much of what was {what} is {wrong}."),
        Some(rate) => format!(
            "By the audit sample ({}), {} to {} of what was {what} is {wrong}.",
            plural(end.labels, "comment", "comments"),
            share(rate.at_least),
            share(rate.at_most)
        ),
    }
}
