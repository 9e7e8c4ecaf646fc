//! Postgres: the only code that names `sqlx`. Functions take a connection, so that the caller decides on the
//! transaction; static queries are checked against the schema when they are compiled.

pub mod acts;
pub mod articles;
pub mod authors;
pub mod callbacks;
pub mod campaigns;
pub mod comments;
pub mod decisions;
pub mod embedded;
mod error;
pub mod events;
pub mod examples;
pub mod instance;
pub mod jobs;
pub mod keys;
mod listen;
pub mod lists;
pub mod log_only;
pub mod mails;
pub mod models;
pub mod moderators;
mod open;
mod pool;
pub mod queues;
pub mod recent;
pub mod reports;
pub mod retention;
pub mod revisions;
pub mod rules;
pub mod scores;
pub mod second_factors;
pub mod sessions;
pub mod shadows;
pub mod sites;
pub mod tallies;
pub mod throttle;
pub mod training_files;
pub mod usage;
pub mod webhooks;

pub use error::StoreError;
pub use listen::{Channel, Notifications};
pub use open::{Database, OpenError, Purpose, Target};
pub use pool::{Db, MIGRATOR, Tx};
pub use sqlx::PgConnection as Conn;
pub use sqlx::postgres::PgConnectOptions as ConnectOptions;
