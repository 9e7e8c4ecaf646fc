//! `moderato site`: the sites whose comments are moderated here.

use clap::Subcommand;
use serde_json::json;

use super::files::Promised;
use super::runtime::{Where, with_app};
use super::{Usage, output};
use crate::policy::{AUDIT_SHARE, HOLD_ABUSE_FROM, Promise, Thresholds};
use crate::service::audit::Actor;
use crate::service::sites::{self, Site, SiteError, SiteSpec};

/// Manage the sites whose comments are moderated here
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  moderato site add blog --title \"My blog\" --origin https://blog.example
  moderato site set blog --approve-below 0.1 --reject-from 0.98
  moderato site set blog --target-spam-published 0.005 --target-ham-rejected 0.001
  moderato site set blog --fixed-thresholds
  moderato site set blog --hold-abuse-from 0.7
  moderato site set blog --audit-share 0.05
  moderato site set blog --log-only true
  moderato site list --json")]
pub(super) struct Args {
    #[command(flatten)]
    place: Where,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add a site
    Add {
        /// Name in URLs: lower-case letters, digits and dashes
        name: String,
        /// Title for people [default: the name]
        #[arg(long)]
        title: Option<String>,
        /// Address of its pages; forms may post from there and redirects go there (may be given more than once)
        #[arg(long = "origin", value_name = "URL", required = true)]
        origins: Vec<String>,
        #[command(flatten)]
        cuts: Cuts,
        #[command(flatten)]
        abuse: AbuseCut,
        #[command(flatten)]
        audit: Audit,
        /// Judge everything and decide nothing
        #[arg(long)]
        log_only: bool,
        #[command(flatten)]
        promised: Promised,
    },
    /// List the sites
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one site
    Show {
        /// Its name
        name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Change a site; what is not given stays
    Set {
        /// Its name
        name: String,
        /// Title for people
        #[arg(long)]
        title: Option<String>,
        /// Address of its pages, in place of all it had
        #[arg(long = "origin", value_name = "URL")]
        origins: Vec<String>,
        #[command(flatten)]
        cuts: Cuts,
        #[command(flatten)]
        abuse: AbuseCut,
        #[command(flatten)]
        audit: Audit,
        /// Judge everything and decide nothing (true), or decide (false)
        #[arg(long, value_name = "true|false")]
        log_only: Option<bool>,
        #[command(flatten)]
        promised: Promised,
        /// Decide by the two thresholds again instead of by a promise
        #[arg(long, conflicts_with = "target_spam_published")]
        fixed_thresholds: bool,
    },
}

/// The two thresholds.
#[derive(Debug, Clone, Copy, clap::Args)]
struct Cuts {
    /// Publish a comment below this spam probability
    #[arg(long, value_name = "P")]
    approve_below: Option<f64>,
    /// Turn a comment away from this spam probability on
    #[arg(long, value_name = "P")]
    reject_from: Option<f64>,
}

/// The cut for abuse.
#[derive(Debug, Clone, Copy, clap::Args)]
struct AbuseCut {
    /// Hold what would be published from this probability of abuse on, if a model of abuse is in force; 1.01 is never
    /// [a new site: 0.8]
    #[arg(long, value_name = "P")]
    hold_abuse_from: Option<f64>,
}

/// The audit sample.
#[derive(Debug, Clone, Copy, clap::Args)]
struct Audit {
    /// Show a person this share, drawn at random, of what is decided without one [a new site: 0.02]
    #[arg(long, value_name = "SHARE")]
    audit_share: Option<f64>,
}

impl Cuts {
    fn given(self) -> bool {
        self.approve_below.is_some() || self.reject_from.is_some()
    }

    fn or(self, thresholds: Thresholds) -> (f64, f64) {
        (
            self.approve_below.unwrap_or_else(|| thresholds.approve_below()),
            self.reject_from.unwrap_or_else(|| thresholds.reject_from()),
        )
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    // Wrong usage is told before a database is opened.
    let targets = match &args.action {
        Action::Add { promised, .. } | Action::Set { promised, .. } => promised.targets()?,
        Action::List { .. } | Action::Show { .. } => None,
    };
    with_app(&args.place, async |app| match &args.action {
        Action::Add { name, title, origins, cuts, abuse, audit, log_only, promised: _ } => {
            let spec = SiteSpec {
                name: name.clone(),
                title: title.as_ref().unwrap_or(name).clone(),
                origins: origins.clone(),
                thresholds: cuts.or(Thresholds::DEFAULT),
                hold_abuse_from: abuse.hold_abuse_from.unwrap_or(HOLD_ABUSE_FROM),
                audit_share: audit.audit_share.unwrap_or(AUDIT_SHARE),
                log_only: *log_only,
                targets,
            };
            sites::add(&app, &spec).await?;
            output::line(format_args!(
                "Site {name} is ready. Its form posts to {}/sites/{name}/comments",
                app.settings.public_url()
            ))
        }
        Action::List { json: true } => {
            output::json(&app.sites.all().values().map(|site| as_json(site)).collect::<Vec<_>>())
        }
        Action::List { json: false } => {
            for site in app.sites.all().values() {
                output::line(format_args!("{:<24} {}", site.name, site.title))?;
            }
            Ok(())
        }
        Action::Show { name, json } => {
            let site = app.sites.find(name).ok_or_else(|| SiteError::Unknown(name.clone()))?;
            if *json { output::json(&as_json(&site)) } else { show(&site) }
        }
        Action::Set { name, title, origins, cuts, abuse, audit, log_only, promised: _, fixed_thresholds } => {
            let site = app.sites.find(name).ok_or_else(|| SiteError::Unknown(name.clone()))?;
            let promise = site.promise.filter(|_| !fixed_thresholds);
            if cuts.given() && promise.is_some() {
                return Err(Usage(format!(
                    "site {name} decides by a promise, so thresholds would not be in force: give --fixed-thresholds as well"
                ))
                .into());
            }
            let now = SiteSpec::of(&site);
            let spec = SiteSpec {
                name: now.name,
                title: title.as_ref().map_or(now.title, Clone::clone),
                origins: if origins.is_empty() { now.origins } else { origins.clone() },
                thresholds: cuts.or(site.fixed_thresholds),
                hold_abuse_from: abuse.hold_abuse_from.unwrap_or(now.hold_abuse_from),
                audit_share: audit.audit_share.unwrap_or(now.audit_share),
                log_only: log_only.unwrap_or(now.log_only),
                targets: targets.or(promise.map(|promise| promise.targets)),
            };
            sites::set(&app, Actor::CommandLine, &spec).await?;
            output::line(format_args!("Site {name} is changed"))
        }
    })
}

fn show(site: &Site) -> anyhow::Result<()> {
    output::line(format_args!("name           {}", site.name))?;
    output::line(format_args!("title          {}", site.title))?;
    for origin in &site.origins {
        output::line(format_args!("origin         {origin}"))?;
    }
    output::line(format_args!("approve below  {}", site.thresholds().approve_below()))?;
    output::line(format_args!("reject from    {}", site.thresholds().reject_from()))?;
    output::line(format_args!("hold abuse     {}", site.hold_abuse_from))?;
    output::line(format_args!("audit share    {}", site.audit_share))?;
    output::line(format_args!("log only       {}", if site.log_only { "yes" } else { "no" }))?;
    for sentence in site.promise.iter().flat_map(Promise::sentences) {
        output::line(format_args!("promise        {sentence}"))?;
    }
    Ok(())
}

fn as_json(site: &Site) -> serde_json::Value {
    json!({
        "name": site.name,
        "title": site.title,
        "origins": site.origins.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "approve_below": site.thresholds().approve_below(),
        "reject_from": site.thresholds().reject_from(),
        "hold_abuse_from": site.hold_abuse_from,
        "audit_share": site.audit_share,
        "log_only": site.log_only,
        "fixed_thresholds": site.fixed_thresholds,
        "promise": site.promise.map(|promise| json!({
            "targets": promise.targets,
            "published": promise.published,
            "rejected": promise.rejected,
            "sentences": promise.sentences(),
        })),
    })
}
