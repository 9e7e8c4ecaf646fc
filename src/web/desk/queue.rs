//! `GET /admin/`: a queue, narrowed by filters. The address of the page says all of it.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use data_encoding::HEXLOWER;
use serde::Deserialize;
use time::macros::format_description;
use time::{Date, Duration, OffsetDateTime};
use uuid::Uuid;

use super::bulk::pick;
use super::comment::{Sees, card};
use super::flash;
use super::lists;
use super::session::SignedIn;
use crate::app::App;
use crate::comment::{Order, Queue, RejectReason, language_name};
use crate::policy::Signal;
use crate::service::accounts::Moderator;
use crate::service::campaign::COUNTED;
use crate::service::desk::{self, Listing};
use crate::service::figures::{self, Today};
use crate::service::rules::network_name;
use crate::store::queues::Place;
use crate::web::error::{WebError, html};
use crate::web::markup::{desk_layout, readable};
use crate::web::router::Shared;
use crate::web::views::{self, Choice, Chosen, Filters, Said, Shown, Tab, plural};

pub(super) async fn to_desk() -> Redirect {
    Redirect::permanent("/admin/")
}

/// Which comments, as the address has it; what is empty is not asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Which {
    /// Name of a queue; nothing is the queue of held comments.
    state: String,
    /// One of the queue's orders; nothing is its own.
    order: String,
    /// Name of a site; nothing is all.
    site: String,
    /// An article's id.
    article: String,
    /// Keyed hash of an author's e-mail address, in hexadecimal.
    author: String,
    /// ISO 639-3.
    language: String,
    /// Name of a signal.
    signal: String,
    /// Number of a rule.
    rule: String,
    /// Name of a reason for rejecting.
    because: String,
    /// Keyed hash of a network, in hexadecimal.
    network: String,
    /// The first day, `2026-03-01` (UTC).
    from: String,
    /// The last day.
    until: String,
    /// Words.
    q: String,
    /// `yes` lists every variant of a campaign on its own.
    each: String,
    /// Where the page begins: `KEY~ID`.
    after: String,
}

impl Which {
    fn parts(&self) -> [(&'static str, &String); 15] {
        [
            ("state", &self.state),
            ("order", &self.order),
            ("site", &self.site),
            ("article", &self.article),
            ("author", &self.author),
            ("language", &self.language),
            ("signal", &self.signal),
            ("rule", &self.rule),
            ("because", &self.because),
            ("network", &self.network),
            ("from", &self.from),
            ("until", &self.until),
            ("q", &self.q),
            ("each", &self.each),
            ("after", &self.after),
        ]
    }

    /// The address of this list, without what is empty.
    pub(super) fn href(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in self.parts() {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        match query.finish() {
            query if query.is_empty() => "/admin/".to_owned(),
            query => format!("/admin/?{query}"),
        }
    }

    /// The query of this list's address, from its beginning.
    pub(super) fn list(&self) -> String {
        let list = Self { after: String::new(), ..self.clone() }.href();
        list.split_once('?').map(|(_, query)| query.to_owned()).unwrap_or_default()
    }

    /// Whether it is more than one of the queues at one of the sites.
    pub(super) fn is_narrowed(&self) -> bool {
        let plain = ["state", "site", "after"];
        self.parts().into_iter().any(|(name, value)| !value.is_empty() && !plain.contains(&name))
    }

    /// What the form for many sends, and where everything in this list is decided on.
    fn bulk(&self) -> views::BulkForm {
        let query = self.list();
        views::BulkForm {
            back: self.href(),
            whole: views::VERDICTS
                .map(|(verdict, words)| views::Link {
                    text: words.to_owned(),
                    href: format!("/admin/bulk?verdict={verdict}&{query}"),
                })
                .to_vec(),
        }
    }

    /// The same filters on another queue, from its beginning and in its own order.
    fn in_queue(&self, queue: Queue) -> Self {
        let because = if queue == Queue::Rejected { self.because.clone() } else { String::new() };
        Self { state: name(queue), order: String::new(), because, after: String::new(), ..self.clone() }
    }

    /// Everything an author wrote.
    pub(super) fn by_author(site: &str, key: &[u8]) -> Self {
        let (state, site, author) = (name(Queue::All), site.to_owned(), HEXLOWER.encode(key));
        Self { state, site, author, ..Self::default() }
    }

    /// Everything that a rule matched.
    pub(super) fn under_rule(rule: i64) -> Self {
        Self { state: name(Queue::All), rule: rule.to_string(), ..Self::default() }
    }

    /// Everything that came from a network.
    pub(super) fn from_network(site: &str, key: &[u8]) -> Self {
        let (state, site, network) = (name(Queue::All), site.to_owned(), HEXLOWER.encode(key));
        Self { state, site, network, ..Self::default() }
    }

    /// Everything under an article.
    pub(super) fn under_article(site: &str, article: Uuid) -> Self {
        let (state, site, article) = (name(Queue::All), site.to_owned(), article.to_string());
        Self { state, site, article, ..Self::default() }
    }

    /// What is asked for, or 404 for what there cannot be.
    pub(super) fn query(&self, app: &App, moderator: &Moderator) -> Result<desk::Query, WebError> {
        let site = match self.site.as_str() {
            "" => None,
            name => {
                let site = desk::site_named(app, moderator, name);
                Some(site.ok_or_else(|| WebError::no_such_site(name))?.id)
            }
        };
        let queue = match self.state.as_str() {
            "" => Queue::Held,
            name => Queue::parse(name).ok_or_else(WebError::not_found)?,
        };
        // Postgres knows no NUL, and nobody searches for one.
        let search = self.q.replace('\0', " ").trim().to_owned();
        Ok(desk::Query {
            site,
            queue,
            order: queue.order(&self.order).ok_or_else(WebError::not_found)?,
            article: given(&self.article, |id| Uuid::try_parse(id).ok())?,
            author: given(&self.author, |key| HEXLOWER.decode(key.as_bytes()).ok())?,
            language: given(&self.language, |code| {
                let fits = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_lowercase());
                fits.then(|| code.to_owned())
            })?,
            signal: given(&self.signal, |name| Some(Signal::parse(name)?.as_str().to_owned()))?,
            rule: given(&self.rule, |id| id.parse().ok())?,
            because: given(&self.because, RejectReason::parse)?,
            network: given(&self.network, |key| HEXLOWER.decode(key.as_bytes()).ok())?,
            from: given(&self.from, midnight)?,
            until: given(&self.until, |day| Some(midnight(day)? + Duration::DAY))?,
            search: Some(search).filter(|words| !words.is_empty()),
            after: given(&self.after, place)?,
            each: given(&self.each, |said| (said == "yes").then_some(()))?.is_some(),
        })
    }
}

fn name(queue: Queue) -> String {
    if queue == Queue::Held { String::new() } else { queue.as_str().to_owned() }
}

/// A filter that is given has to be one that can be.
pub(super) fn given<T>(value: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, WebError> {
    if value.is_empty() { Ok(None) } else { read(value).map(Some).ok_or_else(WebError::not_found) }
}

pub(super) fn midnight(day: &str) -> Option<OffsetDateTime> {
    let date = Date::parse(day, format_description!("[year]-[month]-[day]")).ok()?;
    // Where ids can tell the time.
    (1970..=9999).contains(&date.year()).then(|| date.midnight().assume_utc())
}

fn place(written: &str) -> Option<Place> {
    let (key, id) = written.split_once('~')?;
    let key: f64 = key.parse().ok()?;
    Some(Place { key, id: Uuid::try_parse(id).ok()? }).filter(|_| key.is_finite())
}

pub(super) async fn show(
    State(shared): State<Shared>,
    SignedIn(moderator): SignedIn,
    Query(which): Query<Which>,
    jar: CookieJar,
) -> Result<Response, WebError> {
    let app = &shared.app;
    let sites = desk::sites(app, &moderator);
    let query = which.query(app, &moderator)?;
    let listing = desk::list(app, &moderator, &query).await?;

    let here = which.href();
    let (jar, flash) = flash::take(jar, &here);
    let now = app.now();
    let sees = if query.queue == Queue::Audit { Sees::Sample } else { Sees::All };
    let cards = listing
        .comments
        .iter()
        .zip(listing.alike.iter().zip(&listing.folded))
        .filter_map(|(comment, (alike, folded))| {
            let site = desk::site(app, &moderator, comment.site_id)?;
            let card = card(comment, &site, &here, &moderator, sees, now);
            let alike = (*alike > 0 && moderator.role.decides())
                .then(|| campaign(*alike, *folded, format!("/admin/campaigns/{}/{}", site.name, comment.id)));
            Some(views::CommentCard { pick: moderator.role.decides().then(|| pick(comment)), alike, ..card })
        })
        .collect();
    let every =
        Choice { value: String::new(), words: "All sites".to_owned(), selected: query.site.is_none() };
    let choices = sites.iter().map(|one| Choice {
        value: one.name.clone(),
        words: one.title.clone(),
        selected: which.site == one.name,
    });
    let older = listing.next.map(|Place { key, id }| Which { after: format!("{key}~{id}"), ..which.clone() });
    let today = if query.queue == Queue::Held && listing.comments.is_empty() && query.after.is_none() {
        let site_ids = query.site.map_or_else(|| desk::site_ids(app, &moderator), |site| vec![site]);
        Some(day(figures::today(app, &site_ids).await?))
    } else {
        None
    };
    let page = views::QueuePage {
        layout: desk_layout(Some(&moderator)),
        queue: query.queue,
        tabs: tabs(&which, query.queue, &listing),
        orders: orders(&which, query.queue, query.order),
        sites: std::iter::once(every).chain(choices).collect(),
        filters: filters(&which, &query, &listing),
        own: lists::beside(&shared, &moderator, &which).await?,
        search: query.search.clone().unwrap_or_default(),
        flash,
        cards,
        folded: folded(&which, &listing),
        next: older.map(|which| which.href()),
        bulk: moderator.role.decides().then(|| which.bulk()),
        empty: nothing(&query),
        today,
    };
    Ok((jar, html(&page)).into_response())
}

/// The day's figures, for whoever has nothing to do.
fn day(Today { published, turned_away, held }: Today) -> String {
    format!(
        "Today so far {} came in: {published} published, {turned_away} turned away, {held} held.",
        plural(published + turned_away + held, "comment", "comments")
    )
}

/// A queue that is empty and seldom looked into is not shown.
fn tabs(which: &Which, current: Queue, listing: &Listing) -> Vec<Tab> {
    Queue::ALL
        .into_iter()
        .map(|queue| Tab {
            queue,
            count: listing.counts.get(&queue).copied().unwrap_or_default(),
            href: which.in_queue(queue).href(),
            current: queue == current,
        })
        .filter(|tab| tab.current || tab.count > 0 || !matches!(tab.queue, Queue::Reported | Queue::Audit))
        .collect()
}

fn orders(which: &Which, queue: Queue, current: Order) -> Vec<Choice> {
    let own = queue.orders().first();
    let name = |order: &Order| if Some(order) == own { "" } else { order.as_str() };
    queue
        .orders()
        .iter()
        .map(|order| Choice {
            value: Which { order: name(order).to_owned(), after: String::new(), ..which.clone() }.href(),
            words: order.words().to_owned(),
            selected: *order == current,
        })
        .collect()
}

/// The filters of the form, and those in force with a way out of each.
fn filters(which: &Which, query: &desk::Query, listing: &Listing) -> Filters {
    let first = listing.comments.first();
    let mut chosen = Vec::new();
    let mut add = |words: Option<String>, without: Which| {
        if let Some(words) = words {
            chosen.push(Chosen { words, without: Which { after: String::new(), ..without }.href() });
        }
    };
    let article = first.map_or_else(|| "one article".to_owned(), |row| readable(&row.article_url));
    add(query.article.map(|_| format!("on {article}")), Which { article: String::new(), ..which.clone() });
    let author = first.map_or("one author", |row| row.author.as_str());
    add(
        query.author.as_ref().map(|_| format!("by {author}")),
        Which { author: String::new(), ..which.clone() },
    );
    add(
        query.language.as_deref().map(|code| format!("in {}", language_name(code))),
        Which { language: String::new(), ..which.clone() },
    );
    let signal = query.signal.as_deref().and_then(Signal::parse);
    add(signal.map(|signal| signal.words().to_owned()), Which { signal: String::new(), ..which.clone() });
    add(query.rule.map(|rule| format!("under rule {rule}")), Which { rule: String::new(), ..which.clone() });
    add(
        query.because.map(|reason| format!("rejected: {}", reason.words().to_lowercase())),
        Which { because: String::new(), ..which.clone() },
    );
    add(
        query.network.as_deref().map(|key| format!("from network {}", network_name(key))),
        Which { network: String::new(), ..which.clone() },
    );
    let day = |day: &str| Some(day.to_owned()).filter(|day| !day.is_empty());
    add(day(&which.from).map(|day| format!("from {day}")), Which { from: String::new(), ..which.clone() });
    add(day(&which.until).map(|day| format!("until {day}")), Which { until: String::new(), ..which.clone() });
    add(query.search.as_ref().map(|words| format!("“{words}”")), Which { q: String::new(), ..which.clone() });
    add(
        query.each.then(|| "every variant on its own".to_owned()),
        Which { each: String::new(), ..which.clone() },
    );
    Filters {
        chosen,
        kept: which
            .parts()
            .into_iter()
            .filter(|(name, value)| {
                !value.is_empty()
                    && ["state", "order", "article", "author", "rule", "network", "each"].contains(name)
            })
            .map(|(name, value)| views::Hidden { name, value: value.clone() })
            .collect(),
        signals: Signal::ALL
            .into_iter()
            .map(|one| Choice {
                value: one.as_str().to_owned(),
                words: one.words().to_owned(),
                selected: signal == Some(one),
            })
            .collect(),
        reasons: match query.queue {
            Queue::Rejected => RejectReason::ALL
                .into_iter()
                .map(|one| Choice {
                    value: one.as_str().to_owned(),
                    words: one.words().to_owned(),
                    selected: query.because == Some(one),
                })
                .collect(),
            _ => Vec::new(),
        },
        languages: languages(query, listing),
        from: which.from.clone(),
        until: which.until.clone(),
    }
}

/// The languages of the comments at hand, and the one that is chosen.
fn languages(query: &desk::Query, listing: &Listing) -> Vec<Choice> {
    let mut codes: Vec<&str> = listing
        .comments
        .iter()
        .filter_map(|comment| comment.language.as_deref())
        .chain(query.language.as_deref())
        .chain(COMMON)
        .collect();
    codes.sort_by_key(|code| language_name(code));
    codes.dedup();
    codes
        .into_iter()
        .map(|code| Choice {
            value: code.to_owned(),
            words: language_name(code).to_owned(),
            selected: query.language.as_deref() == Some(code),
        })
        .collect()
}

/// Always offered.
const COMMON: [&str; 10] = ["eng", "spa", "fra", "deu", "por", "rus", "ukr", "pol", "cmn", "jpn"];

/// What stands behind the rows of campaigns, and where each of it is listed.
fn folded(which: &Which, listing: &Listing) -> Option<views::Link> {
    let behind: u64 = listing.folded.iter().map(|&behind| behind as u64).sum();
    (behind > 0).then(|| views::Link {
        text: format!("{} behind the rows of their campaigns", plural(behind, "variant", "variants")),
        href: Which { each: "yes".to_owned(), after: String::new(), ..which.clone() }.href(),
    })
}

fn campaign(others: usize, folded: usize, href: String) -> views::Alike {
    let (text, times) = match others {
        1 => ("one other is like it".to_owned(), "×2".to_owned()),
        COUNTED.. => (format!("{COUNTED} or more are like it"), format!("×{COUNTED}+")),
        others => (format!("{others} others are like it"), format!("×{}", others + 1)),
    };
    views::Alike { link: views::Link { text, href }, times, folded: folded > 0 }
}

fn nothing(query: &desk::Query) -> String {
    if let Some(words) = &query.search {
        return format!("No comment here has the words “{words}”.");
    }
    let narrowed = query.article.is_some()
        || query.author.is_some()
        || query.language.is_some()
        || query.signal.is_some()
        || query.rule.is_some()
        || query.because.is_some()
        || query.network.is_some()
        || query.from.is_some()
        || query.until.is_some();
    match query.queue {
        _ if query.after.is_some() => "That was the last page.".to_owned(),
        _ if narrowed => "No comment here fits the filters.".to_owned(),
        Queue::Held => "Nothing is waiting for you.".to_owned(),
        Queue::Reported => "No published comment has been reported.".to_owned(),
        Queue::Unchecked => "Everything that was turned away has been looked at.".to_owned(),
        Queue::Audit => "Everything in the sample has been looked at.".to_owned(),
        Queue::All => "There are no comments yet.".to_owned(),
        queue => format!("No comment is {} yet.", queue.word().to_lowercase()),
    }
}
