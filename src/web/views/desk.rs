//! The moderators' desk.

use askama::Template;
use askama::filters::HtmlSafe;

use super::figures::count;
use super::marked::{Mark, Piece, marked};
use super::parts::{Hidden, Layout, Link, Moment, PostButton, Shown};
use super::score::{Reasons, Score, figure};
use crate::comment::{Queue, RejectReason, State};

/// Signing in.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/sign_in.html")]
pub struct SignIn {
    /// Around the page.
    pub layout: Layout,
    /// Name typed before.
    pub name: String,
    /// Where to go afterwards (hidden field `next`).
    pub next: String,
    /// Why it did not work, and what to do.
    pub error: Option<String>,
}

/// The first administrator sets name and password, by a link that works once.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/setup.html")]
pub struct Setup {
    /// Around the page.
    pub layout: Layout,
    /// Where the form posts to, the one-time token included.
    pub action: String,
    /// Name typed before, or a suggestion.
    pub name: String,
    /// Shortest password taken, in characters.
    pub shortest_password: usize,
    /// Why it did not work, and what to do.
    pub error: Option<String>,
}

/// What just happened, with a way back.
#[derive(Debug, Clone)]
pub struct Flash {
    /// A short sentence without a full stop: `Marked as spam`.
    pub message: String,
    /// The way back, labelled `Undo`.
    pub undo: Option<PostButton>,
}

/// A queue.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/queue.html")]
pub struct QueuePage {
    /// Around the page.
    pub layout: Layout,
    /// The queue shown.
    pub queue: Queue,
    /// The queues to choose from.
    pub tabs: Vec<Tab>,
    /// The orders to choose from; the values are addresses.
    pub orders: Vec<Choice>,
    /// The sites to choose from, `all` included; with fewer than three entries no choice is shown.
    pub sites: Vec<Choice>,
    /// What the list can be narrowed by.
    pub filters: Filters,
    /// The lists that this person saved.
    pub own: OwnLists,
    /// What is searched for (`q`), or empty.
    pub search: String,
    /// What just happened.
    pub flash: Option<Flash>,
    /// The comments.
    pub cards: Vec<CommentCard>,
    /// What is behind the rows of campaigns, in words, and where each of it is listed.
    pub folded: Option<Link>,
    /// Where the list goes on.
    pub next: Option<String>,
    /// Deciding on many; `None` for those who may not.
    pub bulk: Option<BulkForm>,
    /// What an empty list says: `Nothing is waiting for you.`
    pub empty: String,
    /// The day's figures, where there is nothing to do.
    pub today: Option<String>,
}

/// Deciding on many comments of a list.
#[derive(Debug, Clone)]
pub struct BulkForm {
    /// The list.
    pub back: String,
    /// The same verdict on everything in the list.
    pub whole: Vec<Link>,
}

/// The verdicts as forms send them, and in words.
pub const VERDICTS: [(&str, &str); 4] =
    [("approve", "Approve"), ("spam", "Spam"), ("reject", "Reject"), ("hold", "Hold")];

/// One queue to choose.
#[derive(Debug, Clone)]
pub struct Tab {
    /// The queue.
    pub queue: Queue,
    /// How many comments it has.
    pub count: u64,
    /// Where it is.
    pub href: String,
    /// Is this the queue shown?
    pub current: bool,
}

/// One of several things to choose.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Value in the address; empty for none.
    pub value: String,
    /// Words.
    pub words: String,
    /// Is this the one chosen?
    pub selected: bool,
}

/// What a list can be narrowed by.
#[derive(Debug, Clone)]
pub struct Filters {
    /// The filters in force.
    pub chosen: Vec<Chosen>,
    /// What the form keeps: queue, order, article and author.
    pub kept: Vec<Hidden>,
    /// Signals to choose from.
    pub signals: Vec<Choice>,
    /// Reasons for rejecting to choose from; none where nothing is rejected.
    pub reasons: Vec<Choice>,
    /// Languages to choose from.
    pub languages: Vec<Choice>,
    /// The first day, or empty.
    pub from: String,
    /// The last day, or empty.
    pub until: String,
}

/// The lists that somebody saved.
#[derive(Debug, Clone)]
pub struct OwnLists {
    /// By name.
    pub lists: Vec<OwnList>,
    /// The query of the list that is shown, if it can be saved.
    pub save: Option<String>,
}

/// A list that somebody saved.
#[derive(Debug, Clone)]
pub struct OwnList {
    /// Name.
    pub name: String,
    /// Where it is.
    pub href: String,
    /// Is it the one shown?
    pub current: bool,
    /// Removes it.
    pub forget: PostButton,
}

/// A filter in force.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// In words: `in Ukrainian`.
    pub words: String,
    /// The list without it.
    pub without: String,
}

/// One comment and the decisions it asks for.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/card.html")]
pub struct CommentCard {
    /// Its id; the anchor is `c-ID`.
    pub id: String,
    /// What is sent where it is ticked; `None` where nothing can be ticked.
    pub pick: Option<String>,
    /// Its own page.
    pub href: String,
    /// Others that are variants of it, and where all of them are.
    pub alike: Option<Alike>,
    /// Where it stands.
    pub state: State,
    /// Why it is rejected, if it is and somebody said so.
    pub rejected_because: Option<&'static str>,
    /// Did a moderator change what it says?
    pub edited: bool,
    /// Has a person said whether it is spam? If not, they can say that it stands where it should.
    pub checked: bool,
    /// Waits in the audit sample: what was decided of it is not shown, so that it does not decide again.
    pub blind: bool,
    /// Its score when it came in. `None` for one that was never scored (imported).
    pub score: Option<Score>,
    /// The parts of the score.
    pub reasons: Reasons,
    /// Probability of abuse when it came in, where a model of it was in force.
    pub abuse: Option<f64>,
    /// Why it stands where it stands: `Held because 0.20 ≤ 0.71 < 0.95`.
    pub why: String,
    /// Version of the model that scored it.
    pub model: Option<String>,
    /// Who wrote it.
    pub author: DeskAuthor,
    /// The page it is on.
    pub article: Link,
    /// Everything under that page, on the desk.
    pub article_list: String,
    /// The comment it answers.
    pub in_reply_to: Option<Parent>,
    /// English name of its language, where that can be told.
    pub language: Option<String>,
    /// Reports by readers that nobody has answered yet.
    pub reports: u32,
    /// The newest of them.
    pub told: Vec<Told>,
    /// The whole account of its score, where there is one to see.
    pub account: Option<String>,
    /// Share of the text that the model had never seen, in percent.
    pub unseen: Option<u8>,
    /// When it came in.
    pub posted: Moment,
    /// The text as typed; shown as plain text, addresses and all.
    pub text: String,
    /// The buttons. `None` for a deleted comment.
    pub verdicts: Option<Verdicts>,
}

impl HtmlSafe for CommentCard {}

/// The campaign a comment belongs to.
#[derive(Debug, Clone)]
pub struct Alike {
    /// All of it, in words: `37 others are like it`.
    pub link: Link,
    /// In a row: `×38`.
    pub times: String,
    /// Do some of the others stand behind this row?
    pub folded: bool,
}

/// Who wrote a comment.
#[derive(Debug, Clone)]
pub struct DeskAuthor {
    /// Name given.
    pub name: String,
    /// Is it a moderator, writing in the site's name?
    pub moderator: bool,
    /// E-mail address given.
    pub email: Option<String>,
    /// Website given; shown, never loaded.
    pub website: Option<Website>,
    /// What is known of the author: `12 approved, 1 spam`.
    pub record: String,
    /// All that is known of the author, on the desk.
    pub panel: Option<String>,
    /// Where the author is banned; `None` for those who may not.
    pub ban: Option<String>,
}

/// What a reader reported of a comment.
#[derive(Debug, Clone)]
pub struct Told {
    /// What is wrong with it: `spam`.
    pub ground: String,
    /// In the reader's words, or empty.
    pub words: String,
    /// When.
    pub at: Moment,
}

/// The comment that another one answers.
#[derive(Debug, Clone)]
pub struct Parent {
    /// Its author.
    pub author: String,
    /// The beginning of its text.
    pub beginning: String,
}

/// An address as text.
#[derive(Debug, Clone)]
pub struct Website {
    /// The address as given.
    pub url: String,
    /// The host it really leads to.
    pub host: String,
}

/// The four buttons of a comment: one form that sends the hidden fields and `verdict` =
/// `approve | spam | reject | hold`.
#[derive(Debug, Clone)]
pub struct Verdicts {
    /// Where the form posts to.
    pub action: String,
    /// What it sends besides: comment, site, version, the way back.
    pub hidden: Vec<Hidden>,
}

/// One comment with its history.
#[derive(Debug, Clone, Template)]
#[template(path = "desk/comment.html")]
pub struct CommentPage {
    /// Around the page.
    pub layout: Layout,
    /// The list it was opened from.
    pub back: String,
    /// What just happened.
    pub flash: Option<Flash>,
    /// The comment.
    pub card: CommentCard,
    /// What was done with it, oldest first; empty where it is not to be seen yet.
    pub history: Vec<HistoryRow>,
    /// Takes back what people did last, if something is in force and may be taken back.
    pub take_back: Option<PostButton>,
    /// What it said before, newest first.
    pub revisions: Vec<Revision>,
}

/// What a comment said before somebody changed it.
#[derive(Debug, Clone)]
pub struct Revision {
    /// When it was changed.
    pub at: Moment,
    /// By whom.
    pub by: String,
    /// Whether this is what came in.
    pub submitted: bool,
    /// Name.
    pub author: String,
    /// Website, or empty.
    pub url: String,
    /// The text as typed.
    pub text: String,
    /// Makes it say this again.
    pub restore: Option<PostButton>,
}

/// One change of state.
#[derive(Debug, Clone)]
pub struct HistoryRow {
    /// When.
    pub at: Moment,
    /// Who or what: a name, or `Moderato`.
    pub who: String,
    /// State before; `None` when it came in.
    pub from: Option<State>,
    /// State after.
    pub to: State,
    /// Why, in words; may be empty.
    pub reasons: String,
    /// The score at that time.
    pub spam_probability: Option<f64>,
    /// Version of the model.
    pub model: Option<String>,
}

/// How much of a long text is shown before the rest folds away, in characters.
const SHOWN: usize = 1_200;

/// How much of a text a row may show, in characters.
const GLIMPSE: usize = 160;

impl CommentCard {
    /// The card to look at only.
    #[must_use]
    pub fn without_verdicts(self) -> Self {
        Self { verdicts: None, ..self }
    }

    fn marked<'a>(&self, text: &'a str) -> Vec<Piece<'a>> {
        marked(text, &self.reasons.parts)
    }

    /// Reports that are counted but not shown.
    fn untold(&self) -> Option<u32> {
        self.reports.checked_sub(u32::try_from(self.told.len()).unwrap_or(u32::MAX)).filter(|&more| more > 0)
    }

    /// The beginning of the text, on one line.
    fn glimpse(&self) -> String {
        let words = self.text.split_whitespace().flat_map(|word| [word, " "]);
        words.flat_map(str::chars).take(GLIMPSE).collect()
    }

    /// Where an answer is written, or what it says is changed; with the way back, which the buttons know as well.
    fn writing(&self, what: &str) -> String {
        let hidden = self.verdicts.iter().flat_map(|verdicts| &verdicts.hidden);
        let back = hidden.filter(|field| field.name == "back").map(|field| ("back", &field.value));
        let query: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(back).finish();
        format!("{}/{what}?{query}", self.href)
    }

    fn abuse_figure(&self) -> Option<String> {
        self.abuse.map(figure)
    }

    /// The text, and what folds away. Cut only where more than a few lines would.
    fn parts(&self) -> (&str, Option<&str>) {
        let end = self.text.char_indices().nth(SHOWN).map(|(at, _)| at);
        match end.filter(|_| self.text.chars().count() > SHOWN + SHOWN / 2) {
            Some(at) => (&self.text[..at], Some(&self.text[at..])),
            None => (&self.text, None),
        }
    }
}

impl QueuePage {
    /// The site and search choices are worth showing only where there is something to choose.
    fn choose_site(&self) -> bool {
        self.sites.len() > 2
    }

    fn chosen_site(&self) -> &str {
        self.sites.iter().find(|site| site.selected).map_or("", |site| site.value.as_str())
    }
}

impl Tab {
    fn number(&self) -> String {
        count(self.count)
    }
}

impl HistoryRow {
    fn score(&self) -> String {
        self.spam_probability.map_or_else(|| "–".to_owned(), |p| format!("{p:.2}"))
    }
}
