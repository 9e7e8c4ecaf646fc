//! Checks: what the filter makes of comments that are shown elsewhere, one at a time or many.

use std::net::IpAddr;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;
use utoipa::openapi::schema::ObjectBuilder;

use super::gate::{By, ToCheck};
use super::read::{Body, invalid, object};
use super::shape::{Answer, ScorePart, one_of, parts};
use crate::comment::State as Standing;
use crate::service::check::{self, Caller, Check, Explained, Said};
use crate::web::error::Entry;
use crate::web::router::Shared;

/// A comment to be judged. Anything but the text may be left out, and nothing need be well-formed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "yes-or-no fields of a request")]
pub(super) struct CheckRequest {
    /// The text, as HTML or not; of more than 65,525 bytes the beginning counts.
    comment: String,
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
    /// The sender's network address. Only a keyed hash of its network is kept.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    ip: Option<IpAddr>,
    /// A field that people do not see was filled in.
    #[serde(default)]
    trap_filled: bool,
    /// Somebody wrote it whom the site trusts as much as itself.
    #[serde(default)]
    trusted: bool,
    /// Judge, and leave no trace: nothing is stored, counted or shown on the desk.
    #[serde(default)]
    dry_run: bool,
    /// Say what the score is made of.
    #[serde(default)]
    explain: bool,
}

impl CheckRequest {
    fn into_check(self) -> Check {
        Check {
            blog: self.article.clone(),
            page: self.article,
            address: self.ip,
            author: self.author,
            email: self.email,
            url: self.url,
            content: self.comment,
            trap_filled: self.trap_filled,
            administrator: self.trusted,
            test: self.dry_run,
            ..Check::default()
        }
    }
}

/// What the filter makes of a comment.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CheckAnswer {
    /// Stands for the comment in feedback: the same for the same comment of the same site.
    check: String,
    /// What the site's thresholds and rules make of it: publish it, let a person look first, or turn it away.
    #[schema(schema_with = decision)]
    decision: &'static str,
    /// Probability of spam.
    #[schema(minimum = 0, maximum = 1)]
    spam_probability: f64,
    /// The same as log-odds.
    log_odds: f64,
    /// So plainly spam that nobody need look at it.
    discard: bool,
    /// Whether it is taken in, to be shown on the desk. Where it is not although it was no dry run, too much waits to be stored:
    /// ask again in a few minutes.
    stored: bool,
    /// The model that judged.
    model: i64,
    /// What the score is made of, strongest first, if that was asked for; all parts add up to the log-odds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    parts: Option<Vec<ScorePart>>,
}

fn decision() -> ObjectBuilder {
    one_of(["approve", "hold", "reject"])
}

fn judge(shared: &Shared, caller: &Caller, request: CheckRequest) -> CheckAnswer {
    let (explain, dry_run) = (request.explain, request.dry_run);
    let explained = check::check_explained(&shared.app, caller, request.into_check());
    let Explained { answer, judgement, model_id } = explained;
    CheckAnswer {
        check: answer.guid,
        decision: match answer.state {
            Standing::Approved => "approve",
            Standing::Held => "hold",
            Standing::Spam | Standing::Rejected | Standing::Deleted => "reject",
        },
        spam_probability: judgement.spam_probability,
        log_odds: judgement.log_odds,
        discard: matches!(answer.said, Said::Spam { discard: true }),
        stored: !dry_run && !matches!(answer.said, Said::Later(_)),
        model: model_id,
        parts: explain.then(|| parts(judgement.reasons)),
    }
}

/// Check a comment
///
/// Judges a comment that is shown elsewhere, without waiting for the database, and takes it in behind the answer: it appears on
/// the desk. Repeating it changes nothing: the same comment is the same check.
#[utoipa::path(post, path = "/check", tag = "Checks", operation_id = "check",
    security(("key" = ["check"])),
    request_body(content = CheckRequest, example = json!({
        "comment": "Thank you for this article!", "author": "Mia", "article": "https://blog.example/a-walk", "explain": true
    })),
    responses((status = 200, description = "What the filter makes of it", body = CheckAnswer)))]
pub(super) async fn one(
    State(shared): State<Shared>,
    By(caller, _): By<ToCheck>,
    Body(request): Body<CheckRequest>,
) -> Json<CheckAnswer> {
    Json(judge(&shared, &caller, request))
}

/// So many comments at most are checked by one request.
const BATCH: usize = 1_000;
/// After so many comments others have a turn.
const TURN: usize = 20;

/// Comments to be judged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BatchRequest {
    /// The comments, each as for a single check.
    #[schema(value_type = Vec<CheckRequest>, min_items = 1, max_items = 1000)]
    checks: Vec<Map<String, Value>>,
}

/// What the filter makes of them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BatchAnswer {
    /// One answer a comment, in the order they were sent.
    answers: Vec<CheckAnswer>,
}

/// Check up to 1,000 comments
///
/// The same for many comments at once. Either all are well-formed and judged, or none is.
#[utoipa::path(post, path = "/check/batch", tag = "Checks", operation_id = "checkBatch",
    security(("key" = ["check"])),
    request_body(content = BatchRequest, example = json!({
        "checks": [{ "comment": "Thank you for this article!" }, { "comment": "Cheap pills: http://pills.example.top" }]
    })),
    responses((status = 200, description = "What the filter makes of them", body = BatchAnswer)))]
pub(super) async fn batch(
    State(shared): State<Shared>,
    By(caller, _): By<ToCheck>,
    Body(request): Body<BatchRequest>,
) -> Answer<Json<BatchAnswer>> {
    let count = request.checks.len();
    if !(1..=BATCH).contains(&count) {
        let detail = format!("These are {count} comments, and 1 to {BATCH} can be checked at once.");
        return Err(invalid(vec![Entry::at("checks", detail)]));
    }
    let mut checks = Vec::with_capacity(count);
    for (place, check) in request.checks.into_iter().enumerate() {
        let bytes = Value::Object(check).to_string();
        checks.push(object::<CheckRequest>(bytes.as_bytes(), &format!("checks/{place}/"))?);
    }
    let mut answers = Vec::with_capacity(count);
    for check in checks {
        answers.push(judge(&shared, &caller, check));
        if answers.len() % TURN == 0 {
            tokio::task::yield_now().await;
        }
    }
    Ok(Json(BatchAnswer { answers }))
}
