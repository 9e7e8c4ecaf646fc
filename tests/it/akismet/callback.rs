//! What people decide at the desk is told to the program that asked, on loopback.

use moderato::service::accounts::Role;
use moderato::service::audit::Actor;
use moderato::service::sites::{self, SiteSpec};
use sqlx::PgPool;
use time::Duration;

use super::Client;
use crate::app::{Browser, Policy3, TestApp};
use crate::receiver::Receiver;

/// A Moderato that holds everything, and a blog on loopback that is the site's and may be called.
async fn start(pool: PgPool, undo_seconds: u32) -> (TestApp, Receiver) {
    let app = TestApp::start_with(pool, Policy3::HoldAll, |settings| {
        settings.webhook_private_hosts = vec!["127.0.0.1".to_owned()];
        settings.undo_seconds = undo_seconds;
    })
    .await;
    let receiver = Receiver::start().await;
    own(&app, &[&format!("http://127.0.0.1:{}", receiver.port)]).await;
    (app, receiver)
}

/// Sets where the site's pages are.
async fn own(app: &TestApp, origins: &[&str]) {
    let mut spec = SiteSpec::of(&app.app.sites.find("blog").unwrap());
    spec.origins = origins.iter().map(|origin| (*origin).to_owned()).collect();
    sites::set(&app.app, Actor::CommandLine, &spec).await.unwrap();
}

/// A comment that waits; its guid.
async fn held(client: &Client<'_>, receiver: &Receiver, text: &str) -> String {
    let answer = client.check(&[("comment_content", text), ("callback", &receiver.url())]).await;
    assert_eq!((answer.body.as_str(), answer.recheck.as_str()), ("false", "86400"));
    client.settle().await;
    answer.guid
}

async fn newest(app: &TestApp) -> String {
    sqlx::query_scalar("select id::text from comments order by id desc limit 1")
        .fetch_one(&app.pool)
        .await
        .unwrap()
}

async fn moderator(app: &TestApp) -> Browser {
    app.signed_in("mara", Role::Moderator).await
}

/// The results that the program was told, in order.
fn results(receiver: &Receiver) -> Vec<String> {
    receiver
        .got()
        .iter()
        .map(|one| one.json()["comments"][0]["result"].as_str().unwrap().to_owned())
        .collect()
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_decision_is_told_as_the_plugin_takes_it(pool: PgPool) {
    let (app, receiver) = start(pool, 0).await;
    let client = Client::new(&app).await;
    let desk = moderator(&app).await;
    let guid = held(&client, &receiver, "Is this all right?").await;
    app.send_out().await;
    assert!(receiver.got().is_empty(), "nobody has decided");
    desk.decide(&newest(&app).await, "approve", "1").await;
    app.send_out().await;
    app.send_out().await;
    let got = receiver.got();
    assert_eq!(got.len(), 1);
    assert_eq!(
        got[0].json(),
        serde_json::json!({"key": client.key, "endpoint": "comment-check", "comments": [{"guid": guid, "result": "false"}]})
    );
    assert_eq!(
        (got[0].header("x-akismet-webhook"), got[0].header("content-type")),
        ("1", "application/json")
    );
    assert_eq!(app.count("select count(*) from keys where nonce is not null").await, 1);

    // Nobody at the desk, so nothing to tell: the program's own people said so.
    client.call("/1.1/submit-spam", &[("comment_content", "Is this all right?")]).await;
    app.send_out().await;
    assert_eq!(receiver.got().len(), 1);
    // What they said is what it knows: the desk says otherwise, and then the same.
    desk.decide(&newest(&app).await, "approve", "3").await;
    app.send_out().await;
    assert_eq!(results(&receiver), ["false", "false"]);
    // Another program at the same site is not the one that asked.
    let other = Client::new(&app).await;
    other.call("/1.1/submit-spam", &[("comment_content", "Is this all right?")]).await;
    app.send_out().await;
    assert_eq!(results(&receiver), ["false", "false", "true"]);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn who_asks_again_is_told_what_people_said_and_else_waits_for_them(pool: PgPool) {
    let (app, receiver) = start(pool, 0).await;
    let client = Client::new(&app).await;
    let desk = moderator(&app).await;
    // The first time it gave no address.
    client.check(&[("comment_content", "Hm")]).await;
    client.settle().await;
    let id = newest(&app).await;
    desk.decide(&id, "spam", "1").await;
    app.send_out().await;
    assert!(receiver.got().is_empty(), "it did not say where to");
    let again = async || {
        let fields =
            [("comment_content", "Hm"), ("callback", &*receiver.url()), ("recheck_reason", "recheck_queue")];
        let answer = client.check(&fields).await;
        client.settle().await;
        app.send_out().await;
        answer.recheck
    };
    assert_eq!(again().await, "86400");
    assert_eq!(results(&receiver), ["true"]);
    assert_eq!(again().await, "86400");
    assert_eq!(results(&receiver), ["true", "true"], "it was answered something else since");
    assert_eq!(app.state(&id).await, "spam", "what people said holds");
    assert_eq!(app.count("select count(*) from comments").await, 1);

    // Where nobody has said anything the comment stands where the newest answer puts it.
    let set = async |thresholds| {
        let mut spec = SiteSpec::of(&app.app.sites.find("blog").unwrap());
        spec.thresholds = thresholds;
        sites::set(&app.app, Actor::CommandLine, &spec).await.unwrap();
    };
    set((1.0, 1.0)).await;
    let fields = [("comment_content", "Good morning"), ("callback", &*receiver.url())];
    assert_eq!(client.check(&fields).await.recheck, "");
    client.settle().await;
    let id = newest(&app).await;
    assert_eq!(app.state(&id).await, "approved");
    set((0.0, 1.0)).await;
    assert_eq!(client.check(&fields).await.recheck, "86400");
    client.settle().await;
    assert_eq!(app.state(&id).await, "held");
    assert_eq!(app.count("select count(*) from decisions where actor = 'policy'").await, 3);
    desk.decide(&id, "approve", "2").await;
    app.send_out().await;
    assert_eq!(results(&receiver), ["true", "true", "false"]);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_a_program_did_not_take_is_shown_and_sent_again(pool: PgPool) {
    let (app, receiver) = start(pool, 0).await;
    let client = Client::new(&app).await;
    let desk = app.signed_in("ada", Role::Admin).await;
    let page = async || desk.get("/admin/webhooks").await.text().await.unwrap();
    assert!(!page().await.contains("Verdicts that do not arrive"));
    receiver.answers("500 Oops");
    for text in ["One", "Two"] {
        held(&client, &receiver, text).await;
        desk.decide(&newest(&app).await, "spam", "1").await;
    }
    for _ in 0..20 {
        app.send_out().await;
        app.pass(Duration::days(1));
    }
    assert_eq!(receiver.got().len(), 16);
    // A month later the session has ended.
    let desk = app.signed_in("bea", Role::Admin).await;
    let page = async || desk.get("/admin/webhooks").await.text().await.unwrap();
    let shown = page().await;
    assert_eq!(shown.matches("Given up after 8 tries").count(), 2, "{shown}");
    assert!(shown.contains("it answered 500") && shown.contains("WordPress"), "{shown}");
    receiver.answers("200 OK");
    let retry = "/admin/webhooks/verdicts/retry";
    let id: String = sqlx::query_scalar("select id::text from callbacks order by id limit 1")
        .fetch_one(&app.pool)
        .await
        .unwrap();
    assert_eq!(desk.post(retry, &[("verdict", &id)]).await.status(), 303);
    app.send_out().await;
    assert_eq!(receiver.got().len(), 17);
    assert_eq!(desk.post(retry, &[("verdict", &id)]).await.status(), 404, "it has arrived");
    assert_eq!(desk.post(retry, &[]).await.status(), 303);
    app.send_out().await;
    assert_eq!(receiver.got().len(), 18);
    assert!(!page().await.contains("Verdicts that do not arrive"));
    assert_eq!(app.count("select count(*) from acts where kind = 'webhook replayed'").await, 2);
    let mo = moderator(&app).await;
    assert_eq!(mo.post(retry, &[]).await.status(), 403);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_is_undone_in_time_is_not_told_and_the_last_word_holds(pool: PgPool) {
    let (app, receiver) = start(pool, 15).await;
    let client = Client::new(&app).await;
    let desk = moderator(&app).await;
    held(&client, &receiver, "Hm").await;
    let id = newest(&app).await;
    desk.decide(&id, "spam", "1").await;
    app.pass(Duration::seconds(14));
    desk.undo().await;
    app.pass(Duration::minutes(5));
    app.send_out().await;
    assert!(receiver.got().is_empty(), "as if nothing had been");

    desk.decide(&id, "reject", "3").await;
    app.send_out().await;
    assert!(receiver.got().is_empty(), "it can still be undone");
    app.pass(Duration::seconds(15));
    app.send_out().await;
    assert_eq!(results(&receiver), ["true"]);
    desk.decide(&id, "spam", "4").await;
    app.pass(Duration::seconds(15));
    app.send_out().await;
    assert_eq!(results(&receiver), ["true"], "it knows");
    desk.decide(&id, "approve", "5").await;
    app.pass(Duration::seconds(15));
    app.send_out().await;
    assert_eq!(results(&receiver), ["true", "false"]);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_newer_verdict_takes_the_place_of_one_that_did_not_arrive(pool: PgPool) {
    let (app, receiver) = start(pool, 0).await;
    let client = Client::new(&app).await;
    let desk = moderator(&app).await;
    held(&client, &receiver, "Hm").await;
    let id = newest(&app).await;
    receiver.answers("500 Oops");
    desk.decide(&id, "spam", "1").await;
    app.send_out().await;
    app.pass(Duration::minutes(1));
    app.send_out().await;
    assert_eq!(results(&receiver), ["true", "true"]);
    desk.decide(&id, "approve", "2").await;
    receiver.answers("200 OK");
    for _ in 0..9 {
        app.send_out().await;
        app.pass(Duration::minutes(3));
    }
    assert_eq!(results(&receiver), ["true", "true", "false"], "once, and never the old one after it");

    // Held again: there is no word for that, and what did not arrive is not true any more.
    held(&client, &receiver, "Another").await;
    let id = newest(&app).await;
    receiver.answers("500 Oops");
    desk.decide(&id, "spam", "1").await;
    app.send_out().await;
    desk.undo().await;
    receiver.answers("200 OK");
    for _ in 0..9 {
        app.send_out().await;
        app.pass(Duration::days(1));
    }
    assert_eq!(receiver.got().len(), 4);
    assert_eq!(app.count("select count(*) from callbacks where state = 'moot'").await, 1);

    // One that never takes anything is given up.
    held(&client, &receiver, "A third").await;
    receiver.answers("401 Unauthorized");
    desk.decide(&newest(&app).await, "spam", "1").await;
    for _ in 0..20 {
        app.send_out().await;
        app.pass(Duration::days(1));
    }
    assert_eq!(receiver.got().len(), 4 + 8);
    assert_eq!(
        app.count("select count(*) from callbacks where state = 'failed' and error = 'it answered 401'")
            .await,
        1
    );
    moderato::service::outbox::sweep(&app.app).await.unwrap();
    app.pass(Duration::days(31));
    moderato::service::outbox::sweep(&app.app).await.unwrap();
    assert_eq!(app.count("select count(*) from callbacks").await, 0);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn only_the_site_itself_is_called(pool: PgPool) {
    let (app, receiver) = start(pool, 0).await;
    let client = Client::new(&app).await;
    let desk = moderator(&app).await;
    let own_address = receiver.url();
    let port = receiver.port;
    for foreign in [
        "http://127.0.0.1/hook".to_owned(),
        format!("http://127.0.0.1:{}/", port.wrapping_add(1).max(1)),
        format!("http://localhost:{port}/"),
        format!("http://127.0.0.1.attacker.example:{port}/"),
        format!("http://127.0.0.1:{port}@attacker.example/"),
        format!("http://user@127.0.0.1:{port}/"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "file:///etc/passwd".to_owned(),
        "nonsense".to_owned(),
    ] {
        let answer = client.check(&[("comment_author", &foreign), ("callback", &foreign)]).await;
        assert_eq!((answer.body.as_str(), answer.recheck.as_str()), ("false", ""), "{foreign}");
    }
    let test = client.check(&[("callback", &own_address), ("is_test", "1")]).await;
    assert_eq!(test.recheck, "", "a test leaves no trace");
    client.settle().await;
    assert_eq!(app.count("select count(*) from comments where callback is not null").await, 0);

    // What was the site's when the comment came in may not be any more, and keys end.
    held(&client, &receiver, "Moved").await;
    let origin = format!("http://127.0.0.1:{port}");
    own(&app, &["https://blog.example"]).await;
    desk.decide(&newest(&app).await, "spam", "1").await;
    app.send_out().await;
    own(&app, &[&origin]).await;
    held(&client, &receiver, "Revoked").await;
    assert_eq!(app.command(&["key", "revoke", "1"]).await.status, 0);
    app.app.api_keys.reload(&mut app.app.db.conn().await.unwrap()).await.unwrap();
    desk.decide(&newest(&app).await, "spam", "1").await;
    app.send_out().await;
    assert!(receiver.got().is_empty());
    assert_eq!(app.count("select count(*) from callbacks where state = 'failed'").await, 2);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_private_network_stays_private(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let receiver = Receiver::start().await;
    own(&app, &[&format!("http://127.0.0.1:{}", receiver.port)]).await;
    let client = Client::new(&app).await;
    let answer = client.check(&[("comment_author", "Mia"), ("callback", &receiver.url())]).await;
    assert_eq!((answer.body.as_str(), answer.recheck.as_str()), ("false", ""), "nobody has allowed it");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_is_told_is_where_the_comment_stands(pool: PgPool) {
    let (app, receiver) = start(pool, 15).await;
    let client = Client::new(&app).await;
    let desk = moderator(&app).await;
    let settled = async || {
        app.pass(Duration::seconds(15));
        app.send_out().await;
        app.pass(Duration::minutes(4));
        app.send_out().await;
    };
    let fields = [("comment_content", "Hm"), ("callback", &*receiver.url())];
    held(&client, &receiver, "Hm").await;
    let id = newest(&app).await;
    desk.decide(&id, "approve", "1").await;
    settled().await;
    assert_eq!(results(&receiver), ["false"]);
    // It asks again while a decision can be taken back, and that is taken back.
    desk.decide(&id, "spam", "2").await;
    client.check(&fields).await;
    client.settle().await;
    desk.undo().await;
    settled().await;
    assert_eq!(results(&receiver), ["false", "false"], "never what was taken back in time");
    // It reports something, which is taken back in time: for the program it has been.
    client.call("/1.1/submit-spam", &fields[..1]).await;
    let decision: String =
        sqlx::query_scalar("select id::text from decisions where actor = 'key' order by id desc limit 1")
            .fetch_one(&app.pool)
            .await
            .unwrap();
    let form = [("site", "1"), ("decision", decision.as_str()), ("back", "/admin/")];
    assert_eq!(desk.post("/admin/undo", &form).await.status(), 303);
    settled().await;
    assert_eq!(results(&receiver), ["false", "false", "false"]);
    client.call("/1.1/submit-spam", &fields[..1]).await;
    desk.decide(&id, "approve", "7").await;
    settled().await;
    assert_eq!(results(&receiver), ["false", "false", "false", "false"]);

    // One that never arrived is not true any more once the comment is held again.
    held(&client, &receiver, "Another").await;
    let id = newest(&app).await;
    receiver.answers("500 Oops");
    desk.decide(&id, "spam", "1").await;
    for _ in 0..12 {
        settled().await;
        app.pass(Duration::hours(12));
    }
    assert_eq!(app.count("select count(*) from callbacks where state = 'failed'").await, 1);
    let desk = app.signed_in("mo", Role::Moderator).await;
    desk.decide(&id, "hold", "2").await;
    settled().await;
    let ada = app.signed_in("ada", Role::Admin).await;
    let page = ada.get("/admin/webhooks").await.text().await.unwrap();
    assert!(!page.contains("Verdicts that do not arrive"), "{page}");
    let told = receiver.got().len();
    assert_eq!(ada.post("/admin/webhooks/verdicts/retry", &[]).await.status(), 303);
    settled().await;
    assert_eq!(receiver.got().len(), told);
}
