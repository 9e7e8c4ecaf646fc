//! A stranger's text for mails and chats: no program makes a link, a mention or an address of anything in it.

use linkify::{LinkFinder, LinkKind};

/// The text with links and addresses put into words ("[link to example dot com]"), and without what would make others
/// of it: dots inside words, `@`, and characters that turn the direction of writing or are not seen.
pub fn defuse(text: &str) -> String {
    let mut finder = LinkFinder::new();
    finder.url_must_have_scheme(false);
    let mut defused = String::with_capacity(text.len() + 32);
    for span in finder.spans(text) {
        match span.kind() {
            Some(LinkKind::Email) => {
                let host = span.as_str().rsplit_once('@').map_or("", |(_, host)| host);
                defused.extend(["[address at ", &in_words(host), "]"]);
            }
            Some(_) => defused.extend(["[link to ", &in_words(host(span.as_str())), "]"]),
            None => push_plain(&mut defused, span.as_str()),
        }
    }
    defused
}

/// The same on one line, cut off after so many characters.
pub fn defuse_line(text: &str, longest: usize) -> String {
    let line = defuse(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    match line.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// The host of an address, with or without a scheme.
fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    host.split(':').next().unwrap_or_default()
}

fn in_words(host: &str) -> String {
    let plain: String = host.chars().filter(|c| c.is_alphanumeric() || matches!(c, '.' | '-')).collect();
    plain.replace('.', " dot ")
}

/// What link finders other than ours may still see a link in.
fn push_plain(defused: &mut String, text: &str) {
    let mut letters = text.chars().filter(|c| !is_hidden(*c)).peekable();
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied();
        let inside = defused.chars().next_back().is_some_and(char::is_alphanumeric)
            && next.is_some_and(char::is_alphabetic);
        match letter {
            '.' if inside => defused.push_str(" dot "),
            '@' => defused.push_str(" at "),
            ':' if next == Some('/') => defused.push_str(" : "),
            '/' if next == Some('/') || defused.ends_with('/') => defused.push_str(" / "),
            _ => defused.push(letter),
        }
    }
}

/// Characters that nobody sees, or that turn the text around.
fn is_hidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn links_are_told_by_their_host() {
        for (text, told) in [
            ("Buy at https://www.example.top/a?b=c now", "Buy at [link to www dot example dot top] now"),
            ("see example.com/x", "see [link to example dot com]"),
            ("http://user@evil.example:81/", "[link to evil dot example]"),
            ("write to me@example.org.", "write to [address at example dot org]."),
            ("@everyone look", " at everyone look"),
            ("The end.Start anew. 3.5 is fine", "The [link to end dot Start] anew. 3.5 is fine"),
            ("hxxp://x", "[link to x]"),
            ("turn\u{202e}ed", "turned"),
        ] {
            assert_eq!(defuse(text), told);
        }
        assert_eq!(defuse_line("one\n two  three", 7), "one two…");
    }

    proptest! {
        #[test]
        fn nothing_is_left_to_follow(text in "([a-z./:@ \\n\\u{202e}]|http://|www[.]|[.]com|пример[.]рф){0,12}") {
            let defused = defuse(&text);
            let mut finder = LinkFinder::new();
            finder.url_must_have_scheme(false);
            prop_assert_eq!(finder.links(&defused).count(), 0, "{}", defused);
            prop_assert!(!defused.contains("://") && !defused.contains('@'), "{}", defused);
            let letters: Vec<char> = defused.chars().collect();
            let dotted = |three: &[char]| three[0].is_alphanumeric() && three[1] == '.' && three[2].is_alphabetic();
            prop_assert!(!letters.windows(3).any(dotted), "{}", defused);
        }
    }
}
