//! Counts in the making.

use std::collections::BTreeMap;

use super::counts::{Cell, ONE_ROW, shares};
use super::group::COLUMNS;
use super::{Counts, Features, Label};

/// Comments that had a column are counted in the bits above its mass.
const MASS_BITS: u32 = 40;
const ONE_COMMENT: u64 = 1 << MASS_BITS;
/// A cell with more than half the mass it has room for is emptied when it is come upon.
const FULL: u64 = 1 << (MASS_BITS - 1);
/// In so many rows even a column that gets all of each cannot add more than the other half.
const ROWS_A_SWEEP: u64 = FULL / ONE_ROW;

/// Counts that are added to only: 4 MB whatever is in it. What was seen in a column of one class is one number, so
/// that adding is one addition and a line of the cache holds eight columns: most of training is waiting for those.
#[derive(Debug)]
pub struct CountsBuilder {
    cells: [Vec<u64>; 2],
    rows: [u64; 2],
    unswept: u64,
    /// What was taken out of cells that were filling up.
    taken_out: BTreeMap<u32, Cell>,
}

impl Default for CountsBuilder {
    fn default() -> Self {
        let cells = [vec![0; COLUMNS], vec![0; COLUMNS]];
        Self { cells, rows: [0; 2], unswept: 0, taken_out: BTreeMap::new() }
    }
}

impl CountsBuilder {
    /// Adds one comment's evidence to its class.
    pub fn add(&mut self, features: &Features, label: Label) {
        if self.unswept == ROWS_A_SWEEP {
            self.sweep();
        }
        let cells = &mut self.cells[label.index()];
        for (_, columns, share) in shares(features) {
            for &column in columns {
                cells[column as usize] += ONE_COMMENT + share;
            }
        }
        self.rows[label.index()] += 1;
        self.unswept += 1;
    }

    /// The same counts that [`Counts::add`] gives for these comments.
    pub fn finish(mut self) -> Counts {
        let mut counts = Counts::default();
        for (column, (&ham, &spam)) in (0..).zip(self.cells[0].iter().zip(&self.cells[1])) {
            let mut cell = self.taken_out.remove(&column).unwrap_or_default();
            take_in(&mut cell, ham, Label::Ham);
            take_in(&mut cell, spam, Label::Spam);
            counts.change(column, |own| *own = cell);
        }
        counts.set_rows(self.rows);
        counts
    }

    fn sweep(&mut self) {
        for label in [Label::Ham, Label::Spam] {
            for (column, cell) in (0..).zip(&mut self.cells[label.index()]) {
                if *cell % ONE_COMMENT >= FULL || *cell / ONE_COMMENT >= FULL / ONE_ROW {
                    take_in(self.taken_out.entry(column).or_default(), std::mem::take(cell), label);
                }
            }
        }
        self.unswept = 0;
    }
}

fn take_in(cell: &mut Cell, packed: u64, label: Label) {
    let class = label.index();
    cell.mass[class] = cell.mass[class].saturating_add(packed % ONE_COMMENT);
    // 24 bits.
    cell.rows[class] = cell.rows[class].saturating_add((packed / ONE_COMMENT) as u32);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Also where a cell is emptied on the way, because of its mass and because of its rows.
    #[test]
    fn it_counts_what_plain_counts_count() {
        let of = |columns: &[u32]| Features::of_columns(columns.to_vec());
        let rows = [
            (of(&[7]), Label::Spam),
            (of(&[7, 65_536]), Label::Ham),
            (of(&[7, 8, 9, 65_540, 250_000]), Label::Spam),
            (of(&[]), Label::Ham),
        ];
        let (mut builder, mut counts) = (CountsBuilder::default(), Counts::default());
        for (_, (features, label)) in (0..10 * ROWS_A_SWEEP).zip(rows.iter().cycle()) {
            builder.add(features, *label);
            counts.add(features, *label);
        }
        assert!(!builder.taken_out.is_empty());
        assert_eq!(builder.finish(), counts);
    }
}
