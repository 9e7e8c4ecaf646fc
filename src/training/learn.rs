//! From gathered evidence to a calibrated model and its figures.

use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::thread::{self, ScopedJoinHandle};

use super::gather::{Gathered, Samples};
use super::sample::Sampled;
use super::split::{HELD_OUT, Validation};
use super::{TrainError, TrainOptions, Trained, evaluate, fit};
use crate::classifier::{
    Calibration, Counts, Evidence, Label, Model, ModelCard, Ranker, Score, Source, features, telling,
};

impl Gathered {
    /// Trains a model on all rows, having measured an equal one on rows it did not see. `sources` tell where the rows
    /// came from, in the order of [`LabelledRow::source`](super::rows::LabelledRow::source).
    pub fn train(self, sources: Vec<Source>) -> Result<Trained, TrainError> {
        let Self { options, buckets, samples, held_out, folds } = self;
        let TrainOptions { validation, threads, .. } = &options;
        let repeated = buckets.iter().map(rows).sum::<u64>().saturating_sub(held_out.distinct(&folds));
        let learned = Learned::of(buckets, validation);
        learned.check(validation, &sources)?;
        let measurable = learned.measurable(validation);

        let Samples { calibration: [ham, spam], measured } = samples;
        let offered = measured.offered();
        let mut calibrate_on: Vec<Sampled> = ham.into_rows().into_iter().chain(spam.into_rows()).collect();
        calibrate_on.sort_unstable_by_key(|sampled| sampled.place);
        let mut measure_on = if measurable { measured.into_rows() } else { Vec::new() };
        if let Validation::From(_) = validation {
            // Near-identical texts on both sides of the date: nothing new behind it, nor unseen before it.
            calibrate_on.retain(|sampled| !held_out.contains(sampled.fingerprint));
            measure_on.retain(|sampled| !folds.contains(sampled.fingerprint));
        }
        drop([held_out, folds]);

        let Judged { calibration, scored } = learned.judge(&calibrate_on, &measure_on, validation, *threads);
        // Fitting changes no count, so the models asked above did without. Their counts are freed first: linfa's
        // dense tables take as much.
        let all = fit(&learned.into_all())?;
        let evaluation = (!scored.is_empty()).then(|| evaluate(&scored, options.thresholds));
        let mut measured = validation.describe();
        if !scored.is_empty() && scored.len() as u64 != offered {
            let _ = write!(measured, "; figures from {} of these {offered} rows", scored.len());
        }
        let sources = match validation {
            Validation::Given { first } => sources.into_iter().take(*first).collect(),
            _ => sources,
        };
        let documents = calibrate_on.iter().map(|sampled| sampled.row.document());
        let telling = telling(&all, &calibration, documents);
        let card = ModelCard {
            telling,
            trained_at: options.trained_at,
            trained_by: options.trained_by,
            subject: options.subject,
            sources,
            calibration,
            seed: options.seed,
            measured,
            held_out: evaluation.clone(),
            ..ModelCard::default()
        };
        let held_out = measure_on.into_iter().map(|sampled| sampled.row).collect();
        Ok(Trained { model: Model::new(all, card), evaluation, scored, held_out, repeated })
    }
}

/// The counts of the model, of the equal one that is measured, and of the buckets both are made of.
struct Learned {
    buckets: Vec<Counts>,
    /// Without the rows held out.
    training: Counts,
    /// What the model written has learned.
    all: Counts,
}

/// What came of asking models about rows they had not seen.
struct Judged {
    calibration: Calibration,
    /// Probability and label of each row measured on.
    scored: Vec<(f64, Label)>,
}

impl Learned {
    fn of(buckets: Vec<Counts>, validation: &Validation) -> Self {
        let mut training = Counts::default();
        buckets[HELD_OUT + 1..].iter().for_each(|fold| training.merge(fold));
        let mut all = training.clone();
        if validation.learns_held_out() {
            all.merge(&buckets[HELD_OUT]);
        }
        Self { buckets, training, all }
    }

    /// Refuses rows that make no model, or cannot be measured in the way asked for.
    fn check(&self, validation: &Validation, sources: &[Source]) -> Result<(), TrainError> {
        let total = rows(&self.all);
        if total == 0 {
            return Err(TrainError::NoRows);
        }
        if let Some(missing) = missing(&self.all) {
            return Err(TrainError::OneClass { label: other(missing), rows: total });
        }
        match validation {
            Validation::Share(_) => {}
            Validation::From(date) => {
                for (side, counts) in [
                    ("the rows to measure on", &self.buckets[HELD_OUT]),
                    ("the rows to train on", &self.training),
                ] {
                    if let Some(missing) = missing(counts) {
                        return Err(TrainError::Split { date: date.clone(), side, missing });
                    }
                }
            }
            Validation::Given { .. } => {
                if let Some(missing) = missing(&self.buckets[HELD_OUT]) {
                    return Err(TrainError::Given { missing });
                }
            }
            Validation::Folds(_) | Validation::EachSource(_) => {
                for (place, bucket) in self.buckets[HELD_OUT + 1..].iter().enumerate() {
                    let left = |label| self.all.rows(label) - bucket.rows(label);
                    let Some(missing) = [Label::Ham, Label::Spam].into_iter().find(|label| left(*label) == 0)
                    else {
                        continue;
                    };
                    return Err(match validation {
                        Validation::EachSource(_) => {
                            let name = sources.get(place).map_or("the only source", |source| &source.name);
                            TrainError::OneSource { name: name.to_owned(), missing }
                        }
                        _ => TrainError::Folds { missing },
                    });
                }
            }
        }
        Ok(())
    }

    fn into_all(self) -> Counts {
        self.all
    }

    /// Whether there are rows to measure on, and both classes on both sides.
    fn measurable(&self, validation: &Validation) -> bool {
        validation.measures_all()
            || [&self.buckets[HELD_OUT], &self.training].into_iter().all(|counts| missing(counts).is_none())
    }

    /// Calibrates and measures. Each row is judged by models that never saw it: to calibrate the model written, by
    /// one of all other buckets; to calibrate the one measured, by one of all other folds.
    fn judge(
        &self,
        calibrate_on: &[Sampled],
        measure_on: &[Sampled],
        validation: &Validation,
        threads: NonZeroUsize,
    ) -> Judged {
        let held_out = !measure_on.is_empty() && !validation.measures_all() && validation.learns_held_out();
        let wholes = if held_out { vec![&self.all, &self.training] } else { vec![&self.all] };
        let mut evidence = self.unseen(&wholes, calibrate_on, threads);
        let of_training = if held_out { evidence.pop() } else { None };
        let mut of_all = evidence.pop().unwrap_or_default();
        let measured = self.unseen(&[&self.all], measure_on, threads).pop().unwrap_or_default();

        let calibrate = |sampled: &[&Sampled], evidence: &[(Evidence, Label)], whole: &Counts| {
            let rows = [Label::Ham, Label::Spam].map(|label| whole.rows(label));
            match validation {
                Validation::EachSource(_) => {
                    Calibration::fit_across(evidence, rows, |place| sampled[place].bucket)
                }
                _ => Calibration::fit(evidence, rows),
            }
        };
        let calibrations: Vec<Calibration> = if validation.measures_all() {
            // Not even the calibration has seen the row it is asked about.
            let others = |bucket| {
                let pairs = calibrate_on.iter().zip(&of_all).filter(|(sampled, _)| sampled.bucket != bucket);
                let (sampled, evidence): (Vec<&Sampled>, Vec<_>) = pairs.unzip();
                calibrate(&sampled, &evidence.into_iter().copied().collect::<Vec<_>>(), &self.all)
            };
            (0..self.buckets.len()).map(others).collect()
        } else {
            let sampled: Vec<&Sampled> = calibrate_on.iter().collect();
            let calibration = match &of_training {
                Some(evidence) => calibrate(&sampled, evidence, &self.training),
                None => calibrate(&sampled, &of_all, &self.all),
            };
            vec![calibration; self.buckets.len()]
        };
        let probability = |(sampled, (evidence, label)): (&Sampled, &(Evidence, Label))| {
            let calibration = &calibrations[sampled.bucket];
            (Score::from(calibration.log_odds(evidence)).with_prior(calibration.prior).probability, *label)
        };
        let scored = measure_on.iter().zip(&measured).map(probability).collect();
        let mut sampled: Vec<&Sampled> = calibrate_on.iter().collect();
        if held_out {
            sampled.extend(measure_on);
            of_all.extend(measured);
        }
        Judged { calibration: calibrate(&sampled, &of_all, &self.all), scored }
    }

    /// For each of the whole models: the evidence it finds in each row when it has not learned the row's bucket.
    fn unseen(
        &self,
        wholes: &[&Counts],
        rows: &[Sampled],
        threads: NonZeroUsize,
    ) -> Vec<Vec<(Evidence, Label)>> {
        let mut found = vec![vec![(Evidence::default(), Label::Ham); rows.len()]; wholes.len()];
        for (bucket, counts) in self.buckets.iter().enumerate() {
            let places: Vec<usize> = (0..rows.len()).filter(|place| rows[*place].bucket == bucket).collect();
            if places.is_empty() {
                continue;
            }
            let without = |whole: &&Counts| {
                if bucket == HELD_OUT {
                    return Ranker::new(&self.training);
                }
                let mut others = (*whole).clone();
                others.subtract(counts);
                Ranker::new(&others)
            };
            let rankers: Vec<Ranker> = wholes.iter().map(without).collect();
            let scores = in_parallel(&places, threads, |place| {
                let row = &rows[*place].row;
                let features = features(&row.document());
                rankers.iter().map(|ranker| (ranker.score(&features), row.label)).collect::<Vec<_>>()
            });
            for (place, scores) in places.into_iter().zip(scores) {
                found.iter_mut().zip(scores).for_each(|(found, score)| found[place] = score);
            }
        }
        found
    }
}

/// Maps all items, on several threads, in order.
fn in_parallel<T: Sync, R: Send>(items: &[T], threads: NonZeroUsize, map: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let map = &map;
    thread::scope(|scope| {
        let parts: Vec<_> = items
            .chunks(items.len().div_ceil(threads.get()).max(1))
            .map(|part| scope.spawn(move || part.iter().map(map).collect::<Vec<R>>()))
            .collect();
        let joined = parts.into_iter().map(ScopedJoinHandle::join);
        joined.flat_map(|part| part.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

fn rows(counts: &Counts) -> u64 {
    counts.rows(Label::Ham) + counts.rows(Label::Spam)
}

/// A class without rows.
fn missing(counts: &Counts) -> Option<Label> {
    [Label::Ham, Label::Spam].into_iter().find(|label| counts.rows(*label) == 0)
}

fn other(label: Label) -> Label {
    match label {
        Label::Ham => Label::Spam,
        Label::Spam => Label::Ham,
    }
}
