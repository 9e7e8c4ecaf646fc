//! `GET /privacy/{site}`: how a reader's comment data is processed, from the settings in force.

use axum::extract::{Path, State};
use axum::response::Response;

use crate::service::authors::NETWORKS_KEPT;
use crate::web::error::{WebError, html};
use crate::web::markup::site_layout;
use crate::web::router::Shared;
use crate::web::views::{PrivacyPage, Retention};

pub(in crate::web) async fn show(
    State(shared): State<Shared>,
    Path(site): Path<String>,
) -> Result<Response, WebError> {
    let site = shared.app.sites.find(&site).ok_or_else(|| WebError::no_such_site(&site))?;
    let kept =
        |what: &str, how_long: &str| Retention { what: what.to_owned(), how_long: how_long.to_owned() };
    let days = shared.app.settings.checks_days;
    let checked = match days {
        0 => "until the site removes it".to_owned(),
        days => format!("{days} days, or longer where a person has said what it is or has yet to look at it"),
    };
    let programs = shared.app.api_keys.site_ids().contains(&site.id);
    let checked = programs.then(|| kept("What other programs of the site send to be checked", &checked));
    let retention = vec![
        kept("Your comment, name, website and e-mail address", "until the site removes them"),
        kept("What was decided about it, and why", "as long as the comment"),
        kept("The keyed hash of your network", &format!("{} days", NETWORKS_KEPT.whole_days())),
        kept("What readers reported about it", "as long as the comment"),
    ];
    Ok(html(&PrivacyPage {
        layout: site_layout(&site),
        site_title: site.title.clone(),
        log_only: site.log_only,
        publishes_alone: site.thresholds().approve_below() > 0.0,
        turns_away_alone: site.thresholds().reject_from() <= 1.0,
        email_stored: true,
        retention: retention.into_iter().chain(checked).collect(),
        contact: None,
    }))
}
