//! Where a request comes from, as far as the browser tells, and who may read the answer.

use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HOST, ORIGIN, REFERER, VARY,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

use crate::comment::Origin;
use crate::service::sites::Site;

fn text<'a>(headers: &'a HeaderMap, name: &axum::http::HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The page that a request came from, by its `Referer`, if it tells more than the site.
pub(in crate::web) fn referring_page(headers: &HeaderMap) -> Option<&str> {
    let page = text(headers, &REFERER)?;
    // The usual referrer policy gives only the origin to other sites; that is no article.
    let path = page.splitn(4, '/').nth(3).unwrap_or_default();
    (!path.is_empty() || is_own(page, headers)).then_some(page)
}

/// The origin that a browser says the request comes from: by `Origin`, else by `Referer`. `None` when it does not
/// say: strict privacy settings and programs do not, and that is no reason to turn a reader away.
pub(in crate::web) fn sender(headers: &HeaderMap) -> Option<Result<Origin, String>> {
    let said = match text(headers, &ORIGIN) {
        Some("null") | None => text(headers, &REFERER),
        said => said,
    }?;
    Some(Origin::parse(said).map_err(|_error| said.to_owned()))
}

/// Whether an address is on the very host that the request was sent to: our own pages.
pub(in crate::web) fn is_own(address: &str, headers: &HeaderMap) -> bool {
    let Some(host) = text(headers, &HOST) else { return false };
    Origin::parse(address)
        .is_ok_and(|origin| origin.as_str().split_once("://").is_some_and(|(_, authority)| authority == host))
}

/// Whether comments for this site may come from there.
pub(in crate::web) fn may_send(site: &Site, headers: &HeaderMap) -> Result<(), String> {
    match sender(headers) {
        None => Ok(()),
        Some(Ok(origin)) if site.owns(&origin) || is_own(origin.as_str(), headers) => Ok(()),
        Some(Ok(origin)) => Err(origin.to_string()),
        Some(Err(said)) => Err(said),
    }
}

/// Lets scripts on the site's own pages read the answer.
pub(in crate::web) fn share_with_site(site: &Site, headers: &HeaderMap, mut response: Response) -> Response {
    response.headers_mut().append(VARY, HeaderValue::from_static("origin"));
    let origin = headers.get(ORIGIN).filter(|origin| {
        origin.to_str().is_ok_and(|said| Origin::parse(said).is_ok_and(|origin| site.owns(&origin)))
    });
    if let Some(origin) = origin {
        let out = response.headers_mut();
        out.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        out.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
        out.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after"));
        // So that not every comment asks first; browsers cut it to what they allow.
        out.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
        out.insert(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type, idempotency-key"));
    }
    response
}
