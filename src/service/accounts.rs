//! Moderators: the first administrator's one-time link, passwords, sessions.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use data_encoding::BASE64URL_NOPAD;
use time::{Duration, OffsetDateTime};
use tokio::sync::Semaphore;

use crate::app::{App, random_bytes};
use crate::store::moderators::{ModeratorRow, NAME_TAKEN};
use crate::store::{Conn, StoreError, instance, moderators, sessions};

/// A session ends this long after its last use.
const SESSION: Duration = Duration::days(14);
/// A session that is used is extended when this much of it has passed.
const EXTEND_AFTER: Duration = Duration::days(1);
/// The shortest password that is taken, in characters.
pub const SHORTEST_PASSWORD: usize = 10;
/// The longest, in bytes: hashing must stay cheap to refuse.
const LONGEST_PASSWORD: usize = 1_000;

/// Argon2 takes 19 MiB and tens of milliseconds by design: few at a time, so that sign-ins cannot eat the machine.
static HASHING: LazyLock<Semaphore> = LazyLock::new(|| Semaphore::new(2));

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Everything.
    Admin,
    /// Decide on comments.
    Moderator,
    /// Look.
    Viewer,
}

impl Role {
    /// The name in the database and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Moderator => "moderator",
            Self::Viewer => "viewer",
        }
    }

    /// The role of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Admin, Self::Moderator, Self::Viewer].into_iter().find(|role| role.as_str() == name)
    }

    /// Whether this role decides on comments.
    pub fn decides(self) -> bool {
        matches!(self, Self::Admin | Self::Moderator)
    }
}

/// Somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moderator {
    /// Key.
    pub id: i64,
    /// Name.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

/// An account cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The one-time link.
    #[error(
        "this link has been used or replaced; start Moderato again to get a new one, or ask an administrator"
    )]
    Link,
    /// The name.
    #[error("a name has 1 to 60 characters, without line breaks")]
    Name,
    /// The name is in use.
    #[error("there is somebody named «{0}» already")]
    Taken(String),
    /// There is nobody of that name.
    #[error("there is nobody named «{0}»: `moderato user list` shows who there is")]
    Unknown(String),
    /// The password.
    #[error("a password has at least {SHORTEST_PASSWORD} characters")]
    Password,
    /// The last administrator.
    #[error("«{0}» is the only administrator: make somebody else one first")]
    LastAdmin(String),
    /// The operating system's random numbers.
    #[error("the operating system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
    /// Hashing.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
    /// Postgres.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Makes a new one-time link token while there is no administrator; `None` once there is one. An older link stops working.
pub async fn setup_token(app: &App) -> Result<Option<String>, AccountError> {
    let mut tx = app.db.begin().await?;
    if moderators::any_admin(&mut tx).await? {
        return Ok(None);
    }
    let token = new_token()?;
    instance::set_setup_token(&mut tx, Some(hash_token(&token))).await?;
    tx.commit().await?;
    Ok(Some(token))
}

/// Whether the first administrator's link still works.
pub async fn setup_link_works(app: &App, token: &str) -> Result<bool, StoreError> {
    instance::check_setup_token(&mut *app.db.conn().await?, hash_token(token)).await
}

/// Makes the first administrator by the one-time link, and signs them in: returns the session's token.
pub async fn set_up(app: &App, token: &str, name: &str, password: &str) -> Result<String, AccountError> {
    let name = check_name(name)?;
    let password_hash = hash_password(password).await?;
    let session = new_token()?;
    let now = app.now();
    let mut tx = app.db.begin().await?;
    if !instance::check_setup_token(&mut tx, hash_token(token)).await?
        || moderators::any_admin(&mut tx).await?
    {
        return Err(AccountError::Link);
    }
    let id = insert(&mut tx, &name, &password_hash, Role::Admin, now).await?;
    instance::set_setup_token(&mut tx, None).await?;
    sessions::insert(&mut tx, hash_token(&session), id, now, now + SESSION).await?;
    tx.commit().await?;
    tracing::info!(moderator.id = id, "first administrator set up");
    Ok(session)
}

/// Signs in: returns the new session's token, or `None` when name and password do not fit together. Takes as long
/// for a name that does not exist.
pub async fn sign_in(app: &App, name: &str, password: &str) -> Result<Option<String>, AccountError> {
    let name = name.replace('\0', "");
    let found = moderators::find(&mut *app.db.conn().await?, name.trim()).await?;
    let usable = found.filter(|moderator| moderator.disabled_at.is_none());
    let fits =
        check_password(password, usable.as_ref().map(|moderator| moderator.password_hash.clone())).await?;
    let Some(moderator) = usable.filter(|_| fits) else {
        metrics::counter!("moderato_sign_ins_total", "result" => "refused").increment(1);
        return Ok(None);
    };
    let token = new_token()?;
    let now = app.now();
    sessions::insert(&mut *app.db.conn().await?, hash_token(&token), moderator.id, now, now + SESSION)
        .await?;
    metrics::counter!("moderato_sign_ins_total", "result" => "accepted").increment(1);
    Ok(Some(token))
}

/// Who a session's token belongs to. A session in use is extended.
pub async fn authenticate(app: &App, token: &str) -> Result<Option<Moderator>, StoreError> {
    let now = app.now();
    let hash = hash_token(token);
    let mut conn = app.db.conn().await?;
    let Some(session) = sessions::find(&mut conn, hash, now).await? else {
        return Ok(None);
    };
    if session.expires_at < now + SESSION - EXTEND_AFTER {
        sessions::extend(&mut conn, hash, now + SESSION).await?;
    }
    let role = role_of(&session.role, session.moderator_id)?;
    Ok(Some(Moderator { id: session.moderator_id, name: session.name, role }))
}

/// Ends a session.
pub async fn sign_out(app: &App, token: &str) -> Result<(), StoreError> {
    sessions::delete(&mut *app.db.conn().await?, hash_token(token)).await
}

/// Adds a moderator.
pub async fn add(app: &App, name: &str, role: Role, password: &str) -> Result<(), AccountError> {
    let name = check_name(name)?;
    let password_hash = hash_password(password).await?;
    insert(&mut *app.db.conn().await?, &name, &password_hash, role, app.now()).await?;
    Ok(())
}

/// Everybody, by name.
pub async fn all(app: &App) -> Result<Vec<ModeratorRow>, StoreError> {
    moderators::all(&mut *app.db.conn().await?).await
}

/// Sets a new password and ends every session of that person.
pub async fn reset_password(app: &App, name: &str, password: &str) -> Result<(), AccountError> {
    let password_hash = hash_password(password).await?;
    let mut tx = app.db.begin().await?;
    let moderator = find(&mut tx, name).await?;
    moderators::set_password(&mut tx, moderator.id, &password_hash).await?;
    sessions::delete_of(&mut tx, moderator.id).await?;
    Ok(tx.commit().await?)
}

/// Gives somebody another role. The only administrator stays one.
pub async fn set_role(app: &App, name: &str, role: Role) -> Result<(), AccountError> {
    let mut tx = app.db.begin().await?;
    let moderator = find(&mut tx, name).await?;
    moderators::set_role(&mut tx, moderator.id, role.as_str()).await?;
    keep_an_admin(&mut tx, &moderator).await?;
    Ok(tx.commit().await?)
}

/// Lets somebody sign in no more, and ends their sessions. The only administrator stays.
pub async fn disable(app: &App, name: &str) -> Result<(), AccountError> {
    let mut tx = app.db.begin().await?;
    let moderator = find(&mut tx, name).await?;
    moderators::disable(&mut tx, moderator.id, app.now()).await?;
    sessions::delete_of(&mut tx, moderator.id).await?;
    keep_an_admin(&mut tx, &moderator).await?;
    Ok(tx.commit().await?)
}

async fn keep_an_admin(conn: &mut Conn, changed: &ModeratorRow) -> Result<(), AccountError> {
    if changed.role == Role::Admin.as_str() && !moderators::any_admin(conn).await? {
        return Err(AccountError::LastAdmin(changed.name.clone()));
    }
    Ok(())
}

async fn find(conn: &mut Conn, name: &str) -> Result<ModeratorRow, AccountError> {
    moderators::find(conn, name).await?.ok_or_else(|| AccountError::Unknown(name.to_owned()))
}

async fn insert(
    conn: &mut Conn,
    name: &str,
    password_hash: &str,
    role: Role,
    now: OffsetDateTime,
) -> Result<i64, AccountError> {
    match moderators::insert(conn, name, password_hash, role.as_str(), now).await {
        Err(error) if error.is_constraint(NAME_TAKEN) => Err(AccountError::Taken(name.to_owned())),
        other => Ok(other?),
    }
}

fn role_of(name: &str, moderator: i64) -> Result<Role, StoreError> {
    Role::parse(name).ok_or_else(|| StoreError::Inconsistent {
        table: "moderators",
        row: moderator.to_string(),
        what: "the role is not one this version knows",
    })
}

fn check_name(name: &str) -> Result<String, AccountError> {
    let name = name.trim();
    let fits = (1..=60).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits { Ok(name.to_owned()) } else { Err(AccountError::Name) }
}

async fn hash_password(password: &str) -> Result<String, AccountError> {
    if password.chars().count() < SHORTEST_PASSWORD || password.len() > LONGEST_PASSWORD {
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

async fn check_password(password: &str, hash: Option<String>) -> Result<bool, AccountError> {
    // A name that does not exist is checked against a hash that no password fits.
    static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| {
        let password = random_bytes::<32>().ok()?;
        Argon2::default().hash_password(&password).ok().map(|hash| hash.to_string())
    });
    let password = password.to_owned();
    hashing(move || {
        let known = hash.is_some();
        let Some(hash) = hash.or_else(|| NOBODY.clone()) else { return Ok(false) };
        let parsed = PasswordHash::new(&hash).map_err(|error| AccountError::Hash(error.to_string()))?;
        let fits = password.len() <= LONGEST_PASSWORD
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

fn new_token() -> Result<String, getrandom::Error> {
    Ok(BASE64URL_NOPAD.encode(&random_bytes::<32>()?))
}

/// Tokens carry 256 random bits, so a plain hash keeps them.
fn hash_token(token: &str) -> [u8; 32] {
    *blake3::hash(token.as_bytes()).as_bytes()
}
