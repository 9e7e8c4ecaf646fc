//! The queue and the other lists, and a comment's own page.

use std::collections::HashSet;

use moderato::service::accounts::Role;
use scraper::{Html, Selector};
use sqlx::PgPool;

use crate::app::{Policy3, TestApp};

/// Ids of the cards on a page, and where "older" leads.
fn cards(page: &str) -> (Vec<String>, Option<String>) {
    let page = Html::parse_document(page);
    let card = Selector::parse("article[id^='c-']").unwrap();
    let older = Selector::parse("a[href*='before=']").unwrap();
    let ids = page.select(&card).map(|card| card.attr("id").unwrap()[2..].to_owned()).collect();
    (ids, page.select(&older).next().map(|link| link.attr("href").unwrap().to_owned()))
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_held_comment_is_shown_with_score_and_reasons(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    app.comment(
        "Check out my channel at http://videos.example/me",
        &[("url", "videos.example"), ("second_topic", "x")],
    )
    .await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    let page = browser.get("/admin/").await.text().await.unwrap();
    for shown in [
        "Check out my channel at http://videos.example/me",
        "mia@example.org",
        "Held because",
        "the field that only programs see was filled in",
        "model&nbsp;1",
        "blog.example/a-walk-by-the-river",
    ] {
        assert!(page.contains(shown), "{shown} is not in {page}");
    }
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn hostile_text_is_text_everywhere(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let hostile = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>";
    app.comment(hostile, &[("author", hostile)]).await;
    let id = app.comment_id(hostile).await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    for path in ["/admin/", "/admin/?q=%22%3E%3Cscript%3E", &format!("/admin/comments/blog/{id}")] {
        let page = browser.get(path).await.text().await.unwrap();
        let page = Html::parse_document(&page);
        for forbidden in ["main script", "img[onerror]", "[onclick]", "iframe"] {
            assert_eq!(page.select(&Selector::parse(forbidden).unwrap()).count(), 0, "{path}: {forbidden}");
        }
    }
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn lists_come_in_pages_that_miss_and_repeat_nothing(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    for n in 0..60 {
        app.comment(&format!("Comment number {n}"), &[]).await;
    }
    let browser = app.signed_in("mara", Role::Moderator).await;
    let mut seen = Vec::new();
    let mut next = Some("/admin/".to_owned());
    while let Some(path) = next {
        let (ids, older) = cards(&browser.get(&path).await.text().await.unwrap());
        assert!(ids.len() <= 25);
        seen.extend(ids);
        next = older;
    }
    assert_eq!(seen.len(), 60);
    assert_eq!(seen.iter().collect::<HashSet<_>>().len(), 60);
    assert!(seen.is_sorted_by(|a, b| a > b), "newest first");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn states_sites_and_words_choose_the_list(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    let bread = app.comment_id("Fresh rye bread, every day").await;
    let river = app.comment_id("Die Brücke über den Fluß ist älter").await;
    browser.decide(&bread, "approve", "1").await;
    let list = async |path: &str| cards(&browser.get(path).await.text().await.unwrap()).0;
    assert_eq!(list("/admin/").await, [river.as_str()]);
    assert_eq!(list("/admin/?state=approved").await, [bread.as_str()]);
    assert_eq!(list("/admin/?state=spam").await, [""; 0]);
    assert_eq!(list("/admin/?state=all&site=blog").await, [river.as_str(), bread.as_str()]);
    assert_eq!(list("/admin/?state=all&q=bread").await, [bread.as_str()]);
    assert_eq!(list("/admin/?state=all&q=BR%C3%9CCKE").await, [river.as_str()]);
    assert_eq!(list("/admin/?state=all&q=mia%40example.org").await.len(), 2);
    assert_eq!(list("/admin/?state=all&q=%22rye+every%22").await, [""; 0]);
    assert_eq!(list("/admin/?state=all&q=bread%00").await, [bread.as_str()]);
    assert_eq!(browser.get("/admin/?state=nonsense").await.status(), 404);
    assert_eq!(browser.get("/admin/?site=nowhere").await.status(), 404);
    let empty = browser.get("/admin/?state=all&q=absent").await.text().await.unwrap();
    assert!(empty.contains("No comment here has the words “absent”."), "{empty}");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_comment_tells_its_history(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    let id = app.comment_id("A comment with a past").await;
    browser.decide(&id, "spam", "1").await;
    browser.undo().await;
    let page = browser.get(&format!("/admin/comments/blog/{id}")).await.text().await.unwrap();
    for told in ["Moderato", "mara", "Spam", "Held", "undone"] {
        assert!(page.contains(told), "{told} is not in {page}");
    }
    assert_eq!(browser.get(&format!("/admin/comments/blog/{}", uuid::Uuid::nil())).await.status(), 404);
    assert_eq!(browser.get("/admin/comments/nowhere/x").await.status(), 404);
}
