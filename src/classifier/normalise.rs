//! One spelling for each text, however it was disguised.
//!
//! Invisible characters, markup, entities, compatibility forms and look-alike letters are undone, so that the
//! tokens behind them can be compared. What a person cannot see, or a platform adds by itself, leaves no trace.

use std::borrow::Cow;

use memchr::{memchr, memchr2};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};
use unicode_script::{Script, UnicodeScript};
use unicode_security::skeleton;

use super::character::{Class, is_invisible};
use super::links::offset_in;
use super::markup;

/// A text in plain characters, and what had to be undone to get there.
pub(super) struct Normalised<'a> {
    pub(super) text: Cow<'a, str>,
    /// Letters written in another form: full width, mathematical bold, …
    pub(super) disguised_letters: usize,
    /// Words that mixed Latin letters with look-alikes from another alphabet.
    pub(super) mixed_words: usize,
    pub(super) bbcode_links: usize,
}

/// Brings a text to its plain form. Linear in its length; a text that is plain already is not copied.
pub(super) fn normalise(raw: &str) -> Normalised<'_> {
    let visible = without_invisible(raw);
    let (plain, bbcode_links) = if memchr2(b'<', b'[', visible.as_bytes()).is_some() {
        let plain = markup::strip(&visible);
        (Cow::Owned(plain.text), plain.bbcode_links)
    } else {
        (visible, 0)
    };
    let decoded = if memchr(b'&', plain.as_bytes()).is_some() {
        Cow::Owned(without_invisible(&html_escape::decode_html_entities(&plain)).into_owned())
    } else {
        plain
    };
    let (composed, disguised_letters) = if is_composed(&decoded) {
        (decoded, 0)
    } else {
        let disguised_letters = decoded.chars().filter(|&c| is_disguised_letter(c)).count();
        (Cow::Owned(gathered(decoded.nfkc(), decoded.len())), disguised_letters)
    };
    let (text, mixed_words) = undo_lookalikes(trim(composed));
    Normalised { text, disguised_letters, mixed_words, bbcode_links }
}

/// Whether NFKC surely leaves the text as it is.
fn is_composed(text: &str) -> bool {
    // Characters that stand for themselves may be left out: between others they only keep apart what might combine.
    text.is_ascii() || is_nfkc_quick(text.chars().filter(|&c| !Class::is_plain(c))) == IsNormalized::Yes
}

fn trim(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

/// Drops what cannot be seen; other control characters become spaces.
fn without_invisible(text: &str) -> Cow<'_, str> {
    let clean = |c: char| Class::is_plain(c) || !(is_invisible(c) || c.is_control() && c != '\n');
    let plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n');
    if text.as_bytes().iter().all(plain) || text.chars().all(clean) {
        return Cow::Borrowed(text);
    }
    let visible = text.chars().filter(|&c| !is_invisible(c) && c != '\r');
    Cow::Owned(gathered(visible.map(|c| if c.is_control() && c != '\n' { ' ' } else { c }), text.len()))
}

/// Collects characters into a string that is long enough from the start.
fn gathered(characters: impl Iterator<Item = char>, length: usize) -> String {
    let mut text = String::with_capacity(length);
    text.extend(characters);
    text
}

fn is_disguised_letter(c: char) -> bool {
    !c.is_ascii() && c.nfkc().next().is_some_and(|plain| plain != c && plain.is_ascii_alphanumeric())
}

/// Writes words that mix Latin with look-alikes from other alphabets in Latin letters, and counts them.
fn undo_lookalikes(text: Cow<'_, str>) -> (Cow<'_, str>, usize) {
    if text.is_ascii() {
        return (text, 0);
    }
    let mut plain = String::new();
    let (mut done, mut mixed_words) = (0, 0);
    for word in text.split(|c: char| !Class::is_alphanumeric(c)) {
        if !word.is_ascii()
            && word.contains(|c: char| c.is_ascii_alphabetic())
            && word.contains(|c: char| latin_twin(c).is_some())
        {
            let start = offset_in(&text, word);
            plain.reserve(text.len() - done);
            plain.push_str(&text[done..start]);
            plain.extend(word.chars().map(|c| latin_twin(c).unwrap_or(c)));
            done = start + word.len();
            mixed_words += 1;
        }
    }
    if mixed_words == 0 {
        return (text, 0);
    }
    plain.push_str(&text[done..]);
    (Cow::Owned(plain), mixed_words)
}

/// The Latin letter that a letter of another alphabet looks like (Unicode Technical Standard 39).
fn latin_twin(c: char) -> Option<char> {
    if c.is_ascii() || !c.is_alphabetic() || c.script() == Script::Latin {
        return None;
    }
    let mut buffer = [0; 4];
    let mut twin = skeleton(c.encode_utf8(&mut buffer));
    match (twin.next(), twin.next()) {
        (Some(first), None) if first.is_ascii_alphabetic() => Some(first),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_taken_for_composed_is(text in "[a-zé-ͯ٠-ߪа-я\u{340}-\u{345}ﬁ가ᄀ-ᄂ]{0,12}|.{0,12}") {
            prop_assert!(!is_composed(&text) || text.nfkc().eq(text.chars()));
        }
    }

    #[test]
    fn disguises_are_undone_and_counted() {
        let text = normalise("\u{feff}Fr\u{200b}ee &amp; c\u{430}sino ｆｕｎ 𝐰𝐢𝐧");
        assert_eq!(text.text, "Free & casino fun win");
        assert_eq!((text.mixed_words, text.disguised_letters), (1, 6));
    }

    #[test]
    fn other_alphabets_stay_what_they_are() {
        assert_eq!(normalise("Привет, мир").text, "Привет, мир");
        assert_eq!(normalise("καλημέρα").text, "καλημέρα");
        assert_eq!(normalise("naïve café").text, "naïve café");
        let mixed = normalise("iPhoneを買う и Wi-Fi");
        assert_eq!((mixed.text.as_ref(), mixed.mixed_words), ("iPhoneを買う и Wi-Fi", 0));
    }

    #[test]
    fn look_alikes_come_from_many_alphabets() {
        for word in ["Vi\u{430}gra", "Vi\u{3b1}gra", "Viagr\u{13aa}"] {
            let text = normalise(word);
            assert!(text.text.eq_ignore_ascii_case("viagra") && text.mixed_words == 1, "{word}");
        }
    }
}
