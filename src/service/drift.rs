//! Signs that the model in force has grown old: how much of what comes in it has never seen, whether its scores are
//! still spread as when it was measured, and whether its probabilities came true for comments people decided on.
//! Read from Postgres at most once a minute, the same for every process and after every restart.

use std::sync::Arc;

use time::{Duration, OffsetDateTime};
use tokio::sync::Mutex;
use uuid::Uuid;

use super::live::label;
use super::retrain::Comparison;
use crate::app::App;
use crate::classifier::{ModelCard, Score, Subject};
use crate::policy::{Histogram, stability_index};
use crate::store::queues::first_id;
use crate::store::scores::{End, TextScore};
use crate::store::{Conn, StoreError, models, scores};
use crate::training::evaluate;

/// So many comments are recent.
const RECENT: i64 = 500;
/// Fewer say nothing about a share or about calibration …
const ENOUGH: usize = 50;
/// … and fewer than these nothing about ten bins: chance alone makes an index of nine over their number.
const ENOUGH_FOR_BINS: u64 = 200;
/// What was read stays true for so long.
const FRESH: Duration = Duration::minutes(1);

/// How the model in force fares.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Drift {
    /// Recent comments it judged, at most 500; those of before the last promotion are not its.
    pub recent: u64,
    /// Mean share of their evidence that it had never seen.
    pub unseen_share: Option<f64>,
    /// Their scores against those of when it was measured.
    pub stability: Option<Stability>,
    /// Its probabilities against what people decided.
    pub audit: Option<Audit>,
}

/// How the spread of the scores has changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stability {
    /// Population stability index, see [`stability_index`].
    pub index: f64,
    /// Whether the comparison is with held-out rows of its training; if not, with its first comments in force.
    pub since_training: bool,
}

/// Calibration on the newest comments that people decided, at most 500. They decide more often on doubtful ones.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Audit {
    /// Comments.
    pub comments: u64,
    /// Mean squared error of the probability.
    pub brier: f64,
    /// Expected calibration error over ten bins.
    pub ece: f64,
}

/// Keeps what was read last.
#[derive(Debug, Default)]
pub struct DriftMonitor(Mutex<Option<Reading>>);

#[derive(Debug, Clone)]
struct Reading {
    at: OffsetDateTime,
    model_id: i64,
    drift: Arc<Drift>,
}

impl DriftMonitor {
    /// How the model in force fares, as of at most a minute ago.
    pub async fn read(&self, app: &App) -> Result<Arc<Drift>, StoreError> {
        let mut last = self.0.lock().await;
        let mut conn = app.db.conn().await?;
        let (model_id, since) = models::active(&mut conn, Subject::Spam.as_str())
            .await?
            .map_or((0, OffsetDateTime::UNIX_EPOCH), |promotion| (promotion.model_id, promotion.promoted_at));
        let now = app.now();
        if let Some(Reading { at, model_id: same, drift }) = &*last
            && *same == model_id
            && now - *at < FRESH
        {
            return Ok(Arc::clone(drift));
        }
        let site_ids: Vec<i64> = app.sites.all().values().map(|site| site.id).collect();
        let drift = Arc::new(measure(&mut conn, &site_ids, model_id, first_id(since)).await?);
        *last = Some(Reading { at: now, model_id, drift: Arc::clone(&drift) });
        Ok(drift)
    }

    /// Sets the gauges. What is not known is not a number.
    pub async fn publish(&self, app: &App) -> Result<(), StoreError> {
        let drift = self.read(app).await?;
        let gauge =
            |name: &'static str, value: Option<f64>| metrics::gauge!(name).set(value.unwrap_or(f64::NAN));
        gauge("moderato_unseen_evidence_share", drift.unseen_share);
        gauge("moderato_score_stability_index", drift.stability.map(|stability| stability.index));
        gauge("moderato_audited_brier", drift.audit.map(|audit| audit.brier));
        gauge("moderato_audited_calibration_error", drift.audit.map(|audit| audit.ece));
        Ok(())
    }
}

async fn measure(conn: &mut Conn, site_ids: &[i64], model_id: i64, since: Uuid) -> Result<Drift, StoreError> {
    let recent = scores::texts(conn, site_ids, model_id, since, End::Newest, RECENT).await?;
    let recent_scores = histogram(&recent, 0.0);
    let mut stability = None;
    if recent_scores.total() >= ENOUGH_FOR_BINS {
        if let Some(Measured { ham, spam, prior }) = measured(conn, model_id).await? {
            let index = stability_index(&ham, &spam, &histogram(&recent, prior));
            stability = Some(Stability { index, since_training: true });
        } else {
            let first = scores::texts(conn, site_ids, model_id, since, End::Oldest, RECENT).await?;
            let apart = first.last().zip(recent.last()).is_some_and(|(first, recent)| first.id < recent.id);
            let first = histogram(&first, 0.0);
            if apart {
                let index = stability_index(&first, &first, &recent_scores);
                stability = Some(Stability { index, since_training: false });
            }
        }
    }
    let audited = scores::audited(conn, site_ids, model_id, since, RECENT).await?;
    let audited: Vec<_> = audited
        .into_iter()
        .filter_map(|(probability, name)| Some((probability, label(Some(&name))?)))
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "at most 500")]
    let comments = recent.len() as f64;
    Ok(Drift {
        recent: recent.len() as u64,
        unseen_share: (recent.len() >= ENOUGH)
            .then(|| recent.iter().map(|score| score.unseen_share).sum::<f64>() / comments),
        stability,
        audit: (audited.len() >= ENOUGH).then(|| {
            let figures = evaluate(&audited, (0.5, 0.5));
            Audit { comments: figures.rows, brier: figures.brier, ece: figures.ece }
        }),
    })
}

/// The scores in a queue whose log-odds of spam are `prior`.
fn histogram(scores: &[TextScore], prior: f64) -> Histogram {
    let told = |score: &TextScore| {
        let log_odds = (score.probability / (1.0 - score.probability)).ln();
        Score::from(log_odds).with_prior(prior).probability
    };
    Histogram::of_probabilities(scores.iter().map(told))
}

/// A model's scores of held-out rows, as they were when it was trained.
struct Measured {
    ham: Histogram,
    spam: Histogram,
    /// Log-odds of spam among its rows, which its measured probabilities were told.
    prior: f64,
}

/// What was measured of a model, if it was trained here on enough rows.
async fn measured(conn: &mut Conn, model_id: i64) -> Result<Option<Measured>, StoreError> {
    let Some(row) = models::find(conn, model_id).await? else { return Ok(None) };
    let card = serde_json::from_value::<ModelCard>(row.card).ok();
    let comparison = row.comparison.and_then(|kept| serde_json::from_value::<Comparison>(kept).ok());
    let Some((card, comparison)) = card.zip(comparison) else { return Ok(None) };
    let bins = &comparison.candidate.reliability;
    let ham = Histogram::of_counts(bins.iter().map(|bin| bin.ham));
    let spam = Histogram::of_counts(bins.iter().map(|bin| bin.spam));
    let enough = ham.total() + spam.total() >= ENOUGH_FOR_BINS;
    Ok(enough.then_some(Measured { ham, spam, prior: card.calibration.prior }))
}
