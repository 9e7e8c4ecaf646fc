//! `/admin/webhooks`: where events are posted to, what became of each delivery, and the verdicts and mails that do not arrive.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;
use time::OffsetDateTime;
use url::Url;
use uuid::Uuid;

use super::flash::{self, Done, Flash};
use super::session::Admin;
use crate::policy::Event;
use crate::service::accounts::Moderator;
use crate::service::audit::Actor;
use crate::service::webhooks::{self, CHAT, Spec, Webhook, WebhookError};
use crate::service::{callbacks, desk, mail, notices};
use crate::store::callbacks::TroubleRow as VerdictRow;
use crate::store::mails::TroubleRow;
use crate::store::webhooks::{DeliveryRow, WebhookRow};
use crate::web::error::{WebError, html};
use crate::web::markup::{desk_layout, moment};
use crate::web::router::Shared;
use crate::web::views::{
    Choice, Delivery, Hidden, Link, MailTrouble, PostButton, Said, VerdictTrouble, WebhookCard, WebhookForm,
    WebhookPage, WebhooksPage,
};

/// The page's own address.
const HERE: &str = "/admin/webhooks";

fn here(id: i64) -> String {
    format!("{HERE}/{id}")
}

impl Said for Event {
    fn words(self) -> &'static str {
        match self {
            Self::Held => "A comment waits for a moderator",
            Self::Decided => "A moderator has decided",
            Self::Published => "A comment is published",
            Self::Promoted => "Another model is in force",
        }
    }
}

pub(super) async fn list(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    jar: CookieJar,
) -> Result<Response, WebError> {
    let (jar, flash) = flash::take(jar, HERE);
    let page = WebhooksPage { flash, ..page(&shared, &moderator).await? };
    Ok((jar, html(&page)).into_response())
}

async fn page(shared: &Shared, moderator: &Moderator) -> Result<WebhooksPage, WebError> {
    let app = &shared.app;
    let now = app.now();
    let title = |id| app.sites.by_id(id).map(|site| site.title.clone()).unwrap_or_default();
    let sites = desk::sites(app, moderator);
    Ok(WebhooksPage {
        layout: desk_layout(Some(moderator)),
        flash: None,
        secret: None,
        error: None,
        webhooks: webhooks::all(app).await?.iter().map(|one| card(one, title(one.row.site_id))).collect(),
        form: form("", &[Event::Held, Event::Decided], Some(false)),
        sites: sites
            .iter()
            .map(|site| Choice { value: site.name.clone(), words: site.title.clone(), selected: false })
            .collect(),
        verdicts: callbacks::troubles(app).await?.iter().map(|row| verdict(shared, row, now)).collect(),
        retry_verdicts: retry_verdict(None, "Try all now"),
        mails: notices::troubles(app).await?.iter().map(|row| trouble(row, now)).collect(),
        configured: mail::is_configured(app),
    })
}

fn form(url: &str, chosen: &[Event], chat: Option<bool>) -> WebhookForm {
    let events = Event::ALL
        .into_iter()
        .map(|event| Choice {
            value: event.as_str().to_owned(),
            words: event.words().to_owned(),
            selected: chosen.contains(&event),
        })
        .collect();
    WebhookForm { url: url.to_owned(), events, chat }
}

/// Addresses of chats hold secrets: the host is enough to know which one it is.
fn host(url: &str) -> String {
    Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

fn card(webhook: &Webhook, site: String) -> WebhookCard {
    let Webhook { row, waiting, failed } = webhook;
    let mut standing = vec![row.events.join(", ")];
    if row.paused_at.is_some() {
        standing.push("paused".to_owned());
    }
    if *waiting > 0 {
        standing.push(format!("{waiting} tried again later"));
    }
    if *failed > 0 {
        standing.push(format!("{failed} given up"));
    }
    WebhookCard { href: here(row.id), host: host(&row.url), site, standing: standing.join("; ") }
}

fn verdict(shared: &Shared, row: &VerdictRow, now: OffsetDateTime) -> VerdictTrouble {
    let site = shared.app.sites.by_id(row.site_id);
    let href = site.as_ref().map(|site| super::comment::href(site, row.comment_id)).unwrap_or_default();
    let text = if row.author.is_empty() { "nameless".to_owned() } else { row.author.clone() };
    VerdictTrouble {
        program: row.program.clone(),
        site: site.map(|site| site.title.clone()).unwrap_or_default(),
        comment: Link { text, href },
        spam: row.spam,
        standing: standing(&row.state, row.attempts, row.next_try_at, now),
        error: row.error.clone(),
        retry: retry_verdict(Some(row.id), "Try now"),
    }
}

fn retry_verdict(verdict: Option<Uuid>, label: &str) -> PostButton {
    PostButton {
        action: format!("{HERE}/verdicts/retry"),
        label: label.to_owned(),
        hidden: verdict.map(|id| Hidden { name: "verdict", value: id.to_string() }).into_iter().collect(),
    }
}

/// How something stands that was not taken.
fn standing(state: &str, attempts: i32, next_try_at: OffsetDateTime, now: OffsetDateTime) -> String {
    match (state, attempts) {
        ("failed", 1) => "Given up after 1 try".to_owned(),
        ("failed", _) => format!("Given up after {attempts} tries"),
        _ => format!("Tried again at {}", moment(next_try_at, now).exact),
    }
}

fn trouble(row: &TroubleRow, now: OffsetDateTime) -> MailTrouble {
    MailTrouble {
        name: row.name.clone(),
        at: moment(row.created_at, now),
        standing: standing(&row.state, row.attempts, row.next_try_at, now),
        error: row.error.clone(),
        retry: PostButton {
            action: format!("{HERE}/mails/retry"),
            label: "Try now".to_owned(),
            hidden: vec![Hidden { name: "mail", value: row.id.to_string() }],
        },
    }
}

/// What makes or changes a webhook.
#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    #[serde(default)]
    site: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    event: Vec<String>,
    chat: Option<String>,
}

impl Sent {
    fn events(&self) -> Vec<Event> {
        self.event.iter().filter_map(|name| Event::parse(name)).collect()
    }
}

pub(super) async fn add(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    Form(sent): Form<Sent>,
) -> Result<Response, WebError> {
    let app = &shared.app;
    let site = app.sites.find(&sent.site).ok_or_else(WebError::not_found)?;
    let (events, chat) = (sent.events(), sent.chat.is_some());
    let spec = Spec { url: &sent.url, events: &events, chat };
    match webhooks::add(app, Actor::Moderator(moderator.id), site.id, &spec).await {
        Ok((id, _)) if chat => Ok(Redirect::to(&here(id)).into_response()),
        Ok((_, secret)) => {
            Ok(html(&WebhooksPage { secret: Some(secret), ..page(&shared, &moderator).await? }))
        }
        Err(error) => {
            let error = Some(mistake(error)?);
            let form = form(&sent.url, &events, Some(chat));
            let page = WebhooksPage { error, form, ..page(&shared, &moderator).await? };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)).into_response())
        }
    }
}

pub(super) async fn show(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    Path(id): Path<i64>,
    jar: CookieJar,
) -> Result<Response, WebError> {
    let (jar, flash) = flash::take(jar, &here(id));
    let page = WebhookPage { flash, ..one(&shared, &moderator, id).await? };
    Ok((jar, html(&page)).into_response())
}

async fn one(shared: &Shared, moderator: &Moderator, id: i64) -> Result<WebhookPage, WebError> {
    let app = &shared.app;
    let now = app.now();
    let (row, deliveries) = webhooks::find(app, id).await?.ok_or_else(WebError::not_found)?;
    let button = |what: &str, label: &str| PostButton {
        action: format!("{}/{what}", here(id)),
        label: label.to_owned(),
        hidden: Vec::new(),
    };
    let WebhookRow { url, format, events, paused_at, site_id, .. } = &row;
    let events: Vec<Event> = events.iter().filter_map(|name| Event::parse(name)).collect();
    let pause = if paused_at.is_some() { button("resume", "Send again") } else { button("pause", "Pause") };
    Ok(WebhookPage {
        layout: desk_layout(Some(moderator)),
        flash: None,
        error: None,
        site: app.sites.by_id(*site_id).map(|site| site.title.clone()).unwrap_or_default(),
        host: host(url),
        format: if format == CHAT { "a line of text for a chat" } else { "JSON, signed" }.to_owned(),
        paused: paused_at.map(|since| moment(since, now)),
        action: format!("{}/set", here(id)),
        form: form(url, &events, None),
        buttons: vec![button("test", "Send a test"), pause, button("remove", "Remove")],
        deliveries: deliveries.iter().map(|row| delivery(id, row, now)).collect(),
    })
}

fn delivery(webhook: i64, row: &DeliveryRow, now: OffsetDateTime) -> Delivery {
    let waits = row.state == "waiting";
    let standing = match (row.state.as_str(), row.attempts) {
        ("delivered", _) => "Delivered",
        ("failed", _) => "Given up",
        (_, 0) => "Waits",
        _ => "Tried again later",
    };
    Delivery {
        id: row.id.to_string(),
        event: row.event.clone(),
        at: moment(row.created_at, now),
        standing: standing.to_owned(),
        tries: row.attempts,
        answer: match (row.status, &row.error) {
            (_, Some(error)) => error.clone(),
            (Some(status), None) => status.to_string(),
            (None, None) => "–".to_owned(),
        },
        next: waits.then(|| moment(row.next_try_at, now).exact),
        replay: PostButton {
            action: format!("{}/replay", here(webhook)),
            label: if waits { "Try now" } else { "Send again" }.to_owned(),
            hidden: vec![Hidden { name: "delivery", value: row.id.to_string() }],
        },
    }
}

pub(super) async fn set(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    Path(id): Path<i64>,
    jar: CookieJar,
    Form(sent): Form<Sent>,
) -> Result<Response, WebError> {
    let events = sent.events();
    let spec = Spec { url: &sent.url, events: &events, chat: false };
    match webhooks::set(&shared.app, Actor::Moderator(moderator.id), id, &spec).await {
        Ok(()) => Ok(back(jar, Done::AccessSet, &here(id))),
        Err(error) => {
            let error = Some(mistake(error)?);
            let page = WebhookPage {
                error,
                form: form(&sent.url, &events, None),
                ..one(&shared, &moderator, id).await?
            };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)).into_response())
        }
    }
}

pub(super) async fn pause(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    Path(id): Path<i64>,
    jar: CookieJar,
) -> Result<Response, WebError> {
    webhooks::pause(&shared.app, Actor::Moderator(moderator.id), id, true).await?;
    Ok(back(jar, Done::WebhookPaused, &here(id)))
}

pub(super) async fn resume(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    Path(id): Path<i64>,
    jar: CookieJar,
) -> Result<Response, WebError> {
    webhooks::pause(&shared.app, Actor::Moderator(moderator.id), id, false).await?;
    Ok(back(jar, Done::WebhookResumed, &here(id)))
}

pub(super) async fn remove(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    Path(id): Path<i64>,
    jar: CookieJar,
) -> Result<Response, WebError> {
    webhooks::remove(&shared.app, Actor::Moderator(moderator.id), id).await?;
    Ok(back(jar, Done::WebhookRemoved, HERE))
}

pub(super) async fn test(
    State(shared): State<Shared>,
    Admin(_): Admin,
    Path(id): Path<i64>,
    jar: CookieJar,
) -> Result<Response, WebError> {
    webhooks::test(&shared.app, id).await?;
    Ok(back(jar, Done::WebhookSent, &here(id)))
}

/// Which delivery.
#[derive(Debug, Deserialize)]
pub(super) struct Which {
    delivery: Uuid,
}

pub(super) async fn replay(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    Path(id): Path<i64>,
    jar: CookieJar,
    Form(sent): Form<Which>,
) -> Result<Response, WebError> {
    webhooks::replay(&shared.app, Actor::Moderator(moderator.id), id, sent.delivery).await?;
    Ok(back(jar, Done::WebhookSent, &here(id)))
}

/// Which mail.
#[derive(Debug, Deserialize)]
pub(super) struct WhichMail {
    mail: Uuid,
}

pub(super) async fn retry_mail(
    State(shared): State<Shared>,
    Admin(_): Admin,
    jar: CookieJar,
    Form(sent): Form<WhichMail>,
) -> Result<Response, WebError> {
    if !notices::retry(&shared.app, sent.mail).await? {
        return Err(WebError::not_found());
    }
    Ok(back(jar, Done::WebhookSent, HERE))
}

/// Which verdict; without one, all that were not taken.
#[derive(Debug, Deserialize)]
pub(super) struct WhichVerdict {
    verdict: Option<Uuid>,
}

pub(super) async fn retry_verdicts(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    jar: CookieJar,
    Form(sent): Form<WhichVerdict>,
) -> Result<Response, WebError> {
    let told = callbacks::retry(&shared.app, Actor::Moderator(moderator.id), sent.verdict).await?;
    if told == 0 && sent.verdict.is_some() {
        return Err(WebError::not_found());
    }
    Ok(back(jar, Done::WebhookSent, HERE))
}

fn back(jar: CookieJar, done: Done, to: &str) -> Response {
    (jar.add(Flash::Done(done).cookie()), Redirect::to(to)).into_response()
}

/// What can be put right is said on the page.
fn mistake(error: WebhookError) -> Result<String, WebError> {
    match error {
        WebhookError::Url(_) | WebhookError::Events => {
            let why = error.to_string();
            Ok(format!("{}{}.", why[..1].to_uppercase(), &why[1..]))
        }
        other => Err(other.into()),
    }
}

impl From<WebhookError> for WebError {
    fn from(error: WebhookError) -> Self {
        match error {
            WebhookError::Store(error) => error.into(),
            WebhookError::Unknown => Self::not_found(),
            other => Self::from_bug(other),
        }
    }
}
