//! The people who moderate: who they are, what they may do where, and how they come by a password.

use std::net::IpAddr;

use serde_json::json;
use time::{Duration, OffsetDateTime};

use super::audit::{About, Actor, Deed, record};
use super::mail;
use super::password::{self, SHORTEST, hash_token, new_token};
use super::sign_in::{self, Visitor};
use super::throttle::{self, Attempt};
use super::tokens::invitation_token;
use crate::app::App;
use crate::store::mails::{self, NewMail};
use crate::store::moderators::{ModeratorRow, NAME_TAKEN};
use crate::store::sessions::Which;
use crate::store::{Conn, StoreError, Tx, instance, moderators, second_factors, sessions};

/// An invitation works so long.
const INVITATION: Duration = Duration::days(7);
/// A link for another password works so long.
const RESET: Duration = Duration::days(1);

/// What somebody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Everything, at every site.
    Admin,
    /// Decide on comments.
    Moderator,
    /// Look.
    Viewer,
}

impl Role {
    /// Every role, the one that may most first.
    pub const ALL: [Self; 3] = [Self::Admin, Self::Moderator, Self::Viewer];

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
        Self::ALL.into_iter().find(|role| role.as_str() == name)
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
    /// The sites they are confined to; none is all.
    pub site_ids: Vec<i64>,
    /// The session they are signed in by.
    pub session_id: i64,
}

impl Moderator {
    /// Whether a site is theirs. Whatever shows or decides a site's comments asks this.
    pub fn sees(&self, site_id: i64) -> bool {
        self.role == Role::Admin || self.site_ids.is_empty() || self.site_ids.contains(&site_id)
    }
}

/// An account cannot be made or used.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// The first administrator's one-time link.
    #[error(
        "this link has been used or replaced; start Moderato again to get a new one, or ask an administrator"
    )]
    Link,
    /// A link to choose a password by.
    #[error("this link has been used or replaced, or is too old; ask an administrator for a new one")]
    PasswordLink,
    /// The name.
    #[error("a name has 1 to 60 characters, without line breaks")]
    Name,
    /// The name is in use.
    #[error("there is somebody named «{0}» already")]
    Taken(String),
    /// There is nobody of that name.
    #[error("there is nobody named «{0}»: `moderato user list` shows who there is")]
    Unknown(String),
    /// A new password.
    #[error("a password has at least {SHORTEST} characters")]
    Password,
    /// A password that was given is another one.
    #[error("that is not the present password")]
    WrongPassword,
    /// A code that was given is another one.
    #[error("that code does not fit, or has been used: wait for the next one")]
    WrongCode,
    /// Too many failures.
    #[error("too many attempts have failed: try again in {} seconds", wait_seconds(*.0))]
    Wait(Duration),
    /// The last administrator.
    #[error("«{0}» is the only administrator: make somebody else one first")]
    LastAdmin(String),
    /// Where an invitation is to go.
    #[error(
        "an invitation goes to one e-mail address, as in mia@example.org, and only where a mail server is set"
    )]
    Address,
    /// Somebody who may not sign in.
    #[error("«{0}» is disabled: enable the account first")]
    Disabled(String),
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

/// Whole seconds until a wait is over.
pub fn wait_seconds(wait: Duration) -> u64 {
    u64::try_from(wait.whole_seconds() + 1).unwrap_or(1)
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
pub async fn set_up(
    app: &App,
    token: &str,
    name: &str,
    password: &str,
    visitor: &Visitor,
) -> Result<String, AccountError> {
    let name = check_name(name)?;
    let password_hash = password::hash(password).await?;
    let mut tx = app.db.begin().await?;
    if !instance::check_setup_token(&mut tx, hash_token(token)).await?
        || moderators::any_admin(&mut tx).await?
    {
        return Err(AccountError::Link);
    }
    let id = insert(&mut tx, &name, Some(&password_hash), Role::Admin, app.now()).await?;
    instance::set_setup_token(&mut tx, None).await?;
    let details = json!({ "role": Role::Admin.as_str(), "by": "first administrator's link" });
    record(app, &mut tx, Actor::Nobody, Deed::Added, About::person(id).with(details)).await?;
    let session = sign_in::open_session(app, &mut tx, id, visitor, "first administrator's link").await?;
    tx.commit().await?;
    tracing::info!(moderator.id = id, "first administrator set up");
    Ok(session)
}

/// Adds somebody with a password, from the command line.
pub async fn add(
    app: &App,
    name: &str,
    role: Role,
    site_ids: &[i64],
    password: &str,
) -> Result<(), AccountError> {
    let password_hash = password::hash(password).await?;
    let mut tx = app.db.begin().await?;
    let id = enter(app, &mut tx, name, Some(&password_hash), role, site_ids).await?;
    let about = About::person(id).with(access(app, role, site_ids));
    record(app, &mut tx, Actor::CommandLine, Deed::Added, about).await?;
    Ok(tx.commit().await?)
}

/// Invites somebody: returns the token of a link that works once, by which they choose a password. With an address, a mail with
/// the same link goes there.
pub async fn invite(
    app: &App,
    actor: Actor,
    name: &str,
    role: Role,
    site_ids: &[i64],
    address: Option<&str>,
) -> Result<String, AccountError> {
    if address.is_some_and(|address| !mail::is_configured(app) || !mail::is_address(address)) {
        return Err(AccountError::Address);
    }
    let now = app.now();
    let mail_id = app.new_id(now);
    let token = if address.is_some() { invitation_token(&app.keys, mail_id) } else { new_token()? };
    let mut tx = app.db.begin().await?;
    let id = enter(app, &mut tx, name, None, role, site_ids).await?;
    moderators::set_link(&mut tx, id, hash_token(&token), now + INVITATION).await?;
    if let Some(address) = address {
        let mail =
            NewMail { id: mail_id, moderator_id: id, kind: mail::INVITATION, address, created_at: now };
        mails::insert(&mut tx, mail).await?;
    }
    let about = About::person(id).with(access(app, role, site_ids));
    record(app, &mut tx, actor, Deed::Invited, about).await?;
    tx.commit().await?;
    app.outbox_bell.notify_one();
    Ok(token)
}

/// Makes a link that works once for somebody to choose another password by, or their first one: returns its token.
/// An older link works no more.
pub async fn make_link(app: &App, actor: Actor, name: &str) -> Result<String, AccountError> {
    let token = new_token()?;
    let mut tx = app.db.begin().await?;
    let person = find(&mut tx, name).await?;
    if person.disabled_at.is_some() {
        return Err(AccountError::Disabled(person.name));
    }
    let lasts = if person.password_hash.is_some() { RESET } else { INVITATION };
    moderators::set_link(&mut tx, person.id, hash_token(&token), app.now() + lasts).await?;
    record(app, &mut tx, actor, Deed::LinkMade, About::person(person.id)).await?;
    tx.commit().await?;
    Ok(token)
}

/// The path of the page behind a link's token.
pub fn link_path(token: &str) -> String {
    format!("/admin/password?token={token}")
}

/// Whose link this is, while it works.
pub async fn link_owner(app: &App, token: &str) -> Result<Option<ModeratorRow>, StoreError> {
    moderators::by_link(&mut *app.db.conn().await?, hash_token(token), app.now()).await
}

/// Chooses a password by a link, which then works no more; sessions under the former password end.
pub async fn choose_password(app: &App, token: &str, password: &str) -> Result<(), AccountError> {
    let password_hash = password::hash(password).await?;
    let mut tx = app.db.begin().await?;
    let person = moderators::by_link(&mut tx, hash_token(token), app.now())
        .await?
        .ok_or(AccountError::PasswordLink)?;
    set_password(app, &mut tx, Actor::Moderator(person.id), &person, &password_hash, "link").await?;
    sessions::end(&mut tx, person.id, Which::All).await?;
    Ok(tx.commit().await?)
}

/// Sets a new password from the command line, and ends every session of that person.
pub async fn reset_password(app: &App, name: &str, password: &str) -> Result<(), AccountError> {
    let password_hash = password::hash(password).await?;
    let mut tx = app.db.begin().await?;
    let person = find(&mut tx, name).await?;
    set_password(app, &mut tx, Actor::CommandLine, &person, &password_hash, "command line").await?;
    sessions::end(&mut tx, person.id, Which::All).await?;
    Ok(tx.commit().await?)
}

/// Changes one's own password, which takes the present one, and ends one's other sessions.
pub async fn change_password(
    app: &App,
    moderator: &Moderator,
    present: &str,
    new: &str,
    address: IpAddr,
) -> Result<(), AccountError> {
    let person = check_own_password(app, moderator, present, address).await?;
    let password_hash = password::hash(new).await?;
    let mut tx = app.db.begin().await?;
    set_password(app, &mut tx, Actor::Moderator(person.id), &person, &password_hash, "themselves").await?;
    sessions::end(&mut tx, person.id, Which::AllBut(moderator.session_id)).await?;
    Ok(tx.commit().await?)
}

/// Asks somebody who is signed in for their password once more; guesses are throttled like those of a stranger.
pub(super) async fn check_own_password(
    app: &App,
    moderator: &Moderator,
    password: &str,
    address: IpAddr,
) -> Result<ModeratorRow, AccountError> {
    let attempt = Attempt::begin(app, &moderator.name, address).await?.map_err(AccountError::Wait)?;
    let person = find(&mut *app.db.conn().await?, &moderator.name).await?;
    if !password::fits(password, person.password_hash.clone()).await? {
        sign_in::refuse(app, Some(person.id), "own password").await?;
        return Err(AccountError::WrongPassword);
    }
    let mut tx = app.db.begin().await?;
    attempt.succeed(app, &mut tx).await?;
    tx.commit().await?;
    Ok(person)
}

async fn set_password(
    app: &App,
    tx: &mut Tx,
    actor: Actor,
    person: &ModeratorRow,
    password_hash: &str,
    by: &str,
) -> Result<(), StoreError> {
    moderators::set_password(tx, person.id, password_hash).await?;
    moderators::delete_link(tx, person.id).await?;
    throttle::forgive(app, tx, &person.name).await?;
    record(app, tx, actor, Deed::PasswordSet, About::person(person.id).with(json!({ "by": by }))).await
}

/// Everybody, by name.
pub async fn all(app: &App) -> Result<Vec<ModeratorRow>, StoreError> {
    moderators::all(&mut *app.db.conn().await?).await
}

/// Gives somebody another role, other sites, or both. The only administrator stays one.
pub async fn set_access(
    app: &App,
    actor: Actor,
    name: &str,
    role: Option<Role>,
    site_ids: Option<&[i64]>,
) -> Result<(), AccountError> {
    let mut tx = app.db.begin().await?;
    moderators::lock(&mut tx).await?;
    let person = find(&mut tx, name).await?;
    if let Some(role) = role.filter(|role| role.as_str() != person.role) {
        moderators::set_role(&mut tx, person.id, role.as_str()).await?;
        let details = json!({ "from": person.role, "to": role.as_str() });
        record(app, &mut tx, actor, Deed::RoleSet, About::person(person.id).with(details)).await?;
    }
    if let Some(site_ids) = site_ids.filter(|site_ids| !same(site_ids, &person.site_ids)) {
        moderators::set_sites(&mut tx, person.id, site_ids).await?;
        let details = json!({ "from": names(app, &person.site_ids), "to": names(app, site_ids) });
        record(app, &mut tx, actor, Deed::SitesSet, About::person(person.id).with(details)).await?;
    }
    keep_an_admin(&mut tx, &person).await?;
    Ok(tx.commit().await?)
}

fn same(some: &[i64], others: &[i64]) -> bool {
    some.len() == others.len() && some.iter().all(|id| others.contains(id))
}

/// Lets somebody sign in no more, and ends their sessions at once. The only administrator stays.
pub async fn disable(app: &App, actor: Actor, name: &str) -> Result<(), AccountError> {
    let mut tx = app.db.begin().await?;
    moderators::lock(&mut tx).await?;
    let person = find(&mut tx, name).await?;
    if person.disabled_at.is_none() {
        moderators::set_disabled(&mut tx, person.id, Some(app.now())).await?;
        moderators::delete_link(&mut tx, person.id).await?;
        sessions::end(&mut tx, person.id, Which::All).await?;
        record(app, &mut tx, actor, Deed::Disabled, About::person(person.id)).await?;
    }
    keep_an_admin(&mut tx, &person).await?;
    Ok(tx.commit().await?)
}

/// Lets somebody sign in again.
pub async fn enable(app: &App, actor: Actor, name: &str) -> Result<(), AccountError> {
    let mut tx = app.db.begin().await?;
    let person = find(&mut tx, name).await?;
    if person.disabled_at.is_some() {
        moderators::set_disabled(&mut tx, person.id, None).await?;
        record(app, &mut tx, actor, Deed::Enabled, About::person(person.id)).await?;
    }
    Ok(tx.commit().await?)
}

/// Switches somebody's second factor off, for those who have lost it; `false` if there is none.
pub async fn remove_second_factor(app: &App, actor: Actor, name: &str) -> Result<bool, AccountError> {
    let mut tx = app.db.begin().await?;
    let person = find(&mut tx, name).await?;
    let removed = second_factors::delete(&mut tx, person.id).await?;
    if removed {
        record(app, &mut tx, actor, Deed::SecondFactorOff, About::person(person.id)).await?;
    }
    tx.commit().await?;
    Ok(removed)
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

/// Enters somebody new.
async fn enter(
    app: &App,
    conn: &mut Conn,
    name: &str,
    password_hash: Option<&str>,
    role: Role,
    site_ids: &[i64],
) -> Result<i64, AccountError> {
    let name = check_name(name)?;
    let id = insert(conn, &name, password_hash, role, app.now()).await?;
    moderators::set_sites(conn, id, site_ids).await?;
    Ok(id)
}

async fn insert(
    conn: &mut Conn,
    name: &str,
    password_hash: Option<&str>,
    role: Role,
    now: OffsetDateTime,
) -> Result<i64, AccountError> {
    match moderators::insert(conn, name, password_hash, role.as_str(), now).await {
        Err(error) if error.is_constraint(NAME_TAKEN) => Err(AccountError::Taken(name.to_owned())),
        other => Ok(other?),
    }
}

/// What somebody may do where, for the log.
fn access(app: &App, role: Role, site_ids: &[i64]) -> serde_json::Value {
    json!({ "role": role.as_str(), "sites": names(app, site_ids) })
}

fn names(app: &App, site_ids: &[i64]) -> Vec<String> {
    site_ids.iter().filter_map(|id| app.sites.by_id(*id)).map(|site| site.name.clone()).collect()
}

pub(super) fn role_of(name: &str, moderator: i64) -> Result<Role, StoreError> {
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
