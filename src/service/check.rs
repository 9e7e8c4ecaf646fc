//! Comments of other programs: judged without a word from Postgres, stored right behind the answer, and corrected by what the
//! program's people report.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use data_encoding::HEXLOWER;
use url::Url;
use uuid::Uuid;

use super::callbacks;
use super::intake::{self, Entry, Full};
use super::judge::{Judged, Known, hash_of, judge};
use super::keys::{self, Key};
use super::moderate::{self, ModerateError};
use super::senders;
use super::sites::Site;
use super::usage::{self, Usage};
use crate::app::App;
use crate::classifier::{Document, Label};
use crate::comment::{ArticleUrl, Likeness, State, Verdict, fingerprint, to_html};
use crate::policy::{Circumstances, FormTiming, Judgement, Reason, Signal, Source};
use crate::store::comments::CheckedRow;
use crate::store::retention::Recalled;
use crate::store::{Conn, StoreError, comments, retention};

/// Who asks.
#[derive(Debug, Clone)]
pub struct Caller {
    /// By which key.
    pub key: Arc<Key>,
    /// For which site.
    pub site: Arc<Site>,
}

/// A comment that a program asks about. Anything but the blog may be empty, and nothing need be well-formed.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "yes-or-no fields of a form")]
pub struct Check {
    /// Address of the program's front page.
    pub blog: String,
    /// Address of the commented page.
    pub page: String,
    /// The commenter's address.
    pub address: Option<IpAddr>,
    /// Name.
    pub author: String,
    /// E-mail address.
    pub email: String,
    /// Website.
    pub url: String,
    /// Text, as HTML or not.
    pub content: String,
    /// A field that people do not see was filled in.
    pub trap_filled: bool,
    /// The program says that one of its administrators wrote this.
    pub administrator: bool,
    /// Spam by agreement, for trying out.
    pub guaranteed_spam: bool,
    /// Is judged, and leaves no trace.
    pub test: bool,
    /// Was asked about before, so it counts no more.
    pub again: bool,
    /// Where the program wants to be told what becomes of it.
    pub callback: Option<String>,
}

/// What a program is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Stands for the comment: the same for the same comment of the same site.
    pub guid: String,
    /// What it is.
    pub said: Said,
    /// Where it stands here.
    pub state: State,
    /// Whether it looks abusive.
    pub abusive: bool,
}

/// What a comment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Genuine, as far as can be told without a person.
    Ham,
    /// Spam.
    Spam {
        /// So plainly that nobody need look at it.
        discard: bool,
    },
    /// Cannot be said just now: genuine for the moment, and the program should ask again after so many seconds, or is told before.
    Later(u32),
}

/// When too much waits to be stored, programs are asked to come again after this.
const BUSY_SECONDS: u32 = 120;
/// Where a person is to look first, and the program can be told what that person says. After twice this time WordPress's plugin
/// publishes by itself, so it leaves the desk two days.
const HELD_SECONDS: u32 = 24 * 60 * 60;
/// The longest text that is kept, in bytes; of a longer one the beginning.
const LONGEST: usize = 65_525;
/// The longest name, e-mail address or website that is kept, in bytes.
const LONGEST_WORD: usize = 2_000;
/// Discarding needs this probability …
const DISCARD_FROM: f64 = 0.999;
/// … and so many comments of either kind that the site's own people have decided on.
const DISCARD_LABELS: u64 = 50;

/// A comment that a program sent, cleaned, with what it is found again by.
#[derive(Debug, Clone)]
pub struct Comment {
    /// The page it is about.
    pub article: ArticleUrl,
    /// Name.
    pub author: String,
    /// E-mail address, or empty.
    pub email: String,
    /// Website, or empty.
    pub url: String,
    /// Text.
    pub content: String,
    /// Keyed hash of the e-mail address.
    pub author_key: Option<[u8; 16]>,
    /// See [`fingerprint`].
    pub fingerprint: [u8; 16],
    /// What makes it the same comment when it is sent again.
    pub submission_key: [u8; 16],
}

impl Comment {
    fn of(app: &App, site: &Site, check: &Check) -> Self {
        // A page that has no address is the blog's front page, and a blog that has none is the site's home.
        let home = site.origins.first().map(ToString::to_string).unwrap_or_default();
        let article =
            [&check.page, &check.blog, &home].into_iter().find_map(|page| ArticleUrl::parse(page).ok());
        let article = article.unwrap_or_else(ArticleUrl::nowhere);
        let author = one_line(&check.author);
        let email = one_line(&check.email);
        let url = one_line(&check.url);
        let content =
            beginning(&check.content.replace("\r\n", "\n").replace('\0', ""), LONGEST).trim().to_owned();
        let submission_key =
            hash_of(&["check", &host(&check.blog), article.key(), &author, &email, &url, &content]);
        Self {
            author_key: senders::author_key(&app.keys, Some(site.id), &email),
            fingerprint: fingerprint(&content),
            submission_key,
            article,
            author,
            email,
            url,
            content,
        }
    }

    /// See [`Answer::guid`].
    fn guid(&self) -> String {
        HEXLOWER.encode(&self.submission_key)
    }

    /// Fills in again what was forgotten of it.
    pub(super) async fn recall(&self, conn: &mut Conn, site_id: i64, id: Uuid) -> Result<(), StoreError> {
        let said = Recalled {
            author: &self.author,
            email: &self.email,
            url: &self.url,
            body: &self.content,
            html: &to_html(&self.content),
            author_key: self.author_key.as_ref().map(|key| &key[..]),
            traits: &Likeness::of(&self.content, &self.url).traits(),
        };
        retention::recall(conn, site_id, id, said).await
    }

    /// What a classifier reads of it.
    pub fn document(&self) -> Document<'_> {
        Document { content: &self.content, author: &self.author, email: &self.email, url: &self.url }
    }
}

/// Judges a comment, and leaves it to be stored. When that cannot keep up the answer is provisional and the comment is not
/// taken.
pub fn check(app: &App, caller: &Caller, check: Check) -> Answer {
    let comment = Comment::of(app, &caller.site, &check);
    if check.guaranteed_spam {
        let said = if logs_only(caller) { Said::Ham } else { Said::Spam { discard: false } };
        let state = if said == Said::Ham { State::Approved } else { State::Spam };
        return Answer { guid: comment.guid(), said, state, abusive: false };
    }
    let judged = judged(app, caller, &check, &comment);
    take(app, caller, check, comment, judged)
}

/// An answer with what led to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Explained {
    /// The answer.
    pub answer: Answer,
    /// The score and its parts, which add up to it.
    pub judgement: Judgement,
    /// The model that judged.
    pub model_id: i64,
}

/// The same as [`check`], with the account of it. Nothing is spam by agreement here.
pub fn check_explained(app: &App, caller: &Caller, check: Check) -> Explained {
    let comment = Comment::of(app, &caller.site, &check);
    let judged = judged(app, caller, &check, &comment);
    let (judgement, model_id) = (judged.judgement.clone(), judged.model_id);
    Explained { answer: take(app, caller, check, comment, judged), judgement, model_id }
}

/// Says what a comment is, and leaves it to be stored.
fn take(app: &App, caller: &Caller, check: Check, comment: Comment, judged: Judged) -> Answer {
    let Caller { key, site } = caller;
    let guid = comment.guid();
    // Where nothing is decided, there is nothing to tell later.
    let reachable = !check.test && !logs_only(caller) && keys::reveal(app, key.id).is_some();
    let callback = check.callback.filter(|_| reachable);
    let callback = callback.and_then(|address| callbacks::allowed(app, site, &address));
    let said = match judged.state {
        State::Spam => Said::Spam { discard: is_blatant(app, site, &judged) },
        // The site's own people have banned it.
        State::Rejected => Said::Spam { discard: false },
        State::Held if callback.is_some() => Said::Later(HELD_SECONDS),
        State::Approved | State::Held | State::Deleted => Said::Ham,
    };
    let (state, abusive) = (judged.state, judged.fired.contains(&Signal::Abuse));
    if check.test {
        return Answer { guid, said, state, abusive };
    }
    let spam = matches!(said, Said::Spam { .. });
    let entry = Entry {
        key_id: key.id,
        blog: host(&check.blog),
        counted: if check.again { Usage::default() } else { Usage::checked(spam) },
        at: app.now(),
        id: app.new_id(app.now()),
        site: Arc::clone(site),
        comment,
        judged,
        said: Some(said),
        callback,
    };
    match app.intake.take(entry) {
        Ok(()) => Answer { guid, said, state, abusive },
        Err(Full) => Answer { guid, said: Said::Later(BUSY_SECONDS), state, abusive },
    }
}

/// Whether what this program asks about is judged and not decided.
fn logs_only(caller: &Caller) -> bool {
    caller.site.log_only || caller.key.log_only
}

fn judged(app: &App, caller: &Caller, check: &Check, comment: &Comment) -> Judged {
    let site = &caller.site;
    let recent = app.recent.of(site.id);
    let author = comment.author_key.as_ref().map(|key| &key[..]);
    let network = check.address.and_then(|address| senders::network_key(&app.keys, address));
    let known = Known {
        circumstances: Circumstances {
            trap_filled: check.trap_filled,
            timing: FormTiming::Unknown,
            author: recent.author(author),
            same_text_spam: recent.spam_texts(&comment.fingerprint),
        },
        queue: recent.queue(),
        network,
        familiar: recent.is_familiar(author, network.as_ref().map(|key| &key[..])),
    };
    let mut judged = judge(app, site, &comment.document(), &known, app.now());
    if check.administrator {
        // As trustworthy as whoever has the key.
        judged.state = State::Approved;
        judged.ruled = true;
        judged.judgement.reasons.insert(
            0,
            Reason {
                source: Source::Rule,
                what: "the site says that one of its administrators wrote it".to_owned(),
                log_odds: 0.0,
            },
        );
    }
    if logs_only(caller) {
        judged.only_log();
    }
    judged
}

/// Whether nobody need look at a spam: far beyond the line, with evidence besides the learned score, at a site whose own
/// people have taught the model.
fn is_blatant(app: &App, site: &Site, judged: &Judged) -> bool {
    let live = app.live.current();
    let model = live.model(site.id);
    let beyond = judged.fired.iter().any(|signal| matches!(signal, Signal::Trap | Signal::Repeated));
    judged.judgement.spam_probability >= DISCARD_FROM
        && beyond
        && model.rows(Label::Spam) >= DISCARD_LABELS
        && model.rows(Label::Ham) >= DISCARD_LABELS
}

/// A checked comment is looked for so often …
const LOOKS: u32 = 5;
/// … after so long each.
const LOOK: Duration = Duration::from_millis(100);

/// What came of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reported {
    /// The comment it was about.
    pub comment: Uuid,
    /// Whether it said anything that was not known.
    pub changed: bool,
}

/// Takes note of what a program's people say a comment was. The last report holds; a repeated one changes nothing. One about a
/// comment that nobody had asked about makes it known first. `None` where it is about nothing: a test.
pub async fn report(
    app: &App,
    caller: &Caller,
    check: Check,
    spam: bool,
) -> Result<Option<Reported>, StoreError> {
    if check.test || check.guaranteed_spam {
        return Ok(None);
    }
    let Caller { key, site } = caller;
    let comment = Comment::of(app, site, &check);
    // What was asked about a moment ago may still be on its way.
    intake::flush(app).await?;
    let (submission_key, fingerprint) = (comment.submission_key, comment.fingerprint);
    let find = async || {
        let mut conn = app.db.conn().await?;
        comments::find_checked(&mut conn, site.id, &submission_key, &fingerprint, &comment.author).await
    };
    let mut found = find().await?;
    if found.is_none() {
        let judged = judged(app, caller, &check, &comment);
        let entry = Entry {
            key_id: key.id,
            blog: host(&check.blog),
            counted: Usage::default(),
            at: app.now(),
            id: app.new_id(app.now()),
            site: Arc::clone(site),
            comment: comment.clone(),
            judged,
            said: None,
            callback: None,
        };
        intake::store_now(app, entry).await?;
        found = find().await?;
    }
    let Some(found) = found else { return Ok(None) };
    // A late report says again what the comment said, so it can teach.
    comment.recall(&mut *app.db.conn().await?, site.id, found.id).await?;
    correct(app, caller, &host(&check.blog), &found, spam).await.map(Some)
}

/// The same about what was asked about before, by the answer's [`Answer::guid`]. `None` where this site was never asked
/// about it.
pub async fn report_asked(
    app: &App,
    caller: &Caller,
    guid: &str,
    spam: bool,
) -> Result<Option<Reported>, NotYet> {
    let Ok(submission_key) = HEXLOWER.decode(guid.as_bytes()) else { return Ok(None) };
    // What was asked about a moment ago may still be on its way, here or in another process.
    let taken = app.intake.taken();
    intake::settle(app, taken).await?;
    let mut looks = LOOKS;
    loop {
        let mut conn = app.db.conn().await?;
        let found = comments::find_checked(&mut conn, caller.site.id, &submission_key, &[], "").await?;
        drop(conn);
        looks -= 1;
        match found {
            Some(found) => return Ok(Some(correct(app, caller, "", &found, spam).await?)),
            None if looks > 0 => tokio::time::sleep(LOOK).await,
            None if app.intake.is_behind(taken) => return Err(NotYet::Behind),
            None => return Ok(None),
        }
    }
}

/// A report cannot be taken just now.
#[derive(Debug, thiserror::Error)]
pub enum NotYet {
    /// The comment may be among those that are not stored yet.
    #[error("what was checked is not stored yet")]
    Behind,
    /// Postgres.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Decides on a comment by what was reported of it, and counts where the answer was wrong.
async fn correct(
    app: &App,
    caller: &Caller,
    blog: &str,
    found: &CheckedRow,
    spam: bool,
) -> Result<Reported, StoreError> {
    let Caller { key, site } = caller;
    let verdict = if spam { Verdict::Spam } else { Verdict::Approve };
    let changed = match moderate::report(app, key, site, found.id, verdict).await {
        Ok(changed) => changed,
        Err(ModerateError::Store(error)) => return Err(error),
        // Removed for good: what it was is of no use any more.
        Err(_) => false,
    };
    // Where nothing was decided, nothing was wrong.
    if let Some(entered) = found.entered.filter(|_| changed) {
        let said_spam = entered == State::Spam;
        let was_wrong = |label: Option<bool>| label.is_some_and(|spam| spam != said_spam);
        let change = i64::from(was_wrong(Some(spam)))
            - i64::from(was_wrong(found.label.as_deref().map(|label| label == "spam")));
        let (missed, blocked) = if said_spam { (0, change) } else { (change, 0) };
        let counted = Usage::corrected(missed, blocked);
        usage::add(&mut *app.db.conn().await?, key.id, blog, counted, app.now()).await?;
    }
    Ok(Reported { comment: found.id, changed })
}

/// The host of an address, as figures name it.
fn host(blog: &str) -> String {
    let host = Url::parse(blog.trim()).ok().and_then(|url| url.host_str().map(str::to_owned));
    beginning(&host.unwrap_or_else(|| one_line(blog)), 255).to_owned()
}

fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    beginning(&spaced.split_whitespace().collect::<Vec<_>>().join(" "), LONGEST_WORD).to_owned()
}

/// At most so many bytes of a text, whole characters.
fn beginning(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}
