//! What operators and browsers fetch besides pages: health, metrics, static files.

use std::sync::LazyLock;
use std::time::Instant;

use axum::extract::{MatchedPath, Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use super::assets;
use super::error::WebError;
use super::router::Shared;

/// Bounds of the histogram of request times, in seconds.
const SECONDS: [f64; 10] = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// One recorder a process, however many servers its tests start.
static METRICS: LazyLock<Option<PrometheusHandle>> = LazyLock::new(|| {
    let builder = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &SECONDS)
        .ok()?;
    builder.install_recorder().ok()
});

/// Makes the recorder before the first metric is counted.
pub(super) fn install_metrics() {
    LazyLock::force(&METRICS);
}

/// The process answers.
pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

/// Everything needed to take a comment is there.
pub(super) async fn readyz(State(shared): State<Shared>) -> Response {
    match shared.app.db.ping().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            tracing::warn!(error = format!("{:#}", anyhow::Error::from(error)), "not ready");
            WebError::away().problem()
        }
    }
}

/// Everything counted, in Prometheus' text format.
pub(super) async fn metrics(State(shared): State<Shared>) -> Response {
    if let Err(error) = shared.app.drift.publish(&shared.app).await {
        tracing::warn!(
            error = format!("{:#}", anyhow::Error::from(error)),
            "the model's drift is not known just now"
        );
    }
    match &*METRICS {
        Some(handle) => {
            handle.run_upkeep();
            ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], handle.render()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Counts and times every request by its route.
pub(super) async fn measure(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let method = request.method().as_str().to_owned();
    let response = next.run(request).await;
    let status = response.status().as_u16().to_string();
    metrics::histogram!("moderato_http_request_seconds", "route" => route.clone()).record(started.elapsed());
    metrics::counter!("moderato_http_requests_total", "method" => method, "route" => route, "status" => status)
        .increment(1);
    response
}

/// A static file. Its name holds a hash of its content, so it never changes.
pub(super) async fn asset(Path(file): Path<String>) -> Result<Response, WebError> {
    let asset = assets::find(&format!("/assets/{file}")).ok_or_else(WebError::not_found)?;
    let headers =
        [(CONTENT_TYPE, asset.content_type), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
    Ok((headers, asset.bytes).into_response())
}

pub(super) async fn favicon() -> Redirect {
    Redirect::permanent(assets::asset_url("icon.svg"))
}
