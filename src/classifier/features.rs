//! A comment as the set of columns its tokens fall into.

use std::cell::RefCell;

use xxhash_rust::xxh3::xxh3_64;

use super::Document;
use super::group::Group;
use super::presence::Presence;
use super::tokens::{Reader, Sink, Token, weight_of};

/// Version of the way from text to columns. A model fits one version only; raise it with any change there.
pub const SPEC_VERSION: u16 = 2;

/// The columns a comment's tokens fall into, sorted, each once: presence, not counts (Metsis et al., "Spam
/// Filtering with Naive Bayes - Which Naive Bayes?", CEAS 2006). A column's group gives its weight. About four
/// bytes a token, three tokens a character.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Features {
    columns: Vec<u32>,
}

impl Features {
    #[cfg(test)]
    pub(super) fn of_columns(columns: Vec<u32>) -> Self {
        Self { columns }
    }

    /// The columns, in ascending order.
    pub(super) fn columns(&self) -> &[u32] {
        &self.columns
    }

    /// Each column with the weight of its group.
    pub fn weights(&self) -> impl Iterator<Item = (u32, f64)> {
        self.columns.iter().map(|&column| (column, f64::from(weight_of(column)) / 10.0))
    }

    /// Each column with its group.
    pub fn groups(&self) -> impl Iterator<Item = (u32, Group)> {
        self.columns.iter().map(|&column| (column, Group::of(column)))
    }

    /// The columns of each group.
    pub(super) fn by_group(&self) -> [(Group, &[u32]); Group::ALL.len()] {
        let mut rest = self.columns.as_slice();
        Group::ALL.map(|group| {
            let (first, size) = group.columns();
            let own;
            (own, rest) = rest.split_at(rest.partition_point(|&column| column < first + size));
            (group, own)
        })
    }
}

/// Reads comments one after the other. Its buffers (about 70 KB) are used again, so that after the first few comments
/// it allocates only for texts that have to be rewritten (markup, entities, disguises).
#[derive(Default)]
pub struct Extractor {
    reader: Reader,
    presence: Presence,
    features: Features,
}

impl Extractor {
    /// Reads the evidence in a comment. Never fails, whatever the text; time grows linearly with it. What was read
    /// before leaves no trace.
    pub fn read(&mut self, document: &Document<'_>) -> &Features {
        self.read_with_fingerprint(document).0
    }

    /// The same with the text's [`fingerprint`], in one reading.
    pub fn read_with_fingerprint(&mut self, document: &Document<'_>) -> (&Features, u64) {
        self.reader.read_content(document.content, &mut self.presence);
        let fingerprint = self.fingerprint_of_words(document);
        self.reader.read_author(document, &mut self.presence);
        self.features.columns.clear();
        self.presence.drain_into(&mut self.features.columns);
        (&self.features, fingerprint)
    }

    fn fingerprint_of_words(&mut self, document: &Document<'_>) -> u64 {
        let wording = self.reader.wording();
        xxh3_64(if wording.is_empty() { document.content.as_bytes() } else { wording.as_bytes() })
    }
}

impl Sink for Presence {
    fn token(&mut self, token: Token<'_>) {
        self.insert(token.column());
    }

    fn characters(&mut self, column: u32, _: &[char]) {
        self.insert(column);
    }
}

thread_local! {
    static EXTRACTOR: RefCell<Extractor> = RefCell::default();
}

/// Reads the evidence in a comment, as [`Extractor::read`] does, with an extractor the thread keeps.
pub fn features(document: &Document<'_>) -> Features {
    EXTRACTOR.with_borrow_mut(|extractor| extractor.read(document).clone())
}

/// Equal for texts that differ in numbers, addresses, punctuation, case or markup only, so that copies of one
/// spam run can be kept together. Texts without a single word are told apart by all they hold.
pub fn fingerprint(document: &Document<'_>) -> u64 {
    EXTRACTOR.with_borrow_mut(|extractor| {
        extractor.reader.read_words(document.content);
        extractor.fingerprint_of_words(document)
    })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use proptest::prelude::*;

    use super::super::tokens::{Kind, Sort, tokens};
    use super::*;

    fn of(content: &str) -> Features {
        features(&Document { content, ..Document::default() })
    }

    fn zero_width_between_letters(text: &str) -> String {
        text.chars().flat_map(|c| ['\u{200b}', c, '\u{feff}']).collect()
    }

    proptest! {
        #[test]
        fn any_text_can_be_read_and_reads_the_same_twice(content in ".{0,300}", author in ".{0,30}", url in ".{0,60}") {
            let document = Document { content: &content, author: &author, email: &url, url: &author };
            let first = features(&document);
            prop_assert_eq!(&first, &features(&document));
            prop_assert!(first.columns().windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(first.columns().iter().all(|&column| (column as usize) < super::super::tokens::COLUMNS));
        }

        #[test]
        fn what_cannot_be_seen_changes_nothing(content in "[ -~А-яé😀\n]{0,120}") {
            prop_assert_eq!(of(&content), of(&zero_width_between_letters(&content)));
        }

        #[test]
        fn entities_read_like_what_they_stand_for(content in "[ -%'-~А-яé😀]{0,80}") {
            let mut encoded = String::new();
            for c in content.chars() {
                let _ = write!(encoded, "&#{};", u32::from(c));
            }
            // What looks like markup once decoded was not markup: that is for the test below.
            prop_assume!(!content.contains(['<', '[']));
            prop_assert_eq!(of(&content), of(&encoded));
        }

        #[test]
        fn html_around_a_text_changes_nothing(content in "[a-zA-Z0-9 .,!?:/@А-я-]{0,120}") {
            prop_assert_eq!(of(&content), of(&format!("<div class=\"c\"><p><b>{content}</b></p>\n</div>")));
        }
    }

    #[test]
    fn links_read_the_same_in_html_and_in_text() {
        let text = of("so see http://a.top/x?b=1&c=2 now");
        assert_eq!(
            text,
            of("so see <a href=\"http://a.top/x?b=1&amp;c=2\">http://a.top/x?b=1&amp;c=2</a> now")
        );
    }

    #[test]
    fn fingerprints_ignore_what_varies_in_one_spam_run() {
        let print = |content| fingerprint(&Document { content, ..Document::default() });
        assert_eq!(print("Earn $500 at http://a.top"), print("earn 900 € at <b>www.b.top</b>!!"));
        assert_ne!(print("Earn money"), print("Earn trust"));
        assert_ne!(print("1"), print("2"));
    }

    #[test]
    fn an_extractor_keeps_nothing_of_the_comment_before() {
        let mut extractor = Extractor::default();
        let full = Document {
            content: "v i a g r a at <b>bit.ly/x</b>! ѕale",
            author: "Ann 7",
            email: "a@b.top",
            url: "c.top",
        };
        extractor.read(&full);
        assert_eq!(extractor.read(&Document::default()), &features(&Document::default()));
        assert_eq!(extractor.read(&full), &features(&full));
    }

    /// Disguised texts keep the evidence of the plain word.
    #[test]
    fn words_are_recognised_in_disguise() {
        let word = |text: &str| {
            let mut words = Vec::new();
            tokens(&Document { content: text, ..Document::default() }, &mut |token: Token<'_>| {
                if matches!(token.sort, Sort::Hashed(Kind::Word)) {
                    words.push((token.text.to_owned(), token.column()));
                }
            });
            words
        };
        let plain = word("viagra").remove(0);
        for disguised in [
            "buy v i a g r a now",
            "v.i.a.g.r.a",
            "V-I-A-G-R-A",
            "v1agr4",
            "vi\u{200b}agra",
            "vi\u{ad}agra",
            "vi\u{430}gra",
            "ｖｉａｇｒａ",
            "𝓋𝒾𝒶ℊ𝓇𝒶",
            "vi<b></b>agra",
            "v&#105;agra",
        ] {
            assert!(word(disguised).contains(&plain), "{disguised:?}: {:?}", word(disguised));
        }
        let innocent = word("I am at a B road, 25 km");
        assert_eq!(innocent.len(), 8, "{innocent:?}");
    }

    /// Texts made to be slow must not be: were one quadratic, this test would take minutes.
    #[test]
    fn adversarial_texts_take_linear_time() {
        for unit in [
            "<a",
            "<",
            "[url=",
            "://",
            "http://",
            "a.",
            "a@",
            "&",
            "&#",
            "''a",
            "е\u{430}a",
            "𝐰",
            "www.",
            "<a href=",
            ". com ",
        ] {
            for end in ["", ">", "]", ";", "</a>"] {
                let read = of(&(unit.repeat(65_536 / unit.len()) + end));
                assert!(!read.columns().is_empty());
            }
        }
    }
}
