//! Which fingerprints occurred, in a fixed amount of memory.

#![expect(clippy::cast_precision_loss, reason = "numbers of bits are far below 2^52")]

use std::sync::atomic::{AtomicU64, Ordering};

/// 2^26 bits, 8 MB: of a million fingerprints one in seventy shares its bit with another one.
const BITS: u64 = 1 << 26;

/// A set of fingerprints that may take one for another, but never forgets one. Filled by many threads at once; what
/// is in it does not depend on their order.
pub(super) struct Seen(Vec<AtomicU64>);

impl Default for Seen {
    fn default() -> Self {
        Self((0..BITS / 64).map(|_| AtomicU64::new(0)).collect())
    }
}

impl Seen {
    pub(super) fn insert(&self, fingerprint: u64) {
        let (word, bit) = place(fingerprint);
        self.0[word].fetch_or(bit, Ordering::Relaxed);
    }

    pub(super) fn contains(&self, fingerprint: u64) -> bool {
        let (word, bit) = place(fingerprint);
        self.0[word].load(Ordering::Relaxed) & bit != 0
    }

    /// About how many different fingerprints two sets hold together, by the share of bits that stayed empty: linear
    /// counting (Whang, Vander-Zanden, Taylor, "A Linear-Time Probabilistic Counting Algorithm", 1990).
    pub(super) fn distinct(&self, other: &Self) -> u64 {
        let words = self.0.iter().zip(&other.0);
        let set: u64 = words
            .map(|(a, b)| u64::from((a.load(Ordering::Relaxed) | b.load(Ordering::Relaxed)).count_ones()))
            .sum();
        // One bit counts as empty, lest the estimate be endless.
        let empty = (BITS - set.min(BITS - 1)) as f64 / BITS as f64;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count, at most 2^26 · ln 2^26"
        )]
        let distinct = (-(BITS as f64) * empty.ln()).round() as u64;
        distinct
    }
}

/// Word of a fingerprint's bit, and the bit in it.
fn place(fingerprint: u64) -> (usize, u64) {
    let bit = fingerprint % BITS;
    ((bit / 64) as usize, 1 << (bit % 64))
}

#[cfg(test)]
mod tests {
    use xxhash_rust::xxh3::xxh3_64;

    use super::*;

    #[test]
    fn what_was_seen_is_known_and_counted_once() {
        let (seen, other) = (Seen::default(), Seen::default());
        let prints: Vec<u64> = (0_u64..100_000).map(|n| xxh3_64(&n.to_le_bytes())).collect();
        for print in prints.iter().chain(&prints[..500]) {
            seen.insert(*print);
        }
        prints[..1000].iter().for_each(|print| other.insert(*print));
        assert!(prints.iter().all(|print| seen.contains(*print)));
        let strangers = (200_000_u64..210_000).filter(|n| seen.contains(xxh3_64(&n.to_le_bytes()))).count();
        assert!(strangers < 50, "{strangers} of 10,000 taken for others");
        assert!(seen.distinct(&other).abs_diff(100_000) < 100);
        assert_eq!(Seen::default().distinct(&Seen::default()), 0);
    }
}
