//! What moderators have taught: an append-only list of changes a site, in the order they were committed.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::StoreError;

/// Appends that a comment is taught as `label` now, where it was `previous`. The site's row is locked until
/// the transaction ends, so that `seq` grows in the order of the commits and a reader that has seen `seq` has
/// seen everything before it.
pub async fn append(
    conn: &mut PgConnection,
    site_id: i64,
    comment_id: Uuid,
    decision_id: Uuid,
    previous: Option<&str>,
    label: Option<&str>,
) -> Result<(), StoreError> {
    let seq = sqlx::query_scalar!(
        "update sites set example_seq = example_seq + 1 where id = $1 returning example_seq",
        site_id
    )
    .fetch_one(&mut *conn)
    .await?;
    sqlx::query!(
        "insert into examples (site_id, seq, comment_id, decision_id, previous, label) values ($1, $2, $3, $4, $5, $6)",
        site_id,
        seq,
        comment_id,
        decision_id,
        previous,
        label
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A change of what a comment is taught as, with the comment.
#[derive(Debug, Clone)]
pub struct ExampleRow {
    /// Its number at its site.
    pub seq: i64,
    /// What to forget.
    pub previous: Option<String>,
    /// What to learn.
    pub label: Option<String>,
    /// The comment's text.
    pub body: String,
    /// Name.
    pub author: String,
    /// E-mail address, or empty.
    pub email: String,
    /// Website, or empty.
    pub url: String,
}

/// A site's changes after number `after` and up to `through`, in order, at most `limit`.
pub async fn between(
    conn: &mut PgConnection,
    site_id: i64,
    after: i64,
    through: i64,
    limit: i64,
) -> Result<Vec<ExampleRow>, StoreError> {
    Ok(sqlx::query_as!(
        ExampleRow,
        r#"select e.seq, e.previous, e.label, c.body as "body!", c.author as "author!", c.email as "email!", c.url as "url!"
           from examples e join submitted c on c.site_id = e.site_id and c.id = e.comment_id
           where e.site_id = $1 and e.seq > $2 and e.seq <= $3 order by e.seq limit $4"#,
        site_id,
        after,
        through,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// The number of each site's newest change that was decided at `settled` or before; sites without any are left out.
pub async fn newest(conn: &mut PgConnection, settled: OffsetDateTime) -> Result<Vec<(i64, i64)>, StoreError> {
    let rows = sqlx::query!(
        "select s.id, newest.seq from sites s
         cross join lateral (
             -- Walked from the newest on, whatever a plan of a young table thinks of sorting them.
             select e.seq from (select site_id, seq, decision_id from examples where site_id = s.id order by seq desc offset 0) e
             join decisions d on d.site_id = e.site_id and d.id = e.decision_id
             where d.decided_at <= $1 order by e.seq desc limit 1
         ) newest
         where s.example_seq > 0 order by s.id",
        settled
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.seq)).collect())
}

/// A comment with what it is taught as.
#[derive(Debug, Clone)]
pub struct LabelledComment {
    /// Id.
    pub id: Uuid,
    /// `spam` or `ham`.
    pub label: String,
    /// What it was taught as at change number `known` of the site, if it was.
    pub known_label: Option<String>,
    /// The comment's text.
    pub body: String,
    /// Name.
    pub author: String,
    /// E-mail address, or empty.
    pub email: String,
    /// Website, or empty.
    pub url: String,
    /// When it was sent.
    pub created_at: OffsetDateTime,
}

/// Every comment of a site as it was taught at change number `through`, after comment `after` in the order of
/// ids, at most `limit`: the training set that [`super::models::insert`] can name by that number. `known` is the
/// number another model was trained through.
pub async fn labelled(
    conn: &mut PgConnection,
    site_id: i64,
    through: i64,
    known: i64,
    after: Uuid,
    limit: i64,
) -> Result<Vec<LabelledComment>, StoreError> {
    Ok(sqlx::query_as!(
        LabelledComment,
        r#"select c.id as "id!", e.label as "label!", c.body as "body!", c.author as "author!", c.email as "email!", c.url as "url!",
                  c.created_at as "created_at!",
                  (select k.label from examples k where k.site_id = $1 and k.comment_id = e.comment_id and k.seq <= $5
                   order by k.seq desc limit 1) as "known_label?"
           from (select distinct on (comment_id) comment_id, label from examples
                 where site_id = $1 and seq <= $2 and comment_id > $3 order by comment_id, seq desc) e
           join submitted c on c.site_id = $1 and c.id = e.comment_id
           where e.label is not null order by c.id limit $4"#,
        site_id,
        through,
        after,
        limit,
        known
    )
    .fetch_all(conn)
    .await?)
}

/// How many comments are taught as spam or ham.
pub async fn count_labelled(conn: &mut PgConnection) -> Result<u64, StoreError> {
    let count = sqlx::query_scalar!(
        r#"select count(*) as "count!" from (
               select distinct on (site_id, comment_id) label from examples order by site_id, comment_id, seq desc) newest
           where label is not null"#
    )
    .fetch_one(conn)
    .await?;
    Ok(count.unsigned_abs())
}
