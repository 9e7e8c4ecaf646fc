//! A reader's comment: judged, stored with its decision, acknowledged.

use std::net::IpAddr;

use uuid::Uuid;

use super::judge::{Fresh, Known, hash_of, judge, store};
use super::senders;
use super::sites::Site;
use crate::app::App;
use crate::classifier::Document;
use crate::comment::{Field, FieldError, State, Submission, fingerprint};
use crate::policy::{AuthorRecord, Circumstances, FormTiming, RecentQueue};
use crate::store::comments::{ARTICLE_RACE, Around, Surroundings};
use crate::store::{StoreError, comments};

/// How a submission came in.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    /// The field that people do not see was filled in.
    pub trap_filled: bool,
    /// How long the form was open.
    pub timing: FormTiming,
    /// The client's own mark of this submission, in place of what it says.
    pub mark: Option<Mark<'a>>,
    /// The sender's network address, where it is known. Only a keyed hash of its network is kept.
    pub address: Option<IpAddr>,
    /// Nothing is decided about what comes in this way.
    pub log_only: bool,
}

/// A client's own mark of a submission (`Idempotency-Key`). Those of each program are its own, and none is a reader's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark<'a> {
    /// The program's key; `None` for readers.
    pub key_id: Option<i64>,
    /// What was sent.
    pub sent: &'a str,
}

/// A comment that is in Postgres.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// Its id.
    pub id: Uuid,
    /// Where it stands.
    pub state: State,
    /// Set where it had been accepted before: a double click or a retry.
    pub repeated: Option<Repeat>,
}

/// A submission that was accepted before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeat {
    /// Whether it says what it said then; the client's own mark can stand for another comment.
    pub same: bool,
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
    let network = arrival.address.and_then(|address| senders::network_key(&app.keys, address));
    let fingerprint = fingerprint(&submission.body);
    let submission_key = submission_key(submission, arrival.mark);
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

    let document = Document {
        content: &submission.body,
        author: &submission.author,
        email: &submission.email,
        url: &submission.url,
    };
    let known = known(arrival, &surroundings, network);
    let mut judged = judge(app, site, &document, &known, now);
    if site.log_only || arrival.log_only {
        judged.only_log();
    }
    let fresh = Fresh {
        id: app.new_id(now),
        article_id: surroundings.article_id.unwrap_or_else(|| app.new_id(now)),
        article: &submission.article,
        parent: submission.parent,
        document,
        author_key: around.author_key,
        fingerprint: &fingerprint,
        submission_key: &submission_key,
        judged: &judged,
        asked_by: None,
        at: now,
    };
    if store(app, &mut conn, site, fresh).await? {
        return Ok(Accepted { id: fresh.id, state: judged.state, repeated: None });
    }
    // A double click or a retry gets the first one's answer.
    match comments::find_submission(&mut conn, site.id, &submission_key).await? {
        Some(found) => {
            let repeated = Some(Repeat { same: found.says(submission) });
            Ok(Accepted { id: found.id, state: found.state, repeated })
        }
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

/// What is known besides the text.
fn known(arrival: Arrival<'_>, surroundings: &Surroundings, network: Option<[u8; 16]>) -> Known {
    let count = |number: i64| u32::try_from(number).unwrap_or_default();
    Known {
        circumstances: Circumstances {
            trap_filled: arrival.trap_filled,
            timing: arrival.timing,
            author: AuthorRecord {
                approved: count(surroundings.author_approved),
                spam: count(surroundings.author_spam),
            },
            same_text_spam: count(surroundings.same_text_spam),
        },
        queue: RecentQueue { spam: count(surroundings.queue_spam), ham: count(surroundings.queue_ham) },
        network,
        familiar: surroundings.familiar,
    }
}

/// What makes two submissions the same one: the client's own mark, or all that was typed.
fn submission_key(submission: &Submission, mark: Option<Mark<'_>>) -> [u8; 16] {
    let parent = submission.parent.map(|id| id.to_string()).unwrap_or_default();
    match mark {
        Some(Mark { key_id: Some(key), sent }) => hash_of(&["mark of a program", &key.to_string(), sent]),
        Some(Mark { key_id: None, sent }) => hash_of(&["mark", sent]),
        None => hash_of(&[
            "text",
            submission.article.key(),
            &parent,
            &submission.author,
            &submission.email,
            &submission.url,
            &submission.body,
        ]),
    }
}
