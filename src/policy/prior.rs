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
    /// The memory, in comments. Longer ones notice a wave of spam too late (docs/classifier.md).
    pub const WINDOW: u32 = 50;
}

/// So many imagined comments of each kind stand against the real ones: ten decisions that agree say 0.4, a full memory
/// that agrees 1.25.
const IMAGINED: f64 = 20.0;

/// The prior log-odds of spam, shrunk towards even odds; nothing for a new site and for a queue that is half spam.
pub fn prior(recent: RecentQueue) -> Option<Reason> {
    let RecentQueue { spam, ham } = recent;
    (spam != ham).then(|| Reason {
        source: Source::Queue,
        what: format!("the last {} decided comments here: {spam} spam", spam + ham),
        log_odds: ((f64::from(spam) + IMAGINED) / (f64::from(ham) + IMAGINED)).ln(),
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
        let reason = prior(RecentQueue { spam: 3, ham: 47 }).unwrap();
        assert_eq!(reason.what, "the last 50 decided comments here: 3 spam");
        assert!((reason.log_odds + 1.07).abs() < 0.01, "{}", reason.log_odds);
        assert_eq!(prior(RecentQueue::default()), None, "a new site has no prior");
    }

    #[test]
    fn it_moves_what_is_in_doubt_and_adds_up() {
        let around: Vec<Reason> = prior(RecentQueue { spam: 1, ham: 49 }).into_iter().collect();
        assert_eq!(decide(-0.3, Vec::new(), Vec::new(), Thresholds::DEFAULT).decision, Decision::Hold);
        let judgement = decide(-0.3, Vec::new(), around, Thresholds::DEFAULT);
        assert_eq!(judgement.decision, Decision::Approve);
        let sum: f64 = judgement.reasons.iter().map(|reason| reason.log_odds).sum();
        assert!((sum - judgement.log_odds).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn it_is_bounded_fair_and_grows_with_spam(seen in 0..RecentQueue::WINDOW, spam in 0..RecentQueue::WINDOW) {
            let spam = spam.min(seen);
            let ham = seen - spam;
            let here = log_odds(spam, ham);
            prop_assert!(here.abs() <= 1.26);
            prop_assert!((here + log_odds(ham, spam)).abs() < 1e-9, "spam and ham are treated alike");
            prop_assert!(log_odds(spam + 1, ham) > here);
            prop_assert!(log_odds(spam, ham + 1) < here);
        }
    }
}
