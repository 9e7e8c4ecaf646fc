//! Labelled CSV files as arguments: read whole, bad rows reported and left out.

use std::fs::File;
use std::io::{self, Read};

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};

use super::{Usage, output};
use crate::classifier::{Label, Source};
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
    /// [default: 1, spam, true, yes, y are spam; 0, ham, false, no, n, not spam, legit are ham]
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
    /// Reads all files.
    pub(super) fn read(&self) -> anyhow::Result<Labelled> {
        if self.files.iter().filter(|file| *file == "-").count() > 1 {
            return Err(Usage("standard input (-) can be read only once".to_owned()).into());
        }
        let mut labelled = Labelled { rows: Vec::new(), sources: Vec::new() };
        for file in &self.files {
            let source = self.read_file(file, &mut labelled.rows)?;
            labelled.sources.push(source);
        }
        Ok(labelled)
    }

    fn read_file(&self, file: &str, rows: &mut Vec<LabelledRow>) -> anyhow::Result<Source> {
        let (name, input, size): (_, Box<dyn Read>, _) = if file == "-" {
            ("standard input", Box::new(io::stdin().lock()), None)
        } else {
            let opened = File::open(file).with_context(|| format!("cannot open {file}"))?;
            let size = opened.metadata().ok().map(|metadata| metadata.len());
            (file, Box::new(opened), size)
        };
        let columns = Columns {
            text: self.text_column.clone(),
            label: self.label_column.clone(),
            spam_values: self.spam_values.clone(),
        };
        let reader = LabelledRows::open(input, &columns).with_context(|| name.to_owned())?;
        let meter = reader.meter();
        let bar = bar(size, "{msg} {bar} {bytes}/{total_bytes}").with_message(format!("reading {name}"));
        let first = rows.len();
        let mut left_out = 0;
        for row in reader {
            match row {
                Ok(row) => rows.push(row),
                Err(error) if self.strict || error.fatal => bail!("{name}, {error}"),
                Err(error) => {
                    left_out += 1;
                    if left_out <= MOST_REPORTED {
                        bar.suspend(|| output::note(format_args!("{name}, {error}: left out")));
                    }
                }
            }
            bar.set_position(meter.bytes());
        }
        bar.finish_and_clear();
        if left_out > MOST_REPORTED {
            output::note(format_args!("{name}: {} more rows left out", left_out - MOST_REPORTED));
        }
        let read = &rows[first..];
        let spam = read.iter().filter(|row| row.label == Label::Spam).count() as u64;
        let count = read.len() as u64;
        let checksum = meter.checksum();
        Ok(Source { name: name.to_owned(), checksum, rows: count, spam, ham: count - spam, left_out })
    }
}

/// A progress bar on standard error, if that is a terminal.
pub(super) fn bar(length: Option<u64>, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_error| ProgressStyle::default_bar());
    let bar = length.map_or_else(ProgressBar::new_spinner, ProgressBar::new);
    bar.with_style(style)
}
