//! What people decide at the desk about a comment of another program is told to that program, at the address that it gave with
//! the comment, in the form that Akismet's own plugin takes. An address of anybody else than the site is not called.

use data_encoding::HEXLOWER;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde_json::json;
use time::OffsetDateTime;
use uuid::Uuid;

use super::audit::{About, Actor, Deed, record};
use super::keys;
use super::outbox::{LEASE, next_try};
use super::sites::Site;
use crate::app::App;
use crate::comment::{ArticleUrl, State};
use crate::store::callbacks::{self, DueRow, Outcome, TroubleRow, Verdict};
use crate::store::decisions::DecisionRow;
use crate::store::{Conn, StoreError};

/// So many are told at a time.
const AT_A_TIME: i64 = 16;
/// So many are tried again at once.
const AT_ONCE: i64 = 1_000;
/// So many that were not taken are shown.
const SHOWN: i64 = 50;
/// By this the plugin knows that it need not report the change back.
const MARK: HeaderName = HeaderName::from_static("x-akismet-webhook");

/// The address, if what becomes of a comment can be told there: one of the site's own, which this server may post to.
pub(super) fn allowed(app: &App, site: &Site, address: &str) -> Option<String> {
    let own = ArticleUrl::parse(address).is_ok_and(|page| site.owns(page.origin()));
    app.outbound.check(address).ok().filter(|_| own).map(|url| url.to_string())
}

/// Notes a decision that stood for as long as it could have been undone. Only a verdict can be told: nothing is where the comment
/// is held again.
pub(super) async fn note(
    app: &App,
    conn: &mut Conn,
    site: &Site,
    comment: Uuid,
    decision: &DecisionRow,
) -> Result<(), StoreError> {
    let now = app.now();
    match State::parse(&decision.to_state).and_then(verdict) {
        Some(spam) => {
            let verdict = Verdict { id: app.new_id(now), spam, key_id: decision.key_id };
            callbacks::tell(conn, (site.id, comment), verdict, now, now + LEASE).await
        }
        None => callbacks::untell(conn, (site.id, comment), now).await,
    }
}

/// Notes that the program which asked says itself what a comment is.
pub(super) async fn heard(
    app: &App,
    conn: &mut Conn,
    site: &Site,
    comment: Uuid,
    (key_id, state): (i64, State),
) -> Result<(), StoreError> {
    let Some(spam) = verdict(state) else { return Ok(()) };
    let now = app.now();
    callbacks::heard(conn, (site.id, comment), (app.new_id(now), spam, key_id), now).await
}

/// Lets a program be told where a comment stands: what it said of it itself was taken back.
pub(super) async fn restored(
    app: &App,
    conn: &mut Conn,
    site: &Site,
    comment: Uuid,
    state: State,
) -> Result<(), StoreError> {
    let Some(spam) = verdict(state) else { return Ok(()) };
    let now = app.now();
    let verdict = Verdict { id: app.new_id(now), spam, key_id: None };
    callbacks::tell(conn, (site.id, comment), verdict, now, now + LEASE).await
}

/// Notes what a program was answered that asked again. `stands` is what people have said; where that is something else it is told.
pub(super) async fn answered(
    app: &App,
    conn: &mut Conn,
    site: &Site,
    comment: Uuid,
    (answer, stands): (Option<bool>, Option<State>),
) -> Result<(), StoreError> {
    let now = app.now();
    callbacks::answered(conn, (site.id, comment), answer, now).await?;
    match stands.and_then(verdict) {
        Some(spam) if answer != Some(spam) => {
            let verdict = Verdict { id: app.new_id(now), spam, key_id: None };
            callbacks::tell(conn, (site.id, comment), verdict, now, now + LEASE).await
        }
        _ => Ok(()),
    }
}

/// Whether a comment that stands so is spam, as far as Akismet's protocol has a word for it.
fn verdict(state: State) -> Option<bool> {
    match state {
        State::Approved => Some(false),
        // Nobody is to see it: there is no other word for that.
        State::Spam | State::Rejected | State::Deleted => Some(true),
        State::Held => None,
    }
}

/// Tells what is due; whether there may be more.
pub(super) async fn post_due(app: &App) -> Result<bool, StoreError> {
    let now = app.now();
    let times = (now, now + LEASE, app.settled());
    let due = callbacks::claim(&mut *app.db.conn().await?, times, AT_A_TIME).await?;
    for done in futures_util::future::join_all(due.iter().map(|one| post(app, one))).await {
        done?;
    }
    Ok(!due.is_empty())
}

async fn post(app: &App, due: &DueRow) -> Result<(), StoreError> {
    let (error, tried) = match prepared(app, due) {
        Ok((address, headers, body)) => match app.outbound.post(&address, headers, body).await {
            Ok(200..=299) => (None, true),
            Ok(status) => (Some(format!("it answered {status}")), true),
            Err(error) => (Some(error), true),
        },
        Err(why) => (Some(why.to_owned()), false),
    };
    let now = app.now();
    let next_try_at = error.as_ref().filter(|_| tried).and_then(|_| next_try(due.attempts, now));
    let state = match (&error, next_try_at) {
        (None, _) => "delivered",
        (Some(_), Some(_)) => "waiting",
        (Some(_), None) => "failed",
    };
    if let Some(error) = &error {
        tracing::warn!(site.id = due.site_id, key.id = due.key_id, state, error, "a verdict was not taken");
    }
    metrics::counter!("moderato_callback_tries_total", "result" => state).increment(1);
    let outcome = Outcome { state, status: None, error: error.as_deref(), next_try_at, now };
    callbacks::note(&mut *app.db.conn().await?, due.id, outcome).await
}

/// Where to, with which headers, and what. Site and key are looked at again: much may have changed since the comment came in.
fn prepared(app: &App, due: &DueRow) -> Result<(String, HeaderMap, String), &'static str> {
    let site = app.sites.by_id(due.site_id).ok_or("there is no such site any more")?;
    let address = allowed(app, &site, &due.callback).ok_or("its address is none of the site's any more")?;
    let key = keys::reveal(app, due.key_id).ok_or("its key works no more")?;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(MARK, HeaderValue::from_static("1"));
    let comment = json!({ "guid": HEXLOWER.encode(&due.submission_key), "result": due.spam.to_string() });
    let body = json!({ "key": key, "endpoint": "comment-check", "comments": [comment] });
    Ok((address, headers, body.to_string()))
}

/// The newest verdicts that programs did not take, or not yet.
pub async fn troubles(app: &App) -> Result<Vec<TroubleRow>, StoreError> {
    callbacks::troubles(&mut *app.db.conn().await?, SHOWN).await
}

/// Tries verdicts again that were not taken: one, or the newest thousand. Returns how many.
pub async fn retry(app: &App, actor: Actor, verdict: Option<Uuid>) -> Result<usize, StoreError> {
    let mut tx = app.db.begin().await?;
    let told = callbacks::retry(&mut tx, verdict, AT_ONCE, app.now()).await?;
    for (site, comment) in &told {
        let about = About::site(*site).with(json!({ "verdict_on": comment }));
        record(app, &mut tx, actor, Deed::WebhookReplayed, about).await?;
    }
    tx.commit().await?;
    app.outbox_bell.notify_one();
    Ok(told.len())
}

/// Forgets what ended before `before`.
pub(super) async fn sweep(conn: &mut Conn, before: OffsetDateTime) -> Result<(), StoreError> {
    callbacks::sweep(conn, before).await
}
