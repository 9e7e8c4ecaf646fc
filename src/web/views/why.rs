//! The account of a score.

use askama::Template;
use askama::filters::HtmlSafe;

use super::figures::signed;
use super::parts::{Layout, Link};
use super::score::{Pull, figure};

/// The account on a page of its own.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/why_page.html")]
pub struct WhyPage {
    /// Around the page.
    pub layout: Layout,
    /// The comment.
    pub back: String,
    /// Who wrote it.
    pub author: String,
    /// The account.
    pub account: Account,
}

/// The account of a score, on its page or in the card.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/why.html")]
pub struct Account {
    /// The score that the comment came in with, where it is another than today's.
    pub then: Option<Sum>,
    /// What it scores today.
    pub now: Sum,
    /// Why the two may differ: `Its text was edited since.`
    pub since: String,
    /// The groups among the parts of `now`, token by token.
    pub groups: Vec<Sum>,
    /// Share of the text's tokens that the model never saw, in percent.
    pub unseen: u8,
    /// What it would score without one thing.
    pub without: Vec<LeftOut>,
    /// The nearest comment that somebody decided on.
    pub nearest: Option<NearestComment>,
}

impl HtmlSafe for Account {}

/// A thing that is left out.
#[derive(Debug, Clone)]
pub struct LeftOut {
    /// In words: `the link to example.top`.
    pub what: String,
    /// Probability of spam then.
    pub spam_probability: f64,
}

impl LeftOut {
    fn figure(&self) -> String {
        figure(self.spam_probability)
    }
}

/// Parts and what they add up to.
#[derive(Debug, Clone)]
pub struct Sum {
    /// Of what: `words`; or the model's version.
    pub name: String,
    /// The parts.
    pub parts: Vec<Part>,
    /// Their sum as log-odds.
    pub log_odds: f64,
    /// The same as a probability of spam.
    pub spam_probability: f64,
}

/// One part.
#[derive(Debug, Clone)]
pub struct Part {
    /// In words.
    pub what: String,
    /// Where it was seen; may be empty.
    pub note: String,
    /// Towards spam (above 0) or ham (below 0).
    pub log_odds: f64,
}

/// A comment that is like this one.
#[derive(Debug, Clone)]
pub struct NearestComment {
    /// The comment.
    pub link: Link,
    /// What people said it is: `spam`.
    pub label: String,
    /// Share of words in common, in percent.
    pub alike: u8,
    /// The beginning of what it says.
    pub beginning: String,
}

struct Row<'a> {
    what: &'a str,
    note: &'a str,
    weight: String,
    pull: Pull,
}

impl Sum {
    fn rows(&self) -> Vec<Row<'_>> {
        let strongest = self.parts.iter().map(|part| part.log_odds.abs()).fold(0.25, f64::max);
        self.parts
            .iter()
            .map(|part| Row {
                what: &part.what,
                note: &part.note,
                weight: signed(part.log_odds, 2),
                pull: Pull::of(part.log_odds, strongest),
            })
            .collect()
    }

    fn together(&self) -> String {
        signed(self.log_odds, 2)
    }

    fn figure(&self) -> String {
        figure(self.spam_probability)
    }
}
