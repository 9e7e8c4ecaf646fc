//! Moderato's own Postgres, for those who have none: below the data directory, on a Unix socket only.
//!
//! One process at a time holds the lock of a data directory and runs the server; commands that come by
//! meanwhile use that server. The server's processes never run as root, never outlive Moderato for more
//! than a shutdown takes (`server::WATCHDOG`), and are started again if they die first.

mod account;
mod binaries;
mod cluster;
mod error;
mod home;
mod lock;
mod postmaster;
mod server;

use std::path::Path;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_util::sync::{CancellationToken, DropGuard};

use self::binaries::Binaries;
pub use self::error::EmbeddedError;
use self::home::Home;
use self::lock::{Lock, Role};
use self::postmaster::Postmaster;
use self::server::Server;

/// How long to wait for another command to be done with the data directory, or for `serve` to be ready.
const PATIENCE: Duration = Duration::from_mins(1);
/// Pauses between attempts to bring back a server that died, doubled each time up to the longest.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A server that lived this long is not in a loop of dying.
const STEADY: Duration = Duration::from_secs(10);

/// A Postgres server on a Unix socket below a data directory, held by this process or by another.
///
/// If the server dies, it is started again at once, so a connection pool need only reconnect. Dropping
/// this stops the server in the background; [`Embedded::stop`] also waits for it.
#[derive(Debug)]
pub struct Embedded {
    options: PgConnectOptions,
    /// `None` where another process runs the server.
    own: Option<Own>,
}

#[derive(Debug)]
struct Own {
    stop: DropGuard,
    supervisor: JoinHandle<Result<(), EmbeddedError>>,
}

impl Embedded {
    /// For `serve`: finds the server's programs (`pg_bin`, else where packages put them), makes the cluster
    /// at the first start, starts the server and keeps it alive. Must be called in a Tokio runtime.
    ///
    /// Fails with [`EmbeddedError::InUse`] where another `serve` holds `data_dir`.
    pub async fn start(data_dir: &Path, pg_bin: Option<&Path>) -> Result<Self, EmbeddedError> {
        Self::enter(data_dir, pg_bin, Role::Serve).await
    }

    /// For every other command: uses the server that `serve` runs on `data_dir`, else starts one for as long
    /// as the returned value lives.
    pub async fn attach_or_start(data_dir: &Path, pg_bin: Option<&Path>) -> Result<Self, EmbeddedError> {
        Self::enter(data_dir, pg_bin, Role::Command).await
    }

    /// The way to the database `moderato`.
    pub fn connect_options(&self) -> PgConnectOptions {
        self.options.clone()
    }

    /// Ends all sessions, shuts the server down and waits until it has written everything; a server that
    /// another process runs goes on.
    pub async fn stop(self) -> Result<(), EmbeddedError> {
        let Some(own) = self.own else { return Ok(()) };
        drop(own.stop);
        // The supervisor ends early only with the runtime, which ends the server too.
        own.supervisor.await.unwrap_or(Ok(()))
    }

    async fn enter(data_dir: &Path, pg_bin: Option<&Path>, role: Role) -> Result<Self, EmbeddedError> {
        let home = Home::open(data_dir).await?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            let holder = match Lock::take(&home.lock(), role)? {
                Ok(lock) => return Self::run(home, pg_bin, lock).await,
                Err(holder) => holder,
            };
            let served = holder.role == Some(Role::Serve);
            if served
                && role == Role::Command
                && let Some(options) = running(&home).await?
            {
                return Ok(Self { options, own: None });
            }
            // Another command will be done soon, and a `serve` that starts will be ready soon.
            if (served && role == Role::Serve) || Instant::now() > deadline {
                return Err(EmbeddedError::InUse { data_dir: home.data_dir, pid: holder.pid });
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    async fn run(home: Home, pg_bin: Option<&Path>, lock: Lock) -> Result<Self, EmbeddedError> {
        let binaries = Binaries::find(pg_bin, &home.cluster()).await?;
        cluster::make_where_missing(&home, &binaries).await?;
        let options = server::connect_options(&home.socket_folder()?);
        let stop = CancellationToken::new();
        let server = Box::pin(Server::start(&home, &binaries, &stop)).await?;
        tracing::info!("Postgres {} runs on {}", binaries.major, home.cluster().display());
        let supervisor = Supervisor { home, binaries, stop: stop.clone(), _lock: lock };
        let supervisor = tokio::spawn(Box::pin(supervisor.keep(server)));
        Ok(Self { options, own: Some(Own { stop: stop.drop_guard(), supervisor }) })
    }
}

/// The server of `home` that another process runs, once it takes connections.
async fn running(home: &Home) -> Result<Option<PgConnectOptions>, EmbeddedError> {
    let Some(folder) = Postmaster::of(&home.cluster())?.and_then(|found| found.socket_folder) else {
        return Ok(None);
    };
    let options = server::connect_options(&folder);
    Ok(server::is_ready(&options).await?.then_some(options))
}

/// Keeps a server alive until it is told to stop.
struct Supervisor {
    home: Home,
    binaries: Binaries,
    stop: CancellationToken,
    _lock: Lock,
}

impl Supervisor {
    async fn keep(self, mut server: Server) -> Result<(), EmbeddedError> {
        let mut pause = Duration::ZERO;
        loop {
            let started = Instant::now();
            let how = tokio::select! {
                how = server.ended() => how,
                () = self.stop.cancelled() => {
                    server.stop().await?;
                    return self.home.clear_away();
                }
            };
            tracing::error!("Postgres died ({how}): starting it again");
            if started.elapsed() > STEADY {
                pause = Duration::ZERO;
            }
            let Some(back) = self.bring_back(&mut pause).await else {
                return self.home.clear_away();
            };
            server = back;
            tracing::info!("Postgres is back");
        }
    }

    /// Tries until the server runs, or until it is no longer wanted; `pause` is the one before the next
    /// attempt.
    async fn bring_back(&self, pause: &mut Duration) -> Option<Server> {
        loop {
            self.stop.run_until_cancelled(sleep(*pause)).await?;
            *pause = (*pause * 2).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
            match Box::pin(Server::start(&self.home, &self.binaries, &self.stop)).await {
                Ok(server) => return Some(server),
                Err(error) => tracing::error!("{error}; next attempt in {pause:?}"),
            }
        }
    }
}
