//! A score and the reasons for it, as small figures.

use std::borrow::Borrow;

use askama::Template;
use askama::filters::HtmlSafe;

use super::figures::signed;

/// A spam probability on its bar, with the site's two thresholds.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/score.html")]
pub struct Score {
    /// Probability of spam at the time of the decision, 0 to 1.
    pub spam_probability: f64,
    /// Below this a comment is published.
    pub approve_below: f64,
    /// From this on a comment is turned away.
    pub reject_from: f64,
}

impl HtmlSafe for Score {}

impl Score {
    fn figure(&self) -> String {
        figure(self.spam_probability)
    }

    fn word(&self) -> &'static str {
        match self.side() {
            "ham" => "looks fine",
            "spam" => "looks like spam",
            _ => "in doubt",
        }
    }

    fn side(&self) -> &'static str {
        if self.spam_probability < self.approve_below {
            "ham"
        } else if self.spam_probability >= self.reject_from {
            "spam"
        } else {
            "doubt"
        }
    }

    /// Place on a bar 100 units long.
    fn place(probability: impl Borrow<f64>) -> f64 {
        let probability = *probability.borrow();
        if probability.is_finite() { (probability.clamp(0.0, 1.0) * 1000.0).round() / 10.0 } else { 50.0 }
    }
}

/// A probability, which is never certainty.
pub(super) fn figure(probability: f64) -> String {
    match probability {
        p if !p.is_finite() => "–".to_owned(),
        p if p < 0.005 => "<\u{a0}0.01".to_owned(),
        p if p > 0.995 => ">\u{a0}0.99".to_owned(),
        p => format!("{p:.2}"),
    }
}

/// One part of a score.
#[derive(Debug, Clone)]
pub struct Reason {
    /// In words: `link to example.top`, `form answered within 1 s`.
    pub what: String,
    /// Log-odds towards spam (above 0) or ham (below 0).
    pub log_odds: f64,
}

/// The parts of a score, in the order given (strongest first reads best). The first few are shown, the others
/// fold away.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/reasons.html")]
pub struct Reasons {
    /// All parts; together they add up to the score's log-odds.
    pub parts: Vec<Reason>,
}

impl HtmlSafe for Reasons {}

struct ReasonRow<'a> {
    what: &'a str,
    weight: String,
    pull: Pull,
}

/// A bar ready to draw: it grows from the middle (50) of 100 units, left to ham and right to spam.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pull {
    pub(super) side: &'static str,
    pub(super) left: f64,
    pub(super) width: f64,
}

impl Pull {
    /// `strongest` fills its half.
    pub(super) fn of(log_odds: f64, strongest: f64) -> Self {
        let share = (log_odds / strongest).clamp(-1.0, 1.0);
        let width = if share.is_finite() { (share.abs() * 480.0).round() / 10.0 } else { 0.0 };
        let (side, left) = if log_odds > 0.0 { ("spam", 50.0) } else { ("ham", 50.0 - width) };
        Self { side, left, width }
    }
}

/// How many reasons are shown before the rest folds away.
const SHOWN: usize = 5;

impl Reasons {
    fn rows(&self) -> Vec<ReasonRow<'_>> {
        let strongest = self.parts.iter().map(|part| part.log_odds.abs()).fold(1.0, f64::max);
        self.parts
            .iter()
            .map(|part| ReasonRow {
                what: &part.what,
                weight: signed(part.log_odds, 1),
                pull: Pull::of(part.log_odds, strongest),
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(spam_probability: f64) -> Score {
        Score { spam_probability, approve_below: 0.2, reject_from: 0.95 }
    }

    #[test]
    fn a_score_never_claims_certainty() {
        assert_eq!(score(0.999).figure(), ">\u{a0}0.99");
        assert_eq!(score(0.0001).figure(), "<\u{a0}0.01");
        assert_eq!(score(0.714).figure(), "0.71");
    }

    #[test]
    fn the_word_follows_the_thresholds_as_the_decision_does() {
        assert_eq!(score(0.199).word(), "looks fine");
        assert_eq!(score(0.2).word(), "in doubt");
        assert_eq!(score(0.95).word(), "looks like spam");
        assert_eq!(score(f64::NAN).word(), "in doubt");
    }

    #[test]
    fn bars_grow_to_their_side_and_stay_inside() {
        let part = |log_odds| Reason { what: String::new(), log_odds };
        let reasons = Reasons { parts: vec![part(4.0), part(-2.0), part(f64::NAN), part(f64::INFINITY)] };
        for ReasonRow { pull, .. } in reasons.rows() {
            assert!(pull.left >= 0.0 && pull.left + pull.width <= 100.0, "{pull:?}");
        }
        assert_eq!(reasons.rows()[1].pull.side, "ham");
    }
}
