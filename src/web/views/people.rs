//! People: signing in by a code, choosing a password, one's own account, everybody, and what they did.

use askama::Template;

use super::desk::{Choice, Flash};
use super::figures::plural;
use super::notices::NoticesPanel;
use super::parts::{Layout, Link, Moment, PostButton};

/// The second step of signing in.
#[derive(Debug, Clone, Template)]
#[template(path = "people/code.html")]
pub struct CodeAsked {
    /// Around the page.
    pub layout: Layout,
    /// That the password was right (hidden field `proof`).
    pub proof: String,
    /// Where to go afterwards (hidden field `next`).
    pub next: String,
    /// Why it did not work, and what to do.
    pub error: Option<String>,
}

/// Somebody chooses a password, by a link that works once.
#[derive(Debug, Clone, Template)]
#[template(path = "people/password.html")]
pub struct ChoosePassword {
    /// Around the page.
    pub layout: Layout,
    /// Where the form posts to, the link's token included.
    pub action: String,
    /// Whose password.
    pub name: String,
    /// Whether it is their first one.
    pub invited: bool,
    /// Shortest password taken, in characters.
    pub shortest_password: usize,
    /// Why it did not work, and what to do.
    pub error: Option<String>,
}

/// One's own account.
#[derive(Debug, Clone, Template)]
#[template(path = "people/account.html")]
pub struct AccountPage {
    /// Around the page.
    pub layout: Layout,
    /// What just happened.
    pub flash: Option<Flash>,
    /// What one may do where, in words.
    pub access: String,
    /// Shortest password taken, in characters.
    pub shortest_password: usize,
    /// Why the password was not changed.
    pub password_error: Option<String>,
    /// The second factor.
    pub factor: Factor,
    /// Why the second factor was not changed.
    pub factor_error: Option<String>,
    /// Notices by mail.
    pub notices: NoticesPanel,
    /// Recovery codes that were just made, shown this once.
    pub codes: Vec<String>,
    /// One's sessions.
    pub sessions: Vec<Session>,
    /// Ends all of them but this one.
    pub end_others: Option<PostButton>,
}

/// How a second factor stands.
#[derive(Debug, Clone)]
pub enum Factor {
    /// There is none.
    Off,
    /// It waits for a first code.
    Begun {
        /// The secret, to be scanned.
        qr: Option<QrCode>,
        /// The secret, to be typed.
        key: String,
    },
    /// It is asked for.
    On {
        /// Recovery codes left.
        left: u64,
    },
}

/// A QR code as one path of unit squares.
#[derive(Debug, Clone)]
pub struct QrCode {
    /// Modules a side, without the quiet zone.
    pub width: usize,
    /// The dark modules.
    pub path: String,
}

impl QrCode {
    /// With the quiet zone of four modules on each side.
    fn whole(&self) -> usize {
        self.width + 8
    }
}

/// A browser somebody is signed in with.
#[derive(Debug, Clone)]
pub struct Session {
    /// Which browser, in coarse words.
    pub browser: String,
    /// Since when.
    pub since: Moment,
    /// When it was last used, to the hour.
    pub used: Moment,
    /// Is it the one this page is shown in?
    pub this: bool,
    /// Ends it.
    pub end: PostButton,
}

/// Everybody.
#[derive(Debug, Clone, Template)]
#[template(path = "people/index.html")]
pub struct PeoplePage {
    /// Around the page.
    pub layout: Layout,
    /// What just happened.
    pub flash: Option<Flash>,
    /// A link that was just made, shown this once.
    pub link: Option<NewLink>,
    /// Why something was not done.
    pub error: Option<String>,
    /// The people.
    pub people: Vec<Person>,
    /// Name typed into the form for inviting.
    pub name: String,
    /// Does this server send mails?
    pub mails: bool,
    /// Address typed into that form.
    pub address: String,
    /// Roles to choose from.
    pub roles: Vec<Choice>,
    /// Sites to choose from.
    pub sites: Vec<Choice>,
}

/// A link by which somebody chooses a password.
#[derive(Debug, Clone)]
pub struct NewLink {
    /// For whom.
    pub name: String,
    /// The link.
    pub url: String,
    /// How long it works: `7 days`.
    pub lasts: String,
    /// Where a mail with it is on its way to.
    pub mailed_to: Option<String>,
}

/// One of them.
#[derive(Debug, Clone)]
pub struct Person {
    /// Key, for ids on the page.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Is it whoever looks at the page?
    pub you: bool,
    /// May they sign in?
    pub active: bool,
    /// What they may do where, in words.
    pub access: String,
    /// How the account stands, in words.
    pub standing: String,
    /// Roles to choose from.
    pub roles: Vec<Choice>,
    /// Sites to choose from.
    pub sites: Vec<Choice>,
    /// What else can be done.
    pub buttons: Vec<PostButton>,
}

/// What people did.
#[derive(Debug, Clone, Template)]
#[template(path = "people/audit.html")]
pub struct AuditPage {
    /// Around the page.
    pub layout: Layout,
    /// People to choose from.
    pub people: Vec<Choice>,
    /// Kinds to choose from.
    pub kinds: Vec<Choice>,
    /// Reasons of rejections to choose from.
    pub reasons: Vec<Choice>,
    /// Sites to choose from.
    pub sites: Vec<Choice>,
    /// The first day, or empty.
    pub from: String,
    /// The last day, or empty.
    pub until: String,
    /// The lines.
    pub rows: Vec<AuditRow>,
    /// Where the list goes on.
    pub older: Option<String>,
    /// The same lines as files.
    pub exports: Vec<Link>,
}

/// A line of it.
#[derive(Debug, Clone)]
pub struct AuditRow {
    /// When.
    pub at: Moment,
    /// Who.
    pub who: String,
    /// What was done.
    pub what: String,
    /// Whom or what it is about.
    pub about: String,
    /// The comment that was decided on.
    pub comment: Option<String>,
    /// What else is worth knowing.
    pub details: String,
}
