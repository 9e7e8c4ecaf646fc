//! `moderato models`: the registry of model versions.

use std::path::PathBuf;

use clap::Subcommand;

use super::files::write_atomically;
use super::output;
use super::runtime::{Where, with_app};
use crate::service::models::{self, RegistryError, Version};

/// Manage model versions: list, show, import, export, promote, roll back
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  moderato models list
  moderato models import site.model --promote
  moderato models rollback")]
pub(super) struct Args {
    #[command(flatten)]
    place: Where,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List every version, newest first
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one version with its card
    Show {
        /// Its number
        id: i64,
    },
    /// Register a model file
    Import {
        /// The file that `moderato train` wrote
        file: PathBuf,
        /// Put it in force as well
        #[arg(long)]
        promote: bool,
    },
    /// Write a version's file
    Export {
        /// Its number
        id: i64,
        /// File to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Put a version in force; running servers swap it in at once
    Promote {
        /// Its number
        id: i64,
    },
    /// Put the version before the present one in force again
    Rollback,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    with_app(&args.place, async |app| match &args.action {
        Action::List { json: true } => output::json(&models::list(&app.db).await?.0),
        Action::List { json: false } => {
            for version in models::list(&app.db).await?.0 {
                output::line(line(&version))?;
            }
            Ok(())
        }
        Action::Show { id } => {
            output::json(&models::find(&app.db, *id).await?.ok_or(RegistryError::Unknown(*id))?)
        }
        Action::Import { file, promote } => {
            let id = models::import(&app.db, file, app.now()).await?;
            output::line(format_args!("{} is model {id}", file.display()))?;
            if *promote {
                models::promote(&app.db, id, None, app.now()).await?;
                output::line(format_args!("Model {id} is in force"))?;
            }
            Ok(())
        }
        Action::Export { id, out } => {
            write_atomically(out, &models::export(&app.db, *id).await?)?;
            output::line(format_args!("Model {id} is in {}", out.display()))
        }
        Action::Promote { id } => {
            models::promote(&app.db, *id, None, app.now()).await?;
            output::line(format_args!("Model {id} is in force"))
        }
        Action::Rollback => {
            let id = models::roll_back(&app.db, None, app.now()).await?;
            output::line(format_args!("Model {id} is in force again"))
        }
    })
}

fn line(version: &Version) -> String {
    let mark = if version.active { "*" } else { " " };
    let number = |name: &str| version.card[name].as_u64().unwrap_or_default();
    format!(
        "{mark} {:>4}  {:<8}  {}  {} rows ({} spam)  {}",
        version.id,
        version.origin,
        version.created_at.date(),
        number("rows"),
        number("spam"),
        &version.checksum[..version.checksum.len().min(12)]
    )
}
