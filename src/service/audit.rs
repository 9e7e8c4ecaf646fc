//! What people do: each deed is a line of the append-only log, in the transaction that does it.

use serde_json::{Value, json};
use time::OffsetDateTime;
use uuid::Uuid;

use crate::app::App;
use crate::comment::RejectReason;
use crate::store::acts::{self, Entry, Filter, NewAct, UNDONE};
use crate::store::decisions::Act;
use crate::store::{Conn, StoreError};

/// Who does something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// Somebody who is signed in.
    Moderator(i64),
    /// Whoever runs the server, by its command line.
    CommandLine,
    /// Somebody who is not signed in.
    Nobody,
}

impl Actor {
    fn as_str(self) -> &'static str {
        match self {
            Self::Moderator(_) => "moderator",
            Self::CommandLine => "command line",
            Self::Nobody => "nobody",
        }
    }

    /// The moderator, if it is one.
    pub fn moderator(self) -> Option<i64> {
        match self {
            Self::Moderator(id) => Some(id),
            Self::CommandLine | Self::Nobody => None,
        }
    }
}

/// What people do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Decided on a comment.
    Decided,
    /// Changed what a comment says.
    Edited,
    /// Answered a comment.
    Answered,
    /// Took any of these back.
    Undone,
    /// Signed in.
    SignedIn,
    /// Tried to sign in.
    SignInFailed,
    /// Signed out.
    SignedOut,
    /// Ended sessions elsewhere.
    SessionsEnded,
    /// Added somebody with a password.
    Added,
    /// Invited somebody.
    Invited,
    /// Made a link to choose a password by.
    LinkMade,
    /// Chose a password.
    PasswordSet,
    /// Gave somebody another role.
    RoleSet,
    /// Confined somebody to sites, or to none in particular.
    SitesSet,
    /// Let somebody sign in no more.
    Disabled,
    /// Let somebody sign in again.
    Enabled,
    /// Switched a second factor on.
    SecondFactorOn,
    /// Switched a second factor off.
    SecondFactorOff,
    /// Asked for a training.
    TrainingAsked,
    /// Brought a model in.
    ModelImported,
    /// Put a model in force.
    ModelPromoted,
    /// Put a former model in force again.
    ModelRolledBack,
    /// Let a model score in the shadow, or none.
    ShadowChosen,
    /// Added a site.
    SiteAdded,
    /// Changed a site.
    SiteSet,
    /// Made a key for programs.
    KeyMade,
    /// Changed a key.
    KeySet,
    /// Ended a key.
    KeyRevoked,
    /// Made a rule.
    RuleMade,
    /// Ended a rule.
    RuleEnded,
    /// Noted something about an author.
    AuthorNoted,
    /// Gave an address for notices, or took it away.
    AddressSet,
    /// Confirmed it.
    AddressConfirmed,
    /// Chose how often to be told of held comments.
    NoticesSet,
    /// Decided by a link in a mail; the decision is a line of its own.
    LinkUsed,
    /// Made a webhook.
    WebhookAdded,
    /// Changed one.
    WebhookSet,
    /// Removed one.
    WebhookRemoved,
    /// Sent a delivery, or a verdict to the program that asked, once more.
    WebhookReplayed,
    /// Saved a list of the desk.
    ListSaved,
    /// Removed one.
    ListRemoved,
}

impl Deed {
    /// Every one.
    pub const ALL: [Self; 41] = [
        Self::Decided,
        Self::Edited,
        Self::Answered,
        Self::Undone,
        Self::SignedIn,
        Self::SignInFailed,
        Self::SignedOut,
        Self::SessionsEnded,
        Self::Added,
        Self::Invited,
        Self::LinkMade,
        Self::PasswordSet,
        Self::RoleSet,
        Self::SitesSet,
        Self::Disabled,
        Self::Enabled,
        Self::SecondFactorOn,
        Self::SecondFactorOff,
        Self::TrainingAsked,
        Self::ModelImported,
        Self::ModelPromoted,
        Self::ModelRolledBack,
        Self::ShadowChosen,
        Self::SiteAdded,
        Self::SiteSet,
        Self::KeyMade,
        Self::KeySet,
        Self::KeyRevoked,
        Self::RuleMade,
        Self::RuleEnded,
        Self::AuthorNoted,
        Self::AddressSet,
        Self::AddressConfirmed,
        Self::NoticesSet,
        Self::LinkUsed,
        Self::WebhookAdded,
        Self::WebhookSet,
        Self::WebhookRemoved,
        Self::WebhookReplayed,
        Self::ListSaved,
        Self::ListRemoved,
    ];

    /// The name in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Decided => Act::Decided.as_str(),
            Self::Edited => Act::Edited.as_str(),
            Self::Answered => Act::Answered.as_str(),
            Self::Undone => UNDONE,
            Self::SignedIn => "signed in",
            Self::SignInFailed => "sign-in failed",
            Self::SignedOut => "signed out",
            Self::SessionsEnded => "sessions ended",
            Self::Added => "person added",
            Self::Invited => "person invited",
            Self::LinkMade => "password link made",
            Self::PasswordSet => "password set",
            Self::RoleSet => "role set",
            Self::SitesSet => "sites set",
            Self::Disabled => "person disabled",
            Self::Enabled => "person enabled",
            Self::SecondFactorOn => "second factor on",
            Self::SecondFactorOff => "second factor off",
            Self::TrainingAsked => "training asked for",
            Self::ModelImported => "model imported",
            Self::ModelPromoted => "model promoted",
            Self::ModelRolledBack => "model rolled back",
            Self::ShadowChosen => "shadow chosen",
            Self::SiteAdded => "site added",
            Self::SiteSet => "site set",
            Self::KeyMade => "key made",
            Self::KeySet => "key set",
            Self::KeyRevoked => "key revoked",
            Self::RuleMade => "rule made",
            Self::RuleEnded => "rule ended",
            Self::AuthorNoted => "author noted",
            Self::AddressSet => "address set",
            Self::AddressConfirmed => "address confirmed",
            Self::NoticesSet => "notices set",
            Self::LinkUsed => "link in a mail used",
            Self::WebhookAdded => "webhook added",
            Self::WebhookSet => "webhook set",
            Self::WebhookRemoved => "webhook removed",
            Self::WebhookReplayed => "webhook replayed",
            Self::ListSaved => "list saved",
            Self::ListRemoved => "list removed",
        }
    }

    /// The one of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.as_str() == name)
    }
}

/// What a deed is about.
#[derive(Debug, Clone, Default)]
pub(super) struct About {
    person: Option<i64>,
    site: Option<i64>,
    details: Option<Value>,
}

impl About {
    pub(super) fn person(id: i64) -> Self {
        Self { person: Some(id), ..Self::default() }
    }

    pub(super) fn site(id: i64) -> Self {
        Self { site: Some(id), ..Self::default() }
    }

    /// What else is worth knowing: never a secret, and nothing that a stranger has typed.
    pub(super) fn with(self, details: Value) -> Self {
        Self { details: Some(details), ..self }
    }
}

/// Appends a deed.
pub(super) async fn record(
    app: &App,
    conn: &mut Conn,
    actor: Actor,
    deed: Deed,
    about: About,
) -> Result<(), StoreError> {
    let now = app.now();
    let act = NewAct {
        id: app.new_id(now),
        actor: actor.as_str(),
        actor_id: actor.moderator(),
        kind: deed.as_str(),
        about_id: about.person,
        site_id: about.site,
        details: &about.details.unwrap_or_else(|| json!({})),
        acted_at: now,
    };
    acts::insert(conn, &act).await
}

/// So many lines are shown at a time.
pub const PAGE: usize = 50;
/// So many lines are read at a time for an export.
const CHUNK: i64 = 1_000;

/// Which lines of the log.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// By or about the person with this key.
    pub person: Option<i64>,
    /// Of this kind.
    pub deed: Option<Deed>,
    /// Rejections for this reason.
    pub reason: Option<RejectReason>,
    /// About this site.
    pub site: Option<i64>,
    /// From this moment on.
    pub from: Option<OffsetDateTime>,
    /// Before this moment.
    pub until: Option<OffsetDateTime>,
    /// Older than this line.
    pub before: Option<Uuid>,
}

impl Query {
    fn filter(&self, limit: i64) -> Filter<'static> {
        Filter {
            person: self.person,
            kind: self.deed.map(Deed::as_str),
            reason: self.reason.map(RejectReason::as_str),
            site: self.site,
            from: self.from,
            until: self.until,
            before: self.before,
            limit,
        }
    }
}

/// A page of the log, newest first, and where the next one begins.
pub async fn list(app: &App, query: &Query) -> Result<(Vec<Entry>, Option<Uuid>), StoreError> {
    let filter = query.filter(i64::try_from(PAGE + 1).unwrap_or(i64::MAX));
    let mut entries = acts::page(&mut *app.db.conn().await?, &filter).await?;
    let more = entries.len() > PAGE;
    entries.truncate(PAGE);
    let next = entries.last().filter(|_| more).map(|last| last.id);
    Ok((entries, next))
}

/// The next piece of an export, newest first; call it again with [`Query::before`] set to the last line, until nothing comes.
pub async fn chunk(app: &App, query: &Query) -> Result<Vec<Entry>, StoreError> {
    acts::page(&mut *app.db.conn().await?, &query.filter(CHUNK)).await
}
