//! What a model has said of late, and what came true: read by the sites' own indexes, newest or oldest first, a
//! bounded number at a time.

use sqlx::{FromRow, PgConnection, Postgres, QueryBuilder};
use time::OffsetDateTime;
use uuid::Uuid;

use super::StoreError;
use super::comments::state_of;
use crate::comment::State;

/// The judgement of a comment's text.
#[derive(Debug, Clone, Copy, PartialEq, FromRow)]
pub struct TextScore {
    /// The comment.
    pub id: Uuid,
    /// Spam probability of the text alone.
    pub probability: f64,
    /// Share of its evidence that the model had never seen.
    pub unseen_share: f64,
}

/// Which comments of many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The newest.
    Newest,
    /// The oldest.
    Oldest,
}

/// Texts that `model_id` judged, of comments from `since` on, from one end, at most `limit`. The statement is put together,
/// because only a fixed order can walk in the index; values are bound.
pub async fn texts(
    conn: &mut PgConnection,
    site_ids: &[i64],
    model_id: i64,
    since: Uuid,
    end: End,
    limit: i64,
) -> Result<Vec<TextScore>, StoreError> {
    let order = match end {
        End::Newest => " order by id desc limit ",
        End::Oldest => " order by id limit ",
    };
    let mut sql = QueryBuilder::<Postgres>::new("select c.id, c.probability, c.unseen_share from unnest(");
    sql.push_bind(site_ids)
        .push(
            ") wanted (site_id) cross join lateral (
                 select id, text_probability as probability, unseen_share from comments c
                 where c.text_probability is not null and c.unseen_share is not null and c.site_id = wanted.site_id
                   and c.model_id = ",
        )
        .push_bind(model_id)
        .push(" and c.id >= ")
        .push_bind(since)
        .push(order)
        .push_bind(limit)
        .push(") c")
        .push(order)
        .push_bind(limit);
    Ok(sql.build_query_as().fetch_all(conn).await?)
}

/// The newest comments from `since` on that `model_id` judged and people labelled, at most `limit`: the spam
/// probability that was said, and the label.
pub async fn audited(
    conn: &mut PgConnection,
    site_ids: &[i64],
    model_id: i64,
    since: Uuid,
    limit: i64,
) -> Result<Vec<(f64, String)>, StoreError> {
    let rows = sqlx::query!(
        r#"select c.spam_probability as "spam_probability!", c.label as "label!"
           from unnest($1::bigint[]) wanted (site_id)
           cross join lateral (
               select id, spam_probability, label from comments c
               where c.site_id = wanted.site_id and c.id >= $3 and c.model_id = $2 and c.label is not null
               order by id desc limit $4
           ) c
           order by c.id desc limit $4"#,
        site_ids,
        model_id,
        since,
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.spam_probability, row.label)).collect())
}

/// A site's newest comments that people labelled, at most `limit`: the spam probability that decided when each came in,
/// whichever model said so, and what people last made of it.
pub async fn labelled(
    conn: &mut PgConnection,
    site_id: i64,
    limit: i64,
) -> Result<Vec<(f64, String)>, StoreError> {
    let rows = sqlx::query!(
        r#"select spam_probability, label as "label!" from comments
           where site_id = $1 and label is not null order by id desc limit $2"#,
        site_id,
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.spam_probability, row.label)).collect())
}

/// The probabilities of spam, and of abuse where there is one, that decided on a site's newest comments, labelled or not,
/// at most `limit`.
pub async fn recent(
    conn: &mut PgConnection,
    site_id: i64,
    limit: i64,
) -> Result<Vec<(f64, Option<f64>)>, StoreError> {
    let rows = sqlx::query!(
        "select spam_probability, abuse_probability from comments
         where site_id = $1 and moderator_id is null order by id desc limit $2",
        site_id,
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.spam_probability, row.abuse_probability)).collect())
}

/// A comment as it came in, and what became of it.
#[derive(Debug, Clone)]
pub struct EnteredRow {
    /// The probability that decided.
    pub spam_probability: f64,
    /// The probability of abuse, where there was one.
    pub abuse_probability: Option<f64>,
    /// The state it came in with; `None` where that was not noted.
    pub entered: Option<String>,
    /// Where it was decided without a person: the share of the audit sample, if there was one.
    pub audit_share: Option<f64>,
    /// Whether it is in the sample.
    pub sampled: bool,
    /// Where it stands.
    pub state: State,
    /// What people say it is: `spam`, `ham` or nothing.
    pub label: Option<String>,
    /// When it came in.
    pub created_at: OffsetDateTime,
}

/// A site's newest comments that came in from `since` on, at most `limit`; those that rules had a say in are left out, because
/// no thresholds would have decided on them.
pub async fn entered(
    conn: &mut PgConnection,
    site_id: i64,
    since: Uuid,
    limit: i64,
) -> Result<Vec<EnteredRow>, StoreError> {
    let rows = sqlx::query!(
        "select id, spam_probability, abuse_probability, entered, audit_share, sampled, state, label, created_at
         from comments where site_id = $1 and id >= $2 and not ruled and would_be is null and moderator_id is null order by id desc limit $3",
        site_id,
        since,
        limit
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(EnteredRow {
                spam_probability: row.spam_probability,
                abuse_probability: row.abuse_probability,
                entered: row.entered,
                audit_share: row.audit_share,
                sampled: row.sampled,
                state: state_of(&row.state, row.id)?,
                label: row.label,
                created_at: row.created_at,
            })
        })
        .collect()
}

/// Comments from `since` on that people labelled: id, the spam probability that decided when each came in, and the label.
/// Of 256 equal parts, told apart by the last random byte of the id, so many are read: a sample that nobody chooses.
pub async fn sample(
    conn: &mut PgConnection,
    site_ids: &[i64],
    since: Uuid,
    parts: i32,
) -> Result<Vec<(Uuid, f64, String)>, StoreError> {
    let rows = sqlx::query!(
        r#"select c.id as "id!", c.spam_probability as "spam_probability!", c.label as "label!"
           from unnest($1::bigint[]) wanted (site_id)
           cross join lateral (
               select id, spam_probability, label from comments c
               where c.site_id = wanted.site_id and c.id >= $2 and c.label is not null
                 and get_byte(uuid_send(c.id), 15) < $3
           ) c"#,
        site_ids,
        since,
        parts
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.spam_probability, row.label)).collect())
}
