//! Many at one stroke: what was ticked, or a whole list, is shown first, then decided, and can be undone as one.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;
use time::OffsetDateTime;
use uuid::Uuid;

use super::comment::{Sees, card};
use super::flash::Flash;
use super::inside;
use super::queue::{Which, given};
use super::session::Decider;
use crate::comment::{RejectReason, Verdict};
use crate::policy::Decision;
use crate::service::accounts::Moderator;
use crate::service::bulk::{self, Chosen, MOST};
use crate::service::{campaign, desk};
use crate::store::cards::DeskRow;
use crate::web::error::{WebError, html};
use crate::web::markup::desk_layout;
use crate::web::router::Shared;
use crate::web::views::{BulkFailure, BulkFailures, BulkPreview, Hidden, PostButton};

/// What a list's form sends: ticked comments, or the whole list.
#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    verdict: Verdict,
    /// `SITE.COMMENT.VERSION`, once for each.
    #[serde(default)]
    pick: Vec<String>,
    /// Name of a reason, for a rejection.
    #[serde(default)]
    reason: String,
    #[serde(default)]
    back: String,
}

fn chosen(picked: &[String]) -> Result<Vec<Chosen>, WebError> {
    let read = |pick: &String| {
        let mut parts = pick.splitn(3, '.');
        Some(Chosen {
            site_id: parts.next()?.parse().ok()?,
            comment: Uuid::try_parse(parts.next()?).ok()?,
            version: parts.next()?.parse().ok()?,
        })
    };
    if picked.is_empty() {
        return Err(WebError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "No comment is ticked",
            "Go back, tick those you mean, and choose again.",
        ));
    }
    if picked.len() > MOST {
        return Err(WebError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            format!("More than {MOST} comments at once"),
            "Go back and choose fewer.",
        ));
    }
    picked.iter().map(|pick| read(pick).ok_or_else(WebError::not_found)).collect()
}

/// How a comment is named among those chosen.
pub(super) fn pick(comment: &DeskRow) -> String {
    format!("{}.{}.{}", comment.site_id, comment.id, comment.version)
}

/// `POST /admin/bulk/preview`: those that were ticked.
pub(super) async fn preview(
    State(shared): State<Shared>,
    Decider(moderator): Decider,
    Form(sent): Form<Sent>,
) -> Result<Response, WebError> {
    let comments = bulk::look(&shared.app, &moderator, &chosen(&sent.pick)?).await?;
    Ok(html(&page(&shared, &moderator, Some(sent.verdict), &comments, inside(&sent.back), shared.app.now()))
        .into_response())
}

/// Which verdict, on a list that the rest of the address says.
#[derive(Debug, Deserialize)]
pub(super) struct Whole {
    verdict: Verdict,
}

/// `GET /admin/bulk`: everything in a list.
pub(super) async fn whole(
    State(shared): State<Shared>,
    Decider(moderator): Decider,
    Query(Whole { verdict }): Query<Whole>,
    Query(which): Query<Which>,
) -> Result<Response, WebError> {
    let query = which.query(&shared.app, &moderator)?;
    let comments = bulk::everything(&shared.app, &moderator, &query).await?;
    Ok(html(&page(&shared, &moderator, Some(verdict), &comments, &which.href(), shared.app.now()))
        .into_response())
}

/// `GET /admin/campaigns/{site}/{id}`: everything that is like a comment.
pub(super) async fn campaign(
    State(shared): State<Shared>,
    Decider(moderator): Decider,
    Path((site, id)): Path<(String, Uuid)>,
) -> Result<Response, WebError> {
    let app = &shared.app;
    let site = desk::site_named(app, &moderator, &site).ok_or_else(|| WebError::no_such_site(&site))?;
    let members = campaign::of(app, &site, id).await?.ok_or_else(WebError::not_found)?;
    Ok(html(&page(&shared, &moderator, None, &members, "/admin/", app.now())).into_response())
}

/// What would be decided; first what the score says is on the other side.
pub(super) fn page(
    shared: &Shared,
    moderator: &Moderator,
    verdict: Option<Verdict>,
    comments: &[DeskRow],
    back: &str,
    now: OffsetDateTime,
) -> BulkPreview {
    let app = &shared.app;
    let against = |comment: &&DeskRow| {
        let Some(site) = desk::site(app, moderator, comment.site_id) else { return false };
        let decision = site.thresholds().decide(comment.spam_probability);
        // A campaign is spam until somebody says otherwise.
        match verdict.unwrap_or(Verdict::Spam) {
            Verdict::Approve => decision == Decision::Reject,
            Verdict::Spam | Verdict::Reject => {
                decision == Decision::Approve || comment.spam_probability < 0.5 || comment.author_approved > 0
            }
            Verdict::Hold => false,
        }
    };
    let (doubtful, clear): (Vec<&DeskRow>, Vec<&DeskRow>) = comments.iter().partition(against);
    let cards = |rows: &[&DeskRow]| {
        rows.iter()
            .take(SHOWN)
            .filter_map(|row| {
                Some(
                    card(row, &*desk::site(app, moderator, row.site_id)?, back, moderator, Sees::All, now)
                        .without_verdicts(),
                )
            })
            .collect()
    };
    let mut hidden: Vec<Hidden> =
        comments.iter().map(|comment| Hidden { name: "pick", value: pick(comment) }).collect();
    hidden.push(Hidden { name: "back", value: back.to_owned() });
    BulkPreview {
        layout: desk_layout(Some(moderator)),
        verdict,
        count: comments.len() as u64,
        most: comments.len() >= MOST,
        doubtful: doubtful.len() as u64,
        doubtful_cards: cards(&doubtful),
        clear_cards: cards(&clear),
        hidden,
        back: back.to_owned(),
    }
}

/// So many of each kind are shown; the others are alike.
const SHOWN: usize = 20;

/// `POST /admin/bulk`.
pub(super) async fn decide(
    State(shared): State<Shared>,
    Decider(moderator): Decider,
    jar: CookieJar,
    Form(sent): Form<Sent>,
) -> Result<Response, WebError> {
    let chosen = chosen(&sent.pick)?;
    let outcome = bulk::decide(
        &shared.app,
        &moderator,
        sent.verdict,
        given(&sent.reason, RejectReason::parse)?,
        &chosen,
    )
    .await?;
    let flash = Flash::Bulk(sent.verdict.state(), outcome.done as u64, outcome.batch);
    Ok(told(&shared, &moderator, jar, flash, outcome, inside(&sent.back)))
}

/// The list again, with what was done; or, where something could not be, a page that says what and why.
pub(super) fn told(
    shared: &Shared,
    moderator: &Moderator,
    jar: CookieJar,
    flash: Flash,
    outcome: bulk::Outcome,
    back: &str,
) -> Response {
    if outcome.failed.is_empty() {
        return (jar.add(flash.cookie()), Redirect::to(back)).into_response();
    }
    let failures = outcome.failed.into_iter().map(|(one, why)| BulkFailure {
        href: desk::site(&shared.app, moderator, one.site_id)
            .map(|site| super::comment::href(&site, one.comment))
            .unwrap_or_default(),
        why,
    });
    html(&BulkFailures {
        layout: desk_layout(Some(moderator)),
        message: flash.message(),
        failures: failures.collect(),
        undo: flash.undoes().map(|undo| PostButton {
            action: "/admin/undo".to_owned(),
            label: "Undo".to_owned(),
            hidden: super::flash::undo_fields(undo, back),
        }),
        back: back.to_owned(),
    })
    .into_response()
}
