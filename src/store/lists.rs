//! Lists of the desk that people come back to.

use sqlx::PgConnection;
use time::OffsetDateTime;

use super::StoreError;

/// A list that somebody saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRow {
    /// Key.
    pub id: i64,
    /// Name.
    pub name: String,
    /// The query of its address.
    pub query: String,
}

/// Somebody's lists, by name.
pub async fn of(conn: &mut PgConnection, moderator_id: i64) -> Result<Vec<ListRow>, StoreError> {
    Ok(sqlx::query_as!(
        ListRow,
        "select id, name, query from lists where moderator_id = $1 order by lower(name), id",
        moderator_id
    )
    .fetch_all(conn)
    .await?)
}

/// Saves a list, in the place of the one with this name; `false` where somebody has `most` already.
pub async fn save(
    conn: &mut PgConnection,
    moderator_id: i64,
    name: &str,
    query: &str,
    most: i64,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "insert into lists (moderator_id, name, query, saved_at)
         select $1, $2, $3, $5
         where (select count(*) from lists where moderator_id = $1 and name <> $2) < $4
         on conflict (moderator_id, name) do update set query = excluded.query, saved_at = excluded.saved_at",
        moderator_id,
        name,
        query,
        most,
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Removes a list of somebody's, and returns its name if it was there.
pub async fn remove(
    conn: &mut PgConnection,
    moderator_id: i64,
    id: i64,
) -> Result<Option<String>, StoreError> {
    Ok(sqlx::query_scalar!(
        "delete from lists where moderator_id = $1 and id = $2 returning name",
        moderator_id,
        id
    )
    .fetch_optional(conn)
    .await?)
}
