//! Judging a comment and storing it with its first decision: what a reader's form and a program's check have in common.

use data_encoding::HEXLOWER;
use time::OffsetDateTime;
use uuid::Uuid;

use super::live::{AbuseModel, Live};
use super::senders;
use super::sites::Site;
use crate::app::App;
use crate::classifier::{Document, Score, features};
use crate::comment::{ArticleUrl, Likeness, State, language, to_html};
use crate::policy::{
    Abuse, Circumstances, Incoming, Judgement, Reason, RecentQueue, Ruling, Signal, Source, decide,
    is_sampled, mind_abuse, mind_rules, prior, signals, state_of,
};
use crate::store::comments::{NewComment, ShadowScore};
use crate::store::{Conn, StoreError, comments};

/// So many parts of the text are kept as reasons; the rest is one sum.
const TELLING: usize = 8;

/// What is known of a comment besides its text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    /// What speaks for and against it.
    pub circumstances: Circumstances,
    /// The site's recent queue.
    pub queue: RecentQueue,
    /// Keyed hash of the network it comes from.
    pub network: Option<[u8; 16]>,
    /// Whether people have approved a comment of the author from this network.
    pub familiar: bool,
}

/// What came out for a comment.
#[derive(Debug)]
pub(super) struct Judged {
    /// The decision, with its reasons.
    pub judgement: Judgement,
    /// Where the comment stands by it.
    pub state: State,
    /// Where it would stand, if nothing is decided.
    pub would_be: Option<State>,
    /// Signals that fired.
    pub fired: Vec<Signal>,
    /// The model that judged.
    pub model_id: i64,
    /// Whether rules had a say in it.
    pub ruled: bool,
    rule_ids: Vec<i64>,
    network: Option<[u8; 16]>,
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

/// Judges a comment by the models in force, by what speaks for and against it besides its text, by the site's recent queue, and
/// by the rules that people have made. Waits for nothing.
pub(super) fn judge(
    app: &App,
    site: &Site,
    document: &Document<'_>,
    known: &Known,
    now: OffsetDateTime,
) -> Judged {
    let (mut fired, mut evidence): (Vec<_>, Vec<Reason>) = signals(&known.circumstances).into_iter().unzip();
    evidence.extend(prior(known.queue));
    let live = app.live.current();
    let shadow = app.live.shadow();
    let abuse = app.live.abuse();
    let models = Models { live: &live, shadow: shadow.as_deref(), abuse: abuse.as_deref() };
    let Weighed { judgement, text_probability, unseen_share, shadow, abuse } =
        weigh(site, document, evidence, models);
    if judgement.reasons.iter().any(|reason| reason.source == Source::Abuse) {
        fired.push(Signal::Abuse);
    }
    let rules = app.rules.of(site.id);
    let matching = rules.fired(
        &Incoming {
            document,
            email_keys: &senders::email_keys(&app.keys, site.id, document.email),
            network: known.network.map(|key| HEXLOWER.encode(&key)).as_deref(),
            familiar: known.familiar,
        },
        now,
    );
    if !matching.is_empty() {
        fired.push(Signal::Rule);
    }
    let Ruling { judgement, state, ruled } = mind_rules(judgement, &matching);
    Judged {
        judgement,
        state,
        would_be: None,
        fired,
        model_id: live.model_id,
        ruled,
        rule_ids: matching.iter().map(|fired| fired.rule.id()).collect(),
        network: known.network,
        text_probability,
        unseen_share,
        shadow: shadow.filter(|_| !ruled),
        abuse,
    }
}

impl Judged {
    /// Keeps what would have been decided, and decides nothing: the comment is published, as if nobody had asked.
    pub(super) fn only_log(&mut self) {
        let would = match self.state {
            State::Approved => "published",
            State::Held => "held",
            State::Spam | State::Rejected | State::Deleted => "turned away",
        };
        let what = format!("nothing is decided here (log only): it would have been {would}");
        self.judgement.reasons.insert(0, Reason { source: Source::Rule, what, log_odds: 0.0 });
        self.would_be = Some(self.state);
        self.state = State::Approved;
    }
}

/// What the models make of a comment.
struct Weighed {
    judgement: Judgement,
    text_probability: f64,
    unseen_share: f64,
    shadow: Option<ShadowScore>,
    abuse: Option<(f64, i64)>,
}

/// The model in force decides; the one in its shadow says what it would have decided of the same; and the one of abuse
/// holds what should not be published unseen.
fn weigh(site: &Site, document: &Document<'_>, evidence: Vec<Reason>, models: Models<'_>) -> Weighed {
    let Models { live, shadow, abuse } = models;
    let features = features(document);
    let model = live.model(site.id);
    let Score { log_odds, probability } = model.score(&features);
    let telling = model
        .explain(document)
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
    Weighed {
        judgement: mind(decide(log_odds, telling, evidence, site.thresholds())),
        text_probability: probability,
        unseen_share: model.unseen_share(&features),
        shadow,
        abuse,
    }
}

/// A judged comment on its way into Postgres.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fresh<'a> {
    /// UUIDv7.
    pub id: Uuid,
    /// Where its article is, or is to be.
    pub article_id: Uuid,
    /// The article.
    pub article: &'a ArticleUrl,
    /// The comment that is answered.
    pub parent: Option<Uuid>,
    /// Text and author.
    pub document: Document<'a>,
    /// Keyed hash of the e-mail address, see [`senders`].
    pub author_key: Option<&'a [u8]>,
    /// See [`crate::comment::fingerprint`].
    pub fingerprint: &'a [u8],
    /// What makes it the same comment when it is sent again.
    pub submission_key: &'a [u8],
    /// What came out.
    pub judged: &'a Judged,
    /// The program's key that had it judged, and where that wants to be told what becomes of it.
    pub asked_by: Option<(i64, Option<&'a str>)>,
    /// When it came in.
    pub at: OffsetDateTime,
}

/// Stores a comment with its decision, all or nothing. `false` when it is there already.
pub(super) async fn store(
    app: &App,
    conn: &mut Conn,
    site: &Site,
    fresh: Fresh<'_>,
) -> Result<bool, StoreError> {
    let Fresh { id, document, judged, at, .. } = fresh;
    let state = judged.state;
    // The sample tells how often the thresholds are wrong, and people have made the rules.
    let decided = state != State::Held && !judged.ruled && judged.would_be.is_none();
    let sampling = decided && site.audit_share > 0.0;
    let audit_share = sampling.then_some(site.audit_share);
    let new = NewComment {
        site_id: site.id,
        id,
        article_id: fresh.article_id,
        article: fresh.article.key(),
        article_url: fresh.article.as_str(),
        parent_id: fresh.parent,
        state,
        would_be: judged.would_be,
        author: document.author,
        email: document.email,
        url: document.url,
        body: document.content,
        html: &to_html(document.content),
        author_key: fresh.author_key,
        fingerprint: fresh.fingerprint,
        submission_key: fresh.submission_key,
        spam_probability: judged.judgement.spam_probability,
        text_probability: judged.text_probability,
        unseen_share: judged.unseen_share,
        model_id: judged.model_id,
        abuse: judged.abuse,
        language: language(document.content),
        traits: &Likeness::of(document.content, document.url).traits(),
        signals: &judged.fired.iter().map(|signal| signal.as_str().to_owned()).collect::<Vec<_>>(),
        shadow: judged.shadow,
        audit_share,
        sampled: audit_share.is_some_and(|share| is_sampled(&app.keys.audit, id, share)),
        decision_id: app.new_id(at),
        reasons: &serde_json::to_value(&judged.judgement.reasons).unwrap_or_default(),
        network: judged.network.as_ref().map(|key| &key[..]),
        ruled: judged.ruled,
        rule_ids: &judged.rule_ids,
        key_id: fresh.asked_by.map(|(key_id, _)| key_id),
        callback: fresh.asked_by.and_then(|(_, callback)| callback),
        created_at: at,
    };
    let stored = comments::accept(conn, &new).await?;
    if stored {
        metrics::counter!("moderato_comments_total", "state" => state.as_str()).increment(1);
    }
    Ok(stored)
}

/// 16 bytes that stand for these texts in this order.
pub(super) fn hash_of(parts: &[&str]) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&part.len().to_be_bytes()).update(part.as_bytes());
    }
    let mut key = [0; 16];
    hasher.finalize_xof().fill(&mut key);
    key
}
