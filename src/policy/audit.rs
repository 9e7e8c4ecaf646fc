//! The audit sample: a random share of what was decided without a person is shown to one later, because what nobody
//! looks at says nothing about how often it is wrong.

use uuid::Uuid;

/// Of what a site decides without a person, this share is looked at later, if its operator says nothing.
pub const AUDIT_SHARE: f64 = 0.02;

/// Whether a comment is in the sample of this share. Its id and the key decide, so that nobody outside can foresee it,
/// and asking again gives the same answer.
pub fn is_sampled(key: &[u8; 32], comment: Uuid, share: f64) -> bool {
    let mut number = [0; 8];
    blake3::Hasher::new_keyed(key).update(comment.as_bytes()).finalize_xof().fill(&mut number);
    // 53 bits are what a double holds, so this is below 1.
    #[expect(clippy::cast_precision_loss, reason = "53 bits")]
    let place = (u64::from_be_bytes(number) >> 11) as f64 / (1_u64 << 53) as f64;
    place < share
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_has_its_share_and_a_larger_one_has_it_within() {
        let ids: Vec<Uuid> = (0..20_000).map(Uuid::from_u128).collect();
        let sample = |key, share| -> Vec<bool> { ids.iter().map(|&id| is_sampled(key, id, share)).collect() };
        let (small, large) = (sample(&[1; 32], 0.02), sample(&[1; 32], 0.2));
        let size = |sample: &[bool]| sample.iter().filter(|&&sampled| sampled).count();
        // Within five standard deviations of 400 and 4,000.
        assert!((300..500).contains(&size(&small)) && (3_717..4_283).contains(&size(&large)));
        assert!(small.iter().zip(&large).all(|(small, large)| !small || *large));
        assert_ne!(small, sample(&[2; 32], 0.02), "the key decides");
        assert_eq!((size(&sample(&[1; 32], 0.0)), size(&sample(&[1; 32], 1.0))), (0, 20_000));
    }
}
