//! `/api/v1`: what programs ask for by a key of their own, in JSON. One file a resource; [`gate`] lets in who may, [`read`]
//! takes requests apart, [`document`] describes all of it.
//!
//! The routes and their description are one list, so that neither can have what the other has not.

mod check;
mod comments;
mod decide;
pub(super) mod docs;
pub(super) mod document;
mod feedback;
mod gate;
mod lists;
mod models;
mod read;
mod shape;
mod statistics;
mod submit;
mod usage;
mod why;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, HeaderValue};
use axum::middleware::from_fn_with_state;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::error::WebError;
use super::router::Shared;

/// Where the API is.
pub(super) const BELOW: &str = "/api/v1";
/// The largest request, in bytes: a thousand comments of the usual length.
const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// Whether what is asked for is the API's to answer.
pub(super) fn is_below(path: &str) -> bool {
    path.strip_prefix(BELOW).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Every call.
pub(super) fn routes(shared: &Shared) -> Router<Shared> {
    described()
        .0
        .layer(from_fn_with_state(shared.clone(), gate::gate))
        .fallback(no_such_call)
        .method_not_allowed_fallback(no_such_method)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(SetResponseHeaderLayer::if_not_present(
            CACHE_CONTROL,
            HeaderValue::from_static("private, no-store"),
        ))
}

/// Every call, and what is to be said of it.
fn described() -> (Router<Shared>, OpenApi) {
    OpenApiRouter::new()
        .routes(routes!(check::one))
        .routes(routes!(check::batch))
        .routes(routes!(feedback::give))
        .routes(routes!(submit::submit, comments::list))
        .routes(routes!(comments::export))
        .routes(routes!(comments::show))
        .routes(routes!(decide::decide))
        .routes(routes!(why::show))
        .routes(routes!(lists::queues))
        .routes(routes!(lists::site))
        .routes(routes!(models::list))
        .routes(routes!(models::show))
        .routes(routes!(statistics::show))
        .routes(routes!(usage::show))
        .split_for_parts()
}

async fn no_such_call() -> WebError {
    WebError::new(StatusCode::NOT_FOUND, "The API has no such call", "See /docs for those it has.")
}

async fn no_such_method() -> WebError {
    WebError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "This call does not take that method",
        "The Allow header names those it takes; see /docs.",
    )
}
