//! A set of columns, kept in a bitmap.

use super::group::COLUMNS;

/// Columns in one word of the bitmap.
const WORD: usize = u64::BITS as usize;
/// Columns in one block: a word whose bits say which words hold any.
const BLOCK: usize = WORD * WORD;

/// A set of columns: 32 KB, so it stays in the first cache, and a second level that tells which parts are not empty.
/// Adding is two operations, and reading takes time for what is in it only and gives the columns in order.
pub(super) struct Presence {
    words: Vec<u64>,
    blocks: [u64; COLUMNS / BLOCK],
}

impl Default for Presence {
    fn default() -> Self {
        Self { words: vec![0; COLUMNS / WORD], blocks: [0; COLUMNS / BLOCK] }
    }
}

impl Presence {
    /// Adds a column; answers whether it is new.
    pub(super) fn insert(&mut self, column: u32) -> bool {
        let column = column as usize;
        let (word, bit) = (column / WORD, 1 << (column % WORD));
        let is_new = self.words[word] & bit == 0;
        self.words[word] |= bit;
        self.blocks[column / BLOCK] |= 1 << (word % WORD);
        is_new
    }

    /// Appends all columns in ascending order, and leaves the set empty.
    pub(super) fn drain_into(&mut self, columns: &mut Vec<u32>) {
        let blocks = self.blocks.iter_mut().zip(self.words.chunks_exact_mut(WORD));
        for (first, (present, words)) in (0..).step_by(BLOCK).zip(blocks) {
            for word in bits(std::mem::take(present)) {
                let present = std::mem::take(&mut words[word as usize]);
                let first = first + word * u64::BITS;
                bits(present).for_each(|bit| columns.push(first + bit));
            }
        }
    }

    /// Empties the set.
    pub(super) fn clear(&mut self) {
        for (present, words) in self.blocks.iter_mut().zip(self.words.chunks_exact_mut(WORD)) {
            for word in bits(std::mem::take(present)) {
                words[word as usize] = 0;
            }
        }
    }
}

/// The places of the bits that are set, lowest first.
fn bits(mut word: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let lowest = word.trailing_zeros();
        word &= word.checked_sub(1)?;
        Some(lowest)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[expect(clippy::cast_possible_truncation, reason = "2^18")]
    const END: u32 = COLUMNS as u32;

    proptest! {
        #[test]
        fn it_is_an_ordered_set(columns in proptest::collection::vec(0..END, 0..300), more in 0..END) {
            let (mut presence, mut set) = (Presence::default(), BTreeSet::new());
            for &column in columns.iter().chain(&columns) {
                prop_assert_eq!(presence.insert(column), set.insert(column));
            }
            let mut read = Vec::new();
            presence.drain_into(&mut read);
            prop_assert_eq!(&read, &set.into_iter().collect::<Vec<u32>>());
            prop_assert!(presence.insert(more));
            presence.clear();
            prop_assert!(presence.insert(more));
        }
    }
}
