//! Labelled rows of files in `models/data`, or of files given by an absolute path, as the columns the classifier extracts, for `scripts/ablate-classifier`: per row the file's
//! place and the label (a byte each), the fingerprint (8 bytes), the number of columns (4) and per column its group
//! (1) and number (4); whole numbers are little-endian.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use moderato::classifier::{Label, features, fingerprint};
use moderato::training::rows::{Columns, LabelledRows};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = BufWriter::new(io::stdout().lock());
    for (place, name) in std::env::args().skip(1).enumerate() {
        let file = File::open(Path::new("models/data").join(name))?;
        for row in LabelledRows::open(file, &Columns::default())? {
            let row = match row {
                Err(error) if !error.fatal => continue,
                row => row?,
            };
            let features = features(&row.document());
            let columns: Vec<(u8, u32)> =
                features.groups().map(|(column, group)| (group as u8, column)).collect();
            out.write_all(&[u8::try_from(place)?, u8::from(row.label == Label::Spam)])?;
            out.write_all(&fingerprint(&row.document()).to_le_bytes())?;
            out.write_all(&u32::try_from(columns.len())?.to_le_bytes())?;
            for (group, column) in columns {
                out.write_all(&[group])?;
                out.write_all(&column.to_le_bytes())?;
            }
        }
    }
    Ok(out.flush()?)
}
