//! Retraining from the desk: labelled rows of an uploaded CSV and the decisions gathered here give a candidate,
//! measured beside the model in force on the same rows that neither decision on it has seen.

use std::collections::HashMap;
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
use super::audit::{About, Actor, Deed, record};
use super::live::label;
use super::models::{Origin, Tried, register};
pub use super::trial::{BadRow, Comparison, Measured};
use super::trial::{Champion, HELD_OUT, Supply, Taught, trial, validation};
use crate::app::App;
use crate::classifier::{Label, Model, Source, Subject};
use crate::policy::{Gate, Thresholds};
use crate::store::jobs::JobRow;
use crate::store::{Channel, StoreError, Tx, examples, jobs, models, training_files};
use crate::training::rows::{Columns, LabelledRow, LabelledRows};
use crate::training::{TrainError, TrainOptions, Trained, Validation, gather};

/// The job's name in the queue.
pub const JOB: &str = "retrain";
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
    pub async fn finish(
        mut self,
        app: &App,
        moderator: &Moderator,
        with_decisions: bool,
    ) -> Result<i64, StoreError> {
        if !self.buffer.is_empty() {
            self.store_piece().await?;
        }
        let order = Order { file: Some(self.id), file_name: self.name, with_decisions };
        enqueue(app, self.tx, moderator, &order).await
    }

    async fn store_piece(&mut self) -> Result<(), StoreError> {
        training_files::append(&mut self.tx, self.id, self.pieces, &self.buffer).await?;
        self.pieces += 1;
        self.buffer.clear();
        Ok(())
    }
}

/// Asks for a retraining from the decisions alone; returns the job's number.
pub async fn from_decisions(app: &App, moderator: &Moderator) -> Result<i64, StoreError> {
    let order = Order { file: None, file_name: String::new(), with_decisions: true };
    enqueue(app, app.db.begin().await?, moderator, &order).await
}

async fn enqueue(app: &App, mut tx: Tx, moderator: &Moderator, order: &Order) -> Result<i64, StoreError> {
    let now = app.now();
    let payload = serde_json::to_value(order).unwrap_or_default();
    let id = jobs::enqueue(&mut tx, JOB, &payload, now, now).await?;
    let details = json!({ "training": id, "file": order.file_name, "with_decisions": order.with_decisions });
    let about = About::default().with(details);
    record(app, &mut tx, Actor::Moderator(moderator.id), Deed::TrainingAsked, about).await?;
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
    let with_decisions = order.with_decisions;
    report(app, job, "Reading rows", None).await?;
    let file = match order.file {
        Some(id) => Some(read_file(app, id).await?),
        None => None,
    };
    let through = examples::newest(&mut *app.db.conn().await?, app.settled()).await?;
    let champion = champion(app).await?;
    let known = match &champion {
        Some(champion) => models::trained_through(&mut *app.db.conn().await?, champion.id).await?,
        None => Vec::new(),
    };
    let decided = if order.with_decisions {
        decided_rows(app, &through, &known.into_iter().collect()).await?
    } else {
        Vec::new()
    };

    let trained_at = app.now().format(&Rfc3339).unwrap_or_default();
    let done = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&done);
    let mut work = tokio::task::spawn_blocking(move || {
        learn(&order, file.as_deref(), decided, champion.as_ref(), &trained_at, &counter)
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
    let (model, comparison, refusal) = outcome?;
    let mut tx = app.db.begin().await?;
    let tried = Tried { comparison: serde_json::to_value(comparison).unwrap_or_default(), refusal };
    let through = if with_decisions { through } else { Vec::new() };
    let id = register(&mut tx, &model, Origin::Trained, Some(&tried), &through, app.now()).await?;
    tx.commit().await?;
    if !tried.refusal.is_empty() {
        tracing::warn!(model.id = id, refusal = tried.refusal.join("; "), "the new model is refused");
    }
    Ok(json!({ "model": id }))
}

/// The model in force. One whose file is broken is no measure.
async fn champion(app: &App) -> Result<Option<Champion>, StoreError> {
    let mut conn = app.db.conn().await?;
    let Some(active) = models::active(&mut conn, Subject::Spam.as_str()).await? else { return Ok(None) };
    let artifact = models::artifact(&mut conn, active.model_id).await?;
    let model = artifact.and_then(|bytes| Model::from_bytes(&bytes).ok());
    Ok(model.map(|model| Champion { id: active.model_id, model }))
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

/// The comments people have decided on at one site.
struct Decided {
    site: String,
    rows: Vec<LabelledRow>,
    /// What the model in force was taught each of them is.
    taught: Vec<Option<Label>>,
}

/// Reads every site's decisions up to change number `through`; the model in force knows those up to `known`.
async fn decided_rows(
    app: &App,
    through: &[(i64, i64)],
    known: &HashMap<i64, i64>,
) -> Result<Vec<Decided>, StoreError> {
    let mut sites = Vec::new();
    let mut conn = app.db.conn().await?;
    for &(site_id, seq) in through {
        let known = known.get(&site_id).copied().unwrap_or_default();
        let site = app.sites.by_id(site_id).map_or_else(|| site_id.to_string(), |site| site.name.clone());
        let mut decided = Decided { site, rows: Vec::new(), taught: Vec::new() };
        let mut after = Uuid::nil();
        loop {
            let batch = examples::labelled(&mut conn, site_id, seq, known, after, BATCH).await?;
            let Some(last) = batch.last() else { break };
            after = last.id;
            for comment in batch {
                let known = label(comment.known_label.as_deref());
                let Some(label) = label(Some(&comment.label)) else { continue };
                decided.taught.push(known);
                decided.rows.push(LabelledRow {
                    line: decided.taught.len() as u64,
                    content: comment.body,
                    author: comment.author,
                    email: comment.email,
                    url: comment.url,
                    date: date(comment.created_at),
                    ..LabelledRow::new(label)
                });
            }
        }
        if !decided.rows.is_empty() {
            sites.push(decided);
        }
    }
    Ok(sites)
}

fn date(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

/// The new model, what came out of its trial, and why it is refused, if it is.
type Learnt = (Model, Comparison, Vec<String>);

fn learn(
    order: &Order,
    file: Option<&[u8]>,
    decided: Vec<Decided>,
    champion: Option<&Champion>,
    trained_at: &str,
    done: &AtomicU64,
) -> Result<Learnt, JobError> {
    let mut supplies = Vec::new();
    let mut rows = Vec::new();
    let mut bad_rows = Vec::new();
    let mut left_out = 0;
    if let Some(file) = file {
        let mut table = LabelledRows::open(file, &Columns::default())
            .map_err(|error| JobError::lasting(format!("{} cannot be used: {error}", order.file_name)))?;
        for row in table.by_ref() {
            match row {
                Ok(row) => rows.push(row),
                Err(error) if bad_rows.len() < LISTED => {
                    bad_rows.push(BadRow { line: error.line, reason: printable(&error.reason) });
                }
                Err(_) => {}
            }
        }
        let source = table.source(&order.file_name);
        left_out = source.left_out;
        let known = champion.is_some_and(|champion| champion.knows(&source.checksum));
        supplies.push(Supply { source, taught: if known { Taught::AsLabelled } else { Taught::Nothing } });
    }
    for Decided { site, rows: decided, taught } in decided {
        let mut source = Source { name: format!("decisions made at {site}"), ..Source::default() };
        for row in decided {
            source.count(row.label);
            rows.push(LabelledRow { source: supplies.len(), ..row });
        }
        supplies.push(Supply { source, taught: Taught::Each(taught) });
    }
    let train = |validation: Validation| {
        let options = TrainOptions {
            subject: Subject::Spam,
            validation,
            seed: 0,
            threads: available_parallelism().unwrap_or(NonZeroUsize::MIN),
            thresholds: (Thresholds::DEFAULT.approve_below(), Thresholds::DEFAULT.reject_from()),
            trained_at: trained_at.to_owned(),
            trained_by: "the models page of the desk".to_owned(),
        };
        let read = rows.iter().enumerate().map(|(place, row)| {
            #[expect(clippy::cast_precision_loss, reason = "a share for a progress bar")]
            let share = place as f64 / rows.len() as f64;
            done.store(share.to_bits(), Ordering::Relaxed);
            Ok::<_, Infallible>(row.clone())
        });
        let Ok(gathered) = gather(read, options);
        gathered.train(supplies.iter().map(|supply| supply.source.clone()).collect())
    };
    let trained = match train(validation(rows.iter().map(|row| row.date.as_str()))) {
        // The newest rows, or the older ones, are all of one class.
        Err(TrainError::Split { .. }) => train(Validation::Share(HELD_OUT)),
        trained => trained,
    };
    let Trained { model, scored, held_out, .. } =
        trained.map_err(|error| JobError::lasting(describe(&error.to_string(), left_out, &bad_rows)))?;
    let (current, Gate { duel, refusals }) = trial(champion, model.prior(), &held_out, &scored, &supplies);
    let comparison = Comparison {
        candidate: Measured::of(&scored),
        current,
        duel,
        used: rows.len() as u64,
        left_out,
        bad_rows,
    };
    Ok((model, comparison, refusals.iter().map(|refusal| printable(&refusal.to_string())).collect()))
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
