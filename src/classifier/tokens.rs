//! The evidence in a comment, token by token, in six groups.

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::Document;
use super::links::{Link, Piece, pieces};
use super::normalise::normalise;
use super::shape::{Property, Shape};

/// Kinds of evidence. Each has its own range of columns, so tokens of different groups never collide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// Words and pairs of neighbouring words.
    Words,
    /// Runs of four to six characters, across word borders.
    Characters,
    /// Where the links in the text lead.
    Links,
    /// Length, capitals, digits, punctuation: how the text is written, not what it says.
    Shape,
    /// The author's name.
    Author,
    /// The author's e-mail domain and web address.
    Meta,
}

impl Group {
    /// Every group, in the order of their columns.
    pub const ALL: [Self; 6] =
        [Self::Words, Self::Characters, Self::Links, Self::Shape, Self::Author, Self::Meta];

    /// The group in lower case, as files and the API spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Characters => "characters",
            Self::Links => "links",
            Self::Shape => "shape",
            Self::Author => "author",
            Self::Meta => "meta",
        }
    }

    /// First column and number of columns. Together the groups fill [`COLUMNS`].
    const fn columns(self) -> (u32, u32) {
        match self {
            Self::Words => (0, 1 << 16),
            Self::Characters => (1 << 16, 1 << 17),
            Self::Links => (196_608, 1 << 15),
            Self::Shape => (229_376, 1 << 12),
            Self::Author => (233_472, 1 << 14),
            Self::Meta => (249_856, 12_288),
        }
    }

    /// Weight of one token, in tenths: what it counts beside a word's 10.
    const fn tenths(self) -> u32 {
        match self {
            Self::Words => 10,
            Self::Characters => 2,
            Self::Links | Self::Shape | Self::Meta => 20,
            Self::Author => 3,
        }
    }

    /// Weight of one token beside a word's 1.
    pub(super) fn weight(self) -> f64 {
        f64::from(self.tenths()) / 10.0
    }

    /// The group a column belongs to.
    const fn of(column: u32) -> Self {
        match column {
            0..65_536 => Self::Words,
            65_536..196_608 => Self::Characters,
            196_608..229_376 => Self::Links,
            229_376..233_472 => Self::Shape,
            233_472..249_856 => Self::Author,
            _ => Self::Meta,
        }
    }
}

/// Number of columns of all groups together.
pub(super) const COLUMNS: usize = 1 << 18;

/// Weight of a column's tokens, in tenths.
pub(super) fn weight_of(column: u32) -> u32 {
    Group::of(column).tenths()
}

/// The group a column belongs to.
pub(super) fn group_of(column: u32) -> Group {
    Group::of(column)
}

/// What a token says; the numbers are part of its hash, so their order is part of the feature specification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Word = 1,
    Pair,
    Characters,
    Domain,
    Ending,
    Host,
    DomainWord,
    PathWord,
    Depth,
    Query,
    Digits,
    Dashes,
    Shortener,
    NameWord,
    NameLetters,
    NameWords,
    NameLength,
    NameForm,
    EmailDomain,
    EmailEnding,
    HasAddress,
}

/// One piece of evidence, borrowed from the text it was found in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token<'a> {
    pub(super) group: Group,
    pub(super) sort: Sort,
    pub(super) text: &'a str,
    pub(super) number: u32,
}

/// A property of the shape has a column of its own; everything else is hashed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sort {
    Hashed(Kind),
    Shape(Property),
}

impl Token<'_> {
    /// The column this token counts in.
    pub(super) fn column(&self) -> u32 {
        let (first, size) = self.group.columns();
        match self.sort {
            Sort::Shape(property) => first + property as u32 * 64 + self.number.min(63),
            Sort::Hashed(kind) => {
                let seed = kind as u64 | u64::from(self.number) << 8;
                let high = xxh3_64_with_seed(self.text.as_bytes(), seed) >> 32;
                // Multiply and shift maps the hash evenly onto any number of columns.
                first + ((high * u64::from(size)) >> 32) as u32
            }
        }
    }
}

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

/// Hands every token of a comment to `emit`; a token may come more than once. Linear in the comment's length.
pub(super) fn tokens(document: &Document<'_>, emit: &mut impl FnMut(Token<'_>)) {
    let text = normalise(document.content);
    let pieces = pieces(&text.text);
    let words = Words::read(&pieces);
    words.emit(emit);
    emit_characters(&pieces, emit);
    for piece in &pieces {
        if let Piece::Link(link) = piece {
            emit_link(link, Group::Links, emit);
        }
    }
    Shape { normalised: &text, pieces: &pieces, words: &words }.emit(&mut |property, value| {
        emit(Token { group: Group::Shape, sort: Sort::Shape(property), text: "", number: value });
    });
    emit_author(document.author, emit);
    emit_meta(document, emit);
}

/// The words of a text without numbers, addresses and punctuation, joined by single spaces: equal for texts that
/// differ only in such details.
pub(super) fn wording(content: &str) -> String {
    let text = normalise(content);
    let pieces = pieces(&text.text);
    let words = Words::read(&pieces);
    let kept: Vec<&str> = words.iter().filter(|word| word.starts_with(char::is_alphabetic)).collect();
    kept.join(" ")
}

fn hashed(group: Group, kind: Kind, text: &str, number: u32, emit: &mut impl FnMut(Token<'_>)) {
    emit(Token { group, sort: Sort::Hashed(kind), text, number });
}

/// The words of a text in one buffer, one space between them, with a mark at either end.
pub(super) struct Words {
    buffer: String,
    ranges: Vec<(usize, usize)>,
}

const BEGIN: &str = "^";
const END: &str = "·";

impl Words {
    fn read(pieces: &[Piece<'_>]) -> Self {
        let mut words = Self { buffer: String::with_capacity(256), ranges: Vec::with_capacity(64) };
        words.push(BEGIN);
        for piece in pieces {
            match piece {
                Piece::Text(text) => words.read_text(text),
                Piece::Link(_) => words.push("<url>"),
                Piece::Email => words.push("<email>"),
            }
        }
        words.push(END);
        words
    }

    /// The words proper, without the marks.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.ranges[1..self.ranges.len() - 1].iter().map(|&(start, end)| &self.buffer[start..end])
    }

    fn open(&mut self) -> usize {
        if !self.buffer.is_empty() {
            self.buffer.push(' ');
        }
        self.buffer.len()
    }

    fn push(&mut self, word: &str) {
        let start = self.open();
        self.buffer.push_str(word);
        self.ranges.push((start, self.buffer.len()));
    }

    fn read_text(&mut self, text: &str) {
        let mut characters = text.chars().peekable();
        while let Some(c) = characters.next() {
            if is_ideograph(c) || is_pictograph(c) {
                let start = self.open();
                self.buffer.push(c);
                self.ranges.push((start, self.buffer.len()));
            } else if c.is_alphanumeric() {
                self.read_word(c, &mut characters);
            } else if is_telling(c) {
                while characters.next_if_eq(&c).is_some() {}
                let start = self.open();
                self.buffer.push(c);
                self.ranges.push((start, self.buffer.len()));
            }
        }
    }

    fn read_word(&mut self, first: char, rest: &mut std::iter::Peekable<std::str::Chars<'_>>) {
        let start = self.open();
        let mut digits = u32::from(first.is_numeric());
        let mut length = 1_u32;
        let mut run = Run::default();
        self.push_letter(first, &mut run);
        loop {
            match rest.peek() {
                Some(&c) if c.is_alphanumeric() && !is_ideograph(c) => {
                    rest.next();
                    digits += u32::from(c.is_numeric());
                    length += 1;
                    self.push_letter(c, &mut run);
                }
                Some('\'' | '’') => {
                    let mut ahead = rest.clone();
                    ahead.next();
                    if !ahead.next().is_some_and(char::is_alphanumeric) {
                        break;
                    }
                    rest.next();
                    length += 1;
                    self.buffer.push('\'');
                }
                _ => break,
            }
        }
        if digits == length {
            self.buffer.truncate(start);
            self.buffer.push_str("<num");
            self.buffer.push(char::from(b'0' + digits.min(9) as u8));
            self.buffer.push('>');
        }
        self.ranges.push((start, self.buffer.len()));
    }

    /// Adds a letter in lower case; of three or more in a row only two are kept.
    fn push_letter(&mut self, c: char, run: &mut Run) {
        if run.length_with(c) <= 2 || c.is_numeric() {
            push_lower(&mut self.buffer, c);
        }
    }

    fn emit(&self, emit: &mut impl FnMut(Token<'_>)) {
        for word in self.iter() {
            hashed(Group::Words, Kind::Word, word, 0, emit);
        }
        for pair in self.ranges.windows(2) {
            hashed(Group::Words, Kind::Pair, &self.buffer[pair[0].0..pair[1].1], 0, emit);
        }
    }
}

/// Counts how often the same character came in a row, whatever its case.
#[derive(Default)]
struct Run {
    last: Option<char>,
    length: usize,
}

impl Run {
    fn length_with(&mut self, c: char) -> usize {
        let c = c.to_ascii_lowercase();
        self.length = if self.last == Some(c) { self.length + 1 } else { 1 };
        self.last = Some(c);
        self.length
    }
}

fn push_lower(buffer: &mut String, c: char) {
    if c.is_ascii() {
        buffer.push(c.to_ascii_lowercase());
    } else {
        buffer.extend(c.to_lowercase());
    }
}

/// Punctuation that tells something.
fn is_telling(c: char) -> bool {
    matches!(c, '!' | '?' | '$' | '%' | '#' | '@' | '€' | '£' | '₽' | '¥')
}

/// Scripts written without spaces: each character counts as a word.
fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

/// Emoji and dingbats.
pub(super) fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// Runs of four, five and six characters over the whole text in lower case: links are one character, numbers a
/// zero, white space one space, letters repeated four times or more are kept three times.
fn emit_characters(pieces: &[Piece<'_>], emit: &mut impl FnMut(Token<'_>)) {
    let mut stream = String::with_capacity(512);
    stream.push(' ');
    let mut run = Run::default();
    let mut last = ' ';
    for piece in pieces {
        let text = match piece {
            Piece::Text(text) => text,
            Piece::Link(_) => "\u{1}",
            Piece::Email => "\u{2}",
        };
        for c in text.chars() {
            let c = match c {
                _ if c.is_whitespace() => ' ',
                _ if c.is_numeric() => '0',
                _ => c,
            };
            let kept = match c {
                ' ' | '0' => c != last,
                _ => run.length_with(c) <= 3,
            };
            if kept {
                push_lower(&mut stream, c);
            }
            last = c;
        }
    }
    if last != ' ' {
        stream.push(' ');
    }
    let starts: Vec<usize> = stream.char_indices().map(|(at, _)| at).chain([stream.len()]).collect();
    for size in 4..=6 {
        for window in starts.windows(size + 1) {
            hashed(Group::Characters, Kind::Characters, &stream[window[0]..window[size]], 0, emit);
        }
    }
}

/// Where a link leads: in the comment ([`Group::Links`]) or as the author's own address ([`Group::Meta`]).
fn emit_link(link: &Link, group: Group, emit: &mut impl FnMut(Token<'_>)) {
    let host = link.host.as_str();
    let numeric = host.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let domain = if numeric { host } else { psl::domain_str(host).unwrap_or(host) };
    hashed(group, Kind::Domain, domain, 0, emit);
    if !numeric && let Some((_, ending)) = domain.rsplit_once('.') {
        hashed(group, Kind::Ending, ending, 0, emit);
    }
    if host.len() > domain.len() {
        hashed(group, Kind::Host, host, 0, emit);
    }
    let name = domain.split_once('.').map_or(domain, |(name, _)| name);
    for word in name.split(|c: char| !c.is_alphabetic()).filter(|word| word.chars().nth(2).is_some()) {
        hashed(group, Kind::DomainWord, word, 0, emit);
    }
    for word in link.path.split(|c: char| !c.is_alphanumeric()) {
        if (3..20).contains(&word.chars().take(20).count()) {
            hashed(group, Kind::PathWord, word, 0, emit);
        }
    }
    let (path, query) = link.path.split_once('?').unwrap_or((&link.path, ""));
    let depth = path.split('/').filter(|part| !part.is_empty()).count();
    hashed(group, Kind::Depth, "", bounded(depth, 6), emit);
    if !query.is_empty() {
        hashed(group, Kind::Query, "", 0, emit);
    }
    if name.contains(|c: char| c.is_ascii_digit()) {
        hashed(group, Kind::Digits, "", 0, emit);
    }
    if name.contains('-') {
        hashed(group, Kind::Dashes, "", bounded(name.matches('-').count(), 4), emit);
    }
    if SHORTENERS.binary_search(&domain).is_ok() {
        hashed(group, Kind::Shortener, "", 0, emit);
    }
}

/// The author's name, if there is one: its mere absence says nothing.
fn emit_author(author: &str, emit: &mut impl FnMut(Token<'_>)) {
    let name = normalise(author).text;
    if name.is_empty() {
        return;
    }
    let found = pieces(&name);
    let words = Words::read(&found);
    let mut count = 0;
    for word in words.iter() {
        count += 1;
        hashed(Group::Author, Kind::NameWord, word, 0, emit);
    }
    hashed(Group::Author, Kind::NameWords, "", bounded(count, 6), emit);
    hashed(Group::Author, Kind::NameLength, "", super::shape::bucket(name.chars().count()), emit);
    let marked = format!("^{}$", name.to_lowercase());
    let starts: Vec<usize> = marked.char_indices().map(|(at, _)| at).chain([marked.len()]).collect();
    for window in starts.windows(4) {
        hashed(Group::Author, Kind::NameLetters, &marked[window[0]..window[3]], 0, emit);
    }
    let forms = [
        (name.contains(char::is_numeric), "with digits"),
        (!name.contains(char::is_uppercase), "without capitals"),
        (!name.contains(char::is_lowercase), "without small letters"),
        (is_title_case(&name), "first and last name"),
        (found.iter().any(|piece| matches!(piece, Piece::Link(_))), "with a link"),
    ];
    for (_, form) in forms.into_iter().filter(|(is, _)| *is) {
        hashed(Group::Author, Kind::NameForm, form, 0, emit);
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
fn emit_meta(document: &Document<'_>, emit: &mut impl FnMut(Token<'_>)) {
    if let Some((_, domain)) = document.email.trim().rsplit_once('@') {
        let domain = domain.to_lowercase();
        hashed(Group::Meta, Kind::EmailDomain, &domain, 0, emit);
        if let Some((_, ending)) = domain.rsplit_once('.') {
            hashed(Group::Meta, Kind::EmailEnding, ending, 0, emit);
        }
    }
    let address = normalise(document.url).text;
    for piece in pieces(&address) {
        if let Piece::Link(link) = piece {
            hashed(Group::Meta, Kind::HasAddress, "", 0, emit);
            emit_link(&link, Group::Meta, emit);
        }
    }
}

fn bounded(count: usize, most: u32) -> u32 {
    u32::try_from(count).map_or(most, |count| count.min(most))
}
