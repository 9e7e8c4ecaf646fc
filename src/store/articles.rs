//! Commented pages.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::StoreError;

/// The article with this key within its site, if anybody has commented on it.
pub async fn find(conn: &mut PgConnection, site_id: i64, key: &str) -> Result<Option<Uuid>, StoreError> {
    Ok(sqlx::query_scalar!("select id from articles where site_id = $1 and path = $2", site_id, key)
        .fetch_optional(conn)
        .await?)
}

/// The article with this key within its site, made if nobody has commented on it before.
pub async fn ensure(
    conn: &mut PgConnection,
    site_id: i64,
    id: Uuid,
    key: &str,
    url: &str,
    now: OffsetDateTime,
) -> Result<Uuid, StoreError> {
    // An update that changes nothing, because only it gives the row of somebody who was quicker.
    Ok(sqlx::query_scalar!(
        "insert into articles as a (site_id, id, path, url, created_at) values ($1, $2, $3, $4, $5)
         on conflict (site_id, path) do update set path = a.path returning id",
        site_id,
        id,
        key,
        url,
        now
    )
    .fetch_one(conn)
    .await?)
}
