//! Forgetting what programs had checked.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::StoreError;

/// Forgets the checked comments of a site after `after` and before `before`, at most `limit`: text, name, addresses and what was
/// made from them, but for the hashes by which the same comment is known again. What a person has labelled, edited or is yet to
/// look at stays. Returns the last one looked at, if there may be more.
pub async fn forget(
    conn: &mut PgConnection,
    site_id: i64,
    (after, before): (Uuid, Uuid),
    limit: i64,
    words: &str,
    now: OffsetDateTime,
) -> Result<Option<Uuid>, StoreError> {
    let row = sqlx::query!(
        r#"with due as (
             select id from comments
             where site_id = $1 and id > $2 and id < $3
               and key_id is not null and forgotten_at is null and label is null and not edited and not sampled and state <> 'held'
             order by id limit $4
           ), forgotten as (
             update comments c
             set author = '', email = '', url = '', body = $5, html = '', author_key = null, network = null, traits = '{}',
                 forgotten_at = $6
             from due
             where c.site_id = $1 and c.id = due.id
               and c.forgotten_at is null and c.label is null and not c.edited and not c.sampled and c.state <> 'held'
               -- What was learnt once and taken back is forgotten by its text when the model is made again.
               and not exists (select from examples e where e.site_id = $1 and e.comment_id = due.id)
           )
           select count(*) as "looked_at!", (select id from due order by id desc limit 1) as last from due"#,
        site_id,
        after,
        before,
        limit,
        words,
        now
    )
    .fetch_one(conn)
    .await?;
    Ok(row.last.filter(|_| row.looked_at == limit))
}

/// What a comment says, as its program says it again.
#[derive(Debug, Clone, Copy)]
pub struct Recalled<'a> {
    /// Name.
    pub author: &'a str,
    /// E-mail address, or empty.
    pub email: &'a str,
    /// Website, or empty.
    pub url: &'a str,
    /// Text.
    pub body: &'a str,
    /// Safe HTML.
    pub html: &'a str,
    /// Keyed hash of the e-mail address.
    pub author_key: Option<&'a [u8]>,
    /// See [`crate::comment::Likeness::traits`].
    pub traits: &'a [i64],
}

/// Fills in again what was forgotten of a comment; nothing where it was not.
pub async fn recall(
    conn: &mut PgConnection,
    site_id: i64,
    id: Uuid,
    said: Recalled<'_>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update comments set author = $3, email = $4, url = $5, body = $6, html = $7, author_key = $8, traits = $9,
                             forgotten_at = null
         where site_id = $1 and id = $2 and forgotten_at is not null",
        site_id,
        id,
        said.author,
        said.email,
        said.url,
        said.body,
        said.html,
        said.author_key,
        said.traits
    )
    .execute(conn)
    .await?;
    Ok(())
}
