//! Who is signed in: a cookie with 256 random bits, whose hash is a row in Postgres.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};

use crate::app::App;
use crate::service::accounts::{Moderator, Role};
use crate::service::sign_in;
use crate::web::error::WebError;
use crate::web::router::Shared;

/// Over HTTPS the cookie is bound to the host and to encryption by its name; plain HTTP, for trying out on one's own
/// machine, cannot have that.
fn cookie_name(app: &App) -> &'static str {
    if is_https(app) { "__Host-moderato" } else { "moderato" }
}

pub(super) fn is_https(app: &App) -> bool {
    app.settings.public_url().starts_with("https://")
}

/// The cookie of a new session.
pub(super) fn cookie(app: &App, token: String) -> Cookie<'static> {
    Cookie::build((cookie_name(app), token))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(is_https(app))
        .max_age(time::Duration::days(14))
        .build()
}

/// Takes the cookie back.
pub(super) fn removal(app: &App) -> Cookie<'static> {
    Cookie::build((cookie_name(app), "")).path("/").secure(is_https(app)).build()
}

/// The token that a browser sent.
pub(super) fn token(app: &App, jar: &CookieJar) -> Option<String> {
    jar.get(cookie_name(app)).map(|cookie| cookie.value().to_owned())
}

/// Anybody who is signed in.
pub(in crate::web) struct SignedIn(pub Moderator);

/// Somebody who decides on comments.
pub(in crate::web) struct Decider(pub Moderator);

/// An administrator.
pub(in crate::web) struct Admin(pub Moderator);

impl FromRequestParts<Shared> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Response> {
        let jar = CookieJar::from_headers(&parts.headers);
        let signed_in = match token(&shared.app, &jar) {
            Some(token) => sign_in::authenticate(&shared.app, &token)
                .await
                .map_err(|error| WebError::from(error).into_response())?,
            None => None,
        };
        signed_in.map(Self).ok_or_else(|| to_sign_in(parts))
    }
}

impl FromRequestParts<Shared> for Decider {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Response> {
        let SignedIn(moderator) = SignedIn::from_request_parts(parts, shared).await?;
        if moderator.role.decides() { Ok(Self(moderator)) } else { Err(not_allowed("decide on comments")) }
    }
}

impl FromRequestParts<Shared> for Admin {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, Response> {
        let SignedIn(moderator) = SignedIn::from_request_parts(parts, shared).await?;
        if moderator.role == Role::Admin { Ok(Self(moderator)) } else { Err(not_allowed("do this")) }
    }
}

/// Somebody who is not signed in is asked to, and then brought to the page they wanted.
fn to_sign_in(parts: &Parts) -> Response {
    let wanted = match parts.method {
        Method::GET => parts.uri.path_and_query().map_or("/admin/", |path| path.as_str()),
        _ => "/admin/",
    };
    let query: String =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("next", wanted).finish();
    Redirect::to(&format!("/admin/sign-in?{query}")).into_response()
}

fn not_allowed(what: &str) -> Response {
    WebError::new(
        StatusCode::FORBIDDEN,
        format!("You may not {what}"),
        "Ask an administrator to change your role, or to do it for you.",
    )
    .into_response()
}
