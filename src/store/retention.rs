//! Forgetting what programs had checked.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::StoreError;

/// Checked comments that came in after `after` and before `before` and were not asked about since `since`, in a site, at most
/// `limit`.
#[derive(Debug, Clone, Copy)]
pub struct Old {
    /// The site.
    pub site_id: i64,
    /// The one that was looked at last.
    pub after: Uuid,
    /// The first one that is too new.
    pub before: Uuid,
    /// What was asked about again from then on is too new as well.
    pub since: OffsetDateTime,
    /// So many.
    pub limit: i64,
}

/// Locks those that have waited for a person all the time.
pub async fn waiting(conn: &mut PgConnection, old: Old) -> Result<Vec<Uuid>, StoreError> {
    Ok(sqlx::query_scalar!(
        "select id from comments c
         where site_id = $1 and id > $2 and id < $3 and (asked_at is null or asked_at < $4)
           and key_id is not null and forgotten_at is null and label is null and not edited and not sampled and state = 'held'
           and not exists (select from decisions d where d.site_id = c.site_id and d.comment_id = c.id and d.actor <> 'policy')
         order by id limit $5 for no key update skip locked",
        old.site_id,
        old.after,
        old.before,
        old.since,
        old.limit
    )
    .fetch_all(conn)
    .await?)
}

/// Forgets text, name, addresses and what was made from them, but for the hashes by which the same comment is known again. What a
/// person has labelled, edited or is yet to look at stays. Returns the last one looked at, if there may be more.
pub async fn forget(
    conn: &mut PgConnection,
    old: Old,
    words: &str,
    now: OffsetDateTime,
) -> Result<Option<Uuid>, StoreError> {
    let row = sqlx::query!(
        r#"with due as (
             select id from comments
             where site_id = $1 and id > $2 and id < $3 and (asked_at is null or asked_at < $7)
               and key_id is not null and forgotten_at is null and label is null and not edited and not sampled and state <> 'held'
             order by id limit $4
           ), forgotten as (
             update comments c
             set author = '', email = '', url = '', body = $5, html = '', author_key = null, network = null, traits = '{}',
                 forgotten_at = $6
             from due
             where c.site_id = $1 and c.id = due.id
               and (c.asked_at is null or c.asked_at < $7)
               and c.forgotten_at is null and c.label is null and not c.edited and not c.sampled and c.state <> 'held'
               -- What it said before an edit that was taken back.
               and not exists (select from revisions r where r.site_id = $1 and r.comment_id = due.id)
               -- What was learnt once and taken back is forgotten by its text when the model is made again.
               and not exists (select from examples e where e.site_id = $1 and e.comment_id = due.id)
           )
           select count(*) as "looked_at!", (select id from due order by id desc limit 1) as last from due"#,
        old.site_id,
        old.after,
        old.before,
        old.limit,
        words,
        now,
        old.since
    )
    .fetch_one(conn)
    .await?;
    Ok(row.last.filter(|_| row.looked_at == old.limit))
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
