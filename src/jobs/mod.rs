//! The background worker: claims jobs with SKIP LOCKED, is woken by NOTIFY, and looks by itself now and then.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::service::authors;
use crate::service::retention;
use crate::service::retrain::{self, JobError};
use crate::service::throttle;
use crate::service::{desk, outbox};
use crate::store::jobs::Claimed;
use crate::store::{StoreError, jobs, sessions, training_files};

/// Looks for due jobs at least this often: for retries, and for the jobs of processes that died.
const LOOK: Duration = Duration::from_secs(15);
/// Sweeps once in so many looks, that is every hour.
const SWEEP_EVERY: u32 = 240;
/// Ended jobs are kept this long.
const JOBS_KEPT: time::Duration = time::Duration::days(90);
/// Uploaded training data is kept this long, so that a job can be tried again.
const UPLOADS_KEPT: time::Duration = time::Duration::days(7);
/// A job is tried so many times.
const ATTEMPTS: i32 = 3;

/// Works until `stop`. A job that is under way then is finished by the next process.
pub async fn work(app: Arc<App>, stop: CancellationToken) {
    let mut looks = 0_u32;
    while !stop.is_cancelled() {
        if looks.is_multiple_of(SWEEP_EVERY)
            && let Err(error) = sweep(&app).await
        {
            tracing::warn!(error = format!("{error:#}"), "could not sweep; will do so later");
        }
        looks = looks.wrapping_add(1);
        if let Err(error) = desk::fold_counts(&app).await {
            tracing::warn!(
                error = format!("{error:#}"),
                "could not fold the queues' numbers; will do so later"
            );
        }
        let all_done = tokio::select! {
            () = stop.cancelled() => return,
            done = run_due(&app) => done,
        };
        if let Err(error) = all_done {
            tracing::warn!(error = format!("{error:#}"), "could not look for jobs; will do so later");
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = app.job_bell.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Sends what is to go out, until `stop`: beside the jobs, so that no training holds a mail up.
pub async fn send(app: Arc<App>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match outbox::run(&app).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::warn!(
                error = format!("{error:#}"),
                "could not look for what is to go out; will do so later"
            ),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = app.outbox_bell.notified() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Runs every job that is due now, one after the other; returns how many. Tests call it instead of waiting.
pub async fn run_due(app: &Arc<App>) -> Result<usize, StoreError> {
    let mut done = 0;
    loop {
        let claimed = jobs::claim(&mut *app.db.conn().await?, app.now()).await?;
        let Some(job) = claimed else { return Ok(done) };
        run(app, job).await?;
        done += 1;
    }
}

async fn run(app: &Arc<App>, job: Claimed) -> Result<(), StoreError> {
    tracing::info!(job.id, job.kind, job.attempts, "job begins");
    let result = match job.kind.as_str() {
        retrain::JOB => retrain::run(app, job.id, &job.payload).await,
        other => Err(JobError::lasting(format!("this version of Moderato knows no job «{other}»"))),
    };
    let now = app.now();
    let mut conn = app.db.conn().await?;
    match result {
        Ok(result) => {
            tracing::info!(job.id, job.kind, "job done");
            jobs::finish(&mut conn, job.id, &result, now).await
        }
        Err(error) => {
            tracing::warn!(job.id, job.kind, error = error.to_string(), "job failed");
            let retry_at = (error.passing && job.attempts < ATTEMPTS)
                .then(|| now + time::Duration::seconds(10) * job.attempts);
            jobs::fail(&mut conn, job.id, &error.to_string(), retry_at, now).await
        }
    }
}

async fn sweep(app: &App) -> Result<(), StoreError> {
    let now = app.now();
    let mut conn = app.db.conn().await?;
    let ended = sessions::delete_expired(&mut conn, now).await?;
    throttle::sweep(app).await?;
    authors::forget_networks(app).await?;
    // Checks that come in meanwhile may be in its way: that keeps nothing else from being swept.
    if let Err(error) = retention::forget(app).await {
        tracing::warn!(error = format!("{error:#}"), "could not forget all old checks; will do so later");
    }
    outbox::sweep(app).await?;
    let old = jobs::delete_finished(&mut conn, now - JOBS_KEPT).await?;
    let uploads = training_files::delete_before(&mut conn, now - UPLOADS_KEPT).await?;
    tracing::debug!(sessions = ended, jobs = old, uploads, "swept");
    Ok(())
}
