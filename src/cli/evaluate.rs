//! `moderato evaluate`: how well a model does on labelled comments.

use std::path::PathBuf;

use serde::Serialize;

use super::files::{self, Cuts, Promised, write_atomically};
use super::labelled::LabelledFiles;
use super::output;
use crate::classifier::Evaluation;
use crate::policy::{Promise, promise};
use crate::training::{self, Report};

/// Measure a model on labelled comments it has not seen
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  moderato evaluate --model site.model --csv new.csv
  moderato evaluate --model models/starter.model --csv queue.csv.gz --json | jq .decisions
  moderato evaluate --model site.model --csv new.csv --target-spam-published 0.005 --target-ham-rejected 0.001")]
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
    #[command(flatten)]
    promised: Promised,
    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Measured<'a> {
    #[serde(flatten)]
    evaluation: &'a Evaluation,
    #[serde(skip_serializing_if = "Option::is_none")]
    promise: Option<Promise>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let cuts = args.cuts.thresholds()?;
    let targets = args.promised.targets()?;
    let model = files::model(&args.model)?;
    let labelled = args.input.read(model.card().subject)?;
    training::require_both_classes(&labelled.rows)?;
    let scored = training::measure(&model, model.prior(), &labelled.rows);
    let promise = targets.map(|targets| promise(&scored, targets));
    let thresholds = promise.map_or(cuts, |promise| promise.thresholds);
    let evaluation = training::evaluate(&scored, (thresholds.approve_below(), thresholds.reject_from()));

    let facts = [
        ("model", args.model.display().to_string()),
        ("version", model.checksum().to_owned()),
        ("judges", model.card().subject.as_str().to_owned()),
        (
            "measured on",
            labelled.sources.iter().map(|source| source.name.as_str()).collect::<Vec<_>>().join(", "),
        ),
        ("left out", labelled.left_out().to_string()),
        ("approve below", thresholds.approve_below().to_string()),
        ("reject from", thresholds.reject_from().to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value));
    let promises = promise.map(|promise| promise.sentences());
    let report = Report {
        title: "Measured",
        facts: &facts,
        promises: promises.as_ref().map_or(&[], |sentences| sentences.as_slice()),
        evaluation: Some(&evaluation),
        scored: &scored,
        mistakes: &training::worst_mistakes(&labelled.rows, &labelled.sources, &scored),
        sources: &labelled.sources,
        card: model.card(),
    };
    if let Some(path) = &args.report {
        write_atomically(path, training::html(&report).as_bytes())?;
    }
    if args.json {
        output::json(&Measured { evaluation: &evaluation, promise })
    } else {
        output::line(report.text())
    }
}
