//! What the classifier is taught by a person's decision.

use crate::classifier::Label;
use crate::comment::State;

/// What a person teaches by putting a comment into this state. Spam teaches spam and approval teaches ham;
/// "unwanted, but not spam" says nothing about spam, so it teaches nothing, and neither does holding.
pub fn teaches(state: State) -> Option<Label> {
    match state {
        State::Approved => Some(Label::Ham),
        State::Spam => Some(Label::Spam),
        State::Held | State::Rejected | State::Deleted => None,
    }
}
