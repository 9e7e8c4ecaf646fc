//! What has happened and is to be told. The database itself notes it, in the transaction in which it happens.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::StoreError;

/// Something that has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// Key.
    pub id: i64,
    /// The site, comment and decision, if it was a decision.
    pub decision: Option<(i64, Uuid, Uuid)>,
    /// The promotion, if it was one.
    pub promotion_id: Option<i64>,
}

/// Takes the events that happened until `settled`, oldest first, for as long as the transaction lasts.
pub async fn take(
    conn: &mut PgConnection,
    settled: OffsetDateTime,
    limit: i64,
) -> Result<Vec<EventRow>, StoreError> {
    let rows = sqlx::query!(
        "select id, site_id, comment_id, decision_id, promotion_id from events where happened_at <= $1
         order by happened_at, id limit $2 for update skip locked",
        settled,
        limit
    )
    .fetch_all(conn)
    .await?;
    let event =
        |site: Option<i64>, comment: Option<Uuid>, decision: Option<Uuid>| Some((site?, comment?, decision?));
    Ok(rows
        .into_iter()
        .map(|row| EventRow {
            id: row.id,
            decision: event(row.site_id, row.comment_id, row.decision_id),
            promotion_id: row.promotion_id,
        })
        .collect())
}

/// Removes events: what follows from them is written.
pub async fn delete(conn: &mut PgConnection, ids: &[i64]) -> Result<(), StoreError> {
    sqlx::query!("delete from events where id = any($1)", ids).execute(conn).await?;
    Ok(())
}
