//! Model versions and how well they were measured to do.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;
use utoipa::openapi::schema::ObjectBuilder;

use super::gate::{By, ToRead};
use super::shape::{Answer, Problem, one_of};
use crate::classifier::{Evaluation, ModelCard, Subject};
use crate::service::models::{self, Version};
use crate::service::retrain::Comparison;
use crate::web::error::WebError;
use crate::web::router::Shared;

/// The model versions.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Models {
    /// The newest first.
    models: Vec<ModelVersion>,
}

/// A model version.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ModelVersion {
    /// Its number.
    id: i64,
    /// What it judges.
    #[schema(schema_with = subject)]
    subject: String,
    /// Where it comes from: shipped, trained here, or brought in as a file.
    #[schema(schema_with = origin)]
    origin: String,
    /// Whether it is in force.
    active: bool,
    /// Whether it scores in the shadow of the one in force.
    shadow: bool,
    /// BLAKE3 of its file, in hexadecimal.
    checksum: String,
    /// When it was registered.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// Why its trial refused it, a sentence each; empty if it did not.
    refusal: Vec<String>,
}

fn subject() -> ObjectBuilder {
    one_of(Subject::ALL.map(Subject::as_str))
}

fn origin() -> ObjectBuilder {
    one_of(["starter", "trained", "imported"])
}

impl From<Version> for ModelVersion {
    fn from(version: Version) -> Self {
        Self {
            id: version.id,
            subject: version.subject,
            origin: version.origin,
            active: version.active,
            shadow: version.shadow,
            checksum: version.checksum,
            created_at: version.created_at,
            refusal: version.refusal,
        }
    }
}

/// A model version with what its card says.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ModelWithEvaluation {
    #[serde(flatten)]
    model: ModelVersion,
    /// When it was trained, as the trainer gave it.
    trained_at: String,
    /// Comments it was trained on.
    rows: u64,
    /// Those of them that are spam.
    spam: u64,
    /// Those of them that are genuine.
    ham: u64,
    /// How the rows that it was measured on were chosen, in words.
    measured: String,
    /// Figures on rows held out from the training; none if there were too few.
    evaluation: Option<EvaluationFigures>,
    /// It and the model that was in force beside each other, where it was trained here.
    comparison: Option<ModelComparison>,
}

/// Two models on the same held-out rows, which neither has learnt from.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ModelComparison {
    /// The model that was in force then.
    with: i64,
    /// This model.
    this: EvaluationFigures,
    /// The one that was in force.
    other: EvaluationFigures,
    /// Rows that only this one called rightly.
    only_this_right: Option<u64>,
    /// Rows that only the one in force called rightly.
    only_other_right: Option<u64>,
    /// How likely so many more mistakes of this one are by chance, were both equally good (`McNemar`'s test, mid-p).
    more_mistakes_p: Option<f64>,
}

fn beside(Comparison { candidate, current, duel, .. }: Comparison) -> Option<ModelComparison> {
    let (with, other) = current?;
    Some(ModelComparison {
        with,
        this: candidate.evaluation.into(),
        other: other.evaluation.into(),
        only_this_right: duel.map(|duel| duel.only_challenger_right),
        only_other_right: duel.map(|duel| duel.only_champion_right),
        more_mistakes_p: duel.map(|duel| duel.more_mistakes_p),
    })
}

/// How well labelled comments were told apart. Spam is the positive class, from a probability of one half on.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct EvaluationFigures {
    /// Rows measured.
    rows: u64,
    /// Spam among them.
    spam: u64,
    /// Genuine ones among them.
    ham: u64,
    /// Share of rows judged rightly.
    accuracy: f64,
    /// Share of spam among what was called spam.
    precision: f64,
    /// Share of the spam that was called spam.
    recall: f64,
    /// Harmonic mean of precision and recall.
    f1: f64,
    /// Matthews correlation coefficient, -1 to 1.
    mcc: f64,
    /// Area under the ROC curve.
    roc_auc: f64,
    /// Average precision.
    pr_auc: f64,
    /// Mean squared error of the probability.
    brier: f64,
    /// Expected calibration error over ten equal bins of probability.
    ece: f64,
    /// Spam called spam.
    true_positives: u64,
    /// Genuine comments called spam.
    false_positives: u64,
    /// Genuine comments called genuine.
    true_negatives: u64,
    /// Spam called genuine.
    false_negatives: u64,
}

impl From<Evaluation> for EvaluationFigures {
    fn from(measured: Evaluation) -> Self {
        Self {
            rows: measured.rows,
            spam: measured.spam,
            ham: measured.ham,
            accuracy: measured.accuracy,
            precision: measured.precision,
            recall: measured.recall,
            f1: measured.f1,
            mcc: measured.mcc,
            roc_auc: measured.roc_auc,
            pr_auc: measured.pr_auc,
            brier: measured.brier,
            ece: measured.ece,
            true_positives: measured.confusion.tp,
            false_positives: measured.confusion.fp,
            true_negatives: measured.confusion.tn,
            false_negatives: measured.confusion.fn_,
        }
    }
}

/// List the models
///
/// The model versions of this server; all its sites share them.
#[utoipa::path(get, path = "/models", tag = "Models", operation_id = "listModels",
    security(("key" = ["read"])),
    responses((status = 200, description = "The models", body = Models)))]
pub(super) async fn list(State(shared): State<Shared>, _: By<ToRead>) -> Answer<Json<Models>> {
    let versions = models::list(&shared.app.db).await?;
    Ok(Json(Models { models: versions.into_iter().map(ModelVersion::from).collect() }))
}

/// Read a model
///
/// One model version with its evaluation.
#[utoipa::path(get, path = "/models/{id}", tag = "Models", operation_id = "readModel",
    security(("key" = ["read"])), params(("id" = i64, Path, description = "Its number", minimum = 1, example = 1)),
    responses((status = 200, description = "The model", body = ModelWithEvaluation),
              (status = 404, description = "There is no such model", body = Problem, content_type = "application/problem+json")))]
pub(super) async fn show(
    State(shared): State<Shared>,
    _: By<ToRead>,
    Path(id): Path<String>,
) -> Answer<Json<ModelWithEvaluation>> {
    let version = match id.parse() {
        Ok(id) => models::find(&shared.app.db, id).await?,
        Err(_) => None,
    };
    let version = version.ok_or_else(|| {
        WebError::new(
            StatusCode::NOT_FOUND,
            "There is no such model",
            "Check its number; GET /api/v1/models lists those there are.",
        )
    })?;
    let card: ModelCard = serde_json::from_value(version.card.clone()).map_err(WebError::from_bug)?;
    let comparison = version.comparison.clone().map(serde_json::from_value::<Comparison>).transpose();
    let comparison = comparison.map_err(WebError::from_bug)?.and_then(beside);
    Ok(Json(ModelWithEvaluation {
        model: version.into(),
        trained_at: card.trained_at,
        rows: card.rows,
        spam: card.spam,
        ham: card.ham,
        measured: card.measured,
        evaluation: card.held_out.map(EvaluationFigures::from),
        comparison,
    }))
}
