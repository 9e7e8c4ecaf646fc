//! Numbers as people read them. Templates hand fields over by reference and results by value, hence `Borrow`.

use std::borrow::Borrow;

/// `12345` as `12,345`.
pub(super) fn count(number: impl Borrow<u64>) -> String {
    let digits = number.borrow().to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `one comment`, `12 comments`: the count with its noun.
pub(in crate::web) fn plural(number: impl Borrow<u64>, one: &str, many: &str) -> String {
    let number = *number.borrow();
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// `0.971` as `97.1 %`, held together by a no-break space.
pub(super) fn percent(share: impl Borrow<f64>) -> String {
    let share = *share.borrow();
    if share.is_finite() { format!("{:.1}\u{a0}%", share * 100.0) } else { "–".to_owned() }
}

/// A share as percent: two decimals below one percent, where the errors are.
pub(super) fn share(share: f64) -> String {
    let percent = 100.0 * share;
    match percent {
        p if p.abs() < 1e-9 => "0\u{a0}%".to_owned(),
        p if p < 1.0 => format!("{p:.2}\u{a0}%"),
        p => format!("{p:.1}\u{a0}%"),
    }
}

/// A whole number, with a decimal where it is small and not whole.
pub(super) fn few(number: f64) -> String {
    if number >= 10.0 || number.fract() == 0.0 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        count(number.round() as u64)
    } else {
        format!("{number:.1}")
    }
}

/// A number with a true minus sign and always a sign: `+1.2`, `−0.6`, `0.0`.
pub(super) fn signed(number: f64, decimals: usize) -> String {
    if !number.is_finite() {
        return "–".to_owned();
    }
    let digits = format!("{:.decimals$}", number.abs());
    let zero = digits.chars().all(|digit| matches!(digit, '0' | '.'));
    match (zero, number > 0.0) {
        (true, _) => digits,
        (false, true) => format!("+{digits}"),
        (false, false) => format!("\u{2212}{digits}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(count(7_u64), "7");
        assert_eq!(count(1_956_u64), "1,956");
        assert_eq!(count(1_234_567_u64), "1,234,567");
        assert_eq!(plural(1_u64, "reply", "replies"), "1 reply");
        assert_eq!(percent(0.971), "97.1\u{a0}%");
        assert_eq!(percent(f64::NAN), "–");
        assert_eq!(signed(1.24, 1), "+1.2");
        assert_eq!(signed(-0.6, 1), "\u{2212}0.6");
        assert_eq!(signed(-0.01, 1), "0.0");
    }
}
