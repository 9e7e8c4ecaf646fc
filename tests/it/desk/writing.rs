//! What moderators do with a comment besides moving it: reasons, answers, edits.

use moderato::service::accounts::{self, Role};
use moderato::service::audit::Actor;
use reqwest::header::ACCEPT;
use reqwest::{Method, Response};
use serde_json::Value;
use sqlx::PgPool;

use crate::app::{ARTICLE, Browser, Policy3, SITE, TestApp, location};

async fn reject(browser: &Browser, id: &str, version: &str, reason: &str) -> Response {
    let form =
        [("site", "1"), ("comment", id), ("version", version), ("reason", reason), ("back", "/admin/")];
    browser.post("/admin/decide", &form).await
}

/// Writes an answer as its form does.
async fn reply(browser: &Browser, id: &str, version: &str, text: &str) -> Response {
    let path = format!("/admin/comments/blog/{id}/reply");
    let page = browser.get(&path).await.text().await.unwrap();
    let page = scraper::Html::parse_document(&page);
    let field = scraper::Selector::parse("form.write input[name=mark]").unwrap();
    let mark = page.select(&field).next().unwrap().attr("value").unwrap().to_owned();
    let form = [("version", version), ("mark", &mark), ("comment", text), ("back", "/admin/?state=all")];
    browser.post(&path, &form).await
}

async fn edit(browser: &Browser, id: &str, version: &str, text: &str) -> Response {
    let path = format!("/admin/comments/blog/{id}/edit");
    let form = [
        ("version", version),
        ("comment", text),
        ("author", "Mia"),
        ("url", "https://mia.example/"),
        ("back", "/admin/?state=all"),
    ];
    browser.post(&path, &form).await
}

async fn thread(app: &TestApp) -> String {
    app.browser().get(&format!("/sites/blog/comments?article={ARTICLE}")).await.text().await.unwrap()
}

async fn thread_json(app: &TestApp) -> Value {
    let path = format!("/sites/blog/comments?article={ARTICLE}");
    let answer = app.browser().request(Method::GET, &path).header(ACCEPT, "application/json").send().await;
    answer.unwrap().json::<Value>().await.unwrap()["comments"].clone()
}

async fn undo(browser: &Browser) -> u16 {
    browser.post("/admin/undo", &[("back", "/admin/")]).await.status().as_u16()
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_rejection_has_a_reason_that_is_kept_and_shown(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let id = app.comment_id("Something about football").await;
    let browser = app.signed_in("mara", Role::Admin).await;
    let page = browser.get("/admin/").await.text().await.unwrap();
    assert!(page.contains(r#"name="reason" value="off-topic""#), "a button without JavaScript: {page}");
    assert_eq!(reject(&browser, &id, "1", "off-topic").await.status(), 303);
    assert_eq!(app.state(&id).await, "rejected");
    let page = browser.get("/admin/?state=rejected").await.text().await.unwrap();
    assert!(page.contains("Rejected: off topic"), "{page}");

    // Rejecting it again for no reason changes nothing; for another one it does, and undo brings the first one back.
    browser.decide(&id, "reject", "2").await;
    assert_eq!(app.count("select count(*) from decisions").await, 2);
    reject(&browser, &id, "2", "duplicate").await;
    let reason = async || {
        sqlx::query_scalar::<_, Option<String>>("select reason from decisions order by id desc limit 1")
            .fetch_one(&app.pool)
            .await
            .unwrap()
    };
    assert_eq!(reason().await.as_deref(), Some("duplicate"));
    assert_eq!(undo(&browser).await, 303);
    assert_eq!((app.state(&id).await.as_str(), reason().await.as_deref()), ("rejected", Some("off-topic")));
    let history = browser.get(&format!("/admin/comments/blog/{id}")).await.text().await.unwrap();
    assert!(
        history.contains("Off topic") && history.contains("Said already, undone")
            || history.contains("Off topic, undone"),
        "{history}"
    );

    let audit = browser.get("/admin/audit?reason=duplicate").await.text().await.unwrap();
    assert!(audit.contains("rejected: said already") && !audit.contains("rejected: off topic"), "{audit}");
    let export = browser.get("/admin/audit/export/ndjson?reason=duplicate").await.text().await.unwrap();
    assert_eq!(export.lines().count(), 1);
    let line: Value = serde_json::from_str(export.lines().next().unwrap()).unwrap();
    assert_eq!(line["details"]["reason"], "duplicate");

    browser.decide(&id, "hold", &app.count("select version::bigint from comments").await.to_string()).await;
    assert_eq!(reason().await, None, "what is not rejected is so for no reason");
    assert_eq!(reject(&browser, &id, "9", "because").await.status(), 404);

    let pick = format!("1.{id}.{}", app.count("select version::bigint from comments").await);
    let form = [("verdict", "reject"), ("reason", "harassment"), ("pick", &pick), ("back", "/admin/")];
    let preview = browser.post("/admin/bulk/preview", &form).await.text().await.unwrap();
    assert!(preview.contains("Rejected because"), "{preview}");
    assert_eq!(browser.post("/admin/bulk", &form).await.status(), 303);
    assert_eq!(reason().await.as_deref(), Some("harassment"));
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn an_answer_approves_and_is_marked_and_taken_back_with_the_approval(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let id = app.comment_id("Which servers do you mean?").await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    let untaught = app.app.live.current();
    let queues = async || {
        let page = browser.get("/admin/?state=all").await.text().await.unwrap();
        page.matches("<article").count()
    };
    let before = queues().await;

    let answer = reply(&browser, &id, "1", "The ones in the *basement*.").await;
    assert_eq!((answer.status().as_u16(), location(&answer).as_str()), (303, "/admin/?state=all"));
    assert_eq!(app.state(&id).await, "approved");
    assert_eq!(
        app.count("select count(*) from examples where label = 'ham'").await,
        1,
        "the answer teaches nothing"
    );
    let read = thread_json(&app).await;
    assert_eq!(
        (read[0]["by_moderator"].as_bool(), read[1]["by_moderator"].as_bool()),
        (Some(false), Some(true))
    );
    assert_eq!((read[1]["author"].as_str(), read[1]["parent"].as_str()), (Some("mara"), Some(id.as_str())));
    assert!(read[1]["html"].as_str().unwrap().contains("<em>basement</em>"));
    let page = thread(&app).await;
    assert_eq!(page.matches(r#"<span class="by">Moderator</span>"#).count(), 1, "{page}");
    let feed = app
        .browser()
        .get(&format!("/sites/blog/comments.atom?article={ARTICLE}"))
        .await
        .text()
        .await
        .unwrap();
    assert_eq!(feed.matches(r#"<category term="moderator""#).count(), 1, "{feed}");

    // While what it answers is not published it does not show, and it does again.
    browser.decide(&id, "hold", "2").await;
    assert_eq!(thread_json(&app).await.as_array().unwrap().len(), 0);
    assert_eq!(undo(&browser).await, 303);
    assert_eq!(thread_json(&app).await.as_array().unwrap().len(), 2);

    // One undo takes back both.
    assert_eq!(undo(&browser).await, 303);
    assert_eq!(app.state(&id).await, "held");
    assert_eq!(thread_json(&app).await.as_array().unwrap().len(), 0);
    assert_eq!(queues().await, before, "it is in no list");
    assert_eq!(app.count("select count(*) from comments where state = 'deleted'").await, 1);
    assert!(*app.app.live.current().model(SITE) == *untaught.model(SITE), "to the last bit");
    let audit = app.signed_in("ada", Role::Admin).await.get("/admin/audit?kind=answered").await;
    assert!(audit.text().await.unwrap().contains("Answered"));
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn an_answer_sent_twice_is_one_and_a_late_one_keeps_its_text(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let (id, other) = (app.comment_id("First").await, app.comment_id("Second").await);
    let (mara, ben) =
        (app.signed_in("mara", Role::Moderator).await, app.signed_in("ben", Role::Moderator).await);
    let mark = uuid::Uuid::new_v4().to_string();
    let path = format!("/admin/comments/blog/{id}/reply");
    let form = [("version", "1"), ("mark", mark.as_str()), ("comment", "Once."), ("back", "/admin/")];
    for _ in 0..2 {
        assert_eq!(mara.post(&path, &form).await.status(), 303);
    }
    assert_eq!(app.count("select count(*) from comments where moderator_id is not null").await, 1);
    // Taken back, and sent again from the same form.
    undo(&mara).await;
    let again = [("version", "3"), ("mark", mark.as_str()), ("comment", "Once more."), ("back", "/admin/")];
    for _ in 0..2 {
        assert_eq!(mara.post(&path, &again).await.status(), 303);
    }
    assert_eq!(
        app.count("select count(*) from comments where moderator_id is not null and state = 'approved'")
            .await,
        1
    );
    assert_eq!(
        app.count("select count(*) from comments where moderator_id is not null and state = 'deleted'").await,
        1
    );

    mara.decide(&other, "spam", "1").await;
    let late = reply(&ben, &other, "1", "I wrote this for ten minutes").await;
    assert_eq!(late.status(), 409);
    let page = late.text().await.unwrap();
    assert!(page.contains("mara has") && page.contains("I wrote this for ten minutes"), "{page}");
    assert_eq!(app.state(&other).await, "spam");
    assert_eq!(reply(&ben, &other, "2", "I wrote this for ten minutes").await.status(), 303);
    assert_eq!(app.state(&other).await, "approved");
    assert_eq!(reply(&ben, &other, "3", " \u{200b} ").await.status(), 422);

    // A comment of a moderator is no spam, teaches nothing, and is nobody's but the site's.
    let answer: String = sqlx::query_scalar(
        "select id::text from comments where moderator_id is not null and state <> 'deleted' limit 1",
    )
    .fetch_one(&app.pool)
    .await
    .unwrap();
    let examples = app.count("select count(*) from examples").await;
    assert_eq!(mara.decide(&answer, "spam", "1").await.status(), 409);
    assert_eq!(mara.decide(&answer, "reject", "1").await.status(), 303);
    assert_eq!(mara.decide(&answer, "approve", "2").await.status(), 303);
    assert_eq!(app.count("select count(*) from examples").await, examples);

    let viewer = app.signed_in("vera", Role::Viewer).await;
    assert_eq!(viewer.post(&path, &form).await.status(), 403);
    let shop = "insert into sites (name, title, origins, approve_below, reject_from, created_at)
                values ('shop', 'A Shop', '{https://shop.example}', 0, 1, now())";
    sqlx::query(shop).execute(&app.pool).await.unwrap();
    accounts::set_access(&app.app, Actor::CommandLine, "ben", None, Some(&[2])).await.unwrap();
    assert_eq!(ben.post(&path, &form).await.status(), 404);
    assert_eq!(edit(&ben, &id, "1", "x").await.status(), 404);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn an_edit_keeps_what_came_in_and_that_is_what_is_learnt(pool: PgPool) {
    let app = TestApp::start(pool.clone(), Policy3::HoldAll).await;
    let text = "Fresh rye bread at the bakery in Mill Lane";
    let id = app.comment_id(text).await;
    let browser = app.signed_in("mara", Role::Admin).await;
    let untaught = app.app.live.current();
    browser.decide(&id, "approve", "1").await;
    let taught = app.app.live.current();
    undo(&browser).await;

    // The version that others have seen is not the one any more.
    assert_eq!(edit(&browser, &id, "3", "Fresh sourdough, says a *moderator*").await.status(), 303);
    assert_eq!(browser.decide(&id, "spam", "3").await.status(), 409);
    assert_eq!(edit(&browser, &id, "3", "Something else").await.status(), 409);
    assert_eq!(browser.decide(&id, "approve", "4").await.status(), 303);
    assert!(*app.app.live.current().model(SITE) == *taught.model(SITE), "what came in is learnt");

    let page = thread(&app).await;
    assert!(page.contains("Fresh sourdough") && page.contains("Edited by a moderator"), "{page}");
    assert!(page.contains("https://mia.example/") && !page.contains("rye"), "{page}");
    let found = async |words: &str| {
        let page = browser.get(&format!("/admin/?state=all&q={words}")).await.text().await.unwrap();
        page.contains(&id)
    };
    assert_eq!((found("sourdough").await, found("rye").await), (true, false));
    let own = browser.get(&format!("/admin/comments/blog/{id}")).await.text().await.unwrap();
    assert!(own.contains(text) && own.contains("this is what came in"), "{own}");

    // Once more while it is taught, and a start from the database: the same model.
    assert_eq!(edit(&browser, &id, "5", "Sourdough").await.status(), 303);
    let again = TestApp::start(pool, Policy3::HoldAll).await;
    assert!(*again.app.live.current().model(SITE) == *taught.model(SITE), "after a restart");
    for _ in 0..3 {
        assert_eq!(undo(&browser).await, 303);
    }
    assert!(*app.app.live.current().model(SITE) == *untaught.model(SITE), "forgotten to the last bit");
    assert_eq!(app.state(&id).await, "held");
    assert_eq!(app.count("select count(*) from comments where edited").await, 0);
    assert_eq!((found("sourdough").await, found("rye").await), (false, true));

    // From its history any former text can be brought back.
    let version = app.count("select version::bigint from comments").await.to_string();
    assert_eq!(edit(&browser, &id, &version, "Sourdough").await.status(), 303);
    let own = browser.get(&format!("/admin/comments/blog/{id}")).await.text().await.unwrap();
    let form: Vec<(String, String)> = {
        let page = scraper::Html::parse_document(&own);
        let field = scraper::Selector::parse(".before article:last-of-type form input").unwrap();
        page.select(&field)
            .map(|field| (field.attr("name").unwrap().to_owned(), field.attr("value").unwrap().to_owned()))
            .collect()
    };
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(browser.post(&format!("/admin/comments/blog/{id}/edit"), &form).await.status(), 303);
    assert_eq!(
        (found("rye").await, app.count("select count(*) from comments where edited").await),
        (true, 0)
    );

    let audit = browser.get("/admin/audit?kind=edited").await.text().await.unwrap();
    assert_eq!(audit.matches("<td class=\"one-line\">Edited</td>").count(), 4, "{audit}");
    app.comment_id("Never changed").await;
    for statement in
        ["update comments set body = 'lost'", "delete from revisions", "update revisions set body = ''"]
    {
        let refused = sqlx::query(statement).execute(&app.pool).await.unwrap_err().to_string();
        assert!(
            refused.contains("would be lost") || refused.contains("append-only"),
            "{statement}: {refused}"
        );
    }
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_page_of_a_comment_in_the_sample_is_blind_as_well(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    let id = app.comment_id("Drawn at random").await;
    sqlx::query("update comments set audit_share = 1, sampled = true").execute(&app.pool).await.unwrap();
    let browser = app.signed_in("mara", Role::Moderator).await;
    let page = browser.get(&format!("/admin/comments/blog/{id}")).await.text().await.unwrap();
    assert!(
        page.contains("Drawn at random from what was decided") && !page.contains("What happened to it"),
        "{page}"
    );
    assert!(!page.contains("Spam probability"), "{page}");
    browser.decide(&id, "approve", "1").await;
    let page = browser.get(&format!("/admin/comments/blog/{id}")).await.text().await.unwrap();
    assert!(page.contains("What happened to it") && page.contains("Spam probability"), "{page}");
}
