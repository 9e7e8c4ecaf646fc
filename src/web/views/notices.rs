//! Mails and webhooks: the pages their links lead to, and where they are managed.

use askama::Template;

use super::desk::{Choice, Flash};
use super::parts::{Layout, Link, Moment, PostButton};

/// Where a link in a mail leads.
#[derive(Debug, Clone, Template)]
#[template(path = "notices/link.html")]
pub struct LinkPage {
    /// Around the page.
    pub layout: Layout,
    /// What is asked, or what was done.
    pub heading: String,
    /// What there is to know, a paragraph each.
    pub told: Vec<String>,
    /// Whether something was done.
    pub done: bool,
    /// The comment it is about.
    pub quoted: Option<Quoted>,
    /// Does it.
    pub button: Option<PostButton>,
    /// Ways on.
    pub links: Vec<Link>,
}

/// A comment, quoted as plain text.
#[derive(Debug, Clone)]
pub struct Quoted {
    /// Name given.
    pub author: String,
    /// The site's title.
    pub site: String,
    /// The article's address.
    pub article: String,
    /// When it came in.
    pub posted: Moment,
    /// The text as typed.
    pub text: String,
}

/// One's own notices, a part of the account's page.
#[derive(Debug, Clone)]
pub struct NoticesPanel {
    /// Whether this server sends mails.
    pub configured: bool,
    /// Where to.
    pub address: String,
    /// Whether it is confirmed.
    pub confirmed: bool,
    /// How often, to choose from.
    pub cadences: Vec<Choice>,
    /// Sites to choose from.
    pub sites: Vec<Choice>,
    /// Why the newest mail does not arrive.
    pub trouble: Option<String>,
    /// Why something was not done.
    pub error: Option<String>,
}

/// Every webhook, and the mails in trouble.
#[derive(Debug, Clone, Template)]
#[template(path = "notices/webhooks.html")]
pub struct WebhooksPage {
    /// Around the page.
    pub layout: Layout,
    /// What just happened.
    pub flash: Option<Flash>,
    /// A secret that was just made, shown this once.
    pub secret: Option<String>,
    /// Why something was not done.
    pub error: Option<String>,
    /// The webhooks.
    pub webhooks: Vec<WebhookCard>,
    /// The form for another one.
    pub form: WebhookForm,
    /// Sites to choose from.
    pub sites: Vec<Choice>,
    /// Verdicts that programs do not take.
    pub verdicts: Vec<VerdictTrouble>,
    /// Tries all of them again.
    pub retry_verdicts: PostButton,
    /// Mails that do not arrive.
    pub mails: Vec<MailTrouble>,
    /// Whether this server sends mails.
    pub configured: bool,
}

/// What makes a webhook.
#[derive(Debug, Clone)]
pub struct WebhookForm {
    /// Address typed.
    pub url: String,
    /// Events to choose from.
    pub events: Vec<Choice>,
    /// Whether a chat reads it; `None` where that cannot be changed.
    pub chat: Option<bool>,
}

/// One of them.
#[derive(Debug, Clone)]
pub struct WebhookCard {
    /// Its own page.
    pub href: String,
    /// The host it posts to.
    pub host: String,
    /// The site's title.
    pub site: String,
    /// Of what, and how it stands, in words.
    pub standing: String,
}

/// A verdict that a program did not take, or not yet.
#[derive(Debug, Clone)]
pub struct VerdictTrouble {
    /// The program: the name of its key.
    pub program: String,
    /// The site's title.
    pub site: String,
    /// The comment, by its author's name.
    pub comment: Link,
    /// Whether people said that it is spam.
    pub spam: bool,
    /// How it stands.
    pub standing: String,
    /// What went wrong.
    pub error: String,
    /// Tries it again.
    pub retry: PostButton,
}

/// A mail that does not arrive, or not yet.
#[derive(Debug, Clone)]
pub struct MailTrouble {
    /// To whom.
    pub name: String,
    /// When it was made.
    pub at: Moment,
    /// How it stands.
    pub standing: String,
    /// What went wrong.
    pub error: String,
    /// Tries it again.
    pub retry: PostButton,
}

/// One webhook and its deliveries.
#[derive(Debug, Clone, Template)]
#[template(path = "notices/webhook.html")]
pub struct WebhookPage {
    /// Around the page.
    pub layout: Layout,
    /// What just happened.
    pub flash: Option<Flash>,
    /// Why something was not done.
    pub error: Option<String>,
    /// The site's title.
    pub site: String,
    /// The host it posts to.
    pub host: String,
    /// Whether a chat reads it, in words.
    pub format: String,
    /// Since when it sends nothing.
    pub paused: Option<Moment>,
    /// Where the form for changing it posts to.
    pub action: String,
    /// What can be changed.
    pub form: WebhookForm,
    /// What else can be done.
    pub buttons: Vec<PostButton>,
    /// The newest deliveries.
    pub deliveries: Vec<Delivery>,
}

/// A delivery.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Its id, as the receiver knows it.
    pub id: String,
    /// The event.
    pub event: String,
    /// When it came about.
    pub at: Moment,
    /// How it stands, in words.
    pub standing: String,
    /// Tries so far.
    pub tries: i32,
    /// What the receiver answered, or what went wrong.
    pub answer: String,
    /// When it is tried next.
    pub next: Option<String>,
    /// Sends it once more.
    pub replay: PostButton,
}
