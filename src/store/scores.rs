//! What a model has said of late, and what came true: read by the sites' own indexes, newest or oldest first, a
//! bounded number at a time.

use sqlx::PgConnection;
use uuid::Uuid;

use super::StoreError;

/// The judgement of a comment's text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TextScore {
    /// The comment.
    pub id: Uuid,
    /// Spam probability of the text alone.
    pub probability: f64,
    /// Share of its evidence that the model had never seen.
    pub unseen_share: f64,
}

/// Texts that `model_id` judged, of comments from `since` on: the newest, at most `limit`.
pub async fn newest(
    conn: &mut PgConnection,
    site_ids: &[i64],
    model_id: i64,
    since: Uuid,
    limit: i64,
) -> Result<Vec<TextScore>, StoreError> {
    Ok(sqlx::query_as!(
        TextScore,
        r#"select c.id as "id!", c.text_probability as "probability!", c.unseen_share as "unseen_share!"
           from unnest($1::bigint[]) wanted (site_id)
           cross join lateral (
               select id, text_probability, unseen_share from comments c
               where c.site_id = wanted.site_id and c.id >= $3 and c.model_id = $2 and c.text_probability is not null
                 and c.unseen_share is not null
               order by id desc limit $4
           ) c
           order by c.id desc limit $4"#,
        site_ids,
        model_id,
        since,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// The same, but the oldest.
pub async fn oldest(
    conn: &mut PgConnection,
    site_ids: &[i64],
    model_id: i64,
    since: Uuid,
    limit: i64,
) -> Result<Vec<TextScore>, StoreError> {
    Ok(sqlx::query_as!(
        TextScore,
        r#"select c.id as "id!", c.text_probability as "probability!", c.unseen_share as "unseen_share!"
           from unnest($1::bigint[]) wanted (site_id)
           cross join lateral (
               select id, text_probability, unseen_share from comments c
               where c.site_id = wanted.site_id and c.id >= $3 and c.model_id = $2 and c.text_probability is not null
                 and c.unseen_share is not null
               order by id limit $4
           ) c
           order by c.id limit $4"#,
        site_ids,
        model_id,
        since,
        limit
    )
    .fetch_all(conn)
    .await?)
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
        "select spam_probability, abuse_probability from comments where site_id = $1 order by id desc limit $2",
        site_id,
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.spam_probability, row.abuse_probability)).collect())
}
