//! What sites promise, on the evidence of their own decisions: the score that decided when a comment came in against what
//! a person made of it later. What no person looked at is no evidence.

use std::collections::HashMap;

use time::{Duration, OffsetDateTime};

use super::live::label;
use super::sites::Site;
use crate::app::App;
use crate::policy::{Decision, Promise, Targets, promise};
use crate::store::{Conn, StoreError, scores};

/// So many of a site's newest labelled comments are looked at.
const EXAMPLES: i64 = 5_000;
/// So many of its newest comments say how much is decided without a person.
const RECENT: i64 = 500;
/// A site's decisions are looked at again after this long at the earliest, however fast they come.
const FRESH: Duration = Duration::seconds(30);

/// The promises of all sites, as they were measured last.
#[derive(Debug, Default)]
pub(super) struct Promises(HashMap<i64, Measured>);

#[derive(Debug, Clone, Copy)]
struct Measured {
    promise: Promise,
    /// The number of the newest example that is surely in it.
    through: i64,
    at: OffsetDateTime,
}

impl Promises {
    /// What a site whose newest example has the number `newest` can promise: measured again where targets or examples
    /// are others than before. When that fails the former promise stays; without one everything is held.
    pub(super) async fn bring_up_to_date(
        &mut self,
        conn: &mut Conn,
        site_id: i64,
        targets: Targets,
        newest: i64,
        now: OffsetDateTime,
    ) -> Promise {
        let former = self.0.get(&site_id).copied().filter(|former| former.promise.targets == targets);
        if let Some(former) = former
            && (former.through == newest || now - former.at < FRESH)
        {
            return former.promise;
        }
        match measure(conn, site_id, targets).await {
            Ok(promise) => {
                if former.is_none_or(|former| former.promise.thresholds != promise.thresholds) {
                    tracing::info!(
                        site.id = site_id,
                        approve_below = promise.thresholds.approve_below(),
                        reject_from = promise.thresholds.reject_from(),
                        "thresholds that keep the site's promise"
                    );
                }
                self.0.insert(site_id, Measured { promise, through: newest, at: now });
                promise
            }
            Err(error) => {
                tracing::warn!(
                    site.id = site_id,
                    error = format!("{error:#}"),
                    "a site's decisions could not be read; its promise stays as it was"
                );
                former.map_or_else(|| promise(&[], targets), |former| former.promise)
            }
        }
    }
}

/// What a site could promise by now; nothing of it is in force.
pub async fn promised(app: &App, site: &Site, targets: Targets) -> Result<Promise, StoreError> {
    measure(&mut *app.db.conn().await?, site.id, targets).await
}

async fn measure(conn: &mut Conn, site_id: i64, targets: Targets) -> Result<Promise, StoreError> {
    let rows = scores::labelled(conn, site_id, EXAMPLES).await?;
    let scored: Vec<_> =
        rows.into_iter().filter_map(|(probability, name)| Some((probability, label(Some(&name))?))).collect();
    Ok(promise(&scored, targets))
}

/// How many of a site's newest comments its thresholds of now decide without a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecidedAlone {
    /// So many …
    pub decided: u64,
    /// … of so many, at most 500.
    pub comments: u64,
}

/// Reads the scores of a site's newest comments.
pub async fn decided_alone(app: &App, site: &Site) -> Result<DecidedAlone, StoreError> {
    let recent = scores::recent(&mut *app.db.conn().await?, site.id, RECENT).await?;
    let cuts = site.cuts();
    let decided = recent.iter().filter(|&&(spam, abuse)| cuts.decide(spam, abuse) != Decision::Hold);
    Ok(DecidedAlone { decided: decided.count() as u64, comments: recent.len() as u64 })
}
