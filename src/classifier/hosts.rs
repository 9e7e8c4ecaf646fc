//! Where a comment leads.

use std::collections::BTreeSet;

use url::Host;

use super::Document;
use super::links::{Piece, pieces};
use super::normalise::normalise;

/// The hosts of all links in a comment, its author's name and address, as [`host_key`] writes them. Links are found the way
/// the classifier finds them: without a scheme, in markup, spelled out.
pub fn hosts(document: &Document<'_>) -> BTreeSet<String> {
    let mut hosts = BTreeSet::new();
    let mut scratch = String::new();
    for part in [document.content, document.author, document.url] {
        pieces(&normalise(part).text, &mut scratch, &mut |piece| {
            if let Piece::Link(link) = piece {
                hosts.extend(host_key(link.host));
            }
        });
    }
    hosts
}

/// A host in the one way it is compared in: in small letters, without `www.` and the last dot, foreign letters as the
/// domain name system has them. `None` for what is no host.
pub fn host_key(host: &str) -> Option<String> {
    let host = host.trim().trim_end_matches('.');
    let Ok(host) = Host::parse(host) else { return None };
    let key = host.to_string();
    let key = key.strip_prefix("www.").filter(|rest| rest.contains('.')).unwrap_or(&key);
    key.contains(['.', ':']).then(|| key.to_owned())
}

/// Whether a name is no host of anybody's, but an ending that anybody can have a name under: `com`, `co.uk`.
pub fn is_public_ending(host: &str) -> bool {
    psl::suffix(host.as_bytes()).is_some_and(|suffix| {
        suffix.as_bytes().len() == host.len() && suffix.is_known() && suffix.typ() == Some(psl::Type::Icann)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_wherever_they_are() {
        let document = Document {
            content: "see http://Shop.Example.TOP:80/x, [url=http://a.example.org]this[/url], bit.ly/abc, my . example (dot) com \
                      and mia@mail.example",
            author: "www.casino.example.net",
            email: "x@elsewhere.example",
            url: "https://пример.рф/",
        };
        let found: Vec<String> = hosts(&document).into_iter().collect();
        assert_eq!(
            found,
            [
                "a.example.org",
                "bit.ly",
                "casino.example.net",
                "example.com",
                "shop.example.top",
                "xn--e1afmkfd.xn--p1ai"
            ]
        );
        assert!(hosts(&Document::default()).is_empty());
    }

    #[test]
    fn hosts_are_written_one_way() {
        assert_eq!(host_key("WWW.Example.org.").as_deref(), Some("example.org"));
        assert_eq!(host_key("пример.рф"), host_key("xn--e1afmkfd.xn--p1ai"));
        assert_eq!(host_key("192.0.2.1").as_deref(), Some("192.0.2.1"));
        for none in ["", "localhost", "a b.c", "http://example.org/", "www."] {
            assert_eq!(host_key(none), None, "{none}");
        }
        assert!(is_public_ending("co.uk") && is_public_ending("com"));
        assert!(!is_public_ending("example.com") && !is_public_ending("github.io"));
    }
}
