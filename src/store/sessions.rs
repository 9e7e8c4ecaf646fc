//! Signed-in browsers. Only a hash of the cookie's token is stored.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::StoreError;

/// A session that is opened.
#[derive(Debug, Clone, Copy)]
pub struct NewSession<'a> {
    /// Hash of the cookie's token.
    pub token_hash: [u8; 32],
    /// Whose it is.
    pub moderator_id: i64,
    /// In which browser, in coarse words.
    pub browser: &'a str,
    /// Now.
    pub now: OffsetDateTime,
    /// When it ends.
    pub expires_at: OffsetDateTime,
}

/// Opens a session.
pub async fn insert(conn: &mut PgConnection, new: NewSession<'_>) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into sessions (token_hash, moderator_id, browser, created_at, used_at, expires_at) values ($1, $2, $3, $4, $4, $5)",
        &new.token_hash[..],
        new.moderator_id,
        new.browser,
        new.now,
        new.expires_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Who a session belongs to.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// Key.
    pub id: i64,
    /// The moderator's key.
    pub moderator_id: i64,
    /// Their name.
    pub name: String,
    /// `admin`, `moderator` or `viewer`.
    pub role: String,
    /// The sites they are confined to; none is all.
    pub site_ids: Vec<i64>,
    /// When it was last noted that it is used.
    pub used_at: OffsetDateTime,
}

/// The session of this token, unless it has ended or its moderator is disabled.
pub async fn find(
    conn: &mut PgConnection,
    token_hash: [u8; 32],
    now: OffsetDateTime,
) -> Result<Option<SessionRow>, StoreError> {
    Ok(sqlx::query_as!(
        SessionRow,
        r#"select s.id, s.moderator_id, m.name, m.role, s.used_at,
                  array(select site_id from moderator_sites w where w.moderator_id = m.id order by site_id) as "site_ids!"
           from sessions s join moderators m on m.id = s.moderator_id
           where s.token_hash = $1 and s.expires_at > $2 and m.disabled_at is null"#,
        &token_hash[..],
        now
    )
    .fetch_optional(conn)
    .await?)
}

/// Notes that a session is used, and lets it last until `expires_at`.
pub async fn touch(
    conn: &mut PgConnection,
    id: i64,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!("update sessions set used_at = $2, expires_at = $3 where id = $1", id, now, expires_at)
        .execute(conn)
        .await?;
    Ok(())
}

/// A session as its owner sees it.
#[derive(Debug, Clone)]
pub struct OwnSession {
    /// Key.
    pub id: i64,
    /// In which browser, in coarse words.
    pub browser: String,
    /// Since when.
    pub created_at: OffsetDateTime,
    /// When it was last noted that it is used.
    pub used_at: OffsetDateTime,
}

/// Somebody's sessions, the one used last first.
pub async fn of(
    conn: &mut PgConnection,
    moderator_id: i64,
    now: OffsetDateTime,
) -> Result<Vec<OwnSession>, StoreError> {
    Ok(sqlx::query_as!(
        OwnSession,
        "select id, browser, created_at, used_at from sessions where moderator_id = $1 and expires_at > $2
         order by used_at desc, id desc",
        moderator_id,
        now
    )
    .fetch_all(conn)
    .await?)
}

/// Which of somebody's sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// All of them.
    All,
    /// This one.
    One(i64),
    /// All but this one.
    AllBut(i64),
}

/// Ends sessions of a moderator; returns how many.
pub async fn end(conn: &mut PgConnection, moderator_id: i64, which: Which) -> Result<u64, StoreError> {
    let (one, kept) = match which {
        Which::All => (None, None),
        Which::One(id) => (Some(id), None),
        Which::AllBut(id) => (None, Some(id)),
    };
    Ok(sqlx::query!(
        "delete from sessions where moderator_id = $1 and ($2::bigint is null or id = $2) and id is distinct from $3::bigint",
        moderator_id,
        one,
        kept
    )
    .execute(conn)
    .await?
    .rows_affected())
}

/// Removes sessions that ended before `now`; returns how many.
pub async fn delete_expired(conn: &mut PgConnection, now: OffsetDateTime) -> Result<u64, StoreError> {
    Ok(sqlx::query!("delete from sessions where expires_at <= $1", now).execute(conn).await?.rows_affected())
}
