//! A comment's text with what tells marked in it: words that speak for either side, and the hosts its links really lead to.

use std::collections::HashMap;

use linkify::{LinkFinder, LinkKind};
use url::Url;

use super::score::Reason;
use crate::classifier::quoted_words;

/// A piece of a text. All pieces together are the text, but for addresses that read otherwise than they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub(super) text: &'a str,
    pub(super) mark: Mark,
}

/// What a piece is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Mark {
    /// Nothing to point out.
    None,
    /// A word that speaks for ham or spam.
    Tells(&'static str),
    /// The host a link leads to; and as it is looked up, where that reads otherwise.
    Host(Option<String>),
}

/// Words and pairs of words that the reasons name, with their side.
struct Telling(HashMap<Vec<String>, &'static str>);

impl Telling {
    fn of(reasons: &[Reason]) -> Self {
        let named = reasons.iter().filter_map(|reason| {
            let words: Vec<String> = words(quoted_words(&reason.what)?).map(|(_, word)| word).collect();
            let side = if reason.log_odds > 0.0 { "spam" } else { "ham" };
            (!words.is_empty() && words.len() <= 2).then_some((words, side))
        });
        Self(named.collect())
    }
}

/// Cuts a text into pieces.
pub(super) fn marked<'a>(text: &'a str, reasons: &[Reason]) -> Vec<Piece<'a>> {
    let telling = Telling::of(reasons);
    let mut pieces = Vec::new();
    for span in LinkFinder::new().url_must_have_scheme(false).spans(text) {
        match span.kind() {
            Some(LinkKind::Url) => link(span.as_str(), &mut pieces),
            _ => prose(span.as_str(), &telling, &mut pieces),
        }
    }
    pieces
}

fn plain<'a>(text: &'a str, pieces: &mut Vec<Piece<'a>>) {
    if !text.is_empty() {
        pieces.push(Piece { text, mark: Mark::None });
    }
}

/// The host is marked where it stands; what is before an `@` only looks like one.
fn link<'a>(written: &'a str, pieces: &mut Vec<Piece<'a>>) {
    let start = written.find("://").map_or(0, |at| at + 3);
    let end = written[start..].find(['/', '?', '#', '\\']).map_or(written.len(), |at| start + at);
    let start = written[start..end].rfind('@').map_or(start, |at| start + at + 1);
    let end = written[start..end].rfind(':').map_or(end, |at| start + at);
    plain(&written[..start], pieces);
    let address = if written.contains("://") { written.to_owned() } else { format!("http://{written}") };
    let host = Url::parse(&address).ok().and_then(|url| url.host_str().map(str::to_owned));
    let otherwise = host.filter(|host| !host.eq_ignore_ascii_case(&written[start..end]));
    pieces.push(Piece { text: &written[start..end], mark: Mark::Host(otherwise) });
    plain(&written[end..], pieces);
}

fn prose<'a>(text: &'a str, telling: &Telling, pieces: &mut Vec<Piece<'a>>) {
    let words: Vec<(&str, String)> = words(text).collect();
    let mut sides: Vec<Option<&'static str>> = vec![None; words.len()];
    for (place, pair) in words.windows(2).enumerate() {
        if let Some(side) = telling.0.get(&[pair[0].1.clone(), pair[1].1.clone()][..]) {
            sides[place..place + 2].fill(Some(*side));
        }
    }
    // A word by itself is named for what it says by itself.
    for (side, (_, word)) in sides.iter_mut().zip(&words) {
        *side = telling.0.get(std::slice::from_ref(word)).copied().or(*side);
    }
    let mut done = 0;
    for ((written, _), side) in words.iter().zip(sides) {
        let Some(side) = side else { continue };
        let start = written.as_ptr() as usize - text.as_ptr() as usize;
        plain(&text[done..start], pieces);
        pieces.push(Piece { text: written, mark: Mark::Tells(side) });
        done = start + written.len();
    }
    plain(&text[done..], pieces);
}

/// The words of a text as written and as the classifier compares them.
fn words(text: &str) -> impl Iterator<Item = (&str, String)> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '’'))
        .filter(|word| !word.is_empty())
        .map(|word| (word, word.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reasons() -> Vec<Reason> {
        [("word “winner”", 1.0), ("words “check out”", 2.0), ("word “thanks”", -1.0), ("letters “hec”", 3.0)]
            .map(|(what, log_odds)| Reason { what: what.to_owned(), log_odds })
            .to_vec()
    }

    fn shown(text: &str) -> Vec<String> {
        let mark = |piece: Piece<'_>| match piece.mark {
            Mark::None => piece.text.to_owned(),
            Mark::Tells(side) => format!("{side}:{}", piece.text),
            Mark::Host(None) => format!("host:{}", piece.text),
            Mark::Host(Some(real)) => format!("host:{}={real}", piece.text),
        };
        marked(text, &reasons()).into_iter().map(mark).collect()
    }

    #[test]
    fn telling_words_and_real_hosts_are_marked() {
        assert_eq!(
            shown("Thanks, Check OUT the WINNER"),
            ["ham:Thanks", ", ", "spam:Check", " ", "spam:OUT", " the ", "spam:WINNER"]
        );
        assert_eq!(
            shown("see https://bank.example@evil.top:8080/x?y ok"),
            ["see ", "https://bank.example@", "host:evil.top", ":8080/x?y", " ok"]
        );
        assert_eq!(shown("at аpple.com/x")[1], "host:аpple.com=xn--pple-43d.com");
    }

    proptest! {
        #[test]
        fn nothing_of_the_text_is_lost(text in ".{0,200}", at in "[a-z.:/@#?]{0,30}") {
            let text = format!("{text} http://{at} winner {text}");
            let pieces = marked(&text, &reasons());
            prop_assert_eq!(pieces.iter().map(|piece| piece.text).collect::<String>(), text);
        }
    }
}
