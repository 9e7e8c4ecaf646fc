//! When something cannot be done.

use askama::Template;

use super::parts::{Layout, Link};

/// What happened, why, and what to do next.
#[derive(Debug, Clone, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// Around the page.
    pub layout: Layout,
    /// HTTP status: 403, 404, 405, 413, 500, 503.
    pub status: u16,
    /// What happened, a short sentence without a full stop: `This page does not exist`.
    pub what: String,
    /// Why, as far as it is known.
    pub why: Option<String>,
    /// What to do next.
    pub next: String,
    /// Ways on.
    pub links: Vec<Link>,
    /// For whoever reads the log.
    pub request_id: Option<String>,
}
