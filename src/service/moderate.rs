//! A moderator's decision and its undoing: state, log and example commit together, then the live model learns.

use uuid::Uuid;

use super::accounts::Moderator;
use super::desk;
use super::sites::Site;
use crate::app::App;
use crate::comment::{IllegalMove, State, Verdict};
use crate::policy::teaches;
use crate::store::comments::Locked;
use crate::store::decisions::NewDecision;
use crate::store::{Channel, StoreError, Tx, comments, decisions, examples};

/// A decision that is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    /// The decision, for undoing it; `None` when it changed nothing.
    pub decision: Option<Uuid>,
    /// The comment.
    pub comment: Uuid,
    /// Where it stands now.
    pub state: State,
    /// Its version now; a decision made on an older one is a conflict.
    pub version: i32,
}

/// A decision was not possible.
#[derive(Debug, thiserror::Error)]
pub enum ModerateError {
    /// No such comment, or no such decision.
    #[error("there is no such comment")]
    NotFound,
    /// Somebody else was quicker.
    #[error("{} has put this comment into «{}» in the meantime", who.as_deref().unwrap_or("Somebody"), state.as_str())]
    Conflict {
        /// The moderator, if it was one.
        who: Option<String>,
        /// Where the comment stands.
        state: State,
    },
    /// Deleted comments stay deleted.
    #[error(transparent)]
    Illegal(#[from] IllegalMove),
    /// A decision that nobody made, or that changed nothing, cannot be taken back.
    #[error("this decision cannot be undone")]
    NotUndoable,
    /// Postgres.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How a decision comes in, where it is not on the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// By a link in a mail.
    Mail,
}

impl Via {
    fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
        }
    }
}

/// What a moderator wants.
#[derive(Debug, Clone, Copy)]
pub struct Decision {
    /// The verdict.
    pub verdict: Verdict,
    /// The version of the comment that the moderator saw; `None`: whatever it is now.
    pub seen: Option<i32>,
    /// What it is decided together with, see [`super::bulk`].
    pub batch: Option<Uuid>,
    /// How, where it is not on the desk.
    pub via: Option<Via>,
}

/// Carries out a verdict on a comment. One that says of a comment what was decided without a person makes it a person's:
/// it is noted and teaches. One that changes nothing at all is no conflict and leaves no trace.
pub async fn decide(
    app: &App,
    moderator: &Moderator,
    site: &Site,
    comment: Uuid,
    decision: Decision,
) -> Result<Decided, ModerateError> {
    let mut tx = app.db.begin().await?;
    let decided = carry_out(app, &mut tx, moderator, site, comment, decision).await?;
    finish(app, tx).await?;
    Ok(decided)
}

/// The same within a transaction, for what commits together with it; [`finish`] is then the caller's to call.
pub(super) async fn carry_out(
    app: &App,
    tx: &mut Tx,
    moderator: &Moderator,
    site: &Site,
    comment: Uuid,
    decision: Decision,
) -> Result<Decided, ModerateError> {
    if !moderator.sees(site.id) {
        return Err(ModerateError::NotFound);
    }
    let Decision { verdict, seen, batch, via } = decision;
    let locked = comments::lock(tx, site.id, comment).await?.ok_or(ModerateError::NotFound)?;
    let moved = locked.state.apply(verdict)?;
    let target = moved.unwrap_or(locked.state);
    let label = teaches(target).map(|label| label.as_str().to_owned());
    if moved.is_none() && (label.is_none() || label == locked.label) {
        return Ok(Decided { decision: None, comment, state: locked.state, version: locked.version });
    }
    if seen.is_some_and(|version| version != locked.version) {
        let who = decisions::last_actor(tx, site.id, comment).await?;
        return Err(ModerateError::Conflict { who, state: locked.state });
    }
    let change = Change { comment, target, label, undoes: None, batch, via };
    let decision = record(app, tx, moderator, site, &locked, &change).await?;
    metrics::counter!("moderato_decisions_total", "to" => target.as_str()).increment(1);
    Ok(Decided {
        decision: Some(decision),
        comment: change.comment,
        state: target,
        version: locked.version + 1,
    })
}

/// Takes a moderator's decision back, if nobody has decided on the comment since: the comment returns to where
/// it was, and what the classifier was taught by the decision is forgotten.
pub async fn undo(
    app: &App,
    moderator: &Moderator,
    site: &Site,
    decision: Uuid,
) -> Result<Decided, ModerateError> {
    if !moderator.sees(site.id) {
        return Err(ModerateError::NotFound);
    }
    let mut tx = app.db.begin().await?;
    let found = decisions::find(&mut tx, site.id, decision).await?.ok_or(ModerateError::NotFound)?;
    let locked = comments::lock(&mut tx, site.id, found.comment_id).await?.ok_or(ModerateError::NotFound)?;
    // Read again under the lock: somebody may have decided in between.
    let found = decisions::find(&mut tx, site.id, decision).await?.ok_or(ModerateError::NotFound)?;
    if !found.newest {
        let who = decisions::last_actor(&mut tx, site.id, found.comment_id).await?;
        return Err(ModerateError::Conflict { who, state: locked.state });
    }
    let before = found.from_state.as_deref().and_then(State::parse).filter(|_| found.moderator_id.is_some());
    let target = before.ok_or(ModerateError::NotUndoable)?;
    let label = if found.taught { found.previous_label } else { locked.label.clone() };
    let change = Change { comment: found.comment_id, target, label, undoes: Some(decision), batch: None, via: None };
    let decision = record(app, &mut tx, moderator, site, &locked, &change).await?;
    finish(app, tx).await?;
    metrics::counter!("moderato_undone_total").increment(1);
    Ok(Decided {
        decision: Some(decision),
        comment: change.comment,
        state: target,
        version: locked.version + 1,
    })
}

/// What undo takes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undo {
    /// One decision at a site.
    Decision(i64, Uuid),
    /// All that was decided at one stroke.
    Batch(Uuid),
}

/// The newest of a moderator's own that can be taken back: pressing undo again and again walks through all of them.
pub async fn last(app: &App, moderator: &Moderator) -> Result<Option<Undo>, StoreError> {
    let site_ids = desk::site_ids(app, moderator);
    let last = decisions::last_undoable(&mut *app.db.conn().await?, moderator.id, &site_ids).await?;
    Ok(last.map(|(site, decision, batch)| batch.map_or(Undo::Decision(site, decision), Undo::Batch)))
}

struct Change {
    comment: Uuid,
    target: State,
    label: Option<String>,
    undoes: Option<Uuid>,
    batch: Option<Uuid>,
    via: Option<Via>,
}

async fn record(
    app: &App,
    tx: &mut Tx,
    moderator: &Moderator,
    site: &Site,
    locked: &Locked,
    change: &Change,
) -> Result<Uuid, StoreError> {
    let now = app.now();
    // The log is read in the order of the ids, and the last decision may come from a machine whose clock is ahead.
    let last = decisions::newest(tx, site.id, change.comment).await?;
    let id = app.new_id_after(now, last);
    let new = NewDecision {
        site_id: site.id,
        id,
        comment_id: change.comment,
        moderator_id: moderator.id,
        from_state: locked.state.as_str(),
        to_state: change.target.as_str(),
        spam_probability: locked.spam_probability,
        model_id: locked.model_id,
        undoes: change.undoes,
        batch: change.batch,
        via: change.via.map(Via::as_str),
        decided_at: now,
    };
    decisions::insert(tx, &new).await?;
    comments::set_state(tx, site.id, change.comment, change.target, change.label.as_deref()).await?;
    if change.label != locked.label {
        examples::append(tx, site.id, change.comment, id, locked.label.as_deref(), change.label.as_deref())
            .await?;
        Channel::Examples.notify(tx).await?;
    }
    Channel::Decisions.notify_of(tx, &format!("{}:{id}", site.id)).await?;
    Ok(id)
}

/// Commits. Where nothing waits for an undo, this process's live model learns before the moderator sees the next page.
/// Should that fail, nothing is lost: the example is in Postgres, and every process replays it.
pub(super) async fn finish(app: &App, tx: Tx) -> Result<(), ModerateError> {
    tx.commit().await?;
    if app.settings.undo_seconds > 0 {
        return Ok(());
    }
    let refreshed = async { app.live.refresh(&mut *app.db.conn().await?, app.settled()).await };
    if let Err(error) = refreshed.await {
        tracing::warn!(
            error = format!("{error:#}"),
            "the live model will learn from this decision a little later"
        );
    }
    Ok(())
}
