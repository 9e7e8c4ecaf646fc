//! `GET /sites/{site}/comments`: the approved comments of an article, as JSON, HTML fragment or Atom feed.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use super::origin::share_with_site;
use super::report::report_path;
use crate::comment::{ArticleUrl, Field, FieldError};
use crate::service::sites::Site;
use crate::service::thread::{self, Page};
use crate::store::published::ThreadRow;
use crate::web::error::{WebError, html};
use crate::web::markup::moment;
use crate::web::router::Shared;
use crate::web::views;

/// Which comments.
#[derive(Debug, Deserialize)]
pub(in crate::web) struct Which {
    #[serde(default)]
    article: String,
    after: Option<Uuid>,
}

pub(in crate::web) async fn show(
    State(shared): State<Shared>,
    Path(site): Path<String>,
    Query(which): Query<Which>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let (site, article) = find(&shared, &site, &which)?;
    let page = thread::read(&shared.app, &site, &article, which.after).await?;
    let wants_html = headers
        .get(ACCEPT)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html") && !accept.contains("json"));
    let mut response = if wants_html {
        // On pages elsewhere, too, the links lead here.
        let links = Links { site: &site, server: shared.app.settings.public_url(), reply: |_| None };
        let feed = format!("{}{}", links.server, feed_path(&site, &article));
        html(&fragment(&shared, &page, Some(feed), &links))
    } else {
        Json(as_json(&shared, &site, &article, &page)).into_response()
    };
    response.headers_mut().append(axum::http::header::VARY, HeaderValue::from_static("accept"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=10"));
    Ok(share_with_site(&site, &headers, response))
}

pub(in crate::web) async fn feed(
    State(shared): State<Shared>,
    Path(site): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, WebError> {
    let (site, article) = find(&shared, &site, &which)?;
    let page = thread::read(&shared.app, &site, &article, which.after).await?;
    let stamp = |at: time::OffsetDateTime| at.format(&Rfc3339).unwrap_or_default();
    let feed = views::Feed {
        title: format!("Comments on {}", site.title),
        self_url: format!("{}{}", shared.app.settings.public_url(), feed_path(&site, &article)),
        page_url: article.as_str().to_owned(),
        updated: stamp(
            page.comments.last().map_or(time::OffsetDateTime::UNIX_EPOCH, |newest| newest.created_at),
        ),
        entries: page
            .comments
            .iter()
            .rev()
            .map(|comment| views::FeedEntry {
                id: comment.id.to_string(),
                url: format!("{}#comment-{}", article.as_str(), comment.id),
                author: comment.author.clone(),
                by_moderator: comment.by_moderator,
                published: stamp(comment.created_at),
                body: views::SafeHtml(comment.html.clone()),
            })
            .collect(),
    };
    let mut response = html(&feed);
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/atom+xml; charset=utf-8"));
    Ok(response)
}

fn find(shared: &Shared, site: &str, which: &Which) -> Result<(std::sync::Arc<Site>, ArticleUrl), WebError> {
    let site = shared.app.sites.find(site).ok_or_else(|| WebError::no_such_site(site))?;
    let article = ArticleUrl::parse(&which.article).map_err(|why| {
        WebError::new(
            axum::http::StatusCode::UNPROCESSABLE_ENTITY,
            "Which page is meant?",
            "Send the address of the commented page as ?article=https://….",
        )
        .with_fields(vec![FieldError::new(Field::Article, format!("The address cannot be used: {why}."))])
    })?;
    Ok((site, article))
}

fn feed_path(site: &Site, article: &ArticleUrl) -> String {
    let query: String = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("article", article.as_str())
        .finish();
    format!("/sites/{}/comments.atom?{query}", site.name)
}

/// Where the links of a thread lead.
pub(in crate::web) struct Links<'a, F: Fn(&ThreadRow) -> Option<String>> {
    /// The site.
    pub site: &'a Site,
    /// Address of the server; empty where the page is its own.
    pub server: String,
    /// Answers a comment.
    pub reply: F,
}

/// The thread as a view.
pub(in crate::web) fn fragment<F: Fn(&ThreadRow) -> Option<String>>(
    shared: &Shared,
    page: &Page,
    feed: Option<String>,
    links: &Links<'_, F>,
) -> views::Thread {
    let now = shared.app.now();
    let posted = page
        .comments
        .iter()
        .map(|comment| views::Posted {
            id: comment.id.to_string(),
            parent: comment.parent_id.map(|id| id.to_string()),
            author: comment.author.clone(),
            website: Some(comment.url.clone()).filter(|url| !url.is_empty()),
            posted: moment(comment.created_at, now),
            body: views::SafeHtml(comment.html.clone()),
            by_moderator: comment.by_moderator,
            edited: comment.edited,
            reply_href: (links.reply)(comment),
            report_href: format!("{}{}", links.server, report_path(links.site, comment.id)),
        })
        .collect();
    views::Thread::new(posted, feed)
}

fn as_json(shared: &Shared, site: &Site, article: &ArticleUrl, page: &Page) -> serde_json::Value {
    let server = shared.app.settings.public_url();
    let comments: Vec<_> = page
        .comments
        .iter()
        .map(|comment| {
            json!({
                "id": comment.id,
                "parent": comment.parent_id,
                "author": comment.author,
                "url": if comment.url.is_empty() { None } else { Some(&comment.url) },
                "html": comment.html,
                "created_at": comment.created_at.format(&Rfc3339).ok(),
                "report_url": format!("{server}{}", report_path(site, comment.id)),
                "by_moderator": comment.by_moderator,
                "edited": comment.edited,
            })
        })
        .collect();
    json!({ "article": article.as_str(), "comments": comments, "next": page.next })
}
