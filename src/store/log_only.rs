//! Comments that were judged without a decision, and what people said of them.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::StoreError;
use super::comments::state_of;
use crate::comment::State;

/// How many of the newest such comments would have been decided so and were said to be that (`spam`, `ham` or nothing); at most
/// `newest` are looked at a site.
pub async fn counts(
    conn: &mut PgConnection,
    site_ids: &[i64],
    newest: i64,
) -> Result<Vec<(State, Option<String>, u64)>, StoreError> {
    let rows = sqlx::query!(
        r#"select c.would_be as "would_be!", c.label, count(*) as "count!"
           from unnest($1::bigint[]) wanted (site_id)
           cross join lateral (
               select would_be, label from comments c
               where c.site_id = wanted.site_id and c.would_be is not null order by c.id desc limit $2
           ) c
           group by c.would_be, c.label order by c.would_be, c.label"#,
        site_ids,
        newest
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| Ok((state_of(&row.would_be, Uuid::nil())?, row.label, row.count.unsigned_abs())))
        .collect()
}

/// A comment of which people said otherwise.
#[derive(Debug, Clone)]
pub struct DisagreementRow {
    /// The site.
    pub site_id: i64,
    /// The comment.
    pub comment_id: Uuid,
    /// Name of its author.
    pub author: String,
    /// The beginning of its text.
    pub beginning: String,
    /// When it was sent.
    pub created_at: OffsetDateTime,
    /// The judgement.
    pub spam_probability: f64,
    /// What would have been decided.
    pub would_be: State,
    /// What people said: whether it is spam.
    pub spam: bool,
}

/// So many characters of a text are its beginning.
const BEGINNING: i32 = 160;

/// Comments of which people said otherwise, newest first, those before `before`, at most `limit`.
pub async fn disagreements(
    conn: &mut PgConnection,
    site_ids: &[i64],
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<DisagreementRow>, StoreError> {
    let rows = sqlx::query!(
        r#"select c.site_id as "site_id!", c.id as "id!", c.author as "author!", left(c.body, $4) as "beginning!",
                  c.created_at as "created_at!", c.spam_probability as "spam_probability!", c.would_be as "would_be!",
                  c.label = 'spam' as "spam!"
           from unnest($1::bigint[]) wanted (site_id)
           cross join lateral (
               select * from comments c
               where c.site_id = wanted.site_id
                 and (would_be in ('spam', 'rejected') and label = 'ham' or would_be = 'approved' and label = 'spam')
                 and c.id < coalesce($2, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid)
               order by c.id desc limit $3
           ) c
           order by c.id desc limit $3"#,
        site_ids,
        before,
        limit,
        BEGINNING
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(DisagreementRow {
                site_id: row.site_id,
                comment_id: row.id,
                author: row.author,
                beginning: row.beginning,
                created_at: row.created_at,
                spam_probability: row.spam_probability,
                would_be: state_of(&row.would_be, row.id)?,
                spam: row.spam,
            })
        })
        .collect()
}
