//! `moderato user`: people who moderate.

use std::io::{IsTerminal, Read};

use anyhow::Context;
use clap::Subcommand;
use serde_json::json;

use super::runtime::{Where, with_app};
use super::{Usage, output};
use crate::service::accounts::{self, Role};

/// Manage the people who moderate
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  moderato user add mara --role admin --password-stdin < password.txt
  moderato user list
  moderato user reset-password mara --password-stdin < password.txt")]
pub(super) struct Args {
    #[command(flatten)]
    place: Where,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add somebody
    Add {
        /// Name to sign in with
        name: String,
        /// What they may do: admin, moderator or viewer
        #[arg(long, value_parser = role)]
        role: Role,
        /// Read the password from standard input
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// List everybody
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Give somebody another role
    SetRole {
        /// Name
        name: String,
        /// admin, moderator or viewer
        #[arg(value_parser = role)]
        role: Role,
    },
    /// Set a new password and end that person's sessions
    ResetPassword {
        /// Name
        name: String,
        /// Read the password from standard input
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Let somebody sign in no more
    Disable {
        /// Name
        name: String,
    },
}

fn role(name: &str) -> Result<Role, String> {
    Role::parse(name).ok_or_else(|| "it is admin, moderator or viewer".to_owned())
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let password = match &args.action {
        Action::Add { .. } | Action::ResetPassword { .. } => Some(password()?),
        _ => None,
    };
    with_app(&args.place, async |app| {
        let password = password.unwrap_or_default();
        match &args.action {
            Action::Add { name, role, .. } => {
                accounts::add(&app, name, *role, &password).await?;
                output::line(format_args!("{name} can sign in now, as {}", role.as_str()))
            }
            Action::List { json: false } => {
                for moderator in accounts::all(&app).await? {
                    let state = if moderator.disabled_at.is_some() { "  disabled" } else { "" };
                    output::line(format_args!("{:<24} {}{state}", moderator.name, moderator.role))?;
                }
                Ok(())
            }
            Action::List { json: true } => {
                let all: Vec<_> = accounts::all(&app)
                    .await?
                    .into_iter()
                    .map(|one| json!({ "name": one.name, "role": one.role, "disabled": one.disabled_at.is_some() }))
                    .collect();
                output::json(&all)
            }
            Action::SetRole { name, role } => {
                accounts::set_role(&app, name, *role).await?;
                output::line(format_args!("{name} is {} now", role.as_str()))
            }
            Action::ResetPassword { name, .. } => {
                accounts::reset_password(&app, name, &password).await?;
                output::line(format_args!("{name} has a new password and is signed out everywhere"))
            }
            Action::Disable { name } => {
                accounts::disable(&app, name).await?;
                output::line(format_args!("{name} can sign in no more"))
            }
        }
    })
}

/// The password on standard input, without the line's end.
fn password() -> anyhow::Result<String> {
    if std::io::stdin().is_terminal() {
        return Err(Usage(
            "the password is read from standard input: pipe it in, so that it is not shown".to_owned(),
        )
        .into());
    }
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).context("the password cannot be read")?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
