//! `/admin/models/train` and `/admin/models/training/{id}`: uploading labelled rows, watching the training, and
//! the candidate beside the model in force.

use axum::Json;
use axum::extract::multipart::MultipartError;
use axum::extract::{Multipart, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use serde_json::json;

use super::flash;
use super::models::{promote_button, refused};
use super::session::{Admin, SignedIn};
use crate::classifier::Evaluation;
use crate::policy::Duel;
use crate::service::accounts::{Moderator, Role};
use crate::service::models;
use crate::service::retrain::{self, Comparison, Measured, Order, Progress, Upload};
use crate::store::jobs::JobRow;
use crate::training;
use crate::web::error::{WebError, html};
use crate::web::markup::{desk_layout, moment};
use crate::web::router::Shared;
use crate::web::views::{
    self, BadRow, BadRows, Bin, Confusion, Failure, Figures, Outcome, Stage, TrainingPage,
};

/// Takes the labelled CSV, piece by piece, and asks for the training.
pub(in crate::web) async fn upload(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    mut sent: Multipart,
) -> Result<Response, WebError> {
    let app = &shared.app;
    let limit = u64::from(app.settings.upload_limit_mib) << 20;
    let mut upload: Option<Upload> = None;
    let mut with_decisions = false;
    while let Some(mut field) = sent.next_field().await.map_err(broken)? {
        match field.name() {
            Some("file") => {
                let name = field.file_name().map_or_else(|| "upload.csv".to_owned(), file_name);
                let mut receiving = None;
                while let Some(piece) = field.chunk().await.map_err(broken)? {
                    if piece.is_empty() {
                        continue;
                    }
                    let upload = match &mut receiving {
                        Some(upload) => upload,
                        none => none.insert(Upload::begin(app, &moderator, &name).await?),
                    };
                    if upload.size() + piece.len() as u64 > limit {
                        return Ok(Redirect::to("/admin/models?upload=large").into_response());
                    }
                    upload.push(&piece).await?;
                }
                upload = receiving;
            }
            Some("with_decisions") => with_decisions = field.text().await.map_err(broken)? == "yes",
            _ => {}
        }
    }
    let job = match upload {
        Some(upload) => upload.finish(app, &moderator, with_decisions).await?,
        None if with_decisions => retrain::from_decisions(app, &moderator).await?,
        None => return Ok(Redirect::to("/admin/models?upload=empty").into_response()),
    };
    Ok(Redirect::to(&format!("/admin/models/training/{job}")).into_response())
}

#[expect(clippy::needless_pass_by_value, reason = "the signature that map_err wants")]
fn broken(error: MultipartError) -> WebError {
    WebError::new(StatusCode::BAD_REQUEST, "The file did not arrive", "Please upload it again.")
        .because(format!("{}.", error.body_text()))
}

/// A name to show: the last part of what the browser sent, at most 100 characters.
fn file_name(sent: &str) -> String {
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|c| !c.is_control()).take(100).collect()
}

pub(super) async fn show(
    State(shared): State<Shared>,
    SignedIn(moderator): SignedIn,
    Path(id): Path<i64>,
    jar: CookieJar,
) -> Result<Response, WebError> {
    let app = &shared.app;
    let job = retrain::find(app, id).await?.ok_or_else(WebError::not_found)?;
    let order: Order = serde_json::from_value(job.payload.clone()).map_err(WebError::from_bug)?;
    let (jar, flash) = flash::take(jar, "/admin/models");
    let page = TrainingPage {
        layout: desk_layout(Some(&moderator)),
        flash,
        source: source(&order),
        started: moment(job.created_at, app.now()),
        stage: stage(&shared, &moderator, &job).await?,
    };
    Ok((jar, html(&page)).into_response())
}

fn source(order: &Order) -> String {
    match (order.file, order.with_decisions) {
        (Some(_), true) => format!("{} and the decisions gathered here", order.file_name),
        (Some(_), false) => order.file_name.clone(),
        (None, _) => "the decisions gathered here".to_owned(),
    }
}

/// How far the training is, for the page's script.
pub(super) async fn progress(
    State(shared): State<Shared>,
    SignedIn(_): SignedIn,
    Path(id): Path<i64>,
) -> Result<Response, WebError> {
    let job = retrain::find(&shared.app, id).await?.ok_or_else(WebError::not_found)?;
    let running = is_running(&job);
    let Progress { phase, done } = progress_of(&job);
    Ok(Json(json!({ "done": done, "phase": phase, "running": running })).into_response())
}

fn is_running(job: &JobRow) -> bool {
    matches!(job.state.as_str(), "queued" | "running")
}

fn progress_of(job: &JobRow) -> Progress {
    let known = job.progress.clone().and_then(|progress| serde_json::from_value(progress).ok());
    known.unwrap_or_else(|| Progress { phase: "Waiting to begin".to_owned(), done: None })
}

async fn stage(shared: &Shared, moderator: &Moderator, job: &JobRow) -> Result<Stage, WebError> {
    if is_running(job) {
        let Progress { phase, done } = progress_of(job);
        let poll = format!("/admin/models/training/{}/progress", job.id);
        return Ok(Stage::Running(views::Progress { done, phase, poll, refresh_seconds: 3 }));
    }
    let model = job.result.as_ref().and_then(|result| result["model"].as_i64());
    let version = match model {
        Some(id) => models::find(&shared.app.db, id).await?,
        None => None,
    };
    let comparison = version.as_ref().and_then(|version| version.comparison.clone());
    let (Some(version), Some(comparison)) = (version, comparison) else {
        return Ok(Stage::Failed(Failure {
            what: job.error.clone().unwrap_or_else(|| "The training ended without a model".to_owned()),
            next: "Check the file, or choose another one, and train again.".to_owned(),
            left_out: None,
        }));
    };
    let comparison: Comparison = serde_json::from_value(comparison).map_err(WebError::from_bug)?;
    let may_train = moderator.role == Role::Admin;
    let refused = refused(&version, may_train);
    let promote = (!version.active && may_train && refused.is_none()).then(|| promote_button(version.id));
    Ok(Stage::Done(Box::new(Outcome {
        summary: summary(&comparison),
        decided: version.active.then(|| "This model is live".to_owned()),
        duel: comparison.duel.as_ref().map(duel),
        promote,
        refused,
        left_out: BadRows {
            used: comparison.used,
            left_out: comparison.left_out,
            rows: comparison
                .bad_rows
                .iter()
                .map(|row| BadRow { line: row.line, reason: row.reason.clone() })
                .collect(),
        },
        comparison: (comparison.candidate.evaluation.rows > 0).then(|| views::Comparison {
            candidate_name: format!("Model {}", version.id),
            candidate: measured(&comparison.candidate),
            current: comparison
                .current
                .as_ref()
                .map(|(id, current)| (format!("Model {id}"), measured(current))),
        }),
    })))
}

/// In one sentence, by the figure that costs most when it is wrong: good comments turned away, spam let through.
fn summary(comparison: &Comparison) -> String {
    let candidate = &comparison.candidate.evaluation;
    if candidate.rows == 0 {
        return "There were too few rows to hold any out, so nothing was measured.".to_owned();
    }
    let wrong = |evaluation: &Evaluation| evaluation.confusion.fp + evaluation.confusion.fn_;
    let mine = wrong(candidate);
    let rows = candidate.rows;
    match &comparison.current {
        None => format!("The new model decides {mine} of {rows} held-out comments wrongly."),
        Some((_, current)) => {
            let theirs = wrong(&current.evaluation);
            let verdict = match mine.cmp(&theirs) {
                std::cmp::Ordering::Less => "fewer than",
                std::cmp::Ordering::Equal => "as many as",
                std::cmp::Ordering::Greater => "more than",
            };
            format!(
                "On {rows} comments that neither model has learnt from, the new one decides {mine} wrongly, {verdict} the \
                 present one's {theirs}."
            )
        }
    }
}

/// How the two models do comment by comment, and whether chance explains it.
fn duel(duel: &Duel) -> String {
    let Duel { only_challenger_right: new, only_champion_right: present, more_mistakes_p: p, .. } = duel;
    let chance = match (present > new, *p < 0.001) {
        (false, _) => String::new(),
        (true, true) => "; chance explains such a difference in less than 1 of 1,000 cases".to_owned(),
        (true, false) => format!("; chance explains such a difference in {:.0} of 1,000 cases", 1_000.0 * p),
    };
    format!(
        "Comment by comment: only the new one is right on {new}, only the present one on {present}{chance}."
    )
}

fn measured(measured: &Measured) -> Figures {
    figures(&measured.evaluation, &measured.reliability)
}

/// A model's figures as pages show them.
pub(super) fn figures(evaluation: &Evaluation, reliability: &[training::Bin]) -> Figures {
    Figures {
        rows: evaluation.rows,
        accuracy: evaluation.accuracy,
        precision: evaluation.precision,
        recall: evaluation.recall,
        f1: evaluation.f1,
        roc_auc: evaluation.roc_auc,
        brier: evaluation.brier,
        ece: evaluation.ece,
        caught_at_half_percent: evaluation.spam_caught_at_ham_blocked.five_in_1000,
        confusion: Confusion {
            tp: evaluation.confusion.tp,
            fp: evaluation.confusion.fp,
            tn: evaluation.confusion.tn,
            fn_: evaluation.confusion.fn_,
        },
        reliability: reliability
            .iter()
            .map(|bin| Bin { said: bin.mean_probability, was: bin.spam_share(), rows: bin.rows() })
            .collect(),
    }
}
