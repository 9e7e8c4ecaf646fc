//! What goes out: events become notices and deliveries once they can no more be taken back without a trace, and these are
//! tried until they arrive. Each step is a transaction of its own, so that a crash repeats one step at most.

use serde_json::json;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use super::sites::Site;
use super::{callbacks, mail, webhooks};
use crate::app::App;
use crate::comment::{State, defuse_line};
use crate::policy::{Event, Step, Told, told};
use crate::store::cards::DeskRow;
use crate::store::decisions::{Act, DecisionRow};
use crate::store::events::EventRow;
use crate::store::{Conn, StoreError, cards, decisions, events, mails, models};

/// So many events are looked at in one transaction.
const BATCH: i64 = 100;
/// Whoever tries a delivery has so long before somebody else may.
pub(super) const LEASE: Duration = Duration::minutes(3);
/// What waits after each failed try; after the last one it is given up. Eight tries over a day.
const WAITS: [Duration; 7] = [
    Duration::minutes(1),
    Duration::minutes(5),
    Duration::minutes(30),
    Duration::hours(1),
    Duration::hours(3),
    Duration::hours(8),
    Duration::hours(12),
];
/// What has ended is kept so long.
const KEPT: Duration = Duration::days(30);

/// When a delivery that failed is tried again; `None`: it is given up.
pub(super) fn next_try(attempts: i32, now: OffsetDateTime) -> Option<OffsetDateTime> {
    let failed = usize::try_from(attempts).unwrap_or_default().saturating_sub(1);
    WAITS.get(failed).map(|wait| now + *wait)
}

/// Does a round of what is due now: whether there may be more. Mails, webhooks and what programs are told go out beside one
/// another, and what comes up meanwhile waits for no more than the slowest of a round.
pub async fn run(app: &App) -> Result<bool, StoreError> {
    while follow_up(app).await? {}
    mail::make_due(app).await?;
    let (mails, posts, verdicts) =
        futures_util::future::join3(mail::send_due(app), webhooks::post_due(app), callbacks::post_due(app))
            .await;
    Ok(mails? | posts? | verdicts?)
}

/// Forgets what ended long ago.
pub async fn sweep(app: &App) -> Result<(), StoreError> {
    let mut conn = app.db.conn().await?;
    mails::sweep(&mut conn, app.now() - KEPT).await?;
    callbacks::sweep(&mut conn, app.now() - KEPT).await?;
    crate::store::webhooks::sweep(&mut conn, app.now() - KEPT).await
}

/// Turns some settled events into what follows from them; whether there may be more.
async fn follow_up(app: &App) -> Result<bool, StoreError> {
    let mut tx = app.db.begin().await?;
    let taken = events::take(&mut tx, app.settled(), BATCH).await?;
    for event in &taken {
        match event {
            EventRow { decision: Some((site, comment, decision)), .. } => {
                if let Some(site) = app.sites.by_id(*site) {
                    tell_of_decision(app, &mut tx, &site, *comment, *decision).await?;
                }
            }
            EventRow { promotion_id: Some(promotion), .. } => {
                tell_of_promotion(app, &mut tx, *promotion).await?;
            }
            EventRow { .. } => {}
        }
    }
    let ids: Vec<i64> = taken.iter().map(|event| event.id).collect();
    events::delete(&mut tx, &ids).await?;
    tx.commit().await?;
    Ok(!taken.is_empty())
}

async fn tell_of_decision(
    app: &App,
    conn: &mut Conn,
    site: &Site,
    comment: Uuid,
    decision: Uuid,
) -> Result<(), StoreError> {
    let history = decisions::of_comment(conn, site.id, comment).await?;
    let Some(index) = history.iter().position(|one| one.id == decision) else { return Ok(()) };
    let steps: Vec<Step> = history.iter().map(step).collect();
    let Some(Told { from, events }) = told(&steps, index, app.settings.undo_time()) else { return Ok(()) };
    let Some(row) = cards::of(conn, &[(site.id, comment)]).await?.pop() else { return Ok(()) };
    if events.contains(&Event::Decided) {
        callbacks::note(app, conn, site, comment, &history[index]).await?;
    }
    for event in events {
        if event == Event::Held {
            mails::note(conn, site.id, comment, history[index].decided_at).await?;
        }
        let happened = Happened { app, site, comment: &row, decision: &history[index], from };
        for webhook in crate::store::webhooks::asking(conn, Some(site.id), event.as_str()).await? {
            let body =
                if webhook.format == webhooks::CHAT { happened.chat(event) } else { happened.json(event) };
            webhooks::enqueue(app, conn, webhook.id, event.as_str(), &body).await?;
        }
    }
    Ok(())
}

/// Edits and answers are no decisions. A state that this version does not know counts as not held and not published.
fn step(decision: &DecisionRow) -> Step {
    Step {
        at: decision.decided_at,
        to: State::parse(&decision.to_state).unwrap_or(State::Deleted),
        by_person: decision.who.is_some() && decision.act == Act::Decided.as_str(),
        undoes: decision.undoes.is_some(),
    }
}

/// A decision that is told.
struct Happened<'a> {
    app: &'a App,
    site: &'a Site,
    comment: &'a DeskRow,
    decision: &'a DecisionRow,
    from: Option<State>,
}

impl Happened<'_> {
    fn json(&self, event: Event) -> String {
        let Self { site, comment, decision, .. } = self;
        let data = json!({
            "site": site.name,
            "comment": {
                "id": comment.id,
                "article": comment.article_url,
                "author": comment.author,
                "url": comment.url,
                "text": comment.body,
                "created_at": rfc3339(comment.created_at),
                "spam_probability": comment.spam_probability,
                "desk": desk_url(self.app, site, comment.id),
            },
            "from": self.from.map(State::as_str),
            "to": decision.to_state,
            "by": decision.who,
        });
        envelope(event, decision.decided_at, &data)
    }

    /// One message for a chat, in the form that Slack, Mattermost and (below `/slack`) Discord take.
    fn chat(&self, event: Event) -> String {
        let Self { site, comment, decision, .. } = self;
        let who = decision.who.as_deref().unwrap_or("Moderato");
        let what = match event {
            Event::Held => "A comment waits".to_owned(),
            Event::Published => "A comment is published".to_owned(),
            Event::Decided | Event::Promoted => {
                format!("{} has decided: {}", defuse_line(who, 60), decision.to_state)
            }
        };
        let (title, author) = (defuse_line(&site.title, 80), defuse_line(&comment.author, 60));
        let (text, desk) = (defuse_line(&comment.body, 300), desk_url(self.app, site, comment.id));
        chat(&format!("{what} at {title}, by {author}: “{text}”"), &desk)
    }
}

async fn tell_of_promotion(app: &App, conn: &mut Conn, promotion: i64) -> Result<(), StoreError> {
    let Some(promoted) = models::promotion(conn, promotion).await? else { return Ok(()) };
    let data = json!({
        "model": promoted.model_id,
        "in_place_of": promoted.previous_id,
        "subject": promoted.subject,
        "rolled_back": promoted.kind == "rollback",
        "by": promoted.who,
    });
    let body = envelope(Event::Promoted, promoted.promoted_at, &data);
    let models = format!("{}/admin/models", app.settings.public_url());
    let chat = chat(&format!("Model {} is in force", promoted.model_id), &models);
    for webhook in crate::store::webhooks::asking(conn, None, Event::Promoted.as_str()).await? {
        let body = if webhook.format == webhooks::CHAT { &chat } else { &body };
        webhooks::enqueue(app, conn, webhook.id, Event::Promoted.as_str(), body).await?;
    }
    Ok(())
}

/// A comment's page on the desk.
pub(super) fn desk_url(app: &App, site: &Site, comment: Uuid) -> String {
    format!("{}/admin/comments/{}/{comment}", app.settings.public_url(), site.name)
}

/// What every event looks like from the outside; documented in `docs/integrating.md`.
pub(super) fn envelope(event: Event, at: OffsetDateTime, data: &serde_json::Value) -> String {
    json!({ "type": event.as_str(), "version": 1, "timestamp": rfc3339(at), "data": data }).to_string()
}

/// A line for a chat, in which nothing but our own address is one. `&`, `<` and `>` are what Slack reads as markup.
pub(super) fn chat(line: &str, address: &str) -> String {
    let line = line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    json!({ "text": format!("{line}\n{address}") }).to_string()
}

pub(super) fn rfc3339(at: OffsetDateTime) -> String {
    at.replace_nanosecond(0).unwrap_or(at).format(&Rfc3339).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn eight_tries_take_a_day() {
        let begin = datetime!(2026-11-28 12:00 UTC);
        let mut now = begin;
        let mut tries = 1;
        while let Some(next) = next_try(tries, now) {
            (now, tries) = (next, tries + 1);
        }
        assert_eq!(tries, 8);
        assert_eq!((now - begin).whole_hours(), 24);
    }
}
