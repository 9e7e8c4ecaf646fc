//! Signed values that travel through readers' hands: the link to one's own comment, and the moment a form was
//! shown. BLAKE3 in keyed mode is the signature; 16 bytes of it are kept.

use data_encoding::BASE64URL_NOPAD;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

use crate::app::Keys;
use crate::policy::FormTiming;

const MAC: usize = 16;
/// A link to one's own comment works this long.
const STATUS_LIFETIME: Duration = Duration::days(30);
/// Cached pages carry old tokens; past this age a token says nothing any more.
const FORM_LIFETIME: Duration = Duration::days(7);
/// So long a link to confirm an address works.
const ADDRESS_LIFETIME: Duration = Duration::days(1);
/// So long may the second step of signing in take.
const PROOF_LIFETIME: Duration = Duration::minutes(10);

/// Signs the link to a reader's own comment.
pub fn status_token(keys: &Keys, site_id: i64, comment: Uuid, now: OffsetDateTime) -> String {
    let mut payload = Vec::with_capacity(32);
    payload.extend(site_id.to_be_bytes());
    payload.extend((now + STATUS_LIFETIME).unix_timestamp().to_be_bytes());
    seal(&keys.status, payload, comment.as_bytes())
}

/// The site of a status link's comment, if the link is ours and has not expired.
pub fn open_status_token(keys: &Keys, token: &str, comment: Uuid, now: OffsetDateTime) -> Option<i64> {
    let payload = open(&keys.status, token, comment.as_bytes())?;
    let (site, expiry) = payload.split_first_chunk::<8>()?;
    let expiry = i64::from_be_bytes(expiry.try_into().ok()?);
    (now.unix_timestamp() < expiry).then(|| i64::from_be_bytes(*site))
}

/// Signs the moment the form of an article was shown.
pub fn form_token(keys: &Keys, site_id: i64, article: &str, now: OffsetDateTime) -> String {
    seal(&keys.form, now.unix_timestamp().to_be_bytes().to_vec(), &form_context(site_id, article))
}

/// How long the form was open, by its token. An empty token says nothing.
pub fn form_timing(keys: &Keys, token: &str, site_id: i64, article: &str, now: OffsetDateTime) -> FormTiming {
    if token.is_empty() {
        return FormTiming::Unknown;
    }
    let shown = open(&keys.form, token, &form_context(site_id, article))
        .and_then(|payload| payload.try_into().ok())
        .map(i64::from_be_bytes);
    match shown {
        None => FormTiming::Forged,
        Some(shown) => match u64::try_from(now.unix_timestamp() - shown) {
            Ok(seconds) if seconds <= FORM_LIFETIME.whole_seconds().unsigned_abs() => {
                FormTiming::After(seconds)
            }
            _ => FormTiming::Unknown,
        },
    }
}

/// Signs that somebody's password was right, for the second step of signing in. Another password since, and it opens no more.
pub(super) fn password_proof(
    keys: &Keys,
    moderator: i64,
    password_hash: &str,
    now: OffsetDateTime,
) -> String {
    let mut payload = moderator.to_be_bytes().to_vec();
    payload.extend((now + PROOF_LIFETIME).unix_timestamp().to_be_bytes());
    seal(&keys.sign_in, payload, password_hash.as_bytes())
}

/// Whose proof this claims to be: what it takes to look up the password that opens it.
pub(super) fn claimed_by(proof: &str) -> Option<i64> {
    let payload = BASE64URL_NOPAD.decode(proof.as_bytes()).ok()?;
    payload.first_chunk().copied().map(i64::from_be_bytes)
}

/// Whether somebody's password was right a moment ago.
pub(super) fn opens(keys: &Keys, proof: &str, password_hash: &str, now: OffsetDateTime) -> bool {
    let expiry = open(&keys.sign_in, proof, password_hash.as_bytes())
        .and_then(|payload| payload.last_chunk().copied())
        .map(i64::from_be_bytes);
    expiry.is_some_and(|expiry| now.unix_timestamp() < expiry)
}

/// Signs the link by which somebody confirms that an address is theirs. Once the address is another one, it opens no more.
pub(super) fn address_token(keys: &Keys, moderator: i64, address: &str, asked_at: OffsetDateTime) -> String {
    let mut payload = moderator.to_be_bytes().to_vec();
    payload.extend((asked_at + ADDRESS_LIFETIME).unix_timestamp().to_be_bytes());
    seal(&keys.mail, payload, &[b"address ", address.as_bytes()].concat())
}

/// Whether this person was asked at this address, and not too long ago.
pub(super) fn opens_address(keys: &Keys, token: &str, address: &str, now: OffsetDateTime) -> bool {
    let expiry = open(&keys.mail, token, &[b"address ", address.as_bytes()].concat())
        .and_then(|payload| payload.last_chunk().copied())
        .map(i64::from_be_bytes);
    expiry.is_some_and(|expiry| now.unix_timestamp() < expiry)
}

/// Signs the link by which somebody asks for no more notices at an address. It works for as long as the address is theirs.
pub(super) fn unsubscribe_token(keys: &Keys, moderator: i64, address: &str) -> String {
    seal(&keys.mail, moderator.to_be_bytes().to_vec(), &[b"no more ", address.as_bytes()].concat())
}

/// Whether this is such a link.
pub(super) fn opens_unsubscribe(keys: &Keys, token: &str, address: &str) -> bool {
    open(&keys.mail, token, &[b"no more ", address.as_bytes()].concat()).is_some()
}

/// The token of a link in a mail that acts: the same whenever the mail is written, and not to be guessed.
pub(super) fn action_token(keys: &Keys, mail: Uuid, comment: Uuid, verdict: &str) -> String {
    let mut hasher = blake3::Hasher::new_keyed(&keys.mail);
    hasher.update(b"act ").update(mail.as_bytes()).update(comment.as_bytes()).update(verdict.as_bytes());
    BASE64URL_NOPAD.encode(hasher.finalize().as_bytes())
}

/// The token of an invitation that goes by mail: the same whenever the mail is written, and not to be guessed.
pub(super) fn invitation_token(keys: &Keys, mail: Uuid) -> String {
    let mut hasher = blake3::Hasher::new_keyed(&keys.mail);
    hasher.update(b"invite ").update(mail.as_bytes());
    BASE64URL_NOPAD.encode(hasher.finalize().as_bytes())
}

fn form_context(site_id: i64, article: &str) -> Vec<u8> {
    let mut context = site_id.to_be_bytes().to_vec();
    context.extend(article.as_bytes());
    context
}

fn seal(key: &[u8; 32], mut payload: Vec<u8>, context: &[u8]) -> String {
    let mac = mac(key, &payload, context);
    payload.extend(&mac.as_bytes()[..MAC]);
    BASE64URL_NOPAD.encode(&payload)
}

fn open(key: &[u8; 32], token: &str, context: &[u8]) -> Option<Vec<u8>> {
    let mut payload = BASE64URL_NOPAD.decode(token.as_bytes()).ok()?;
    let given = payload.split_off(payload.len().checked_sub(MAC)?);
    let mut whole = *mac(key, &payload, context).as_bytes();
    whole[..MAC].copy_from_slice(&given);
    // Comparing whole hashes takes constant time.
    (blake3::Hash::from(whole) == mac(key, &payload, context)).then_some(payload)
}

fn mac(key: &[u8; 32], payload: &[u8], context: &[u8]) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new_keyed(key);
    hasher.update(&payload.len().to_be_bytes()).update(payload).update(context);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);

    fn keys() -> Keys {
        Keys {
            status: [1; 32],
            form: [2; 32],
            author: [3; 32],
            sign_in: [4; 32],
            throttle: [5; 32],
            audit: [6; 32],
            programs: [7; 32],
            akismet: [11; 32],
            mail: [8; 32],
            report: [9; 32],
            network: [10; 32],
        }
    }

    #[test]
    fn a_status_link_opens_its_own_comment_until_it_expires() {
        let (mine, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let token = status_token(&keys(), 7, mine, NOW);
        assert_eq!(open_status_token(&keys(), &token, mine, NOW), Some(7));
        assert_eq!(open_status_token(&keys(), &token, other, NOW), None);
        assert_eq!(open_status_token(&keys(), &token, mine, NOW + Duration::days(31)), None);
        for broken in ["", "x", "AAAA", &token[1..]] {
            assert_eq!(open_status_token(&keys(), broken, mine, NOW), None);
        }
    }

    #[test]
    fn a_right_password_is_proven_for_ten_minutes_and_until_it_changes() {
        let proof = password_proof(&keys(), 7, "hash", NOW);
        assert_eq!(claimed_by(&proof), Some(7));
        assert!(opens(&keys(), &proof, "hash", NOW + Duration::minutes(9)));
        assert!(!opens(&keys(), &proof, "hash", NOW + Duration::minutes(10)));
        assert!(!opens(&keys(), &proof, "another", NOW));
        let other = password_proof(&keys(), 8, "hash", NOW);
        let forged = format!("{}{}", &other[..11], &proof[11..]);
        assert!(!opens(&keys(), &forged, "hash", NOW));
        assert!(!opens(&keys(), "", "hash", NOW) && claimed_by("x").is_none());
    }

    #[test]
    fn a_form_token_tells_the_time_for_its_own_page() {
        let token = form_token(&keys(), 7, "/a", NOW);
        let timing = |token: &str, article, later| {
            form_timing(&keys(), token, 7, article, NOW + Duration::seconds(later))
        };
        assert_eq!(timing(&token, "/a", 2), FormTiming::After(2));
        assert_eq!(timing(&token, "/b", 2), FormTiming::Forged);
        assert_eq!(timing(&token, "/a", 8 * 86_400), FormTiming::Unknown);
        assert_eq!(timing("", "/a", 2), FormTiming::Unknown);
        assert_eq!(timing("forged", "/a", 2), FormTiming::Forged);
    }
}
