//! Forms as Akismet's clients send them: names without `=`, hundreds of fields, broken escapes, charsets of old.

use encoding_rs::{Encoding, WINDOWS_1252};
use percent_encoding::percent_decode;

/// Fields in the order they were sent, those of the body before those of the query.
#[derive(Debug, Default)]
pub(super) struct Form(Vec<(String, Vec<u8>)>);

impl Form {
    /// Reads whatever was sent; nothing is an error.
    pub(super) fn parse(body: &[u8], query: &str) -> Self {
        let pairs = body.split(|&byte| byte == b'&').chain(query.as_bytes().split(|&byte| byte == b'&'));
        Self(pairs.filter(|pair| !pair.is_empty()).map(pair).collect())
    }

    /// The first field of this name with something in it. What is no UTF-8 is read by `charset`, if that is one.
    pub(super) fn text(&self, name: &str, charset: &str) -> String {
        let mut values = self.0.iter().filter(|(sent, value)| sent == name && !value.trim_ascii().is_empty());
        values.next().map(|(_, value)| decode(value, charset)).unwrap_or_default()
    }

    /// The same, for what is ASCII in every client.
    pub(super) fn word(&self, name: &str) -> String {
        self.text(name, "").trim().to_owned()
    }

    /// Whether a field of this name says yes.
    pub(super) fn says(&self, name: &str) -> bool {
        matches!(self.word(name).to_ascii_lowercase().as_str(), "1" | "true" | "yes")
    }
}

fn pair(pair: &[u8]) -> (String, Vec<u8>) {
    let at = pair.iter().position(|&byte| byte == b'=').unwrap_or(pair.len());
    let unescape = |part: &[u8]| {
        let spaced: Vec<u8> = part.iter().map(|&byte| if byte == b'+' { b' ' } else { byte }).collect();
        percent_decode(&spaced).collect::<Vec<u8>>()
    };
    let name = String::from_utf8_lossy(&unescape(&pair[..at])).into_owned();
    (name, unescape(pair.get(at + 1..).unwrap_or_default()))
}

fn decode(bytes: &[u8], charset: &str) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let encoding =
        Encoding::for_label(charset.trim().as_bytes()).filter(|named| *named != encoding_rs::UTF_8);
    // Where nothing else is said, browsers of old meant this one.
    encoding.unwrap_or(WINDOWS_1252).decode_without_bom_handling(bytes).0.into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn forms_of_every_client_are_read() {
        let form = Form::parse(b"a=1+2&b&c=&c=%C3%A9&d=%E9&e=100%&&=x", "key=k&a=9");
        assert_eq!(form.text("a", ""), "1 2", "the body comes first");
        assert_eq!((form.text("b", ""), form.text("nothing", "")), (String::new(), String::new()));
        assert_eq!(form.text("c", ""), "é", "an empty value is none");
        assert_eq!(form.text("d", "ISO-8859-1"), "é");
        assert_eq!(form.text("d", "windows-1251"), "й");
        assert_eq!(form.text("d", "nonsense"), "é");
        assert_eq!(form.text("e", ""), "100%", "a broken escape stays as it is");
        assert_eq!(form.word("key"), "k");
    }

    proptest! {
        #[test]
        fn nothing_that_is_sent_is_an_error(body in any::<Vec<u8>>(), query in any::<String>(), charset in any::<String>()) {
            let form = Form::parse(&body, &query);
            for (name, _) in &form.0 {
                form.text(name, &charset);
            }
        }
    }
}
