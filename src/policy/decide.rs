//! The sum of all evidence, and what follows from it.

use serde::{Deserialize, Serialize};

use super::thresholds::{Decision, Thresholds};
use crate::comment::State;

/// Where a reason comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// A telling part of the text, name, e-mail or address, as the classifier sees it.
    Text,
    /// The rest of the text: everything too small to be listed by itself.
    Rest,
    /// Evidence around the text.
    Signal,
    /// How much of the site's recent queue is spam.
    Queue,
    /// A model of abuse held the comment; this weighs nothing as spam.
    Abuse,
    /// A rule that people made; this weighs nothing as spam.
    Rule,
}

/// One part of a judgement. All parts together add up to its log-odds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// Where it comes from.
    pub source: Source,
    /// In words a person understands: `link to example.top`, `form answered within 1 s`.
    pub what: String,
    /// Log-odds towards spam (above 0) or ham (below 0).
    pub log_odds: f64,
}

/// What is decided of a new comment, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// Publish, hold or turn away.
    pub decision: Decision,
    /// All evidence, text and signals, as log-odds of spam.
    pub log_odds: f64,
    /// The same as a probability.
    pub spam_probability: f64,
    /// The parts of [`Self::log_odds`], strongest first.
    pub reasons: Vec<Reason>,
}

/// Adds the signals to the text's log-odds and cuts the sum at the thresholds. `text` are the listed parts of
/// `text_log_odds`; what they leave over becomes one reason of its own, so that the parts always add up.
pub fn decide(
    text_log_odds: f64,
    text: Vec<Reason>,
    signals: Vec<Reason>,
    thresholds: Thresholds,
) -> Judgement {
    let listed: f64 = text.iter().map(|reason| reason.log_odds).sum();
    let log_odds = text_log_odds + signals.iter().map(|reason| reason.log_odds).sum::<f64>();
    let spam_probability = 1.0 / (1.0 + (-log_odds).exp());
    let mut reasons = signals;
    reasons.extend(text);
    reasons.push(Reason {
        source: Source::Rest,
        what: "everything else in the text".to_owned(),
        log_odds: text_log_odds - listed,
    });
    reasons.sort_by(|a, b| b.log_odds.abs().total_cmp(&a.log_odds.abs()));
    Judgement { decision: thresholds.decide(spam_probability), log_odds, spam_probability, reasons }
}

/// The state a new comment enters by this decision.
pub fn state_of(decision: Decision) -> State {
    match decision {
        Decision::Approve => State::Approved,
        Decision::Hold => State::Held,
        Decision::Reject => State::Spam,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reason(source: Source, log_odds: f64) -> Reason {
        Reason { source, what: String::new(), log_odds }
    }

    #[test]
    fn an_unusable_score_is_held() {
        let judgement = decide(f64::NAN, Vec::new(), Vec::new(), Thresholds::DEFAULT);
        assert_eq!(judgement.decision, Decision::Hold);
    }

    proptest! {
        #[test]
        fn the_reasons_add_up(text in -50.0..50.0_f64, parts in prop::collection::vec(-5.0..5.0_f64, 0..9),
                              around in prop::collection::vec(-3.0..3.0_f64, 0..4)) {
            let judgement = decide(
                text,
                parts.iter().map(|&x| reason(Source::Text, x)).collect(),
                around.iter().map(|&x| reason(Source::Signal, x)).collect(),
                Thresholds::DEFAULT,
            );
            let sum: f64 = judgement.reasons.iter().map(|reason| reason.log_odds).sum();
            prop_assert!((sum - judgement.log_odds).abs() < 1e-9);
        }
    }
}
