//! `POST /admin/decide` and `POST /admin/undo`: a moderator's verdict, and taking it back.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Form, Json};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::bulk::told;
use super::flash::Flash;
use super::inside;
use super::queue::given;
use super::session::Decider;
use crate::comment::{RejectReason, Verdict};
use crate::service::moderate::{self, Decided, Decision, ModerateError, Undo};
use crate::service::{bulk, desk};
use crate::web::error::{WebError, prefers_json};
use crate::web::router::Shared;
use crate::web::views::Shown;

/// What a card's form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    site: i64,
    comment: Uuid,
    /// The version that was on the card.
    version: i32,
    verdict: Option<Verdict>,
    /// Name of a reason to reject it; says the verdict as well.
    #[serde(default)]
    reason: String,
    #[serde(default)]
    back: String,
}

pub(super) async fn decide(
    State(shared): State<Shared>,
    Decider(moderator): Decider,
    jar: CookieJar,
    headers: HeaderMap,
    Form(sent): Form<Sent>,
) -> Result<Response, WebError> {
    let site = desk::site(&shared.app, &moderator, sent.site).ok_or_else(WebError::not_found)?;
    let reason = given(&sent.reason, RejectReason::parse)?;
    let verdict = sent.verdict.or(reason.map(|_| Verdict::Reject)).ok_or_else(WebError::not_found)?;
    let decision = Decision { verdict, reason, seen: Some(sent.version), batch: None };
    let decided = moderate::decide(&shared.app, &moderator, &site, sent.comment, decision).await?;
    let flash = match decided.decision {
        Some(decision) => Flash::Decided(decided.state, reason, site.id, decision),
        None => Flash::Unchanged(decided.state),
    };
    Ok(answer_with(jar, &headers, flash, &decided, &sent.back))
}

/// The page again; or, for a script that has moved on already, what was done and how it is taken back.
pub(super) fn answer_with(
    jar: CookieJar,
    headers: &HeaderMap,
    flash: Flash,
    decided: &Decided,
    back: &str,
) -> Response {
    if !prefers_json(headers) {
        return (jar.add(flash.cookie()), Redirect::to(inside(back))).into_response();
    }
    let undo = flash.undoes().map(as_json);
    let said = json!({ "message": flash.message(), "comment": decided.comment, "state": decided.state.as_str(), "version": decided.version, "undo": undo });
    Json(said).into_response()
}

/// What a script sends to take this back.
pub(super) fn as_json(undo: Undo) -> serde_json::Value {
    match undo {
        Undo::Decision(site, decision) => json!({ "site": site, "decision": decision }),
        Undo::Batch(batch) => json!({ "batch": batch }),
    }
}

/// What the undo button sends; without a decision or batch the moderator's newest is meant.
#[derive(Debug, Deserialize)]
pub(super) struct TakeBack {
    site: Option<i64>,
    decision: Option<Uuid>,
    batch: Option<Uuid>,
    #[serde(default)]
    back: String,
}

pub(super) async fn undo(
    State(shared): State<Shared>,
    Decider(moderator): Decider,
    jar: CookieJar,
    headers: HeaderMap,
    Form(sent): Form<TakeBack>,
) -> Result<Response, WebError> {
    let app = &shared.app;
    let undo = match (sent.batch, sent.site.zip(sent.decision)) {
        (Some(batch), _) => Undo::Batch(batch),
        (None, Some((site, decision))) => Undo::Decision(site, decision),
        (None, None) => moderate::last(app, &moderator).await?.ok_or(ModerateError::NotUndoable)?,
    };
    let (site, decision) = match undo {
        Undo::Decision(site, decision) => (site, decision),
        Undo::Batch(batch) => {
            let outcome = bulk::undo(app, &moderator, batch).await?;
            let flash = Flash::BulkUndone(outcome.done as u64, moderate::last(app, &moderator).await?);
            if prefers_json(&headers) {
                let said = json!({ "message": flash.message(), "undo": flash.undoes().map(as_json) });
                return Ok(Json(said).into_response());
            }
            return Ok(told(&shared, &moderator, jar, flash, outcome, inside(&sent.back)));
        }
    };
    let site = desk::site(&shared.app, &moderator, site).ok_or_else(WebError::not_found)?;
    let undone = moderate::undo(&shared.app, &moderator, &site, decision).await?;
    let flash = Flash::Undone(undone.act, undone.state, moderate::last(&shared.app, &moderator).await?);
    Ok(answer_with(jar, &headers, flash, &undone, &sent.back))
}

impl From<ModerateError> for WebError {
    fn from(error: ModerateError) -> Self {
        let why = error.to_string();
        match error {
            ModerateError::Store(error) => error.into(),
            ModerateError::NotFound => Self::not_found(),
            ModerateError::Conflict { who, state } => Self::new(
                StatusCode::CONFLICT,
                "Somebody was quicker",
                "Go back to the list to see where the comment stands now; you can still decide otherwise.",
            )
            .because(format!(
                "{} has decided on this comment in the meantime, or changed it: it is {}.",
                who.as_deref().unwrap_or("Somebody"),
                state.word().to_lowercase()
            )),
            ModerateError::Illegal(_) | ModerateError::OwnAnswer | ModerateError::NotUndoable => {
                Self::new(StatusCode::CONFLICT, "This cannot be done", "Go back to the list.")
                    .because(format!("{why}."))
            }
        }
    }
}
