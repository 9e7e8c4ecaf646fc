//! From evidence to a decision, with every reason kept visible.
//!
//! The classifier says how likely a text is spam; signals are the evidence around the text (a filled trap,
//! a form answered within a second, the author's record), and the prior is that of the site's recent queue. All are
//! log-odds, they add up, and two thresholds a site turn the sum into one of three decisions. Rules that people make have the last word. The gate decides
//! whether a retrained model may take the place of the one in force; the replay tells what other thresholds would do.
//! Pure: no I/O, no clock.

mod abuse;
mod audit;
mod decide;
mod drift;
mod gate;
mod prior;
mod promise;
mod replay;
mod rules;
mod ruling;
mod signals;
mod teaching;
mod thresholds;
mod told;

pub use abuse::{Abuse, HOLD_ABUSE_FROM, HOLD_NO_ABUSE, mind_abuse};
pub use audit::{AUDIT_SHARE, is_sampled};
pub use decide::{Judgement, Reason, Source, decide, state_of};
pub use drift::{Histogram, stability_index};
pub use gate::{Duel, Gate, Refusal, TrialRow, TrialSource, doubtful, gate};
pub use prior::{RecentQueue, prior};
pub use promise::{EXAMPLES_NEEDED, InvalidTargets, Missing, Promise, Targets, Zone, promise};
pub use replay::{CONFIDENCE, Cuts, End, Forecast, Rate, Scored, Selection, Truth, replay};
pub use rules::{
    Effect, Fired, Incoming, InvalidRule, Kind, MOST_PHRASES, Place, Rule, RuleSet, RuleSpec, tidy,
};
pub use ruling::{Ruling, mind_rules};
pub use signals::{AuthorRecord, Circumstances, FormTiming, Signal, signals};
pub use teaching::teaches;
pub use thresholds::{Decision, InvalidThresholds, Thresholds};
pub use told::{Event, Step, Told, told};
