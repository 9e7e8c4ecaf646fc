//! Who asks: a key, its site, how often it has asked, and what it may do.

use std::marker::PhantomData;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::header::{AUTHORIZATION, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::service::check::Caller;
use crate::service::keys::{self, Kind, Scope};
use crate::service::limiter::Allowance;
use crate::web::error::WebError;
use crate::web::router::Shared;

pub(super) const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
pub(super) const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Lets those in who have a key, as often as they may ask.
pub(super) async fn gate(State(shared): State<Shared>, mut request: Request, next: Next) -> Response {
    let caller = match caller(&shared, request.headers()) {
        Ok(caller) => caller,
        Err(error) => return ([(WWW_AUTHENTICATE, challenge())], error).into_response(),
    };
    let allowance = shared.key_limiter.count(caller.key.id);
    let mut response = if let Some(wait) = allowance.and_then(|allowance| allowance.wait) {
        too_often(wait.as_secs() + 1).into_response()
    } else {
        request.extensions_mut().insert(caller);
        next.run(request).await
    };
    if let Some(allowance) = allowance {
        tell(allowance, response.headers_mut());
    }
    response
}

fn challenge() -> HeaderValue {
    HeaderValue::from_static("Bearer realm=\"Moderato\"")
}

fn caller(shared: &Shared, headers: &HeaderMap) -> Result<Caller, WebError> {
    let refused = |why: &str| {
        WebError::new(
            StatusCode::UNAUTHORIZED,
            "This call needs a key",
            "Send the header “Authorization: Bearer KEY”. Whoever runs this server makes keys on the desk's page Keys, or with \
             `moderato key create --kind api --site SITE --name NAME --scope SCOPE`.",
        )
        .because(why)
    };
    let header = headers.get(AUTHORIZATION).ok_or_else(|| refused("None was sent."))?;
    let sent = header.to_str().ok().and_then(|value| value.split_once(' '));
    let (_, key) = sent
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .ok_or_else(|| refused("The Authorization header is not of the form “Bearer KEY”."))?;
    let unknown = || refused("There is no such key, or it was revoked.");
    let key = keys::find(&shared.app, Kind::Api, key.trim()).ok_or_else(unknown)?;
    let site = shared.app.sites.by_id(key.site_id).ok_or_else(unknown)?;
    Ok(Caller { key, site })
}

fn too_often(seconds: u64) -> WebError {
    WebError::new(
        StatusCode::TOO_MANY_REQUESTS,
        "This key has asked too often",
        format!(
            "Wait {seconds} seconds; many comments fit into one request to /api/v1/check/batch. Whoever runs this server sets the \
             limit by `api_requests_per_minute`."
        ),
    )
    .retry_after(seconds)
}

/// Says how much is left, as the IETF's draft has it.
fn tell(allowance: Allowance, headers: &mut HeaderMap) {
    let Allowance { limit, remaining, full_after, .. } = allowance;
    let policy = format!("\"key\";q={limit};w=60");
    let left = format!("\"key\";r={remaining};t={}", full_after.as_secs_f64().ceil());
    for (name, value) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, left)] {
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(name, value);
        }
    }
}

/// What a call needs its key to be allowed.
pub(super) trait Right {
    /// That.
    const SCOPE: Scope;
}

/// Have comments judged.
pub(super) struct ToCheck;
/// Report what comments were.
pub(super) struct ToReport;
/// Read.
pub(super) struct ToRead;
/// Submit comments.
pub(super) struct ToSubmit;
/// Decide on comments.
pub(super) struct ToDecide;

impl Right for ToCheck {
    const SCOPE: Scope = Scope::Check;
}
impl Right for ToReport {
    const SCOPE: Scope = Scope::Feedback;
}
impl Right for ToRead {
    const SCOPE: Scope = Scope::Read;
}
impl Right for ToSubmit {
    const SCOPE: Scope = Scope::Submit;
}
impl Right for ToDecide {
    const SCOPE: Scope = Scope::Decide;
}

/// A caller who may do this.
pub(super) struct By<R>(pub Caller, pub PhantomData<R>);

impl<R: Right + Send> FromRequestParts<Shared> for By<R> {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, WebError> {
        let caller = parts.extensions.get::<Caller>().cloned();
        let caller = caller.ok_or_else(|| WebError::from_bug(anyhow::anyhow!("a call outside the gate")))?;
        if caller.key.may(R::SCOPE) {
            return Ok(Self(caller, PhantomData));
        }
        let scope = R::SCOPE.as_str();
        Err(WebError::new(
            StatusCode::FORBIDDEN,
            "This key may not do that",
            format!(
                "Use a key that has the scope “{scope}”: `moderato key create --kind api --site SITE --name NAME --scope {scope}`."
            ),
        )
        .because(format!("It lacks the scope “{scope}”.")))
    }
}
