//! `GET /comments/{id}/status`: the reader's own comment after posting, by its signed link.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use uuid::Uuid;

use crate::comment;
use crate::service::thread;
use crate::web::error::{WebError, html};
use crate::web::markup::{moment, readable, site_layout};
use crate::web::router::Shared;
use crate::web::views::{Layout, Link, OwnComment, SafeHtml, Standing, StatusPage};

/// The link's signature.
#[derive(Debug, Deserialize)]
pub(in crate::web) struct Signed {
    #[serde(default)]
    t: String,
}

pub(in crate::web) async fn show(
    State(shared): State<Shared>,
    Path(id): Path<String>,
    Query(signed): Query<Signed>,
) -> Result<Response, WebError> {
    let app = &shared.app;
    let found = match Uuid::try_parse(&id) {
        Ok(id) => thread::status(app, id, &signed.t).await?.map(|(site_id, row)| (id, site_id, row)),
        Err(_) => None,
    };
    let Some((id, site_id, row)) = found else {
        return Ok((StatusCode::NOT_FOUND, html(&gone())).into_response());
    };
    let site = app.sites.by_id(site_id);
    let standing = match row.state {
        comment::State::Approved => Standing::Approved { href: format!("{}#comment-{id}", row.article_url) },
        // Nobody is told "you look like spam": it waits, and a person can still bring it back.
        comment::State::Held | comment::State::Spam => Standing::Held { usually: None },
        comment::State::Rejected | comment::State::Deleted => Standing::Gone,
    };
    let shown = !matches!(standing, Standing::Gone);
    let page = StatusPage {
        layout: site.as_deref().map_or_else(bare_layout, site_layout),
        standing,
        article: Link { text: readable(&row.article_url), href: row.article_url },
        comment: shown.then(|| OwnComment {
            author: row.author,
            posted: moment(row.created_at, app.now()),
            body: SafeHtml(row.html),
            edited: row.edited,
        }),
    };
    let mut response = html(&page);
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    Ok(response)
}

fn gone() -> StatusPage {
    StatusPage {
        layout: bare_layout(),
        standing: Standing::Gone,
        article: Link { text: "Home".to_owned(), href: "/".to_owned() },
        comment: None,
    }
}

fn bare_layout() -> Layout {
    Layout { lang: "en".to_owned(), site: None, user: None }
}
