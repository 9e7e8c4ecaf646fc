//! What spammers do to a text so that a filter does not know it again. Pure: the same text and seed, the same disguise.

/// Numbers that look random and are the same every time (Vigna's `SplitMix64`).
pub(super) struct Seeded(pub(super) u64);

impl Seeded {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    fn letters(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(*self.pick(b"abcdefghijklmnopqrstuvwxyz"))).collect()
    }
}

const INVISIBLE: [char; 8] =
    ['\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{feff}', '\u{ad}', '\u{200e}', '\u{202c}'];

/// One between any two characters.
pub(super) fn invisible_characters(text: &str, seeded: &mut Seeded) -> String {
    text.chars().flat_map(|c| [*seeded.pick(&INVISIBLE), c]).collect()
}

/// Cyrillic twins of every other letter that has one; each word keeps a letter of its own.
pub(super) fn homoglyphs(text: &str, _: &mut Seeded) -> String {
    let twin = |c: char| {
        let at = "aceopxyABCEHKMOPTX".chars().position(|latin| latin == c)?;
        "асеорхуАВСЕНКМОРТХ".chars().nth(at)
    };
    let mut odd = false;
    text.split_inclusive(|c: char| !c.is_alphanumeric())
        .flat_map(|word| {
            let mixed = word.chars().any(|c| c.is_ascii_alphabetic() && twin(c).is_none());
            word.chars().map(move |c| (c, mixed)).collect::<Vec<_>>()
        })
        .map(|(c, mixed)| match twin(c) {
            Some(other) if mixed => {
                odd = !odd;
                if odd { other } else { c }
            }
            _ => c,
        })
        .collect()
}

/// Letters of twice the width, as East Asian keyboards give them.
pub(super) fn full_width(text: &str, _: &mut Seeded) -> String {
    let wide = |c: char| char::from_u32(u32::from(c) - 0x21 + 0xff01).unwrap();
    text.chars().map(|c| if c.is_ascii_alphabetic() { wide(c) } else { c }).collect()
}

pub(super) fn html_wrapping(text: &str, _: &mut Seeded) -> String {
    format!("<div class=\"comment\"><p><b>{}</b></p>\n</div>", html_escape::encode_text(text))
}

pub(super) fn bbcode_wrapping(text: &str, _: &mut Seeded) -> String {
    format!(
        "[b]{}[/b]",
        map_words(text, |word| if is_link(word) {
            format!("[url={word}]here[/url]")
        } else {
            word.to_owned()
        })
    )
}

/// `f r e e`; links stay, for they have to work.
pub(super) fn spaced_letters(text: &str, _: &mut Seeded) -> String {
    map_words(text, |word| {
        if is_link(word) || word.chars().count() < 3 {
            return word.to_owned();
        }
        word.chars().map(String::from).collect::<Vec<_>>().join(" ")
    })
}

/// `fr33 m0n3y`
pub(super) fn leetspeak(text: &str, _: &mut Seeded) -> String {
    let digit = |c: char| match c.to_ascii_lowercase() {
        'a' => '4',
        'e' => '3',
        'i' => '1',
        'o' => '0',
        's' => '5',
        't' => '7',
        _ => c,
    };
    map_words(text, |word| if is_link(word) { word.to_owned() } else { word.chars().map(digit).collect() })
}

/// Each link becomes one of a shortener's.
pub(super) fn link_shorteners(text: &str, seeded: &mut Seeded) -> String {
    map_words(text, |word| {
        if is_link(word) { format!("https://bit.ly/{}", seeded.letters(7)) } else { word.to_owned() }
    })
}

/// Nothing but a picture, which says what no filter of texts can read.
pub(super) fn image_only(_: &str, seeded: &mut Seeded) -> String {
    format!("<img src=\"https://i.imgur.com/{}.png\">", seeded.letters(7))
}

/// Nothing but the address of a picture.
pub(super) fn image_link_only(_: &str, seeded: &mut Seeded) -> String {
    format!("https://i.imgur.com/{}.png", seeded.letters(7))
}

/// Words that nobody has seen before, behind the text.
pub(super) fn random_strings(text: &str, seeded: &mut Seeded) -> String {
    let strings: Vec<String> = (0..5).map(|_| seeded.letters(9)).collect();
    format!("{text} {}", strings.join(" "))
}

/// So many words from genuine comments, behind the text.
pub(super) fn padding(text: &str, good: &[String], count: usize, seeded: &mut Seeded) -> String {
    let words: Vec<&str> = (0..count).map(|_| seeded.pick(good).as_str()).collect();
    format!("{text} {}", words.join(" "))
}

pub(super) fn is_link(word: &str) -> bool {
    word.contains("://") || word.starts_with("www.")
}

fn map_words(text: &str, map: impl FnMut(&str) -> String) -> String {
    text.split(' ').map(map).collect::<Vec<_>>().join(" ")
}
