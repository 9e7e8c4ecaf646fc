//! Opens the database: the operator's own, or the embedded one.

use std::path::Path;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

use super::Db;
use super::embedded::{Embedded, EmbeddedError};

/// Who opens the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The server: there is one for a data directory.
    Serve,
    /// Any other command: uses what runs, else starts it for as long as it needs.
    Command,
}

/// Which database.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The operator's own; without it the embedded one is used.
    pub url: Option<&'a str>,
    /// Where the embedded one lives.
    pub data_dir: &'a Path,
    /// Where the embedded one's programs are, if not found by themselves.
    pub pg_bin: Option<&'a Path>,
    /// Connections at most.
    pub connections: u32,
}

/// An open database.
#[derive(Debug)]
pub struct Database {
    db: Db,
    embedded: Option<Embedded>,
}

/// The database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// `DATABASE_URL`.
    #[error("DATABASE_URL cannot be used: {0}. It should look like postgres://user:password@host/database")]
    Url(String),
    /// The embedded one.
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
}

impl Database {
    /// Opens the operator's database, or the embedded one.
    pub async fn open(target: Target<'_>, purpose: Purpose) -> Result<Self, OpenError> {
        let Target { url, data_dir, pg_bin, connections } = target;
        if let Some(url) = url {
            let options =
                PgConnectOptions::from_str(url).map_err(|error| OpenError::Url(error.to_string()))?;
            return Ok(Self { db: Db::new(options, connections), embedded: None });
        }
        let embedded = match purpose {
            Purpose::Serve => Embedded::start(data_dir, pg_bin).await?,
            Purpose::Command => Embedded::attach_or_start(data_dir, pg_bin).await?,
        };
        Ok(Self { db: Db::new(embedded.connect_options(), connections), embedded: Some(embedded) })
    }

    /// The way to it.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Closes the connections and stops the embedded server, if this process runs it.
    pub async fn close(self) -> Result<(), EmbeddedError> {
        self.db.close().await;
        match self.embedded {
            Some(embedded) => embedded.stop().await,
            None => Ok(()),
        }
    }
}
