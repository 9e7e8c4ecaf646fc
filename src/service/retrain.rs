//! Retraining from the desk: labelled rows of an uploaded CSV and the decisions gathered here give a candidate,
//! measured beside the model in force on the same rows that neither decision on it has seen.

use std::convert::Infallible;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::available_parallelism;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use super::accounts::Moderator;
use super::live::label;
use super::models::{Origin, register};
use crate::app::App;
use crate::classifier::{Evaluation, Label, Model, Source};
use crate::policy::Thresholds;
use crate::store::jobs::JobRow;
use crate::store::{Channel, StoreError, Tx, examples, jobs, models, training_files};
use crate::training::rows::{Columns, LabelledRow, LabelledRows};
use crate::training::{Bin, TrainOptions, Trained, Validation, bins, evaluate, gather, measure};

/// The job's name in the queue.
pub const JOB: &str = "retrain";
/// Share of each class that is held out to measure on.
const HELD_OUT: f64 = 0.2;
/// So many rows that could not be used are listed.
const LISTED: usize = 100;
/// Uploads are stored in pieces of this size.
const PIECE: usize = 1 << 20;
/// Comments are read from the database in batches of this many.
const BATCH: i64 = 1_000;

/// What a retraining is to learn from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Order {
    /// The uploaded file, if there is one.
    pub file: Option<Uuid>,
    /// Its name.
    pub file_name: String,
    /// Whether the decisions gathered here are learnt from as well.
    pub with_decisions: bool,
}

/// What came out of a retraining; kept with the model version.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Comparison {
    /// The new model.
    pub candidate: Measured,
    /// The model in force at the time, by its number, on the same rows.
    pub current: Option<(i64, Measured)>,
    /// Rows learnt from.
    pub used: u64,
    /// Rows that could not be used.
    pub left_out: u64,
    /// The first of them.
    pub bad_rows: Vec<BadRow>,
}

/// A model's figures on the held-out rows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Measured {
    /// All figures.
    pub evaluation: Evaluation,
    /// What was said and what came true.
    pub reliability: Vec<Bin>,
}

impl Measured {
    fn of(scored: &[(f64, Label)]) -> Self {
        let cuts = (Thresholds::DEFAULT.approve_below(), Thresholds::DEFAULT.reject_from());
        Self { evaluation: evaluate(scored, cuts), reliability: bins(scored).to_vec() }
    }
}

/// A row that could not be used.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BadRow {
    /// Its line in the file.
    pub line: u64,
    /// Why.
    pub reason: String,
}

/// A job did not do its work.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct JobError {
    message: String,
    /// Whether trying again later may work.
    pub passing: bool,
}

impl JobError {
    /// An error that stays, however often it is tried.
    pub fn lasting(error: impl std::fmt::Display) -> Self {
        Self { message: printable(&error.to_string()), passing: false }
    }
}

impl From<StoreError> for JobError {
    fn from(error: StoreError) -> Self {
        let passing = matches!(error, StoreError::Unavailable(_));
        Self { message: error.to_string(), passing }
    }
}

/// An upload under way. Nothing of it stays unless it is [finished](Upload::finish).
pub struct Upload {
    tx: Tx,
    id: Uuid,
    name: String,
    pieces: i32,
    buffer: Vec<u8>,
    size: u64,
}

impl Upload {
    /// Begins an upload.
    pub async fn begin(app: &App, moderator: &Moderator, name: &str) -> Result<Self, StoreError> {
        let now = app.now();
        let id = app.new_id(now);
        let mut tx = app.db.begin().await?;
        training_files::insert(&mut tx, id, name, moderator.id, now).await?;
        Ok(Self { tx, id, name: name.to_owned(), pieces: 0, buffer: Vec::with_capacity(PIECE), size: 0 })
    }

    /// Adds what has arrived.
    pub async fn push(&mut self, mut bytes: &[u8]) -> Result<(), StoreError> {
        self.size += bytes.len() as u64;
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PIECE - self.buffer.len()));
            self.buffer.extend_from_slice(now);
            bytes = later;
            if self.buffer.len() == PIECE {
                self.store_piece().await?;
            }
        }
        Ok(())
    }

    /// Bytes so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Stores the rest and enqueues the retraining; returns the job's number.
    pub async fn finish(mut self, app: &App, with_decisions: bool) -> Result<i64, StoreError> {
        if !self.buffer.is_empty() {
            self.store_piece().await?;
        }
        let order = Order { file: Some(self.id), file_name: self.name, with_decisions };
        enqueue(app, self.tx, &order).await
    }

    async fn store_piece(&mut self) -> Result<(), StoreError> {
        training_files::append(&mut self.tx, self.id, self.pieces, &self.buffer).await?;
        self.pieces += 1;
        self.buffer.clear();
        Ok(())
    }
}

/// Asks for a retraining from the decisions alone; returns the job's number.
pub async fn from_decisions(app: &App) -> Result<i64, StoreError> {
    let order = Order { file: None, file_name: String::new(), with_decisions: true };
    enqueue(app, app.db.begin().await?, &order).await
}

async fn enqueue(app: &App, mut tx: Tx, order: &Order) -> Result<i64, StoreError> {
    let now = app.now();
    let payload = serde_json::to_value(order).unwrap_or_default();
    let id = jobs::enqueue(&mut tx, JOB, &payload, now, now).await?;
    Channel::Jobs.notify(&mut tx).await?;
    tx.commit().await?;
    Ok(id)
}

/// One retraining, as asked for and as far as it is.
pub async fn find(app: &App, id: i64) -> Result<Option<JobRow>, StoreError> {
    jobs::find(&mut *app.db.conn().await?, JOB, id).await
}

/// The newest retraining.
pub async fn newest(app: &App) -> Result<Option<JobRow>, StoreError> {
    Ok(jobs::newest(&mut *app.db.conn().await?, JOB, 1).await?.pop())
}

/// How many comments people have labelled by deciding on them.
pub async fn labelled(app: &App) -> Result<u64, StoreError> {
    examples::count_labelled(&mut *app.db.conn().await?).await
}

/// How far a retraining is.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Progress {
    /// What happens now, in words.
    pub phase: String,
    /// Share of it that is done, 0 to 1.
    pub done: Option<f64>,
}

/// Carries out a retraining: the candidate is registered, not promoted.
pub async fn run(app: &Arc<App>, job: i64, payload: &Value) -> Result<Value, JobError> {
    let order: Order = serde_json::from_value(payload.clone()).map_err(JobError::lasting)?;
    report(app, job, "Reading rows", None).await?;
    let file = match order.file {
        Some(id) => Some(read_file(app, id).await?),
        None => None,
    };
    let through = examples::newest(&mut *app.db.conn().await?).await?;
    let decided = if order.with_decisions { decided_rows(app, &through).await? } else { Vec::new() };
    let active = models::active(&mut *app.db.conn().await?).await?;
    let current = match active {
        Some(active) => models::artifact(&mut *app.db.conn().await?, active.model_id)
            .await?
            .and_then(|bytes| Some((active.model_id, Model::from_bytes(&bytes).ok()?))),
        None => None,
    };

    let trained_at = app.now().format(&Rfc3339).unwrap_or_default();
    let done = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&done);
    let mut work = tokio::task::spawn_blocking(move || {
        learn(&order, file.as_deref(), decided, current.as_ref(), trained_at, &counter)
    });
    // A sign of life every second, which also keeps the lease.
    let outcome = loop {
        match tokio::time::timeout(Duration::from_secs(1), &mut work).await {
            Ok(ended) => break ended.map_err(JobError::lasting)?,
            Err(_still_working) => {
                let share = f64::from_bits(done.load(Ordering::Relaxed));
                report(app, job, "Learning and measuring", Some(share)).await?;
            }
        }
    };
    let (model, comparison, with_decisions) = outcome?;
    let mut tx = app.db.begin().await?;
    let comparison = serde_json::to_value(comparison).unwrap_or_default();
    let through = if with_decisions { through } else { Vec::new() };
    let id = register(&mut tx, &model, Origin::Trained, Some(&comparison), &through, app.now()).await?;
    tx.commit().await?;
    Ok(json!({ "model": id }))
}

async fn report(app: &App, job: i64, phase: &str, done: Option<f64>) -> Result<(), StoreError> {
    let progress = Progress { phase: phase.to_owned(), done };
    let value = serde_json::to_value(progress).unwrap_or_default();
    jobs::progress(&mut *app.db.conn().await?, job, &value, app.now()).await.map(drop)
}

async fn read_file(app: &App, id: Uuid) -> Result<Vec<u8>, JobError> {
    let mut conn = app.db.conn().await?;
    let mut bytes = Vec::new();
    for no in 0.. {
        match training_files::chunk(&mut conn, id, no).await? {
            Some(piece) => bytes.extend(piece),
            None => break,
        }
    }
    if bytes.is_empty() {
        return Err(JobError::lasting(
            "the uploaded file is empty, or not there any more; please upload it again",
        ));
    }
    Ok(bytes)
}

async fn decided_rows(app: &App, through: &[(i64, i64)]) -> Result<Vec<LabelledRow>, StoreError> {
    let mut rows = Vec::new();
    let mut conn = app.db.conn().await?;
    for &(site_id, seq) in through {
        let mut after = Uuid::nil();
        loop {
            let batch = examples::labelled(&mut conn, site_id, seq, after, BATCH).await?;
            let Some(last) = batch.last() else { break };
            after = last.id;
            for comment in batch {
                let Some(label) = label(Some(&comment.label)) else { continue };
                rows.push(LabelledRow {
                    content: comment.body,
                    author: comment.author,
                    email: comment.email,
                    url: comment.url,
                    date: date(comment.created_at),
                    ..LabelledRow::new(label)
                });
            }
        }
    }
    Ok(rows)
}

fn date(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

fn learn(
    order: &Order,
    file: Option<&[u8]>,
    decided: Vec<LabelledRow>,
    current: Option<&(i64, Model)>,
    trained_at: String,
    done: &AtomicU64,
) -> Result<(Model, Comparison, bool), JobError> {
    let options = TrainOptions {
        validation: Validation::Share(HELD_OUT),
        seed: 0,
        threads: available_parallelism().unwrap_or(NonZeroUsize::MIN),
        thresholds: (Thresholds::DEFAULT.approve_below(), Thresholds::DEFAULT.reject_from()),
        trained_at,
        trained_by: "the models page of the desk".to_owned(),
    };
    let mut table = file
        .map(|file| LabelledRows::open(file, &Columns::default()))
        .transpose()
        .map_err(|error| JobError::lasting(format!("{} cannot be used: {error}", order.file_name)))?;
    let meter = table.as_ref().map(LabelledRows::meter).unwrap_or_default();
    let size = file.map_or(0, <[u8]>::len);
    let mut bad_rows = Vec::new();
    let usable = table.iter_mut().flatten().filter_map(|row| {
        #[expect(clippy::cast_precision_loss, reason = "a share for a progress bar")]
        let share = meter.bytes() as f64 / size.max(1) as f64;
        done.store(share.to_bits(), Ordering::Relaxed);
        row.map_err(|error| {
            if bad_rows.len() < LISTED {
                bad_rows.push(BadRow { line: error.line, reason: printable(&error.reason) });
            }
        })
        .ok()
    });
    let mut desk = Source { name: "decisions made on the desk".to_owned(), ..Source::default() };
    let source = usize::from(file.is_some());
    let decided = decided.into_iter().map(|row| {
        desk.count(row.label);
        LabelledRow { source, ..row }
    });
    let Ok(gathered) = gather(usable.chain(decided).map(Ok::<_, Infallible>), options);
    let mut sources: Vec<Source> = table.iter().map(|table| table.source(&order.file_name)).collect();
    let left_out = sources.iter().map(|source| source.left_out).sum();
    if desk.rows > 0 {
        sources.push(desk);
    }
    let trained = gathered
        .train(sources)
        .map_err(|error| JobError::lasting(describe(&error.to_string(), left_out, &bad_rows)))?;
    let Trained { model, scored, held_out, .. } = trained;
    let current = current.map(|(id, current)| (*id, Measured::of(&measure(current, &held_out))));
    let used = model.card().rows;
    let comparison = Comparison { candidate: Measured::of(&scored), current, used, left_out, bad_rows };
    Ok((model, comparison, order.with_decisions))
}

/// A message that quotes a file may quote anything; Postgres stores no NUL.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect()
}

/// What went wrong, with the first bad rows where they may be the reason.
fn describe(error: &str, left_out: u64, bad_rows: &[BadRow]) -> String {
    let message = format!("No model could be trained: {error}.");
    if let Some(first) = bad_rows.first() {
        let BadRow { line, reason } = first;
        return format!("{message} {left_out} rows were left out; line {line}: {reason}.");
    }
    message
}
