//! Log only: everything is judged, nothing is decided, and people are held against it.

use moderato::service::accounts::Role;
use sqlx::PgPool;

use super::{Client, spam};
use crate::app::{ARTICLE, Browser, Policy3, TestApp};

async fn standing(app: &TestApp) -> Vec<(String, Option<String>, Option<String>)> {
    sqlx::query_as("select state, entered, would_be from comments order by id")
        .fetch_all(&app.pool)
        .await
        .unwrap()
}

/// Switches the site by the page's form.
async fn switch(admin: &Browser, on: &str) {
    let answer = admin.post("/admin/log-only", &[("site", "blog"), ("log_only", on)]).await;
    assert_eq!(answer.status(), 303);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_log_only_site_judges_everything_and_decides_nothing(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let client = Client::new(&app).await;
    let admin = app.signed_in("ada", Role::Admin).await;
    switch(&admin, "on").await;
    let text = spam("hello");
    let fields = [
        ("comment_author", "Mia <b>"),
        ("comment_author_email", "mia@example.org"),
        ("comment_content", text.as_str()),
    ];
    let answer = client.check(&fields).await;
    assert_eq!((answer.body.as_str(), answer.tip.as_str(), answer.recheck.as_str()), ("false", "", ""));
    let tried = client.check(&[("comment_author", "akismet-guaranteed-spam")]).await;
    assert_eq!(tried.body, "false", "nothing is decided, by agreement neither");
    client.settle().await;
    assert_eq!(standing(&app).await, [("approved".into(), None, Some("spam".into()))]);
    assert_eq!(
        app.count("select count(*) from comments where spam_probability > 0.95 and not sampled").await,
        1
    );

    // Readers' comments are published.
    assert_eq!(app.comment(&spam("form"), &[("author", "Reader")]).await.status(), 303);
    let thread =
        app.browser().get(&format!("/sites/blog/comments?article={ARTICLE}")).await.text().await.unwrap();
    assert!(thread.contains("form Buy cheap"), "{thread}");

    // Nobody has said anything yet; then one report and one decision.
    let page = admin.get("/admin/log-only").await.text().await.unwrap();
    assert!(page.contains("Nobody has said yet"), "{page}");
    client.call("/1.1/submit-ham", &fields).await;
    let id: String = sqlx::query_scalar("select id::text from comments where author = 'Reader'")
        .fetch_one(&app.pool)
        .await
        .unwrap();
    admin.decide(&id, "spam", "1").await;
    let page = admin.get("/admin/log-only").await.text().await.unwrap();
    assert!(page.contains("1 of 2 comments") && page.contains("Mia &#60;b&#62;"), "{page}");
    assert!(
        page.contains("genuine</td>") && !page.contains("spam</td>"),
        "the other one is no disagreement: {page}"
    );
    let stats = client.call("/1.1/get-stats", &[("key", &client.key), ("from", "all")]).await.json();
    assert_eq!((stats["missed_spam"].as_i64(), stats["false_positives"].as_i64()), (Some(0), Some(0)));
    let own = admin.get(&format!("/admin/comments/blog/{id}")).await.text().await.unwrap();
    assert!(own.contains("it would have been turned away"), "{own}");

    switch(&admin, "").await;
    assert_eq!(client.check(&[("comment_author", "akismet-guaranteed-spam")]).await.body, "true");
    assert_eq!(
        app.count("select count(*) from acts where kind = 'site set' and actor = 'moderator'").await,
        2
    );
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_was_let_through_is_no_record_of_its_author(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let client = Client::new(&app).await;
    let admin = app.signed_in("ada", Role::Admin).await;
    switch(&admin, "on").await;
    let by = |text: &'static str| {
        [("comment_author", "Mia"), ("comment_author_email", "mia@example.org"), ("comment_content", text)]
    };
    client.check(&by("One.")).await;
    client.check(&by("Two.")).await;
    client.settle().await;
    client.check(&by("Three.")).await;
    client.settle().await;
    let fired = "select count(*) from comments where signals <> '{}'";
    assert_eq!(app.count(fired).await, 0, "two comments that nobody has looked at");

    client.call("/1.1/submit-ham", &by("One.")).await;
    client.check(&by("Four.")).await;
    client.settle().await;
    client.check(&by("Five.")).await;
    client.settle().await;
    assert_eq!(app.count(fired).await, 1, "what people call genuine counts");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_single_key_is_switched_by_command_and_by_page(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let client = Client::new(&app).await;
    let text = spam("hello");
    let made = app
        .command(&["key", "create", "--site", "blog", "--kind", "akismet", "--name", "Trial", "--log-only"])
        .await;
    let trial = made.stdout.trim().to_owned();
    let reload = async || app.app.api_keys.reload(&mut app.app.db.conn().await.unwrap()).await.unwrap();
    reload().await;
    let ask = async |key: &str, word: &str| {
        client.check(&[("api_key", key), ("comment_author", word), ("comment_content", &text)]).await.body
    };
    assert_eq!((ask(&trial, "a").await, ask(&client.key, "b").await), ("false".into(), "true".into()));
    assert_eq!(app.command(&["key", "log-only", "2", "false"]).await.status, 0);
    reload().await;
    assert_eq!(ask(&trial, "c").await, "true");

    let admin = app.signed_in("ada", Role::Admin).await;
    assert_eq!(admin.post("/admin/keys/log-only", &[("id", "1"), ("log_only", "on")]).await.status(), 303);
    assert_eq!(ask(&client.key, "d").await, "false");
    assert!(admin.get("/admin/keys").await.text().await.unwrap().contains("Log only: decides nothing"));
    assert_eq!(admin.post("/admin/keys/log-only", &[("id", "9"), ("log_only", "on")]).await.status(), 404);
    assert_eq!(app.count("select count(*) from acts where kind = 'key set'").await, 2);

    let viewer = app.signed_in("vera", Role::Viewer).await;
    assert_eq!(viewer.get("/admin/log-only").await.status(), 200);
    assert!(!viewer.get("/admin/log-only").await.text().await.unwrap().contains("Let it decide"));
    for (path, form) in [
        ("/admin/log-only", [("site", "blog"), ("log_only", "on")]),
        ("/admin/keys/log-only", [("id", "1"), ("log_only", "")]),
    ] {
        assert_eq!(viewer.post(path, &form).await.status(), 403);
        let foreign =
            admin.request(reqwest::Method::POST, path).header("sec-fetch-site", "cross-site").form(&form);
        assert_eq!(foreign.send().await.unwrap().status(), 403, "from another site's page");
    }
    assert_eq!(app.command(&["site", "set", "blog", "--log-only", "true"]).await.status, 0);
    assert!(app.command(&["site", "show", "blog"]).await.stdout.contains("log only       yes"));
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn disagreements_go_on_page_by_page(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let client = Client::new(&app).await;
    let admin = app.signed_in("ada", Role::Admin).await;
    switch(&admin, "on").await;
    let authors: Vec<String> = (0..30).map(|number| format!("Author {number:02}")).collect();
    let text = spam("hello");
    let of = |author| [("comment_author", author), ("comment_content", text.as_str())];
    for author in &authors {
        client.check(&of(author)).await;
    }
    client.settle().await;
    for author in &authors {
        client.call("/1.1/submit-ham", &of(author)).await;
    }
    let page = admin.get("/admin/log-only").await.text().await.unwrap();
    let begins = |page: &str| page.matches("class=\"begins\"").count();
    assert!(begins(&page) == 25 && page.contains("Author 29"), "{page}");
    let start = page.find("/admin/log-only?before=").unwrap();
    let older = &page[start..start + "/admin/log-only?before=".len() + 36];
    let rest = admin.get(older).await.text().await.unwrap();
    assert!(begins(&rest) == 5 && !rest.contains("Author 29"), "{rest}");
}
