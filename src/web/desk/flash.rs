//! What just happened, told on the next page. It travels in a cookie that only our own pages can set, so that
//! no link can put words or an undo button into a moderator's mouth.

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use uuid::Uuid;

use crate::comment::{RejectReason, State};
use crate::service::moderate::Undo;
use crate::store::decisions::Act;
use crate::web::views::{self, Hidden, PostButton, plural};

const NAME: &str = "moderato_flash";

/// A word of what happened, and what can be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flash {
    /// A comment went to a state, rejected for a reason, by this decision of a site.
    Decided(State, Option<RejectReason>, i64, Uuid),
    /// A comment says something else by this decision of a site.
    Edited(i64, Uuid),
    /// A comment was answered; nothing takes back what had been sent before.
    Answered(Option<Undo>),
    /// Something was taken back, and the comment stands there; this would be next.
    Undone(Act, State, Option<Undo>),
    /// So many comments went to a state at one stroke.
    Bulk(State, u64, Uuid),
    /// So many returned to where they were; this would be next.
    BulkUndone(u64, Option<Undo>),
    /// A comment was there already.
    Unchanged(State),
    /// A model was put in force.
    Promoted(i64),
    /// A model was put in force again.
    RolledBack(i64),
    /// A model scores in the shadow now, or none does.
    Shadow(Option<i64>),
    /// Something about people.
    Done(Done),
    /// Other thresholds are in force.
    Thresholds,
    /// A rule is in force; it can be ended at once.
    Ruled(i64),
    /// A rule is over.
    RuleEnded(i64),
}

/// What was done about people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    PasswordChanged,
    SecondFactorOff,
    SessionsEnded,
    AccessSet,
    Disabled,
    Enabled,
    KeyRevoked,
    KeySet,
    SiteSet,
    Noted,
    AddressSet,
    NoticesSet,
    WebhookPaused,
    WebhookResumed,
    WebhookRemoved,
    WebhookSent,
    ListSaved,
    ListRemoved,
}

impl Done {
    const ALL: [Self; 18] = [
        Self::PasswordChanged,
        Self::SecondFactorOff,
        Self::SessionsEnded,
        Self::AccessSet,
        Self::Disabled,
        Self::Enabled,
        Self::KeyRevoked,
        Self::KeySet,
        Self::SiteSet,
        Self::Noted,
        Self::AddressSet,
        Self::NoticesSet,
        Self::WebhookPaused,
        Self::WebhookResumed,
        Self::WebhookRemoved,
        Self::WebhookSent,
        Self::ListSaved,
        Self::ListRemoved,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::PasswordChanged => "password",
            Self::SecondFactorOff => "factor",
            Self::SessionsEnded => "sessions",
            Self::AccessSet => "access",
            Self::Disabled => "disabled",
            Self::Enabled => "enabled",
            Self::KeyRevoked => "key",
            Self::KeySet => "key-set",
            Self::SiteSet => "site-set",
            Self::Noted => "noted",
            Self::AddressSet => "address",
            Self::NoticesSet => "notices",
            Self::WebhookPaused => "paused",
            Self::WebhookResumed => "resumed",
            Self::WebhookRemoved => "removed",
            Self::WebhookSent => "sent",
            Self::ListSaved => "list",
            Self::ListRemoved => "unlisted",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::PasswordChanged => "The password is changed",
            Self::SecondFactorOff => "The second factor is off",
            Self::SessionsEnded => "Signed out there",
            Self::AccessSet | Self::NoticesSet => "Saved",
            Self::Disabled => "Disabled, and signed out everywhere",
            Self::Enabled => "Enabled again",
            Self::KeyRevoked => "The key works no more",
            Self::KeySet => "The key is changed",
            Self::SiteSet => "The site is changed",
            Self::Noted => "The note is kept",
            Self::AddressSet => "Saved. A mail is on its way to a new address: it asks whether it is yours",
            Self::WebhookPaused => "Paused: nothing is sent",
            Self::WebhookResumed => "It sends again",
            Self::WebhookRemoved => "The webhook is removed",
            Self::ListSaved => "The list is among yours",
            Self::ListRemoved => "The list is no longer among yours; its comments are where they were",
            Self::WebhookSent => "On its way: load this page again to see what became of it",
        }
    }
}

impl Flash {
    /// The cookie that carries it to the next page.
    pub(super) fn cookie(self) -> Cookie<'static> {
        let value = match self {
            Self::Decided(state, reason, site, decision) => {
                let reason = reason.map_or("", RejectReason::as_str);
                format!("decided.{}.{reason}.{site}.{decision}", state.as_str())
            }
            Self::Edited(site, decision) => format!("edited.{site}.{decision}"),
            Self::Answered(undo) => format!("answered.{}", next_parts(undo)),
            Self::Undone(act, state, next) => {
                format!("undone.{}.{}.{}", act.as_str(), state.as_str(), next_parts(next))
            }
            Self::Bulk(state, count, batch) => format!("bulk.{}.{count}.{batch}", state.as_str()),
            Self::BulkUndone(count, next) => format!("bulkundone.{count}.{}", next_parts(next)),
            Self::Unchanged(state) => format!("unchanged.{}", state.as_str()),
            Self::Promoted(id) => format!("promoted.{id}"),
            Self::RolledBack(id) => format!("rolledback.{id}"),
            Self::Shadow(Some(id)) => format!("shadow.{id}"),
            Self::Shadow(None) => "shadow".to_owned(),
            Self::Done(done) => format!("done.{}", done.as_str()),
            Self::Thresholds => "thresholds".to_owned(),
            Self::Ruled(id) => format!("ruled.{id}"),
            Self::RuleEnded(id) => format!("ruleended.{id}"),
        };
        Cookie::build((NAME, value))
            .path("/admin")
            .http_only(true)
            .same_site(SameSite::Strict)
            .max_age(time::Duration::minutes(2))
            .build()
    }

    fn parse(value: &str) -> Option<Self> {
        let parts: Vec<&str> = value.split('.').collect();
        Some(match parts.as_slice() {
            ["decided", state, reason, site, decision] => Self::Decided(
                State::parse(state)?,
                RejectReason::parse(reason),
                site.parse().ok()?,
                Uuid::try_parse(decision).ok()?,
            ),
            ["edited", site, decision] => Self::Edited(site.parse().ok()?, Uuid::try_parse(decision).ok()?),
            ["answered", undo @ ..] => Self::Answered(parse_next(undo)?),
            ["undone", act, state, next @ ..] => {
                Self::Undone(Act::parse(act)?, State::parse(state)?, parse_next(next)?)
            }
            ["bulk", state, count, batch] => {
                Self::Bulk(State::parse(state)?, count.parse().ok()?, Uuid::try_parse(batch).ok()?)
            }
            ["bulkundone", count, next @ ..] => Self::BulkUndone(count.parse().ok()?, parse_next(next)?),
            ["unchanged", state] => Self::Unchanged(State::parse(state)?),
            ["promoted", id] => Self::Promoted(id.parse().ok()?),
            ["rolledback", id] => Self::RolledBack(id.parse().ok()?),
            ["shadow", id] => Self::Shadow(Some(id.parse().ok()?)),
            ["shadow"] => Self::Shadow(None),
            ["done", what] => Self::Done(Done::ALL.into_iter().find(|done| done.as_str() == *what)?),
            ["thresholds"] => Self::Thresholds,
            ["ruled", id] => Self::Ruled(id.parse().ok()?),
            ["ruleended", id] => Self::RuleEnded(id.parse().ok()?),
            _ => return None,
        })
    }

    /// In words.
    pub(super) fn message(self) -> String {
        match self {
            Self::Decided(state, None, ..) => done_word(state).to_owned(),
            Self::Decided(state, Some(reason), ..) => {
                format!("{}: {}", done_word(state), reason.words().to_lowercase())
            }
            Self::Edited(..) => "Edited".to_owned(),
            Self::Answered(Some(_)) => "Answered".to_owned(),
            Self::Answered(None) => "Nothing to do: your answer is there already".to_owned(),
            Self::Undone(Act::Edited, ..) => "Undone: it says what it said before".to_owned(),
            Self::Undone(Act::Answered, ..) => "Undone: the answer is removed".to_owned(),
            Self::Undone(_, state, _) => format!("Undone: {} again", state.as_str()),
            Self::Bulk(state, count, _) => {
                format!("{}: {}", done_word(state), plural(count, "comment", "comments"))
            }
            Self::BulkUndone(count, _) => {
                format!("Undone: {} as before", plural(count, "comment is", "comments are"))
            }
            Self::Unchanged(state) => format!("Nothing to do: it was {} already", state.as_str()),
            Self::Promoted(id) => format!("Model {id} is live"),
            Self::RolledBack(id) => format!("Model {id} is live again"),
            Self::Shadow(Some(id)) => format!("Model {id} scores in the shadow"),
            Self::Shadow(None) => "No model scores in the shadow any more".to_owned(),
            Self::Done(done) => done.words().to_owned(),
            Self::Thresholds => "The new thresholds are in force".to_owned(),
            Self::Ruled(id) => format!("Rule {id} is in force"),
            Self::RuleEnded(id) => format!("Rule {id} is ended"),
        }
    }

    /// The decision that undo takes back next.
    pub(super) fn undoes(self) -> Option<Undo> {
        match self {
            Self::Decided(_, _, site, decision) | Self::Edited(site, decision) => {
                Some(Undo::Decision(site, decision))
            }
            Self::Bulk(_, _, batch) => Some(Undo::Batch(batch)),
            Self::Undone(_, _, next) | Self::BulkUndone(_, next) | Self::Answered(next) => next,
            _ => None,
        }
    }

    fn view(self, back: &str) -> views::Flash {
        if let Self::Ruled(id) = self {
            let hidden = |name, value: String| Hidden { name, value };
            let end = PostButton {
                action: "/admin/rules/end".to_owned(),
                label: "End it".to_owned(),
                hidden: vec![hidden("rule", id.to_string()), hidden("back", back.to_owned())],
            };
            return views::Flash { message: self.message(), undo: Some(end) };
        }
        let before = matches!(self, Self::Undone(..) | Self::BulkUndone(..));
        let undo = self.undoes().map(|undo| PostButton {
            action: "/admin/undo".to_owned(),
            label: if before { "Undo the one before" } else { "Undo" }.to_owned(),
            hidden: undo_fields(undo, back),
        });
        views::Flash { message: self.message(), undo }
    }
}

/// What an undo button sends.
pub(super) fn undo_fields(undo: Undo, back: &str) -> Vec<Hidden> {
    let hidden = |name, value: String| Hidden { name, value };
    let mut fields = match undo {
        Undo::Decision(site, decision) => {
            vec![hidden("site", site.to_string()), hidden("decision", decision.to_string())]
        }
        Undo::Batch(batch) => vec![hidden("batch", batch.to_string())],
    };
    fields.push(hidden("back", back.to_owned()));
    fields
}

fn next_parts(next: Option<Undo>) -> String {
    match next {
        None => "none".to_owned(),
        Some(Undo::Decision(site, decision)) => format!("{site}.{decision}"),
        Some(Undo::Batch(batch)) => batch.to_string(),
    }
}

/// The other way round; nothing for what this program never wrote.
#[expect(clippy::option_option, reason = "the outer one is whether it can be read")]
fn parse_next(parts: &[&str]) -> Option<Option<Undo>> {
    match parts {
        ["none"] => Some(None),
        [site, decision] => Some(Some(Undo::Decision(site.parse().ok()?, Uuid::try_parse(decision).ok()?))),
        [batch] => Some(Some(Undo::Batch(Uuid::try_parse(batch).ok()?))),
        _ => None,
    }
}

fn done_word(state: State) -> &'static str {
    match state {
        State::Approved => "Approved",
        State::Spam => "Marked as spam",
        State::Rejected => "Rejected",
        State::Held | State::Deleted => "Put back into the queue",
    }
}

/// Takes the message off the cookies, for a page whose undo button leads `back`.
pub(super) fn take(jar: CookieJar, back: &str) -> (CookieJar, Option<views::Flash>) {
    let flash = jar.get(NAME).and_then(|cookie| Flash::parse(cookie.value()));
    match flash {
        Some(flash) => (jar.remove(Cookie::build(NAME).path("/admin")), Some(flash.view(back))),
        None => (jar, None),
    }
}
