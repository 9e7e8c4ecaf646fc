//! Evidence around the text. Each is a weight, never a verdict: password managers fill traps, cached pages
//! carry old tokens, and a reader without JavaScript or Referer is a reader all the same.

use super::decide::{Reason, Source};

/// How a form was filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormTiming {
    /// No token came along: a static page's own form, or JSON. Says nothing.
    Unknown,
    /// A token came along that this site did not sign, or for another page.
    Forged,
    /// Seconds between showing the form and sending it.
    After(u64),
}

/// What the author's e-mail address did here before, among the newest 50 comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AuthorRecord {
    /// Comments that are published.
    pub approved: u32,
    /// Comments that are spam.
    pub spam: u32,
}

/// Everything known of a submission besides its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Circumstances {
    /// The field that people do not see was filled in.
    pub trap_filled: bool,
    /// How long the form was open.
    pub timing: FormTiming,
    /// The author's record at this site.
    pub author: AuthorRecord,
    /// How many comments of this site with the same text are spam (at most 10 are counted).
    pub same_text_spam: u32,
}

/// Evidence around a text that can fire. Lists of comments by one are read from an index of its own (`comments_signal_NAME`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// The field that people do not see was filled in.
    Trap,
    /// The form was answered within seconds.
    Hasty,
    /// The form's signature is not ours.
    Forged,
    /// The same text was spam before.
    Repeated,
    /// The author's record here, good or bad.
    Record,
    /// A model of abuse held it.
    Abuse,
    /// A rule that people made matched it.
    Rule,
}

impl Signal {
    /// Every signal, in the order the desk shows them.
    pub const ALL: [Self; 7] =
        [Self::Trap, Self::Hasty, Self::Forged, Self::Repeated, Self::Record, Self::Abuse, Self::Rule];

    /// The name in the database and in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trap => "trap",
            Self::Hasty => "hasty",
            Self::Forged => "forged",
            Self::Repeated => "repeated",
            Self::Record => "record",
            Self::Abuse => "abuse",
            Self::Rule => "rule",
        }
    }

    /// The signal with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|signal| signal.as_str() == name)
    }
}

/// Below this many seconds between form and comment, few people have typed.
const HASTY_SECONDS: u64 = 3;

/// The signals of these circumstances, as log-odds of spam. Set by judgement, not learnt: a single one moves
/// an ordinary genuine comment into the queue at most, never straight to spam.
pub fn signals(circumstances: &Circumstances) -> Vec<(Signal, Reason)> {
    let mut fired = Vec::new();
    let mut add = |signal, what: String, log_odds: f64| {
        fired.push((signal, Reason { source: Source::Signal, what, log_odds }));
    };
    if circumstances.trap_filled {
        add(Signal::Trap, "the field that only programs see was filled in".to_owned(), 3.0);
    }
    match circumstances.timing {
        FormTiming::After(seconds) if seconds < HASTY_SECONDS => {
            let unit = if seconds == 1 { "second" } else { "seconds" };
            add(Signal::Hasty, format!("sent {seconds} {unit} after the form was opened"), 1.5);
        }
        FormTiming::Forged => add(Signal::Forged, "the form's signature is not ours".to_owned(), 1.0),
        FormTiming::After(_) | FormTiming::Unknown => {}
    }
    if circumstances.same_text_spam > 0 {
        add(Signal::Repeated, format!("the same text was spam {} times", circumstances.same_text_spam), 3.0);
    }
    let AuthorRecord { approved, spam } = circumstances.author;
    if approved + spam > 0 {
        // Shrunk towards nothing by one imagined comment of each kind, and bounded: an address can be typed by anybody.
        let log_odds = (f64::from(spam + 1) / f64::from(approved + 1)).ln().clamp(-1.5, 2.5);
        if log_odds.abs() > 1e-9 {
            add(
                Signal::Record,
                format!("this e-mail address: {approved} approved, {spam} spam so far"),
                log_odds,
            );
        }
    }
    fired
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUIET: Circumstances = Circumstances {
        trap_filled: false,
        timing: FormTiming::Unknown,
        author: AuthorRecord { approved: 0, spam: 0 },
        same_text_spam: 0,
    };

    #[test]
    fn nothing_known_is_no_evidence() {
        assert_eq!(signals(&QUIET), []);
        assert_eq!(signals(&Circumstances { timing: FormTiming::After(86_400), ..QUIET }), []);
    }

    #[test]
    fn a_filled_trap_holds_a_genuine_comment_and_does_not_turn_it_away() {
        let trapped = signals(&Circumstances { trap_filled: true, ..QUIET });
        let trapped = trapped.into_iter().map(|(_, reason)| reason).collect();
        let judgement = super::super::decide(-2.5, Vec::new(), trapped, super::super::Thresholds::DEFAULT);
        assert_eq!(judgement.decision, super::super::Decision::Hold);
    }

    #[test]
    fn a_record_weighs_both_ways_and_is_bounded() {
        let record = |approved, spam| {
            signals(&Circumstances { author: AuthorRecord { approved, spam }, ..QUIET })[0].1.log_odds
        };
        assert!(record(3, 0) < record(1, 0) && record(1, 0) < 0.0);
        assert!(record(0, 3) > record(0, 1) && record(0, 1) > 0.0);
        assert!((record(50, 0) + 1.5).abs() < 1e-12 && (record(0, 50) - 2.5).abs() < 1e-12);
    }
}
