//! Finds links and e-mail addresses in plain text, with or without a scheme, in one pass.

use std::ops::Range;

use memchr::{memchr, memchr2};

/// A stretch of the text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    Link(Link<'a>),
    Email,
}

/// Where a link leads. All parts in lower case.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Link<'a> {
    /// Host without `www.`, port or user.
    pub(super) host: &'a str,
    /// Path and query, with their leading `/` or `?`; empty if there is none.
    pub(super) path: &'a str,
    /// Written to escape link finders: `example (dot) com`, `example . com`.
    pub(super) obfuscated: bool,
}

/// Country endings that are also short English words: `Love it.So good` is no link, `bit.ly/x` is one.
const WORD_ENDINGS: [&str; 18] = [
    "am", "as", "at", "be", "by", "do", "id", "in", "is", "it", "la", "me", "my", "no", "so", "to", "us",
    "ps",
];
/// Endings looked for behind a dot that was spelled out or set apart.
const SPACED_ENDINGS: [&str; 10] =
    ["biz", "club", "com", "info", "net", "online", "org", "shop", "top", "xyz"];
/// Longest host name the domain name system allows.
const LONGEST_HOST: usize = 253;

/// Cuts a text into links, e-mail addresses and the text between them, and hands them to `emit` in order. `scratch`
/// is a buffer to be used again.
pub(super) fn pieces(text: &str, scratch: &mut String, emit: &mut impl FnMut(Piece<'_>)) {
    let mut pieces = Pieces { text, done: 0, scratch, emit };
    let mut before: [&str; 2] = ["", ""];
    let mut rest = text;
    while let Some(chunk) = next_chunk(&mut rest) {
        let start = offset_in(text, chunk);
        let dotted = memchr2(b'.', b':', chunk.as_bytes()).is_some();
        if !(dotted && pieces.search(chunk, start)) {
            pieces.spaced_out(before, chunk);
        }
        before = [before[1], chunk];
    }
    pieces.text_until(text.len());
}

/// Takes the next run of characters between boundaries off a text.
fn next_chunk<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let mut start = None;
    let mut at = 0;
    let bytes = rest.as_bytes();
    while let Some(&byte) = bytes.get(at) {
        let (boundary, width) = match ASCII_BOUNDARIES.get(byte as usize) {
            Some(&boundary) => (boundary, 1),
            None => rest[at..].chars().next().map_or((true, 1), |c| (is_boundary(c), c.len_utf8())),
        };
        match start {
            Some(start) if boundary => {
                let chunk = &rest[start..at];
                *rest = &rest[at + width..];
                return Some(chunk);
            }
            None if !boundary => start = Some(at),
            _ => {}
        }
        at += width;
    }
    let chunk = start.map(|start| &rest[start..]);
    *rest = "";
    chunk
}

const fn is_boundary(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '<' | '>' | '"' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '`' | ',' | ';' | '*')
        || matches!(c, '“' | '”' | '«' | '»' | '、' | '。' | '【' | '】')
}

static ASCII_BOUNDARIES: [bool; 128] = {
    let mut boundaries = [false; 128];
    let mut byte = 0_u8;
    while byte < 128 {
        boundaries[byte as usize] = is_boundary(byte as char);
        byte += 1;
    }
    boundaries
};

/// Where a slice of `text` begins in it.
pub(super) fn offset_in(text: &str, part: &str) -> usize {
    part.as_ptr() as usize - text.as_ptr() as usize
}

struct Pieces<'a, E> {
    text: &'a str,
    done: usize,
    scratch: &'a mut String,
    emit: &'a mut E,
}

impl<E: FnMut(Piece<'_>)> Pieces<'_, E> {
    fn text_until(&mut self, end: usize) {
        if self.done < end {
            (self.emit)(Piece::Text(&self.text[self.done..end]));
            self.done = end;
        }
    }

    /// Hands over what was found, unless it overlaps something found before.
    fn found(&mut self, range: Range<usize>, found: &Found) {
        if range.start >= self.done {
            self.text_until(range.start);
            (self.emit)(found.piece(self.scratch));
            self.done = range.end;
        }
    }

    /// Looks through one run of characters without spaces, which may hold several links glued together.
    /// Answers whether there was any.
    fn search(&mut self, chunk: &str, start: usize) -> bool {
        let Some(first) = chunk.find("://") else {
            let found = without_scheme(chunk, self.scratch);
            if let Some((range, found)) = &found {
                self.found(start + range.start..start + range.end, found);
            }
            return found.is_some();
        };
        let mut any = false;
        let mut marks = chunk[first..].match_indices("://").map(|(at, _)| first + at).peekable();
        while let Some(mark) = marks.next() {
            let end = marks.peek().map_or(chunk.len(), |&next| scheme_start(chunk, next));
            let from = scheme_start(chunk, mark);
            let Some(target) = chunk.get(mark + 3..end) else { continue };
            if let Some((found, length)) = link(trim_end(target), self.scratch) {
                self.found(start + from..start + mark + 3 + length, &found);
                any = true;
            }
        }
        any
    }

    /// `name dot com`, `name . com`, `name. com`: the name and the link it hides.
    fn spaced_out(&mut self, before: [&str; 2], chunk: &str) {
        let name = match before {
            [name, "."] => name,
            [name, dot] if dot.eq_ignore_ascii_case("dot") => name,
            [_, name] => match name.strip_suffix('.') {
                Some(name) => name,
                None => return,
            },
        };
        let ending = trim_end(chunk);
        let plain = (3..=63).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && SPACED_ENDINGS.binary_search(&ending).is_ok();
        if plain {
            self.scratch.clear();
            push_lower(self.scratch, name);
            self.scratch.push('.');
            self.scratch.push_str(ending);
            let found = Found::Link { host: 0..self.scratch.len(), obfuscated: true };
            self.found(offset_in(self.text, name)..offset_in(self.text, chunk) + chunk.len(), &found);
        }
    }
}

/// What was found, its text in lower case in a buffer of its own.
enum Found {
    /// The host's place in the buffer; the path is all behind it.
    Link {
        host: Range<usize>,
        obfuscated: bool,
    },
    Email,
}

impl Found {
    fn piece<'a>(&self, buffer: &'a str) -> Piece<'a> {
        match self {
            Self::Link { host, obfuscated } => {
                let path = &buffer[host.end..];
                Piece::Link(Link { host: &buffer[host.clone()], path, obfuscated: *obfuscated })
            }
            Self::Email => Piece::Email,
        }
    }
}

fn push_lower(buffer: &mut String, text: &str) {
    if text.is_ascii() {
        let start = buffer.len();
        buffer.push_str(text);
        buffer[start..].make_ascii_lowercase();
    } else {
        buffer.extend(text.chars().flat_map(char::to_lowercase));
    }
}

/// Where the letters before `://` begin.
fn scheme_start(chunk: &str, mark: usize) -> usize {
    let letters =
        chunk.as_bytes()[..mark].iter().rev().take(8).take_while(|b| b.is_ascii_alphabetic()).count();
    // Glued links (`http://a.examplehttp://b.example`): only the scheme itself belongs to the second.
    let ends_with = |scheme: &[u8]| {
        letters >= scheme.len() && chunk.as_bytes()[mark - scheme.len()..mark].eq_ignore_ascii_case(scheme)
    };
    if ends_with(b"https") {
        mark - 5
    } else if ends_with(b"http") {
        mark - 4
    } else {
        mark - letters
    }
}

fn trim_end(target: &str) -> &str {
    target.trim_end_matches(['.', '!', '?', ':', '\'', '…', '-', '~', '’'])
}

/// Reads `host[/path]`; answers the link, in lower case in the buffer, and how many bytes it took.
fn link(target: &str, buffer: &mut String) -> Option<(Found, usize)> {
    let host_end = target.find(['/', '?', '#', '\\']).unwrap_or(target.len());
    let host = &target[..host_end];
    let host = host.rsplit('@').next().unwrap_or(host);
    let host = host.split(':').next().unwrap_or(host);
    let foreign = host.starts_with(|c: char| !c.is_ascii());
    // Text in scripts without spaces runs on directly behind a link.
    let valid = host.find(|c: char| {
        !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') || foreign && c.is_alphanumeric())
    });
    let (host, path, length) = match valid {
        Some(end) => (&host[..end], "", offset_in(target, host) + end),
        None => (host, &target[host_end..], target.len()),
    };
    buffer.clear();
    push_lower(buffer, host.trim_matches('.'));
    let start = if buffer.starts_with("www.") { 4 } else { 0 };
    let host = start..buffer.len();
    push_lower(buffer, path);
    let usable = !host.is_empty() && host.len() <= LONGEST_HOST;
    usable.then_some((Found::Link { host, obfuscated: false }, length))
}

/// A link or e-mail address that names no scheme: `www.…`, or a host with a known ending.
fn without_scheme(chunk: &str, buffer: &mut String) -> Option<(Range<usize>, Found)> {
    let body = trim_end(chunk.trim_start_matches(|c: char| !c.is_alphanumeric()));
    memchr(b'.', body.as_bytes())?;
    let start = offset_in(chunk, body);
    if let Some(at) = body.as_bytes().windows(4).position(|window| window.eq_ignore_ascii_case(b"www."))
        && let Some(rest) = body.get(at..)
    {
        let (link, length) = link(rest, buffer)?;
        let dotted = matches!(&link, Found::Link { host, .. } if buffer[host.clone()].contains('.'));
        return dotted.then_some((start + at..start + at + length, link));
    }
    if let Some((_, domain)) = body.split_once('@')
        && !body.contains('/')
    {
        return ends_like_a_host(domain, buffer).then_some((start..start + body.len(), Found::Email));
    }
    let host_end = body.find(['/', '?', '#', ':']).unwrap_or(body.len());
    let host = &body[..host_end];
    let ending = host.rsplit('.').next().unwrap_or_default();
    let bare = host_end == body.len();
    let starts_a_sentence = ending.starts_with(char::is_uppercase) && host.contains(char::is_lowercase);
    let is_word = || WORD_ENDINGS.iter().any(|word| word.eq_ignore_ascii_case(ending));
    if bare && (starts_a_sentence || is_word()) || !ends_like_a_host(host, buffer) {
        return None;
    }
    let (link, length) = link(body, buffer)?;
    Some((start..start + length, link))
}

/// Whether this is a dotted name under an ending the public suffix list knows.
fn ends_like_a_host(host: &str, buffer: &mut String) -> bool {
    host.len() <= LONGEST_HOST
        && host.split('.').all(|label| !label.is_empty())
        && host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))
        && host.rsplit_once('.').is_some_and(|(name, ending)| {
            buffer.clear();
            push_lower(buffer, ending);
            name.contains(char::is_alphabetic)
                && psl::suffix(buffer.as_bytes()).is_some_and(|suffix| suffix.is_known())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(text: &str) -> Vec<String> {
        let mut hosts = Vec::new();
        pieces(text, &mut String::new(), &mut |piece| {
            if let Piece::Link(link) = piece {
                hosts.push(format!("{}{}", link.host, link.path));
            }
        });
        hosts
    }

    #[test]
    fn links_are_found_however_they_are_written() {
        for (text, expected) in [
            ("see http://www.A.top/Buy?x=1.", "a.top/buy?x=1"),
            ("(https://user@a.top:8080/x)", "a.top/x"),
            ("go to www.a.top!", "a.top"),
            ("casino-777.top is good", "casino-777.top"),
            ("bit.ly/abc", "bit.ly/abc"),
            ("访问http://a.top吧", "a.top"),
            ("http://пример.рф", "пример.рф"),
            ("my site example (dot) com", "example.com"),
            ("pimpmyviews. com", "pimpmyviews.com"),
            ("example . com.", "example.com"),
        ] {
            assert_eq!(hosts(text), [expected], "in {text:?}");
        }
        assert_eq!(hosts("http://a.tophttps://b.top/c"), ["a.top", "b.top/c"]);
    }

    #[test]
    fn sentences_are_no_links() {
        for text in [
            "Love it.So good",
            "Great song.Love it",
            "e.g. this",
            "3.14",
            "...",
            "://",
            "a.b",
            "Mr.Smith",
            "@you",
        ] {
            assert_eq!(hosts(text), Vec::<String>::new(), "in {text:?}");
        }
    }

    #[test]
    fn pieces_cover_the_text_between_links() {
        let mut found = Vec::new();
        pieces("mail a@b.com or see c.com now", &mut String::new(), &mut |piece| {
            found.push(format!("{piece:?}"));
        });
        assert_eq!(
            found,
            [
                r#"Text("mail ")"#,
                "Email",
                r#"Text(" or see ")"#,
                r#"Link(Link { host: "c.com", path: "", obfuscated: false })"#,
                r#"Text(" now")"#
            ]
        );
    }
}
