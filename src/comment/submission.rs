//! What a reader sends, parsed once: past this file there is no half-valid comment.

use std::fmt;

use serde::Serialize;
use url::Url;
use uuid::Uuid;

use super::article::ArticleUrl;

/// The longest values taken, in bytes of UTF-8 (WordPress's limits, so that its forms fit).
pub mod limits {
    /// The comment's text.
    pub const BODY: usize = 65_525;
    /// The author's name.
    pub const AUTHOR: usize = 245;
    /// The author's e-mail address.
    pub const EMAIL: usize = 254;
    /// The author's website.
    pub const URL: usize = 500;
}

/// The fields as they came in, nothing checked. Empty means not given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawSubmission {
    /// Address of the page that is commented on.
    pub article: String,
    /// Id of the comment that is answered.
    pub parent: String,
    /// The text, Markdown.
    pub comment: String,
    /// Name.
    pub author: String,
    /// E-mail address; never shown.
    pub email: String,
    /// Website.
    pub url: String,
}

/// A comment as submitted, every field valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// The page.
    pub article: ArticleUrl,
    /// The comment that is answered.
    pub parent: Option<Uuid>,
    /// The text: 1 to [`limits::BODY`] bytes, line ends are `\n`, no control characters.
    pub body: String,
    /// Name: one line, 1 to [`limits::AUTHOR`] bytes.
    pub author: String,
    /// E-mail address, or empty.
    pub email: String,
    /// Website (`http` or `https`), or empty.
    pub url: String,
}

/// What a comment says and who says it: what moderators may put right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wording {
    /// The text, as in [`Submission`].
    pub body: String,
    /// Name.
    pub author: String,
    /// Website, or empty.
    pub url: String,
}

/// A field of the form, by its public name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// `article`
    Article,
    /// `parent`
    Parent,
    /// `comment`
    Comment,
    /// `author`
    Author,
    /// `email`
    Email,
    /// `url`
    Url,
    /// `ground`, of a report
    Ground,
    /// `words`, of a report
    Words,
}

impl Field {
    /// The name in forms, JSON and error pointers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Parent => "parent",
            Self::Comment => "comment",
            Self::Author => "author",
            Self::Email => "email",
            Self::Url => "url",
            Self::Ground => "ground",
            Self::Words => "words",
        }
    }
}

/// What is wrong with one field, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// Which field.
    pub field: Field,
    /// A sentence for the person who typed.
    pub message: String,
}

impl FieldError {
    /// An error of `field`.
    pub fn new(field: Field, message: impl Into<String>) -> Self {
        Self { field, message: message.into() }
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.field.as_str(), self.message)
    }
}

impl Wording {
    /// Checks what was typed the way a submission is checked, and returns all that is wrong at once.
    pub fn parse(comment: &str, author: &str, url: &str) -> Result<Self, Vec<FieldError>> {
        match (body(comment), self::author(author), website(url)) {
            (Ok(body), Ok(author), Ok(url)) => Ok(Self { body, author, url }),
            (body, author, url) => Err([body.err(), author.err(), url.err()].into_iter().flatten().collect()),
        }
    }
}

impl Submission {
    /// Checks every field and returns all that is wrong at once.
    pub fn parse(raw: &RawSubmission) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let mut note = |result: Result<_, FieldError>| result.map_err(|error| errors.push(error)).ok();
        let body = note(body(&raw.comment));
        let author = note(author(&raw.author));
        let email = note(email(&raw.email));
        let url = note(website(&raw.url));
        let article = ArticleUrl::parse(&raw.article)
            .map_err(|why| errors.push(FieldError::new(Field::Article, article_message(&raw.article, why))))
            .ok();
        let parent = parent(&raw.parent).map_err(|error| errors.push(error)).ok();
        match (article, parent, body, author, email, url) {
            (Some(article), Some(parent), Some(body), Some(author), Some(email), Some(url)) => {
                Ok(Self { article, parent, body, author, email, url })
            }
            _ => Err(errors),
        }
    }
}

fn article_message(given: &str, why: super::article::InvalidArticle) -> String {
    if given.trim().is_empty() {
        "The address of the page is missing: send it as “article”, or let the browser send the Referer."
            .to_owned()
    } else {
        format!("The address of the page cannot be used: {why}.")
    }
}

fn body(raw: &str) -> Result<String, FieldError> {
    let text: String = raw
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect();
    let text = text.trim();
    if !text.chars().any(is_visible) {
        return Err(FieldError::new(Field::Comment, "Please write a comment."));
    }
    within(Field::Comment, text, limits::BODY)
}

fn author(raw: &str) -> Result<String, FieldError> {
    let name = one_line(raw);
    if !name.chars().any(is_visible) {
        return Err(FieldError::new(Field::Author, "Please enter your name."));
    }
    within(Field::Author, &name, limits::AUTHOR)
}

fn email(raw: &str) -> Result<String, FieldError> {
    let address = raw.trim();
    if address.is_empty() {
        return Ok(String::new());
    }
    let valid = address.rsplit_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.contains('.')
            && domain.split('.').all(|label| !label.is_empty())
            && !address.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | ','))
    });
    if !valid {
        return Err(FieldError::new(
            Field::Email,
            "This is not a complete e-mail address; it should look like name@example.org.",
        ));
    }
    within(Field::Email, address, limits::EMAIL)
}

fn website(raw: &str) -> Result<String, FieldError> {
    let address = raw.trim();
    if address.is_empty() || matches!(address, "http://" | "https://") {
        return Ok(String::new());
    }
    let with_scheme = match Url::parse(address) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Some(url),
        Ok(url) if !address.starts_with(&format!("{}://", url.scheme())) && is_host_and_port(address) => {
            Url::parse(&format!("https://{address}")).ok()
        }
        Ok(_) => None,
        Err(_) => Url::parse(&format!("https://{address}")).ok(),
    };
    match with_scheme {
        Some(url) if url.host_str().is_some_and(|host| host.contains('.') || host.starts_with('[')) => {
            within(Field::Url, url.as_str(), limits::URL)
        }
        _ => Err(FieldError::new(
            Field::Url,
            "This is not a web address; it should look like https://example.org. You can also leave it empty.",
        )),
    }
}

/// `example.org:8080/a` parses as an address with the scheme `example.org`; a port tells it apart from `mailto:x`.
fn is_host_and_port(address: &str) -> bool {
    address
        .split_once(':')
        .is_some_and(|(host, rest)| host.contains('.') && rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn parent(raw: &str) -> Result<Option<Uuid>, FieldError> {
    match raw.trim() {
        // WordPress's forms send 0 for "no parent".
        "" | "0" => Ok(None),
        id => Uuid::try_parse(id).map(Some).map_err(|_error| {
            FieldError::new(
                Field::Parent,
                "The comment you are replying to was not found; it may have been removed.",
            )
        }),
    }
}

fn one_line(raw: &str) -> String {
    let cleaned: String = raw.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    cleaned.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a character leaves ink: zero-width and other format characters alone are no text.
pub(super) fn is_visible(c: char) -> bool {
    !c.is_whitespace()
        && !c.is_control()
        && !matches!(c, '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

fn within(field: Field, value: &str, limit: usize) -> Result<String, FieldError> {
    if value.len() <= limit {
        return Ok(value.to_owned());
    }
    let what = match field {
        Field::Comment => "The comment",
        Field::Author => "The name",
        Field::Email => "The e-mail address",
        _ => "The address",
    };
    Err(FieldError::new(
        field,
        format!("{what} is too long: {} bytes, and {limit} is the most. Please shorten it.", value.len()),
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn raw() -> RawSubmission {
        RawSubmission {
            article: "https://blog.example/a".into(),
            comment: "A thoughtful answer.".into(),
            author: "Mia".into(),
            ..RawSubmission::default()
        }
    }

    fn fields(raw: &RawSubmission) -> Vec<Field> {
        Submission::parse(raw).unwrap_err().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn every_wrong_field_is_named_at_once() {
        let raw = RawSubmission {
            article: "ftp://x".into(),
            parent: "seven".into(),
            comment: " \u{200b}\n ".into(),
            author: "\u{0007}".into(),
            email: "mia at example".into(),
            url: "javascript:alert(1)".into(),
        };
        assert_eq!(
            fields(&raw),
            [Field::Comment, Field::Author, Field::Email, Field::Url, Field::Article, Field::Parent]
        );
    }

    #[test]
    fn websites_are_completed_or_refused() {
        let website =
            |url: &str| Submission::parse(&RawSubmission { url: url.into(), ..raw() }).map(|s| s.url);
        assert_eq!(website("example.org").unwrap(), "https://example.org/");
        assert_eq!(website("example.org:8080/me").unwrap(), "https://example.org:8080/me");
        assert_eq!(website("http://").unwrap(), "");
        for wrong in ["mailto:mia@example.org", "data:text/html,x", "localhost", "not a site"] {
            assert_eq!(website(wrong).unwrap_err()[0].field, Field::Url, "{wrong}");
        }
    }

    #[test]
    fn text_is_cleaned_but_not_changed() {
        let parsed = Submission::parse(&RawSubmission {
            comment: "  one\r\ntwo\0\rthree \u{1F600} ".into(),
            author: " Ann \t\n Lee ".into(),
            parent: "0".into(),
            ..raw()
        })
        .unwrap();
        assert_eq!(parsed.body, "one\ntwo\nthree \u{1F600}");
        assert_eq!(parsed.author, "Ann Lee");
        assert_eq!(parsed.parent, None);
    }

    #[test]
    fn too_long_says_how_long() {
        let error =
            &Submission::parse(&RawSubmission { comment: "x".repeat(70_000), ..raw() }).unwrap_err()[0];
        assert_eq!(error.field, Field::Comment);
        assert!(error.message.contains("70000") && error.message.contains("65525"), "{}", error.message);
    }

    proptest! {
        #[test]
        fn what_parses_can_be_stored(comment in any::<String>(), author in any::<String>(), email in any::<String>(),
                                     url in any::<String>()) {
            if let Ok(parsed) = Submission::parse(&RawSubmission { comment, author, email, url, ..raw() }) {
                for text in [&parsed.body, &parsed.author, &parsed.email, &parsed.url] {
                    prop_assert!(!text.contains('\0'));
                }
                prop_assert!(!parsed.author.contains('\n') && !parsed.body.trim().is_empty());
            }
        }
    }
}
