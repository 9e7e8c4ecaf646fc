//! Why a comment got its score: an exact sum over its tokens, in words people understand.

use serde::{Deserialize, Serialize};

use super::Document;
use super::calibration::{Calibration, Evidence};
use super::character::SCRIPTS;
use super::evidence::{Odds, contribution};
use super::model::Score;
use super::shape::{Property, bucket_start};
use super::telling::Telling;
use super::tokens::{Group, Kind, Sort, Token, tokens};

/// A score taken apart: `bias` plus all contributions is `log_odds`.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// As [`Model::score`](super::Model::score) gives it.
    pub log_odds: f64,
    /// As [`Model::score`](super::Model::score) gives it.
    pub probability: f64,
    /// Log-odds before any token.
    pub bias: f64,
    /// What each token adds, strongest first.
    pub contributions: Vec<Contribution>,
    /// Share of the comment's different tokens that the model has never seen, 0 to 1; they add nothing.
    pub unseen: f64,
}

impl Explanation {
    /// What each group of evidence adds, in the order of [`Group::ALL`]; with the bias they are the score as well.
    pub fn groups(&self) -> [(Group, f64); Group::ALL.len()] {
        Group::ALL.map(|group| {
            let own = self.contributions.iter().filter(|part| part.group == group);
            (group, own.map(|part| part.log_odds).sum())
        })
    }
}

/// One token's part in a score.
#[derive(Debug, Clone, PartialEq)]
pub struct Contribution {
    /// Kind of evidence.
    pub group: Group,
    /// The token in words: `link to example.top`, `words “check out”`.
    pub token: String,
    /// What it adds to the log-odds; above nought speaks for spam.
    pub log_odds: f64,
    /// In how many comments it was seen before.
    pub seen: Seen,
    /// Another token that is known to share its column, and so its evidence. Known of the [most telling](super::Telling)
    /// ones only.
    pub shares_with: Option<String>,
}

/// In how many comments something was seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Genuine ones.
    pub ham: u32,
    /// Spam.
    pub spam: u32,
}

/// Takes a score apart. `of_class` and `of_column` are the model's odds, `seen` tells in how many ham and spam comments a
/// column occurred, `telling` are the model's tokens with names.
pub(super) fn explain(
    document: &Document<'_>,
    calibration: &Calibration,
    of_class: &Evidence,
    of_column: impl Fn(u32) -> Odds,
    seen: impl Fn(u32) -> [u32; 2],
    telling: &[Telling],
) -> Explanation {
    let mut found: Vec<(u32, Group, String)> = Vec::new();
    let mut unseen = Vec::new();
    tokens(document, &mut |token| {
        let column = token.column();
        if of_column(column)[0].is_nan() {
            unseen.push(column);
        } else {
            found.push((column, token.group, describe(&token)));
        }
    });
    // Tokens that share a column share its evidence: the first one speaks for it.
    found.sort_by_key(|(column, ..)| *column);
    found.dedup_by_key(|(column, ..)| *column);
    unseen.sort_unstable();
    unseen.dedup();

    let mut known = [0; Group::ALL.len()];
    for (_, group, _) in &found {
        known[*group as usize] += 1;
    }
    let all = found.len() + unseen.len();
    let mut contributions: Vec<Contribution> = found
        .into_iter()
        .map(|(column, group, token)| {
            let (odds, known) = (of_column(column), known[group as usize]);
            let log_odds = contribution(group, odds, of_class, &calibration.weights, known);
            let [ham, spam] = seen(column);
            let named = telling.iter().find(|telling| telling.column == column);
            let other = named.and_then(|named| {
                let others = [Some(&named.token), named.shares_with.as_ref()];
                others.into_iter().flatten().find(|other| **other != token).cloned()
            });
            Contribution { group, token, log_odds, seen: Seen { ham, spam }, shares_with: other }
        })
        .collect();
    contributions
        .sort_by(|a, b| b.log_odds.abs().total_cmp(&a.log_odds.abs()).then_with(|| a.token.cmp(&b.token)));
    let bias = calibration.intercept;
    let Score { log_odds, probability } =
        Score::from(bias + contributions.iter().map(|contribution| contribution.log_odds).sum::<f64>());
    #[expect(clippy::cast_precision_loss, reason = "tokens of one comment")]
    let unseen = if all == 0 { 0.0 } else { unseen.len() as f64 / all as f64 };
    Explanation { log_odds, probability, bias, contributions, unseen }
}

pub(super) fn describe(token: &Token<'_>) -> String {
    let Token { group, sort, text, number, .. } = *token;
    let link = if group == Group::Meta { "author's link" } else { "link" };
    match sort {
        Sort::Shape(property) => describe_shape(property, number),
        Sort::Hashed(kind) => match kind {
            Kind::Word => format!("word “{}”", placeholder(text)),
            Kind::Pair => describe_pair(text),
            Kind::Characters => format!("letters “{}”", text.replace(['\u{1}', '\u{2}'], "⌁")),
            Kind::Domain => format!("{link} to {text}"),
            Kind::Ending => format!("{link} under .{text}"),
            Kind::Host => format!("{link} to host {text}"),
            Kind::DomainWord => format!("{link} with “{text}” in its domain"),
            Kind::PathWord => format!("{link} with “{text}” in its path"),
            Kind::Depth if number == 0 => format!("{link} to a front page"),
            Kind::Depth => format!("{link} with a path {number} deep"),
            Kind::Query => format!("{link} with a query"),
            Kind::Digits => format!("{link} with digits in its domain"),
            Kind::Dashes => format!("{link} with dashes in its domain"),
            Kind::Shortener => format!("{link} through a shortener"),
            Kind::NameWord => format!("author's name has “{text}”"),
            Kind::NameLetters => format!("author's name has the letters “{text}”"),
            Kind::NameWords => format!("author's name of {number} words"),
            Kind::NameLength => format!("author's name of {} or more letters", bucket_start(number)),
            Kind::NameForm => format!("author's name {text}"),
            Kind::EmailDomain => format!("e-mail at {text}"),
            Kind::EmailEnding => format!("e-mail under .{text}"),
            Kind::HasAddress => "author left a link".to_owned(),
        },
    }
}

/// The words that a [`Contribution::token`] names, if it names words: `check out` of `words “check out”`.
pub fn quoted_words(token: &str) -> Option<&str> {
    token.strip_prefix("word “").or_else(|| token.strip_prefix("words “"))?.strip_suffix('”')
}

fn describe_pair(pair: &str) -> String {
    match pair.split_once(' ') {
        Some(("^", word)) => format!("begins with “{}”", placeholder(word)),
        Some((word, "·")) => format!("ends with “{}”", placeholder(word)),
        Some((first, second)) => format!("words “{} {}”", placeholder(first), placeholder(second)),
        None => pair.to_owned(),
    }
}

/// Placeholders in words: `<url>` is a link.
fn placeholder(word: &str) -> &str {
    match word {
        "<url>" => "(link)",
        "<email>" => "(e-mail)",
        "^" | "·" => "",
        _ if word.starts_with("<num") => "(number)",
        _ => word,
    }
}

fn describe_shape(property: Property, number: u32) -> String {
    let from = bucket_start(number);
    let yes = number > 0;
    let percent = |step: u32| format!("{} % or more", number * step);
    let either = |with: &str, without: &str| if yes { with.to_owned() } else { without.to_owned() };
    match property {
        Property::Length => format!("length: {from} characters or more"),
        Property::Words => format!("length: {from} words or more"),
        Property::Capitals => format!("capital letters: {}", percent(10)),
        Property::Digits => format!("digits: {}", percent(5)),
        Property::ShoutedWords => format!("words in capitals: {from}"),
        Property::Emoji => format!("emoji: {from}"),
        Property::ExclamationMarks => format!("exclamation marks: {from}"),
        Property::QuestionMarks => format!("question marks: {from}"),
        Property::Repetitions => format!("repeated characters: {from}"),
        Property::Lines => format!("line breaks: {from}"),
        Property::DistinctWords => format!("different words: {}", percent(10)),
        Property::WordLength => format!("mean length of words: {number}"),
        Property::Links => format!("links: {from}"),
        Property::LinksPerWord => format!("links among words: {}", percent(10)),
        Property::BbcodeLinks => format!("links as BBCode: {from}"),
        Property::MixedAlphabets => format!("words in mixed alphabets: {from}"),
        Property::DisguisedLetters => format!("disguised letters: {from}"),
        Property::SpacedOutLink => either("a link spelled out", "no link spelled out"),
        Property::Email => either("an e-mail address in the text", "no e-mail address in the text"),
        Property::Phone => either("a phone number", "no phone number"),
        Property::Money => either("an amount of money", "no amount of money"),
        Property::Script => format!("script: {}", SCRIPTS.get(number as usize).unwrap_or(&"another")),
        Property::SmallStart => either("begins with a small letter", "begins with no small letter"),
        Property::SpelledOutWords => format!("words written as single letters: {from}"),
        Property::MixedWords => format!("words of letters and digits: {from}"),
        Property::OpenEnd => either("ends without punctuation", "ends with punctuation"),
    }
}
