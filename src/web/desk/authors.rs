//! `/admin/authors/{site}/{key}`: all about an author, and what people note.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use axum_extra::extract::cookie::CookieJar;
use data_encoding::HEXLOWER;
use serde::Deserialize;

use super::ban::choices;
use super::comment::{Sees, card};
use super::flash::{self, Done, Flash};
use super::queue::Which;
use super::rules::listed_line;
use super::session::{Decider, SignedIn};
use crate::app::App;
use crate::comment::State as Standing;
use crate::policy::Kind;
use crate::service::accounts::Moderator;
use crate::service::authors::{self, Author, TRACES};
use crate::service::desk;
use crate::service::rules::network_name;
use crate::service::sites::Site;
use crate::store::authors::SenderRow;
use crate::web::error::{WebError, html};
use crate::web::markup::{desk_layout, moment};
use crate::web::router::Shared;
use crate::web::views::{AuthorPage, Choice, Hidden, Link, Note, Shown, Used, plural};

/// The page of the author with this key.
pub(super) fn href(site: &str, key: &[u8]) -> String {
    format!("/admin/authors/{site}/{}", HEXLOWER.encode(key))
}

pub(super) async fn show(
    State(shared): State<Shared>,
    SignedIn(moderator): SignedIn,
    Path((site, key)): Path<(String, String)>,
    jar: CookieJar,
) -> Result<Response, WebError> {
    let app = &shared.app;
    let site = desk::site_named(app, &moderator, &site).ok_or_else(|| WebError::no_such_site(&site))?;
    let key = HEXLOWER.decode(key.as_bytes()).map_err(|_error| WebError::not_found())?;
    let author = authors::find(app, &moderator, &site, &key).await?.ok_or_else(WebError::not_found)?;
    let (jar, flash) = flash::take(jar, &href(&site.name, &key));
    let page = AuthorPage { flash, ..page(app, &moderator, &site, &key, &author) };
    Ok((jar, html(&page)).into_response())
}

fn page(app: &App, moderator: &Moderator, site: &Site, key: &[u8], author: &Author) -> AuthorPage {
    let now = app.now();
    let here = href(&site.name, key);
    let decides = moderator.role.decides();
    let hidden = |name, value: &str| Hidden { name, value: value.to_owned() };
    AuthorPage {
        layout: desk_layout(Some(moderator)),
        flash: None,
        name: author.names.first().map(|(name, _)| name.clone()).unwrap_or_default(),
        email: author.email.clone(),
        site: site.title.clone(),
        record: record(author),
        lately: lately(author.lately),
        first_seen: moment(author.first_seen, now),
        last_seen: moment(author.last_seen, now),
        names: author.names.iter().map(|(name, times)| used(name, *times, None)).collect(),
        networks: author
            .networks
            .iter()
            .map(|(network, times, others)| Used {
                how: neighbours(*times, *others),
                ..used(&network_name(network), *times, Some(Which::from_network(&site.name, network).href()))
            })
            .collect(),
        hosts: author.hosts.iter().map(|(host, times)| used(host, *times, None)).collect(),
        rules: author.rules.iter().map(|rule| listed_line(app, moderator, rule, &here)).collect(),
        make: decides.then(|| make(author)),
        hidden: vec![hidden("site", &site.name), hidden("back", &here)],
        notes: author
            .notes
            .iter()
            .map(|row| Note { who: row.who.clone(), at: moment(row.written_at, now), text: row.note.clone() })
            .collect(),
        writes: decides,
        cards: author
            .comments
            .iter()
            // What waits in the audit sample is decided there, without what this page tells.
            .map(|row| match card(row, site, &here, moderator, Sees::Sample, now) {
                card if row.awaits_audit => card.without_verdicts(),
                card => card,
            })
            .collect(),
        list: Link {
            text: "All its comments as a list".to_owned(),
            href: Which::by_author(&site.name, key).href(),
        },
        here,
    }
}

fn record(author: &Author) -> String {
    let states = Standing::ALL.iter().filter_map(|state| {
        let count = author.states.get(state)?;
        Some(format!("{count} {}", state.word().to_lowercase()))
    });
    let all = author.states.values().sum::<u64>();
    let newest = if all >= TRACES as u64 { format!(" (the newest {TRACES})") } else { String::new() };
    format!("{}{newest}", states.collect::<Vec<_>>().join(", "))
}

fn lately((refused, decided): (u64, u64)) -> String {
    if decided == 0 {
        return "nothing was decided".to_owned();
    }
    format!("{refused} of {decided} decided ({} %)", (100 * refused + decided / 2) / decided)
}

fn used(what: &str, times: u64, href: Option<String>) -> Used {
    Used { what: what.to_owned(), href, how: plural(times, "time", "times") }
}

fn neighbours(times: u64, others: u64) -> String {
    let times = plural(times, "time", "times");
    match others {
        0 => format!("{times}; nobody else"),
        others => {
            format!("{times}; {} as well", plural(others, "other e-mail address", "other e-mail addresses"))
        }
    }
}

/// What a rule can be made of: what the newest comment shows, and all networks and names.
fn make(author: &Author) -> Vec<Choice> {
    let mut choices_of: Vec<(Kind, String, String)> = Vec::new();
    let newest = author.comments.first();
    let sender = |name: &str, network: Option<Vec<u8>>| SenderRow {
        author: name.to_owned(),
        email: author.email.clone(),
        url: newest.map(|row| row.url.clone()).unwrap_or_default(),
        body: newest.map(|row| row.body.clone()).unwrap_or_default(),
        network,
    };
    let mut networks = author.networks.iter().map(|(network, ..)| Some(network.clone())).collect::<Vec<_>>();
    networks.push(None);
    for (name, _) in &author.names {
        for network in &networks {
            for one in choices(&sender(name, network.clone())) {
                if !choices_of.iter().any(|(kind, pattern, _)| *kind == one.0 && *pattern == one.1) {
                    choices_of.push(one);
                }
            }
        }
    }
    if let Some((_, domain)) = author.email.rsplit_once('@') {
        choices_of.push((Kind::Domain, domain.to_owned(), format!("Every e-mail address at {domain}")));
    }
    choices_of.sort_by_key(|(kind, ..)| *kind as u8);
    choices_of
        .into_iter()
        .map(|(kind, pattern, words)| Choice {
            value: format!("{}:{pattern}", kind.as_str()),
            words,
            selected: false,
        })
        .collect()
}

/// What the form for a note sends.
#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    note: String,
}

pub(super) async fn note(
    State(shared): State<Shared>,
    Decider(moderator): Decider,
    Path((site, key)): Path<(String, String)>,
    jar: CookieJar,
    Form(sent): Form<Sent>,
) -> Result<Response, WebError> {
    let app = &shared.app;
    let site = desk::site_named(app, &moderator, &site).ok_or_else(|| WebError::no_such_site(&site))?;
    let key = HEXLOWER.decode(key.as_bytes()).map_err(|_error| WebError::not_found())?;
    authors::note(app, &moderator, &site, &key, &sent.note).await?;
    let back = href(&site.name, &key);
    Ok((jar.add(Flash::Done(Done::Noted).cookie()), Redirect::to(&back)).into_response())
}
