//! Who guesses passwords has to wait, longer each time. Failures are counted in Postgres, so that every process counts
//! the same, and by keyed hashes, so that nothing tells whose they are.
//!
//! A name is counted wherever the attempts come from, except in places its owner has signed in from before: there it is
//! counted apart, so that strangers cannot lock anybody out. Whether there is somebody of that name makes no difference.

use std::net::IpAddr;

use time::{Duration, OffsetDateTime};

use super::limiter::network;
use crate::app::App;
use crate::store::{StoreError, Tx, throttle};

/// Failures of a name before it has to wait.
const BY_NAME: i32 = 5;
/// Failures of an address before it has to wait: many people may be behind one.
const BY_ADDRESS: i32 = 30;
/// Nobody waits longer.
const LONGEST_WAIT: Duration = Duration::minutes(15);
/// Failures are forgotten after so long without another.
const REMEMBERED: Duration = Duration::days(1);
/// A place is familiar so long.
const FAMILIAR: Duration = Duration::days(90);

/// An attempt that may be made. It counts as failed unless it [succeeds](Attempt::succeed), so that many at the same
/// moment gain nothing.
#[derive(Debug)]
pub(super) struct Attempt {
    keys: Vec<[u8; 32]>,
    place: [u8; 32],
}

impl Attempt {
    /// Begins an attempt for a name from an address, or says how long to wait.
    pub(super) async fn begin(
        app: &App,
        name: &str,
        address: IpAddr,
    ) -> Result<Result<Self, Duration>, StoreError> {
        let now = app.now();
        let network = network(address);
        let place = key(app, "place", &format!("{}\0{network}", name.trim().to_lowercase()));
        let mut tx = app.db.begin().await?;
        let familiar = throttle::is_familiar(&mut tx, &place, now - FAMILIAR).await?;
        let mut counted = vec![(if familiar { place } else { by_name(app, name) }, BY_NAME)];
        // Behind a proxy that is not trusted everybody comes from this machine.
        if !network.is_loopback() {
            counted.push((key(app, "address", &network.to_string()), BY_ADDRESS));
        }
        // Always in the same order, so that attempts do not wait for each other crosswise.
        counted.sort_unstable();
        let wait = count(&mut tx, &counted, now).await?;
        if wait > Duration::ZERO {
            return Ok(Err(wait));
        }
        tx.commit().await?;
        Ok(Ok(Self { keys: counted.into_iter().map(|(key, _)| key).collect(), place }))
    }

    /// It was no guess: the name's and the address' failures are forgotten, and the place is familiar from now on.
    pub(super) async fn succeed(&self, app: &App, tx: &mut Tx) -> Result<(), StoreError> {
        throttle::forget(tx, &self.keys).await?;
        throttle::note_familiar(tx, &self.place, app.now()).await
    }
}

/// Forgets a name's failures: its owner has got in another way.
pub(super) async fn forgive(app: &App, tx: &mut Tx, name: &str) -> Result<(), StoreError> {
    throttle::forget(tx, &[by_name(app, name)]).await
}

fn by_name(app: &App, name: &str) -> [u8; 32] {
    key(app, "name", &name.trim().to_lowercase())
}

fn key(app: &App, what: &str, value: &str) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_keyed(&app.keys.throttle);
    hasher.update(what.as_bytes()).update(&[0]).update(value.as_bytes());
    *hasher.finalize().as_bytes()
}

/// Counts an attempt under each key, or says how long to wait where it comes too early.
async fn count(
    tx: &mut Tx,
    counted: &[([u8; 32], i32)],
    now: OffsetDateTime,
) -> Result<Duration, StoreError> {
    let mut wait = Duration::ZERO;
    let mut counts = Vec::new();
    for (key, allowed) in counted {
        let failures = throttle::lock(tx, key, now).await?;
        let count = if failures.last_at + REMEMBERED < now { 0 } else { failures.count };
        wait = wait.max(failures.last_at + delay(count - allowed) - now);
        counts.push((key, count));
    }
    if wait <= Duration::ZERO {
        for (key, count) in counts {
            throttle::count(tx, key, count.saturating_add(1), now).await?;
        }
    }
    Ok(wait)
}

/// Forgets what is too old to count.
pub async fn sweep(app: &App) -> Result<(), StoreError> {
    let now = app.now();
    throttle::delete_before(&mut *app.db.conn().await?, now - REMEMBERED, now - FAMILIAR).await
}

/// How long to wait after the last failure: nothing within what is allowed, then 2, 4, 8 … seconds.
fn delay(beyond: i32) -> Duration {
    match u32::try_from(beyond) {
        Err(_) => Duration::ZERO,
        Ok(beyond) => Duration::seconds(2_i64.saturating_pow(beyond.min(20) + 1)).min(LONGEST_WAIT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let seconds: Vec<i64> =
            [-5, -1, 0, 1, 2, 8, 9, i32::MAX].map(|beyond| delay(beyond).whole_seconds()).to_vec();
        assert_eq!(seconds, [0, 0, 2, 4, 8, 512, 900, 900]);
    }
}
