//! What moderators write: an answer to a comment (`…/reply`), or what a comment says, put right (`…/edit`). A form that cannot
//! be carried out comes back with everything that was typed.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Form, Json};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::comment::{Sees, card, href};
use super::decide::{answer_with, as_json};
use super::flash::Flash;
use super::inside;
use super::session::Decider;
use crate::comment::{FieldError, Wording, limits};
use crate::service::accounts::Moderator;
use crate::service::answer::{self, Answer};
use crate::service::desk;
use crate::service::edit;
use crate::service::moderate::ModerateError;
use crate::service::sites::Site;
use crate::store::cards::DeskRow;
use crate::web::error::{WebError, html, prefers_json};
use crate::web::markup::desk_layout;
use crate::web::router::Shared;
use crate::web::views::{self, Hidden, WritePage};

/// A comment's text in a form, where every byte may take three.
pub(super) const BODY_LIMIT: usize = 3 * limits::BODY + 8 * 1024;

/// Where the form was opened.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Opened {
    back: String,
}

/// What both forms send.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sent {
    /// The version that was on the card.
    version: i32,
    comment: String,
    author: String,
    url: String,
    /// The mark of an answer's form: sent twice, it is one answer.
    mark: Uuid,
    back: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Reply,
    Edit,
}

/// A comment of a site that is the moderator's.
struct Found {
    site: std::sync::Arc<Site>,
    row: DeskRow,
}

async fn find(shared: &Shared, moderator: &Moderator, site: &str, id: &str) -> Result<Found, WebError> {
    let site = desk::site_named(&shared.app, moderator, site).ok_or_else(|| WebError::no_such_site(site))?;
    let id = Uuid::try_parse(id).map_err(|_error| WebError::not_found())?;
    let (row, _history) = desk::find(&shared.app, &site, id).await?.ok_or_else(WebError::not_found)?;
    Ok(Found { site, row })
}

pub(super) async fn reply_form(
    State(shared): State<Shared>,
    Decider(moderator): Decider,
    Path((site, id)): Path<(String, String)>,
    Query(opened): Query<Opened>,
) -> Result<Response, WebError> {
    let found = find(&shared, &moderator, &site, &id).await?;
    let fresh = Sent {
        version: found.row.version,
        mark: shared.app.new_id(shared.app.now()),
        back: opened.back,
        ..Sent::default()
    };
    Ok(html(&page(&shared, &moderator, Kind::Reply, &found, &fresh, Vec::new(), None)))
}

pub(super) async fn edit_form(
    State(shared): State<Shared>,
    Decider(moderator): Decider,
    Path((site, id)): Path<(String, String)>,
    Query(opened): Query<Opened>,
) -> Result<Response, WebError> {
    let found = find(&shared, &moderator, &site, &id).await?;
    let fresh = Sent {
        version: found.row.version,
        comment: found.row.body.clone(),
        author: found.row.author.clone(),
        url: found.row.url.clone(),
        back: opened.back,
        ..Sent::default()
    };
    Ok(html(&page(&shared, &moderator, Kind::Edit, &found, &fresh, Vec::new(), None)))
}

pub(super) async fn reply(
    State(shared): State<Shared>,
    Decider(moderator): Decider,
    Path((site, id)): Path<(String, String)>,
    jar: CookieJar,
    headers: HeaderMap,
    Form(sent): Form<Sent>,
) -> Result<Response, WebError> {
    let found = find(&shared, &moderator, &site, &id).await?;
    let wording = match Wording::parse(&sent.comment, &moderator.name, "") {
        Ok(wording) => wording,
        Err(errors) => return Ok(refuse(&shared, &moderator, Kind::Reply, &found, &sent, &headers, errors)),
    };
    let written = Answer { wording: &wording, seen: Some(sent.version), mark: sent.mark };
    match answer::answer(&shared.app, &moderator, &found.site, found.row.id, written).await {
        Ok(answered) => {
            let flash = Flash::Answered(answered.undo);
            if prefers_json(&headers) {
                let said = json!({
                    "message": flash.message(),
                    "comment": answered.comment,
                    "state": "approved",
                    "version": answered.version,
                    "undo": answered.undo.map(as_json),
                });
                return Ok(Json(said).into_response());
            }
            Ok((jar.add(flash.cookie()), Redirect::to(inside(&sent.back))).into_response())
        }
        Err(error) => late(&shared, &moderator, Kind::Reply, &found, sent, &headers, error).await,
    }
}

pub(super) async fn save(
    State(shared): State<Shared>,
    Decider(moderator): Decider,
    Path((site, id)): Path<(String, String)>,
    jar: CookieJar,
    headers: HeaderMap,
    Form(sent): Form<Sent>,
) -> Result<Response, WebError> {
    let found = find(&shared, &moderator, &site, &id).await?;
    let wording = match Wording::parse(&sent.comment, &sent.author, &sent.url) {
        Ok(wording) => wording,
        Err(errors) => return Ok(refuse(&shared, &moderator, Kind::Edit, &found, &sent, &headers, errors)),
    };
    match edit::edit(&shared.app, &moderator, &found.site, found.row.id, &wording, Some(sent.version)).await {
        Ok(edited) => {
            let flash = match edited.decision {
                Some(decision) => Flash::Edited(found.site.id, decision),
                None => Flash::Unchanged(edited.state),
            };
            Ok(answer_with(jar, &headers, flash, &edited, &sent.back))
        }
        Err(error) => late(&shared, &moderator, Kind::Edit, &found, sent, &headers, error).await,
    }
}

/// What was typed cannot be.
fn refuse(
    shared: &Shared,
    moderator: &Moderator,
    kind: Kind,
    found: &Found,
    sent: &Sent,
    headers: &HeaderMap,
    errors: Vec<FieldError>,
) -> Response {
    if prefers_json(headers) {
        let why: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
        let error = WebError::new(StatusCode::UNPROCESSABLE_ENTITY, "This cannot be saved", "")
            .because(why.join(" "));
        return error.with_fields(errors).into_response();
    }
    let page = page(shared, moderator, kind, found, sent, errors, None);
    (StatusCode::UNPROCESSABLE_ENTITY, html(&page)).into_response()
}

/// Somebody was quicker: what was typed is shown again beside what the comment is now, and can be sent all the same.
async fn late(
    shared: &Shared,
    moderator: &Moderator,
    kind: Kind,
    found: &Found,
    sent: Sent,
    headers: &HeaderMap,
    error: ModerateError,
) -> Result<Response, WebError> {
    if !matches!(error, ModerateError::Conflict { .. }) || prefers_json(headers) {
        return Err(error.into());
    }
    let found = find(shared, moderator, &found.site.name, &found.row.id.to_string()).await?;
    let message = format!("{error}. Look at it, and send your text again if it still fits.");
    let again = Sent { version: found.row.version, ..sent };
    let page = page(shared, moderator, kind, &found, &again, Vec::new(), Some(message));
    Ok((StatusCode::CONFLICT, html(&page)).into_response())
}

fn page(
    shared: &Shared,
    moderator: &Moderator,
    kind: Kind,
    found: &Found,
    sent: &Sent,
    errors: Vec<FieldError>,
    message: Option<String>,
) -> WritePage {
    let hidden = |name, value: String| Hidden { name, value };
    let own = href(&found.site, found.row.id);
    let back = if sent.back.is_empty() { own.clone() } else { inside(&sent.back).to_owned() };
    let mut fields = vec![hidden("version", sent.version.to_string()), hidden("back", back.clone())];
    if kind == Kind::Reply {
        fields.push(hidden("mark", sent.mark.to_string()));
    }
    let approves = kind == Kind::Reply && found.row.state != crate::comment::State::Approved;
    WritePage {
        layout: desk_layout(Some(moderator)),
        heading: match kind {
            Kind::Reply => format!("Reply to {}", found.row.author),
            Kind::Edit => format!("Edit the comment by {}", found.row.author),
        },
        hint: match kind {
            Kind::Reply if approves => format!(
                "Published as “{}”, marked as a moderator’s, and approves the comment. One undo takes back both.",
                moderator.name
            ),
            Kind::Reply => format!("Published as “{}”, marked as a moderator’s.", moderator.name),
            Kind::Edit => {
                "Readers are told that a moderator edited it. What came in is kept, and stays what is learnt."
                    .to_owned()
            }
        },
        message,
        errors: errors
            .into_iter()
            .map(|FieldError { field, message }| views::FieldError {
                field: field.as_str().to_owned(),
                message,
            })
            .collect(),
        card: card(&found.row, &found.site, &back, moderator, Sees::Sample, shared.app.now())
            .without_verdicts(),
        action: format!("{own}/{}", if kind == Kind::Reply { "reply" } else { "edit" }),
        hidden: fields,
        text: sent.comment.clone(),
        who: (kind == Kind::Edit).then(|| views::Who { author: sent.author.clone(), url: sent.url.clone() }),
        button: match kind {
            Kind::Reply if approves => "Approve and reply",
            Kind::Reply => "Reply",
            Kind::Edit => "Save",
        },
        longest: limits::BODY,
        back,
    }
}
