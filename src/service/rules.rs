//! Rules: kept in memory, because every comment is asked about them; made and ended by people; and what a rule would have
//! matched, before it is in force.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use data_encoding::HEXLOWER;
use serde_json::json;
use time::OffsetDateTime;
use tokio::sync::Mutex;
use uuid::Uuid;

use super::accounts::{Moderator, Role};
use super::audit::{About, Actor, Deed, record};
use super::desk;
use super::senders;
use crate::app::App;
use crate::classifier::Document;
use crate::comment::State;
use crate::policy::{Effect, Incoming, InvalidRule, Kind, Place, Rule, RuleSet, RuleSpec, tidy};
use crate::store::authors::SenderRow;
use crate::store::cards::DeskRow;
use crate::store::rules::{NewRule, RuleRow, SeenRow};
use crate::store::{Channel, Conn, StoreError, authors, cards, rules};

/// The rules in force, ready to be asked; [`crate::service::follow`] keeps them fresh.
#[derive(Debug)]
pub struct RuleBook {
    ready: ArcSwap<Ready>,
    /// Held while they are read, so that what was read last is what stays.
    reading: Mutex<()>,
}

#[derive(Debug, Default)]
struct Ready {
    /// Sites with rules of their own, with those of all sites.
    by_site: HashMap<i64, Arc<RuleSet>>,
    everywhere: Arc<RuleSet>,
}

impl RuleBook {
    /// Reads every rule that is in force.
    pub async fn load(conn: &mut Conn, now: OffsetDateTime) -> Result<Self, StoreError> {
        Ok(Self { ready: ArcSwap::from_pointee(read(conn, now).await?), reading: Mutex::default() })
    }

    /// Reads them again.
    pub async fn reload(&self, conn: &mut Conn, now: OffsetDateTime) -> Result<(), StoreError> {
        let _reading = self.reading.lock().await;
        self.ready.store(Arc::new(read(conn, now).await?));
        Ok(())
    }

    /// The rules of a site and of all sites.
    pub fn of(&self, site_id: i64) -> Arc<RuleSet> {
        let ready = self.ready.load();
        Arc::clone(ready.by_site.get(&site_id).unwrap_or(&ready.everywhere))
    }
}

async fn read(conn: &mut Conn, now: OffsetDateTime) -> Result<Ready, StoreError> {
    let mut everywhere = Vec::new();
    let mut by_site: HashMap<i64, Vec<Arc<Rule>>> = HashMap::new();
    for row in rules::in_force(conn, now).await? {
        let rule = Arc::new(ready(&row)?);
        match row.site_id {
            Some(site_id) => by_site.entry(site_id).or_default().push(rule),
            None => everywhere.push(rule),
        }
    }
    let with_those_of_all = |(site_id, mut own): (i64, Vec<Arc<Rule>>)| {
        own.extend(everywhere.iter().map(Arc::clone));
        (site_id, Arc::new(RuleSet::new(own)))
    };
    let by_site = by_site.into_iter().map(with_those_of_all).collect();
    Ok(Ready { by_site, everywhere: Arc::new(RuleSet::new(everywhere)) })
}

fn ready(row: &RuleRow) -> Result<Rule, StoreError> {
    let broken = |what| StoreError::Inconsistent { table: "rules", row: row.id.to_string(), what };
    let places = row.fields.iter().map(|name| Place::parse(name)).collect::<Option<Vec<Place>>>();
    Rule::new(RuleSpec {
        id: row.id,
        kind: Kind::parse(&row.kind).ok_or_else(|| broken("the kind is not one this version knows"))?,
        patterns: row.patterns.clone(),
        places: places.ok_or_else(|| broken("a field is not one this version knows"))?,
        effect: Effect::parse(&row.effect)
            .ok_or_else(|| broken("the effect is not one this version knows"))?,
        shown: row.shown.clone(),
        until: row.until,
    })
    .map_err(|_error| broken("it is no valid rule"))
}

/// A rule somebody wants.
#[derive(Debug, Clone)]
pub struct Draft {
    /// Its site; `None` for all.
    pub site: Option<i64>,
    /// What it looks at.
    pub kind: Kind,
    /// What it matches, as typed: an e-mail address, a network address or the hash of one, a host, phrases line by line.
    pub pattern: String,
    /// Where words are looked for.
    pub places: Vec<Place>,
    /// What it does.
    pub effect: Effect,
    /// When it ends by itself.
    pub until: Option<OffsetDateTime>,
    /// Why.
    pub note: String,
    /// The rule it takes the place of.
    pub replaces: Option<i64>,
}

/// A rule cannot be made or ended.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// It is none.
    #[error(transparent)]
    Invalid(#[from] InvalidRule),
    /// It would be over before it began.
    #[error("the last day is over already")]
    Over,
    /// The reason is too long.
    #[error("the note has at most {NOTE} characters")]
    Note,
    /// Somebody else's site, or all of them.
    #[error("only an administrator makes or ends rules for all sites")]
    NotTheirs,
    /// There is none, or somebody has ended it.
    #[error("there is no such rule in force")]
    Unknown,
    /// Postgres.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The longest note, in characters.
pub const NOTE: usize = 1_000;

/// Whether somebody may make and end rules of a site, or of all.
pub fn may(moderator: &Moderator, site: Option<i64>) -> bool {
    moderator.role.decides() && site.map_or(moderator.role == Role::Admin, |site| moderator.sees(site))
}

/// What is stored and shown of a draft.
fn prepare(app: &App, draft: &Draft) -> Result<(Vec<String>, String), InvalidRule> {
    let patterns = tidy(draft.kind, &draft.pattern)?;
    let first = patterns[0].as_str();
    match draft.kind {
        Kind::Email => {
            let no_address = || InvalidRule::Email(first.chars().take(60).collect());
            let first = &*first.to_lowercase();
            let (name, domain) = first.split_once('@').ok_or_else(no_address)?;
            let letter = name.chars().next().filter(|_| !domain.is_empty() && !first.contains(' '));
            let shown = format!("{}…@{domain}", letter.ok_or_else(no_address)?);
            let key = senders::author_key(&app.keys, draft.site, first).ok_or_else(no_address)?;
            Ok((vec![HEXLOWER.encode(&key)], shown))
        }
        Kind::Network => {
            let unknown = || InvalidRule::Network(first.chars().take(60).collect());
            let key = match first.parse::<IpAddr>() {
                Ok(address) => senders::network_key(&app.keys, address).ok_or_else(unknown)?.to_vec(),
                Err(_) => HEXLOWER.decode(first.as_bytes()).map_err(|_error| unknown())?,
            };
            if key.len() != 16 {
                return Err(unknown());
            }
            Ok((vec![HEXLOWER.encode(&key)], network_name(&key)))
        }
        Kind::Domain | Kind::Host => Ok((patterns.clone(), patterns[0].clone())),
        Kind::Name => Ok((patterns.clone(), draft.pattern.trim().chars().take(60).collect())),
        Kind::Words => {
            let beginning: Vec<&str> = patterns.iter().take(3).map(String::as_str).collect();
            let more = patterns.len().saturating_sub(3);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            Ok((patterns.clone(), format!("{}{more}", beginning.join(", "))))
        }
    }
}

/// The name people know a network by: what its hash begins with.
pub fn network_name(key: &[u8]) -> String {
    HEXLOWER.encode(&key[..key.len().min(4)])
}

fn checked(app: &App, draft: &Draft) -> Result<(Rule, Vec<String>, String), RuleError> {
    if draft.until.is_some_and(|until| until <= app.now()) {
        return Err(RuleError::Over);
    }
    if draft.note.chars().count() > NOTE {
        return Err(RuleError::Note);
    }
    let (patterns, shown) = prepare(app, draft)?;
    let spec = RuleSpec {
        id: 0,
        kind: draft.kind,
        patterns: patterns.clone(),
        places: draft.places.clone(),
        effect: draft.effect,
        shown: shown.clone(),
        until: None,
    };
    Ok((Rule::new(spec)?, patterns, shown))
}

/// Whether this can be a rule at all.
pub fn is_possible(app: &App, draft: &Draft) -> bool {
    checked(app, draft).is_ok()
}

/// Puts a rule in force; returns its number.
pub async fn make(app: &App, moderator: &Moderator, draft: &Draft) -> Result<i64, RuleError> {
    if !may(moderator, draft.site) {
        return Err(RuleError::NotTheirs);
    }
    let (_, patterns, shown) = checked(app, draft)?;
    let names: Vec<String> = draft.places.iter().map(|place| place.as_str().to_owned()).collect();
    let now = app.now();
    let mut tx = app.db.begin().await?;
    if let Some(old) = draft.replaces {
        end_in(app, &mut tx, moderator, old).await?;
    }
    let new = NewRule {
        site_id: draft.site,
        kind: draft.kind.as_str(),
        patterns: &patterns,
        fields: if draft.kind == Kind::Words { &names } else { &[] },
        effect: draft.effect.as_str(),
        shown: &shown,
        note: draft.note.trim(),
        made_by: moderator.id,
        made_at: now,
        until: draft.until,
    };
    let id = rules::insert(&mut tx, &new).await?;
    // Which one is enough: what it matches may have been typed by a stranger, and the rule is kept.
    let about = about(draft.site).with(json!({
        "rule": id,
        "matches": draft.kind.as_str(),
        "effect": draft.effect.as_str(),
        "until": draft.until.map(|until| until.date().to_string()),
        "replaces": draft.replaces,
    }));
    record(app, &mut tx, Actor::Moderator(moderator.id), Deed::RuleMade, about).await?;
    Channel::Rules.notify(&mut tx).await?;
    tx.commit().await?;
    app.rules.reload(&mut *app.db.conn().await?, now).await?;
    Ok(id)
}

fn about(site: Option<i64>) -> About {
    site.map(About::site).unwrap_or_default()
}

/// Ends a rule now.
pub async fn end(app: &App, moderator: &Moderator, id: i64) -> Result<(), RuleError> {
    let mut tx = app.db.begin().await?;
    end_in(app, &mut tx, moderator, id).await?;
    Channel::Rules.notify(&mut tx).await?;
    tx.commit().await?;
    Ok(app.rules.reload(&mut *app.db.conn().await?, app.now()).await?)
}

async fn end_in(app: &App, conn: &mut Conn, moderator: &Moderator, id: i64) -> Result<(), RuleError> {
    let row = rules::find(conn, id).await?.ok_or(RuleError::Unknown)?;
    if !may(moderator, row.site_id) {
        return Err(RuleError::NotTheirs);
    }
    if !rules::end(conn, id, moderator.id, app.now()).await? {
        return Err(RuleError::Unknown);
    }
    let about = about(row.site_id).with(json!({ "rule": id }));
    Ok(record(app, conn, Actor::Moderator(moderator.id), Deed::RuleEnded, about).await?)
}

/// A rule, and how often it has matched.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The rule.
    pub rule: RuleRow,
    /// Comments it has matched at the sites of whoever asks, counted up to [`COUNTED`].
    pub hits: u64,
}

/// So many hits of a rule are counted.
pub const COUNTED: u64 = 10_000;
/// So many rules that are over are listed.
const OVER: i64 = 50;

/// The rules that act on somebody's sites: those in force, and the newest that are over.
pub async fn list(app: &App, moderator: &Moderator) -> Result<(Vec<Listed>, Vec<Listed>), StoreError> {
    let site_ids = desk::site_ids(app, moderator);
    let mut conn = app.db.conn().await?;
    let mut in_force = rules::in_force(&mut conn, app.now()).await?;
    in_force.retain(|rule| rule.site_id.is_none_or(|site| moderator.sees(site)));
    let over = rules::over(&mut conn, &site_ids, app.now(), OVER).await?;
    Ok((counted(&mut conn, &site_ids, in_force).await?, counted(&mut conn, &site_ids, over).await?))
}

async fn counted(conn: &mut Conn, site_ids: &[i64], rows: Vec<RuleRow>) -> Result<Vec<Listed>, StoreError> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let most = i64::try_from(COUNTED).unwrap_or(i64::MAX);
    let hits = rules::hits(conn, &ids, site_ids, most).await?;
    let hits = hits.into_iter().map(|hits| u64::try_from(hits).unwrap_or_default());
    Ok(rows.into_iter().zip(hits).map(|(rule, hits)| Listed { rule, hits }).collect())
}

/// Those of these rules that act on somebody's sites, in their order.
pub(super) async fn listed(app: &App, moderator: &Moderator, ids: &[i64]) -> Result<Vec<Listed>, StoreError> {
    let mut conn = app.db.conn().await?;
    let mut rows = rules::in_force(&mut conn, app.now()).await?;
    rows.retain(|rule| ids.contains(&rule.id) && rule.site_id.is_none_or(|site| moderator.sees(site)));
    rows.sort_by_key(|rule| ids.iter().position(|id| *id == rule.id));
    counted(&mut conn, &desk::site_ids(app, moderator), rows).await
}

/// One rule, if it acts on somebody's sites.
pub async fn find(app: &App, moderator: &Moderator, id: i64) -> Result<Option<RuleRow>, StoreError> {
    let row = rules::find(&mut *app.db.conn().await?, id).await?;
    Ok(row.filter(|row| row.site_id.is_none_or(|site| moderator.sees(site))))
}

/// So many of the newest comments are looked at for a preview,
pub const LOOKED_AT: usize = 5_000;
/// of so many bytes altogether.
const BYTES: usize = 32 << 20;
/// So many of each kind are shown.
const SHOWN: usize = 10;

/// What a rule would have matched among the newest comments.
#[derive(Debug, Clone, Default)]
pub struct Preview {
    /// How many comments were looked at.
    pub looked_at: u64,
    /// How many it matches,
    pub hits: u64,
    /// of them by what became of them: state, whether a person said so, and how many.
    pub outcomes: Vec<(State, bool, u64)>,
    /// The first of those that are on the other side: published ones for a ban, refused ones for trust.
    pub against: Vec<DeskRow>,
    /// How many of these there are.
    pub against_count: u64,
    /// The first of the others.
    pub others: Vec<DeskRow>,
}

/// What a rule would have matched among the newest comments of its site, or of all of somebody's.
pub async fn preview(app: &App, moderator: &Moderator, draft: &Draft) -> Result<Preview, RuleError> {
    let mut previews = previews(app, moderator, std::slice::from_ref(draft)).await?;
    Ok(previews.pop().unwrap_or_default())
}

/// The same of several rules of one site, in one pass.
pub async fn previews(app: &App, moderator: &Moderator, drafts: &[Draft]) -> Result<Vec<Preview>, RuleError> {
    let mut tried = Vec::new();
    for draft in drafts {
        if !may(moderator, draft.site) {
            return Err(RuleError::NotTheirs);
        }
        let (rule, ..) = checked(app, draft)?;
        tried.push((RuleSet::new(vec![Arc::new(rule)]), Found::new(draft.effect)));
    }
    let site_ids = match drafts.first().and_then(|draft| draft.site) {
        Some(site) => vec![site],
        None => desk::site_ids(app, moderator),
    };
    let now = app.now();
    let (mut looked_at, mut bytes) = (0, 0);
    let mut conn = app.db.conn().await?;
    let limit = i64::try_from(LOOKED_AT).unwrap_or(i64::MAX);
    rules::each_recent(&mut conn, &site_ids, limit, |row| {
        looked_at += 1;
        bytes += row.body.len();
        for (set, found) in &mut tried {
            if matches(app, set, &row, now) {
                found.note(&row);
            }
        }
        bytes < BYTES
    })
    .await?;
    let mut previews = Vec::new();
    for (_, found) in tried {
        previews.push(Preview {
            looked_at,
            hits: found.hits,
            outcomes: found.outcomes.into_iter().map(|((state, said), count)| (state, said, count)).collect(),
            against: cards::of(&mut conn, &found.against).await?,
            against_count: found.against_count,
            others: cards::of(&mut conn, &found.others).await?,
        });
    }
    Ok(previews)
}

/// Asks a rule about a stored comment exactly as it is asked about a new one.
fn matches(app: &App, set: &RuleSet, row: &SeenRow, now: OffsetDateTime) -> bool {
    let document = Document { content: &row.body, author: &row.author, email: &row.email, url: &row.url };
    let network = row.network.as_ref().map(|key| HEXLOWER.encode(key));
    let incoming = Incoming {
        document: &document,
        email_keys: &senders::email_keys(&app.keys, row.site_id, &row.email),
        network: network.as_deref(),
        familiar: row.familiar,
    };
    set.fired(&incoming, now).first().is_some_and(|fired| fired.counts)
}

/// What has been found so far.
struct Found {
    effect: Effect,
    hits: u64,
    outcomes: HashMap<(State, bool), u64>,
    against: Vec<(i64, Uuid)>,
    against_count: u64,
    others: Vec<(i64, Uuid)>,
}

impl Found {
    fn new(effect: Effect) -> Self {
        let (outcomes, against, others) = (HashMap::new(), Vec::new(), Vec::new());
        Self { effect, hits: 0, outcomes, against, against_count: 0, others }
    }

    fn note(&mut self, row: &SeenRow) {
        // Only people reject, bans aside; approval and spam are labelled where a person has said so.
        let said = row.label.is_some();
        self.hits += 1;
        *self.outcomes.entry((row.state, said)).or_default() += 1;
        let against = match self.effect {
            Effect::Ban | Effect::Hold => row.state == State::Approved,
            Effect::Trust => matches!(row.state, State::Spam | State::Rejected),
        };
        let list = if against { &mut self.against } else { &mut self.others };
        self.against_count += u64::from(against);
        if list.len() < SHOWN {
            list.push((row.site_id, row.id));
        }
    }
}

/// Who sent a comment, for a rule to be made of.
pub async fn sender(app: &App, site_id: i64, comment: Uuid) -> Result<Option<SenderRow>, StoreError> {
    authors::sender(&mut *app.db.conn().await?, site_id, comment).await
}
