//! From text to score, one thread: `cargo bench --bench score`. Medians, to be read beside each other on one machine.

#![expect(clippy::print_stdout, reason = "figures are printed")]
#![expect(clippy::cast_precision_loss, reason = "nanoseconds of a moment")]

use std::hint::black_box;
use std::time::Instant;

use moderato::classifier::{Document, Label, Model, features};

const RUNS: usize = 20_000;
const TEXT: &str = "Thanks for the article, I did not know that the county had paper backups of all the votes. See \
                    http://example.org/audit for the details of what happened in March, and why nobody objected at \
                    the time. My neighbour, who works there, said it took them four days to count everything by hand.";

fn main() {
    let file = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/models/starter.model"));
    let starter =
        Model::from_bytes(&file.expect("the starter model is in the repository")).expect("it is whole");
    for length in [88, TEXT.len()] {
        let document = Document { content: &TEXT[..length], ..Document::default() };
        let read = features(&document);
        time(&format!("{length} characters, features and score"), || {
            black_box(starter.score(&features(black_box(&document))));
        });
        time(&format!("{length} characters, score alone"), || {
            black_box(starter.score(black_box(&read)));
        });
        time(&format!("{length} characters, explanation"), || {
            black_box(starter.explain(black_box(&document)));
        });
    }
    let read = features(&Document { content: TEXT, ..Document::default() });
    let mut copy = starter.clone();
    time("learn one and forget it", || {
        copy.learn(black_box(&read), Label::Ham);
        copy.forget(black_box(&read), Label::Ham);
    });
    let start = Instant::now();
    black_box(starter.clone());
    println!("{:<44} {:>8.1} µs", "copy of the model", start.elapsed().as_secs_f64() * 1e6);
}

fn time(what: &str, mut work: impl FnMut()) {
    let mut nanoseconds: Vec<u128> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_nanos()
        })
        .collect();
    nanoseconds.sort_unstable();
    let microseconds = |share: usize| nanoseconds[RUNS * share / 100] as f64 / 1e3;
    println!("{what:<44} {:>8.1} µs median {:>8.1} µs 99 %", microseconds(50), microseconds(99));
}
