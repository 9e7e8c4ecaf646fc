//! The prior of a site's own queue.

use serde_json::Value;
use sqlx::PgPool;

use crate::app::{Policy3, TestApp};
use moderato::service::accounts::Role;

async fn judgement(app: &TestApp, id: &str) -> (f64, f64, Vec<(String, String, f64)>) {
    let (said, text, reasons): (f64, f64, Value) = sqlx::query_as(
        "select c.spam_probability, c.text_probability, d.reasons from comments c
         join decisions d on d.site_id = c.site_id and d.comment_id = c.id and d.actor = 'policy' where c.id = $1::uuid",
    )
    .bind(id)
    .fetch_one(&app.pool)
    .await
    .unwrap();
    let word = |value: &Value| value.as_str().unwrap().to_owned();
    let reasons = reasons.as_array().unwrap().iter();
    let reasons = reasons
        .map(|reason| (word(&reason["source"]), word(&reason["what"]), reason["log_odds"].as_f64().unwrap()));
    (said, text, reasons.collect())
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_people_decided_of_late_is_a_reason_of_its_own_and_undone_with_it(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.signed_in("mara", Role::Admin).await;
    let first = app.comment_id("The very first comment here").await;
    let (said, text, reasons) = judgement(&app, &first).await;
    assert!(reasons.iter().all(|(source, ..)| source != "queue"), "a new site has no prior: {reasons:?}");
    assert!((said - text).abs() < 1e-12);

    for (n, verdict) in ["approve", "approve", "approve", "spam"].into_iter().enumerate() {
        let id = app.comment_id(&format!("A comment to decide on, number {n}")).await;
        browser.decide(&id, verdict, "1").await;
    }
    let queue = |reasons: &[(String, String, f64)]| {
        reasons
            .iter()
            .find(|(source, ..)| source == "queue")
            .map(|(_, what, log_odds)| (what.clone(), *log_odds))
    };
    let later = app.comment_id("A later comment of somebody else").await;
    let (said, text, reasons) = judgement(&app, &later).await;
    let (what, prior) = queue(&reasons).unwrap();
    assert_eq!(what, "the last 4 decided comments here: 1 spam");
    assert!((prior - (21.0_f64 / 23.0).ln()).abs() < 1e-12);
    let log_odds = |p: f64| (p / (1.0 - p)).ln();
    let sum: f64 = reasons.iter().map(|(.., log_odds)| log_odds).sum();
    assert!((sum - log_odds(said)).abs() < 1e-6, "the reasons add up");
    let around: f64 = reasons
        .iter()
        .filter(|(source, ..)| matches!(source.as_str(), "queue" | "signal"))
        .map(|(.., x)| x)
        .sum();
    assert!((log_odds(said) - log_odds(text) - around).abs() < 1e-6, "text, signals and prior are apart");

    // Two of the four have the same author, whose record counts as well: only the queue's reason is looked at.
    assert_eq!(browser.undo().await.status(), 303);
    let last = app.comment_id("The last comment of all").await;
    let (.., reasons) = judgement(&app, &last).await;
    assert_eq!(
        queue(&reasons).unwrap().0,
        "the last 3 decided comments here: 0 spam",
        "undone, so not counted"
    );
}
