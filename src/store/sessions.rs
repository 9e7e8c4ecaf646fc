//! Signed-in browsers. Only a hash of the cookie's token is stored.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::StoreError;

/// Opens a session.
pub async fn insert(
    conn: &mut PgConnection,
    token_hash: [u8; 32],
    moderator_id: i64,
    now: OffsetDateTime,
    expires_at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into sessions (token_hash, moderator_id, created_at, expires_at) values ($1, $2, $3, $4)",
        &token_hash[..],
        moderator_id,
        now,
        expires_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Who a session belongs to.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// The moderator's key.
    pub moderator_id: i64,
    /// Their name.
    pub name: String,
    /// `admin`, `moderator` or `viewer`.
    pub role: String,
    /// When it ends.
    pub expires_at: OffsetDateTime,
}

/// The session of this token, unless it has ended or its moderator is disabled.
pub async fn find(
    conn: &mut PgConnection,
    token_hash: [u8; 32],
    now: OffsetDateTime,
) -> Result<Option<SessionRow>, StoreError> {
    Ok(sqlx::query_as!(
        SessionRow,
        "select s.moderator_id, m.name, m.role, s.expires_at from sessions s join moderators m on m.id = s.moderator_id
         where s.token_hash = $1 and s.expires_at > $2 and m.disabled_at is null",
        &token_hash[..],
        now
    )
    .fetch_optional(conn)
    .await?)
}

/// Lets a session last until `expires_at`.
pub async fn extend(
    conn: &mut PgConnection,
    token_hash: [u8; 32],
    expires_at: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!("update sessions set expires_at = $2 where token_hash = $1", &token_hash[..], expires_at)
        .execute(conn)
        .await?;
    Ok(())
}

/// Ends a session.
pub async fn delete(conn: &mut PgConnection, token_hash: [u8; 32]) -> Result<(), StoreError> {
    sqlx::query!("delete from sessions where token_hash = $1", &token_hash[..]).execute(conn).await?;
    Ok(())
}

/// Ends every session of a moderator.
pub async fn delete_of(conn: &mut PgConnection, moderator_id: i64) -> Result<(), StoreError> {
    sqlx::query!("delete from sessions where moderator_id = $1", moderator_id).execute(conn).await?;
    Ok(())
}

/// Removes sessions that ended before `now`; returns how many.
pub async fn delete_expired(conn: &mut PgConnection, now: OffsetDateTime) -> Result<u64, StoreError> {
    Ok(sqlx::query!("delete from sessions where expires_at <= $1", now).execute(conn).await?.rows_affected())
}
