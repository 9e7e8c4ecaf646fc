//! Log only: everything is judged, nothing is decided, and what people say is held against what would have been decided.

use uuid::Uuid;

use super::accounts::Moderator;
use super::audit::Actor;
use super::desk;
use super::sites::{self, Site, SiteError, SiteSpec};
use crate::app::App;
use crate::classifier::confidence::{at_least, at_most};
use crate::comment::State;
use crate::store::StoreError;
use crate::store::log_only::{self, DisagreementRow};

/// So many disagreements are listed at a time.
pub const PAGE: usize = 25;
/// So many of the newest comments of each site are counted.
pub const COUNTED: i64 = 10_000;
/// Each end of the interval is this sure, so that both are 95 %.
const CONFIDENCE: f64 = 0.975;

/// What would have become of comments, beside what people said of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Said {
    /// People said spam.
    pub spam: u64,
    /// People said genuine.
    pub ham: u64,
    /// Nobody said anything.
    pub nothing: u64,
}

/// Where people and Moderato agree, of the newest comments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Agreement {
    /// Would have been published.
    pub published: Said,
    /// Would have waited for a person.
    pub held: Said,
    /// Would have been turned away.
    pub turned_away: Said,
}

impl Agreement {
    /// Comments that would have been decided without a person, and of which people have said what they are.
    pub fn known(&self) -> u64 {
        self.agreeing() + self.published.spam + self.turned_away.ham
    }

    /// Those of them that people see as Moderato does.
    pub fn agreeing(&self) -> u64 {
        self.published.ham + self.turned_away.spam
    }

    /// The share that agrees, lowest and highest value believable (95 %); `None` where nobody has said anything.
    pub fn interval(&self) -> Option<(f64, f64)> {
        let (agreeing, known) = (self.agreeing(), self.known());
        (known > 0).then(|| (at_least(agreeing, known, CONFIDENCE), at_most(agreeing, known, CONFIDENCE)))
    }
}

/// Where people and Moderato agree at somebody's sites.
pub async fn agreement(app: &App, moderator: &Moderator) -> Result<Agreement, StoreError> {
    let mut agreement = Agreement::default();
    let site_ids = desk::site_ids(app, moderator);
    for (would_be, label, count) in log_only::counts(&mut *app.db.conn().await?, &site_ids, COUNTED).await? {
        let said = match would_be {
            State::Approved => &mut agreement.published,
            State::Held => &mut agreement.held,
            State::Spam | State::Rejected | State::Deleted => &mut agreement.turned_away,
        };
        match label.as_deref() {
            Some("spam") => said.spam += count,
            Some(_) => said.ham += count,
            None => said.nothing += count,
        }
    }
    Ok(agreement)
}

/// A page of disagreements, newest first.
#[derive(Debug, Clone)]
pub struct Listing {
    /// At most [`PAGE`].
    pub rows: Vec<DisagreementRow>,
    /// Where the next page begins, if there is one.
    pub next: Option<Uuid>,
}

/// Comments of somebody's sites of which people said otherwise, those before `before`.
pub async fn disagreements(
    app: &App,
    moderator: &Moderator,
    before: Option<Uuid>,
) -> Result<Listing, StoreError> {
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let site_ids = desk::site_ids(app, moderator);
    let mut rows = log_only::disagreements(&mut *app.db.conn().await?, &site_ids, before, limit).await?;
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    let next = if more { rows.last().map(|row| row.comment_id) } else { None };
    Ok(Listing { rows, next })
}

/// Lets a site decide nothing from now on, or decide again.
pub async fn set(app: &App, actor: Actor, site: &Site, log_only: bool) -> Result<(), SiteError> {
    sites::set(app, actor, &SiteSpec { log_only, ..SiteSpec::of(site) }).await
}
