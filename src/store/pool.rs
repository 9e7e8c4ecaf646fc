//! The connection pool, transactions and migrations.

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use sqlx::migrate::Migrate;
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Connection, PgConnection, Postgres, Transaction};

use super::error::StoreError;

/// Every migration, embedded.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!();

/// A request waits this long for a connection before it is told that the database is away.
const ACQUIRE: Duration = Duration::from_secs(3);
/// A connection that lay idle longer is tried before it is handed out: Postgres may have been restarted.
const TRUSTED_IDLE: Duration = Duration::from_secs(1);

/// A pool of connections to one Postgres.
#[derive(Debug, Clone)]
pub struct Db(PgPool);

/// A transaction; dropped without [`Tx::commit`] it leaves nothing behind.
pub struct Tx(Transaction<'static, Postgres>);

impl Db {
    /// Opens a pool of at most `connections`. The first connection is made by the first query.
    pub fn new(options: PgConnectOptions, connections: u32) -> Self {
        let options = options.application_name("moderato").options([("statement_timeout", "30s")]);
        Self(
            PgPoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(ACQUIRE)
                .test_before_acquire(false)
                .before_acquire(|connection, meta| {
                    Box::pin(async move {
                        if meta.idle_for > TRUSTED_IDLE {
                            connection.ping().await?;
                        }
                        Ok(true)
                    })
                })
                .connect_lazy_with(options),
        )
    }

    /// Wraps a pool that a test has made.
    pub fn from_pool(pool: PgPool) -> Self {
        Self(pool)
    }

    /// A connection for reading, or for one statement.
    pub async fn conn(&self) -> Result<PoolConnection<Postgres>, StoreError> {
        Ok(self.0.acquire().await?)
    }

    /// A transaction for one use case.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(Tx(self.0.begin().await?))
    }

    /// Applies what migrations are missing.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        MIGRATOR.run(&self.0).await.map_err(|error| match error {
            sqlx::migrate::MigrateError::Execute(error) => error.into(),
            other => StoreError::Schema(format!("the database could not be brought up to date: {other}")),
        })
    }

    /// Fails unless every migration of this program has been applied.
    pub async fn check_schema(&self) -> Result<(), StoreError> {
        let mut conn = self.0.acquire().await?;
        conn.ensure_migrations_table(&MIGRATOR.table_name)
            .await
            .map_err(|error| StoreError::Schema(error.to_string()))?;
        let applied = conn
            .list_applied_migrations(&MIGRATOR.table_name)
            .await
            .map_err(|error| StoreError::Schema(error.to_string()))?;
        let missing =
            MIGRATOR.iter().filter(|known| !applied.iter().any(|done| done.version == known.version)).count();
        if missing > 0 {
            return Err(StoreError::Schema(format!(
                "the database's schema is {missing} migration(s) behind this program: run `moderato migrate`, or \
                 start without --no-migrate"
            )));
        }
        Ok(())
    }

    /// Whether Postgres answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        let mut conn = self.0.acquire().await?;
        sqlx::query("select 1").execute(&mut *conn).await?;
        Ok(())
    }

    /// Closes every connection once it is given back.
    pub async fn close(&self) {
        self.0.close().await;
    }

    pub(super) fn pool(&self) -> &PgPool {
        &self.0
    }
}

impl Tx {
    /// Makes everything done in the transaction lasting.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.0.commit().await?)
    }
}

impl Deref for Tx {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.0
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.0
    }
}
