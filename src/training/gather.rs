//! Reads a stream of labelled rows once, on several threads, and keeps what a model is made of: the evidence of each
//! bucket of the split, and a bounded sample of the rows themselves.
//!
//! ```text
//! rows ── batches ──► threads: features, fingerprint ──► counts of each bucket   4 MB a bucket
//! (one thread)                                      ├──► samples                 at most 16 MB
//!                                                   └──► fingerprints seen       16 MB
//! ```
//!
//! Everything the threads add to is the same in whatever order it is added: counts are whole numbers, samples are
//! the rows of lowest hash, and fingerprints are a set. So the number of threads changes nothing but the time.

use std::num::NonZeroUsize;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::TrainOptions;
use super::rows::LabelledRow;
use super::sample::{Sample, priority};
use super::seen::Seen;
use super::split::{HELD_OUT, Split};
use crate::classifier::{Counts, CountsBuilder, Extractor, Features, Label};

/// Rows, and bytes of text in them.
#[derive(Debug, Clone, Copy)]
struct Limit {
    rows: usize,
    bytes: usize,
}

/// How much is kept of a stream of rows.
#[derive(Debug, Clone, Copy)]
struct Limits {
    /// Up to so many are looked at before they are split, so that small files are split evenly.
    exact: Limit,
    /// To calibrate on, of each class: far more than a few numbers need.
    calibration: Limit,
    /// To measure on.
    measured: Limit,
}

const LIMITS: Limits = Limits {
    exact: Limit { rows: 20_000, bytes: 8 << 20 },
    calibration: Limit { rows: 10_000, bytes: 4 << 20 },
    measured: Limit { rows: 20_000, bytes: 8 << 20 },
};
/// Rows and bytes of text that go to a thread at once.
const BATCH_ROWS: usize = 512;
const BATCH_BYTES: usize = 32 << 10;

/// What was learned from rows on reading them: all that [training](Gathered::train) needs. 6 MB a bucket (six; with
/// folds or sources one each) and at most 32 MB.
pub struct Gathered {
    pub(super) options: TrainOptions,
    /// Evidence of each bucket.
    pub(super) buckets: Vec<Counts>,
    pub(super) samples: Samples,
    /// Fingerprints of the rows held out.
    pub(super) held_out: Seen,
    /// Fingerprints of the rows in the folds.
    pub(super) folds: Seen,
}

pub(super) struct Samples {
    /// Ham and spam to calibrate on.
    pub(super) calibration: [Sample; 2],
    /// Rows to measure on, the classes as they come.
    pub(super) measured: Sample,
}

/// Reads rows to train a model from, in memory that does not grow with their number. The first error ends it and is
/// handed back; rows to be left out are for the caller to leave out.
pub fn gather<E>(
    rows: impl IntoIterator<Item = Result<LabelledRow, E>>,
    options: TrainOptions,
) -> Result<Gathered, E> {
    gather_within(LIMITS, rows, options)
}

fn gather_within<E>(
    limits: Limits,
    rows: impl IntoIterator<Item = Result<LabelledRow, E>>,
    options: TrainOptions,
) -> Result<Gathered, E> {
    let mut rows = rows.into_iter();
    let mut first = Vec::new();
    let mut left = limits.exact;
    let complete = loop {
        let Some(row) = rows.next().transpose()? else { break true };
        left =
            Limit { rows: left.rows.saturating_sub(1), bytes: left.bytes.saturating_sub(row.text_bytes()) };
        first.push(row);
        if left.rows == 0 || left.bytes == 0 {
            break false;
        }
    };
    let validation = options.validation.clone();
    let split = if complete {
        Split::exact(validation, options.seed, &first)
    } else {
        Split::hashed(validation, options.seed)
    };
    let tally = Tally::new(&split, &options, limits);
    tally.fill(first.into_iter().map(Ok).chain(rows), options.threads)?;
    let Tally { buckets, samples, held_out, folds, .. } = tally;
    let buckets = buckets.into_iter().map(|bucket| unlocked(bucket).finish()).collect();
    Ok(Gathered { buckets, samples: unlocked(samples), held_out, folds, options })
}

/// Rows that follow each other.
#[derive(Default)]
struct Batch {
    /// Place of the first one in the stream.
    start: u64,
    rows: Vec<LabelledRow>,
}

/// What the threads add to together.
struct Tally<'a> {
    split: &'a Split,
    options: &'a TrainOptions,
    buckets: Vec<Mutex<CountsBuilder>>,
    samples: Mutex<Samples>,
    held_out: Seen,
    folds: Seen,
}

impl<'a> Tally<'a> {
    fn new(split: &'a Split, options: &'a TrainOptions, limits: Limits) -> Self {
        let sample = |limit: Limit| Sample::new(limit.rows, limit.bytes);
        Self {
            split,
            options,
            buckets: (0..split.buckets()).map(|_| Mutex::default()).collect(),
            samples: Mutex::new(Samples {
                calibration: [sample(limits.calibration), sample(limits.calibration)],
                measured: sample(limits.measured),
            }),
            held_out: Seen::default(),
            folds: Seen::default(),
        }
    }

    fn fill<E>(
        &self,
        rows: impl Iterator<Item = Result<LabelledRow, E>>,
        threads: NonZeroUsize,
    ) -> Result<(), E> {
        let (sender, receiver) = sync_channel(2 * threads.get());
        let receiver = Arc::new(Mutex::new(receiver));
        thread::scope(|scope| {
            for thread in 0..threads.get() {
                let receiver = Arc::clone(&receiver);
                scope.spawn(move || {
                    let mut extractor = Extractor::default();
                    while let Some(batch) = next(&receiver) {
                        self.add(&batch, &mut extractor, thread);
                    }
                });
            }
            // Only the threads hold it now, so that sending fails, and does not wait, when all have panicked.
            drop(receiver);
            let sent = send(rows, &sender);
            drop(sender);
            sent
        })
    }

    /// Reads a batch; `thread` is the number of the thread that does.
    fn add(&self, batch: &Batch, extractor: &mut Extractor, thread: usize) {
        let mut read: Vec<Vec<(Features, Label)>> = self.buckets.iter().map(|_| Vec::new()).collect();
        let prints: Vec<(u64, usize)> = batch
            .rows
            .iter()
            .map(|row| {
                let (features, print) = extractor.read_with_fingerprint(&row.document());
                let bucket = self.split.bucket(row, print);
                let seen = if bucket == HELD_OUT { &self.held_out } else { &self.folds };
                seen.insert(print);
                read[bucket].push((features.clone(), row.label));
                (print, bucket)
            })
            .collect();
        // Bucket by bucket, so that one table at a time is in the cache; each thread begins at another one, so that
        // they rarely wait for each other.
        for place in 0..read.len() {
            let bucket = (place + thread) % read.len();
            if !read[bucket].is_empty() {
                let mut counts = lock(&self.buckets[bucket]);
                read[bucket].iter().for_each(|(features, label)| counts.add(features, *label));
            }
        }
        let measures_all = self.options.validation.measures_all();
        let mut samples = lock(&self.samples);
        for ((place, row), (print, bucket)) in (batch.start..).zip(&batch.rows).zip(prints) {
            let priority = priority(place, self.options.seed);
            if bucket == HELD_OUT || measures_all {
                samples.measured.offer(row, place, priority, bucket, print);
            }
            if bucket != HELD_OUT {
                samples.calibration[row.label.index()].offer(row, place, priority, bucket, print);
            }
        }
    }
}

/// Sends all rows in batches.
fn send<E>(rows: impl Iterator<Item = Result<LabelledRow, E>>, sender: &SyncSender<Batch>) -> Result<(), E> {
    let mut batch = Batch::default();
    let mut bytes = 0;
    for (place, row) in (0..).zip(rows) {
        let row = row?;
        bytes += row.text_bytes();
        batch.rows.push(row);
        if batch.rows.len() == BATCH_ROWS || bytes >= BATCH_BYTES {
            let full = std::mem::replace(&mut batch, Batch { start: place + 1, rows: Vec::new() });
            bytes = 0;
            if sender.send(full).is_err() {
                break;
            }
        }
    }
    // Nobody listens when all threads have panicked only, and joining them passes that on.
    let _ = sender.send(batch);
    Ok(())
}

fn next(receiver: &Mutex<Receiver<Batch>>) -> Option<Batch> {
    lock(receiver).recv().ok()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn unlocked<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::classifier::{Model, Source, Subject, features};
    use crate::training::{TrainError, Trained, Validation};

    /// So few that all rows but the first are split by a hash, and most are not kept.
    const FEW: Limits = Limits {
        exact: Limit { rows: 20, bytes: 1 << 20 },
        calibration: Limit { rows: 60, bytes: 1 << 20 },
        measured: Limit { rows: 50, bytes: 1 << 20 },
    };

    fn options(validation: Validation) -> TrainOptions {
        TrainOptions {
            subject: Subject::Spam,
            validation,
            seed: 3,
            threads: NonZeroUsize::MIN,
            thresholds: (0.2, 0.95),
            trained_at: String::new(),
            trained_by: String::new(),
        }
    }

    /// Alternately ham and spam, all in other words; the last fifth is later and from another source.
    fn rows(count: usize) -> Vec<LabelledRow> {
        let word = |number: usize| -> String {
            format!("{number:04}").bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
        };
        let row = |number: usize| {
            let late = number >= count - count / 5;
            let spam = number % 2 == 1;
            let text = if spam { "buy cheap pills" } else { "thanks, I liked the article on" };
            LabelledRow {
                source: usize::from(late),
                content: format!("{text} {} {}", word(number), word(number * 7 % 1000)),
                date: if late { "2024-06-01" } else { "2024-01-01" }.to_owned(),
                ..LabelledRow::new(if spam { Label::Spam } else { Label::Ham })
            }
        };
        (0..count).map(row).collect()
    }

    fn gathered(limits: Limits, rows: &[LabelledRow], options: TrainOptions) -> Gathered {
        let Ok(gathered) = gather_within(limits, rows.iter().cloned().map(Ok::<_, Infallible>), options);
        gathered
    }

    fn trained(limits: Limits, rows: &[LabelledRow], validation: Validation) -> Result<Trained, TrainError> {
        let sources =
            ["first.csv", "second.csv"].map(|name| Source { name: name.to_owned(), ..Source::default() });
        gathered(limits, rows, options(validation)).train(sources.to_vec())
    }

    #[test]
    fn the_number_of_threads_changes_nothing() {
        let rows = rows(500);
        for validation in [Validation::Share(0.2), Validation::Folds(3)] {
            let of = |threads: usize| {
                let threads = NonZeroUsize::new(threads).unwrap();
                gathered(FEW, &rows, TrainOptions { threads, ..options(validation.clone()) })
            };
            let (one, two, three) = (of(1), of(2), of(3));
            assert!(one.buckets == two.buckets && one.buckets == three.buckets);
            let bytes = |gathered: Gathered| gathered.train(Vec::new()).unwrap().model.to_bytes();
            let first = bytes(one);
            assert!(first == bytes(two) && first == bytes(three));
        }
    }

    /// What is counted is what a plain loop counts.
    #[test]
    fn all_rows_are_counted_once() {
        let rows = rows(300);
        let mut plain = Counts::default();
        for row in &rows {
            plain.add(&features(&row.document()), row.label);
        }
        for limits in [FEW, LIMITS] {
            let model = trained(limits, &rows, Validation::Share(0.2)).unwrap().model;
            assert!(
                model.to_bytes()
                    == Model::new(crate::training::fit(&plain).unwrap(), model.card().clone()).to_bytes()
            );
        }
    }

    #[test]
    fn what_is_measured_on_a_sample_says_so() {
        let rows = rows(1200);
        let trained = trained(FEW, &rows, Validation::Share(0.2)).unwrap();
        assert_eq!((trained.scored.len(), trained.held_out.len()), (50, 50));
        let measured = &trained.model.card().measured;
        assert!(measured.contains("figures from 50 of these 2"), "{measured}");
        assert!(trained.model.card().calibration.rows == 120 + 50);
        assert!(trained.evaluation.unwrap().accuracy > 0.95);
    }

    #[test]
    fn each_row_is_measured_once_in_folds() {
        let rows = rows(90);
        let trained = trained(LIMITS, &rows, Validation::Folds(3)).unwrap();
        assert_eq!(trained.held_out, rows);
        assert!(trained.evaluation.unwrap().accuracy > 0.95);
    }

    #[test]
    fn a_given_validation_is_not_learned_from() {
        let rows = rows(100);
        let trained = trained(LIMITS, &rows, Validation::Given { first: 1 }).unwrap();
        let card = trained.model.card();
        assert_eq!((card.rows, card.sources.len(), trained.scored.len()), (80, 1, 20));
        let again = crate::training::measure(&trained.model, trained.model.prior(), &trained.held_out);
        assert_eq!(again, trained.scored, "the model written is the one that was measured");
    }

    #[test]
    fn what_was_there_before_a_date_is_not_measured_after_it() {
        let mut rows = rows(100);
        rows[99].content = rows[1].content.to_uppercase();
        let split = |date: &str| trained(LIMITS, &rows, Validation::From(date.to_owned()));
        let after = split("2024-06-01").unwrap();
        assert_eq!((after.held_out.len(), after.repeated), (19, 1));
        assert!(!after.held_out.contains(&rows[99]));
        assert!(matches!(split("2030-01-01"), Err(TrainError::Split { .. })));
    }

    #[test]
    fn what_cannot_be_spared_is_not_left_out() {
        let mut rows = rows(20);
        let spared = |rows: &[LabelledRow]| trained(LIMITS, rows, Validation::EachSource(2));
        assert!(spared(&rows).is_ok());
        rows.iter_mut().filter(|row| row.source == 1).for_each(|row| row.label = Label::Ham);
        let error = spared(&rows).err().map(|error| error.to_string());
        insta::assert_snapshot!(error.unwrap(), @"without first.csv there is no spam left; leaving one file out at a time takes two files with both classes");
        rows.iter_mut().skip(1).for_each(|row| row.label = Label::Ham);
        rows[0].label = Label::Spam;
        assert!(matches!(
            trained(LIMITS, &rows, Validation::Folds(4)),
            Err(TrainError::Folds { missing: Label::Spam })
        ));
        let given = trained(LIMITS, &rows, Validation::Given { first: 1 });
        assert!(matches!(given, Err(TrainError::Given { missing: Label::Spam })));
    }

    #[test]
    fn the_first_error_ends_it() {
        let rows = rows(3)
            .into_iter()
            .map(Ok)
            .chain([Err("broken")])
            .chain(std::iter::repeat_with(|| unreachable!()));
        assert_eq!(gather(rows, options(Validation::Share(0.2))).err(), Some("broken"));
    }
}
