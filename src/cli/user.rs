//! `moderato user`: people who moderate.

use std::io::{IsTerminal, Read};

use anyhow::Context;
use clap::Subcommand;
use serde_json::json;

use super::runtime::{Where, with_app};
use super::{Usage, output};
use crate::app::App;
use crate::service::accounts::{self, Role};
use crate::service::audit::Actor;
use crate::service::sites::SiteError;

/// Manage the people who moderate
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  moderato user add mara --role admin --password-stdin < password.txt
  moderato user invite ben --role moderator --site blog
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
        /// A site they are confined to; may be repeated. Without it: all sites
        #[arg(long = "site", value_name = "NAME")]
        sites: Vec<String>,
        /// Read the password from standard input
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Invite somebody: prints a link that works once, for 7 days, by which they choose a password
    Invite {
        /// Name to sign in with
        name: String,
        /// What they may do: admin, moderator or viewer
        #[arg(long, value_parser = role)]
        role: Role,
        /// A site they are confined to; may be repeated. Without it: all sites
        #[arg(long = "site", value_name = "NAME")]
        sites: Vec<String>,
    },
    /// Print a link that works once, for 24 hours, by which somebody chooses a new password
    PasswordLink {
        /// Name
        name: String,
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
    /// Confine somebody to sites, or to none in particular
    SetSites {
        /// Name
        name: String,
        /// A site; may be repeated. Without it: all sites
        #[arg(long = "site", value_name = "NAME")]
        sites: Vec<String>,
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
    /// Let somebody sign in again
    Enable {
        /// Name
        name: String,
    },
    /// Switch off the second factor of somebody who has lost it
    SecondFactorOff {
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
            Action::Add { name, role, sites, .. } => {
                accounts::add(&app, name, *role, &site_ids(&app, sites)?, &password).await?;
                output::line(format_args!("{name} can sign in now, as {}", role.as_str()))
            }
            Action::Invite { name, role, sites } => {
                let sites = site_ids(&app, sites)?;
                let token = accounts::invite(&app, ACTOR, name, *role, &sites, None).await?;
                link(&app, &token)
            }
            Action::PasswordLink { name } => link(&app, &accounts::make_link(&app, ACTOR, name).await?),
            Action::List { json: false } => {
                for moderator in accounts::all(&app).await? {
                    let state = match (moderator.disabled_at, &moderator.password_hash) {
                        (Some(_), _) => "  disabled",
                        (None, None) => "  invited",
                        (None, Some(_)) => "",
                    };
                    let sites = site_names(&app, &moderator.site_ids);
                    let sites =
                        if sites.is_empty() { String::new() } else { format!("  {}", sites.join(" ")) };
                    output::line(format_args!("{:<24} {}{sites}{state}", moderator.name, moderator.role))?;
                }
                Ok(())
            }
            Action::List { json: true } => {
                let all: Vec<_> = accounts::all(&app)
                    .await?
                    .into_iter()
                    .map(|one| {
                        json!({
                            "name": one.name,
                            "role": one.role,
                            "sites": site_names(&app, &one.site_ids),
                            "disabled": one.disabled_at.is_some(),
                            "invited": one.password_hash.is_none(),
                            "second_factor": one.second_factor,
                        })
                    })
                    .collect();
                output::json(&all)
            }
            Action::SetRole { name, role } => {
                accounts::set_access(&app, ACTOR, name, Some(*role), None).await?;
                output::line(format_args!("{name} is {} now", role.as_str()))
            }
            Action::SetSites { name, sites } => {
                accounts::set_access(&app, ACTOR, name, None, Some(&site_ids(&app, sites)?)).await?;
                let at = if sites.is_empty() { "all sites".to_owned() } else { sites.join(", ") };
                output::line(format_args!("{name} is at {at} now"))
            }
            Action::ResetPassword { name, .. } => {
                accounts::reset_password(&app, name, &password).await?;
                output::line(format_args!("{name} has a new password and is signed out everywhere"))
            }
            Action::Disable { name } => {
                accounts::disable(&app, ACTOR, name).await?;
                output::line(format_args!("{name} can sign in no more"))
            }
            Action::Enable { name } => {
                accounts::enable(&app, ACTOR, name).await?;
                output::line(format_args!("{name} can sign in again"))
            }
            Action::SecondFactorOff { name } => {
                let removed = accounts::remove_second_factor(&app, ACTOR, name).await?;
                let what = if removed { "has no second factor any more" } else { "has no second factor" };
                output::line(format_args!("{name} {what}"))
            }
        }
    })
}

/// Whoever runs the command.
const ACTOR: Actor = Actor::CommandLine;

fn site_ids(app: &App, names: &[String]) -> Result<Vec<i64>, SiteError> {
    let id = |name: &String| app.sites.find(name).map(|site| site.id).ok_or(SiteError::Unknown(name.clone()));
    names.iter().map(id).collect()
}

fn site_names(app: &App, ids: &[i64]) -> Vec<String> {
    ids.iter().filter_map(|id| app.sites.by_id(*id)).map(|site| site.name.clone()).collect()
}

fn link(app: &App, token: &str) -> anyhow::Result<()> {
    output::line(format_args!("{}{}", app.settings.public_url(), accounts::link_path(token)))
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
