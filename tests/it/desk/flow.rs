//! Deciding without a page load: what scripts are answered, undo after undo, what others are told, and what waits.

use moderato::classifier::{Document, features};
use moderato::service::accounts::{self, Role};
use moderato::service::audit::Actor;
use moderato::service::feed;
use reqwest::header::ACCEPT;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use sqlx::PgPool;
use time::Duration;

use crate::app::{Browser, Policy3, SITE, TestApp};

/// Posts as the desk's script does.
async fn send(browser: &Browser, path: &str, form: &[(&str, &str)]) -> (StatusCode, Value) {
    let request = browser.request(Method::POST, path).header(ACCEPT, "application/json").form(form);
    let answer = request.send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

async fn decide(browser: &Browser, id: &str, verdict: &str, version: &str) -> (StatusCode, Value) {
    let form = [("site", "1"), ("comment", id), ("version", version), ("verdict", verdict)];
    send(browser, "/admin/decide", &form).await
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn undo_walks_back_through_everything_and_leaves_the_model_as_it_was(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    let untaught = app.app.live.current();
    let mut ids = Vec::new();
    for n in 0..4 {
        ids.push(app.comment_id(&format!("Comment number {n} about rye bread")).await);
    }
    for (id, verdict) in ids.iter().zip(["approve", "spam", "reject", "spam"]) {
        let (status, said) = decide(&browser, id, verdict, "1").await;
        assert_eq!(status, 200, "{said}");
        assert_eq!(said["version"], 2);
        assert!(said["undo"]["decision"].is_string(), "{said}");
    }
    // Without saying which: the newest, and then the one before.
    for (place, id) in ids.iter().enumerate().rev() {
        let (status, said) = send(&browser, "/admin/undo", &[]).await;
        assert_eq!((status.as_u16(), said["comment"].as_str()), (200, Some(id.as_str())), "{said}");
        assert_eq!(said["state"], "held");
        assert_eq!(said["version"], 3, "the card can be decided on again");
        assert_eq!(said["undo"].is_null(), place == 0, "{said}");
    }
    let (status, said) = send(&browser, "/admin/undo", &[]).await;
    assert_eq!((status.as_u16(), said["status"].as_u64()), (409, Some(409)), "{said}");
    assert!(*app.app.live.current().model(SITE) == *untaught.model(SITE), "to the last bit");
    assert_eq!(app.count("select count(*) from comments where label is not null").await, 0);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_stale_decision_is_a_conflict_that_names_who_won(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let id = app.comment_id("Both of you look at me").await;
    let (mara, ben) =
        (app.signed_in("mara", Role::Moderator).await, app.signed_in("ben", Role::Moderator).await);
    decide(&mara, &id, "approve", "1").await;
    let (status, said) = decide(&ben, &id, "spam", "1").await;
    assert_eq!(status, 409);
    assert!(said["detail"].as_str().unwrap().contains("mara has decided"), "{said}");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_was_decided_without_a_person_is_confirmed_by_saying_the_same(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::RejectAll).await;
    let id = app.comment_id("Turned away by itself").await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    let list = async || browser.get("/admin/?state=unchecked").await.text().await.unwrap();
    assert!(list().await.contains(&id));
    let (status, said) = decide(&browser, &id, "spam", "1").await;
    assert_eq!((status.as_u16(), said["state"].as_str()), (200, Some("spam")));
    assert!(!list().await.contains(&id), "it has been looked at");
    assert_eq!(app.count("select count(*) from examples where label = 'spam'").await, 1);
    let (_, again) = decide(&browser, &id, "spam", "2").await;
    assert!(again["undo"].is_null(), "saying it once more changes nothing: {again}");
    send(&browser, "/admin/undo", &[]).await;
    assert!(list().await.contains(&id));
    assert_eq!(app.state(&id).await, "spam");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn learning_waits_until_an_undo_would_be_late(pool: PgPool) {
    let app = TestApp::start_with(pool, Policy3::HoldAll, |settings| settings.undo_seconds = 15).await;
    let text = "Our bakery in Mill Lane has fresh rye bread";
    let (id, other) = (app.comment_id(text).await, app.comment_id("Another one about bread").await);
    let browser = app.signed_in("mara", Role::Moderator).await;
    let read = features(&Document { content: text, ..Document::default() });
    let score = || app.app.live.current().model(SITE).score(&read).log_odds;
    let refresh = async || {
        let mut conn = app.pool.acquire().await.unwrap();
        app.app.live.refresh(&mut conn, app.app.settled()).await.unwrap();
    };
    let before = score();
    decide(&browser, &id, "approve", "1").await;
    app.pass(Duration::seconds(10));
    decide(&browser, &other, "spam", "1").await;
    refresh().await;
    assert!((score() - before).abs() < f64::EPSILON, "nothing is learnt yet");
    app.pass(Duration::seconds(5));
    refresh().await;
    let taught = score();
    assert!(taught < before, "the first is, the second not yet");
    send(&browser, "/admin/undo", &[]).await;
    app.pass(Duration::seconds(15));
    refresh().await;
    assert!((score() - taught).abs() < f64::EPSILON, "the second was never learnt");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn an_open_desk_is_told_what_others_decide(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let id = app.comment_id("Both of you look at me").await;
    let (mara, ben) =
        (app.signed_in("mara", Role::Moderator).await, app.signed_in("ben", Role::Viewer).await);
    let mut events = ben.get("/admin/events").await;
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    let mut heard = String::new();
    let mut hear = async |what: &str| {
        while !heard.contains(what) {
            heard += std::str::from_utf8(&events.chunk().await.unwrap().unwrap()).unwrap();
        }
        heard.clone()
    };
    assert!(hear("event: counts").await.contains("\"held\":1"));
    decide(&mara, &id, "approve", "1").await;
    let decision: String = sqlx::query_scalar("select id::text from decisions where actor = 'moderator'")
        .fetch_one(&app.pool)
        .await
        .unwrap();
    // What the notification brings to every process.
    feed::tell(&app.app, &format!("{SITE}:{decision}")).await.unwrap();
    let told = hear("event: decided").await;
    assert!(told.contains("Approved by mara") && told.contains(&id), "{told}");
    assert_eq!(app.browser().get("/admin/events").await.status(), 303, "for those who are signed in");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn an_open_desk_is_told_of_its_own_sites_while_its_session_lasts(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let id = app.comment_id("Held").await;
    let mara = app.signed_in("mara", Role::Moderator).await;
    let ben = app.signed_in("ben", Role::Moderator).await;
    // Confined to another site than the only one there is decisions at.
    let shop = "insert into sites (name, title, origins, approve_below, reject_from, created_at)
                values ('shop', 'A Shop', '{https://shop.example}', 0, 1, now())";
    sqlx::query(shop).execute(&app.pool).await.unwrap();
    accounts::set_access(&app.app, Actor::CommandLine, "ben", None, Some(&[2])).await.unwrap();
    let mut events = ben.get("/admin/events").await;
    let first = events.chunk().await.unwrap().unwrap();
    assert!(!std::str::from_utf8(&first).unwrap().contains("\"held\":1"), "{first:?}");
    decide(&mara, &id, "approve", "1").await;
    let decision: String = sqlx::query_scalar("select id::text from decisions where actor = 'moderator'")
        .fetch_one(&app.pool)
        .await
        .unwrap();
    feed::tell(&app.app, &format!("{SITE}:{decision}")).await.unwrap();
    accounts::disable(&app.app, Actor::CommandLine, "ben").await.unwrap();
    let mut heard = String::new();
    while let Some(piece) = events.chunk().await.unwrap() {
        heard += std::str::from_utf8(&piece).unwrap();
    }
    assert!(!heard.contains("decided"), "{heard}");
}
