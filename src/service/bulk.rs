//! Many decisions at one stroke, and one undo for all of them. Each is a decision of its own, in a transaction of its own:
//! one that cannot be made stops no other, and is told.

use uuid::Uuid;

use super::accounts::Moderator;
use super::desk::{self, Query};
use super::moderate::{self, ModerateError};
use crate::app::App;
use crate::comment::{RejectReason, Verdict};
use crate::store::cards::DeskRow;
use crate::store::{StoreError, cards, decisions};

/// So many comments are decided on at one stroke at most.
pub const MOST: usize = 1_000;

/// A comment as it was seen when it was chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen {
    /// The site.
    pub site_id: i64,
    /// The comment.
    pub comment: Uuid,
    /// The version that was seen.
    pub version: i32,
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// For undoing it.
    pub batch: Uuid,
    /// Comments that changed.
    pub done: usize,
    /// Those that did not, and why.
    pub failed: Vec<(Chosen, String)>,
}

/// The comments chosen, as they stand now, in the order they were chosen in.
pub async fn look(app: &App, moderator: &Moderator, chosen: &[Chosen]) -> Result<Vec<DeskRow>, StoreError> {
    let theirs = chosen.iter().filter(|one| moderator.sees(one.site_id));
    let wanted: Vec<(i64, Uuid)> = theirs.map(|one| (one.site_id, one.comment)).collect();
    cards::of(&mut *app.db.conn().await?, &wanted).await
}

/// Everything in a list, from its beginning, at most [`MOST`].
pub async fn everything(app: &App, moderator: &Moderator, query: &Query) -> Result<Vec<DeskRow>, StoreError> {
    desk::first(app, moderator, &Query { after: None, ..query.clone() }, MOST).await
}

/// Carries out one verdict on all of them. What stands there already is neither done nor failed.
pub async fn decide(
    app: &App,
    moderator: &Moderator,
    verdict: Verdict,
    reason: Option<RejectReason>,
    chosen: &[Chosen],
) -> Result<Outcome, StoreError> {
    let mut outcome = Outcome { batch: app.new_id(app.now()), done: 0, failed: Vec::new() };
    for one in chosen.iter().take(MOST) {
        let Some(site) = app.sites.by_id(one.site_id) else {
            outcome.failed.push((*one, ModerateError::NotFound.to_string()));
            continue;
        };
        let decision =
            moderate::Decision { verdict, reason, seen: Some(one.version), batch: Some(outcome.batch) };
        match moderate::decide(app, moderator, &site, one.comment, decision).await {
            Ok(decided) => outcome.done += usize::from(decided.decision.is_some()),
            Err(ModerateError::Store(error)) => return Err(error),
            Err(error) => outcome.failed.push((*one, error.to_string())),
        }
    }
    Ok(outcome)
}

/// Takes a batch of one's own back, the newest first; what somebody has decided on since stays, and is told.
pub async fn undo(app: &App, moderator: &Moderator, batch: Uuid) -> Result<Outcome, StoreError> {
    let mut outcome = Outcome { batch, done: 0, failed: Vec::new() };
    let of_batch = decisions::of_batch(&mut *app.db.conn().await?, batch, moderator.id).await?;
    for (site_id, decision, comment) in of_batch {
        let one = Chosen { site_id, comment, version: 0 };
        let undone = match app.sites.by_id(site_id) {
            Some(site) => moderate::undo(app, moderator, &site, decision).await,
            None => Err(ModerateError::NotFound),
        };
        match undone {
            Ok(_) => outcome.done += 1,
            Err(ModerateError::Store(error)) => return Err(error),
            Err(error) => outcome.failed.push((one, error.to_string())),
        }
    }
    Ok(outcome)
}
