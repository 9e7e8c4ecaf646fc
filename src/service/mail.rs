//! Mails: made when they are due, written when they are sent, tried until the mail server takes them. A mail that is tried
//! again has the same Message-ID and the same links, and leaves out what has been decided meanwhile.

use std::fmt::Write;
use std::time::Duration as StdDuration;

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use time::Duration;
use time::macros::format_description;
use uuid::Uuid;

use super::accounts;
use super::action_links::decider;
use super::outbox::{LEASE, desk_url, next_try};
use super::password::hash_token;
use super::tokens::{action_token, address_token, invitation_token, unsubscribe_token};
use crate::app::App;
use crate::comment::{Verdict, defuse, defuse_line};
use crate::policy::{Reason, Source};
use crate::settings::{Settings, SmtpTls};
use crate::store::cards::DeskRow;
use crate::store::mails::{self, DueRow, NewLink, NewMail};
use crate::store::{StoreError, cards, moderators};

/// A mail that asks for an address to be confirmed.
pub(super) const ADDRESS: &str = "address";
/// A mail that invites somebody.
pub(super) const INVITATION: &str = "invitation";
/// A mail that tells of held comments.
pub(super) const HELD: &str = "held";
/// So many comments are quoted; the rest is a number.
const QUOTED: usize = 10;
/// So many characters of each.
const QUOTED_CHARS: usize = 1_500;
/// So long the links in a mail work.
const LINKS_WORK: Duration = Duration::days(3);
/// So many are sent at a time.
const AT_A_TIME: i64 = 8;
const TIMEOUT: StdDuration = StdDuration::from_secs(20);

type Transport = AsyncSmtpTransport<Tokio1Executor>;

/// The settings name no mail server that could be used.
#[derive(Debug, thiserror::Error)]
pub enum MailSettingsError {
    /// No server.
    #[error("smtp_host is not set")]
    NoServer,
    /// No sender.
    #[error("mail_from is not set, or is none: it looks like \"Moderato <moderato@example.org>\"")]
    Sender,
    /// TLS.
    #[error("the mail server's name cannot be used: {0}")]
    Server(#[from] lettre::transport::smtp::Error),
}

/// Whether the settings name a mail server.
pub fn is_configured(app: &App) -> bool {
    app.settings.smtp_host.is_some()
}

/// Whether this is an e-mail address.
pub(super) fn is_address(text: &str) -> bool {
    text.len() <= 254 && text.parse::<Address>().is_ok()
}

/// Asks the mail server whether it would take mails, name and password included.
pub async fn check(settings: &Settings) -> anyhow::Result<()> {
    let (transport, _) = server(settings)?;
    anyhow::ensure!(transport.test_connection().await?, "the mail server does not answer");
    Ok(())
}

fn server(settings: &Settings) -> Result<(Transport, Mailbox), MailSettingsError> {
    let host = settings.smtp_host.as_deref().ok_or(MailSettingsError::NoServer)?;
    let from = settings.mail_from.as_deref().and_then(|from| from.parse().ok());
    let mut builder = match settings.smtp_tls {
        SmtpTls::Tls => Transport::relay(host)?,
        SmtpTls::Starttls => Transport::starttls_relay(host)?,
        SmtpTls::None => Transport::builder_dangerous(host),
    };
    if let Some(port) = settings.smtp_port {
        builder = builder.port(port);
    }
    if let (Some(user), Some(password)) = (&settings.smtp_user, &settings.smtp_password) {
        builder = builder.credentials(Credentials::new(user.clone(), password.reveal().to_owned()));
    }
    Ok((builder.timeout(Some(TIMEOUT)).build(), from.ok_or(MailSettingsError::Sender)?))
}

/// Makes the mails that are due of what waits for each person: one each, however much waits.
pub(super) async fn make_due(app: &App) -> Result<(), StoreError> {
    let now = app.now();
    let rested = now - Duration::minutes(app.settings.mail_minutes.into());
    let mut tx = app.db.begin().await?;
    for one in mails::waiting(&mut tx, now, rested).await? {
        let id = app.new_id(now);
        let new = NewMail {
            id,
            moderator_id: one.moderator_id,
            kind: HELD,
            address: &one.address,
            created_at: now,
        };
        mails::insert(&mut tx, new).await?;
        mails::fill(&mut tx, id, one.moderator_id, now).await?;
    }
    tx.commit().await
}

/// Sends what is due; whether there may be more.
pub(super) async fn send_due(app: &App) -> Result<bool, StoreError> {
    let now = app.now();
    let due = mails::claim(&mut *app.db.conn().await?, now, now + LEASE, AT_A_TIME).await?;
    for done in futures_util::future::join_all(due.iter().map(|one| send(app, one))).await {
        done?;
    }
    Ok(!due.is_empty())
}

async fn send(app: &App, due: &DueRow) -> Result<(), StoreError> {
    let Some(text) = write(app, due).await? else {
        // All of it was decided, or nobody is there to read it.
        return mails::end(&mut *app.db.conn().await?, due.id, "moot", None, None, app.now()).await;
    };
    let sent = match hand_over(app, due, text).await {
        Ok(()) => Ok(()),
        Err(error) => Err(format!("{error:#}")),
    };
    let now = app.now();
    let next_try_at = sent.as_ref().err().and_then(|_| next_try(due.attempts, now));
    let state = match (&sent, next_try_at) {
        (Ok(()), _) => "sent",
        (Err(_), Some(_)) => "waiting",
        (Err(_), None) => "failed",
    };
    metrics::counter!("moderato_mails_total", "result" => state).increment(1);
    if let Err(error) = &sent {
        tracing::warn!(mail.id = %due.id, error, "a mail could not be handed over");
    }
    let error = sent.err();
    mails::end(&mut *app.db.conn().await?, due.id, state, error.as_deref(), next_try_at, now).await
}

/// A mail's words.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Text {
    subject: String,
    body: String,
    /// Where notices are ended.
    unsubscribe: Option<String>,
}

async fn hand_over(app: &App, due: &DueRow, text: Text) -> anyhow::Result<()> {
    let (transport, from) = server(&app.settings)?;
    let id = format!("<{}@{}>", due.id, from.email.domain());
    let mut message = Message::builder()
        .from(from)
        .to(Mailbox::new(None, due.address.parse()?))
        .subject(text.subject)
        .date(due.created_at.into())
        .message_id(Some(id))
        .raw_header(raw("Auto-Submitted", "auto-generated".to_owned())?)
        .header(ContentType::TEXT_PLAIN);
    if let Some(address) = text.unsubscribe {
        // RFC 8058 wants the address of a one-click request to be encrypted.
        if address.starts_with("https://") {
            message =
                message.raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned())?);
        }
        message = message.raw_header(raw("List-Unsubscribe", format!("<{address}>"))?);
    }
    transport.send(message.body(text.body)?).await?;
    Ok(())
}

/// A header of our own words, all ASCII.
fn raw(name: &str, value: String) -> anyhow::Result<HeaderValue> {
    let name = HeaderName::new_from_ascii(name.to_owned())?;
    Ok(HeaderValue::dangerous_new_pre_encoded(name, value.clone(), value))
}

async fn write(app: &App, due: &DueRow) -> Result<Option<Text>, StoreError> {
    match due.kind.as_str() {
        HELD => return write_held(app, due).await,
        INVITATION => return write_invitation(app, due).await,
        _ => {}
    }
    let person = moderators::by_id(&mut *app.db.conn().await?, due.moderator_id).await?;
    let Some(person) = person.filter(|person| person.disabled_at.is_none()) else { return Ok(None) };
    let link = address_token(&app.keys, due.moderator_id, &due.address, due.created_at);
    let body = format!(
        "Hello {},\n\nis this where you want to be told of comments that wait for a moderator? Then open this page within a day, \
         and say so there:\n\n{}/mail/address/{link}\n\nIf you do not know what this is about, do nothing: nothing more will be \
         sent here.\n",
        defuse_line(&person.name, 60),
        app.settings.public_url()
    );
    Ok(Some(Text { subject: "Confirm your e-mail address".to_owned(), body, unsubscribe: None }))
}

/// The link by which somebody chooses their first password, while it works.
async fn write_invitation(app: &App, due: &DueRow) -> Result<Option<Text>, StoreError> {
    let token = invitation_token(&app.keys, due.id);
    let Some(person) = accounts::link_owner(app, &token).await? else { return Ok(None) };
    let url = app.settings.public_url();
    let body = format!(
        "Hello {},\n\nyou are invited to look after the comments at {url}. Choose a password on this page; it works once, for a \
         week:\n\n{url}{}\n\nWhoever has the link can choose the password: do not pass this mail on. If you do not know what this \
         is about, do nothing.\n",
        defuse_line(&person.name, 60),
        accounts::link_path(&token)
    );
    Ok(Some(Text { subject: "You are invited to moderate comments".to_owned(), body, unsubscribe: None }))
}

/// What waits, quoted, with links to decide by.
async fn write_held(app: &App, due: &DueRow) -> Result<Option<Text>, StoreError> {
    let mut conn = app.db.conn().await?;
    let Some(person) = moderators::by_id(&mut conn, due.moderator_id).await? else { return Ok(None) };
    let still_there = mails::settings(&mut conn, due.moderator_id).await?.is_some_and(|settings| {
        settings.cadence != "none" && settings.address.as_deref() == Some(&due.address)
    });
    if person.disabled_at.is_some() || !still_there {
        return Ok(None);
    }
    let decider = decider(&mut conn, due.moderator_id).await?;
    let mut held = mails::held(&mut conn, due.id).await?;
    // What was theirs when it came in may not be so any more.
    held.retain(|(site, _)| {
        person.role == "admin" || person.site_ids.is_empty() || person.site_ids.contains(site)
    });
    let quoted = cards::of(&mut conn, &held[..held.len().min(QUOTED)]).await?;
    if quoted.is_empty() {
        return Ok(None);
    }
    let url = app.settings.public_url();
    let subject = match held.len() {
        1 => "1 comment waits for a moderator".to_owned(),
        many => format!("{many} comments wait for a moderator"),
    };
    let mut body = format!("{subject}:\n");
    for (site, count) in by_site(&held) {
        let title = app.sites.by_id(site).map(|site| defuse_line(&site.title, 80)).unwrap_or_default();
        line(&mut body, &format!("  {title}: {count}"));
    }
    line(&mut body, "\nThe words of comments are quoted, their links are not: hosts are spelled out.");
    for comment in &quoted {
        quote(app, &mut body, comment);
        let Some(decider) = &decider else { continue };
        line(&mut body, "");
        for verdict in [Verdict::Approve, Verdict::Spam, Verdict::Reject] {
            let token = action_token(&app.keys, due.id, comment.id, verdict.as_str());
            let link = NewLink {
                token_hash: hash_token(&token),
                mail_id: due.id,
                moderator_id: decider.id,
                site_id: comment.site_id,
                comment_id: comment.id,
                verdict: verdict.as_str(),
                version: comment.version,
                expires_at: app.now() + LINKS_WORK,
            };
            mails::insert_link(&mut conn, link).await?;
            line(&mut body, &format!("{:<8} {url}/mail/decide/{token}", word(verdict)));
        }
    }
    if held.len() > quoted.len() {
        line(&mut body, &format!("\n– – –\n\nAnd {} more.", held.len() - quoted.len()));
    }
    let unsubscribe =
        format!("{url}/mail/unsubscribe/{}", unsubscribe_token(&app.keys, due.moderator_id, &due.address));
    line(
        &mut body,
        &format!(
            "\n– – –\n\nThe queue: {url}/admin/\n\nLinks ask before they do anything, and work once, for three days, for you alone: \
             do not pass this mail on.\nHow often you are told: {url}/admin/account\nNo more of these: {unsubscribe}"
        ),
    );
    Ok(Some(Text { subject, body, unsubscribe: Some(unsubscribe) }))
}

fn quote(app: &App, body: &mut String, comment: &DeskRow) {
    let at = format_description!("[day padding:none] [month repr:long], [hour]:[minute] UTC");
    let site = app.sites.by_id(comment.site_id);
    let title = site.as_ref().map(|site| defuse_line(&site.title, 80)).unwrap_or_default();
    line(body, "\n– – –\n");
    line(
        body,
        &format!(
            "{} at {title}, {}\non {}\n",
            defuse_line(&comment.author, 60),
            comment.created_at.format(at).unwrap_or_default(),
            comment.article_url
        ),
    );
    let mut text = defuse(comment.body.trim());
    if let Some((end, _)) = text.char_indices().nth(QUOTED_CHARS) {
        text.truncate(end);
        text.push('…');
    }
    for quoted in text.lines() {
        line(body, &format!("> {quoted}"));
    }
    line(body, &format!("\nWhy it waits: {}", why(comment)));
    if let Some(site) = site {
        line(body, &format!("On the desk: {}", desk_url(app, &site, comment.id)));
    }
}

/// The score, and what weighed most for spam.
fn why(comment: &DeskRow) -> String {
    let reasons: Vec<Reason> = serde_json::from_value(comment.reasons.clone()).unwrap_or_default();
    if let Some(abuse) = reasons.iter().find(|reason| reason.source == Source::Abuse) {
        return format!("held for {}", defuse_line(&abuse.what, 80));
    }
    let mut told = format!("{:.0} % likely to be spam", 100.0 * comment.spam_probability);
    let mut weighty: Vec<&Reason> =
        reasons.iter().filter(|reason| reason.source != Source::Rest && reason.log_odds > 0.1).collect();
    weighty.sort_by(|one, other| other.log_odds.total_cmp(&one.log_odds));
    for (number, reason) in weighty.iter().take(4).enumerate() {
        let _ = write!(told, "{}{}", if number == 0 { ": " } else { "; " }, defuse_line(&reason.what, 80));
    }
    told
}

fn by_site(held: &[(i64, Uuid)]) -> Vec<(i64, usize)> {
    let mut counts: Vec<(i64, usize)> = Vec::new();
    for (site, _) in held {
        match counts.iter_mut().find(|(known, _)| known == site) {
            Some((_, count)) => *count += 1,
            None => counts.push((*site, 1)),
        }
    }
    counts
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approve => "Approve",
        Verdict::Spam => "Spam",
        Verdict::Reject => "Reject",
        Verdict::Hold => "Hold",
    }
}

fn line(body: &mut String, text: &str) {
    body.push_str(text);
    body.push('\n');
}
