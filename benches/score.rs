//! From text to score, one thread: `cargo bench --bench score`. To be read beside each other on one machine: the
//! `floor` is a textbook naive Bayes over lower-cased words in a hash map.

#![expect(clippy::print_stdout, reason = "figures are printed")]
#![expect(clippy::cast_precision_loss, reason = "nanoseconds of a moment")]

use std::collections::HashMap;
use std::hint::black_box;
use std::time::Instant;

use moderato::classifier::{Document, Extractor, Label, Model, features};

const RUNS: usize = 20_000;
const TEXT: &str = "Thanks for the article, I did not know that the county had paper backups of all the votes. See \
                    http://example.org/audit for the details of what happened in March, and why nobody objected at \
                    the time. My neighbour, who works there, said it took them four days to count everything by hand, \
                    and then once more.";

fn main() {
    let mut model = Model::from_bytes(&read("models/starter.model")).expect("the starter model is whole");
    let floor = Floor::of(&read("models/data/sms-spam-collection.csv"));
    let mut extractor = Extractor::default();
    println!(
        "{:<44} {:>8} {:>8} {:>6} {:>8}",
        "µs, allocations and bytes each", "median", "99 %", "allocs", "bytes"
    );
    for length in [88, 300] {
        let document = Document { content: &TEXT[..length], ..Document::default() };
        let read = features(&document);
        println!("{length} characters, {} columns", read.weights().count());
        time("floor: words in a hash map", || {
            black_box(floor.score(black_box(document.content)));
        });
        time("features", || {
            black_box(extractor.read(black_box(&document)));
        });
        time("features and score", || {
            black_box(model.score(extractor.read(black_box(&document))));
        });
        time("score alone", || {
            black_box(model.score(black_box(&read)));
        });
        time("explanation", || {
            black_box(model.explain(black_box(&document)));
        });
        time("learn it and forget it", || {
            model.learn(black_box(&read), Label::Ham);
            model.forget(black_box(&read), Label::Ham);
        });
    }
    let start = Instant::now();
    black_box(model.clone());
    println!("copy of the model {:.1} µs", start.elapsed().as_secs_f64() * 1e6);
}

fn read(file: &str) -> Vec<u8> {
    std::fs::read(format!("{}/{file}", env!("CARGO_MANIFEST_DIR"))).expect("it is in the repository")
}

/// Log-odds of each word, from documents with and without it.
struct Floor(HashMap<String, f64>);

impl Floor {
    fn of(csv: &[u8]) -> Self {
        let mut counts: HashMap<String, [f64; 2]> = HashMap::new();
        let mut reader = csv::Reader::from_reader(csv);
        let headers = reader.headers().expect("a header").clone();
        let column = |name| headers.iter().position(|header| header == name).expect("the column");
        let (content, class) = (column("CONTENT"), column("CLASS"));
        for row in reader.records().map(|row| row.expect("a row")) {
            for word in words(&row[content]) {
                counts.entry(word).or_insert([1.0; 2])[usize::from(&row[class] == "1")] += 1.0;
            }
        }
        Self(counts.into_iter().map(|(word, [ham, spam])| (word, (spam / ham).ln())).collect())
    }

    fn score(&self, text: &str) -> f64 {
        words(text).filter_map(|word| self.0.get(&word)).sum()
    }
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

fn time(what: &str, mut work: impl FnMut()) {
    work();
    let allocated = allocation_counter::measure(&mut work);
    let mut nanoseconds: Vec<u128> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_nanos()
        })
        .collect();
    nanoseconds.sort_unstable();
    let microseconds = |share: usize| nanoseconds[RUNS * share / 100] as f64 / 1e3;
    println!(
        "  {what:<42} {:>8.2} {:>8.2} {:>6} {:>8}",
        microseconds(50),
        microseconds(99),
        allocated.count_total,
        allocated.bytes_total
    );
}
