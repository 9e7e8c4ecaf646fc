//! The JSON API, through HTTP.

mod checks;
mod comments;
mod doors;
mod lists;

use moderato::service::audit::Actor;
use moderato::service::keys::{Kind, Scope, Spec, create};
use moderato::service::sites::{self, SiteSpec};
use moderato::service::{intake, recent};
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};

use crate::app::{ARTICLE, TestApp, header};

/// A program with a key for a site.
pub(crate) struct Program<'a> {
    app: &'a TestApp,
    key: String,
}

impl<'a> Program<'a> {
    /// One that may do everything at the test's site.
    async fn new(app: &'a TestApp) -> Self {
        Self::with(app, "blog", &Scope::ALL).await
    }

    async fn with(app: &'a TestApp, site: &str, scopes: &[Scope]) -> Self {
        let site = app.app.sites.find(site).unwrap();
        let made = create(
            &app.app,
            Actor::CommandLine,
            &site,
            Spec { kind: Kind::Api, name: "our program", scopes, log_only: false, secret: "" },
        )
        .await
        .unwrap();
        Self { app, key: made.key }
    }

    /// One at a site of its own.
    async fn elsewhere(app: &'a TestApp) -> Self {
        let blog = app.app.sites.find("blog").unwrap();
        let spec = SiteSpec {
            name: "other".into(),
            origins: vec!["https://other.example".into()],
            ..SiteSpec::of(&blog)
        };
        sites::add(&app.app, &spec).await.unwrap();
        Self::with(app, "other", &Scope::ALL).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.app.browser().request(method, &format!("/api/v1{path}")).bearer_auth(&self.key)
    }

    async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path).send().await.unwrap()).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(body).send().await.unwrap()).await
    }

    /// Submits a comment and returns its id.
    async fn submit(&self, text: &str) -> String {
        let answer = self.post("/comments", &comment(text)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.text("id")
    }

    /// Waits until everything that was checked is stored, and known to the next check.
    async fn settle(&self) {
        intake::flush(&self.app.app).await.unwrap();
        recent::refresh(&self.app.app).await.unwrap();
    }
}

/// A comment to submit.
fn comment(text: &str) -> Value {
    json!({ "article": ARTICLE, "comment": text, "author": "Mia", "email": "mia@example.org" })
}

/// What a program sees.
#[derive(Debug)]
pub(crate) struct Answer {
    status: u16,
    headers: HeaderMap,
    raw: String,
    /// Nothing where it is no JSON.
    body: Value,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let raw = response.text().await.unwrap();
        let body = serde_json::from_str(&raw).unwrap_or_default();
        Self { status, headers, raw, body }
    }

    fn text(&self, field: &str) -> String {
        self.body[field].as_str().unwrap_or_default().to_owned()
    }

    fn header(&self, name: &str) -> String {
        header(&self.headers, name)
    }

    /// Holds an error to the form of problem details, and returns what it says.
    fn problem(&self, status: u16) -> &Value {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        assert_eq!(self.body["status"], status);
        assert!(!self.text("title").is_empty() && !self.text("detail").is_empty(), "{self:?}");
        &self.body
    }
}
