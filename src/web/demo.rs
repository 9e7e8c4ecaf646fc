//! The demo site: one article of a made-up newspaper, with its comments and the form, served by Moderato itself.

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use time::macros::datetime;
use uuid::Uuid;

use super::error::{WebError, html};
use super::markup::{comment_form, moment, site_layout};
use super::reader::thread::{Links, fragment};
use super::router::Shared;
use super::views::{ArticlePage, Replying};
use crate::app::App;
use crate::comment::{ArticleUrl, Origin, RawSubmission};
use crate::policy::{AUDIT_SHARE, HOLD_ABUSE_FROM, Thresholds};
use crate::service::audit::Actor;
use crate::service::sites::{self, Site, SiteError, SiteSpec};
use crate::service::thread;

const SITE: &str = "demo";
const ARTICLE: &str = "election-servers-get-a-shield";
const PUBLISHED: time::OffsetDateTime = datetime!(2026-11-23 06:40 UTC);

/// Makes the demo site, or fits it to the address the server has now.
pub async fn install(app: &App) -> Result<(), SiteError> {
    let port = app.settings.listen.port();
    let mut origins = vec![
        app.settings.public_url(),
        format!("http://localhost:{port}"),
        format!("http://127.0.0.1:{port}"),
        format!("http://[::1]:{port}"),
    ];
    origins.dedup();
    let present = app.sites.find(SITE);
    let fits = |site: &Site| site.origins.iter().map(Origin::as_str).eq(origins.iter().map(String::as_str));
    if present.as_deref().is_some_and(fits) {
        return Ok(());
    }
    let fresh = || SiteSpec {
        name: SITE.to_owned(),
        title: String::new(),
        origins: Vec::new(),
        thresholds: (Thresholds::DEFAULT.approve_below(), Thresholds::DEFAULT.reject_from()),
        hold_abuse_from: HOLD_ABUSE_FROM,
        audit_share: AUDIT_SHARE,
        log_only: false,
        targets: None,
    };
    let set = present.as_ref().map_or_else(fresh, |site| SiteSpec::of(site));
    let spec = SiteSpec { title: ArticlePage::PAPER.to_owned(), origins, ..set };
    if present.is_some() {
        sites::set(app, Actor::CommandLine, &spec).await
    } else {
        sites::add(app, &spec).await
    }
}

/// The front door: the demo's article, or the desk.
pub(super) async fn front(State(shared): State<Shared>) -> Redirect {
    Redirect::to(&if shared.demo { format!("/demo/{ARTICLE}") } else { "/admin/".to_owned() })
}

/// Whom the form answers.
#[derive(Debug, Deserialize)]
pub(super) struct ReplyTo {
    reply_to: Option<String>,
}

pub(super) async fn article(
    State(shared): State<Shared>,
    Path(article): Path<String>,
    Query(query): Query<ReplyTo>,
    headers: axum::http::HeaderMap,
) -> Result<Response, WebError> {
    let site = shared
        .app
        .sites
        .find(SITE)
        .filter(|_| shared.demo && article == ARTICLE)
        .ok_or_else(WebError::not_found)?;
    // The address as the reader's browser has it, where that is one of the site's own.
    let host = headers.get(axum::http::header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let here = format!("http://{host}/demo/{ARTICLE}");
    let own = ArticleUrl::parse(&here).ok().filter(|page| site.owns(page.origin()));
    let public = format!("{}/demo/{ARTICLE}", shared.app.settings.public_url());
    let page = own.or_else(|| ArticleUrl::parse(&public).ok()).ok_or_else(WebError::not_found)?;
    let comments = thread::read(&shared.app, &site, &page, None).await?;
    let answered = query.reply_to.as_deref().and_then(|id| Uuid::try_parse(id).ok());
    let replying = comments.comments.iter().find(|comment| Some(comment.id) == answered);
    let replying =
        replying.map(|comment| Replying { id: comment.id.to_string(), name: comment.author.clone() });
    let typed = RawSubmission { article: page.as_str().to_owned(), ..RawSubmission::default() };
    let view = ArticlePage {
        layout: site_layout(&site),
        published: moment(PUBLISHED, shared.app.now()),
        thread: fragment(
            &shared,
            &comments,
            None,
            &Links {
                site: &site,
                server: String::new(),
                reply: |comment| Some(format!("?reply_to={}#respond", comment.id)),
            },
        ),
        form: comment_form(&shared.app, &site, &typed, replying),
    };
    Ok(html(&view).into_response())
}
