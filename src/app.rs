//! Everything a running Moderato consists of, built once and handed to each use case. Time, randomness and the
//! secret come from here, so that tests can be exact.

use std::fmt;
use std::sync::{Arc, Mutex};

use time::{Duration, OffsetDateTime};
use tokio::sync::Notify;
use uuid::{ContextV7, NoContext, Timestamp, Uuid};

use crate::service::drift::DriftMonitor;
use crate::service::feed::Feed;
use crate::service::intake::Intake;
use crate::service::keys::KeyDirectory;
use crate::service::live::LiveModel;
use crate::service::outbound::Outbound;
use crate::service::recent::RecentDirectory;
use crate::service::rules::RuleBook;
use crate::service::sites::SiteDirectory;
use crate::settings::Settings;
use crate::store::{Db, StoreError, instance};

/// Tells the time.
pub trait Clock: Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> OffsetDateTime;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }
}

/// The installation's secret, cut into one key a purpose, so that a signature for one is worth nothing for another.
#[derive(Clone)]
pub struct Keys {
    /// Signs the link to a reader's own comment.
    pub status: [u8; 32],
    /// Signs the moment a form was shown.
    pub form: [u8; 32],
    /// Hashes e-mail addresses for the author's record.
    pub author: [u8; 32],
    /// Signs that a password was right, while the second factor is asked for.
    pub sign_in: [u8; 32],
    /// Hashes names and addresses whose failed sign-ins are counted.
    pub throttle: [u8; 32],
    /// Draws the audit sample.
    pub audit: [u8; 32],
    /// Hashes the keys of programs.
    pub programs: [u8; 32],
    /// Makes the keys of Akismet's protocol.
    pub akismet: [u8; 32],
    /// Hashes the networks that comments come from.
    pub network: [u8; 32],
    /// Makes the links in mails.
    pub mail: [u8; 32],
    /// Hashes who reports a comment.
    pub report: [u8; 32],
}

impl Keys {
    fn derive(secret: &[u8; 32]) -> Self {
        let key = |purpose| blake3::derive_key(purpose, secret);
        Self {
            status: key("moderato 2026-11-24 status link"),
            form: key("moderato 2026-11-24 form token"),
            author: key("moderato 2026-11-24 author record"),
            sign_in: key("moderato 2026-11-26 second step of signing in"),
            throttle: key("moderato 2026-11-26 failed sign-ins"),
            audit: key("moderato 2026-11-27 audit sample"),
            programs: key("moderato 2026-11-26 keys of programs"),
            akismet: key("moderato 2026-11-28 keys of Akismet's protocol"),
            network: key("moderato 2026-11-28 networks of comments"),
            mail: key("moderato 2026-11-28 links in mails"),
            report: key("moderato 2026-11-28 reports"),
        }
    }
}

/// A running Moderato.
pub struct App {
    /// What the operator has set.
    pub settings: Settings,
    /// Postgres.
    pub db: Db,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Signing keys.
    pub keys: Keys,
    /// The model in force, with everything moderators have taught since.
    pub live: LiveModel,
    /// Whether it has grown old.
    pub drift: DriftMonitor,
    /// The sites, kept in memory.
    pub sites: SiteDirectory,
    /// The keys that programs speak to us with.
    pub api_keys: KeyDirectory,
    /// What the newest comments say of the next one, for checks.
    pub recent: RecentDirectory,
    /// Checked comments on their way into Postgres.
    pub intake: Intake,
    /// The rules that people have made, kept in memory.
    pub rules: RuleBook,
    /// Decisions as they are made, for open desks.
    pub feed: Feed,
    /// Posts to the outside.
    pub outbound: Outbound,
    /// Rung when a job was enqueued somewhere.
    pub job_bell: Notify,
    /// Rung when something is to go out at once.
    pub outbox_bell: Notify,
    ids: Mutex<ContextV7>,
}

impl App {
    /// Puts the parts together: reads the secret (made at the very first start), the sites and the model in force.
    /// The schema must be up to date.
    pub async fn start(settings: Settings, db: Db, clock: Arc<dyn Clock>) -> Result<Arc<Self>, StartError> {
        let mut conn = db.conn().await?;
        let secret = instance::secret(&mut conn, random_bytes()?, clock.now()).await?;
        let sites = SiteDirectory::load(&mut conn, clock.now()).await?;
        let api_keys = KeyDirectory::load(&mut conn).await?;
        let rules = RuleBook::load(&mut conn, clock.now()).await?;
        let live = LiveModel::load(&mut conn, clock.now() - settings.undo_time()).await?;
        drop(conn);
        let keys = Keys::derive(&secret);
        Ok(Arc::new(Self {
            outbound: Outbound::new(&settings.webhook_private_hosts),
            settings,
            db,
            clock,
            keys,
            live,
            drift: DriftMonitor::default(),
            sites,
            api_keys,
            recent: RecentDirectory::default(),
            intake: Intake::default(),
            rules,
            feed: Feed::default(),
            job_bell: Notify::new(),
            outbox_bell: Notify::new(),
            ids: Mutex::new(ContextV7::new()),
        }))
    }

    /// Now, in UTC.
    pub fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// What was decided until now can have been thought better of: only what was decided before this moment has
    /// effects that an undo would have to take back.
    pub fn settled(&self) -> OffsetDateTime {
        self.now() - self.settings.undo_time()
    }

    /// A new UUIDv7 for this moment; later ones of this process sort after it.
    pub fn new_id(&self, now: OffsetDateTime) -> Uuid {
        let seconds = u64::try_from(now.unix_timestamp()).unwrap_or_default();
        Uuid::new_v7(Timestamp::from_unix(&self.ids, seconds, now.nanosecond()))
    }

    /// A new UUIDv7 that sorts after this one, and tells this moment where that is later.
    pub fn new_id_after(&self, now: OffsetDateTime, last: Option<Uuid>) -> Uuid {
        let id = self.new_id(now);
        let Some(last) = last.filter(|last| id <= *last) else { return id };
        let (seconds, nanoseconds) = last.get_timestamp().map_or((0, 0), |at| at.to_unix());
        let at = OffsetDateTime::from_unix_timestamp(i64::try_from(seconds).unwrap_or_default());
        let next = at.unwrap_or(now) + Duration::nanoseconds(nanoseconds.into()) + Duration::milliseconds(1);
        // Not by this process's own counter, which would stay ahead with it.
        let seconds = u64::try_from(next.unix_timestamp()).unwrap_or_default();
        Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, next.nanosecond()))
    }
}

impl fmt::Debug for App {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("App").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// Moderato cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Postgres.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The model in force.
    #[error(transparent)]
    Model(#[from] crate::service::live::LiveError),
    /// The operating system's random numbers.
    #[error("the operating system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

/// Unpredictable bytes from the operating system.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
