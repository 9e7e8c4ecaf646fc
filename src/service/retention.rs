//! What programs had checked is kept for a limited time. It serves reports, the audit sample and the record of its author; after
//! that only what people have said of a comment needs its text, to teach another model.

use time::Duration;
use uuid::Uuid;

use crate::app::App;
use crate::store::queues::first_id;
use crate::store::{StoreError, retention};

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
    let before = first_id(app.now() - Duration::days(days.into()));
    for site in app.sites.all().values() {
        let mut after = Uuid::nil();
        loop {
            let mut conn = app.db.conn().await?;
            let range = (after, before);
            match retention::forget(&mut conn, site.id, range, BATCH, WORDS, app.now()).await? {
                Some(last) => after = last,
                None => break,
            }
        }
    }
    Ok(())
}
