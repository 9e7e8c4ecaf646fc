//! `/admin/keys`: keys of other programs, made with what has to be copied where.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;
use time::OffsetDateTime;

use super::flash::{self, Done, Flash};
use super::session::Admin;
use super::ways::ways;
use crate::service::accounts::Moderator;
use crate::service::audit::Actor;
use crate::service::desk;
use crate::service::keys::{self, KeyError, Kind, Made, Scope, Spec};
use crate::service::usage;
use crate::store::keys::KeyRow;
use crate::web::error::{WebError, html};
use crate::web::markup::{desk_layout, moment};
use crate::web::router::Shared;
use crate::web::views::{Choice, Hidden, KeyPanel, KeysPage, MadeKey, PostButton, Said, plural};

/// The page's own address.
const HERE: &str = "/admin/keys";

pub(super) async fn show(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    jar: CookieJar,
) -> Result<Response, WebError> {
    let (jar, flash) = flash::take(jar, HERE);
    let page = KeysPage { flash, ..page(&shared, &moderator).await? };
    Ok((jar, html(&page)).into_response())
}

async fn page(shared: &Shared, moderator: &Moderator) -> Result<KeysPage, WebError> {
    let app = &shared.app;
    let rows = keys::all(app).await?;
    let calls = usage::calls_this_month(app).await?;
    let calls = |row: &KeyRow| calls.get(&row.id).copied().unwrap_or_default();
    let chosen =
        |words: &str, value: &str| Choice { value: value.into(), words: words.into(), selected: false };
    let scope = |scope: Scope| Choice {
        selected: Scope::AKISMET.contains(&scope),
        ..chosen(scope.words(), scope.as_str())
    };
    Ok(KeysPage {
        layout: desk_layout(Some(moderator)),
        flash: None,
        error: None,
        made: None,
        keys: rows.iter().map(|row| panel(shared, row, calls(row), app.now())).collect(),
        name: String::new(),
        sites: desk::sites(app, moderator).iter().map(|site| chosen(&site.title, &site.name)).collect(),
        kinds: Kind::ALL.into_iter().map(|kind| chosen(kind.words(), kind.as_str())).collect(),
        scopes: Scope::ALL.into_iter().map(scope).collect(),
    })
}

fn panel(shared: &Shared, row: &KeyRow, calls: i64, now: OffsetDateTime) -> KeyPanel {
    let kind = Kind::parse(&row.kind);
    let words = match kind {
        Some(Kind::Api) => format!("{}: {}", Kind::Api.words(), row.scopes.join(", ")),
        Some(kind) => kind.words().to_owned(),
        None => row.kind.clone(),
    };
    KeyPanel {
        id: row.id,
        name: row.name.clone(),
        site: shared.app.sites.by_id(row.site_id).map_or_else(String::new, |site| site.title.clone()),
        kind: words,
        standing: standing(row, calls, now),
        switch: row.revoked_at.is_none().then(|| PostButton {
            action: format!("{HERE}/log-only"),
            label: if row.log_only { "Let it decide" } else { "Decide nothing, log only" }.to_owned(),
            hidden: vec![
                Hidden { name: "id", value: row.id.to_string() },
                Hidden { name: "log_only", value: if row.log_only { "" } else { "on" }.to_owned() },
            ],
        }),
        end: row.revoked_at.is_none().then(|| PostButton {
            action: format!("{HERE}/revoke"),
            label: "Revoke".to_owned(),
            hidden: vec![Hidden { name: "id", value: row.id.to_string() }],
        }),
    }
}

/// Since when a key works, or until when it did, and how much it is used.
fn standing(row: &KeyRow, calls: i64, now: OffsetDateTime) -> String {
    let checks = match calls {
        0 => "no checks this month".to_owned(),
        calls => format!("{} this month", plural(calls.unsigned_abs(), "check", "checks")),
    };
    match row.revoked_at {
        Some(at) => format!("Revoked {}", moment(at, now).relative),
        None if row.log_only => {
            format!("Log only: decides nothing. Made {}, {checks}", moment(row.created_at, now).relative)
        }
        None => format!("Made {}, {checks}", moment(row.created_at, now).relative),
    }
}

impl Said for Kind {
    fn words(self) -> &'static str {
        match self {
            Self::Akismet => "Akismet's protocol",
            Self::Api => "The JSON API",
            Self::Coral => "Coral's moderation phase",
        }
    }
}

impl Said for Scope {
    fn words(self) -> &'static str {
        match self {
            Self::Check => "Have comments checked",
            Self::Feedback => "Say what comments were",
            Self::Read => "Read comments, queues and figures",
            Self::Submit => "Submit comments",
            Self::Decide => "Decide on comments",
        }
    }
}

/// A key to make.
#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    name: String,
    site: String,
    kind: String,
    #[serde(default)]
    scope: Vec<String>,
    #[serde(default)]
    secret: String,
    #[serde(default)]
    log_only: Option<String>,
}

pub(super) async fn make(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    Form(sent): Form<Sent>,
) -> Result<Response, WebError> {
    let site = desk::site_named(&shared.app, &moderator, &sent.site).ok_or_else(WebError::not_found)?;
    let kind = Kind::parse(&sent.kind).ok_or_else(WebError::not_found)?;
    let actor = Actor::Moderator(moderator.id);
    let scopes: Option<Vec<Scope>> = sent.scope.iter().map(|scope| Scope::parse(scope)).collect();
    let scopes = scopes.ok_or_else(WebError::not_found)?;
    let log_only = sent.log_only.is_some();
    let spec = Spec { kind, name: &sent.name, scopes: &scopes, log_only, secret: &sent.secret };
    match keys::create(&shared.app, actor, &site, spec).await {
        Ok(Made { key, .. }) => {
            let url = shared.app.settings.public_url();
            let home = site.origins.first().map(ToString::to_string).unwrap_or_default();
            let made = MadeKey { name: sent.name, ways: ways(kind, &url, &home, &site.name, &key), key };
            Ok(html(&KeysPage { made: Some(made), ..page(&shared, &moderator).await? }))
        }
        Err(KeyError::Store(error)) => Err(error.into()),
        Err(KeyError::Random(error)) => Err(WebError::from_bug(error)),
        Err(error) => {
            let page = KeysPage {
                error: Some(sentence(&error)),
                name: sent.name,
                ..page(&shared, &moderator).await?
            };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)).into_response())
        }
    }
}

fn sentence(error: &KeyError) -> String {
    let words = error.to_string();
    let mut letters = words.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    format!("{}.", first.chain(letters).collect::<String>())
}

/// What a key is to do.
#[derive(Debug, Deserialize)]
pub(super) struct Switch {
    id: i64,
    log_only: String,
}

pub(super) async fn set_log_only(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    jar: CookieJar,
    Form(switch): Form<Switch>,
) -> Result<Response, WebError> {
    let site_ids = desk::site_ids(&shared.app, &moderator);
    let actor = Actor::Moderator(moderator.id);
    let on = switch.log_only == "on";
    done(keys::set_log_only(&shared.app, actor, switch.id, &site_ids, on).await, jar, Done::KeySet)
}

/// A key to end.
#[derive(Debug, Deserialize)]
pub(super) struct Which {
    id: i64,
}

pub(super) async fn revoke(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    jar: CookieJar,
    Form(which): Form<Which>,
) -> Result<Response, WebError> {
    let site_ids = desk::site_ids(&shared.app, &moderator);
    let revoked = keys::revoke(&shared.app, Actor::Moderator(moderator.id), which.id, &site_ids).await;
    done(revoked, jar, Done::KeyRevoked)
}

fn done(result: Result<(), KeyError>, jar: CookieJar, what: Done) -> Result<Response, WebError> {
    match result {
        Ok(()) => Ok((jar.add(Flash::Done(what).cookie()), Redirect::to(HERE)).into_response()),
        Err(KeyError::Unknown(_)) => Err(WebError::not_found()),
        Err(KeyError::Store(error)) => Err(error.into()),
        Err(error) => Err(WebError::from_bug(error)),
    }
}
