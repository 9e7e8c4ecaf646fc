//! `POST /sites/{site}/comments`.

use futures_util::future::join_all;
use serde_json::{Value, json};
use sqlx::PgPool;
use uuid::Uuid;

use crate::app::{ARTICLE, Policy3, TestApp, header, location};

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn an_approved_comment_is_on_the_page(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    let answer = app.comment("A thoughtful answer.", &[]).await;
    assert_eq!(answer.status(), 303);
    let to = location(&answer);
    assert!(to.starts_with(&format!("{ARTICLE}#comment-")), "{to}");
    let thread: Value = app
        .browser()
        .request(reqwest::Method::GET, &format!("/sites/blog/comments?article={ARTICLE}"))
        .header("accept", "application/json")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(thread["comments"][0]["html"], "<p>A thoughtful answer.</p>\n");
    assert_eq!(thread["comments"][0]["author"], "Mia");
    assert!(!thread.to_string().contains("mia@example.org"), "e-mail addresses are never shown");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn spam_looks_like_a_held_comment_to_its_author(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::RejectAll).await;
    let answer = app.comment("Cheap pills at pills.example", &[]).await;
    assert_eq!(answer.status(), 303);
    let page = app.browser().get(&location(&answer)).await.text().await.unwrap();
    assert!(page.contains("Waiting for a person"), "{page}");
    assert!(!page.to_lowercase().contains("spam"), "{page}");
    assert_eq!(app.count("select count(*) from comments where state = 'spam'").await, 1);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_starter_model_tells_plain_spam_from_plain_ham(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let spam = "CONGRATULATIONS!!! You have WON a £1000 prize, call 09061701461 now or visit http://win-prize.top/?id=7";
    app.comment(spam, &[("author", "best-prize-777"), ("email", ""), ("url", "http://win-prize.top")]).await;
    let ham = "Thank you for this. I walk there every morning, and I had no idea that the bridge is older than the town.";
    app.comment(ham, &[]).await;
    let states: Vec<String> =
        sqlx::query_scalar("select state from comments order by id").fetch_all(&app.pool).await.unwrap();
    assert_eq!(states, ["spam", "approved"]);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn json_is_answered_with_json(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let answer = app
        .browser()
        .request(reqwest::Method::POST, "/sites/blog/comments")
        .header("accept", "application/json")
        .header("origin", "https://blog.example")
        .json(&json!({ "article": ARTICLE, "comment": "From a script.", "author": "Mia" }))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 201);
    assert_eq!(header(answer.headers(), "access-control-allow-origin"), "https://blog.example");
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["status"], "held");
    assert!(Uuid::try_parse(body["id"].as_str().unwrap()).is_ok());
    assert!(body["status_url"].as_str().unwrap().contains("/status?t="));
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn every_wrong_field_is_told_and_the_text_is_kept(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    let answer = app
        .comment(
            "A long text worth keeping <b>",
            &[("author", " "), ("email", "nonsense"), ("url", "javascript:x")],
        )
        .await;
    assert_eq!(answer.status(), 422);
    let policy = header(answer.headers(), "content-security-policy");
    assert!(policy.contains("form-action 'self' https://blog.example"), "{policy}");
    let page = answer.text().await.unwrap();
    for kept in [
        "A long text worth keeping &#60;b&#62;",
        "nonsense",
        "Please enter your name.",
        "complete e-mail address",
    ] {
        assert!(page.contains(kept), "{kept} is not in {page}");
    }
    assert_eq!(app.count("select count(*) from comments").await, 0);

    let answer = app
        .browser()
        .request(reqwest::Method::POST, "/sites/blog/comments")
        .header("accept", "application/json")
        .json(&json!({ "article": "https://elsewhere.example/a", "comment": "x", "author": "Mia" }))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 422);
    assert_eq!(header(answer.headers(), "content-type"), "application/problem+json");
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["status"], 422);
    assert_eq!(problem["errors"][0]["field"], "article");
    assert!(problem["errors"][0]["detail"].as_str().unwrap().contains("elsewhere.example"));
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_double_click_is_one_comment(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let answers = join_all((0..8).map(|_| app.comment("Sent eight times at once.", &[]))).await;
    let ids: std::collections::HashSet<String> =
        answers.iter().map(|answer| location(answer)[10..46].to_owned()).collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert_eq!(app.count("select count(*) from comments").await, 1);
    assert_eq!(app.count("select count(*) from decisions").await, 1);
    assert_eq!(app.count("select count(*) from articles").await, 1);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_clients_own_mark_makes_a_retry_the_same_comment(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let send = |text: &'static str, mark: &'static str| {
        let request = app.browser().request(reqwest::Method::POST, "/sites/blog/comments");
        request
            .header("accept", "application/json")
            .header("idempotency-key", mark)
            .json(&json!({ "article": ARTICLE, "comment": text, "author": "Mia" }))
            .send()
    };
    let first: Value = send("One", "a").await.unwrap().json().await.unwrap();
    let again: Value = send("One, with a correction", "a").await.unwrap().json().await.unwrap();
    let other: Value = send("One", "b").await.unwrap().json().await.unwrap();
    assert_eq!(first["id"], again["id"]);
    assert_ne!(first["id"], other["id"]);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn first_comments_on_one_article_at_once_are_all_stored(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let texts: Vec<String> = (0..12).map(|n| format!("Comment number {n}")).collect();
    let answers = join_all(texts.iter().map(|text| app.comment(text, &[]))).await;
    assert!(answers.iter().all(|answer| answer.status() == 303));
    assert_eq!(app.count("select count(*) from comments").await, 12);
    assert_eq!(app.count("select count(*) from articles").await, 1);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_redirect_stays_on_the_site(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    let own = app.comment("one", &[("redirect_to", "/thanks")]).await;
    assert!(location(&own).starts_with("https://blog.example/thanks#comment-"));
    let other = app.comment("two", &[("redirect_to", "https://evil.example/")]).await;
    assert!(location(&other).starts_with(ARTICLE), "{}", location(&other));
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn forms_of_other_sites_are_refused(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    let send = |name: &'static str, value: String| {
        let form = [("article", ARTICLE), ("comment", "x"), ("author", "Mia")];
        app.browser()
            .request(reqwest::Method::POST, "/sites/blog/comments")
            .header(name, value)
            .form(&form)
            .send()
    };
    let answer = send("origin", "https://evil.example".into()).await.unwrap();
    assert_eq!(answer.status(), 403);
    assert!(answer.text().await.unwrap().contains("https://evil.example"));
    assert_eq!(send("referer", "https://evil.example/page".into()).await.unwrap().status(), 403);
    // What strict privacy settings send, and our own form page.
    assert_eq!(send("origin", "null".into()).await.unwrap().status(), 303);
    assert_eq!(send("origin", app.url.clone()).await.unwrap().status(), 303);
    assert_eq!(send("origin", "https://www.blog.example".into()).await.unwrap().status(), 303);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_forms_of_wordpress_and_staticman_fit(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let wordpress = app
        .browser()
        .request(reqwest::Method::POST, "/sites/blog/comments")
        .header("referer", "https://blog.example/2026/11/a-walk/")
        .form(&[
            ("comment", "From WordPress"),
            ("author", "Ann"),
            ("email", "ann@example.org"),
            ("url", "http://"),
            ("comment_post_ID", "17"),
            ("comment_parent", "0"),
            ("wp-comment-cookies-consent", "yes"),
            ("submit", "Post Comment"),
        ])
        .send()
        .await
        .unwrap();
    assert_eq!(wordpress.status(), 303);
    let staticman = app
        .browser()
        .request(reqwest::Method::POST, "/sites/blog/comments")
        .multipart(
            reqwest::multipart::Form::new()
                .text("fields[name]", "Bea")
                .text("fields[message]", "From Staticman")
                .text("options[slug]", "a-walk")
                .text("options[origin]", "https://blog.example/2026/11/a-walk")
                .text("options[redirect]", "https://blog.example/thanks"),
        )
        .send()
        .await
        .unwrap();
    assert_eq!(staticman.status(), 303, "{}", staticman.text().await.unwrap());
    assert_eq!(app.count("select count(*) from comments").await, 2);
    assert_eq!(app.count("select count(*) from articles").await, 1, "a slash more is the same page");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_page_that_the_browser_does_not_tell_is_asked_for(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let answer = app
        .browser()
        .request(reqwest::Method::POST, "/sites/blog/comments")
        .header("referer", "https://blog.example/")
        .form(&[("comment", "Where am I?"), ("author", "Ann")])
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 422);
    assert!(answer.text().await.unwrap().contains("The address of the page is missing"));
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_filled_trap_loses_no_comment(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let text = "Thank you for this. I walk there every morning, and I had no idea that the bridge is older than the town.";
    let answer = app.comment(text, &[("second_topic", "filled by a password manager")]).await;
    assert_eq!(answer.status(), 303);
    assert!(location(&answer).contains("/status?t="), "it waits for a person");
    let reasons: Value =
        sqlx::query_scalar("select reasons from decisions").fetch_one(&app.pool).await.unwrap();
    assert!(reasons.to_string().contains("only programs see"), "{reasons}");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn replies_go_to_published_comments_of_the_same_page(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    let first = app.comment_id("First").await;
    assert_eq!(app.comment("Answer", &[("parent", &first)]).await.status(), 303);
    let elsewhere = [("parent", first.as_str()), ("article", "https://blog.example/other")];
    assert_eq!(app.comment("Wrong page", &elsewhere).await.status(), 422);
    let unknown = Uuid::nil().to_string();
    let answer = app.comment("Nobody", &[("parent", &unknown)]).await;
    assert_eq!(answer.status(), 422);
    assert!(answer.text().await.unwrap().contains("not there any more"));
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_reasons_of_a_decision_add_up_to_its_probability(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    app.comment("Check out my channel http://videos.example/me", &[("second_topic", "x")]).await;
    let (reasons, probability): (Value, f64) =
        sqlx::query_as("select reasons, spam_probability from decisions").fetch_one(&app.pool).await.unwrap();
    let sum: f64 =
        reasons.as_array().unwrap().iter().map(|reason| reason["log_odds"].as_f64().unwrap()).sum();
    assert!((1.0 / (1.0 + (-sum).exp()) - probability).abs() < 1e-9);
}
