//! The site of the key, and its queues.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::comments::queue;
use super::gate::{By, ToRead};
use super::shape::Answer;
use crate::comment::{Order, Queue};
use crate::service::desk;
use crate::web::router::Shared;

/// The queues of a site.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Queues {
    /// In the order of the desk.
    queues: Vec<QueueCount>,
}

/// A queue.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct QueueCount {
    /// Its name.
    #[schema(schema_with = queue)]
    queue: &'static str,
    /// How many comments are in it.
    count: u64,
    /// The orders it can be listed in; the first one is its own.
    orders: Vec<&'static str>,
}

/// List the queues
///
/// The queues of the desk with the numbers of their comments, which are exact.
#[utoipa::path(get, path = "/queues", tag = "Site", operation_id = "listQueues",
    security(("key" = ["read"])),
    responses((status = 200, description = "The queues", body = Queues)))]
pub(super) async fn queues(State(shared): State<Shared>, By(caller, _): By<ToRead>) -> Answer<Json<Queues>> {
    let counts = desk::counts(&shared.app, &[caller.site.id]).await?;
    let queues = Queue::ALL.map(|queue| QueueCount {
        queue: queue.as_str(),
        count: counts.get(&queue).copied().unwrap_or_default(),
        orders: queue.orders().iter().copied().map(Order::as_str).collect(),
    });
    Ok(Json(Queues { queues: queues.into() }))
}

/// A site.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SiteAnswer {
    /// Name in addresses.
    name: String,
    /// Title for people.
    title: String,
    /// Where its pages are.
    origins: Vec<String>,
    /// Below this probability of spam a comment is published; now in force.
    approve_below: f64,
    /// From this one on it is turned away; now in force.
    reject_from: f64,
    /// From this probability of abuse on it is held; above 1: never.
    hold_abuse_from: f64,
    /// The share of what is decided without a person that is shown to one later.
    audit_share: f64,
    /// Whether nothing is decided: everything is judged, and published.
    log_only: bool,
    /// The promise that the two thresholds follow from, if there is one.
    promise: Option<SitePromise>,
}

/// How often a decision without a person may be wrong.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SitePromise {
    /// Share of spam among what is published, at most.
    spam_published: f64,
    /// Share of genuine comments among what is turned away, at most.
    ham_rejected: f64,
    /// How sure that is to be.
    confidence: f64,
}

/// Read the site
///
/// The site that the key is for, with what it decides by.
#[utoipa::path(get, path = "/site", tag = "Site", operation_id = "readSite",
    security(("key" = ["read"])),
    responses((status = 200, description = "The site", body = SiteAnswer)))]
pub(super) async fn site(By(caller, _): By<ToRead>) -> Json<SiteAnswer> {
    let site = &caller.site;
    let thresholds = site.thresholds();
    Json(SiteAnswer {
        name: site.name.clone(),
        title: site.title.clone(),
        origins: site.origins.iter().map(ToString::to_string).collect(),
        approve_below: thresholds.approve_below(),
        reject_from: thresholds.reject_from(),
        hold_abuse_from: site.hold_abuse_from,
        audit_share: site.audit_share,
        log_only: site.log_only || caller.key.log_only,
        promise: site.promise.map(|promise| SitePromise {
            spam_published: promise.targets.spam_published(),
            ham_rejected: promise.targets.ham_rejected(),
            confidence: promise.targets.confidence(),
        }),
    })
}
