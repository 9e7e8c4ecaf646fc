//! People who moderate.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::StoreError;

/// A moderator.
#[derive(Debug, Clone)]
pub struct ModeratorRow {
    /// Key.
    pub id: i64,
    /// Name, unique without case.
    pub name: String,
    /// Argon2 hash in PHC form.
    pub password_hash: String,
    /// `admin`, `moderator` or `viewer`.
    pub role: String,
    /// Since when they may not sign in any more.
    pub disabled_at: Option<OffsetDateTime>,
    /// When they were added.
    pub created_at: OffsetDateTime,
}

/// The constraint that a second moderator of the same name violates.
pub const NAME_TAKEN: &str = "moderators_name_key";

/// Adds a moderator and returns the id.
pub async fn insert(
    conn: &mut PgConnection,
    name: &str,
    password_hash: &str,
    role: &str,
    now: OffsetDateTime,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "insert into moderators (name, password_hash, role, created_at) values ($1, $2, $3, $4) returning id",
        name,
        password_hash,
        role,
        now
    )
    .fetch_one(conn)
    .await?)
}

/// The moderator of this name, in any case.
pub async fn find(conn: &mut PgConnection, name: &str) -> Result<Option<ModeratorRow>, StoreError> {
    Ok(sqlx::query_as!(
        ModeratorRow,
        "select id, name, password_hash, role, disabled_at, created_at from moderators where lower(name) = lower($1)",
        name
    )
    .fetch_optional(conn)
    .await?)
}

/// Everybody, by name.
pub async fn all(conn: &mut PgConnection) -> Result<Vec<ModeratorRow>, StoreError> {
    Ok(sqlx::query_as!(
        ModeratorRow,
        "select id, name, password_hash, role, disabled_at, created_at from moderators order by lower(name)"
    )
    .fetch_all(conn)
    .await?)
}

/// Whether anybody is an administrator already.
pub async fn any_admin(conn: &mut PgConnection) -> Result<bool, StoreError> {
    let found =
        sqlx::query_scalar!("select 1 from moderators where role = 'admin' and disabled_at is null limit 1")
            .fetch_optional(conn)
            .await?;
    Ok(found.is_some())
}

/// Sets a new password hash.
pub async fn set_password(conn: &mut PgConnection, id: i64, password_hash: &str) -> Result<(), StoreError> {
    sqlx::query!("update moderators set password_hash = $2 where id = $1", id, password_hash)
        .execute(conn)
        .await?;
    Ok(())
}

/// Sets a role: `admin`, `moderator` or `viewer`.
pub async fn set_role(conn: &mut PgConnection, id: i64, role: &str) -> Result<(), StoreError> {
    sqlx::query!("update moderators set role = $2 where id = $1", id, role).execute(conn).await?;
    Ok(())
}

/// Lets a moderator sign in no more.
pub async fn disable(conn: &mut PgConnection, id: i64, now: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query!("update moderators set disabled_at = coalesce(disabled_at, $2) where id = $1", id, now)
        .execute(conn)
        .await?;
    Ok(())
}
