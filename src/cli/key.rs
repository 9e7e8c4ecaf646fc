//! `moderato key`: keys that programs speak to us with.

use std::io::{self, Read};

use anyhow::Context;
use clap::Subcommand;
use serde_json::json;

use super::output;
use super::runtime::{Where, with_app};
use crate::app::App;
use crate::service::audit::Actor;
use crate::service::keys::{self, Kind, Scope, Spec};
use crate::service::sites::SiteError;
use crate::store::keys::KeyRow;

/// No secret is longer, in bytes.
const LONGEST_SECRET: u64 = 1_000;

/// Manage the keys that programs speak to us with
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  moderato key create --site blog --kind akismet --name WordPress
  moderato key create --site blog --kind api --name \"our app\" --scope check --scope feedback
  moderato key create --site blog --kind akismet --name WordPress --log-only
  moderato key create --site blog --kind coral < secret.txt
  moderato key log-only 3 false
  moderato key list --json
  moderato key revoke 3")]
pub(super) struct Args {
    #[command(flatten)]
    place: Where,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a key and print it; it is stored nowhere, and shown this once
    Create {
        /// The site it is for
        #[arg(long, value_name = "NAME")]
        site: String,
        /// akismet (for Akismet's protocol), api (for the JSON API) or coral (for Coral's moderation phase, whose signing
        /// secret is read from standard input)
        #[arg(long, value_parser = kind)]
        kind: Kind,
        /// What it is for, in your words [default: the kind]
        #[arg(long)]
        name: Option<String>,
        /// What a key of the API may do: check, feedback, read, submit or decide; may be repeated. Without it: check and feedback
        #[arg(long = "scope", value_name = "SCOPE", value_parser = scope)]
        scopes: Vec<Scope>,
        /// Judge what it asks about, and decide nothing
        #[arg(long)]
        log_only: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// List the keys, those that work first
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Judge what a key asks about and decide nothing (true), or decide (false)
    LogOnly {
        /// Its number in the list
        id: i64,
        /// true or false
        #[arg(action = clap::ArgAction::Set)]
        log_only: bool,
    },
    /// End a key: within a second it works nowhere any more
    Revoke {
        /// Its number in the list
        id: i64,
    },
}

fn kind(name: &str) -> Result<Kind, String> {
    Kind::parse(name).ok_or_else(|| format!("there is no kind «{name}»: it is akismet, api or coral"))
}

fn scope(name: &str) -> Result<Scope, String> {
    Scope::parse(name)
        .ok_or_else(|| format!("there is no scope «{name}»: it is check, feedback, read, submit or decide"))
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    with_app(&args.place, async |app| match &args.action {
        Action::Create { site, kind, name, scopes, log_only, json } => {
            let site = app.sites.find(site).ok_or_else(|| SiteError::Unknown(site.clone()))?;
            let name = name.as_deref().unwrap_or(kind.as_str());
            let scopes = if scopes.is_empty() { &Scope::AKISMET } else { &scopes[..] };
            let mut secret = String::new();
            if *kind == Kind::Coral {
                io::stdin()
                    .take(LONGEST_SECRET)
                    .read_to_string(&mut secret)
                    .context("the secret cannot be read")?;
            }
            let spec = Spec { kind: *kind, name, scopes, log_only: *log_only, secret: &secret };
            let made = keys::create(&app, Actor::CommandLine, &site, spec).await?;
            if *json {
                return output::json(&json!({ "id": made.id, "key": made.key }));
            }
            if *kind == Kind::Coral {
                return output::line(format_args!(
                    "Key {} is ready. Coral's moderation phase calls {}/coral/{}",
                    made.id,
                    app.settings.public_url(),
                    site.name
                ));
            }
            output::note(format_args!("Key {} for {}; it is not shown again:", made.id, site.name));
            output::line(made.key)
        }
        Action::List { json } => {
            let rows = keys::all(&app).await?;
            if *json {
                return output::json(
                    &rows.iter().map(|row| as_json(&app, row)).collect::<Result<Vec<_>, _>>()?,
                );
            }
            for row in rows {
                let ended = match row.revoked_at {
                    Some(_) => "  revoked",
                    None if row.log_only => "  log only",
                    None => "",
                };
                output::line(format_args!(
                    "{:>4}  {:<8} {:<24} {}{ended}",
                    row.id,
                    row.kind,
                    site_name(&app, &row),
                    row.name
                ))?;
            }
            Ok(())
        }
        Action::LogOnly { id, log_only } => {
            keys::set_log_only(&app, Actor::CommandLine, *id, &site_ids(&app), *log_only).await?;
            let does = if *log_only { "decides nothing" } else { "decides" };
            output::line(format_args!("Key {id} {does} from now on"))
        }
        Action::Revoke { id } => {
            keys::revoke(&app, Actor::CommandLine, *id, &site_ids(&app)).await?;
            output::line(format_args!("Key {id} works no more"))
        }
    })
}

fn site_ids(app: &App) -> Vec<i64> {
    app.sites.all().values().map(|site| site.id).collect()
}

fn site_name(app: &App, row: &KeyRow) -> String {
    app.sites.by_id(row.site_id).map_or_else(String::new, |site| site.name.clone())
}

fn as_json(app: &App, row: &KeyRow) -> anyhow::Result<serde_json::Value> {
    let written = |at: time::OffsetDateTime| {
        at.format(&time::format_description::well_known::Rfc3339).context("a time cannot be written")
    };
    Ok(json!({
        "id": row.id,
        "site": site_name(app, row),
        "kind": row.kind,
        "name": row.name,
        "scopes": row.scopes,
        "log_only": row.log_only,
        "created_at": written(row.created_at)?,
        "revoked_at": row.revoked_at.map(written).transpose()?,
    }))
}
