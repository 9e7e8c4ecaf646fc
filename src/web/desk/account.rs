//! `/admin/account`: one's own password, second factor and sessions.

use std::fmt::Write;

use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use qrcode::{Color, QrCode};
use serde::Deserialize;

use super::flash::{self, Done, Flash};
use super::people::access;
use super::session::SignedIn;
use super::sign_in::{NewPassword, mistake};
use crate::service::accounts::{self, Moderator};
use crate::service::desk;
use crate::service::password::SHORTEST;
use crate::service::second_factor::{self, Standing};
use crate::service::sign_in;
use crate::web::client::AtTheDoor;
use crate::web::error::{WebError, html};
use crate::web::markup::{desk_layout, moment};
use crate::web::router::Shared;
use crate::web::views::{self, AccountPage, Factor, Hidden, PostButton, Session};

/// The page's own address.
const HERE: &str = "/admin/account";

pub(super) async fn show(
    State(shared): State<Shared>,
    SignedIn(moderator): SignedIn,
    jar: CookieJar,
) -> Result<Response, WebError> {
    let (jar, flash) = flash::take(jar, HERE);
    let page = AccountPage { flash, ..page(&shared, &moderator).await? };
    Ok((jar, html(&page)).into_response())
}

async fn page(shared: &Shared, moderator: &Moderator) -> Result<AccountPage, WebError> {
    let app = &shared.app;
    let now = app.now();
    let sessions: Vec<Session> = sign_in::own_sessions(app, moderator)
        .await?
        .into_iter()
        .map(|session| Session {
            browser: session.browser,
            since: moment(session.created_at, now),
            used: moment(session.used_at, now),
            this: session.id == moderator.session_id,
            end: end_button("End", Some(session.id)),
        })
        .collect();
    Ok(AccountPage {
        layout: desk_layout(Some(moderator)),
        flash: None,
        access: access(moderator.role, &moderator.site_ids, &desk::sites(app, moderator)),
        shortest_password: SHORTEST,
        password_error: None,
        factor: factor(second_factor::standing(app, moderator).await?),
        factor_error: None,
        codes: Vec::new(),
        end_others: (sessions.len() > 1).then(|| end_button("End all others", None)),
        sessions,
    })
}

fn end_button(label: &str, session: Option<i64>) -> PostButton {
    PostButton {
        action: "/admin/account/sessions/end".to_owned(),
        label: label.to_owned(),
        hidden: session.into_iter().map(|id| Hidden { name: "session", value: id.to_string() }).collect(),
    }
}

fn factor(standing: Standing) -> Factor {
    match standing {
        Standing::Off => Factor::Off,
        Standing::Begun(enrolment) => Factor::Begun { qr: qr_code(&enrolment.uri), key: enrolment.key },
        Standing::On(left) => Factor::On { left: u64::try_from(left).unwrap_or_default() },
    }
}

/// What cannot be drawn can still be typed.
fn qr_code(text: &str) -> Option<views::QrCode> {
    let code = QrCode::new(text).ok()?;
    let width = code.width();
    let mut path = String::new();
    for (at, module) in code.to_colors().into_iter().enumerate() {
        if module == Color::Dark {
            write!(path, "M{} {}h1v1h-1z", at % width, at / width).ok()?;
        }
    }
    Some(views::QrCode { width, path })
}

fn done(jar: CookieJar, done: Done) -> Response {
    (jar.add(Flash::Done(done).cookie()), Redirect::to(HERE)).into_response()
}

fn wrong(page: &AccountPage) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, html(page)).into_response()
}

/// What the form for another password sends.
#[derive(Deserialize)]
pub(super) struct Change {
    present: String,
    #[serde(flatten)]
    new: NewPassword,
}

pub(super) async fn change_password(
    State(shared): State<Shared>,
    SignedIn(moderator): SignedIn,
    AtTheDoor(visitor): AtTheDoor,
    jar: CookieJar,
    Form(sent): Form<Change>,
) -> Result<Response, WebError> {
    let why = match sent.new.alike() {
        Err(why) => why,
        Ok(new) => {
            let changed =
                accounts::change_password(&shared.app, &moderator, &sent.present, new, visitor.address).await;
            match changed {
                Ok(()) => return Ok(done(jar, Done::PasswordChanged)),
                Err(error) => mistake(error)?,
            }
        }
    };
    Ok(wrong(&AccountPage { password_error: Some(why), ..page(&shared, &moderator).await? }))
}

/// The password, once more.
#[derive(Deserialize)]
pub(super) struct Again {
    password: String,
}

pub(super) async fn begin_factor(
    State(shared): State<Shared>,
    SignedIn(moderator): SignedIn,
    AtTheDoor(visitor): AtTheDoor,
    Form(sent): Form<Again>,
) -> Result<Response, WebError> {
    match second_factor::begin(&shared.app, &moderator, &sent.password, visitor.address).await {
        Ok(()) => Ok(Redirect::to(HERE).into_response()),
        Err(error) => {
            let why = Some(mistake(error)?);
            Ok(wrong(&AccountPage { factor_error: why, ..page(&shared, &moderator).await? }))
        }
    }
}

/// A first code.
#[derive(Deserialize)]
pub(super) struct FirstCode {
    code: String,
}

pub(super) async fn confirm_factor(
    State(shared): State<Shared>,
    SignedIn(moderator): SignedIn,
    Form(sent): Form<FirstCode>,
) -> Result<Response, WebError> {
    match second_factor::confirm(&shared.app, &moderator, &sent.code).await {
        Ok(codes) => Ok(html(&AccountPage { codes, ..page(&shared, &moderator).await? })),
        Err(error) => {
            let why = Some(mistake(error)?);
            Ok(wrong(&AccountPage { factor_error: why, ..page(&shared, &moderator).await? }))
        }
    }
}

pub(super) async fn switch_factor_off(
    State(shared): State<Shared>,
    SignedIn(moderator): SignedIn,
    AtTheDoor(visitor): AtTheDoor,
    jar: CookieJar,
    Form(sent): Form<Again>,
) -> Result<Response, WebError> {
    match second_factor::switch_off(&shared.app, &moderator, &sent.password, visitor.address).await {
        Ok(()) => Ok(done(jar, Done::SecondFactorOff)),
        Err(error) => {
            let why = Some(mistake(error)?);
            Ok(wrong(&AccountPage { factor_error: why, ..page(&shared, &moderator).await? }))
        }
    }
}

/// Which session to end; none is all but this one.
#[derive(Deserialize)]
pub(super) struct End {
    session: Option<i64>,
}

pub(super) async fn end_sessions(
    State(shared): State<Shared>,
    SignedIn(moderator): SignedIn,
    jar: CookieJar,
    Form(sent): Form<End>,
) -> Result<Response, WebError> {
    sign_in::end_sessions(&shared.app, &moderator, sent.session).await?;
    Ok(done(jar, Done::SessionsEnded))
}
