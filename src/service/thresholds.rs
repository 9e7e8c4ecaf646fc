//! The thresholds of a site: what others would have done to its newest comments, and putting them in force.

use time::{Duration, OffsetDateTime};

use super::accounts::Moderator;
use super::audit::Actor;
use super::live::label;
use super::sites::{self, Site, SiteError, SiteSpec};
use crate::app::App;
use crate::classifier::Label;
use crate::comment::State;
use crate::policy::{Decision, Scored, Selection, Targets, Thresholds, Truth, state_of};
use crate::store::scores::EnteredRow;
use crate::store::{StoreError, queues, scores};

/// So many of the newest comments are replayed,
const COMMENTS: i64 = 20_000;
/// of so long a time.
const PERIOD: Duration = Duration::days(90);

/// A site's newest comments, newest first.
#[derive(Debug, Clone)]
pub struct Period {
    /// As they came in, with the decision of that time where it is known.
    pub comments: Vec<(Scored, Option<Decision>)>,
    /// Since when they came in, in days, at least one.
    pub days: f64,
}

/// Reads the newest comments of a site, at most 20,000 and at most of 90 days.
pub async fn period(app: &App, site: &Site) -> Result<Period, StoreError> {
    let now = app.now();
    let since = queues::first_id(now - PERIOD);
    let rows = scores::entered(&mut *app.db.conn().await?, site.id, since, COMMENTS).await?;
    let oldest: OffsetDateTime = rows.last().map_or(now, |row| row.created_at);
    let days = ((now - oldest).as_seconds_f64() / 86_400.0).max(1.0);
    Ok(Period { comments: rows.iter().map(read).collect(), days })
}

fn read(row: &EnteredRow) -> (Scored, Option<Decision>) {
    let decisions = [Decision::Approve, Decision::Hold, Decision::Reject];
    let entered = row.entered.as_deref().and_then(State::parse);
    let decision = decisions.into_iter().find(|&decision| Some(state_of(decision)) == entered);
    let truth = match (label(row.label.as_deref()), row.state) {
        (Some(Label::Ham), _) => Some(Truth::Ham),
        (Some(Label::Spam), _) => Some(Truth::Spam),
        // Only people reject.
        (None, State::Rejected) => Some(Truth::Unwanted),
        (None, _) => None,
    };
    let selection = match decision {
        Some(Decision::Hold) => Selection::Held,
        // What was decided before that was noted could not be sampled.
        _ => Selection::Alone { share: row.audit_share.unwrap_or(0.0), sampled: row.sampled },
    };
    let (spam_probability, abuse_probability) = (row.spam_probability, row.abuse_probability);
    (Scored { spam_probability, abuse_probability, selection, truth }, decision)
}

/// How a site decides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Way {
    /// By these two thresholds.
    Fixed(Thresholds),
    /// By a promise.
    Promise(Targets),
}

/// Lets a site decide in this way from now on.
pub async fn put_in_force(app: &App, moderator: &Moderator, site: &Site, way: Way) -> Result<(), SiteError> {
    let now = SiteSpec::of(site);
    let spec = match way {
        Way::Fixed(thresholds) => SiteSpec {
            thresholds: (thresholds.approve_below(), thresholds.reject_from()),
            targets: None,
            ..now
        },
        Way::Promise(targets) => SiteSpec { targets: Some(targets), ..now },
    };
    sites::set(app, Actor::Moderator(moderator.id), &spec).await
}
