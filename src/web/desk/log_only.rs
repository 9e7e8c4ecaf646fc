//! `/admin/log-only`: sites that decide nothing yet, and where people say otherwise than Moderato would have decided.

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;
use uuid::Uuid;

use super::comment::href;
use super::flash::{self, Done, Flash};
use super::session::{Admin, SignedIn};
use crate::service::accounts::Role;
use crate::service::audit::Actor;
use crate::service::desk;
use crate::service::log_only::{self, Said};
use crate::service::sites::{Site, SiteError};
use crate::store::log_only::DisagreementRow;
use crate::web::error::{WebError, html};
use crate::web::markup::{desk_layout, moment};
use crate::web::router::Shared;
use crate::web::views::{Disagreement, Hidden, LogOnlyPage, PostButton};

/// The page's own address.
const HERE: &str = "/admin/log-only";

/// Which part of the list.
#[derive(Debug, Deserialize)]
pub(super) struct From {
    before: Option<Uuid>,
}

pub(super) async fn show(
    State(shared): State<Shared>,
    SignedIn(moderator): SignedIn,
    Query(from): Query<From>,
    jar: CookieJar,
) -> Result<Response, WebError> {
    let app = &shared.app;
    let (jar, flash) = flash::take(jar, HERE);
    let agreement = log_only::agreement(app, &moderator).await?;
    let listing = log_only::disagreements(app, &moderator, from.before).await?;
    let (now, admin) = (app.now(), moderator.role == Role::Admin);
    let counts = |said: Said| [said.spam, said.ham, said.nothing];
    let row = |row: &DisagreementRow| {
        Some(Disagreement {
            href: href(&*desk::site(app, &moderator, row.site_id)?, row.comment_id),
            posted: moment(row.created_at, now),
            author: row.author.clone(),
            beginning: row.beginning.clone(),
            would_be: (row.would_be, row.spam_probability),
            spam: row.spam,
        })
    };
    let page = LogOnlyPage {
        layout: desk_layout(Some(&moderator)),
        flash,
        sites: desk::sites(app, &moderator)
            .iter()
            .map(|site| (site.title.clone(), site.log_only, admin.then(|| switch(site))))
            .collect(),
        rows: [
            ("Published", counts(agreement.published)),
            ("Held", counts(agreement.held)),
            ("Turned away", counts(agreement.turned_away)),
        ],
        agreeing: agreement.interval().map(|interval| (agreement.agreeing(), agreement.known(), interval)),
        disagreements: listing.rows.iter().filter_map(row).collect(),
        older: listing.next.map(|before| format!("{HERE}?before={before}")),
    };
    Ok((jar, html(&page)).into_response())
}

fn switch(site: &Site) -> PostButton {
    let on = if site.log_only { "" } else { "on" };
    PostButton {
        action: HERE.to_owned(),
        label: if site.log_only { "Let it decide" } else { "Decide nothing, log only" }.to_owned(),
        hidden: vec![
            Hidden { name: "site", value: site.name.clone() },
            Hidden { name: "log_only", value: on.to_owned() },
        ],
    }
}

/// What a site is to do.
#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    site: String,
    log_only: String,
}

pub(super) async fn set(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    jar: CookieJar,
    Form(sent): Form<Sent>,
) -> Result<Response, WebError> {
    let site = desk::site_named(&shared.app, &moderator, &sent.site).ok_or_else(WebError::not_found)?;
    let actor = Actor::Moderator(moderator.id);
    match log_only::set(&shared.app, actor, &site, sent.log_only == "on").await {
        Ok(()) => Ok((jar.add(Flash::Done(Done::SiteSet).cookie()), Redirect::to(HERE)).into_response()),
        Err(SiteError::Store(error)) => Err(error.into()),
        Err(error) => Err(WebError::from_bug(error)),
    }
}
