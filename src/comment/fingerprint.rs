//! Finds the same text again, whatever was done to its case, spacing and punctuation.

use unicode_normalization::UnicodeNormalization;

/// 16-byte hash of a text's letters and digits, compatibility-normalised (NFKC) and in lower case.
pub fn fingerprint(text: &str) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new();
    let mut buffer = [0; 4];
    for letter in text.nfkc().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase) {
        hasher.update(letter.encode_utf8(&mut buffer).as_bytes());
    }
    let mut fingerprint = [0; 16];
    hasher.finalize_xof().fill(&mut fingerprint);
    fingerprint
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn case_spacing_and_punctuation_do_not_hide_a_repeat() {
        assert_eq!(
            fingerprint("Great post!!  Visit EXAMPLE.top"),
            fingerprint("great post visit example top")
        );
        assert_eq!(fingerprint("ＧＲＥＡＴ\u{200b} post"), fingerprint("great post"));
        assert_ne!(fingerprint("great post"), fingerprint("great past"));
    }
}
