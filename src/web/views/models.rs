//! Models: what is live, what came before, and teaching a new one.

use askama::Template;

use super::comparison::{Comparison, Figures};
use super::desk::Flash;
use super::figures::{count, percent, plural};
use super::parts::{Layout, Link, Moment, PostButton};
use super::shadow::ShadowPanel;

/// The live model, its predecessors, and the form that teaches a new one.
#[derive(Debug, Clone, Template)]
#[template(path = "models/index.html")]
pub struct ModelsPage {
    /// Around the page.
    pub layout: Layout,
    /// What just happened.
    pub flash: Option<Flash>,
    /// The live model. `None` before there is one.
    pub current: Option<ModelCard>,
    /// How the live model fares of late.
    pub signs: Signs,
    /// Sites that decide by a promise.
    pub promises: Vec<SitePromise>,
    /// The model in its shadow.
    pub shadow: Option<ShadowPanel>,
    /// A training that runs, or waits for a decision: its page.
    pub training: Option<Link>,
    /// Every model, newest first.
    pub versions: Vec<ModelVersion>,
    /// The upload form. `None` for people who may not train.
    pub upload: Option<UploadForm>,
}

/// The live model.
#[derive(Debug, Clone)]
pub struct ModelCard {
    /// Its version: `4`.
    pub version: String,
    /// Where it came from: `comments.csv and 412 decisions`.
    pub origin: String,
    /// When it was trained.
    pub trained: Moment,
    /// Rows it learned from.
    pub rows: u64,
    /// Of these, spam.
    pub spam: u64,
    /// How it did on rows it had not seen. `None`: never measured.
    pub figures: Option<Figures>,
}

/// How a model fares of late.
#[derive(Debug, Clone)]
pub struct Signs {
    /// Comments it judged, up to 500.
    pub recent: u64,
    /// The figures.
    pub signs: Vec<Sign>,
}

/// One figure of how a model fares.
#[derive(Debug, Clone)]
pub struct Sign {
    /// What is measured.
    pub name: String,
    /// The figure. `None`: not enough comments yet.
    pub value: Option<String>,
    /// What it means.
    pub meaning: String,
}

/// What a site promises of what it decides without a person.
#[derive(Debug, Clone)]
pub struct SitePromise {
    /// The site's name in URLs.
    pub name: String,
    /// Its title for people.
    pub title: String,
    /// Below this spam probability a comment is published. `None`: none is.
    pub approve_below: Option<f64>,
    /// From this spam probability on a comment is turned away. `None`: none is.
    pub reject_from: Option<f64>,
    /// For each end: the promise and the bound of its error, or what is missing.
    pub sentences: [String; 2],
    /// Of its newest comments …
    pub recent: u64,
    /// … so many are decided by these thresholds.
    pub decided: u64,
}

/// A model that its trial speaks against.
#[derive(Debug, Clone)]
pub struct Refused {
    /// Why, a sentence each, without the full stop.
    pub reasons: Vec<String>,
    /// Puts it in force all the same; a box must be ticked. `None` for people who may not.
    pub promote: Option<PostButton>,
}

/// One line of the list of models.
#[derive(Debug, Clone)]
pub struct ModelVersion {
    /// Its version.
    pub version: String,
    /// What it judges: `spam` or `abuse`.
    pub judges: String,
    /// Where it came from.
    pub origin: String,
    /// When it was trained.
    pub trained: Moment,
    /// Rows it learned from.
    pub rows: u64,
    /// Share decided rightly on rows it had not seen.
    pub accuracy: Option<f64>,
    /// Is it live?
    pub live: bool,
    /// Makes it live: `Promote`, or `Roll back` for the one before.
    pub promote: Option<PostButton>,
    /// In place of `Promote`, where its trial speaks against it.
    pub refused: Option<Refused>,
    /// Lets it score in the shadow of the live one.
    pub try_in_shadow: Option<PostButton>,
    /// Is it in the shadow?
    pub in_shadow: bool,
}

/// Teaching from a labelled CSV: fields `file` and `with_decisions` (`yes`), sent as multipart form data.
#[derive(Debug, Clone)]
pub struct UploadForm {
    /// Where it posts to.
    pub action: String,
    /// Labelled comments gathered by the desk's decisions.
    pub decisions: u64,
    /// Largest file taken: `64 MB`.
    pub largest: String,
    /// Why the last file was refused.
    pub error: Option<String>,
}

/// One training, from start to promotion.
#[derive(Debug, Clone, Template)]
#[template(path = "models/training.html")]
pub struct TrainingPage {
    /// Around the page.
    pub layout: Layout,
    /// What just happened.
    pub flash: Option<Flash>,
    /// What it learns from: `comments.csv and 412 decisions`.
    pub source: String,
    /// When it was asked for.
    pub started: Moment,
    /// How far it is.
    pub stage: Stage,
}

/// How far a training is.
#[derive(Debug, Clone)]
pub enum Stage {
    /// Waiting or working.
    Running(Progress),
    /// It did not work.
    Failed(Failure),
    /// There is a result.
    Done(Box<Outcome>),
}

/// A training at work.
#[derive(Debug, Clone)]
pub struct Progress {
    /// Share done, 0 to 1. `None`: not known.
    pub done: Option<f64>,
    /// What happens now, in words: `Reading rows`.
    pub phase: String,
    /// Address of `{"done": 0..1 or null, "phase": "…", "running": true}`; once `running` is false the page is
    /// loaded again.
    pub poll: String,
    /// Without JavaScript the page is loaded again after so many seconds.
    pub refresh_seconds: u32,
}

/// Why a training did not work.
#[derive(Debug, Clone)]
pub struct Failure {
    /// What happened.
    pub what: String,
    /// What to do next.
    pub next: String,
    /// Rows that could not be used.
    pub left_out: Option<BadRows>,
}

/// A finished training.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// In a sentence: `Better than the current model on every figure.`
    pub summary: String,
    /// The new model beside the current one. `None`: there were too few rows to measure on.
    pub comparison: Option<Comparison>,
    /// Rows that could not be used.
    pub left_out: BadRows,
    /// The two models beside each other, comment by comment.
    pub duel: Option<String>,
    /// Makes it live: `Promote`.
    pub promote: Option<PostButton>,
    /// In place of `promote`, where the trial speaks against it.
    pub refused: Option<Refused>,
    /// What was decided: `Promoted by Mara, 2 hours ago`.
    pub decided: Option<String>,
}

/// Rows of a CSV that were left out.
#[derive(Debug, Clone)]
pub struct BadRows {
    /// Rows used.
    pub used: u64,
    /// Rows left out.
    pub left_out: u64,
    /// The first of those left out.
    pub rows: Vec<BadRow>,
}

/// One row that could not be used.
#[derive(Debug, Clone)]
pub struct BadRow {
    /// Line in the file, from 1.
    pub line: u64,
    /// Why: `no label`.
    pub reason: String,
}

impl ModelVersion {
    fn accuracy(&self) -> String {
        self.accuracy.map_or_else(|| "–".to_owned(), percent)
    }
}

impl SitePromise {
    #[expect(clippy::cast_precision_loss, reason = "counts of a few hundred comments")]
    fn decided_alone(&self) -> String {
        percent(self.decided as f64 / self.recent as f64)
    }
}

impl ModelCard {
    fn ham(&self) -> u64 {
        self.rows.saturating_sub(self.spam)
    }
}
