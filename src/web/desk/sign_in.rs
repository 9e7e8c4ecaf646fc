//! Signing in and out, the first administrator's one-time link, and the links by which people choose a password.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::header::REFERRER_POLICY;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;

use super::inside;
use super::session::{SignedIn, cookie, removal};
use crate::service::accounts::{self, AccountError, link_path, wait_seconds};
use crate::service::password::SHORTEST;
use crate::service::sign_in::{self, Entry};
use crate::web::client::AtTheDoor;
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
    AtTheDoor(visitor): AtTheDoor,
    jar: CookieJar,
    Form(sent): Form<Credentials>,
) -> Result<Response, WebError> {
    let next = inside(&sent.next).to_owned();
    match sign_in::sign_in(&shared.app, &sent.name, &sent.password, &visitor).await? {
        Entry::In(session) => {
            Ok((jar.add(cookie(&shared.app, session)), Redirect::to(&next)).into_response())
        }
        Entry::CodeAsked(proof) => {
            Ok(html(&views::CodeAsked { layout: desk_layout(None), proof, next, error: None }))
        }
        Entry::Refused => {
            let error = "Name and password do not fit together. Check both; an administrator can give you a link for a new \
                         password.";
            let page = views::SignIn {
                layout: desk_layout(None),
                name: sent.name,
                next,
                error: Some(error.to_owned()),
            };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)).into_response())
        }
    }
}

/// What the form of the second step sends.
#[derive(Deserialize)]
pub(super) struct SecondStep {
    proof: String,
    code: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn enter_code(
    State(shared): State<Shared>,
    AtTheDoor(visitor): AtTheDoor,
    jar: CookieJar,
    Form(sent): Form<SecondStep>,
) -> Result<Response, WebError> {
    let next = inside(&sent.next).to_owned();
    match sign_in::enter_code(&shared.app, &sent.proof, &sent.code, &visitor).await? {
        Some(Entry::In(session)) => {
            Ok((jar.add(cookie(&shared.app, session)), Redirect::to(&next)).into_response())
        }
        Some(Entry::Refused | Entry::CodeAsked(_)) => {
            let page = views::CodeAsked {
                layout: desk_layout(None),
                proof: sent.proof,
                next,
                error: Some(sentence(&AccountError::WrongCode.to_string())),
            };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)).into_response())
        }
        None => {
            let page = views::SignIn {
                layout: desk_layout(None),
                name: String::new(),
                next,
                error: Some("That took too long. Please sign in again.".to_owned()),
            };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)).into_response())
        }
    }
}

pub(super) async fn sign_out(
    State(shared): State<Shared>,
    SignedIn(moderator): SignedIn,
    jar: CookieJar,
) -> Result<Response, WebError> {
    sign_in::sign_out(&shared.app, &moderator).await?;
    Ok((jar.remove(removal(&shared.app)), Redirect::to("/admin/sign-in")).into_response())
}

/// A one-time link's secret.
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
        Ok(secret(html(&setup(&link.token, "", None))))
    } else {
        Err(AccountError::Link.into())
    }
}

/// What the first administrator types.
#[derive(Deserialize)]
pub(super) struct FirstAdmin {
    name: String,
    #[serde(flatten)]
    password: NewPassword,
}

/// A new password, typed twice.
#[derive(Deserialize)]
pub(super) struct NewPassword {
    password: String,
    #[serde(default)]
    password_again: String,
}

impl NewPassword {
    /// The password, if it was typed alike.
    pub(super) fn alike(&self) -> Result<&str, String> {
        if self.password == self.password_again {
            Ok(&self.password)
        } else {
            Err("The two passwords are not the same. Please type the password twice.".to_owned())
        }
    }
}

pub(super) async fn set_up(
    State(shared): State<Shared>,
    Query(link): Query<OneTime>,
    AtTheDoor(visitor): AtTheDoor,
    jar: CookieJar,
    Form(sent): Form<FirstAdmin>,
) -> Result<Response, WebError> {
    let why = match sent.password.alike() {
        Err(why) => why,
        Ok(password) => {
            match accounts::set_up(&shared.app, &link.token, &sent.name, password, &visitor).await {
                Ok(session) => {
                    let jar = jar.add(cookie(&shared.app, session));
                    return Ok((jar, Redirect::to("/admin/")).into_response());
                }
                Err(error) => mistake(error)?,
            }
        }
    };
    let page = html(&setup(&link.token, &sent.name, Some(why)));
    Ok((StatusCode::UNPROCESSABLE_ENTITY, secret(page)).into_response())
}

fn setup(token: &str, name: &str, error: Option<String>) -> views::Setup {
    let query: String =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("token", token).finish();
    views::Setup {
        layout: desk_layout(None),
        action: format!("/admin/setup?{query}"),
        name: name.to_owned(),
        shortest_password: SHORTEST,
        error,
    }
}

pub(super) async fn password_page(
    State(shared): State<Shared>,
    Query(link): Query<OneTime>,
) -> Result<Response, WebError> {
    choose_password_page(&shared, &link.token, None).await
}

pub(super) async fn choose_password(
    State(shared): State<Shared>,
    Query(link): Query<OneTime>,
    Form(sent): Form<NewPassword>,
) -> Result<Response, WebError> {
    let why = match sent.alike() {
        Err(why) => why,
        Ok(password) => match accounts::choose_password(&shared.app, &link.token, password).await {
            Ok(()) => return Ok(Redirect::to("/admin/sign-in").into_response()),
            Err(error) => mistake(error)?,
        },
    };
    choose_password_page(&shared, &link.token, Some(why)).await
}

async fn choose_password_page(
    shared: &Shared,
    token: &str,
    error: Option<String>,
) -> Result<Response, WebError> {
    let owner = accounts::link_owner(&shared.app, token).await?.ok_or(AccountError::PasswordLink)?;
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = views::ChoosePassword {
        layout: desk_layout(None),
        action: link_path(token),
        name: owner.name,
        invited: owner.password_hash.is_none(),
        shortest_password: SHORTEST,
        error,
    };
    Ok((status, secret(html(&page))).into_response())
}

/// A page whose address is a secret: no request tells it, not even one to ourselves, whose logs it might end in.
fn secret(mut page: Response) -> Response {
    page.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("strict-origin"));
    page
}

/// What somebody can put right themselves, as a sentence; anything else is an answer of its own.
pub(super) fn mistake(error: AccountError) -> Result<String, WebError> {
    match error {
        AccountError::Name
        | AccountError::Taken(_)
        | AccountError::Password
        | AccountError::WrongPassword
        | AccountError::WrongCode
        | AccountError::Address
        | AccountError::LastAdmin(_)
        | AccountError::Disabled(_) => Ok(sentence(&error.to_string())),
        other => Err(other.into()),
    }
}

impl From<AccountError> for WebError {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Store(error) => error.into(),
            AccountError::Link => Self::new(
                StatusCode::GONE,
                "This link does not work any more",
                "If there is an administrator already, sign in at /admin/. If not, start Moderato again: it prints a new link.",
            )
            .because("It works once, and only until Moderato is started again."),
            AccountError::PasswordLink => Self::new(
                StatusCode::GONE,
                "This link does not work any more",
                "If you have a password, sign in at /admin/. If not, ask an administrator for a new link.",
            )
            .because("It works once and not for ever, and a newer one replaces it."),
            AccountError::Wait(wait) => {
                let seconds = wait_seconds(wait);
                let when = match seconds {
                    1 => "in a second".to_owned(),
                    2..=90 => format!("in {seconds} seconds"),
                    _ => format!("in {} minutes", seconds.div_ceil(60)),
                };
                Self::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "Too many attempts have failed",
                    format!("Try again {when}. An administrator can give you a link for a new password."),
                )
                .because("Each further one has to wait longer, so that nobody can guess a password.")
                .retry_after(seconds)
            }
            AccountError::Unknown(_) => Self::not_found(),
            other => Self::from_bug(other),
        }
    }
}

/// An error's words as a sentence of their own.
pub(super) fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first: String = letters.next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
