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
        "insert into callbacks as c (site_id, comment_id, id, spam, next_try_at)
         select site_id, id, $3, $4, $5 from comments
         where site_id = $1 and id = $2 and callback is not null and key_id is distinct from $7
         on conflict (site_id, comment_id) do update
         set id = $3, spam = $4, state = 'waiting', attempts = 0, error = null, ended_at = null,
             next_try_at = case when c.state in ('waiting', 'moot') then least(greatest(c.next_try_at, $5), $6) else $5 end
         where c.spam <> $4 or c.state in ('failed', 'moot')",
        site_id,
        comment_id,
        verdict.id,
        verdict.spam,
        due,
        lease,
        verdict.key_id
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes that the comment's own program, if this is its key, has said this itself: it knows, in place of what it was told.
pub async fn heard(
    conn: &mut PgConnection,
    (site_id, comment_id): (i64, Uuid),
    (id, spam, key_id): (Uuid, bool, i64),
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into callbacks (site_id, comment_id, id, spam, next_try_at, state, ended_at)
         select site_id, id, $3, $4, $6, 'delivered', $6 from comments
         where site_id = $1 and id = $2 and callback is not null and key_id = $5
         on conflict (site_id, comment_id) do update
         set id = $3, spam = $4, state = 'delivered', attempts = 0, error = null, next_try_at = $6, ended_at = $6",
        site_id,
        comment_id,
        id,
        spam,
        key_id,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Notes what the program was answered when it asked again, `None` for neither: what it was told before is not what it knows now,
/// where it was something else.
pub async fn answered(
    conn: &mut PgConnection,
    (site_id, comment_id): (i64, Uuid),
    spam: Option<bool>,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update callbacks set state = 'moot', next_try_at = $4, ended_at = $4
         where site_id = $1 and comment_id = $2 and state = 'delivered' and spam is distinct from $3",
        site_id,
        comment_id,
        spam,
        now
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
        "update callbacks set state = 'moot', error = null, ended_at = $3
         where site_id = $1 and comment_id = $2 and state in ('waiting', 'failed')",
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

/// Claims what is due until `lease`, of comments on which nobody has decided since `settled`. What is told is where the comment
/// stands: a verdict that was taken back since is not told, and nothing is of a comment that is held again.
pub async fn claim(
    conn: &mut PgConnection,
    (now, lease, settled): (OffsetDateTime, OffsetDateTime, OffsetDateTime),
    limit: i64,
) -> Result<Vec<DueRow>, StoreError> {
    let rows = sqlx::query!(
        r#"update callbacks c
           set spam = coalesce(due.stands, c.spam),
               state = case when due.stands is null then 'moot' else 'waiting' end,
               error = case when due.stands is null then null else c.error end,
               ended_at = case when due.stands is null then $1 end,
               attempts = c.attempts + 1, next_try_at = $2
           from (select c.id, o.key_id, o.callback, o.submission_key,
                        case when o.state <> 'held' then o.state <> 'approved' end as stands
                 from callbacks c join comments o on o.site_id = c.site_id and o.id = c.comment_id
                 where c.state = 'waiting' and c.next_try_at <= $1 and o.key_id is not null and o.callback is not null
                   and not exists (select from decisions d
                                   where d.site_id = c.site_id and d.comment_id = c.comment_id and d.decided_at > $3)
                 order by c.next_try_at, c.id limit $4 for update of c skip locked) due
           where c.id = due.id
           returning c.id, c.site_id, due.key_id as "key_id!", due.callback as "callback!", due.submission_key as "submission_key!",
                     due.stands, c.attempts"#,
        now,
        lease,
        settled,
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            Some(DueRow {
                id: row.id,
                site_id: row.site_id,
                key_id: row.key_id,
                callback: row.callback,
                submission_key: row.submission_key,
                spam: row.stands?,
                attempts: row.attempts,
            })
        })
        .collect())
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

/// Lets verdicts that were given up, or wait after a failure, be tried now: one, or the newest, at most `limit`. Returns of
/// which comments.
pub async fn retry(
    conn: &mut PgConnection,
    id: Option<Uuid>,
    limit: i64,
    now: OffsetDateTime,
) -> Result<Vec<(i64, Uuid)>, StoreError> {
    let rows = sqlx::query!(
        "update callbacks set state = 'waiting', attempts = 0, next_try_at = $2, ended_at = null
         where id in (select id from callbacks
                      where state in ('waiting', 'failed') and error is not null and ($1::uuid is null or id = $1)
                      order by id desc limit $3 for update)
         returning site_id, comment_id",
        id,
        now,
        limit
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
