//! What can go wrong between Moderato and Postgres.

use sqlx::Error as Sqlx;

/// A database operation failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Postgres cannot be reached or is starting, stopping or full. Trying again later may work.
    #[error("Postgres cannot be reached just now")]
    Unavailable(#[source] Sqlx),
    /// A unique or foreign key refused the row. Holds the constraint's name.
    #[error("the database refused a row: constraint {0}")]
    Constraint(String),
    /// A row does not form a valid value: somebody wrote to the table by other means.
    #[error("inconsistent data in table {table}, row {row}: {what}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The row's key.
        row: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// The schema is older than this program, or newer.
    #[error("{0}")]
    Schema(String),
    /// Anything else: a bug.
    #[error("unexpected database error")]
    Other(#[source] Sqlx),
}

impl StoreError {
    /// Whether the connection broke in the middle, so that a second attempt on another one may work at once.
    pub fn is_interrupted(&self) -> bool {
        matches!(self, Self::Unavailable(error) if !matches!(error, Sqlx::PoolTimedOut | Sqlx::PoolClosed))
    }

    /// Whether it was this constraint that refused the row.
    pub fn is_constraint(&self, name: &str) -> bool {
        matches!(self, Self::Constraint(constraint) if constraint == name)
    }
}

impl From<Sqlx> for StoreError {
    fn from(error: Sqlx) -> Self {
        let unavailable = match &error {
            // A server that dies in the middle of an answer leaves half a message behind (`Protocol`).
            Sqlx::Io(_)
            | Sqlx::Tls(_)
            | Sqlx::Protocol(_)
            | Sqlx::PoolTimedOut
            | Sqlx::PoolClosed
            | Sqlx::WorkerCrashed => true,
            Sqlx::Database(database) => {
                if let Some(constraint) = database.constraint() {
                    return Self::Constraint(constraint.to_owned());
                }
                // Connection exceptions, operator intervention (shutdown, crash), insufficient resources,
                // and a server that turned read-only in a fail-over.
                database.code().is_some_and(|code| {
                    code.starts_with("08")
                        || code.starts_with("57")
                        || code.starts_with("53")
                        || code == "25006"
                })
            }
            _ => false,
        };
        if unavailable { Self::Unavailable(error) } else { Self::Other(error) }
    }
}
