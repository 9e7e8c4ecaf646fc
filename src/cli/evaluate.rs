//! `moderato evaluate`: how well a model does on labelled comments.

use std::path::PathBuf;

use super::files::{self, Cuts, write_atomically};
use super::labelled::LabelledFiles;
use super::output;
use crate::training::{self, Report};

/// Measure a model on labelled comments it has not seen
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  moderato evaluate --model site.model --csv new.csv
  moderato evaluate --model models/starter.model --csv queue.csv.gz --json | jq .decisions")]
pub(super) struct Args {
    /// Model file to measure
    #[arg(long, value_name = "FILE")]
    model: PathBuf,
    #[command(flatten)]
    input: LabelledFiles,
    /// Write a report as one HTML page
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    cuts: Cuts,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let thresholds = args.cuts.thresholds()?;
    let model = files::model(&args.model)?;
    let labelled = args.input.read()?;
    training::require_both_classes(&labelled.rows)?;
    let scored = training::measure(&model, model.prior(), &labelled.rows);
    let evaluation = training::evaluate(&scored, (thresholds.approve_below(), thresholds.reject_from()));

    let facts = [
        ("model", args.model.display().to_string()),
        ("version", model.checksum().to_owned()),
        (
            "measured on",
            labelled.sources.iter().map(|source| source.name.as_str()).collect::<Vec<_>>().join(", "),
        ),
        ("left out", labelled.left_out().to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    let report = Report { title: "Measured", facts: &facts, evaluation: Some(&evaluation), scored: &scored };
    if let Some(path) = &args.report {
        write_atomically(path, training::html(&report).as_bytes())?;
    }
    if args.json { output::json(&evaluation) } else { output::line(report.text()) }
}
