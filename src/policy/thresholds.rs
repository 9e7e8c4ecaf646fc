//! Two thresholds on the spam probability cut it into three decisions.

use serde::{Deserialize, Serialize};

/// What becomes of a new comment without a person having looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Published at once.
    Approve,
    /// Waits for a moderator.
    Hold,
    /// Turned away as spam; a moderator can still find it and bring it back.
    Reject,
}

/// The two cuts of a site: below the first a comment is published, from the second on it is turned away,
/// between them it waits for a person. Both are spam probabilities, `0 <= approve_below <= reject_from <= 1`; a
/// second one above 1, up to [`Thresholds::REJECT_NOTHING`], turns nothing away.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Thresholds {
    approve_below: f64,
    reject_from: f64,
}

/// Thresholds that are no probabilities, or the wrong way round.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error(
    "thresholds must satisfy 0 <= approve below <= reject from <= 1 (or reject from = {}: nothing is), but approve \
     below is {approve_below} and reject from is {reject_from}",
    Thresholds::REJECT_NOTHING
)]
pub struct InvalidThresholds {
    approve_below: f64,
    reject_from: f64,
}

impl Thresholds {
    /// Cautious on both sides: doubt is for a person.
    pub const DEFAULT: Self = Self { approve_below: 0.2, reject_from: 0.95 };

    /// As second cut: nothing is turned away.
    pub const REJECT_NOTHING: f64 = 1.01;

    /// Everything waits for a person.
    pub const HOLD_ALL: Self = Self { approve_below: 0.0, reject_from: Self::REJECT_NOTHING };

    /// Checks and pairs the two cuts, spam probabilities between 0 and 1; the second may be
    /// [`Self::REJECT_NOTHING`].
    pub fn new(approve_below: f64, reject_from: f64) -> Result<Self, InvalidThresholds> {
        let valid = (0.0..=1.0).contains(&approve_below)
            && (0.0..=Self::REJECT_NOTHING).contains(&reject_from)
            && approve_below <= reject_from;
        if valid {
            Ok(Self { approve_below, reject_from })
        } else {
            Err(InvalidThresholds { approve_below, reject_from })
        }
    }

    /// Spam probability below which a comment is published.
    pub fn approve_below(self) -> f64 {
        self.approve_below
    }

    /// Spam probability from which on a comment is turned away.
    pub fn reject_from(self) -> f64 {
        self.reject_from
    }

    /// The decision for one spam probability. Anything that is not a number is held.
    pub fn decide(self, spam_probability: f64) -> Decision {
        if spam_probability < self.approve_below {
            Decision::Approve
        } else if spam_probability >= self.reject_from {
            Decision::Reject
        } else {
            Decision::Hold
        }
    }
}

impl Default for Thresholds {
    fn default() -> Self {
        Self::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cuts_belong_to_the_cautious_side() {
        let thresholds = Thresholds::new(0.2, 0.95).unwrap();
        assert_eq!(thresholds.decide(0.199), Decision::Approve);
        assert_eq!(thresholds.decide(0.2), Decision::Hold);
        assert_eq!(thresholds.decide(0.949), Decision::Hold);
        assert_eq!(thresholds.decide(0.95), Decision::Reject);
        assert_eq!(thresholds.decide(f64::NAN), Decision::Hold);
    }

    #[test]
    fn thresholds_the_wrong_way_round_are_refused() {
        assert!(Thresholds::new(0.9, 0.1).is_err());
        assert!(Thresholds::new(-0.1, 0.5).is_err());
        assert!(Thresholds::new(0.1, f64::NAN).is_err());
        assert!(Thresholds::new(0.1, 95.0).is_err());
    }

    #[test]
    fn nothing_need_be_decided_automatically() {
        for probability in [0.0, 0.5, 1.0] {
            assert_eq!(Thresholds::HOLD_ALL.decide(probability), Decision::Hold);
        }
        let approving = Thresholds::new(0.2, Thresholds::REJECT_NOTHING).unwrap();
        assert_eq!((approving.decide(0.1), approving.decide(1.0)), (Decision::Approve, Decision::Hold));
    }
}
