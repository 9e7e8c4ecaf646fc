//! `/sites/{site}/comments/{id}/report`: a reader reports a published comment, by a form or as JSON.

use std::net::{IpAddr, SocketAddr};

use axum::Json;
use axum::extract::{ConnectInfo, Path, Query, Request, State};
use axum::http::header::{CACHE_CONTROL, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::origin::{may_send, share_with_site};
use crate::comment::{FieldError, Ground, LONGEST_REPORT, Report};
use crate::service::report::{ReportError, is_forged, report, report_token, target};
use crate::service::sites::Site;
use crate::store::published::StatusRow;
use crate::web::body::{self, Fields};
use crate::web::client::client_address;
use crate::web::error::{WebError, html, prefers_json};
use crate::web::markup::{TRAP, moment, readable, site_layout};
use crate::web::router::Shared;
use crate::web::views::{self, Choice, Link, ReportPage, SafeHtml};

/// The longest explanation, every byte of it percent-encoded, and room for the other fields.
const BODY_LIMIT: usize = 16 * 1024;

/// Where a comment is reported, below the server's own address.
pub(in crate::web) fn report_path(site: &Site, comment: Uuid) -> String {
    format!("/sites/{}/comments/{comment}/report", site.name)
}

/// Whether the page says that the report has arrived.
#[derive(Debug, Deserialize)]
pub(in crate::web) struct Shown {
    #[serde(default)]
    done: bool,
}

pub(in crate::web) async fn show(
    State(shared): State<Shared>,
    Path((site, comment)): Path<(String, String)>,
    Query(shown): Query<Shown>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let (site, comment) = find(&shared, &site, &comment)?;
    let row = target(&shared.app, &site, comment).await?;
    let reply = Reply { shared: &shared, site: &site, comment, headers: &headers, row: &row };
    Ok(reply.page(&Fields::default(), Vec::new(), None, shown.done))
}

pub(in crate::web) async fn post(
    State(shared): State<Shared>,
    Path((site, comment)): Path<(String, String)>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Result<Response, WebError> {
    let (site, comment) = find(&shared, &site, &comment)?;
    let headers = request.headers().clone();
    let response = take(&shared, &site, comment, peer.ip(), &headers, request).await;
    Ok(share_with_site(&site, &headers, response.unwrap_or_else(IntoResponse::into_response)))
}

/// Tells a browser that a script on the site's own pages may send JSON.
pub(in crate::web) async fn preflight(
    State(shared): State<Shared>,
    Path((site, comment)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let (site, _) = find(&shared, &site, &comment)?;
    Ok(share_with_site(&site, &headers, StatusCode::NO_CONTENT.into_response()))
}

fn find(shared: &Shared, site: &str, comment: &str) -> Result<(std::sync::Arc<Site>, Uuid), WebError> {
    let site = shared.app.sites.find(site).ok_or_else(|| WebError::no_such_site(site))?;
    let comment = Uuid::try_parse(comment).map_err(|_error| WebError::from(ReportError::NotFound))?;
    Ok((site, comment))
}

async fn take(
    shared: &Shared,
    site: &Site,
    comment: Uuid,
    peer: IpAddr,
    headers: &HeaderMap,
    request: Request,
) -> Result<Response, WebError> {
    let app = &shared.app;
    may_send(site, headers).map_err(|from| {
        WebError::new(
            StatusCode::FORBIDDEN,
            "Comments of this site cannot be reported from there",
            "Open the comment's page and report it from there.",
        )
        .because(format!("The form is on {from}, which is none of the pages of {}.", site.title))
    })?;
    let sent = body::read(request, BODY_LIMIT).await?;
    let row = target(app, site, comment).await?;
    let reply = Reply { shared, site, comment, headers, row: &row };
    let address = client_address(peer, headers, app.settings.trust_forwarded_for);
    if let Err(wait) = shared.limiter.check(address) {
        let seconds = wait.as_secs() + 1;
        let error = WebError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "You have sent much in a short time",
            format!("Please wait {seconds} seconds and send it again."),
        );
        return Ok(reply.refused(&sent, &error.retry_after(seconds), Vec::new()));
    }
    if is_forged(&app.keys, &sent.text(&["form_token"]), site, comment, app.now()) {
        let error = WebError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "Your report is not sent yet",
            "The form was not the one of this comment. Please send it again from here.",
        );
        return Ok(reply.refused(&sent, &error, Vec::new()));
    }
    let told = match Report::parse(&sent.text(&["ground"]), &sent.text(&["words"])) {
        Ok(told) => told,
        Err(fields) => {
            let error = WebError::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "Your report is not sent yet",
                "Please correct what is marked and send it again.",
            );
            return Ok(reply.refused(&sent, &error.with_fields(fields.clone()), fields));
        }
    };
    // What programs fill in is answered like any other, and goes nowhere.
    if sent.text(&[TRAP]).is_empty() {
        report(app, site, comment, &told, address).await?;
    }
    Ok(reply.taken())
}

/// How the answer is given.
struct Reply<'a> {
    shared: &'a Shared,
    site: &'a Site,
    comment: Uuid,
    headers: &'a HeaderMap,
    row: &'a StatusRow,
}

impl Reply<'_> {
    fn taken(&self) -> Response {
        if prefers_json(self.headers) {
            return (StatusCode::CREATED, Json(json!({ "status": "reported" }))).into_response();
        }
        match HeaderValue::try_from(format!("{}?done=true", report_path(self.site, self.comment))) {
            Ok(to) => (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response(),
            Err(error) => WebError::from_bug(error).into_response(),
        }
    }

    /// The form again, with what was typed.
    fn refused(&self, sent: &Fields, error: &WebError, fields: Vec<FieldError>) -> Response {
        if prefers_json(self.headers) {
            return error.problem();
        }
        let message = fields.is_empty().then(|| error.next().to_owned());
        let mut page = error.mark(self.page(sent, fields, message, false));
        *page.status_mut() = error.status();
        page
    }

    fn page(&self, sent: &Fields, fields: Vec<FieldError>, message: Option<String>, done: bool) -> Response {
        let (app, row) = (&self.shared.app, self.row);
        let chosen = sent.text(&["ground"]);
        let grounds = Ground::ALL.map(|ground| Choice {
            value: ground.as_str().to_owned(),
            words: asked(ground).to_owned(),
            selected: ground.as_str() == chosen,
        });
        let errors = fields.into_iter().map(|error| views::FieldError {
            field: error.field.as_str().to_owned(),
            message: error.message,
        });
        let mut response = html(&ReportPage {
            layout: site_layout(self.site),
            done,
            action: report_path(self.site, self.comment),
            form_token: report_token(&app.keys, self.site, self.comment, app.now()),
            trap: TRAP.to_owned(),
            author: row.author.clone(),
            posted: moment(row.created_at, app.now()),
            body: SafeHtml(row.html.clone()),
            back: Link {
                text: readable(&row.article_url),
                href: format!("{}#comment-{}", row.article_url, self.comment),
            },
            grounds: grounds.to_vec(),
            words: sent.text(&["words"]),
            longest: LONGEST_REPORT,
            site: self.site.name.clone(),
            message,
            errors: errors.collect(),
        });
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        response
    }
}

/// A ground as readers are asked for it.
fn asked(ground: Ground) -> &'static str {
    match ground {
        Ground::Spam => "It is spam or advertising",
        Ground::Abuse => "It insults, threatens or harasses somebody",
        Ground::OffTopic => "It has nothing to do with the article",
        Ground::Illegal => "It is against the law",
        Ground::Other => "Something else",
    }
}

impl From<ReportError> for WebError {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::Store(error) => error.into(),
            ReportError::NotFound => Self::new(
                StatusCode::NOT_FOUND,
                "This comment is not on the page any more",
                "There is nothing left to report; go back to where you came from.",
            ),
        }
    }
}
