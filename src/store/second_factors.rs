//! Second factors: secrets of time-based codes, and hashes of recovery codes.

use std::fmt;

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::StoreError;

/// A second factor. Its secret is never printed.
#[derive(Clone)]
pub struct SecondFactor {
    /// What the codes are made from.
    pub secret: [u8; 20],
    /// Whether its owner has shown that they can make codes; before, it asks for nothing.
    pub confirmed: bool,
    /// When it was begun.
    pub begun_at: OffsetDateTime,
    /// The last time step whose code was taken.
    pub last_step: i64,
}

impl fmt::Debug for SecondFactor {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("SecondFactor").field("confirmed", &self.confirmed).finish_non_exhaustive()
    }
}

/// Begins a second factor anew; `false` if there is a confirmed one, which stays.
pub async fn begin(
    conn: &mut PgConnection,
    moderator_id: i64,
    secret: [u8; 20],
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "insert into second_factors (moderator_id, secret, begun_at) values ($1, $2, $3)
         on conflict (moderator_id) do update set secret = $2, begun_at = $3 where second_factors.confirmed_at is null",
        moderator_id,
        &secret[..],
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Somebody's second factor, locked until the end of the transaction, so that a code is taken once.
pub async fn lock(conn: &mut PgConnection, moderator_id: i64) -> Result<Option<SecondFactor>, StoreError> {
    let row = sqlx::query!(
        r#"select secret, confirmed_at is not null as "confirmed!", begun_at, last_step from second_factors
           where moderator_id = $1 for update"#,
        moderator_id
    )
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let secret = row.secret.try_into().map_err(|_error| StoreError::Inconsistent {
            table: "second_factors",
            row: moderator_id.to_string(),
            what: "the secret is not 20 bytes long",
        })?;
        Ok(SecondFactor {
            secret,
            confirmed: row.confirmed,
            begun_at: row.begun_at,
            last_step: row.last_step,
        })
    })
    .transpose()
}

/// Notes the step of a code that was taken.
pub async fn take_step(conn: &mut PgConnection, moderator_id: i64, step: i64) -> Result<(), StoreError> {
    sqlx::query!("update second_factors set last_step = $2 where moderator_id = $1", moderator_id, step)
        .execute(conn)
        .await?;
    Ok(())
}

/// Asks for codes from now on, or for one of these recovery codes.
pub async fn confirm(
    conn: &mut PgConnection,
    moderator_id: i64,
    recovery: &[[u8; 32]],
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!("update second_factors set confirmed_at = $2 where moderator_id = $1", moderator_id, now)
        .execute(&mut *conn)
        .await?;
    let hashes: Vec<Vec<u8>> = recovery.iter().map(|hash| hash.to_vec()).collect();
    sqlx::query!(
        "insert into recovery_codes (moderator_id, code_hash) select $1, hash from unnest($2::bytea[]) hash",
        moderator_id,
        &hashes
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Takes a recovery code, which works once; `false` if there is none like it.
pub async fn take_recovery(
    conn: &mut PgConnection,
    moderator_id: i64,
    code_hash: [u8; 32],
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "delete from recovery_codes where moderator_id = $1 and code_hash = $2",
        moderator_id,
        &code_hash[..]
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// How many recovery codes somebody has left.
pub async fn recovery_left(conn: &mut PgConnection, moderator_id: i64) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "count!" from recovery_codes where moderator_id = $1"#,
        moderator_id
    )
    .fetch_one(conn)
    .await?)
}

/// Removes a second factor with its recovery codes; `false` if there was none.
pub async fn delete(conn: &mut PgConnection, moderator_id: i64) -> Result<bool, StoreError> {
    let done = sqlx::query!("delete from second_factors where moderator_id = $1", moderator_id)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() == 1)
}
