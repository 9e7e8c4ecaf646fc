//! `/sites/{site}/comments/{id}/report`: what readers report, and how a decision answers it.

use moderato::comment::Queue;
use moderato::service::accounts::Role;
use moderato::service::desk;
use reqwest::header::ACCEPT;
use reqwest::{Method, Response};
use scraper::{Html, Selector};
use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

use crate::app::{Browser, Policy3, SITE, TestApp, header, location};

fn path(comment: &str) -> String {
    format!("/sites/blog/comments/{comment}/report")
}

/// What the form of a report has in its hidden fields, and sends.
async fn send(browser: &Browser, comment: &str, ground: &str, words: &str) -> Response {
    let page = browser.get(&path(comment)).await.text().await.unwrap();
    let token = {
        let field = Selector::parse("input[name=form_token]").unwrap();
        Html::parse_document(&page).select(&field).next().unwrap().attr("value").unwrap().to_owned()
    };
    let form = [("form_token", token.as_str()), ("ground", ground), ("words", words)];
    browser.post(&path(comment), &form).await
}

/// Reports from an address of its own.
async fn report_from(app: &TestApp, comment: &str, address: &str, body: Value) -> Response {
    let request = app.browser().request(Method::POST, &path(comment));
    request
        .header(ACCEPT, "application/json")
        .header("x-forwarded-for", address)
        .json(&body)
        .send()
        .await
        .unwrap()
}

async fn proxied(pool: PgPool) -> TestApp {
    TestApp::start_with(pool, Policy3::PublishAll, |settings| settings.trust_forwarded_for = true).await
}

/// Unanswered reports of a comment, as counted and as the tables have them.
async fn open_reports(app: &TestApp, comment: &str) -> i32 {
    let (counted, exact): (i32, i64) = sqlx::query_as(
        "select reports, (select count(*) from reports r where r.comment_id = c.id)
                         - (select coalesce(sum(answered), 0) from decisions d where d.comment_id = c.id)
         from comments c where id = $1::uuid",
    )
    .bind(comment)
    .fetch_one(&app.pool)
    .await
    .unwrap();
    assert_eq!(i64::from(counted), exact);
    counted
}

async fn reported(app: &TestApp) -> u64 {
    let count = desk::counts(&app.app, &[SITE]).await.unwrap().get(&Queue::Reported).copied().unwrap_or(0);
    let exact = app.count("select count(*) from comments where state = 'approved' and reports > 0").await;
    assert_eq!(count, u64::try_from(exact).unwrap());
    count
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_reader_reports_by_a_form_that_the_comment_links_to(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    let id = app.comment_id("Cheap watches, see my profile").await;
    let browser = app.browser();
    let thread = format!("/sites/blog/comments?article={}", crate::app::ARTICLE);
    let page = browser.get(&thread).await.text().await.unwrap();
    assert!(page.contains(&format!("href=\"{}{}\"", app.url, path(&id))), "{page}");

    let answer = send(&browser, &id, "spam", "").await;
    assert_eq!(answer.status(), 303);
    let page = browser.get(&location(&answer)).await.text().await.unwrap();
    assert!(page.contains("your report has arrived") && page.contains(&format!("#comment-{id}")), "{page}");
    assert_eq!((open_reports(&app, &id).await, reported(&app).await), (1, 1));

    // The same network is one sender, whatever it says the second time.
    assert_eq!(send(&browser, &id, "other", "And again").await.status(), 303);
    assert_eq!((open_reports(&app, &id).await, app.count("select count(*) from reports").await), (1, 1));
    let columns = "select count(*) from reports where length(sender) = 16 and words = '' and ground = 'spam'";
    assert_eq!(app.count(columns).await, 1, "nothing but a hash is kept of the sender");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_mistake_shows_the_form_again_with_what_was_typed(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    let id = app.comment_id("A comment").await;
    let browser = app.browser();
    for (ground, words, told) in [
        ("", "typed before", "Please choose what is wrong"),
        ("other", "  ", "Please say in a few words"),
        ("abuse", &"long ".repeat(200), "at most 500 characters"),
    ] {
        let answer = send(&browser, &id, ground, words).await;
        assert_eq!(answer.status(), 422);
        let page = answer.text().await.unwrap();
        assert!(page.contains(told) && page.contains(words.trim()), "{page}");
    }
    let forged = [("form_token", "forged"), ("ground", "spam")];
    assert_eq!(browser.post(&path(&id), &forged).await.status(), 422);
    // A program that fills in everything is told what it wants to hear.
    let trapped = [("ground", "spam"), ("second_topic", "x")];
    assert_eq!(browser.post(&path(&id), &trapped).await.status(), 303);
    let foreign = browser.request(Method::POST, &path(&id)).header("origin", "https://evil.example");
    assert_eq!(foreign.form(&[("ground", "spam")]).send().await.unwrap().status(), 403);
    assert_eq!(app.count("select count(*) from reports").await, 0);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn only_what_is_published_can_be_reported(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let id = app.comment_id("Held").await;
    let browser = app.browser();
    for comment in [id.as_str(), "00000000-0000-7000-8000-000000000000", "x"] {
        assert_eq!(browser.get(&path(comment)).await.status(), 404, "{comment}");
        assert_eq!(browser.post(&path(comment), &[("ground", "spam")]).await.status(), 404, "{comment}");
    }
    assert_eq!(browser.get(&format!("/sites/nowhere/comments/{id}/report")).await.status(), 404);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn scripts_on_the_sites_pages_report_as_json(pool: PgPool) {
    let app = proxied(pool).await;
    let id = app.comment_id("A comment").await;
    let request = app.browser().request(Method::POST, &path(&id)).header(ACCEPT, "application/json");
    let answer = request
        .header("origin", "https://blog.example")
        .json(&json!({ "ground": "abuse", "words": "He threatens her." }))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 201);
    assert_eq!(header(answer.headers(), "access-control-allow-origin"), "https://blog.example");
    assert_eq!(answer.json::<Value>().await.unwrap(), json!({ "status": "reported" }));
    let preflight =
        app.browser().request(Method::OPTIONS, &path(&id)).header("origin", "https://blog.example");
    let preflight = preflight.send().await.unwrap();
    assert_eq!(preflight.status(), 204);
    assert!(header(preflight.headers(), "access-control-allow-headers").contains("content-type"));

    let answer = report_from(&app, &id, "203.0.113.1", json!({ "ground": "rude" })).await;
    assert_eq!(answer.status(), 422);
    assert_eq!(header(answer.headers(), "content-type"), "application/problem+json");
    assert_eq!(answer.json::<Value>().await.unwrap()["errors"][0]["pointer"], "#/ground");

    let thread = format!("/sites/blog/comments?article={}", crate::app::ARTICLE);
    let thread = app.browser().request(Method::GET, &thread).header(ACCEPT, "application/json");
    let thread: Value = thread.send().await.unwrap().json().await.unwrap();
    assert_eq!(thread["comments"][0]["report_url"], format!("{}{}", app.url, path(&id)));
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn one_address_cannot_flood_the_queue(pool: PgPool) {
    let app = TestApp::start_with(pool, Policy3::PublishAll, |settings| {
        settings.trust_forwarded_for = true;
        settings.comments_per_minute = 3;
    })
    .await;
    let id = app.comment_id("A comment").await;
    for _ in 0..3 {
        assert_eq!(report_from(&app, &id, "203.0.113.9", json!({ "ground": "spam" })).await.status(), 201);
    }
    let answer = report_from(&app, &id, "203.0.113.9", json!({ "ground": "spam" })).await;
    assert_eq!(answer.status(), 429);
    assert!(!header(answer.headers(), "retry-after").is_empty());
    assert_eq!(report_from(&app, &id, "2001:db8::1", json!({ "ground": "spam" })).await.status(), 201);
    // All of a subscriber's addresses are one sender.
    assert_eq!(report_from(&app, &id, "2001:db8::2", json!({ "ground": "spam" })).await.status(), 201);
    assert_eq!(open_reports(&app, &id).await, 2);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn moderators_read_what_was_reported_as_text(pool: PgPool) {
    let app = proxied(pool).await;
    let id = app.comment_id("A comment").await;
    let hostile = "\"'><script>alert(1)</script><img src=x onerror=alert(1)></ul>";
    report_from(&app, &id, "203.0.113.1", json!({ "ground": "other", "words": hostile })).await;
    report_from(&app, &id, "203.0.113.2", json!({ "ground": "off-topic" })).await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    for page in ["/admin/?state=reported", &format!("/admin/comments/blog/{id}")] {
        let page = Html::parse_document(&browser.get(page).await.text().await.unwrap());
        let told = Selector::parse(".told li").unwrap();
        let told: Vec<String> = page.select(&told).map(|one| one.text().collect()).collect();
        assert!(told[0].starts_with("off topic"), "{told:?}");
        assert!(told[1].contains(hostile), "{told:?}");
        let code = Selector::parse("main script, img, [onerror]").unwrap();
        assert_eq!(page.select(&code).count(), 0);
    }
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_decision_answers_all_reports_and_undoing_it_brings_them_back(pool: PgPool) {
    let app = proxied(pool).await;
    let id = app.comment_id("A comment").await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    let report = async |address: &str| report_from(&app, &id, address, json!({ "ground": "spam" })).await;
    report("203.0.113.1").await;
    report("203.0.113.2").await;
    assert_eq!((open_reports(&app, &id).await, reported(&app).await), (2, 1));

    // Approve again: it stays, and the reports are answered, each time there are some.
    browser.decide(&id, "approve", "1").await;
    assert_eq!((open_reports(&app, &id).await, reported(&app).await), (0, 0));
    assert_eq!(app.state(&id).await, "approved");
    report("203.0.113.3").await;
    browser.decide(&id, "approve", "2").await;
    assert_eq!(open_reports(&app, &id).await, 0);
    let page = browser.get(&format!("/admin/comments/blog/{id}")).await.text().await.unwrap();
    assert!(page.contains("answers 2 reports") && page.contains("answers 1 report"), "{page}");

    // What came in after the decision is still there when it is undone.
    report("203.0.113.4").await;
    assert_eq!(browser.post("/admin/undo", &[]).await.status(), 303);
    assert_eq!((open_reports(&app, &id).await, reported(&app).await), (2, 1));
    browser.decide(&id, "spam", "4").await;
    assert_eq!((open_reports(&app, &id).await, reported(&app).await), (0, 0));
    assert_eq!(report("203.0.113.5").await.status(), 404, "it is not published any more");
    assert_eq!(browser.post("/admin/undo", &[]).await.status(), 303);
    assert_eq!((open_reports(&app, &id).await, reported(&app).await), (2, 1));
    assert_eq!(app.state(&id).await, "approved");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn reports_decisions_and_undoings_in_any_order_lose_no_report(pool: PgPool) {
    let app = TestApp::start_with(pool, Policy3::PublishAll, |settings| {
        settings.trust_forwarded_for = true;
        settings.comments_per_minute = 0;
    })
    .await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    let mut ids = Vec::new();
    for n in 0..4 {
        ids.push(app.comment_id(&format!("Comment number {n}")).await);
    }
    let mut random = 11_u64;
    let mut next = |below: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(random >> 33).unwrap() % below
    };
    let mut undone = 0;
    for _ in 0..150 {
        app.pass(Duration::seconds(1));
        let id = &ids[next(ids.len())];
        match next(4) {
            0 | 1 => {
                let address = format!("203.0.113.{}", next(9));
                let status = report_from(&app, id, &address, json!({ "ground": "spam" })).await.status();
                assert_eq!(status == 201, app.state(id).await == "approved", "{status}");
            }
            2 => {
                let version: i32 = sqlx::query_scalar("select version from comments where id = $1::uuid")
                    .bind(id)
                    .fetch_one(&app.pool)
                    .await
                    .unwrap();
                let verdict = ["approve", "approve", "spam", "hold"][next(4)];
                assert_eq!(browser.decide(id, verdict, &version.to_string()).await.status(), 303);
                assert_eq!(open_reports(&app, id).await, 0);
            }
            // The newest of the moderator's own.
            _ => undone += i32::from(browser.post("/admin/undo", &[]).await.status() == 303),
        }
        open_reports(&app, id).await;
        reported(&app).await;
    }
    assert!(undone > 5 && app.count("select count(*) from reports").await > 20);
}
