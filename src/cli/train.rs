//! `moderato train`: labelled CSV in, model file and model card out.

use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::Context;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::files::{Cuts, write_atomically};
use super::labelled::{LabelledFiles, bar};
use super::{Usage, output};
use crate::classifier::{Evaluation, ModelCard, Source};
use crate::training::{self, Mistakes, Report, TrainOptions, Trained, Validation};

/// Fit, calibrate and measure a model on labelled comments
///
/// One part of the rows is held out to measure on; the model written is then fitted on all of them. Beside FILE a
/// model card (.md) is written. The same rows, flags and date give the same bytes.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  moderato train --csv comments.csv --out site.model
  moderato train --csv 2023.csv.gz 2024.csv.gz --time-split 2024-07-01 --out site.model --report site.html
  moderato train --csv SMSSpamCollection.csv --text-column v2 --label-column v1 --out sms.model --json")]
pub(super) struct Args {
    #[command(flatten)]
    input: LabelledFiles,
    /// Model file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Share of each class to hold out
    #[arg(long, value_name = "SHARE", default_value_t = 0.2, conflicts_with = "time_split")]
    validation: f64,
    /// Hold out the rows dated at this date or later (2024-07-01)
    #[arg(long, value_name = "DATE")]
    time_split: Option<String>,
    /// Measure each file by a model of the other files, and calibrate for sites the model has not seen
    #[arg(long, conflicts_with_all = ["validation", "time_split"])]
    leave_one_file_out: bool,
    /// Decides which rows are held out
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Write a report as one HTML page
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Markdown to put into the model card
    #[arg(long, value_name = "FILE")]
    notes: Option<PathBuf>,
    #[arg(long, value_name = "DATE", help = "Date for the model card [default: $SOURCE_DATE_EPOCH, or now]")]
    date: Option<String>,
    #[command(flatten)]
    cuts: Cuts,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Result<'a> {
    model: String,
    version: &'a str,
    bytes: usize,
    left_out: u64,
    repeated: usize,
    card: &'a ModelCard,
    evaluation: Option<&'a Evaluation>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let options = options(args)?;
    let notes = match &args.notes {
        Some(path) => {
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?
        }
        None => String::new(),
    };
    let labelled = args.input.read()?;
    let options = TrainOptions { sources: labelled.sources.clone(), ..options };

    let progress = bar(Some(1), "training {bar} {percent} %");
    let trained = training::train(&labelled.rows, &options, &mut |done, steps| {
        progress.set_length(steps as u64);
        progress.set_position(done as u64);
    })?;
    progress.finish_and_clear();

    let Trained { model, evaluation, scored, repeated, .. } = &trained;
    let bytes = model.to_bytes();
    write_atomically(&args.out, &bytes)?;
    write_atomically(&args.out.with_extension("md"), training::markdown(model, &notes).as_bytes())?;

    let card = model.card();
    let facts = [
        ("model", args.out.display().to_string()),
        ("version", model.checksum().to_owned()),
        ("size", format!("{} bytes", bytes.len())),
        ("trained on", format!("{} rows ({} spam, {} ham)", card.rows, card.spam, card.ham)),
        ("left out", labelled.left_out().to_string()),
        ("near-identical to another", repeated.to_string()),
        (
            "measured on",
            if evaluation.is_some() { card.measured.clone() } else { "nothing: too few rows".to_owned() },
        ),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    let mut mistakes = Mistakes::default();
    for (&place, &(probability, label)) in trained.held_out.iter().zip(scored) {
        let row = &labelled.rows[place];
        mistakes.offer(source_of(&labelled.sources, place), row.line, probability, label, &row.content);
    }
    let report = Report {
        title: "Trained",
        facts: &facts,
        promises: &[],
        evaluation: evaluation.as_ref(),
        scored,
        mistakes: &mistakes.into_worst(),
        telling: &[],
        sources: &labelled.sources,
        card,
    };
    if let Some(path) = &args.report {
        write_atomically(path, training::html(&report).as_bytes())?;
    }
    if args.json {
        return output::json(&Result {
            model: args.out.display().to_string(),
            version: model.checksum(),
            bytes: bytes.len(),
            left_out: labelled.left_out(),
            repeated: *repeated,
            card,
            evaluation: evaluation.as_ref(),
        });
    }
    output::line(report.text())
}

/// Name of the source that the row at this place comes from.
fn source_of(sources: &[Source], place: usize) -> &str {
    let mut end = 0;
    let holds = |source: &&Source| {
        end += source.rows;
        (place as u64) < end
    };
    sources.iter().find(holds).map_or("", |source| &source.name)
}

fn options(args: &Args) -> anyhow::Result<TrainOptions> {
    let thresholds = args.cuts.thresholds()?;
    if !(0.0..=0.9).contains(&args.validation) {
        return Err(Usage("--validation takes a share between 0 and 0.9".to_owned()).into());
    }
    let validation = match &args.time_split {
        Some(date) if date.len() < 4 || !date.starts_with(|c: char| c.is_ascii_digit()) => {
            return Err(Usage("--time-split takes a date like 2024-07-01".to_owned()).into());
        }
        Some(date) => Validation::From(date.replacen(' ', "T", 1)),
        None if args.leave_one_file_out => Validation::EachSource,
        None => Validation::Share(args.validation),
    };
    Ok(TrainOptions {
        validation,
        seed: args.seed,
        thresholds: (thresholds.approve_below(), thresholds.reject_from()),
        trained_at: date(args)?,
        trained_by: command(args),
        sources: Vec::new(),
    })
}

fn date(args: &Args) -> anyhow::Result<String> {
    if let Some(date) = &args.date {
        return Ok(date.clone());
    }
    let moment = match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(seconds) => seconds
            .parse()
            .ok()
            .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
            .ok_or_else(|| Usage("SOURCE_DATE_EPOCH is no number of seconds".to_owned()))?,
        Err(_) => OffsetDateTime::from(SystemTime::now()).replace_nanosecond(0)?,
    };
    Ok(moment.format(&Rfc3339)?)
}

/// The command as the card tells it: what decides the model, and not where it is written to.
fn command(args: &Args) -> String {
    let mut words = vec!["moderato train --csv".to_owned()];
    words.extend(args.input.files.iter().cloned());
    let columns = [("--text-column", &args.input.text_column), ("--label-column", &args.input.label_column)];
    words.extend(
        columns.iter().filter_map(|(flag, value)| value.as_ref().map(|value| format!("{flag} {value}"))),
    );
    words.extend(args.input.spam_values.iter().map(|value| format!("--spam-value {value}")));
    words.push(match &args.time_split {
        Some(date) => format!("--time-split {date}"),
        None if args.leave_one_file_out => "--leave-one-file-out".to_owned(),
        None => format!("--validation {}", args.validation),
    });
    words.push(format!("--seed {}", args.seed));
    words.join(" ")
}
