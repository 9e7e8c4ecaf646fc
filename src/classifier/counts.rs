//! How much of each column's evidence was seen in ham and in spam.

use super::group::{COLUMNS, Group};
use super::{Features, Label};

/// One comment adds this much in all, shared among its columns by weight (length-normalised counts, L1). Whole
/// numbers make addition exact in any order, so learning and forgetting undo each other to the last bit.
pub(super) const ONE_ROW: u64 = 1 << 24;

/// What was seen in one column, ham and spam.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Cell {
    /// In parts of [`ONE_ROW`].
    pub(super) mass: [u64; 2],
    /// Comments that had it.
    pub(super) rows: [u32; 2],
}

impl Cell {
    const NONE: Self = Self { mass: [0; 2], rows: [0; 2] };

    /// Evidence in comments.
    pub(super) fn evidence(self) -> [f64; 2] {
        self.mass.map(in_rows)
    }

    pub(super) fn add(&mut self, share: u64, label: Label) {
        let class = label.index();
        self.mass[class] = self.mass[class].saturating_add(share);
        self.rows[class] = self.rows[class].saturating_add(1);
    }

    /// What was never added cannot be taken out: counts stop at zero.
    pub(super) fn remove(&mut self, share: u64, label: Label) {
        let class = label.index();
        self.mass[class] = self.mass[class].saturating_sub(share);
        self.rows[class] = self.rows[class].saturating_sub(1);
    }

    pub(super) fn is_empty(self) -> bool {
        self.mass[0] | self.mass[1] == 0 && self.rows[0] | self.rows[1] == 0
    }
}

/// What was seen in one column, for those who fit a model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Column {
    /// Its number.
    pub number: u32,
    /// Evidence for ham and spam, in comments (L1-normalised).
    pub evidence: [f64; 2],
    /// Ham and spam comments that had it.
    pub rows: [u32; 2],
}

/// What all columns of a group amount to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Total {
    /// Evidence for ham and spam, in parts of [`ONE_ROW`].
    pub(super) mass: [u64; 2],
    /// Columns with any evidence.
    pub(super) observed: usize,
}

impl Total {
    /// Follows the evidence of a column that changed.
    pub(super) fn weigh(&mut self, before: Cell, after: Cell) {
        for (class, mass) in self.mass.iter_mut().enumerate() {
            *mass = mass.saturating_sub(before.mass[class]).saturating_add(after.mass[class]);
        }
    }

    /// Follows whether it has any.
    pub(super) fn observe(&mut self, before: Cell, after: Cell) {
        self.observed = self.observed + usize::from(!after.is_empty()) - usize::from(!before.is_empty());
    }
}

/// Evidence per column and class, with the number of comments it came from. 6 MB whatever is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    cells: Vec<Cell>,
    totals: [Total; Group::ALL.len()],
    rows: [u64; 2],
}

impl Default for Counts {
    fn default() -> Self {
        Self { cells: vec![Cell::NONE; COLUMNS], totals: Default::default(), rows: [0; 2] }
    }
}

impl Counts {
    /// Adds one comment's evidence to its class.
    pub fn add(&mut self, features: &Features, label: Label) {
        let class = label.index();
        for (group, columns, share) in shares(features) {
            let total = &mut self.totals[group as usize];
            for &column in columns {
                let cell = &mut self.cells[column as usize];
                total.observed += usize::from(cell.is_empty());
                cell.add(share, label);
            }
            total.mass[class] = total.mass[class].saturating_add(share * columns.len() as u64);
        }
        self.rows[class] += 1;
    }

    /// Takes one comment's evidence out again: the exact inverse of [`Counts::add`].
    pub fn remove(&mut self, features: &Features, label: Label) {
        let rows = &mut self.rows[label.index()];
        *rows = rows.saturating_sub(1);
        for (_, columns, share) in shares(features) {
            for &column in columns {
                self.change(column, |cell| cell.remove(share, label));
            }
        }
    }

    /// Adds all evidence of another set of counts.
    pub fn merge(&mut self, other: &Self) {
        self.combine(other, u64::saturating_add, u32::saturating_add);
    }

    /// Takes out all evidence of a set of counts that was added before.
    pub fn subtract(&mut self, other: &Self) {
        self.combine(other, u64::saturating_sub, u32::saturating_sub);
    }

    fn combine(&mut self, other: &Self, mass: fn(u64, u64) -> u64, rows: fn(u32, u32) -> u32) {
        for class in 0..2 {
            self.rows[class] = mass(self.rows[class], other.rows[class]);
        }
        for (column, theirs) in other.raw() {
            self.change(column, |cell| {
                for class in 0..2 {
                    cell.mass[class] = mass(cell.mass[class], theirs.mass[class]);
                    cell.rows[class] = rows(cell.rows[class], theirs.rows[class]);
                }
            });
        }
    }

    /// Number of comments of one class.
    pub fn rows(&self, label: Label) -> u64 {
        self.rows[label.index()]
    }

    /// Number of columns with any evidence: the size of the vocabulary.
    pub fn observed(&self) -> usize {
        self.totals.iter().map(|total| total.observed).sum()
    }

    /// What all columns of a group amount to.
    pub(super) fn total(&self, group: Group) -> Total {
        self.totals[group as usize]
    }

    /// The columns with any evidence, ascending.
    pub fn columns(&self) -> impl Iterator<Item = Column> {
        self.raw().map(|(number, cell)| Column { number, evidence: cell.evidence(), rows: cell.rows })
    }

    /// The same in whole parts of a comment, as the model file keeps them.
    pub(super) fn raw(&self) -> impl Iterator<Item = (u32, Cell)> {
        (0_u32..).zip(&self.cells).filter(|(_, cell)| !cell.is_empty()).map(|(column, cell)| (column, *cell))
    }

    /// What was seen in one column.
    pub(super) fn cell(&self, column: u32) -> Cell {
        self.cells[column as usize]
    }

    /// Puts counts together from columns as [`Counts::columns`] gives them. Nothing for a column out of range or
    /// evidence that is negative or not finite.
    pub fn from_columns(columns: impl Iterator<Item = Column>, ham: u64, spam: u64) -> Option<Self> {
        let mut counts = Self { rows: [ham, spam], ..Self::default() };
        for Column { number, evidence, rows } in columns {
            if !evidence.iter().all(|count| (0.0..1e9).contains(count)) {
                return None;
            }
            counts.set(number, Cell { mass: evidence.map(in_parts), rows })?;
        }
        Some(counts)
    }

    /// Sets one column; nothing if it is out of range or the total overflows.
    pub(super) fn set(&mut self, column: u32, cell: Cell) -> Option<()> {
        if column as usize >= COLUMNS {
            return None;
        }
        let total = self.totals[Group::of(column) as usize];
        for class in 0..2 {
            total.mass[class].checked_add(cell.mass[class])?;
        }
        self.change(column, |old| *old = cell);
        Some(())
    }

    pub(super) fn set_rows(&mut self, rows: [u64; 2]) {
        self.rows = rows;
    }

    pub(super) fn change(&mut self, column: u32, change: impl FnOnce(&mut Cell)) {
        let cell = &mut self.cells[column as usize];
        let before = *cell;
        change(cell);
        let total = &mut self.totals[Group::of(column) as usize];
        total.weigh(before, *cell);
        total.observe(before, *cell);
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

/// Parts of a comment as comments.
#[expect(
    clippy::cast_precision_loss,
    reason = "exact below 2^53, which is 500 million comments in one column"
)]
pub(super) fn in_rows(count: u64) -> f64 {
    count as f64 / ONE_ROW as f64
}

/// A comment's columns group by group, with what each of them gets: never less than one part.
pub(super) fn shares(features: &Features) -> impl Iterator<Item = (Group, &[u32], u64)> {
    let groups = features.by_group();
    let mass = |(group, columns): &(Group, &[u32])| columns.len() as u64 * u64::from(group.tenths());
    let mass = groups.iter().map(mass).sum::<u64>().max(1);
    groups.into_iter().map(move |(group, columns)| {
        let part = u64::from(group.tenths()) * ONE_ROW;
        (group, columns, ((part + mass / 2) / mass).max(1))
    })
}
