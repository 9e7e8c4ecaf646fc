//! Comments: listing them page by page, one of them, and all of them as lines.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use data_encoding::BASE64URL_NOPAD;
use futures_util::stream;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use utoipa::openapi::schema::ObjectBuilder;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::gate::{By, ToRead};
use super::read::{CommentId, Parameters, etag, has_already, no_such_comment};
use super::shape::{Answer, Comment, Problem, ScorePart, one_of, parts, reject_reason_or_none, state};
use crate::comment::{ArticleUrl, Order, Queue, RejectReason, State as Standing};
use crate::service::desk;
use crate::service::sites::Site;
use crate::store::decisions::DecisionRow;
use crate::store::queues::Place;
use crate::web::error::WebError;
use crate::web::router::Shared;

/// So many comments are listed at a time, if nothing else is said.
const PAGE: usize = 50;
/// So many at most.
const LONGEST_PAGE: usize = 200;
/// So many are read at a time for an export.
const CHUNK: usize = 200;

pub(super) fn queue() -> ObjectBuilder {
    one_of(Queue::ALL.map(Queue::as_str))
}

fn queue_or_all() -> ObjectBuilder {
    queue().description(Some("A queue of the desk; without it all comments."))
}

const ORDERS: [Order; 5] = [Order::Doubt, Order::Line, Order::Reports, Order::Newest, Order::Oldest];

fn order() -> ObjectBuilder {
    one_of(ORDERS.map(Order::as_str))
        .description(Some("One of the queue's orders, see the queues; without it the first of them."))
}

/// Which comments.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what `which` reads")]
pub(super) struct Which {
    #[param(required = false, schema_with = queue_or_all)]
    queue: String,
    /// Only under the page of this address.
    article: Option<String>,
    /// Only in this language (ISO 639-3).
    #[param(pattern = "^[a-z]{3}$", example = "eng")]
    language: Option<String>,
    /// Only with these words.
    search: Option<String>,
    /// Only what came in from this moment on.
    #[param(format = DateTime)]
    from: Option<String>,
    /// Only what came in before this moment.
    #[param(format = DateTime)]
    until: Option<String>,
}

/// Which page of them.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "describes what `list` reads")]
pub(super) struct Paging {
    #[param(required = false, schema_with = order)]
    order: String,
    /// So many comments at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Where the page begins: `next` of the page before.
    #[param(pattern = "^[A-Za-z0-9_-]{32}$", example = json!(null))]
    after: Option<String>,
}

/// Reads which comments are meant. `None`: none, because nobody has commented on that page.
async fn which(
    shared: &Shared,
    site: &Site,
    parameters: &mut Parameters,
) -> Result<Option<desk::Query>, WebError> {
    let queue = parameters.parsed("queue", "no queue; see /api/v1/queues for those there are", Queue::parse);
    let queue = queue.unwrap_or(Queue::All);
    let article = parameters.parsed("article", "no address of a page", |sent| ArticleUrl::parse(sent).ok());
    let article = match article {
        Some(article) => desk::article(&shared.app, site, &article).await?.map(Some),
        None => Some(None),
    };
    let moment = |sent: &str| OffsetDateTime::parse(sent, &Rfc3339).ok();
    let wrong = "no moment; write it as 2026-11-28T12:00:00Z";
    let query = desk::Query {
        site: Some(site.id),
        queue,
        order: queue.orders()[0],
        article: article.flatten(),
        author: None,
        language: parameters.parsed("language", "no ISO 639-3 code: three lower-case letters", |sent| {
            (sent.len() == 3 && sent.bytes().all(|byte| byte.is_ascii_lowercase())).then(|| sent.to_owned())
        }),
        signal: None,
        rule: None,
        because: None,
        each: true,
        network: None,
        from: parameters.parsed("from", wrong, moment),
        until: parameters.parsed("until", wrong, moment),
        search: parameters.text("search"),
        after: None,
    };
    Ok(article.map(|_| query))
}

/// A page of comments.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CommentPage {
    /// The comments.
    comments: Vec<Comment>,
    /// Where the next page begins (parameter `after`), if there is one.
    next: Option<String>,
}

/// List comments
///
/// One page of a queue. Pages continue by cursor, so that what comes in meanwhile moves nothing.
#[utoipa::path(get, path = "/comments", tag = "Comments", operation_id = "listComments",
    security(("key" = ["read"])), params(Which, Paging),
    responses((status = 200, description = "A page of comments", body = CommentPage),
              (status = 422, description = "A parameter is wrong", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn list(
    State(shared): State<Shared>,
    By(caller, _): By<ToRead>,
    mut parameters: Parameters,
) -> Answer<Json<CommentPage>> {
    let site = &caller.site;
    let query = which(&shared, site, &mut parameters).await?;
    let queue = query.as_ref().map_or(Queue::All, |query| query.queue);
    let order = parameters.parsed("order", "no order of this queue; see /api/v1/queues", |sent| {
        queue.orders().iter().copied().find(|order| order.as_str() == sent)
    });
    let limit = parameters.parsed("limit", "no number from 1 to 200", |sent| {
        sent.parse().ok().filter(|limit| (1..=LONGEST_PAGE).contains(limit))
    });
    let after = parameters.parsed("after", "no “next” of a page", place);
    parameters.done()?;
    let Some(query) = query else { return Ok(Json(CommentPage { comments: Vec::new(), next: None })) };
    let query = desk::Query { order: order.unwrap_or(query.order), after, ..query };
    let (rows, next) = desk::of_site(&shared.app, site, &query, limit.unwrap_or(PAGE)).await?;
    Ok(Json(CommentPage { comments: rows.into_iter().map(Comment::from).collect(), next: next.map(cursor) }))
}

/// A place in a queue, as 24 bytes in letters.
fn cursor(Place { key, id }: Place) -> String {
    BASE64URL_NOPAD.encode(&[&key.to_be_bytes()[..], id.as_bytes()].concat())
}

fn place(cursor: &str) -> Option<Place> {
    let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).ok()?;
    let (key, id) = bytes.split_first_chunk()?;
    let key = Some(f64::from_be_bytes(*key)).filter(|key| key.is_finite())?;
    Some(Place { key, id: Uuid::from_slice(id).ok()? })
}

/// Export comments
///
/// All comments of a queue, the oldest first, as JSON lines: one comment a line.
#[utoipa::path(get, path = "/comments/export", tag = "Comments", operation_id = "exportComments",
    security(("key" = ["read"])), params(Which),
    responses((status = 200, description = "The comments, one a line, each as in a list", body = String, content_type = "application/x-ndjson"),
              (status = 422, description = "A parameter is wrong", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn export(
    State(shared): State<Shared>,
    By(caller, _): By<ToRead>,
    mut parameters: Parameters,
) -> Answer<Response> {
    let query = which(&shared, &caller.site, &mut parameters).await?;
    parameters.done()?;
    let query = query.map(|query| desk::Query { order: Order::Oldest, ..query });
    // Piece by piece, each a query of its own: an export of any size holds neither memory nor a connection.
    let pieces = stream::try_unfold(query, move |query| {
        let (shared, caller) = (shared.clone(), caller.clone());
        async move {
            let Some(query) = query else { return Ok(None) };
            let (rows, next) = desk::of_site(&shared.app, &caller.site, &query, CHUNK).await?;
            let mut lines = Vec::new();
            for row in rows {
                serde_json::to_writer(&mut lines, &Comment::from(row))?;
                lines.push(b'\n');
            }
            let later = next.map(|next| desk::Query { after: Some(next), ..query });
            Ok::<_, anyhow::Error>(Some((Bytes::from(lines), later)))
        }
    });
    let kind = [(CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"))];
    Ok((kind, Body::from_stream(pieces)).into_response())
}

/// A comment with its history.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CommentWithHistory {
    #[serde(flatten)]
    comment: Comment,
    /// What was done with it, oldest first; the first line is what was decided when it came in.
    history: Vec<HistoryLine>,
}

/// A line of a comment's history.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct HistoryLine {
    /// Id.
    id: Uuid,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    /// Name of the moderator or key; nobody where the filter decided.
    by: Option<String>,
    /// What was done: `decided`, `edited` or `answered`.
    act: String,
    /// State before; nothing when it came in.
    from: Option<String>,
    /// State after.
    #[schema(schema_with = state)]
    to: String,
    /// Why it is rejected since.
    #[schema(schema_with = reject_reason_or_none)]
    reason: Option<String>,
    /// The line that this one takes back.
    undoes: Option<Uuid>,
    /// What the score was made of, where the filter decided.
    parts: Vec<ScorePart>,
}

impl From<DecisionRow> for HistoryLine {
    fn from(row: DecisionRow) -> Self {
        Self {
            id: row.id,
            at: row.decided_at,
            by: row.who,
            act: row.act,
            from: row.from_state,
            to: row.to_state,
            reason: row.reason.filter(|reason| RejectReason::parse(reason).is_some()),
            undoes: row.undoes,
            parts: parts(serde_json::from_value(row.reasons).unwrap_or_default()),
        }
    }
}

/// Read a comment
///
/// The comment with its history. Its `ETag` begins with its version: send it as `If-None-Match` to ask whether anything has changed, and as
/// `If-Match` with a decision.
#[utoipa::path(get, path = "/comments/{id}", tag = "Comments", operation_id = "readComment",
    security(("key" = ["read"])),
    params(("id" = Uuid, Path, description = "Its id"),
           ("If-None-Match" = Option<String>, Header, description = "An `ETag`: nothing is sent if the comment is still what it was then")),
    responses(
        (status = 200, description = "The comment", body = CommentWithHistory, headers(("ETag" = String, description = "Stands for what is sent; begins with the version"))),
        (status = 304, description = "It has not changed"),
        (status = 404, description = "There is no such comment", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn show(
    State(shared): State<Shared>,
    By(caller, _): By<ToRead>,
    CommentId(id): CommentId,
    headers: HeaderMap,
) -> Answer<Response> {
    let found = desk::find(&shared.app, &caller.site, id).await?;
    let (row, history) =
        found.filter(|(row, _)| row.state != Standing::Deleted).ok_or_else(no_such_comment)?;
    let version = row.version;
    let history = history.into_iter().map(HistoryLine::from).collect();
    let body = serde_json::to_vec(&CommentWithHistory { comment: row.into(), history })
        .map_err(WebError::from_bug)?;
    let tag = etag(version, &body);
    let unchanged = has_already(&headers, &tag);
    let head = [(ETAG, tag), (CACHE_CONTROL, "private, no-cache".to_owned())];
    if unchanged {
        return Ok((StatusCode::NOT_MODIFIED, head).into_response());
    }
    Ok((head, [(CONTENT_TYPE, "application/json")], body).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_lead_back_to_their_place() {
        let id = Uuid::from_u128(7);
        for key in [0.0, 0.25, -3.0] {
            let written = cursor(Place { key, id });
            assert_eq!(written.len(), 32);
            assert_eq!(place(&written), Some(Place { key, id }));
        }
        for wrong in ["", "x", "AAAA", &cursor(Place { key: f64::NAN, id })] {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }
}
