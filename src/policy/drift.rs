//! Whether what a model says of late still looks like what it said when it was measured.

#![expect(clippy::cast_precision_loss, reason = "counts of comments are far below 2^52")]

/// How many probabilities fell into each of ten equal bins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Histogram([u64; BINS]);

const BINS: usize = 10;

impl Histogram {
    /// Counts by bin; what is beyond the tenth is left out.
    pub fn of_counts(counts: impl IntoIterator<Item = u64>) -> Self {
        let mut histogram = Self::default();
        for (bin, count) in histogram.0.iter_mut().zip(counts) {
            *bin = count;
        }
        histogram
    }

    /// Counts probabilities, 0 to 1.
    pub fn of_probabilities(probabilities: impl IntoIterator<Item = f64>) -> Self {
        let mut histogram = Self::default();
        for probability in probabilities {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a probability times ten; anything else ends in the first or the last bin"
            )]
            let bin = (probability * BINS as f64) as usize;
            histogram.0[bin.min(BINS - 1)] += 1;
        }
        histogram
    }

    /// All of them.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Share of each bin, with half an imagined comment in each, so that an empty bin is rare and not impossible.
    fn shares(&self) -> [f64; BINS] {
        let total = self.total() as f64 + 0.5 * BINS as f64;
        self.0.map(|count| (count as f64 + 0.5) / total)
    }
}

/// Population stability index of recent probabilities against those of a model's held-out ham and spam (Siddiqi,
/// "Credit Risk Scorecards", 2006: below 0.1 nothing has changed, above 0.25 much has). How much of the queue is spam
/// differs from site to site and from week to week, and is no drift of the model: of all mixtures of the two the one
/// that fits best is compared.
pub fn stability_index(ham: &Histogram, spam: &Histogram, recent: &Histogram) -> f64 {
    let [ham, spam, recent] = [ham, spam, recent].map(Histogram::shares);
    let index = |spam_share: f64| -> f64 {
        let expected = ham.iter().zip(&spam).map(|(ham, spam)| ham + spam_share * (spam - ham));
        expected.zip(&recent).map(|(expected, now)| (now - expected) * (now / expected).ln()).sum()
    };
    (0..=100_u32).map(|percent| index(f64::from(percent) / 100.0)).fold(f64::INFINITY, f64::min)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spread(low: u64, middle: u64, high: u64) -> Histogram {
        Histogram::of_counts([low, middle, middle, middle, middle, middle, middle, middle, middle, high])
    }

    #[test]
    fn another_mix_of_the_same_comments_is_no_drift_and_doubt_is() {
        let (ham, spam) = (spread(900, 10, 20), spread(20, 10, 900));
        for (low, high) in [(800, 120), (450, 450), (60, 860)] {
            assert!(stability_index(&ham, &spam, &spread(low, 10, high)) < 0.02);
        }
        assert!(stability_index(&ham, &spam, &spread(200, 75, 200)) > 0.25, "the model has become unsure");
    }

    #[test]
    fn against_one_population_it_is_the_textbook_index() {
        let before = Histogram::of_counts([500, 500]);
        let now = Histogram::of_counts([700, 300]);
        // (0.7 − 0.5) ln(0.7/0.5) + (0.3 − 0.5) ln(0.3/0.5) = 0.1695, but for the half comments.
        assert!((stability_index(&before, &before, &now) - 0.1695).abs() < 2e-3);
        assert!(stability_index(&before, &before, &before).abs() < 1e-12);
    }

    #[test]
    fn probabilities_fall_into_ten_bins() {
        let histogram = Histogram::of_probabilities([0.0, 0.05, 0.1, 0.999, 1.0]);
        assert_eq!(histogram, Histogram::of_counts([2, 1, 0, 0, 0, 0, 0, 0, 0, 2]));
        assert_eq!(histogram.total(), 5);
    }

    proptest! {
        #[test]
        fn it_is_a_number_and_never_negative(counts in prop::collection::vec(0..100_000_u64, 30)) {
            let histogram = |n: usize| Histogram::of_counts(counts[n * 10..].iter().copied());
            let index = stability_index(&histogram(0), &histogram(1), &histogram(2));
            prop_assert!(index.is_finite() && index > -1e-12);
        }
    }
}
