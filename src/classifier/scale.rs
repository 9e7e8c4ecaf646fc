//! A scale to draw probabilities on. They are spread out by their log-odds, as nearly all lie close to 0 or 1.

#![expect(clippy::cast_precision_loss, reason = "a handful of bars")]

/// The log-odds at both ends; what lies beyond is drawn there.
pub const MOST: f64 = 8.0;

/// So many bars a histogram on this scale has.
pub const BARS: usize = 32;

/// Where the scale is labelled.
pub const TICKS: [(f64, &str); 7] = [
    (0.001, "0.1 %"),
    (0.01, "1 %"),
    (0.1, "10 %"),
    (0.5, "50 %"),
    (0.9, "90 %"),
    (0.99, "99 %"),
    (0.999, "99.9 %"),
];

/// Place of a probability on the scale, 0 to 1.
pub fn place(probability: f64) -> f64 {
    if probability > 1.0 {
        return 1.0;
    }
    let log_odds = (probability / (1.0 - probability)).ln();
    f64::midpoint(log_odds.clamp(-MOST, MOST) / MOST, 1.0)
}

/// The bar of a probability, below [`BARS`].
pub fn bar(probability: f64) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a handful of bars"
    )]
    let bar = (place(probability) * BARS as f64) as usize;
    bar.min(BARS - 1)
}

/// The probabilities a bar stands for: from, to.
pub fn edges(bar: usize) -> (f64, f64) {
    let edge = |bar: usize| {
        let log_odds = MOST * (2.0 * bar as f64 / BARS as f64 - 1.0);
        1.0 / (1.0 + (-log_odds).exp())
    };
    let low = if bar == 0 { 0.0 } else { edge(bar) };
    let high = if bar + 1 >= BARS { 1.0 } else { edge(bar + 1) };
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_probability_is_in_the_bar_whose_edges_are_around_it() {
        for step in 0..=1_000 {
            let probability = f64::from(step) / 1_000.0;
            let (low, high) = edges(bar(probability));
            assert!(
                low - 1e-12 <= probability && probability <= high + 1e-12,
                "{probability}: {low}, {high}"
            );
        }
        assert_eq!((place(0.0), place(0.5), place(1.0), place(1.01)), (0.0, 0.5, 1.0, 1.0));
    }
}
