//! What of a comment's history the outside is told: mails and webhooks hear of what stood, never of what was taken back
//! in time.

use time::{Duration, OffsetDateTime};

use crate::comment::State;

/// One decision of a comment's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: OffsetDateTime,
    /// Where the comment stood after it.
    pub to: State,
    /// Whether a person decided.
    pub by_person: bool,
    /// Whether it took an earlier one back.
    pub undoes: bool,
}

/// Something the outside can ask to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A comment waits for a person.
    Held,
    /// A person has decided.
    Decided,
    /// A comment is published.
    Published,
    /// Another model is in force.
    Promoted,
}

impl Event {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Held, Self::Decided, Self::Published, Self::Promoted];

    /// The name in the database and in what is sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Held => "comment.held",
            Self::Decided => "comment.decided",
            Self::Published => "comment.published",
            Self::Promoted => "model.promoted",
        }
    }

    /// The one of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == name)
    }
}

/// What there is to tell of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Where the comment stood as far as the outside knows; `None` if it knows nothing of it.
    pub from: Option<State>,
    /// The events it is, in the order they are told.
    pub events: Vec<Event>,
}

/// What there is to tell of the decision at `index` of a comment's history, once `undo` has passed since. `None`: it did
/// not stand so long, or it took back what nobody outside has heard of.
pub fn told(history: &[Step], index: usize, undo: Duration) -> Option<Told> {
    let stood =
        |at: usize| undo.is_zero() || history.get(at + 1).is_none_or(|next| next.at - history[at].at >= undo);
    let step = history.get(index).filter(|_| stood(index))?;
    let from = (0..index).rev().find(|at| stood(*at)).map(|at| history[at].to);
    if step.undoes && from == Some(step.to) {
        return None;
    }
    let mut events = Vec::new();
    if step.by_person && !(step.undoes && from.is_none()) {
        events.push(Event::Decided);
    }
    if from != Some(step.to) {
        match step.to {
            State::Held => events.push(Event::Held),
            State::Approved => events.push(Event::Published),
            State::Spam | State::Rejected | State::Deleted => {}
        }
    }
    (!events.is_empty()).then_some(Told { from, events })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::datetime;

    use super::*;

    const UNDO: Duration = Duration::seconds(15);

    /// Decisions so many seconds after one another; the first is the program's.
    fn history(steps: &[(i64, State, bool)]) -> Vec<Step> {
        let mut at = datetime!(2026-11-28 12:00 UTC);
        steps
            .iter()
            .enumerate()
            .map(|(number, (after, to, undoes))| {
                at += Duration::seconds(*after);
                Step { at, to: *to, by_person: number > 0, undoes: *undoes }
            })
            .collect()
    }

    fn events(history: &[Step]) -> Vec<Vec<Event>> {
        (0..history.len())
            .map(|at| told(history, at, UNDO).map(|told| told.events).unwrap_or_default())
            .collect()
    }

    #[test]
    fn a_decision_that_stands_is_told() {
        let steps = history(&[(0, State::Held, false), (60, State::Approved, false)]);
        assert_eq!(events(&steps), [vec![Event::Held], vec![Event::Decided, Event::Published]]);
        assert_eq!(told(&steps, 1, UNDO).unwrap().from, Some(State::Held));
    }

    #[test]
    fn what_is_undone_in_time_never_was() {
        let steps = history(&[(0, State::Held, false), (60, State::Spam, false), (14, State::Held, true)]);
        assert_eq!(events(&steps), [vec![Event::Held], vec![], vec![]]);
    }

    #[test]
    fn what_is_undone_late_is_told_back() {
        let steps =
            history(&[(0, State::Held, false), (60, State::Approved, false), (15, State::Held, true)]);
        assert_eq!(events(&steps)[2], [Event::Decided, Event::Held]);
    }

    #[test]
    fn a_held_comment_that_is_decided_at_once_waits_for_nobody() {
        let steps = history(&[(0, State::Held, false), (5, State::Spam, false), (5, State::Held, true)]);
        assert_eq!(events(&steps), [vec![], vec![], vec![Event::Held]], "it waits after all");
        let steps = history(&[(0, State::Held, false), (5, State::Spam, false)]);
        assert_eq!(events(&steps), [vec![], vec![Event::Decided]]);
    }

    proptest! {
        /// Whoever follows what is told knows in the end where the comment stands, as far as it is held or published.
        #[test]
        fn the_outside_ends_up_knowing(steps in prop::collection::vec((0_i64..40, 0_usize..4, any::<bool>()), 1..12)) {
            let steps: Vec<_> = steps.into_iter().map(|(after, to, undoes)| (after, State::ALL[to], undoes)).collect();
            let history = history(&steps);
            let mut known = None;
            for index in 0..history.len() {
                if told(&history, index, UNDO).is_some() {
                    known = Some(history[index].to);
                }
            }
            let last = history.last().unwrap().to;
            prop_assert!(known == Some(last) || known.is_none() && !matches!(last, State::Held | State::Approved));
        }
    }
}
