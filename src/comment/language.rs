//! Which language a comment is written in, for moderators who read some and not others.

/// Below this many characters a guess is worth nothing.
const ENOUGH: usize = 24;

/// ISO 639-3 code of the language of a text, if that can be told.
pub fn language(text: &str) -> Option<&'static str> {
    if text.chars().filter(|character| character.is_alphabetic()).count() < ENOUGH {
        return None;
    }
    let found = whatlang::detect(text)?;
    // Which one of two neighbours it is may be open; that it is none of the others is what a filter needs.
    found.is_reliable().then(|| found.lang().code())
}

/// Its English name: `Ukrainian`; the code itself where this version does not know it.
pub fn language_name(code: &str) -> &str {
    whatlang::Lang::from_code(code).map_or(code, |language| language.eng_name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_comments_have_a_language_and_short_ones_do_not() {
        for (text, code) in [
            ("I was at the count that night, and the page was down but the ballots were not.", "eng"),
            ("Дуже дякую за статтю, я не знав про паперові копії бюлетенів на дільницях.", "ukr"),
            ("Спасибо за статью, я и не знал, что бумажные копии хранят на каждом участке.", "rus"),
            ("Vielen Dank für den Artikel, ich wusste nicht, dass es auf Papier gesichert wird.", "deu"),
        ] {
            assert_eq!(language(text), Some(code), "{text}");
        }
        for text in ["", "+1", "Great!", "http://example.org/?q=1234567890123456789012345"] {
            assert_eq!(language(text), None, "{text}");
        }
        assert_eq!(language_name("ukr"), "Ukrainian");
    }
}
