//! What the commands that use the database share: settings, logs, runtime, an open database.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

use crate::app::{App, Clock, SystemClock};
use crate::service::models::register_starter;
use crate::settings::{LogFormat, Settings};
use crate::store::{Database, Db, Purpose, Target};

/// Where the settings come from.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Where {
    /// Settings file [default: moderato.toml, where there is one]
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) config: Option<PathBuf>,
    /// Where the embedded Postgres keeps its data [default: ./data]
    #[arg(long, value_name = "DIR", global = true)]
    pub(super) data_dir: Option<PathBuf>,
}

impl Where {
    /// Reads the settings.
    pub(super) fn settings(&self) -> anyhow::Result<Settings> {
        let mut settings = Settings::load(self.config.as_deref())?;
        if let Some(data_dir) = &self.data_dir {
            settings.data_dir.clone_from(data_dir);
        }
        Ok(settings)
    }
}

/// Logs go to a private copy of standard error: training silences the public one for a moment, and no line of the
/// log must be lost by that.
pub(super) fn start_logs(filter: &str, format: LogFormat) -> anyhow::Result<()> {
    let filter =
        EnvFilter::try_new(filter).with_context(|| format!("the setting log = {filter:?} cannot be used"))?;
    let file =
        std::fs::File::from(rustix::io::dup(std::io::stderr()).context("standard error cannot be used")?);
    let writer = BoxMakeWriter::new(Arc::new(file));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(writer);
    match format {
        LogFormat::Text => builder.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).init(),
        LogFormat::Json => builder.json().init(),
    }
    std::panic::set_hook(Box::new(|panic| tracing::error!("{panic}")));
    Ok(())
}

/// Opens the database of these settings.
pub(super) async fn open(settings: &Settings, purpose: Purpose) -> anyhow::Result<Database> {
    let target = Target {
        url: settings.database_url.as_ref().map(crate::settings::Secret::reveal),
        data_dir: &settings.data_dir,
        pg_bin: settings.pg_bin.as_deref(),
        connections: settings.database_connections,
    };
    Ok(Database::open(target, purpose).await?)
}

/// Brings the schema up to date, or only checks it; then registers the shipped model and builds the application.
pub(super) async fn prepare(settings: Settings, db: &Db, migrate: bool) -> anyhow::Result<Arc<App>> {
    if migrate {
        db.migrate().await?;
    } else {
        db.check_schema().await?;
    }
    let clock = SystemClock;
    register_starter(db, settings.starter_model.as_deref(), clock.now()).await?;
    Ok(App::start(settings, db.clone(), Arc::new(clock)).await?)
}

/// Runs a command's work on an open database and closes it afterwards, whatever came out.
pub(super) fn with_app<T>(
    place: &Where,
    work: impl AsyncFnOnce(Arc<App>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let settings = place.settings()?;
    with_database(place, async |db| work(prepare(settings, &db, true).await?).await)
}

/// The same, for what needs no more than the database.
pub(super) fn with_database<T>(
    place: &Where,
    work: impl AsyncFnOnce(Db) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let settings = place.settings()?;
    start_logs("warn", settings.log_format)?;
    runtime()?.block_on(async {
        let database = open(&settings, Purpose::Command).await?;
        let result = work(database.db().clone()).await;
        database.close().await?;
        result
    })
}

/// The asynchronous runtime.
pub(super) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().context("the runtime cannot start")
}
