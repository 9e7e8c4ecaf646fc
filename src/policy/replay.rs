//! What two thresholds would do to comments that have come in: an honest replay on the scores they came in with.
//!
//! How many would be published, held and turned away is counted. How many of these decisions would be wrong is known
//! only where a person has said what a comment is, and people look mostly at what is in doubt. So each end is cut into
//! strata within which labels are no choice of anybody: what a person had to decide anyway, and, for each share of the
//! audit sample that was in force, what was decided without one. In a stratum the share of errors among the labels is
//! an estimate for all of it, with the exact interval of Clopper and Pearson (see [`confidence`]); the strata are added
//! up by their size (Cochran, "Sampling Techniques", 3rd ed. 1977, chapter 5; with one share in force this is the
//! estimator of Horvitz and Thompson, JASA 47, 1952, by the size that came out rather than the one expected). The
//! bounds are added up as well, each as sure as makes them hold together (Bonferroni), so the interval covers the truth
//! at least as often as it says. What no label speaks for is told as unknown, not counted as right; and errors that
//! people came upon outside the sample are told, but do not count, since people look where they suspect.

#![expect(clippy::cast_precision_loss, reason = "counts of comments are far below 2^52")]

use std::collections::BTreeMap;

use super::abuse::Abuse;
use super::thresholds::{Decision, Thresholds};
use crate::classifier::confidence;

/// How sure both bounds of a rate are together.
pub const CONFIDENCE: f64 = 0.95;

/// What a person made of a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// Genuine.
    Ham,
    /// Spam.
    Spam,
    /// Unwanted, but not spam: an error at neither end.
    Unwanted,
}

/// How it came that a person looks at a comment, or does not.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Selection {
    /// It was held, so a person has to decide.
    Held,
    /// It was decided without a person.
    Alone {
        /// The share of the audit sample at that time; 0 for none.
        share: f64,
        /// Whether it is in the sample.
        sampled: bool,
    },
}

/// A comment as it came in, and what is known of it by now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scored {
    /// The probability that decided.
    pub spam_probability: f64,
    /// The probability of abuse, where there was one.
    pub abuse_probability: Option<f64>,
    /// Why a person would look at it.
    pub selection: Selection,
    /// What a person said.
    pub truth: Option<Truth>,
}

/// Where a site cuts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cuts {
    /// The two cuts on the spam probability.
    pub thresholds: Thresholds,
    /// From this probability of abuse on, what would be published is held.
    pub hold_abuse_from: f64,
}

impl Cuts {
    /// What becomes of a comment with these probabilities.
    pub fn decide(self, spam_probability: f64, abuse_probability: Option<f64>) -> Decision {
        let abuse = abuse_probability
            .is_some_and(|probability| Abuse { probability, hold_from: self.hold_abuse_from }.holds());
        match self.thresholds.decide(spam_probability) {
            Decision::Approve if abuse => Decision::Hold,
            decision => decision,
        }
    }
}

/// What would become of comments.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Forecast {
    /// Published unseen; its errors are spam.
    pub published: End,
    /// Held for a person.
    pub held: u64,
    /// Turned away; its errors are ham.
    pub rejected: End,
}

/// One end of the scores.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct End {
    /// Comments there.
    pub comments: u64,
    /// Those that no label speaks for.
    pub unknown: u64,
    /// Labels that speak for the others.
    pub labels: u64,
    /// Errors among these labels.
    pub errors: u64,
    /// Errors that people came upon outside the sample.
    pub found: u64,
    /// The rate of errors among those that labels speak for; `None` if there are none.
    pub rate: Option<Rate>,
}

/// A share of errors with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// The estimate.
    pub estimate: f64,
    /// The lower bound.
    pub at_least: f64,
    /// The upper bound.
    pub at_most: f64,
}

/// Replays comments with these cuts.
pub fn replay(comments: &[Scored], cuts: Cuts) -> Forecast {
    let end = |decision: Decision, wrong| {
        let there =
            |comment: &&Scored| cuts.decide(comment.spam_probability, comment.abuse_probability) == decision;
        End::of(comments.iter().filter(there), wrong)
    };
    let (published, rejected) = (end(Decision::Approve, Truth::Spam), end(Decision::Reject, Truth::Ham));
    let held = comments.len() as u64 - published.comments - rejected.comments;
    Forecast { published, held, rejected }
}

/// Comments that were selected in the same way.
#[derive(Default)]
struct Stratum {
    comments: u64,
    labels: u64,
    errors: u64,
}

impl End {
    /// What is known of comments that were decided alike, where `wrong` is an error.
    pub fn of<'a>(comments: impl Iterator<Item = &'a Scored>, wrong: Truth) -> Self {
        Self::counted(comments.map(|comment| (comment.selection, comment.truth, 1)), wrong)
    }

    /// The same of so many comments of each kind.
    pub fn counted(kinds: impl Iterator<Item = (Selection, Option<Truth>, u64)>, wrong: Truth) -> Self {
        let mut held = Stratum::default();
        // By the bits of the share; they are equal where the share was the same.
        let mut alone = BTreeMap::<u64, Stratum>::new();
        let mut end = Self::default();
        for (selection, truth, comments) in kinds {
            end.comments += comments;
            let labels = if truth.is_some() { comments } else { 0 };
            let errors = if truth == Some(wrong) { comments } else { 0 };
            let (stratum, asked) = match selection {
                Selection::Held => (&mut held, true),
                Selection::Alone { share, sampled } => (alone.entry(share.to_bits()).or_default(), sampled),
            };
            stratum.comments += comments;
            if asked {
                stratum.labels += labels;
                stratum.errors += errors;
            } else {
                end.found += errors;
            }
        }
        // Those held that still wait are not a random part of them, so the others speak for themselves only.
        held.comments = held.labels;
        let strata: Vec<&Stratum> =
            std::iter::once(&held).chain(alone.values()).filter(|stratum| stratum.labels > 0).collect();
        let covered: u64 = strata.iter().map(|stratum| stratum.comments).sum();
        end.unknown = end.comments - covered;
        end.labels = strata.iter().map(|stratum| stratum.labels).sum();
        end.errors = strata.iter().map(|stratum| stratum.errors).sum();
        // Two bounds a stratum may be missed with this chance in all.
        let sure = 1.0 - (1.0 - CONFIDENCE) / (2.0 * strata.len() as f64);
        let weighed = |rate: &dyn Fn(&Stratum) -> f64| -> f64 {
            strata.iter().map(|stratum| stratum.comments as f64 / covered as f64 * rate(stratum)).sum()
        };
        end.rate = (covered > 0).then(|| Rate {
            estimate: weighed(&|stratum| stratum.errors as f64 / stratum.labels as f64),
            at_least: weighed(&|stratum| confidence::at_least(stratum.errors, stratum.labels, sure)),
            at_most: weighed(&|stratum| confidence::at_most(stratum.errors, stratum.labels, sure)),
        });
        end
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::super::is_sampled;
    use super::*;

    fn scored(spam_probability: f64, selection: Selection, truth: Option<Truth>) -> Scored {
        Scored { spam_probability, abuse_probability: None, selection, truth }
    }

    fn cuts(approve_below: f64, reject_from: f64) -> Cuts {
        Cuts { thresholds: Thresholds::new(approve_below, reject_from).unwrap(), hold_abuse_from: 0.8 }
    }

    const SAMPLED: Selection = Selection::Alone { share: 0.1, sampled: true };
    const UNSEEN: Selection = Selection::Alone { share: 0.1, sampled: false };
    const NEVER: Selection = Selection::Alone { share: 0.0, sampled: false };

    #[test]
    fn what_nobody_could_look_at_is_unknown_and_not_right() {
        let comments = [scored(0.1, NEVER, None), scored(0.1, NEVER, Some(Truth::Spam))];
        let published = replay(&comments, cuts(0.2, 0.9)).published;
        assert_eq!((published.comments, published.unknown, published.found), (2, 2, 1));
        assert_eq!(published.rate, None);
    }

    #[test]
    fn a_sample_speaks_for_its_share_and_held_comments_for_themselves() {
        let mut comments = vec![scored(0.1, UNSEEN, None); 90];
        comments.extend([scored(0.1, SAMPLED, Some(Truth::Ham)); 9]);
        comments.push(scored(0.1, SAMPLED, Some(Truth::Spam)));
        // Found by chance, so it does not count.
        comments[0].truth = Some(Truth::Spam);
        comments.extend([scored(0.1, Selection::Held, Some(Truth::Ham)); 99]);
        comments.push(scored(0.1, Selection::Held, Some(Truth::Spam)));
        comments.push(scored(0.1, Selection::Held, None));
        let published = replay(&comments, cuts(0.2, 0.9)).published;
        assert_eq!((published.comments, published.unknown, published.found), (201, 1, 1));
        assert_eq!((published.labels, published.errors), (110, 2));
        let rate = published.rate.unwrap();
        assert!((rate.estimate - (100.0 * 0.1 + 100.0 * 0.01) / 200.0).abs() < 1e-12);
        let bound = |errors, labels| confidence::at_most(errors, labels, 1.0 - 0.05 / 4.0);
        assert!((rate.at_most - f64::midpoint(bound(1, 10), bound(1, 100))).abs() < 1e-12);
    }

    #[test]
    fn with_one_stratum_the_interval_is_the_exact_one() {
        let mut comments = vec![scored(0.99, SAMPLED, Some(Truth::Spam)); 8];
        comments
            .extend([scored(0.99, SAMPLED, Some(Truth::Unwanted)), scored(0.99, SAMPLED, Some(Truth::Ham))]);
        let rate = replay(&comments, cuts(0.2, 0.9)).rejected.rate.unwrap();
        assert!((rate.estimate - 0.1).abs() < 1e-12, "only what is good is an error there");
        // scipy.stats.beta.ppf(0.975, 2, 9) and (0.025, 1, 10)
        assert!((rate.at_most - 0.445_016_117_028_195_4).abs() < 1e-9, "{rate:?}");
        assert!((rate.at_least - 0.002_528_578_544_461_785).abs() < 1e-9, "{rate:?}");
    }

    #[test]
    fn abuse_is_held_in_the_replay_too() {
        let abusive = Scored { abuse_probability: Some(0.9), ..scored(0.1, NEVER, None) };
        let forecast = replay(&[abusive], cuts(0.2, 0.9));
        assert_eq!((forecast.published.comments, forecast.held), (0, 1));
    }

    /// A number from 0 to 1 that looks random.
    fn random(run: u64, comment: u64, what: u64) -> f64 {
        let mut bytes = [0; 8];
        let mut hasher = blake3::Hasher::new();
        for part in [run, comment, what] {
            hasher.update(&part.to_be_bytes());
        }
        hasher.finalize_xof().fill(&mut bytes);
        (u64::from_be_bytes(bytes) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Of 1,000 simulated sites: how often the interval covers the true share of spam among what is published, and
    /// how often that of another pair of thresholds covers.
    fn covered(share: f64, spam_at: impl Fn(f64) -> f64) -> [u64; 4] {
        let (present, proposed) = (cuts(0.2, 0.9), cuts(0.4, 0.8));
        let mut covered = [0; 4];
        for run in 0..1_000_u64 {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&run.to_be_bytes());
            let mut truths = Vec::new();
            let comments: Vec<Scored> = (0..1_500)
                .map(|n| {
                    let p = random(run, n, 0);
                    let truth = if random(run, n, 1) < spam_at(p) { Truth::Spam } else { Truth::Ham };
                    truths.push(truth);
                    let sampled = is_sampled(&key, Uuid::from_u128(u128::from(n)), share);
                    let (selection, seen) = match present.decide(p, None) {
                        Decision::Hold => (Selection::Held, true),
                        _ => (Selection::Alone { share, sampled }, sampled),
                    };
                    scored(p, selection, seen.then_some(truth))
                })
                .collect();
            for (place, cuts) in [present, proposed].into_iter().enumerate() {
                let forecast = replay(&comments, cuts);
                for (end, decision, wrong) in [
                    (forecast.published, Decision::Approve, Truth::Spam),
                    (forecast.rejected, Decision::Reject, Truth::Ham),
                ] {
                    let there: Vec<Truth> = comments
                        .iter()
                        .zip(&truths)
                        .filter(|(comment, _)| cuts.decide(comment.spam_probability, None) == decision)
                        .map(|(_, truth)| *truth)
                        .collect();
                    let wrong_there = there.iter().filter(|&&truth| truth == wrong).count();
                    let true_rate = wrong_there as f64 / there.len() as f64;
                    let rate = end.rate.unwrap();
                    let covers = rate.at_least <= true_rate && true_rate <= rate.at_most;
                    covered[2 * place + usize::from(decision == Decision::Reject)] += u64::from(covers);
                }
            }
        }
        covered
    }

    #[test]
    fn the_interval_covers_the_truth_in_at_least_95_of_100_simulated_sites() {
        // A model that is calibrated, one that is sure and seldom wrong, and one that is worse than it says.
        let simulated = [
            covered(0.1, |p| p),
            covered(0.1, |p| {
                if p < 0.2 {
                    0.01
                } else if p < 0.9 {
                    0.5
                } else {
                    0.98
                }
            }),
            covered(0.3, |p| 0.3 + 0.4 * p),
        ];
        for covered in simulated {
            println!("covered by the interval, of 1,000 sites: {covered:?}");
            assert!(covered.iter().all(|&covered| covered >= 950), "{covered:?}");
        }
    }

    fn any_scored() -> impl Strategy<Value = Scored> {
        let selection = prop_oneof![
            Just(Selection::Held),
            (prop::sample::select(vec![0.0, 0.02, 0.5]), any::<bool>())
                .prop_map(|(share, sampled)| Selection::Alone { share, sampled: sampled && share > 0.0 }),
        ];
        let truth =
            prop::sample::select(vec![None, Some(Truth::Ham), Some(Truth::Spam), Some(Truth::Unwanted)]);
        let abuse = prop_oneof![Just(None), (0.0..=1.0_f64).prop_map(Some)];
        (0.0..=1.0_f64, abuse, selection, truth).prop_map(
            |(spam_probability, abuse_probability, selection, truth)| Scored {
                spam_probability,
                abuse_probability,
                selection,
                truth,
            },
        )
    }

    proptest! {
        #[test]
        fn the_forecast_is_what_the_thresholds_decide(comments in prop::collection::vec(any_scored(), 0..200),
                                                      low in 0.0..=1.0_f64, high in 0.0..=1.01_f64) {
            let cuts = cuts(low.min(high), high.max(low));
            let forecast = replay(&comments, cuts);
            let (mut published, mut held, mut rejected) = (0, 0, 0);
            for comment in &comments {
                match cuts.thresholds.decide(comment.spam_probability) {
                    Decision::Approve if comment.abuse_probability.is_some_and(|abuse| abuse >= 0.8) => held += 1,
                    Decision::Approve => published += 1,
                    Decision::Hold => held += 1,
                    Decision::Reject => rejected += 1,
                }
            }
            prop_assert_eq!((forecast.published.comments, forecast.held, forecast.rejected.comments),
                            (published, held, rejected));
        }

        #[test]
        fn the_estimate_lies_within_its_bounds(comments in prop::collection::vec(any_scored(), 0..200)) {
            for end in [replay(&comments, cuts(0.5, 0.5)).published, replay(&comments, cuts(0.5, 0.5)).rejected] {
                prop_assert!(end.unknown <= end.comments && end.errors <= end.labels);
                prop_assert_eq!(end.rate.is_some(), end.labels > 0);
                if let Some(Rate { estimate, at_least, at_most }) = end.rate {
                    prop_assert!(0.0 <= at_least && at_least <= estimate + 1e-9);
                    prop_assert!(estimate <= at_most + 1e-9 && at_most <= 1.0 + 1e-9);
                }
            }
        }
    }
}
