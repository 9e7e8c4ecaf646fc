//! Every route and every layer, in one place.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{Request, StatusCode};
use axum::middleware::from_fn;
use axum::routing::{get, post};
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use super::{akismet, api, coral, demo, desk, error, mail, operation, reader};
use crate::app::App;
use crate::service::limiter::{KeyLimiter, Limiter};

/// No request takes longer; uploads have a limit of their own.
const TIMEOUT: Duration = Duration::from_secs(20);
const UPLOAD_TIMEOUT: Duration = Duration::from_mins(10);
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Nothing is loaded but our own files, nothing is framed, and forms post to us only. Pages whose forms lead back
/// to a site's own pages widen this themselves.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What handlers share.
#[derive(Clone)]
pub(super) struct Shared {
    /// The application.
    pub app: Arc<App>,
    /// Counts comments and reports by address.
    pub limiter: Arc<Limiter>,
    /// Counts requests to the API by key.
    pub key_limiter: Arc<KeyLimiter>,
    /// Whether the demo article is served.
    pub demo: bool,
    /// When the server stops, streams end.
    pub stop: CancellationToken,
}

/// The whole web server of an application, until `stop`.
pub fn router(app: Arc<App>, demo: bool, stop: CancellationToken) -> Router {
    let limiter = Arc::new(Limiter::new(app.settings.comments_per_minute));
    let key_limiter = Arc::new(KeyLimiter::new(app.settings.api_requests_per_minute));
    let shared = Shared { app, limiter, key_limiter, demo, stop };
    let pages = Router::new()
        .route("/", get(demo::front))
        .route("/demo/{article}", get(demo::article))
        .route(
            "/sites/{site}/comments",
            get(reader::thread::show).post(reader::post::post).options(reader::post::preflight),
        )
        .route(
            "/sites/{site}/comments/{id}/report",
            get(reader::report::show).post(reader::report::post).options(reader::report::preflight),
        )
        .route("/sites/{site}/comments.atom", get(reader::thread::feed))
        .route("/comments/{id}/status", get(reader::status::show))
        .route("/privacy/{site}", get(reader::privacy::show))
        .route("/assets/{file}", get(operation::asset))
        .route("/favicon.ico", get(operation::favicon))
        .route("/openapi.json", get(api::document::show))
        .route("/docs", get(api::docs::show))
        .nest(api::BELOW, api::routes(&shared))
        .merge(akismet::routes())
        .merge(coral::routes())
        .merge(desk::routes())
        .merge(mail::routes())
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT));
    let uploads = Router::new()
        .route("/admin/models/train", post(desk::training::upload))
        .layer(CsrfLayer::new())
        .layer(axum::extract::DefaultBodyLimit::disable())
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, UPLOAD_TIMEOUT));
    let operation = Router::new()
        .route("/healthz", get(operation::healthz))
        .route("/readyz", get(operation::readyz))
        .route("/metrics", get(operation::metrics))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, TIMEOUT));
    pages
        .merge(uploads)
        .merge(operation)
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(CatchPanicLayer::custom(error::Panicked))
        .layer(from_fn(error::dress))
        .layer(from_fn(operation::measure))
        .layer(CompressionLayer::new())
        .layer(header(CONTENT_SECURITY_POLICY, POLICY))
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(X_FRAME_OPTIONS, "DENY"))
        .layer(header(REFERRER_POLICY, "same-origin"))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
        .with_state(shared)
}

fn header(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// What a log line says of a request: no address, no query, no body, nothing of a person.
fn span<B>(request: &Request<B>) -> tracing::Span {
    let id =
        request.extensions().get::<RequestId>().and_then(|id| id.header_value().to_str().ok()).unwrap_or("-");
    let route = request.extensions().get::<axum::extract::MatchedPath>().map_or("-", |path| path.as_str());
    tracing::info_span!("request", request.id = id, method = %request.method(), route)
}
