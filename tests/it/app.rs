//! A Moderato for a test: the real router on a real socket, on a database of its own, with a clock that stands.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::{Arc, Mutex};

use moderato::app::{App, Clock};
use moderato::jobs;
use moderato::service::accounts::{self, Role};
use moderato::service::models::register_starter;
use moderato::service::outbox;
use moderato::service::sites::{self, SiteSpec};
use moderato::settings::Settings;
use moderato::store::Db;
use moderato::web;
use reqwest::header::{ACCEPT, HeaderMap, LOCATION};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{PgPool, Postgres};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use tokio_util::sync::{CancellationToken, DropGuard};
use url::Url;

use crate::command::Run;

/// A page of the test's site.
pub(crate) const ARTICLE: &str = "https://blog.example/a-walk-by-the-river";
/// The number of the test's site: the first one made.
pub(crate) const SITE: i64 = 1;
/// A password that is long enough.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A clock that moves only when told to.
#[derive(Debug)]
pub(crate) struct StandingClock(Mutex<OffsetDateTime>);

impl Clock for StandingClock {
    fn now(&self) -> OffsetDateTime {
        *self.0.lock().unwrap()
    }
}

/// What happens to new comments.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Policy3 {
    PublishAll,
    HoldAll,
    RejectAll,
    Usual,
}

impl Policy3 {
    fn thresholds(self) -> (f64, f64) {
        match self {
            Self::PublishAll => (1.0, 1.0),
            Self::HoldAll => (0.0, 1.0),
            Self::RejectAll => (0.0, 0.0),
            Self::Usual => (0.2, 0.95),
        }
    }
}

/// A running Moderato with the site `blog`.
pub(crate) struct TestApp {
    pub(crate) app: Arc<App>,
    pub(crate) pool: PgPool,
    pub(crate) url: String,
    pub(crate) clock: Arc<StandingClock>,
    _stop: DropGuard,
}

impl TestApp {
    /// Starts on this database; what is in it already stays. Decisions have their effects at once.
    pub(crate) async fn start(pool: PgPool, policy: Policy3) -> Self {
        Self::start_with(pool, policy, |_| ()).await
    }

    /// The same with other settings.
    pub(crate) async fn start_with(pool: PgPool, policy: Policy3, set: impl FnOnce(&mut Settings)) -> Self {
        let clock = Arc::new(StandingClock(Mutex::new(datetime!(2026-11-24 12:00 UTC))));
        let db = Db::from_pool(pool.clone());
        register_starter(&db, None, clock.now()).await.unwrap();
        let listener = web::listen(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let mut settings =
            Settings { listen: listener.local_addr().unwrap(), undo_seconds: 0, ..Settings::default() };
        set(&mut settings);
        let app = App::start(settings, db, Arc::clone(&clock) as Arc<dyn Clock>).await.unwrap();
        let spec = SiteSpec {
            name: "blog".into(),
            title: "A Blog".into(),
            origins: vec!["https://blog.example".into(), "https://www.blog.example".into()],
            thresholds: policy.thresholds(),
            hold_abuse_from: 0.8,
            audit_share: 0.0,
            log_only: false,
            targets: None,
        };
        if app.sites.find("blog").is_none() {
            sites::add(&app, &spec).await.unwrap();
        }
        let stop = CancellationToken::new();
        let url = app.settings.public_url();
        tokio::spawn(web::serve(listener, Arc::clone(&app), true, stop.clone()));
        Self { app, pool, url, clock, _stop: stop.drop_guard() }
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, time: Duration) {
        *self.clock.0.lock().unwrap() += time;
    }

    /// A browser that nobody is signed in with; it follows no redirect, so that tests see them.
    pub(crate) fn browser(&self) -> Browser {
        let client = Client::builder().redirect(Policy::none()).cookie_store(true).build().unwrap();
        Browser { client, url: self.url.clone() }
    }

    /// A browser that somebody of this role is signed in with.
    pub(crate) async fn signed_in(&self, name: &str, role: Role) -> Browser {
        accounts::add(&self.app, name, role, &[], PASSWORD).await.unwrap();
        let browser = self.browser();
        let answer = browser.post("/admin/sign-in", &[("name", name), ("password", PASSWORD)]).await;
        assert_eq!(answer.status(), 303);
        browser
    }

    /// Posts a comment as a form; `fields` come on top of an ordinary one's.
    pub(crate) async fn comment(&self, text: &str, fields: &[(&str, &str)]) -> Response {
        let mut form =
            vec![("article", ARTICLE), ("comment", text), ("author", "Mia"), ("email", "mia@example.org")];
        form.retain(|(name, _)| !fields.iter().any(|(other, _)| other == name));
        form.extend(fields);
        self.browser().post("/sites/blog/comments", &form).await
    }

    /// Posts a comment and returns its id, whatever became of it.
    pub(crate) async fn comment_id(&self, text: &str) -> String {
        let location = location(&self.comment(text, &[]).await);
        let start =
            location.find("#comment-").map_or_else(|| location.find("/comments/").unwrap() + 10, |at| at + 9);
        location[start..start + 36].to_owned()
    }

    /// Runs the background jobs that are due.
    pub(crate) async fn run_jobs(&self) -> usize {
        jobs::run_due(&self.app).await.unwrap()
    }

    /// Sends what is to go out.
    pub(crate) async fn send_out(&self) {
        while outbox::run(&self.app).await.unwrap() {}
    }

    /// Runs the `moderato` command on the test's database.
    pub(crate) async fn command(&self, arguments: &[&str]) -> Run {
        let database: String =
            sqlx::query_scalar("select current_database()").fetch_one(&self.pool).await.unwrap();
        let mut url = Url::parse(&std::env::var("DATABASE_URL").unwrap()).unwrap();
        url.set_path(&database);
        let mut command = Command::new(env!("CARGO_BIN_EXE_moderato"));
        command.args(arguments).env("DATABASE_URL", url.as_str());
        let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
        Run {
            status: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// One number from the database.
    pub(crate) async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.unwrap()
    }

    /// Runs a statement that puts comments where no decision has put them, which the database refuses otherwise.
    pub(crate) async fn unlogged(&self, statement: Query<'_, Postgres, PgArguments>) {
        let mut tx = self.pool.begin().await.unwrap();
        sqlx::raw_sql("alter table comments disable trigger comments_state_logged")
            .execute(&mut *tx)
            .await
            .unwrap();
        statement.execute(&mut *tx).await.unwrap();
        sqlx::raw_sql("alter table comments enable trigger comments_state_logged")
            .execute(&mut *tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    /// Where a comment stands in the database.
    pub(crate) async fn state(&self, id: &str) -> String {
        sqlx::query_scalar("select state from comments where id = $1::uuid")
            .bind(id)
            .fetch_one(&self.pool)
            .await
            .unwrap()
    }
}

/// Somebody's browser.
pub(crate) struct Browser {
    client: Client,
    url: String,
}

impl Browser {
    pub(crate) fn request(&self, method: reqwest::Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(reqwest::Method::GET, path).header(ACCEPT, "text/html").send().await.unwrap()
    }

    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        self.request(reqwest::Method::POST, path).header(ACCEPT, "text/html").form(form).send().await.unwrap()
    }

    /// Decides on a comment as the card's form does; `version` is what was on the card.
    pub(crate) async fn decide(&self, id: &str, verdict: &str, version: &str) -> Response {
        let form = [
            ("site", "1"),
            ("comment", id),
            ("version", version),
            ("verdict", verdict),
            ("back", "/admin/?state=all"),
        ];
        self.post("/admin/decide", &form).await
    }

    /// Presses the undo button of the page that is shown next.
    pub(crate) async fn undo(&self) -> Response {
        let page = self.get("/admin/?state=all").await.text().await.unwrap();
        let (site, decision) = {
            let page = scraper::Html::parse_document(&page);
            let value = |name: &str| {
                let field =
                    scraper::Selector::parse(&format!("form[action='/admin/undo'] input[name={name}]"))
                        .unwrap();
                page.select(&field).next().unwrap().attr("value").unwrap().to_owned()
            };
            (value("site"), value("decision"))
        };
        self.post("/admin/undo", &[("site", &site), ("decision", &decision), ("back", "/admin/")]).await
    }
}

/// Where an answer leads.
pub(crate) fn location(response: &Response) -> String {
    header(response.headers(), LOCATION.as_str())
}

/// A header's text, or nothing.
pub(crate) fn header(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}
