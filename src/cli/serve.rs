//! `moderato serve`: web server and background worker in one process.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::output;
use super::runtime::{Where, open, prepare, runtime, start_logs};
use crate::app::App;
use crate::service::{accounts, follow};
use crate::settings::Settings;
use crate::store::{Db, Purpose};
use crate::{jobs, web};

/// Run the web server and the background worker
///
/// Without `DATABASE_URL` a Postgres of its own is started below the data directory, on a Unix socket only.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  moderato serve --demo
  moderato serve --listen 0.0.0.0:8080 --data-dir /var/lib/moderato
  DATABASE_URL=postgres://moderato@localhost/moderato moderato serve")]
pub(super) struct Args {
    #[command(flatten)]
    place: Where,
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Serve a demo article with a comment form
    #[arg(long)]
    demo: bool,
    /// Refuse to run on an older schema instead of bringing it up to date
    #[arg(long)]
    no_migrate: bool,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let mut settings = args.place.settings()?;
    if let Some(listen) = args.listen {
        settings.listen = listen;
    }
    start_logs(&settings.log, settings.log_format)?;
    runtime()?.block_on(serve(settings, args))
}

async fn serve(settings: Settings, args: &Args) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    let signals = tokio::spawn(stop_on_signal(stop.clone())?);
    // The address first: it is the quickest to fail.
    let listener = web::listen(settings.listen).await?;
    let database = tokio::select! {
        opened = open(&settings, Purpose::Serve) => opened?,
        () = stop.cancelled() => return Ok(()),
    };
    let result = serve_on(settings, database.db().clone(), listener, args, &stop).await;
    stop.cancel();
    let closed = database.close().await;
    signals.abort();
    result?;
    tracing::info!("stopped");
    Ok(closed?)
}

async fn serve_on(
    mut settings: Settings,
    db: Db,
    listener: tokio::net::TcpListener,
    args: &Args,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    // With port 0 the system has chosen one.
    settings.listen = listener.local_addr()?;
    let app = prepare(settings, &db, !args.no_migrate).await?;
    if args.demo {
        web::install_demo(&app).await?;
    }
    announce(&app, args.demo).await?;
    let tasks = TaskTracker::new();
    tasks.spawn(follow::follow(Arc::clone(&app), stop.clone()));
    tasks.spawn(jobs::work(Arc::clone(&app), stop.clone()));
    tasks.spawn(jobs::send(Arc::clone(&app), stop.clone()));
    tasks.close();
    let served = web::serve(listener, app, args.demo, stop.clone()).await;
    stop.cancel();
    tasks.wait().await;
    Ok(served?)
}

/// Says where everything is, in lines that a person or a script can read.
async fn announce(app: &App, demo: bool) -> anyhow::Result<()> {
    let url = app.settings.public_url();
    if demo {
        output::line(format_args!("Demo article:  {url}/"))?;
    }
    output::line(format_args!("Moderation:    {url}/admin/"))?;
    if let Some(token) = accounts::setup_token(app).await? {
        output::line(format_args!("First administrator, one-time link:  {url}/admin/setup?token={token}"))?;
    }
    tracing::info!(listen = %app.settings.listen, model.id = app.live.current().model_id, "ready");
    Ok(())
}

/// Stops on Ctrl-C and on the signal of service managers; a second one does not cut the first one short.
fn stop_on_signal(stop: CancellationToken) -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping: finishing the requests in flight");
        stop.cancel();
    })
}
