//! Keys that programs speak to us with: made and revoked by administrators and the command line, and kept in memory, because
//! every check asks for one.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use super::audit::{About, Actor, Deed, record};
use super::sites::Site;
use crate::app::{App, random_bytes};
use crate::store::keys::{KeyRow, NewKey};
use crate::store::{Channel, Conn, StoreError, keys};

/// Which protocol a key speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Akismet's: 12 hexadecimal digits, compared without case, because its clients take no others.
    Akismet,
    /// The JSON API: a bearer token of 256 bits.
    Api,
    /// Coral's external moderation phase: requests signed with a secret that Coral has made.
    Coral,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Akismet, Self::Api, Self::Coral];

    /// The name in the database and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Akismet => "akismet",
            Self::Api => "api",
            Self::Coral => "coral",
        }
    }

    /// The kind with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// What a key may do at its site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Have comments judged.
    Check,
    /// Report what comments were.
    Feedback,
    /// Read comments, queues and figures.
    Read,
    /// Submit comments.
    Submit,
    /// Decide on comments.
    Decide,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 5] = [Self::Check, Self::Feedback, Self::Read, Self::Submit, Self::Decide];
    /// What Akismet's protocol is about.
    pub const AKISMET: [Self; 2] = [Self::Check, Self::Feedback];

    /// The name in the database and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Feedback => "feedback",
            Self::Read => "read",
            Self::Submit => "submit",
            Self::Decide => "decide",
        }
    }

    /// The scope with this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }
}

/// A key that works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its row.
    pub id: i64,
    /// The site it is for.
    pub site_id: i64,
    /// Which protocol it speaks.
    pub kind: Kind,
    /// What it is for.
    pub name: String,
    /// Whether what it asks about is judged and not decided.
    pub log_only: bool,
    nonce: Option<[u8; 16]>,
    signing: Option<Signing>,
    scopes: Vec<Scope>,
}

/// What requests are signed with; never printed.
#[derive(Clone, PartialEq, Eq)]
struct Signing(String);

impl fmt::Debug for Signing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Signing(«not shown»)")
    }
}

impl Key {
    /// Whether it may do this.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}

/// The keys that work, in memory; [`crate::service::follow`] keeps them fresh.
#[derive(Debug, Default)]
pub struct KeyDirectory(ArcSwap<HashMap<Vec<u8>, Arc<Key>>>);

impl KeyDirectory {
    /// Reads every key that works.
    pub async fn load(conn: &mut Conn) -> Result<Self, StoreError> {
        let directory = Self::default();
        directory.reload(conn).await?;
        Ok(directory)
    }

    /// The sites that have keys.
    pub fn site_ids(&self) -> BTreeSet<i64> {
        self.0.load().values().map(|key| key.site_id).collect()
    }

    /// Reads them again.
    pub async fn reload(&self, conn: &mut Conn) -> Result<(), StoreError> {
        let rows = keys::all(conn).await?.into_iter();
        self.0.store(Arc::new(rows.filter_map(ready).collect()));
        Ok(())
    }
}

/// A row that works, by its hash. A kind or scope that this version does not know is worth nothing to it.
fn ready(row: KeyRow) -> Option<(Vec<u8>, Arc<Key>)> {
    let kind = Kind::parse(&row.kind).filter(|_| row.revoked_at.is_none())?;
    let scopes = row.scopes.iter().filter_map(|scope| Scope::parse(scope)).collect();
    let nonce = row.nonce.and_then(|nonce| nonce.try_into().ok());
    let key = Key {
        id: row.id,
        site_id: row.site_id,
        kind,
        name: row.name,
        log_only: row.log_only,
        nonce,
        signing: row.secret.map(Signing),
        scopes,
    };
    Some((row.key_hash, Arc::new(key)))
}

/// The key that a program has sent, if it works.
pub fn find(app: &App, kind: Kind, sent: &str) -> Option<Arc<Key>> {
    app.api_keys.0.load().get(&hash(app, kind, sent)[..]).cloned()
}

/// The key of a site by whose secret one of these signatures (HMAC with SHA-256) of a body was made. Compared in constant time.
pub fn signed(app: &App, site_id: i64, body: &[u8], signatures: &[Vec<u8>]) -> Option<Arc<Key>> {
    let keys = app.api_keys.0.load();
    let mut of_site = keys.values().filter(|key| key.site_id == site_id);
    of_site.find(|key| has_signed(key, body, signatures)).cloned()
}

fn has_signed(key: &Key, body: &[u8], signatures: &[Vec<u8>]) -> bool {
    let Some(Signing(secret)) = &key.signing else { return false };
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
    let mac = mac.chain_update(body);
    signatures.iter().any(|signature| mac.clone().verify_slice(signature).is_ok())
}

/// A key itself, if it works and can be told again: those of Akismet's protocol have to be shown when its clients are called back.
pub(super) fn reveal(app: &App, id: i64) -> Option<String> {
    let nonce = app.api_keys.0.load().values().find(|key| key.id == id)?.nonce?;
    Some(akismet_key(app, &nonce))
}

/// 12 hexadecimal digits that nobody can tell who does not know the installation's secret.
fn akismet_key(app: &App, nonce: &[u8; 16]) -> String {
    HEXLOWER.encode(&blake3::keyed_hash(&app.keys.akismet, nonce).as_bytes()[..6])
}

/// Kinds are apart: a key of one is none of the other.
fn hash(app: &App, kind: Kind, key: &str) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new_keyed(&app.keys.programs);
    hasher.update(kind.as_str().as_bytes()).update(b" ");
    match kind {
        Kind::Akismet => hasher.update(key.to_ascii_lowercase().as_bytes()),
        Kind::Api | Kind::Coral => hasher.update(key.as_bytes()),
    };
    hasher.finalize().into()
}

/// A key that was just made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Its row.
    pub id: i64,
    /// The key itself: shown once, stored nowhere.
    pub key: String,
}

/// A key cannot be made or revoked.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Its name.
    #[error("say in 1 to 60 characters, without line breaks, what the key is for")]
    Name,
    /// Scopes.
    #[error("a key of the API needs at least one scope: check, feedback, read, submit or decide")]
    NoScope,
    /// The secret of a program that signs.
    #[error("the secret that Coral shows for the moderation phase has 16 to 200 characters, without spaces")]
    Secret,
    /// There is one of that secret.
    #[error("there is or was a key with this secret: let Coral roll it, and give the new one")]
    Taken,
    /// There is none that works.
    #[error("there is no key {0} that works: `moderato key list` shows which there are")]
    Unknown(i64),
    /// The operating system's random numbers.
    #[error("the operating system gives no random numbers: {0}")]
    Random(#[from] getrandom::Error),
    /// Postgres.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a key is to be.
#[derive(Debug, Clone, Copy)]
pub struct Spec<'a> {
    /// Which protocol it speaks.
    pub kind: Kind,
    /// What it is for.
    pub name: &'a str,
    /// For the API; a key of Akismet's protocol checks and reports.
    pub scopes: &'a [Scope],
    /// See [`Key::log_only`].
    pub log_only: bool,
    /// The secret that Coral signs with; nothing for the others.
    pub secret: &'a str,
}

/// Makes a key for a site.
pub async fn create(app: &App, actor: Actor, site: &Site, spec: Spec<'_>) -> Result<Made, KeyError> {
    let Spec { kind, name, scopes, log_only, secret } = spec;
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 60 || name.chars().any(char::is_control) {
        return Err(KeyError::Name);
    }
    let (key, scopes, nonce) = match kind {
        Kind::Akismet => {
            let nonce = random_bytes::<16>()?;
            (akismet_key(app, &nonce), &Scope::AKISMET[..], Some(nonce))
        }
        Kind::Api => (format!("moderato_{}", BASE64URL_NOPAD.encode(&random_bytes::<32>()?)), scopes, None),
        Kind::Coral => {
            let secret = secret.trim();
            if !(16..=200).contains(&secret.len()) || !secret.chars().all(|c| c.is_ascii_graphic()) {
                return Err(KeyError::Secret);
            }
            (secret.to_owned(), &[Scope::Check][..], None)
        }
    };
    if scopes.is_empty() {
        return Err(KeyError::NoScope);
    }
    let scopes: Vec<String> = scopes.iter().map(|scope| scope.as_str().to_owned()).collect();
    let mut tx = app.db.begin().await?;
    let new = NewKey {
        site_id: site.id,
        kind: kind.as_str(),
        name,
        key_hash: &hash(app, kind, &key),
        scopes: &scopes,
        nonce: nonce.as_ref().map(|nonce| &nonce[..]),
        log_only,
        secret: (kind == Kind::Coral).then_some(&*key),
    };
    let id = match keys::insert(&mut tx, &new, app.now()).await {
        Err(error) if error.is_constraint(keys::TAKEN) => return Err(KeyError::Taken),
        other => other?,
    };
    let about = About::site(site.id).with(
        json!({ "key": id, "name": name, "kind": kind.as_str(), "scopes": scopes, "log_only": log_only }),
    );
    record(app, &mut tx, actor, Deed::KeyMade, about).await?;
    Channel::Keys.notify(&mut tx).await?;
    tx.commit().await?;
    app.api_keys.reload(&mut *app.db.conn().await?).await?;
    Ok(Made { id, key })
}

/// Ends a key of one of these sites, on every process within a moment.
pub async fn revoke(app: &App, actor: Actor, id: i64, site_ids: &[i64]) -> Result<(), KeyError> {
    let mut tx = app.db.begin().await?;
    let row = keys::revoke(&mut tx, id, site_ids, app.now()).await?.ok_or(KeyError::Unknown(id))?;
    let about = About::site(row.site_id).with(json!({ "key": id, "name": row.name, "kind": row.kind }));
    record(app, &mut tx, actor, Deed::KeyRevoked, about).await?;
    Channel::Keys.notify(&mut tx).await?;
    tx.commit().await?;
    Ok(app.api_keys.reload(&mut *app.db.conn().await?).await?)
}

/// Says whether what a key of one of these sites asks about is judged and not decided.
pub async fn set_log_only(
    app: &App,
    actor: Actor,
    id: i64,
    site_ids: &[i64],
    log_only: bool,
) -> Result<(), KeyError> {
    let mut tx = app.db.begin().await?;
    let row = keys::set_log_only(&mut tx, id, site_ids, log_only).await?.ok_or(KeyError::Unknown(id))?;
    let about = About::site(row.site_id).with(json!({ "key": id, "name": row.name, "log_only": log_only }));
    record(app, &mut tx, actor, Deed::KeySet, about).await?;
    Channel::Keys.notify(&mut tx).await?;
    tx.commit().await?;
    Ok(app.api_keys.reload(&mut *app.db.conn().await?).await?)
}

/// Every key, those that work first.
pub async fn all(app: &App) -> Result<Vec<KeyRow>, StoreError> {
    keys::all(&mut *app.db.conn().await?).await
}
