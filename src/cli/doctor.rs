//! `moderato doctor`: is everything in place?

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::bail;
use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::output;
use super::runtime::{Where, open, runtime, start_logs};
use crate::service::mail;
use crate::service::models::{read_file, starter_path};
use crate::settings::Settings;
use crate::store::Purpose;

/// Check settings, model, database and the running server
///
/// Changes nothing. The exit status is 0 when everything is well.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  moderato doctor
  moderato doctor --ready        (only whether the server takes comments: for health checks)")]
pub(super) struct Args {
    #[command(flatten)]
    place: Where,
    /// Only ask the running server whether it is ready
    #[arg(long)]
    ready: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What was looked at, and what came out.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    detail: String,
}

impl Check {
    fn of<T>(name: &'static str, result: anyhow::Result<T>, good: impl FnOnce(T) -> String) -> Self {
        match result {
            Ok(value) => Self { name, ok: true, detail: good(value) },
            Err(error) => Self { name, ok: false, detail: format!("{error:#}") },
        }
    }
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let settings = args.place.settings();
    let mut checks = Vec::new();
    if let Ok(settings) = &settings {
        start_logs("error", settings.log_format)?;
        let runtime = runtime()?;
        if !args.ready {
            checks.push(Check::of("model", read_starter(settings), |detail| detail));
            checks.push(Check::of("database", runtime.block_on(ask_database(settings)), |()| {
                "it answers and its schema is up to date".to_owned()
            }));
        }
        if !args.ready && settings.smtp_host.is_some() {
            checks.push(Check::of("mail", runtime.block_on(mail::check(settings)), |()| {
                "the mail server answers".to_owned()
            }));
        }
        checks.push(Check::of("server", runtime.block_on(ask_server(settings.listen)), |()| {
            format!("it is ready on {}", settings.listen)
        }));
    }
    if !args.ready {
        let place = if args.place.config.is_some() { "from the file given" } else { "usable" };
        checks.insert(0, Check::of("settings", settings, |_| place.to_owned()));
    }
    if args.json {
        output::json(&checks)?;
    } else {
        for check in &checks {
            output::line(format_args!(
                "{} {:<9} {}",
                if check.ok { "ok  " } else { "FAIL" },
                check.name,
                check.detail
            ))?;
        }
    }
    let failed = checks.iter().filter(|check| !check.ok).count();
    if failed > 0 {
        bail!("{failed} of {} checks failed", checks.len());
    }
    Ok(())
}

fn read_starter(settings: &Settings) -> anyhow::Result<String> {
    let path = starter_path(settings.starter_model.as_deref());
    let model = read_file(&path, "Restore it from the release, or set MODERATO_STARTER_MODEL.")?;
    Ok(format!("{}, trained on {} rows", path.display(), model.card().rows))
}

async fn ask_database(settings: &Settings) -> anyhow::Result<()> {
    let database = open(settings, Purpose::Command).await?;
    let checked = database.db().check_schema().await;
    database.close().await?;
    Ok(checked?)
}

/// Asks `/readyz`. One fixed request needs no HTTP client.
async fn ask_server(listen: SocketAddr) -> anyhow::Result<()> {
    let mut address = listen;
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() {
            [127, 0, 0, 1].into()
        } else {
            std::net::Ipv6Addr::LOCALHOST.into()
        });
    }
    let asking = async {
        let mut stream = TcpStream::connect(address).await?;
        stream
            .write_all(
                format!("GET /readyz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").as_bytes(),
            )
            .await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok::<_, std::io::Error>(answer)
    };
    match tokio::time::timeout(Duration::from_secs(5), asking).await {
        Ok(Ok(answer)) if answer.starts_with("HTTP/1.1 200") => Ok(()),
        Ok(Ok(answer)) => {
            bail!("the server on {address} is not ready: {}", answer.lines().next().unwrap_or_default())
        }
        Ok(Err(error)) => bail!("no server answers on {address}: {error}. Start it with `moderato serve`"),
        Err(_late) => bail!("the server on {address} does not answer within 5 seconds"),
    }
}
