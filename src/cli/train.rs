//! `moderato train`: labelled CSV in, model file and model card out.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use anyhow::Context;
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::files::{Cuts, Judged, write_atomically};
use super::labelled::{LabelledFiles, bar};
use super::{Usage, output};
use crate::classifier::{Evaluation, ModelCard, Subject};
use crate::training::{self, Report, TrainOptions, Trained, Validation};

/// Fit, calibrate and measure a model on labelled comments
///
/// One part of the rows is held out to measure on; the model written is then fitted on all of them. Beside FILE a
/// model card (.md) is written. The same rows, flags and date give the same bytes. Files may be of any size.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  moderato train --csv comments.csv --out site.model
  moderato train --csv 2023.csv.gz 2024.csv.gz --time-split 2024-07-01 --out site.model --report site.html
  moderato train --subject abuse --csv insults.csv --label-column toxic --out abuse.model
  moderato train --csv SMSSpamCollection.csv --text-column v2 --label-column v1 --out sms.model --json")]
pub(super) struct Args {
    #[command(flatten)]
    input: LabelledFiles,
    /// What the labels are about, and so what the model will judge
    #[arg(long, value_enum, default_value_t = Judged::Spam)]
    subject: Judged,
    /// Model file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Share of each class to hold out [default: 0.2]
    #[arg(long, value_name = "SHARE", group = "split")]
    validation: Option<f64>,
    /// Hold out the rows dated at this date or later (2024-07-01)
    #[arg(long, value_name = "DATE", group = "split")]
    time_split: Option<String>,
    /// Measure each of so many parts by a model of the others
    #[arg(long, value_name = "K", group = "split", value_parser = clap::value_parser!(u8).range(2..=50))]
    folds: Option<u8>,
    /// Measure on these files, which are not learned from (plain, .gz or .zst; - is standard input)
    #[arg(long, value_name = "FILE", group = "split", num_args = 1..)]
    validation_csv: Vec<String>,
    /// Measure each file by a model of the other files, and calibrate for sites the model has not seen
    #[arg(long, group = "split")]
    leave_one_file_out: bool,
    /// Decides which rows are held out
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// How many threads read rows; the model is the same [default: one a core]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
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
struct Output<'a> {
    model: String,
    version: &'a str,
    bytes: usize,
    left_out: u64,
    repeated: u64,
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
    let mut reading = args.input.stream(args.subject.into(), &args.validation_csv)?;
    let gathered = training::gather(reading.by_ref(), options)?;
    let sources = reading.into_sources();
    let left_out: u64 = sources.iter().map(|source| source.left_out).sum();
    let spinner = bar(None, "{spinner} fitting and measuring");
    spinner.enable_steady_tick(Duration::from_millis(100));
    let trained = gathered.train(sources.clone())?;
    spinner.finish_and_clear();

    let Trained { model, evaluation, scored, held_out, repeated } = &trained;
    let bytes = model.to_bytes();
    write_atomically(&args.out, &bytes)?;
    write_atomically(&args.out.with_extension("md"), training::markdown(model, &notes).as_bytes())?;

    let card = model.card();
    let facts = [
        ("model", args.out.display().to_string()),
        ("version", model.checksum().to_owned()),
        ("size", format!("{} bytes", bytes.len())),
        ("judges", card.subject.as_str().to_owned()),
        ("trained on", format!("{} rows ({} spam, {} ham)", card.rows, card.spam, card.ham)),
        ("left out", left_out.to_string()),
        ("near-identical to another", repeated.to_string()),
        (
            "measured on",
            if evaluation.is_some() { card.measured.clone() } else { "nothing: too few rows".to_owned() },
        ),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    let report = Report {
        title: "Trained",
        facts: &facts,
        promises: &[],
        evaluation: evaluation.as_ref(),
        scored,
        mistakes: &training::worst_mistakes(held_out, &sources, scored),
        sources: &card.sources,
        card,
    };
    if let Some(path) = &args.report {
        write_atomically(path, training::html(&report).as_bytes())?;
    }
    if args.json {
        return output::json(&Output {
            model: args.out.display().to_string(),
            version: model.checksum(),
            bytes: bytes.len(),
            left_out,
            repeated: *repeated,
            card,
            evaluation: evaluation.as_ref(),
        });
    }
    output::line(report.text())
}

fn options(args: &Args) -> anyhow::Result<TrainOptions> {
    let thresholds = args.cuts.thresholds()?;
    Ok(TrainOptions {
        subject: args.subject.into(),
        validation: validation(args)?,
        seed: args.seed,
        threads: match args.threads {
            Some(threads) => threads,
            None => std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        },
        thresholds: (thresholds.approve_below(), thresholds.reject_from()),
        trained_at: date(args)?,
        trained_by: command(args),
    })
}

/// The default share to hold out.
const SHARE: f64 = 0.2;

fn validation(args: &Args) -> Result<Validation, Usage> {
    let files = args.input.files.len();
    if let Some(date) = &args.time_split {
        if date.len() < 4 || !date.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(Usage("--time-split takes a date like 2024-07-01".to_owned()));
        }
        return Ok(Validation::From(date.replacen(' ', "T", 1)));
    }
    if let Some(folds) = args.folds {
        return Ok(Validation::Folds(folds.into()));
    }
    if !args.validation_csv.is_empty() {
        return Ok(Validation::Given { first: files });
    }
    if args.leave_one_file_out {
        return Ok(Validation::EachSource(files));
    }
    let share = args.validation.unwrap_or(SHARE);
    if !(0.0..=0.9).contains(&share) {
        return Err(Usage("--validation takes a share between 0 and 0.9".to_owned()));
    }
    Ok(Validation::Share(share))
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
    if Subject::from(args.subject) != Subject::Spam {
        words.push(format!("--subject {}", Subject::from(args.subject).as_str()));
    }
    words.push(if let Some(date) = &args.time_split {
        format!("--time-split {date}")
    } else if let Some(folds) = args.folds {
        format!("--folds {folds}")
    } else if !args.validation_csv.is_empty() {
        format!("--validation-csv {}", args.validation_csv.join(" "))
    } else if args.leave_one_file_out {
        "--leave-one-file-out".to_owned()
    } else {
        format!("--validation {}", args.validation.unwrap_or(SHARE))
    });
    words.push(format!("--seed {}", args.seed));
    words.join(" ")
}
