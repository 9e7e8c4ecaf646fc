//! What a site's newest comments say of the next one, in memory: a check must not wait for Postgres. Read again behind the
//! checks, some seconds after something has changed.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::policy::{AuthorRecord, RecentQueue};
use crate::store::{Conn, StoreError, recent};

/// So many of a site's newest comments are remembered.
const NEWEST: i64 = 10_000;
/// What has changed is read again after so long.
const FRESH: Duration = Duration::from_secs(5);

/// What is known at one site before a comment is judged.
#[derive(Debug, Default)]
pub struct Recent {
    queue: RecentQueue,
    authors: HashMap<Vec<u8>, AuthorRecord>,
    spam_texts: HashMap<Vec<u8>, u32>,
    /// Authors, each with a network that people have approved a comment of theirs from.
    familiar: HashSet<(Vec<u8>, Vec<u8>)>,
}

impl Recent {
    /// The newest labelled comments.
    pub fn queue(&self) -> RecentQueue {
        self.queue
    }

    /// The record of an author, by the keyed hash of the address.
    pub fn author(&self, key: Option<&[u8]>) -> AuthorRecord {
        key.and_then(|key| self.authors.get(key)).copied().unwrap_or_default()
    }

    /// Whether people have approved a comment of this author from this network.
    pub fn is_familiar(&self, author: Option<&[u8]>, network: Option<&[u8]>) -> bool {
        author
            .zip(network)
            .is_some_and(|(author, network)| self.familiar.contains(&(author.to_owned(), network.to_owned())))
    }

    /// How often this text was spam.
    pub fn spam_texts(&self, fingerprint: &[u8]) -> u32 {
        self.spam_texts.get(fingerprint).copied().unwrap_or_default()
    }
}

/// What is known at each site that programs ask about.
#[derive(Debug, Default)]
pub struct RecentDirectory {
    sites: ArcSwap<HashMap<i64, Arc<Recent>>>,
    stale: Mutex<BTreeSet<i64>>,
}

impl RecentDirectory {
    /// What is known at a site; nothing, for a moment, when it is asked about for the first time.
    pub fn of(&self, site_id: i64) -> Arc<Recent> {
        if let Some(known) = self.sites.load().get(&site_id) {
            return Arc::clone(known);
        }
        self.want(site_id);
        Arc::default()
    }

    /// Notes that something has changed at a site, if programs ask about it.
    pub fn has_changed(&self, site_id: i64) {
        if self.sites.load().contains_key(&site_id) {
            self.want(site_id);
        }
    }

    fn want(&self, site_id: i64) {
        self.stale.lock().unwrap_or_else(PoisonError::into_inner).insert(site_id);
    }

    fn take_stale(&self) -> BTreeSet<i64> {
        std::mem::take(&mut *self.stale.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Keeps what is known fresh until `stop`.
pub async fn keep(app: Arc<App>, stop: CancellationToken) {
    // What is asked about is known before it is asked for the first time.
    for site_id in app.api_keys.site_ids() {
        app.recent.want(site_id);
    }
    while !stop.is_cancelled() {
        if let Err(error) = refresh(&app).await {
            tracing::warn!(
                error = format!("{error:#}"),
                "newest comments not read; checks go by those of before"
            );
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(FRESH) => {}
        }
    }
}

/// Reads again what has changed.
pub async fn refresh(app: &App) -> Result<(), StoreError> {
    let stale = app.recent.take_stale();
    if stale.is_empty() {
        return Ok(());
    }
    let mut sites = HashMap::clone(&app.recent.sites.load());
    let mut conn = app.db.conn().await?;
    for &site_id in &stale {
        match read(&mut conn, site_id).await {
            Ok(known) => sites.insert(site_id, Arc::new(known)),
            Err(error) => {
                for site_id in stale {
                    app.recent.want(site_id);
                }
                return Err(error);
            }
        };
    }
    app.recent.sites.store(Arc::new(sites));
    Ok(())
}

async fn read(conn: &mut Conn, site_id: i64) -> Result<Recent, StoreError> {
    let count = |number: i64| u32::try_from(number).unwrap_or_default();
    let (spam, ham) = recent::queue(conn, site_id, RecentQueue::WINDOW.into()).await?;
    let authors = recent::authors(conn, site_id, NEWEST).await?.into_iter();
    let texts = recent::spam_texts(conn, site_id, NEWEST).await?.into_iter();
    Ok(Recent {
        queue: RecentQueue { spam: count(spam), ham: count(ham) },
        authors: authors
            .map(|(key, approved, spam)| (key, AuthorRecord { approved: count(approved), spam: count(spam) }))
            .collect(),
        familiar: recent::familiar(conn, site_id, NEWEST).await?.into_iter().collect(),
        spam_texts: texts.map(|(text, times)| (text, count(times))).collect(),
    })
}
