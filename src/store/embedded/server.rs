//! The server's processes: start, wait until ready, stop.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgSslMode};
use sqlx::{Connection, Executor};
use tokio::process::{Child, ChildStdin};
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::binaries::Binaries;
use super::error::{EmbeddedError, io};
use super::home::Home;
use super::postmaster::Postmaster;

/// Starts the server and watches the pipe that is its standard input. Only Moderato holds the other
/// end, so the pipe closes when Moderato lets go of it or dies in whatever way, and the server is then
/// shut down: there is one way to stop, and no orphan. Signals meant for Moderato pass the group by.
const WATCHDOG: &str = r#"
trap '' HUP INT QUIT TERM
exec 3<&0 </dev/null >>"$1" 2>&1
shift
"$@" 3<&- & server=$!
{ read -r _ <&3; kill -INT "$server"; } & watch=$!
exec 3<&-
wait "$server"; status=$?
kill -KILL "$watch" 2>/dev/null
exit "$status"
"#;

/// Name of the database, and of the only role.
const NAME: &str = "moderato";
const LARGEST_LOG: u64 = 10 * 1024 * 1024;
const TAIL_LINES: usize = 20;
/// Crash recovery may take minutes; a server that neither answers nor ends in this time is stuck.
const LONGEST_START: Duration = Duration::from_mins(10);
/// How long to wait for the sessions of a killed server to see that it is gone.
const LONGEST_HANDOVER: Duration = Duration::from_secs(30);
const LONGEST_STOP: Duration = Duration::from_mins(1);

/// A running server; it stops when this is dropped.
#[derive(Debug)]
pub(super) struct Server {
    watchdog: Child,
    /// The only write end of the watchdog's pipe. `Child::wait` would close it if it were left there.
    lifeline: ChildStdin,
}

impl Server {
    /// Starts a server on `home`'s cluster and waits until it takes connections to the database, or until
    /// `stop` says that it is no longer wanted.
    pub(super) async fn start(
        home: &Home,
        binaries: &Binaries,
        stop: &CancellationToken,
    ) -> Result<Self, EmbeddedError> {
        Postmaster::clear_the_way(&home.cluster()).await?;
        let deadline = Instant::now() + LONGEST_HANDOVER;
        loop {
            match Self::launch(home, binaries, stop).await {
                Err(EmbeddedError::Start { tail, .. }) if is_held(&tail) && Instant::now() < deadline => {
                    sleep(Duration::from_millis(100)).await;
                }
                other => return other,
            }
        }
    }

    async fn launch(
        home: &Home,
        binaries: &Binaries,
        stop: &CancellationToken,
    ) -> Result<Self, EmbeddedError> {
        let socket_folder = home.socket_folder()?;
        for stale in [".s.PGSQL.5432", ".s.PGSQL.5432.lock"].map(|name| socket_folder.join(name)) {
            match fs::remove_file(&stale) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(io("remove", &stale)(error)),
                _ => {}
            }
        }
        let log = Log::open(&home.log_folder()?)?;
        let shell = Path::new("/bin/sh");
        let mut watchdog = home
            .account
            .command(shell)
            .args(["-c", WATCHDOG, "moderato-postgres"])
            .arg(&log.path)
            .arg(binaries.program("postgres"))
            .arg("-D")
            .arg(home.cluster())
            .arg("-k")
            .arg(&socket_folder)
            .args(SETTINGS.into_iter().flat_map(|setting| ["-c", setting]))
            .stdin(Stdio::piped())
            // In a group of its own, so that Ctrl-C in a terminal reaches Moderato alone.
            .process_group(0)
            .spawn()
            .map_err(io("run", shell))?;
        let lifeline = watchdog.stdin.take().expect("standard input is piped");
        let mut server = Self { watchdog, lifeline };
        server.wait_until_ready(&connect_options(&socket_folder), &log, stop).await?;
        Ok(server)
    }

    async fn wait_until_ready(
        &mut self,
        options: &PgConnectOptions,
        log: &Log,
        stop: &CancellationToken,
    ) -> Result<(), EmbeddedError> {
        let started = Instant::now();
        let mut pause = Duration::from_millis(10);
        loop {
            let tried = Box::pin(make_database(options)).await;
            let how = match (tried, self.watchdog.try_wait()) {
                (Ok(()), _) => return Ok(()),
                (_, Ok(Some(status))) => status.to_string(),
                (Err(error), _) if !is_not_yet(&error) => return Err(error.into()),
                _ if started.elapsed() > LONGEST_START => format!("not ready after {LONGEST_START:?}"),
                _ => {
                    if stop.run_until_cancelled(sleep(pause)).await.is_none() {
                        return Ok(());
                    }
                    pause = (pause * 2).min(Duration::from_millis(200));
                    continue;
                }
            };
            return Err(EmbeddedError::Start { how, log: log.path.clone(), tail: log.tail() });
        }
    }

    /// Waits until the server ends, and says how. Dropping the future changes nothing.
    pub(super) async fn ended(&mut self) -> String {
        match self.watchdog.wait().await {
            Ok(status) => status.to_string(),
            Err(error) => error.to_string(),
        }
    }

    /// Fast shutdown: sessions are ended, everything is written, nothing is lost.
    pub(super) async fn stop(mut self) -> Result<(), EmbeddedError> {
        drop(self.lifeline);
        match timeout(LONGEST_STOP, self.watchdog.wait()).await {
            Ok(_) => Ok(()),
            Err(_) => Err(EmbeddedError::Stop { seconds: LONGEST_STOP.as_secs() }),
        }
    }
}

/// Fit for a small machine, and reachable through the socket alone. `fsync` and the rest stay as they are.
const SETTINGS: [&str; 11] = [
    "listen_addresses=",
    "port=5432",
    "unix_socket_permissions=0700",
    "max_connections=100",
    "shared_buffers=64MB",
    // A new database grows fast: plans made for empty tables must not stay for a minute.
    "autovacuum_naptime=10s",
    "jit=off",
    "logging_collector=off",
    "log_checkpoints=off",
    // With the error's code, which is the same in every language.
    "log_line_prefix=%m [%p] %e ",
    "cluster_name=moderato",
];

/// The way to the database, independent of any `PG…` variable for other servers.
pub(super) fn connect_options(socket_folder: &Path) -> PgConnectOptions {
    PgConnectOptions::new_without_pgpass()
        .socket(socket_folder)
        .port(5432)
        .username(NAME)
        .database(NAME)
        .ssl_mode(PgSslMode::Disable)
        .application_name(NAME)
}

/// Whether the database takes connections.
pub(super) async fn is_ready(options: &PgConnectOptions) -> Result<bool, EmbeddedError> {
    match PgConnection::connect_with(options).await {
        Ok(connection) => {
            connection.close().await?;
            Ok(true)
        }
        Err(error) if is_not_yet(&error) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

async fn make_database(options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let mut connection = PgConnection::connect_with(&options.clone().database("postgres")).await?;
    let exists: bool = sqlx::query_scalar("select exists(select from pg_database where datname = $1)")
        .bind(NAME)
        .fetch_one(&mut connection)
        .await?;
    if !exists {
        connection.execute("create database moderato").await?;
    }
    connection.close().await
}

/// Not listening yet, starting up or shutting down (57P03), or the database is not made yet (3D000).
fn is_not_yet(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() != ErrorKind::PermissionDenied,
        sqlx::Error::Database(error) => matches!(error.code().as_deref(), Some("57P03" | "3D000")),
        _ => false,
    }
}

/// Whether the server ended because processes of the one before still hold the cluster (F0001).
fn is_held(tail: &str) -> bool {
    tail.contains(" F0001 ")
}

/// The server's log, and where in it this start begins.
struct Log {
    path: PathBuf,
    begins: u64,
}

impl Log {
    fn open(folder: &Path) -> Result<Self, EmbeddedError> {
        let path = folder.join("postgres.log");
        let mut begins = path.symlink_metadata().map_or(0, |file| file.len());
        if begins > LARGEST_LOG {
            fs::rename(&path, folder.join("postgres.log.old")).map_err(io("rename", &path))?;
            begins = 0;
        }
        Ok(Self { path, begins })
    }

    /// The last lines since this start.
    fn tail(&self) -> String {
        let mut text = Vec::new();
        let read = File::open(&self.path).and_then(|mut file| {
            file.seek(SeekFrom::Start(self.begins))?;
            file.read_to_end(&mut text)
        });
        if let Err(error) = read {
            return format!("(cannot be read: {error})");
        }
        last_lines(&String::from_utf8_lossy(&text))
    }
}

/// The last lines of a program's output, enough to see what went wrong.
pub(super) fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}
