//! Notices of held comments: each person says where to, how often and of which sites. An address is used once whoever reads
//! it has said so.

use std::net::IpAddr;

use serde_json::json;
use time::Duration;

use super::accounts::{self, AccountError, Moderator};
use super::audit::{About, Actor, Deed, record};
use super::mail;
use super::tokens::{claimed_by, opens_address, opens_unsubscribe};
use crate::app::App;
use crate::store::mails::{self, NewMail, SettingsRow, TroubleRow};
use crate::store::{StoreError, moderators};

/// A day sees no more mails than this that ask for an address to be confirmed.
const ASKED_A_DAY: i64 = 5;
/// So many mails in trouble are shown.
const SHOWN: i64 = 20;

/// How often somebody wants to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cadence {
    /// Never.
    None,
    /// At once, but not too often.
    Immediately,
    /// What has come in within an hour, together.
    Hourly,
    /// What has come in within a day, together.
    Daily,
}

impl Cadence {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::None, Self::Immediately, Self::Hourly, Self::Daily];

    /// The name in the database and in forms.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Immediately => "immediately",
            Self::Hourly => "hourly",
            Self::Daily => "daily",
        }
    }

    /// The one of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cadence| cadence.as_str() == name)
    }
}

/// A choice about notices cannot be carried out.
#[derive(Debug, thiserror::Error)]
pub enum NoticeError {
    /// No mail server.
    #[error("this server sends no mail: whoever runs it has set no mail server")]
    NoMail,
    /// The address.
    #[error("that is no e-mail address")]
    Address,
    /// Asked too often.
    #[error("too many addresses have been tried today: try again tomorrow")]
    TooOften,
    /// The password.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// Postgres.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How somebody's notices stand.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Where to.
    pub address: Option<String>,
    /// Whether the address is confirmed.
    pub confirmed: bool,
    /// How often.
    pub cadence: Cadence,
    /// Of these sites only; none is all that are theirs.
    pub site_ids: Vec<i64>,
    /// Why the newest mails do not arrive, if they do not.
    pub trouble: Option<TroubleRow>,
}

/// How somebody's own notices stand.
pub async fn standing(app: &App, moderator: &Moderator) -> Result<Standing, StoreError> {
    let mut conn = app.db.conn().await?;
    let row = mails::settings(&mut conn, moderator.id).await?.unwrap_or(SettingsRow {
        address: None,
        confirmed_at: None,
        cadence: Cadence::None.as_str().to_owned(),
        site_ids: Vec::new(),
    });
    Ok(Standing {
        address: row.address,
        confirmed: row.confirmed_at.is_some(),
        cadence: Cadence::parse(&row.cadence).unwrap_or(Cadence::None),
        site_ids: row.site_ids,
        trouble: mails::troubles(&mut conn, Some(moderator.id), 1).await?.pop(),
    })
}

/// Sets one's address, or takes it away where it is empty; takes the password, because links in mails decide. A mail asks
/// whoever reads it to confirm.
pub async fn set_address(
    app: &App,
    moderator: &Moderator,
    password: &str,
    address: &str,
    from: IpAddr,
) -> Result<(), NoticeError> {
    if !mail::is_configured(app) {
        return Err(NoticeError::NoMail);
    }
    let address = match address.trim() {
        "" => None,
        address if mail::is_address(address) => Some(address),
        _ => return Err(NoticeError::Address),
    };
    accounts::check_own_password(app, moderator, password, from).await?;
    let now = app.now();
    let mut tx = app.db.begin().await?;
    mails::set_address(&mut tx, moderator.id, address).await?;
    if let Some(address) = address {
        if mails::asked_since(&mut tx, moderator.id, now - Duration::DAY).await? >= ASKED_A_DAY {
            return Err(NoticeError::TooOften);
        }
        let mail = NewMail {
            id: app.new_id(now),
            moderator_id: moderator.id,
            kind: mail::ADDRESS,
            address,
            created_at: now,
        };
        mails::insert(&mut tx, mail).await?;
    }
    let about = About::person(moderator.id).with(json!({ "removed": address.is_none() }));
    record(app, &mut tx, Actor::Moderator(moderator.id), Deed::AddressSet, about).await?;
    tx.commit().await?;
    app.outbox_bell.notify_one();
    Ok(())
}

/// Whose address a link in a mail confirms, while it does: name and address.
pub async fn asked(app: &App, token: &str) -> Result<Option<(String, String)>, StoreError> {
    owner(app, token, |address| opens_address(&app.keys, token, address, app.now())).await.map(names)
}

/// Confirms an address by the link that was sent to it; `false` if it works no more.
pub async fn confirm(app: &App, token: &str) -> Result<bool, StoreError> {
    let owner = owner(app, token, |address| opens_address(&app.keys, token, address, app.now())).await?;
    let Some((id, _, address)) = owner else { return Ok(false) };
    let mut tx = app.db.begin().await?;
    let confirmed = mails::confirm(&mut tx, id, &address, app.now()).await?;
    if confirmed {
        record(app, &mut tx, Actor::Moderator(id), Deed::AddressConfirmed, About::person(id)).await?;
    }
    tx.commit().await?;
    Ok(confirmed)
}

/// Sets how often one is told, and of which sites.
pub async fn set_cadence(
    app: &App,
    moderator: &Moderator,
    cadence: Cadence,
    site_ids: &[i64],
) -> Result<(), StoreError> {
    let mut tx = app.db.begin().await?;
    mails::set_cadence(&mut tx, moderator.id, cadence.as_str(), Some(site_ids)).await?;
    let about = About::person(moderator.id).with(json!({ "how_often": cadence.as_str() }));
    record(app, &mut tx, Actor::Moderator(moderator.id), Deed::NoticesSet, about).await?;
    tx.commit().await
}

/// Whose notices a link in a mail ends: name and address.
pub async fn subscribed(app: &App, token: &str) -> Result<Option<(String, String)>, StoreError> {
    owner(app, token, |address| opens_unsubscribe(&app.keys, token, address)).await.map(names)
}

/// Ends somebody's notices by the link in a mail; `false` if it is none of theirs any more.
pub async fn unsubscribe(app: &App, token: &str) -> Result<bool, StoreError> {
    let owner = owner(app, token, |address| opens_unsubscribe(&app.keys, token, address)).await?;
    let Some((id, ..)) = owner else { return Ok(false) };
    let mut tx = app.db.begin().await?;
    mails::set_cadence(&mut tx, id, Cadence::None.as_str(), None).await?;
    let about = About::person(id).with(json!({ "how_often": "none", "by": "link in a mail" }));
    record(app, &mut tx, Actor::Moderator(id), Deed::NoticesSet, about).await?;
    tx.commit().await?;
    Ok(true)
}

fn names(owner: Option<(i64, String, String)>) -> Option<(String, String)> {
    owner.map(|(_, name, address)| (name, address))
}

/// Whose link this is, if their present address opens it: key, name and address.
async fn owner(
    app: &App,
    token: &str,
    opens: impl Fn(&str) -> bool,
) -> Result<Option<(i64, String, String)>, StoreError> {
    let Some(id) = claimed_by(token) else { return Ok(None) };
    let mut conn = app.db.conn().await?;
    let address = mails::settings(&mut conn, id).await?.and_then(|row| row.address);
    let Some(address) = address.filter(|address| opens(address)) else { return Ok(None) };
    let person = moderators::by_id(&mut conn, id).await?.filter(|person| person.disabled_at.is_none());
    Ok(person.map(|person| (id, person.name, address)))
}

/// The newest mails that do not arrive.
pub async fn troubles(app: &App) -> Result<Vec<TroubleRow>, StoreError> {
    mails::troubles(&mut *app.db.conn().await?, None, SHOWN).await
}

/// Tries a mail again now; `false` if there is none that needs it.
pub async fn retry(app: &App, mail: uuid::Uuid) -> Result<bool, StoreError> {
    let found = mails::retry(&mut *app.db.conn().await?, mail, app.now()).await?;
    app.outbox_bell.notify_one();
    Ok(found)
}
