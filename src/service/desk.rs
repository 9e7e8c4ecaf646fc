//! What moderators see: queues, one comment with its history, the numbers on the tabs.

use std::collections::HashMap;

use time::OffsetDateTime;
use uuid::Uuid;

use super::sites::Site;
use crate::app::App;
use crate::comment::{Order, Queue};
use crate::store::comments::DeskRow;
use crate::store::decisions::DecisionRow;
use crate::store::queues::{self, Filter, Place};
use crate::store::{StoreError, comments, decisions};

/// So many comments are listed at a time.
pub const PAGE: usize = 25;

/// Which comments to list.
#[derive(Debug, Clone)]
pub struct Query {
    /// Of one site, or of all.
    pub site: Option<i64>,
    /// The queue.
    pub queue: Queue,
    /// One of its orders.
    pub order: Order,
    /// Under this article.
    pub article: Option<Uuid>,
    /// By the author of this keyed hash.
    pub author: Option<Vec<u8>>,
    /// In this language (ISO 639-3).
    pub language: Option<String>,
    /// Where this signal fired.
    pub signal: Option<String>,
    /// From this moment on.
    pub from: Option<OffsetDateTime>,
    /// Before this moment.
    pub until: Option<OffsetDateTime>,
    /// With these words.
    pub search: Option<String>,
    /// After this place (keyset).
    pub after: Option<Place>,
}

/// A page of a queue.
#[derive(Debug, Clone)]
pub struct Listing {
    /// At most [`PAGE`] comments.
    pub comments: Vec<DeskRow>,
    /// Where the next page begins, if there is one.
    pub next: Option<Place>,
    /// How many comments each queue has at these sites, other filters aside.
    pub counts: HashMap<Queue, u64>,
}

/// Lists a page of a queue.
pub async fn list(app: &App, query: &Query) -> Result<Listing, StoreError> {
    let site_ids = site_ids(app, query.site);
    let mut conn = app.db.conn().await?;
    let filter = Filter {
        site_ids: &site_ids,
        queue: query.queue,
        order: query.order,
        article: query.article,
        author: query.author.as_deref(),
        language: query.language.as_deref(),
        signal: query.signal.as_deref(),
        from: query.from,
        until: query.until,
        search: query.search.as_deref(),
        after: query.after,
        limit: i64::try_from(PAGE + 1).unwrap_or(i64::MAX),
    };
    let mut placed = queues::page(&mut conn, &filter).await?;
    let more = placed.len() > PAGE;
    placed.truncate(PAGE);
    let next = placed.last().filter(|_| more).map(|last| last.place);
    let wanted: Vec<(i64, Uuid)> = placed.iter().map(|placed| (placed.site_id, placed.place.id)).collect();
    let comments = comments::cards(&mut conn, &wanted).await?;
    Ok(Listing { comments, next, counts: queues::counts(&mut conn, &site_ids).await? })
}

/// One comment with its history, oldest decision first.
pub async fn find(
    app: &App,
    site: &Site,
    id: Uuid,
) -> Result<Option<(DeskRow, Vec<DecisionRow>)>, StoreError> {
    let mut conn = app.db.conn().await?;
    let Some(comment) = comments::cards(&mut conn, &[(site.id, id)]).await?.pop() else {
        return Ok(None);
    };
    let history = decisions::of_comment(&mut conn, site.id, id).await?;
    Ok(Some((comment, history)))
}

/// The numbers on the tabs, of one site or of all.
pub async fn counts(app: &App, site: Option<i64>) -> Result<HashMap<Queue, u64>, StoreError> {
    queues::counts(&mut *app.db.conn().await?, &site_ids(app, site)).await
}

/// Folds the numbers of the queues when their changes have grown many.
pub async fn fold_counts(app: &App) -> Result<(), StoreError> {
    queues::fold(&mut *app.db.conn().await?, FOLD_ABOVE).await
}

/// So many changes are added up at a page load before they are folded.
const FOLD_ABOVE: i64 = 200;

fn site_ids(app: &App, only: Option<i64>) -> Vec<i64> {
    only.map_or_else(|| app.sites.all().values().map(|site| site.id).collect(), |id| vec![id])
}
