//! `GET /admin/`: the queue, and every other list of comments.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;
use uuid::Uuid;

use super::comment::card;
use super::flash;
use super::session::SignedIn;
use crate::comment::State as Standing;
use crate::service::desk::{self, COUNTED};
use crate::web::error::{WebError, html};
use crate::web::markup::desk_layout;
use crate::web::router::Shared;
use crate::web::views::{Queue, Shown, SiteChoice, Tab};

pub(super) async fn to_desk() -> Redirect {
    Redirect::permanent("/admin/")
}

/// Which list: the address of the page says all of it.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Which {
    /// A state, or `all`; nothing is the queue of held comments.
    #[serde(default)]
    state: String,
    /// Name of a site; nothing is all.
    #[serde(default)]
    site: String,
    #[serde(default)]
    q: String,
    before: Option<Uuid>,
}

impl Which {
    /// The address of this list, without what is empty.
    fn href(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("state", &self.state), ("site", &self.site), ("q", &self.q)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if let Some(before) = self.before {
            query.append_pair("before", &before.to_string());
        }
        match query.finish() {
            query if query.is_empty() => "/admin/".to_owned(),
            query => format!("/admin/?{query}"),
        }
    }

    fn in_state(&self, state: &str) -> Self {
        Self { state: state.to_owned(), before: None, ..self.clone() }
    }
}

pub(super) async fn show(
    State(shared): State<Shared>,
    SignedIn(moderator): SignedIn,
    Query(which): Query<Which>,
    jar: CookieJar,
) -> Result<Response, WebError> {
    let app = &shared.app;
    let state = match which.state.as_str() {
        "" => Some(Standing::Held),
        "all" => None,
        name => Some(Standing::parse(name).ok_or_else(WebError::not_found)?),
    };
    let sites = app.sites.all();
    let site = match which.site.as_str() {
        "" => None,
        name => Some(sites.get(name).ok_or_else(|| WebError::no_such_site(name))?),
    };
    // Postgres knows no NUL, and nobody searches for one.
    let search = Some(which.q.replace('\0', " ").trim().to_owned()).filter(|words| !words.is_empty());
    let query =
        desk::Query { site: site.map(|site| site.id), state, search: search.clone(), before: which.before };
    let listing = desk::list(app, &query).await?;

    let here = which.href();
    let (jar, flash) = flash::take(jar, &here);
    let now = app.now();
    let cards = listing
        .comments
        .iter()
        .filter_map(|comment| {
            Some(card(comment, &*app.sites.by_id(comment.site_id)?, &here, &moderator, now))
        })
        .collect();
    let mut tabs: Vec<Tab> = listing
        .counts
        .iter()
        .filter(|(tab, _)| *tab != Standing::Deleted)
        .map(|&(tab, count)| Tab {
            state: Some(tab),
            count: u64::try_from(count.min(COUNTED - 1)).ok(),
            more: count >= COUNTED,
            href: which.in_state(if tab == Standing::Held { "" } else { tab.as_str() }).href(),
            current: state == Some(tab),
        })
        .collect();
    tabs.push(Tab {
        state: None,
        count: None,
        more: false,
        href: which.in_state("all").href(),
        current: state.is_none(),
    });
    let every = SiteChoice { key: String::new(), title: "All sites".to_owned(), selected: site.is_none() };
    let choices = sites.values().map(|one| SiteChoice {
        key: one.name.clone(),
        title: one.title.clone(),
        selected: which.site == one.name,
    });
    let page = Queue {
        layout: desk_layout(Some(&moderator)),
        tabs,
        sites: std::iter::once(every).chain(choices).collect(),
        state: which.state.clone(),
        search: search.clone().unwrap_or_default(),
        flash,
        cards,
        older: listing.next.map(|before| Which { before: Some(before), ..which.clone() }.href()),
        empty: nothing(state, search.as_deref()),
    };
    Ok((jar, html(&page)).into_response())
}

fn nothing(state: Option<Standing>, search: Option<&str>) -> String {
    match (search, state) {
        (Some(words), _) => format!("No comment here has the words “{words}”."),
        (None, Some(Standing::Held)) => "Nothing is waiting for you.".to_owned(),
        (None, Some(state)) => {
            format!("No comment is {} yet.", state.word().to_lowercase())
        }
        (None, None) => "There are no comments yet.".to_owned(),
    }
}
