//! NOTIFY and LISTEN: every process hears what another one changed.

use sqlx::PgConnection;
use sqlx::postgres::PgListener;

use super::{Db, StoreError};

/// What has changed. The payload is never trusted: a listener reads the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// A model was promoted.
    Models,
    /// A moderator's decision taught something.
    Examples,
    /// A site was added or set.
    Sites,
    /// A key was made or revoked.
    Keys,
    /// A job was enqueued.
    Jobs,
    /// A moderator decided; the payload says which decision.
    Decisions,
    /// A rule was made or ended.
    Rules,
}

impl Channel {
    const ALL: [Self; 7] =
        [Self::Models, Self::Examples, Self::Sites, Self::Keys, Self::Jobs, Self::Decisions, Self::Rules];

    fn name(self) -> &'static str {
        match self {
            Self::Models => "moderato_models",
            Self::Examples => "moderato_examples",
            Self::Sites => "moderato_sites",
            Self::Keys => "moderato_keys",
            Self::Jobs => "moderato_jobs",
            Self::Decisions => "moderato_decisions",
            Self::Rules => "moderato_rules",
        }
    }

    /// Tells every process, when the surrounding transaction commits.
    pub async fn notify(self, conn: &mut PgConnection) -> Result<(), StoreError> {
        self.notify_of(conn, "").await
    }

    /// Tells every process of this one thing, when the surrounding transaction commits.
    pub async fn notify_of(self, conn: &mut PgConnection, payload: &str) -> Result<(), StoreError> {
        sqlx::query("select pg_notify($1, $2)").bind(self.name()).bind(payload).execute(conn).await?;
        Ok(())
    }
}

/// A connection that listens on every channel.
pub struct Notifications(PgListener);

impl Notifications {
    /// Starts to listen.
    pub async fn start(db: &Db) -> Result<Self, StoreError> {
        let mut listener = PgListener::connect_with(db.pool()).await?;
        listener.listen_all(Channel::ALL.map(Channel::name)).await?;
        Ok(Self(listener))
    }

    /// Waits for the next change. An error means that some may have been missed: read everything again.
    pub async fn next(&mut self) -> Result<(Channel, String), StoreError> {
        loop {
            // `try_recv` says when the connection was lost, where `recv` would silently skip what was missed.
            let Some(notification) = self.0.try_recv().await? else {
                return Err(StoreError::Unavailable(sqlx::Error::PoolClosed));
            };
            let channel = Channel::ALL.into_iter().find(|channel| channel.name() == notification.channel());
            if let Some(channel) = channel {
                return Ok((channel, notification.payload().to_owned()));
            }
        }
    }
}
