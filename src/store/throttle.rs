//! Failed sign-ins, counted by keyed hashes: no name and no address is kept.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::StoreError;

/// How often a key has failed.
#[derive(Debug, Clone, Copy)]
pub struct Failures {
    /// So often.
    pub count: i32,
    /// Most recently.
    pub last_at: OffsetDateTime,
}

/// Locks the count of a key until the end of the transaction, so that attempts at the same moment are seen one by one.
pub async fn lock(
    conn: &mut PgConnection,
    key: &[u8; 32],
    now: OffsetDateTime,
) -> Result<Failures, StoreError> {
    sqlx::query!(
        "insert into sign_in_failures (key, failures, last_at) values ($1, 0, $2) on conflict do nothing",
        &key[..],
        now
    )
    .execute(&mut *conn)
    .await?;
    Ok(sqlx::query_as!(
        Failures,
        "select failures as count, last_at from sign_in_failures where key = $1 for update",
        &key[..]
    )
    .fetch_one(conn)
    .await?)
}

/// Sets the count of a locked key.
pub async fn count(
    conn: &mut PgConnection,
    key: &[u8; 32],
    count: i32,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update sign_in_failures set failures = $2, last_at = $3 where key = $1",
        &key[..],
        count,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets the failures of these keys.
pub async fn forget(conn: &mut PgConnection, keys: &[[u8; 32]]) -> Result<(), StoreError> {
    let keys: Vec<Vec<u8>> = keys.iter().map(|key| key.to_vec()).collect();
    sqlx::query!("delete from sign_in_failures where key = any($1)", &keys).execute(conn).await?;
    Ok(())
}

/// Whether a name has signed in from a place since then.
pub async fn is_familiar(
    conn: &mut PgConnection,
    key: &[u8; 32],
    since: OffsetDateTime,
) -> Result<bool, StoreError> {
    let found = sqlx::query_scalar!(
        "select 1 from familiar_places where key = $1 and last_at >= $2",
        &key[..],
        since
    )
    .fetch_optional(conn)
    .await?;
    Ok(found.is_some())
}

/// Notes that a name has signed in from a place.
pub async fn note_familiar(
    conn: &mut PgConnection,
    key: &[u8; 32],
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into familiar_places (key, last_at) values ($1, $2) on conflict (key) do update set last_at = $2",
        &key[..],
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Forgets failures before one moment, and places nobody has signed in from since another.
pub async fn delete_before(
    conn: &mut PgConnection,
    failures: OffsetDateTime,
    places: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!("delete from sign_in_failures where last_at < $1", failures).execute(&mut *conn).await?;
    sqlx::query!("delete from familiar_places where last_at < $1", places).execute(conn).await?;
    Ok(())
}
