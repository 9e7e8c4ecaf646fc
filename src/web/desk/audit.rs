//! `/admin/audit`: what people did, to look at and to take along.

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::comment::href;
use super::queue::{given, midnight};
use super::session::Admin;
use crate::app::App;
use crate::comment::RejectReason;
use crate::service::audit::{self, Deed};
use crate::service::{accounts, desk};
use crate::store::StoreError;
use crate::store::acts::Entry;
use crate::web::error::{WebError, html};
use crate::web::markup::{desk_layout, moment};
use crate::web::router::Shared;
use crate::web::views::{AuditPage, AuditRow, Choice, Link};

/// Which lines, as the address has it; what is empty is not asked for.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Which {
    /// A name.
    person: String,
    /// A kind.
    kind: String,
    /// Why something was rejected.
    reason: String,
    /// Name of a site.
    site: String,
    /// The first day, `2026-03-01` (UTC).
    from: String,
    /// The last day.
    until: String,
    /// Where the page begins.
    before: String,
}

impl Which {
    fn href(&self, path: &str) -> String {
        let parts = [
            ("person", &self.person),
            ("kind", &self.kind),
            ("reason", &self.reason),
            ("site", &self.site),
            ("from", &self.from),
            ("until", &self.until),
            ("before", &self.before),
        ];
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in parts.into_iter().filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        match query.finish() {
            query if query.is_empty() => path.to_owned(),
            query => format!("{path}?{query}"),
        }
    }

    /// What is asked for, or 404 for what there cannot be.
    fn query(&self, app: &App, people: &[(i64, String)]) -> Result<audit::Query, WebError> {
        let person = |name: &str| people.iter().find(|(_, known)| known == name).map(|(id, _)| *id);
        Ok(audit::Query {
            person: given(&self.person, person)?,
            deed: given(&self.kind, Deed::parse)?,
            reason: given(&self.reason, RejectReason::parse)?,
            site: given(&self.site, |name| app.sites.find(name).map(|site| site.id))?,
            from: given(&self.from, midnight)?,
            until: given(&self.until, |day| Some(midnight(day)? + Duration::DAY))?,
            before: given(&self.before, |id| Uuid::try_parse(id).ok())?,
        })
    }
}

async fn people(app: &App) -> Result<Vec<(i64, String)>, StoreError> {
    Ok(accounts::all(app).await?.into_iter().map(|person| (person.id, person.name)).collect())
}

pub(super) async fn show(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    Query(which): Query<Which>,
) -> Result<Response, WebError> {
    let app = &shared.app;
    let people = people(app).await?;
    let (entries, next) = audit::list(app, &which.query(app, &people)?).await?;
    let now = app.now();
    let choice = |value: &str, words: &str, chosen: &str| Choice {
        value: value.to_owned(),
        words: words.to_owned(),
        selected: value == chosen,
    };
    let whole = Which { before: String::new(), ..which.clone() };
    let export = |format: &str, words: &str| Link {
        text: words.to_owned(),
        href: whole.href(&format!("/admin/audit/export/{format}")),
    };
    let page = AuditPage {
        layout: desk_layout(Some(&moderator)),
        people: people.iter().map(|(_, name)| choice(name, name, &which.person)).collect(),
        kinds: Deed::ALL
            .into_iter()
            .map(|deed| choice(deed.as_str(), &capital(deed.as_str()), &which.kind))
            .collect(),
        reasons: RejectReason::ALL
            .into_iter()
            .map(|reason| choice(reason.as_str(), reason.words(), &which.reason))
            .collect(),
        sites: desk::sites(app, &moderator)
            .iter()
            .map(|site| choice(&site.name, &site.title, &which.site))
            .collect(),
        rows: entries.iter().map(|entry| row(app, entry, now)).collect(),
        older: next.map(|id| Which { before: id.to_string(), ..which.clone() }.href("/admin/audit")),
        exports: vec![export("csv", "CSV"), export("ndjson", "NDJSON")],
        from: which.from,
        until: which.until,
    };
    Ok(html(&page))
}

fn row(app: &App, entry: &Entry, now: OffsetDateTime) -> AuditRow {
    let site = entry.site_id.and_then(|id| app.sites.by_id(id));
    let comment = site.as_ref().zip(entry.comment_id).map(|(site, id)| href(site, id));
    AuditRow {
        at: moment(entry.acted_at, now),
        who: who(entry).to_owned(),
        what: capital(&entry.kind),
        about: entry.about.clone().or_else(|| site.map(|site| site.name.clone())).unwrap_or_default(),
        comment,
        details: words(&entry.details),
    }
}

fn who(entry: &Entry) -> &str {
    match (&entry.who, entry.actor.as_str()) {
        (Some(name), _) => name,
        (None, "nobody") => "somebody not signed in",
        (None, actor) => actor,
    }
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    let first: String = letters.next().map(|letter| letter.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}", letters.as_str())
}

/// Details as `name value, name value`; a change reads `held → spam`.
fn words(details: &Value) -> String {
    fn plain(value: &Value) -> String {
        match value {
            Value::String(text) => text.clone(),
            Value::Array(list) if list.is_empty() => "all".to_owned(),
            Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(", "),
            other => other.to_string(),
        }
    }
    let Value::Object(parts) = details else { return String::new() };
    if let (Some(from), Some(to)) = (parts.get("from"), parts.get("to")) {
        let why = parts.get("reason").and_then(Value::as_str).and_then(RejectReason::parse);
        let why = why.map(|reason| format!(": {}", reason.words().to_lowercase())).unwrap_or_default();
        return match from {
            Value::Null => plain(to),
            _ if from == to && why.is_empty() => String::new(),
            _ => format!("{} → {}{why}", plain(from), plain(to)),
        };
    }
    let told = parts.iter().filter(|(_, value)| !value.is_null());
    told.map(|(name, value)| format!("{} {}", name.replace('_', " "), plain(value)))
        .collect::<Vec<_>>()
        .join("; ")
}

/// How a file of the log is written.
#[derive(Debug, Clone, Copy)]
enum Format {
    Csv,
    Ndjson,
}

const COLUMNS: [&str; 8] = ["id", "at", "actor", "what", "about", "site", "comment", "details"];

pub(super) async fn export(
    State(shared): State<Shared>,
    Admin(_): Admin,
    Path(format): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, WebError> {
    let (format, kind) = match format.as_str() {
        "csv" => (Format::Csv, "text/csv; charset=utf-8"),
        "ndjson" => (Format::Ndjson, "application/x-ndjson"),
        _ => return Err(WebError::not_found()),
    };
    let query = which.query(&shared.app, &people(&shared.app).await?)?;
    // Piece by piece, each a query of its own: an export of any size holds neither memory nor a connection.
    let head = match format {
        Format::Csv => format!("{}\r\n", COLUMNS.join(",")),
        Format::Ndjson => String::new(),
    };
    let pieces = stream::try_unfold((query, Some(head)), move |(query, head)| {
        let shared = shared.clone();
        async move {
            if let Some(head) = head {
                return Ok(Some((Bytes::from(head), (query, None))));
            }
            let entries = audit::chunk(&shared.app, &query).await?;
            let Some(last) = entries.last() else { return Ok(None) };
            let later = audit::Query { before: Some(last.id), ..query };
            let written = write(&shared.app, &entries, format)?;
            Ok::<_, anyhow::Error>(Some((Bytes::from(written), (later, None))))
        }
    });
    let name = match format {
        Format::Csv => "attachment; filename=\"moderato-audit.csv\"",
        Format::Ndjson => "attachment; filename=\"moderato-audit.ndjson\"",
    };
    let mut response = Body::from_stream(pieces).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(CONTENT_DISPOSITION, HeaderValue::from_static(name));
    Ok(response)
}

/// A line as files have it.
#[derive(Serialize)]
struct Line<'a> {
    id: Uuid,
    at: String,
    actor: &'a str,
    what: &'a str,
    about: Option<&'a str>,
    site: Option<String>,
    comment: Option<Uuid>,
    details: &'a Value,
}

fn write(app: &App, entries: &[Entry], format: Format) -> anyhow::Result<Vec<u8>> {
    let mut csv = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    let mut ndjson = Vec::new();
    for entry in entries {
        let line = Line {
            id: entry.id,
            at: entry.acted_at.format(&Rfc3339)?,
            actor: entry.who.as_deref().unwrap_or(&entry.actor),
            what: &entry.kind,
            about: entry.about.as_deref(),
            site: entry.site_id.and_then(|id| app.sites.by_id(id)).map(|site| site.name.clone()),
            comment: entry.comment_id,
            details: &entry.details,
        };
        match format {
            Format::Ndjson => {
                serde_json::to_writer(&mut ndjson, &line)?;
                ndjson.push(b'\n');
            }
            Format::Csv => csv.write_record([
                line.id.to_string(),
                line.at,
                line.actor.to_owned(),
                line.what.to_owned(),
                line.about.unwrap_or_default().to_owned(),
                line.site.unwrap_or_default(),
                line.comment.map(|id| id.to_string()).unwrap_or_default(),
                line.details.to_string(),
            ])?,
        }
    }
    match format {
        Format::Ndjson => Ok(ndjson),
        Format::Csv => Ok(csv.into_inner().map_err(csv::IntoInnerError::into_error)?),
    }
}
