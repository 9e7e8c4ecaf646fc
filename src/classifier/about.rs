//! What the links in a comment tell, and what is known about its author.

use super::Document;
use super::group::Group;
use super::links::{Link, Piece, pieces};
use super::normalise::normalise;
use super::shape::bucket;
use super::tokens::{Kind, Sink, Token};
use super::words::Words;

const SHORTENERS: [&str; 16] = [
    "adf.ly",
    "bit.do",
    "bit.ly",
    "cutt.ly",
    "goo.gl",
    "is.gd",
    "ow.ly",
    "rb.gy",
    "rebrand.ly",
    "s.id",
    "shorturl.at",
    "t.co",
    "t.ly",
    "tiny.cc",
    "tinyurl.com",
    "v.gd",
];

/// Where a link leads: in the comment ([`Group::Links`]) or as the author's own address ([`Group::Meta`]).
pub(super) fn emit_link(link: &Link<'_>, group: Group, sink: &mut impl Sink) {
    let mut emit = |kind, text: &str, number| sink.token(Token::hashed(group, kind, text, number));
    let host = link.host;
    let numeric = host.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let domain = if numeric { host } else { psl::domain_str(host).unwrap_or(host) };
    emit(Kind::Domain, domain, 0);
    if !numeric && let Some((_, ending)) = domain.rsplit_once('.') {
        emit(Kind::Ending, ending, 0);
    }
    if host.len() > domain.len() {
        emit(Kind::Host, host, 0);
    }
    let name = domain.split_once('.').map_or(domain, |(name, _)| name);
    for word in name.split(|c: char| !c.is_alphabetic()).filter(|word| word.chars().nth(2).is_some()) {
        emit(Kind::DomainWord, word, 0);
    }
    for word in link.path.split(|c: char| !c.is_alphanumeric()) {
        if (3..20).contains(&word.chars().take(20).count()) {
            emit(Kind::PathWord, word, 0);
        }
    }
    let (path, query) = link.path.split_once('?').unwrap_or((link.path, ""));
    let depth = path.split('/').filter(|part| !part.is_empty()).count();
    emit(Kind::Depth, "", bounded(depth, 6));
    if !query.is_empty() {
        emit(Kind::Query, "", 0);
    }
    if name.contains(|c: char| c.is_ascii_digit()) {
        emit(Kind::Digits, "", 0);
    }
    if name.contains('-') {
        emit(Kind::Dashes, "", bounded(name.matches('-').count(), 4));
    }
    if SHORTENERS.binary_search(&domain).is_ok() {
        emit(Kind::Shortener, "", 0);
    }
}

/// The author's name, if there is one: its mere absence says nothing.
pub(super) fn emit_author(author: &str, words: &mut Words, scratch: &mut String, sink: &mut impl Sink) {
    let normalised = normalise(author);
    let name = normalised.text.as_ref();
    if name.is_empty() {
        return;
    }
    let mut emit = |kind, text: &str, number| sink.token(Token::hashed(Group::Author, kind, text, number));
    let with_link = words.read_text(&normalised, scratch);
    for word in words.iter() {
        emit(Kind::NameWord, word, 0);
    }
    emit(Kind::NameWords, "", bounded(words.iter().len(), 6));
    emit(Kind::NameLength, "", bucket(name.chars().count()));
    scratch.clear();
    scratch.push('^');
    scratch.extend(name.chars().flat_map(char::to_lowercase));
    scratch.push('$');
    let starts = scratch.char_indices().map(|(at, _)| at);
    let ends = scratch.char_indices().skip(3).map(|(at, _)| at).chain([scratch.len()]);
    for (start, end) in starts.zip(ends) {
        emit(Kind::NameLetters, &scratch[start..end], 0);
    }
    let forms = [
        (name.contains(char::is_numeric), "with digits"),
        (!name.contains(char::is_uppercase), "without capitals"),
        (!name.contains(char::is_lowercase), "without small letters"),
        (is_title_case(name), "first and last name"),
        (with_link, "with a link"),
    ];
    for (_, form) in forms.into_iter().filter(|(is, _)| *is) {
        emit(Kind::NameForm, form, 0);
    }
}

/// `Ada Lovelace`: two words, a capital and small letters each.
fn is_title_case(name: &str) -> bool {
    let mut words = name.split(' ');
    let titled = |word: &str| {
        let mut letters = word.chars();
        letters.next().is_some_and(char::is_uppercase) && letters.all(char::is_lowercase)
    };
    words.next().is_some_and(titled) && words.next().is_some_and(titled) && words.next().is_none()
}

/// The domain of the author's e-mail address and the author's own link. That there is an address is no evidence:
/// it depends on the form, not on the author.
pub(super) fn emit_meta(document: &Document<'_>, scratch: &mut String, sink: &mut impl Sink) {
    if let Some((_, domain)) = document.email.trim().rsplit_once('@') {
        scratch.clear();
        scratch.extend(domain.chars().flat_map(char::to_lowercase));
        sink.token(Token::hashed(Group::Meta, Kind::EmailDomain, scratch, 0));
        if let Some((_, ending)) = scratch.rsplit_once('.') {
            sink.token(Token::hashed(Group::Meta, Kind::EmailEnding, ending, 0));
        }
    }
    pieces(&normalise(document.url).text, scratch, &mut |piece| {
        if let Piece::Link(link) = piece {
            sink.token(Token::hashed(Group::Meta, Kind::HasAddress, "", 0));
            emit_link(&link, Group::Meta, sink);
        }
    });
}

fn bounded(count: usize, most: u32) -> u32 {
    u32::try_from(count).map_or(most, |count| count.min(most))
}
