//! `moderato models`: the registry of model versions.

use std::path::PathBuf;

use clap::Subcommand;

use super::files::{Judged, write_atomically};
use super::output;
use super::runtime::{Where, with_app};
use crate::service::audit::Actor;
use crate::service::models::{self, Act, RegistryError, Version};
use crate::service::retrain::Comparison;

/// Manage model versions: list, show, import, export, promote, roll back, try in the shadow
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  moderato models list
  moderato models import site.model --promote
  moderato models import abuse.model --promote
  moderato models shadow 3
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
    /// Show one version: its card, its trial against the model then in force, and why it was refused, if it was
    Show {
        /// Its number
        id: i64,
        /// Print JSON
        #[arg(long)]
        json: bool,
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
        /// Even though its trial refused it; this is kept with the promotion
        #[arg(long)]
        despite_refusal: bool,
    },
    /// Let a version score every comment beside the one in force, deciding nothing; the desk lists where they differ
    Shadow {
        /// Its number
        #[arg(required_unless_present = "off", conflicts_with = "off")]
        id: Option<i64>,
        /// Let none
        #[arg(long)]
        off: bool,
    },
    /// Put the version before the present one in force again
    Rollback {
        /// Of the models that judge this
        #[arg(long, value_enum, default_value_t = Judged::Spam)]
        subject: Judged,
    },
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    with_app(&args.place, async |app| match &args.action {
        Action::List { json: true } => output::json(&models::list(&app.db).await?),
        Action::List { json: false } => {
            for version in models::list(&app.db).await? {
                output::line(line(&version))?;
            }
            Ok(())
        }
        Action::Show { id, json } => {
            let version = models::find(&app.db, *id).await?.ok_or(RegistryError::Unknown(*id))?;
            if *json { output::json(&version) } else { show(&version) }
        }
        Action::Import { file, promote } => {
            let id = models::import(&app, file).await?;
            output::line(format_args!("{} is model {id}", file.display()))?;
            if *promote {
                models::promote(&app, id, Act::of(Actor::CommandLine)).await?;
                output::line(format_args!("Model {id} is in force"))?;
            }
            Ok(())
        }
        Action::Export { id, out } => {
            write_atomically(out, &models::export(&app.db, *id).await?)?;
            output::line(format_args!("Model {id} is in {}", out.display()))
        }
        Action::Promote { id, despite_refusal } => {
            let act = Act { despite_refusal: *despite_refusal, ..Act::of(Actor::CommandLine) };
            models::promote(&app, *id, act).await.map_err(|error| match error {
                RegistryError::Refused { .. } => anyhow::anyhow!(
                    "{error}. To put it in force all the same: moderato models promote {id} --despite-refusal"
                ),
                other => other.into(),
            })?;
            output::line(format_args!("Model {id} is in force"))
        }
        Action::Shadow { id, off: _ } => {
            models::choose_shadow(&app, *id, Act::of(Actor::CommandLine)).await?;
            match id {
                Some(id) => output::line(format_args!("Model {id} scores in the shadow")),
                None => output::line("No model scores in the shadow"),
            }
        }
        Action::Rollback { subject } => {
            let id = models::roll_back(&app, (*subject).into(), Act::of(Actor::CommandLine)).await?;
            output::line(format_args!("Model {id} is in force again"))
        }
    })
}

fn line(version: &Version) -> String {
    let mark = match (version.active, version.shadow) {
        (true, _) => "*",
        (false, true) => "~",
        (false, false) => " ",
    };
    let number = |name: &str| version.card[name].as_u64().unwrap_or_default();
    let refused = if version.refusal.is_empty() { "" } else { "  refused" };
    format!(
        "{mark} {:>4}  {:<8}  {:<5}  {}  {} rows ({} spam)  {}{refused}",
        version.id,
        version.origin,
        version.subject,
        version.created_at.date(),
        number("rows"),
        number("spam"),
        &version.checksum[..version.checksum.len().min(12)]
    )
}

fn show(version: &Version) -> anyhow::Result<()> {
    output::line(line(version))?;
    if let Some(comparison) = &version.comparison {
        let Comparison { candidate, current, duel, used, left_out, .. } =
            serde_json::from_value(comparison.clone())?;
        output::line(format_args!("Trained on {used} rows, {left_out} left out"))?;
        output::line(format_args!(
            "Measured on {}",
            version.card["measured"].as_str().unwrap_or("held-out rows")
        ))?;
        let current = current.iter().map(|(id, measured)| (*id, measured));
        for (id, measured) in current.chain([(version.id, &candidate)]) {
            let figures = &measured.evaluation;
            output::line(format_args!(
                "Model {id:>4} on {} held-out rows: {:.1} % right, Brier {:.4}, calibration error {:.3}, ROC AUC {:.4}",
                figures.rows,
                100.0 * figures.accuracy,
                figures.brier,
                figures.ece,
                figures.roc_auc
            ))?;
        }
        if let Some(duel) = duel {
            output::line(format_args!(
                "Decided rightly by the new one alone {}, by the other alone {} (by chance: p = {:.3})",
                duel.only_challenger_right, duel.only_champion_right, duel.more_mistakes_p
            ))?;
        }
    }
    for reason in &version.refusal {
        output::line(format_args!("Refused: {reason}"))?;
    }
    Ok(())
}
