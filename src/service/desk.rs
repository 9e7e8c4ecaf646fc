//! What moderators see: lists of comments, one comment with its history, the numbers on the tabs.

use uuid::Uuid;

use super::sites::Site;
use crate::app::App;
use crate::comment::State;
use crate::store::comments::{DeskFilter, DeskRow};
use crate::store::decisions::DecisionRow;
use crate::store::{StoreError, comments, decisions};

/// So many comments are listed at a time.
pub const PAGE: usize = 25;
/// A tab's number is counted up to here and shown as "999+" beyond.
pub const COUNTED: i64 = 1_000;

/// Which comments to list.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Of one site, or of all.
    pub site: Option<i64>,
    /// In one state, or in all.
    pub state: Option<State>,
    /// With these words.
    pub search: Option<String>,
    /// Before this comment (keyset).
    pub before: Option<Uuid>,
}

/// A page of comments, newest first.
#[derive(Debug, Clone)]
pub struct Listing {
    /// At most [`PAGE`] comments.
    pub comments: Vec<DeskRow>,
    /// Where the next page begins, if there is one.
    pub next: Option<Uuid>,
    /// How many comments are in each state of [`State::ALL`], counted up to [`COUNTED`].
    pub counts: Vec<(State, i64)>,
}

/// Lists comments.
pub async fn list(app: &App, query: &Query) -> Result<Listing, StoreError> {
    let site_ids = site_ids(app, query.site);
    let mut conn = app.db.conn().await?;
    let filter = DeskFilter {
        site_ids: &site_ids,
        state: query.state,
        search: query.search.as_deref(),
        before: query.before,
        only: None,
        limit: i64::try_from(PAGE + 1).unwrap_or(i64::MAX),
    };
    let mut listed = comments::desk(&mut conn, filter).await?;
    let counts = comments::counts(&mut conn, &site_ids, &State::ALL, COUNTED).await?;
    let more = listed.len() > PAGE;
    listed.truncate(PAGE);
    let next = if more { listed.last().map(|comment| comment.id) } else { None };
    Ok(Listing { comments: listed, next, counts: State::ALL.into_iter().zip(counts).collect() })
}

/// One comment with its history, oldest decision first.
pub async fn find(
    app: &App,
    site: &Site,
    id: Uuid,
) -> Result<Option<(DeskRow, Vec<DecisionRow>)>, StoreError> {
    let mut conn = app.db.conn().await?;
    let site_ids = [site.id];
    let filter =
        DeskFilter { site_ids: &site_ids, state: None, search: None, before: None, only: Some(id), limit: 1 };
    let Some(comment) = comments::desk(&mut conn, filter).await?.pop() else {
        return Ok(None);
    };
    let history = decisions::of_comment(&mut conn, site.id, id).await?;
    Ok(Some((comment, history)))
}

/// The numbers on the tabs.
pub async fn counts(app: &App) -> Result<Vec<(State, i64)>, StoreError> {
    let site_ids = site_ids(app, None);
    let counts = comments::counts(&mut *app.db.conn().await?, &site_ids, &State::ALL, COUNTED).await?;
    Ok(State::ALL.into_iter().zip(counts).collect())
}

fn site_ids(app: &App, only: Option<i64>) -> Vec<i64> {
    only.map_or_else(|| app.sites.all().values().map(|site| site.id).collect(), |id| vec![id])
}
