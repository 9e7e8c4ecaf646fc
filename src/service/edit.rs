//! Putting right what a comment says. What came in is kept, and stays what was judged and what is learnt.

use uuid::Uuid;

use super::accounts::Moderator;
use super::moderate::{self, Change, Decided, ModerateError};
use super::sites::Site;
use crate::app::App;
use crate::comment::{IllegalMove, Likeness, State, Wording, fingerprint, language, to_html};
use crate::store::decisions::{Act, By};
use crate::store::revisions::{self, NewWording};
use crate::store::{StoreError, Tx};

/// Changes what a comment says, made on the version that was seen. It stands where it stood. What changes nothing leaves no
/// trace.
pub async fn edit(
    app: &App,
    moderator: &Moderator,
    site: &Site,
    comment: Uuid,
    wording: &Wording,
    seen: Option<i32>,
) -> Result<Decided, ModerateError> {
    let mut tx = app.db.begin().await?;
    let locked = moderate::lock(&mut tx, moderator, site, comment).await?;
    if locked.state == State::Deleted {
        return Err(IllegalMove.into());
    }
    if locked.wording == *wording {
        return Ok(locked.unchanged(Act::Edited));
    }
    moderate::check_seen(&mut tx, site, &locked, seen).await?;
    let change = Change {
        act: Act::Edited,
        target: locked.state,
        label: locked.label.clone(),
        reason: locked.reason(),
        undoes: None,
        batch: None,
        answered: 0,
    };
    let edited = moderate::record(app, &mut tx, By::Moderator(moderator.id), site, &locked, &change).await?;
    if let Some(decision) = edited.decision {
        write(&mut tx, site, comment, decision, wording).await?;
    }
    moderate::finish(app, tx).await?;
    metrics::counter!("moderato_edits_total").increment(1);
    Ok(edited)
}

/// Writes a wording with all that follows from it.
pub(super) async fn write(
    tx: &mut Tx,
    site: &Site,
    comment: Uuid,
    decision: Uuid,
    wording: &Wording,
) -> Result<(), StoreError> {
    let new = NewWording {
        site_id: site.id,
        id: comment,
        decision_id: decision,
        wording,
        html: &to_html(&wording.body),
        fingerprint: &fingerprint(&wording.body),
        language: language(&wording.body),
        traits: &Likeness::of(&wording.body, &wording.url).traits(),
    };
    revisions::write(tx, &new).await
}
