//! The approved comments of a page: as a thread, and as a feed.

use std::collections::HashMap;

use askama::Template;
use askama::filters::HtmlSafe;

use super::figures::plural;
use super::parts::{Moment, SafeHtml, followable};

/// How many steps replies are set in before they go on flat.
const DEEPEST: usize = 3;

/// One approved comment.
#[derive(Debug, Clone)]
pub struct Posted {
    /// Its id; the anchor is `comment-ID`.
    pub id: String,
    /// Id of the comment it answers.
    pub parent: Option<String>,
    /// Author's name.
    pub author: String,
    /// Author's website, `http` or `https`.
    pub website: Option<String>,
    /// When it was written.
    pub posted: Moment,
    /// The text.
    pub body: SafeHtml,
    /// Did a moderator write it, in the site's name?
    pub by_moderator: bool,
    /// Did a moderator change what it says?
    pub edited: bool,
    /// Where "Reply" leads without JavaScript: `?reply_to=ID#respond`. `None` shows no such link.
    pub reply_href: Option<String>,
    /// Where it can be reported.
    pub report_href: String,
}

/// The comments under a page, answers set in below what they answer. As a page fragment it is also what other
/// sites embed.
#[derive(Debug, Clone, Template)]
#[template(path = "reader/thread.html")]
pub struct Thread {
    roots: Vec<Node>,
    count: u64,
    feed: Option<String>,
}

impl HtmlSafe for Thread {}

/// One comment with its answers.
#[derive(Debug, Clone, Template)]
#[template(path = "reader/comment.html")]
struct Node {
    comment: Posted,
    /// Said in words where the indent no longer says it.
    in_reply_to: Option<String>,
    replies: Vec<Node>,
}

impl HtmlSafe for Node {}

impl Thread {
    /// Arranges comments, oldest first. An answer to a comment that is not among the earlier ones (taken down,
    /// not approved) stands at the top level. `feed` is the address of the Atom feed.
    pub fn new(comments: Vec<Posted>, feed: Option<String>) -> Self {
        let count = comments.len() as u64;
        let mut places: HashMap<String, Place> = HashMap::with_capacity(comments.len());
        let mut below: HashMap<Option<usize>, Vec<(usize, Node)>> = HashMap::new();
        for (index, comment) in comments.into_iter().enumerate() {
            let parent = comment.parent.as_ref().and_then(|id| places.get(id));
            let (under, depth, in_reply_to) = match parent {
                None => (None, 0, None),
                Some(parent) if parent.depth < DEEPEST => (Some(parent.index), parent.depth + 1, None),
                Some(parent) => (parent.under, DEEPEST, Some(parent.author.clone())),
            };
            let place = Place { index, under, depth, author: comment.author.clone() };
            places.insert(comment.id.clone(), place);
            below.entry(under).or_default().push((index, Node { comment, in_reply_to, replies: Vec::new() }));
        }
        Self { roots: gather(&mut below, None), count, feed }
    }

    fn heading(&self) -> String {
        if self.count == 0 { "No comments yet".to_owned() } else { plural(self.count, "comment", "comments") }
    }
}

/// Where an earlier comment was put.
struct Place {
    index: usize,
    under: Option<usize>,
    depth: usize,
    author: String,
}

/// Takes out the comments under one, with theirs. Goes at most [`DEEPEST`] calls down.
fn gather(below: &mut HashMap<Option<usize>, Vec<(usize, Node)>>, under: Option<usize>) -> Vec<Node> {
    let mut nodes = Vec::new();
    for (index, mut node) in below.remove(&under).unwrap_or_default() {
        node.replies = gather(below, Some(index));
        nodes.push(node);
    }
    nodes
}

/// Approved comments as an Atom feed.
#[derive(Debug, Clone, Template)]
#[template(path = "reader/feed.xml")]
pub struct Feed {
    /// Title of the feed.
    pub title: String,
    /// Address of the feed itself, absolute; also its id.
    pub self_url: String,
    /// Address of the page that is commented on, absolute.
    pub page_url: String,
    /// When it last changed, RFC 3339.
    pub updated: String,
    /// Newest first.
    pub entries: Vec<FeedEntry>,
}

/// One comment in a feed.
#[derive(Debug, Clone)]
pub struct FeedEntry {
    /// Id of the comment, a UUID.
    pub id: String,
    /// Address of the comment on its page, absolute.
    pub url: String,
    /// Author's name.
    pub author: String,
    /// Did a moderator write it, in the site's name?
    pub by_moderator: bool,
    /// When it was written, RFC 3339.
    pub published: String,
    /// The text.
    pub body: SafeHtml,
}

/// Leaves out what XML 1.0 cannot carry at all, not even escaped (control characters).
fn xml(text: &str) -> String {
    let carried =
        |c: &char| matches!(c, '\t' | '\n' | '\r') || (*c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}'));
    text.chars().filter(carried).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(id: &str, parent: Option<&str>) -> Posted {
        let now = Moment { iso: String::new(), exact: String::new(), relative: String::new() };
        Posted {
            id: id.to_owned(),
            parent: parent.map(str::to_owned),
            author: format!("author of {id}"),
            website: None,
            posted: now,
            body: SafeHtml(String::new()),
            by_moderator: false,
            edited: false,
            reply_href: None,
            report_href: "/report".to_owned(),
        }
    }

    /// The thread as `id(replies)`.
    fn shape(nodes: &[Node]) -> String {
        let one = |node: &Node| match shape(&node.replies) {
            replies if replies.is_empty() => node.comment.id.clone(),
            replies => format!("{}({replies})", node.comment.id),
        };
        nodes.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn answers_are_set_in_three_steps_and_then_go_on_flat() {
        let chain = ["a", "b", "c", "d", "e", "f"];
        let comments = chain
            .iter()
            .enumerate()
            .map(|(i, id)| posted(id, i.checked_sub(1).map(|before| chain[before])))
            .collect();
        let thread = Thread::new(comments, None);
        assert_eq!(shape(&thread.roots), "a(b(c(d e f)))");
        let flat = &thread.roots[0].replies[0].replies[0].replies;
        assert_eq!(flat[0].in_reply_to, None);
        assert_eq!(flat[2].in_reply_to.as_deref(), Some("author of e"));
    }

    #[test]
    fn an_answer_to_something_unseen_stands_by_itself() {
        let comments = vec![posted("a", Some("gone")), posted("b", Some("c")), posted("c", Some("b"))];
        assert_eq!(shape(&Thread::new(comments, None).roots), "a b(c)");
    }

    #[test]
    fn a_chain_of_ten_thousand_answers_is_shown() {
        let comments = (0..10_000)
            .map(|i| posted(&i.to_string(), (i > 0).then(|| (i - 1).to_string()).as_deref()))
            .collect();
        let html = Thread::new(comments, None).render().unwrap();
        assert_eq!(html.matches("<article").count(), 10_000);
    }
}
