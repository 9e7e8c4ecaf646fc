//! Decisions on comments.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::gate::{By, ToDecide};
use super::read::{Body, CommentId, if_match, invalid, no_such_comment};
use super::shape::{Answer, Problem, reject_reason_or_none, state, verdict};
use crate::comment::{RejectReason, State as Standing, Verdict};
use crate::service::moderate::{self, Decision, ModerateError};
use crate::web::error::{Entry, WebError};
use crate::web::router::Shared;

/// What is decided.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionRequest {
    /// The verdict.
    #[schema(schema_with = verdict)]
    verdict: Verdict,
    /// Why it is rejected.
    #[serde(default)]
    #[schema(required = false, schema_with = reject_reason_or_none)]
    reason: Option<RejectReason>,
}

/// What holds from now on.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DecisionAnswer {
    /// The comment.
    comment: Uuid,
    /// Where it stands.
    #[schema(schema_with = state)]
    state: Standing,
    /// Its version.
    version: i32,
    /// Whether the decision changed anything.
    changed: bool,
}

/// Decide on a comment
///
/// In the name of the key. What is decided counts as what a person says: it teaches the site's model. Repeating it changes nothing. With
/// `If-Match` it holds only if the comment is still that version, unless it says what holds already.
#[utoipa::path(post, path = "/comments/{id}/decision", tag = "Comments", operation_id = "decideComment",
    security(("key" = ["decide"])),
    params(("id" = Uuid, Path, description = "The comment"),
           ("If-Match" = Option<String>, Header, description = "The `ETag` or, in quotation marks, the version that was looked at", example = "\"1\"")),
    request_body(content = DecisionRequest, example = json!({ "verdict": "reject", "reason": "off-topic" })),
    responses(
        (status = 200, description = "It holds", body = DecisionAnswer),
        (status = 404, description = "There is no such comment", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "The comment cannot be decided on like that", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "Somebody else was quicker", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn decide(
    State(shared): State<Shared>,
    By(caller, _): By<ToDecide>,
    CommentId(id): CommentId,
    headers: HeaderMap,
    Body(request): Body<DecisionRequest>,
) -> Answer<Json<DecisionAnswer>> {
    let DecisionRequest { verdict, reason } = request;
    if reason.is_some() && verdict != Verdict::Reject {
        return Err(invalid(vec![Entry::at("reason", "A reason belongs to the verdict “reject” only.")]));
    }
    let decision = Decision { verdict, reason, seen: if_match(&headers)?, batch: None };
    let decided = moderate::decide_by_key(&shared.app, &caller.key, &caller.site, id, decision).await;
    let decided = decided.map_err(refused)?;
    let answer = DecisionAnswer {
        comment: decided.comment,
        state: decided.state,
        version: decided.version,
        changed: decided.decision.is_some(),
    };
    Ok(Json(answer))
}

fn refused(error: ModerateError) -> WebError {
    match error {
        ModerateError::NotFound => no_such_comment(),
        ModerateError::Store(error) => error.into(),
        ModerateError::Conflict { who, state } => WebError::new(
            StatusCode::PRECONDITION_FAILED,
            "Somebody else was quicker",
            "Read the comment again, and decide with its new ETag or without If-Match.",
        )
        .because(format!(
            "{} has put this comment into “{}” in the meantime.",
            who.as_deref().unwrap_or("The filter"),
            state.as_str()
        )),
        other => WebError::new(
            StatusCode::CONFLICT,
            "This comment cannot be decided on like that",
            "Leave it as it is, or choose another verdict.",
        )
        .because(format!("{other}.")),
    }
}
