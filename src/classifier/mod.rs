//! From the text of a comment to the odds that it is spam, and the reasons.
//!
//! ```text
//! Document ── normalise ── pieces ── tokens ──► Features ──► Model ──► Score, Explanation
//!             one spelling  links    evidence    columns      counts    calibrated log-odds
//! ```
//!
//! The model is a multinomial naive Bayes over hashed tokens. Training it from labelled rows is the work of
//! [`crate::training`]; here it is read, asked, and taught or untaught one comment at a time. Pure: no I/O,
//! no clock, no randomness. `docs/classifier.md` tells the whole story with figures.

mod about;
mod builder;
mod calibration;
mod card;
mod character;
pub mod confidence;
mod counts;
mod evidence;
mod explain;
mod features;
mod file;
mod grams;
mod group;
mod links;
mod markup;
mod model;
mod normalise;
mod presence;
pub mod scale;
mod shape;
mod site_model;
mod telling;
mod tokens;
mod without;
mod words;

use serde::{Deserialize, Serialize};

pub use builder::CountsBuilder;
pub use calibration::{Calibration, EVIDENCE, Evidence};
pub use card::{
    Bin, CaughtAtBlocked, Confusion, Decisions, Evaluation, Interval, ModelCard, Source, Subject,
};
pub use counts::{Column, Counts};
pub use evidence::{ALPHA, ALPHA_PRESENCE};
pub use explain::{Contribution, Explanation, Seen, quoted_words};
pub use features::{Extractor, Features, SPEC_VERSION, features, fingerprint};
pub use file::ModelFileError;
pub(crate) use model::Ranker;
pub use model::{Model, Score};
pub use site_model::SiteModel;
pub use telling::Telling;
pub(crate) use telling::telling;
pub use tokens::Group;
pub use without::{Without, without_each};

/// What is known of a comment. Any part may be empty; the text may be plain, HTML or `BBCode`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Document<'a> {
    /// The comment itself.
    pub content: &'a str,
    /// The name its author gave.
    pub author: &'a str,
    /// The author's e-mail address.
    pub email: &'a str,
    /// The author's web address.
    pub url: &'a str,
}

/// What a person said a comment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Label {
    /// Genuine.
    Ham,
    /// Unwanted advertising.
    Spam,
}

impl Label {
    /// The label in lower case, as files and the API spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ham => "ham",
            Self::Spam => "spam",
        }
    }

    /// Place of the class in per-class pairs: ham 0, spam 1.
    pub(crate) fn index(self) -> usize {
        match self {
            Self::Ham => 0,
            Self::Spam => 1,
        }
    }
}
