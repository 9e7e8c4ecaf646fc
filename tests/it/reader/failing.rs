//! What readers see when something is wrong.

use serde_json::Value;
use sqlx::PgPool;

use crate::app::{ARTICLE, Policy3, TestApp, header};

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn without_a_database_the_text_is_kept_and_a_time_is_named(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    app.app.db.close().await;
    let answer = app.comment("A text that took me an hour.", &[]).await;
    assert_eq!(answer.status(), 503);
    assert_eq!(header(answer.headers(), "retry-after"), "5");
    let page = answer.text().await.unwrap();
    assert!(page.contains("A text that took me an hour.") && page.contains("could not store"), "{page}");

    let answer = app
        .browser()
        .request(reqwest::Method::POST, "/sites/blog/comments")
        .header("accept", "application/json")
        .json(&serde_json::json!({ "article": ARTICLE, "comment": "x", "author": "Mia" }))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 503);
    assert_eq!(header(answer.headers(), "retry-after"), "5");
    assert_eq!(header(answer.headers(), "content-type"), "application/problem+json");
    assert_eq!(app.browser().get("/readyz").await.status(), 503);
    assert_eq!(app.browser().get("/healthz").await.status(), 200);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn unknown_sites_and_pages_are_told_in_words(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    let answer = app.browser().post("/sites/nowhere/comments", &[("comment", "x")]).await;
    assert_eq!(answer.status(), 404);
    assert!(answer.text().await.unwrap().contains("no site named “nowhere”"));
    let answer = app.browser().get("/no/such/page").await;
    assert_eq!(answer.status(), 404);
    assert!(answer.text().await.unwrap().contains("This page does not exist"));
    let answer = app.browser().request(reqwest::Method::DELETE, "/sites/blog/comments").send().await.unwrap();
    assert_eq!(answer.status(), 405);
    assert!(header(answer.headers(), "allow").contains("POST"));
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn bodies_that_are_too_large_or_unreadable_are_refused(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    let huge = "x".repeat(300_000);
    let answer = app.comment(&huge, &[]).await;
    assert_eq!(answer.status(), 413);
    assert!(answer.text().await.unwrap().contains("too large"));
    let long = "x".repeat(70_000);
    let answer = app.comment(&long, &[]).await;
    assert_eq!(answer.status(), 422, "too long, but readable: the text is kept");
    assert!(answer.text().await.unwrap().contains("65525"));

    let send = |kind: &'static str, body: &'static str| {
        let request = app.browser().request(reqwest::Method::POST, "/sites/blog/comments");
        request.header("content-type", kind).header("accept", "application/json").body(body).send()
    };
    let answer = send("application/json", "{\"comment\": ").await.unwrap();
    assert_eq!(answer.status(), 400);
    let problem: Value = answer.json().await.unwrap();
    assert!(problem["detail"].as_str().unwrap().contains("line 1"), "{problem}");
    assert_eq!(send("application/json", "{\"comment\": [1]}").await.unwrap().status(), 400);
    assert_eq!(send("text/csv", "a,b").await.unwrap().status(), 415);
    assert_eq!(app.count("select count(*) from comments").await, 0);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn texts_that_upset_others_are_stored(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let texts = [
        "C:\\path\\to\\nowhere \\frac{1}{2} $x^2$",
        "null \u{0} byte and \u{feff} mark",
        "[link](javascript:alert(1)) ![x](data:image/png;base64,AAAA)",
        "\u{202e}reversed\u{202c} z̸̢̛͓a̷l̶g̵o̸",
        "'; drop table comments; --",
        "{{ template }} ${expression} <% code %>",
        "🏳️‍🌈👩‍👩‍👧‍👦 emoji",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
    ];
    for text in texts {
        let answer = app.comment(text, &[]).await;
        assert_eq!(answer.status(), 303, "{text}");
    }
    assert_eq!(app.count("select count(*) from comments").await, i64::try_from(texts.len()).unwrap());
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn every_page_forbids_what_it_does_not_need(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    for path in ["/demo/election-servers-get-a-shield", "/admin/sign-in", "/privacy/blog", "/nowhere"] {
        let answer = app.browser().get(path).await;
        let policy = header(answer.headers(), "content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(header(answer.headers(), "x-content-type-options"), "nosniff", "{path}");
        assert!(!header(answer.headers(), "x-request-id").is_empty(), "{path}");
    }
}
