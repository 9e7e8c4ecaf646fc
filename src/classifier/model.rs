//! Multinomial naive Bayes over hashed columns: asked, taught and untaught one comment at a time.

#![expect(clippy::cast_precision_loss, reason = "counts of rows and columns are far below 2^52")]

use super::calibration::sigmoid;
use super::tokens::weight_of;
use super::{Calibration, Counts, Document, Explanation, Features, Label, ModelCard, ModelFileError};
use super::{explain, file};

/// Additive smoothing (Lidstone) per column. Small, because counts are length-normalised: one word of a comment
/// of average length weighs about 0.004.
pub const ALPHA: f64 = 0.001;

/// A trained model. 6 MB; a clone is one copy of that, well under a few milliseconds.
#[derive(Debug, Clone)]
pub struct Model {
    counts: Counts,
    /// Per column `ln((spam + α) / (ham + α))`; not a number where nothing was ever seen.
    odds: Vec<f64>,
    card: ModelCard,
    checksum: String,
}

/// How likely a comment is spam, calibrated for a queue that is half spam.
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

    /// The comment's calibrated log-odds and probability of being spam. A comment with no known token at all
    /// gets the calibration's intercept.
    pub fn score(&self, features: &Features) -> Score {
        Score::from(self.card.calibration.log_odds(uncalibrated(&self.odds, &self.counts, features)))
    }

    /// The score with every token's part in it.
    pub fn explain(&self, document: &Document<'_>) -> Explanation {
        explain::explain(self, document)
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

    /// Share of the comment's evidence, by weight, that lies in columns never seen in training: 0 to 1, and 1 for a
    /// comment without any. Rising shares show that comments have moved away from what the model learnt.
    pub fn unseen_share(&self, features: &Features) -> f64 {
        let (mut all, mut unseen) = (0.0, 0.0);
        for (column, weight) in features.weights() {
            all += weight;
            if self.counts.cell(column).is_none() {
                unseen += weight;
            }
        }
        if all > 0.0 { unseen / all } else { 1.0 }
    }

    pub(super) fn parts(&self) -> (&Counts, &[f64], &Calibration) {
        (&self.counts, &self.odds, &self.card.calibration)
    }

    fn refresh(&mut self, features: &Features) {
        for &column in features.columns() {
            self.odds[column as usize] = column_odds(self.counts.cell(column));
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

/// Scores before calibration, for those who fit one.
pub(crate) struct Ranker {
    counts: Counts,
    odds: Vec<f64>,
}

impl Ranker {
    pub(crate) fn new(counts: Counts) -> Self {
        let odds = odds(&counts);
        Self { counts, odds }
    }

    pub(crate) fn score(&self, features: &Features) -> f64 {
        uncalibrated(&self.odds, &self.counts, features)
    }
}

fn odds(counts: &Counts) -> Vec<f64> {
    let mut odds = vec![f64::NAN; super::tokens::COLUMNS];
    for (column, cell) in counts.columns() {
        odds[column as usize] = column_odds(Some(cell));
    }
    odds
}

fn column_odds(cell: Option<[f64; 2]>) -> f64 {
    cell.map_or(f64::NAN, |[ham, spam]| ((spam + ALPHA) / (ham + ALPHA)).ln())
}

/// What every known column adds besides its own odds: the classes' totals, smoothed over the columns ever seen.
pub(super) fn class_odds(counts: &Counts) -> f64 {
    let smoothing = ALPHA * counts.observed().max(1) as f64;
    ((counts.total(Label::Ham) + smoothing) / (counts.total(Label::Spam) + smoothing)).ln()
}

/// Weighted sum of the known columns' log-odds, divided by the length (L2) of their weights: long and short
/// comments get scores of the same size. The prior is even; calibration adds its own.
fn uncalibrated(odds: &[f64], counts: &Counts, features: &Features) -> f64 {
    let class = class_odds(counts);
    let (mut sum, mut squares) = (0.0, 0.0);
    for &column in features.columns() {
        let odds = odds[column as usize];
        if !odds.is_nan() {
            let weight = f64::from(weight_of(column)) / 10.0;
            sum += weight * (odds + class);
            squares += weight * weight;
        }
    }
    if squares > 0.0 { sum / squares.sqrt() } else { 0.0 }
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
        let calibration = Calibration { slope: 1.3, intercept: -0.4, rows: 6 };
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

    #[test]
    fn unseen_evidence_is_what_was_never_taught() {
        let mut model = small();
        let known = of("I still love this song");
        let strange = of("Grüße aus Königsberg");
        assert!(model.unseen_share(&known).abs() < 1e-12);
        let before = model.unseen_share(&strange);
        assert!(before > 0.1 && before < 1.0, "{before}: words are new, the shape is not");
        model.learn(&strange, Label::Ham);
        assert!(model.unseen_share(&strange).abs() < 1e-12);
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
