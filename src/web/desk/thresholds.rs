//! `/admin/thresholds`: how the scores of a site lie, what its thresholds do, what others would do, and putting them in
//! force. The address of a preview says all of it.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;

use super::flash::{self, Flash};
use super::session::{Admin, SignedIn};
use crate::app::App;
use crate::classifier::scale;
use crate::comment::Queue;
use crate::policy::{Cuts, Decision, End, Promise, Scored, Targets, Thresholds, Truth, replay};
use crate::service::accounts::{Moderator, Role};
use crate::service::desk;
use crate::service::promises::promised;
use crate::service::sites::{Site, SiteError};
use crate::service::thresholds::{self, Period, Way};
use crate::web::error::{WebError, html};
use crate::web::markup::desk_layout;
use crate::web::router::Shared;
use crate::web::views::{
    self, Choice, Hidden, Outlook, PostButton, ScoreBar, ThresholdFields, ThresholdsPage,
};

/// The confidence of a promise where the site has none yet.
const CONFIDENCE: f64 = 0.9;

/// A site and what is proposed for it; what is empty is not asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Proposal {
    /// Name of a site; nothing is the first one.
    site: String,
    /// Probabilities.
    approve_below: String,
    reject_from: String,
    /// Percent; they go before the thresholds.
    spam_published: String,
    ham_rejected: String,
}

impl Proposal {
    fn site(&self, app: &App, moderator: &Moderator) -> Result<Arc<Site>, WebError> {
        match self.site.as_str() {
            "" => desk::sites(app, moderator).into_iter().next().ok_or_else(|| {
                WebError::new(
                    StatusCode::NOT_FOUND,
                    "There is no site here yet",
                    "Add one with `moderato site add NAME --origin ADDRESS`.",
                )
            }),
            name => desk::site_named(app, moderator, name).ok_or_else(|| WebError::no_such_site(name)),
        }
    }

    /// The way that is asked for, if any, or why it cannot be.
    fn way(&self, site: &Site) -> Result<Option<Way>, String> {
        let read = |typed: &str| {
            typed
                .trim()
                .parse::<f64>()
                .map_err(|_error| format!("“{typed}” is not a number: write 0.5, for example."))
        };
        if !self.spam_published.is_empty() || !self.ham_rejected.is_empty() {
            let share = |typed| read(typed).map(|percent| percent / 100.0);
            let confidence = site.promise.map_or(CONFIDENCE, |promise| promise.targets.confidence());
            let targets = Targets::new(share(&self.spam_published)?, share(&self.ham_rejected)?, confidence);
            let told = "Both targets are between 0.0001 and 50 percent; 0.5 is one in two hundred.";
            return targets.map(|targets| Some(Way::Promise(targets))).map_err(|_error| told.to_owned());
        }
        if self.approve_below.is_empty() && self.reject_from.is_empty() {
            return Ok(None);
        }
        let thresholds = Thresholds::new(read(&self.approve_below)?, read(&self.reject_from)?);
        let told =
            "The first threshold is between 0 and 1 and not above the second one, which is at most 1.01.";
        thresholds.map(|thresholds| Some(Way::Fixed(thresholds))).map_err(|_error| told.to_owned())
    }
}

pub(super) async fn show(
    State(shared): State<Shared>,
    SignedIn(moderator): SignedIn,
    Query(proposal): Query<Proposal>,
    jar: CookieJar,
) -> Result<Response, WebError> {
    let app = &shared.app;
    let site = proposal.site(app, &moderator)?;
    let period = thresholds::period(app, &site).await?;
    let scored: Vec<Scored> = period.comments.iter().map(|(scored, _)| *scored).collect();
    let outlook = |cuts: Cuts| Outlook {
        thresholds: cuts.thresholds,
        forecast: replay(&scored, cuts),
        days: period.days,
    };
    let (way, error) = match proposal.way(&site) {
        Ok(way) => (way, None),
        Err(told) => (None, Some(told)),
    };
    let promise = match way {
        Some(Way::Promise(targets)) => Some(promised(app, &site, targets).await?),
        _ => None,
    };
    let proposed = match way {
        Some(Way::Fixed(thresholds)) => Some(thresholds),
        _ => promise.map(|promise| promise.thresholds),
    };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let (jar, flash) = flash::take(jar, "/admin/thresholds");
    let waiting = desk::counts(app, &[site.id]).await?.get(&Queue::Audit).copied().unwrap_or_default();
    let page = ThresholdsPage {
        layout: desk_layout(Some(&moderator)),
        flash,
        sites: choices(app, &moderator, &site),
        title: site.title.clone(),
        fields: fields(&proposal, &site, proposed),
        error,
        comments: scored.len() as u64,
        days: period.days,
        present: outlook(site.cuts()),
        proposed: proposed.map(|thresholds| outlook(Cuts { thresholds, ..site.cuts() })),
        promise: promise.iter().flat_map(Promise::sentences).collect(),
        put: way.filter(|_| moderator.role == Role::Admin).map(|_| put_button(&proposal, &site)),
        bars: bars(&period),
        audit: audit(&site, &period, waiting),
    };
    Ok((status, jar, html(&page)).into_response())
}

fn choices(app: &App, moderator: &Moderator, shown: &Site) -> Vec<Choice> {
    let choice = |site: &Arc<Site>| Choice {
        value: site.name.clone(),
        words: site.title.clone(),
        selected: site.id == shown.id,
    };
    desk::sites(app, moderator).iter().map(choice).collect()
}

/// What was typed; where nothing was, what is in force.
fn fields(proposal: &Proposal, site: &Site, proposed: Option<Thresholds>) -> ThresholdFields {
    let thresholds = proposed.unwrap_or_else(|| site.thresholds());
    let or = |typed: &str, otherwise: f64| {
        if typed.is_empty() { otherwise.to_string() } else { typed.to_owned() }
    };
    let targets = site.promise.map(|promise| promise.targets);
    // Percent with the decimals it has.
    let percent = |share: f64| (share * 1e8).round() / 1e6;
    ThresholdFields {
        site: site.name.clone(),
        approve_below: or(&proposal.approve_below, thresholds.approve_below()),
        reject_from: or(&proposal.reject_from, thresholds.reject_from()),
        spam_published: or(&proposal.spam_published, percent(targets.map_or(0.005, Targets::spam_published))),
        ham_rejected: or(&proposal.ham_rejected, percent(targets.map_or(0.001, Targets::ham_rejected))),
    }
}

fn put_button(proposal: &Proposal, site: &Site) -> PostButton {
    let hidden = |name, value: &String| Hidden { name, value: value.clone() };
    PostButton {
        action: "/admin/thresholds".to_owned(),
        label: "Put in force".to_owned(),
        hidden: vec![
            hidden("site", &site.name),
            hidden("approve_below", &proposal.approve_below),
            hidden("reject_from", &proposal.reject_from),
            hidden("spam_published", &proposal.spam_published),
            hidden("ham_rejected", &proposal.ham_rejected),
        ],
    }
}

fn bars(period: &Period) -> Vec<ScoreBar> {
    let mut bars = vec![ScoreBar::default(); scale::BARS];
    for (scored, decision) in &period.comments {
        let bar = &mut bars[scale::bar(scored.spam_probability)];
        let number = match (scored.truth, decision) {
            (Some(Truth::Ham), _) => &mut bar.ham,
            (Some(Truth::Spam), _) => &mut bar.spam,
            (Some(Truth::Unwanted), _) => &mut bar.unwanted,
            (None, Some(Decision::Approve)) => &mut bar.published,
            (None, Some(Decision::Reject)) => &mut bar.rejected,
            (None, Some(Decision::Hold) | None) => &mut bar.waiting,
        };
        *number += 1;
    }
    bars
}

/// What was decided at the time, whatever the thresholds are now.
fn audit(site: &Site, period: &Period, waiting: u64) -> views::Audit {
    let end = |decision, wrong| {
        let there = period.comments.iter().filter(|(_, decided)| *decided == Some(decision));
        End::of(there.map(|(scored, _)| scored), wrong)
    };
    views::Audit {
        share: site.audit_share,
        published: end(Decision::Approve, Truth::Spam),
        rejected: end(Decision::Reject, Truth::Ham),
        waiting,
    }
}

pub(super) async fn put(
    State(shared): State<Shared>,
    Admin(moderator): Admin,
    jar: CookieJar,
    Form(proposal): Form<Proposal>,
) -> Result<Response, WebError> {
    let site = proposal.site(&shared.app, &moderator)?;
    let way = proposal.way(&site).and_then(|way| way.ok_or_else(|| "Nothing was proposed.".to_owned()));
    let way = way.map_err(cannot_be)?;
    thresholds::put_in_force(&shared.app, &moderator, &site, way).await?;
    let back = format!("/admin/thresholds?site={}", site.name);
    Ok((jar.add(Flash::Thresholds.cookie()), Redirect::to(&back)).into_response())
}

fn cannot_be(why: String) -> WebError {
    WebError::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        "These thresholds cannot be put in force",
        "Go back to the thresholds page and propose others.",
    )
    .because(why)
}

impl From<SiteError> for WebError {
    fn from(error: SiteError) -> Self {
        match error {
            SiteError::Store(error) => error.into(),
            other => cannot_be(format!("{other}.")),
        }
    }
}
