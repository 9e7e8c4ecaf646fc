//! Answers to the letter: clients compare bytes.

use std::fmt::Write;

use axum::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json as object};
use time::macros::format_description;
use time::{Date, Duration};
use uuid::Uuid;

use super::form::Form;
use crate::app::App;
use crate::service::check::{Answer, Said};
use crate::service::keys::Key;
use crate::service::usage::{self, Usage};
use crate::store::StoreError;

pub(super) const VALID: &str = "valid";
pub(super) const INVALID: &str = "invalid";
pub(super) const THANKS: &str = "Thanks for making the web a better place.";
pub(super) const DEACTIVATED: &str = "deactivated";
pub(super) const CONNECTED: &str = "connected";

const GUID: HeaderName = HeaderName::from_static("x-akismet-guid");
const HELP: HeaderName = HeaderName::from_static("x-akismet-debug-help");
const TIP: HeaderName = HeaderName::from_static("x-akismet-pro-tip");
const RECHECK: HeaderName = HeaderName::from_static("x-akismet-recheck-after");

/// A call that is not answered as its client hopes.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The key is unknown or revoked.
    WrongKey,
    /// The same, on the call that asks just this: no header, or some clients take it for a failure.
    Unverified,
    /// A field of the call about a key is missing.
    Empty(&'static str),
    /// A field of a comment is missing.
    Missing(&'static str),
    /// There is no such call.
    NoSuchCall,
    /// Postgres.
    Broken(StoreError),
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (body, help) = match self {
            Self::Unverified => return text(INVALID),
            Self::Empty(field) => (INVALID.to_owned(), format!("Empty \"{field}\" value")),
            Self::Missing(field) => {
                (format!("Missing required field: {field}."), format!("Empty \"{field}\" value"))
            }
            Self::WrongKey | Self::NoSuchCall | Self::Broken(_) => {
                (INVALID.to_owned(), "There is no such key, or it was revoked".to_owned())
            }
        };
        // With a guid WordPress's plugin holds the comment; without one it publishes it unchecked.
        let mut response = with_guid(body, &Uuid::new_v4().simple().to_string());
        if let Ok(help) = HeaderValue::from_str(&help) {
            response.headers_mut().insert(HELP, help);
        }
        response
    }
}

pub(super) fn text(body: impl Into<String>) -> Response {
    let mut response = body.into().into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

pub(super) fn json(value: &Value) -> Response {
    ([(CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

fn with_guid(body: impl Into<String>, guid: &str) -> Response {
    let mut response = text(body);
    if let Ok(guid) = HeaderValue::from_str(guid) {
        response.headers_mut().insert(GUID, guid);
    }
    response
}

/// The answer to a check.
pub(super) fn verdict(answer: &Answer) -> Response {
    let body = if matches!(answer.said, Said::Spam { .. }) { "true" } else { "false" };
    let mut response = with_guid(body, &answer.guid);
    let headers = response.headers_mut();
    match answer.said {
        Said::Spam { discard: true } => {
            headers.insert(TIP, HeaderValue::from_static("discard"));
        }
        Said::Later(seconds) => {
            headers.insert(RECHECK, HeaderValue::from(seconds));
        }
        Said::Spam { discard: false } | Said::Ham => {}
    }
    response
}

pub(super) fn usage_limit(usage: Usage) -> Value {
    object!({ "limit": "none", "usage": usage.calls, "percentage": "0", "throttled": false })
}

pub(super) fn subscription(key: &Key) -> Value {
    object!({
        "account_id": key.id,
        "account_type": "self-hosted",
        "account_name": key.name,
        "status": "active",
        "next_billing_date": false,
        "limit_reached": false,
    })
}

/// So many seconds of somebody's time a spam costs that is not turned away by itself.
const SECONDS_A_SPAM: i64 = 20;

pub(super) async fn stats(app: &App, key: &Key, from: &str) -> Result<Value, StoreError> {
    let since = match from {
        "60-days" => Some(app.now().date() - Duration::days(60)),
        "all" => None,
        _ => Some(app.now().date() - Duration::days(182)),
    };
    let months = usage::by_month(app, key, since).await?;
    let mut breakdown = Map::new();
    let mut sum = Usage::default();
    for (month, usage) in &months {
        sum = sum + *usage;
        breakdown.insert(
            written(*month),
            object!({ "spam": usage.spam, "ham": usage.ham(), "missed_spam": usage.missed_spam,
                      "false_positives": usage.false_positives }),
        );
    }
    Ok(object!({
        "spam": sum.spam,
        "ham": sum.ham(),
        "missed_spam": sum.missed_spam,
        "false_positives": sum.false_positives,
        "accuracy": format!("{:.1}", 100.0 * sum.accuracy()),
        "time_saved": sum.spam * SECONDS_A_SPAM,
        "breakdown": breakdown,
    }))
}

fn written(month: Date) -> String {
    month.format(format_description!("[year]-[month]")).unwrap_or_default()
}

/// One month's blogs of a key, as JSON or CSV.
pub(super) async fn key_sites(app: &App, key: &Key, form: &Form) -> Result<Response, StoreError> {
    let stated = form.word("month");
    let month = Date::parse(&format!("{stated}-01"), format_description!("[year]-[month]-[day]"));
    let month = month.unwrap_or_else(|_error| app.now().date()).replace_day(1).unwrap_or(app.now().date());
    let number = |name: &str, else_: usize| form.word(name).parse().unwrap_or(else_);
    let (limit, offset) = (number("limit", 500), number("offset", 0));
    let filter = form.word("filter").to_lowercase();
    let mut blogs = usage::by_blog(app, key, month).await?;
    blogs.retain(|(blog, _)| filter.is_empty() || blog.contains(&filter));
    let order = form.word("order");
    blogs.sort_by_key(|(_, usage)| -match order.as_str() {
        "spam" => usage.spam,
        "ham" => usage.ham(),
        "missed_spam" => usage.missed_spam,
        "false_positives" => usage.false_positives,
        _ => usage.calls,
    });
    let total = blogs.len();
    let shown = blogs.iter().skip(offset).take(limit);
    if form.word("format") == "csv" {
        let mut table = format!(
            "Active sites for {} during {}\nSite,Total API Calls,Spam,Ham,Missed Spam,False Positives,Is Revoked\n",
            key.name.replace([',', '\n'], " "),
            written(month)
        );
        for (blog, usage) in shown {
            let Usage { calls, spam, missed_spam, false_positives } = usage;
            let ham = usage.ham();
            // Writing into a text cannot fail.
            let _ = writeln!(table, "{blog},{calls},{spam},{ham},{missed_spam},{false_positives},false");
        }
        return Ok(([(CONTENT_TYPE, "text/csv; charset=utf-8")], table).into_response());
    }
    let rows: Vec<Value> = shown
        .map(|(blog, usage)| {
            object!({ "site": blog, "api_calls": usage.calls, "spam": usage.spam, "ham": usage.ham(),
                      "missed_spam": usage.missed_spam, "false_positives": usage.false_positives,
                      "is_revoked": false })
        })
        .collect();
    Ok(json(&object!({ written(month): rows, "limit": limit, "offset": offset, "total": total })))
}
