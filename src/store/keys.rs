//! Keys that programs speak to us with.

use std::fmt;

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::StoreError;

/// A key as stored: never the key itself, but for the secret that signatures are checked with.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyRow {
    /// Key of the row.
    pub id: i64,
    /// The site it is for.
    pub site_id: i64,
    /// `akismet`, `api` or `coral`.
    pub kind: String,
    /// What it is for.
    pub name: String,
    /// Keyed hash of the key.
    pub key_hash: Vec<u8>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Since when it works.
    pub created_at: OffsetDateTime,
    /// Since when it works no more.
    pub revoked_at: Option<OffsetDateTime>,
    /// What a key of Akismet's protocol is made of, besides the installation's secret.
    pub nonce: Option<Vec<u8>>,
    /// Whether what it asks about is judged and not decided.
    pub log_only: bool,
    /// What requests of a program are signed with, where that is how it is known.
    pub secret: Option<String>,
}

impl fmt::Debug for KeyRow {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("KeyRow").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// A key to be stored.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "it holds what is not to be printed")]
pub struct NewKey<'a> {
    /// See [`KeyRow::site_id`].
    pub site_id: i64,
    /// See [`KeyRow::kind`].
    pub kind: &'a str,
    /// See [`KeyRow::name`].
    pub name: &'a str,
    /// See [`KeyRow::key_hash`].
    pub key_hash: &'a [u8],
    /// See [`KeyRow::scopes`].
    pub scopes: &'a [String],
    /// See [`KeyRow::nonce`].
    pub nonce: Option<&'a [u8]>,
    /// See [`KeyRow::log_only`].
    pub log_only: bool,
    /// See [`KeyRow::secret`].
    pub secret: Option<&'a str>,
}

/// The constraint that the same key a second time violates.
pub const TAKEN: &str = "keys_hash_key";

/// Adds a key and returns its id.
pub async fn insert(
    conn: &mut PgConnection,
    new: &NewKey<'_>,
    now: OffsetDateTime,
) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "insert into keys (site_id, kind, name, key_hash, scopes, created_at, nonce, log_only, secret)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id",
        new.site_id,
        new.kind,
        new.name,
        new.key_hash,
        new.scopes,
        now,
        new.nonce,
        new.log_only,
        new.secret
    )
    .fetch_one(conn)
    .await?)
}

/// Ends a key that works at one of these sites; returns it, or nothing where there is none.
pub async fn revoke(
    conn: &mut PgConnection,
    id: i64,
    site_ids: &[i64],
    now: OffsetDateTime,
) -> Result<Option<KeyRow>, StoreError> {
    Ok(sqlx::query_as!(
        KeyRow,
        "update keys set revoked_at = $3 where id = $1 and site_id = any($2) and revoked_at is null
         returning id, site_id, kind, name, key_hash, scopes, created_at, revoked_at, nonce, log_only, secret",
        id,
        site_ids,
        now
    )
    .fetch_optional(conn)
    .await?)
}

/// Says of a key that works at one of these sites whether what it asks about is not decided; returns it, or nothing where there is none.
pub async fn set_log_only(
    conn: &mut PgConnection,
    id: i64,
    site_ids: &[i64],
    log_only: bool,
) -> Result<Option<KeyRow>, StoreError> {
    Ok(sqlx::query_as!(
        KeyRow,
        "update keys set log_only = $3 where id = $1 and site_id = any($2) and revoked_at is null
         returning id, site_id, kind, name, key_hash, scopes, created_at, revoked_at, nonce, log_only, secret",
        id,
        site_ids,
        log_only
    )
    .fetch_optional(conn)
    .await?)
}

/// Every key, those that work first, the newest first.
pub async fn all(conn: &mut PgConnection) -> Result<Vec<KeyRow>, StoreError> {
    Ok(sqlx::query_as!(
        KeyRow,
        "select id, site_id, kind, name, key_hash, scopes, created_at, revoked_at, nonce, log_only, secret from keys
         order by revoked_at is not null, id desc"
    )
    .fetch_all(conn)
    .await?)
}
