//! Comments: submitted once, listed page by page, read, decided on, explained and exported.

use futures_util::future::join_all;
use moderato::service::accounts::Role;
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{Answer, Program, comment};
use crate::app::{ARTICLE, Policy3, TestApp};

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_submitted_comment_is_stored_and_found_where_the_answer_says(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let program = Program::new(&app).await;
    let answer = program.post("/comments", &comment("A thoughtful answer")).await;
    assert_eq!(
        (answer.status, &answer.body["state"], &answer.body["repeated"]),
        (201, &json!("held"), &json!(false))
    );
    let place = answer.header("location");
    let found = program.get(place.strip_prefix("/api/v1").unwrap()).await;
    assert_eq!(found.body["comment"], "A thoughtful answer");
    assert_eq!(found.body["article"], ARTICLE);
    assert_eq!(found.body["history"].as_array().unwrap().len(), 1);
    let again = program.post("/comments", &comment("A thoughtful answer")).await;
    assert_eq!(
        (again.status, again.text("id"), &again.body["repeated"]),
        (201, answer.text("id"), &json!(true))
    );
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn all_that_is_wrong_with_a_comment_is_said_at_once(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let program = Program::new(&app).await;
    let wrong = json!({ "article": "nowhere", "comment": " ", "author": "", "email": "mia at example" });
    let answer = program.post("/comments", &wrong).await;
    let errors = answer.problem(422)["errors"].as_array().unwrap();
    let pointers: Vec<&str> = errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["#/comment", "#/author", "#/email", "#/article"]);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn an_idempotency_key_stands_for_one_comment(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    let (program, other) = (Program::new(&app).await, Program::new(&app).await);
    let send = async |program: &Program<'_>, mark: &str, text: &str| {
        let request =
            program.request(Method::POST, "/comments").header("idempotency-key", mark).json(&comment(text));
        Answer::of(request.send().await.unwrap()).await
    };
    // At once, as a client does that has lost patience.
    let answers = join_all((0..8).map(|_| send(&program, "one", "First"))).await;
    let id = answers[0].text("id");
    assert!(answers.iter().all(|answer| answer.status == 201 && answer.text("id") == id), "{answers:?}");
    assert_eq!(app.count("select count(*) from comments").await, 1);
    let reused = send(&program, "one", "Second").await;
    assert_eq!(reused.problem(422)["errors"][0]["field"], "Idempotency-Key");
    // A moderator puts it right, and the retry is still the same.
    let mara = app.signed_in("mara", Role::Moderator).await;
    let form = [("version", "1"), ("comment", "First, put right"), ("author", "Mia"), ("url", "")];
    assert_eq!(mara.post(&format!("/admin/comments/blog/{id}/edit"), &form).await.status(), 303);
    assert_eq!(send(&program, "one", "First").await.text("id"), id);
    assert_ne!(send(&other, "one", "Another key's mark").await.text("id"), id);
    // No reader can take a program's place.
    let reader = app
        .browser()
        .request(Method::POST, "/sites/blog/comments")
        .header("idempotency-key", "key 1: one")
        .header("accept", "application/json")
        .json(&comment("By a reader"));
    let taken: Value = reader.send().await.unwrap().json().await.unwrap();
    assert_ne!(taken["id"], json!(id), "{taken}");
    send(&program, "with space", "x").await.problem(422);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn pages_follow_each_other_without_gaps_or_repeats(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let program = Program::new(&app).await;
    for n in 0..7 {
        program.submit(&format!("Comment number {n}")).await;
    }
    for order in ["doubt", "oldest", "newest"] {
        let mut seen = Vec::new();
        let mut after = String::new();
        loop {
            let page = program.get(&format!("/comments?queue=held&order={order}&limit=3{after}")).await;
            assert_eq!(page.status, 200, "{page:?}");
            let comments = page.body["comments"].as_array().unwrap();
            seen.extend(comments.iter().map(|comment| comment["id"].as_str().unwrap().to_owned()));
            let Some(next) = page.body["next"].as_str() else { break };
            assert_eq!(comments.len(), 3);
            after = format!("&after={next}");
            // What comes in meanwhile repeats nothing that was listed.
            if order == "newest" && seen.len() == 3 {
                program.submit("In between").await;
            }
        }
        assert_eq!(seen.len(), 7, "{order}");
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 7, "{order}");
    }
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn lists_are_narrowed_and_wrong_parameters_all_named(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let program = Program::new(&app).await;
    program.submit("About the river").await;
    let other = json!({ "article": "https://blog.example/b", "comment": "About trees", "author": "Ann" });
    assert_eq!(program.post("/comments", &other).await.status, 201);
    let count = async |query: &str| {
        program.get(&format!("/comments?{query}")).await.body["comments"].as_array().unwrap().len()
    };
    assert_eq!(count("").await, 2);
    assert_eq!(count("article=https://blog.example/b").await, 1);
    assert_eq!(count("article=https://blog.example/nobody").await, 0);
    assert_eq!(count("search=trees").await, 1);
    assert_eq!(count("search=trees%00").await, 1);
    assert_eq!(count("queue=approved").await, 0);
    assert_eq!(count("from=2026-11-24T12:00:00Z").await, 2);
    assert_eq!(count("until=2026-11-24T12:00:00Z").await, 0);
    let wrong = program.get("/comments?queue=x&order=y&limit=0&after=z&from=monday&article=ftp:x").await;
    let errors = wrong.problem(422)["errors"].as_array().unwrap();
    let fields: Vec<&str> = errors.iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["queue", "article", "from", "order", "limit", "after"]);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_decision_on_another_version_names_who_was_quicker(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let program = Program::new(&app).await;
    let id = program.submit("Decide on me").await;
    let path = format!("/comments/{id}");
    let tag = program.get(&path).await.header("etag");
    let decide = async |tag: &str, body: Value| {
        let request =
            program.request(Method::POST, &format!("{path}/decision")).header("if-match", tag).json(&body);
        Answer::of(request.send().await.unwrap()).await
    };
    let mara = app.signed_in("mara", Role::Moderator).await;
    assert_eq!(mara.decide(&id, "approve", "1").await.status(), 303);
    let late = decide(&tag, json!({ "verdict": "spam" })).await;
    let detail = late.problem(412)["detail"].as_str().unwrap();
    assert!(detail.contains("mara") && detail.contains("approved"), "{detail}");
    let agreed = decide(&tag, json!({ "verdict": "approve" })).await;
    assert_eq!(
        (agreed.status, &agreed.body["changed"]),
        (200, &json!(false)),
        "what holds already is no conflict"
    );
    let fresh = program.get(&path).await.header("etag");
    let done = decide(&fresh, json!({ "verdict": "reject", "reason": "off-topic" })).await;
    assert_eq!(
        (done.status, &done.body["state"], &done.body["changed"]),
        (200, &json!("rejected"), &json!(true))
    );
    let read = program.get(&path).await;
    let version = done.body["version"].as_i64().unwrap();
    assert!(read.header("etag").starts_with(&format!("\"{version}-")), "{read:?}");
    assert_eq!(read.body["reject_reason"], "off-topic");
    let last = read.body["history"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        (&last["by"], &last["from"], &last["to"]),
        (&json!("our program"), &json!("approved"), &json!("rejected"))
    );
    let by_number = decide(&format!("\"{version}\""), json!({ "verdict": "hold" })).await;
    assert_eq!(by_number.status, 200, "the version alone will do");
    let unquoted = decide(&version.to_string(), json!({ "verdict": "spam" })).await;
    assert_eq!(unquoted.problem(422)["errors"][0]["field"], "If-Match");
    let any = program.post(&format!("{path}/decision"), &json!({ "verdict": "spam" })).await;
    assert_eq!(any.status, 200, "without If-Match any version will do");
    program
        .post(&format!("{path}/decision"), &json!({ "verdict": "spam", "reason": "other" }))
        .await
        .problem(422);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_has_not_changed_is_not_sent_again(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let program = Program::new(&app).await;
    let path = format!("/comments/{}", program.submit("Read me twice").await);
    let tag = program.get(&path).await.header("etag");
    let ask = async || {
        let request = program.request(Method::GET, &path).header("if-none-match", &tag);
        Answer::of(request.send().await.unwrap()).await
    };
    let unchanged = ask().await;
    assert_eq!((unchanged.status, unchanged.header("etag"), unchanged.raw.as_str()), (304, tag.clone(), ""));
    program.post(&format!("{path}/decision"), &json!({ "verdict": "approve" })).await;
    let published = ask().await;
    assert_eq!(published.status, 200);
    // A report changes what is sent, and no version.
    sqlx::query("update comments set reports = 1").execute(&app.pool).await.unwrap();
    let reported = program.get(&path).await;
    assert_eq!(reported.body["version"], published.body["version"]);
    assert_ne!(reported.header("etag"), published.header("etag"));
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn deleted_comments_are_gone_and_answers_are_no_spam(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    let program = Program::new(&app).await;
    let id = program.submit("Delete me").await;
    app.unlogged(sqlx::query("update comments set state = 'deleted', version = version + 1")).await;
    program.get(&format!("/comments/{id}")).await.problem(404);
    program.get(&format!("/comments/{id}/why")).await.problem(404);
    program.post(&format!("/comments/{id}/decision"), &json!({ "verdict": "spam" })).await.problem(409);
    program.get("/comments/nonsense").await.problem(404);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_account_of_a_score_adds_up(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let program = Program::new(&app).await;
    let id = program.submit("A walk by the river https://river.example.org is worth it").await;
    let why = program.get(&format!("/comments/{id}/why")).await.body;
    let of = |value: &Value| value["log_odds"].as_f64().unwrap();
    let sum = |list: &Value| list.as_array().unwrap().iter().map(of).sum::<f64>();
    let now = &why["now"];
    let total = now["bias"].as_f64().unwrap() + sum(&now["around"]) + sum(&now["groups"]);
    assert!((total - of(now)).abs() < 1e-9, "{why}");
    for group in now["groups"].as_array().unwrap() {
        assert!((sum(&group["tokens"]) - of(group)).abs() < 1e-9, "{group}");
    }
    let then = &why["then"];
    let probability = 1.0 / (1.0 + (-sum(&then["parts"])).exp());
    assert!((probability - then["spam_probability"].as_f64().unwrap()).abs() < 1e-9);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn an_export_has_every_comment_once_the_oldest_first(pool: PgPool) {
    let app =
        TestApp::start_with(pool, Policy3::HoldAll, |settings| settings.api_requests_per_minute = 0).await;
    let program = Program::new(&app).await;
    let mut ids = Vec::new();
    // More than are read at a time.
    for n in 0..203 {
        ids.push(program.submit(&format!("Comment number {n}")).await);
    }
    let export = program.get("/comments/export").await;
    assert_eq!(export.header("content-type"), "application/x-ndjson");
    let lines: Vec<Value> = export.raw.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let exported: Vec<&str> = lines.iter().map(|line| line["id"].as_str().unwrap()).collect();
    assert_eq!(exported, ids);
    assert_eq!(program.get("/comments/export?queue=approved").await.raw, "");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_a_log_only_key_submits_is_published_and_what_would_have_been_is_kept(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let program = Program::new(&app).await;
    moderato::service::keys::set_log_only(
        &app.app,
        moderato::service::audit::Actor::CommandLine,
        1,
        &[1],
        true,
    )
    .await
    .unwrap();
    let answer = program.post("/comments", &comment("It would wait")).await;
    assert_eq!(answer.body["state"], "approved", "{answer:?}");
    assert_eq!(app.count("select count(*) from comments where would_be = 'held'").await, 1);
}
