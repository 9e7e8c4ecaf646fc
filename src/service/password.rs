//! Passwords and tokens: made, hashed, checked.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use data_encoding::BASE64URL_NOPAD;
use tokio::sync::Semaphore;

use super::accounts::AccountError;
use crate::app::random_bytes;

/// The shortest password that is taken, in characters.
pub const SHORTEST: usize = 10;
/// The longest, in bytes: hashing must stay cheap to refuse.
const LONGEST: usize = 1_000;

/// Argon2 takes 19 MiB and tens of milliseconds by design: few at a time, so that sign-ins cannot eat the machine.
static HASHING: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(2));

/// Hashes a new password, if it is long enough.
pub(super) async fn hash(password: &str) -> Result<String, AccountError> {
    if password.chars().count() < SHORTEST || password.len() > LONGEST {
        return Err(AccountError::Password);
    }
    let password = password.to_owned();
    hashing(move || {
        Argon2::default()
            .hash_password(password.as_bytes())
            .map(|hash| hash.to_string())
            .map_err(|error| AccountError::Hash(error.to_string()))
    })
    .await
}

/// Whether a password fits a hash. No hash is fitted by none, and that takes as long.
pub(super) async fn fits(password: &str, hash: Option<String>) -> Result<bool, AccountError> {
    static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| {
        let password = random_bytes::<32>().ok()?;
        Argon2::default().hash_password(&password).ok().map(|hash| hash.to_string())
    });
    let password = password.to_owned();
    hashing(move || {
        let known = hash.is_some();
        let Some(hash) = hash.or_else(|| NOBODY.clone()) else { return Ok(false) };
        let parsed = PasswordHash::new(&hash).map_err(|error| AccountError::Hash(error.to_string()))?;
        let fits = password.len() <= LONGEST
            && Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
        Ok(fits && known)
    })
    .await
}

async fn hashing<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AccountError> + Send + 'static,
) -> Result<T, AccountError> {
    let _place = HASHING.acquire().await.map_err(|error| AccountError::Hash(error.to_string()))?;
    tokio::task::spawn_blocking(work).await.map_err(|error| AccountError::Hash(error.to_string()))?
}

/// A token of 256 random bits.
pub(super) fn new_token() -> Result<String, getrandom::Error> {
    Ok(BASE64URL_NOPAD.encode(&random_bytes::<32>()?))
}

/// Tokens carry 256 random bits, so a plain hash keeps them.
pub(super) fn hash_token(token: &str) -> [u8; 32] {
    *blake3::hash(token.as_bytes()).as_bytes()
}
