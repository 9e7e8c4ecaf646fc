//! Whether a retrained model may take the place of the one in force. Both are asked about the same labelled rows
//! that neither has learnt from; three things speak against the new one: it is worse beyond noise, its labels look
//! wrong, or one source gives nearly all of it. What a refusal cannot see, it does not say: with few rows it lets
//! pass what a person would have to look at.

#![expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^52")]

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::classifier::Label;

/// A held-out row as both models see it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrialRow {
    /// Its place among the sources.
    pub source: usize,
    /// What people say it is.
    pub label: Label,
    /// Spam probability by the new model, which has not learnt from it.
    pub challenger: f64,
    /// The same by the model in force, if there is one.
    pub champion: Option<f64>,
}

/// Where rows of the training came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialSource {
    /// File or site.
    pub name: String,
    /// Spam among its rows.
    pub spam: u64,
    /// Ham among its rows.
    pub ham: u64,
}

/// How the two models did on the same rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Duel {
    /// Rows both were asked about.
    pub rows: u64,
    /// Rows that only the model in force called rightly at even odds.
    pub only_champion_right: u64,
    /// Rows that only the new model called rightly.
    pub only_challenger_right: u64,
    /// How likely so many more mistakes of the new model are by chance, were both equally good: the one-sided mid-p
    /// value for paired proportions (Fagerland, Lydersen, Laake, "The `McNemar` test for binary matched-pairs data: mid-p and
    /// asymptotic are better than exact conditional", BMC Medical Research Methodology 13:91, 2013).
    pub more_mistakes_p: f64,
    /// Brier score of the new model less that of the one in force; above nought means worse.
    pub brier_difference: f64,
    /// Standard error of that difference, row by row (Diebold and Mariano, Journal of Business & Economic Statistics
    /// 13(3), 1995, for independent rows).
    pub brier_standard_error: f64,
}

/// A reason to refuse the new model; as text, a sentence for people.
#[derive(Debug, Clone, PartialEq)]
pub enum Refusal {
    /// It makes more mistakes than the model in force, beyond noise.
    MoreMistakes(Duel),
    /// Its probabilities are further from the truth, beyond noise.
    WorseProbabilities(Duel),
    /// Labels contradict what both texts and other labels say.
    DoubtfulLabels {
        /// The source.
        source: String,
        /// Rows whose label is doubtful.
        doubtful: u64,
        /// Rows asked about.
        rows: u64,
    },
    /// Spam and ham look exchanged.
    ExchangedLabels {
        /// The source.
        source: String,
        /// How often the model in force puts a row labelled spam above one labelled ham.
        ranked_rightly: f64,
    },
    /// One source gives nearly all rows of a class.
    OneSource {
        /// The source.
        source: String,
        /// The class.
        label: Label,
        /// Its rows of that class.
        rows: u64,
        /// All rows of that class.
        of: u64,
    },
}

/// What came out.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    /// The comparison with the model in force; none without one, or without held-out rows.
    pub duel: Option<Duel>,
    /// Why the new model is refused; empty if it is not.
    pub refusals: Vec<Refusal>,
}

/// Chance of refusing a model that is as good as the one in force, for each of the two comparisons.
const LEVEL: f64 = 0.025;
/// Normal quantile of `1 - LEVEL`.
const Z: f64 = 1.96;
/// Fewer rows say nothing about a mean of differences or a share of wrong labels.
const ENOUGH: usize = 30;
/// Share of doubtful labels that a source may have. Clean data sets measured have less than 0.01, with a fifth of the
/// labels wrong 0.14 (docs/classifier.md).
const DOUBTFUL: f64 = 0.05;
/// Share of a class that one of several sources may give …
const ONE_SOURCE: f64 = 0.9;
/// … once the others have so many rows of it that they can stand for themselves.
const OWN_VOICE: u64 = 50;

/// Tries the new model. `rows` are held-out rows; `sources` count all rows trained on.
pub fn gate(rows: &[TrialRow], sources: &[TrialSource]) -> Gate {
    let duel = duel(rows);
    let mut refusals = Vec::new();
    if let Some(duel) = duel {
        if duel.more_mistakes_p < LEVEL {
            refusals.push(Refusal::MoreMistakes(duel));
        }
        if rows.len() >= ENOUGH && duel.brier_difference > Z * duel.brier_standard_error {
            refusals.push(Refusal::WorseProbabilities(duel));
        }
    }
    for (place, source) in sources.iter().enumerate() {
        let here: Vec<TrialRow> = rows.iter().copied().filter(|row| row.source == place).collect();
        refusals
            .extend(exchanged_labels(&source.name, &here).or_else(|| doubtful_labels(&source.name, &here)));
    }
    for label in [Label::Spam, Label::Ham] {
        refusals.extend(one_source(sources, label));
    }
    Gate { duel, refusals }
}

fn duel(rows: &[TrialRow]) -> Option<Duel> {
    let pairs: Vec<(Label, f64, f64)> =
        rows.iter().filter_map(|row| Some((row.label, row.challenger, row.champion?))).collect();
    if pairs.is_empty() {
        return None;
    }
    let right = |label, probability: f64| (probability >= 0.5) == (label == Label::Spam);
    let count = |holds: &dyn Fn(&(Label, f64, f64)) -> bool| pairs.iter().filter(|pair| holds(pair)).count();
    let only_champion_right =
        count(&|&(label, challenger, champion)| !right(label, challenger) && right(label, champion)) as u64;
    let only_challenger_right =
        count(&|&(label, challenger, champion)| right(label, challenger) && !right(label, champion)) as u64;

    let n = pairs.len() as f64;
    let difference = |&(label, challenger, champion): &(Label, f64, f64)| {
        let target = f64::from(u8::from(label == Label::Spam));
        (challenger - target).powi(2) - (champion - target).powi(2)
    };
    let mean = pairs.iter().map(difference).sum::<f64>() / n;
    let variance =
        pairs.iter().map(|pair| (difference(pair) - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0);
    Some(Duel {
        rows: pairs.len() as u64,
        only_champion_right,
        only_challenger_right,
        more_mistakes_p: mid_p(only_champion_right, only_challenger_right),
        brier_difference: mean,
        brier_standard_error: (variance / n).sqrt(),
    })
}

/// `P(X > worse) + P(X = worse) / 2` for X of `worse + better` throws of a fair coin.
fn mid_p(worse: u64, better: u64) -> f64 {
    let throws = worse + better;
    let ln_factorial = |n: u64| (2..=n).map(|factor| (factor as f64).ln()).sum::<f64>();
    let ln_first = ln_factorial(throws)
        - ln_factorial(worse)
        - ln_factorial(better)
        - throws as f64 * std::f64::consts::LN_2;
    let mut probability = ln_first.exp();
    let mut sum = probability / 2.0;
    for heads in worse..throws {
        probability *= (throws - heads) as f64 / (heads + 1) as f64;
        sum += probability;
    }
    sum.min(1.0)
}

/// How many labels contradict what the new model is sure of, as confident learning counts them (Northcutt, Jiang,
/// Chuang, JAIR 70, 2021): rows of one class that are as likely of the other one as that one's own rows are on
/// average. The averages fall with the noise, so they need no tuning. About two thirds of wrong labels are found.
pub fn doubtful(rows: &[TrialRow]) -> usize {
    let usual = |label: Label| {
        let own: Vec<f64> =
            rows.iter().filter(|row| row.label == label).map(|row| of_class(row.challenger, label)).collect();
        own.iter().sum::<f64>() / own.len() as f64
    };
    let (spam, ham) = (usual(Label::Spam), usual(Label::Ham));
    let contradicts = |row: &&TrialRow| {
        let (other, usual) = if row.label == Label::Spam { (Label::Ham, ham) } else { (Label::Spam, spam) };
        let probability = of_class(row.challenger, other);
        probability > 0.5 && probability >= usual
    };
    rows.iter().filter(contradicts).count()
}

/// Refused where the share of doubtful labels is above [`DOUBTFUL`] beyond noise.
fn doubtful_labels(source: &str, rows: &[TrialRow]) -> Option<Refusal> {
    let doubtful = doubtful(rows);
    (rows.len() >= ENOUGH && lowest_share(doubtful, rows.len()) > DOUBTFUL).then(|| Refusal::DoubtfulLabels {
        source: source.to_owned(),
        doubtful: doubtful as u64,
        rows: rows.len() as u64,
    })
}

fn of_class(spam_probability: f64, label: Label) -> f64 {
    if label == Label::Spam { spam_probability } else { 1.0 - spam_probability }
}

/// Lower bound of a share, one-sided 97.5 % (Wilson, JASA 22, 1927).
fn lowest_share(part: usize, whole: usize) -> f64 {
    let (part, whole) = (part as f64, whole as f64);
    let share = part / whole;
    let square = Z * Z / whole;
    (share + square / 2.0 - Z * (share * (1.0 - share) / whole + square / (4.0 * whole)).sqrt())
        / (1.0 + square)
}

/// Spam and ham exchanged: the model in force ranks the rows the wrong way round, beyond noise. The area under its
/// ROC curve is Mann and Whitney's statistic (Annals of Mathematical Statistics 18, 1947), whose variance under pure
/// guessing is known.
fn exchanged_labels(source: &str, rows: &[TrialRow]) -> Option<Refusal> {
    let scores = |label: Label| -> Vec<f64> {
        let mut scores: Vec<f64> =
            rows.iter().filter(|row| row.label == label).filter_map(|row| row.champion).collect();
        scores.sort_by(f64::total_cmp);
        scores
    };
    let (spam, ham) = (scores(Label::Spam), scores(Label::Ham));
    if spam.is_empty() || ham.is_empty() {
        return None;
    }
    let (m, n) = (spam.len() as f64, ham.len() as f64);
    let below = |score: &f64| {
        let lower = ham.partition_point(|other| other < score) as f64;
        let not_higher = ham.partition_point(|other| other <= score) as f64;
        f64::midpoint(lower, not_higher)
    };
    let ranked_rightly = spam.iter().map(below).sum::<f64>() / (m * n);
    let by_guessing = ((m + n + 1.0) / (12.0 * m * n)).sqrt();
    // Five standard errors: a model in a language it does not know guesses, and guesses are not independent.
    (ranked_rightly < 0.5 - 5.0 * by_guessing)
        .then(|| Refusal::ExchangedLabels { source: source.to_owned(), ranked_rightly })
}

fn one_source(sources: &[TrialSource], label: Label) -> Option<Refusal> {
    let count = |source: &TrialSource| if label == Label::Spam { source.spam } else { source.ham };
    let of: u64 = sources.iter().map(count).sum();
    let largest = sources.iter().max_by_key(|source| count(source))?;
    let rows = count(largest);
    let alone = sources.len() < 2 || of - rows < OWN_VOICE;
    (!alone && rows as f64 > ONE_SOURCE * of as f64).then(|| Refusal::OneSource {
        source: largest.name.clone(),
        label,
        rows,
        of,
    })
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MoreMistakes(Duel {
                rows,
                only_champion_right,
                only_challenger_right,
                more_mistakes_p,
                ..
            }) => {
                write!(
                    out,
                    "It makes more mistakes: of {rows} comments the model in force alone decides {only_champion_right} \
                     rightly and the new one alone {only_challenger_right} (by chance: {})",
                    percent(*more_mistakes_p)
                )
            }
            Self::WorseProbabilities(Duel { brier_difference, brier_standard_error, .. }) => write!(
                out,
                "Its probabilities are further from the truth: the Brier score rises by {brier_difference:.4} (standard \
                 error {brier_standard_error:.4})"
            ),
            Self::DoubtfulLabels { source, doubtful, rows } => write!(
                out,
                "Labels look wrong: {doubtful} of {rows} measured comments from {source} ({}) are labelled against what \
                 comments like them are",
                percent(*doubtful as f64 / *rows as f64)
            ),
            Self::ExchangedLabels { source, ranked_rightly } => write!(
                out,
                "Spam and ham look exchanged in {source}: the model in force puts a comment labelled spam above one \
                 labelled ham in only {} of the pairs",
                percent(*ranked_rightly)
            ),
            Self::OneSource { source, label, rows, of } => write!(
                out,
                "One source outweighs the others: {source} gives {rows} of {of} comments labelled {} ({})",
                label.as_str(),
                percent(*rows as f64 / *of as f64)
            ),
        }
    }
}

fn percent(share: f64) -> String {
    if share < 0.001 { "less than 0.1 %".to_owned() } else { format!("{:.1} %", share * 100.0) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use Label::{Ham, Spam};

    fn row(label: Label, challenger: f64, champion: f64) -> TrialRow {
        TrialRow { source: 0, label, challenger, champion: Some(champion) }
    }

    fn source(name: &str, spam: u64, ham: u64) -> TrialSource {
        TrialSource { name: name.to_owned(), spam, ham }
    }

    fn told(gate: &Gate) -> String {
        gate.refusals.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }

    /// Half spam, half ham; both models right but for the first rows, where one of them is wrong.
    fn rows(challenger_wrong: usize, champion_wrong: usize) -> Vec<TrialRow> {
        (0..400)
            .map(|n| {
                let label = if n % 2 == 0 { Spam } else { Ham };
                let right = if label == Spam { 0.9 } else { 0.1 };
                let challenger = if n < challenger_wrong { 1.0 - right } else { right };
                let champion = if n >= 400 - champion_wrong { 1.0 - right } else { right };
                row(label, challenger, champion)
            })
            .collect()
    }

    #[test]
    fn the_mid_p_value_is_that_of_the_literature() {
        // Fagerland et al., Table 4: 1 against 7 discordant pairs, two-sided mid-p 0.0391.
        assert!((2.0 * mid_p(7, 1) - 0.039_062_5).abs() < 1e-9);
        assert!((mid_p(0, 0) - 0.5).abs() < 1e-12);
        assert!(mid_p(4_000, 6_000) > 0.999 && mid_p(6_000, 4_000) < 1e-9);
    }

    #[test]
    fn noise_is_let_pass_and_more_than_noise_is_not() {
        let one = [source("a.csv", 1_000, 1_000)];
        assert_eq!(gate(&rows(8, 8), &one).refusals, []);
        assert_eq!(gate(&rows(8, 14), &one).refusals, [], "a better one");
        assert_eq!(gate(&rows(9, 5), &one).refusals, [], "four more mistakes may be chance");
        let worse = gate(&rows(24, 4), &one);
        assert!(
            told(&worse).contains("alone decides 24 rightly and the new one alone 4"),
            "{}",
            told(&worse)
        );
        assert_eq!(worse.duel.unwrap().rows, 400);
    }

    #[test]
    fn probabilities_that_say_less_are_refused_though_no_decision_changes() {
        let timid: Vec<TrialRow> = rows(0, 0)
            .into_iter()
            .map(|row| TrialRow { challenger: f64::midpoint(row.challenger, 0.5), ..row })
            .collect();
        let gate = gate(&timid, &[source("a.csv", 1_000, 1_000)]);
        assert!(told(&gate).contains("the Brier score rises by 0.0800"), "{}", told(&gate));
    }

    #[test]
    fn labels_against_a_confident_model_are_noticed_where_they_come_from() {
        let mut rows: Vec<TrialRow> = rows(0, 0);
        for (n, row) in rows.iter_mut().enumerate() {
            row.champion = None;
            row.source = n / 200;
            if n >= 200 && n % 5 == 0 {
                row.label = if row.label == Spam { Ham } else { Spam };
            }
        }
        let both = [source("clean.csv", 500, 500), source("flipped.csv", 500, 500)];
        let gate = gate(&rows, &both);
        assert_eq!(gate.duel, None);
        assert_eq!(gate.refusals.len(), 1, "{}", told(&gate));
        assert!(
            told(&gate).contains("40 of 200 measured comments from flipped.csv (20.0 %)"),
            "{}",
            told(&gate)
        );
    }

    #[test]
    fn exchanged_labels_agree_with_each_other_but_not_with_the_model_in_force() {
        let exchanged: Vec<TrialRow> = rows(0, 12)
            .into_iter()
            .map(|row| TrialRow {
                challenger: 1.0 - row.challenger,
                label: if row.label == Spam { Ham } else { Spam },
                ..row
            })
            .collect();
        let gate = gate(&exchanged, &[source("swapped.csv", 1_000, 1_000)]);
        assert!(told(&gate).contains("exchanged in swapped.csv"), "{}", told(&gate));
    }

    #[test]
    fn one_source_must_not_drown_the_others() {
        let trial = |sources: &[TrialSource]| gate(&rows(0, 0), sources);
        assert_eq!(trial(&[source("a.csv", 9_000, 9_000)]).refusals, [], "there is no other");
        assert_eq!(
            trial(&[source("a.csv", 900, 900), source("b", 30, 200)]).refusals,
            [],
            "too few to be a voice"
        );
        assert_eq!(trial(&[source("a.csv", 900, 900), source("b", 150, 150)]).refusals, []);
        let drowned = trial(&[source("a.csv", 900, 9_000), source("b", 150, 150)]);
        assert!(
            told(&drowned).contains("a.csv gives 9000 of 9150 comments labelled ham (98.4 %)"),
            "{}",
            told(&drowned)
        );
    }

    proptest! {
        #[test]
        fn any_rows_can_be_tried(
            rows in prop::collection::vec((0..3_usize, any::<bool>(), 0.0..=1.0_f64, prop::option::of(0.0..=1.0_f64)), 0..80),
            counts in prop::collection::vec((0..10_000_u64, 0..10_000_u64), 0..4),
        ) {
            let rows: Vec<TrialRow> = rows
                .into_iter()
                .map(|(source, spam, challenger, champion)| TrialRow {
                    source, label: if spam { Spam } else { Ham }, challenger, champion,
                })
                .collect();
            let sources: Vec<TrialSource> = counts.into_iter().map(|(spam, ham)| source("s", spam, ham)).collect();
            let gate = gate(&rows, &sources);
            if let Some(duel) = gate.duel {
                prop_assert!((0.0..=1.0).contains(&duel.more_mistakes_p));
                prop_assert!(duel.brier_difference.abs() <= 1.0 && duel.brier_standard_error >= 0.0);
            }
        }

        #[test]
        fn a_model_is_never_worse_than_itself(scores in prop::collection::vec((any::<bool>(), 0.0..=1.0_f64), 1..200)) {
            let rows: Vec<TrialRow> = scores
                .into_iter()
                .map(|(spam, p)| row(if spam { Spam } else { Ham }, p, p))
                .collect();
            let refused = gate(&rows, &[]);
            prop_assert_eq!(refused.refusals, []);
        }
    }
}
