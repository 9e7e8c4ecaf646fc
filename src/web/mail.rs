//! `/mail/…`: where the links in mails lead. Each is a page that asks, and changes nothing: programs that look at every link of
//! a mail get no further. The button posts. Nobody is signed in by any of it.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, HeaderValue, REFERRER_POLICY};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::csrf::CsrfLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use super::error::{WebError, html};
use super::markup::{desk_layout, moment};
use super::router::Shared;
use super::views::{Link, LinkPage, PostButton, Quoted, Shown};
use crate::app::App;
use crate::comment::Verdict;
use crate::service::action_links::{self, Found, Standing};
use crate::service::notices;

/// Every page; the addresses are secrets.
pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/mail/decide/{token}", get(ask_to_decide).post(decide))
        .route("/mail/address/{token}", get(ask_to_confirm).post(confirm))
        .route("/mail/unsubscribe/{token}", get(ask_to_unsubscribe).post(unsubscribe))
        .layer(CsrfLayer::new())
        .layer(SetResponseHeaderLayer::overriding(
            CACHE_CONTROL,
            HeaderValue::from_static("private, no-store"),
        ))
        .layer(SetResponseHeaderLayer::overriding(REFERRER_POLICY, HeaderValue::from_static("same-origin")))
}

async fn ask_to_decide(
    State(shared): State<Shared>,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    let app = &shared.app;
    let found = action_links::look(app, &token).await?.ok_or_else(gone)?;
    if found.standing != Standing::Works {
        return Ok(too_late(app, &found));
    }
    let page = LinkPage {
        button: Some(button(&format!("/mail/decide/{token}"), label(found.verdict))),
        ..page(
            app,
            &found,
            question(found.verdict),
            vec![format!("You decide as {}.", found.who), effect(found.verdict).to_owned()],
        )
    };
    Ok(html(&page))
}

async fn decide(State(shared): State<Shared>, Path(token): Path<String>) -> Result<Response, WebError> {
    let app = &shared.app;
    let found = action_links::act(app, &token).await?.ok_or_else(gone)?;
    if found.standing != Standing::Works {
        return Ok(too_late(app, &found));
    }
    let told = format!("{} decided, by a link in a mail. On the desk it can be undone.", found.who);
    Ok(html(&LinkPage { done: true, ..page(app, &found, done(found.verdict), vec![told]) }))
}

fn too_late(app: &App, found: &Found) -> Response {
    let now = app.now();
    let (status, heading, told) = match &found.standing {
        Standing::Used(at) => (
            StatusCode::GONE,
            "This link has been used",
            format!("It worked once, {}: “{}”.", moment(*at, now).relative, label(found.verdict)),
        ),
        Standing::Expired(at) => {
            (StatusCode::GONE, "This link is too old", format!("It worked until {}.", moment(*at, now).exact))
        }
        Standing::Stale(who, _) => {
            let who = who.as_deref().unwrap_or("Moderato");
            (
                StatusCode::CONFLICT,
                "Somebody was quicker",
                format!("{who} has decided on this comment since the mail was sent."),
            )
        }
        Standing::Works => (StatusCode::OK, "", String::new()),
    };
    let stands = format!("The comment is {} now.", found.comment.state.word().to_lowercase());
    (status, html(&page(app, found, heading, vec![told, stands]))).into_response()
}

fn page(app: &App, found: &Found, heading: &str, told: Vec<String>) -> LinkPage {
    let comment = &found.comment;
    LinkPage {
        layout: desk_layout(None),
        heading: heading.to_owned(),
        told,
        done: false,
        quoted: Some(Quoted {
            author: comment.author.clone(),
            site: found.site.title.clone(),
            article: comment.article_url.clone(),
            posted: moment(comment.created_at, app.now()),
            text: comment.body.clone(),
        }),
        button: None,
        links: vec![Link {
            text: "Open it on the desk".to_owned(),
            href: format!("/admin/comments/{}/{}", found.site.name, comment.id),
        }],
    }
}

fn gone() -> WebError {
    WebError::new(
        StatusCode::GONE,
        "This link does not work any more",
        "Sign in at /admin/ to see what waits and to decide there.",
    )
    .because("It has been replaced, is a month old, or whoever it was sent to may not decide on this comment any more.")
}

fn label(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approve => "Approve",
        Verdict::Spam => "Spam",
        Verdict::Reject => "Reject",
        Verdict::Hold => "Hold",
    }
}

fn question(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approve => "Approve this comment?",
        Verdict::Spam => "Mark this comment as spam?",
        Verdict::Reject => "Reject this comment?",
        Verdict::Hold => "Put this comment back into the queue?",
    }
}

fn effect(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approve => "It is published, and the classifier learns that it is genuine.",
        Verdict::Spam => "It is turned away, and the classifier learns that it is spam.",
        Verdict::Reject => "It is not published. The classifier learns nothing.",
        Verdict::Hold => "It waits again.",
    }
}

fn done(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approve => "Approved",
        Verdict::Spam => "Marked as spam",
        Verdict::Reject => "Rejected",
        Verdict::Hold => "Put back into the queue",
    }
}

fn button(action: &str, label: &str) -> PostButton {
    PostButton { action: action.to_owned(), label: label.to_owned(), hidden: Vec::new() }
}

async fn ask_to_confirm(
    State(shared): State<Shared>,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    let (name, address) = notices::asked(&shared.app, &token).await?.ok_or_else(address_gone)?;
    let told = format!("{name} wants to be told of held comments at {address}. If that is you, confirm it.");
    let confirm = button(&format!("/mail/address/{token}"), "Confirm");
    Ok(html(&plain("Is this your address?", told, Some(confirm))))
}

async fn confirm(State(shared): State<Shared>, Path(token): Path<String>) -> Result<Response, WebError> {
    if !notices::confirm(&shared.app, &token).await? {
        return Err(address_gone());
    }
    let told = "You will be told here of comments that wait. How often, and of which sites, you choose on your account's page.";
    Ok(html(&LinkPage { done: true, ..plain("The address is confirmed", told.to_owned(), None) }))
}

fn address_gone() -> WebError {
    WebError::new(
        StatusCode::GONE,
        "This link does not work any more",
        "Give your address on your account's page (/admin/account) again to get a new one.",
    )
    .because("It works for a day, and until another address is given.")
}

async fn ask_to_unsubscribe(
    State(shared): State<Shared>,
    Path(token): Path<String>,
) -> Result<Response, WebError> {
    let (name, address) = notices::subscribed(&shared.app, &token).await?.ok_or_else(subscription_gone)?;
    let told = format!("{name} will not be told of held comments at {address} any more.");
    let stop = button(&format!("/mail/unsubscribe/{token}"), "No more notices");
    Ok(html(&plain("No more notices?", told, Some(stop))))
}

async fn unsubscribe(State(shared): State<Shared>, Path(token): Path<String>) -> Result<Response, WebError> {
    if !notices::unsubscribe(&shared.app, &token).await? {
        return Err(subscription_gone());
    }
    let told =
        "You will not be told of held comments any more. On your account's page you can choose otherwise.";
    Ok(html(&LinkPage { done: true, ..plain("No more notices", told.to_owned(), None) }))
}

fn subscription_gone() -> WebError {
    WebError::new(
        StatusCode::GONE,
        "This link does not work any more",
        "Nothing is sent to this address any more, unless it was given anew.",
    )
    .because("The address is not anybody's any more.")
}

fn plain(heading: &str, told: String, button: Option<PostButton>) -> LinkPage {
    LinkPage {
        layout: desk_layout(None),
        heading: heading.to_owned(),
        told: vec![told],
        done: false,
        quoted: None,
        button,
        links: Vec::new(),
    }
}
