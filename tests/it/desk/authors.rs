//! All about an author: the panel, and notes.

use moderato::service::accounts::{self, Role};
use moderato::service::audit::Actor;
use scraper::{Html, Selector};
use sqlx::PgPool;
use time::Duration;

use super::rules::{behind_a_proxy, send};
use crate::app::{Browser, Policy3, TestApp};

/// Where the record on the only card by this author leads.
async fn panel_of(browser: &Browser, id: &str) -> String {
    let page = browser.get(&format!("/admin/comments/blog/{id}")).await.text().await.unwrap();
    let page = Html::parse_document(&page);
    let record = Selector::parse("a.record").unwrap();
    page.select(&record).next().unwrap().attr("href").unwrap().to_owned()
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_panel_tells_what_an_author_did(pool: PgPool) {
    let app = behind_a_proxy(pool, Policy3::HoldAll).await;
    let mara = app.signed_in("mara", Role::Moderator).await;
    let first = send(&app, "203.0.113.1", &[]).await;
    app.pass(Duration::days(10));
    let second = send(&app, "203.0.113.1", &[("comment", "Buy at https://shop.example.net/")]).await;
    let third = send(&app, "198.51.100.7", &[("comment", "Nice"), ("author", "Mia M.")]).await;
    send(&app, "203.0.113.1", &[("comment", "I live here as well"), ("email", "tom@example.org")]).await;
    for (id, verdict) in [(&first, "approve"), (&second, "spam"), (&third, "approve")] {
        mara.decide(id, verdict, "1").await;
    }
    mara.post("/admin/rules", &[("site", "blog"), ("effect", "hold"), ("what", "email:mia@example.org")])
        .await;
    let here = panel_of(&mara, &first).await;
    let page = mara.get(&here).await.text().await.unwrap();
    for told in [
        "mia@example.org",
        "1 spam, 2 approved",
        "1 of 2 decided (50 %)",
        "10 days ago",
        "Mia M.",
        "2 times; 1 other e-mail address as well",
        "1 time; nobody else",
        "shop.example.net",
        "E-mail address m…@example.org",
        "Every e-mail address at example.org",
        "All its comments as a list",
    ] {
        assert!(page.contains(told), "{told} is not in {page}");
    }
    assert_eq!(page.matches("<article class=\"card\"").count(), 3);
    let list = page
        .split('"')
        .find(|part| part.starts_with("/admin/?state=all") && part.contains("network="))
        .unwrap();
    let from_there = mara.get(&list.replace("&#38;", "&").replace("&amp;", "&")).await.text().await.unwrap();
    assert_eq!(from_there.matches("<article class=\"card\"").count(), 3, "{from_there}");
    assert_eq!(mara.get("/admin/authors/blog/00ff").await.status(), 404);
    assert_eq!(mara.get("/admin/authors/blog/zz").await.status(), 404);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn notes_are_kept_for_good_and_shown_on_the_card(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let mara = app.signed_in("mara", Role::Moderator).await;
    let id = app.comment_id("A remark").await;
    app.comment("Another", &[]).await;
    let here = panel_of(&mara, &id).await;
    let hostile = "Warned once. <script>alert(1)</script>";
    assert_eq!(mara.post(&here, &[("note", hostile)]).await.status(), 303);
    let page = mara.get(&here).await.text().await.unwrap();
    assert!(page.contains("Warned once. ") && !page.contains("<script>alert"), "{page}");
    assert!(page.contains("The note is kept") && page.contains("1 note"), "{page}");
    for (note, status) in [("", 422), (" \0 ", 422), (&*"x".repeat(1_001), 422)] {
        assert_eq!(mara.post(&here, &[("note", note)]).await.status(), status);
    }
    let gone = sqlx::query("delete from author_notes").execute(&app.pool).await.unwrap_err().to_string();
    assert!(gone.contains("append-only"), "{gone}");
    assert_eq!(app.count("select count(*) from acts where kind = 'author noted' and site_id = 1").await, 1);
    let logged = "select count(*) from acts where details::text like '%Warned%'";
    assert_eq!(app.count(logged).await, 0, "the log has no words of anybody");

    let vera = app.signed_in("vera", Role::Viewer).await;
    let looked = vera.get(&here).await.text().await.unwrap();
    assert!(looked.contains("Warned once.") && !looked.contains("Keep the note"), "{looked}");
    assert_eq!(vera.post(&here, &[("note", "Me too")]).await.status(), 403);
    let elsewhere = mara.request(reqwest::Method::POST, &here).header("sec-fetch-site", "cross-site");
    assert_eq!(elsewhere.form(&[("note", "x")]).send().await.unwrap().status(), 403);
    // Somebody of another site sees nothing of it.
    let set = app.command(&["site", "add", "shop", "--origin", "https://shop.example"]).await;
    assert_eq!(set.status, 0, "{}", set.stderr);
    accounts::set_access(&app.app, Actor::CommandLine, "vera", Some(Role::Moderator), Some(&[2]))
        .await
        .unwrap();
    assert_eq!(vera.get(&here).await.status(), 404);
    assert_eq!(vera.post(&here, &[("note", "x")]).await.status(), 404);
}
