//! Feedback: what checked comments really were.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::gate::{By, ToReport};
use super::read::{Body, invalid};
use super::shape::{Answer, Problem, label};
use crate::service::check::{self, Check, NotYet};
use crate::web::error::{Entry, RETRY_SECONDS, WebError};
use crate::web::router::Shared;

/// What a comment was: by the `check` of the answer, or by the fields it was checked with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FeedbackRequest {
    /// What it was.
    #[schema(schema_with = label)]
    verdict: Verdict,
    /// The `check` of the answer to its check.
    #[serde(default)]
    check: Option<String>,
    /// The text. Without `check` this is needed.
    #[serde(default)]
    comment: Option<String>,
    /// Address of the commented page.
    #[serde(default)]
    article: String,
    /// Name.
    #[serde(default)]
    author: String,
    /// E-mail address.
    #[serde(default)]
    email: String,
    /// Website.
    #[serde(default)]
    url: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ham,
    Spam,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FeedbackAnswer {
    /// The comment it was about.
    comment: Uuid,
    /// Whether it said anything that was not known.
    changed: bool,
}

/// Say what a comment was
///
/// Teaches the site's model, and puts the comment where it belongs on the desk. Repeating it changes nothing, and the last word
/// holds. By its fields a comment can be reported that was never checked.
#[utoipa::path(post, path = "/feedback", tag = "Checks", operation_id = "giveFeedback",
    security(("key" = ["feedback"])),
    request_body(content = FeedbackRequest, example = json!({
        "verdict": "spam", "comment": "Cheap pills: http://pills.example.top", "author": "Pills"
    })),
    responses(
        (status = 200, description = "It is noted", body = FeedbackAnswer),
        (status = 404, description = "This site has not checked such a comment", body = Problem,
         content_type = "application/problem+json")))]
pub(super) async fn give(
    State(shared): State<Shared>,
    By(caller, _): By<ToReport>,
    Body(request): Body<FeedbackRequest>,
) -> Answer<Json<FeedbackAnswer>> {
    let spam = request.verdict == Verdict::Spam;
    let fields = [&request.article, &request.author, &request.email, &request.url];
    if request.check.is_some() && fields.iter().any(|field| !field.is_empty()) {
        let detail = "With “check” the comment is known: leave its fields out.";
        return Err(invalid(vec![Entry::at("check", detail)]));
    }
    let reported = match (request.check, request.comment) {
        (Some(guid), None) => match check::report_asked(&shared.app, &caller, &guid, spam).await {
            Err(NotYet::Behind) => return Err(behind()),
            Err(NotYet::Store(error)) => return Err(error.into()),
            Ok(reported) => reported,
        },
        (None, Some(content)) => {
            let check = Check {
                blog: request.article.clone(),
                page: request.article,
                author: request.author,
                email: request.email,
                url: request.url,
                content,
                ..Check::default()
            };
            check::report(&shared.app, &caller, check, spam).await?
        }
        _ => {
            let detail = "Send either “check”, or “comment” with the other fields it was checked with.";
            return Err(invalid(vec![Entry::at("check", detail)]));
        }
    };
    let reported = reported.ok_or_else(|| {
        WebError::new(
            StatusCode::NOT_FOUND,
            "This site has not checked such a comment",
            "Send the “check” of an answer that says “stored”, or the fields of the comment. A dry run leaves nothing to report on.",
        )
    })?;
    Ok(Json(FeedbackAnswer { comment: reported.comment, changed: reported.changed }))
}

fn behind() -> WebError {
    WebError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "This check is not stored yet",
        "Send it again in a few seconds, or send the fields of the comment in place of “check”.",
    )
    .because("More checks come in than can be stored at once.")
    .retry_after(RETRY_SECONDS)
}
