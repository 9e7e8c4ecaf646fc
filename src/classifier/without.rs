//! A comment without one of the things that tell, to be scored again: what it would be is then what the model says, and
//! no estimate. (A token's part in a score cannot just be taken off: the others weigh more without it.)

use linkify::LinkFinder;
use url::Url;

use super::explain::quoted_words;
use super::{Contribution, Document};

/// A comment without one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Without {
    /// What is left out: `the link to example.top`.
    pub what: String,
    content: String,
    author: String,
    email: String,
    url: String,
}

impl Without {
    /// What is left.
    pub fn document(&self) -> Document<'_> {
        Document { content: &self.content, author: &self.author, email: &self.email, url: &self.url }
    }
}

/// So many words that tell are tried.
const WORDS: usize = 6;
/// So many hosts are tried.
const HOSTS: usize = 6;

/// The comment without each host it links to, without what is said of its author, and without each of the words that tell
/// most; `telling` are its contributions, strongest first.
pub fn without_each(document: &Document<'_>, telling: &[Contribution]) -> Vec<Without> {
    let whole = |what: String| Without {
        what,
        content: document.content.to_owned(),
        author: document.author.to_owned(),
        email: document.email.to_owned(),
        url: document.url.to_owned(),
    };
    let mut all: Vec<Without> = hosts(document.content)
        .into_iter()
        .map(|host| {
            let what = format!("the link to {host}");
            Without { content: without_host(document.content, &host), ..whole(what) }
        })
        .collect();
    if !document.url.is_empty() {
        all.push(Without { url: String::new(), ..whole("the author's link".to_owned()) });
    }
    if !document.email.is_empty() {
        all.push(Without { email: String::new(), ..whole("the e-mail address".to_owned()) });
    }
    if !document.author.is_empty() {
        all.push(Without { author: String::new(), ..whole("the author's name".to_owned()) });
    }
    let words = telling.iter().filter_map(|part| Some((quoted_words(&part.token)?, part)));
    all.extend(words.take(WORDS).filter_map(|(words, part)| {
        let content = without_words(document.content, words)?;
        Some(Without { content, ..whole(format!("the {}", part.token)) })
    }));
    all
}

fn links(text: &str) -> impl Iterator<Item = (std::ops::Range<usize>, String)> {
    let finder = {
        let mut finder = LinkFinder::new();
        finder.url_must_have_scheme(false);
        finder.kinds(&[linkify::LinkKind::Url]);
        finder
    };
    let found: Vec<_> = finder
        .links(text)
        .filter_map(|link| {
            let written = link.as_str();
            let address =
                if written.contains("://") { written.to_owned() } else { format!("http://{written}") };
            let host = Url::parse(&address).ok()?.host_str()?.to_owned();
            Some((link.start()..link.end(), host))
        })
        .collect();
    found.into_iter()
}

fn hosts(text: &str) -> Vec<String> {
    let mut hosts: Vec<String> = Vec::new();
    for (_, host) in links(text) {
        if !hosts.contains(&host) && hosts.len() < HOSTS {
            hosts.push(host);
        }
    }
    hosts
}

fn without_host(text: &str, host: &str) -> String {
    let ranges = links(text).filter(|(_, other)| other == host).map(|(range, _)| range);
    cut(text, ranges)
}

/// The text without these words wherever they stand in a row; `None` if they stand nowhere as such.
fn without_words(text: &str, words: &str) -> Option<String> {
    let wanted: Vec<String> = split(words).map(|(_, word)| word).collect();
    let there: Vec<(usize, String)> = split(text).collect();
    if wanted.is_empty() || wanted.len() > there.len() {
        return None;
    }
    let mut ranges = Vec::new();
    let mut place = 0;
    while let Some(row) = there.get(place..place + wanted.len()) {
        if row.iter().zip(&wanted).all(|((_, word), wanted)| word == wanted) {
            let end = text[row[row.len() - 1].0..]
                .find(|c| !is_of_word(c))
                .map_or(text.len(), |length| row[row.len() - 1].0 + length);
            ranges.push(row[0].0..end);
            place += wanted.len();
        } else {
            place += 1;
        }
    }
    (!ranges.is_empty()).then(|| cut(text, ranges.into_iter()))
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '\'' || c == '’'
}

/// Where each word begins, and the word as the classifier compares it.
fn split(text: &str) -> impl Iterator<Item = (usize, String)> {
    text.split(|c| !is_of_word(c))
        .filter(|word| !word.is_empty())
        .map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word.to_lowercase()))
}

fn cut(text: &str, ranges: impl Iterator<Item = std::ops::Range<usize>>) -> String {
    let mut left = String::with_capacity(text.len());
    let mut done = 0;
    for range in ranges {
        left.push_str(&text[done..range.start]);
        done = range.end;
    }
    left.push_str(&text[done..]);
    left
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::classifier::{Group, Seen};

    fn named(token: &str) -> Contribution {
        let seen = Seen::default();
        Contribution { group: Group::Words, token: token.to_owned(), log_odds: 1.0, seen, shares_with: None }
    }

    #[test]
    fn each_thing_is_left_out_and_nothing_else() {
        let document = Document {
            content: "Check out http://a.top/x and check OUT www.b.example, or a.top.",
            author: "Ann",
            email: "",
            url: "http://c.example",
        };
        let told = [named("words “check out”"), named("letters “hec”"), named("word “(link)”")];
        let all = without_each(&document, &told);
        let content = |what: &str| {
            let one = all.iter().find(|one| one.what == what).unwrap_or_else(|| panic!("{what} in {all:?}"));
            one.document().content.to_owned()
        };
        assert_eq!(content("the link to a.top"), "Check out  and check OUT www.b.example, or .");
        assert_eq!(
            content("the link to www.b.example"),
            "Check out http://a.top/x and check OUT , or a.top."
        );
        assert_eq!(content("the words “check out”"), " http://a.top/x and  www.b.example, or a.top.");
        assert_eq!(content("the author's name"), document.content);
        assert_eq!(all.len(), 5, "{all:?}");
        let nameless = all.iter().find(|one| one.what == "the author's name").unwrap().document();
        assert_eq!((nameless.author, nameless.url), ("", "http://c.example"));
    }

    proptest! {
        #[test]
        fn any_text_is_cut_cleanly(content in ".{0,60}", word in "\\PC{0,6}") {
            let content = format!("{content} {word} http://{word}.example {content}");
            let document = Document { content: &content, ..Document::default() };
            for one in without_each(&document, &[named(&format!("word “{word}”"))]) {
                prop_assert!(one.document().content.len() < content.len());
            }
        }
    }
}
