//! Lists of the desk that people come back to: a queue with filters, by a name. Each person has their own.

use serde_json::json;

use super::accounts::Moderator;
use super::audit::{About, Actor, Deed, record};
use crate::app::App;
use crate::store::StoreError;
use crate::store::lists::{self, ListRow};

/// So many lists a person has at most.
pub const MOST: i64 = 20;
/// The longest name, in characters.
pub const LONGEST_NAME: usize = 40;

/// A list cannot be saved.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// It has no name.
    #[error("the list needs a name, of at most {LONGEST_NAME} characters")]
    Name,
    /// There are too many.
    #[error("you have {MOST} lists already; remove one that you need no more")]
    TooMany,
    /// Postgres.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Somebody's lists, by name.
pub async fn of(app: &App, moderator: &Moderator) -> Result<Vec<ListRow>, StoreError> {
    lists::of(&mut *app.db.conn().await?, moderator.id).await
}

/// Saves a list by a name; one of that name is replaced. `query` is that of the list's address.
pub async fn save(app: &App, moderator: &Moderator, name: &str, query: &str) -> Result<(), ListError> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() || name.chars().count() > LONGEST_NAME || name.contains(char::is_control) {
        return Err(ListError::Name);
    }
    let mut tx = app.db.begin().await?;
    if !lists::save(&mut tx, moderator.id, &name, query, MOST, app.now()).await? {
        return Err(ListError::TooMany);
    }
    let about = About::default().with(json!({ "list": name, "query": query }));
    record(app, &mut tx, Actor::Moderator(moderator.id), Deed::ListSaved, about).await?;
    Ok(tx.commit().await?)
}

/// Removes one of somebody's lists; `false` where there is none.
pub async fn remove(app: &App, moderator: &Moderator, id: i64) -> Result<bool, StoreError> {
    let mut tx = app.db.begin().await?;
    let Some(name) = lists::remove(&mut tx, moderator.id, id).await? else { return Ok(false) };
    let about = About::default().with(json!({ "list": name }));
    record(app, &mut tx, Actor::Moderator(moderator.id), Deed::ListRemoved, about).await?;
    tx.commit().await?;
    Ok(true)
}
