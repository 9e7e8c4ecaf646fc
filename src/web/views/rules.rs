//! Rules: those there are, one that is proposed, and banning at the press of a key.

use askama::Template;

use super::desk::{Choice, CommentCard, Flash};
use super::figures::{count, plural};
use super::parts::{Hidden, Layout, Link, Moment, PostButton, Shown};
use crate::comment::State;

/// The rules of somebody's sites.
#[derive(Debug, Clone, Template)]
#[template(path = "rules/index.html")]
pub struct RulesPage {
    /// Around the page.
    pub layout: Layout,
    /// What just happened.
    pub flash: Option<Flash>,
    /// Those in force, the newest first.
    pub in_force: Vec<RuleLine>,
    /// The newest of those that are over.
    pub over: Vec<RuleLine>,
    /// For another one; `None` for those who may make none.
    pub form: Option<RuleForm>,
}

/// One rule.
#[derive(Debug, Clone)]
pub struct RuleLine {
    /// Its number.
    pub id: i64,
    /// Title of its site, or `All sites`.
    pub site: String,
    /// What it matches, in words: `Link to casino.example`.
    pub matches: String,
    /// What it does: `Ban`.
    pub effect: &'static str,
    /// The class of that.
    pub class: &'static str,
    /// Its last day, or how it ended.
    pub until: String,
    /// Who made it.
    pub who: String,
    /// When.
    pub made: Moment,
    /// Why.
    pub note: String,
    /// What it has matched so far.
    pub hits: Link,
    /// Where it is changed.
    pub change: Option<String>,
    /// Ends it.
    pub end: Option<PostButton>,
}

/// What a rule is made of. It is sent for a preview first.
#[derive(Debug, Clone)]
pub struct RuleForm {
    /// Sites to choose from.
    pub sites: Vec<Choice>,
    /// What it can look at.
    pub kinds: Vec<Choice>,
    /// What it can do.
    pub effects: Vec<Choice>,
    /// What it matches, as typed.
    pub pattern: String,
    /// Where words can be looked for.
    pub places: Vec<Choice>,
    /// Its last day, `2026-12-01`, or empty.
    pub until: String,
    /// Why.
    pub note: String,
    /// The rule it takes the place of, and its number.
    pub replaces: Option<i64>,
    /// Where it leads afterwards.
    pub back: String,
    /// What is wrong with what was typed.
    pub error: Option<String>,
}

/// A rule that is proposed, and what it would have hit.
#[derive(Debug, Clone, Template)]
#[template(path = "rules/preview.html")]
pub struct RulePreview {
    /// Around the page.
    pub layout: Layout,
    /// In words: `Ban: link to casino.example, at A Blog`.
    pub title: String,
    /// What it would do, in a sentence.
    pub does: String,
    /// What is worth knowing before it is in force.
    pub caveat: Option<String>,
    /// How many comments were looked at.
    pub looked_at: u64,
    /// How many it matches.
    pub hits: u64,
    /// Of them by state, and whether a person said so.
    pub outcomes: Vec<(State, bool, u64)>,
    /// How many are on the other side.
    pub against_count: u64,
    /// Whether what is on the other side is published comments.
    pub against_published: bool,
    /// The first of them.
    pub against: Vec<CommentCard>,
    /// The first of the others.
    pub others: Vec<CommentCard>,
    /// What putting it in force sends.
    pub hidden: Vec<Hidden>,
    /// To change it.
    pub form: RuleForm,
}

/// Banning the author of a comment.
#[derive(Debug, Clone, Template)]
#[template(path = "rules/ban.html")]
pub struct BanPage {
    /// Around the page.
    pub layout: Layout,
    /// The author's name.
    pub name: String,
    /// Title of the site.
    pub site: String,
    /// How many comments were looked at.
    pub looked_at: u64,
    /// What can be banned.
    pub options: Vec<BanOption>,
    /// What the form sends.
    pub hidden: Vec<Hidden>,
    /// The way back.
    pub back: String,
}

/// One thing that can be banned.
#[derive(Debug, Clone)]
pub struct BanOption {
    /// The key that does it.
    pub key: usize,
    /// What the button sends.
    pub what: String,
    /// What is banned, in words.
    pub words: String,
    /// How many comments it would have hit.
    pub hits: u64,
    /// How many of them are published.
    pub published: u64,
    /// The first of these.
    pub examples: Vec<Example>,
}

/// A comment in a line.
#[derive(Debug, Clone)]
pub struct Example {
    /// Its page.
    pub href: String,
    /// Its author.
    pub author: String,
    /// The beginning of its text.
    pub beginning: String,
}

impl RulePreview {
    fn outcome(entry: &(State, bool, u64)) -> String {
        let (state, said, comments) = *entry;
        let who = match (state, said) {
            (State::Approved | State::Spam, true) => ", as a person said",
            (State::Approved | State::Spam, false) => ", unseen",
            _ => "",
        };
        format!("{} {}{who}", count(comments), state.word().to_lowercase())
    }

    fn summary(&self) -> String {
        let looked_at = plural(self.looked_at, "comment", "comments");
        if self.hits == 0 {
            return format!("Of the newest {looked_at} it would have hit none.");
        }
        let outcomes: Vec<String> = self.outcomes.iter().map(Self::outcome).collect();
        format!("Of the newest {looked_at} it would have hit {}: {}.", count(self.hits), outcomes.join("; "))
    }
}

impl BanOption {
    fn summary(&self) -> String {
        if self.hits == 0 {
            return "would have hit none".to_owned();
        }
        let published = if self.published == 0 {
            "none of them published".to_owned()
        } else {
            format!("{} of them published", count(self.published))
        };
        format!("would have hit {}, {published}", plural(self.hits, "comment", "comments"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_say_who_said_so() {
        assert_eq!(RulePreview::outcome(&(State::Approved, true, 1_200)), "1,200 approved, as a person said");
        assert_eq!(RulePreview::outcome(&(State::Spam, false, 3)), "3 spam, unseen");
        assert_eq!(RulePreview::outcome(&(State::Held, false, 2)), "2 held");
    }
}
