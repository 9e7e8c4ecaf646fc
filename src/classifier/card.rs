//! What is known about a model: where it comes from and how well it did.

use serde::{Deserialize, Serialize};

use super::{Calibration, Label, Telling};

/// What a model tells from everything else. The classes keep the names spam and ham, whatever the subject: spam is what
/// is looked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    /// Advertising.
    #[default]
    Spam,
    /// Insults, threats, hate.
    Abuse,
}

impl Subject {
    /// Every subject.
    pub const ALL: [Self; 2] = [Self::Spam, Self::Abuse];

    /// The name in the database, on the command line and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Spam => "spam",
            Self::Abuse => "abuse",
        }
    }
}

/// A model's passport, kept inside its file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelCard {
    /// What it judges.
    pub subject: Subject,
    /// When it was trained, as the trainer gave it (RFC 3339).
    pub trained_at: String,
    /// The command that trained it, or what else did.
    pub trained_by: String,
    /// The files or sites its rows came from.
    pub sources: Vec<Source>,
    /// Comments it has learned from, those learned one by one included.
    pub rows: u64,
    /// Those of them that are spam.
    pub spam: u64,
    /// Those of them that are ham.
    pub ham: u64,
    /// Version of the feature specification it was trained with.
    pub feature_spec: u16,
    /// Number of columns with any evidence.
    pub columns: u64,
    /// Additive smoothing (Lidstone).
    pub alpha: f64,
    /// How scores become probabilities.
    pub calibration: Calibration,
    /// Seed of the split and the folds.
    pub seed: u64,
    /// How the rows measured on were chosen, in words.
    pub measured: String,
    /// The tokens that tell most, for spam and for ham.
    pub telling: Vec<Telling>,
    /// Figures on rows held out from an otherwise equal model; none if there were too few rows to hold any out.
    pub held_out: Option<Evaluation>,
}

/// Where labelled rows came from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// File name or site.
    pub name: String,
    /// BLAKE3 of the bytes read, in hexadecimal.
    pub checksum: String,
    /// Usable rows.
    pub rows: u64,
    /// Those of them that are spam.
    pub spam: u64,
    /// Those of them that are ham.
    pub ham: u64,
    /// Rows that could not be used.
    pub left_out: u64,
}

impl Source {
    /// Counts one more usable row.
    pub fn count(&mut self, label: Label) {
        self.rows += 1;
        self.spam += u64::from(label == Label::Spam);
        self.ham += u64::from(label == Label::Ham);
    }
}

/// How well a model did on labelled rows. Spam is the positive class; the confusion and the figures made from
/// it count a row as spam from a probability of one half.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Rows measured.
    pub rows: u64,
    /// Spam among them.
    pub spam: u64,
    /// Ham among them.
    pub ham: u64,
    /// Share of rows judged rightly.
    pub accuracy: f64,
    /// Share of spam among what was called spam; 0 if nothing was.
    pub precision: f64,
    /// Share of the spam that was called spam.
    pub recall: f64,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Matthews correlation coefficient, -1 to 1; 0 where it is not defined.
    pub mcc: f64,
    /// Area under the ROC curve: how often a spam row scores above a ham row.
    pub roc_auc: f64,
    /// Average precision.
    pub pr_auc: f64,
    /// Mean squared error of the probability.
    pub brier: f64,
    /// Expected calibration error over ten equal bins of probability.
    pub ece: f64,
    /// The four counts behind the shares.
    pub confusion: Confusion,
    /// Share of the spam caught when at most this share of the ham is blocked.
    pub spam_caught_at_ham_blocked: CaughtAtBlocked,
    /// What the two thresholds would have made of the rows.
    pub decisions: Decisions,
    /// Probabilities and what came true, in ten equal bins of probability.
    pub reliability: Vec<Bin>,
}

/// Right and wrong, by class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    /// Spam called spam.
    pub tp: u64,
    /// Ham called spam: a false positive, the worse mistake.
    pub fp: u64,
    /// Ham called ham.
    pub tn: u64,
    /// Spam called ham.
    #[serde(rename = "fn")]
    pub fn_: u64,
}

/// Share of the spam caught at four shares of ham blocked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct CaughtAtBlocked {
    /// With no ham blocked at all.
    #[serde(rename = "0")]
    pub none: f64,
    /// With one ham in a thousand blocked.
    #[serde(rename = "0.001")]
    pub one_in_1000: f64,
    /// With five ham in a thousand blocked.
    #[serde(rename = "0.005")]
    pub five_in_1000: f64,
    /// With one ham in a hundred blocked.
    #[serde(rename = "0.01")]
    pub one_in_100: f64,
}

/// The rows by decision, and the mistakes among the two automatic ones.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Decisions {
    /// Spam probability below which a row was published.
    pub approve_below: f64,
    /// Spam probability from which on a row was turned away; above 1 if none was.
    pub reject_from: f64,
    /// Rows published at once.
    pub approved: u64,
    /// Rows left to a person.
    pub held: u64,
    /// Rows turned away.
    pub rejected: u64,
    /// Spam among the approved.
    pub approved_spam: u64,
    /// Spam among the held.
    pub held_spam: u64,
    /// Ham among the rejected.
    pub rejected_ham: u64,
    /// Share of the rows that needed no person.
    pub automatic_share: f64,
    /// Share of spam among the approved; 0 if nothing was.
    pub approved_spam_share: f64,
    /// What that share may be on other rows of this kind.
    pub approved_spam_interval: Interval,
    /// Share of ham among the rejected; 0 if nothing was.
    pub rejected_ham_share: f64,
    /// What that share may be on other rows of this kind.
    pub rejected_ham_interval: Interval,
}

/// Bounds of a rate, each by itself with 90 % confidence (Clopper & Pearson 1934, see
/// [`confidence`](super::confidence)).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower bound, 0 to 1.
    pub at_least: f64,
    /// The upper bound, 0 to 1.
    pub at_most: f64,
}

/// Rows that were given similar probabilities.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// Ham among them.
    pub ham: u64,
    /// Spam among them.
    pub spam: u64,
    /// Mean of the probabilities that were said.
    pub mean_probability: f64,
}

impl Bin {
    /// How many rows.
    pub fn rows(self) -> u64 {
        self.ham + self.spam
    }

    /// Share of the rows that really were spam; 0 without rows.
    pub fn spam_share(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^52")]
        let share = self.spam as f64 / self.rows().max(1) as f64;
        share
    }
}
