//! Decisions as they are made, by whichever process: what open desks are told.

use std::sync::Arc;

use tokio::sync::broadcast;
use uuid::Uuid;

use crate::app::App;
use crate::comment::State;
use crate::store::decisions::Act;
use crate::store::{StoreError, decisions};

/// A desk that is further behind than this is told to look again.
const BEHIND: usize = 256;

/// Somebody decided on a comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The site.
    pub site_id: i64,
    /// The comment.
    pub comment_id: Uuid,
    /// What was done.
    pub act: Act,
    /// Where it stands since.
    pub state: State,
    /// Its version, at least.
    pub version: i32,
    /// Who decided.
    pub who: String,
}

/// Where desks listen.
#[derive(Debug)]
pub struct Feed(broadcast::Sender<Arc<Told>>);

impl Default for Feed {
    fn default() -> Self {
        Self(broadcast::channel(BEHIND).0)
    }
}

impl Feed {
    /// Listens from now on.
    pub fn listen(&self) -> broadcast::Receiver<Arc<Told>> {
        self.0.subscribe()
    }
}

/// Tells every desk of this process about a decision that was announced, if it is one.
pub async fn tell(app: &App, announced: &str) -> Result<(), StoreError> {
    let Some((site, decision)) = announced.split_once(':') else { return Ok(()) };
    let (Ok(site_id), Ok(decision)) = (site.parse(), Uuid::try_parse(decision)) else { return Ok(()) };
    if app.feed.0.receiver_count() == 0 {
        return Ok(());
    }
    if let Some(row) = decisions::told(&mut *app.db.conn().await?, site_id, decision).await?
        && let Some((act, state)) = Act::parse(&row.act).zip(State::parse(&row.to_state))
    {
        // Nobody may be listening any more.
        let _ = app.feed.0.send(Arc::new(Told {
            site_id,
            comment_id: row.comment_id,
            act,
            state,
            version: row.version,
            who: row.who,
        }));
    }
    Ok(())
}
