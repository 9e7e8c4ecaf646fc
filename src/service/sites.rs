//! Sites: kept in memory, because every request needs one, and set from the command line.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use serde_json::json;
use time::OffsetDateTime;
use tokio::sync::Mutex;

use super::audit::{About, Actor, Deed, record};
use super::promises::Promises;
use crate::app::App;
use crate::comment::{InvalidArticle, Origin};
use crate::policy::{Cuts, HOLD_NO_ABUSE, InvalidThresholds, Promise, Targets, Thresholds};
use crate::store::sites::{NAME_TAKEN, NewSite, SiteRow, TargetsRow};
use crate::store::{Channel, Conn, StoreError, sites};

/// A site, ready for use.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Key.
    pub id: i64,
    /// Name in URLs.
    pub name: String,
    /// Title for people.
    pub title: String,
    /// Where forms may post from and redirects may go to; the first one is the home.
    pub origins: Vec<Origin>,
    /// The two cuts an operator has set; they are in force unless there is a promise.
    pub fixed_thresholds: Thresholds,
    /// From this probability of abuse on, what would be published is held; above 1: never.
    pub hold_abuse_from: f64,
    /// Of what is decided without a person, this share is shown to one later.
    pub audit_share: f64,
    /// Whether everything is judged and nothing decided, see [`super::log_only`].
    pub log_only: bool,
    /// What the site promises, as far as its decisions bear it out.
    pub promise: Option<Promise>,
}

impl Site {
    /// The two cuts in force.
    pub fn thresholds(&self) -> Thresholds {
        self.promise.map_or(self.fixed_thresholds, |promise| promise.thresholds)
    }

    /// Where it cuts, abuse included.
    pub fn cuts(&self) -> Cuts {
        Cuts { thresholds: self.thresholds(), hold_abuse_from: self.hold_abuse_from }
    }

    /// Whether pages of this origin belong to the site.
    pub fn owns(&self, origin: &Origin) -> bool {
        self.origins.contains(origin)
    }
}

/// All sites by name.
pub type Sites = BTreeMap<String, Arc<Site>>;

/// The sites in memory; [`crate::service::follow`] keeps them fresh.
#[derive(Debug)]
pub struct SiteDirectory {
    all: ArcSwap<Sites>,
    /// Locked while the sites are read, so that what was read last is what stays.
    promises: Mutex<Promises>,
}

impl SiteDirectory {
    /// Reads every site.
    pub async fn load(conn: &mut Conn, now: OffsetDateTime) -> Result<Self, StoreError> {
        let mut promises = Promises::default();
        let all = ArcSwap::from_pointee(read(conn, &mut promises, now).await?);
        Ok(Self { all, promises: Mutex::new(promises) })
    }

    /// Reads every site again, and what each can promise by now.
    pub async fn reload(&self, conn: &mut Conn, now: OffsetDateTime) -> Result<(), StoreError> {
        let mut promises = self.promises.lock().await;
        self.all.store(Arc::new(read(conn, &mut promises, now).await?));
        Ok(())
    }

    /// The site of this name.
    pub fn find(&self, name: &str) -> Option<Arc<Site>> {
        self.all.load().get(name).cloned()
    }

    /// The site with this key.
    pub fn by_id(&self, id: i64) -> Option<Arc<Site>> {
        self.all.load().values().find(|site| site.id == id).cloned()
    }

    /// Every site, by name.
    pub fn all(&self) -> Arc<Sites> {
        self.all.load_full()
    }
}

async fn read(conn: &mut Conn, promises: &mut Promises, now: OffsetDateTime) -> Result<Sites, StoreError> {
    let mut all = Sites::new();
    for row in sites::all(conn).await? {
        all.insert(row.name.clone(), Arc::new(ready(conn, row, promises, now).await?));
    }
    Ok(all)
}

async fn ready(
    conn: &mut Conn,
    row: SiteRow,
    promises: &mut Promises,
    now: OffsetDateTime,
) -> Result<Site, StoreError> {
    let broken = |what| StoreError::Inconsistent { table: "sites", row: row.name.clone(), what };
    let origins = row.origins.iter().map(|origin| Origin::parse(origin)).collect::<Result<_, _>>();
    let origins = origins.map_err(|_error| broken("an origin is not scheme://host[:port]"))?;
    let fixed_thresholds = Thresholds::new(row.approve_below, row.reject_from)
        .map_err(|_error| broken("the thresholds are the wrong way round"))?;
    let targets = row
        .targets
        .map(|row| Targets::new(row.spam_published, row.ham_rejected, row.confidence))
        .transpose()
        .map_err(|_error| broken("the targets are no shares"))?;
    let promise = match targets {
        Some(targets) => Some(promises.bring_up_to_date(conn, row.id, targets, row.example_seq, now).await),
        None => None,
    };
    Ok(Site {
        id: row.id,
        name: row.name,
        title: row.title,
        origins,
        fixed_thresholds,
        hold_abuse_from: row.hold_abuse_from,
        audit_share: row.audit_share,
        log_only: row.log_only,
        promise,
    })
}

/// What a site shall be.
#[derive(Debug, Clone)]
pub struct SiteSpec {
    /// Name in URLs.
    pub name: String,
    /// Title for people.
    pub title: String,
    /// Addresses of its pages; only their origins are kept.
    pub origins: Vec<String>,
    /// The two cuts where there is no promise.
    pub thresholds: (f64, f64),
    /// See [`Site::hold_abuse_from`].
    pub hold_abuse_from: f64,
    /// See [`Site::audit_share`].
    pub audit_share: f64,
    /// See [`Site::log_only`].
    pub log_only: bool,
    /// The promise to decide by.
    pub targets: Option<Targets>,
}

impl SiteSpec {
    /// What a site is now, to change a part of it.
    pub fn of(site: &Site) -> Self {
        Self {
            name: site.name.clone(),
            title: site.title.clone(),
            origins: site.origins.iter().map(ToString::to_string).collect(),
            thresholds: (site.fixed_thresholds.approve_below(), site.fixed_thresholds.reject_from()),
            hold_abuse_from: site.hold_abuse_from,
            audit_share: site.audit_share,
            log_only: site.log_only,
            targets: site.promise.map(|promise| promise.targets),
        }
    }
}

/// A site cannot be what it shall be.
#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    /// The name.
    #[error(
        "«{0}» cannot be a site's name: use 1 to 63 lower-case letters, digits and dashes, beginning with a letter or digit"
    )]
    Name(String),
    /// An origin.
    #[error("«{0}» cannot be a site's address: {1}")]
    Origin(String, InvalidArticle),
    /// No origin at all.
    #[error("a site needs at least one address of its pages, e.g. --origin https://blog.example")]
    NoOrigin,
    /// The thresholds.
    #[error(transparent)]
    Thresholds(#[from] InvalidThresholds),
    /// The cut for abuse.
    #[error(
        "abuse is held from a probability between 0 and 1 on (or {HOLD_NO_ABUSE}: never), and {0} is neither"
    )]
    Abuse(f64),
    /// The audit's share.
    #[error("the share that is audited is between 0 and 1 (0.02 is one in fifty), and {0} is not")]
    Audit(f64),
    /// There is one of that name.
    #[error("there is a site named «{0}» already: change it with `moderato site set {0}`")]
    Taken(String),
    /// There is none of that name.
    #[error("there is no site named «{0}»: `moderato site list` shows which there are")]
    Unknown(String),
    /// Postgres.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Adds a site.
pub async fn add(app: &App, spec: &SiteSpec) -> Result<(), SiteError> {
    let origins = check(spec)?;
    let mut tx = app.db.begin().await?;
    let id = match sites::insert(&mut tx, &new_site(spec, &origins), app.now()).await {
        Err(error) if error.is_constraint(NAME_TAKEN) => return Err(SiteError::Taken(spec.name.clone())),
        other => other?,
    };
    let about = About::site(id).with(details(spec, &origins));
    record(app, &mut tx, Actor::CommandLine, Deed::SiteAdded, about).await?;
    Channel::Sites.notify(&mut tx).await?;
    tx.commit().await?;
    Ok(app.sites.reload(&mut *app.db.conn().await?, app.now()).await?)
}

/// Changes a site to what the spec says; its name stays.
pub async fn set(app: &App, actor: Actor, spec: &SiteSpec) -> Result<(), SiteError> {
    let origins = check(spec)?;
    let mut tx = app.db.begin().await?;
    let changed = sites::update(&mut tx, &new_site(spec, &origins)).await?;
    let id = changed.ok_or_else(|| SiteError::Unknown(spec.name.clone()))?;
    let about = About::site(id).with(details(spec, &origins));
    record(app, &mut tx, actor, Deed::SiteSet, about).await?;
    Channel::Sites.notify(&mut tx).await?;
    tx.commit().await?;
    Ok(app.sites.reload(&mut *app.db.conn().await?, app.now()).await?)
}

/// What a site is from now on, for the log.
fn details(spec: &SiteSpec, origins: &[String]) -> serde_json::Value {
    json!({
        "name": spec.name,
        "title": spec.title,
        "origins": origins,
        "approve_below": spec.thresholds.0,
        "reject_from": spec.thresholds.1,
        "hold_abuse_from": spec.hold_abuse_from,
        "audit_share": spec.audit_share,
        "log_only": spec.log_only,
        "targets": spec.targets,
    })
}

fn new_site<'a>(spec: &'a SiteSpec, origins: &'a [String]) -> NewSite<'a> {
    NewSite {
        name: &spec.name,
        title: &spec.title,
        origins,
        approve_below: spec.thresholds.0,
        reject_from: spec.thresholds.1,
        hold_abuse_from: spec.hold_abuse_from,
        audit_share: spec.audit_share,
        log_only: spec.log_only,
        targets: spec.targets.map(|targets| TargetsRow {
            spam_published: targets.spam_published(),
            ham_rejected: targets.ham_rejected(),
            confidence: targets.confidence(),
        }),
    }
}

fn check(spec: &SiteSpec) -> Result<Vec<String>, SiteError> {
    let name = spec.name.as_bytes();
    let letter = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    if name.is_empty()
        || name.len() > 63
        || name[0] == b'-'
        || !name.iter().all(|byte| letter(byte) || *byte == b'-')
    {
        return Err(SiteError::Name(spec.name.clone()));
    }
    Thresholds::new(spec.thresholds.0, spec.thresholds.1)?;
    if !(0.0..=HOLD_NO_ABUSE).contains(&spec.hold_abuse_from) {
        return Err(SiteError::Abuse(spec.hold_abuse_from));
    }
    if !(0.0..=1.0).contains(&spec.audit_share) {
        return Err(SiteError::Audit(spec.audit_share));
    }
    if spec.origins.is_empty() {
        return Err(SiteError::NoOrigin);
    }
    spec.origins
        .iter()
        .map(|address| match Origin::parse(address) {
            Ok(origin) => Ok(origin.as_str().to_owned()),
            Err(why) => Err(SiteError::Origin(address.clone(), why)),
        })
        .collect()
}
