//! The model in the shadow: what it would have decided otherwise.

use askama::Template;

use super::desk::Flash;
use super::figures::{count, plural};
use super::parts::{Layout, Moment, PostButton, Shown};
use crate::comment::State;

/// The model in the shadow in short, as the models page shows it.
#[derive(Debug, Clone)]
pub struct ShadowPanel {
    /// Its version.
    pub model: String,
    /// Comments counted: the newest ones both models scored.
    pub scored: u64,
    /// Those of them it would have decided otherwise.
    pub differing: u64,
    /// Where the differences are listed.
    pub href: String,
    /// Ends it. `None` for people who may not.
    pub stop: Option<PostButton>,
}

/// Comments that the model in the shadow would have decided otherwise.
#[derive(Debug, Clone, Template)]
#[template(path = "models/shadow.html")]
pub struct ShadowPage {
    /// Around the page.
    pub layout: Layout,
    /// What just happened.
    pub flash: Option<Flash>,
    /// The model. `None`: there is none in the shadow.
    pub shadow: Option<ShadowPanel>,
    /// How often it went from one state to another, the most frequent first.
    pub moves: Vec<Move>,
    /// The comments, newest first.
    pub rows: Vec<Difference>,
    /// Where the list goes on.
    pub older: Option<String>,
}

/// So many comments went there instead of here.
#[derive(Debug, Clone, Copy)]
pub struct Move {
    /// The state they entered.
    pub decided: State,
    /// The state they would have entered.
    pub would_be: State,
    /// How many.
    pub count: u64,
}

/// One comment that the two models decide differently.
#[derive(Debug, Clone)]
pub struct Difference {
    /// Its own page.
    pub href: String,
    /// When it was sent.
    pub posted: Moment,
    /// Who wrote it.
    pub author: String,
    /// How it begins.
    pub beginning: String,
    /// The state it entered, and the spam probability.
    pub decided: (State, f64),
    /// The state it would have entered, and the spam probability.
    pub would_be: (State, f64),
    /// Where it stands now, and by whom: `Spam, by a person`.
    pub now: State,
    /// What people made of it agrees with the model in the shadow, or with the one in force. `None`: nobody said.
    pub shadow_was_right: Option<bool>,
}

impl Difference {
    fn verdict(&self) -> &'static str {
        match self.shadow_was_right {
            Some(true) => "the one in the shadow",
            Some(false) => "the one in force",
            None => "–",
        }
    }
}
