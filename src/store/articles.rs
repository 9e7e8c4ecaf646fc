//! Commented pages.

use sqlx::PgConnection;
use uuid::Uuid;

use super::StoreError;

/// The article with this key within its site, if anybody has commented on it.
pub async fn find(conn: &mut PgConnection, site_id: i64, key: &str) -> Result<Option<Uuid>, StoreError> {
    Ok(sqlx::query_scalar!("select id from articles where site_id = $1 and path = $2", site_id, key)
        .fetch_optional(conn)
        .await?)
}
