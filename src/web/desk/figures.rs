//! `GET /admin/figures`: what came in and what became of it, of one site or of all that are somebody's.

use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::session::SignedIn;
use crate::service::desk;
use crate::service::figures::{self, Span};
use crate::web::error::{WebError, html};
use crate::web::markup::desk_layout;
use crate::web::router::Shared;
use crate::web::views::{Choice, FiguresPage, sections};

/// Whose figures, and of how long.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Which {
    /// Name of a site; nothing is all.
    site: String,
    /// A span's days; nothing is four weeks.
    days: String,
}

fn words(span: Span) -> &'static str {
    match span {
        Span::Week => "7 days",
        Span::Month => "4 weeks",
        Span::Quarter => "13 weeks",
        Span::Year => "52 weeks",
    }
}

pub(super) async fn show(
    State(shared): State<Shared>,
    SignedIn(moderator): SignedIn,
    Query(which): Query<Which>,
) -> Result<Response, WebError> {
    let app = &shared.app;
    let sites = desk::sites(app, &moderator);
    let site = match which.site.as_str() {
        "" => None,
        name => Some(desk::site_named(app, &moderator, name).ok_or_else(|| WebError::no_such_site(name))?),
    };
    let span = match which.days.as_str() {
        "" => Span::Month,
        days => Span::ALL
            .into_iter()
            .find(|span| span.days().to_string() == days)
            .ok_or_else(WebError::not_found)?,
    };
    let site_ids = match &site {
        Some(site) => vec![site.id],
        None => desk::site_ids(app, &moderator),
    };
    let figures = figures::read(app, Some(&moderator), &site_ids, span).await?;
    let every = Choice { value: String::new(), words: "All sites".to_owned(), selected: site.is_none() };
    let choices = sites.iter().map(|one| Choice {
        value: one.name.clone(),
        words: one.title.clone(),
        selected: site.as_ref().is_some_and(|site| site.id == one.id),
    });
    let only = site.as_ref().or_else(|| sites.first().filter(|_| sites.len() == 1));
    let page = FiguresPage {
        layout: desk_layout(Some(&moderator)),
        title: only.map_or_else(|| "all sites".to_owned(), |site| site.title.clone()),
        sites: std::iter::once(every).chain(choices).collect(),
        spans: Span::ALL
            .into_iter()
            .map(|one| Choice {
                value: one.days().to_string(),
                words: words(one).to_owned(),
                selected: one == span,
            })
            .collect(),
        sections: sections(&figures),
    };
    Ok(html(&page))
}
