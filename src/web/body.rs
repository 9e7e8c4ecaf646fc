//! Reads the body of a form post, whatever way it was sent, into names and values.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use serde_json::Value;

use super::error::{WebError, too_large};

/// Fields in the order they were sent.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first of these fields that was sent with something in it.
    pub(super) fn first(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|name| {
            let mut sent = self.0.iter().filter(|(sent, value)| sent == name && !value.trim().is_empty());
            sent.next().map(|(_, value)| value.as_str())
        })
    }

    /// The first of these fields, or nothing.
    pub(super) fn text(&self, names: &[&str]) -> String {
        self.first(names).unwrap_or_default().to_owned()
    }
}

/// A body must arrive within this time: a slow sender does not hold a place for long.
const ARRIVAL: Duration = Duration::from_secs(10);

/// Reads a body of at most `limit` bytes: form, multipart form or a flat JSON object.
pub(super) async fn read(request: Request, limit: usize) -> Result<Fields, WebError> {
    let kind = content_type(request.headers());
    let (parts, body) = request.into_parts();
    let bytes = match tokio::time::timeout(ARRIVAL, axum::body::to_bytes(body, limit)).await {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(error)) if is_length_limit(&error) => return Err(too_large("Your comment")),
        Ok(Err(_)) => return Err(malformed("The connection ended before the comment had arrived.")),
        Err(_) => {
            return Err(WebError::new(
                StatusCode::REQUEST_TIMEOUT,
                "Your comment did not arrive in time",
                "Please go back and try again; your connection may be slow just now.",
            ));
        }
    };
    match kind.as_str() {
        "application/json" => json(&bytes),
        "multipart/form-data" => multipart(Request::from_parts(parts, Body::from(bytes))).await,
        "application/x-www-form-urlencoded" | "" => {
            Ok(Fields(url::form_urlencoded::parse(&bytes).into_owned().collect()))
        }
        other => Err(WebError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "This kind of request body is not taken",
            "Send application/x-www-form-urlencoded, multipart/form-data or application/json.",
        )
        .because(format!("It was sent as “{other}”."))),
    }
}

fn content_type(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_length_limit(error: &axum::Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.to_string().contains("length limit"))
}

fn malformed(why: &str) -> WebError {
    WebError::new(StatusCode::BAD_REQUEST, "Your comment could not be read", "Please go back and try again.")
        .because(why)
}

fn json(bytes: &[u8]) -> Result<Fields, WebError> {
    let wrong = |why: String| {
        WebError::new(
            StatusCode::BAD_REQUEST,
            "The JSON could not be read",
            "Send one object with the fields article, comment, author, email, url and parent, all of them texts.",
        )
        .because(why)
    };
    let value: Value = serde_json::from_slice(bytes).map_err(|error| wrong(format!("{error}.")))?;
    let Value::Object(object) = value else {
        return Err(wrong("It is not an object.".to_owned()));
    };
    let mut fields = Vec::with_capacity(object.len());
    for (name, value) in object {
        match value {
            Value::String(text) => fields.push((name, text)),
            Value::Null => {}
            Value::Number(_) | Value::Bool(_) => fields.push((name, value.to_string())),
            Value::Array(_) | Value::Object(_) => {
                return Err(wrong(format!("The field “{name}” is not a text.")));
            }
        }
    }
    Ok(Fields(fields))
}

async fn multipart(request: Request) -> Result<Fields, WebError> {
    let unreadable = || malformed("Its form data is not well-formed.");
    let mut multipart = Multipart::from_request(request, &()).await.map_err(|_error| unreadable())?;
    let mut fields = Vec::new();
    while let Some(field) = multipart.next_field().await.map_err(|_error| unreadable())? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(|_error| unreadable())?;
        fields.push((name, String::from_utf8_lossy(&bytes).into_owned()));
    }
    Ok(Fields(fields))
}
