//! Abuse beside spam: a model of its own says how likely a comment insults somebody. It can only keep a comment from being
//! published unseen; what is spam is decided without it, and nobody is turned away by it.

use std::cmp::Ordering;

use super::decide::{Judgement, Reason, Source};
use super::thresholds::Decision;

/// Where a site holds comments for abuse, if its operator says nothing.
pub const HOLD_ABUSE_FROM: f64 = 0.8;

/// Above every probability: abuse holds nothing.
pub const HOLD_NO_ABUSE: f64 = 1.01;

/// What the model of abuse says of a comment, and where its site cuts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Abuse {
    /// Probability of abuse.
    pub probability: f64,
    /// From here on it is held, 0 to [`HOLD_NO_ABUSE`].
    pub hold_from: f64,
}

impl Abuse {
    /// Whether a person has to look. So does a probability that is none.
    pub fn holds(self) -> bool {
        self.hold_from <= 1.0 && self.probability.partial_cmp(&self.hold_from) != Some(Ordering::Less)
    }
}

/// Holds what would have been published, if it is abuse. That is a reason of its own, and weighs nothing as spam.
pub fn mind_abuse(judgement: Judgement, abuse: Abuse) -> Judgement {
    if judgement.decision != Decision::Approve || !abuse.holds() {
        return judgement;
    }
    let Abuse { probability, hold_from } = abuse;
    let mut reasons = judgement.reasons;
    reasons.insert(
        0,
        Reason {
            source: Source::Abuse,
            what: format!("abuse {probability:.2}, held from {hold_from:.2} on"),
            log_odds: 0.0,
        },
    );
    Judgement { decision: Decision::Hold, reasons, ..judgement }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Thresholds, decide};
    use super::*;

    #[test]
    fn abuse_is_held_with_its_reason() {
        let judgement = decide(-5.0, Vec::new(), Vec::new(), Thresholds::DEFAULT);
        let minded = mind_abuse(judgement.clone(), Abuse { probability: 0.91, hold_from: 0.8 });
        assert_eq!(minded.decision, Decision::Hold);
        assert_eq!(minded.reasons[0].what, "abuse 0.91, held from 0.80 on");
        let unusable = mind_abuse(judgement.clone(), Abuse { probability: f64::NAN, hold_from: 0.8 });
        assert_eq!(unusable.decision, Decision::Hold);
        let off = mind_abuse(judgement, Abuse { probability: 1.0, hold_from: HOLD_NO_ABUSE });
        assert_eq!(off.decision, Decision::Approve);
    }

    proptest! {
        #[test]
        fn abuse_only_ever_holds_what_would_be_published(log_odds in -9.0..9.0_f64, probability in 0.0..=1.0_f64,
                                                         hold_from in 0.0..=HOLD_NO_ABUSE) {
            let judgement = decide(log_odds, Vec::new(), Vec::new(), Thresholds::DEFAULT);
            let minded = mind_abuse(judgement.clone(), Abuse { probability, hold_from });
            let expected = match judgement.decision {
                Decision::Approve if probability >= hold_from => Decision::Hold,
                decision => decision,
            };
            prop_assert_eq!(minded.decision, expected);
            let sum: f64 = minded.reasons.iter().map(|reason| reason.log_odds).sum();
            prop_assert!((sum - minded.log_odds).abs() < 1e-9);
        }
    }
}
