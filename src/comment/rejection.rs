//! Why a comment is unwanted though it is no spam.

use serde::{Deserialize, Serialize};

/// The reason of a rejection: a short list, so that it can be counted and told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RejectReason {
    /// Has nothing to do with the article.
    OffTopic,
    /// Insults.
    Abusive,
    /// Goes after a person.
    Harassment,
    /// Says what is not so.
    Misinformation,
    /// Praises something for sale, by somebody who means it.
    Advertising,
    /// Breaks the law.
    Illegal,
    /// Was said already.
    Duplicate,
    /// Tells of somebody what is not for everybody.
    PersonalData,
    /// None of these.
    Other,
}

impl RejectReason {
    /// Every one; the desk numbers them in this order, from 1.
    pub const ALL: [Self; 9] = [
        Self::OffTopic,
        Self::Abusive,
        Self::Harassment,
        Self::Misinformation,
        Self::Advertising,
        Self::Illegal,
        Self::Duplicate,
        Self::PersonalData,
        Self::Other,
    ];

    /// The name in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OffTopic => "off-topic",
            Self::Abusive => "abusive",
            Self::Harassment => "harassment",
            Self::Misinformation => "misinformation",
            Self::Advertising => "advertising",
            Self::Illegal => "illegal",
            Self::Duplicate => "duplicate",
            Self::PersonalData => "personal-data",
            Self::Other => "other",
        }
    }

    /// The reason with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == name)
    }

    /// In words, for the desk.
    pub fn words(self) -> &'static str {
        match self {
            Self::OffTopic => "Off topic",
            Self::Abusive => "Abusive or insulting",
            Self::Harassment => "Harassment",
            Self::Misinformation => "Misinformation",
            Self::Advertising => "Advertising, but no spam",
            Self::Illegal => "Illegal content",
            Self::Duplicate => "Said already",
            Self::PersonalData => "Personal data",
            Self::Other => "Something else",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RejectReason;

    #[test]
    fn names_round_trip() {
        for reason in RejectReason::ALL {
            assert_eq!(RejectReason::parse(reason.as_str()), Some(reason));
            assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        }
        assert_eq!(RejectReason::parse("spam"), None);
    }
}
