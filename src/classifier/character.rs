//! What kind of character: one look-up for what UTF-8 spells in one or two bytes (Latin, Greek, Cyrillic, Hebrew, Arabic),
//! the tables of the Unicode crates for the rest.

use std::iter::once;
use std::sync::LazyLock;

use unicode_normalization::char::canonical_combining_class;
use unicode_normalization::{IsNormalized, is_nfkc_quick};
use unicode_script::{Script, UnicodeScript};

/// A set of kinds; a character is of several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Class(u16);

impl Class {
    pub(super) const LETTER: Self = Self(1);
    pub(super) const NUMBER: Self = Self(1 << 1);
    pub(super) const CAPITAL: Self = Self(1 << 2);
    pub(super) const SPACE: Self = Self(1 << 3);
    /// Punctuation that tells something.
    pub(super) const TELLING: Self = Self(1 << 4);
    pub(super) const CURRENCY: Self = Self(1 << 5);
    /// Of a script written without spaces: each character counts as a word.
    pub(super) const IDEOGRAPH: Self = Self(1 << 6);
    /// Emoji and dingbats.
    pub(super) const PICTOGRAPH: Self = Self(1 << 7);
    /// Certainly its own lower case.
    pub(super) const SMALL: Self = Self(1 << 8);
    /// Certainly nothing to normalise: visible, and NFKC leaves it alone wherever it stands.
    pub(super) const PLAIN: Self = Self(1 << 9);
    pub(super) const ALPHANUMERIC: Self = Self::LETTER.or(Self::NUMBER);
    /// Above these bits the letter's [script](Self::script) and one; 0 if it has not been looked up.
    const SCRIPT: u32 = 10;
    const LATIN: Self = Self(1 << Self::SCRIPT);

    #[inline]
    pub(super) fn of(c: char) -> Self {
        Self::known(c).unwrap_or_else(|| Self::beyond_ascii(c))
    }

    /// Whether the character is certainly [`PLAIN`](Self::PLAIN), without looking far.
    #[inline]
    pub(super) fn is_plain(c: char) -> bool {
        Self::known(c).is_some_and(|class| class.is(Self::PLAIN))
    }

    /// What [`char::is_alphanumeric`] answers.
    #[inline]
    pub(super) fn is_alphanumeric(c: char) -> bool {
        Self::known(c).map_or_else(|| c.is_alphanumeric(), |class| class.is(Self::ALPHANUMERIC))
    }

    #[inline]
    fn known(c: char) -> Option<Self> {
        let place = c as usize;
        ASCII.get(place).or_else(|| TWO_BYTES.get(place - ASCII.len())).copied()
    }

    /// The number of the script of the letter this is the class of.
    pub(super) fn script(self, letter: char) -> u16 {
        (self.0 >> Self::SCRIPT).checked_sub(1).unwrap_or_else(|| script(letter))
    }

    /// Whether the character is of any of these kinds.
    pub(super) const fn is(self, kinds: Self) -> bool {
        self.0 & kinds.0 != 0
    }

    const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn ascii(byte: u8) -> Self {
        let kind = match byte {
            b'a'..=b'z' => Self::LETTER.or(Self::LATIN),
            b'A'..=b'Z' => Self::LETTER.or(Self::LATIN).or(Self::CAPITAL),
            b'0'..=b'9' => Self::NUMBER,
            b' ' | b'\t'..=b'\r' => Self::SPACE,
            b'$' => Self::TELLING.or(Self::CURRENCY),
            b'!' | b'?' | b'%' | b'#' | b'@' => Self::TELLING,
            _ => Self(0),
        };
        let plain = if matches!(byte, b' '..=b'~' | b'\n') { Self::PLAIN } else { Self(0) };
        let small = if byte.is_ascii_uppercase() { Self(0) } else { Self::SMALL };
        kind.or(plain).or(small)
    }

    fn two_bytes(c: char) -> Self {
        let alone = is_nfkc_quick(once(c)) == IsNormalized::Yes && canonical_combining_class(c) == 0;
        let plain = alone && !is_invisible(c) && !c.is_control();
        let small = c.to_lowercase().eq(once(c));
        let script = Self((script(c) + 1) << Self::SCRIPT);
        [(plain, Self::PLAIN), (small, Self::SMALL), (c.is_alphabetic(), script)]
            .into_iter()
            .filter(|(is, _)| *is)
            .fold(Self::beyond_ascii(c), |all, (_, kind)| all.or(kind))
    }

    fn beyond_ascii(c: char) -> Self {
        [
            (c.is_alphabetic(), Self::LETTER),
            (c.is_numeric(), Self::NUMBER),
            (c.is_uppercase(), Self::CAPITAL),
            (c.is_whitespace(), Self::SPACE),
            (matches!(c, '€' | '£' | '₽' | '¥'), Self::TELLING),
            (matches!(c, '€' | '£' | '₽' | '¥' | '₹' | '₴'), Self::CURRENCY),
            (c >= '\u{3000}' && is_ideograph(c), Self::IDEOGRAPH),
            (is_pictograph(c), Self::PICTOGRAPH),
        ]
        .into_iter()
        .filter(|(is, _)| *is)
        .fold(Self(0), |all, (_, kind)| all.or(kind))
    }
}

static ASCII: [Class; 128] = {
    let mut classes = [Class(0); 128];
    let mut byte = 0;
    while byte < 128 {
        classes[byte as usize] = Class::ascii(byte);
        byte += 1;
    }
    classes
};

static TWO_BYTES: LazyLock<Vec<Class>> =
    LazyLock::new(|| ('\u{80}'..='\u{7ff}').map(Class::two_bytes).collect());

/// Takes up no room: what hides between letters.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180e}' | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

fn is_ideograph(c: char) -> bool {
    matches!(c.script(), Script::Han | Script::Hiragana | Script::Katakana) && c.is_alphabetic()
}

fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// Names of the scripts told apart, by their number.
pub(super) const SCRIPTS: [&str; 11] =
    ["Latin", "Greek", "Cyrillic", "Hebrew", "Arabic", "Indic", "Thai", "Hangul", "Kana", "Han", "another"];

fn script(letter: char) -> u16 {
    match letter.script() {
        Script::Latin => 0,
        Script::Greek => 1,
        Script::Cyrillic => 2,
        Script::Hebrew => 3,
        Script::Arabic => 4,
        Script::Devanagari
        | Script::Bengali
        | Script::Gurmukhi
        | Script::Gujarati
        | Script::Oriya
        | Script::Tamil
        | Script::Telugu
        | Script::Kannada
        | Script::Malayalam => 5,
        Script::Thai => 6,
        Script::Hangul => 7,
        Script::Hiragana | Script::Katakana => 8,
        Script::Han => 9,
        _ => 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_agrees_with_the_standard_library() {
        for c in (0..128_u8).map(char::from) {
            let class = Class::of(c);
            assert_eq!(class.is(Class::LETTER), c.is_alphabetic(), "{c:?}");
            assert_eq!(class.is(Class::NUMBER), c.is_numeric(), "{c:?}");
            assert_eq!(class.is(Class::CAPITAL), c.is_uppercase(), "{c:?}");
            assert_eq!(class.is(Class::SPACE), c.is_whitespace(), "{c:?}");
            assert!(!class.is(Class::LETTER) || class.script(c) == 0, "{c:?}");
        }
    }

    #[test]
    fn scripts_have_names() {
        for (letter, name) in
            [('a', "Latin"), ('é', "Latin"), ('ж', "Cyrillic"), ('あ', "Kana"), ('ა', "another")]
        {
            assert_eq!(SCRIPTS[Class::of(letter).script(letter) as usize], name);
        }
        assert!(Class::of('語').is(Class::IDEOGRAPH) && Class::of('カ').is(Class::IDEOGRAPH));
        assert!(Class::of('😀').is(Class::PICTOGRAPH) && !Class::of('😀').is(Class::ALPHANUMERIC));
    }
}
