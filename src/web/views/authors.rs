//! All about an author.

use askama::Template;

use super::desk::{Choice, CommentCard, Flash};
use super::parts::{Hidden, Layout, Link, Moment};
use super::rules::RuleLine;

/// All that is known of an author at a site.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/author.html")]
pub struct AuthorPage {
    /// Around the page.
    pub layout: Layout,
    /// What just happened.
    pub flash: Option<Flash>,
    /// The name used most.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// Title of the site.
    pub site: String,
    /// What became of the comments: `12 approved, 1 spam`.
    pub record: String,
    /// How much was refused of late.
    pub lately: String,
    /// When the first comment came in.
    pub first_seen: Moment,
    /// When the newest did.
    pub last_seen: Moment,
    /// Names used.
    pub names: Vec<Used>,
    /// Networks.
    pub networks: Vec<Used>,
    /// Hosts that are linked to.
    pub hosts: Vec<Used>,
    /// Rules in force that match the newest comments.
    pub rules: Vec<RuleLine>,
    /// What a rule can be made of; `None` for those who may make none.
    pub make: Option<Vec<Choice>>,
    /// What the form for a rule sends besides.
    pub hidden: Vec<Hidden>,
    /// The notes, newest first.
    pub notes: Vec<Note>,
    /// May notes be added?
    pub writes: bool,
    /// Where they are sent to.
    pub here: String,
    /// The newest comments.
    pub cards: Vec<CommentCard>,
    /// All of them.
    pub list: Link,
}

/// Something an author used.
#[derive(Debug, Clone)]
pub struct Used {
    /// What.
    pub what: String,
    /// What else has it: a list.
    pub href: Option<String>,
    /// How often, and what else is known: `3 times; 2 other addresses`.
    pub how: String,
}

/// What somebody noted.
#[derive(Debug, Clone)]
pub struct Note {
    /// Who.
    pub who: String,
    /// When.
    pub at: Moment,
    /// What.
    pub text: String,
}
