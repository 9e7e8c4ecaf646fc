//! Many comments at one stroke.

use askama::Template;

use super::desk::CommentCard;
use super::figures::{count, plural};
use super::parts::{Hidden, Layout, PostButton};
use crate::comment::{RejectReason, Verdict};

/// What would be decided.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/bulk.html")]
pub struct BulkPreview {
    /// Around the page.
    pub layout: Layout,
    /// The verdict; `None` lets it be chosen here: the comments are a campaign.
    pub verdict: Option<Verdict>,
    /// How many comments.
    pub count: u64,
    /// Are there more, which are left for the next time?
    pub most: bool,
    /// How many of them the score or the author's record would put on the other side.
    pub doubtful: u64,
    /// The first of these.
    pub doubtful_cards: Vec<CommentCard>,
    /// The first of the others.
    pub clear_cards: Vec<CommentCard>,
    /// What the form sends.
    pub hidden: Vec<Hidden>,
    /// The list they are from.
    pub back: String,
}

/// What was decided, and what was not.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/bulk_failures.html")]
pub struct BulkFailures {
    /// Around the page.
    pub layout: Layout,
    /// What was done.
    pub message: String,
    /// What was not.
    pub failures: Vec<BulkFailure>,
    /// The way back.
    pub undo: Option<PostButton>,
    /// The list they are from.
    pub back: String,
}

/// A comment that was not decided on.
#[derive(Debug, Clone)]
pub struct BulkFailure {
    /// Its page.
    pub href: String,
    /// Why.
    pub why: String,
}

/// What a button that decides on so many says.
fn verdict_words(verdict: Verdict, count: u64) -> String {
    let comments = plural(count, "comment", "comments");
    match verdict {
        Verdict::Approve => format!("Approve {comments}"),
        Verdict::Spam => format!("Mark {comments} as spam"),
        Verdict::Reject => format!("Reject {comments}"),
        Verdict::Hold => format!("Hold {comments}"),
    }
}

impl BulkPreview {
    fn title(&self) -> String {
        match self.verdict {
            Some(verdict) => format!("{}?", verdict_words(verdict, self.count)),
            None => format!("{} like this", plural(self.count, "comment", "comments")),
        }
    }

    /// Values and words of the buttons, the first one at hand.
    fn buttons(&self) -> Vec<(&'static str, String)> {
        let all = [
            ("spam", Verdict::Spam),
            ("approve", Verdict::Approve),
            ("reject", Verdict::Reject),
            ("hold", Verdict::Hold),
        ];
        all.into_iter()
            .filter(|(_, verdict)| match self.verdict {
                Some(chosen) => *verdict == chosen,
                None => *verdict != Verdict::Hold,
            })
            .map(|(value, verdict)| (value, verdict_words(verdict, self.count)))
            .collect()
    }

    /// A campaign is mostly spam: there it would only be in the way.
    fn may_reject(&self) -> bool {
        self.verdict == Some(Verdict::Reject)
    }

    fn other_side(&self) -> &'static str {
        if self.verdict == Some(Verdict::Approve) { "look like spam" } else { "may be genuine" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_fit_the_verdicts() {
        assert_eq!(verdict_words(Verdict::Spam, 1), "Mark 1 comment as spam");
        assert_eq!(verdict_words(Verdict::Approve, 12), "Approve 12 comments");
    }
}
