//! What moderators see: queues, one comment with its history, the numbers on the tabs.

use std::collections::HashMap;
use std::sync::Arc;

use time::OffsetDateTime;
use uuid::Uuid;

use super::accounts::Moderator;
use super::campaign;
use super::sites::Site;
use crate::app::App;
use crate::comment::{ArticleUrl, Likeness, Order, Queue, RejectReason};
use crate::store::cards::DeskRow;
use crate::store::decisions::DecisionRow;
use crate::store::queues::{self, Filter, Place, Placed};
use crate::store::{Conn, StoreError, articles, cards, decisions, tallies};

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
    /// That this rule matched.
    pub rule: Option<i64>,
    /// Rejected for this reason.
    pub because: Option<RejectReason>,
    /// From the network of this keyed hash.
    pub network: Option<Vec<u8>>,
    /// From this moment on.
    pub from: Option<OffsetDateTime>,
    /// Before this moment.
    pub until: Option<OffsetDateTime>,
    /// With these words.
    pub search: Option<String>,
    /// After this place (keyset).
    pub after: Option<Place>,
    /// Whether every variant of a campaign is listed on its own.
    pub each: bool,
}

/// A page of a queue.
#[derive(Debug, Clone)]
pub struct Listing {
    /// At most [`PAGE`] comments.
    pub comments: Vec<DeskRow>,
    /// How many others each of them is like, see [`campaign::count_alike`].
    pub alike: Vec<usize>,
    /// How many of those stand behind it instead of on this page.
    pub folded: Vec<usize>,
    /// Where the next page begins, if there is one.
    pub next: Option<Place>,
    /// How many comments each queue has at these sites, other filters aside.
    pub counts: HashMap<Queue, u64>,
}

/// So many comments are read for a page, one read after the other as long as campaigns leave room on it.
const READS: [usize; 3] = [PAGE + 1, 4 * PAGE, 4 * PAGE];

/// Lists a page of a queue. A campaign is one row of it, for those who may decide on it as one.
pub async fn list(app: &App, moderator: &Moderator, query: &Query) -> Result<Listing, StoreError> {
    let site_ids = asked(app, moderator, query);
    let mut conn = app.db.conn().await?;
    let waits = matches!(query.queue, Queue::Held | Queue::Unchecked | Queue::Spam);
    let mut rows = Rows::new(waits && !query.each && moderator.role.decides());
    let mut after = query.after;
    let mut next = None;
    'page: for limit in READS {
        let placed = read(&mut conn, &site_ids, &Query { after, ..query.clone() }, limit).await?;
        let cards = cards::of(&mut conn, &wanted(&placed)).await?;
        for card in cards {
            let place = placed.iter().map(|one| one.place).find(|place| place.id == card.id);
            if !rows.take(card) {
                next = after;
                break 'page;
            }
            after = place;
        }
        next = after.filter(|_| placed.len() == limit);
        if next.is_none() {
            break;
        }
    }
    let counts = queues::counts(&mut conn, &site_ids).await?;
    let alike = campaign::count_alike(&mut conn, &rows.heads).await?;
    Ok(Listing { comments: rows.heads, alike, folded: rows.folded, next, counts })
}

/// Even odds.
const EVEN: f64 = 0.5;
/// Up to so much less likely to be spam than its row, a comment stands behind it.
const NEAR: f64 = 0.25;

/// The rows of a page, as they fill.
struct Rows {
    folds: bool,
    heads: Vec<DeskRow>,
    /// What makes each of them like others; `None` where nothing is put behind it.
    likeness: Vec<Option<Likeness>>,
    folded: Vec<usize>,
}

impl Rows {
    fn new(folds: bool) -> Self {
        Self { folds, heads: Vec::new(), likeness: Vec::new(), folded: Vec::new() }
    }

    /// Takes a comment in, or puts it behind one that it is like; `false` where the page has no room for it.
    fn take(&mut self, card: DeskRow) -> bool {
        let folds = self.folds && card.is_undecided() && card.author_approved == 0;
        let likeness = folds.then(|| Likeness::of(&card.body, &card.url));
        // Only what looks like spam has a campaign behind it, and nothing that looks better by far.
        let hides = |head: &DeskRow| {
            head.spam_probability >= EVEN && head.spam_probability - card.spam_probability <= NEAR
        };
        let like = |(head, other): (&DeskRow, &Option<Likeness>)| {
            head.site_id == card.site_id
                && hides(head)
                && likeness.as_ref().zip(other.as_ref()).is_some_and(|(one, other)| one.is_like(other))
        };
        if let Some(head) = self.heads.iter().zip(&self.likeness).position(like) {
            self.folded[head] += 1;
            return true;
        }
        if self.heads.len() == PAGE {
            return false;
        }
        self.heads.push(card);
        self.likeness.push(likeness);
        self.folded.push(0);
        true
    }
}

/// At most `limit` comments of one site's queue from a place on, and where the next page begins, if there is one.
pub async fn of_site(
    app: &App,
    site: &Site,
    query: &Query,
    limit: usize,
) -> Result<(Vec<DeskRow>, Option<Place>), StoreError> {
    page(&mut *app.db.conn().await?, &[site.id], query, limit).await
}

async fn page(
    conn: &mut Conn,
    site_ids: &[i64],
    query: &Query,
    limit: usize,
) -> Result<(Vec<DeskRow>, Option<Place>), StoreError> {
    let mut placed = read(conn, site_ids, query, limit + 1).await?;
    let more = placed.len() > limit;
    placed.truncate(limit);
    let next = placed.last().filter(|_| more).map(|last| last.place);
    Ok((cards::of(conn, &wanted(&placed)).await?, next))
}

/// The article of this address, if a site's readers have commented on it.
pub async fn article(app: &App, site: &Site, article: &ArticleUrl) -> Result<Option<Uuid>, StoreError> {
    articles::find(&mut *app.db.conn().await?, site.id, article.key()).await
}

/// The first comments of a queue from a place on, at most `limit`.
pub async fn first(
    app: &App,
    moderator: &Moderator,
    query: &Query,
    limit: usize,
) -> Result<Vec<DeskRow>, StoreError> {
    let mut conn = app.db.conn().await?;
    let placed = read(&mut conn, &asked(app, moderator, query), query, limit).await?;
    cards::of(&mut conn, &wanted(&placed)).await
}

fn wanted(placed: &[Placed]) -> Vec<(i64, Uuid)> {
    placed.iter().map(|placed| (placed.site_id, placed.place.id)).collect()
}

/// The sites of a query that are somebody's.
fn asked(app: &App, moderator: &Moderator, query: &Query) -> Vec<i64> {
    let mut site_ids = site_ids(app, moderator);
    site_ids.retain(|id| query.site.is_none_or(|only| only == *id));
    site_ids
}

async fn read(
    conn: &mut Conn,
    site_ids: &[i64],
    query: &Query,
    limit: usize,
) -> Result<Vec<Placed>, StoreError> {
    let filter = Filter {
        site_ids,
        queue: query.queue,
        order: query.order,
        article: query.article,
        author: query.author.as_deref(),
        language: query.language.as_deref(),
        signal: query.signal.as_deref(),
        rule: query.rule,
        because: query.because.map(RejectReason::as_str),
        network: query.network.as_deref(),
        from: query.from,
        until: query.until,
        search: query.search.as_deref(),
        after: query.after,
        limit: i64::try_from(limit).unwrap_or(i64::MAX),
    };
    queues::page(conn, &filter).await
}

/// One comment with its history, oldest decision first.
pub async fn find(
    app: &App,
    site: &Site,
    id: Uuid,
) -> Result<Option<(DeskRow, Vec<DecisionRow>)>, StoreError> {
    let mut conn = app.db.conn().await?;
    let Some(comment) = cards::of(&mut conn, &[(site.id, id)]).await?.pop() else {
        return Ok(None);
    };
    let history = decisions::of_comment(&mut conn, site.id, id).await?;
    Ok(Some((comment, history)))
}

/// The numbers of the queues at these sites.
pub async fn counts(app: &App, site_ids: &[i64]) -> Result<HashMap<Queue, u64>, StoreError> {
    queues::counts(&mut *app.db.conn().await?, site_ids).await
}

/// Folds the numbers of the queues, and the figures, when their changes have grown many.
pub async fn fold_counts(app: &App) -> Result<(), StoreError> {
    let mut conn = app.db.conn().await?;
    queues::fold(&mut conn, FOLD_ABOVE).await?;
    tallies::fold(&mut conn, FOLD_ABOVE).await
}

/// So many changes are added up at a page load before they are folded.
const FOLD_ABOVE: i64 = 200;

/// The sites that are somebody's, by name.
pub fn sites(app: &App, moderator: &Moderator) -> Vec<Arc<Site>> {
    app.sites.all().values().filter(|site| moderator.sees(site.id)).cloned().collect()
}

/// The keys of the sites that are somebody's.
pub fn site_ids(app: &App, moderator: &Moderator) -> Vec<i64> {
    sites(app, moderator).iter().map(|site| site.id).collect()
}

/// The site with this key, if it is somebody's.
pub fn site(app: &App, moderator: &Moderator, id: i64) -> Option<Arc<Site>> {
    app.sites.by_id(id).filter(|site| moderator.sees(site.id))
}

/// The site of this name, if it is somebody's.
pub fn site_named(app: &App, moderator: &Moderator, name: &str) -> Option<Arc<Site>> {
    app.sites.find(name).filter(|site| moderator.sees(site.id))
}
