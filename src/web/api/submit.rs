//! Comments that programs submit for readers.

use std::net::IpAddr;

use axum::Json;
use axum::extract::State;
use axum::http::header::{HeaderName, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::BELOW;
use super::gate::{By, ToSubmit};
use super::read::{Body, invalid};
use super::shape::{Answer, state};
use crate::comment::{Field, FieldError, RawSubmission, State as Standing, Submission};
use crate::policy::FormTiming;
use crate::service::submit::{self, Accepted, Arrival, Mark, Repeat, SubmitError};
use crate::web::error::{Entry, WebError};
use crate::web::router::Shared;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The longest mark of a client's own, in bytes.
const LONGEST_MARK: usize = 255;

/// A reader's comment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SubmitRequest {
    /// Address of the page that is commented on, one of the site's.
    article: String,
    /// The text, Markdown; at most 65,525 bytes.
    #[schema(min_length = 1, max_length = 65525)]
    comment: String,
    /// Name; at most 245 bytes.
    #[schema(min_length = 1, max_length = 245)]
    author: String,
    /// E-mail address; never shown.
    #[serde(default)]
    #[schema(max_length = 254)]
    email: String,
    /// Website.
    #[serde(default)]
    #[schema(max_length = 500)]
    url: String,
    /// The comment that is answered: one that is published under the same page.
    #[serde(default)]
    parent: Option<Uuid>,
    /// The reader's network address. Only a keyed hash of its network is kept.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    ip: Option<IpAddr>,
    /// A field that people do not see was filled in.
    #[serde(default)]
    trap_filled: bool,
}

/// A comment that is stored.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SubmitAnswer {
    /// Its id.
    id: Uuid,
    /// Where it stands.
    #[schema(schema_with = state)]
    state: Standing,
    /// Whether it had been submitted before.
    repeated: bool,
}

/// Submit a comment
///
/// Judges and stores a reader's comment. When this answers, it is in the database. The same comment twice, or the same
/// `Idempotency-Key`, is one comment and gets the first one's answer; the same `Idempotency-Key` with another comment is refused.
#[utoipa::path(post, path = "/comments", tag = "Comments", operation_id = "submitComment",
    security(("key" = ["submit"])),
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 255, pattern = "^[!-~]+$",
            description = "The client's own mark of this comment, for retries: up to 255 visible ASCII characters", example = "9d3f0c7e")),
    request_body(content = SubmitRequest, example = json!({
        "article": "https://blog.example/a-walk", "comment": "Thank you for this article!", "author": "Mia"
    })),
    responses((status = 201, description = "It is stored", body = SubmitAnswer,
               headers(("Location" = String, description = "The comment")))))]
pub(super) async fn submit(
    State(shared): State<Shared>,
    By(caller, _): By<ToSubmit>,
    headers: HeaderMap,
    Body(request): Body<SubmitRequest>,
) -> Answer<Response> {
    let mark = mark(&headers)?.map(|sent| Mark { key_id: Some(caller.key.id), sent });
    let raw = RawSubmission {
        article: request.article,
        parent: request.parent.map(|id| id.to_string()).unwrap_or_default(),
        comment: request.comment,
        author: request.author,
        email: request.email,
        url: request.url,
    };
    let submission = Submission::parse(&raw).map_err(wrong)?;
    if !caller.site.owns(submission.article.origin()) {
        let message = format!(
            "This page, on {}, is none of the pages of {}.",
            submission.article.origin(),
            caller.site.title
        );
        return Err(wrong(vec![FieldError::new(Field::Article, message)]));
    }
    let arrival = Arrival {
        trap_filled: request.trap_filled,
        timing: FormTiming::Unknown,
        mark,
        address: request.ip,
        log_only: caller.key.log_only,
    };
    match submit::submit(&shared.app, &caller.site, &submission, arrival).await {
        Ok(Accepted { repeated: Some(Repeat { same: false }), .. }) if mark.is_some() => {
            Err(invalid(vec![Entry::of(
                "Idempotency-Key",
                "It stands for another comment. Make a new one for each comment.",
            )]))
        }
        Ok(Accepted { id, state, repeated }) => {
            let answer = SubmitAnswer { id, state, repeated: repeated.is_some() };
            let place = [(LOCATION, format!("{BELOW}/comments/{id}"))];
            Ok((StatusCode::CREATED, place, Json(answer)).into_response())
        }
        Err(SubmitError::Field(error)) => Err(wrong(vec![error])),
        Err(SubmitError::Store(error)) => Err(error.into()),
    }
}

fn wrong(fields: Vec<FieldError>) -> WebError {
    invalid(Vec::new()).with_fields(fields)
}

fn mark(headers: &HeaderMap) -> Result<Option<&str>, WebError> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let fits = |mark: &&str| {
        (1..=LONGEST_MARK).contains(&mark.len()) && mark.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let mark = value.to_str().ok().filter(fits);
    let wrong = || invalid(vec![Entry::of("Idempotency-Key", "This is 1 to 255 visible ASCII characters.")]);
    mark.ok_or_else(wrong).map(Some)
}
