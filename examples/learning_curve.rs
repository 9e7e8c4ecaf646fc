//! How fast a site's own labels take over from a model that has never seen the site, beside training on these labels
//! alone: the table of docs/classifier.md.
//!
//! ```sh
//! cargo run --release --example learning_curve
//! ```

#![expect(clippy::print_stdout, reason = "figures are printed")]
#![expect(clippy::cast_precision_loss, reason = "counts of rows")]

use std::convert::Infallible;
use std::fs::File;
use std::num::NonZeroUsize;
use std::sync::Arc;

use moderato::classifier::{Label, Model, SiteModel, Subject, features};
use moderato::policy::{RecentQueue, prior};
use moderato::training::rows::{Columns, LabelledRow, LabelledRows};
use moderato::training::{Evaluation, TrainOptions, Validation, evaluate, gather, measure};

const SETS: [&str; 5] =
    ["youtube-psy", "youtube-katyperry", "youtube-eminem", "sms-spam-collection", "chatspam-telegram-ru"];
/// Each of these is the new site in turn; the shared model is trained on the others.
const SITES: [&str; 3] = ["youtube-eminem", "sms-spam-collection", "chatspam-telegram-ru"];
const LABELS: [usize; 5] = [0, 10, 50, 200, 1000];
/// Orders of the site's rows that each figure is the mean of.
const SEEDS: u64 = 5;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for site in SITES {
        let shared = SETS.into_iter().filter(|set| *set != site).map(rows).collect::<Result<Vec<_>, _>>()?;
        let (rows, shared) = (rows(site)?, Arc::new(trained(&shared, Validation::EachSource(4))?));
        println!("\n### {site}, {} rows\n", rows.len());
        println!("| own labels | shared and own | own alone |\n|---|---|---|");
        for labels in LABELS.into_iter().filter(|labels| 2 * labels < rows.len()) {
            let (mut both, mut alone) = (Vec::new(), Vec::new());
            for seed in 0..SEEDS {
                let mut order: Vec<&LabelledRow> = rows.iter().collect();
                order.sort_by_cached_key(|row| {
                    blake3::hash(format!("{seed} {}", row.line).as_bytes()).to_hex()
                });
                let (own, rest) = order.split_at(labels);
                let own: Vec<LabelledRow> = own.iter().map(|row| (*row).clone()).collect();
                let mut model = SiteModel::new(Arc::clone(&shared));
                for row in &own {
                    model.learn(&features(&row.document()), row.label);
                }
                // As the service judges: with the prior of the site's newest decisions.
                let recent = own.iter().rev().take(RecentQueue::WINDOW as usize);
                let spam = recent.clone().filter(|row| row.label == Label::Spam).count();
                let queue =
                    RecentQueue { spam: u32::try_from(spam)?, ham: u32::try_from(recent.len() - spam)? };
                let prior = prior(queue).map_or(0.0, |reason| reason.log_odds);
                let score = |row: &&LabelledRow| {
                    (model.score(&features(&row.document())).with_prior(prior).probability, row.label)
                };
                both.push(evaluate(&rest.iter().map(score).collect::<Vec<_>>(), (0.2, 0.95)));
                // A sample of one class trains nothing.
                if let Ok(model) = trained(&[own], Validation::Share(0.0)) {
                    let prior = model.prior();
                    alone.push(evaluate(&measure(&model, prior, rest.iter().copied()), (0.2, 0.95)));
                }
            }
            let alone = if alone.len() < both.len() { "–".to_owned() } else { told(&alone) };
            println!("| {labels} | {} | {alone} |", told(&both));
        }
    }
    Ok(())
}

fn rows(set: &str) -> Result<Vec<LabelledRow>, Box<dyn std::error::Error>> {
    let file = File::open(format!("models/data/{set}.csv"))?;
    Ok(LabelledRows::open(file, &Columns::default())?.filter_map(Result::ok).collect())
}

fn trained(
    sources: &[Vec<LabelledRow>],
    validation: Validation,
) -> Result<Model, Box<dyn std::error::Error>> {
    let options = TrainOptions {
        subject: Subject::Spam,
        validation,
        seed: 1,
        threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        thresholds: (0.2, 0.95),
        trained_at: String::new(),
        trained_by: String::new(),
    };
    let all = sources.iter().enumerate().flat_map(|(source, rows)| {
        rows.iter().map(move |row| Ok::<_, Infallible>(LabelledRow { source, ..row.clone() }))
    });
    let Ok(gathered) = gather(all, options);
    Ok(gathered.train(Vec::new())?.model)
}

/// Mean accuracy at even odds, area under the ROC curve, and Brier score.
fn told(figures: &[Evaluation]) -> String {
    let mean =
        |figure: fn(&Evaluation) -> f64| figures.iter().map(figure).sum::<f64>() / figures.len() as f64;
    format!(
        "{:.1} % / {:.3} / {:.3}",
        100.0 * mean(|evaluation| evaluation.accuracy),
        mean(|evaluation| evaluation.roc_auc),
        mean(|evaluation| evaluation.brier)
    )
}
