//! A moderator's answer to a comment, which approves it.

use serde_json::Value;
use uuid::Uuid;

use super::accounts::Moderator;
use super::moderate::{self, Change, ModerateError, Undo};
use super::sites::Site;
use crate::app::App;
use crate::comment::{State, Verdict, Wording, fingerprint, language, to_html};
use crate::store::comments::{self, NewAnswer};
use crate::store::decisions::{self, Act, By, NewDecision};

/// What a moderator writes.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    /// The text, with the moderator's name.
    pub wording: &'a Wording,
    /// The version of the comment that the moderator saw.
    pub seen: Option<i32>,
    /// The form's own mark: sent twice, it is one answer.
    pub mark: Uuid,
}

/// An answer that is in Postgres.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    /// The comment that is answered.
    pub comment: Uuid,
    /// Its version now.
    pub version: i32,
    /// What takes back the answer, and the approval if there was one; `None` for one that had been sent before.
    pub undo: Option<Undo>,
}

/// Answers a comment in the site's name. Where it is not published, or no person has said that it should be, it is approved in
/// the same transaction, and one undo takes back both.
pub async fn answer(
    app: &App,
    moderator: &Moderator,
    site: &Site,
    comment: Uuid,
    answer: Answer<'_>,
) -> Result<Answered, ModerateError> {
    let mut tx = app.db.begin().await?;
    let locked = moderate::lock(&mut tx, moderator, site, comment).await?;
    if locked.shown_elsewhere {
        return Err(ModerateError::ShownElsewhere);
    }
    let mut key = submission_key(answer.mark);
    while let Some(found) = comments::find_submission(&mut tx, site.id, &key).await? {
        if found.state != State::Deleted {
            return Ok(Answered { comment, version: locked.version, undo: None });
        }
        // That one was taken back, and it is sent anew.
        key = submission_key(found.id);
    }
    let approval = moderate::planned(&locked, Verdict::Approve, None)?;
    moderate::check_seen(&mut tx, site, &locked, answer.seen).await?;
    let now = app.now();
    let batch = approval.is_some().then(|| app.new_id(now));
    let mut version = locked.version;
    if let Some(change) = approval {
        let change = Change { batch, ..change };
        version = moderate::record(app, &mut tx, By::Moderator(moderator.id), site, &locked, &change)
            .await?
            .version;
    }
    let id = app.new_id_after(now, Some(comment));
    let new = NewAnswer {
        site_id: site.id,
        id,
        article_id: locked.article_id,
        parent_id: comment,
        moderator_id: moderator.id,
        wording: answer.wording,
        html: &to_html(&answer.wording.body),
        fingerprint: &fingerprint(&answer.wording.body),
        submission_key: &key,
        model_id: app.live.current().model_id,
        language: language(&answer.wording.body),
        created_at: now,
    };
    if !comments::answer(&mut tx, &new).await? {
        return Ok(Answered { comment, version: locked.version, undo: None });
    }
    let decision = app.new_id(now);
    let reasons = Value::Array(Vec::new());
    let first = NewDecision {
        site_id: site.id,
        id: decision,
        comment_id: id,
        by: By::Moderator(moderator.id),
        act: Act::Answered,
        from_state: None,
        to_state: State::Approved.as_str(),
        reasons: &reasons,
        reason: None,
        spam_probability: 0.0,
        model_id: new.model_id,
        undoes: None,
        batch,
        answered: 0,
        decided_at: now,
    };
    decisions::insert(&mut tx, &first).await?;
    moderate::announce(&mut tx, site, decision).await?;
    moderate::finish(app, tx).await?;
    metrics::counter!("moderato_answers_total").increment(1);
    let undo = batch.map_or(Undo::Decision(site.id, decision), Undo::Batch);
    Ok(Answered { comment, version, undo: Some(undo) })
}

/// Apart from the hashes of what readers send: it is made of the mark alone, and theirs of more.
fn submission_key(mark: Uuid) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"moderator's answer").update(mark.as_bytes());
    *hasher.finalize().as_bytes()
}
