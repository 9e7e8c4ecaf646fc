//! Which comments are one campaign: the same text with other words here and there, or other words around the same link.

use linkify::LinkFinder;
use url::Url;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// Bands of the sketch; two comments that share one are looked at more closely.
const BANDS: u64 = 10;
/// Minima that make a band.
const ROWS: u64 = 2;
/// So many hosts of a comment are remembered.
const HOSTS: usize = 4;
/// Shorter comments are alike by accident.
const FEWEST_WORDS: usize = 4;
/// From this share of words in common on, comments are alike …
const ALIKE: f64 = 0.5;
/// … and from this on, if they lead to the same host as well.
const ALIKE_WITH_HOST: f64 = 0.25;

/// A comment reduced to what makes it like others: hashes of its words and of the hosts it links to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Likeness {
    words: Vec<u64>,
    hosts: Vec<u64>,
}

impl Likeness {
    /// Reads a comment's text and website.
    pub fn of(body: &str, url: &str) -> Self {
        let finder = {
            let mut finder = LinkFinder::new();
            finder.url_must_have_scheme(false);
            finder
        };
        let mut hosts = Vec::new();
        let mut words = Vec::new();
        for span in finder.spans(body).chain(finder.spans(url)) {
            if span.kind().is_some() {
                hosts.extend(host(span.as_str()));
            } else {
                words.extend(words_of(span.as_str()));
            }
        }
        for set in [&mut hosts, &mut words] {
            set.sort_unstable();
            set.dedup();
        }
        hosts.truncate(HOSTS);
        Self { words, hosts }
    }

    /// Numbers that like comments share at least one of, nearly always: min-wise hashes in bands (Broder, "On the Resemblance and
    /// Containment of Documents", 1997; Indyk & Motwani 1998), and the hosts. Nothing for a comment too short to tell.
    /// Two comments with half of their words in common share a band with 94 %.
    pub fn traits(&self) -> Vec<i64> {
        if self.words.len() < FEWEST_WORDS {
            return Vec::new();
        }
        let minimum = |seed: u64| {
            self.words
                .iter()
                .map(|word| xxh3_64_with_seed(&word.to_le_bytes(), seed))
                .min()
                .unwrap_or_default()
        };
        let bands = (0..BANDS).map(|band| {
            let rows: Vec<u8> =
                (0..ROWS).flat_map(|row| minimum(band * ROWS + row + 1).to_le_bytes()).collect();
            xxh3_64_with_seed(&rows, band)
        });
        bands.chain(self.hosts.iter().copied()).map(u64::cast_signed).collect()
    }

    /// How many of their words two comments have in common, 0 to 1 (Jaccard's index).
    pub fn share(&self, other: &Self) -> f64 {
        let common = common(&self.words, &other.words);
        let all = self.words.len() + other.words.len() - common;
        #[expect(clippy::cast_precision_loss, reason = "words of one comment")]
        let share = common as f64 / all.max(1) as f64;
        share
    }

    /// Whether two comments belong to one campaign.
    pub fn is_like(&self, other: &Self) -> bool {
        if self.words.len().min(other.words.len()) < FEWEST_WORDS {
            return false;
        }
        let share = self.share(other);
        share >= ALIKE || share >= ALIKE_WITH_HOST && self::common(&self.hosts, &other.hosts) > 0
    }
}

/// How many numbers two ordered sets share.
fn common(a: &[u64], b: &[u64]) -> usize {
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        shared += usize::from(x == y);
        i += usize::from(x <= y);
        j += usize::from(y <= x);
    }
    shared
}

fn host(written: &str) -> Option<u64> {
    let address = if written.contains("://") { written.to_owned() } else { format!("http://{written}") };
    let host = Url::parse(&address).ok()?.host_str()?.to_owned();
    Some(xxh3_64(host.trim_start_matches("www.").as_bytes()))
}

/// Words without case; numbers are one word, because campaigns count. Where words are not separated, every two characters that
/// follow each other stand for one.
fn words_of(text: &str) -> impl Iterator<Item = u64> {
    text.split(|c: char| !c.is_alphanumeric()).flat_map(runs).flat_map(|run| {
        if !run.starts_with(is_unseparated) {
            return vec![word(run)];
        }
        let characters: Vec<char> = run.chars().collect();
        characters.windows(characters.len().min(2)).map(|pair| word(&String::from_iter(pair))).collect()
    })
}

fn word(written: &str) -> u64 {
    if written.bytes().all(|byte| byte.is_ascii_digit()) {
        xxh3_64(b"0")
    } else {
        xxh3_64(written.to_lowercase().as_bytes())
    }
}

/// Parts of a word that are separated by spaces elsewhere, and parts that are not.
fn runs(word: &str) -> impl Iterator<Item = &str> {
    let mut rest = word;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let other = |c: char| is_unseparated(c) != is_unseparated(first);
        let (run, after) = rest.split_at(rest.find(other).unwrap_or(rest.len()));
        rest = after;
        Some(run)
    })
}

/// Han, kana and hangul, as the desk's search has them (`search_words` in the migrations).
fn is_unseparated(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{ac00}'..='\u{d7af}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(body: &str) -> Likeness {
        Likeness::of(body, "")
    }

    #[test]
    fn variants_of_one_text_are_alike_and_answers_to_it_are_not() {
        let first = of("Earn $500 a day from home, I did it and so can you, visit easy-cash.example now");
        for variant in [
            "EARN 900 a day from home!! I did it and so can you, visit easy-cash.example today",
            "earn $750 a week from home, my sister did it and so can you: visit www.easy-cash.example now",
        ] {
            assert!(first.is_like(&of(variant)), "{variant}");
        }
        for other in [
            "Do not visit easy-cash.example, my sister lost all her savings to these people last year.",
            "I work from home as well and it is not as easy as they say.",
            "Earn trust.",
            "",
        ] {
            assert!(!first.is_like(&of(other)), "{other}");
        }
    }

    #[test]
    fn texts_without_spaces_have_words() {
        for (first, variant, other) in [
            (
                "在家工作每天赚五百元，我做到了你也可以，请访问 easy-cash.example",
                "在家工作每天赚九百块，我做到了你也能，请访问 easy-cash.example",
                "我觉得这篇文章写得很好，谢谢作者。",
            ),
            (
                "格安の時計を販売しています。今すぐこちらをご覧ください。",
                "格安な時計を販売しています。今すぐ下記をご覧ください。",
                "この川の写真はどこで撮ったのですか。",
            ),
            (
                "매일 집에서 오십만원 벌기 지금 시작하세요",
                "매일 집에서 구십만원 벌기 바로 시작하세요",
                "강가 산책이 정말 좋았어요",
            ),
        ] {
            let (first, variant, other) = (of(first), of(variant), of(other));
            assert!(first.is_like(&variant) && !first.is_like(&other));
            assert!(first.traits().iter().any(|one| variant.traits().contains(one)));
        }
        assert_eq!(of("谢").words.len(), 1);
        assert_eq!(of("iPhone手机 谢谢你们").words.len(), 5);
    }

    #[test]
    fn what_is_alike_nearly_always_shares_a_trait() {
        let words: Vec<String> = (0..24).map(|n| format!("word{n}")).collect();
        let mut shared = 0;
        for round in 0..200 {
            // A third of the words are others: half of all words are in common.
            let other: Vec<String> = words
                .iter()
                .enumerate()
                .map(|(n, word)| if n % 3 == 0 { format!("other{round}x{n}") } else { word.clone() })
                .collect();
            let (a, b) = (of(&words.join(" ")), of(&other.join(" ")));
            assert!(a.is_like(&b));
            let traits = a.traits();
            shared += usize::from(b.traits().iter().any(|one| traits.contains(one)));
        }
        assert!(shared >= 176, "{shared} of 200");
    }

    proptest! {
        #[test]
        fn likeness_is_mutual_and_a_comment_is_like_itself(a in ".{0,80}", b in "[a-d ]{0,80}") {
            let (x, y) = (of(&a), of(&b));
            prop_assert_eq!(x.is_like(&y), y.is_like(&x));
            prop_assert_eq!(y.is_like(&y), y.words.len() >= FEWEST_WORDS);
            prop_assert!(y.traits().len() <= 14);
        }
    }
}
