//! Thresholds: how scores lie, what two cuts do, and what others would do.

#![expect(clippy::cast_precision_loss, reason = "counts of comments are far below 2^52")]

use askama::Template;

use super::desk::{Choice, Flash};
use super::figures::{count, few, plural, share};
use super::parts::{Layout, PostButton};
use crate::classifier::scale::{BARS, MOST, TICKS, edges, place};
use crate::policy::{End, Forecast, Thresholds};

/// The thresholds of a site.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/thresholds.html")]
pub struct ThresholdsPage {
    /// Around the page.
    pub layout: Layout,
    /// What just happened.
    pub flash: Option<Flash>,
    /// The sites to choose from; their values are names.
    pub sites: Vec<Choice>,
    /// Title of the site shown.
    pub title: String,
    /// What is in the fields.
    pub fields: ThresholdFields,
    /// Why what was typed cannot be.
    pub error: Option<String>,
    /// How many comments are replayed,
    pub comments: u64,
    /// of so many days.
    pub days: f64,
    /// What the thresholds in force do.
    pub present: Outlook,
    /// What the proposed ones would do.
    pub proposed: Option<Outlook>,
    /// What the proposed promise rests on, a sentence an end.
    pub promise: Vec<String>,
    /// Puts what is proposed in force. `None` for people who may not, and without a proposal.
    pub put: Option<PostButton>,
    /// How the scores lie.
    pub bars: Vec<ScoreBar>,
    /// The errors of what was decided without a person.
    pub audit: Audit,
}

/// What is typed into the two forms.
#[derive(Debug, Clone, Default)]
pub struct ThresholdFields {
    /// Name of the site.
    pub site: String,
    /// Publish below.
    pub approve_below: String,
    /// Turn away from.
    pub reject_from: String,
    /// At most so many percent spam in what is published.
    pub spam_published: String,
    /// At most so many percent good in what is turned away.
    pub ham_rejected: String,
}

/// What two thresholds do to the comments of a period.
#[derive(Debug, Clone, Copy)]
pub struct Outlook {
    /// The thresholds.
    pub thresholds: Thresholds,
    /// What becomes of the comments.
    pub forecast: Forecast,
    /// In how many days they came in.
    pub days: f64,
}

/// Comments of about the same score.
#[derive(Debug, Clone, Copy, Default)]
pub struct ScoreBar {
    /// People say they are ham.
    pub ham: u64,
    /// People say they are spam.
    pub spam: u64,
    /// People rejected them: neither.
    pub unwanted: u64,
    /// Published, and nobody has looked.
    pub published: u64,
    /// Turned away, and nobody has looked.
    pub rejected: u64,
    /// Held, and not decided yet; or it is not known what was decided.
    pub waiting: u64,
}

/// The errors of what was decided without a person.
#[derive(Debug, Clone, Copy)]
pub struct Audit {
    /// The share that is drawn from now on.
    pub share: f64,
    /// What was published; its errors are spam.
    pub published: End,
    /// What was turned away; its errors are good.
    pub rejected: End,
    /// So many wait in the sample.
    pub waiting: u64,
}

/// One line of the table of outcomes.
struct OutcomeRow {
    name: &'static str,
    class: &'static str,
    whose: &'static str,
    comments: u64,
    a_day: String,
    end: Option<(End, &'static str)>,
}

/// A part of the drawing.
struct Shape {
    class: &'static str,
    x: f64,
    y: f64,
    width: f64,
    height: f64,
    title: String,
}

/// The drawing, in its own units.
const LEFT: f64 = 8.0;
const WIDTH: f64 = 324.0;
const TOP: f64 = 20.0;
const HEIGHT: f64 = 240.0;
/// Height of the longest bars of both sides together, as a share.
const LONGEST: f64 = 0.94;

impl Outlook {
    /// What happens in a day.
    fn sentence(&self) -> String {
        let Forecast { published, held, rejected } = self.forecast;
        let day = |comments| a_day(comments, self.days);
        format!(
            "A day: {} published unseen{}, {} for you, {} turned away{}.",
            day(published.comments),
            errors(&published, "spam"),
            day(held),
            day(rejected.comments),
            errors(&rejected, "good"),
        )
    }

    /// What the sentence leaves out, if anything.
    fn caveats(&self) -> Vec<String> {
        let caveat = |end: &End, what: &str, wrong: &str| {
            let mut said = Vec::new();
            if end.unknown > 0 && end.rate.is_some() {
                said.push(format!(
                    "Of the {} {what}, no label speaks for {}: whether they are {wrong} is not known.",
                    count(end.comments),
                    count(end.unknown)
                ));
            }
            if end.found > 0 {
                said.push(format!(
                    "People came upon {} among those {what}. That does not count above, since people look where they \
                     suspect.",
                    plural(end.found, &format!("{wrong} comment"), &format!("{wrong} comments"))
                ));
            }
            said
        };
        let Forecast { published, rejected, .. } = &self.forecast;
        [caveat(published, "published unseen", "spam"), caveat(rejected, "turned away", "good")].concat()
    }

    fn rows(&self, whose: &'static str) -> [OutcomeRow; 3] {
        let Forecast { published, held, rejected } = self.forecast;
        let row = |name, class, comments, end| OutcomeRow {
            name,
            class,
            whose,
            comments,
            a_day: a_day(comments, self.days),
            end,
        };
        [
            row("Published unseen", "published", published.comments, Some((published, "spam"))),
            row("For you", "held", held, None),
            row("Turned away", "rejected", rejected.comments, Some((rejected, "good"))),
        ]
    }

    fn cuts(&self) -> String {
        let (low, high) = (self.thresholds.approve_below(), self.thresholds.reject_from());
        let published =
            if low > 0.0 { format!("Published below {low}") } else { "Nothing published unseen".to_owned() };
        let rejected = if high <= 1.0 {
            format!("turned away from {high} on")
        } else {
            "nothing turned away".to_owned()
        };
        format!("{published}, {rejected}")
    }
}

impl OutcomeRow {
    fn labels(&self) -> String {
        self.end.map_or_else(String::new, |(end, wrong)| {
            format!("{} {wrong} of {}", count(end.errors), plural(end.labels, "label", "labels"))
        })
    }

    fn rate(&self) -> String {
        self.end
            .map_or_else(String::new, |(end, _)| end.rate.map_or_else(unknown, |rate| share(rate.estimate)))
    }

    fn interval(&self) -> String {
        self.end.map_or_else(String::new, |(end, _)| {
            end.rate
                .map_or_else(unknown, |rate| format!("{} to {}", share(rate.at_least), share(rate.at_most)))
        })
    }

    fn unknown(&self) -> String {
        self.end.map_or_else(String::new, |(end, _)| count(end.unknown))
    }
}

impl Audit {
    fn drawn(&self) -> String {
        share(self.share)
    }

    fn sentences(&self) -> [String; 2] {
        let sentence = |end: &End, what: &str, wrong: &str| {
            let all = plural(end.comments, "comment was", "comments were");
            match end.rate {
                None if end.comments == 0 => format!("Nothing was {what} without a person."),
                None => format!(
                    "{all} {what} without a person, and nobody has looked at a sample of them yet: how many are \
                     {wrong} is not known."
                ),
                Some(rate) => format!(
                    "{all} {what} without a person. Of those drawn at random, {} looked at and {} {wrong}: the true \
                     rate is between {} and {}.{}",
                    plural(end.labels, "was", "were"),
                    plural(end.errors, "was", "were"),
                    share(rate.at_least),
                    share(rate.at_most),
                    match end.unknown {
                        0 => String::new(),
                        unknown => format!(" For {} of them no sample speaks.", count(unknown)),
                    }
                ),
            }
        };
        [sentence(&self.published, "published", "spam"), sentence(&self.rejected, "turned away", "good")]
    }
}

impl ScoreBar {
    /// What stands above the line, drawn and outlined.
    fn up(&self) -> (u64, u64) {
        (self.ham, self.ham + self.published)
    }

    /// What hangs below it.
    fn down(&self) -> (u64, u64) {
        (self.spam, self.spam + self.rejected)
    }

    fn is_empty(&self) -> bool {
        self.up().1 + self.down().1 + self.unwanted + self.waiting == 0
    }
}

impl ThresholdsPage {
    /// Height of the line between ham and spam, and what a root of one comment is long.
    fn middle(&self) -> (f64, f64) {
        let longest =
            |of: &dyn Fn(&ScoreBar) -> u64| (self.bars.iter().map(of).max().unwrap_or(0) as f64).sqrt();
        let (up, down) = (longest(&|bar| bar.up().1), longest(&|bar| bar.down().1));
        let unit = LONGEST * HEIGHT / (up + down).max(1.0);
        (tenth(TOP + HEIGHT / 2.0 + (up - down) / 2.0 * unit), unit)
    }

    /// Bars grow with the square root of the comments, so that few stay visible beside many.
    fn shapes(&self) -> Vec<Shape> {
        let (middle, unit) = self.middle();
        let step = WIDTH / BARS as f64;
        let mut shapes = Vec::new();
        for (index, bar) in self.bars.iter().enumerate() {
            let x = tenth(LEFT + index as f64 * step + 0.5);
            let mut add = |class, comments: u64, up: bool, what: &str| {
                let height = tenth(unit * (comments as f64).sqrt());
                let y = if up { tenth(middle - height) } else { middle };
                let title = format!("{} {what}, {}", count(comments), range(index));
                if comments > 0 {
                    shapes.push(Shape { class, x, y, width: tenth(step - 1.0), height, title });
                }
            };
            let ((ham, up), (spam, down)) = (bar.up(), bar.down());
            add("outline ham", if up > ham { up } else { 0 }, true, "ham or published unseen");
            add("outline spam", if down > spam { down } else { 0 }, false, "spam or turned away unseen");
            add("solid ham", ham, true, "ham");
            add("solid spam", spam, false, "spam");
        }
        shapes
    }

    fn table(&self) -> Vec<(String, ScoreBar)> {
        let bars = self.bars.iter().enumerate().filter(|(_, bar)| !bar.is_empty());
        bars.map(|(index, bar)| (range(index), *bar)).collect()
    }

    fn ticks() -> [(f64, &'static str); 7] {
        TICKS.map(|(probability, name)| (x(probability), name))
    }

    /// The cuts as drawn: name of the field, place, and whether it is a proposed one.
    fn cut_lines(&self) -> Vec<(&'static str, f64, bool)> {
        let lines = |outlook: &Outlook, proposed| {
            let thresholds = outlook.thresholds;
            [
                ("approve_below", x(thresholds.approve_below()), proposed),
                ("reject_from", x(thresholds.reject_from()), proposed),
            ]
        };
        let mut all = lines(&self.present, false).to_vec();
        all.extend(lines(self.proposed.as_ref().unwrap_or(&self.present), true));
        all
    }

    fn rows(&self) -> Vec<OutcomeRow> {
        let mut rows: Vec<_> = self.present.rows("In force").into();
        if let Some(proposed) = &self.proposed {
            rows.extend(proposed.rows("Proposed"));
        }
        rows
    }

    fn basis(&self) -> String {
        let days = match few(self.days).as_str() {
            "1" => "day".to_owned(),
            days => format!("{days} days"),
        };
        format!("{} of the last {days}", plural(self.comments, "comment", "comments"))
    }

    /// Left end and width of the scale, and its log-odds at both ends, for the sliders.
    fn scale() -> (f64, f64, f64) {
        (LEFT, WIDTH, MOST)
    }

    fn bottom() -> f64 {
        TOP + HEIGHT
    }

    fn choose_site(&self) -> bool {
        self.sites.len() > 1
    }
}

/// `(0.3 % spam, at most 0.7 %)`, or that nobody knows.
fn errors(end: &End, wrong: &str) -> String {
    match end.rate {
        _ if end.comments == 0 => String::new(),
        None => format!(" (nobody has looked how much of it is {wrong})"),
        Some(rate) => format!(" ({} {wrong}, at most {})", share(rate.estimate), share(rate.at_most)),
    }
}

fn unknown() -> String {
    "not known".to_owned()
}

/// So many a day.
fn a_day(comments: u64, days: f64) -> String {
    few(comments as f64 / days)
}

fn x(probability: f64) -> f64 {
    tenth(LEFT + WIDTH * place(probability))
}

fn tenth(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// The probabilities of a bar.
fn range(bar: usize) -> String {
    let (low, high) = edges(bar);
    if low < 0.9 {
        format!("{} to {}", share(low), share(high))
    } else {
        format!("{:.2} to {:.2}\u{a0}%", 100.0 * low, 100.0 * high)
    }
}
