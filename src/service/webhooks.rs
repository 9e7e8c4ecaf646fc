//! Webhooks: administrators say where a site's events are posted to; each delivery is signed, tried until it is taken, and
//! can be sent again. The signature is that of Standard Webhooks.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::json;
use sha2::Sha256;
use time::OffsetDateTime;
use uuid::Uuid;

use super::audit::{About, Actor, Deed, record};
use super::outbound::UrlError;
use super::outbox::{self, LEASE, next_try};
use crate::app::{App, random_bytes};
use crate::policy::Event;
use crate::store::webhooks::{self, DeliveryRow, DueRow, NewWebhook, Outcome, WebhookRow};
use crate::store::{Conn, StoreError};

/// The name of the format for programs.
pub const JSON: &str = "json";
/// The name of the format for chats.
pub const CHAT: &str = "chat";
/// The event of a delivery that was asked for by hand.
const TEST: &str = "test";
/// So many are posted at a time.
const AT_A_TIME: i64 = 16;
/// So many deliveries are shown.
const SHOWN: i64 = 50;

/// A webhook cannot be made or changed.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// Its address.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// No event.
    #[error("choose at least one event")]
    Events,
    /// There is none of this number.
    #[error("there is no such webhook")]
    Unknown,
    /// The operating system's random numbers.
    #[error("the operating system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
    /// Postgres.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a webhook is to be.
#[derive(Debug, Clone)]
pub struct Spec<'a> {
    /// Where to.
    pub url: &'a str,
    /// Of what.
    pub events: &'a [Event],
    /// Whether a chat is to read it.
    pub chat: bool,
}

/// Makes a webhook; returns its number and the secret that its receiver checks the signature with, which is shown once.
pub async fn add(
    app: &App,
    actor: Actor,
    site_id: i64,
    spec: &Spec<'_>,
) -> Result<(i64, String), WebhookError> {
    let (url, events) = check(app, spec)?;
    let secret = random_bytes::<32>()?;
    let mut tx = app.db.begin().await?;
    let format = if spec.chat { CHAT } else { JSON };
    let new =
        NewWebhook { site_id, url: &url, format, events: &events, secret: &secret, created_at: app.now() };
    let id = webhooks::insert(&mut tx, new).await?;
    let details = json!({ "webhook": id, "host": host(&url), "format": format, "events": events });
    record(app, &mut tx, actor, Deed::WebhookAdded, About::site(site_id).with(details)).await?;
    tx.commit().await?;
    Ok((id, shown(&secret)))
}

/// Changes where and of what a webhook tells. Its secret stays.
pub async fn set(app: &App, actor: Actor, id: i64, spec: &Spec<'_>) -> Result<(), WebhookError> {
    let (url, events) = check(app, spec)?;
    let mut tx = app.db.begin().await?;
    let before = webhooks::find(&mut tx, id).await?.ok_or(WebhookError::Unknown)?;
    webhooks::update(&mut tx, id, &url, &events).await?;
    let details = json!({ "webhook": id, "host": host(&url), "events": events });
    record(app, &mut tx, actor, Deed::WebhookSet, About::site(before.site_id).with(details)).await?;
    Ok(tx.commit().await?)
}

/// Lets a webhook send nothing for a while, or send again. What waits is sent then; what happens meanwhile is not.
pub async fn pause(app: &App, actor: Actor, id: i64, pause: bool) -> Result<(), WebhookError> {
    let mut tx = app.db.begin().await?;
    let webhook = webhooks::find(&mut tx, id).await?.ok_or(WebhookError::Unknown)?;
    if webhook.paused_at.is_some() != pause {
        webhooks::set_paused(&mut tx, id, pause.then(|| app.now())).await?;
        let details = json!({ "webhook": id, "paused": pause });
        record(app, &mut tx, actor, Deed::WebhookSet, About::site(webhook.site_id).with(details)).await?;
    }
    Ok(tx.commit().await?)
}

/// Removes a webhook and its deliveries.
pub async fn remove(app: &App, actor: Actor, id: i64) -> Result<(), WebhookError> {
    let mut tx = app.db.begin().await?;
    let webhook = webhooks::find(&mut tx, id).await?.ok_or(WebhookError::Unknown)?;
    webhooks::delete(&mut tx, id).await?;
    let details = json!({ "webhook": id, "host": host(&webhook.url) });
    record(app, &mut tx, actor, Deed::WebhookRemoved, About::site(webhook.site_id).with(details)).await?;
    Ok(tx.commit().await?)
}

/// The host is logged, the address not: those of chats are secrets.
fn host(url: &str) -> String {
    reqwest::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

fn check(app: &App, spec: &Spec<'_>) -> Result<(String, Vec<String>), WebhookError> {
    if spec.events.is_empty() {
        return Err(WebhookError::Events);
    }
    let events = Event::ALL.into_iter().filter(|event| spec.events.contains(event));
    Ok((app.outbound.check(spec.url)?.to_string(), events.map(|event| event.as_str().to_owned()).collect()))
}

/// A webhook as administrators see it.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// What it is.
    pub row: WebhookRow,
    /// Deliveries that wait after a failure.
    pub waiting: i64,
    /// Deliveries that were given up.
    pub failed: i64,
}

/// Every webhook.
pub async fn all(app: &App) -> Result<Vec<Webhook>, StoreError> {
    let mut conn = app.db.conn().await?;
    let troubles = webhooks::troubles(&mut conn).await?;
    let rows = webhooks::all(&mut conn).await?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let (waiting, failed) = troubles
                .iter()
                .find(|(id, ..)| *id == row.id)
                .map_or((0, 0), |(_, waiting, failed)| (*waiting, *failed));
            Webhook { row, waiting, failed }
        })
        .collect())
}

/// One webhook with its newest deliveries.
pub async fn find(app: &App, id: i64) -> Result<Option<(WebhookRow, Vec<DeliveryRow>)>, StoreError> {
    let mut conn = app.db.conn().await?;
    let Some(webhook) = webhooks::find(&mut conn, id).await? else { return Ok(None) };
    let deliveries = webhooks::deliveries(&mut conn, id, SHOWN).await?;
    Ok(Some((webhook, deliveries)))
}

/// Sends a delivery once more: the same id, the same body, a new signature.
pub async fn replay(app: &App, actor: Actor, id: i64, delivery: Uuid) -> Result<(), WebhookError> {
    let mut tx = app.db.begin().await?;
    let webhook = webhooks::find(&mut tx, id).await?.ok_or(WebhookError::Unknown)?;
    if !webhooks::replay(&mut tx, id, delivery, app.now()).await? {
        return Err(WebhookError::Unknown);
    }
    let details = json!({ "webhook": id, "delivery": delivery });
    record(app, &mut tx, actor, Deed::WebhookReplayed, About::site(webhook.site_id).with(details)).await?;
    tx.commit().await?;
    app.outbox_bell.notify_one();
    Ok(())
}

/// Sends a delivery that says it is a test.
pub async fn test(app: &App, id: i64) -> Result<(), WebhookError> {
    let mut conn = app.db.conn().await?;
    let webhook = webhooks::find(&mut conn, id).await?.ok_or(WebhookError::Unknown)?;
    let body = if webhook.format == CHAT {
        outbox::chat("This is a test: notices from Moderato will look like this", &app.settings.public_url())
    } else {
        let site = app.sites.by_id(webhook.site_id).map(|site| site.name.clone());
        json!({ "type": TEST, "version": 1, "timestamp": outbox::rfc3339(app.now()), "data": { "site": site } }).to_string()
    };
    enqueue(app, &mut conn, id, TEST, &body).await?;
    app.outbox_bell.notify_one();
    Ok(())
}

pub(super) async fn enqueue(
    app: &App,
    conn: &mut Conn,
    webhook: i64,
    event: &str,
    body: &str,
) -> Result<(), StoreError> {
    let now = app.now();
    webhooks::deliver(conn, webhook, app.new_id(now), event, body, now).await
}

/// Posts what is due; whether there may be more.
pub(super) async fn post_due(app: &App) -> Result<bool, StoreError> {
    let now = app.now();
    let due = webhooks::claim(&mut *app.db.conn().await?, now, now + LEASE, AT_A_TIME).await?;
    for done in futures_util::future::join_all(due.iter().map(|one| post(app, one))).await {
        done?;
    }
    Ok(!due.is_empty())
}

async fn post(app: &App, due: &DueRow) -> Result<(), StoreError> {
    let answer = match headers(due, app.now()) {
        Some(headers) => app.outbound.post(&due.url, headers, due.body.clone()).await,
        None => Err("its secret cannot sign".to_owned()),
    };
    let now = app.now();
    let status = answer.as_ref().ok().copied();
    let error = match answer {
        Ok(200..=299) => None,
        Ok(300..=399) => Some("it redirects, which is not followed: set the address it leads to".to_owned()),
        Ok(status) => Some(format!("it answered {status}")),
        Err(error) => Some(error),
    };
    let next_try_at = error.as_ref().and_then(|_| next_try(due.attempts, now));
    let state = match (&error, next_try_at) {
        (None, _) => "delivered",
        (Some(_), Some(_)) => "waiting",
        (Some(_), None) => "failed",
    };
    metrics::counter!("moderato_webhook_tries_total", "result" => state).increment(1);
    let outcome = Outcome { state, status: status.map(i32::from), error: error.as_deref(), next_try_at, now };
    webhooks::note(&mut *app.db.conn().await?, due.id, outcome).await
}

/// What Standard Webhooks asks for; a chat gets no signature, because it checks none.
fn headers(due: &DueRow, now: OffsetDateTime) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if due.format == JSON {
        let (id, timestamp) = (due.id.to_string(), now.unix_timestamp().to_string());
        let signature = sign(&due.secret, &id, &timestamp, &due.body)?;
        headers.insert("webhook-id", HeaderValue::try_from(id).ok()?);
        headers.insert("webhook-timestamp", HeaderValue::try_from(timestamp).ok()?);
        headers.insert("webhook-signature", HeaderValue::try_from(signature).ok()?);
    }
    Some(headers)
}

fn sign(secret: &[u8], id: &str, timestamp: &str, body: &str) -> Option<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    for part in [id, ".", timestamp, ".", body] {
        mac.update(part.as_bytes());
    }
    Some(format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes())))
}

/// The secret in the form that libraries for Standard Webhooks take.
fn shown(secret: &[u8]) -> String {
    format!("whsec_{}", BASE64.encode(secret))
}
