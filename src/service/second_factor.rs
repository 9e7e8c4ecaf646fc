//! A second factor: time-based codes (RFC 6238) from an authenticator app, and recovery codes for when it is lost.

use std::fmt;
use std::net::IpAddr;

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use time::Duration;
use totp_rs::{Builder, Secret, Totp};

use super::accounts::{AccountError, Moderator, check_own_password};
use super::audit::{About, Actor, Deed, record};
use super::password::hash_token;
use crate::app::{App, random_bytes};
use crate::store::second_factors::{self, SecondFactor};
use crate::store::{StoreError, Tx};

/// So many recovery codes are made.
const RECOVERY_CODES: usize = 10;
/// With whom the account is, in the app's list.
const ISSUER: &str = "Moderato";
/// One that was begun and not confirmed is shown, and can be confirmed, for so long.
const ENROLMENT: Duration = Duration::minutes(10);

/// How somebody stands with their second factor.
#[derive(Debug, Clone)]
pub enum Standing {
    /// There is none.
    Off,
    /// It waits for a first code from the app.
    Begun(Enrolment),
    /// It is asked for, and so many recovery codes are left.
    On(i64),
}

/// What an app needs to make codes. It is never logged.
#[derive(Clone)]
pub struct Enrolment {
    /// The secret, to be typed.
    pub key: String,
    /// All of it, to be scanned.
    pub uri: String,
}

impl fmt::Debug for Enrolment {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Enrolment(«not shown»)")
    }
}

/// How somebody stands with their second factor.
pub async fn standing(app: &App, moderator: &Moderator) -> Result<Standing, StoreError> {
    let mut tx = app.db.begin().await?;
    Ok(match second_factors::lock(&mut tx, moderator.id).await? {
        Some(factor) if factor.confirmed => {
            Standing::On(second_factors::recovery_left(&mut tx, moderator.id).await?)
        }
        Some(factor) if is_open(app, &factor) => Standing::Begun(enrolment(&factor, moderator)),
        Some(_) | None => Standing::Off,
    })
}

/// Whether it waits for its first code. Nobody who comes by later is to see its secret.
fn is_open(app: &App, factor: &SecondFactor) -> bool {
    !factor.confirmed && app.now() - factor.begun_at < ENROLMENT
}

fn enrolment(factor: &SecondFactor, moderator: &Moderator) -> Enrolment {
    let key = BASE32_NOPAD.encode(&factor.secret);
    let name: String = url::form_urlencoded::byte_serialize(moderator.name.as_bytes()).collect();
    // Apps show a plus sign as one.
    let name = name.replace('+', "%20");
    Enrolment { uri: format!("otpauth://totp/{ISSUER}:{name}?secret={key}&issuer={ISSUER}"), key }
}

/// Begins anew with a fresh secret, which takes the password; one that is confirmed stays.
pub async fn begin(
    app: &App,
    moderator: &Moderator,
    password: &str,
    address: IpAddr,
) -> Result<(), AccountError> {
    check_own_password(app, moderator, password, address).await?;
    second_factors::begin(&mut *app.db.conn().await?, moderator.id, random_bytes()?, app.now()).await?;
    Ok(())
}

/// Switches it on by a first code; returns the recovery codes, which are not to be seen again.
pub async fn confirm(app: &App, moderator: &Moderator, code: &str) -> Result<Vec<String>, AccountError> {
    let mut tx = app.db.begin().await?;
    let factor = second_factors::lock(&mut tx, moderator.id).await?.filter(|factor| is_open(app, factor));
    let step = factor.and_then(|factor| fresh_step(app, &factor, code)).ok_or(AccountError::WrongCode)?;
    let codes = (0..RECOVERY_CODES).map(|_| new_recovery_code()).collect::<Result<Vec<_>, _>>()?;
    let hashes: Vec<_> = codes.iter().map(|code| hash_recovery(code)).collect();
    second_factors::confirm(&mut tx, moderator.id, &hashes, app.now()).await?;
    second_factors::take_step(&mut tx, moderator.id, step).await?;
    record(app, &mut tx, Actor::Moderator(moderator.id), Deed::SecondFactorOn, About::default()).await?;
    tx.commit().await?;
    Ok(codes)
}

/// Switches it off, which takes the password.
pub async fn switch_off(
    app: &App,
    moderator: &Moderator,
    password: &str,
    address: IpAddr,
) -> Result<(), AccountError> {
    check_own_password(app, moderator, password, address).await?;
    let mut tx = app.db.begin().await?;
    if second_factors::delete(&mut tx, moderator.id).await? {
        record(app, &mut tx, Actor::Moderator(moderator.id), Deed::SecondFactorOff, About::default()).await?;
    }
    Ok(tx.commit().await?)
}

/// Takes a code of somebody's second factor, or a recovery code, once; says which it was.
pub(super) async fn take(
    app: &App,
    tx: &mut Tx,
    moderator_id: i64,
    code: &str,
) -> Result<Option<&'static str>, StoreError> {
    let Some(factor) = second_factors::lock(tx, moderator_id).await?.filter(|factor| factor.confirmed) else {
        return Ok(None);
    };
    if let Some(step) = fresh_step(app, &factor, code) {
        second_factors::take_step(tx, moderator_id, step).await?;
        return Ok(Some("second factor"));
    }
    let recovered = second_factors::take_recovery(tx, moderator_id, hash_recovery(code)).await?;
    Ok(recovered.then_some("recovery code"))
}

/// The time step of a code, if it is one of now (or half a minute off) and later than the last one taken.
fn fresh_step(app: &App, factor: &SecondFactor, code: &str) -> Option<i64> {
    let code: String = code.chars().filter(char::is_ascii_digit).collect();
    let now = u64::try_from(app.now().unix_timestamp()).ok()?;
    let step = i64::try_from(codes(factor)?.check(&code, now)?).ok()?;
    (step > factor.last_step).then_some(step)
}

fn codes(factor: &SecondFactor) -> Option<Totp> {
    Builder::new().with_secret(Secret::new_stack(factor.secret)).build().ok()
}

/// 80 random bits, in groups that can be copied by hand.
fn new_recovery_code() -> Result<String, getrandom::Error> {
    let letters = HEXLOWER.encode(&random_bytes::<10>()?);
    Ok(letters.as_bytes().chunks(5).map(String::from_utf8_lossy).collect::<Vec<_>>().join("-"))
}

fn hash_recovery(code: &str) -> [u8; 32] {
    let letters: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    hash_token(&letters.to_ascii_lowercase())
}
