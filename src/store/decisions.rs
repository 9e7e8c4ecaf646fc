//! The append-only log of who or what moved a comment.

use serde_json::Value;
use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::StoreError;

/// A moderator's decision.
#[derive(Debug, Clone)]
pub struct NewDecision<'a> {
    /// The site.
    pub site_id: i64,
    /// UUIDv7.
    pub id: Uuid,
    /// The comment.
    pub comment_id: Uuid,
    /// Who.
    pub moderator_id: i64,
    /// State before.
    pub from_state: &'a str,
    /// State after.
    pub to_state: &'a str,
    /// The judgement at submission, kept beside what a person made of it.
    pub spam_probability: f64,
    /// The model that judged.
    pub model_id: i64,
    /// The decision that this one takes back.
    pub undoes: Option<Uuid>,
    /// What it is decided together with.
    pub batch: Option<Uuid>,
    /// How, where it was not on the desk: `mail`.
    pub via: Option<&'a str>,
    /// Now.
    pub decided_at: OffsetDateTime,
}

/// Appends a moderator's decision.
pub async fn insert(conn: &mut PgConnection, new: &NewDecision<'_>) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into decisions (site_id, id, comment_id, actor, moderator_id, from_state, to_state, reasons,
                                spam_probability, model_id, undoes, decided_at, batch, via)
         values ($1, $2, $3, 'moderator', $4, $5, $6, '[]', $7, $8, $9, $10, $11, $12)",
        new.site_id,
        new.id,
        new.comment_id,
        new.moderator_id,
        new.from_state,
        new.to_state,
        new.spam_probability,
        new.model_id,
        new.undoes,
        new.decided_at,
        new.batch,
        new.via
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
    /// Name of the moderator; `None` for the policy.
    pub moderator: Option<String>,
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
    /// How, where it was not on the desk: `mail`.
    pub via: Option<String>,
    /// When.
    pub decided_at: OffsetDateTime,
}

/// A comment's history, oldest first.
pub async fn of_comment(
    conn: &mut PgConnection,
    site_id: i64,
    comment_id: Uuid,
) -> Result<Vec<DecisionRow>, StoreError> {
    Ok(sqlx::query_as!(
        DecisionRow,
        r#"select d.id, m.name as "moderator?", d.from_state, d.to_state, d.reasons, d.spam_probability, d.model_id, d.undoes,
                  d.via, d.decided_at
           from decisions d left join moderators m on m.id = d.moderator_id
           where d.site_id = $1 and d.comment_id = $2 order by d.id"#,
        site_id,
        comment_id
    )
    .fetch_all(conn)
    .await?)
}

/// What taking a decision back needs.
#[derive(Debug, Clone)]
pub struct Undoable {
    /// The comment it was about.
    pub comment_id: Uuid,
    /// Who decided; `None` for the policy.
    pub moderator_id: Option<i64>,
    /// State before.
    pub from_state: Option<String>,
    /// Whether it is still the newest decision on its comment.
    pub newest: bool,
    /// Whether it taught the classifier something.
    pub taught: bool,
    /// What the comment was taught as before it, if it taught something.
    pub previous_label: Option<String>,
}

/// A decision, as far as it can be taken back.
pub async fn find(conn: &mut PgConnection, site_id: i64, id: Uuid) -> Result<Option<Undoable>, StoreError> {
    Ok(sqlx::query_as!(
        Undoable,
        r#"select d.comment_id, d.moderator_id, d.from_state,
                  not exists (select 1 from decisions later where later.site_id = d.site_id and later.comment_id = d.comment_id
                              and later.id > d.id) as "newest!",
                  e.seq is not null as "taught!", e.previous as "previous_label?"
           from decisions d
           left join examples e on e.site_id = d.site_id and e.comment_id = d.comment_id and e.decision_id = d.id
           where d.site_id = $1 and d.id = $2"#,
        site_id,
        id
    )
    .fetch_optional(conn)
    .await?)
}

/// The newest decision on a comment.
pub async fn newest(
    conn: &mut PgConnection,
    site_id: i64,
    comment_id: Uuid,
) -> Result<Option<Uuid>, StoreError> {
    Ok(sqlx::query_scalar!(
        "select id from decisions where site_id = $1 and comment_id = $2 order by id desc limit 1",
        site_id,
        comment_id
    )
    .fetch_optional(conn)
    .await?)
}

/// The newest decision of a moderator at these sites that nobody has decided after, undoings aside: site, decision and batch.
pub async fn last_undoable(
    conn: &mut PgConnection,
    moderator_id: i64,
    site_ids: &[i64],
) -> Result<Option<(i64, Uuid, Option<Uuid>)>, StoreError> {
    let row = sqlx::query!(
        "select d.site_id, d.id, d.batch from decisions d
         where d.moderator_id = $1 and d.site_id = any($2) and d.undoes is null
           and not exists (select 1 from decisions later where later.site_id = d.site_id and later.comment_id = d.comment_id
                           and later.id > d.id)
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
    /// The comment's version by now.
    pub version: i32,
    /// Name of the moderator.
    pub who: String,
}

/// A moderator's decision, for others to be told of.
pub async fn told(conn: &mut PgConnection, site_id: i64, id: Uuid) -> Result<Option<ToldRow>, StoreError> {
    Ok(sqlx::query_as!(
        ToldRow,
        "select d.comment_id, d.to_state, m.name as who, c.version
         from decisions d join moderators m on m.id = d.moderator_id
         join comments c on c.site_id = d.site_id and c.id = d.comment_id where d.site_id = $1 and d.id = $2",
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
        r#"select m.name as "name?" from decisions d left join moderators m on m.id = d.moderator_id
           where d.site_id = $1 and d.comment_id = $2 order by d.id desc limit 1"#,
        site_id,
        comment_id
    )
    .fetch_optional(conn)
    .await?
    .flatten())
}
