//! Thresholds that keep a promise: at most so much spam among what is published unseen, at most so much ham among
//! what is turned away.
//!
//! The errors counted in a zone say what its rate of errors may be (Clopper & Pearson 1934, see
//! [`confidence`]); the widest zone at each end for which that bound is within the target is decided
//! automatically. The zones are chosen on the rows that also judge them. Where errors get more frequent towards the
//! middle, as they do in a model that ranks, the targets are still kept as often as the confidence says (a test
//! simulates it); where errors lie evenly, just above the target, they are exceeded more often, but by little.

#![expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^52")]

use serde::Serialize;

use super::thresholds::Thresholds;
use crate::classifier::{Label, confidence};

/// With fewer examples of either class nothing is decided automatically, whatever the bounds say.
pub const EXAMPLES_NEEDED: u64 = 50;

/// The rates of errors to stay within.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Targets {
    spam_published: f64,
    ham_rejected: f64,
    confidence: f64,
}

/// Targets nobody can hold a model to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "targets are shares between 0.000001 and 0.5 (0.005 is one in two hundred), and the confidence is between 0.5 \
     and 0.999999"
)]
pub struct InvalidTargets;

impl Targets {
    /// At most this share of spam in what is published unseen, at most this share of ham in what is turned away,
    /// each with this confidence.
    pub fn new(spam_published: f64, ham_rejected: f64, confidence: f64) -> Result<Self, InvalidTargets> {
        let valid = [spam_published, ham_rejected].iter().all(|target| (1e-6..=0.5).contains(target))
            && (0.5..=0.999_999).contains(&confidence);
        if valid { Ok(Self { spam_published, ham_rejected, confidence }) } else { Err(InvalidTargets) }
    }

    /// The highest share of spam in what is published unseen.
    pub fn spam_published(self) -> f64 {
        self.spam_published
    }

    /// The highest share of ham in what is turned away.
    pub fn ham_rejected(self) -> f64 {
        self.ham_rejected
    }

    /// How sure each of the two has to be.
    pub fn confidence(self) -> f64 {
        self.confidence
    }
}

/// What can be promised on the evidence of scored rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Promise {
    /// The thresholds that keep it.
    pub thresholds: Thresholds,
    /// What was asked for.
    pub targets: Targets,
    /// What is published unseen; its errors are spam.
    pub published: Zone,
    /// What is turned away; its errors are ham.
    pub rejected: Zone,
}

/// One end of the scores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Zone {
    /// Rows decided automatically; 0 if nothing can be promised.
    pub rows: u64,
    /// Errors among them.
    pub errors: u64,
    /// The bound of the rate of errors, 0 to 1; 1 without rows.
    pub at_most: f64,
    /// Why it is empty.
    pub missing: Option<Missing>,
}

/// The evidence that a zone lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// Examples of this class,
    pub label: Label,
    /// at least so many more.
    pub rows: u64,
    /// Whether each of them has to lie in the zone and none may be an error; otherwise any example counts.
    pub without_error: bool,
}

/// Chooses the widest zones that keep the targets on these rows, which the model must not have seen: spam
/// probability and label of each, in any order. What both zones could have is published rather than turned away.
pub fn promise(scored: &[(f64, Label)], targets: Targets) -> Promise {
    let groups = groups(scored);
    let Targets { spam_published, ham_rejected, confidence } = targets;
    let too_few = [Label::Ham, Label::Spam].into_iter().find_map(|label| {
        let rows = groups.iter().map(|group| group.of(label)).sum::<u64>();
        let missing = EXAMPLES_NEEDED.checked_sub(rows).filter(|&missing| missing > 0)?;
        Some(Missing { label, rows: missing, without_error: false })
    });
    if let Some(missing) = too_few {
        let empty = Zone { rows: 0, errors: 0, at_most: 1.0, missing: Some(missing) };
        return Promise { thresholds: Thresholds::HOLD_ALL, targets, published: empty, rejected: empty };
    }

    // A probability of 1 is below no threshold.
    let publishable = groups.partition_point(|group| group.probability < 1.0);
    let (low, published) = widest(groups[..publishable].iter(), Label::Spam, spam_published, confidence);
    let (high, rejected) = widest(groups[low..].iter().rev(), Label::Ham, ham_rejected, confidence);
    let at = |place: usize| groups.get(place).map_or(1.0, |group| group.probability);
    let approve_below = if low == 0 { 0.0 } else { between(at(low - 1), at(low)) };
    let reject_from = match groups.len() - high {
        none if none == groups.len() => Thresholds::REJECT_NOTHING,
        0 => 0.0,
        first => between(at(first - 1), at(first)),
    };
    let thresholds = Thresholds::new(approve_below, reject_from)
        .expect("the zones do not overlap, so neither do their cuts");
    Promise { thresholds, targets, published, rejected }
}

impl Promise {
    /// The promise in two sentences for people, one an end.
    pub fn sentences(&self) -> [String; 2] {
        let Targets { spam_published, ham_rejected, confidence } = self.targets;
        let sentence = |zone: Zone, what: &str, wrong: &str, target: f64| {
            let promised =
                format!("at most {} {wrong}, with {} confidence", percent(target), percent(confidence));
            match zone.missing {
                None => format!(
                    "{} can be {what} by itself: {} of {} were {wrong}, so {} at most (the promise is {promised}).",
                    cut(what, self.thresholds),
                    zone.errors,
                    zone.rows,
                    percent(zone.at_most),
                ),
                Some(Missing { label, rows, without_error }) => {
                    let kind = if label == Label::Ham { "genuine" } else { "spam" };
                    let comments = if rows == 1 { "comment is" } else { "comments are" };
                    let condition = if without_error {
                        format!(
                            "with no further error, {rows} more {kind} {comments} needed to promise {promised}"
                        )
                    } else {
                        format!("{rows} more {kind} {comments} needed before anything is promised")
                    };
                    format!("Nothing can be {what} by itself: {condition}.")
                }
            }
        };
        [
            sentence(self.published, "published", "spam", spam_published),
            sentence(self.rejected, "turned away", "genuine", ham_rejected),
        ]
    }
}

fn cut(what: &str, thresholds: Thresholds) -> String {
    if what == "published" {
        format!("What is below {}", thresholds.approve_below())
    } else {
        format!("What is at {} or above", thresholds.reject_from())
    }
}

fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    // Up to three decimals, as many as it has.
    format!("{} %", (percent * 1000.0).round() / 1000.0)
}

/// Rows that no threshold can tell apart.
struct Group {
    probability: f64,
    ham: u64,
    spam: u64,
}

impl Group {
    fn of(&self, label: Label) -> u64 {
        match label {
            Label::Ham => self.ham,
            Label::Spam => self.spam,
        }
    }
}

/// Rows by probability, the lowest first. What is no probability is held whatever the thresholds are, so it is
/// left out.
fn groups(scored: &[(f64, Label)]) -> Vec<Group> {
    let mut sorted: Vec<_> = scored.iter().filter(|(p, _)| (0.0..=1.0).contains(p)).copied().collect();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let count = |rows: &[(f64, Label)], label| rows.iter().filter(|row| row.1 == label).count() as u64;
    sorted
        .chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq())
        .map(|equal| Group {
            probability: equal[0].0,
            ham: count(equal, Label::Ham),
            spam: count(equal, Label::Spam),
        })
        .collect()
}

/// How many of these groups, from the first on, make the widest zone whose share of `wrong` is surely within the
/// target, and what is in it.
fn widest<'a>(
    groups: impl Iterator<Item = &'a Group>,
    wrong: Label,
    target: f64,
    confidence: f64,
) -> (usize, Zone) {
    let zones: Vec<(u64, u64)> = groups
        .scan((0, 0), |(rows, errors), group| {
            *rows += group.ham + group.spam;
            *errors += group.of(wrong);
            Some((*rows, *errors))
        })
        .collect();
    // Whoever is above the target in these very rows need not be asked how sure that is.
    let keeps = |&(rows, errors): &(u64, u64)| {
        errors as f64 <= target * rows as f64 && confidence::is_within(errors, rows, target, confidence)
    };
    if let Some(last) = zones.iter().rposition(keeps) {
        let (rows, errors) = zones[last];
        let at_most = confidence::at_most(errors, rows, confidence);
        return (last + 1, Zone { rows, errors, at_most, missing: None });
    }
    // The zone that comes closest; with so many errors it takes at least `errors / target` rows.
    let mut missing = confidence::rows_needed(0, target, confidence, 0);
    for (rows, errors) in zones {
        if errors as f64 / target < (rows + missing) as f64 {
            missing = missing.min(confidence::rows_needed(errors, target, confidence, rows) - rows);
        }
    }
    let label = if wrong == Label::Spam { Label::Ham } else { Label::Spam };
    let missing = Missing { label, rows: missing, without_error: true };
    (0, Zone { rows: 0, errors: 0, at_most: 1.0, missing: Some(missing) })
}

/// The roundest number above `low` and at most `high`, near their middle.
fn between(low: f64, high: f64) -> f64 {
    let middle = f64::midpoint(low, high);
    (1..=15)
        .map(|decimals| {
            let scale = 10_f64.powi(decimals);
            (middle * scale).round() / scale
        })
        .find(|&rounded| low < rounded && rounded <= high)
        .unwrap_or(high)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Decision;
    use super::*;
    use Label::{Ham, Spam};

    fn targets(spam_published: f64, ham_rejected: f64) -> Targets {
        Targets::new(spam_published, ham_rejected, 0.9).unwrap()
    }

    /// So many rows of the label, with probabilities from just above `from` to `to`.
    fn rows(label: Label, count: u32, from: f64, to: f64) -> Vec<(f64, Label)> {
        let step = (to - from) / f64::from(count);
        (1..=count).map(|place| (from + step * f64::from(place), label)).collect()
    }

    #[test]
    fn clean_ends_are_decided_and_the_rest_is_held() {
        let mut scored = [rows(Ham, 460, 0.0, 0.1), rows(Spam, 230, 0.9, 1.0)].concat();
        scored.extend([(0.4, Spam), (0.6, Ham)]);
        let promise = promise(&scored, targets(0.005, 0.01));
        assert_eq!((promise.published.rows, promise.published.errors), (460, 0));
        assert_eq!((promise.rejected.rows, promise.rejected.errors), (230, 0));
        assert!(promise.published.at_most <= 0.005 && promise.rejected.at_most <= 0.01);
        assert_eq!(promise.thresholds, Thresholds::new(0.3, 0.8).unwrap());
    }

    #[test]
    fn one_row_too_few_and_nothing_is_promised() {
        let scored = [rows(Ham, 459, 0.0, 0.1), rows(Spam, 229, 0.9, 1.0)].concat();
        let promise = promise(&scored, targets(0.005, 0.01));
        assert_eq!(promise.thresholds, Thresholds::HOLD_ALL);
        let missing = |label| Some(Missing { label, rows: 1, without_error: true });
        assert_eq!((promise.published.missing, promise.rejected.missing), (missing(Ham), missing(Spam)));
        insta::assert_snapshot!(promise.sentences().join("\n"), @r"
        Nothing can be published by itself: with no further error, 1 more genuine comment is needed to promise at most 0.5 % spam, with 90 % confidence.
        Nothing can be turned away by itself: with no further error, 1 more spam comment is needed to promise at most 1 % genuine, with 90 % confidence.
        ");
    }

    #[test]
    fn below_fifty_examples_of_a_class_nothing_is_promised() {
        let scored = [rows(Ham, 5_000, 0.0, 0.1), rows(Spam, 38, 0.9, 1.0)].concat();
        let promise = promise(&scored, targets(0.005, 0.1));
        assert_eq!(promise.thresholds, Thresholds::HOLD_ALL);
        let sentences = promise.sentences();
        assert!(
            sentences[0].contains("12 more spam comments are needed before anything"),
            "{}",
            sentences[0]
        );
        assert!(super::promise(&[], targets(0.1, 0.1)).published.missing.is_some());
    }

    #[test]
    fn targets_that_mean_nothing_are_refused() {
        for (spam, ham, confidence) in
            [(0.0, 0.1, 0.9), (0.1, 0.6, 0.9), (0.1, 0.1, 1.0), (f64::NAN, 0.1, 0.9), (0.1, 0.1, 0.2)]
        {
            assert!(Targets::new(spam, ham, confidence).is_err());
        }
    }

    /// A model that ranks: log-odds of spam spread evenly from -9 to 9, the labels drawn by them, a few at random.
    fn drawn(seed: u64, count: usize) -> impl Iterator<Item = (f64, f64, Label)> {
        // SplitMix64 (Steele, Lea & Flood 2014).
        let mut state = seed;
        let mut random = move || {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut mixed = state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
        };
        (0..count).map(move |_| {
            let said = 1.0 / (1.0 + (9.0 - 18.0 * random()).exp());
            let truth = 0.001 + 0.998 * said;
            (said, truth, if random() < truth { Spam } else { Ham })
        })
    }

    #[test]
    fn the_promise_is_kept_as_often_as_it_says() {
        let targets = targets(0.01, 0.01);
        let runs = 400;
        let (mut published, mut rejected, mut decided) = (0, 0, 0);
        for seed in 0..runs {
            let rows: Vec<_> = drawn(seed, 3_000).collect();
            let scored: Vec<_> = rows.iter().map(|&(said, _, label)| (said, label)).collect();
            let promise = promise(&scored, targets);
            let rate = |decision: Decision, error: fn(f64) -> f64| {
                let zone = rows.iter().filter(|row| promise.thresholds.decide(row.0) == decision);
                let errors: Vec<f64> = zone.map(|row| error(row.1)).collect();
                errors.iter().sum::<f64>() / errors.len().max(1) as f64
            };
            published += u64::from(rate(Decision::Approve, |truth| truth) <= 0.01);
            rejected += u64::from(rate(Decision::Reject, |truth| 1.0 - truth) <= 0.01);
            decided += u64::from(promise.published.rows > 0 && promise.rejected.rows > 0);
        }
        assert!(published * 10 >= runs * 9, "published: {published} of {runs}");
        assert!(rejected * 10 >= runs * 9, "rejected: {rejected} of {runs}");
        assert!(decided * 10 >= runs * 9, "a promise is made in {decided} of {runs}");
    }

    fn any_rows() -> impl Strategy<Value = Vec<(f64, Label)>> {
        let probability = prop_oneof![
            8 => (0..=40_u32).prop_map(|step| f64::from(step) / 40.0),
            1 => any::<f64>(),
        ];
        prop::collection::vec((probability, any::<f64>()), 0..800).prop_map(|rows| {
            // Labels that mostly follow the probability, else there is hardly ever a zone.
            let label = |p: f64, luck: f64| if (luck.abs() % 1.0) < p * p { Spam } else { Ham };
            rows.into_iter().map(|(p, luck)| (p, label(p, luck))).collect()
        })
    }

    proptest! {
        #[test]
        fn the_promise_holds_on_its_rows(scored in any_rows(), spam in 0.005..0.5_f64, ham in 0.005..0.5_f64) {
            let targets = targets(spam, ham);
            let promise = promise(&scored, targets);
            for (zone, decision, wrong, target) in [
                (promise.published, Decision::Approve, Spam, spam),
                (promise.rejected, Decision::Reject, Ham, ham),
            ] {
                let decided: Vec<_> = scored
                    .iter()
                    .filter(|row| (0.0..=1.0).contains(&row.0) && promise.thresholds.decide(row.0) == decision)
                    .collect();
                let errors = decided.iter().filter(|row| row.1 == wrong).count() as u64;
                prop_assert_eq!((zone.rows, zone.errors), (decided.len() as u64, errors));
                prop_assert_eq!(zone.rows == 0, zone.missing.is_some());
                prop_assert!(zone.rows == 0 || zone.at_most <= target + 1e-9);
            }
        }

        #[test]
        fn a_laxer_target_decides_no_less(scored in any_rows(), target in 0.005..0.25_f64, more in 1.0..2.0_f64) {
            let [strict, lax] = [target, target * more].map(|spam| promise(&scored, targets(spam, 0.01)));
            prop_assert!(lax.published.rows >= strict.published.rows);
            // The other end alone: with the first one out of reach.
            let [strict, lax] = [target, target * more].map(|ham| promise(&scored, targets(1e-6, ham)));
            prop_assert!(lax.rejected.rows >= strict.rejected.rows);
        }
    }
}
