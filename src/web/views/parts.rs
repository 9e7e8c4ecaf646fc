//! The small values most views share.

use std::fmt;

use askama::filters::HtmlSafe;

use crate::comment::{Ground, Order, Queue, State};
use crate::policy::Signal;

/// What every page carries around its own content.
#[derive(Debug, Clone)]
pub struct Layout {
    /// Language of the page, a BCP 47 tag: `en`.
    pub lang: String,
    /// The site the page belongs to: its title and home page. `None` on pages of Moderato itself.
    pub site: Option<Link>,
    /// Who is signed in.
    pub user: Option<User>,
}

/// Who is signed in, as the head of the desk shows it.
#[derive(Debug, Clone)]
pub struct User {
    /// Name.
    pub name: String,
    /// Whether the pages for administrators are theirs.
    pub admin: bool,
}

/// Something to follow.
#[derive(Debug, Clone)]
pub struct Link {
    /// Words of the link.
    pub text: String,
    /// Where it leads: a path, or an `http`, `https` or `mailto` address. Anything else leads nowhere.
    pub href: String,
}

impl Link {
    pub(super) fn target(&self) -> &str {
        followable(&self.href)
    }
}

/// The address, if following it cannot run code. Addresses typed by strangers end up in links, and escaping alone
/// lets `javascript:` through.
pub(super) fn followable(href: &str) -> &str {
    let starts =
        |prefix: &str| href.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    if ["/", "?", "#", "http://", "https://", "mailto:"].into_iter().any(starts) { href } else { "#" }
}

/// A point in time, written three ways.
#[derive(Debug, Clone)]
pub struct Moment {
    /// For machines, RFC 3339: `2026-03-01T09:30:00Z`.
    pub iso: String,
    /// For people who want to know: `1 March 2026, 09:30 UTC`.
    pub exact: String,
    /// For people who read on: `2 hours ago`.
    pub relative: String,
}

impl Moment {
    /// Where there is little room: `2 h`.
    pub(super) fn brief(&self) -> String {
        let mut words = self.relative.split(' ');
        let number = words.next().unwrap_or_default();
        let unit = match words.next().unwrap_or_default().trim_end_matches('s') {
            "minute" => "min",
            "hour" => "h",
            "day" => "d",
            "month" => "mo",
            "year" => "y",
            _ => return self.relative.clone(),
        };
        format!("{number}\u{a0}{unit}")
    }
}

/// HTML that was already made safe (Markdown through the sanitiser). Printed as it is.
#[derive(Debug, Clone)]
pub struct SafeHtml(pub String);

impl fmt::Display for SafeHtml {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl HtmlSafe for SafeHtml {}

/// A hidden field of a form.
#[derive(Debug, Clone)]
pub struct Hidden {
    /// Name of the field.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

/// A button that posts: a form with hidden fields.
#[derive(Debug, Clone)]
pub struct PostButton {
    /// Where it posts to.
    pub action: String,
    /// Word on the button.
    pub label: String,
    /// What it sends.
    pub hidden: Vec<Hidden>,
}

/// A comment's state as the desk shows it: a word and a shape, not a colour alone.
pub(in crate::web) trait Shown {
    /// The word for people.
    fn word(self) -> &'static str;
    /// The name in class attributes.
    fn class(self) -> &'static str;
}

impl Shown for State {
    fn word(self) -> &'static str {
        match self {
            Self::Approved => "Approved",
            Self::Held => "Held",
            Self::Spam => "Spam",
            Self::Rejected => "Rejected",
            Self::Deleted => "Deleted",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Approved => "ham",
            Self::Held => "doubt",
            Self::Spam => "spam",
            Self::Rejected | Self::Deleted => "out",
        }
    }
}

impl Shown for Queue {
    fn word(self) -> &'static str {
        match self {
            Self::Held => "Held",
            Self::Reported => "Reported",
            Self::Unchecked => "Spam to check",
            Self::Audit => "Audit sample",
            Self::Approved => "Approved",
            Self::Spam => "Spam",
            Self::Rejected => "Rejected",
            Self::All => "All",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Held => "doubt",
            Self::Reported | Self::Unchecked | Self::Spam => "spam",
            Self::Approved => "ham",
            Self::Audit | Self::Rejected | Self::All => "out",
        }
    }
}

/// What is said of something in a few words.
pub(in crate::web) trait Said {
    /// The words.
    fn words(self) -> &'static str;
}

impl Said for Order {
    fn words(self) -> &'static str {
        match self {
            Self::Doubt => "Least certain",
            Self::Line => "Nearest to the line",
            Self::Reports => "Most reported",
            Self::Newest => "Newest",
            Self::Oldest => "Oldest",
        }
    }
}

impl Said for Ground {
    fn words(self) -> &'static str {
        match self {
            Self::Spam => "spam",
            Self::Abuse => "abuse",
            Self::OffTopic => "off topic",
            Self::Illegal => "illegal",
            Self::Other => "something else",
        }
    }
}

impl Said for Signal {
    fn words(self) -> &'static str {
        match self {
            Self::Trap => "hidden field filled in",
            Self::Hasty => "sent within seconds",
            Self::Forged => "form signature not ours",
            Self::Repeated => "same text was spam before",
            Self::Record => "author has a record",
            Self::Abuse => "held for abuse",
            Self::Rule => "a rule matched",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_pages_and_mail_only() {
        for fine in ["/admin", "?reply_to=1#respond", "HTTPS://example.org", "mailto:a@example.org", "#c-1"] {
            assert_eq!(followable(fine), fine);
        }
        for code in ["javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "", "é"] {
            assert_eq!(followable(code), "#");
        }
    }
}
