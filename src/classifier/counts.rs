//! How much of each column's evidence was seen in ham and in spam.

use super::group::{COLUMNS, Group};
use super::{Features, Label};

/// One comment adds this much in all, shared among its columns by weight (length-normalised counts, L1). Whole
/// numbers make addition exact in any order, so learning and forgetting undo each other to the last bit.
pub(super) const ONE_ROW: u64 = 1 << 24;

/// Evidence per column and class, with the number of comments it came from. 4 MB whatever is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    /// Per column: ham, spam, in parts of [`ONE_ROW`].
    cells: Vec<[u64; 2]>,
    totals: [u64; 2],
    rows: [u64; 2],
    observed: usize,
}

impl Default for Counts {
    fn default() -> Self {
        Self { cells: vec![[0; 2]; COLUMNS], totals: [0; 2], rows: [0; 2], observed: 0 }
    }
}

impl Counts {
    /// Adds one comment's evidence to its class.
    pub fn add(&mut self, features: &Features, label: Label) {
        let class = label.index();
        let shares = Shares::of(features);
        let (mut added, mut discovered) = (0_u64, 0);
        for &column in features.columns() {
            let cell = &mut self.cells[column as usize];
            discovered += usize::from(*cell == [0; 2]);
            let before = cell[class];
            cell[class] = before.saturating_add(shares.share(column));
            added = added.saturating_add(cell[class] - before);
        }
        self.rows[class] += 1;
        self.observed += discovered;
        self.totals[class] = self.totals[class].saturating_add(added);
    }

    /// Takes one comment's evidence out again: the exact inverse of [`Counts::add`]. What was never added cannot
    /// be taken out: counts stop at zero.
    pub fn remove(&mut self, features: &Features, label: Label) {
        self.rows[label.index()] = self.rows[label.index()].saturating_sub(1);
        let shares = Shares::of(features);
        for &column in features.columns() {
            self.change(column, label, |count| count.saturating_sub(shares.share(column)));
        }
    }

    /// Adds all evidence of another set of counts.
    pub fn merge(&mut self, other: &Self) {
        self.combine(other, u64::saturating_add);
    }

    /// Takes out all evidence of a set of counts that was added before.
    pub fn subtract(&mut self, other: &Self) {
        self.combine(other, u64::saturating_sub);
    }

    fn combine(&mut self, other: &Self, change: fn(u64, u64) -> u64) {
        for label in [Label::Ham, Label::Spam] {
            let class = label.index();
            self.rows[class] = change(self.rows[class], other.rows[class]);
            for (column, cell) in (0_u32..).zip(&other.cells).filter(|(_, cell)| cell[class] > 0) {
                self.change(column, label, |count| change(count, cell[class]));
            }
        }
    }

    /// Number of comments of one class.
    pub fn rows(&self, label: Label) -> u64 {
        self.rows[label.index()]
    }

    /// Number of columns with any evidence: the size of the vocabulary.
    pub fn observed(&self) -> usize {
        self.observed
    }

    /// Evidence for one class in all columns, in comments.
    pub fn total(&self, label: Label) -> f64 {
        in_rows(self.totals[label.index()])
    }

    /// The columns with any evidence, ascending, with their evidence for ham and spam in comments.
    pub fn columns(&self) -> impl Iterator<Item = (u32, [f64; 2])> {
        self.raw().map(|(column, cell)| (column, cell.map(in_rows)))
    }

    /// The same in whole parts of a comment, as the model file keeps them.
    pub(super) fn raw(&self) -> impl Iterator<Item = (u32, [u64; 2])> {
        (0_u32..).zip(&self.cells).filter(|(_, cell)| **cell != [0; 2]).map(|(column, cell)| (column, *cell))
    }

    /// Evidence in one column, in comments; nothing if it never occurred.
    pub(super) fn cell(&self, column: u32) -> Option<[f64; 2]> {
        let cell = self.cells[column as usize];
        (cell != [0; 2]).then(|| cell.map(in_rows))
    }

    /// Puts counts together from evidence in comments, as [`Counts::columns`] gives it. Nothing for a column out of
    /// range or evidence that is negative or not finite.
    pub fn from_columns(columns: impl Iterator<Item = (u32, [f64; 2])>, ham: u64, spam: u64) -> Option<Self> {
        let mut counts = Self { rows: [ham, spam], ..Self::default() };
        for (column, cell) in columns {
            if !cell.iter().all(|count| (0.0..1e9).contains(count)) {
                return None;
            }
            counts.set(column, cell.map(in_parts))?;
        }
        Some(counts)
    }

    /// Sets one column; nothing if it is out of range or the total overflows.
    pub(super) fn set(&mut self, column: u32, cell: [u64; 2]) -> Option<()> {
        if column as usize >= COLUMNS {
            return None;
        }
        for label in [Label::Ham, Label::Spam] {
            self.totals[label.index()].checked_add(cell[label.index()])?;
            self.change(column, label, |_| cell[label.index()]);
        }
        Some(())
    }

    pub(super) fn set_rows(&mut self, rows: [u64; 2]) {
        self.rows = rows;
    }

    fn change(&mut self, column: u32, label: Label, change: impl FnOnce(u64) -> u64) {
        let cell = &mut self.cells[column as usize];
        let was_observed = *cell != [0; 2];
        let before = cell[label.index()];
        let after = change(before);
        cell[label.index()] = after;
        let observed = *cell != [0; 2];
        let total = &mut self.totals[label.index()];
        *total = total.saturating_sub(before).saturating_add(after);
        self.observed = self.observed + usize::from(observed) - usize::from(was_observed);
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "the inverse of in_rows, for counts checked to be in range"
)]
fn in_parts(rows: f64) -> u64 {
    (rows * ONE_ROW as f64).round() as u64
}

#[expect(
    clippy::cast_precision_loss,
    reason = "exact below 2^53, which is 500 million comments in one column"
)]
fn in_rows(count: u64) -> f64 {
    count as f64 / ONE_ROW as f64
}

/// What each column of a comment gets, never less than one part. It follows from the group, so it takes one division a
/// group and not one a column.
struct Shares([u64; Group::ALL.len()]);

impl Shares {
    fn of(features: &Features) -> Self {
        let mass = features.mass().max(1);
        Self(Group::ALL.map(|group| {
            let part = u64::from(group.weight()) * ONE_ROW;
            ((part + mass / 2) / mass).max(1)
        }))
    }

    fn share(&self, column: u32) -> u64 {
        self.0[Group::of(column) as usize]
    }
}
