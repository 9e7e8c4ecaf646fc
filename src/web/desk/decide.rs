//! `POST /admin/decide` and `POST /admin/undo`: a moderator's verdict, and taking it back.

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;
use uuid::Uuid;

use super::flash::Flash;
use super::inside;
use super::session::Decider;
use crate::comment::Verdict;
use crate::service::desk;
use crate::service::moderate::{self, ModerateError};
use crate::web::error::WebError;
use crate::web::router::Shared;
use crate::web::views::Shown;

/// What a card's form sends.
#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    site: i64,
    comment: Uuid,
    /// The version that was on the card.
    version: i32,
    verdict: Verdict,
    #[serde(default)]
    back: String,
}

pub(super) async fn decide(
    State(shared): State<Shared>,
    Decider(moderator): Decider,
    jar: CookieJar,
    Form(sent): Form<Sent>,
) -> Result<Response, WebError> {
    let site = desk::site(&shared.app, &moderator, sent.site).ok_or_else(WebError::not_found)?;
    let decided =
        moderate::decide(&shared.app, &moderator, &site, sent.comment, sent.verdict, Some(sent.version))
            .await?;
    let flash = match decided.decision {
        Some(decision) => Flash::Decided(decided.state, site.id, decision),
        None => Flash::Unchanged(decided.state),
    };
    Ok((jar.add(flash.cookie()), Redirect::to(inside(&sent.back))).into_response())
}

/// What the undo button sends.
#[derive(Debug, Deserialize)]
pub(super) struct Undo {
    site: i64,
    decision: Uuid,
    #[serde(default)]
    back: String,
}

pub(super) async fn undo(
    State(shared): State<Shared>,
    Decider(moderator): Decider,
    jar: CookieJar,
    Form(sent): Form<Undo>,
) -> Result<Response, WebError> {
    let site = desk::site(&shared.app, &moderator, sent.site).ok_or_else(WebError::not_found)?;
    let undone = moderate::undo(&shared.app, &moderator, &site, sent.decision).await?;
    Ok((jar.add(Flash::Undone(undone.state).cookie()), Redirect::to(inside(&sent.back))).into_response())
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
                "{} has decided on this comment in the meantime: it is {}.",
                who.as_deref().unwrap_or("Somebody"),
                state.word().to_lowercase()
            )),
            ModerateError::Illegal(_) | ModerateError::NotUndoable => {
                Self::new(StatusCode::CONFLICT, "This cannot be done", "Go back to the list.")
                    .because(format!("{why}."))
            }
        }
    }
}
