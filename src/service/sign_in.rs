//! Signing in, in one step or two; sessions and their end.

use std::net::IpAddr;

use serde_json::json;
use time::Duration;

use super::accounts::{AccountError, Moderator, role_of};
use super::audit::{About, Actor, Deed, record};
use super::password::{self, hash_token, new_token};
use super::second_factor;
use super::throttle::Attempt;
use super::tokens;
use crate::app::App;
use crate::store::sessions::{NewSession, OwnSession, Which};
use crate::store::{StoreError, Tx, moderators, sessions};

/// A session ends this long after its last use.
const SESSION: Duration = Duration::days(14);
/// Use is noted so often at most.
const NOTED_EVERY: Duration = Duration::hours(1);

/// Who is at the door.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Where from.
    pub address: IpAddr,
    /// With which browser, in coarse words.
    pub browser: String,
}

/// How far signing in has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Name and password do not fit together.
    Refused,
    /// They do, and a code is asked for as well; the proof goes with it.
    CodeAsked(String),
    /// The new session's token.
    In(String),
}

/// The first step: name and password. Takes as long for a name that does not exist.
pub async fn sign_in(
    app: &App,
    name: &str,
    password: &str,
    visitor: &Visitor,
) -> Result<Entry, AccountError> {
    let name = name.replace('\0', "");
    let attempt = begin(app, &name, visitor).await?;
    let found = moderators::find(&mut *app.db.conn().await?, name.trim()).await?;
    let known = found.as_ref().map(|moderator| moderator.id);
    let usable = found.filter(|moderator| moderator.disabled_at.is_none());
    let hash = usable.as_ref().and_then(|moderator| moderator.password_hash.clone());
    let fits = password::fits(password, hash.clone()).await?;
    let (Some(moderator), Some(hash), true) = (usable, hash, fits) else {
        refuse(app, known, "password").await?;
        return Ok(Entry::Refused);
    };
    if moderator.second_factor {
        return Ok(Entry::CodeAsked(tokens::password_proof(&app.keys, moderator.id, &hash, app.now())));
    }
    let mut tx = app.db.begin().await?;
    attempt.succeed(app, &mut tx).await?;
    let token = open_session(app, &mut tx, moderator.id, visitor, "password").await?;
    tx.commit().await?;
    Ok(Entry::In(token))
}

/// The second step: the code of the second factor, or a recovery code. `None` when the first step was too long ago;
/// [`Entry::Refused`] when the code does not fit.
pub async fn enter_code(
    app: &App,
    proof: &str,
    code: &str,
    visitor: &Visitor,
) -> Result<Option<Entry>, AccountError> {
    let Some(id) = tokens::claimed_by(proof) else { return Ok(None) };
    let moderator = moderators::by_id(&mut *app.db.conn().await?, id).await?;
    let Some(moderator) = moderator.filter(|moderator| {
        let hash = moderator.password_hash.as_deref().unwrap_or_default();
        moderator.disabled_at.is_none() && tokens::opens(&app.keys, proof, hash, app.now())
    }) else {
        return Ok(None);
    };
    let attempt = begin(app, &moderator.name, visitor).await?;
    let mut tx = app.db.begin().await?;
    let Some(means) = second_factor::take(app, &mut tx, id, code).await? else {
        drop(tx);
        refuse(app, Some(id), "second factor").await?;
        return Ok(Some(Entry::Refused));
    };
    attempt.succeed(app, &mut tx).await?;
    let token = open_session(app, &mut tx, id, visitor, means).await?;
    tx.commit().await?;
    Ok(Some(Entry::In(token)))
}

async fn begin(app: &App, name: &str, visitor: &Visitor) -> Result<Attempt, AccountError> {
    Attempt::begin(app, name, visitor.address).await?.map_err(|wait| {
        metrics::counter!("moderato_sign_ins_total", "result" => "throttled").increment(1);
        AccountError::Wait(wait)
    })
}

/// What was typed as a name is not kept where there is nobody of that name: it may be a password.
pub(super) async fn refuse(app: &App, known: Option<i64>, step: &str) -> Result<(), StoreError> {
    metrics::counter!("moderato_sign_ins_total", "result" => "refused").increment(1);
    let about = known.map(About::person).unwrap_or_default().with(json!({ "step": step }));
    record(app, &mut *app.db.conn().await?, Actor::Nobody, Deed::SignInFailed, about).await
}

pub(super) async fn open_session(
    app: &App,
    tx: &mut Tx,
    moderator_id: i64,
    visitor: &Visitor,
    with: &str,
) -> Result<String, AccountError> {
    let token = new_token()?;
    let now = app.now();
    let new = NewSession {
        token_hash: hash_token(&token),
        moderator_id,
        browser: &visitor.browser,
        now,
        expires_at: now + SESSION,
    };
    sessions::insert(tx, new).await?;
    let details = json!({ "with": with, "browser": visitor.browser });
    let actor = Actor::Moderator(moderator_id);
    record(app, tx, actor, Deed::SignedIn, About::default().with(details)).await?;
    metrics::counter!("moderato_sign_ins_total", "result" => "accepted").increment(1);
    Ok(token)
}

/// Who a session's token belongs to. A session in use is extended.
pub async fn authenticate(app: &App, token: &str) -> Result<Option<Moderator>, StoreError> {
    let now = app.now();
    let mut conn = app.db.conn().await?;
    let Some(session) = sessions::find(&mut conn, hash_token(token), now).await? else {
        return Ok(None);
    };
    if session.used_at + NOTED_EVERY <= now {
        sessions::touch(&mut conn, session.id, now, now + SESSION).await?;
    }
    Ok(Some(Moderator {
        id: session.moderator_id,
        role: role_of(&session.role, session.moderator_id)?,
        name: session.name,
        site_ids: session.site_ids,
        session_id: session.id,
    }))
}

/// Ends the session one is signed in by.
pub async fn sign_out(app: &App, moderator: &Moderator) -> Result<(), StoreError> {
    let mut tx = app.db.begin().await?;
    sessions::end(&mut tx, moderator.id, Which::One(moderator.session_id)).await?;
    record(app, &mut tx, Actor::Moderator(moderator.id), Deed::SignedOut, About::default()).await?;
    tx.commit().await
}

/// One's own sessions, the one used last first.
pub async fn own_sessions(app: &App, moderator: &Moderator) -> Result<Vec<OwnSession>, StoreError> {
    sessions::of(&mut *app.db.conn().await?, moderator.id, app.now()).await
}

/// Ends one of one's own sessions, or all but the present one.
pub async fn end_sessions(app: &App, moderator: &Moderator, one: Option<i64>) -> Result<(), StoreError> {
    let which = one.map_or(Which::AllBut(moderator.session_id), Which::One);
    let mut tx = app.db.begin().await?;
    let ended = sessions::end(&mut tx, moderator.id, which).await?;
    if ended > 0 {
        let about = About::default().with(json!({ "sessions": ended }));
        record(app, &mut tx, Actor::Moderator(moderator.id), Deed::SessionsEnded, about).await?;
    }
    tx.commit().await
}
