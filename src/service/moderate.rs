//! A moderator's decision and its undoing: state, log and example commit together, then the live model learns. What else people
//! do with a comment ([`edit`], [`super::answer`]) is written by the same hand, and taken back the same way.

use serde_json::Value;
use uuid::Uuid;

use super::accounts::Moderator;
use super::keys::Key;
use super::sites::Site;
use super::{callbacks, desk, edit};
use crate::app::App;
use crate::comment::{IllegalMove, RejectReason, State, Verdict};
use crate::policy::{Reason, teaches};
use crate::store::comments::Locked;
use crate::store::decisions::{Act, By, NewDecision, Newest};
use crate::store::{Channel, StoreError, Tx, comments, decisions, examples, revisions};

/// A decision that is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    /// The decision, for undoing it; `None` when it changed nothing.
    pub decision: Option<Uuid>,
    /// What was done, or taken back.
    pub act: Act,
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
    /// What moderators answer is not judged by what it teaches.
    #[error("a moderator's own answer is no spam: reject it instead")]
    OwnAnswer,
    /// What another program shows is answered there.
    #[error("this comment is on pages of another program: answer it there")]
    ShownElsewhere,
    /// A decision that nobody made, or that changed nothing, cannot be taken back.
    #[error("this decision cannot be undone")]
    NotUndoable,
    /// Postgres.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a moderator wants.
#[derive(Debug, Clone, Copy)]
pub struct Decision {
    /// The verdict.
    pub verdict: Verdict,
    /// Why it is rejected, where it is and somebody says so.
    pub reason: Option<RejectReason>,
    /// The version of the comment that the moderator saw; `None`: whatever it is now.
    pub seen: Option<i32>,
    /// What it is decided together with, see [`super::bulk`].
    pub batch: Option<Uuid>,
}

/// Carries out a verdict on a comment. One that says of a comment what was decided without a person makes it a person's:
/// it is noted and teaches; one on what readers have reported answers them. One that changes nothing at all is no conflict
/// and leaves no trace.
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

/// The same within a transaction, for what commits together with it; [`finish`] is the caller's to call.
pub(super) async fn carry_out(
    app: &App,
    tx: &mut Tx,
    moderator: &Moderator,
    site: &Site,
    comment: Uuid,
    decision: Decision,
) -> Result<Decided, ModerateError> {
    let locked = lock(tx, moderator, site, comment).await?;
    let Decision { verdict, reason, seen, batch } = decision;
    let Some(change) = planned(&locked, verdict, reason)? else {
        return Ok(locked.unchanged(Act::Decided));
    };
    check_seen(tx, site, &locked, seen).await?;
    let change = Change { batch, ..change };
    let decided = record(app, tx, By::Moderator(moderator.id), site, &locked, &change).await?;
    metrics::counter!("moderato_decisions_total", "to" => decided.state.as_str()).increment(1);
    Ok(decided)
}

/// Takes a moderator's decision back, if nothing that came after it on the comment is in force: the comment returns to where
/// it was and to what it said, and what the classifier was taught by the decision is forgotten. An answer is removed.
pub async fn undo(
    app: &App,
    moderator: &Moderator,
    site: &Site,
    decision: Uuid,
) -> Result<Decided, ModerateError> {
    let mut tx = app.db.begin().await?;
    let found = decisions::find(&mut tx, site.id, decision).await?.ok_or(ModerateError::NotFound)?;
    let locked = lock(&mut tx, moderator, site, found.comment_id).await?;
    // Read again under the lock: somebody may have decided in between.
    let found = decisions::find(&mut tx, site.id, decision).await?.ok_or(ModerateError::NotFound)?;
    if found.by.is_none() {
        return Err(ModerateError::NotUndoable);
    }
    if !found.newest {
        return Err(conflict(&mut tx, site, &locked).await?);
    }
    let target = match found.from_state.as_deref() {
        Some(before) => State::parse(before).ok_or(ModerateError::NotUndoable)?,
        None => State::Deleted,
    };
    let change = Change {
        act: found.act,
        target,
        label: if found.taught { found.previous_label } else { locked.label.clone() },
        reason: found.previous_reason.as_deref().and_then(RejectReason::parse),
        undoes: Some(decision),
        batch: None,
        // What it answered is to be answered again, and what was reported since then still is.
        answered: -found.answered,
    };
    let undone = record(app, &mut tx, By::Moderator(moderator.id), site, &locked, &change).await?;
    if found.act == Act::Edited
        && let Some(before) = revisions::before(&mut tx, site.id, locked.id, decision).await?
        && let Some(id) = undone.decision
    {
        edit::write(&mut tx, site, locked.id, id, &before).await?;
    }
    if matches!(found.by, Some(By::Key(_))) {
        callbacks::restored(app, &mut tx, site, locked.id, target).await?;
    }
    finish(app, tx).await?;
    metrics::counter!("moderato_undone_total").increment(1);
    Ok(undone)
}

/// Carries out what a program's people say of a comment that it had judged. `false` when that is what it was already.
pub async fn report(
    app: &App,
    key: &Key,
    site: &Site,
    comment: Uuid,
    verdict: Verdict,
) -> Result<bool, ModerateError> {
    let decision = Decision { verdict, reason: None, seen: None, batch: None };
    let reported = by_key(app, key, site, comment, decision).await?;
    if reported.decision.is_some() {
        metrics::counter!("moderato_reports_total", "to" => reported.state.as_str()).increment(1);
    }
    Ok(reported.decision.is_some())
}

/// The same as [`decide`], by a program whose key may decide at this site.
pub async fn decide_by_key(
    app: &App,
    key: &Key,
    site: &Site,
    comment: Uuid,
    decision: Decision,
) -> Result<Decided, ModerateError> {
    let decided = by_key(app, key, site, comment, decision).await?;
    if decided.decision.is_some() {
        metrics::counter!("moderato_decisions_total", "to" => decided.state.as_str()).increment(1);
    }
    Ok(decided)
}

async fn by_key(
    app: &App,
    key: &Key,
    site: &Site,
    comment: Uuid,
    decision: Decision,
) -> Result<Decided, ModerateError> {
    let mut tx = app.db.begin().await?;
    let locked = lock_any(&mut tx, site, comment).await?;
    let Decision { verdict, reason, seen, batch } = decision;
    let Some(change) = planned(&locked, verdict, reason)? else {
        return Ok(locked.unchanged(Act::Decided));
    };
    check_seen(&mut tx, site, &locked, seen).await?;
    let change = Change { batch, ..change };
    let decided = record(app, &mut tx, By::Key(key.id), site, &locked, &change).await?;
    callbacks::heard(app, &mut tx, site, comment, (key.id, decided.state)).await?;
    finish(app, tx).await?;
    Ok(decided)
}

/// Moves a comment on which people have not decided to where another judgement puts it than that at submission, or where it
/// belongs because they have not. It teaches nothing.
pub(super) async fn by_policy(
    app: &App,
    tx: &mut Tx,
    site: &Site,
    comment: Uuid,
    (state, reasons, judged): (State, &[Reason], Option<(f64, i64)>),
) -> Result<(), StoreError> {
    let Some(row) = comments::lock(tx, site.id, comment).await? else { return Ok(()) };
    if row.state == state || row.state == State::Deleted {
        return Ok(());
    }
    let newest = decisions::newest(tx, site.id, comment).await?;
    let locked = LockedComment { id: comment, row, newest };
    let change = Change {
        act: Act::Decided,
        target: state,
        label: locked.label.clone(),
        reason: None,
        undoes: None,
        batch: None,
        answered: 0,
    };
    if state == State::Rejected {
        comments::set_aside(tx, site.id, comment).await?;
    }
    let (spam_probability, model_id) = judged.unwrap_or((locked.spam_probability, locked.model_id));
    let account =
        Account { reasons: serde_json::to_value(reasons).unwrap_or_default(), spam_probability, model_id };
    write(app, tx, By::Policy, site, &locked, &change, &account).await?;
    Ok(())
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

/// A comment that nobody else moves until the transaction ends.
pub(super) struct LockedComment {
    pub id: Uuid,
    row: Locked,
    /// The newest line of its log.
    newest: Option<Newest>,
}

impl std::ops::Deref for LockedComment {
    type Target = Locked;

    fn deref(&self) -> &Locked {
        &self.row
    }
}

/// Locks a comment of a site that is the moderator's.
pub(super) async fn lock(
    tx: &mut Tx,
    moderator: &Moderator,
    site: &Site,
    comment: Uuid,
) -> Result<LockedComment, ModerateError> {
    if !moderator.sees(site.id) {
        return Err(ModerateError::NotFound);
    }
    lock_any(tx, site, comment).await
}

async fn lock_any(tx: &mut Tx, site: &Site, comment: Uuid) -> Result<LockedComment, ModerateError> {
    let row = comments::lock(tx, site.id, comment).await?.ok_or(ModerateError::NotFound)?;
    let newest = decisions::newest(tx, site.id, comment).await?;
    Ok(LockedComment { id: comment, row, newest })
}

/// A decision made on what the comment is no more is a conflict.
pub(super) async fn check_seen(
    tx: &mut Tx,
    site: &Site,
    locked: &LockedComment,
    seen: Option<i32>,
) -> Result<(), ModerateError> {
    match seen {
        Some(version) if version != locked.version => Err(conflict(tx, site, locked).await?),
        _ => Ok(()),
    }
}

async fn conflict(tx: &mut Tx, site: &Site, locked: &LockedComment) -> Result<ModerateError, StoreError> {
    let who = decisions::last_actor(tx, site.id, locked.id).await?;
    Ok(ModerateError::Conflict { who, state: locked.state })
}

/// What becomes of a comment and of what it teaches.
pub(super) struct Change {
    pub act: Act,
    pub target: State,
    pub label: Option<String>,
    pub reason: Option<RejectReason>,
    pub undoes: Option<Uuid>,
    pub batch: Option<Uuid>,
    /// How many reports it answers.
    pub answered: i32,
}

/// What a verdict changes, if anything. What moderators write themselves teaches nothing, nor does what is forgotten.
pub(super) fn planned(
    locked: &LockedComment,
    verdict: Verdict,
    reason: Option<RejectReason>,
) -> Result<Option<Change>, ModerateError> {
    let moved = locked.state.apply(verdict)?;
    if locked.by_moderator && verdict == Verdict::Spam {
        return Err(ModerateError::OwnAnswer);
    }
    let target = moved.unwrap_or(locked.state);
    let label = teaches(target)
        .filter(|_| !locked.by_moderator && !locked.forgotten)
        .map(|label| label.as_str().to_owned());
    let given = locked.reason();
    let reason = reason.filter(|_| target == State::Rejected).or(given.filter(|_| moved.is_none()));
    let answered = locked.reports;
    if moved.is_none() && (label.is_none() || label == locked.label) && reason == given && answered == 0 {
        return Ok(None);
    }
    Ok(Some(Change { act: Act::Decided, target, label, reason, undoes: None, batch: None, answered }))
}

impl LockedComment {
    /// What is answered where nothing is to be done.
    pub(super) fn unchanged(&self, act: Act) -> Decided {
        Decided { decision: None, act, comment: self.id, state: self.state, version: self.version }
    }

    /// Why it is rejected, if it is.
    pub(super) fn reason(&self) -> Option<RejectReason> {
        self.newest.as_ref()?.reason.as_deref().and_then(RejectReason::parse)
    }
}

/// Writes what people change: the decision, the state, and an example where the label changes.
pub(super) async fn record(
    app: &App,
    tx: &mut Tx,
    by: By,
    site: &Site,
    locked: &LockedComment,
    change: &Change,
) -> Result<Decided, StoreError> {
    let account = Account {
        reasons: Value::Array(Vec::new()),
        spam_probability: locked.spam_probability,
        model_id: locked.model_id,
    };
    write(app, tx, by, site, locked, change, &account).await
}

/// What was known of a comment when it was decided on.
struct Account {
    reasons: Value,
    spam_probability: f64,
    model_id: i64,
}

async fn write(
    app: &App,
    tx: &mut Tx,
    by: By,
    site: &Site,
    locked: &LockedComment,
    change: &Change,
    account: &Account,
) -> Result<Decided, StoreError> {
    let now = app.now();
    // The log is read in the order of the ids, and the last decision may come from a machine whose clock is ahead.
    let id = app.new_id_after(now, locked.newest.as_ref().map(|newest| newest.id));
    let new = NewDecision {
        site_id: site.id,
        id,
        comment_id: locked.id,
        by,
        act: change.act,
        from_state: Some(locked.state.as_str()),
        to_state: change.target.as_str(),
        reason: change.reason.map(RejectReason::as_str),
        reasons: &account.reasons,
        spam_probability: account.spam_probability,
        model_id: account.model_id,
        undoes: change.undoes,
        batch: change.batch,
        answered: change.answered,
        decided_at: now,
    };
    decisions::insert(tx, &new).await?;
    let reports = locked.reports - change.answered;
    comments::set_state(tx, site.id, locked.id, change.target, change.label.as_deref(), reports).await?;
    if change.label != locked.label {
        examples::append(tx, site.id, locked.id, id, locked.label.as_deref(), change.label.as_deref())
            .await?;
        Channel::Examples.notify(tx).await?;
    }
    announce(tx, site, id).await?;
    Ok(Decided {
        decision: Some(id),
        act: change.act,
        comment: locked.id,
        state: change.target,
        version: locked.version + 1,
    })
}

/// Tells open desks of a decision, once it is committed.
pub(super) async fn announce(tx: &mut Tx, site: &Site, decision: Uuid) -> Result<(), StoreError> {
    Channel::Decisions.notify_of(tx, &format!("{}:{decision}", site.id)).await
}

/// Commits. Where nothing waits for an undo, this process's live model learns before the moderator sees the next page.
/// Should that fail, nothing is lost: the example is in Postgres, and every process replays it.
pub(super) async fn finish(app: &App, tx: Tx) -> Result<(), StoreError> {
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
