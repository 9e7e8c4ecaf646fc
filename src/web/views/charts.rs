//! The page of figures, and how each figure is drawn: what it says in words, the drawing, and the table behind it.

#![expect(clippy::cast_precision_loss, reason = "counts of comments are far below 2^52")]

use askama::Template;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{Date, Duration};

use super::desk::Choice;
use super::figures::{count, few, plural, share};
use super::parts::{Layout, SafeHtml};
use crate::drawing::{Anchor, Drawing, Figure, Frame};
use crate::policy::End;
use crate::service::figures::{Decided, ENOUGH, Figures, Measured, Period};
use crate::training;

/// Figures of one site or of several.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/figures.html")]
pub struct FiguresPage {
    /// Around the page.
    pub layout: Layout,
    /// The sites to choose from, all of them first.
    pub sites: Vec<Choice>,
    /// The spans of time to choose from.
    pub spans: Vec<Choice>,
    /// Whose figures: a site's title, or all sites.
    pub title: String,
    /// Figures that belong together.
    pub sections: Vec<Section>,
}

/// Figures that belong together.
#[derive(Debug, Clone)]
pub struct Section {
    /// Their heading.
    pub heading: &'static str,
    /// What is to be known of all of them, or why there is none.
    pub note: String,
    /// The figures.
    pub figures: Vec<Figure>,
}

impl FiguresPage {
    fn drawing(figure: &Figure) -> SafeHtml {
        SafeHtml(figure.svg.clone())
    }

    fn choose_site(&self) -> bool {
        self.sites.len() > 2
    }
}

/// Everything there is to see.
pub fn sections(figures: &Figures) -> Vec<Section> {
    let days = Days { first: figures.first, step: step(figures) };
    let nothing = "No comment came in on these days.";
    let any = figures.whole.came_in() > 0;
    let comments = if any {
        vec![came_in(figures, &days), alone(figures, &days), corrected(figures, &days)]
    } else {
        Vec::new()
    };
    let held = waited(figures, &days).into_iter().chain([waits_now(figures)]);
    let team = figures.people.as_deref().map(people);
    vec![
        Section {
            heading: "Comments",
            note: if any { String::new() } else { nothing.to_owned() },
            figures: comments,
        },
        Section {
            heading: "The queue and who works it",
            note: match &team {
                None => "What each moderator decided is shown to those who moderate.".to_owned(),
                Some(_) => String::new(),
            },
            figures: held.chain(team).collect(),
        },
        model(&figures.measured, figures.first),
    ]
}

/// How many days a period has.
fn step(figures: &Figures) -> i64 {
    let days = (figures.last - figures.first).whole_days() + 1;
    days / i64::try_from(figures.periods.len().max(1)).unwrap_or(1)
}

/// The days that are drawn.
struct Days {
    first: Date,
    step: i64,
}

const SHORT: &[BorrowedFormatItem<'_>] = format_description!("[day padding:none] [month repr:short]");
const LONG: &[BorrowedFormatItem<'_>] = format_description!("[day padding:none] [month repr:short] [year]");

impl Days {
    fn begin(&self, period: usize) -> Date {
        self.first + Duration::days(self.step * i64::try_from(period).unwrap_or_default())
    }

    fn unit(&self) -> &'static str {
        if self.step == 1 { "Day" } else { "Week from" }
    }

    fn name(&self, period: usize) -> String {
        self.begin(period).format(LONG).unwrap_or_default()
    }

    /// About four dates to read, each at the middle of its period.
    fn ticks(&self, periods: usize) -> Vec<(f64, String)> {
        let apart = ((periods + 2) / 4).max(1);
        (0..periods)
            .step_by(apart)
            .map(|period| (middle(period, periods), self.begin(period).format(SHORT).unwrap_or_default()))
            .collect()
    }

    fn draw(&self, drawing: &mut Drawing, frame: Frame, periods: usize) {
        let ticks = self.ticks(periods);
        drawing.columns(frame, &refs(&ticks));
    }
}

fn refs(ticks: &[(f64, String)]) -> Vec<(f64, &str)> {
    ticks.iter().map(|(place, name)| (*place, name.as_str())).collect()
}

fn middle(place: usize, of: usize) -> f64 {
    (place as f64 + 0.5) / of as f64
}

/// Counts above and below a line, on one scale with round steps.
struct Scale {
    down: f64,
    up: f64,
    step: f64,
}

impl Scale {
    fn new(down: u64, up: u64) -> Self {
        let step = round_up(up.max(down).max(1) as f64 / 2.0).max(1.0);
        let whole = |most: u64| (most as f64 / step).ceil() * step;
        let (down, up) = (whole(down), whole(up));
        Self { down, up: if up + down > 0.0 { up } else { step }, step }
    }

    fn y(&self, value: f64) -> f64 {
        (value + self.down) / (self.up + self.down)
    }

    fn ticks(&self) -> Vec<(f64, String)> {
        let mut ticks = Vec::new();
        let mut value = -self.down;
        while value <= self.up + self.step / 2.0 {
            ticks.push((self.y(value), few(value.abs())));
            value += self.step;
        }
        ticks
    }
}

/// The next number of 1, 2 and 5 times a power of ten.
fn round_up(number: f64) -> f64 {
    let power = 10_f64.powf(number.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|of| of * power)
        .find(|round| *round >= number * 0.999)
        .unwrap_or(number)
}

/// Bars of one period, outwards from the line; each with its class and what it counts.
type Bars = Vec<(&'static str, &'static str, u64)>;

/// Draws bars up and down from a line, one pair a period.
fn mirrored(drawing: &mut Drawing, frame: Frame, days: &Days, bars: &[(Bars, Bars)]) {
    let sum = |bars: &Bars| bars.iter().map(|(_, _, number)| number).sum::<u64>();
    let up = bars.iter().map(|(up, _)| sum(up)).max().unwrap_or(0);
    let down = bars.iter().map(|(_, down)| sum(down)).max().unwrap_or(0);
    let scale = Scale::new(down, up);
    drawing.rows(frame, &refs(&scale.ticks()));
    for (place, (up, down)) in bars.iter().enumerate() {
        let side = 0.42 / bars.len() as f64;
        let (left, right) = (middle(place, bars.len()) - side, middle(place, bars.len()) + side);
        for (bars, way) in [(up, 1.0), (down, -1.0)] {
            let mut from = 0.0;
            for (class, what, number) in bars {
                let to = from + way * *number as f64;
                if *number > 0 {
                    let title = format!("{}: {} {what}", days.name(place), count(*number));
                    drawing.bar(class, frame, (left, scale.y(from)), (right, scale.y(to)), title);
                }
                from = to;
            }
        }
    }
    drawing.line("middle", frame, [(0.0, scale.y(0.0)), (1.0, scale.y(0.0))]);
}

const MAIN: Frame = Frame { top: 24.0, height: 170.0 };
const BELOW: Frame = Frame { top: 232.0, height: 44.0 };
const LOW: f64 = 222.0;

fn came_in(figures: &Figures, days: &Days) -> Figure {
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

/// A line of the table for each period, the newest first.
fn rows(days: &Days, periods: &[Period], cells: impl Fn(&Period) -> Vec<String>) -> Vec<Vec<String>> {
    let row = |(place, period)| [vec![days.name(place)], cells(period)].concat();
    periods.iter().enumerate().rev().map(row).collect()
}

fn portion(part: u64, whole: u64) -> String {
    if whole == 0 { "none".to_owned() } else { share(part as f64 / whole as f64) }
}

const SHARES: [(f64, &str); 5] = [(0.0, "0"), (0.25, "25 %"), (0.5, "50 %"), (0.75, "75 %"), (1.0, "100 %")];

/// Lines between points that are known, with a dot at each.
fn course(drawing: &mut Drawing, class: &str, frame: Frame, points: &[Option<(f64, f64, String)>]) {
    for known in points.split(Option::is_none) {
        drawing.line(&format!("curve {class}"), frame, known.iter().flatten().map(|(x, y, _)| (*x, *y)));
    }
    // Of many points a line says enough.
    for (x, y, title) in points.iter().flatten().filter(|_| points.len() <= 28) {
        drawing.dot(&format!("dot {class}"), frame, (*x, *y), title);
    }
}

fn alone(figures: &Figures, days: &Days) -> Figure {
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

fn corrected(figures: &Figures, days: &Days) -> Figure {
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

fn waited(figures: &Figures, days: &Days) -> Option<Figure> {
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

fn waits_now(figures: &Figures) -> Figure {
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

fn people(people: &[Decided]) -> Figure {
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

fn model(measured: &Measured, first: Date) -> Section {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_have_round_steps_and_hold_everything() {
        for (down, up) in [(0, 0), (0, 1), (3, 41), (112, 7), (1_000_000, 999)] {
            let scale = Scale::new(down, up);
            assert!(scale.up >= up as f64 && scale.down >= down as f64, "{down} {up}");
            let ticks = scale.ticks();
            assert!((2..=5).contains(&ticks.len()), "{down} {up}: {ticks:?}");
            assert!(ticks.iter().all(|(place, _)| (-1e-9..=1.0 + 1e-9).contains(place)));
        }
    }

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
