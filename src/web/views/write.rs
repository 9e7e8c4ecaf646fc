//! What moderators write.

use askama::Template;

use super::desk::CommentCard;
use super::form::FieldError;
use super::parts::{Hidden, Layout};

/// Answering a comment, or putting right what it says.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/write.html")]
pub struct WritePage {
    /// Around the page.
    pub layout: Layout,
    /// `Reply to Mia`.
    pub heading: String,
    /// What will come of it.
    pub hint: String,
    /// Why it could not be done as it was sent.
    pub message: Option<String>,
    /// What was wrong with what was typed.
    pub errors: Vec<FieldError>,
    /// The comment.
    pub card: CommentCard,
    /// Where the form posts to.
    pub action: String,
    /// What it sends besides.
    pub hidden: Vec<Hidden>,
    /// Typed text.
    pub text: String,
    /// Who says it, where that can be changed.
    pub who: Option<Who>,
    /// What the button says.
    pub button: &'static str,
    /// Longest text, in characters.
    pub longest: usize,
    /// Where it was opened.
    pub back: String,
}

/// Who says what a comment says.
#[derive(Debug, Clone)]
pub struct Who {
    /// Name.
    pub author: String,
    /// Website, or empty.
    pub url: String,
}

impl WritePage {
    fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == field).map(|error| error.message.as_str())
    }
}
