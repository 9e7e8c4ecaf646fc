//! Labelled CSV files as arguments: bad rows reported and left out, progress shown.

use std::fs::{File, Metadata};
use std::io::{self, Read};

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};

use super::{Usage, output};
use crate::classifier::{Source, Subject};
use crate::training::rows::{Columns, LabelledRow, LabelledRows};

/// Reports of single rows on standard error end here, lest they bury everything else.
const MOST_REPORTED: u64 = 20;

/// Which files, and how to read them.
#[derive(Debug, clap::Args)]
pub(super) struct LabelledFiles {
    /// Labelled CSV files with a header row (plain, .gz or .zst; - is standard input)
    #[arg(long = "csv", value_name = "FILE", required = true, num_args = 1..)]
    pub(super) files: Vec<String>,
    /// Column with the text [default: the first of content, comment, text, body, message, …]
    #[arg(long, value_name = "COLUMN")]
    pub(super) text_column: Option<String>,
    /// Column with the label [default: the first of class, label, spam, category, v1, …]
    #[arg(long, value_name = "COLUMN")]
    pub(super) label_column: Option<String>,
    /// Label that means spam, every other one then means ham; may be given more than once
    /// [default: 1, spam, true, yes, y are spam; 0, ham, false, no, n, not spam, legit are ham; for abuse: 1, abuse, toxic,
    /// insult … and 0, clean, ok …]
    #[arg(long = "spam-value", value_name = "VALUE")]
    pub(super) spam_values: Vec<String>,
    /// Stop at the first row that cannot be used, instead of leaving it out
    #[arg(long)]
    pub(super) strict: bool,
}

/// What was read.
pub(super) struct Labelled {
    pub(super) rows: Vec<LabelledRow>,
    pub(super) sources: Vec<Source>,
}

impl Labelled {
    /// Rows that could not be used.
    pub(super) fn left_out(&self) -> u64 {
        self.sources.iter().map(|source| source.left_out).sum()
    }
}

impl LabelledFiles {
    /// Reads all files at once.
    pub(super) fn read(&self, subject: Subject) -> anyhow::Result<Labelled> {
        let mut reading = self.stream(subject, &[])?;
        let rows = reading.by_ref().collect::<anyhow::Result<_>>()?;
        Ok(Labelled { rows, sources: reading.into_sources() })
    }

    /// Reads the files one row at a time, and then `more` files of the same kind.
    pub(super) fn stream(&self, subject: Subject, more: &[String]) -> anyhow::Result<Reading<'_>> {
        let files: Vec<String> = self.files.iter().chain(more).cloned().collect();
        if files.iter().filter(|file| *file == "-").count() > 1 {
            return Err(Usage("standard input (-) can be read only once".to_owned()).into());
        }
        let size =
            |file: &String| std::fs::metadata(file).ok().filter(Metadata::is_file).map(|file| file.len());
        let size: Option<u64> = files.iter().map(size).sum();
        let rest = if size.is_some() { "{bar:30} {percent} %, {eta} left, " } else { "{spinner} " };
        let bar = bar(size, &format!("{rest}{{msg}} rows, {{decimal_bytes_per_sec}}"));
        Ok(Reading {
            arguments: self,
            subject,
            files: files.into_iter(),
            open: None,
            sources: Vec::new(),
            rows: 0,
            bytes: 0,
            bar,
        })
    }

    fn open(&self, subject: Subject, file: &str) -> anyhow::Result<LabelledRows<'static>> {
        let input: Box<dyn Read> = if file == "-" {
            Box::new(io::stdin().lock())
        } else {
            Box::new(File::open(file).with_context(|| format!("cannot open {file}"))?)
        };
        let columns = Columns {
            text: self.text_column.clone(),
            label: self.label_column.clone(),
            subject,
            spam_values: self.spam_values.clone(),
        };
        LabelledRows::open(input, &columns).with_context(|| name(file).to_owned())
    }
}

fn name(file: &str) -> &str {
    if file == "-" { "standard input" } else { file }
}

/// The bar moves once in so many rows.
const ROWS_A_STEP: u64 = 256;

/// Labelled files on the way in: their usable rows. Others are reported on standard error.
pub(super) struct Reading<'a> {
    arguments: &'a LabelledFiles,
    subject: Subject,
    files: std::vec::IntoIter<String>,
    /// The file that is being read, and its name.
    open: Option<(LabelledRows<'static>, String)>,
    /// The files before it.
    sources: Vec<Source>,
    rows: u64,
    /// Bytes of the files before it.
    bytes: u64,
    bar: ProgressBar,
}

impl Reading<'_> {
    /// What was read, file by file.
    pub(super) fn into_sources(self) -> Vec<Source> {
        self.sources
    }

    fn next_row(&mut self) -> anyhow::Result<Option<LabelledRow>> {
        loop {
            let Some((rows, name)) = &mut self.open else {
                let Some(file) = self.files.next() else {
                    self.bar.finish_and_clear();
                    return Ok(None);
                };
                self.open = Some((self.arguments.open(self.subject, &file)?, name(&file).to_owned()));
                continue;
            };
            let left_out = rows.left_out();
            match rows.next() {
                Some(Ok(row)) => {
                    self.rows += 1;
                    if self.rows.is_multiple_of(ROWS_A_STEP) {
                        self.bar.set_position(self.bytes + rows.meter().bytes());
                        self.bar.set_message(self.rows.to_string());
                    }
                    return Ok(Some(LabelledRow { source: self.sources.len(), ..row }));
                }
                Some(Err(error)) if self.arguments.strict || error.fatal => bail!("{name}, {error}"),
                Some(Err(error)) => {
                    if left_out < MOST_REPORTED {
                        self.bar.suspend(|| output::note(format_args!("{name}, {error}: left out")));
                    }
                }
                None => {
                    if left_out > MOST_REPORTED {
                        let more = left_out - MOST_REPORTED;
                        self.bar.suspend(|| output::note(format_args!("{name}: {more} more rows left out")));
                    }
                    self.bytes += rows.meter().bytes();
                    self.sources.push(rows.source(name));
                    self.open = None;
                }
            }
        }
    }
}

impl Iterator for Reading<'_> {
    type Item = anyhow::Result<LabelledRow>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_row().transpose()
    }
}

/// A progress bar on standard error, if that is a terminal.
pub(super) fn bar(length: Option<u64>, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_error| ProgressStyle::default_bar());
    let bar = length.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    bar.with_style(style)
}
