//! For `scripts/bench-classifier`: judges the rows of a labelled CSV file one by one and learns each from its label
//! before the next. Prints the log-odds each had before it was learned.
//!
//!   usage: online MODEL CSV

use std::fs::File;

use anyhow::{Context, bail};
use moderato::classifier::{Model, features};
use moderato::training::rows::{Columns, LabelledRows};

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, rows] = &arguments[..] else { bail!("usage: online MODEL CSV") };
    let mut model = Model::from_bytes(&std::fs::read(model).with_context(|| model.clone())?)?;
    let file = File::open(rows).with_context(|| rows.clone())?;
    for row in LabelledRows::open(file, &Columns::default())? {
        let row = row?;
        let features = features(&row.document());
        #[expect(clippy::print_stdout, reason = "this is its answer")]
        {
            println!("{}", model.score(&features).log_odds);
        }
        model.learn(&features, row.label);
    }
    Ok(())
}
