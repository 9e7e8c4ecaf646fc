//! Akismet's protocol, byte by byte, and what becomes of the comments.

mod callback;
mod calls;
mod keys;
mod log_only;
mod machine;
mod retention;

use moderato::service::audit::Actor;
use moderato::service::keys::{Kind, Spec, create};
use moderato::service::{intake, recent};
use reqwest::Response;

use crate::app::{TestApp, header};

/// An Akismet client with a key for the test's site.
pub(crate) struct Client<'a> {
    pub(crate) app: &'a TestApp,
    pub(crate) key: String,
}

impl<'a> Client<'a> {
    pub(crate) async fn new(app: &'a TestApp) -> Self {
        let site = app.app.sites.find("blog").unwrap();
        let spec = Spec { kind: Kind::Akismet, name: "WordPress", scopes: &[], log_only: false, secret: "" };
        let made = create(&app.app, Actor::CommandLine, &site, spec).await.unwrap();
        Self { app, key: made.key }
    }

    /// Calls with these fields on top of key, blog and address.
    pub(crate) async fn call(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let mut form = vec![
            ("api_key", self.key.as_str()),
            ("blog", "https://blog.example/"),
            ("user_ip", "203.0.113.7"),
        ];
        form.retain(|(name, _)| !fields.iter().any(|(other, _)| other == name));
        form.extend(fields.iter().filter(|(_, value)| !value.is_empty()));
        Answer::of(self.app.browser().post(path, &form).await).await
    }

    pub(crate) async fn check(&self, fields: &[(&str, &str)]) -> Answer {
        self.call("/1.1/comment-check", fields).await
    }

    /// Waits until everything that was asked about is stored, and known to the next check.
    pub(crate) async fn settle(&self) {
        intake::flush(&self.app.app).await.unwrap();
        recent::refresh(&self.app.app).await.unwrap();
    }
}

/// What a client sees.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
    pub(crate) kind: String,
    pub(crate) guid: String,
    pub(crate) help: String,
    pub(crate) tip: String,
    pub(crate) recheck: String,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let headers = response.headers().clone();
        Self {
            status: response.status().as_u16(),
            kind: header(&headers, "content-type"),
            guid: header(&headers, "x-akismet-guid"),
            help: header(&headers, "x-akismet-debug-help"),
            tip: header(&headers, "x-akismet-pro-tip"),
            recheck: header(&headers, "x-akismet-recheck-after"),
            body: response.text().await.unwrap(),
        }
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Spam by every measure, with a word that makes it another one.
pub(crate) fn spam(word: &str) -> String {
    format!(
        "{word} Buy cheap viagra online casino bonus http://pills.example.top/buy click here \
         http://casino.example.top/win free money now"
    )
}
