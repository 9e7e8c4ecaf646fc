//! Verdicts of people on their way to the programs that had comments judged.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::StoreError;
pub use super::webhooks::Outcome;

/// Lets this verdict be told where the comment's program said where to, in place of an older one. What the program has been told
/// already is not told again. Where an older one may be on its way this one waits until `lease` at most.
pub async fn tell(
    conn: &mut PgConnection,
    (site_id, comment_id): (i64, Uuid),
    id: Uuid,
    spam: bool,
    now: OffsetDateTime,
    lease: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into callbacks as c (site_id, comment_id, id, spam, next_try_at)
         select site_id, id, $3, $4, $5 from comments where site_id = $1 and id = $2 and callback is not null
         on conflict (site_id, comment_id) do update
         set id = $3, spam = $4, state = 'waiting', attempts = 0, error = null, ended_at = null,
             next_try_at = case when c.state in ('waiting', 'moot') then least(greatest(c.next_try_at, $5), $6) else $5 end
         where c.spam <> $4 or c.state in ('failed', 'moot')",
        site_id,
        comment_id,
        id,
        spam,
        now,
        lease
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

/// Removes what ended before `before`.
pub async fn sweep(conn: &mut PgConnection, before: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query!("delete from callbacks where ended_at < $1", before).execute(conn).await?;
    Ok(())
}
