//! The exact account of a comment's score.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::ObjectBuilder;
use uuid::Uuid;

use super::gate::{By, ToRead};
use super::read::{CommentId, no_such_comment};
use super::shape::{Answer, Problem, ScorePart, label, one_of, parts};
use crate::classifier::{Group, Seen};
use crate::comment::State as Standing;
use crate::service::why;
use crate::web::router::Shared;

/// Why a comment scores as it does.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct WhyAnswer {
    /// The comment.
    comment: Uuid,
    /// The score it came in with.
    then: ScoreThen,
    /// What it scores today.
    now: ScoreNow,
    /// The comment most like it among those that people said are spam or are not.
    nearest: Option<Nearest>,
}

/// The score a comment came in with; its parts add up to the log-odds of the probability.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ScoreThen {
    /// Probability of spam.
    spam_probability: f64,
    /// The model that judged.
    model: i64,
    /// Share of the text, by weight, that the model had never seen.
    unseen: Option<f64>,
    /// The strongest first.
    parts: Vec<ScorePart>,
}

/// What a comment scores today: the log-odds are the sum of `bias`, `around` and all groups.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ScoreNow {
    /// Probability of spam.
    spam_probability: f64,
    /// The same as log-odds.
    log_odds: f64,
    /// The model, with what this site has taught it.
    model: i64,
    /// Whether this is the score it came in with.
    as_then: bool,
    /// Whether the text was edited since.
    edited: bool,
    /// Log-odds before anything is read.
    bias: f64,
    /// The site's queue and the signals, as they were when it came in.
    around: Vec<ScorePart>,
    /// What the text, its links and its author say.
    groups: Vec<GroupPart>,
    /// Share of its different tokens that the model has never seen; they add nothing.
    unseen: f64,
    /// What it would score without one thing in it, the strongest first.
    without: Vec<Without>,
}

/// One kind of evidence: the sum of its tokens.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GroupPart {
    /// The kind.
    #[schema(schema_with = group)]
    group: &'static str,
    /// Log-odds towards spam.
    log_odds: f64,
    /// Every token that the model knows, strongest first.
    tokens: Vec<Token>,
}

fn group() -> ObjectBuilder {
    one_of(Group::ALL.map(Group::as_str))
}

/// One token.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "named as on the desk")]
pub(super) struct Token {
    /// In words: “link to example.top”.
    token: String,
    /// Log-odds towards spam.
    log_odds: f64,
    /// In how many genuine comments it was seen before.
    seen_ham: u32,
    /// In how many of spam.
    seen_spam: u32,
    /// Another token that its evidence may come from.
    shares_with: Option<String>,
}

/// The score with something left out, everything else being equal.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Without {
    /// What is left out.
    what: String,
    /// Probability of spam then.
    spam_probability: f64,
    /// The same as log-odds.
    log_odds: f64,
}

/// Another comment of the site.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Nearest {
    /// Its id.
    comment: Uuid,
    /// Name of its author.
    author: String,
    /// What it says.
    text: String,
    /// What people said it is.
    #[schema(schema_with = label)]
    label: String,
    /// Share of all words of the two that both have.
    alike: f64,
}

/// Explain a comment's score
///
/// The exact account: what the score was made of when the comment came in, what every token adds today, what the comment would score
/// without this or that, and the labelled comment nearest to it.
#[utoipa::path(get, path = "/comments/{id}/why", tag = "Comments", operation_id = "explainComment",
    security(("key" = ["read"])), params(("id" = Uuid, Path, description = "The comment")),
    responses((status = 200, description = "The account", body = WhyAnswer),
              (status = 404, description = "There is no such comment", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn show(
    State(shared): State<Shared>,
    By(caller, _): By<ToRead>,
    CommentId(id): CommentId,
) -> Answer<Json<WhyAnswer>> {
    let found = why::of(&shared.app, &caller.site, id).await?;
    let (_, why) = found.filter(|(row, _)| row.state != Standing::Deleted).ok_or_else(no_such_comment)?;
    Ok(Json(WhyAnswer {
        comment: why.comment,
        then: ScoreThen {
            spam_probability: why.then.spam_probability,
            model: why.then.model,
            unseen: why.then.unseen,
            parts: parts(why.then.parts),
        },
        now: today(why.now),
        nearest: why.nearest.map(|why::Nearest { comment, author, text, label, alike }| Nearest {
            comment,
            author,
            text,
            label,
            alike,
        }),
    }))
}

fn today(now: why::Now) -> ScoreNow {
    let token = |why::Token { token, log_odds, seen: Seen { ham, spam }, shares_with }| Token {
        token,
        log_odds,
        seen_ham: ham,
        seen_spam: spam,
        shares_with,
    };
    let groups = now.groups.into_iter().map(|why::Part { group, log_odds, tokens }| GroupPart {
        group: group.as_str(),
        log_odds,
        tokens: tokens.into_iter().map(token).collect(),
    });
    let without = now.without.into_iter().map(|why::Without { what, spam_probability, log_odds }| Without {
        what,
        spam_probability,
        log_odds,
    });
    ScoreNow {
        spam_probability: now.spam_probability,
        log_odds: now.log_odds,
        model: now.model,
        as_then: now.as_then,
        edited: now.edited,
        bias: now.bias,
        around: parts(now.around),
        groups: groups.collect(),
        unseen: now.unseen,
        without: without.collect(),
    }
}
