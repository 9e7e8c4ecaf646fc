//! What people and programs are told when something cannot be done: a readable page, or problem details
//! (RFC 9457). A server error shows a request id and nothing else; its cause goes to the log, once.

use std::any::Any;

use askama::Template;
use axum::Json;
use axum::extract::Request;
use axum::http::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use serde::Serialize;
use tower_http::catch_panic::ResponseForPanic;
use tower_http::request_id::RequestId;
use utoipa::ToSchema;

use super::views;
use crate::comment::FieldError;
use crate::store::StoreError;

/// An answer that is not what was asked for.
#[derive(Debug, Clone)]
pub(super) struct WebError {
    status: StatusCode,
    /// What happened, a short sentence without a full stop.
    what: String,
    /// Why, as far as it is known.
    why: Option<String>,
    /// What to do next.
    next: String,
    /// One entry a field.
    fields: Vec<Entry>,
    retry_after: Option<u64>,
}

/// What is said as problem details (RFC 9457).
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(super) struct Problem {
    /// `about:blank`: the status says which kind of problem it is.
    r#type: &'static str,
    /// What happened.
    title: String,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// Why, as far as it is known, and what to do next.
    detail: String,
    /// What is wrong with the request, an entry each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<Entry>,
}

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(super) struct Entry {
    /// The field, parameter or header.
    field: String,
    /// Where it is in the body: a JSON pointer as the fragment of an address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    pointer: Option<String>,
    /// What is wrong, and what would be right.
    detail: String,
}

impl Entry {
    /// Of a field of the body, by the names and numbers that lead to it.
    pub(super) fn at(path: &str, detail: impl Into<String>) -> Self {
        let field = path.rsplit('/').next().unwrap_or_default().to_owned();
        let pointer = if path.is_empty() { "#".to_owned() } else { format!("#/{path}") };
        Self { field, pointer: Some(pointer), detail: detail.into() }
    }

    /// Of a parameter or header.
    pub(super) fn of(name: &str, detail: impl Into<String>) -> Self {
        Self { field: name.to_owned(), pointer: None, detail: detail.into() }
    }
}

/// After this many seconds the database is likely back.
pub(super) const RETRY_SECONDS: u64 = 5;

impl WebError {
    pub(super) fn new(status: StatusCode, what: impl Into<String>, next: impl Into<String>) -> Self {
        Self {
            status,
            what: what.into(),
            why: None,
            next: next.into(),
            fields: Vec::new(),
            retry_after: None,
        }
    }

    pub(super) fn because(self, why: impl Into<String>) -> Self {
        Self { why: Some(why.into()), ..self }
    }

    pub(super) fn with_fields(self, fields: Vec<FieldError>) -> Self {
        let entries = fields.into_iter().map(|error| Entry::at(error.field.as_str(), error.message));
        self.with_entries(entries.collect())
    }

    pub(super) fn with_entries(self, fields: Vec<Entry>) -> Self {
        Self { fields, ..self }
    }

    pub(super) fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    pub(super) fn status(&self) -> StatusCode {
        self.status
    }

    pub(super) fn heading(&self) -> &str {
        &self.what
    }

    pub(super) fn next(&self) -> &str {
        &self.next
    }

    pub(super) fn no_such_site(name: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "There is no such site here",
            "Check the address. Whoever runs this server sees the sites with `moderato site list`.",
        )
        .because(format!("This server moderates no site named “{name}”."))
    }

    pub(super) fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "This page does not exist",
            "Check the address, or go back to where you came from.",
        )
    }

    pub(super) fn away() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "The database cannot be reached just now",
            "Please try again in a moment.",
        )
        .retry_after(RETRY_SECONDS)
    }

    fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "Something went wrong on this server",
            "Please try again. If it happens again, tell whoever runs this server the request number below.",
        )
    }

    /// The answer as problem details.
    pub(super) fn problem(&self) -> Response {
        let problem = Problem {
            r#type: "about:blank",
            title: self.what.clone(),
            status: self.status.as_u16(),
            detail: self.why.iter().chain([&self.next]).map(String::as_str).collect::<Vec<_>>().join(" "),
            errors: self.fields.clone(),
        };
        let mut response = (self.status, Json(problem)).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        self.mark(response)
    }

    /// Adds what every form of this answer carries.
    pub(super) fn mark(&self, mut response: Response) -> Response {
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    fn page(&self, request_id: Option<String>) -> Response {
        let page = views::ErrorPage {
            layout: views::Layout { lang: "en".to_owned(), site: None, user: None },
            status: self.status.as_u16(),
            what: self.what.clone(),
            why: self.why.clone(),
            next: self.next.clone(),
            links: Vec::new(),
            request_id,
        };
        self.mark((self.status, html(&page)).into_response())
    }
}

/// The answer goes out bare; [`dress`] gives it the form the client understands.
impl IntoResponse for WebError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for WebError {
    fn from(error: StoreError) -> Self {
        if matches!(error, StoreError::Unavailable(_)) {
            tracing::warn!(
                error = format!("{:#}", anyhow::Error::from(error)),
                "the database cannot be reached"
            );
            return Self::away();
        }
        Self::from_bug(error)
    }
}

impl WebError {
    /// Logs what should not have happened, with its causes.
    pub(super) fn from_bug(error: impl Into<anyhow::Error>) -> Self {
        tracing::error!(error = format!("{:#}", error.into()), "internal error");
        Self::internal()
    }
}

/// Renders a page; a template that fails is a bug.
pub(super) fn html<T: Template>(page: &T) -> Response {
    match page.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => WebError::from_bug(error).into_response(),
    }
}

/// Whether the client would rather have JSON than a page.
pub(super) fn prefers_json(headers: &HeaderMap) -> bool {
    let value =
        |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    let accept = value(ACCEPT);
    accept.contains("json") && !accept.contains("text/html")
        || !accept.contains("text/html") && value(CONTENT_TYPE).starts_with("application/json")
}

/// Gives every error the form its client understands, with the request's number on pages.
pub(super) async fn dress(request: Request, next: Next) -> Response {
    let json = prefers_json(request.headers()) || super::api::is_below(request.uri().path());
    let id = request
        .extensions()
        .get::<RequestId>()
        .and_then(|id| id.header_value().to_str().ok())
        .map(str::to_owned);
    let mut response = next.run(request).await;
    let error = match response.extensions_mut().remove::<WebError>() {
        Some(error) => error,
        None => match plain(&response) {
            Some(error) => error,
            None => return response,
        },
    };
    let mut dressed = if json { error.problem() } else { error.page(id) };
    // Cookies and `Allow` belong to the answer, whatever its form.
    for (name, value) in response.headers() {
        if !dressed.headers().contains_key(name)
            && name != CONTENT_TYPE
            && name != axum::http::header::CONTENT_LENGTH
        {
            dressed.headers_mut().append(name.clone(), value.clone());
        }
    }
    dressed
}

/// Errors that layers and extractors answered by themselves, in words for people.
fn plain(response: &Response) -> Option<WebError> {
    let html_or_json = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|kind| kind.starts_with("text/html") || kind.contains("json"));
    let status = response.status();
    if html_or_json || !(status.is_client_error() || status.is_server_error()) {
        return None;
    }
    Some(match status {
        StatusCode::FORBIDDEN => WebError::new(
            status,
            "This was sent from another site",
            "Go to the page itself and try again from there.",
        )
        .because("Decisions are only taken from this server's own pages, so that no other site can make them for you."),
        StatusCode::PAYLOAD_TOO_LARGE => too_large("This"),
        StatusCode::SERVICE_UNAVAILABLE => WebError::new(
            status,
            "This took too long",
            "Please try again in a moment.",
        )
        .retry_after(RETRY_SECONDS),
        _ if status.is_server_error() => WebError::internal(),
        _ => WebError::new(status, "This request cannot be understood", "Check the address and what was sent, and try again."),
    })
}

/// What is too large, and what to do.
pub(super) fn too_large(what: &str) -> WebError {
    WebError::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("{what} is too large"),
        "Go back with your browser's button, where your text still is, and make it shorter.",
    )
}

pub(super) async fn not_found() -> WebError {
    WebError::not_found()
}

pub(super) async fn method_not_allowed() -> WebError {
    WebError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "This address does not take that kind of request",
        "Go back and use the page's own buttons.",
    )
}

/// A handler that panicked: logged, and answered like any other bug.
#[derive(Clone, Copy)]
pub(super) struct Panicked;

impl ResponseForPanic for Panicked {
    type ResponseBody = axum::body::Body;

    fn response_for_panic(&mut self, panic: Box<dyn Any + Send + 'static>) -> Response {
        let what = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("unknown");
        tracing::error!(panic = what, "a handler panicked");
        WebError::internal().into_response()
    }
}
