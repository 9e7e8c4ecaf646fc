//! The evidence in a comment, token by token, in six groups.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::Document;
use super::about::{emit_author, emit_link, emit_meta};
use super::character::Class;
use super::grams::Grams;
pub use super::group::Group;
pub(super) use super::group::{COLUMNS, weight_of};
use super::links::{Piece, pieces};
use super::normalise::{Normalised, normalise};
use super::presence::Presence;
use super::shape::{Property, Tally, Wording, shape};
use super::words::Words;

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
    column: u32,
}

/// A property of the shape has a column of its own; everything else is hashed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sort {
    Hashed(Kind),
    Shape(Property),
}

impl<'a> Token<'a> {
    pub(super) fn hashed(group: Group, kind: Kind, text: &'a str, number: u32) -> Self {
        let (first, size) = group.columns();
        let seed = kind as u64 | u64::from(number) << 8;
        let high = xxh3_64_with_seed(text.as_bytes(), seed) >> 32;
        // Multiply and shift maps the hash evenly onto any number of columns.
        let column = first + ((high * u64::from(size)) >> 32) as u32;
        Self { group, sort: Sort::Hashed(kind), text, number, column }
    }

    fn shape(property: Property, number: u32) -> Self {
        let column = Group::Shape.columns().0 + property as u32 * 64 + number.min(63);
        Self { group: Group::Shape, sort: Sort::Shape(property), text: "", number, column }
    }

    /// The column this token counts in.
    pub(super) fn column(&self) -> u32 {
        self.column
    }
}

/// Takes in tokens.
pub(super) trait Sink {
    fn token(&mut self, token: Token<'_>);

    /// A token of [`Kind::Characters`]. Most tokens are, so their text is made only for those who read it.
    fn characters(&mut self, column: u32, characters: &[char]);
}

impl<F: FnMut(Token<'_>)> Sink for F {
    fn token(&mut self, token: Token<'_>) {
        self(token);
    }

    fn characters(&mut self, column: u32, characters: &[char]) {
        let (text, sort) = (String::from_iter(characters), Sort::Hashed(Kind::Characters));
        self(Token { group: Group::Characters, sort, text: &text, number: 0, column });
    }
}

/// Hands every token of a comment to `emit`; a token may come more than once. Linear in the comment's length.
pub(super) fn tokens(document: &Document<'_>, emit: &mut impl FnMut(Token<'_>)) {
    Reader::default().read(document, emit);
}

/// Reads comments, one after the other; its buffers are used again.
#[derive(Default)]
pub(super) struct Reader {
    words: Words,
    grams: Grams,
    distinct: Presence,
    scratch: String,
}

impl Reader {
    /// Hands every token of a comment to the sink; a token may come more than once. Linear in the comment's length.
    pub(super) fn read(&mut self, document: &Document<'_>, sink: &mut impl Sink) {
        self.read_content(document.content, sink);
        self.read_author(document, sink);
    }

    /// The part of [`Reader::read`] that is about the comment itself.
    pub(super) fn read_content(&mut self, content: &str, sink: &mut impl Sink) {
        let text = normalise(content);
        let tally = self.read_text(&text, sink);
        let wording = self.emit_words(sink);
        self.grams.each(&mut |column, characters| sink.characters(column, characters));
        shape(&text, &tally, &wording, &mut |property, bucket| sink.token(Token::shape(property, bucket)));
    }

    /// The part of [`Reader::read`] that is about its author.
    pub(super) fn read_author(&mut self, document: &Document<'_>, sink: &mut impl Sink) {
        emit_author(document.author, &mut self.words, &mut self.scratch, sink);
        emit_meta(document, &mut self.scratch, sink);
    }

    /// Reads the words of a comment only, for [`Reader::wording`].
    pub(super) fn read_words(&mut self, content: &str) {
        self.words.read_text(&normalise(content), &mut self.scratch);
    }

    /// The words read last without numbers, addresses and punctuation, joined by single spaces: equal for texts that
    /// differ only in such details.
    pub(super) fn wording(&mut self) -> &str {
        self.scratch.clear();
        for word in self.words.iter().filter(|word| word.starts_with(char::is_alphabetic)) {
            if !self.scratch.is_empty() {
                self.scratch.push(' ');
            }
            self.scratch.push_str(word);
        }
        &self.scratch
    }

    /// Reads the text once, for all that is wanted of it.
    fn read_text(&mut self, text: &Normalised<'_>, sink: &mut impl Sink) -> Tally {
        let Self { words, grams, scratch, .. } = self;
        let mut tally = Tally::default();
        words.begin();
        grams.begin();
        pieces(&text.text, scratch, &mut |piece| match piece {
            Piece::Text(text) => {
                for c in text.chars() {
                    let class = Class::of(c);
                    words.read(c, class);
                    grams.read(c, class);
                    tally.read(c, class);
                }
                words.close();
                tally.close();
            }
            Piece::Link(link) => {
                words.push("<url>");
                grams.read('\u{1}', Class::default());
                tally.link(&link);
                emit_link(&link, Group::Links, sink);
            }
            Piece::Email => {
                words.push("<email>");
                grams.read('\u{2}', Class::default());
                tally.email();
            }
        });
        words.end();
        grams.end();
        tally
    }

    fn emit_words(&mut self, sink: &mut impl Sink) -> Wording {
        let (mut distinct, mut length) = (0, 0);
        for word in self.words.iter() {
            let token = Token::hashed(Group::Words, Kind::Word, word, 0);
            distinct += usize::from(self.distinct.insert(token.column));
            length += word.len();
            sink.token(token);
        }
        self.distinct.clear();
        for pair in self.words.pairs() {
            sink.token(Token::hashed(Group::Words, Kind::Pair, pair, 0));
        }
        let spelled_out =
            self.words.undisguised(&mut |word| sink.token(Token::hashed(Group::Words, Kind::Word, word, 0)));
        Wording { words: self.words.iter().len(), distinct, length, spelled_out, mixed: self.words.mixed() }
    }
}
