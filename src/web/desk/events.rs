//! `GET /admin/events`: what happens elsewhere while a desk is open, as server-sent events. A desk without JavaScript does
//! not need it: decisions name the version they were made on.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum_extra::extract::cookie::CookieJar;
use futures_util::stream::{Stream, unfold};
use serde_json::{Map, Value, json};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep_until};

use super::session::{SignedIn, token};
use crate::app::App;
use crate::comment::Queue;
use crate::service::accounts::Moderator;
use crate::service::feed::Told;
use crate::service::{desk, sign_in};
use crate::store::decisions::Act;
use crate::web::router::Shared;
use crate::web::views::Shown;

/// The numbers of the queues are looked at so often.
const COUNTS: Duration = Duration::from_secs(5);
/// A stream ends after this long, and the browser opens the next one.
const LASTS: Duration = Duration::from_mins(10);

pub(super) async fn show(
    State(shared): State<Shared>,
    SignedIn(moderator): SignedIn,
    jar: CookieJar,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut counts = interval(COUNTS);
    counts.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let open = Open {
        decisions: shared.app.feed.listen(),
        token: token(&shared.app, &jar).unwrap_or_default(),
        moderator,
        app: Arc::clone(&shared.app),
        counts,
        told: None,
        ends: Instant::now() + LASTS,
        stop: shared.stop.clone(),
    };
    Sse::new(unfold(open, |mut open| async move {
        let event = open.next().await?;
        Some((Ok(event), open))
    }))
    .keep_alive(KeepAlive::default())
}

/// An open desk.
struct Open {
    app: Arc<App>,
    decisions: Receiver<Arc<Told>>,
    /// Whose it is, by which session; looked at again with the numbers.
    moderator: Moderator,
    token: String,
    counts: Interval,
    /// The numbers as it was told them last.
    told: Option<Value>,
    ends: Instant,
    stop: tokio_util::sync::CancellationToken,
}

impl Open {
    async fn next(&mut self) -> Option<Event> {
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return None,
                () = sleep_until(self.ends) => return None,
                told = self.decisions.recv() => match told {
                    Ok(told) if self.moderator.sees(told.site_id) => return Some(decided(&told)),
                    Ok(_) => {}
                    Err(RecvError::Lagged(_)) => return Some(Event::default().event("behind").data("{}")),
                    Err(RecvError::Closed) => return None,
                },
                _ = self.counts.tick() => {
                    match sign_in::authenticate(&self.app, &self.token).await {
                        Ok(Some(moderator)) => self.moderator = moderator,
                        Ok(None) => return None,
                        Err(_passing) => continue,
                    }
                    let sites = desk::site_ids(&self.app, &self.moderator);
                    let Ok(counts) = desk::counts(&self.app, &sites).await else { continue };
                    let counts: Map<String, Value> = Queue::ALL
                        .into_iter()
                        .map(|queue| {
                            let count = counts.get(&queue).copied().unwrap_or_default();
                            (queue.as_str().to_owned(), json!(count))
                        })
                        .collect();
                    let counts = Value::Object(counts);
                    if self.told.as_ref() != Some(&counts) {
                        let event = Event::default().event("counts").data(counts.to_string());
                        self.told = Some(counts);
                        return Some(event);
                    }
                }
            }
        }
    }
}

/// Somebody decided, here or in another window: a card of an older version says so and rests.
fn decided(told: &Told) -> Event {
    let said = json!({
        "comment": told.comment_id,
        "state": told.state.as_str(),
        "version": told.version,
        "words": match told.act {
            Act::Edited => format!("Edited by {}", told.who),
            _ => format!("{} by {}", told.state.word(), told.who),
        },
    });
    Event::default().event("decided").data(said.to_string())
}
