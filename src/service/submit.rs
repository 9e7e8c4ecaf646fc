//! A reader's comment: judged, stored with its decision, acknowledged.

use std::net::IpAddr;

use data_encoding::HEXLOWER;
use uuid::Uuid;

use super::live::{AbuseModel, Live};
use super::senders;
use super::sites::Site;
use crate::app::App;
use crate::classifier::{Document, Score, features};
use crate::comment::{Field, FieldError, Likeness, State, Submission, fingerprint, language, to_html};
use crate::policy::{
    Abuse, AuthorRecord, Circumstances, FormTiming, Incoming, Judgement, Reason, RecentQueue, Ruling, Signal,
    Source, decide, is_sampled, mind_abuse, mind_rules, prior, signals, state_of,
};
use crate::store::comments::{ARTICLE_RACE, Around, NewComment, ShadowScore, Surroundings};
use crate::store::{StoreError, comments};

/// How a submission came in.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The field that people do not see was filled in.
    pub trap_filled: bool,
    /// How long the form was open.
    pub timing: FormTiming,
    /// The client's own mark of this submission (`Idempotency-Key`), in place of what it says.
    pub idempotency_key: Option<&'a str>,
    /// The sender's network address. Only a keyed hash of its network is kept.
    pub address: IpAddr,
}

/// A comment that is in Postgres.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// Its id.
    pub id: Uuid,
    /// Where it stands.
    pub state: State,
    /// Whether it had been accepted before: a double click or a retry.
    pub repeated: bool,
}

/// A comment was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SubmitError {
    /// What it says cannot be.
    #[error("{0}")]
    Field(FieldError),
    /// Postgres.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// So many parts of the text are kept as reasons; the rest is one sum.
const TELLING: usize = 8;

/// Judges and stores a submission whose article belongs to `site`. When it returns, the comment is in Postgres.
pub async fn submit(
    app: &App,
    site: &Site,
    submission: &Submission,
    arrival: Arrival<'_>,
) -> Result<Accepted, SubmitError> {
    // Twice, because somebody else may make the same article in the same moment; and a statement that was cut
    // off by a restart of Postgres can be repeated, since the submission's key makes it one comment.
    match attempt(app, site, submission, arrival).await {
        Err(SubmitError::Store(error)) if error.is_constraint(ARTICLE_RACE) || error.is_interrupted() => {
            attempt(app, site, submission, arrival).await
        }
        done => done,
    }
}

async fn attempt(
    app: &App,
    site: &Site,
    submission: &Submission,
    arrival: Arrival<'_>,
) -> Result<Accepted, SubmitError> {
    let now = app.now();
    let author_key = senders::author_key(&app.keys, Some(site.id), &submission.email);
    let network = senders::network_key(&app.keys, arrival.address);
    let fingerprint = fingerprint(&submission.body);
    let submission_key = submission_key(submission, arrival.idempotency_key);
    let mut conn = app.db.conn().await?;
    let around = Around {
        site_id: site.id,
        article: submission.article.key(),
        parent: submission.parent,
        author_key: author_key.as_ref().map(|key| &key[..]),
        fingerprint: &fingerprint,
        queue: i64::from(RecentQueue::WINDOW),
        network: network.as_ref().map(|key| &key[..]),
    };
    let surroundings = comments::surroundings(&mut conn, around).await?;
    check_parent(submission, &surroundings)?;

    let live = app.live.current();
    let shadow = app.live.shadow();
    let abuse = app.live.abuse();
    let (mut fired, evidence) = evidence(arrival, &surroundings);
    let models = Models { live: &live, shadow: shadow.as_deref(), abuse: abuse.as_deref() };
    let Judged { judgement, text_probability, unseen_share, shadow, abuse } =
        judge(site, submission, evidence, models);
    if judgement.reasons.iter().any(|reason| reason.source == Source::Abuse) {
        fired.push(Signal::Abuse);
    }
    let rules = app.rules.of(site.id);
    let matching = rules.fired(
        &Incoming {
            document: &document(submission),
            email_keys: &senders::email_keys(&app.keys, site.id, &submission.email),
            network: network.map(|key| HEXLOWER.encode(&key)).as_deref(),
            familiar: surroundings.familiar,
        },
        now,
    );
    if !matching.is_empty() {
        fired.push(Signal::Rule);
    }
    let Ruling { judgement, state, ruled } = mind_rules(judgement, &matching);
    let id = app.new_id(now);
    // The sample tells how often the thresholds are wrong, and people have made the rules.
    let sampling = state != State::Held && !ruled && site.audit_share > 0.0;
    let audit_share = sampling.then_some(site.audit_share);
    let fresh = comments::accept(
        &mut conn,
        &NewComment {
            site_id: site.id,
            id,
            article_id: surroundings.article_id.unwrap_or_else(|| app.new_id(now)),
            article: submission.article.key(),
            article_url: submission.article.as_str(),
            parent_id: submission.parent,
            state,
            author: &submission.author,
            email: &submission.email,
            url: &submission.url,
            body: &submission.body,
            html: &to_html(&submission.body),
            author_key: around.author_key,
            fingerprint: &fingerprint,
            submission_key: &submission_key,
            spam_probability: judgement.spam_probability,
            text_probability,
            unseen_share,
            model_id: live.model_id,
            abuse,
            language: language(&submission.body),
            traits: &Likeness::of(&submission.body, &submission.url).traits(),
            signals: &fired.iter().map(|signal| signal.as_str().to_owned()).collect::<Vec<_>>(),
            shadow: shadow.filter(|_| !ruled),
            audit_share,
            sampled: audit_share.is_some_and(|share| is_sampled(&app.keys.audit, id, share)),
            network: around.network,
            ruled,
            rule_ids: &matching.iter().map(|fired| fired.rule.id()).collect::<Vec<_>>(),
            decision_id: app.new_id(now),
            reasons: &serde_json::to_value(&judgement.reasons).unwrap_or_default(),
            created_at: now,
        },
    )
    .await?;
    if fresh {
        metrics::counter!("moderato_comments_total", "state" => state.as_str()).increment(1);
        return Ok(Accepted { id, state, repeated: false });
    }
    // A double click or a retry gets the first one's answer.
    match comments::find_submission(&mut conn, site.id, &submission_key).await? {
        Some((id, state)) => Ok(Accepted { id, state, repeated: true }),
        None => Err(StoreError::Constraint("comments_submission_key".to_owned()).into()),
    }
}

fn check_parent(submission: &Submission, surroundings: &Surroundings) -> Result<(), SubmitError> {
    let fits = match (submission.parent, surroundings.parent) {
        (None, _) => true,
        (Some(_), Some((State::Approved, article))) => Some(article) == surroundings.article_id,
        (Some(_), _) => false,
    };
    if fits {
        return Ok(());
    }
    Err(SubmitError::Field(FieldError::new(
        Field::Parent,
        "The comment you are replying to is not there any more. You can send yours without replying to it.",
    )))
}

/// What speaks for and against a comment besides its text.
fn evidence(arrival: Arrival<'_>, surroundings: &Surroundings) -> (Vec<Signal>, Vec<Reason>) {
    let count = |number: i64| u32::try_from(number).unwrap_or_default();
    let (fired, mut evidence): (_, Vec<Reason>) = signals(&Circumstances {
        trap_filled: arrival.trap_filled,
        timing: arrival.timing,
        author: AuthorRecord {
            approved: count(surroundings.author_approved),
            spam: count(surroundings.author_spam),
        },
        same_text_spam: count(surroundings.same_text_spam),
    })
    .into_iter()
    .unzip();
    evidence.extend(prior(RecentQueue {
        spam: count(surroundings.queue_spam),
        ham: count(surroundings.queue_ham),
    }));
    (fired, evidence)
}

struct Judged {
    judgement: Judgement,
    /// Of the text alone.
    text_probability: f64,
    unseen_share: f64,
    shadow: Option<ShadowScore>,
    /// Probability of abuse, and the model that says so.
    abuse: Option<(f64, i64)>,
}

/// The models that look at a comment.
#[derive(Clone, Copy)]
struct Models<'a> {
    live: &'a Live,
    shadow: Option<&'a Live>,
    abuse: Option<&'a AbuseModel>,
}

/// The model in force decides; the one in its shadow says what it would have decided of the same; and the one of abuse
/// holds what should not be published unseen.
fn judge(site: &Site, submission: &Submission, evidence: Vec<Reason>, models: Models<'_>) -> Judged {
    let Models { live, shadow, abuse } = models;
    let document = document(submission);
    let features = features(&document);
    let model = live.model(site.id);
    let Score { log_odds, probability } = model.score(&features);
    let telling = model
        .explain(&document)
        .contributions
        .into_iter()
        .take(TELLING)
        .map(|part| Reason { source: Source::Text, what: part.token, log_odds: part.log_odds })
        .collect();
    let abuse = abuse.map(|abuse| {
        let prior = abuse.model.prior();
        (abuse.model.score(&features).with_prior(prior).probability, abuse.model_id)
    });
    let mind = |judgement| match abuse {
        Some((probability, _)) => {
            mind_abuse(judgement, Abuse { probability, hold_from: site.hold_abuse_from })
        }
        None => judgement,
    };
    let shadow = shadow.map(|shadow| {
        let score = shadow.model(site.id).score(&features);
        let judgement = mind(decide(score.log_odds, Vec::new(), evidence.clone(), site.thresholds()));
        ShadowScore {
            model_id: shadow.model_id,
            spam_probability: judgement.spam_probability,
            would_be: state_of(judgement.decision),
        }
    });
    Judged {
        judgement: mind(decide(log_odds, telling, evidence, site.thresholds())),
        text_probability: probability,
        unseen_share: model.unseen_share(&features),
        shadow,
        abuse,
    }
}

fn document(submission: &Submission) -> Document<'_> {
    Document {
        content: &submission.body,
        author: &submission.author,
        email: &submission.email,
        url: &submission.url,
    }
}

/// What makes two submissions the same one: the client's own mark, or all that was typed.
fn submission_key(submission: &Submission, idempotency_key: Option<&str>) -> [u8; 16] {
    let parent = submission.parent.map(|id| id.to_string()).unwrap_or_default();
    let parts: &[&str] = match idempotency_key {
        Some(mark) => &["mark", mark],
        None => &[
            "text",
            submission.article.key(),
            &parent,
            &submission.author,
            &submission.email,
            &submission.url,
            &submission.body,
        ],
    };
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&part.len().to_be_bytes()).update(part.as_bytes());
    }
    let mut key = [0; 16];
    hasher.finalize_xof().fill(&mut key);
    key
}
