//! The classifier's figures on public data, so that no change makes it worse unnoticed.
//! `cargo test --test it classifier_figures -- --nocapture` prints them; docs/classifier.md tells what they mean.

use std::convert::Infallible;
use std::fs::File;
use std::num::NonZeroUsize;

use moderato::classifier::{Calibration, Label, Model, Subject};
use moderato::training::rows::{Columns, LabelledRow, LabelledRows};
use moderato::training::{Evaluation, TrainOptions, Validation, evaluate, gather, measure};

use crate::command::in_repository;

pub(crate) const VIDEOS: [&str; 3] = ["youtube-psy", "youtube-katyperry", "youtube-eminem"];

pub(crate) fn rows(name: &str) -> Vec<LabelledRow> {
    let file = File::open(in_repository(&format!("models/data/{name}.csv"))).unwrap();
    LabelledRows::open(file, &Columns::default()).unwrap().map(Result::unwrap).collect()
}

pub(crate) fn trained(rows: &[LabelledRow]) -> Model {
    let options = TrainOptions {
        subject: Subject::Spam,
        validation: Validation::Share(0.0),
        seed: 0,
        threads: NonZeroUsize::MIN,
        thresholds: (0.2, 0.95),
        trained_at: String::new(),
        trained_by: String::new(),
    };
    let Ok(gathered) = gather(rows.iter().cloned().map(Ok::<_, Infallible>), options);
    gathered.train(Vec::new()).unwrap().model
}

fn measured(train: &[LabelledRow], test: &[LabelledRow]) -> Vec<(f64, Label)> {
    let model = trained(train);
    measure(&model, model.prior(), test)
}

fn figures(name: &str, scored: &[(f64, Label)]) -> Evaluation {
    let figures = evaluate(scored, (0.2, 0.95));
    println!(
        "{name}: accuracy {:.2} %, AUC {:.4}, Brier {:.4}, ECE {:.3}, caught at 0.1 / 0.5 / 1 % blocked {:.1} / {:.1} / {:.1} %, held {:.1} %",
        100.0 * figures.accuracy,
        figures.roc_auc,
        figures.brier,
        figures.ece,
        100.0 * figures.spam_caught_at_ham_blocked.one_in_1000,
        100.0 * figures.spam_caught_at_ham_blocked.five_in_1000,
        100.0 * figures.spam_caught_at_ham_blocked.one_in_100,
        100.0 * figures.decisions.held as f64 / figures.rows as f64,
    );
    figures
}

/// The authors' split: per video and class the first 70 % in file order are trained on.
pub(crate) fn authors_split(rows: &[LabelledRow]) -> (Vec<LabelledRow>, Vec<LabelledRow>) {
    let (mut first, mut last) = (Vec::new(), Vec::new());
    for label in [Label::Ham, Label::Spam] {
        let class: Vec<LabelledRow> = rows.iter().filter(|row| row.label == label).cloned().collect();
        let (train, test) = class.split_at(class.len() * 7 / 10);
        first.extend_from_slice(train);
        last.extend_from_slice(test);
    }
    (first, last)
}

#[test]
fn youtube_authors_split() {
    let (mut all_train, mut all_test) = (Vec::new(), Vec::new());
    let mut accuracies = Vec::new();
    for video in VIDEOS {
        let (train, test) = authors_split(&rows(video));
        accuracies.push(figures(video, &measured(&train, &test)).accuracy);
        all_train.extend(train);
        all_test.extend(test);
    }
    let mean = accuracies.iter().sum::<f64>() / 3.0;
    println!("mean of videos: accuracy {:.2} %", 100.0 * mean);
    let pooled = figures("videos pooled", &measured(&all_train, &all_test));
    assert!(mean > 0.945 && pooled.accuracy > 0.963 && pooled.roc_auc > 0.994);
}

#[test]
fn youtube_leave_one_video_out() {
    let mut scored = Vec::new();
    for video in VIDEOS {
        let others: Vec<LabelledRow> =
            VIDEOS.iter().filter(|other| **other != video).flat_map(|other| rows(other)).collect();
        let here = measured(&others, &rows(video));
        figures(video, &here);
        scored.extend(here);
    }
    let pooled = figures("pooled", &scored);
    assert!(pooled.accuracy > 0.925 && pooled.roc_auc > 0.97);
}

#[test]
fn sms_paper_split() {
    let rows = rows("sms-spam-collection");
    let figures = figures("SMS", &measured(&rows[..1674], &rows[rows.len() - 3900..]));
    assert!(figures.accuracy > 0.985 && figures.spam_caught_at_ham_blocked.five_in_1000 > 0.93);
}

#[test]
fn the_starter_is_calibrated_and_small() {
    let bytes = std::fs::read(in_repository("models/starter.model")).unwrap();
    let starter = Model::from_bytes(&bytes).unwrap();
    assert_ne!(starter.card().calibration, Calibration::default());
    assert!(bytes.len() < 2_000_000);
}
