//! Checks, one and many, and feedback on them.

use serde_json::{Value, json};
use sqlx::PgPool;

use super::Program;
use crate::akismet::spam;
use crate::app::{ARTICLE, Policy3, TestApp};

fn sum(parts: &Value) -> f64 {
    parts.as_array().unwrap().iter().map(|part| part["log_odds"].as_f64().unwrap()).sum()
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_check_is_answered_explained_and_shown_on_the_desk(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let program = Program::new(&app).await;
    let body = json!({ "comment": spam("now"), "author": "Pills", "article": ARTICLE, "explain": true });
    let answer = program.post("/check", &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!((&answer.body["decision"], &answer.body["stored"]), (&json!("reject"), &json!(true)));
    let log_odds = answer.body["log_odds"].as_f64().unwrap();
    assert!((sum(&answer.body["parts"]) - log_odds).abs() < 1e-9, "{answer:?}");
    let probability = answer.body["spam_probability"].as_f64().unwrap();
    assert!((1.0 / (1.0 + (-log_odds).exp()) - probability).abs() < 1e-9);
    program.settle().await;
    let again = program.post("/check", &body).await;
    assert_eq!(again.text("check"), answer.text("check"));
    program.settle().await;
    let listed = program.get("/comments?queue=spam").await;
    assert_eq!(listed.body["comments"].as_array().unwrap().len(), 1, "{listed:?}");
    assert_eq!(listed.body["comments"][0]["article"], ARTICLE);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_dry_run_leaves_no_trace_and_parts_come_when_asked_for(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let program = Program::new(&app).await;
    let answer = program.post("/check", &json!({ "comment": "Hello there", "dry_run": true })).await;
    assert_eq!(answer.body["stored"], false);
    assert!(answer.body.get("parts").is_none());
    program.settle().await;
    assert_eq!(app.count("select count(*) from comments").await, 0);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_batch_is_answered_in_order_as_single_checks_are(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let program = Program::new(&app).await;
    let texts: Vec<String> =
        (0..60).map(|n| if n % 2 == 0 { spam(&n.to_string()) } else { format!("Thoughts {n}") }).collect();
    let checks: Vec<Value> = texts.iter().map(|text| json!({ "comment": text, "dry_run": true })).collect();
    let answer = program.post("/check/batch", &json!({ "checks": checks })).await;
    let answers = answer.body["answers"].as_array().unwrap();
    assert_eq!(answers.len(), 60);
    for at in [0, 1, 59] {
        assert_eq!(answers[at], program.post("/check", &checks[at]).await.body);
    }
    let many: Vec<Value> = (0..1001).map(|_| json!({ "comment": "a" })).collect();
    for wrong in [json!({ "checks": [] }), json!({ "checks": many })] {
        assert_eq!(
            program.post("/check/batch", &wrong).await.problem(422)["errors"][0]["pointer"],
            "#/checks"
        );
    }
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn feedback_is_noted_once_and_the_last_word_holds(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let program = Program::new(&app).await;
    let check = program
        .post("/check", &json!({ "comment": "Read my newsletter", "author": "Mia" }))
        .await
        .text("check");
    program.settle().await;
    let say = async |verdict: &str| {
        let answer = program.post("/feedback", &json!({ "check": check, "verdict": verdict })).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        (answer.text("comment"), answer.body["changed"].as_bool().unwrap())
    };
    let (id, changed) = say("spam").await;
    assert!(changed);
    assert_eq!(say("spam").await, (id.clone(), false));
    assert_eq!(app.state(&id).await, "spam");
    assert_eq!(say("ham").await, (id.clone(), true));
    assert_eq!(app.state(&id).await, "approved");
    assert_eq!(app.count("select count(*) from examples").await, 2);
    // By its fields it is the same comment.
    let fields = json!({ "comment": "Read my newsletter", "author": "Mia", "verdict": "spam" });
    let by_fields = program.post("/feedback", &fields).await;
    assert_eq!((by_fields.text("comment"), &by_fields.body["changed"]), (id, &json!(true)));
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn feedback_says_what_it_is_about(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let program = Program::new(&app).await;
    let unheard = json!({ "comment": "Never checked", "verdict": "spam" });
    assert_eq!(program.post("/feedback", &unheard).await.body["changed"], true);
    program.post("/feedback", &json!({ "verdict": "spam" })).await.problem(422);
    program.post("/feedback", &json!({ "verdict": "maybe", "comment": "a" })).await.problem(422);
    program.post("/feedback", &json!({ "verdict": "spam", "check": "a", "comment": "a" })).await.problem(422);
    for unknown in ["0123456789abcdef0123456789abcdef", "nonsense", ""] {
        program.post("/feedback", &json!({ "verdict": "spam", "check": unknown })).await.problem(404);
    }
}
