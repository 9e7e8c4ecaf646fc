//! The page a comment is about, and the origins a site may post from.

use std::fmt;

use url::{Host, Url};

/// `scheme://host[:port]` of a web page, in its one normal form (lower case, default port left out).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// Reads an origin from any `http` or `https` address; path, query and fragment are left out.
    pub fn parse(address: &str) -> Result<Self, InvalidArticle> {
        origin_of(&parse_http(address)?)
    }

    /// `scheme://host[:port]`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// The origin of an already parsed address.
pub fn origin_of(url: &Url) -> Result<Origin, InvalidArticle> {
    match url.host() {
        Some(Host::Domain("")) | None => Err(InvalidArticle::NoHost),
        Some(_) => Ok(Origin(url.origin().ascii_serialization())),
    }
}

/// The address of a commented page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleUrl {
    url: String,
    origin: Origin,
    key: String,
}

/// Why an address cannot be a commented page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidArticle {
    /// Not an absolute address.
    #[error("it is not a complete web address such as https://blog.example/an-article")]
    NotAnAddress,
    /// Some other scheme than `http` and `https`.
    #[error("its scheme is not http or https")]
    Scheme,
    /// No host, so no site.
    #[error("it names no host")]
    NoHost,
    /// More than 2,000 bytes.
    #[error("it is longer than 2,000 characters")]
    TooLong,
}

impl ArticleUrl {
    /// Parses the absolute address of a page. User name, password and fragment are dropped.
    pub fn parse(address: &str) -> Result<Self, InvalidArticle> {
        let mut url = parse_http(address)?;
        url.set_fragment(None);
        // Neither can fail: an http address has a host.
        let _ = (url.set_username(""), url.set_password(None));
        let origin = origin_of(&url)?;
        let path = url.path().trim_end_matches('/');
        let path = if path.is_empty() { "/" } else { path };
        let key = match url.query() {
            Some(query) if !query.is_empty() => format!("{path}?{query}"),
            _ => path.to_owned(),
        };
        Ok(Self { url: url.into(), origin, key })
    }

    /// Stands for a page of which nothing is known.
    pub fn nowhere() -> Self {
        Self {
            url: "http://unknown.invalid/".to_owned(),
            origin: Origin("http://unknown.invalid".to_owned()),
            key: "/".to_owned(),
        }
    }

    /// The whole address, without fragment.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// Where the page lives.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What identifies the page within its site: path and query, without a trailing slash. A change of
    /// domain, of scheme or of the slash does not orphan a thread.
    pub fn key(&self) -> &str {
        &self.key
    }
}

fn parse_http(address: &str) -> Result<Url, InvalidArticle> {
    let address = address.trim();
    if address.len() > 2_000 {
        return Err(InvalidArticle::TooLong);
    }
    let url = Url::parse(address).map_err(|_error| InvalidArticle::NotAnAddress)?;
    if matches!(url.scheme(), "http" | "https") { Ok(url) } else { Err(InvalidArticle::Scheme) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domain_slash_and_fragment_do_not_change_the_thread() {
        let one = ArticleUrl::parse("https://blog.example/a/").unwrap();
        let two = ArticleUrl::parse("http://www.blog.example:8080/a#comment-3").unwrap();
        assert_eq!(one.key(), two.key());
        assert_ne!(one.origin(), two.origin());
        assert_ne!(one.key(), ArticleUrl::parse("https://blog.example/a?p=2").unwrap().key());
    }

    #[test]
    fn only_web_addresses_are_articles() {
        assert_eq!(ArticleUrl::parse("javascript:alert(1)"), Err(InvalidArticle::Scheme));
        assert_eq!(ArticleUrl::parse("/a"), Err(InvalidArticle::NotAnAddress));
        assert_eq!(
            ArticleUrl::parse("https://user:secret@blog.example/").unwrap().as_str(),
            "https://blog.example/"
        );
    }

    #[test]
    fn an_origin_has_one_form() {
        assert_eq!(Origin::parse("HTTPS://Blog.Example:443/x?y#z").unwrap().as_str(), "https://blog.example");
        assert_eq!(Origin::parse("http://127.0.0.1:8080").unwrap().as_str(), "http://127.0.0.1:8080");
    }
}
