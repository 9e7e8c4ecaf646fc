//! A comment's Markdown to HTML that is safe to show on somebody's page.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use linkify::{LinkFinder, LinkKind};
use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html};

/// What may stand in a comment. Everything else, and every attribute but a link's address, is dropped.
const TAGS: [&str; 13] =
    ["a", "blockquote", "br", "code", "del", "em", "hr", "li", "ol", "p", "pre", "strong", "ul"];

static SANITISER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut builder = ammonia::Builder::default();
    builder
        .tags(HashSet::from(TAGS))
        .generic_attributes(HashSet::new())
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"]))]))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(ammonia::UrlRelative::Deny)
        .link_rel(Some("nofollow ugc noopener noreferrer"));
    builder
});

/// Renders a comment. Line breaks stay, bare addresses become links, pictures become links to them, and HTML
/// that the author typed is shown as it was typed. The sanitiser behind it is the second lock.
pub fn to_html(markdown: &str) -> String {
    let options = Options::ENABLE_STRIKETHROUGH;
    let mut events = Vec::new();
    let mut quiet = 0_usize;
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::SoftBreak => events.push(Event::HardBreak),
            Event::Start(Tag::Heading { .. }) => {
                events.extend([Event::Start(Tag::Paragraph), Event::Start(Tag::Strong)]);
            }
            Event::End(TagEnd::Heading(_)) => {
                events.extend([Event::End(TagEnd::Strong), Event::End(TagEnd::Paragraph)]);
            }
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                quiet += 1;
                events.push(Event::Start(Tag::Link { link_type, dest_url, title, id }));
            }
            Event::End(TagEnd::Image) => {
                quiet -= 1;
                events.push(Event::End(TagEnd::Link));
            }
            Event::Start(tag @ (Tag::Link { .. } | Tag::CodeBlock(_))) => {
                quiet += 1;
                events.push(Event::Start(tag));
            }
            Event::End(tag @ (TagEnd::Link | TagEnd::CodeBlock)) => {
                quiet -= 1;
                events.push(Event::End(tag));
            }
            Event::Start(Tag::HtmlBlock) => events.push(Event::Start(Tag::Paragraph)),
            Event::End(TagEnd::HtmlBlock) => events.push(Event::End(TagEnd::Paragraph)),
            Event::Html(typed) | Event::InlineHtml(typed) => events.push(Event::Text(typed)),
            Event::Text(text) if quiet == 0 => link_addresses(&text, &mut events),
            other => events.push(other),
        }
    }
    let mut out = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut out, events.into_iter());
    SANITISER.clean(&out).to_string()
}

fn link_addresses(text: &str, events: &mut Vec<Event<'_>>) {
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    for span in finder.spans(text) {
        let piece = CowStr::from(span.as_str().to_owned());
        if span.kind().is_some() {
            events.push(Event::Start(Tag::Link {
                link_type: LinkType::Autolink,
                dest_url: piece.clone(),
                title: "".into(),
                id: "".into(),
            }));
            events.push(Event::Text(piece));
            events.push(Event::End(TagEnd::Link));
        } else {
            events.push(Event::Text(piece));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::to_html;

    #[test]
    fn a_comment_keeps_its_shape() {
        assert_eq!(
            to_html("First *line*\nsecond: https://example.org/a?b=1&c=2.\n\n> quoted"),
            "<p>First <em>line</em><br>\nsecond: <a href=\"https://example.org/a?b=1&amp;c=2\" \
             rel=\"nofollow ugc noopener noreferrer\">https://example.org/a?b=1&amp;c=2</a>.</p>\n\
             <blockquote>\n<p>quoted</p>\n</blockquote>\n"
        );
    }

    /// Every tag and attribute that a browser would see, as `tag` and `tag.attribute=value`.
    fn seen(html: &str) -> Vec<String> {
        let page = scraper::Html::parse_fragment(html);
        let elements = page
            .select(&scraper::Selector::parse("*").unwrap())
            .map(|found| found.value())
            .collect::<Vec<_>>();
        let mut seen = Vec::new();
        for element in elements {
            seen.push(element.name().to_owned());
            seen.extend(element.attrs().map(|(name, value)| format!("{}.{name}={value}", element.name())));
        }
        seen
    }

    fn is_harmless(seen: &str) -> bool {
        super::TAGS.contains(&seen)
            || seen == "html"
            || seen.starts_with("a.rel=")
            || ["http://", "https://", "mailto:"]
                .iter()
                .any(|scheme| seen.starts_with(&format!("a.href={scheme}")))
    }

    #[test]
    fn nothing_a_reader_types_is_executed_or_fetched() {
        for hostile in [
            "<script>alert(1)</script>",
            "text <img src=x onerror=alert(1)> text",
            "[a](javascript:alert(1)) [b](data:text/html,x) [c](vbscript:x) [d](//evil.example) [e](/admin/)",
            "<a href=\"https://a.example\" onclick=\"alert(1)\" style=\"position:fixed\">a</a>",
            "![pixel](https://tracker.example/p.gif)",
            "<svg><style><img src=x onerror=alert(1)></style></svg>",
            "<iframe src=https://a.example></iframe>",
            "<https://a.example/\"onmouseover=alert(1)>",
        ] {
            let html = to_html(hostile);
            for seen in seen(&html) {
                assert!(is_harmless(&seen), "{hostile} gave {seen} in {html}");
            }
        }
    }

    #[test]
    fn typed_html_is_shown_as_typed() {
        assert_eq!(to_html("use <b>bold</b>"), "<p>use &lt;b&gt;bold&lt;/b&gt;</p>\n");
        assert_eq!(to_html("<div>\nblock\n</div>"), "<p>&lt;div&gt;\nblock\n&lt;/div&gt;</p>\n");
    }

    proptest! {
        #[test]
        fn any_text_renders_harmlessly(text in "[<>\"'a-z:/()\\[\\]!&;=*#`\\n -]{0,120}") {
            let html = to_html(&text);
            for seen in seen(&html) {
                prop_assert!(is_harmless(&seen), "{} in {}", seen, html);
            }
        }
    }
}
