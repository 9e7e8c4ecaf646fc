//! What was sent: JSON bodies, parameters and headers, with everything that is wrong said at once where that can be told.

use axum::body::Bytes;
use axum::extract::FromRequestParts;
use axum::extract::{FromRequest, Path, Request};
use axum::http::header::{CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use data_encoding::HEXLOWER;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use uuid::Uuid;

use super::BODY_LIMIT;
use crate::web::error::{Entry, WebError};
use crate::web::router::Shared;

/// A JSON object as the body.
pub(super) struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Shared> for Body<T> {
    type Rejection = WebError;

    async fn from_request(request: Request, shared: &Shared) -> Result<Self, WebError> {
        let kind =
            request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if kind != "application/json" && !(kind.starts_with("application/") && kind.ends_with("+json")) {
            return Err(WebError::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "This call takes JSON",
                "Send the header “Content-Type: application/json”.",
            )
            .because(format!("The body was sent as “{kind}”.")));
        }
        let bytes = Bytes::from_request(request, shared).await.map_err(|error| {
            if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
                WebError::new(error.status(), "This request is too large", "Send it in several smaller ones.")
                    .because(format!("{} MiB is the most.", BODY_LIMIT / 1024 / 1024))
            } else {
                WebError::new(StatusCode::BAD_REQUEST, "The request ended too early", "Please send it again.")
            }
        })?;
        object(&bytes, "").map(Self)
    }
}

/// Reads an object; `place` is where it stands in the body, with a slash at the end, or empty.
pub(super) fn object<T: DeserializeOwned>(bytes: &[u8], place: &str) -> Result<T, WebError> {
    // A list would be taken for an object's values in their order.
    if bytes.trim_ascii_start().first().is_some_and(|&first| matches!(first, b'[')) {
        return Err(invalid(vec![Entry::at(
            place.trim_end_matches('/'),
            "This is a list, and an object belongs here.",
        )]));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string().replace(['.', '['], "/").replace(']', "");
        let path =
            if path == "?" || path == "/" { String::new() } else { path.trim_start_matches('/').to_owned() };
        let error = error.into_inner();
        if error.classify() == Category::Data {
            let words = error.to_string();
            let what = words.split(" at line ").next().unwrap_or_default();
            let missing = what.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
            if let Some(field) = missing {
                let path = if path.is_empty() { field.to_owned() } else { format!("{path}/{field}") };
                return invalid(vec![Entry::at(&format!("{place}{path}"), "This is needed.")]);
            }
            return invalid(vec![Entry::at(&format!("{place}{path}"), format!("{what}."))]);
        }
        unreadable(&error)
    })?;
    json.end().map_err(|error| unreadable(&error))?;
    Ok(value)
}

fn unreadable(error: &serde_json::Error) -> WebError {
    WebError::new(
        StatusCode::BAD_REQUEST,
        "The JSON could not be read",
        "Send one object in UTF-8; see /docs for what belongs into it.",
    )
    .because(format!("{}.", sentence(&error.to_string())))
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

/// The request was understood, and cannot be carried out as it is.
pub(super) fn invalid(entries: Vec<Entry>) -> WebError {
    WebError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "Something in the request is not as it should be",
        "Correct what is listed under “errors” and send it again.",
    )
    .with_entries(entries)
}

/// The number of a comment in the path; what is no number is no comment.
pub(super) struct CommentId(pub Uuid);

impl FromRequestParts<Shared> for CommentId {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, WebError> {
        let path = Path::<Uuid>::from_request_parts(parts, shared).await;
        path.map(|Path(id)| Self(id)).map_err(|_error| no_such_comment())
    }
}

pub(super) fn no_such_comment() -> WebError {
    WebError::new(
        StatusCode::NOT_FOUND,
        "There is no such comment",
        "Check its id; GET /api/v1/comments lists those there are.",
    )
    .because("A key reaches the comments of its own site only.")
}

/// The parameters of the query, one by one; all that is wrong with them is said at once.
pub(super) struct Parameters {
    sent: Vec<(String, String)>,
    wrong: Vec<Entry>,
}

impl Parameters {
    /// The value of a parameter, if something was sent.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let value = self.sent.iter().find(|(sent, _)| sent == name).map(|(_, value)| value.replace('\0', ""));
        value.filter(|value| !value.trim().is_empty())
    }

    /// What a parameter stands for, if it was sent; `what` says what would be right.
    pub(super) fn parsed<T>(
        &mut self,
        name: &'static str,
        what: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        // An empty value is one, and a wrong one.
        let (_, value) = self.sent.iter().find(|(sent, _)| sent == name)?;
        let parsed = parse(value);
        if parsed.is_none() {
            self.wrong.push(Entry::of(name, format!("This is {what}.")));
        }
        parsed
    }

    /// All that was wrong.
    pub(super) fn done(self) -> Result<(), WebError> {
        if self.wrong.is_empty() { Ok(()) } else { Err(invalid(self.wrong)) }
    }
}

impl FromRequestParts<Shared> for Parameters {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, WebError> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self {
            sent: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            wrong: Vec::new(),
        })
    }
}

/// The `ETag` of a comment: its version, which a decision is made on, and a hash of all that is sent, since reports and names
/// change without it.
pub(super) fn etag(version: i32, sent: &[u8]) -> String {
    format!("\"{version}-{}\"", HEXLOWER.encode(&blake3::hash(sent).as_bytes()[..8]))
}

/// The version that a decision was made on, by `If-Match`; `None` where any will do.
pub(super) fn if_match(headers: &HeaderMap) -> Result<Option<i32>, WebError> {
    let Some(sent) = tags(headers, &IF_MATCH) else { return Ok(None) };
    if sent.iter().any(|tag| tag == "*") {
        return Ok(None);
    }
    let version = |tag: &str| tag.strip_prefix('"')?.strip_suffix('"')?.split('-').next()?.parse().ok();
    let versions = sent.iter().filter_map(|tag| version(tag));
    let wrong = "This is the ETag of a comment, or its version in quotation marks: \"3\".";
    versions.max().map(Some).ok_or_else(|| invalid(vec![Entry::of("If-Match", wrong)]))
}

/// Whether the client has what this `ETag` stands for already, by `If-None-Match`.
pub(super) fn has_already(headers: &HeaderMap, etag: &str) -> bool {
    tags(headers, &IF_NONE_MATCH)
        .is_some_and(|sent| sent.iter().any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag))
}

fn tags(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<String>> {
    let all = headers.get_all(name);
    let mut tags = all.iter().peekable();
    tags.peek()?;
    Some(
        tags.filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|tag| tag.trim().to_owned())
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name.clone(), value.parse().unwrap())])
    }

    #[test]
    fn versions_are_read_from_their_tags() {
        assert_eq!(if_match(&HeaderMap::new()).unwrap(), None);
        assert_eq!(if_match(&headers(&IF_MATCH, "*")).unwrap(), None);
        let here = etag(3, b"{}");
        assert_eq!(if_match(&headers(&IF_MATCH, &here)).unwrap(), Some(3));
        assert_eq!(if_match(&headers(&IF_MATCH, "\"3\"")).unwrap(), Some(3), "the version alone will do");
        assert!(if_match(&headers(&IF_MATCH, "W/\"3\"")).is_err(), "a weak tag matches nothing");
        assert!(if_match(&headers(&IF_MATCH, "3")).is_err());
        assert!(has_already(&headers(&IF_NONE_MATCH, &format!("\"1\", W/{here}")), &here));
        assert!(!has_already(&headers(&IF_NONE_MATCH, "\"3\""), &here));
        assert_ne!(etag(3, b"{ }"), here, "it may say something else in the same version");
    }
}
