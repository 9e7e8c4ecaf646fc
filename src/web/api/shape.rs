//! What more than one answer is made of.

use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use uuid::Uuid;

use crate::comment::{RejectReason, State, Verdict};
use crate::policy::{Reason, Source};
use crate::store::cards::DeskRow;
use crate::web::error::WebError;

/// The schema of one of these words.
pub(super) fn one_of(words: impl IntoIterator<Item = &'static str>) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words))
}

/// Where a comment stands.
pub(super) fn state() -> ObjectBuilder {
    one_of(State::ALL.map(State::as_str)).description(Some(
        "Where it stands: published, waiting for a person, turned away as spam, unwanted but no spam, or removed for good.",
    ))
}

/// What is decided.
pub(super) fn verdict() -> ObjectBuilder {
    one_of(Verdict::ALL.map(Verdict::as_str))
        .description(Some("Publish it, call it spam, turn it away for something else, or let it wait."))
}

/// Why a comment is rejected, or nothing.
pub(super) fn reject_reason_or_none() -> ObjectBuilder {
    let words = RejectReason::ALL.map(|reason| Some(reason.as_str()));
    ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::SchemaType::from_iter([Type::String, Type::Null]))
        .enum_values(Some(words.into_iter().chain([None])))
        .description(Some("Why it is rejected, if it is and somebody has said so."))
}

/// Genuine or spam.
pub(super) fn label() -> ObjectBuilder {
    one_of(["ham", "spam"])
}

/// One part of a score.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ScorePart {
    /// Where it comes from: the text, the rest of the text, evidence around it, the site's recent queue; a model of abuse or a
    /// rule, which weigh nothing as spam.
    #[schema(schema_with = source)]
    source: Source,
    /// In words: “link to example.top”.
    what: String,
    /// Log-odds towards spam (above 0) or ham (below 0).
    log_odds: f64,
}

fn source() -> ObjectBuilder {
    one_of(["text", "rest", "signal", "queue", "abuse", "rule"])
}

pub(super) fn parts(reasons: Vec<Reason>) -> Vec<ScorePart> {
    let part = |Reason { source, what, log_odds }| ScorePart { source, what, log_odds };
    reasons.into_iter().map(part).collect()
}

/// A comment.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "named as in requests")]
pub(super) struct Comment {
    /// Its id.
    id: Uuid,
    /// Where it stands.
    #[schema(schema_with = state)]
    state: State,
    /// Counts its changes; the `ETag` of the comment.
    version: i32,
    /// Address of the commented page.
    article: String,
    /// Name.
    author: String,
    /// E-mail address, or empty.
    email: String,
    /// Website, or empty.
    url: String,
    /// The text as it stands now, Markdown.
    comment: String,
    /// When it came in.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// Probability of spam when it came in.
    spam_probability: f64,
    /// Probability of abuse when it came in, if a model of that is in force.
    abuse_probability: Option<f64>,
    /// The model that judged.
    model: i64,
    /// What people said it is.
    #[schema(schema_with = label_or_none)]
    label: Option<String>,
    /// Why it is rejected.
    #[schema(schema_with = reject_reason_or_none)]
    reject_reason: Option<String>,
    /// ISO 639-3 code of the language, where it can be told.
    language: Option<String>,
    /// Reports by readers that nobody has answered yet.
    reports: i32,
    /// Whether a moderator wrote it, in the site's name.
    by_moderator: bool,
    /// Whether a moderator changed what it says.
    edited: bool,
}

fn label_or_none() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::SchemaType::from_iter([Type::String, Type::Null]))
        .enum_values(Some([Some("ham"), Some("spam"), None]))
        .description(Some("What people said it is, if they did."))
}

impl From<DeskRow> for Comment {
    fn from(row: DeskRow) -> Self {
        Self {
            id: row.id,
            state: row.state,
            version: row.version,
            article: row.article_url,
            author: row.author,
            email: row.email,
            url: row.url,
            comment: row.body,
            created_at: row.created_at,
            spam_probability: row.spam_probability,
            abuse_probability: row.abuse_probability,
            model: row.model_id,
            label: row.label,
            reject_reason: row.reject_reason,
            language: row.language,
            reports: row.reports,
            by_moderator: row.by_moderator,
            edited: row.edited,
        }
    }
}

/// A problem in the document.
pub(super) use crate::web::error::Problem;

/// What a use case could not do for want of Postgres, or by a bug.
pub(super) type Answer<T> = Result<T, WebError>;
