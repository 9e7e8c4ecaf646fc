//! What the gate makes of wrong labels in real comments: `cargo test --test it gate_figures -- --nocapture` prints the
//! table of docs/classifier.md.

use std::convert::Infallible;
use std::fs::File;
use std::num::NonZeroUsize;

use moderato::classifier::{Label, Subject};
use moderato::policy::{TrialRow, TrialSource, doubtful, gate};
use moderato::training::rows::{Columns, LabelledRow, LabelledRows};
use moderato::training::{TrainOptions, Validation, gather};

use crate::command::in_repository;

fn rows(names: &[&str]) -> Vec<LabelledRow> {
    let read = |name: &&str| {
        let file = File::open(in_repository(&format!("models/data/{name}.csv"))).unwrap();
        LabelledRows::open(file, &Columns::default()).unwrap().map(Result::unwrap).collect::<Vec<_>>()
    };
    names.iter().flat_map(read).collect()
}

/// Gives about `percent` of the rows the other label, which ones by a hash of their place.
fn flip(rows: &mut [LabelledRow], percent: u32) {
    for (place, row) in (0_u32..).zip(rows) {
        let [a, b, ..] = *blake3::hash(&place.to_le_bytes()).as_bytes();
        if u32::from(u16::from_le_bytes([a, b])) * 100 < percent << 16 {
            row.label = if row.label == Label::Spam { Label::Ham } else { Label::Spam };
        }
    }
}

/// Share of doubtful labels among the held-out rows, and whether the model is refused.
fn tried(mut rows: Vec<LabelledRow>, percent: u32) -> (f64, bool) {
    flip(&mut rows, percent);
    let options = TrainOptions {
        subject: Subject::Spam,
        validation: Validation::Share(0.2),
        seed: 0,
        threads: NonZeroUsize::MIN,
        thresholds: (0.2, 0.95),
        trained_at: String::new(),
        trained_by: String::new(),
    };
    let Ok(gathered) = gather(rows.iter().cloned().map(Ok::<_, Infallible>), options);
    let scored = gathered.train(Vec::new()).unwrap().scored;
    let trial: Vec<TrialRow> = scored
        .into_iter()
        .map(|(challenger, label)| TrialRow { source: 0, label, challenger, champion: None })
        .collect();
    let spam = rows.iter().filter(|row| row.label == Label::Spam).count() as u64;
    let source = TrialSource { name: "rows".to_owned(), spam, ham: rows.len() as u64 - spam };
    let share = doubtful(&trial) as f64 / trial.len() as f64;
    (share, !gate(&trial, &[source]).refusals.is_empty())
}

#[test]
fn clean_labels_pass_and_a_fifth_of_wrong_ones_does_not() {
    let sets = [
        ("YouTube", rows(&["youtube-psy", "youtube-katyperry", "youtube-eminem"])),
        ("SMS, every fifth", rows(&["sms-spam-collection"]).into_iter().step_by(5).collect()),
    ];
    for (name, rows) in sets {
        let by_noise = [0, 5, 10, 20].map(|percent| tried(rows.clone(), percent));
        for (percent, (share, refused)) in [0, 5, 10, 20].iter().zip(by_noise) {
            let verdict = if refused { "refused" } else { "passes" };
            println!(
                "{name}, {} rows: {percent:>2} % wrong: {:>4.1} % doubtful, {verdict}",
                rows.len(),
                100.0 * share
            );
        }
        let [(clean, refused_clean), .., (_, refused_flipped)] = by_noise;
        assert!(clean < 0.03 && !refused_clean && refused_flipped, "{name}");
    }
}
