//! The form a reader writes a comment in.

use askama::Template;
use askama::filters::HtmlSafe;

use super::parts::followable;

/// The comment form. It posts to `/sites/{site}/comments` and keeps what was typed.
#[derive(Debug, Clone, Template)]
#[template(path = "reader/form.html")]
pub struct CommentForm {
    /// Key of the site in the address it posts to.
    pub site: String,
    /// Address of the page that is commented on (hidden field `article`).
    pub article: String,
    /// The comment that is answered (hidden field `parent`).
    pub replying: Option<Replying>,
    /// Typed text.
    pub comment: String,
    /// Typed name.
    pub author: String,
    /// Typed e-mail address.
    pub email: String,
    /// Typed website.
    pub url: String,
    /// Must a name be given?
    pub name_required: bool,
    /// Must an e-mail address be given?
    pub email_required: bool,
    /// Longest values of the fields.
    pub limits: FieldLimits,
    /// Name of the trap, a field people do not see: one that browsers do not fill in by themselves.
    pub trap: String,
    /// Signed value that tells when and for which page the form was made (hidden field `form_token`).
    pub form_token: String,
    /// What was wrong with the last try.
    pub errors: Vec<FieldError>,
}

impl HtmlSafe for CommentForm {}

/// The comment an answer is written to.
#[derive(Debug, Clone)]
pub struct Replying {
    /// Its id.
    pub id: String,
    /// Its author's name.
    pub name: String,
}

/// Longest values, in characters.
#[derive(Debug, Clone, Copy)]
pub struct FieldLimits {
    /// Of the text.
    pub comment: usize,
    /// Of the name.
    pub author: usize,
    /// Of the e-mail address.
    pub email: usize,
    /// Of the website.
    pub url: usize,
}

/// One thing that is wrong.
#[derive(Debug, Clone)]
pub struct FieldError {
    /// Name of the field: `comment`, `author`, `email`, `url`, or one the form does not show.
    pub field: String,
    /// A sentence for the person who typed.
    pub message: String,
}

impl FieldError {
    /// Is this a field one can go to?
    fn visible(&self) -> bool {
        matches!(self.field.as_str(), "comment" | "author" | "email" | "url")
    }
}

impl CommentForm {
    fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == field).map(|error| error.message.as_str())
    }

    /// The page itself, whose form answers nobody.
    fn cancel_href(&self) -> String {
        format!("{}#respond", followable(&self.article))
    }
}
