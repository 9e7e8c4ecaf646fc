//! The links in notices: one person, one comment as it was in the mail, one verdict, once. Looking at one changes nothing, so
//! programs that follow every link in a mail do no harm; using one is a decision like any other.

use serde_json::json;
use time::OffsetDateTime;

use super::accounts::{self, Moderator, Role};
use super::audit::{About, Actor, Deed, record};
use super::desk;
use super::moderate::{self, Decision, ModerateError};
use super::password::hash_token;
use super::sites::Site;
use crate::app::App;
use crate::comment::{State, Verdict};
use crate::store::cards::DeskRow;
use crate::store::mails::LinkRow;
use crate::store::{Conn, StoreError, cards, decisions, mails, moderators};

/// What there is behind a link.
#[derive(Debug, Clone)]
pub struct Found {
    /// Who decides by it.
    pub who: String,
    /// What it says of the comment.
    pub verdict: Verdict,
    /// The site.
    pub site: std::sync::Arc<Site>,
    /// The comment.
    pub comment: DeskRow,
    /// Whether it still works, or why not.
    pub standing: Standing,
}

/// Whether a link works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It does.
    Works,
    /// It has been used.
    Used(OffsetDateTime),
    /// It is too old.
    Expired(OffsetDateTime),
    /// The comment is not what it was in the mail: who moved it, if a person did, and where it stands.
    Stale(Option<String>, State),
}

/// Looks at a link and changes nothing. `None`: there is no such link, or whoever it was sent to may not decide there any more.
pub async fn look(app: &App, token: &str) -> Result<Option<Found>, StoreError> {
    let mut tx = app.db.begin().await?;
    Ok(find(app, &mut tx, token).await?.map(|(found, ..)| found))
}

/// Decides by a link, which then works no more. The answer says how it stood before.
pub async fn act(app: &App, token: &str) -> Result<Option<Found>, ModerateError> {
    let mut tx = app.db.begin().await?;
    let Some((found, moderator, link)) = find(app, &mut tx, token).await? else { return Ok(None) };
    if found.standing != Standing::Works {
        return Ok(Some(found));
    }
    let (site, verdict) = (&found.site, found.verdict);
    let decision = Decision { verdict, reason: None, seen: Some(link.version), batch: None };
    let decided = moderate::carry_out(app, &mut tx, &moderator, site, link.comment_id, decision).await?;
    mails::use_link(&mut tx, hash_token(token), app.now()).await?;
    let details =
        json!({ "verdict": verdict.as_str(), "comment": link.comment_id, "decision": decided.decision });
    let about = About::site(site.id).with(details);
    record(app, &mut tx, Actor::Moderator(moderator.id), Deed::LinkUsed, about).await?;
    moderate::finish(app, tx).await?;
    Ok(Some(found))
}

/// The link, locked, with whose it is.
async fn find(
    app: &App,
    conn: &mut Conn,
    token: &str,
) -> Result<Option<(Found, Moderator, LinkRow)>, StoreError> {
    let Some(link) = mails::link(conn, hash_token(token)).await? else { return Ok(None) };
    let Some(moderator) = decider(conn, link.moderator_id).await? else { return Ok(None) };
    let verdict = Verdict::parse(&link.verdict);
    let Some((site, verdict)) = desk::site(app, &moderator, link.site_id).zip(verdict) else {
        return Ok(None);
    };
    let Some(comment) = cards::of(conn, &[(link.site_id, link.comment_id)]).await?.pop() else {
        return Ok(None);
    };
    let standing = if let Some(at) = link.used_at {
        Standing::Used(at)
    } else if link.expires_at <= app.now() {
        Standing::Expired(link.expires_at)
    } else if comment.version != link.version {
        Standing::Stale(decisions::last_actor(conn, link.site_id, link.comment_id).await?, comment.state)
    } else {
        Standing::Works
    };
    Ok(Some((Found { who: moderator.name.clone(), verdict, site, comment, standing }, moderator, link)))
}

/// Somebody who decides on comments and may sign in, without being signed in.
pub(super) async fn decider(conn: &mut Conn, id: i64) -> Result<Option<Moderator>, StoreError> {
    let Some(person) = moderators::by_id(conn, id).await?.filter(|person| person.disabled_at.is_none())
    else {
        return Ok(None);
    };
    let role: Role = accounts::role_of(&person.role, person.id)?;
    let moderator =
        Moderator { id: person.id, name: person.name, role, site_ids: person.site_ids, session_id: 0 };
    Ok(Some(moderator).filter(|one| one.role.decides()))
}
