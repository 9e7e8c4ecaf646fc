//! An author, the owner of an e-mail address at a site: what it did here, what people noted, which rules are about it.

use std::collections::HashMap;
use std::hash::Hash;

use data_encoding::HEXLOWER;
use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::accounts::Moderator;
use super::audit::{About, Actor, Deed, record};
use super::rules::{Listed, NOTE, RuleError, listed};
use super::senders;
use super::sites::Site;
use crate::app::App;
use crate::classifier::{Document, hosts};
use crate::comment::State;
use crate::policy::Incoming;
use crate::store::authors::{NoteRow, TraceRow};
use crate::store::cards::DeskRow;
use crate::store::queues::first_id;
use crate::store::{StoreError, authors, cards};

/// So many of an author's newest comments are added up.
pub const TRACES: usize = 1_000;
/// So many of them are shown.
const SHOWN: usize = 10;
/// So many names, networks and hosts are told.
const TOLD: usize = 8;
/// How much is refused of late is about so long.
const LATELY: Duration = Duration::days(7);
/// From which network a comment came is forgotten after so long.
pub const NETWORKS_KEPT: Duration = Duration::days(90);
/// So many comments are forgotten about at a time.
const FORGOTTEN: i64 = 2_000;

/// What is known of an author.
#[derive(Debug, Clone)]
pub struct Author {
    /// The e-mail address, as typed last.
    pub email: String,
    /// Names used, the most frequent first, and how often.
    pub names: Vec<(String, u64)>,
    /// Networks, likewise, and how many other e-mail addresses came from there.
    pub networks: Vec<(Vec<u8>, u64, u64)>,
    /// Hosts that the newest comments lead to, likewise.
    pub hosts: Vec<(String, u64)>,
    /// Comments in each state, among the newest [`TRACES`].
    pub states: HashMap<State, u64>,
    /// When the first comment came in.
    pub first_seen: OffsetDateTime,
    /// When the newest did.
    pub last_seen: OffsetDateTime,
    /// Of the last seven days: how many were refused, and how many decided.
    pub lately: (u64, u64),
    /// The newest comments.
    pub comments: Vec<DeskRow>,
    /// The newest first.
    pub notes: Vec<NoteRow>,
    /// Rules in force that match the newest comments, the strictest first.
    pub rules: Vec<Listed>,
}

/// What is known of an author at a site, if there is one.
pub async fn find(
    app: &App,
    moderator: &Moderator,
    site: &Site,
    key: &[u8],
) -> Result<Option<Author>, StoreError> {
    let now = app.now();
    let mut conn = app.db.conn().await?;
    let limit = i64::try_from(TRACES).unwrap_or(i64::MAX);
    let traces = authors::traces(&mut conn, site.id, key, limit).await?;
    let Some(newest) = traces.first() else { return Ok(None) };
    let first_seen = authors::first_seen(&mut conn, site.id, key).await?.unwrap_or(newest.created_at);
    let shown: Vec<_> = traces
        .iter()
        .filter(|trace| trace.state != State::Deleted)
        .take(SHOWN)
        .map(|trace| (site.id, trace.id))
        .collect();
    let comments = cards::of(&mut conn, &shown).await?;
    let networks = most_frequent(traces.iter().filter_map(|trace| trace.network.clone()));
    let keys: Vec<Vec<u8>> = networks.iter().map(|(network, _)| network.clone()).collect();
    let neighbours = authors::neighbours(&mut conn, site.id, key, &keys).await?;
    let notes = authors::notes(&mut conn, site.id, key).await?;
    drop(conn);
    let rules = listed(app, moderator, &rules_about(app, site, &comments, &traces, now)).await?;
    Ok(Some(Author {
        email: newest.email.clone(),
        names: most_frequent(traces.iter().map(|trace| trace.author.clone())),
        networks: networks
            .into_iter()
            .zip(neighbours)
            .map(|((network, count), others)| (network, count, u64::try_from(others).unwrap_or_default()))
            .collect(),
        hosts: most_frequent(comments.iter().flat_map(|row| hosts(&document(row)))),
        states: traces.iter().fold(HashMap::new(), |mut states, trace| {
            *states.entry(trace.state).or_default() += 1;
            states
        }),
        first_seen,
        last_seen: newest.created_at,
        lately: lately(&traces, now),
        comments,
        notes,
        rules,
    }))
}

fn document(row: &DeskRow) -> Document<'_> {
    Document { content: &row.body, author: &row.author, email: &row.email, url: &row.url }
}

/// How many comments of the last days were refused, and how many decided at all.
fn lately(traces: &[TraceRow], now: OffsetDateTime) -> (u64, u64) {
    let recent = || traces.iter().filter(|trace| trace.created_at > now - LATELY);
    let count = |states: &[State]| recent().filter(|trace| states.contains(&trace.state)).count() as u64;
    (count(&[State::Spam, State::Rejected]), count(&[State::Spam, State::Rejected, State::Approved]))
}

fn most_frequent<T: Hash + Eq + Ord + Clone>(all: impl Iterator<Item = T>) -> Vec<(T, u64)> {
    let mut counts: HashMap<T, u64> = HashMap::new();
    for one in all {
        *counts.entry(one).or_default() += 1;
    }
    let mut counts: Vec<(T, u64)> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    counts.truncate(TOLD);
    counts
}

/// The rules that the newest comments would come under now.
fn rules_about(
    app: &App,
    site: &Site,
    comments: &[DeskRow],
    traces: &[TraceRow],
    now: OffsetDateTime,
) -> Vec<i64> {
    let set = app.rules.of(site.id);
    let mut ids: Vec<i64> = Vec::new();
    for row in comments {
        let network = traces.iter().find(|trace| trace.id == row.id).and_then(|trace| trace.network.as_ref());
        let network = network.map(|key| HEXLOWER.encode(key));
        let incoming = Incoming {
            document: &document(row),
            email_keys: &senders::email_keys(&app.keys, site.id, &row.email),
            network: network.as_deref(),
            familiar: true,
        };
        let new = set.fired(&incoming, now).into_iter().map(|fired| fired.rule.id());
        ids.extend(new.filter(|id| !ids.contains(id)).collect::<Vec<_>>());
    }
    ids
}

/// Notes something about an author.
pub async fn note(
    app: &App,
    moderator: &Moderator,
    site: &Site,
    key: &[u8],
    text: &str,
) -> Result<(), RuleError> {
    let text = text.replace('\0', " ").trim().to_owned();
    if text.is_empty() || text.chars().count() > NOTE {
        return Err(RuleError::Note);
    }
    let now = app.now();
    let mut tx = app.db.begin().await?;
    authors::first_seen(&mut tx, site.id, key).await?.ok_or(RuleError::Unknown)?;
    authors::add_note(&mut tx, site.id, key, app.new_id(now), moderator.id, &text, now).await?;
    let about = About::site(site.id).with(json!({ "author": HEXLOWER.encode(key) }));
    record(app, &mut tx, Actor::Moderator(moderator.id), Deed::AuthorNoted, about).await?;
    Ok(tx.commit().await?)
}

/// Forgets from which networks old comments came.
pub async fn forget_networks(app: &App) -> Result<(), StoreError> {
    let before = first_id(app.now() - NETWORKS_KEPT);
    let sites = app.sites.all();
    for site in sites.values() {
        loop {
            let mut conn = app.db.conn().await?;
            if authors::forget_networks(&mut conn, site.id, before, FORGOTTEN).await?
                < FORGOTTEN.unsigned_abs()
            {
                break;
            }
        }
    }
    Ok(())
}
