//! `POST /coral/{site}`: Coral's external moderation phase asks about a comment before it shows it. The request is signed; an
//! answer without a status leaves the comment to Coral's own phases.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use data_encoding::HEXLOWER_PERMISSIVE;
use serde::Deserialize;
use serde_json::json;

use super::error::WebError;
use super::router::Shared;
use crate::comment;
use crate::service::check::{self, Caller, Check, Said};
use crate::service::keys;

/// The largest request.
const BODY_LIMIT: usize = 1024 * 1024;
const SIGNATURE: &str = "x-coral-signature";

/// The one call.
pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/coral/{site}", post(ask)).layer(DefaultBodyLimit::max(BODY_LIMIT))
}

/// What Coral asks, as far as it is looked at.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Asked {
    action: String,
    comment: Comment,
    author: Author,
    story: Story,
    #[serde(default)]
    tenant_domain: String,
}

#[derive(Debug, Deserialize)]
struct Comment {
    body: String,
}

#[derive(Debug, Deserialize)]
struct Author {
    id: String,
    #[serde(default)]
    role: String,
}

#[derive(Debug, Deserialize)]
struct Story {
    #[serde(default)]
    url: String,
}

async fn ask(
    State(shared): State<Shared>,
    Path(site): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(&shared, &site, &headers, &body).unwrap_or_else(|error| error.problem())
}

fn answer(shared: &Shared, site: &str, headers: &HeaderMap, body: &[u8]) -> Result<Response, WebError> {
    let app = &shared.app;
    let site = app.sites.find(site).ok_or_else(|| WebError::no_such_site(site))?;
    let key = keys::signed(app, site.id, body, &signatures(headers)).ok_or_else(unsigned)?;
    let asked: Asked = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
    let caller = Caller { key, site: Arc::clone(&site) };
    let answer = check::check(app, &caller, asked.into());
    if matches!(answer.said, Said::Later(_)) {
        return Err(WebError::away());
    }
    let reason = if answer.abusive { "COMMENT_DETECTED_TOXIC" } else { "COMMENT_DETECTED_SPAM" };
    let status = match answer.state {
        comment::State::Approved | comment::State::Deleted => {
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
        comment::State::Held => "SYSTEM_WITHHELD",
        comment::State::Spam | comment::State::Rejected => "REJECTED",
    };
    let flag = json!({ "actionType": "FLAG", "reason": reason });
    Ok(Json(json!({ "status": status, "actions": [flag] })).into_response())
}

impl From<Asked> for Check {
    fn from(asked: Asked) -> Self {
        Self {
            blog: asked.tenant_domain,
            page: asked.story.url,
            // Coral tells no name and no address: the number of the account stands for both.
            author: asked.author.id,
            administrator: matches!(asked.author.role.as_str(), "STAFF" | "MODERATOR" | "ADMIN"),
            content: asked.comment.body,
            again: asked.action == "EDIT",
            ..Self::default()
        }
    }
}

/// The signatures of a request: `sha256=…`, by the present secret and those before it.
fn signatures(headers: &HeaderMap) -> Vec<Vec<u8>> {
    let sent = headers.get_all(SIGNATURE).iter().filter_map(|value| value.to_str().ok());
    sent.flat_map(|value| value.split(','))
        .filter_map(|one| HEXLOWER_PERMISSIVE.decode(one.trim().strip_prefix("sha256=")?.as_bytes()).ok())
        .collect()
}

fn unsigned() -> WebError {
    WebError::new(
        StatusCode::UNAUTHORIZED,
        "The signature is not right",
        "Set the signing secret of the moderation phase in Coral as a key of this site (moderato key create --kind coral --site SITE --name NAME < secret.txt); X-Coral-Signature has to be the HMAC of the body by it.",
    )
}

fn unreadable(error: &serde_json::Error) -> WebError {
    WebError::new(
        StatusCode::BAD_REQUEST,
        "This is no request of a moderation phase",
        format!("Send what Coral sends, as JSON with action, comment, author and story: {error}."),
    )
}
