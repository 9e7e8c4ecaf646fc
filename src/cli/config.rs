//! `moderato config`: what is set, and whether it can be used.

use clap::Subcommand;

use super::output;
use super::runtime::Where;

/// Check or show the settings in force
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: Where,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say whether the settings can be used
    Check,
    /// Show every setting in force; secrets are not shown
    Show {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let settings = args.place.settings()?;
    match args.action {
        Action::Check => output::line("The settings can be used"),
        Action::Show { json } => {
            let mut shown = serde_json::to_value(&settings)?;
            for secret in ["database_url", "smtp_password"] {
                if !shown[secret].is_null() {
                    shown[secret] = "(set, not shown)".into();
                }
            }
            if json {
                return output::json(&shown);
            }
            for (name, value) in shown.as_object().into_iter().flatten() {
                output::line(format_args!("{name} = {value}"))?;
            }
            Ok(())
        }
    }
}
