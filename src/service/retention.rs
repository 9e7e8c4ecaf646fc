//! What programs had checked is kept for a limited time. It serves reports, the audit sample and the record of its author; after
//! that only what people have said of a comment needs its text, to teach another model.

use time::Duration;
use uuid::Uuid;

use super::moderate;
use super::sites::Site;
use crate::app::App;
use crate::comment::State;
use crate::policy::{Reason, Source};
use crate::store::StoreError;
use crate::store::queues::first_id;
use crate::store::retention::{self, Old};

/// So many are looked at in one transaction.
const BATCH: i64 = 500;
/// What a forgotten comment says on the desk.
pub const WORDS: &str = "[The text is not kept any longer.]";

/// Forgets the checked comments that are older than the operator wants to keep them (`checks_days`).
pub async fn forget(app: &App) -> Result<(), StoreError> {
    let days = app.settings.checks_days;
    if days == 0 {
        return Ok(());
    }
    let since = app.now() - Duration::days(days.into());
    for site in app.sites.all().values() {
        let mut old =
            Old { site_id: site.id, after: Uuid::nil(), before: first_id(since), since, limit: BATCH };
        while let Some(last) = give_up(app, site, old, days).await? {
            old.after = last;
        }
        old.after = Uuid::nil();
        while let Some(last) = retention::forget(&mut *app.db.conn().await?, old, WORDS, app.now()).await? {
            old.after = last;
        }
    }
    Ok(())
}

/// What has waited for a person all that time leaves the queue: its program has it still. The last one of a batch.
async fn give_up(app: &App, site: &Site, old: Old, days: u32) -> Result<Option<Uuid>, StoreError> {
    let mut tx = app.db.begin().await?;
    let waiting = retention::waiting(&mut tx, old).await?;
    let reasons = [Reason {
        source: Source::Rule,
        what: format!("nobody has decided on it in {days} days, and checks are not kept longer"),
        log_odds: 0.0,
    }];
    for comment in &waiting {
        moderate::by_policy(app, &mut tx, site, *comment, (State::Rejected, &reasons, None)).await?;
    }
    tx.commit().await?;
    Ok(waiting.last().copied())
}
