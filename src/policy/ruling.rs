//! What the rules that matched a comment do to its judgement: they have the last word, and say so.

use super::decide::{Judgement, Reason, Source, state_of};
use super::rules::{Effect, Fired};
use super::thresholds::Decision;
use crate::comment::State;

/// A judgement after the rules have had their say.
#[derive(Debug, Clone, PartialEq)]
pub struct Ruling {
    /// The judgement, with a reason for each rule.
    pub judgement: Judgement,
    /// The state the comment enters.
    pub state: State,
    /// Whether rules had a say; where not, the thresholds alone decided.
    pub ruled: bool,
}

/// Lets the rules that fired, the strictest first, have the last word. They weigh nothing as spam: score and probability stay
/// what they are.
pub fn mind_rules(judgement: Judgement, fired: &[Fired<'_>]) -> Ruling {
    let strictest = fired.first().filter(|fired| fired.counts).map(|fired| fired.rule.effect());
    let abusive = judgement.reasons.iter().any(|reason| reason.source == Source::Abuse);
    let decision = match (strictest, judgement.decision) {
        (Some(Effect::Trust), Decision::Hold) if !abusive => Decision::Approve,
        (Some(Effect::Hold), Decision::Approve) => Decision::Hold,
        (_, decision) => decision,
    };
    let state = if strictest == Some(Effect::Ban) { State::Rejected } else { state_of(decision) };
    let mut reasons: Vec<Reason> =
        fired.iter().map(|fired| Reason { source: Source::Rule, what: said(fired), log_odds: 0.0 }).collect();
    reasons.extend(judgement.reasons);
    Ruling { judgement: Judgement { decision, reasons, ..judgement }, state, ruled: strictest.is_some() }
}

fn said(fired: &Fired<'_>) -> String {
    let id = fired.rule.id();
    match fired.rule.effect() {
        Effect::Ban => format!("banned by rule {id}: {fired}"),
        Effect::Hold => format!("to be held by rule {id}: {fired}"),
        Effect::Trust if fired.counts => format!("trusted by rule {id}: {fired}"),
        Effect::Trust => {
            format!("rule {id} would trust it, but from this network nobody has seen the {fired} before")
        }
    }
}
