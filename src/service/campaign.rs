//! Campaigns: comments that nobody has decided on and that are variants of one another.

use std::collections::HashSet;

use uuid::Uuid;

use super::sites::Site;
use crate::app::App;
use crate::comment::Likeness;
use crate::store::cards::DeskRow;
use crate::store::{Conn, StoreError, campaigns, cards};

/// So many comments are looked at for one campaign, and belong to it at most.
const MOST: usize = 1_000;
/// A campaign is followed from variant to variant so many times: its texts drift.
const STEPS: usize = 3;
/// So many of its like are counted for a card.
pub const COUNTED: usize = 200;

/// The campaign that a comment belongs to: the comment itself and all that are like one another, waiting or turned away,
/// that nobody has decided on. Only itself, if it is like no other.
pub async fn of(app: &App, site: &Site, id: Uuid) -> Result<Option<Vec<DeskRow>>, StoreError> {
    let mut conn = app.db.conn().await?;
    let Some(first) = campaigns::find(&mut conn, site.id, id).await? else { return Ok(None) };
    let mut members = vec![id];
    let mut known: HashSet<Uuid> = HashSet::from([id]);
    let mut newest = vec![Likeness::of(&first.body, &first.url)];
    for _ in 0..STEPS {
        let traits: Vec<i64> =
            newest.iter().flat_map(Likeness::traits).collect::<HashSet<_>>().into_iter().collect();
        let room = MOST.saturating_sub(members.len());
        let found = alike(&mut conn, site.id, &traits, &newest).await?;
        newest = Vec::new();
        for (id, likeness) in
            found.into_iter().filter(|(id, _)| !known.contains(id)).take(room).collect::<Vec<_>>()
        {
            known.insert(id);
            members.push(id);
            newest.push(likeness);
        }
        if newest.is_empty() {
            break;
        }
    }
    let wanted: Vec<(i64, Uuid)> = members.into_iter().map(|id| (site.id, id)).collect();
    Ok(Some(cards::of(&mut conn, &wanted).await?))
}

/// Comments with any of these traits that are like any of these.
async fn alike(
    conn: &mut Conn,
    site_id: i64,
    traits: &[i64],
    like: &[Likeness],
) -> Result<Vec<(Uuid, Likeness)>, StoreError> {
    if traits.is_empty() {
        return Ok(Vec::new());
    }
    let limit = i64::try_from(MOST).unwrap_or(i64::MAX);
    let candidates = campaigns::sharing(conn, site_id, traits, limit).await?;
    Ok(candidates
        .into_iter()
        .map(|row| (row.id, Likeness::of(&row.body, &row.url)))
        .filter(|(_, likeness)| like.iter().any(|one| one.is_like(likeness)))
        .collect())
}

/// How many others of its site each of these comments is like, up to [`COUNTED`] of each site looked at; in their order.
pub async fn count_alike(conn: &mut Conn, rows: &[DeskRow]) -> Result<Vec<usize>, StoreError> {
    let likeness: Vec<Likeness> = rows.iter().map(|row| Likeness::of(&row.body, &row.url)).collect();
    let mut counts = vec![0; rows.len()];
    let sites: HashSet<i64> = rows.iter().map(|row| row.site_id).collect();
    for site_id in sites {
        let here = || {
            rows.iter().zip(&likeness).filter(move |(row, _)| row.site_id == site_id && row.is_undecided())
        };
        let traits: Vec<i64> = here().flat_map(|(_, likeness)| likeness.traits()).collect();
        if traits.is_empty() {
            continue;
        }
        let limit = i64::try_from(COUNTED).unwrap_or(i64::MAX);
        let candidates = campaigns::sharing(conn, site_id, &traits, limit).await?;
        let candidates: Vec<(Uuid, Likeness)> =
            candidates.into_iter().map(|row| (row.id, Likeness::of(&row.body, &row.url))).collect();
        for ((row, likeness), count) in rows.iter().zip(&likeness).zip(&mut counts) {
            if row.site_id == site_id && row.is_undecided() {
                *count =
                    candidates.iter().filter(|(id, other)| *id != row.id && likeness.is_like(other)).count();
            }
        }
    }
    Ok(counts)
}
