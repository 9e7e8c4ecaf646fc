//! What just happened, told on the next page. It travels in a cookie that only our own pages can set, so that
//! no link can put words or an undo button into a moderator's mouth.

use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use uuid::Uuid;

use crate::comment::State;
use crate::web::views::{self, Hidden, PostButton};

const NAME: &str = "moderato_flash";

/// A word of what happened, and what can be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flash {
    /// A comment went to a state by this decision of a site.
    Decided(State, i64, Uuid),
    /// A decision was taken back.
    Undone(State),
    /// A comment was there already.
    Unchanged(State),
    /// A model was put in force.
    Promoted(i64),
    /// A model was put in force again.
    RolledBack(i64),
    /// A model scores in the shadow now, or none does.
    Shadow(Option<i64>),
    /// Other thresholds are in force.
    Thresholds,
}

impl Flash {
    /// The cookie that carries it to the next page.
    pub(super) fn cookie(self) -> Cookie<'static> {
        let value = match self {
            Self::Decided(state, site, decision) => format!("decided.{}.{site}.{decision}", state.as_str()),
            Self::Undone(state) => format!("undone.{}", state.as_str()),
            Self::Unchanged(state) => format!("unchanged.{}", state.as_str()),
            Self::Promoted(id) => format!("promoted.{id}"),
            Self::RolledBack(id) => format!("rolledback.{id}"),
            Self::Shadow(Some(id)) => format!("shadow.{id}"),
            Self::Shadow(None) => "shadow".to_owned(),
            Self::Thresholds => "thresholds".to_owned(),
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
            ["decided", state, site, decision] => {
                Self::Decided(State::parse(state)?, site.parse().ok()?, Uuid::try_parse(decision).ok()?)
            }
            ["undone", state] => Self::Undone(State::parse(state)?),
            ["unchanged", state] => Self::Unchanged(State::parse(state)?),
            ["promoted", id] => Self::Promoted(id.parse().ok()?),
            ["rolledback", id] => Self::RolledBack(id.parse().ok()?),
            ["shadow", id] => Self::Shadow(Some(id.parse().ok()?)),
            ["shadow"] => Self::Shadow(None),
            ["thresholds"] => Self::Thresholds,
            _ => return None,
        })
    }

    fn view(self, back: &str) -> views::Flash {
        let hidden = |name, value: String| Hidden { name, value };
        let message = match self {
            Self::Decided(State::Approved, ..) => "Approved".to_owned(),
            Self::Decided(State::Spam, ..) => "Marked as spam".to_owned(),
            Self::Decided(State::Rejected, ..) => "Rejected".to_owned(),
            Self::Decided(State::Held | State::Deleted, ..) => "Put back into the queue".to_owned(),
            Self::Undone(state) => format!("Undone: {} again", state.as_str()),
            Self::Unchanged(state) => format!("Nothing to do: it was {} already", state.as_str()),
            Self::Promoted(id) => format!("Model {id} is live"),
            Self::RolledBack(id) => format!("Model {id} is live again"),
            Self::Shadow(Some(id)) => format!("Model {id} scores in the shadow"),
            Self::Shadow(None) => "No model scores in the shadow any more".to_owned(),
            Self::Thresholds => "The new thresholds are in force".to_owned(),
        };
        let undo = match self {
            Self::Decided(_, site, decision) => Some(PostButton {
                action: "/admin/undo".to_owned(),
                label: "Undo".to_owned(),
                hidden: vec![
                    hidden("site", site.to_string()),
                    hidden("decision", decision.to_string()),
                    hidden("back", back.to_owned()),
                ],
            }),
            _ => None,
        };
        views::Flash { message, undo }
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
