//! The prior of a site's own queue. The classifier's log-odds are those of a queue that is half spam; how much spam a
//! site gets of late is evidence of its own, with a short memory, so that a sudden wave on a quiet blog is noticed
//! within some dozen decisions.

use super::decide::{Reason, Source};

/// What people decided on the newest labelled comments of a site, at most [`Self::WINDOW`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RecentQueue {
    /// Those that are spam.
    pub spam: u32,
    /// Those that are not.
    pub ham: u32,
}

impl RecentQueue {
    /// The memory, in comments.
    pub const WINDOW: u32 = 200;
}

/// So many imagined comments of each kind stand against the real ones: ten decisions that agree say 0.4, not all.
const IMAGINED: f64 = 20.0;
/// No queue weighs more than this, whatever is in it.
const BOUND: f64 = 3.0;

/// The prior log-odds of spam, shrunk towards even odds; nothing for a new site and for a queue that is half spam.
pub fn prior(recent: RecentQueue) -> Option<Reason> {
    let RecentQueue { spam, ham } = recent;
    let log_odds = ((f64::from(spam) + IMAGINED) / (f64::from(ham) + IMAGINED)).ln().clamp(-BOUND, BOUND);
    (spam != ham).then(|| Reason {
        source: Source::Queue,
        what: format!("the last {} decided comments here: {spam} spam", u64::from(spam) + u64::from(ham)),
        log_odds,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::policy::{Decision, Thresholds, decide};

    fn log_odds(spam: u32, ham: u32) -> f64 {
        prior(RecentQueue { spam, ham }).map_or(0.0, |reason| reason.log_odds)
    }

    #[test]
    fn a_quiet_blog_is_told_in_words() {
        let reason = prior(RecentQueue { spam: 12, ham: 188 }).unwrap();
        assert_eq!(reason.what, "the last 200 decided comments here: 12 spam");
        assert!((reason.log_odds + 1.87).abs() < 0.01, "{}", reason.log_odds);
        assert_eq!(prior(RecentQueue::default()), None, "a new site has no prior");
    }

    #[test]
    fn it_moves_what_is_in_doubt_and_adds_up() {
        let around: Vec<Reason> = prior(RecentQueue { spam: 6, ham: 194 }).into_iter().collect();
        let judgement = decide(0.3, Vec::new(), around, Thresholds::DEFAULT);
        assert_eq!(judgement.decision, Decision::Approve);
        let sum: f64 = judgement.reasons.iter().map(|reason| reason.log_odds).sum();
        assert!((sum - judgement.log_odds).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn it_is_bounded_fair_and_grows_with_spam(spam: u32, ham: u32) {
            let here = log_odds(spam, ham);
            prop_assert!(here.abs() <= BOUND);
            prop_assert!((here + log_odds(ham, spam)).abs() < 1e-9, "spam and ham are treated alike");
            prop_assert!(log_odds(spam.saturating_add(1), ham) >= here);
            prop_assert!(log_odds(spam, ham.saturating_add(1)) <= here);
        }
    }
}
