//! Verdicts of people on their way to the programs that had comments judged.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::StoreError;
pub use super::webhooks::Outcome;

/// What people say a comment is.
#[derive(Debug, Clone, Copy)]
pub struct Verdict {
    /// UUIDv7.
    pub id: Uuid,
    /// Whether it is spam.
    pub spam: bool,
    /// The key whose program said so itself: that of the comment's own key need not be told.
    pub key_id: Option<i64>,
    /// Whether the program has been answered something else since it was told this last.
    pub contradicted: bool,
}

/// Lets this verdict be told from `due` on where the comment's program said where to, in place of an older one. What the program
/// knows already is not told again. Where an older one may be on its way this one waits until `lease` at most.
pub async fn tell(
    conn: &mut PgConnection,
    (site_id, comment_id): (i64, Uuid),
    verdict: Verdict,
    due: OffsetDateTime,
    lease: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into callbacks as c (site_id, comment_id, id, spam, next_try_at, state, ended_at)
         select site_id, id, $3, $4, $5, case when key_id = $7 then 'delivered' else 'waiting' end, case when key_id = $7 then $5::timestamptz end
         from comments where site_id = $1 and id = $2 and callback is not null
         on conflict (site_id, comment_id) do update
         set id = $3, spam = $4, state = excluded.state, attempts = 0, error = null, ended_at = excluded.ended_at,
             next_try_at = case when c.state in ('waiting', 'moot') then least(greatest(c.next_try_at, $5), $6) else $5 end
         where c.spam <> $4 or c.state in ('failed', 'moot') or excluded.state = 'delivered' or $8",
        site_id,
        comment_id,
        verdict.id,
        verdict.spam,
        due,
        lease,
        verdict.key_id,
        verdict.contradicted
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Lets nothing be told of a comment any more.
pub async fn untell(
    conn: &mut PgConnection,
    (site_id, comment_id): (i64, Uuid),
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update callbacks set state = 'moot', ended_at = $3 where site_id = $1 and comment_id = $2 and state = 'waiting'",
        site_id,
        comment_id,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A verdict to be told now.
#[derive(Debug, Clone)]
pub struct DueRow {
    /// See [`tell`].
    pub id: Uuid,
    /// The site.
    pub site_id: i64,
    /// The program's key.
    pub key_id: i64,
    /// Where to.
    pub callback: String,
    /// What the program knows the comment by.
    pub submission_key: Vec<u8>,
    /// The verdict.
    pub spam: bool,
    /// How often it was tried, this time included.
    pub attempts: i32,
}

/// Claims what is due until `lease`.
pub async fn claim(
    conn: &mut PgConnection,
    now: OffsetDateTime,
    lease: OffsetDateTime,
    limit: i64,
) -> Result<Vec<DueRow>, StoreError> {
    Ok(sqlx::query_as!(
        DueRow,
        r#"update callbacks c set attempts = c.attempts + 1, next_try_at = $2
           from comments o
           where o.site_id = c.site_id and o.id = c.comment_id and o.key_id is not null and o.callback is not null and c.id in (
               select id from callbacks where state = 'waiting' and next_try_at <= $1
               order by next_try_at, id limit $3 for update skip locked)
           returning c.id, c.site_id, o.key_id as "key_id!", o.callback as "callback!", o.submission_key, c.spam, c.attempts"#,
        now,
        lease,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// Notes how a try ended, unless there is a newer verdict, or nothing to tell any more and the try failed.
pub async fn note(conn: &mut PgConnection, id: Uuid, outcome: Outcome<'_>) -> Result<(), StoreError> {
    sqlx::query!(
        "update callbacks
         set state = $2, error = $3, next_try_at = coalesce($4, next_try_at),
             ended_at = case when $2 <> 'waiting' then $5::timestamptz end
         where id = $1 and (state = 'waiting' or $2 = 'delivered')",
        id,
        outcome.state,
        outcome.error,
        outcome.next_try_at,
        outcome.now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A verdict that was not taken, or not yet.
#[derive(Debug, Clone)]
pub struct TroubleRow {
    /// See [`Verdict::id`].
    pub id: Uuid,
    /// The site.
    pub site_id: i64,
    /// The comment.
    pub comment_id: Uuid,
    /// Who wrote it.
    pub author: String,
    /// The program: the name of its key.
    pub program: String,
    /// The verdict.
    pub spam: bool,
    /// `waiting` or `failed`.
    pub state: String,
    /// How often it was tried.
    pub attempts: i32,
    /// When it is tried next, while it waits.
    pub next_try_at: OffsetDateTime,
    /// What went wrong last.
    pub error: String,
}

/// The newest verdicts that were not taken, or not yet.
pub async fn troubles(conn: &mut PgConnection, limit: i64) -> Result<Vec<TroubleRow>, StoreError> {
    Ok(sqlx::query_as!(
        TroubleRow,
        r#"select c.id, c.site_id, c.comment_id, o.author, k.name as program, c.spam, c.state, c.attempts, c.next_try_at,
                  c.error as "error!"
           from callbacks c
           join comments o on o.site_id = c.site_id and o.id = c.comment_id
           join keys k on k.id = o.key_id
           where c.state in ('waiting', 'failed') and c.error is not null
           order by c.id desc limit $1"#,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// Lets verdicts that were given up, or wait after a failure, be tried now: one, or all of them. Returns of which comments.
pub async fn retry(
    conn: &mut PgConnection,
    id: Option<Uuid>,
    now: OffsetDateTime,
) -> Result<Vec<(i64, Uuid)>, StoreError> {
    let rows = sqlx::query!(
        "update callbacks set state = 'waiting', attempts = 0, next_try_at = $2, ended_at = null
         where state in ('waiting', 'failed') and error is not null and ($1::uuid is null or id = $1)
         returning site_id, comment_id",
        id,
        now
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.site_id, row.comment_id)).collect())
}

/// Removes what ended before `before`.
pub async fn sweep(conn: &mut PgConnection, before: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query!("delete from callbacks where ended_at < $1", before).execute(conn).await?;
    Ok(())
}
