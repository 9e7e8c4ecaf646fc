//! What is known of an author, the owner of an e-mail address, at a site; and what people have noted.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::StoreError;
use super::comments::state_of;
use crate::comment::State;

/// A comment of an author, as the panel adds it up.
#[derive(Debug, Clone)]
pub struct TraceRow {
    /// Id.
    pub id: Uuid,
    /// Where it stands.
    pub state: State,
    /// Name.
    pub author: String,
    /// E-mail address.
    pub email: String,
    /// Website, or empty.
    pub url: String,
    /// Keyed hash of the network it was sent from.
    pub network: Option<Vec<u8>>,
    /// When.
    pub created_at: OffsetDateTime,
}

/// An author's newest comments, newest first, at most `limit`.
pub async fn traces(
    conn: &mut PgConnection,
    site_id: i64,
    author_key: &[u8],
    limit: i64,
) -> Result<Vec<TraceRow>, StoreError> {
    let rows = sqlx::query!(
        "select id, state, author, email, url, network, created_at from comments
         where site_id = $1 and author_key = $2 order by id desc limit $3",
        site_id,
        author_key,
        limit
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(TraceRow {
                id: row.id,
                state: state_of(&row.state, row.id)?,
                author: row.author,
                email: row.email,
                url: row.url,
                network: row.network,
                created_at: row.created_at,
            })
        })
        .collect()
}

/// When an author's first comment came in.
pub async fn first_seen(
    conn: &mut PgConnection,
    site_id: i64,
    author_key: &[u8],
) -> Result<Option<OffsetDateTime>, StoreError> {
    Ok(sqlx::query_scalar!(
        "select created_at from comments where site_id = $1 and author_key = $2 order by id limit 1",
        site_id,
        author_key
    )
    .fetch_optional(conn)
    .await?)
}

/// How many other e-mail addresses the newest 1,000 comments from each of these networks have; in their order.
pub async fn neighbours(
    conn: &mut PgConnection,
    site_id: i64,
    author_key: &[u8],
    networks: &[Vec<u8>],
) -> Result<Vec<i64>, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select (select count(distinct author_key) from
                      (select author_key from comments c where c.site_id = $1 and c.network = wanted.network
                       order by c.id desc limit 1000) newest
                   where author_key <> $2) as "count!"
           from unnest($3::bytea[]) with ordinality wanted (network, place) order by wanted.place"#,
        site_id,
        author_key,
        networks
    )
    .fetch_all(conn)
    .await?)
}

/// Who sent a comment: what a rule can be made of.
#[derive(Debug, Clone)]
pub struct SenderRow {
    /// Name.
    pub author: String,
    /// E-mail address, or empty.
    pub email: String,
    /// Website, or empty.
    pub url: String,
    /// As typed.
    pub body: String,
    /// Keyed hash of the network it was sent from.
    pub network: Option<Vec<u8>>,
}

/// The sender of a comment.
pub async fn sender(
    conn: &mut PgConnection,
    site_id: i64,
    id: Uuid,
) -> Result<Option<SenderRow>, StoreError> {
    Ok(sqlx::query_as!(
        SenderRow,
        "select author, email, url, body, network from comments where site_id = $1 and id = $2",
        site_id,
        id
    )
    .fetch_optional(conn)
    .await?)
}

/// What somebody noted about an author.
#[derive(Debug, Clone)]
pub struct NoteRow {
    /// The note.
    pub note: String,
    /// Who wrote it.
    pub who: String,
    /// When.
    pub written_at: OffsetDateTime,
}

/// What people have noted about an author, the newest first.
pub async fn notes(
    conn: &mut PgConnection,
    site_id: i64,
    author_key: &[u8],
) -> Result<Vec<NoteRow>, StoreError> {
    Ok(sqlx::query_as!(
        NoteRow,
        "select n.note, m.name as who, n.written_at from author_notes n join moderators m on m.id = n.moderator_id
         where n.site_id = $1 and n.author_key = $2 order by n.id desc",
        site_id,
        author_key
    )
    .fetch_all(conn)
    .await?)
}

/// Adds a note.
pub async fn add_note(
    conn: &mut PgConnection,
    site_id: i64,
    author_key: &[u8],
    id: Uuid,
    moderator_id: i64,
    note: &str,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into author_notes (site_id, author_key, id, moderator_id, note, written_at) values ($1, $2, $3, $4, $5, $6)",
        site_id,
        author_key,
        id,
        moderator_id,
        note,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets from which networks comments came that are older than `before`, at most `limit` at a time; returns how many.
pub async fn forget_networks(
    conn: &mut PgConnection,
    site_id: i64,
    before: Uuid,
    limit: i64,
) -> Result<u64, StoreError> {
    let done = sqlx::query!(
        "update comments set network = null
         where site_id = $1 and id in (select id from comments where site_id = $1 and network is not null and id < $2
                                       order by id limit $3)",
        site_id,
        before,
        limit
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected())
}
