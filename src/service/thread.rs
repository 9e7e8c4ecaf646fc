//! What readers see: the approved comments of an article, and their own comment after posting.

use uuid::Uuid;

use super::sites::Site;
use super::tokens::open_status_token;
use crate::app::App;
use crate::comment::ArticleUrl;
use crate::store::published::{StatusRow, ThreadRow};
use crate::store::{StoreError, articles, published};

/// So many comments are shown at a time.
pub const PAGE: usize = 500;

/// A page of a thread, oldest comment first.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// At most [`PAGE`] comments.
    pub comments: Vec<ThreadRow>,
    /// Where the next page begins, if there is one.
    pub next: Option<Uuid>,
}

/// The approved comments of an article, from after `after` on.
pub async fn read(
    app: &App,
    site: &Site,
    article: &ArticleUrl,
    after: Option<Uuid>,
) -> Result<Page, StoreError> {
    let mut conn = app.db.conn().await?;
    let Some(article_id) = articles::find(&mut conn, site.id, article.key()).await? else {
        return Ok(Page::default());
    };
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut comments = published::thread(&mut conn, site.id, article_id, after, limit).await?;
    let more = comments.len() > PAGE;
    comments.truncate(PAGE);
    let next = if more { comments.last().map(|comment| comment.id) } else { None };
    Ok(Page { comments, next })
}

/// A reader's own comment by its signed link; `None` when the link is not ours, too old, or the comment is gone.
pub async fn status(app: &App, id: Uuid, token: &str) -> Result<Option<(i64, StatusRow)>, StoreError> {
    let Some(site_id) = open_status_token(&app.keys, token, id, app.now()) else {
        return Ok(None);
    };
    let row = published::status(&mut *app.db.conn().await?, site_id, id).await?;
    Ok(row.map(|row| (site_id, row)))
}
