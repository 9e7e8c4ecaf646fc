//! Finds links and e-mail addresses in plain text, with or without a scheme, in one pass.

use std::ops::Range;

/// A stretch of the text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    Link(Link),
    Email,
}

/// Where a link leads. All parts in lower case.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Link {
    /// Host without `www.`, port or user.
    pub(super) host: String,
    /// Path and query, with their leading `/` or `?`; empty if there is none.
    pub(super) path: String,
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

/// Cuts a text into links, e-mail addresses and the text between them.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Pieces { text, done: 0, list: Vec::new() };
    let mut before: [&str; 2] = ["", ""];
    for chunk in text.split(is_boundary).filter(|chunk| !chunk.is_empty()) {
        let start = offset_in(text, chunk);
        let found = (chunk.contains('.') || chunk.contains("://")) && pieces.search(chunk, start);
        if !found && let Some((name, link)) = spaced_out(before, chunk) {
            pieces.push(offset_in(text, name)..start + chunk.len(), Piece::Link(link));
        }
        before = [before[1], chunk];
    }
    pieces.text_until(text.len());
    pieces.list
}

fn is_boundary(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '<' | '>' | '"' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '`' | ',' | ';' | '*')
        || matches!(c, '“' | '”' | '«' | '»' | '、' | '。' | '【' | '】')
}

/// Where a slice of `text` begins in it.
fn offset_in(text: &str, part: &str) -> usize {
    part.as_ptr() as usize - text.as_ptr() as usize
}

struct Pieces<'a> {
    text: &'a str,
    done: usize,
    list: Vec<Piece<'a>>,
}

impl<'a> Pieces<'a> {
    fn text_until(&mut self, end: usize) {
        if self.done < end {
            self.list.push(Piece::Text(&self.text[self.done..end]));
            self.done = end;
        }
    }

    /// Adds what was found, unless it overlaps something found before.
    fn push(&mut self, range: Range<usize>, piece: Piece<'a>) {
        if range.start >= self.done {
            self.text_until(range.start);
            self.list.push(piece);
            self.done = range.end;
        }
    }

    /// Looks through one run of characters without spaces, which may hold several links glued together.
    /// Answers whether there was any.
    fn search(&mut self, chunk: &str, start: usize) -> bool {
        let before = self.list.len();
        if !chunk.contains("://") {
            if let Some((range, piece)) = without_scheme(chunk) {
                self.push(start + range.start..start + range.end, piece);
            }
            return self.list.len() > before;
        }
        let mut marks = chunk.match_indices("://").map(|(at, _)| at).peekable();
        while let Some(mark) = marks.next() {
            let end = marks.peek().map_or(chunk.len(), |&next| scheme_start(chunk, next));
            let from = scheme_start(chunk, mark);
            let Some(target) = chunk.get(mark + 3..end) else { continue };
            let target = trim_end(target);
            if let Some((link, length)) = link(target) {
                self.push(start + from..start + mark + 3 + length, Piece::Link(link));
            }
        }
        self.list.len() > before
    }
}

/// Where the letters before `://` begin.
fn scheme_start(chunk: &str, mark: usize) -> usize {
    let letters =
        chunk.as_bytes()[..mark].iter().rev().take(8).take_while(|b| b.is_ascii_alphabetic()).count();
    // Glued links (`http://a.examplehttp://b.example`): only the scheme itself belongs to the second.
    let scheme = chunk[mark - letters..mark].to_ascii_lowercase();
    if scheme.ends_with("https") {
        mark - 5
    } else if scheme.ends_with("http") {
        mark - 4
    } else {
        mark - letters
    }
}

fn trim_end(target: &str) -> &str {
    target.trim_end_matches(['.', '!', '?', ':', '\'', '…', '-', '~', '’'])
}

/// Reads `host[/path]`; answers the link and how many bytes it took.
fn link(target: &str) -> Option<(Link, usize)> {
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
    let host = host.trim_matches('.').to_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host).to_owned();
    let usable = !host.is_empty() && host.len() <= LONGEST_HOST;
    usable.then(|| (Link { host, path: path.to_lowercase(), obfuscated: false }, length))
}

/// A link or e-mail address that names no scheme: `www.…`, or a host with a known ending.
fn without_scheme(chunk: &str) -> Option<(Range<usize>, Piece<'static>)> {
    let trimmed = trim_end(chunk.trim_start_matches(|c: char| !c.is_alphanumeric()));
    let mut start = offset_in(chunk, trimmed);
    let mut body = trimmed;
    let lower = body.as_bytes();
    if let Some(at) = lower.windows(4).position(|window| window.eq_ignore_ascii_case(b"www."))
        && let Some(rest) = body.get(at..)
    {
        start += at;
        body = rest;
        let (link, length) = link(body)?;
        return link.host.contains('.').then_some((start..start + length, Piece::Link(link)));
    }
    if let Some((_, domain)) = body.split_once('@')
        && !body.contains('/')
    {
        return ends_like_a_host(domain).then_some((start..start + body.len(), Piece::Email));
    }
    let host_end = body.find(['/', '?', '#', ':']).unwrap_or(body.len());
    let host = &body[..host_end];
    let ending = host.rsplit('.').next().unwrap_or_default();
    let bare = host_end == body.len();
    let starts_a_sentence = ending.starts_with(char::is_uppercase) && host.contains(char::is_lowercase);
    if !ends_like_a_host(host)
        || bare && (starts_a_sentence || WORD_ENDINGS.contains(&ending.to_lowercase().as_str()))
    {
        return None;
    }
    let (link, length) = link(body)?;
    Some((start..start + length, Piece::Link(link)))
}

/// Whether this is a dotted name under an ending the public suffix list knows.
fn ends_like_a_host(host: &str) -> bool {
    host.len() <= LONGEST_HOST
        && host.split('.').all(|label| !label.is_empty())
        && host.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_'))
        && host.rsplit_once('.').is_some_and(|(name, ending)| {
            name.contains(char::is_alphabetic)
                && psl::suffix(ending.to_lowercase().as_bytes()).is_some_and(|suffix| suffix.is_known())
        })
}

/// `name dot com`, `name . com`, `name. com`: the name and the link it hides.
fn spaced_out<'a>(before: [&'a str; 2], chunk: &str) -> Option<(&'a str, Link)> {
    let ending = trim_end(chunk);
    SPACED_ENDINGS.binary_search(&ending).ok()?;
    let name = match before {
        [name, dot] if dot == "." || dot.eq_ignore_ascii_case("dot") => name,
        [_, name] => name.strip_suffix('.')?,
    };
    let plain =
        name.len() >= 3 && name.len() <= 63 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    plain.then(|| {
        let host = format!("{}.{ending}", name.to_lowercase());
        (name, Link { host, path: String::new(), obfuscated: true })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(text: &str) -> Vec<String> {
        let links = pieces(text).into_iter().filter_map(|piece| match piece {
            Piece::Link(link) => Some(format!("{}{}", link.host, link.path)),
            Piece::Text(_) | Piece::Email => None,
        });
        links.collect()
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
        let found = pieces("mail a@b.com or see c.com now");
        assert_eq!(found.len(), 5);
        assert_eq!(
            (&found[0], &found[1], &found[4]),
            (&Piece::Text("mail "), &Piece::Email, &Piece::Text(" now"))
        );
    }
}
