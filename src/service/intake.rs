//! Comments that programs had judged, on their way into Postgres: answered first, stored in batches right behind. Bounded, so
//! that a database that is away or slow is told to the programs instead of filling memory; and emptied at a clean stop.

use std::collections::{BTreeSet, HashMap, hash_map};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::{Mutex, mpsc};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::callbacks;
use super::check::{Comment, Said};
use super::judge::{Fresh, Judged, store};
use super::moderate;
use super::sites::Site;
use super::usage::{self, Usage};
use crate::app::App;
use crate::comment::State;
use crate::policy::Judgement;
use crate::store::{StoreError, Tx, articles, comments, decisions};

/// So many wait at most.
const WAITING: usize = 20_000;
/// So many are stored together.
const BATCH: usize = 200;
/// Between attempts while Postgres is away.
const RETRY: Duration = Duration::from_millis(500);
/// So often it is looked whether everything is stored, within [`RETRY`].
const SETTLING: u32 = 25;
/// So often it is tried again at a stop.
const LAST_ATTEMPTS: u32 = 20;

/// What a check leaves behind.
#[derive(Debug)]
pub struct Entry {
    /// The key that asked.
    pub key_id: i64,
    /// Host of the page that asked.
    pub blog: String,
    /// What it counts as.
    pub counted: Usage,
    /// When.
    pub at: OffsetDateTime,
    /// UUIDv7 of the comment.
    pub id: Uuid,
    /// The site, as it was then.
    pub site: Arc<Site>,
    /// The comment.
    pub comment: Comment,
    /// What came out.
    pub(super) judged: Judged,
    /// What the program was told; `None` where it told us.
    pub said: Option<Said>,
    /// Where the program wants to be told what becomes of it.
    pub callback: Option<String>,
}

/// What waits to be stored.
#[derive(Debug)]
pub struct Intake {
    door: mpsc::Sender<Entry>,
    /// How many were ever taken in.
    taken: AtomicU64,
    /// How many of them are not waiting any more. The queue keeps its order, so these are the first.
    stored: AtomicU64,
    /// Locked while a batch is stored.
    inside: Mutex<Inside>,
}

#[derive(Debug)]
struct Inside {
    waiting: mpsc::Receiver<Entry>,
    /// Taken out, and not stored yet.
    batch: Vec<Entry>,
}

impl Default for Intake {
    fn default() -> Self {
        let (door, waiting) = mpsc::channel(WAITING);
        Self {
            door,
            taken: AtomicU64::new(0),
            stored: AtomicU64::new(0),
            inside: Mutex::new(Inside { waiting, batch: Vec::new() }),
        }
    }
}

/// Too much waits already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

impl Intake {
    /// How many were taken in by now.
    pub(super) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Acquire)
    }

    /// Whether one of the first so many waits to be stored.
    pub(super) fn is_behind(&self, taken: u64) -> bool {
        self.stored.load(Ordering::Acquire) < taken
    }

    /// Takes a comment in.
    pub fn take(&self, entry: Entry) -> Result<(), Full> {
        self.door.try_send(entry).map_err(|_full| Full)?;
        self.taken.fetch_add(1, Ordering::AcqRel);
        Ok(())
    }
}

/// Stores what comes in until `stop`, and then what is left.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut inside = app.intake.inside.lock().await;
    while !stop.is_cancelled() {
        let Inside { waiting, batch } = &mut *inside;
        if batch.is_empty() {
            tokio::select! {
                () = stop.cancelled() => break,
                _ = waiting.recv_many(batch, BATCH) => {}
            }
        }
        if let Err(error) = store_batch(&app, &mut inside.batch).await {
            tracing::warn!(error = format!("{error:#}"), "checked comments not stored yet; trying again");
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(RETRY) => {}
            }
        }
    }
    for attempt in 1..=LAST_ATTEMPTS {
        match drain(&app, &mut inside).await {
            Ok(()) => return,
            Err(error) => {
                tracing::warn!(attempt, error = format!("{error:#}"), "checked comments not stored yet");
                tokio::time::sleep(RETRY).await;
            }
        }
    }
    let left = inside.batch.len() + inside.waiting.len();
    tracing::error!(comments = left, "Postgres stayed away: these checked comments are lost");
}

/// Stores one comment at once.
pub(super) async fn store_now(app: &App, entry: Entry) -> Result<(), StoreError> {
    store_all(app, &[entry]).await
}

/// Stores everything that waits, unless [`run`] does.
pub async fn flush(app: &App) -> Result<(), StoreError> {
    match app.intake.inside.try_lock() {
        Ok(mut inside) => drain(app, &mut inside).await,
        Err(_locked) => Ok(()),
    }
}

/// Waits, but not for long, until the first so many are stored.
pub(super) async fn settle(app: &App, taken: u64) -> Result<(), StoreError> {
    for _ in 0..SETTLING {
        flush(app).await?;
        if !app.intake.is_behind(taken) {
            break;
        }
        tokio::time::sleep(RETRY / SETTLING).await;
    }
    Ok(())
}

async fn drain(app: &App, inside: &mut Inside) -> Result<(), StoreError> {
    loop {
        while inside.batch.len() < BATCH
            && let Ok(entry) = inside.waiting.try_recv()
        {
            inside.batch.push(entry);
        }
        if inside.batch.is_empty() {
            return Ok(());
        }
        store_batch(app, &mut inside.batch).await?;
    }
}

async fn store_batch(app: &App, batch: &mut Vec<Entry>) -> Result<(), StoreError> {
    let before = batch.len();
    let stored = try_batch(app, batch).await;
    app.intake.stored.fetch_add((before - batch.len()) as u64, Ordering::AcqRel);
    stored
}

/// Stores a batch together, and empties it. Where one row is refused, which would be a bug, each is tried by itself, so that it
/// takes no other with it.
async fn try_batch(app: &App, batch: &mut Vec<Entry>) -> Result<(), StoreError> {
    match store_all(app, batch).await {
        Ok(()) => {}
        Err(error @ StoreError::Unavailable(_)) => return Err(error),
        Err(_) => {
            // The oldest first: what was asked twice stands where the last answer puts it.
            while let Some(entry) = batch.first() {
                match store_all(app, std::slice::from_ref(entry)).await {
                    Err(error @ StoreError::Unavailable(_)) => return Err(error),
                    Err(error) => tracing::error!(
                        comment.id = %entry.id,
                        error = format!("{error:#}"),
                        "a checked comment cannot be stored"
                    ),
                    Ok(()) => {}
                }
                batch.remove(0);
            }
        }
    }
    batch.clear();
    Ok(())
}

async fn store_all(app: &App, entries: &[Entry]) -> Result<(), StoreError> {
    let mut tx = app.db.begin().await?;
    let mut pages = HashMap::new();
    let mut counts: HashMap<(i64, &str), (Usage, OffsetDateTime)> = HashMap::new();
    for entry in entries {
        let (site, article) = (&entry.site, &entry.comment.article);
        let page = (site.id, article.key());
        if let hash_map::Entry::Vacant(unknown) = pages.entry(page) {
            let id = app.new_id(entry.at);
            unknown.insert(
                articles::ensure(&mut tx, site.id, id, article.key(), article.as_str(), entry.at).await?,
            );
        }
        store_one(app, &mut tx, entry, pages[&page]).await?;
        let count = counts.entry((entry.key_id, &entry.blog)).or_insert((Usage::default(), entry.at));
        count.0 = count.0 + entry.counted;
    }
    // In one order in every process, so that none waits for another in a circle.
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(key, _)| *key);
    for ((key_id, blog), (counted, at)) in counts {
        usage::add(&mut tx, key_id, blog, counted, at).await?;
    }
    tx.commit().await?;
    for site_id in entries.iter().map(|entry| entry.site.id).collect::<BTreeSet<_>>() {
        app.recent.has_changed(site_id);
    }
    Ok(())
}

async fn store_one(app: &App, tx: &mut Tx, entry: &Entry, article_id: Uuid) -> Result<(), StoreError> {
    let comment = &entry.comment;
    let fresh = Fresh {
        id: entry.id,
        article_id,
        article: &comment.article,
        parent: None,
        document: comment.document(),
        author_key: comment.author_key.as_ref().map(|key| &key[..]),
        fingerprint: &comment.fingerprint,
        submission_key: &comment.submission_key,
        judged: &entry.judged,
        asked_by: Some((entry.key_id, entry.callback.as_deref())),
        at: entry.at,
    };
    if !store(app, tx, &entry.site, fresh).await?
        && let Some(said) = entry.said
    {
        ask_again(app, tx, entry, said).await?;
    }
    Ok(())
}

/// A comment that is there already was asked about again. What people have said of it holds, and the program is told where it was
/// answered something else; where nobody has, the comment stands where the newest answer puts it, so that what a program waits for
/// waits on the desk too. What was forgotten of it is known again.
async fn ask_again(app: &App, tx: &mut Tx, entry: &Entry, said: Said) -> Result<(), StoreError> {
    let Entry { site, comment, judged, .. } = entry;
    let by = (entry.key_id, entry.callback.as_deref());
    let Some(found) = comments::ask_again(tx, site.id, &comment.submission_key, by, entry.at).await? else {
        return Ok(());
    };
    if found.forgotten {
        comment.recall(tx, site.id, found.id).await?;
    }
    let answer = match said {
        Said::Ham => Some(false),
        Said::Spam { .. } => Some(true),
        Said::Later(_) => None,
    };
    let stands = decisions::standing(tx, site.id, found.id).await?;
    let logs_only = judged.would_be.is_some();
    if !logs_only {
        let stands = stands.as_deref().and_then(State::parse);
        callbacks::answered(app, tx, site, found.id, (answer, stands)).await?;
    }
    if stands.is_some() || logs_only {
        return Ok(());
    }
    let Judgement { reasons, spam_probability, .. } = &judged.judgement;
    let again = (judged.state, &reasons[..], Some((*spam_probability, judged.model_id)));
    moderate::by_policy(app, tx, site, found.id, again).await
}
