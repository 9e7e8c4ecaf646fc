//! Many at one stroke: previewed, decided, told where it could not be, undone as one.

use moderato::service::accounts::Role;
use sqlx::PgPool;

use crate::app::{Browser, Policy3, SITE, TestApp, location};

async fn comments(app: &TestApp, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for n in 0..count {
        ids.push(app.comment_id(&format!("Cheap pills number {n}, see pills.example/{n}")).await);
    }
    ids
}

async fn decide(browser: &Browser, verdict: &str, picks: &[String]) -> reqwest::Response {
    let mut form = vec![("verdict", verdict), ("back", "/admin/?state=all")];
    form.extend(picks.iter().map(|pick| ("pick", pick.as_str())));
    browser.post("/admin/bulk", &form).await
}

fn picks(ids: &[String]) -> Vec<String> {
    ids.iter().map(|id| format!("1.{id}.1")).collect()
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_batch_is_decided_and_undone_as_one(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let ids = comments(&app, 12).await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    let untaught = app.app.live.current();

    let mut form = vec![("verdict", "spam"), ("back", "/admin/")];
    let picked = picks(&ids[..10]);
    form.extend(picked.iter().map(|pick| ("pick", pick.as_str())));
    let preview = browser.post("/admin/bulk/preview", &form).await;
    assert_eq!(preview.status(), 200);
    let preview = preview.text().await.unwrap();
    assert!(preview.contains("Mark 10 comments as spam?"), "{preview}");
    assert_eq!(app.count("select count(*) from comments where state = 'spam'").await, 0, "only shown");

    let answer = decide(&browser, "spam", &picked).await;
    assert_eq!((answer.status().as_u16(), location(&answer).as_str()), (303, "/admin/?state=all"));
    assert_eq!(app.count("select count(*) from comments where state = 'spam'").await, 10);
    assert_eq!(app.count("select count(distinct batch) from decisions where batch is not null").await, 1);
    let page = browser.get("/admin/").await.text().await.unwrap();
    assert!(page.contains("Marked as spam: 10 comments"), "{page}");

    // Undo without saying what: all of it.
    let answer = browser.post("/admin/undo", &[("back", "/admin/")]).await;
    assert_eq!(answer.status(), 303);
    assert_eq!(app.count("select count(*) from comments where state = 'held'").await, 12);
    assert!(*app.app.live.current().model(SITE) == *untaught.model(SITE), "to the last bit");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_cannot_be_decided_stops_nothing_and_is_told(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let ids = comments(&app, 4).await;
    let (mara, ben) =
        (app.signed_in("mara", Role::Moderator).await, app.signed_in("ben", Role::Moderator).await);
    mara.decide(&ids[1], "approve", "1").await;
    let mut picked = picks(&ids);
    picked.push(format!("1.{}.1", uuid::Uuid::nil()));
    let page = decide(&ben, "spam", &picked).await.text().await.unwrap();
    assert!(page.contains("Marked as spam: 3 comments"), "{page}");
    assert!(page.contains("2 comments were left as they are") && page.contains("mara has put"), "{page}");
    assert!(page.contains("there is no such comment") && page.contains("Undo"), "{page}");
    assert_eq!(app.state(&ids[1]).await, "approved");

    // Undoing leaves alone what somebody has decided on since.
    mara.decide(&ids[0], "approve", "2").await;
    let page = ben.post("/admin/undo", &[]).await.text().await.unwrap();
    assert!(page.contains("Undone: 2 comments are as before"), "{page}");
    assert!(page.contains("1 comment was left"), "{page}");
    assert_eq!(app.state(&ids[0]).await, "approved");
    assert_eq!(app.state(&ids[2]).await, "held");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_whole_list_is_decided_by_its_filters(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    comments(&app, 30).await;
    let genuine = app.comment_id("Cheap pills are a scam, my neighbour lost her savings to them").await;
    // Its author has been published here before.
    let browser = app.signed_in("mara", Role::Moderator).await;
    let other = app.comment_id("A walk by the river").await;
    browser.decide(&other, "approve", "1").await;
    let page = browser.get("/admin/bulk?verdict=spam&q=pills").await.text().await.unwrap();
    assert!(page.contains("Mark 31 comments as spam?"), "more than a page of the list: {page}");
    assert!(page.contains("may be genuine") && page.contains(&genuine), "{page}");
    let refused = browser.post("/admin/bulk", &[("verdict", "spam"), ("back", "/admin/")]).await;
    assert_eq!(refused.status(), 422);
    assert!(refused.text().await.unwrap().contains("No comment is ticked"));
    assert_eq!(browser.get("/admin/bulk?verdict=spam&state=nonsense").await.status(), 404);
    let viewer = app.signed_in("vera", Role::Viewer).await;
    assert_eq!(decide(&viewer, "spam", &picks(&[genuine])).await.status(), 403);
    let page = viewer.get("/admin/").await.text().await.unwrap();
    assert!(!page.contains("name=\"pick\""), "viewers tick nothing");
}
