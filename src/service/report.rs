//! A reader reports a published comment: it waits in the queue *Reported* until a person has decided on it again.

use std::net::IpAddr;

use time::OffsetDateTime;
use uuid::Uuid;

use super::limiter::network;
use super::sites::Site;
use super::tokens::{form_timing, form_token};
use crate::app::{App, Keys};
use crate::comment::{Report, State};
use crate::policy::FormTiming;
use crate::store::published::StatusRow;
use crate::store::reports::{NewReport, insert};
use crate::store::{StoreError, comments, published};

/// A report was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// No such comment is published at this site.
    #[error("there is no such comment")]
    NotFound,
    /// Postgres.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The published comment that is to be reported.
pub async fn target(app: &App, site: &Site, comment: Uuid) -> Result<StatusRow, ReportError> {
    let row = published::status(&mut *app.db.conn().await?, site.id, comment).await?;
    row.filter(|row| row.state == State::Approved).ok_or(ReportError::NotFound)
}

/// Takes a report. The same network reporting the same comment again changes nothing, and is told the same.
pub async fn report(
    app: &App,
    site: &Site,
    comment: Uuid,
    report: &Report,
    from: IpAddr,
) -> Result<(), ReportError> {
    let now = app.now();
    let mut tx = app.db.begin().await?;
    // As a decision locks it, so that each report is either answered by it or counted after it.
    let locked = comments::lock(&mut tx, site.id, comment).await?.ok_or(ReportError::NotFound)?;
    if locked.state != State::Approved {
        return Err(ReportError::NotFound);
    }
    let new = NewReport {
        site_id: site.id,
        id: app.new_id(now),
        comment_id: comment,
        ground: report.ground.as_str(),
        words: &report.words,
        sender: &sender(&app.keys, site, comment, from),
        reported_at: now,
    };
    if insert(&mut tx, &new).await? {
        metrics::counter!("moderato_reports_total", "ground" => report.ground.as_str()).increment(1);
    }
    tx.commit().await?;
    Ok(())
}

/// What makes two reports one sender's. Comments have senders of their own, so that nobody's reports can be followed.
fn sender(keys: &Keys, site: &Site, comment: Uuid, from: IpAddr) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_keyed(&keys.report);
    hasher.update(&site.id.to_be_bytes()).update(comment.as_bytes());
    hasher.update(network(from).to_string().as_bytes());
    let mut key = [0; 16];
    hasher.finalize_xof().fill(&mut key);
    key
}

/// Signs the moment the form of a report was shown.
pub fn report_token(keys: &Keys, site: &Site, comment: Uuid, now: OffsetDateTime) -> String {
    form_token(keys, site.id, &context(comment), now)
}

/// Whether a form claims to be ours and is not.
pub fn is_forged(keys: &Keys, token: &str, site: &Site, comment: Uuid, now: OffsetDateTime) -> bool {
    form_timing(keys, token, site.id, &context(comment), now) == FormTiming::Forged
}

/// No article's path looks like this, so that its form's token is none for a report.
fn context(comment: Uuid) -> String {
    format!("report {comment}")
}
