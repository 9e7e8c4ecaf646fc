//! What kind of character: one look-up for ASCII, the tables of the Unicode crates for the rest.

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
    pub(super) const ALPHANUMERIC: Self = Self::LETTER.or(Self::NUMBER);

    #[inline]
    pub(super) fn of(c: char) -> Self {
        ASCII.get(c as usize).copied().unwrap_or_else(|| Self::beyond_ascii(c))
    }

    /// Whether the character is of any of these kinds.
    pub(super) const fn is(self, kinds: Self) -> bool {
        self.0 & kinds.0 != 0
    }

    const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn ascii(byte: u8) -> Self {
        match byte {
            b'a'..=b'z' => Self::LETTER,
            b'A'..=b'Z' => Self::LETTER.or(Self::CAPITAL),
            b'0'..=b'9' => Self::NUMBER,
            b' ' | b'\t'..=b'\r' => Self::SPACE,
            b'$' => Self::TELLING.or(Self::CURRENCY),
            b'!' | b'?' | b'%' | b'#' | b'@' => Self::TELLING,
            _ => Self(0),
        }
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

fn is_ideograph(c: char) -> bool {
    matches!(c.script(), Script::Han | Script::Hiragana | Script::Katakana) && c.is_alphabetic()
}

fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// Names of the scripts told apart, by their number.
pub(super) const SCRIPTS: [&str; 11] =
    ["Latin", "Greek", "Cyrillic", "Hebrew", "Arabic", "Indic", "Thai", "Hangul", "Kana", "Han", "another"];

/// The number of a letter's script.
pub(super) fn script(letter: char) -> u32 {
    if letter.is_ascii() {
        return 0;
    }
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
        }
    }

    #[test]
    fn scripts_have_names() {
        for (letter, name) in
            [('a', "Latin"), ('é', "Latin"), ('ж', "Cyrillic"), ('あ', "Kana"), ('ა', "another")]
        {
            assert_eq!(SCRIPTS[script(letter) as usize], name);
        }
        assert!(Class::of('語').is(Class::IDEOGRAPH) && Class::of('カ').is(Class::IDEOGRAPH));
        assert!(Class::of('😀').is(Class::PICTOGRAPH) && !Class::of('😀').is(Class::ALPHANUMERIC));
    }
}
