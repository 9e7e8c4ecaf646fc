//! `/admin/models/shadow`: which model scores in the shadow of the one in force, and where the two differ.

use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;
use uuid::Uuid;

use super::comment::href;
use super::flash::{self, Flash};
use super::models::follow;
use super::session::{Admin, SignedIn};
use crate::policy::teaches;
use crate::service::accounts::Role;
use crate::service::audit::Actor;
use crate::service::desk;
use crate::service::models::{self, Act};
use crate::service::shadow::{self, Shadowing};
use crate::store::shadows::DifferenceRow;
use crate::web::error::{WebError, html};
use crate::web::markup::{desk_layout, moment};
use crate::web::router::Shared;
use crate::web::views::{Difference, Hidden, Move, PostButton, ShadowPage, ShadowPanel};

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
    let (jar, flash) = flash::take(jar, "/admin/models/shadow");
    let mut page = ShadowPage {
        layout: desk_layout(Some(&moderator)),
        flash,
        shadow: None,
        moves: Vec::new(),
        rows: Vec::new(),
        older: None,
    };
    if let Some(shadowing) = shadow::summary(app).await? {
        let listing = shadow::differences(app, shadowing.model_id, from.before).await?;
        let now = app.now();
        let row = |difference: &DifferenceRow| {
            let site = desk::site(app, &moderator, difference.site_id)?;
            // What each decision would have taught, had a person made it.
            let said = difference.label.as_deref();
            let shadow_said = teaches(difference.would_be).map(|label| Some(label.as_str()) == said);
            let champion_said = teaches(difference.decided).map(|label| Some(label.as_str()) == said);
            let agrees = shadow_said.or(champion_said.map(|right| !right));
            Some(Difference {
                href: href(&site, difference.comment_id),
                posted: moment(difference.created_at, now),
                author: difference.author.clone(),
                beginning: difference.beginning.clone(),
                decided: (difference.decided, difference.spam_probability),
                would_be: (difference.would_be, difference.shadow_probability),
                now: difference.state,
                shadow_was_right: said.and(agrees),
            })
        };
        page.rows = listing.differences.iter().filter_map(row).collect();
        page.older = listing.next.map(|before| format!("/admin/models/shadow?before={before}"));
        page.moves = shadowing
            .moves
            .iter()
            .filter(|(decided, would_be, _)| decided != would_be)
            .map(|&(decided, would_be, count)| Move { decided, would_be, count })
            .collect();
        page.shadow = Some(panel(&shadowing, moderator.role == Role::Admin));
    }
    Ok((jar, html(&page)).into_response())
}

/// The model in the shadow in short.
pub(super) fn panel(shadowing: &Shadowing, may_train: bool) -> ShadowPanel {
    ShadowPanel {
        model: shadowing.model_id.to_string(),
        scored: shadowing.scored(),
        differing: shadowing.differing(),
        href: "/admin/models/shadow".to_owned(),
        stop: may_train.then(|| choose_button(None)),
    }
}

/// The button that lets a model score in the shadow, or none.
pub(super) fn choose_button(model: Option<i64>) -> PostButton {
    PostButton {
        action: "/admin/models/shadow".to_owned(),
        label: if model.is_some() { "Try in the shadow" } else { "Stop" }.to_owned(),
        hidden: vec![Hidden { name: "model", value: model.map(|id| id.to_string()).unwrap_or_default() }],
    }
}

/// Which model; nothing for none.
#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    model: String,
}

pub(super) async fn choose(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    jar: CookieJar,
    Form(choice): Form<Choice>,
) -> Result<Response, WebError> {
    let app = &shared.app;
    let id = match choice.model.as_str() {
        "" => None,
        number => Some(number.parse().map_err(|_error| WebError::not_found())?),
    };
    models::choose_shadow(app, id, Act::of(Actor::Moderator(moderator.id))).await?;
    follow(&shared).await?;
    Ok((jar.add(Flash::Shadow(id).cookie()), Redirect::to("/admin/models")).into_response())
}
