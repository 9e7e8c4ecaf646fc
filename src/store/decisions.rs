//! The append-only log of who or what moved a comment.

use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::StoreError;
use crate::comment::Wording;

/// What people do with a comment, as the log has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Said where it stands.
    Decided,
    /// Changed what it says.
    Edited,
    /// Wrote it, as an answer.
    Answered,
}

impl Act {
    const ALL: [Self; 3] = [Self::Decided, Self::Edited, Self::Answered];

    /// The name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Decided => "decided",
            Self::Edited => "edited",
            Self::Answered => "answered",
        }
    }

    /// The act with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.as_str() == name)
    }
}

/// Who decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Nobody: the same judgement as at submission, asked again.
    Policy,
    /// Somebody at the desk.
    Moderator(i64),
    /// A program's people, by its key.
    Key(i64),
}

/// A decision on a comment that is there.
#[derive(Debug, Clone)]
pub struct NewDecision<'a> {
    /// The site.
    pub site_id: i64,
    /// UUIDv7.
    pub id: Uuid,
    /// The comment.
    pub comment_id: Uuid,
    /// Who.
    pub by: By,
    /// What was done.
    pub act: Act,
    /// State before; `None` for a comment that begins with it.
    pub from_state: Option<&'a str>,
    /// State after.
    pub to_state: &'a str,
    /// What the judgement was made of, where nobody decided; else none.
    pub reasons: &'a Value,
    /// Why the comment is rejected from now on, see [`crate::comment::RejectReason`].
    pub reason: Option<&'a str>,
    /// The judgement, kept beside what a person made of it.
    pub spam_probability: f64,
    /// The model that judged.
    pub model_id: i64,
    /// The decision that this one takes back.
    pub undoes: Option<Uuid>,
    /// What it is decided together with.
    pub batch: Option<Uuid>,
    /// How many reports it answers; below nought where it takes back one that did.
    pub answered: i32,
    /// Now.
    pub decided_at: OffsetDateTime,
}

/// Appends a decision.
pub async fn insert(conn: &mut PgConnection, new: &NewDecision<'_>) -> Result<(), StoreError> {
    let (actor, moderator_id, key_id) = match new.by {
        By::Policy => ("policy", None, None),
        By::Moderator(id) => ("moderator", Some(id), None),
        By::Key(id) => ("key", None, Some(id)),
    };
    sqlx::query!(
        "insert into decisions (site_id, id, comment_id, moderator_id, from_state, to_state, reasons,
                                spam_probability, model_id, undoes, decided_at, batch, act, reason, actor, key_id, answered)
         values ($1, $2, $3, $4, $5, $6, $17, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
        new.site_id,
        new.id,
        new.comment_id,
        moderator_id,
        new.from_state,
        new.to_state,
        new.spam_probability,
        new.model_id,
        new.undoes,
        new.decided_at,
        new.batch,
        new.act.as_str(),
        new.reason,
        actor,
        key_id,
        new.answered,
        new.reasons
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A line of a comment's history.
#[derive(Debug, Clone)]
pub struct DecisionRow {
    /// Id.
    pub id: Uuid,
    /// Name of the moderator, or of the key that reported; `None` for the policy.
    pub who: Option<String>,
    /// The key whose program reported it.
    pub key_id: Option<i64>,
    /// State before; `None` at submission.
    pub from_state: Option<String>,
    /// State after.
    pub to_state: String,
    /// The judgement's reasons, for the policy's decision.
    pub reasons: Value,
    /// The judgement at submission.
    pub spam_probability: f64,
    /// The model that judged.
    pub model_id: i64,
    /// The decision that this one takes back.
    pub undoes: Option<Uuid>,
    /// How many reports it answered; below nought where it took back one that did.
    pub answered: i32,
    /// When.
    pub decided_at: OffsetDateTime,
    /// What was done, see [`Act`].
    pub act: String,
    /// Why it is rejected since, see [`crate::comment::RejectReason`].
    pub reason: Option<String>,
    /// What it said before, where that was changed.
    pub before: Option<Wording>,
}

/// A comment's history, oldest first.
pub async fn of_comment(
    conn: &mut PgConnection,
    site_id: i64,
    comment_id: Uuid,
) -> Result<Vec<DecisionRow>, StoreError> {
    let rows = sqlx::query!(
        r#"select d.id, coalesce(m.name, k.name) as "who?", d.key_id, d.from_state, d.to_state, d.reasons, d.spam_probability, d.model_id,
                  d.undoes, d.answered, d.decided_at, d.act, d.reason, r.author as "author?", r.url as "url?", r.body as "body?"
           from decisions d left join moderators m on m.id = d.moderator_id left join keys k on k.id = d.key_id
           left join revisions r on r.site_id = d.site_id and r.comment_id = d.comment_id and r.decision_id = d.id
           where d.site_id = $1 and d.comment_id = $2 order by d.id"#,
        site_id,
        comment_id
    )
    .fetch_all(conn)
    .await?;
    let wording = |author, url, body| Some(Wording { author: author?, url: url?, body: body? });
    Ok(rows
        .into_iter()
        .map(|row| DecisionRow {
            id: row.id,
            who: row.who,
            key_id: row.key_id,
            from_state: row.from_state,
            to_state: row.to_state,
            reasons: row.reasons,
            spam_probability: row.spam_probability,
            model_id: row.model_id,
            undoes: row.undoes,
            answered: row.answered,
            decided_at: row.decided_at,
            act: row.act,
            reason: row.reason,
            before: wording(row.author, row.url, row.body),
        })
        .collect())
}

/// What taking a decision back needs.
#[derive(Debug, Clone)]
pub struct Undoable {
    /// The comment it was about.
    pub comment_id: Uuid,
    /// What was done.
    pub act: Act,
    /// Whose it is; `None` for the policy, and for the taking back of another one.
    pub by: Option<By>,
    /// State before.
    pub from_state: Option<String>,
    /// Why the comment was rejected before it, if it was.
    pub previous_reason: Option<String>,
    /// Whether it is in force and nothing that came after it is.
    pub newest: bool,
    /// Whether it taught the classifier something.
    pub taught: bool,
    /// What the comment was taught as before it, if it taught something.
    pub previous_label: Option<String>,
    /// How many reports it answered.
    pub answered: i32,
}

/// A decision, as far as it can be taken back.
pub async fn find(conn: &mut PgConnection, site_id: i64, id: Uuid) -> Result<Option<Undoable>, StoreError> {
    let row = sqlx::query!(
        r#"select d.comment_id, d.act, d.moderator_id, d.key_id, d.undoes, d.from_state, d.answered,
                  (select p.reason from decisions p where p.site_id = d.site_id and p.comment_id = d.comment_id and p.id < d.id
                   order by p.id desc limit 1) as previous_reason,
                  is_in_force(d) and not exists (select 1 from decisions later
                                                 where later.site_id = d.site_id and later.comment_id = d.comment_id
                                                   and later.id > d.id and is_in_force(later)) as "newest!",
                  e.seq is not null as "taught!", e.previous as "previous_label?"
           from decisions d
           left join examples e on e.site_id = d.site_id and e.comment_id = d.comment_id and e.decision_id = d.id
           where d.site_id = $1 and d.id = $2"#,
        site_id,
        id
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| Undoable {
        comment_id: row.comment_id,
        act: Act::parse(&row.act).unwrap_or(Act::Decided),
        by: row.moderator_id.map(By::Moderator).or(row.key_id.map(By::Key)).filter(|_| row.undoes.is_none()),
        from_state: row.from_state,
        previous_reason: row.previous_reason,
        newest: row.newest,
        taught: row.taught,
        previous_label: row.previous_label,
        answered: row.answered,
    }))
}

/// The newest line of a comment's log.
#[derive(Debug, Clone)]
pub struct Newest {
    /// Its id.
    pub id: Uuid,
    /// Why the comment is rejected, if it is.
    pub reason: Option<String>,
}

/// Where people have put a comment, at the desk or by a program, if that holds.
pub async fn standing(
    conn: &mut PgConnection,
    site_id: i64,
    comment_id: Uuid,
) -> Result<Option<String>, StoreError> {
    Ok(sqlx::query_scalar!(
        "select to_state from decisions d
         where site_id = $1 and comment_id = $2 and act = 'decided' and actor <> 'policy' and is_in_force(d)
         order by id desc limit 1",
        site_id,
        comment_id
    )
    .fetch_optional(conn)
    .await?)
}

/// The newest decision on a comment.
pub async fn newest(
    conn: &mut PgConnection,
    site_id: i64,
    comment_id: Uuid,
) -> Result<Option<Newest>, StoreError> {
    Ok(sqlx::query_as!(
        Newest,
        "select id, reason from decisions where site_id = $1 and comment_id = $2 order by id desc limit 1",
        site_id,
        comment_id
    )
    .fetch_optional(conn)
    .await?)
}

/// The newest decision of a moderator at these sites that is in force, and nothing after it on its comment: site, decision and
/// batch. What was taken back leaves the way to what was before it.
pub async fn last_undoable(
    conn: &mut PgConnection,
    moderator_id: i64,
    site_ids: &[i64],
) -> Result<Option<(i64, Uuid, Option<Uuid>)>, StoreError> {
    let row = sqlx::query!(
        "select d.site_id, d.id, d.batch from decisions d
         where d.moderator_id = $1 and d.site_id = any($2) and is_in_force(d)
           and not exists (select 1 from decisions later where later.site_id = d.site_id and later.comment_id = d.comment_id
                           and later.id > d.id and is_in_force(later))
         order by d.id desc limit 1",
        moderator_id,
        site_ids
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| (row.site_id, row.id, row.batch)))
}

/// The decisions of a moderator's batch, the newest first: site, decision and comment.
pub async fn of_batch(
    conn: &mut PgConnection,
    batch: Uuid,
    moderator_id: i64,
) -> Result<Vec<(i64, Uuid, Uuid)>, StoreError> {
    let rows = sqlx::query!(
        "select site_id, id, comment_id from decisions where batch = $1 and moderator_id = $2 order by id desc",
        batch,
        moderator_id
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.site_id, row.id, row.comment_id)).collect())
}

/// What others are told of a moderator's decision.
#[derive(Debug, Clone)]
pub struct ToldRow {
    /// The comment.
    pub comment_id: Uuid,
    /// State after.
    pub to_state: String,
    /// What was done, see [`Act`].
    pub act: String,
    /// The comment's version by now.
    pub version: i32,
    /// Name of the moderator, or of the key that reported.
    pub who: String,
}

/// A moderator's decision, for others to be told of.
pub async fn told(conn: &mut PgConnection, site_id: i64, id: Uuid) -> Result<Option<ToldRow>, StoreError> {
    Ok(sqlx::query_as!(
        ToldRow,
        r#"select d.comment_id, d.to_state, d.act, coalesce(m.name, k.name) as "who!", c.version
           from decisions d left join moderators m on m.id = d.moderator_id left join keys k on k.id = d.key_id
           join comments c on c.site_id = d.site_id and c.id = d.comment_id
           where d.site_id = $1 and d.id = $2 and d.actor <> 'policy'"#,
        site_id,
        id
    )
    .fetch_optional(conn)
    .await?)
}

/// Who decided last on a comment: the moderator's name, or `None` for the policy.
pub async fn last_actor(
    conn: &mut PgConnection,
    site_id: i64,
    comment_id: Uuid,
) -> Result<Option<String>, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select coalesce(m.name, k.name) as "name?"
           from decisions d left join moderators m on m.id = d.moderator_id left join keys k on k.id = d.key_id
           where d.site_id = $1 and d.comment_id = $2 order by d.id desc limit 1"#,
        site_id,
        comment_id
    )
    .fetch_optional(conn)
    .await?
    .flatten())
}
