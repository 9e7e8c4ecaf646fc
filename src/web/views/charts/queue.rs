//! How long comments wait for a person, and who decides on them.

use super::super::figures::{count, plural};
use super::axes::{Days, LOW, MAIN, Scale, course, middle, portion, refs, rows};
use crate::drawing::{Anchor, Drawing, Figure, Frame};
use crate::service::figures::{Decided, Figures};

/// Times to read on an axis, in seconds.
const TIMES: [(f64, &str); 8] = [
    (60.0, "1 m"),
    (600.0, "10 m"),
    (3_600.0, "1 h"),
    (21_600.0, "6 h"),
    (86_400.0, "1 d"),
    (604_800.0, "1 w"),
    (2_419_200.0, "4 w"),
    (31_449_600.0, "1 y"),
];

/// How long something took, in one unit.
fn lasting(seconds: f64) -> String {
    let (number, unit) = match seconds {
        ..90.0 => (seconds, "second"),
        90.0..5_400.0 => (seconds / 60.0, "minute"),
        5_400.0..129_600.0 => (seconds / 3_600.0, "hour"),
        _ => (seconds / 86_400.0, "day"),
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rounded duration")]
    let number = number.round() as u64;
    plural(number, unit, &format!("{unit}s"))
}

pub(super) fn waited(figures: &Figures, days: &Days) -> Option<Figure> {
    let Figures { periods, whole, .. } = figures;
    let (half, most) = whole.waited(0.5).zip(whole.waited(0.9))?;
    let longest = periods.iter().filter_map(|period| period.waited(0.9)).fold(most, f64::max);
    let end = TIMES.iter().position(|(time, _)| *time >= longest).unwrap_or(TIMES.len() - 1).max(2);
    let (low, high) = (20_f64.ln(), TIMES[end].0.ln());
    let y = |seconds: f64| (seconds.ln() - low) / (high - low);
    let mut drawing = Drawing::new(
        "waited",
        LOW,
        "How long held comments waited until somebody decided",
        "Two lines over time, on a scale on which each step is several times the one before: half of the comments waited no \
         longer than the solid one, nine in ten no longer than the dashed one.",
    );
    drawing.rows(MAIN, &TIMES[..=end].iter().map(|(time, name)| (y(*time), *name)).collect::<Vec<_>>());
    days.draw(&mut drawing, MAIN, periods.len());
    for (class, quantile, name) in [("second", 0.9, "nine in ten"), ("", 0.5, "half")] {
        let points: Vec<_> = periods
            .iter()
            .enumerate()
            .map(|(place, period)| {
                let seconds = period.waited(quantile)?;
                let title = format!("{}: {name} within {}", days.name(place), lasting(seconds));
                Some((middle(place, periods.len()), y(seconds), title))
            })
            .collect();
        course(&mut drawing, class, MAIN, &points);
        if let Some((x, y, _)) = points.iter().flatten().next_back() {
            let up = if quantile > 0.5 { -9.0 } else { 20.0 };
            drawing.label("strong", MAIN, (*x, *y), (0.0, up), Anchor::End, name);
        }
    }
    drawing.axes(MAIN, "", "↑ decided within");
    Some(Figure {
        heading: format!("Half of the held comments were decided within about {}", lasting(half)),
        words: format!(
            "Nine in ten within {}. By the day of the decision; times are right to a tenth, and decisions that were taken back \
             do not count.",
            lasting(most)
        ),
        svg: drawing.finish(),
        heads: vec![days.unit(), "Decided", "Half within", "Nine in ten within"],
        rows: rows(days, periods, |period| {
            let within = |share| period.waited(share).map_or("–".to_owned(), lasting);
            vec![count(period.waits()), within(0.5), within(0.9)]
        }),
    })
}

/// The ages of waiting comments, see [`crate::service::figures::AGES`].
const AGES: [&str; 6] = ["< 1 h", "< 6 h", "< 1 d", "< 3 d", "< 7 d", "older"];

pub(super) fn waits_now(figures: &Figures) -> Figure {
    let waiting = &figures.waiting;
    let all: u64 = waiting.ages.iter().sum();
    let mut drawing = Drawing::new(
        "waits-now",
        LOW,
        "Comments that wait now, by how long they have waited",
        "One bar for each age, the youngest first.",
    );
    let scale = Scale::new(0, waiting.ages.iter().copied().max().unwrap_or(0));
    drawing.rows(MAIN, &refs(&scale.ticks()));
    for (place, (number, name)) in waiting.ages.iter().zip(AGES).enumerate() {
        let at = middle(place, AGES.len());
        let top = scale.y(*number as f64);
        if *number > 0 {
            let title = format!("{} waiting, {name}", count(*number));
            drawing.bar("bar doubt", MAIN, (at - 0.07, 0.0), (at + 0.07, top), title);
        }
        drawing.label("strong", MAIN, (at, top), (0.0, -4.0), Anchor::Middle, count(*number));
        drawing.label("tick", MAIN, (at, 0.0), (0.0, 15.0), Anchor::Middle, name);
    }
    let oldest = waiting.oldest.map(|oldest| figures.now - oldest);
    Figure {
        heading: match oldest {
            None => "Nothing waits now".to_owned(),
            Some(oldest) => format!(
                "{} now, the oldest for {}",
                plural(all, "comment waits", "comments wait"),
                lasting(oldest.as_seconds_f64())
            ),
        },
        words: "Held comments, by how long ago they came in.".to_owned(),
        svg: drawing.finish(),
        heads: vec!["Waiting for", "Comments"],
        rows: waiting
            .ages
            .iter()
            .zip(AGES)
            .map(|(number, name)| vec![name.to_owned(), count(*number)])
            .collect(),
    }
}

/// So many people are drawn; the table has all.
const DRAWN: usize = 10;

pub(super) fn people(people: &[Decided]) -> Figure {
    let (decided, undone) = people.iter().fold((0, 0), |sum, one| (sum.0 + one.decided, sum.1 + one.undone));
    let drawn = &people[..people.len().min(DRAWN)];
    let height = 34.0 * drawn.len().max(1) as f64;
    let frame = Frame { top: 8.0, height };
    let mut drawing = Drawing::new(
        "people",
        height + 12.0,
        "Decisions by moderator",
        "One bar for each moderator, who made most first.",
    );
    let most = people.first().map_or(1, |one| one.decided).max(1) as f64;
    for (place, one) in drawn.iter().enumerate() {
        let row = |within: f64| 1.0 - (place as f64 + within) / drawn.len() as f64;
        let length = one.decided as f64 / most;
        let name: String = one.name.chars().take(30).collect();
        drawing.label(
            "axis",
            frame,
            (0.0, row(0.36)),
            (0.0, 0.0),
            Anchor::Start,
            format_args!("{name}, {}", count(one.decided)),
        );
        drawing.bar(
            "bar",
            frame,
            (0.0, row(0.5)),
            (length.max(0.004), row(0.85)),
            format_args!("{}: {}", one.name, count(one.decided)),
        );
    }
    let heading = match people.len() {
        0 => "Nobody has decided anything on these days".to_owned(),
        number => format!(
            "{} made {}",
            plural(number as u64, "person", "people"),
            plural(decided, "decision", "decisions")
        ),
    };
    Figure {
        heading,
        words: format!(
            "{} taken back. More is not better: what is decided at one stroke counts comment by comment.",
            plural(undone, "was", "were")
        ),
        svg: drawing.finish(),
        heads: vec!["Moderator", "Decisions", "Taken back", "Share taken back"],
        rows: people
            .iter()
            .map(|one| {
                vec![
                    one.name.clone(),
                    count(one.decided),
                    count(one.undone),
                    portion(one.undone, one.decided),
                ]
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_told_in_one_unit() {
        for (seconds, words) in [
            (1.0, "1 second"),
            (90.0, "2 minutes"),
            (3_600.0, "60 minutes"),
            (86_400.0, "24 hours"),
            (2e6, "23 days"),
        ] {
            assert_eq!(lasting(seconds), words);
        }
    }
}
