//! What a count of errors says about the rate behind it: exact one-sided binomial bounds.
//!
//! Clopper, C. J. & Pearson, E. S. (1934), "The use of confidence or fiducial limits illustrated in the case of
//! the binomial", Biometrika 26, 404-413. Each bound by itself holds with the confidence asked for, or more.

#![expect(clippy::cast_precision_loss, reason = "counts of rows are far below 2^52")]

/// The highest rate of errors, 0 to 1, that `errors` in `rows` leave believable with this `confidence` (0 to 1,
/// both excluded); 1 without rows.
pub fn at_most(errors: u64, rows: u64, confidence: f64) -> f64 {
    if errors >= rows { 1.0 } else { rate_where(errors, rows, 1.0 - confidence) }
}

/// The lowest rate of errors, 0 to 1, that `errors` in `rows` leave believable with this `confidence`; 0 without
/// rows.
pub fn at_least(errors: u64, rows: u64, confidence: f64) -> f64 {
    if errors == 0 { 0.0 } else { rate_where(errors - 1, rows, confidence) }
}

/// Whether `errors` in `rows` leave no higher rate believable than `rate` (0 to 1, both excluded): the same as
/// [`at_most`] being within `rate`, and quicker.
pub fn is_within(errors: u64, rows: u64, rate: f64, confidence: f64) -> bool {
    errors < rows && chance_of_at_most(errors, rows, rate) <= 1.0 - confidence
}

/// The fewest rows, beyond `from`, among which so many errors are [within](is_within) `rate`.
pub fn rows_needed(errors: u64, rate: f64, confidence: f64, from: u64) -> u64 {
    let enough = |rows| is_within(errors, rows, rate, confidence);
    let mut too_few = from.max(errors);
    let mut step = 1;
    while !enough(too_few + step) {
        too_few += step;
        step *= 2;
    }
    // Enough is within `step` of what is too few.
    while step > 1 {
        let half = step / 2;
        if enough(too_few + half) {
            step = half;
        } else {
            too_few += half;
            step -= half;
        }
    }
    too_few + 1
}

/// The rate at which so many errors or fewer have this chance. The chance falls as the rate grows.
fn rate_where(errors: u64, rows: u64, chance: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    // Each step halves the distance; after 60 it is below what a double can tell.
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if chance_of_at_most(errors, rows, middle) > chance {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// The binomial distribution function: the chance of `errors` or fewer in `rows` at this rate. The terms are added
/// up as multiples of the largest so far, because the first ones may be too small for a double.
fn chance_of_at_most(errors: u64, rows: u64, rate: f64) -> f64 {
    let odds = rate.ln() - (-rate).ln_1p();
    let mut term = rows as f64 * (-rate).ln_1p();
    let (mut largest, mut sum) = (term, 1.0);
    for error in 1..=errors {
        term += ((rows - error + 1) as f64 / error as f64).ln() + odds;
        if term > largest {
            sum = sum * (largest - term).exp() + 1.0;
            largest = term;
        } else {
            sum += (term - largest).exp();
        }
    }
    (largest + sum.ln()).exp().min(1.0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-9 * expected.max(1e-3), "{found} is not {expected}");
    }

    #[test]
    fn bounds_are_the_published_ones() {
        // scipy.stats.beta.ppf(confidence, errors + 1, rows - errors) and (1 - confidence, errors, rows - errors + 1)
        close(at_most(1, 10, 0.9), 0.336_847_723_306_724_74);
        close(at_least(1, 10, 0.9), 0.010_480_741_793_785_605);
        close(at_most(3, 1_000, 0.9), 0.006_668_495_337_068_159);
        close(at_least(3, 1_000, 0.9), 0.001_102_560_699_532_208_5);
        close(at_most(17, 4_700, 0.95), 0.005_420_461_494_189_612);
        close(at_least(17, 4_700, 0.95), 0.002_305_979_465_230_641_4);
        close(at_most(400, 5_000, 0.99), 0.089_361_970_349_894_14);
        close(at_least(400, 5_000, 0.99), 0.071_309_971_222_212_98);
        close(at_most(60_000, 200_000, 0.9), 0.301_317_127_100_474_76);
        close(at_least(60_000, 200_000, 0.9), 0.298_685_735_639_568_3);
    }

    #[test]
    fn ends_are_known_in_closed_form() {
        close(at_most(0, 460, 0.9), 1.0 - 0.1_f64.powf(1.0 / 460.0));
        close(at_least(460, 460, 0.9), 0.1_f64.powf(1.0 / 460.0));
        assert_eq!((at_most(5, 5, 0.9), at_most(0, 0, 0.9), at_least(0, 9, 0.9)), (1.0, 1.0, 0.0));
        assert_eq!(rows_needed(0, 0.005, 0.9, 0), 460);
        assert_eq!(rows_needed(0, 0.001, 0.9, 0), 2302);
    }

    #[test]
    fn a_bound_covers_the_true_rate_as_often_as_it_says() {
        // The chance of each count of errors is known, so the chance of a bound below the true rate is, too.
        for (rows, rate) in [(40, 0.03), (460, 0.005), (460, 0.2), (3_000, 0.001)] {
            let missed = (0..=rows).take_while(|&errors| at_most(errors, rows, 0.9) < rate).count() as u64;
            let chance = if missed == 0 { 0.0 } else { chance_of_at_most(missed - 1, rows, rate) };
            assert!(chance <= 0.1, "{rows} rows at {rate}: missed with a chance of {chance}");
        }
    }

    proptest! {
        #[test]
        fn a_bound_encloses_the_share_and_grows_with_errors(rows in 1..3_000_u64, part in 0.0..1.0_f64,
                                                            confidence in 0.5..0.999_f64) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of the rows")]
            let errors = (part * rows as f64) as u64;
            let share = errors as f64 / rows as f64;
            prop_assert!(at_least(errors, rows, confidence) <= share + 1e-12);
            prop_assert!(at_most(errors, rows, confidence) >= share - 1e-12);
            prop_assert!(at_most(errors + 1, rows, confidence) >= at_most(errors, rows, confidence));
            prop_assert!(at_most(errors, rows + 1, confidence) <= at_most(errors, rows, confidence));
        }

        #[test]
        fn rows_needed_are_the_fewest(errors in 0..40_u64, rate in 0.002..0.4_f64, confidence in 0.6..0.99_f64) {
            let rows = rows_needed(errors, rate, confidence, 0);
            prop_assert!(at_most(errors, rows, confidence) <= rate + 1e-9);
            prop_assert!(at_most(errors, rows - 1, confidence) > rate - 1e-9);
            prop_assert_eq!(rows_needed(errors, rate, confidence, rows - 1), rows);
            prop_assert!(is_within(errors, rows, rate, confidence) && !is_within(errors, rows - 1, rate, confidence));
        }
    }
}
