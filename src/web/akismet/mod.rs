//! Akismet's protocol, as its clients use it: form in, one exact word out, always with status 200.

mod answer;
mod comment;
mod form;

use axum::Router;
use axum::extract::{Path, Request, State};
use axum::http::header::{CONTENT_TYPE, HOST};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;

use self::answer::{CONNECTED, DEACTIVATED, Refusal, THANKS, VALID, json, text, verdict};
use self::form::Form;
use super::error::WebError;
use super::router::Shared;
use crate::service::check::{self, Caller};
use crate::service::keys::{self, Kind};
use crate::service::usage;

/// The largest request: a megabyte of text and everything that WordPress sends beside it.
const BODY_LIMIT: usize = 4 * 1024 * 1024;

/// Every call of the protocol. None of them is a page, and none redirects.
pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/1.1/{call}", any(call)).route("/1.2/{call}", any(call))
}

async fn call(State(shared): State<Shared>, Path(name): Path<String>, request: Request) -> Response {
    let headers = request.headers().clone();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let Ok(body) = axum::body::to_bytes(request.into_body(), BODY_LIMIT).await else {
        return (StatusCode::PAYLOAD_TOO_LARGE, "too large").into_response();
    };
    let sent = Sent { form: Form::parse(&body, &query), headers };
    match answer(&shared, &name, &sent).await {
        Ok(answer) => answer,
        Err(Refusal::NoSuchCall) => super::error::not_found().await.into_response(),
        Err(Refusal::Broken(error)) => WebError::from(error).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// What a client has sent.
struct Sent {
    form: Form,
    headers: HeaderMap,
}

impl Sent {
    /// What the values of a comment are written in.
    fn charset(&self) -> String {
        let stated = self.form.word("blog_charset");
        if !stated.is_empty() {
            return stated;
        }
        let kind = self.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let charset = kind.split(';').find_map(|part| part.trim().strip_prefix("charset="));
        charset.unwrap_or_default().trim_matches('"').to_owned()
    }

    /// The key, by the first of these fields that is there, else by the first label of the host.
    fn key(&self, fields: &[&str]) -> String {
        let named = fields.iter().map(|field| self.form.word(field)).find(|key| !key.is_empty());
        named.unwrap_or_else(|| {
            let host = self.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
            host.split(['.', ':']).next().unwrap_or_default().to_owned()
        })
    }

    /// Who asks, if their key works.
    fn caller(&self, shared: &Shared, fields: &[&str]) -> Result<Caller, Refusal> {
        let key = keys::find(&shared.app, Kind::Akismet, &self.key(fields)).ok_or(Refusal::WrongKey)?;
        let site = shared.app.sites.by_id(key.site_id).ok_or(Refusal::WrongKey)?;
        Ok(Caller { key, site })
    }

    fn required(&self, field: &'static str) -> Result<String, Refusal> {
        Some(self.form.word(field)).filter(|value| !value.is_empty()).ok_or(Refusal::Missing(field))
    }
}

/// On the calls about an account the key that is asked about is not always the one that asks.
const ACCOUNT: [&str; 2] = ["key", "api_key"];
const PLAIN: [&str; 1] = ["api_key"];

async fn answer(shared: &Shared, call: &str, sent: &Sent) -> Result<Response, Refusal> {
    let app = &shared.app;
    Ok(match call {
        "test" => text(CONNECTED),
        "compatible-plugins" => json(&serde_json::json!({})),
        "verify-key" => {
            if sent.key(&ACCOUNT).is_empty() {
                return Err(Refusal::Empty("key"));
            }
            let caller = sent.caller(shared, &ACCOUNT).map_err(|_refusal| Refusal::Unverified)?;
            if sent.form.word("blog").is_empty() {
                return Err(Refusal::Empty("blog"));
            }
            tracing::debug!(key.id = caller.key.id, "key verified");
            text(VALID)
        }
        "comment-check" => {
            let caller = sent.caller(shared, &PLAIN)?;
            let check = comment::read(sent)?;
            verdict(&check::check(app, &caller, check))
        }
        "submit-spam" | "submit-ham" => {
            let caller = sent.caller(shared, &PLAIN)?;
            let spam = call == "submit-spam";
            check::report(app, &caller, comment::read(sent)?, spam).await.map_err(Refusal::Broken)?;
            text(THANKS)
        }
        "usage-limit" => {
            let caller = sent.caller(shared, &PLAIN)?;
            json(&answer::usage_limit(usage::this_month(app, &caller.key).await.map_err(Refusal::Broken)?))
        }
        "key-sites" => {
            let caller = sent.caller(shared, &PLAIN)?;
            answer::key_sites(app, &caller.key, &sent.form).await.map_err(Refusal::Broken)?
        }
        "get-subscription" => {
            let caller = sent.caller(shared, &ACCOUNT)?;
            json(&answer::subscription(&caller.key))
        }
        "get-stats" | "get-key-stats" => {
            let caller = sent.caller(shared, &ACCOUNT)?;
            let from = sent.form.word("from");
            json(&answer::stats(app, &caller.key, &from).await.map_err(Refusal::Broken)?)
        }
        "deactivate" => {
            sent.caller(shared, &ACCOUNT)?;
            text(DEACTIVATED)
        }
        // The vendor's statistics are a page of theirs; ours are on the desk.
        "token" => {
            sent.caller(shared, &PLAIN)?;
            text("none")
        }
        _ => return Err(Refusal::NoSuchCall),
    })
}
