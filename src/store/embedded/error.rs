use std::io;
use std::path::{Path, PathBuf};

/// Why the embedded Postgres is not there, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum EmbeddedError {
    /// No folder with `initdb` and `postgres` in it.
    #[error(
        "no Postgres server found (looked in PATH, /usr/lib/postgresql/*/bin and Homebrew's folders). \
         Install one (`apt install postgresql`, `dnf install postgresql-server` or `brew install postgresql`), \
         set MODERATO_PG_BIN to the folder that holds `initdb` and `postgres`, \
         or set DATABASE_URL to use a Postgres of your own"
    )]
    NoBinaries,
    /// `MODERATO_PG_BIN` names something else.
    #[error(
        "MODERATO_PG_BIN is {}, but there is no working `{missing}` in that folder. \
         It should be the folder that holds `initdb` and `postgres`, such as /usr/lib/postgresql/17/bin", path.display()
    )]
    NotABinFolder {
        /// The folder given.
        path: PathBuf,
        /// The program that is not in it.
        missing: &'static str,
    },
    /// Only servers older than the queries allow.
    #[error(
        "Moderato needs Postgres {minimum} or newer; found only {found}. \
         Install a newer one, or set MODERATO_PG_BIN or DATABASE_URL to one"
    )]
    TooOld {
        /// Oldest major version that will do.
        minimum: u32,
        /// What was found, for people.
        found: String,
    },
    /// The cluster was made by a major version that is not installed.
    #[error(
        "the database in {} was made by Postgres {made_by}, which only Postgres {made_by} can open; found {found}. \
         Install Postgres {made_by} (or set MODERATO_PG_BIN to its folder); \
         to move to a newer one, see \"A newer Postgres\" in docs/operations.md", cluster.display()
    )]
    OtherVersion {
        /// The cluster's folder.
        cluster: PathBuf,
        /// Content of its `PG_VERSION`.
        made_by: String,
        /// What was found, for people.
        found: String,
    },
    /// Another Moderato holds the data directory.
    #[error(
        "the data directory {} is in use by another Moderato{}. \
         Stop that one first, or give this one another --data-dir", data_dir.display(), pid_in_words(*pid)
    )]
    InUse {
        /// The data directory.
        data_dir: PathBuf,
        /// Process id of the holder, where known.
        pid: Option<i32>,
    },
    /// Started as root on a system with no user to give the server to.
    #[error(
        "Postgres refuses to run as root, and /etc/passwd has neither a user `postgres` nor `nobody` to run it as. \
         Run Moderato as an ordinary user, or set DATABASE_URL"
    )]
    NoAccount,
    /// The server's user may not enter the cluster's folder.
    #[error(
        "Postgres runs as user {uid}, who may not enter {}. \
         Give the folders above it execute permission (chmod o+x), or move the data directory", path.display()
    )]
    Unreachable {
        /// The folder.
        path: PathBuf,
        /// Id of the user.
        uid: u32,
    },
    /// The data directory names a place for the cluster that is gone.
    #[error(
        "{} points to {}, where the database should be, but there is nothing. \
         Bring that folder back, or remove the link to begin with an empty database", link.display(), target.display()
    )]
    Lost {
        /// The link in the data directory.
        link: PathBuf,
        /// Where it points to.
        target: PathBuf,
    },
    /// A folder for the socket that somebody else made.
    #[error("{} is not a private folder of the server's user, so the socket cannot go there. Remove it", path.display())]
    NotPrivate {
        /// The folder.
        path: PathBuf,
    },
    /// `initdb` failed.
    #[error("the database in {} could not be made; initdb said:\n{output}", cluster.display())]
    Initdb {
        /// The cluster's folder.
        cluster: PathBuf,
        /// What it wrote.
        output: String,
    },
    /// The server ended instead of accepting connections.
    #[error("Postgres did not start ({how}); the end of its log {} is:\n{tail}", log.display())]
    Start {
        /// Exit status, or that it took too long.
        how: String,
        /// The server's log.
        log: PathBuf,
        /// Its last lines.
        tail: String,
    },
    /// The server did not stop in time.
    #[error("Postgres is still shutting down after {seconds} s; it goes on by itself and loses nothing")]
    Stop {
        /// How long it was waited for.
        seconds: u64,
    },
    /// The server runs, and does not let us in.
    #[error("the embedded Postgres turned the connection away: {0}")]
    Connect(#[from] sqlx::Error),
    /// A file or process operation failed.
    #[error("cannot {doing} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

/// Adds what was being done, and on what, to an I/O error.
pub(super) fn io(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> EmbeddedError {
    let path = path.to_path_buf();
    move |source| EmbeddedError::Io { doing, path, source }
}

fn pid_in_words(pid: Option<i32>) -> String {
    pid.map(|pid| format!(" (process {pid})")).unwrap_or_default()
}
