//! `GET /admin/comments/{site}/{id}`: one comment with its history; and its card, as every list shows it.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::Url;
use uuid::Uuid;

use super::audit::capital;
use super::flash;
use super::queue::Which;
use super::session::SignedIn;
use crate::comment::{Ground, RejectReason, State as Standing, language_name};
use crate::policy::{Decision, Reason, Source, Thresholds, state_of};
use crate::service::accounts::Moderator;
use crate::service::desk;
use crate::service::sites::Site;
use crate::store::cards::DeskRow;
use crate::store::decisions::{Act, DecisionRow};
use crate::web::error::{WebError, html};
use crate::web::markup::{desk_layout, moment, readable};
use crate::web::router::Shared;
use crate::web::views::{
    self, CommentCard, CommentPage, DeskAuthor, Hidden, HistoryRow, Link, Reasons, Said, Score, Verdicts,
    Website, plural,
};

pub(super) async fn show(
    State(shared): State<Shared>,
    SignedIn(moderator): SignedIn,
    Path((site, id)): Path<(String, String)>,
    jar: CookieJar,
) -> Result<Response, WebError> {
    let app = &shared.app;
    let site = desk::site_named(app, &moderator, &site).ok_or_else(|| WebError::no_such_site(&site))?;
    let id = Uuid::try_parse(&id).map_err(|_error| WebError::not_found())?;
    let (comment, history) = desk::find(app, &site, id).await?.ok_or_else(WebError::not_found)?;
    let here = href(&site, id);
    let (jar, flash) = flash::take(jar, &here);
    let now = app.now();
    let page = CommentPage {
        layout: desk_layout(Some(&moderator)),
        back: "/admin/".to_owned(),
        flash,
        card: card(&comment, &site, &here, &moderator, Sees::Sample, now),
        // It tells what was decided.
        history: if comment.awaits_audit {
            Vec::new()
        } else {
            history.iter().map(|decision| history_row(decision, now)).collect()
        },
        take_back: take_back(&comment, &history, &site, &moderator),
        revisions: revisions(&comment, &history, &site, &moderator, now),
    };
    Ok((jar, html(&page)).into_response())
}

pub(super) fn href(site: &Site, id: Uuid) -> String {
    format!("/admin/comments/{}/{id}", site.name)
}

/// What a card shows of a comment that waits in the audit sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sees {
    /// Everything.
    All,
    /// Not what was decided, nor why: it may be decided on here, as a part of the sample.
    Sample,
}

const BLIND: &str = "Drawn at random from what was decided without a person. What was decided, and the score, are hidden \
                     until you have decided.";

/// A comment's card on a page at `here`.
pub(super) fn card(
    comment: &DeskRow,
    site: &Site,
    here: &str,
    moderator: &Moderator,
    sees: Sees,
    now: OffsetDateTime,
) -> CommentCard {
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let hidden = |name, value: String| Hidden { name, value };
    let stored = reasons(&comment.reasons);
    // Who sees what was decided tends to agree (anchoring), and a sample that agrees measures nothing.
    let blind = sees == Sees::Sample && comment.awaits_audit;
    CommentCard {
        id: comment.id.to_string(),
        pick: None,
        alike: None,
        href: href(site, comment.id),
        state: comment.state,
        rejected_because: comment
            .reject_reason
            .as_deref()
            .and_then(RejectReason::parse)
            .map(RejectReason::words),
        edited: comment.edited,
        checked: comment.label.is_some(),
        blind,
        score: (!blind && !comment.by_moderator).then(|| Score {
            spam_probability: comment.spam_probability,
            approve_below: site.thresholds().approve_below(),
            reject_from: site.thresholds().reject_from(),
        }),
        reasons: Reasons { parts: if blind { Vec::new() } else { weights(&stored) } },
        abuse: comment.abuse_probability.filter(|_| !blind),
        why: if blind { BLIND.to_owned() } else { why(comment, site, &stored) },
        model: (!blind && !comment.by_moderator).then(|| comment.model_id.to_string()),
        author: DeskAuthor {
            name: comment.author.clone(),
            moderator: comment.by_moderator,
            email: given(&comment.email),
            website: given(&comment.url).map(|url| Website { host: host(&url), url }),
            record: record(comment, now),
            panel: comment.author_key.as_ref().map(|key| super::authors::href(&site.name, key)),
            ban: (moderator.role.decides() && !comment.by_moderator)
                .then(|| format!("/admin/ban/{}/{}", site.name, comment.id)),
        },
        article: Link { text: readable(&comment.article_url), href: comment.article_url.clone() },
        article_list: Which::under_article(&site.name, comment.article_id).href(),
        in_reply_to: comment
            .parent
            .as_ref()
            .map(|(author, text)| views::Parent { author: author.clone(), beginning: beginning(text) }),
        language: comment.language.as_deref().map(|code| language_name(code).to_owned()),
        reports: if blind { 0 } else { u32::try_from(comment.reports).unwrap_or_default() },
        told: if blind { Vec::new() } else { told(&comment.told, now) },
        account: (!comment.awaits_audit && !comment.by_moderator)
            .then(|| format!("{}/why", href(site, comment.id))),
        unseen: comment.unseen_share.filter(|_| !blind).map(percent),
        posted: moment(comment.created_at, now),
        text: comment.body.clone(),
        verdicts: (comment.state != Standing::Deleted && moderator.role.decides()).then(|| Verdicts {
            action: "/admin/decide".to_owned(),
            hidden: vec![
                hidden("site", site.id.to_string()),
                hidden("comment", comment.id.to_string()),
                hidden("version", comment.version.to_string()),
                hidden("back", here.to_owned()),
            ],
        }),
    }
}

/// A report as it is stored beside its comment.
#[derive(Deserialize)]
struct StoredReport {
    ground: String,
    words: String,
    at: String,
}

fn told(stored: &serde_json::Value, now: OffsetDateTime) -> Vec<views::Told> {
    let reports: Vec<StoredReport> = serde_json::from_value(stored.clone()).unwrap_or_default();
    reports
        .into_iter()
        .map(|report| views::Told {
            ground: Ground::parse(&report.ground).map_or("reported", Said::words).to_owned(),
            words: report.words,
            at: moment(OffsetDateTime::parse(&report.at, &Rfc3339).unwrap_or(now), now),
        })
        .collect()
}

fn reasons(stored: &serde_json::Value) -> Vec<Reason> {
    serde_json::from_value(stored.clone()).unwrap_or_default()
}

/// The parts of the score.
fn weights(reasons: &[Reason]) -> Vec<views::Reason> {
    let weighing = reasons.iter().filter(|part| !matches!(part.source, Source::Abuse | Source::Rule));
    weighing.map(|part| views::Reason { what: part.what.clone(), log_odds: part.log_odds }).collect()
}

/// Why a new comment went where it went, by the thresholds in force; people's decisions are in the history.
fn why(comment: &DeskRow, site: &Site, reasons: &[Reason]) -> String {
    if comment.by_moderator {
        return "Written at the desk, in the site’s name. It shows while what it answers does.".to_owned();
    }
    let thresholds = site.thresholds();
    let (p, low, high) = (comment.spam_probability, thresholds.approve_below(), thresholds.reject_from());
    // The thresholds of a promise may lie very near to the ends, and a score very near to a threshold.
    let shown = |value: f64, digits: usize| format!("{value:.digits$}");
    let is_told =
        |digits: &usize| [low, high].iter().all(|end| p >= *end || shown(p, *digits) != shown(*end, *digits));
    let digits = if site.promise.is_some() { 4 } else { (2..=6).find(is_told).unwrap_or(6) };
    let decision = thresholds.decide(p);
    let rules: Vec<&str> =
        reasons.iter().filter(|part| part.source == Source::Rule).map(|part| part.what.as_str()).collect();
    if !rules.is_empty() {
        let since = if comment.version == 1 { "" } else { "; moved since" };
        return format!("{}; it scored {p:.digits$}{since}.", capital(&rules.join("; ")));
    }
    if let Some(abuse) = reasons.iter().find(|part| part.source == Source::Abuse) {
        let since = if comment.version == 1 { "" } else { "; moved since" };
        return format!("Held for {}; as spam it scored {p:.digits$}{since}.", abuse.what);
    }
    if state_of(decision) != comment.state {
        // Thresholds are set anew, and those of a promise move.
        let since = if comment.version == 1 { "the thresholds were others then" } else { "moved since" };
        return format!("Scored {p:.digits$} when it came in; {since}.");
    }
    match decision {
        Decision::Approve => format!("Published because {p:.digits$} < {low:.digits$}"),
        Decision::Hold if thresholds == Thresholds::HOLD_ALL => {
            "Held because every comment here is".to_owned()
        }
        Decision::Hold => format!("Held because {low:.digits$} ≤ {p:.digits$} < {high:.digits$}"),
        Decision::Reject => format!("Turned away because {p:.digits$} ≥ {high:.digits$}"),
    }
}

fn record(comment: &DeskRow, now: OffsetDateTime) -> String {
    let record = match comment.first_seen {
        Some(first_seen) => {
            let (approved, spam) = (comment.author_approved, comment.author_spam);
            format!("{approved} approved, {spam} spam, first seen {}", moment(first_seen, now).relative)
        }
        None if comment.email.is_empty() => "no e-mail address, so no record".to_owned(),
        None => "new here".to_owned(),
    };
    match comment.author_notes {
        0 => record,
        1 => format!("{record}, 1 note"),
        notes => format!("{record}, {notes} notes"),
    }
}

/// The first words of a text, on one line.
pub(super) fn beginning(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().take(16).collect();
    let line = words.join(" ");
    match line.char_indices().nth(90) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None if line.len() < text.trim().len() => format!("{line} …"),
        None => line,
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 100")]
pub(super) fn percent(share: f64) -> u8 {
    (100.0 * share.clamp(0.0, 1.0)).round() as u8
}

fn host(url: &str) -> String {
    Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| url.to_owned())
}

/// Takes back what is in force of what people did, at the desk or by a program.
fn take_back(
    comment: &DeskRow,
    history: &[DecisionRow],
    site: &Site,
    moderator: &Moderator,
) -> Option<views::PostButton> {
    let may = moderator.role.decides() && comment.state != Standing::Deleted && !comment.awaits_audit;
    let in_force = |row: &&DecisionRow| {
        row.undoes.is_none() && !history.iter().any(|other| other.undoes == Some(row.id))
    };
    let last = history.iter().rev().find(in_force).filter(|_| may)?;
    let hidden = |name, value: String| Hidden { name, value };
    Some(views::PostButton {
        action: "/admin/undo".to_owned(),
        label: format!("Take back what {} did last", last.who.as_deref()?),
        hidden: vec![
            hidden("site", site.id.to_string()),
            hidden("decision", last.id.to_string()),
            hidden("back", href(site, comment.id)),
        ],
    })
}

/// What it said before each change, the newest first.
fn revisions(
    comment: &DeskRow,
    history: &[DecisionRow],
    site: &Site,
    moderator: &Moderator,
    now: OffsetDateTime,
) -> Vec<views::Revision> {
    let hidden = |name, value: String| Hidden { name, value };
    let may = moderator.role.decides() && comment.state != Standing::Deleted;
    let changes = history.iter().filter_map(|row| Some((row, row.before.as_ref()?)));
    let mut revisions: Vec<views::Revision> = changes
        .enumerate()
        .map(|(place, (row, before))| views::Revision {
            at: moment(row.decided_at, now),
            by: row.who.clone().unwrap_or_default(),
            submitted: place == 0,
            author: before.author.clone(),
            url: before.url.clone(),
            text: before.body.clone(),
            restore: may.then(|| views::PostButton {
                action: format!("{}/edit", href(site, comment.id)),
                label: "Restore this text".to_owned(),
                hidden: vec![
                    hidden("version", comment.version.to_string()),
                    hidden("comment", before.body.clone()),
                    hidden("author", before.author.clone()),
                    hidden("url", before.url.clone()),
                    hidden("back", href(site, comment.id)),
                ],
            }),
        })
        .collect();
    revisions.reverse();
    revisions
}

fn history_row(decision: &DecisionRow, now: OffsetDateTime) -> HistoryRow {
    let mut parts = reasons(&decision.reasons);
    parts.truncate(3);
    let mut words: Vec<String> = parts.into_iter().map(|part| part.what).collect();
    words.extend(decision.reason.as_deref().and_then(RejectReason::parse).map(|why| why.words().to_owned()));
    match Act::parse(&decision.act) {
        Some(Act::Edited) => words.push("edited".to_owned()),
        Some(Act::Answered) => words.push("answered".to_owned()),
        Some(Act::Decided) | None => {}
    }
    if let Some(answered) = u64::try_from(decision.answered).ok().filter(|&answered| answered > 0) {
        words.push(format!("answers {}", plural(answered, "report", "reports")));
    }
    if decision.undoes.is_some() {
        words.push("undone".to_owned());
    }
    HistoryRow {
        at: moment(decision.decided_at, now),
        who: decision.who.clone().unwrap_or_else(|| "Moderato".to_owned()),
        from: decision.from_state.as_deref().and_then(Standing::parse),
        to: Standing::parse(&decision.to_state).unwrap_or(Standing::Held),
        reasons: words.join(", "),
        spam_probability: decision.who.is_none().then_some(decision.spam_probability),
        model: decision.who.is_none().then(|| decision.model_id.to_string()),
    }
}
