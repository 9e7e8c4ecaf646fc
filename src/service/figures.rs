//! Figures that people look at: what came in and what became of it, how long comments waited, who decided, and how well
//! the scores have told spam from ham. Counts are the sums that triggers keep (`store/tallies.rs`), so they are exact.

use std::collections::BTreeMap;

use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

use super::accounts::{Moderator, Role};
use super::live::label;
use crate::app::App;
use crate::classifier::{Evaluation, Label};
use crate::comment::State;
use crate::policy::{End, Selection, Thresholds, Truth};
use crate::store::tallies::{Tally, What};
use crate::store::{StoreError, models, moderators, queues, scores, tallies};
use crate::training::evaluate;

/// How far back figures go, in whole weeks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// One week, by the day.
    Week,
    /// Four weeks, by the day.
    Month,
    /// 13 weeks, by the week.
    Quarter,
    /// 52 weeks, by the week.
    Year,
}

impl Span {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Week, Self::Month, Self::Quarter, Self::Year];

    /// How many days, today included.
    pub fn days(self) -> i32 {
        match self {
            Self::Week => 7,
            Self::Month => 28,
            Self::Quarter => 91,
            Self::Year => 364,
        }
    }

    /// How many days are drawn as one.
    pub fn step(self) -> i32 {
        match self {
            Self::Week | Self::Month => 1,
            Self::Quarter | Self::Year => 7,
        }
    }
}

/// What happened in some days, at the sites asked for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Period {
    /// Came in and is published.
    pub approved: u64,
    /// Came in and is spam.
    pub spam: u64,
    /// Came in and is rejected, or deleted.
    pub rejected: u64,
    /// Came in and waits for a person.
    pub held: u64,
    /// Came in and was published or turned away without a person.
    pub alone: u64,
    /// Came in and was held.
    pub asked: u64,
    /// Was published without a person, and people say it is spam.
    pub missed: u64,
    /// Was turned away without a person, and people say it is good.
    pub blocked: u64,
    /// Waits that a decision ended, by their step of time.
    waits: BTreeMap<i32, u64>,
}

impl Period {
    /// All that came in.
    pub fn came_in(&self) -> u64 {
        self.approved + self.spam + self.rejected + self.held
    }

    /// Of what is known to have been decided without a person or not: the share that was.
    pub fn alone_share(&self) -> Option<f64> {
        ratio(self.alone, self.alone + self.asked)
    }

    /// Waits that a decision ended.
    pub fn waits(&self) -> u64 {
        self.waits.values().sum()
    }

    /// So long at most waited this share of them, in seconds: right to a tenth, see `wait_step` in the migrations.
    pub fn waited(&self, share: f64) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "a count")]
        let wanted = share * self.waits() as f64;
        let mut below = 0;
        self.waits.iter().find_map(|(step, count)| {
            below += count;
            #[expect(clippy::cast_precision_loss, reason = "a count")]
            let reached = below as f64 >= wanted;
            // The middle of the step.
            reached.then(|| ((f64::from(*step) + 0.5) / 4.0).exp2())
        })
    }

    fn add(&mut self, other: &Self) {
        for (sum, more) in [
            (&mut self.approved, other.approved),
            (&mut self.spam, other.spam),
            (&mut self.rejected, other.rejected),
            (&mut self.held, other.held),
            (&mut self.alone, other.alone),
            (&mut self.asked, other.asked),
            (&mut self.missed, other.missed),
            (&mut self.blocked, other.blocked),
        ] {
            *sum += more;
        }
        for (step, count) in &other.waits {
            *self.waits.entry(*step).or_default() += count;
        }
    }
}

/// Held comments that wait now.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    /// How many have waited so long, by [`AGES`]; the last are older than all.
    pub ages: [u64; AGES.len() + 1],
    /// Since when the oldest waits.
    pub oldest: Option<OffsetDateTime>,
}

/// Ages that waiting comments are told apart by.
pub const AGES: [Duration; 5] =
    [Duration::hours(1), Duration::hours(6), Duration::days(1), Duration::days(3), Duration::weeks(1)];

/// What somebody decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The name.
    pub name: String,
    /// Decisions.
    pub decided: u64,
    /// Those that were taken back.
    pub undone: u64,
}

/// How well scores told spam from ham, by what people decided.
#[derive(Debug, Clone)]
pub struct Measured {
    /// Comments with a label.
    pub labelled: u64,
    /// The scores that comments came in with, and the labels: of all, or of a random sample.
    pub scored: Vec<(f64, Label)>,
    /// What follows from them; `None` with fewer than [`ENOUGH`] of spam or ham.
    pub evaluation: Option<Evaluation>,
    /// The same, week by week.
    pub weeks: Vec<Option<Evaluation>>,
    /// Models that were put in force: where in the span, from 0 to 1, and which.
    pub promotions: Vec<(f64, i64)>,
}

/// With fewer spam or ham nothing is measured.
pub const ENOUGH: usize = 10;
/// More labelled comments than this, and a random sample is measured.
const MOST: u64 = 20_000;

/// Everything the page of figures shows.
#[derive(Debug, Clone)]
pub struct Figures {
    /// When they were read.
    pub now: OffsetDateTime,
    /// The first day.
    pub first: Date,
    /// Today.
    pub last: Date,
    /// The periods, oldest first.
    pub periods: Vec<Period>,
    /// All of them together.
    pub whole: Period,
    /// What was published without a person, as far as the audit sample knows it.
    pub published: End,
    /// What was turned away.
    pub turned_away: End,
    /// What waits now.
    pub waiting: Waiting,
    /// Who decided, most first; `None` for those who need not know.
    pub people: Option<Vec<Decided>>,
    /// How good the scores were.
    pub measured: Measured,
}

/// Reads the figures of some sites, for a moderator, or for a program: that is not told who decided.
pub async fn read(
    app: &App,
    moderator: Option<&Moderator>,
    site_ids: &[i64],
    span: Span,
) -> Result<Figures, StoreError> {
    let now = app.now();
    let last = now.date();
    let first = last - Duration::days(i64::from(span.days()) - 1);
    let begin = first.midnight().assume_utc();
    let mut conn = app.db.conn().await?;
    let tallies = tallies::read(&mut conn, site_ids, first, last, span.step()).await?;
    let waiting = waiting(&queues::waiting(&mut conn, site_ids, &ages(now)).await?);
    // Viewers look on; what each of the team does is for those who work there.
    let people = if moderator.is_none_or(|moderator| moderator.role == Role::Viewer) {
        None
    } else {
        let names = moderators::all(&mut conn).await?.into_iter().map(|row| (row.id, row.name)).collect();
        Some(decided(&tallies, &names))
    };
    let labelled = labelled(&tallies);
    let rows = scores::sample(&mut conn, site_ids, queues::first_id(begin), parts(labelled)).await?;
    let promotions = models::promoted_since(&mut conn, begin).await?;
    drop(conn);

    let whole_span = Duration::days(span.days().into());
    let place = |at: OffsetDateTime| (at - begin) / whole_span;
    let promotions = promotions.iter().map(|one| (place(one.promoted_at), one.model_id)).collect();
    let count = usize::try_from(span.days() / span.step()).unwrap_or_default();
    let periods = periods(&tallies, count);
    let mut whole = Period::default();
    for period in &periods {
        whole.add(period);
    }
    Ok(Figures {
        now,
        first,
        last,
        whole,
        published: end(&tallies, State::Approved, Truth::Spam),
        turned_away: end(&tallies, State::Spam, Truth::Ham),
        waiting,
        people,
        measured: measured(labelled, &rows, begin, span, promotions),
        periods,
    })
}

/// What came in today so far, at these sites.
pub async fn today(app: &App, site_ids: &[i64]) -> Result<Today, StoreError> {
    let day = app.now().date();
    let tallies = tallies::read(&mut *app.db.conn().await?, site_ids, day, day, 1).await?;
    let mut today = Today::default();
    for Tally { what, count, .. } in tallies {
        if let What::CameIn { entered, .. } = what {
            match entered {
                Some(State::Approved) => today.published += count,
                Some(State::Spam) => today.turned_away += count,
                _ => today.held += count,
            }
        }
    }
    Ok(today)
}

/// What came in today so far, by what was decided of it at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Today {
    /// Published.
    pub published: u64,
    /// Turned away.
    pub turned_away: u64,
    /// Held for a person.
    pub held: u64,
}

fn periods(tallies: &[Tally], count: usize) -> Vec<Period> {
    let mut periods = vec![Period::default(); count];
    for Tally { period, what, count } in tallies {
        let Some(period) = periods.get_mut(*period) else { continue };
        match what {
            What::CameIn { entered, state, label: said, .. } => {
                *match state {
                    State::Approved => &mut period.approved,
                    State::Spam => &mut period.spam,
                    State::Held => &mut period.held,
                    State::Rejected | State::Deleted => &mut period.rejected,
                } += count;
                let said = label(said.as_deref());
                match entered {
                    Some(State::Held) => period.asked += count,
                    Some(_) => period.alone += count,
                    None => {}
                }
                match (entered, said) {
                    (Some(State::Approved), Some(Label::Spam)) => period.missed += count,
                    (Some(State::Spam), Some(Label::Ham)) => period.blocked += count,
                    _ => {}
                }
            }
            What::Waited(step) => *period.waits.entry(*step).or_default() += count,
            What::Decided(_) | What::Undone(_) => {}
        }
    }
    periods
}

/// What was decided without a person in this way, and how often that is known to have been wrong.
fn end(tallies: &[Tally], decided: State, wrong: Truth) -> End {
    let kinds = tallies.iter().filter_map(|tally| match &tally.what {
        What::CameIn { entered, state, label: said, audit_share, sampled } if *entered == Some(decided) => {
            let truth = match (label(said.as_deref()), state) {
                (Some(Label::Ham), _) => Some(Truth::Ham),
                (Some(Label::Spam), _) => Some(Truth::Spam),
                (None, State::Rejected) => Some(Truth::Unwanted),
                (None, _) => None,
            };
            let selection = Selection::Alone { share: audit_share.unwrap_or(0.0), sampled: *sampled };
            Some((selection, truth, tally.count))
        }
        _ => None,
    });
    End::counted(kinds, wrong)
}

/// The first ids of the moments so long ago, the longest first.
fn ages(now: OffsetDateTime) -> Vec<Uuid> {
    AGES.iter().rev().map(|&age| queues::first_id(now - age)).collect()
}

fn waiting(rows: &[queues::Waiting]) -> Waiting {
    let mut ages = [0; AGES.len() + 1];
    for row in rows {
        // None of the moments is before the oldest.
        let age = AGES.len() - usize::try_from(row.class).unwrap_or_default().min(AGES.len());
        ages[age] += u64::try_from(row.count).unwrap_or_default();
    }
    Waiting { ages, oldest: rows.iter().map(|row| row.oldest).min().and_then(moment) }
}

/// When an id was made.
fn moment(id: Uuid) -> Option<OffsetDateTime> {
    let (seconds, nanoseconds) = id.get_timestamp()?.to_unix();
    let at = OffsetDateTime::from_unix_timestamp(i64::try_from(seconds).ok()?).ok()?;
    Some(at + Duration::nanoseconds(nanoseconds.into()))
}

fn decided(tallies: &[Tally], names: &BTreeMap<i64, String>) -> Vec<Decided> {
    let mut people = BTreeMap::<i64, (u64, u64)>::new();
    for tally in tallies {
        match tally.what {
            What::Decided(who) => people.entry(who).or_default().0 += tally.count,
            What::Undone(who) => people.entry(who).or_default().1 += tally.count,
            What::CameIn { .. } | What::Waited(_) => {}
        }
    }
    let mut people: Vec<Decided> = people
        .into_iter()
        .map(|(who, (decided, undone))| Decided {
            name: names.get(&who).cloned().unwrap_or_default(),
            decided,
            undone,
        })
        .collect();
    people.sort_by(|a, b| b.decided.cmp(&a.decided).then_with(|| a.name.cmp(&b.name)));
    people
}

fn labelled(tallies: &[Tally]) -> u64 {
    let labelled = |tally: &&Tally| matches!(&tally.what, What::CameIn { label: Some(_), .. });
    tallies.iter().filter(labelled).map(|tally| tally.count).sum()
}

/// How many of 256 parts make about [`MOST`] comments.
fn parts(labelled: u64) -> i32 {
    i32::try_from((256 * MOST / labelled.max(1)).clamp(1, 256)).unwrap_or(256)
}

fn measured(
    labelled: u64,
    rows: &[(Uuid, f64, String)],
    begin: OffsetDateTime,
    span: Span,
    promotions: Vec<(f64, i64)>,
) -> Measured {
    let mut weeks = vec![Vec::new(); usize::try_from(span.days() / 7).unwrap_or_default()];
    let mut scored = Vec::with_capacity(rows.len());
    for (id, probability, said) in rows {
        let Some(said) = label(Some(said)) else { continue };
        scored.push((*probability, said));
        let week = moment(*id).and_then(|at| usize::try_from((at - begin).whole_weeks()).ok());
        if let Some(week) = week.and_then(|week| weeks.get_mut(week)) {
            week.push((*probability, said));
        }
    }
    Measured {
        labelled,
        evaluation: measure(&scored),
        weeks: weeks.iter().map(|scored| measure(scored)).collect(),
        scored,
        promotions,
    }
}

fn measure(scored: &[(f64, Label)]) -> Option<Evaluation> {
    let spam = scored.iter().filter(|(_, label)| *label == Label::Spam).count();
    let usual = Thresholds::DEFAULT;
    (spam.min(scored.len() - spam) >= ENOUGH)
        .then(|| evaluate(scored, (usual.approve_below(), usual.reject_from())))
}

#[expect(clippy::cast_precision_loss, reason = "counts of comments")]
fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_right_to_a_tenth() {
        let waits = |seconds: &[f64]| {
            let mut period = Period::default();
            for second in seconds {
                #[expect(clippy::cast_possible_truncation, reason = "a step")]
                let step = (4.0 * second.log2()).floor() as i32;
                *period.waits.entry(step).or_default() += 1;
            }
            period
        };
        let period = waits(&[60.0, 90.0, 600.0, 3_600.0, 86_400.0]);
        for (share, seconds) in [(0.5, 600.0), (0.9, 86_400.0), (0.2, 60.0)] {
            let told = period.waited(share).unwrap();
            assert!((told / seconds - 1.0).abs() < 0.1, "{share}: {told} for {seconds}");
        }
        assert_eq!(Period::default().waited(0.5), None);
    }

    #[test]
    fn at_most_about_so_many_are_measured() {
        assert_eq!((parts(0), parts(MOST), parts(2 * MOST), parts(u64::MAX / 512)), (256, 256, 128, 1));
    }
}
