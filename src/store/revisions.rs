//! What comments said before moderators changed it: append-only, so that what came in can always be read and forgotten.

use sqlx::PgConnection;
use uuid::Uuid;

use super::StoreError;
use crate::comment::Wording;

/// What a comment said before an edit.
pub async fn before(
    conn: &mut PgConnection,
    site_id: i64,
    comment_id: Uuid,
    decision_id: Uuid,
) -> Result<Option<Wording>, StoreError> {
    Ok(sqlx::query_as!(
        Wording,
        "select author, url, body from revisions where site_id = $1 and comment_id = $2 and decision_id = $3",
        site_id,
        comment_id,
        decision_id
    )
    .fetch_optional(conn)
    .await?)
}

/// What a locked comment says from now on, with all that follows from it.
#[derive(Debug, Clone)]
pub struct NewWording<'a> {
    /// The site.
    pub site_id: i64,
    /// The comment.
    pub id: Uuid,
    /// The decision that this is.
    pub decision_id: Uuid,
    /// What it says.
    pub wording: &'a Wording,
    /// Safe HTML.
    pub html: &'a str,
    /// See [`crate::comment::fingerprint`].
    pub fingerprint: &'a [u8],
    /// ISO 639-3 code of the language, where it can be told.
    pub language: Option<&'a str>,
    /// See [`crate::comment::Likeness::traits`].
    pub traits: &'a [i64],
}

/// Changes what a locked comment says. What it said before is kept.
pub async fn write(conn: &mut PgConnection, new: &NewWording<'_>) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into revisions (site_id, decision_id, comment_id, author, url, body)
         select site_id, $3, id, author, url, body from comments where site_id = $1 and id = $2",
        new.site_id,
        new.id,
        new.decision_id
    )
    .execute(&mut *conn)
    .await?;
    sqlx::query!(
        "update comments c
         set author = $3, url = $4, body = $5, html = $6, fingerprint = $7, language = $8, traits = $9,
             edited = ($3, $4, $5) is distinct from (s.author, s.url, s.body)
         from submitted s where c.site_id = $1 and c.id = $2 and s.site_id = c.site_id and s.id = c.id",
        new.site_id,
        new.id,
        new.wording.author,
        new.wording.url,
        new.wording.body,
        new.html,
        new.fingerprint,
        new.language,
        new.traits
    )
    .execute(conn)
    .await?;
    Ok(())
}
