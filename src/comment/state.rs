//! The states of a comment and the moves between them.

use serde::{Deserialize, Serialize};

/// Where a comment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Everybody sees it.
    Approved,
    /// Waits for a person.
    Held,
    /// Turned away as spam.
    Spam,
    /// Unwanted, but not spam.
    Rejected,
    /// Removed for good; nothing brings it back.
    Deleted,
}

impl State {
    /// Every state, in the order the desk shows them.
    pub const ALL: [Self; 5] = [Self::Held, Self::Spam, Self::Approved, Self::Rejected, Self::Deleted];

    /// The name in the database, in URLs and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Held => "held",
            Self::Spam => "spam",
            Self::Rejected => "rejected",
            Self::Deleted => "deleted",
        }
    }

    /// The state with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Where a moderator's verdict leads from here; `None` when it changes nothing.
    pub fn apply(self, verdict: Verdict) -> Result<Option<Self>, IllegalMove> {
        if self == Self::Deleted {
            return Err(IllegalMove);
        }
        let target = verdict.state();
        Ok((target != self).then_some(target))
    }
}

/// The move is not possible: a deleted comment stays deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a deleted comment cannot be decided on")]
pub struct IllegalMove;

/// What a moderator says of a comment: the four words of the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Publish it.
    Approve,
    /// It is spam.
    Spam,
    /// Unwanted, but not spam.
    Reject,
    /// Back to the queue.
    Hold,
}

impl Verdict {
    /// Every verdict, in the order the desk shows them.
    pub const ALL: [Self; 4] = [Self::Approve, Self::Spam, Self::Reject, Self::Hold];

    /// The name in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Spam => "spam",
            Self::Reject => "reject",
            Self::Hold => "hold",
        }
    }

    /// The verdict with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verdict| verdict.as_str() == name)
    }

    /// The state this verdict leads to.
    pub fn state(self) -> State {
        match self {
            Self::Approve => State::Approved,
            Self::Spam => State::Spam,
            Self::Reject => State::Rejected,
            Self::Hold => State::Held,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_verdict_changes_nothing() {
        for verdict in [Verdict::Approve, Verdict::Spam, Verdict::Reject, Verdict::Hold] {
            assert_eq!(verdict.state().apply(verdict), Ok(None));
        }
    }

    #[test]
    fn a_deleted_comment_stays_deleted() {
        assert_eq!(State::Deleted.apply(Verdict::Approve), Err(IllegalMove));
    }

    #[test]
    fn names_round_trip() {
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()), Some(state));
        }
        assert_eq!(State::parse("published"), None);
    }
}
