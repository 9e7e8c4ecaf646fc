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
use super::people::{access, site_choices};
use super::session::SignedIn;
use super::sign_in::{NewPassword, mistake, sentence};
use crate::app::App;
use crate::service::accounts::{self, Moderator};
use crate::service::notices::{self, Cadence, NoticeError};
use crate::service::password::SHORTEST;
use crate::service::second_factor::{self, Standing};
use crate::service::sign_in;
use crate::service::{desk, mail};
use crate::web::client::AtTheDoor;
use crate::web::error::{WebError, html};
use crate::web::markup::{desk_layout, moment};
use crate::web::router::Shared;
use crate::web::views::{self, AccountPage, Choice, Factor, Hidden, NoticesPanel, PostButton, Session};

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
        notices: notices_panel(app, moderator).await?,
        codes: Vec::new(),
        end_others: (sessions.len() > 1).then(|| end_button("End all others", None)),
        sessions,
    })
}

async fn notices_panel(app: &App, moderator: &Moderator) -> Result<NoticesPanel, WebError> {
    let standing = notices::standing(app, moderator).await?;
    let cadence = |one: Cadence, words: &str| Choice {
        value: one.as_str().to_owned(),
        words: words.to_owned(),
        selected: one == standing.cadence,
    };
    let minutes = app.settings.mail_minutes;
    Ok(NoticesPanel {
        configured: mail::is_configured(app),
        address: standing.address.clone().unwrap_or_default(),
        confirmed: standing.confirmed,
        cadences: vec![
            cadence(Cadence::None, "never"),
            cadence(Cadence::Immediately, &format!("at once, at most every {minutes} minutes")),
            cadence(Cadence::Hourly, "together, after an hour"),
            cadence(Cadence::Daily, "together, after a day"),
        ],
        sites: site_choices(&desk::sites(app, moderator), &standing.site_ids),
        trouble: standing.trouble.map(|trouble| trouble.error),
        error: None,
    })
}

/// Where to be told, and the password once more.
#[derive(Deserialize)]
pub(super) struct NewAddress {
    #[serde(default)]
    address: String,
    password: String,
}

pub(super) async fn set_address(
    State(shared): State<Shared>,
    SignedIn(moderator): SignedIn,
    AtTheDoor(visitor): AtTheDoor,
    jar: CookieJar,
    Form(sent): Form<NewAddress>,
) -> Result<Response, WebError> {
    let app = &shared.app;
    let why =
        match notices::set_address(app, &moderator, &sent.password, &sent.address, visitor.address).await {
            Ok(()) => return Ok(done(jar, Done::AddressSet)),
            Err(NoticeError::Store(error)) => return Err(error.into()),
            Err(NoticeError::Account(error)) => mistake(error)?,
            Err(other) => sentence(&other.to_string()),
        };
    let page = page(&shared, &moderator).await?;
    let notices = NoticesPanel { error: Some(why), address: sent.address, ..page.notices.clone() };
    Ok(wrong(&AccountPage { notices, ..page }))
}

/// How often, and of which sites.
#[derive(Deserialize)]
pub(super) struct Chosen {
    cadence: String,
    #[serde(default)]
    site: Vec<String>,
}

pub(super) async fn set_notices(
    State(shared): State<Shared>,
    SignedIn(moderator): SignedIn,
    jar: CookieJar,
    axum_extra::extract::Form(sent): axum_extra::extract::Form<Chosen>,
) -> Result<Response, WebError> {
    let app = &shared.app;
    let cadence = Cadence::parse(&sent.cadence).ok_or_else(WebError::not_found)?;
    let site = |name: &String| desk::site_named(app, &moderator, name).map(|site| site.id);
    let sites: Option<Vec<i64>> = sent.site.iter().map(site).collect();
    notices::set_cadence(app, &moderator, cadence, &sites.ok_or_else(WebError::not_found)?).await?;
    Ok(done(jar, Done::NoticesSet))
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
