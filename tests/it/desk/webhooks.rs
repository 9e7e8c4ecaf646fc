//! Webhooks, received on loopback: signed, tried again, sent again, and never a way into a private network.

use data_encoding::BASE64;
use hmac::{Hmac, KeyInit, Mac};
use moderato::service::accounts::Role;
use moderato::settings::Settings;
use serde_json::Value;
use sha2::Sha256;
use sqlx::PgPool;
use time::Duration;

use crate::app::{Browser, Policy3, TestApp};
use crate::receiver::{Got, Receiver};

/// Checks the signature as a receiver does.
fn is_signed_with(got: &Got, secret: &str) -> bool {
    let key = BASE64.decode(secret.strip_prefix("whsec_").unwrap().as_bytes()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    let (id, at) = (got.header("webhook-id"), got.header("webhook-timestamp"));
    mac.update(format!("{id}.{at}.{}", got.body).as_bytes());
    got.header("webhook-signature") == format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes()))
}

/// A Moderato whose webhooks may post to this machine, and an administrator's browser.
async fn start(pool: PgPool, set: impl FnOnce(&mut Settings)) -> (TestApp, Browser) {
    let app = TestApp::start_with(pool, Policy3::HoldAll, |settings| {
        settings.webhook_private_hosts = vec!["127.0.0.1".to_owned()];
        set(settings);
    })
    .await;
    let adam = app.signed_in("adam", Role::Admin).await;
    (app, adam)
}

/// Makes a webhook and returns its secret.
async fn add(adam: &Browser, url: &str, events: &[&str]) -> String {
    let mut form = vec![("site", "blog"), ("url", url)];
    form.extend(events.iter().map(|event| ("event", *event)));
    let page = adam.post("/admin/webhooks/add", &form).await.text().await.unwrap();
    let page = scraper::Html::parse_document(&page);
    let field = scraper::Selector::parse("#secret").unwrap();
    page.select(&field).next().unwrap().attr("value").unwrap().to_owned()
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn events_are_posted_signed(pool: PgPool) {
    let (app, adam) = start(pool, |_| ()).await;
    let receiver = Receiver::start().await;
    let secret = add(&adam, &receiver.url(), &["comment.held", "comment.decided", "comment.published"]).await;
    let id = app.comment_id("Is this held?").await;
    app.send_out().await;
    adam.decide(&id, "approve", "1").await;
    app.send_out().await;
    let got = receiver.got();
    let kinds: Vec<String> = got.iter().map(|one| one.json()["type"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kinds[0], "comment.held");
    assert!(
        got.len() == 3
            && kinds.contains(&"comment.decided".to_owned())
            && kinds.contains(&"comment.published".to_owned())
    );
    for one in &got {
        assert!(is_signed_with(one, &secret) && !is_signed_with(one, "whsec_AAAA"));
        assert_eq!(one.header("webhook-timestamp"), app.app.now().unix_timestamp().to_string());
        let json = one.json();
        assert_eq!(
            (json["version"].as_i64(), json["data"]["comment"]["id"].as_str()),
            (Some(1), Some(id.as_str()))
        );
        assert!(!one.body.contains("mia@example.org"), "no e-mail address goes out");
    }
    let decided = got.iter().map(Got::json).find(|json| json["type"] == "comment.decided").unwrap();
    assert_eq!(decided["data"]["by"], "adam");
    assert_eq!((&decided["data"]["from"], &decided["data"]["to"]), (&"held".into(), &"approved".into()));
    let shown = adam.get("/admin/webhooks/1").await.text().await.unwrap();
    assert!(shown.contains("Delivered") && !shown.contains(&secret), "the secret is shown once");
    assert_eq!(
        app.count(
            "select count(*) from acts where kind = 'webhook added' and details::text not like '%sesame%'"
        )
        .await,
        1
    );
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_receiver_that_fails_is_asked_again_and_then_given_up(pool: PgPool) {
    let (app, adam) = start(pool, |_| ()).await;
    let receiver = Receiver::start().await;
    add(&adam, &receiver.url(), &["comment.held"]).await;
    receiver.answers("500 Oops");
    app.comment_id("Held").await;
    app.send_out().await;
    app.send_out().await;
    assert_eq!(receiver.got().len(), 1, "not before its time");
    app.pass(Duration::seconds(59));
    app.send_out().await;
    assert_eq!(receiver.got().len(), 1);
    app.pass(Duration::seconds(1));
    app.send_out().await;
    assert_eq!(receiver.got().len(), 2);
    for minutes in [5, 30, 60, 180, 480, 720, 10_000] {
        app.pass(Duration::minutes(minutes));
        app.send_out().await;
    }
    let got = receiver.got();
    assert_eq!(got.len(), 8);
    assert!(
        got.iter()
            .all(|one| one.header("webhook-id") == got[0].header("webhook-id") && one.body == got[0].body)
    );
    let page = adam.get("/admin/webhooks/1").await.text().await.unwrap();
    assert!(page.contains("Given up") && page.contains("it answered 500"), "{page}");
    assert!(adam.get("/admin/webhooks").await.text().await.unwrap().contains("1 given up"));

    // Sent again by hand: the same id, so that a receiver that had it knows.
    receiver.answers("204 No Content");
    let delivery = got[0].header("webhook-id");
    assert_eq!(adam.post("/admin/webhooks/1/replay", &[("delivery", delivery)]).await.status(), 303);
    app.send_out().await;
    let newest = receiver.got().pop().unwrap();
    assert_eq!((newest.header("webhook-id"), &newest.body), (delivery, &got[0].body));
    assert_eq!(app.count("select count(*) from webhook_deliveries where state = 'delivered'").await, 1);
    app.send_out().await;
    assert_eq!(receiver.got().len(), 9);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_is_undone_in_time_is_not_told(pool: PgPool) {
    let (app, adam) = start(pool, |settings| settings.undo_seconds = 15).await;
    let receiver = Receiver::start().await;
    add(&adam, &receiver.url(), &["comment.held", "comment.decided", "comment.published"]).await;
    let id = app.comment_id("Held").await;
    app.send_out().await;
    assert!(receiver.got().is_empty(), "it could still be decided");
    app.pass(Duration::seconds(20));
    app.send_out().await;
    assert_eq!(receiver.got().len(), 1);
    adam.decide(&id, "spam", "1").await;
    app.pass(Duration::seconds(14));
    adam.undo().await;
    app.pass(Duration::minutes(5));
    app.send_out().await;
    assert_eq!(receiver.got().len(), 1, "as if nothing had been");
    adam.decide(&id, "spam", "3").await;
    app.pass(Duration::seconds(15));
    app.send_out().await;
    adam.undo().await;
    app.pass(Duration::seconds(15));
    app.send_out().await;
    let tos: Vec<Value> = receiver.got().iter().map(|one| one.json()["data"]["to"].clone()).collect();
    assert_eq!(tos, ["held", "spam", "held", "held"], "undone late: decided and held again");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn no_webhook_reaches_a_private_network(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let adam = app.signed_in("adam", Role::Admin).await;
    let receiver = Receiver::start().await;
    for url in [
        receiver.url().as_str(),
        "http://[::1]/",
        "http://169.254.169.254/latest",
        "ftp://example.org/",
        "http://a:b@example.org/",
    ] {
        let answer = adam
            .post("/admin/webhooks/add", &[("site", "blog"), ("url", url), ("event", "comment.held")])
            .await;
        assert_eq!(answer.status(), 422, "{url}");
    }
    let answer = adam.post("/admin/webhooks/add", &[("site", "blog"), ("url", "https://example.org/")]).await;
    assert!(answer.text().await.unwrap().contains("Choose at least one event"));
    // A name is looked up when it is posted to, and what it leads to is looked at then.
    let by_name = format!("http://localhost:{}/", receiver.port);
    add(&adam, &by_name, &["comment.held"]).await;
    app.comment_id("Held").await;
    app.send_out().await;
    assert!(receiver.got().is_empty());
    let page = adam.get("/admin/webhooks/1").await.text().await.unwrap();
    assert!(page.contains("which is no public address"), "{page}");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn redirects_are_not_followed(pool: PgPool) {
    let (app, adam) = start(pool, |_| ()).await;
    let (receiver, inside) = (Receiver::start().await, Receiver::start().await);
    add(&adam, &receiver.url(), &["comment.held"]).await;
    receiver.answers(&format!("307 Temporary Redirect\r\nlocation: {}", inside.url()));
    app.comment_id("Held").await;
    app.send_out().await;
    assert_eq!((receiver.got().len(), inside.got().len()), (1, 0));
    assert!(adam.get("/admin/webhooks/1").await.text().await.unwrap().contains("it redirects"));
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn chats_get_a_line_without_links_and_mentions(pool: PgPool) {
    let (app, adam) = start(pool, |_| ()).await;
    let receiver = Receiver::start().await;
    let form = [("site", "blog"), ("url", &receiver.url()), ("event", "comment.held"), ("chat", "yes")];
    assert_eq!(adam.post("/admin/webhooks/add", &form).await.status(), 303);
    let id = app.comment_id("<!channel> @everyone go to http://casino.example/").await;
    app.send_out().await;
    adam.post("/admin/webhooks/1/test", &[]).await;
    app.send_out().await;
    let [held, test] = receiver.got().try_into().unwrap();
    assert_eq!(held.header("webhook-signature"), "");
    let text = held.json()["text"].as_str().unwrap().to_owned();
    assert!(text.starts_with("A comment waits at A Blog, by Mia: ") && text.ends_with(&id), "{text}");
    assert!(
        text.contains("&lt;!channel&gt;")
            && text.contains("[link to casino dot example]")
            && !text.contains('@'),
        "{text}"
    );
    assert!(test.json()["text"].as_str().unwrap().contains("This is a test"));
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn webhooks_are_changed_paused_and_removed_by_administrators(pool: PgPool) {
    let (app, adam) = start(pool, |_| ()).await;
    let receiver = Receiver::start().await;
    let secret = add(&adam, &receiver.url(), &["comment.held"]).await;
    let mo = app.signed_in("mo", Role::Moderator).await;
    assert_eq!(mo.get("/admin/webhooks").await.status(), 403);
    for path in ["add", "1/set", "1/pause", "1/resume", "1/remove", "1/test", "1/replay", "mails/retry"] {
        assert_eq!(mo.post(&format!("/admin/webhooks/{path}"), &[]).await.status(), 403, "{path}");
        let from_elsewhere = adam
            .request(reqwest::Method::POST, &format!("/admin/webhooks/{path}"))
            .header("sec-fetch-site", "cross-site");
        assert_eq!(from_elsewhere.send().await.unwrap().status(), 403, "{path}");
    }
    adam.post("/admin/webhooks/1/pause", &[]).await;
    app.comment_id("While it is paused").await;
    app.send_out().await;
    adam.post("/admin/webhooks/1/resume", &[]).await;
    adam.post("/admin/webhooks/1/set", &[("url", &receiver.url()), ("event", "model.promoted")]).await;
    app.comment_id("Not asked for").await;
    app.send_out().await;
    assert!(receiver.got().is_empty());
    sqlx::query("insert into promotions (model_id, previous_id, kind, promoted_at) select model_id, model_id, 'promote', $1 from promotions limit 1")
        .bind(app.app.now())
        .execute(&app.pool)
        .await
        .unwrap();
    app.send_out().await;
    let got = receiver.got().pop().unwrap();
    assert_eq!(
        (got.json()["type"].as_str(), got.json()["data"]["model"].as_i64()),
        (Some("model.promoted"), Some(1))
    );
    assert!(is_signed_with(&got, &secret));
    adam.post("/admin/webhooks/1/remove", &[]).await;
    assert_eq!(adam.get("/admin/webhooks/1").await.status(), 404);
    let done = app.count("select count(*) from acts where kind like 'webhook%'").await;
    assert_eq!(done, 5, "added, paused, resumed, changed, removed");
}
