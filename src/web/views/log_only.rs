//! Log only: what would have been decided, beside what people said.

use askama::Template;

use super::desk::Flash;
use super::figures::{count, percent};
use super::parts::{Layout, Moment, PostButton, Shown};
use crate::comment::State;

/// Where people and Moderato agree.
#[derive(Debug, Clone, Template)]
#[template(path = "models/log_only.html")]
pub struct LogOnlyPage {
    /// Around the page.
    pub layout: Layout,
    /// What just happened.
    pub flash: Option<Flash>,
    /// Title of each site, whether it is log-only, and what switches that.
    pub sites: Vec<(String, bool, Option<PostButton>)>,
    /// What would have been done, and of how many people said spam, genuine, or nothing.
    pub rows: [(&'static str, [u64; 3]); 3],
    /// Comments that people agree about with Moderato, those people spoke about, and the interval of the share.
    pub agreeing: Option<(u64, u64, (f64, f64))>,
    /// Comments of which people said otherwise, newest first.
    pub disagreements: Vec<Disagreement>,
    /// Where the list goes on.
    pub older: Option<String>,
}

impl LogOnlyPage {
    fn counted(&self) -> u64 {
        self.rows.iter().flat_map(|(_, counts)| counts).sum()
    }
}

/// A comment of which people said otherwise.
#[derive(Debug, Clone)]
pub struct Disagreement {
    /// Its own page.
    pub href: String,
    /// When it was sent.
    pub posted: Moment,
    /// Who wrote it.
    pub author: String,
    /// How it begins.
    pub beginning: String,
    /// The state it would have entered, and the spam probability.
    pub would_be: (State, f64),
    /// Whether people say that it is spam.
    pub spam: bool,
}
