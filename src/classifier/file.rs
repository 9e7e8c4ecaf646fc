//! The model file: a small header, then compressed counts. Any byte changed is noticed.
//!
//! ```text
//! 8 bytes  "MODERATO"       2  format version     2  feature specification
//! 8 bytes  payload length   32 BLAKE3 of the other header fields and the payload
//! payload  zstd of postcard: card, columns as gaps, for ham and for spam: evidence and comments of each column
//! ```
//!
//! Whole numbers are little-endian.

use std::io::Read;

use serde::{Deserialize, Serialize};

use super::counts::Cell;
use super::{Counts, Model, ModelCard, SPEC_VERSION};

const MAGIC: [u8; 8] = *b"MODERATO";
const FORMAT_VERSION: u16 = 4;
const HEADER: usize = 52;
/// No honest model unpacks to more: 2^18 columns of at most 35 bytes, and a card.
const MOST_UNPACKED: u64 = 16 << 20;
const LEVEL: i32 = 9;

/// Why some bytes are no model this program can use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelFileError {
    /// Something else altogether.
    #[error("this is not a Moderato model file; give the file that `moderato train --out` wrote")]
    NotAModel,
    /// A newer or older layout.
    #[error(
        "the model file has format version {0}, this program reads {FORMAT_VERSION}; train the model again, or use \
             the Moderato version it was made with"
    )]
    Format(u16),
    /// Trained on other features than this program extracts.
    #[error(
        "the model was trained with feature specification {0}, this program has {SPEC_VERSION}; train the model again"
    )]
    FeatureSpec(u16),
    /// Cut off, or with something behind.
    #[error("the model file should be {expected} bytes long and is {found}; copy or download it again")]
    Length {
        /// Length the header promises.
        expected: u64,
        /// Length of what was given.
        found: u64,
    },
    /// Some byte is not what it was.
    #[error("the model file is damaged: its checksum does not match; copy or download it again")]
    Checksum,
    /// Whole, but not something `train` would write.
    #[error("the model file's content makes no sense ({0}); train the model again")]
    Content(&'static str),
}

#[derive(Serialize, Deserialize)]
struct Payload {
    card: ModelCard,
    rows: [u64; 2],
    /// Distance to the previous observed column.
    gaps: Vec<u32>,
    cells: [PerColumn; 2],
}

/// What was seen in each column, in one class.
#[derive(Serialize, Deserialize)]
struct PerColumn {
    mass: Vec<u64>,
    rows: Vec<u32>,
}

impl PerColumn {
    fn with_capacity(columns: usize) -> Self {
        Self { mass: Vec::with_capacity(columns), rows: Vec::with_capacity(columns) }
    }
}

pub(super) fn checksum(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

pub(super) fn write(counts: &Counts, card: &ModelCard) -> Vec<u8> {
    let mut payload = Payload {
        card: card.clone(),
        rows: [counts.rows(super::Label::Ham), counts.rows(super::Label::Spam)],
        gaps: Vec::with_capacity(counts.observed()),
        cells: [0, 1].map(|_| PerColumn::with_capacity(counts.observed())),
    };
    let mut previous = 0;
    for (column, cell) in counts.raw() {
        payload.gaps.push(column - previous);
        for (class, cells) in payload.cells.iter_mut().enumerate() {
            cells.mass.push(cell.mass[class]);
            cells.rows.push(cell.rows[class]);
        }
        previous = column;
    }
    let plain = postcard::to_stdvec(&payload).expect("plain numbers and strings always serialise");
    let packed = zstd::bulk::compress(&plain, LEVEL).expect("compressing in memory cannot fail");

    let mut bytes = Vec::with_capacity(HEADER + packed.len());
    bytes.extend(MAGIC);
    bytes.extend(FORMAT_VERSION.to_le_bytes());
    bytes.extend(card.feature_spec.to_le_bytes());
    bytes.extend((packed.len() as u64).to_le_bytes());
    let seal = seal(&bytes, &packed);
    bytes.extend(seal);
    bytes.extend(packed);
    bytes
}

fn seal(header: &[u8], payload: &[u8]) -> [u8; 32] {
    *blake3::Hasher::new().update(header).update(payload).finalize().as_bytes()
}

pub(super) fn read(bytes: &[u8]) -> Result<Model, ModelFileError> {
    if bytes.len() < MAGIC.len() || bytes[..8] != MAGIC {
        return Err(ModelFileError::NotAModel);
    }
    let Some((header, payload)) = bytes.split_at_checked(HEADER) else {
        return Err(ModelFileError::Length { expected: HEADER as u64, found: bytes.len() as u64 });
    };
    let format = u16::from_le_bytes([header[8], header[9]]);
    if format != FORMAT_VERSION {
        return Err(ModelFileError::Format(format));
    }
    let feature_spec = u16::from_le_bytes([header[10], header[11]]);
    if feature_spec != SPEC_VERSION {
        return Err(ModelFileError::FeatureSpec(feature_spec));
    }
    let mut length = [0; 8];
    length.copy_from_slice(&header[12..20]);
    let length = u64::from_le_bytes(length);
    if length != payload.len() as u64 {
        let expected = length.saturating_add(HEADER as u64);
        return Err(ModelFileError::Length { expected, found: bytes.len() as u64 });
    }
    if header[20..] != seal(&header[..20], payload) {
        return Err(ModelFileError::Checksum);
    }
    unpack(payload).map(|model| model.with_checksum(checksum(bytes)))
}

/// The checksum guards against accidents, not against somebody who computes it: nothing here is taken on trust.
fn unpack(packed: &[u8]) -> Result<Model, ModelFileError> {
    let mut plain = Vec::new();
    zstd::stream::read::Decoder::new(packed)
        .and_then(|decoder| decoder.take(MOST_UNPACKED + 1).read_to_end(&mut plain))
        .map_err(|_error| ModelFileError::Content("it does not unpack"))?;
    if plain.len() as u64 > MOST_UNPACKED {
        return Err(ModelFileError::Content("it unpacks to far too much"));
    }
    let Payload { card, rows, gaps, cells } =
        postcard::from_bytes(&plain).map_err(|_error| ModelFileError::Content("it is no model"))?;
    if !card.calibration.is_sound() {
        return Err(ModelFileError::Content("its calibration is no number"));
    }
    let fits = |cells: &PerColumn| cells.mass.len() == gaps.len() && cells.rows.len() == gaps.len();
    if !cells.iter().all(fits) || rows.iter().any(|&rows| rows > 1 << 40) {
        return Err(ModelFileError::Content("its counts do not belong together"));
    }
    let mut counts = Counts::default();
    counts.set_rows(rows);
    let mut column = 0_u32;
    for (index, gap) in gaps.into_iter().enumerate() {
        let ascending = gap > 0 || index == 0;
        column = column.saturating_add(gap);
        let [ham, spam] = &cells;
        let cell =
            Cell { mass: [ham.mass[index], spam.mass[index]], rows: [ham.rows[index], spam.rows[index]] };
        if !ascending || counts.set(column, cell).is_none() {
            return Err(ModelFileError::Content("its columns are out of order or range"));
        }
    }
    Ok(Model::unsealed(counts, card))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::super::model::tests::{of, small};
    use super::*;

    static FILE: LazyLock<Vec<u8>> = LazyLock::new(|| small().to_bytes());

    #[test]
    fn a_file_gives_back_the_model() {
        let model = Model::from_bytes(&FILE).unwrap();
        assert_eq!(model.to_bytes(), *FILE);
        assert_eq!(model.card(), small().card());
        assert_eq!(model.checksum(), small().checksum());
        assert_eq!(model.score(&of("cheap song")), small().score(&of("cheap song")));
    }

    #[test]
    fn each_fault_has_its_own_error() {
        let changed = |place: usize, byte: u8| {
            let mut bytes = FILE.clone();
            bytes[place] = byte;
            Model::from_bytes(&bytes).unwrap_err()
        };
        assert_eq!(Model::from_bytes(b"").unwrap_err(), ModelFileError::NotAModel);
        assert_eq!(changed(0, b'X'), ModelFileError::NotAModel);
        assert_eq!(changed(8, 9), ModelFileError::Format(9));
        assert_eq!(changed(10, 9), ModelFileError::FeatureSpec(9));
        assert!(matches!(changed(12, 0), ModelFileError::Length { .. }));
        assert_eq!(changed(30, FILE[30] ^ 1), ModelFileError::Checksum);
        assert_eq!(changed(100, FILE[100] ^ 1), ModelFileError::Checksum);
    }

    /// A payload with a valid checksum around it, as somebody malicious could write it.
    fn sealed(payload: &[u8]) -> Vec<u8> {
        let mut bytes = FILE[..12].to_vec();
        bytes.extend((payload.len() as u64).to_le_bytes());
        let seal = seal(&bytes, payload);
        bytes.extend(seal);
        bytes.extend(payload);
        bytes
    }

    #[test]
    fn a_bomb_does_not_unpack() {
        let bomb = zstd::bulk::compress(&vec![0; 64 << 20], 3).unwrap();
        assert_eq!(
            Model::from_bytes(&sealed(&bomb)).unwrap_err(),
            ModelFileError::Content("it unpacks to far too much")
        );
    }

    proptest! {
        #[test]
        fn truncation_is_noticed(length in 0..FILE.len()) {
            prop_assert!(Model::from_bytes(&FILE[..length]).is_err());
        }

        #[test]
        fn every_flipped_bit_is_noticed(place in 0..FILE.len(), bit in 0..8) {
            let mut bytes = FILE.clone();
            bytes[place] ^= 1_u8 << bit;
            prop_assert!(Model::from_bytes(&bytes).is_err());
        }

        #[test]
        fn forged_payloads_never_panic(plain in proptest::collection::vec(any::<u8>(), 0..300), place in 0..2000_usize, byte: u8) {
            let _ = Model::from_bytes(&sealed(&plain));
            let _ = Model::from_bytes(&sealed(&zstd::bulk::compress(&plain, 1).unwrap()));
            let mut real = zstd::bulk::decompress(&FILE[HEADER..], 1 << 24).unwrap();
            let place = place % real.len();
            real[place] = byte;
            let _ = Model::from_bytes(&sealed(&zstd::bulk::compress(&real, 1).unwrap()));
        }
    }
}
