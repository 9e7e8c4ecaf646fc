//! `POST /sites/{site}/comments`: a reader's comment, as a plain HTML form or as JSON.

use std::net::{IpAddr, SocketAddr};

use axum::Json;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use url::Url;

use super::origin::{may_send, referring_page, share_with_site};
use crate::comment::{ArticleUrl, Field, FieldError, Origin, RawSubmission, State as Standing, Submission};
use crate::service::sites::Site;
use crate::service::submit::{Accepted, Arrival, Mark, SubmitError, submit};
use crate::service::tokens::{form_timing, status_token};
use crate::web::body::{self, Fields};
use crate::web::client::client_address;
use crate::web::error::{WebError, html, prefers_json};
use crate::web::markup::{TRAP, comment_form, readable, site_layout};
use crate::web::router::Shared;
use crate::web::views;

/// The longest comment, every byte of it percent-encoded, and room for the other fields.
const BODY_LIMIT: usize = 256 * 1024;

/// What a form sends, by all the names that forms use.
struct Sent {
    raw: RawSubmission,
    redirect_to: Option<String>,
    trap: String,
    form_token: String,
}

impl Sent {
    fn from_fields(fields: &Fields, headers: &HeaderMap) -> Self {
        // Staticman's slug and WordPress's number may be addresses, and mostly are not.
        let address = |name: &str| fields.first(&[name]).filter(|value| value.contains("://"));
        let article = fields
            .first(&["article"])
            .or_else(|| address("options[slug]"))
            .or_else(|| fields.first(&["options[origin]"]))
            .or_else(|| address("comment_post_ID"))
            .or_else(|| referring_page(headers))
            .unwrap_or_default();
        Self {
            raw: RawSubmission {
                article: article.to_owned(),
                parent: fields.text(&["parent", "comment_parent", "options[parent]", "fields[parent]"]),
                comment: fields.text(&[
                    "comment",
                    "fields[message]",
                    "fields[comment]",
                    "fields[body]",
                    "message",
                ]),
                author: fields.text(&["author", "fields[name]", "fields[author]", "name"]),
                email: fields.text(&["email", "fields[email]"]),
                url: fields.text(&["url", "fields[url]", "fields[website]"]),
            },
            redirect_to: fields.first(&["redirect_to", "options[redirect]"]).map(str::to_owned),
            trap: fields.text(&[TRAP]),
            form_token: fields.text(&["form_token"]),
        }
    }
}

pub(in crate::web) async fn post(
    State(shared): State<Shared>,
    Path(site): Path<String>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
) -> Result<Response, WebError> {
    let site = shared.app.sites.find(&site).ok_or_else(|| WebError::no_such_site(&site))?;
    let headers = request.headers().clone();
    let response =
        take(&shared, &site, peer.ip(), &headers, request).await.unwrap_or_else(IntoResponse::into_response);
    Ok(share_with_site(&site, &headers, response))
}

/// Tells a browser that a script on the site's own pages may send JSON.
pub(in crate::web) async fn preflight(
    State(shared): State<Shared>,
    Path(site): Path<String>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let site = shared.app.sites.find(&site).ok_or_else(|| WebError::no_such_site(&site))?;
    Ok(share_with_site(&site, &headers, StatusCode::NO_CONTENT.into_response()))
}

async fn take(
    shared: &Shared,
    site: &Site,
    peer: IpAddr,
    headers: &HeaderMap,
    request: Request,
) -> Result<Response, WebError> {
    may_send(site, headers).map_err(|from| {
        // All of them: those that are given take the place of those that were.
        let origins = site.origins.iter().map(ToString::to_string).chain([from.clone()]);
        let origins: Vec<String> = origins.map(|origin| format!("--origin {origin}")).collect();
        WebError::new(
            StatusCode::FORBIDDEN,
            "Comments for this site cannot be sent from there",
            format!(
                "Whoever runs the site can allow it with `moderato site set {} {}`.",
                site.name,
                origins.join(" ")
            ),
        )
        .because(format!("The form is on {from}, which is none of the pages of {}.", site.title))
    })?;
    let sent = Sent::from_fields(&body::read(request, BODY_LIMIT).await?, headers);
    let reply = Reply { shared, site, headers, sent: &sent };
    let address = client_address(peer, headers, shared.app.settings.trust_forwarded_for);
    if let Err(wait) = shared.limiter.check(address) {
        let seconds = wait.as_secs() + 1;
        let error = WebError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "You have sent many comments in a short time",
            format!("Your text is kept below. Please wait {seconds} seconds and send it again."),
        );
        return Ok(reply.form(&error.retry_after(seconds)));
    }
    let submission =
        match Submission::parse(&sent.raw).and_then(|submission| on_this_site(site, headers, submission)) {
            Ok(submission) => submission,
            Err(fields) => return Ok(reply.invalid(fields)),
        };
    let arrival = Arrival {
        trap_filled: !sent.trap.is_empty(),
        timing: form_timing(
            &shared.app.keys,
            &sent.form_token,
            site.id,
            submission.article.key(),
            shared.app.now(),
        ),
        mark: headers
            .get("idempotency-key")
            .and_then(|value| value.to_str().ok())
            .filter(|sent| !sent.is_empty())
            .map(|sent| Mark { key_id: None, sent }),
        address: Some(address),
        log_only: false,
    };
    match submit(&shared.app, site, &submission, arrival).await {
        Ok(accepted) => Ok(reply.accepted(accepted, &submission.article)),
        Err(SubmitError::Field(error)) => Ok(reply.invalid(vec![error])),
        Err(SubmitError::Store(error)) => {
            let error = WebError::from(error);
            let what = match error.status() {
                StatusCode::SERVICE_UNAVAILABLE => "We could not store your comment just now",
                _ => "Something went wrong on our side, and your comment is not stored",
            };
            let told = WebError::new(
                error.status(),
                what,
                "Your text is kept below. Please send it again in a moment.",
            );
            Ok(reply.form(&told.retry_after(crate::web::error::RETRY_SECONDS)))
        }
    }
}

/// A comment's article must be one of the site's pages.
fn on_this_site(
    site: &Site,
    headers: &HeaderMap,
    submission: Submission,
) -> Result<Submission, Vec<FieldError>> {
    if site.owns(submission.article.origin()) {
        return Ok(submission);
    }
    let mut message =
        format!("This page, on {}, is none of the pages of {}.", submission.article.origin(), site.title);
    if super::origin::is_own(submission.article.as_str(), headers) {
        message
            .push_str(" Send the address of the commented page as “article”: the browser did not tell it.");
    }
    Err(vec![FieldError::new(Field::Article, message)])
}

/// How the answer is given.
struct Reply<'a> {
    shared: &'a Shared,
    site: &'a Site,
    headers: &'a HeaderMap,
    sent: &'a Sent,
}

impl Reply<'_> {
    /// To its author, a comment turned away as spam looks like a held one.
    fn accepted(&self, accepted: Accepted, article: &ArticleUrl) -> Response {
        let app = &self.shared.app;
        let published = accepted.state == Standing::Approved;
        let token = status_token(&app.keys, self.site.id, accepted.id, app.now());
        let status_path = format!("/comments/{}/status?t={token}", accepted.id);
        if prefers_json(self.headers) {
            let status_url = format!("{}{status_path}", app.settings.public_url());
            let status = if published { "approved" } else { "held" };
            let body = Json(json!({ "id": accepted.id, "status": status, "status_url": status_url }));
            return (StatusCode::CREATED, body).into_response();
        }
        let target = if published {
            let page =
                self.sent.redirect_to.as_deref().and_then(|to| redirect_target(self.site, article, to));
            format!("{}#comment-{}", page.as_deref().unwrap_or(article.as_str()), accepted.id)
        } else {
            status_path
        };
        match HeaderValue::try_from(target) {
            Ok(target) => (StatusCode::SEE_OTHER, [(LOCATION, target)]).into_response(),
            Err(error) => WebError::from_bug(error).into_response(),
        }
    }

    fn invalid(&self, fields: Vec<FieldError>) -> Response {
        let error = WebError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "Your comment is not posted yet",
            "Please correct what is marked and send it again.",
        );
        self.form_with(&error.with_fields(fields.clone()), fields)
    }

    fn form(&self, error: &WebError) -> Response {
        self.form_with(error, Vec::new())
    }

    /// The form again, with what was typed.
    fn form_with(&self, error: &WebError, fields: Vec<FieldError>) -> Response {
        if prefers_json(self.headers) {
            return error.problem();
        }
        let (site, sent) = (self.site, self.sent);
        let mut form = comment_form(&self.shared.app, site, &sent.raw, None);
        if !sent.raw.parent.trim().is_empty() && !fields.iter().any(|error| error.field == Field::Parent) {
            form.replying =
                Some(views::Replying { id: sent.raw.parent.clone(), name: "a comment".to_owned() });
        }
        let explained = !fields.is_empty();
        form.errors = fields
            .into_iter()
            .map(|error| views::FieldError { field: error.field.as_str().to_owned(), message: error.message })
            .collect();
        let article = ArticleUrl::parse(&sent.raw.article).ok().filter(|article| site.owns(article.origin()));
        let home = || site.origins.first().map(|origin| format!("{origin}/")).unwrap_or_default();
        let href = article.map_or_else(home, |article| article.as_str().to_owned());
        let page = views::FormPage {
            layout: site_layout(site),
            heading: error.heading().to_owned(),
            message: (!explained).then(|| error.next().to_owned()),
            article: views::Link { text: readable(&href), href },
            form,
        };
        let mut response = error.mark((error.status(), html(&page)).into_response());
        if let Ok(policy) = HeaderValue::try_from(form_policy(site)) {
            response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
        }
        response
    }
}

/// Browsers hold the redirect after a form post to the page's policy too, and it leads to the site's pages.
fn form_policy(site: &Site) -> String {
    // A policy has no way to name an IPv6 address.
    let origins: Vec<&str> =
        site.origins.iter().map(Origin::as_str).filter(|origin| !origin.contains('[')).collect();
    format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; \
         frame-ancestors 'none'; form-action 'self' {}",
        origins.join(" ")
    )
}

/// Where a form wants its reader to go, if that is on the site's own pages. Elsewhere nobody is sent.
fn redirect_target(site: &Site, article: &ArticleUrl, to: &str) -> Option<String> {
    let mut target = Url::parse(article.as_str()).ok()?.join(to.trim()).ok()?;
    target.set_fragment(None);
    let origin = crate::comment::origin_of(&target).ok()?;
    (matches!(target.scheme(), "http" | "https") && target.username().is_empty() && site.owns(&origin))
        .then(|| target.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Thresholds;

    fn site() -> Site {
        Site {
            hold_abuse_from: 1.0,
            log_only: false,
            audit_share: 0.0,
            id: 1,
            name: "blog".into(),
            title: "Blog".into(),
            origins: vec![Origin::parse("https://blog.example").unwrap()],
            fixed_thresholds: Thresholds::DEFAULT,
            promise: None,
        }
    }

    #[test]
    fn redirects_stay_on_the_site() {
        let article = ArticleUrl::parse("https://blog.example/a/b").unwrap();
        let target = |to| redirect_target(&site(), &article, to);
        assert_eq!(target("/thanks#x").as_deref(), Some("https://blog.example/thanks"));
        assert_eq!(target("c").as_deref(), Some("https://blog.example/a/c"));
        for off_site in [
            "https://evil.example/",
            "//evil.example/",
            "/\\evil.example",
            "https:\\\\evil.example",
            "javascript:alert(1)",
            "https://blog.example.evil.example/",
            "https://blog.example@evil.example/",
            "https://user@blog.example/",
            "http://blog.example/",
        ] {
            assert_eq!(target(off_site), None, "{off_site}");
        }
    }
}
