//! `GET /admin/comments/{site}/{id}/why`: the account of a comment's score, as a page and as JSON.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use super::comment::{beginning, href, percent};
use super::session::SignedIn;
use crate::classifier::{Group, Seen};
use crate::policy::Reason;
use crate::service::desk;
use crate::service::sites::Site;
use crate::service::why::{self, Now, Then, Why};
use crate::web::error::{WebError, html, prefers_json};
use crate::web::markup::desk_layout;
use crate::web::router::Shared;
use crate::web::views::{Account, LeftOut, Link, NearestComment, Part, Sum, WhyPage};

pub(super) async fn show(
    State(shared): State<Shared>,
    SignedIn(moderator): SignedIn,
    Path((site, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let app = &shared.app;
    let site = desk::site_named(app, &moderator, &site).ok_or_else(|| WebError::no_such_site(&site))?;
    let id = Uuid::try_parse(&id).map_err(|_error| WebError::not_found())?;
    let (comment, why) = why::of(app, &site, id).await?.ok_or_else(WebError::not_found)?;
    if comment.by_moderator {
        return Err(WebError::not_found());
    }
    if comment.awaits_audit {
        return Err(WebError::new(
            StatusCode::FORBIDDEN,
            "This is hidden for now",
            "Decide on the comment first, then look at its score.",
        )
        .because("The comment was drawn for the audit sample, where a score would sway who decides."));
    }
    if prefers_json(&headers) {
        return Ok(Json(why).into_response());
    }
    let page = WhyPage {
        layout: desk_layout(Some(&moderator)),
        back: href(&site, id),
        author: comment.author,
        account: account(&site, why),
    };
    Ok(html(&page).into_response())
}

fn account(site: &Site, Why { then, now, nearest, .. }: Why) -> Account {
    let since = match (now.as_then, now.edited) {
        (true, _) => "Nothing has changed since it came in.",
        (false, true) => "Its text was edited since it came in.",
        (false, false) if now.model == then.model => "It has learnt since the comment came in.",
        (false, false) => "",
    };
    Account {
        then: (!now.as_then).then(|| came_in(&then)),
        since: since.to_owned(),
        groups: now.groups.iter().map(group).collect(),
        unseen: percent(now.unseen),
        without: now
            .without
            .iter()
            .map(|one| LeftOut { what: one.what.clone(), spam_probability: one.spam_probability })
            .collect(),
        nearest: nearest.map(|nearest| NearestComment {
            link: Link { text: nearest.author, href: href(site, nearest.comment) },
            label: if nearest.label == "spam" { "Spam" } else { "Genuine" }.to_owned(),
            alike: percent(nearest.alike),
            beginning: beginning(&nearest.text),
        }),
        now: today(&now),
    }
}

fn came_in(then: &Then) -> Sum {
    Sum {
        name: then.model.to_string(),
        log_odds: then.parts.iter().map(|part| part.log_odds).sum(),
        spam_probability: then.spam_probability,
        parts: then.parts.iter().map(reason).collect(),
    }
}

fn today(now: &Now) -> Sum {
    let plain = |what: &str, log_odds| Part { what: what.to_owned(), note: String::new(), log_odds };
    let around = now.around.iter().map(reason);
    let groups = now.groups.iter().map(|part| plain(words(part.group), part.log_odds));
    Sum {
        name: now.model.to_string(),
        parts: std::iter::once(plain("before anything is read", now.bias))
            .chain(around)
            .chain(groups)
            .collect(),
        log_odds: now.log_odds,
        spam_probability: now.spam_probability,
    }
}

fn reason(part: &Reason) -> Part {
    Part { what: part.what.clone(), note: String::new(), log_odds: part.log_odds }
}

fn group(part: &why::Part) -> Sum {
    let parts = part.tokens.iter().map(|token| {
        let mut note = seen(token.seen);
        if let Some(other) = &token.shares_with {
            note.push_str(", counted together with ");
            note.push_str(other);
        }
        Part { what: token.token.clone(), note, log_odds: token.log_odds }
    });
    Sum {
        name: format!("{} ({})", words(part.group), part.tokens.len()),
        parts: parts.collect(),
        log_odds: part.log_odds,
        spam_probability: f64::NAN,
    }
}

fn seen(Seen { ham, spam }: Seen) -> String {
    format!("seen in {spam} spam, {ham} genuine")
}

fn words(group: Group) -> &'static str {
    match group {
        Group::Words => "Words",
        Group::Characters => "Runs of letters",
        Group::Links => "Where its links lead",
        Group::Shape => "How it is written",
        Group::Author => "The author's name",
        Group::Meta => "E-mail and website",
    }
}
