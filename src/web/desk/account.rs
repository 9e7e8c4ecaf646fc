//! Signing in and out, and the first administrator's one-time link.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;

use super::inside;
use super::session::{cookie, removal, token};
use crate::service::accounts::{self, AccountError, SHORTEST_PASSWORD};
use crate::web::error::{WebError, html};
use crate::web::markup::desk_layout;
use crate::web::router::Shared;
use crate::web::views;

/// Where to go after signing in.
#[derive(Debug, Deserialize)]
pub(super) struct Next {
    #[serde(default)]
    next: String,
}

pub(super) async fn sign_in_page(Query(next): Query<Next>) -> Response {
    html(&views::SignIn {
        layout: desk_layout(None),
        name: String::new(),
        next: inside(&next.next).to_owned(),
        error: None,
    })
}

/// What the sign-in form sends.
#[derive(Deserialize)]
pub(super) struct Credentials {
    name: String,
    password: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn sign_in(
    State(shared): State<Shared>,
    jar: CookieJar,
    Form(sent): Form<Credentials>,
) -> Result<Response, WebError> {
    let session = accounts::sign_in(&shared.app, &sent.name, &sent.password).await.map_err(account_error)?;
    let next = inside(&sent.next).to_owned();
    if let Some(session) = session {
        return Ok((jar.add(cookie(&shared.app, session)), Redirect::to(&next)).into_response());
    }
    let error = "Name and password do not fit together. Check both; an administrator can set a new password with \
                 `moderato user reset-password`.";
    let page =
        views::SignIn { layout: desk_layout(None), name: sent.name, next, error: Some(error.to_owned()) };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)).into_response())
}

pub(super) async fn sign_out(State(shared): State<Shared>, jar: CookieJar) -> Result<Response, WebError> {
    if let Some(token) = token(&shared.app, &jar) {
        accounts::sign_out(&shared.app, &token).await?;
    }
    Ok((jar.remove(removal(&shared.app)), Redirect::to("/admin/sign-in")).into_response())
}

/// The one-time link's secret.
#[derive(Debug, Deserialize)]
pub(super) struct OneTime {
    #[serde(default)]
    token: String,
}

pub(super) async fn setup_page(
    State(shared): State<Shared>,
    Query(link): Query<OneTime>,
) -> Result<Response, WebError> {
    if accounts::setup_link_works(&shared.app, &link.token).await? {
        Ok(html(&setup(&link.token, "", None)))
    } else {
        Err(link_used())
    }
}

/// What the first administrator types.
#[derive(Deserialize)]
pub(super) struct FirstAdmin {
    name: String,
    password: String,
    #[serde(default)]
    password_again: String,
}

pub(super) async fn set_up(
    State(shared): State<Shared>,
    Query(link): Query<OneTime>,
    jar: CookieJar,
    Form(sent): Form<FirstAdmin>,
) -> Result<Response, WebError> {
    let result = if sent.password == sent.password_again {
        accounts::set_up(&shared.app, &link.token, &sent.name, &sent.password).await.map_err(Ok)
    } else {
        Err(Err("The two passwords are not the same. Please type the password twice."))
    };
    let why = match result {
        Ok(session) => {
            return Ok((jar.add(cookie(&shared.app, session)), Redirect::to("/admin/")).into_response());
        }
        Err(Err(why)) => why.to_owned(),
        Err(Ok(error @ (AccountError::Name | AccountError::Password | AccountError::Taken(_)))) => {
            sentence(&error.to_string())
        }
        Err(Ok(error)) => return Err(account_error(error)),
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&setup(&link.token, &sent.name, Some(why)))).into_response())
}

fn setup(token: &str, name: &str, error: Option<String>) -> views::Setup {
    let query: String =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("token", token).finish();
    views::Setup {
        layout: desk_layout(None),
        action: format!("/admin/setup?{query}"),
        name: name.to_owned(),
        shortest_password: SHORTEST_PASSWORD,
        error,
    }
}

fn link_used() -> WebError {
    WebError::new(
        StatusCode::GONE,
        "This link does not work any more",
        "If there is an administrator already, sign in at /admin/. If not, start Moderato again: it prints a new link.",
    )
    .because("It works once, and only until Moderato is started again.")
}

fn account_error(error: AccountError) -> WebError {
    match error {
        AccountError::Store(error) => error.into(),
        AccountError::Link => link_used(),
        other => WebError::from_bug(other),
    }
}

/// An error's words as a sentence of their own.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first: String = letters.next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
