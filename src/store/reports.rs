//! What readers report of published comments.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::StoreError;

/// A report, ready to be stored.
#[derive(Debug, Clone)]
pub struct NewReport<'a> {
    /// The site.
    pub site_id: i64,
    /// UUIDv7.
    pub id: Uuid,
    /// The comment.
    pub comment_id: Uuid,
    /// What is wrong with it, see [`crate::comment::Ground`].
    pub ground: &'a str,
    /// In the reader's words.
    pub words: &'a str,
    /// Keyed hash of comment and network.
    pub sender: &'a [u8],
    /// Now.
    pub reported_at: OffsetDateTime,
}

/// Appends a report of a locked comment and counts it. `false` when this sender has reported it before.
pub async fn insert(conn: &mut PgConnection, new: &NewReport<'_>) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "with told as (
             insert into reports (site_id, id, comment_id, ground, words, sender, reported_at)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (site_id, comment_id, sender) do nothing
             returning comment_id
         )
         update comments set reports = reports + 1 where site_id = $1 and id in (select comment_id from told)",
        new.site_id,
        new.id,
        new.comment_id,
        new.ground,
        new.words,
        new.sender,
        new.reported_at
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}
