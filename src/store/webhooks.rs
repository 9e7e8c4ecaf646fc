//! Webhooks and their deliveries.

use sqlx::PgConnection;
use time::OffsetDateTime;
use uuid::Uuid;

use super::StoreError;

/// Where a site's events are posted to.
#[derive(Debug, Clone)]
pub struct WebhookRow {
    /// Key.
    pub id: i64,
    /// The site.
    pub site_id: i64,
    /// The address.
    pub url: String,
    /// `json` or `chat`.
    pub format: String,
    /// Names of the events.
    pub events: Vec<String>,
    /// Since when nothing is sent.
    pub paused_at: Option<OffsetDateTime>,
    /// When it was made.
    pub created_at: OffsetDateTime,
}

/// A webhook to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewWebhook<'a> {
    /// The site.
    pub site_id: i64,
    /// The address.
    pub url: &'a str,
    /// `json` or `chat`.
    pub format: &'a str,
    /// Names of the events.
    pub events: &'a [String],
    /// Signs what is sent.
    pub secret: &'a [u8],
    /// Now.
    pub created_at: OffsetDateTime,
}

/// Makes a webhook and returns its key.
pub async fn insert(conn: &mut PgConnection, new: NewWebhook<'_>) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar!(
        "insert into webhooks (site_id, url, format, events, secret, created_at) values ($1, $2, $3, $4, $5, $6) returning id",
        new.site_id,
        new.url,
        new.format,
        new.events,
        new.secret,
        new.created_at
    )
    .fetch_one(conn)
    .await?)
}

/// Every webhook, by site and age.
pub async fn all(conn: &mut PgConnection) -> Result<Vec<WebhookRow>, StoreError> {
    Ok(sqlx::query_as!(
        WebhookRow,
        "select id, site_id, url, format, events, paused_at, created_at from webhooks order by site_id, id"
    )
    .fetch_all(conn)
    .await?)
}

/// One webhook.
pub async fn find(conn: &mut PgConnection, id: i64) -> Result<Option<WebhookRow>, StoreError> {
    Ok(sqlx::query_as!(
        WebhookRow,
        "select id, site_id, url, format, events, paused_at, created_at from webhooks where id = $1",
        id
    )
    .fetch_optional(conn)
    .await?)
}

/// The webhooks that ask for an event: of one site, or of all.
pub async fn asking(
    conn: &mut PgConnection,
    site_id: Option<i64>,
    event: &str,
) -> Result<Vec<WebhookRow>, StoreError> {
    Ok(sqlx::query_as!(
        WebhookRow,
        "select id, site_id, url, format, events, paused_at, created_at from webhooks
         where ($1::bigint is null or site_id = $1) and $2 = any(events) and paused_at is null order by id",
        site_id,
        event
    )
    .fetch_all(conn)
    .await?)
}

/// Sets where and of what a webhook tells.
pub async fn update(
    conn: &mut PgConnection,
    id: i64,
    url: &str,
    events: &[String],
) -> Result<(), StoreError> {
    sqlx::query!("update webhooks set url = $2, events = $3 where id = $1", id, url, events)
        .execute(conn)
        .await?;
    Ok(())
}

/// Since when a webhook sends nothing; `None` lets it send again.
pub async fn set_paused(
    conn: &mut PgConnection,
    id: i64,
    since: Option<OffsetDateTime>,
) -> Result<(), StoreError> {
    sqlx::query!("update webhooks set paused_at = $2 where id = $1", id, since).execute(conn).await?;
    Ok(())
}

/// Removes a webhook and its deliveries.
pub async fn delete(conn: &mut PgConnection, id: i64) -> Result<(), StoreError> {
    sqlx::query!("delete from webhooks where id = $1", id).execute(conn).await?;
    Ok(())
}

/// Adds a delivery that is due now.
pub async fn deliver(
    conn: &mut PgConnection,
    webhook_id: i64,
    id: Uuid,
    event: &str,
    body: &str,
    now: OffsetDateTime,
) -> Result<(), StoreError> {
    sqlx::query!(
        "insert into webhook_deliveries (id, webhook_id, event, body, next_try_at, created_at) values ($1, $2, $3, $4, $5, $5)",
        id,
        webhook_id,
        event,
        body,
        now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A delivery to be tried now.
#[derive(Debug, Clone)]
pub struct DueRow {
    /// Key, and what the receiver knows it by.
    pub id: Uuid,
    /// The address.
    pub url: String,
    /// `json` or `chat`.
    pub format: String,
    /// Signs it.
    pub secret: Vec<u8>,
    /// What is sent.
    pub body: String,
    /// How often it was tried, this time included.
    pub attempts: i32,
}

/// Claims deliveries that are due until `lease`; those of paused webhooks wait.
pub async fn claim(
    conn: &mut PgConnection,
    now: OffsetDateTime,
    lease: OffsetDateTime,
    limit: i64,
) -> Result<Vec<DueRow>, StoreError> {
    Ok(sqlx::query_as!(
        DueRow,
        "update webhook_deliveries d set attempts = d.attempts + 1, next_try_at = $2
         from webhooks w
         where w.id = d.webhook_id and d.id in (
             select d.id from webhook_deliveries d join webhooks w on w.id = d.webhook_id
             where d.state = 'waiting' and d.next_try_at <= $1 and w.paused_at is null
             order by d.next_try_at, d.id limit $3 for update of d skip locked)
         returning d.id, w.url, w.format, w.secret, d.body, d.attempts",
        now,
        lease,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// How a try ended.
#[derive(Debug, Clone, Copy)]
pub struct Outcome<'a> {
    /// `waiting`, `delivered` or `failed`.
    pub state: &'a str,
    /// What the receiver answered.
    pub status: Option<i32>,
    /// What went wrong.
    pub error: Option<&'a str>,
    /// When it is tried again.
    pub next_try_at: Option<OffsetDateTime>,
    /// Now.
    pub now: OffsetDateTime,
}

/// Notes how a try ended.
pub async fn note(conn: &mut PgConnection, id: Uuid, outcome: Outcome<'_>) -> Result<(), StoreError> {
    sqlx::query!(
        "update webhook_deliveries
         set state = $2, status = $3, error = $4, next_try_at = coalesce($5, next_try_at),
             ended_at = case when $2 <> 'waiting' then $6::timestamptz end
         where id = $1",
        id,
        outcome.state,
        outcome.status,
        outcome.error,
        outcome.next_try_at,
        outcome.now
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Lets a delivery begin anew, with the same id and body. `false` if this webhook has none of that id.
pub async fn replay(
    conn: &mut PgConnection,
    webhook_id: i64,
    id: Uuid,
    now: OffsetDateTime,
) -> Result<bool, StoreError> {
    let done = sqlx::query!(
        "update webhook_deliveries set state = 'waiting', attempts = 0, next_try_at = $3, ended_at = null
         where webhook_id = $1 and id = $2",
        webhook_id,
        id,
        now
    )
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A delivery as people see it.
#[derive(Debug, Clone)]
pub struct DeliveryRow {
    /// Key.
    pub id: Uuid,
    /// The event.
    pub event: String,
    /// `waiting`, `delivered` or `failed`.
    pub state: String,
    /// How often it was tried.
    pub attempts: i32,
    /// When it is tried next, while it waits.
    pub next_try_at: OffsetDateTime,
    /// What the receiver answered last.
    pub status: Option<i32>,
    /// What went wrong last.
    pub error: Option<String>,
    /// When it came about.
    pub created_at: OffsetDateTime,
}

/// The newest deliveries of a webhook.
pub async fn deliveries(
    conn: &mut PgConnection,
    webhook_id: i64,
    limit: i64,
) -> Result<Vec<DeliveryRow>, StoreError> {
    Ok(sqlx::query_as!(
        DeliveryRow,
        "select id, event, state, attempts, next_try_at, status, error, created_at from webhook_deliveries
         where webhook_id = $1 order by id desc limit $2",
        webhook_id,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// How many deliveries of each webhook wait after a failure, and how many were given up.
pub async fn troubles(conn: &mut PgConnection) -> Result<Vec<(i64, i64, i64)>, StoreError> {
    let rows = sqlx::query!(
        r#"select webhook_id, count(*) filter (where state = 'waiting' and error is not null) as "waiting!",
                  count(*) filter (where state = 'failed') as "failed!"
           from webhook_deliveries where state <> 'delivered' group by webhook_id"#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.webhook_id, row.waiting, row.failed)).collect())
}

/// Removes deliveries that ended before `before`.
pub async fn sweep(conn: &mut PgConnection, before: OffsetDateTime) -> Result<(), StoreError> {
    sqlx::query!("delete from webhook_deliveries where ended_at < $1", before).execute(conn).await?;
    Ok(())
}
