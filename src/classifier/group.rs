//! Kinds of evidence, and which columns and what weight each has.

use serde::{Deserialize, Serialize};

/// Kinds of evidence. Each has its own range of columns, so tokens of different groups never collide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Group {
    /// Words and pairs of neighbouring words.
    Words,
    /// Runs of four to six characters, across word borders.
    Characters,
    /// Where the links in the text lead.
    Links,
    /// Length, capitals, digits, punctuation: how the text is written, not what it says.
    Shape,
    /// The author's name.
    Author,
    /// The author's e-mail domain and web address.
    Meta,
}

/// Number of columns of all groups together.
pub(super) const COLUMNS: usize = 1 << 18;
/// Every group's columns are whole blocks of this many.
const BLOCK: u32 = 1 << 12;

impl Group {
    /// Every group, in the order of their columns.
    pub const ALL: [Self; 6] =
        [Self::Words, Self::Characters, Self::Links, Self::Shape, Self::Author, Self::Meta];

    /// The group in lower case, as files and the API spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Characters => "characters",
            Self::Links => "links",
            Self::Shape => "shape",
            Self::Author => "author",
            Self::Meta => "meta",
        }
    }

    /// First column and number of columns. Together the groups fill [`COLUMNS`].
    pub(super) const fn columns(self) -> (u32, u32) {
        match self {
            Self::Words => (0, 1 << 16),
            Self::Characters => (1 << 16, 1 << 17),
            Self::Links => (196_608, 1 << 15),
            Self::Shape => (229_376, 1 << 12),
            Self::Author => (233_472, 1 << 14),
            Self::Meta => (249_856, 12_288),
        }
    }

    /// Weight of one token, in tenths: what it counts beside a word's 10.
    pub(super) const fn tenths(self) -> u32 {
        match self {
            Self::Words => 10,
            Self::Characters => 2,
            Self::Links | Self::Shape | Self::Meta => 20,
            Self::Author => 3,
        }
    }

    /// The group a column belongs to.
    pub(crate) fn of(column: u32) -> Self {
        BLOCKS[(column / BLOCK) as usize]
    }
}

/// The group of each block of columns.
static BLOCKS: [Group; COLUMNS / BLOCK as usize] = {
    let mut blocks = [Group::Words; COLUMNS / BLOCK as usize];
    let mut group = 0;
    while group < Group::ALL.len() {
        let (first, size) = Group::ALL[group].columns();
        let mut block = first / BLOCK;
        while block < (first + size) / BLOCK {
            blocks[block as usize] = Group::ALL[group];
            block += 1;
        }
        group += 1;
    }
    blocks
};

/// Weight of a column's tokens, in tenths.
pub(super) fn weight_of(column: u32) -> u32 {
    Group::of(column).tenths()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_fill_the_columns_in_whole_blocks() {
        let mut next = 0;
        for group in Group::ALL {
            let (first, size) = group.columns();
            assert_eq!((first, size % BLOCK), (next, 0));
            assert_eq!([Group::of(first), Group::of(first + size - 1)], [group; 2]);
            next += size;
        }
        assert_eq!(next as usize, COLUMNS);
    }
}
