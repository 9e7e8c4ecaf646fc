//! Labelled CSV, read row by row: RFC 4180, UTF-8, header row, plain, gzip or zstd. Memory stays flat.
//!
//! Columns are found by name, without case. A row that cannot be used is an error of its own with its line, and
//! reading goes on behind it.

use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::sync::{Arc, Mutex, PoisonError};

use memchr::{memchr, memchr_iter};

use crate::classifier::{Document, Label, Source, Subject};

const TEXT: &[&str] = &["content", "comment", "comment_content", "text", "body", "message"];
const LABEL: &[&str] = &["class", "label", "is_spam", "spam", "category", "v1"];
const AUTHOR: &[&str] = &["author", "comment_author", "name"];
const EMAIL: &[&str] = &["email", "author_email", "comment_author_email"];
const URL: &[&str] = &["url", "author_url", "comment_author_url", "website"];
const DATE: &[&str] = &["date", "comment_date_gmt", "comment_date", "created"];

/// Label values that mean the subject, and those that mean everything else.
fn values(subject: Subject) -> [&'static [&'static str]; 2] {
    match subject {
        Subject::Spam => {
            [&["1", "spam", "true", "yes", "y"], &["0", "ham", "false", "no", "n", "not spam", "legit"]]
        }
        Subject::Abuse => [
            &["1", "abuse", "abusive", "toxic", "insult", "true", "yes", "y"],
            &["0", "clean", "ok", "fine", "civil", "false", "no", "n", "not abuse", "not toxic"],
        ],
    }
}

/// What to look for, where the usual names do not fit.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    /// Name of the text column.
    pub text: Option<String>,
    /// Name of the label column.
    pub label: Option<String>,
    /// What the labels are about: their usual spellings differ.
    pub subject: Subject,
    /// If not empty: these label values mean spam, every other value ham.
    pub spam_values: Vec<String>,
}

/// One usable row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelledRow {
    /// Which of the sources it is from, counted from 0.
    pub source: usize,
    /// Line its record begins on, from 1.
    pub line: u64,
    /// The comment.
    pub content: String,
    /// Its author's name, if given.
    pub author: String,
    /// The author's e-mail address, if given.
    pub email: String,
    /// The author's web address, if given.
    pub url: String,
    /// When it was written, as the file says.
    pub date: String,
    /// What it is.
    pub label: Label,
}

impl LabelledRow {
    /// A row with nothing but its label.
    pub fn new(label: Label) -> Self {
        let [content, author, email, url, date] = Default::default();
        Self { source: 0, line: 0, content, author, email, url, date, label }
    }

    /// The row as the classifier reads it.
    pub fn document(&self) -> Document<'_> {
        Document { content: &self.content, author: &self.author, email: &self.email, url: &self.url }
    }

    /// Bytes its texts take in memory.
    pub(super) fn text_bytes(&self) -> usize {
        [&self.content, &self.author, &self.email, &self.url, &self.date].map(String::capacity).iter().sum()
    }
}

/// A row that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct RowError {
    /// Line its record begins on, from 1.
    pub line: u64,
    /// Why, for people.
    pub reason: String,
    /// Whether the file cannot be read beyond it, so that this is the last one.
    pub fatal: bool,
}

/// Why a file cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// Not even a header.
    #[error("it is empty; it needs a header row that names the columns, and rows below it")]
    Empty,
    /// A column that is needed is not there.
    #[error("it has no {what} column: looked for {looked_for}, found {found}; name yours with {flag}")]
    NoColumn {
        /// `text` or `label`.
        what: &'static str,
        /// The names that would do.
        looked_for: String,
        /// The names in the header.
        found: String,
        /// The flag that names the column.
        flag: &'static str,
    },
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] csv::Error),
    /// It cannot be read, not even the first bytes.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// How much was read so far, and what; shared with the reader that does it.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Mutex<(u64, blake3::Hasher)>>);

impl Meter {
    /// Bytes read, before decompression.
    pub fn bytes(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    /// BLAKE3 of the bytes read, in hexadecimal.
    pub fn checksum(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.finalize().to_hex().to_string()
    }
}

struct Metered<R> {
    inner: R,
    meter: Meter,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let mut meter = self.meter.0.lock().unwrap_or_else(PoisonError::into_inner);
        meter.0 += count as u64;
        meter.1.update(&buffer[..count]);
        Ok(count)
    }
}

type Input<'a> = Box<dyn Read + 'a>;

/// Comments from a CSV file whose labels, if it has any, are not looked at.
pub struct Comments<'a> {
    reader: csv::Reader<Input<'a>>,
    record: csv::ByteRecord,
    columns: [Option<usize>; 6],
    width: usize,
    meter: Meter,
    ended: bool,
}

const CONTENT_AT: usize = 0;
const LABEL_AT: usize = 1;

impl<'a> Comments<'a> {
    /// Opens a table with a text column.
    pub fn open(input: impl Read + 'a, columns: &Columns) -> Result<Self, TableError> {
        let meter = Meter::default();
        let input = decoded(Metered { inner: input, meter: meter.clone() })?;
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(input);
        let header: Vec<String> = reader
            .byte_headers()?
            .iter()
            .map(|name| String::from_utf8_lossy(name).trim().to_owned())
            .collect();
        if header.iter().all(String::is_empty) {
            return Err(TableError::Empty);
        }
        let find = |names: &[&str]| {
            names.iter().find_map(|name| header.iter().position(|found| found.eq_ignore_ascii_case(name)))
        };
        let named = |name: &Option<String>, usual: &[&str]| match name {
            Some(name) => find(&[name.trim()]),
            None => find(usual),
        };
        let text = named(&columns.text, TEXT)
            .ok_or_else(|| missing("text", columns.text.as_deref(), TEXT, &header))?;
        let label = named(&columns.label, LABEL);
        let columns = [Some(text), label, find(AUTHOR), find(EMAIL), find(URL), find(DATE)];
        Ok(Self { reader, record: csv::ByteRecord::new(), columns, width: header.len(), meter, ended: false })
    }

    /// How much was read so far.
    pub fn meter(&self) -> Meter {
        self.meter.clone()
    }

    /// The next row and its label as written. The row's own label means nothing yet.
    fn read(&mut self) -> Option<Result<(LabelledRow, String), RowError>> {
        if self.ended {
            return None;
        }
        match self.reader.read_byte_record(&mut self.record) {
            Ok(true) => {}
            Ok(false) => return None,
            Err(error) => {
                self.ended = true;
                let line = self.reader.position().line();
                return Some(Err(RowError { line, reason: format!("cannot be read: {error}"), fatal: true }));
            }
        }
        // Counted back from the record's end: before its beginning blank lines may have been skipped.
        let lines_inside = memchr_iter(b'\n', self.record.as_slice()).count() as u64;
        let line = self.reader.position().line().saturating_sub(1 + lines_inside);
        Some(self.fields(line).map_err(|reason| RowError { line, reason, fatal: false }))
    }

    fn fields(&self, line: u64) -> Result<(LabelledRow, String), String> {
        if self.record.len() != self.width {
            let found = self.record.len();
            return Err(format!("{found} fields where the header has {}", self.width));
        }
        let mut fields: [String; 6] = Default::default();
        for (field, place) in fields.iter_mut().zip(self.columns) {
            let bytes = place.and_then(|place| self.record.get(place)).unwrap_or_default();
            field.push_str(std::str::from_utf8(bytes).map_err(|_error| "not UTF-8")?);
        }
        if fields[CONTENT_AT].trim().is_empty() {
            return Err("no text".to_owned());
        }
        let [content, label_text, author, email, url, date] = fields;
        let row = LabelledRow { source: 0, line, content, author, email, url, date, label: Label::Ham };
        Ok((row, label_text))
    }
}

impl Iterator for Comments<'_> {
    type Item = Result<LabelledRow, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().map(|row| row.map(|(row, _)| row))
    }
}

/// Labelled comments from a CSV file.
pub struct LabelledRows<'a> {
    comments: Comments<'a>,
    subject: Subject,
    spam_values: Vec<String>,
    source: Source,
}

impl<'a> LabelledRows<'a> {
    /// Opens a table with a text and a label column.
    pub fn open(input: impl Read + 'a, columns: &Columns) -> Result<Self, TableError> {
        let mut comments = Comments::open(input, columns)?;
        if comments.columns[LABEL_AT].is_none() {
            let header = comments.reader.byte_headers()?;
            let header: Vec<String> =
                header.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
            return Err(missing("label", columns.label.as_deref(), LABEL, &header));
        }
        let spam_values = columns.spam_values.iter().map(|value| value.trim().to_lowercase()).collect();
        Ok(Self { comments, subject: columns.subject, spam_values, source: Source::default() })
    }

    /// How much was read so far.
    pub fn meter(&self) -> Meter {
        self.comments.meter()
    }

    /// How many rows could not be used so far.
    pub fn left_out(&self) -> u64 {
        self.source.left_out
    }

    /// What was read so far, under this name: complete once there are no more rows.
    pub fn source(&self, name: &str) -> Source {
        Source { name: name.to_owned(), checksum: self.meter().checksum(), ..self.source.clone() }
    }

    fn label(&self, written: &str) -> Result<Label, String> {
        let value = written.trim().to_lowercase();
        let own = !self.spam_values.is_empty();
        let [spam, ham] = values(self.subject);
        if value.is_empty() {
            Err("no label".to_owned())
        } else if own && self.spam_values.contains(&value) || !own && spam.contains(&value.as_str()) {
            Ok(Label::Spam)
        } else if own || ham.contains(&value.as_str()) {
            Ok(Label::Ham)
        } else {
            let shown: String = written.trim().chars().take(40).collect();
            Err(format!(
                "unknown label “{shown}” ({} is {}; {} is {})",
                self.subject.as_str(),
                spam.join(", "),
                match self.subject {
                    Subject::Spam => "ham",
                    Subject::Abuse => "not abuse",
                },
                ham.join(", ")
            ))
        }
    }
}

impl Iterator for LabelledRows<'_> {
    type Item = Result<LabelledRow, RowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let row = self.comments.read()?.and_then(|(row, written)| {
            let label =
                self.label(&written).map_err(|reason| RowError { line: row.line, reason, fatal: false })?;
            Ok(LabelledRow { label, ..row })
        });
        match &row {
            Ok(row) => self.source.count(row.label),
            Err(_) => self.source.left_out += 1,
        }
        Some(row)
    }
}

fn missing(what: &'static str, asked: Option<&str>, usual: &[&str], header: &[String]) -> TableError {
    TableError::NoColumn {
        what,
        looked_for: asked.map_or_else(|| usual.join(", "), str::to_owned),
        found: header.join(", "),
        flag: if what == "text" { "--text-column" } else { "--label-column" },
    }
}

/// Undoes gzip and zstd, told by their first bytes, and drops a byte-order mark.
fn decoded<'a>(input: impl Read + 'a) -> io::Result<Input<'a>> {
    let (start, input) = peek(input)?;
    let plain: Input<'a> = if start.starts_with(&[0x1f, 0x8b]) {
        Box::new(flate2::read::MultiGzDecoder::new(input))
    } else if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        Box::new(zstd::stream::read::Decoder::new(input)?)
    } else {
        Box::new(input)
    };
    let (start, mut plain) = peek(plain)?;
    if start.starts_with("\u{feff}".as_bytes()) {
        plain.read_exact(&mut [0; 3])?;
    }
    Ok(Box::new(UnixLines { inner: BufReader::new(plain), last: b'\n' }))
}

/// Ends every line with a single line feed, the last one too, so that lines can be counted.
struct UnixLines<R> {
    inner: R,
    /// The last byte before conversion.
    last: u8,
}

impl<R: BufRead> Read for UnixLines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let available = self.inner.fill_buf()?;
            if buffer.is_empty() {
                return Ok(0);
            }
            if available.is_empty() {
                let unfinished = !matches!(self.last, b'\n' | b'\r');
                if unfinished {
                    buffer[0] = b'\n';
                    self.last = b'\n';
                }
                return Ok(usize::from(unfinished));
            }
            let mut available = &available[..available.len().min(buffer.len())];
            if self.last == b'\r' && available[0] == b'\n' {
                self.last = b'\n';
                self.inner.consume(1);
                continue;
            }
            // Up to a carriage return and with it, which then is the last byte written.
            let end = memchr(b'\r', available);
            available = &available[..end.map_or(available.len(), |end| end + 1)];
            let written = available.len();
            buffer[..written].copy_from_slice(available);
            self.last = buffer[written - 1];
            if end.is_some() {
                buffer[written - 1] = b'\n';
            }
            self.inner.consume(written);
            return Ok(written);
        }
    }
}

/// The first four bytes, and a reader that still gives them.
fn peek<'a>(mut input: impl Read + 'a) -> io::Result<(Vec<u8>, Input<'a>)> {
    let mut start = Vec::new();
    input.by_ref().take(4).read_to_end(&mut start)?;
    Ok((start.clone(), Box::new(Cursor::new(start).chain(input))))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn read(bytes: &[u8]) -> Vec<Result<LabelledRow, RowError>> {
        LabelledRows::open(bytes, &Columns::default()).unwrap().collect()
    }

    fn texts(bytes: &[u8]) -> Vec<(String, Label)> {
        read(bytes).into_iter().flatten().map(|row| (row.content, row.label)).collect()
    }

    #[test]
    fn columns_are_found_in_any_order_and_case() {
        let rows = read(
            "\u{feff}IS_SPAM,Author,Comment\r\nTrue,Ada,\"two\nlines, \"\"quoted\"\"\"\r\nnot spam,,b\r\n"
                .as_bytes(),
        );
        let first = rows[0].as_ref().unwrap();
        assert_eq!((first.line, first.author.as_str(), first.label), (2, "Ada", Label::Spam));
        assert_eq!(first.content, "two\nlines, \"quoted\"");
        assert_eq!(rows[1].as_ref().unwrap().line, 4);
    }

    #[test]
    fn lines_are_counted_through_blank_lines_and_line_ends() {
        for bytes in [
            "text,label\na,1\n\n\nb,1\n\"c\nc\",0\nd,0",
            "text,label\r\na,1\r\n\r\n\r\nb,1\r\n\"c\r\nc\",0\r\nd,0\r\n",
        ] {
            let lines: Vec<u64> = read(bytes.as_bytes()).into_iter().map(|row| row.unwrap().line).collect();
            assert_eq!(lines, [2, 5, 6, 8], "{bytes:?}");
        }
    }

    #[test]
    fn bad_rows_are_named_and_left_out() {
        let rows =
            read(b"content,class\ngood,1\n,1\nx,maybe\nx\nx,0,1\n\xff\xfe,1\n\"multi\nline\",\nlast,0\n");
        let told: Vec<String> = rows
            .iter()
            .map(|row| row.as_ref().map_or_else(ToString::to_string, |row| row.content.clone()))
            .collect();
        insta::assert_snapshot!(told.join("\n"));
    }

    #[test]
    fn compressed_files_read_like_plain_ones() {
        let plain = b"text,label\nhello,ham\nbuy,spam\n";
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gzip.write_all(plain).unwrap();
        let expected = [("hello".to_owned(), Label::Ham), ("buy".to_owned(), Label::Spam)];
        assert_eq!(texts(plain), expected);
        assert_eq!(texts(&gzip.finish().unwrap()), expected);
        assert_eq!(texts(&zstd::bulk::compress(plain, 3).unwrap()), expected);
    }

    #[test]
    fn a_file_cut_off_ends_with_a_fatal_row() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
        gzip.write_all(&b"text,label\nhello,ham\n".repeat(2000)).unwrap();
        let bytes = gzip.finish().unwrap();
        let last = read(&bytes[..bytes.len() / 2]).pop().unwrap();
        assert!(last.is_err_and(|error| error.fatal));
    }

    #[test]
    fn own_spam_values_make_everything_else_ham() {
        let columns = Columns { spam_values: vec!["Junk".to_owned()], ..Columns::default() };
        let rows = LabelledRows::open(&b"text,label\na,junk\nb,fine\nc,\n"[..], &columns).unwrap();
        let labels: Vec<_> = rows.map(|row| row.map(|row| row.label).map_err(|error| error.reason)).collect();
        assert_eq!(labels, [Ok(Label::Spam), Ok(Label::Ham), Err("no label".to_owned())]);
    }

    #[test]
    fn missing_columns_are_named() {
        let error =
            |bytes: &[u8], columns: &Columns| LabelledRows::open(bytes, columns).err().unwrap().to_string();
        insta::assert_snapshot!(error(b"foo,label\n", &Columns::default()), @"it has no text column: looked for content, comment, comment_content, text, body, message, found foo, label; name yours with --text-column");
        let columns = Columns { label: Some("verdict".to_owned()), ..Columns::default() };
        insta::assert_snapshot!(error(b"text,label\n", &columns), @"it has no label column: looked for verdict, found text, label; name yours with --label-column");
        insta::assert_snapshot!(error(b"", &Columns::default()), @"it is empty; it needs a header row that names the columns, and rows below it");
    }

    #[test]
    fn the_meter_counts_and_hashes_what_was_read() {
        let bytes = b"text,label\nhello,ham\n";
        let mut rows = LabelledRows::open(&bytes[..], &Columns::default()).unwrap();
        let meter = rows.meter();
        assert!(rows.by_ref().all(|row| row.is_ok()));
        assert_eq!(
            (meter.bytes(), meter.checksum()),
            (bytes.len() as u64, blake3::hash(bytes).to_hex().to_string())
        );
    }
}
