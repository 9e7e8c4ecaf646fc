//! `/admin/people`: who may do what where; inviting, disabling, links for new passwords.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;
use time::OffsetDateTime;

use super::flash::{self, Done, Flash};
use super::session::Admin;
use super::sign_in::mistake;
use crate::service::accounts::{self, AccountError, Moderator, Role, link_path};
use crate::service::audit::Actor;
use crate::service::sites::Site;
use crate::service::{desk, mail};
use crate::store::moderators::ModeratorRow;
use crate::web::error::{WebError, html};
use crate::web::markup::{desk_layout, moment};
use crate::web::router::Shared;
use crate::web::views::{Choice, Hidden, NewLink, PeoplePage, Person, PostButton, Said};

/// The page's own address.
const HERE: &str = "/admin/people";

pub(super) async fn show(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    jar: CookieJar,
) -> Result<Response, WebError> {
    let (jar, flash) = flash::take(jar, HERE);
    let page = PeoplePage { flash, ..page(&shared, &moderator).await? };
    Ok((jar, html(&page)).into_response())
}

async fn page(shared: &Shared, moderator: &Moderator) -> Result<PeoplePage, WebError> {
    let app = &shared.app;
    let sites = desk::sites(app, moderator);
    let now = app.now();
    let people = accounts::all(app).await?;
    Ok(PeoplePage {
        layout: desk_layout(Some(moderator)),
        flash: None,
        link: None,
        error: None,
        people: people.iter().map(|row| person(row, row.id == moderator.id, &sites, now)).collect(),
        name: String::new(),
        address: String::new(),
        mails: mail::is_configured(app),
        roles: role_choices(Role::Moderator),
        sites: site_choices(&sites, &[]),
    })
}

fn person(row: &ModeratorRow, you: bool, sites: &[Arc<Site>], now: OffsetDateTime) -> Person {
    // An unknown role may nothing here, and the database knows none.
    let role = Role::parse(&row.role).unwrap_or(Role::Viewer);
    let active = row.disabled_at.is_none();
    let button = |action: &str, label: &str| PostButton {
        action: format!("{HERE}/{action}"),
        label: label.to_owned(),
        hidden: vec![Hidden { name: "name", value: row.name.clone() }],
    };
    let mut buttons = Vec::new();
    if active {
        let new = if row.password_hash.is_some() { "Link for a new password" } else { "New invitation link" };
        buttons.push(button("link", new));
        if row.second_factor {
            buttons.push(button("second-factor-off", "Switch the second factor off"));
        }
        buttons.push(button("disable", "Disable"));
    } else {
        buttons.push(button("enable", "Enable"));
    }
    Person {
        id: row.id,
        name: row.name.clone(),
        you,
        active,
        access: access(role, &row.site_ids, sites),
        standing: standing(row, now),
        roles: role_choices(role),
        sites: site_choices(sites, &row.site_ids),
        buttons,
    }
}

fn standing(row: &ModeratorRow, now: OffsetDateTime) -> String {
    let until = row.link_until.filter(|until| *until > now).map(|until| moment(until, now).exact);
    match (row.disabled_at, &row.password_hash, until) {
        (Some(since), ..) => format!("Disabled {}", moment(since, now).relative),
        (None, None, Some(until)) => format!("Invited; the link works until {until}"),
        (None, None, None) => "Invited, but the link has expired".to_owned(),
        (None, Some(_), until) => {
            let factor = if row.second_factor { "With a second factor" } else { "Password only" };
            let link = until.map(|until| format!("; a link for a new password works until {until}"));
            format!("{factor}{}", link.unwrap_or_default())
        }
    }
}

/// What somebody may do where, in words.
pub(super) fn access(role: Role, site_ids: &[i64], sites: &[Arc<Site>]) -> String {
    let titles: Vec<&str> =
        sites.iter().filter(|site| site_ids.contains(&site.id)).map(|site| site.title.as_str()).collect();
    match role {
        Role::Admin => role.words().to_owned(),
        _ if site_ids.is_empty() => format!("{} at all sites", role.words()),
        _ => format!("{} at {}", role.words(), titles.join(", ")),
    }
}

impl Said for Role {
    fn words(self) -> &'static str {
        match self {
            Self::Admin => "Administrator: may do everything",
            Self::Moderator => "Moderator: decides on comments",
            Self::Viewer => "Viewer: looks",
        }
    }
}

fn role_choices(selected: Role) -> Vec<Choice> {
    Role::ALL
        .into_iter()
        .map(|role| Choice {
            value: role.as_str().to_owned(),
            words: role.words().to_owned(),
            selected: role == selected,
        })
        .collect()
}

pub(super) fn site_choices(sites: &[Arc<Site>], selected: &[i64]) -> Vec<Choice> {
    sites
        .iter()
        .map(|site| Choice {
            value: site.name.clone(),
            words: site.title.clone(),
            selected: selected.contains(&site.id),
        })
        .collect()
}

/// Whom, and what they may do where.
#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    name: String,
    #[serde(default)]
    role: String,
    #[serde(default)]
    site: Vec<String>,
    /// Where an invitation goes; nothing is nowhere.
    #[serde(default)]
    address: String,
}

impl Sent {
    fn access(&self, shared: &Shared) -> Result<(Role, Vec<i64>), WebError> {
        let role = Role::parse(&self.role).ok_or_else(WebError::not_found)?;
        let site = |name: &String| shared.app.sites.find(name).map(|site| site.id);
        let sites = self.site.iter().map(site).collect::<Option<Vec<i64>>>();
        Ok((role, sites.ok_or_else(WebError::not_found)?))
    }
}

pub(super) async fn invite(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    Form(sent): Form<Sent>,
) -> Result<Response, WebError> {
    let (role, sites) = sent.access(&shared)?;
    let actor = Actor::Moderator(moderator.id);
    let address = Some(sent.address.trim()).filter(|address| !address.is_empty());
    match accounts::invite(&shared.app, actor, &sent.name, role, &sites, address).await {
        Ok(token) => with_link(&shared, &moderator, &sent.name, &token, address).await,
        Err(error) => {
            let why = mistake(error)?;
            Ok(wrong(&PeoplePage {
                error: Some(why),
                name: sent.name,
                address: sent.address,
                roles: role_choices(role),
                sites: site_choices(&desk::sites(&shared.app, &moderator), &sites),
                ..page(&shared, &moderator).await?
            }))
        }
    }
}

pub(super) async fn make_link(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    Form(sent): Form<Sent>,
) -> Result<Response, WebError> {
    match accounts::make_link(&shared.app, Actor::Moderator(moderator.id), &sent.name).await {
        Ok(token) => with_link(&shared, &moderator, &sent.name, &token, None).await,
        Err(error) => refused(&shared, &moderator, error).await,
    }
}

async fn with_link(
    shared: &Shared,
    moderator: &Moderator,
    name: &str,
    token: &str,
    mailed_to: Option<&str>,
) -> Result<Response, WebError> {
    let owner = accounts::link_owner(&shared.app, token).await?;
    let first = owner.is_some_and(|owner| owner.password_hash.is_none());
    let link = NewLink {
        name: name.to_owned(),
        url: format!("{}{}", shared.app.settings.public_url(), link_path(token)),
        mailed_to: mailed_to.map(str::to_owned),
        lasts: if first { "7 days" } else { "24 hours" }.to_owned(),
    };
    Ok(html(&PeoplePage { link: Some(link), ..page(shared, moderator).await? }))
}

pub(super) async fn set_access(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    jar: CookieJar,
    Form(sent): Form<Sent>,
) -> Result<Response, WebError> {
    let (role, sites) = sent.access(&shared)?;
    let actor = Actor::Moderator(moderator.id);
    let changed = accounts::set_access(&shared.app, actor, &sent.name, Some(role), Some(&sites)).await;
    answer(&shared, &moderator, jar, changed, Done::AccessSet).await
}

pub(super) async fn disable(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    jar: CookieJar,
    Form(sent): Form<Sent>,
) -> Result<Response, WebError> {
    let disabled = accounts::disable(&shared.app, Actor::Moderator(moderator.id), &sent.name).await;
    answer(&shared, &moderator, jar, disabled, Done::Disabled).await
}

pub(super) async fn enable(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    jar: CookieJar,
    Form(sent): Form<Sent>,
) -> Result<Response, WebError> {
    let enabled = accounts::enable(&shared.app, Actor::Moderator(moderator.id), &sent.name).await;
    answer(&shared, &moderator, jar, enabled, Done::Enabled).await
}

pub(super) async fn remove_second_factor(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    jar: CookieJar,
    Form(sent): Form<Sent>,
) -> Result<Response, WebError> {
    let actor = Actor::Moderator(moderator.id);
    let removed = accounts::remove_second_factor(&shared.app, actor, &sent.name).await;
    answer(&shared, &moderator, jar, removed.map(|_| ()), Done::SecondFactorOff).await
}

async fn answer(
    shared: &Shared,
    moderator: &Moderator,
    jar: CookieJar,
    result: Result<(), AccountError>,
    done: Done,
) -> Result<Response, WebError> {
    match result {
        Ok(()) => Ok((jar.add(Flash::Done(done).cookie()), Redirect::to(HERE)).into_response()),
        Err(error) => refused(shared, moderator, error).await,
    }
}

async fn refused(shared: &Shared, moderator: &Moderator, error: AccountError) -> Result<Response, WebError> {
    let why = mistake(error)?;
    Ok(wrong(&PeoplePage { error: Some(why), ..page(shared, moderator).await? }))
}

fn wrong(page: &PeoplePage) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, html(page)).into_response()
}
