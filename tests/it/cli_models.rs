//! `moderato models`, on the database of a running server.

use moderato::classifier::{Document, Model, features};
use moderato::service::accounts::Role;
use serde_json::Value;
use sqlx::PgPool;

use crate::app::{Policy3, TestApp};
use crate::command::{Run, moderato_with};
use crate::desk::models::{labelled_csv, upload};

/// Runs `moderato models …` on the test's database.
async fn models(app: &TestApp, arguments: &[&str]) -> Run {
    app.command(&[&["models"], arguments].concat()).await
}

async fn refresh(app: &TestApp) {
    app.app.live.refresh(&mut app.app.db.conn().await.unwrap(), app.app.settled()).await.unwrap();
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_refused_model_takes_a_word_more(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.signed_in("mara", Role::Admin).await;
    upload(&browser, labelled_csv(), false).await;
    app.run_jobs().await;
    let shown = models(&app, &["show", "2"]).await;
    assert_eq!(shown.status, 0, "{}", shown.stderr);
    assert!(
        shown.stdout.contains("on 24 held-out rows") && !shown.stdout.contains("Refused"),
        "{}",
        shown.stdout
    );

    sqlx::query("update models set refusal = '{\"It is worse\"}' where id = 2")
        .execute(&app.pool)
        .await
        .unwrap();
    assert!(models(&app, &["show", "2"]).await.stdout.contains("Refused: It is worse"));
    let json: Value = models(&app, &["show", "2", "--json"]).await.json();
    assert_eq!(
        (&json["refusal"][0], &json["comparison"]["duel"]["rows"]),
        (&"It is worse".into(), &24.into())
    );
    assert!(models(&app, &["list"]).await.stdout.lines().next().unwrap().ends_with("refused"));

    let refused = models(&app, &["promote", "2"]).await;
    assert_eq!(refused.status, 1);
    assert!(
        refused.stderr.contains("It is worse") && refused.stderr.contains("--despite-refusal"),
        "{}",
        refused.stderr
    );
    let promoted = models(&app, &["promote", "2", "--despite-refusal"]).await;
    assert_eq!(promoted.status, 0, "{}", promoted.stderr);
    assert_eq!(app.count("select model_id from promotions where despite_refusal").await, 2);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_shadow_is_chosen_and_ended(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.signed_in("mara", Role::Admin).await;
    upload(&browser, labelled_csv(), false).await;
    app.run_jobs().await;
    let chosen = models(&app, &["shadow", "2"]).await;
    assert_eq!(
        (chosen.status, chosen.stdout.as_str()),
        (0, "Model 2 scores in the shadow\n"),
        "{}",
        chosen.stderr
    );
    assert!(models(&app, &["list"]).await.stdout.starts_with("~    2"));
    refresh(&app).await;
    assert_eq!(app.app.live.shadow().unwrap().model_id, 2, "a running server follows");
    assert_eq!(models(&app, &["shadow", "1"]).await.status, 1, "it is in force");
    assert_eq!(models(&app, &["shadow"]).await.status, 2);
    assert_eq!(models(&app, &["shadow", "2", "--off"]).await.status, 2);
    assert_eq!(models(&app, &["shadow", "--off"]).await.stdout, "No model scores in the shadow\n");
    refresh(&app).await;
    assert!(app.app.live.shadow().is_none());
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn every_version_gives_its_scores_again_to_the_last_bit(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.signed_in("mara", Role::Admin).await;
    upload(&browser, labelled_csv(), false).await;
    app.run_jobs().await;
    let folder = tempfile::tempdir().unwrap();
    let text = "A comment about cheap shoes and the river";
    // Each version judges a comment that teaches nothing, between promotions, roll-backs and decisions.
    let mut judged = Vec::new();
    for step in ["promote", "rollback", "promote"] {
        let id = app.comment_id(&format!("{text} {step} {}", judged.len())).await;
        judged.push(id);
        match step {
            "promote" => browser.post("/admin/models/promote", &[("model", "2")]).await,
            _ => browser.post("/admin/models/rollback", &[]).await,
        };
    }
    let last = app.comment_id("The one that is decided on").await;
    let decided = browser.decide(&last, "spam", "1").await;
    assert_eq!(decided.status(), 303);
    let by_decision: Vec<(String, i64)> =
        sqlx::query_as("select actor, model_id from decisions where comment_id = $1::uuid order by id")
            .bind(&last)
            .fetch_all(&app.pool)
            .await
            .unwrap();
    assert_eq!(
        by_decision,
        [("policy".to_owned(), 2), ("moderator".to_owned(), 2)],
        "a decision keeps its version"
    );

    for id in judged {
        let (body, model, probability): (String, i64, f64) =
            sqlx::query_as("select body, model_id, text_probability from comments where id = $1::uuid")
                .bind(&id)
                .fetch_one(&app.pool)
                .await
                .unwrap();
        let file = folder.path().join(format!("{model}.model"));
        let exported = models(&app, &["export", &model.to_string(), "--out", file.to_str().unwrap()]).await;
        assert_eq!(exported.status, 0, "{}", exported.stderr);
        let version = Model::from_bytes(&std::fs::read(&file).unwrap()).unwrap();
        let document = Document { content: &body, author: "Mia", email: "mia@example.org", url: "" };
        let score = version.score(&features(&document));
        assert_eq!(score.probability.to_bits(), probability.to_bits(), "model {model}");

        // The command adds the prior of the version's training rows, which a site does not go by.
        let comment = serde_json::json!({ "content": body, "author": "Mia", "email": "mia@example.org" });
        let arguments = ["score", "--model", file.to_str().unwrap(), "--format", "ndjson"];
        let again = moderato_with(&arguments, comment.to_string().as_bytes()).stdout;
        // As written: a number is printed so that reading it gives its bits again, which not every reader manages.
        let expected = serde_json::to_string(&score.with_prior(version.prior()).probability).unwrap();
        assert!(again.contains(&format!("\"spam_probability\":{expected},")), "model {model}: {again}");
    }
}
