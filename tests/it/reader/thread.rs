//! `GET /sites/{site}/comments`.

use serde_json::Value;
use sqlx::PgPool;

use crate::app::{ARTICLE, Policy3, TestApp, header};

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_thread_is_there_as_html_json_and_feed(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    let first = app.comment_id("The **first** one").await;
    app.comment("An answer <script>alert(1)</script>", &[("parent", &first), ("url", "example.org")]).await;
    let browser = app.browser();
    let path = format!("/sites/blog/comments?article={ARTICLE}");

    let html = browser.get(&path).await.text().await.unwrap();
    assert!(html.contains("<strong>first</strong>") && html.contains(&format!("comment-{first}")), "{html}");
    assert!(!html.contains("<script") && !html.contains("<html"), "{html}");

    let answer = browser
        .request(reqwest::Method::GET, &path)
        .header("accept", "application/json")
        .send()
        .await
        .unwrap();
    let json: Value = answer.json().await.unwrap();
    assert_eq!(json["comments"][1]["parent"], first.as_str());
    assert_eq!(json["comments"][1]["url"], "https://example.org/");
    assert_eq!(json["next"], Value::Null);

    let answer = browser.get(&format!("/sites/blog/comments.atom?article={ARTICLE}")).await;
    assert!(header(answer.headers(), "content-type").starts_with("application/atom+xml"));
    let feed = answer.text().await.unwrap();
    assert_eq!(feed.matches("<entry>").count(), 2);
    assert!(feed.contains(&format!("{ARTICLE}#comment-{first}")));
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn only_approved_comments_of_that_page_are_shown(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    for (text, state) in
        [("a", "held"), ("b", "spam"), ("c", "rejected"), ("d", "deleted"), ("e", "approved")]
    {
        let id = app.comment_id(text).await;
        let moved = sqlx::query("update comments set state = $2 where id = $1::uuid").bind(id).bind(state);
        app.unlogged(moved).await;
    }
    app.comment("elsewhere", &[("article", "https://blog.example/other")]).await;
    let path = format!("/sites/blog/comments?article={ARTICLE}");
    let answer = app
        .browser()
        .request(reqwest::Method::GET, &path)
        .header("accept", "application/json")
        .send()
        .await
        .unwrap();
    let thread: Value = answer.json().await.unwrap();
    let texts: Vec<&str> =
        thread["comments"].as_array().unwrap().iter().map(|c| c["html"].as_str().unwrap()).collect();
    assert_eq!(texts, ["<p>e</p>\n"]);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn an_article_nobody_has_commented_on_is_empty_and_none_is_an_error(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    let answer = app.browser().get("/sites/blog/comments?article=https://blog.example/new").await;
    assert_eq!(answer.status(), 200);
    assert!(answer.text().await.unwrap().contains("No comments yet"));
    assert_eq!(app.browser().get("/sites/blog/comments").await.status(), 422);
    assert_eq!(app.browser().get("/sites/blog/comments?article=nonsense").await.status(), 422);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_long_thread_comes_in_pages(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    app.comment("seed", &[]).await;
    app.unlogged(sqlx::query(
        "insert into comments (site_id, id, article_id, state, author, email, url, body, html, fingerprint, submission_key,
                               spam_probability, model_id, created_at)
         select site_id, ('018f0000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, article_id, 'approved', 'x', '', '', 'x',
                '<p>x</p>', fingerprint, decode(lpad(n::text, 32, '0'), 'hex'), 0.1, model_id, created_at
         from comments, generate_series(1, 600) n",
    ))
    .await;
    let get = async |query: String| -> Value {
        let path = format!("/sites/blog/comments?article={ARTICLE}{query}");
        let request = app.browser().request(reqwest::Method::GET, &path).header("accept", "application/json");
        request.send().await.unwrap().json().await.unwrap()
    };
    let first = get(String::new()).await;
    assert_eq!(first["comments"].as_array().unwrap().len(), 500);
    let rest = get(format!("&after={}", first["next"].as_str().unwrap())).await;
    assert_eq!(rest["comments"].as_array().unwrap().len(), 101);
    assert_eq!(rest["next"], Value::Null);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_fragment_leads_here_from_wherever_it_is_shown(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    app.comment("Hello", &[]).await;
    let page =
        app.browser().get(&format!("/sites/blog/comments?article={ARTICLE}")).await.text().await.unwrap();
    assert!(!page.contains("href=\"/"), "{page}");
    assert!(page.contains("/sites/blog/comments.atom?article="), "{page}");
}
