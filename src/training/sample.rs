//! A bounded random sample of rows from a stream.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::rows::LabelledRow;

/// The rows of lowest priority, as many as fit: bottom-k sampling (Cohen, Kaplan, "Summarizing Data using Bottom-k
/// Sketches", 2007). Priorities are hashes of places and a seed, so it depends on these alone which rows are kept,
/// and not on the order in which threads offer them.
pub(super) struct Sample {
    most_rows: usize,
    most_bytes: usize,
    bytes: usize,
    offered: u64,
    /// The highest priority first.
    kept: BinaryHeap<Sampled>,
    /// What did not fit once, or comes after such a row, never gets in again.
    ceiling: (u64, u64),
}

/// A row in the sample.
#[derive(Debug)]
pub(super) struct Sampled {
    priority: u64,
    /// Which row of the stream it is.
    pub(super) place: u64,
    /// Where its evidence was counted.
    pub(super) bucket: usize,
    pub(super) fingerprint: u64,
    pub(super) row: LabelledRow,
}

/// Priority of the row at a place.
pub(super) fn priority(place: u64, seed: u64) -> u64 {
    xxh3_64_with_seed(&place.to_le_bytes(), seed)
}

impl Sample {
    pub(super) fn new(most_rows: usize, most_bytes: usize) -> Self {
        Self {
            most_rows,
            most_bytes,
            bytes: 0,
            offered: 0,
            kept: BinaryHeap::new(),
            ceiling: (u64::MAX, u64::MAX),
        }
    }

    /// Keeps a copy of the row if its priority is low enough.
    pub(super) fn offer(
        &mut self,
        row: &LabelledRow,
        place: u64,
        priority: u64,
        bucket: usize,
        fingerprint: u64,
    ) {
        self.offered += 1;
        if (priority, place) >= self.ceiling {
            return;
        }
        let sampled = Sampled { priority, place, bucket, fingerprint, row: row.clone() };
        self.bytes += sampled.bytes();
        self.kept.push(sampled);
        while self.kept.len() > self.most_rows || self.bytes > self.most_bytes {
            let Some(highest) = self.kept.pop() else { break };
            self.bytes -= highest.bytes();
            self.ceiling = highest.order();
        }
    }

    /// How many rows were offered.
    pub(super) fn offered(&self) -> u64 {
        self.offered
    }

    /// The rows kept, in the order of the stream.
    pub(super) fn into_rows(self) -> Vec<Sampled> {
        let mut rows = self.kept.into_vec();
        rows.sort_unstable_by_key(|sampled| sampled.place);
        rows
    }
}

impl Sampled {
    fn order(&self) -> (u64, u64) {
        (self.priority, self.place)
    }

    fn bytes(&self) -> usize {
        size_of::<Self>() + self.row.text_bytes()
    }
}

impl Ord for Sampled {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

impl PartialOrd for Sampled {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Sampled {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Sampled {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::classifier::Label;

    fn places(sample: Sample) -> Vec<u64> {
        sample.into_rows().into_iter().map(|sampled| sampled.place).collect()
    }

    fn sampled(rows: &[(u64, LabelledRow)], most_rows: usize, most_bytes: usize) -> Vec<u64> {
        let mut sample = Sample::new(most_rows, most_bytes);
        for (place, row) in rows {
            sample.offer(row, *place, priority(*place, 7), 0, 0);
        }
        places(sample)
    }

    proptest! {
        #[test]
        fn the_order_of_offers_does_not_matter(
            lengths in prop::collection::vec(0_usize..2000, 0..60),
            most_rows in 0_usize..60,
            most_bytes in 0_usize..40_000,
            shift in 0_usize..60,
        ) {
            let mut rows: Vec<(u64, LabelledRow)> = (0..)
                .zip(&lengths)
                .map(|(place, length)| (place, LabelledRow { content: "x".repeat(*length), ..LabelledRow::new(Label::Ham) }))
                .collect();
            let first = sampled(&rows, most_rows, most_bytes);
            prop_assert!(first.len() <= most_rows && first.is_sorted());
            rows.rotate_left(shift.min(lengths.len()));
            prop_assert_eq!(&first, &sampled(&rows, most_rows, most_bytes));
            rows.reverse();
            prop_assert_eq!(&first, &sampled(&rows, most_rows, most_bytes));
        }
    }

    #[test]
    fn all_rows_are_equally_likely() {
        let rows: Vec<_> = (0..10_000).map(|place| (place, LabelledRow::new(Label::Ham))).collect();
        let kept = sampled(&rows, 1000, usize::MAX);
        assert_eq!(kept.len(), 1000);
        let early = kept.iter().filter(|place| **place < 5000).count();
        assert!((450..550).contains(&early), "{early} of the first half");
    }
}
