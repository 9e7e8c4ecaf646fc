//! A trained model: asked, taught and untaught one comment at a time.

use super::calibration::sigmoid;
use super::counts::Cell;
use super::evidence::{self, ALPHA, Classes, Odds, UNSEEN, evidence};
use super::{
    Calibration, Counts, Document, Evidence, Explanation, Features, Label, ModelCard, ModelFileError,
};
use super::{explain, file};

/// Naive Bayes over hashed columns. 10 MB; a clone is one copy of that, well under a few milliseconds.
#[derive(Debug, Clone)]
pub struct Model {
    counts: Counts,
    /// What each column says.
    odds: Vec<Odds>,
    card: ModelCard,
    checksum: String,
}

/// How likely a comment is spam.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Natural logarithm of the odds; above nought means rather spam.
    pub log_odds: f64,
    /// `sigmoid(log_odds)`, between 0 and 1.
    pub probability: f64,
}

impl From<f64> for Score {
    fn from(log_odds: f64) -> Self {
        Self { log_odds, probability: sigmoid(log_odds) }
    }
}

impl Score {
    /// The same evidence in a queue that is not half spam: `prior` are the log-odds of spam before anything is read.
    #[must_use]
    pub fn with_prior(self, prior: f64) -> Self {
        Self::from(self.log_odds + prior)
    }
}

impl Model {
    /// A model of these counts. The card's row numbers, specification and smoothing are set here.
    pub fn new(counts: Counts, card: ModelCard) -> Self {
        let mut model = Self::unsealed(counts, card);
        model.checksum = file::checksum(&model.to_bytes());
        model
    }

    /// A model that has no checksum yet.
    pub(super) fn unsealed(counts: Counts, card: ModelCard) -> Self {
        let odds = odds(&counts);
        let mut model = Self { counts, odds, card, checksum: String::new() };
        model.card.alpha = ALPHA;
        model.card.feature_spec = super::SPEC_VERSION;
        model.recount();
        model
    }

    pub(super) fn with_checksum(self, checksum: String) -> Self {
        Self { checksum, ..self }
    }

    /// The comment's calibrated log-odds and probability of being spam, in a queue that is half spam. A comment with no
    /// known token at all gets the calibration's intercept.
    pub fn score(&self, features: &Features) -> Score {
        Score::from(self.calibration().log_odds(&self.evidence(features)))
    }

    /// Log-odds of spam before anything is read, if spam is as frequent as among the rows the model was trained on:
    /// for [`Score::with_prior`], where nothing better is known of the queue.
    pub fn prior(&self) -> f64 {
        self.calibration().prior
    }

    /// The score with every token's part in it.
    pub fn explain(&self, document: &Document<'_>) -> Explanation {
        explain::explain(
            document,
            self.calibration(),
            &self.class_odds(),
            |column| self.odds(column),
            |column| self.cell(column).rows,
            &self.card.telling,
        )
    }

    /// Adds one labelled comment: afterwards the model equals, to the last bit, one fitted with that row added.
    /// The calibration stays as it is.
    pub fn learn(&mut self, features: &Features, label: Label) {
        self.counts.add(features, label);
        self.refresh(features);
    }

    /// Takes one labelled comment out again: the exact inverse of [`Model::learn`].
    pub fn forget(&mut self, features: &Features, label: Label) {
        self.counts.remove(features, label);
        self.refresh(features);
    }

    /// What is known about the model. Its numbers of rows follow [`Model::learn`] and [`Model::forget`].
    pub fn card(&self) -> &ModelCard {
        &self.card
    }

    /// BLAKE3 of the model's file in hexadecimal: the name of this version. A model that has learned since keeps
    /// the name of the version it grew from.
    pub fn checksum(&self) -> &str {
        &self.checksum
    }

    /// The model file. The same model gives the same bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        file::write(&self.counts, &self.card)
    }

    /// Reads a model file, whatever the bytes: every fault has an error of its own.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelFileError> {
        file::read(bytes)
    }

    pub(super) fn evidence(&self, features: &Features) -> Evidence {
        evidence(features, &self.class_odds(), |column| self.odds(column))
    }

    pub(super) fn calibration(&self) -> &Calibration {
        &self.card.calibration
    }

    pub(super) fn classes(&self) -> Classes {
        Classes::of(&self.counts)
    }

    fn class_odds(&self) -> Evidence {
        self.classes().odds(1.0)
    }

    pub(super) fn odds(&self, column: u32) -> Odds {
        self.odds[column as usize]
    }

    pub(super) fn cell(&self, column: u32) -> Cell {
        self.counts.cell(column)
    }

    fn refresh(&mut self, features: &Features) {
        for &column in features.columns() {
            self.odds[column as usize] = evidence::odds(self.counts.cell(column));
        }
        self.recount();
    }

    fn recount(&mut self) {
        self.card.ham = self.counts.rows(Label::Ham);
        self.card.spam = self.counts.rows(Label::Spam);
        self.card.rows = self.card.ham + self.card.spam;
        self.card.columns = self.counts.observed() as u64;
    }
}

/// Evidence before calibration, for those who fit one.
pub(crate) struct Ranker {
    class_odds: Evidence,
    odds: Vec<Odds>,
}

impl Ranker {
    pub(crate) fn new(counts: &Counts) -> Self {
        Self { class_odds: Classes::of(counts).odds(1.0), odds: odds(counts) }
    }

    pub(crate) fn score(&self, features: &Features) -> Evidence {
        evidence(features, &self.class_odds, |column| self.odds[column as usize])
    }
}

fn odds(counts: &Counts) -> Vec<Odds> {
    let mut odds = vec![UNSEEN; super::tokens::COLUMNS];
    for (column, cell) in counts.raw() {
        odds[column as usize] = evidence::odds(cell);
    }
    odds
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::classifier::features;

    pub(in crate::classifier) fn of(content: &str) -> Features {
        features(&Document { content, ..Document::default() })
    }

    /// A small calibrated model.
    pub(in crate::classifier) fn small() -> Model {
        let mut counts = Counts::default();
        for text in [
            "Check out my channel http://www.a.top/?x=1",
            "WIN £1000 cash now!!!",
            "cheap pills pills-4u.biz",
        ] {
            counts.add(&of(text), Label::Spam);
        }
        for text in
            ["I still love this song", "Thanks for the article.", "what is the name of the second track?"]
        {
            counts.add(&of(text), Label::Ham);
        }
        let weights = [0.4, 0.2, 0.5, 0.3, 0.1, 0.0, 0.3, 0.1, 0.4, 0.2, 0.0, 0.3];
        let calibration = Calibration { weights, intercept: -0.4, prior: 0.0, rows: 6 };
        Model::new(
            counts,
            ModelCard { calibration, trained_at: "2024-01-01".to_owned(), ..ModelCard::default() },
        )
    }

    #[test]
    fn spam_scores_above_ham() {
        let model = small();
        assert!(model.score(&of("my pills channel a.top")).log_odds > 1.0);
        assert!(model.score(&of("I love the second article")).log_odds < -1.0);
        assert!((model.score(&of("")).log_odds - model.score(&of(" \n")).log_odds).abs() < 1e-12);
    }

    #[test]
    fn a_learned_model_keeps_its_version_and_writes_a_new_one() {
        let mut model = small();
        let version = model.checksum().to_owned();
        model.learn(&of("new"), Label::Ham);
        assert_eq!(model.checksum(), version);
        assert_ne!(Model::from_bytes(&model.to_bytes()).unwrap().checksum(), version);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn explanations_add_up_to_the_score(content in "[ -~]{0,60}|.{0,60}", author in ".{0,10}", url in "[a-z./:]{0,20}") {
            let model = small();
            let document = Document { content: &content, author: &author, email: "a@mail.example", url: &url };
            let score = model.score(&features(&document));
            let explanation = model.explain(&document);
            let sum: f64 = explanation.contributions.iter().map(|part| part.log_odds).sum();
            prop_assert!((explanation.bias + sum - score.log_odds).abs() < 1e-9);
            prop_assert!((explanation.log_odds - score.log_odds).abs() < 1e-9);
            prop_assert!(score.probability >= 0.0 && score.probability <= 1.0);
            let strengths: Vec<f64> = explanation.contributions.iter().map(|part| part.log_odds.abs()).collect();
            prop_assert!(strengths.windows(2).all(|pair| pair[0] >= pair[1]));
        }
    }

    #[test]
    fn reasons_are_readable() {
        let document = Document { content: "Check out http://www.a.top/?x=1", ..Document::default() };
        let reasons: Vec<String> = small()
            .explain(&document)
            .contributions
            .into_iter()
            .filter(|part| part.group != crate::classifier::Group::Characters)
            .map(|part| format!("{:+.2} {}", part.log_odds, part.token))
            .collect();
        insta::assert_snapshot!(reasons.join("\n"));
    }
}
