//! Follows what other processes change: models, examples, sites, keys, rules.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::feed;
use crate::app::App;
use crate::store::{Channel, Notifications};

/// After this long without a word everything is read again: a lost notification costs a minute, not for ever.
const IDLE: Duration = Duration::from_mins(1);
/// Between attempts to listen while Postgres is away.
const RETRY: Duration = Duration::from_secs(1);

/// Keeps sites, rules and live model fresh until `stop`.
pub async fn follow(app: Arc<App>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => return,
            ended = listen(&app) => {
                if let Err(error) = ended {
                    tracing::warn!(error = format!("{error:#}"), "not following changes just now; trying again");
                }
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(RETRY) => {}
        }
    }
}

async fn listen(app: &App) -> anyhow::Result<()> {
    let mut notifications = Notifications::start(&app.db).await?;
    // What changed before the listening began.
    refresh_all(app).await?;
    let undo_time = app.settings.undo_time().unsigned_abs();
    let mut look = Instant::now() + IDLE;
    loop {
        let Ok(notification) = tokio::time::timeout_at(look, notifications.next()).await else {
            refresh_all(app).await?;
            look = Instant::now() + IDLE;
            continue;
        };
        match notification? {
            (Channel::Sites, _) => refresh_sites(app).await?,
            (Channel::Keys, _) => refresh_keys(app).await?,
            (Channel::Models, _) => refresh_model(app).await?,
            // The model learns from it, and a site's promise rests on it, once it can no more be undone without a trace.
            (Channel::Examples, _) => look = look.min(Instant::now() + undo_time),
            (Channel::Jobs, _) => app.job_bell.notify_one(),
            (Channel::Rules, _) => refresh_rules(app).await?,
            (Channel::Decisions, decision) => feed::tell(app, &decision).await?,
        }
    }
}

async fn refresh_all(app: &App) -> anyhow::Result<()> {
    refresh_sites(app).await?;
    refresh_keys(app).await?;
    refresh_rules(app).await?;
    refresh_model(app).await
}

async fn refresh_rules(app: &App) -> anyhow::Result<()> {
    Ok(app.rules.reload(&mut *app.db.conn().await?, app.now()).await?)
}

async fn refresh_sites(app: &App) -> anyhow::Result<()> {
    Ok(app.sites.reload(&mut *app.db.conn().await?, app.now()).await?)
}

async fn refresh_keys(app: &App) -> anyhow::Result<()> {
    Ok(app.api_keys.reload(&mut *app.db.conn().await?).await?)
}

async fn refresh_model(app: &App) -> anyhow::Result<()> {
    let result = app.live.refresh(&mut *app.db.conn().await?, app.settled()).await;
    metrics::gauge!("moderato_model_version").set(i64_to_f64(app.live.current().model_id));
    if let Err(error) = result {
        // The old model stays in force; what is wrong is for the operator to see.
        metrics::counter!("moderato_model_refresh_failures_total").increment(1);
        tracing::error!(
            error = format!("{error:#}"),
            "the live model could not be brought up to date; the old one stays"
        );
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "a version number for a gauge")]
fn i64_to_f64(number: i64) -> f64 {
    number as f64
}
