//! Comments as readers see them: under an article, and each for its own author.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::StoreError;
use super::comments::state_of;
use crate::comment::State;

/// A published comment, as readers see it.
#[derive(Debug, Clone)]
pub struct ThreadRow {
    /// Id.
    pub id: Uuid,
    /// The comment that is answered.
    pub parent_id: Option<Uuid>,
    /// Name.
    pub author: String,
    /// Website, or empty.
    pub url: String,
    /// Safe HTML.
    pub html: String,
    /// When it was sent.
    pub created_at: OffsetDateTime,
    /// Whether a moderator wrote it, in the site's name.
    pub by_moderator: bool,
    /// Whether a moderator changed what it says.
    pub edited: bool,
}

/// The approved comments of an article after `after`, oldest first, at most `limit`. A moderator's answer shows while what it
/// answers does.
pub async fn thread(
    conn: &mut PgConnection,
    site_id: i64,
    article_id: Uuid,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<ThreadRow>, StoreError> {
    Ok(sqlx::query_as!(
        ThreadRow,
        r#"select id, parent_id, author, url, html, created_at, moderator_id is not null as "by_moderator!", edited
           from comments c
           where site_id = $1 and article_id = $2 and state = 'approved' and key_id is null and id > $3
             and (moderator_id is null or exists (select 1 from comments p where p.site_id = c.site_id and p.id = c.parent_id
                                                  and p.state = 'approved'))
           order by id limit $4"#,
        site_id,
        article_id,
        after.unwrap_or(Uuid::nil()),
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// A comment as its own author may see it again.
#[derive(Debug, Clone)]
pub struct StatusRow {
    /// Where it stands.
    pub state: State,
    /// Name.
    pub author: String,
    /// Safe HTML.
    pub html: String,
    /// Address of the article.
    pub article_url: String,
    /// When it was sent.
    pub created_at: OffsetDateTime,
    /// Whether a moderator changed what it says.
    pub edited: bool,
}

/// One comment for its author.
pub async fn status(
    conn: &mut PgConnection,
    site_id: i64,
    id: Uuid,
) -> Result<Option<StatusRow>, StoreError> {
    let row = sqlx::query!(
        r#"select c.state, c.author, c.html, a.url as "article_url!", c.created_at, c.edited
           from comments c join articles a on a.site_id = c.site_id and a.id = c.article_id
           where c.site_id = $1 and c.id = $2"#,
        site_id,
        id
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok(StatusRow {
            state: state_of(&row.state, id)?,
            author: row.author,
            html: row.html,
            article_url: row.article_url,
            created_at: row.created_at,
            edited: row.edited,
        })
    })
    .transpose()
}
