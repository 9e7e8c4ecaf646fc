//! Who is let in, how often, and what is said to those who are not; and that the document tells of every call.

use std::collections::BTreeSet;

use moderato::service::accounts::Role;
use moderato::service::audit::Actor;
use moderato::service::keys::{Kind, Scope, Spec, create};
use reqwest::Method;
use serde_json::{Value, json};
use sqlx::PgPool;

use super::{Answer, Program, comment};
use crate::app::{Policy3, TestApp};

async fn document(app: &TestApp) -> Value {
    app.browser().get("/openapi.json").await.json().await.unwrap()
}

/// Every call of the document: method, path with an id that nobody has, and the scope it says it needs.
fn calls(document: &Value) -> Vec<(Method, String, String)> {
    let mut calls = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let scope = operation["security"][0]["key"][0].as_str().unwrap().to_owned();
            calls.push((method, path.replace("{id}", "0199c0de-0000-7000-8000-000000000000"), scope));
        }
    }
    assert!(calls.len() >= 14, "{calls:?}");
    calls
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_call_needs_the_scope_that_the_document_names_and_no_other(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let document = document(&app).await;
    for scope in Scope::ALL {
        let only = Program::with(&app, "blog", &[scope]).await;
        for (method, path, needed) in calls(&document) {
            let request =
                app.browser().request(method.clone(), &path).bearer_auth(&only.key).json(&json!({}));
            let answer = Answer::of(request.send().await.unwrap()).await;
            if needed == scope.as_str() {
                assert!(![401, 403].contains(&answer.status), "{method} {path} with {needed}: {answer:?}");
            } else {
                let detail = answer.problem(403)["detail"].as_str().unwrap();
                assert!(detail.contains(&format!("“{needed}”")), "{method} {path}: {detail}");
            }
        }
    }
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn without_a_key_of_the_api_nothing_is_answered(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let site = app.app.sites.find("blog").unwrap();
    let akismet = create(
        &app.app,
        Actor::CommandLine,
        &site,
        Spec { kind: Kind::Akismet, name: "WordPress", scopes: &[], log_only: false, secret: "" },
    )
    .await
    .unwrap()
    .key;
    let document = document(&app).await;
    for (method, path, _) in calls(&document) {
        for sent in ["", "Bearer nonsense", "Basic bW9kZXJhdG8=", &format!("Bearer {akismet}")] {
            let mut request = app.browser().request(method.clone(), &path);
            if !sent.is_empty() {
                request = request.header("authorization", sent);
            }
            let answer = Answer::of(request.send().await.unwrap()).await;
            answer.problem(401);
            assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"Moderato\"");
        }
    }
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_is_no_call_is_a_problem_too(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let program = Program::new(&app).await;
    program.get("/nonsense").await.problem(404);
    program.get("").await.problem(404);
    program.get("/models/0").await.problem(404);
    let wrong = program.get("/check").await;
    wrong.problem(405);
    assert_eq!(wrong.header("allow"), "POST");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn bodies_that_cannot_be_used_are_told_what_is_wrong(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let program = Program::new(&app).await;
    let send = async |kind: &'static str, body: String| {
        let request = program.request(Method::POST, "/check").header("content-type", kind).body(body);
        Answer::of(request.send().await.unwrap()).await
    };
    let unreadable = send("application/json", "{\n  \"comment\": nonsense}".into()).await;
    assert!(unreadable.problem(400)["detail"].as_str().unwrap().contains("line 2 column"), "{unreadable:?}");
    send("application/json", "{\"comment\": \"a\"} more".into()).await.problem(400);
    send("text/plain", "{\"comment\": \"a\"}".into()).await.problem(415);
    send("application/json", format!("{{\"comment\": \"{}\"}}", "x".repeat(9 * 1024 * 1024)))
        .await
        .problem(413);
    for (body, pointer) in [
        ("{\"comment\": 3}", "#/comment"),
        ("{}", "#/comment"),
        ("[\"text\"]", "#"),
        ("{\"comment\": \"a\", \"ip\": \"nowhere\"}", "#/ip"),
        ("{\"comment\": \"a\", \"colour\": \"red\"}", "#/colour"),
    ] {
        let wrong = send("application/json", body.into()).await;
        let errors = wrong.problem(422)["errors"].as_array().unwrap();
        assert_eq!(errors[0]["pointer"], pointer, "{body}: {wrong:?}");
    }
    let batch = json!({ "checks": [{ "comment": "a" }, { "comment": "b", "author": 1 }, ["c"]] });
    let wrong = program.post("/check/batch", &batch).await;
    assert_eq!(wrong.problem(422)["errors"][0]["pointer"], "#/checks/2", "{wrong:?}");
    let batch = json!({ "checks": [{ "comment": "a" }, { "comment": "b", "author": 1 }] });
    let wrong = program.post("/check/batch", &batch).await;
    assert_eq!(wrong.problem(422)["errors"][0]["pointer"], "#/checks/1/author", "{wrong:?}");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_key_is_told_what_it_has_left_and_when_to_come_again(pool: PgPool) {
    let app =
        TestApp::start_with(pool, Policy3::Usual, |settings| settings.api_requests_per_minute = 2).await;
    let (program, other) = (Program::new(&app).await, Program::new(&app).await);
    let first = program.get("/site").await;
    assert_eq!(first.header("ratelimit-policy"), "\"key\";q=2;w=60");
    assert_eq!(first.header("ratelimit"), "\"key\";r=1;t=30");
    assert_eq!(program.get("/queues").await.status, 200);
    let third = program.get("/site").await;
    third.problem(429);
    let wait: u64 = third.header("retry-after").parse().unwrap();
    assert!((1..=31).contains(&wait), "{third:?}");
    assert!(third.header("ratelimit").starts_with("\"key\";r=0;t="), "{third:?}");
    assert_eq!(other.get("/site").await.status, 200, "every key has its own share");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_revoked_key_is_no_key(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let program = Program::new(&app).await;
    assert_eq!(program.get("/site").await.status, 200);
    moderato::service::keys::revoke(&app.app, Actor::CommandLine, 1, &[1]).await.unwrap();
    program.get("/site").await.problem(401);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn another_sites_comments_do_not_exist(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let (program, stranger) = (Program::new(&app).await, Program::elsewhere(&app).await);
    let id = program.submit("A thoughtful answer").await;
    assert_eq!(program.get(&format!("/comments/{id}")).await.status, 200);
    stranger.get(&format!("/comments/{id}")).await.problem(404);
    stranger.get(&format!("/comments/{id}/why")).await.problem(404);
    stranger.post(&format!("/comments/{id}/decision"), &json!({ "verdict": "spam" })).await.problem(404);
    assert_eq!(stranger.get("/comments").await.body["comments"], json!([]));
    assert_eq!(stranger.get("/comments/export").await.raw, "");
    let check = program.post("/check", &json!({ "comment": "Hello" })).await.text("check");
    program.settle().await;
    stranger.post("/feedback", &json!({ "check": check, "verdict": "spam" })).await.problem(404);
    assert_eq!(app.state(&id).await, "held");
    stranger.post("/comments", &comment("On a page that is not theirs")).await.problem(422);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_document_is_openapi_with_a_schema_for_every_answer(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let response = app.browser().get("/openapi.json").await;
    let tag = response.headers()["etag"].clone();
    let document: Value = response.json().await.unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
    let mut ids = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let name = format!("{method} {path}");
            assert!(path.starts_with("/api/v1/"), "{name}");
            assert!(ids.insert(operation["operationId"].as_str().unwrap()), "{name}");
            assert!(operation["summary"].is_string() && operation["description"].is_string(), "{name}");
            let responses = operation["responses"].as_object().unwrap();
            for status in ["401", "403", "429", "500", "503"] {
                assert!(responses.contains_key(status), "{name} {status}");
            }
        }
    }
    let again = app
        .browser()
        .request(Method::GET, "/openapi.json")
        .header("if-none-match", tag)
        .send()
        .await
        .unwrap();
    assert_eq!(again.status(), 304);
}

/// What is copied from the description works.
#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn examples_of_the_document_are_taken(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let program = Program::new(&app).await;
    let id = program.submit("Decide on me").await;
    let document = document(&app).await;
    let mut tried = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let body = &methods["post"]["requestBody"]["content"]["application/json"]["example"];
        if methods["post"].is_object() {
            let path = path.strip_prefix("/api/v1").unwrap().replace("{id}", &id);
            let answer = program.post(&path, body).await;
            assert!([200, 201].contains(&answer.status), "{path} {body}: {answer:?}");
            tried += 1;
        }
    }
    assert_eq!(tried, 5);
    let page = app.browser().get("/docs").await.text().await.unwrap();
    for path in document["paths"].as_object().unwrap().values() {
        for operation in path.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(
                page.contains(&format!("id=\"{id}\"")) && page.contains(&format!("href=\"#{id}\"")),
                "{id}"
            );
        }
    }
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn administrators_choose_what_a_key_may_do(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let admin = app.signed_in("ada", Role::Admin).await;
    let form =
        [("name", "Reader"), ("site", "blog"), ("kind", "api"), ("scope", "read"), ("scope", "decide")];
    assert_eq!(admin.post("/admin/keys", &form).await.status(), 200);
    let scopes: Vec<String> =
        sqlx::query_scalar("select scopes from keys").fetch_one(&app.pool).await.unwrap();
    assert_eq!(scopes, ["read", "decide"]);
    assert_eq!(admin.post("/admin/keys", &form[..3]).await.status(), 422, "none at all");
}

/// What waits for the database says when to come again; a check does not wait for it.
#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn without_a_database_checks_are_answered_and_the_rest_says_when_to_come_again(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let program = Program::new(&app).await;
    app.app.db.close().await;
    assert_eq!(program.post("/check", &json!({ "comment": "Hello" })).await.status, 200);
    for answer in [
        program.get("/comments").await,
        program.get("/statistics").await,
        program.post("/comments", &comment("Hello")).await,
        program.post("/feedback", &json!({ "verdict": "spam", "comment": "Hello" })).await,
    ] {
        answer.problem(503);
        assert_eq!(answer.header("retry-after"), "5");
    }
}
