//! The pages readers see.

use askama::Template;

use super::desk::Choice;
use super::form::{CommentForm, FieldError};
use super::parts::{Layout, Link, Moment, SafeHtml, followable};
use super::thread::Thread;

/// The demo site's article with its comments and the form. The article's words are in `src/web/demo`.
#[derive(Debug, Clone, Template)]
#[template(path = "article.html")]
pub struct ArticlePage {
    /// Around the page; `site` is the newspaper.
    pub layout: Layout,
    /// When the article appeared.
    pub published: Moment,
    /// Approved comments.
    pub thread: Thread,
    /// The form under them.
    pub form: CommentForm,
}

impl ArticlePage {
    /// The newspaper's name: title of the demo site.
    pub const PAPER: &'static str = "The Harbour Post";
    /// The article's headline.
    pub const HEADLINE: &'static str = "Election servers get a shield";
}

/// The form by itself: after a mistake, or when a comment could not be taken just now. The text is kept.
#[derive(Debug, Clone, Template)]
#[template(path = "reader/form_page.html")]
pub struct FormPage {
    /// Around the page.
    pub layout: Layout,
    /// What happened: `Your comment is not posted yet`.
    pub heading: String,
    /// What to do: `We could not store it just now. Your text is kept below; please try again in a moment.`
    /// `None` where the errors of the form say it all.
    pub message: Option<String>,
    /// The page that is commented on.
    pub article: Link,
    /// The form with what was typed.
    pub form: CommentForm,
}

/// How a reader's own comment stands.
#[derive(Debug, Clone, Template)]
#[template(path = "reader/status.html")]
pub struct StatusPage {
    /// Around the page.
    pub layout: Layout,
    /// Where the comment stands, as far as its author is told.
    pub standing: Standing,
    /// The page that was commented on.
    pub article: Link,
    /// The comment as its author wrote it.
    pub comment: Option<OwnComment>,
}

/// Where a reader's own comment stands. One that was turned away as spam is [`Standing::Held`] to its author.
#[derive(Debug, Clone)]
pub enum Standing {
    /// Waits for a person.
    Held {
        /// How long that usually takes, to follow "Usually": `within a day`. `None`: not known yet.
        usually: Option<String>,
    },
    /// On the page.
    Approved {
        /// Where it stands: `https://…#comment-ID`.
        href: String,
    },
    /// Rejected or deleted, or never there.
    Gone,
}

/// A comment shown to its author.
#[derive(Debug, Clone)]
pub struct OwnComment {
    /// Name given.
    pub author: String,
    /// When it was written.
    pub posted: Moment,
    /// The text.
    pub body: SafeHtml,
    /// Did a moderator change what it says?
    pub edited: bool,
}

/// Reporting a published comment: the form, and what is said once the report has arrived.
#[derive(Debug, Clone, Template)]
#[template(path = "reader/report.html")]
pub struct ReportPage {
    /// Around the page.
    pub layout: Layout,
    /// Has the report arrived?
    pub done: bool,
    /// Where the form posts to.
    pub action: String,
    /// Signed moment the form was shown.
    pub form_token: String,
    /// Name of the field that people do not see.
    pub trap: String,
    /// Who wrote the comment.
    pub author: String,
    /// When it was written.
    pub posted: Moment,
    /// Its text.
    pub body: SafeHtml,
    /// The comment on its page.
    pub back: Link,
    /// What can be wrong with it.
    pub grounds: Vec<Choice>,
    /// What was typed.
    pub words: String,
    /// The longest text taken, in characters.
    pub longest: usize,
    /// Name of the site.
    pub site: String,
    /// Why it was not taken, where no field is wrong.
    pub message: Option<String>,
    /// What is wrong with which field.
    pub errors: Vec<FieldError>,
}

impl ReportPage {
    fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == field).map(|error| error.message.as_str())
    }
}

/// What becomes of a reader's data, from the site's settings.
#[derive(Debug, Clone, Template)]
#[template(path = "reader/privacy.html")]
#[expect(clippy::struct_excessive_bools, reason = "sentences of the page that are there or not")]
pub struct PrivacyPage {
    /// Around the page; `site` is the site it is about.
    pub layout: Layout,
    /// Name of the site.
    pub site_title: String,
    /// Is everything published, whatever the program makes of it?
    pub log_only: bool,
    /// Is a clean comment published without a person having looked?
    pub publishes_alone: bool,
    /// Is spam turned away without a person having looked?
    pub turns_away_alone: bool,
    /// Is the e-mail address stored?
    pub email_stored: bool,
    /// How long what is kept.
    pub retention: Vec<Retention>,
    /// Whom to ask: a page or `mailto:` address.
    pub contact: Option<Link>,
}

/// How long one thing is kept.
#[derive(Debug, Clone)]
pub struct Retention {
    /// What: `Comments turned away as spam`.
    pub what: String,
    /// How long: `30 days`.
    pub how_long: String,
}
