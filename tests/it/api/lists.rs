//! The site, its queues and figures, and the models.

use moderato::service::accounts::Role;
use serde_json::json;
use sqlx::PgPool;
use time::Duration;

use super::Program;
use crate::akismet::{Client, spam};
use crate::app::{Policy3, TestApp};
use crate::desk::models::{labelled_csv, upload};

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_site_its_queues_and_its_figures_are_told(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let program = Program::new(&app).await;
    let site = program.get("/site").await.body;
    assert_eq!(
        (&site["name"], &site["approve_below"], &site["promise"]),
        (&json!("blog"), &json!(0.0), &json!(null))
    );
    let id = program.submit("One").await;
    program.submit("Two").await;
    program.post(&format!("/comments/{id}/decision"), &json!({ "verdict": "approve" })).await;
    let queues = program.get("/queues").await.body;
    let count = |name: &str| {
        let queues = queues["queues"].as_array().unwrap();
        queues.iter().find(|queue| queue["queue"] == name).unwrap()["count"].as_u64().unwrap()
    };
    assert_eq!((count("held"), count("approved"), count("all")), (1, 1, 2));
    let statistics = program.get("/statistics?span=week").await.body;
    assert_eq!(statistics["periods"].as_array().unwrap().len(), 7);
    assert_eq!((&statistics["first"], &statistics["last"]), (&json!("2026-11-18"), &json!("2026-11-24")));
    let whole = &statistics["whole"];
    assert_eq!((&whole["came_in"], &whole["approved"], &whole["held"]), (&json!(2), &json!(1), &json!(1)));
    assert_eq!(statistics["waiting"], 1);
    assert_eq!(program.get("/statistics").await.body["periods"].as_array().unwrap().len(), 28);
    program.get("/statistics?span=century").await.problem(422);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn models_are_told_with_their_evaluation(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let program = Program::new(&app).await;
    let models = program.get("/models").await.body;
    let model = &models["models"][0];
    assert_eq!(
        (&model["origin"], &model["active"], &model["subject"]),
        (&json!("starter"), &json!(true), &json!("spam"))
    );
    let one = program.get(&format!("/models/{}", model["id"])).await.body;
    assert_eq!(one["checksum"], model["checksum"]);
    assert!(one["evaluation"]["roc_auc"].as_f64().unwrap() > 0.5, "{one}");
    assert!(one.get("sources").is_none(), "files and sites of others are theirs");
    assert!(one["comparison"].is_null(), "it was the first");
    let ada = app.signed_in("ada", Role::Admin).await;
    assert_eq!(upload(&ada, labelled_csv(), false).await.status(), 303);
    assert_eq!(app.run_jobs().await, 1);
    let trained = program.get("/models/2").await.body;
    let comparison = &trained["comparison"];
    assert_eq!(comparison["with"], json!(1), "{trained}");
    for model in ["this", "other"] {
        assert!(comparison[model]["accuracy"].as_f64().unwrap() > 0.4, "{trained}");
    }
    program.get("/models/999").await.problem(404);
    program.get("/models/first").await.problem(404);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn usage_is_told_key_by_key_for_a_year(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let program = Program::new(&app).await;
    let elsewhere = Program::elsewhere(&app).await;
    let wordpress = Client::new(&app).await;
    wordpress.check(&[("comment_content", "A year ago")]).await;
    program.settle().await;
    app.pass(Duration::days(360));
    wordpress.check(&[("comment_content", &spam("one"))]).await;
    wordpress.check(&[("comment_content", "Two")]).await;
    program.post("/check", &json!({ "comment": "Three" })).await;
    elsewhere.post("/check", &json!({ "comment": "Not ours" })).await;
    program.settle().await;
    assert_eq!(
        program.get("/usage").await.body,
        json!({ "months": [
            { "key": 1, "name": "our program", "month": "2027-11-01", "checks": 1, "spam": 0, "missed_spam": 0, "false_positives": 0 },
            { "key": 3, "name": "WordPress", "month": "2027-11-01", "checks": 2, "spam": 1, "missed_spam": 0, "false_positives": 0 },
        ] })
    );
    let ada = app.signed_in("ada", Role::Admin).await;
    let page = ada.get("/admin/keys").await.text().await.unwrap();
    assert!(page.contains("2 checks this month") && page.contains("1 check this month"), "{page}");
}
