//! `moderato migrate`: brings the database's schema up to date.

use super::output;
use super::runtime::{Where, with_database};

/// Bring the database's schema up to date
///
/// `serve` does this by itself, unless it is told not to with --no-migrate.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: Where,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    with_database(&args.place, async |db| {
        db.migrate().await?;
        output::line("The schema is up to date")
    })
}
