//! HTML and `BBCode` to plain text. Links keep their targets; all other markup goes.
//!
//! The same comment must read the same whether its platform stored it as text or as HTML, so markup itself is
//! never evidence. This is not a sanitiser: nothing here is ever shown to a reader.

/// Text without markup, and how many links were written as `BBCode` (no platform writes those by itself).
pub(super) struct Plain {
    pub(super) text: String,
    pub(super) bbcode_links: usize,
}

/// Tags that are taken out. Anything else in angle brackets (`Vec<String>`, `<3`) is text.
const TAGS: [&str; 62] = [
    "a",
    "abbr",
    "article",
    "audio",
    "b",
    "big",
    "blockquote",
    "body",
    "br",
    "button",
    "center",
    "cite",
    "code",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "font",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "i",
    "iframe",
    "img",
    "input",
    "ins",
    "kbd",
    "li",
    "link",
    "mark",
    "meta",
    "object",
    "ol",
    "p",
    "pre",
    "q",
    "s",
    "script",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "style",
    "sub",
    "sup",
    "table",
    "u",
    "ul",
];
const TABLE_TAGS: [&str; 6] = ["tbody", "td", "tfoot", "th", "thead", "tr"];
const LINE_ENDS: [&str; 8] = ["br", "/p", "/div", "/li", "/tr", "/blockquote", "/h1", "/h2"];
const BBCODES: [&str; 14] =
    ["b", "i", "u", "s", "img", "quote", "code", "color", "size", "list", "center", "font", "email", "left"];

/// `/blockquote`.
const LONGEST_NAME: usize = 11;

/// Takes markup out in one pass over the text.
pub(super) fn strip(raw: &str) -> Plain {
    let mut plain = Plain { text: String::with_capacity(raw.len()), bbcode_links: 0 };
    let mut angles = Closing::new(raw, '>');
    let mut squares = Closing::new(raw, ']');
    let mut rest = 0;
    while let Some(offset) = raw[rest..].find(['<', '[']) {
        let open = rest + offset;
        plain.text.push_str(&raw[rest..open]);
        let after = if raw.as_bytes()[open] == b'<' {
            angles.after(open).and_then(|close| html_tag(raw, open, close, &mut plain))
        } else {
            squares.after(open).and_then(|close| bbcode(&raw[open + 1..close], close, &mut plain))
        };
        rest = after.unwrap_or_else(|| {
            plain.text.push_str(&raw[open..=open]);
            open + 1
        });
    }
    plain.text.push_str(&raw[rest..]);
    plain
}

/// Finds the next closing bracket, remembering the last answer so that many open ones cost nothing.
struct Closing<'a> {
    text: &'a str,
    bracket: char,
    next: Option<usize>,
}

impl<'a> Closing<'a> {
    fn new(text: &'a str, bracket: char) -> Self {
        Self { text, bracket, next: text.find(bracket) }
    }

    fn after(&mut self, position: usize) -> Option<usize> {
        if self.next? < position {
            self.next = self.text[position..].find(self.bracket).map(|offset| position + offset);
        }
        self.next
    }
}

/// A tag's name in lower case; nothing if it is longer than all that are known.
fn lower_case<'a>(name: &str, buffer: &'a mut [u8; LONGEST_NAME]) -> Option<&'a str> {
    let lower = buffer.get_mut(..name.len())?;
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    std::str::from_utf8(lower).ok()
}

/// Handles `<…>` between `open` and `close`; answers where reading goes on, or nothing if it is no tag.
fn html_tag(raw: &str, open: usize, close: usize, plain: &mut Plain) -> Option<usize> {
    let inside = &raw[open + 1..close];
    if inside.starts_with('!') {
        return Some(close + 1);
    }
    let in_name = |place: usize, c: char| c.is_ascii_alphanumeric() || place == 0 && c == '/';
    let name_end =
        inside.char_indices().find(|&(place, c)| !in_name(place, c)).map_or(inside.len(), |(place, _)| place);
    let mut buffer = [0; LONGEST_NAME];
    let name = lower_case(&inside[..name_end], &mut buffer)?;
    let bare = name.trim_start_matches('/');
    if TAGS.binary_search(&bare).is_err() && !TABLE_TAGS.contains(&bare) {
        return None;
    }
    if name == "a"
        && let Some(target) = attribute(inside, "href")
    {
        let body = &raw[close + 1..];
        let body = body[..body.find('<').unwrap_or(body.len())].trim();
        return Some(close + 1 + anchor(target, body, raw, close + 1, plain));
    }
    if name == "img"
        && let Some(source) = attribute(inside, "src").filter(|source| leads_outside(source))
        && !is_emoji(inside)
    {
        // A picture is a link: a comment that is nothing else must not read as one that is nothing.
        plain.text.push(' ');
        plain.text.push_str(source);
        plain.text.push(' ');
    }
    if LINE_ENDS.contains(&name) {
        plain.text.push('\n');
    } else if TABLE_TAGS.contains(&bare) {
        plain.text.push(' ');
    }
    Some(close + 1)
}

/// Writes a link's target, and answers how many bytes of the text after the tag it has dealt with.
fn anchor(target: &str, body: &str, raw: &str, from: usize, plain: &mut Plain) -> usize {
    if made_by_platform(body) || !leads_outside(target) {
        return 0;
    }
    plain.text.push(' ');
    plain.text.push_str(target.strip_prefix("mailto:").unwrap_or(target));
    plain.text.push(' ');
    // `<a href="http://a.example/">a.example</a>` is one link, as the reader's browser shows it.
    let shown = body.trim_end_matches(['…', '.', '/']);
    if target.contains(shown) { raw[from..].find('<').unwrap_or(raw.len() - from) } else { 0 }
}

/// Platforms turn emoji into pictures without their author having linked one.
fn is_emoji(tag: &str) -> bool {
    attribute(tag, "class").is_some_and(|class| class.contains("emoji") || class.contains("smil"))
}

/// Hashtags, mentions and time marks become links without their author having written one.
fn made_by_platform(body: &str) -> bool {
    body.starts_with(['#', '@'])
        || (body.contains(':') && body.chars().all(|c| c.is_ascii_digit() || c == ':'))
}

fn leads_outside(target: &str) -> bool {
    target.contains("://") || target.contains('.') && !target.starts_with(['/', '#', '.'])
}

/// The value of an attribute, quoted or bare.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let at =
        tag.as_bytes().windows(name.len()).position(|window| window.eq_ignore_ascii_case(name.as_bytes()))?;
    let value = tag.get(at + name.len()..)?.trim_start().strip_prefix('=')?.trim_start();
    let end = match value.chars().next()? {
        quote @ ('"' | '\'') => return value[1..].split(quote).next(),
        _ => value.find(char::is_whitespace).unwrap_or(value.len()),
    };
    Some(&value[..end])
}

/// Handles `[…]`; answers where reading goes on, or nothing if it is no `BBCode`.
fn bbcode(inside: &str, close: usize, plain: &mut Plain) -> Option<usize> {
    // No name is longer than eight letters, and looking no further keeps a thousand open brackets cheap.
    let name_end = inside.bytes().take(9).position(|byte| byte == b'=').unwrap_or(inside.len());
    let name = inside.get(..name_end).filter(|name| name.len() <= 8)?;
    let value = inside[name_end..].trim_start_matches('=');
    let mut buffer = [0; LONGEST_NAME];
    let name = lower_case(name, &mut buffer)?;
    match name {
        "url" | "link" => {
            plain.bbcode_links += 1;
            plain.text.push(' ');
            plain.text.push_str(value.trim_matches(['"', '\'']));
            plain.text.push(' ');
        }
        "/url" | "/link" => plain.text.push(' '),
        _ if BBCODES.contains(&name.trim_start_matches('/')) => {}
        _ => return None,
    }
    Some(close + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(raw: &str, expected: &str) {
        assert_eq!(
            strip(raw).text.split_whitespace().collect::<Vec<_>>().join(" "),
            expected,
            "from {raw:?}"
        );
    }

    #[test]
    fn tags_go_and_targets_stay() {
        reads("one<br />two", "one two");
        reads("<p>Hi <b>you</b></p>", "Hi you");
        reads(r#"see <a rel="nofollow" href="http://a.top/x">this</a> now"#, "see http://a.top/x this now");
        reads("[url=http://a.top]pills[/url]", "http://a.top pills");
        reads("[URL]http://a.top[/URL]", "http://a.top");
        assert_eq!(strip("[url=x]y[/url]").bbcode_links, 1);
    }

    #[test]
    fn a_picture_is_a_link_and_an_emoji_is_none() {
        reads(r#"<img src="https://i.top/a.png">"#, "https://i.top/a.png");
        reads(r#"well <img class="wp-smiley" src="https://s.example/1.svg" alt="x"> done"#, "well done");
        reads(r#"<img src="data:image/png;base64,AAAA">"#, "");
    }

    #[test]
    fn a_link_that_shows_its_target_counts_once() {
        reads(r#"<a href="http://a.example/page">http://a.example/page</a>"#, "http://a.example/page");
        reads(r#"<a href="http://a.example/">a.example</a> ok"#, "http://a.example/ ok");
    }

    #[test]
    fn links_a_platform_makes_by_itself_are_text() {
        reads(r#"<a class="ot-hashtag" href="https://p.example/s/%23active">#active</a>"#, "#active");
        reads(r#"<a href="http://v.example/watch?t=90">1:30</a> best"#, "1:30 best");
    }

    #[test]
    fn brackets_that_are_no_markup_are_text() {
        for text in
            ["I <3 you", "a < b > c", "Vec<String>", "[sic]", "you[tube]", "<", "[", "<é>", "</>", "<a"]
        {
            reads(text, text);
        }
    }
}
