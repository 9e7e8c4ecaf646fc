//! Reads a stream of labelled rows once, on several threads, and keeps what a model is made of: the evidence of each
//! bucket of the split, and a bounded sample of the rows themselves.
//!
//! ```text
//! rows ── batches ──► threads: features, fingerprint ──► counts of each bucket   4 MB a bucket
//! (one thread)                                      ├──► samples                 at most 24 MB
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
use crate::classifier::{Counts, Features, Label, features, fingerprint};

/// Up to so many rows and bytes of text are looked at before they are split, so that small files are split evenly.
const EXACT_ROWS: usize = 20_000;
const EXACT_BYTES: usize = 8 << 20;
/// Rows to calibrate on, of each class: far more than a few numbers need.
const CALIBRATION_ROWS: usize = 20_000;
const CALIBRATION_BYTES: usize = 6 << 20;
/// Rows to measure on.
const MEASURED_ROWS: usize = 40_000;
const MEASURED_BYTES: usize = 12 << 20;
/// Rows and bytes of text that go to a thread at once.
const BATCH_ROWS: usize = 256;
const BATCH_BYTES: usize = 64 << 10;

/// What was learned from rows on reading them: all that [training](Gathered::train) needs. 4 MB a bucket (six; with
/// folds or sources one each) and at most 40 MB.
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
    let mut rows = rows.into_iter();
    let mut first = Vec::new();
    let mut bytes = 0;
    while first.len() < EXACT_ROWS && bytes < EXACT_BYTES {
        let Some(row) = rows.next().transpose()? else { break };
        bytes += row.text_bytes();
        first.push(row);
    }
    let complete = first.len() < EXACT_ROWS && bytes < EXACT_BYTES;
    let validation = options.validation.clone();
    let split = if complete {
        Split::exact(validation, options.seed, &first)
    } else {
        Split::hashed(validation, options.seed)
    };
    let tally = Tally::new(&split, &options);
    tally.fill(first.into_iter().map(Ok).chain(rows), options.threads)?;
    let Tally { buckets, samples, held_out, folds, .. } = tally;
    let buckets = buckets.into_iter().map(unlocked).collect();
    Ok(Gathered { buckets, samples: unlocked(samples), held_out, folds, options })
}

/// Rows that follow each other.
struct Batch {
    /// Place of the first one in the stream.
    start: u64,
    rows: Vec<LabelledRow>,
}

/// What the threads add to together.
struct Tally<'a> {
    split: &'a Split,
    options: &'a TrainOptions,
    buckets: Vec<Mutex<Counts>>,
    samples: Mutex<Samples>,
    held_out: Seen,
    folds: Seen,
}

impl<'a> Tally<'a> {
    fn new(split: &'a Split, options: &'a TrainOptions) -> Self {
        let class = || Sample::new(CALIBRATION_ROWS, CALIBRATION_BYTES);
        Self {
            split,
            options,
            buckets: (0..split.buckets()).map(|_| Mutex::default()).collect(),
            samples: Mutex::new(Samples {
                calibration: [class(), class()],
                measured: Sample::new(MEASURED_ROWS, MEASURED_BYTES),
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
                    while let Some(batch) = next(&receiver) {
                        self.add(batch, thread);
                    }
                });
            }
            // Only the threads hold it now, so that sending fails, and does not wait, when all have panicked.
            drop(receiver);
            send(rows, sender)
        })
    }

    /// Reads a batch; `thread` is the number of the thread that does.
    fn add(&self, batch: Batch, thread: usize) {
        let mut read: Vec<Vec<(Features, Label)>> = self.buckets.iter().map(|_| Vec::new()).collect();
        let prints: Vec<(u64, usize)> = batch
            .rows
            .iter()
            .map(|row| {
                let print = fingerprint(&row.document());
                let bucket = self.split.bucket(row, print);
                let seen = if bucket == HELD_OUT { &self.held_out } else { &self.folds };
                seen.insert(print);
                read[bucket].push((features(&row.document()), row.label));
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
fn send<E>(rows: impl Iterator<Item = Result<LabelledRow, E>>, sender: SyncSender<Batch>) -> Result<(), E> {
    let mut batch = Batch { start: 0, rows: Vec::with_capacity(BATCH_ROWS) };
    let mut bytes = 0;
    let mut next = 0;
    for row in rows {
        let row = row?;
        next += 1;
        bytes += row.text_bytes();
        batch.rows.push(row);
        if batch.rows.len() == BATCH_ROWS || bytes >= BATCH_BYTES {
            let full =
                std::mem::replace(&mut batch, Batch { start: next, rows: Vec::with_capacity(BATCH_ROWS) });
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
