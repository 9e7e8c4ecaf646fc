//! One spelling for each text, however it was disguised.
//!
//! Invisible characters, markup, entities, compatibility forms and look-alike letters are undone, so that the
//! tokens behind them can be compared. What a person cannot see, or a platform adds by itself, leaves no trace.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;
use unicode_security::skeleton;

use super::markup;

/// A text in plain characters, and what had to be undone to get there.
pub(super) struct Normalised {
    pub(super) text: String,
    /// Letters written in another form: full width, mathematical bold, …
    pub(super) disguised_letters: usize,
    /// Words that mixed Latin letters with look-alikes from another alphabet.
    pub(super) mixed_words: usize,
    pub(super) bbcode_links: usize,
}

/// Brings a text to its plain form. Linear in its length.
pub(super) fn normalise(raw: &str) -> Normalised {
    let visible = without_invisible(raw);
    let (plain, bbcode_links) = if visible.contains(['<', '[']) {
        let plain = markup::strip(&visible);
        (Cow::Owned(plain.text), plain.bbcode_links)
    } else {
        (visible, 0)
    };
    let decoded = if plain.contains('&') {
        Cow::Owned(without_invisible(&html_escape::decode_html_entities(&plain)).into_owned())
    } else {
        plain
    };
    if decoded.is_ascii() {
        let text = decoded.trim().to_owned();
        return Normalised { text, disguised_letters: 0, mixed_words: 0, bbcode_links };
    }
    let disguised_letters = decoded.chars().filter(|&c| is_disguised_letter(c)).count();
    let composed: String = decoded.nfkc().collect();
    let (text, mixed_words) = undo_lookalikes(composed.trim());
    Normalised { text, disguised_letters, mixed_words, bbcode_links }
}

/// Drops what cannot be seen; other control characters become spaces.
fn without_invisible(text: &str) -> Cow<'_, str> {
    let clean = |c: char| !(is_invisible(c) || c.is_control() && c != '\n');
    if text.chars().all(clean) {
        return Cow::Borrowed(text);
    }
    let visible = text.chars().filter(|&c| !is_invisible(c) && c != '\r');
    Cow::Owned(visible.map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect())
}

fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

fn is_disguised_letter(c: char) -> bool {
    !c.is_ascii() && c.nfkc().next().is_some_and(|plain| plain != c && plain.is_ascii_alphanumeric())
}

fn is_other_alphabet(c: char) -> bool {
    matches!(c, '\u{370}'..='\u{3ff}' | '\u{400}'..='\u{52f}')
}

/// Writes words that mix Latin with Cyrillic or Greek in Latin letters only, where the letters look alike.
fn undo_lookalikes(text: &str) -> (String, usize) {
    let mut plain = String::with_capacity(text.len());
    let mut mixed_words = 0;
    for word in text.split_inclusive(|c: char| !c.is_alphanumeric()) {
        if word.chars().any(|c| c.is_ascii_alphabetic()) && word.chars().any(is_other_alphabet) {
            mixed_words += 1;
            plain.extend(word.chars().map(|c| if is_other_alphabet(c) { latin_twin(c) } else { c }));
        } else {
            plain.push_str(word);
        }
    }
    (plain, mixed_words)
}

/// The Latin letter that looks like this one, or the letter itself.
fn latin_twin(c: char) -> char {
    let mut buffer = [0; 4];
    let mut twin = skeleton(c.encode_utf8(&mut buffer));
    match (twin.next(), twin.next()) {
        (Some(first), None) if first.is_ascii_alphabetic() => first,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    }
}
