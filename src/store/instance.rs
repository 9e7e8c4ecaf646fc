//! The one row of this installation: its secret, and the one-time link of the first administrator.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::StoreError;

/// The installation's secret; `fresh` is kept at the very first call and ignored afterwards.
pub async fn secret(
    conn: &mut PgConnection,
    fresh: [u8; 32],
    now: OffsetDateTime,
) -> Result<[u8; 32], StoreError> {
    sqlx::query!(
        "insert into instance (secret, created_at) values ($1, $2) on conflict (singleton) do nothing",
        &fresh[..],
        now
    )
    .execute(&mut *conn)
    .await?;
    let secret = sqlx::query_scalar!("select secret from instance").fetch_one(conn).await?;
    secret.try_into().map_err(|_error| StoreError::Inconsistent {
        table: "instance",
        row: "the only one".to_owned(),
        what: "the secret is not 32 bytes long",
    })
}

/// Replaces the first administrator's one-time link by a new one, or by none.
pub async fn set_setup_token(conn: &mut PgConnection, hash: Option<[u8; 32]>) -> Result<(), StoreError> {
    sqlx::query!("update instance set setup_token_hash = $1", hash.as_ref().map(|hash| &hash[..]))
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether this is the link's token; locks the row, so that a link works once.
pub async fn check_setup_token(conn: &mut PgConnection, hash: [u8; 32]) -> Result<bool, StoreError> {
    let found =
        sqlx::query_scalar!("select 1 from instance where setup_token_hash = $1 for update", &hash[..])
            .fetch_optional(conn)
            .await?;
    Ok(found.is_some())
}
