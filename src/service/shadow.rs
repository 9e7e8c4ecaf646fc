//! Where the model in the shadow would have decided otherwise than the one in force.

use uuid::Uuid;

use crate::app::App;
use crate::comment::State;
use crate::store::shadows::DifferenceRow;
use crate::store::{StoreError, shadows};

/// So many differences are listed at a time.
pub const PAGE: usize = 25;
/// So many of the newest comments of each site are counted.
pub const COUNTED: i64 = 1_000;

/// What the model in the shadow has done so far.
#[derive(Debug, Clone)]
pub struct Shadowing {
    /// The model in the shadow.
    pub model_id: i64,
    /// Of the newest comments it scored, how many are decided so and would be so by it; most frequent first.
    pub moves: Vec<(State, State, u64)>,
}

impl Shadowing {
    /// Comments counted.
    pub fn scored(&self) -> u64 {
        self.moves.iter().map(|(_, _, count)| count).sum()
    }

    /// Those it would have decided otherwise.
    pub fn differing(&self) -> u64 {
        self.moves
            .iter()
            .filter(|(decided, would_be, _)| decided != would_be)
            .map(|(_, _, count)| count)
            .sum()
    }
}

/// A page of differences, newest first.
#[derive(Debug, Clone)]
pub struct Listing {
    /// At most [`PAGE`].
    pub differences: Vec<DifferenceRow>,
    /// Where the next page begins, if there is one.
    pub next: Option<Uuid>,
}

/// What the model in the shadow has done so far, if there is one.
pub async fn summary(app: &App) -> Result<Option<Shadowing>, StoreError> {
    let mut conn = app.db.conn().await?;
    let Some(model_id) = shadows::chosen(&mut conn).await? else { return Ok(None) };
    let moves = shadows::moves(&mut conn, &site_ids(app), model_id, COUNTED).await?;
    Ok(Some(Shadowing { model_id, moves }))
}

/// The comments that `model_id` would have decided otherwise, those before `before`.
pub async fn differences(app: &App, model_id: i64, before: Option<Uuid>) -> Result<Listing, StoreError> {
    let mut conn = app.db.conn().await?;
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut differences = shadows::differences(&mut conn, &site_ids(app), model_id, before, limit).await?;
    let more = differences.len() > PAGE;
    differences.truncate(PAGE);
    let next = if more { differences.last().map(|difference| difference.comment_id) } else { None };
    Ok(Listing { differences, next })
}

fn site_ids(app: &App) -> Vec<i64> {
    app.sites.all().values().map(|site| site.id).collect()
}
