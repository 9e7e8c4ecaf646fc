//! Uploaded training data, in pieces.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::StoreError;

/// Begins a file.
pub async fn insert(
    conn: &mut PgConnection,
    id: Uuid,
    name: &str,
    created_by: i64,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into training_files (id, name, created_by, created_at) values ($1, $2, $3, $4)",
        id,
        name,
        created_by,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Adds piece number `no`, counted from 0.
pub async fn append(conn: &mut PgConnection, id: Uuid, no: i32, data: &[u8]) -> Result<(), StoreError> {
    sqlx::query!("insert into training_file_chunks (file_id, no, data) values ($1, $2, $3)", id, no, data)
        .execute(conn)
        .await?;
    Ok(())
}

/// Piece number `no`; `None` after the last.
pub async fn chunk(conn: &mut PgConnection, id: Uuid, no: i32) -> Result<Option<Vec<u8>>, StoreError> {
    Ok(sqlx::query_scalar!("select data from training_file_chunks where file_id = $1 and no = $2", id, no)
        .fetch_optional(conn)
        .await?)
}

/// Removes the files that were begun before `before`; returns how many.
pub async fn delete_before(conn: &mut PgConnection, before: OffsetDateTime) -> Result<u64, StoreError> {
    Ok(sqlx::query!("delete from training_files where created_at < $1", before)
        .execute(conn)
        .await?
        .rows_affected())
}
