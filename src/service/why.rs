//! The exact account of a score: what it was made of when the comment came in, what the model makes of it today, what it
//! would be without this or that, and the nearest comment that somebody decided on.
//!
//! What came in is told by the parts that were stored with the decision, because the model has learnt since; every token
//! is told as the present model sees it. Where that gives the same score, nothing has changed and it is the account of
//! both.

use serde::Serialize;
use uuid::Uuid;

use super::sites::Site;
use crate::app::App;
use crate::classifier::{Contribution, Document, Explanation, Group, Score, Seen, features, without_each};
use crate::comment::Likeness;
use crate::policy::{Reason, Source};
use crate::store::cards::DeskRow;
use crate::store::{Conn, StoreError, campaigns, cards};

/// Why a comment scores as it does.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Why {
    /// The comment.
    pub comment: Uuid,
    /// Name of its site.
    pub site: String,
    /// The score it came in with.
    pub then: Then,
    /// What it scores today.
    pub now: Now,
    /// The comment most like it among those that somebody said are spam or are not.
    pub nearest: Option<Nearest>,
}

/// The score that the comment came in with.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Then {
    /// Probability of spam.
    pub spam_probability: f64,
    /// Version of the model.
    pub model: i64,
    /// Share of the text, by weight, that the model had never seen.
    pub unseen: Option<f64>,
    /// As they were stored with the decision, strongest first; their sum is the log-odds of the probability.
    pub parts: Vec<Reason>,
}

/// What the comment scores today: the sum of `bias`, `around` and all groups.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Now {
    /// Probability of spam.
    pub spam_probability: f64,
    /// The same as log-odds.
    pub log_odds: f64,
    /// Version of the model, with what this site has taught it.
    pub model: i64,
    /// Whether this is the score it came in with: nothing has changed since.
    pub as_then: bool,
    /// Whether the text was edited since it came in.
    pub edited: bool,
    /// Log-odds before anything is read.
    pub bias: f64,
    /// The prior of the queue and the signals, as they were when it came in.
    pub around: Vec<Reason>,
    /// What the text, its links and its author say.
    pub groups: Vec<Part>,
    /// Share of its different tokens that the model has never seen; they add nothing.
    pub unseen: f64,
    /// What it would score without one thing in it, the strongest first.
    pub without: Vec<Without>,
}

/// One kind of evidence: the sum of its tokens.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// Kind.
    pub group: Group,
    /// Log-odds towards spam.
    pub log_odds: f64,
    /// Every token that the model knows, strongest first.
    pub tokens: Vec<Token>,
}

/// One token.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Token {
    /// In words: `link to example.top`.
    pub token: String,
    /// Log-odds towards spam.
    pub log_odds: f64,
    /// In how many comments it was seen before.
    pub seen: Seen,
    /// Another token that its evidence may come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shares_with: Option<String>,
}

/// The score of the comment with something left out, everything else being equal.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Without {
    /// What is left out.
    pub what: String,
    /// Probability of spam then.
    pub spam_probability: f64,
    /// The same as log-odds.
    pub log_odds: f64,
}

/// Another comment of the site.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Nearest {
    /// Its id.
    pub comment: Uuid,
    /// Name of its author.
    pub author: String,
    /// What it says.
    pub text: String,
    /// What people said it is: `ham` or `spam`.
    pub label: String,
    /// Share of all words of the two that both have.
    pub alike: f64,
}

/// So many things that would change the score are told.
const WITHOUT: usize = 6;
/// So many labelled comments that share a trait are compared word by word.
const COMPARED: i64 = 200;
/// Two scores nearer than this are one: sums in another order.
const SAME: f64 = 1e-9;

/// The account of a comment's score. `None` where there is no such comment.
pub async fn of(app: &App, site: &Site, id: Uuid) -> Result<Option<(DeskRow, Why)>, StoreError> {
    let mut conn = app.db.conn().await?;
    let Some(row) = cards::of(&mut conn, &[(site.id, id)]).await?.pop() else { return Ok(None) };
    let nearest = nearest(&mut conn, &row).await?;
    let mut parts: Vec<Reason> = serde_json::from_value(row.reasons.clone()).unwrap_or_default();
    parts.retain(|part| !matches!(part.source, Source::Abuse | Source::Rule));
    let now = now(app, &row, &parts);
    let then =
        Then { spam_probability: row.spam_probability, model: row.model_id, unseen: row.unseen_share, parts };
    Ok(Some((row, Why { comment: id, site: site.name.clone(), then, now, nearest })))
}

fn now(app: &App, row: &DeskRow, stored: &[Reason]) -> Now {
    let live = app.live.current();
    let model = live.model(row.site_id);
    let document = Document { content: &row.body, author: &row.author, email: &row.email, url: &row.url };
    let around: Vec<Reason> =
        stored.iter().filter(|part| matches!(part.source, Source::Signal | Source::Queue)).cloned().collect();
    let besides: f64 = around.iter().map(|part| part.log_odds).sum();
    let score = |document: &Document<'_>| model.score(&features(document)).with_prior(besides);
    let Score { log_odds, probability } = score(&document);

    let explanation = model.explain(&document);
    let mut without: Vec<Without> = without_each(&document, &explanation.contributions)
        .into_iter()
        .map(|one| {
            let Score { log_odds, probability } = score(&one.document());
            Without { what: one.what, spam_probability: probability, log_odds }
        })
        .chain(around.iter().map(|part| {
            let Score { log_odds, probability } = Score::from(log_odds - part.log_odds);
            Without { what: format!("“{}”", part.what), spam_probability: probability, log_odds }
        }))
        .collect();
    without.sort_by(|a, b| (b.log_odds - log_odds).abs().total_cmp(&(a.log_odds - log_odds).abs()));
    without.truncate(WITHOUT);

    Now {
        spam_probability: probability,
        log_odds,
        model: live.model_id,
        as_then: live.model_id == row.model_id && (probability - row.spam_probability).abs() < SAME,
        edited: row.edited,
        bias: explanation.bias,
        around,
        unseen: explanation.unseen,
        groups: groups(explanation),
        without,
    }
}

fn groups(explanation: Explanation) -> Vec<Part> {
    let sums = explanation.groups();
    let mut groups = sums.map(|(group, log_odds)| Part { group, log_odds, tokens: Vec::new() });
    for Contribution { group, token, log_odds, seen, shares_with } in explanation.contributions {
        groups[group as usize].tokens.push(Token { token, log_odds, seen, shares_with });
    }
    groups.into_iter().filter(|part| !part.tokens.is_empty()).collect()
}

/// The likest labelled comment among those that share a trait with this one.
async fn nearest(conn: &mut Conn, row: &DeskRow) -> Result<Option<Nearest>, StoreError> {
    let likeness = Likeness::of(&row.body, &row.url);
    let traits = likeness.traits();
    if traits.is_empty() {
        return Ok(None);
    }
    let candidates = campaigns::labelled_sharing(conn, row.site_id, row.id, &traits, COMPARED).await?;
    let compared = candidates.into_iter().map(|other| {
        let alike = likeness.share(&Likeness::of(&other.body, &other.url));
        Nearest { comment: other.id, author: other.author, text: other.body, label: other.label, alike }
    });
    // Of equals the newest.
    Ok(compared.reduce(|best, other| if other.alike > best.alike { other } else { best }))
}
