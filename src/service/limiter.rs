//! How often one address may send a comment or a report, and one key may ask. Addresses live in memory only, and not for long.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Counts what addresses send.
#[derive(Debug)]
pub struct Limiter(Option<DefaultKeyedRateLimiter<IpAddr>>);

/// So many addresses are remembered before those that have been quiet are forgotten.
const REMEMBERED: usize = 10_000;

impl Limiter {
    /// Lets every address send `per_minute`, in a burst of as many; 0 is no limit.
    pub fn new(per_minute: u32) -> Self {
        Self(NonZeroU32::new(per_minute).map(|limit| RateLimiter::keyed(Quota::per_minute(limit))))
    }

    /// Counts one from this address; too many give the time to wait. This machine itself is not counted.
    pub fn check(&self, address: IpAddr) -> Result<(), Duration> {
        let Some(limiter) = &self.0 else { return Ok(()) };
        if address.to_canonical().is_loopback() {
            return Ok(());
        }
        if limiter.len() > REMEMBERED {
            limiter.retain_recent();
        }
        limiter
            .check_key(&network(address))
            .map_err(|not_until| not_until.wait_time_from(DefaultClock::default().now()))
    }
}

/// Counts what programs ask by their keys.
#[derive(Debug)]
pub struct KeyLimiter(Option<Counted>);

type Counted = RateLimiter<i64, DefaultKeyedStateStore<i64>, DefaultClock, StateInformationMiddleware>;

/// How much of its share of a minute a key has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Requests a minute.
    pub limit: u32,
    /// How many of them could be sent at once now.
    pub remaining: u32,
    /// After so long without a request it is all of them again.
    pub full_after: Duration,
    /// This one is too many; the next one may come after so long.
    pub wait: Option<Duration>,
}

impl KeyLimiter {
    /// Lets every key ask `per_minute` times, in a burst of as many; 0 is no limit.
    pub fn new(per_minute: u32) -> Self {
        Self(NonZeroU32::new(per_minute).map(|limit| {
            RateLimiter::keyed(Quota::per_minute(limit)).with_middleware::<StateInformationMiddleware>()
        }))
    }

    /// Counts one request of this key, if requests are counted.
    pub fn count(&self, key_id: i64) -> Option<Allowance> {
        let limiter = self.0.as_ref()?;
        let (limit, remaining, wait) = match limiter.check_key(&key_id) {
            Ok(state) => (state.quota().burst_size(), state.remaining_burst_capacity(), None),
            Err(not_until) => {
                let wait = not_until.wait_time_from(DefaultClock::default().now());
                (not_until.quota().burst_size(), 0, Some(wait))
            }
        };
        let full_after = Duration::from_mins(1) / limit.get() * (limit.get() - remaining);
        Some(Allowance { limit: limit.get(), remaining, full_after, wait })
    }
}

/// What counts as one address: of IPv6 a whole subscriber's network.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) if !v6.is_loopback() => IpAddr::V6((u128::from(v6) & (u128::MAX << 64)).into()),
        whole => whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_let_through_and_the_next_one_waits() {
        let limiter = Limiter::new(3);
        let address = "203.0.113.9".parse().unwrap();
        assert!((0..3).all(|_| limiter.check(address).is_ok()));
        let wait = limiter.check(address).unwrap_err();
        assert!(wait > Duration::ZERO && wait <= Duration::from_secs(20), "{wait:?}");
        assert!(limiter.check("203.0.113.10".parse().unwrap()).is_ok());
    }

    #[test]
    fn a_network_of_ipv6_addresses_is_one_sender() {
        let limiter = Limiter::new(1);
        assert!(limiter.check("2001:db8:1:2::1".parse().unwrap()).is_ok());
        assert!(limiter.check("2001:db8:1:2:ffff::9".parse().unwrap()).is_err());
        assert!(limiter.check("2001:db8:1:3::1".parse().unwrap()).is_ok());
    }

    #[test]
    fn a_key_is_told_what_it_has_left() {
        let limiter = KeyLimiter::new(2);
        let first = limiter.count(1).unwrap();
        assert_eq!((first.limit, first.remaining, first.wait), (2, 1, None));
        assert_eq!(first.full_after, Duration::from_secs(30));
        assert_eq!(limiter.count(1).unwrap().remaining, 0);
        let refused = limiter.count(1).unwrap();
        assert!(refused.wait.is_some_and(|wait| wait <= Duration::from_secs(30)), "{refused:?}");
        assert_eq!(limiter.count(2).unwrap().remaining, 1, "every key has a share of its own");
        assert_eq!(KeyLimiter::new(0).count(1), None);
    }

    #[test]
    fn this_machine_and_no_limit_are_not_counted() {
        let limiter = Limiter::new(1);
        assert!((0..9).all(|_| limiter.check("127.0.0.1".parse().unwrap()).is_ok()));
        assert!((0..9).all(|_| Limiter::new(0).check("203.0.113.9".parse().unwrap()).is_ok()));
    }
}
