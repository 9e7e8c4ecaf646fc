//! What a reader reports of a published comment.

use super::submission::{Field, FieldError, is_visible};

/// The longest explanation taken, in characters.
pub const LONGEST_REPORT: usize = 500;

/// What is said to be wrong with a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ground {
    /// Advertising.
    Spam,
    /// Insults, threats, harassment.
    Abuse,
    /// Not about the article.
    OffTopic,
    /// Against the law.
    Illegal,
    /// What the reader says in words.
    Other,
}

impl Ground {
    /// Every ground, in the order the form has them.
    pub const ALL: [Self; 5] = [Self::Spam, Self::Abuse, Self::OffTopic, Self::Illegal, Self::Other];

    /// The name in the database, in forms and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Spam => "spam",
            Self::Abuse => "abuse",
            Self::OffTopic => "off-topic",
            Self::Illegal => "illegal",
            Self::Other => "other",
        }
    }

    /// The ground with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|ground| ground.as_str() == name)
    }
}

/// A report, every field valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What is wrong.
    pub ground: Ground,
    /// In the reader's words, at most [`LONGEST_REPORT`] characters; empty where the ground says it all.
    pub words: String,
}

impl Report {
    /// Checks both fields and returns all that is wrong at once.
    pub fn parse(ground: &str, words: &str) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        let ground = Ground::parse(ground.trim());
        if ground.is_none() {
            errors.push(FieldError::new(Field::Ground, "Please choose what is wrong with it."));
        }
        let words: String =
            words.replace("\r\n", "\n").chars().filter(|c| !c.is_control() || *c == '\n').collect();
        let words = words.trim();
        let length = words.chars().count();
        if length > LONGEST_REPORT {
            errors.push(FieldError::new(
                Field::Words,
                format!("Please say it in at most {LONGEST_REPORT} characters; these are {length}."),
            ));
        }
        if ground == Some(Ground::Other) && !words.chars().any(is_visible) {
            errors.push(FieldError::new(Field::Words, "Please say in a few words what is wrong with it."));
        }
        match ground {
            Some(ground) if errors.is_empty() => Ok(Self { ground, words: words.to_owned() }),
            _ => Err(errors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_has_a_ground_and_another_one_words() {
        let fields = |ground, words: &str| {
            Report::parse(ground, words)
                .map_err(|errors| errors.iter().map(|error| error.field).collect::<Vec<_>>())
        };
        let report = |ground, words: &str| Ok(Report { ground, words: words.to_owned() });
        assert_eq!(fields("spam", " \u{0} "), report(Ground::Spam, ""));
        assert_eq!(fields("other", " a\r\nb "), report(Ground::Other, "a\nb"));
        assert_eq!(fields("other", "\u{200b}"), Err(vec![Field::Words]));
        assert_eq!(fields("rude", &"ä".repeat(501)), Err(vec![Field::Ground, Field::Words]));
        assert!(fields("abuse", &"ä".repeat(500)).is_ok());
        assert_eq!(Ground::ALL.map(|ground| Ground::parse(ground.as_str())), Ground::ALL.map(Some));
    }
}
