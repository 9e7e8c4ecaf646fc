//! Deciding, undoing, learning.

use futures_util::future::join_all;
use moderato::classifier::{Document, features};
use moderato::service::accounts::Role;
use sqlx::PgPool;

use crate::app::{ARTICLE, Policy3, SITE, TestApp, location};

const TEXT: &str = "Our bakery in Mill Lane has fresh rye bread, come and see us";

fn log_odds(app: &TestApp) -> f64 {
    let document = Document { content: TEXT, author: "Mia", email: "mia@example.org", url: "" };
    app.app.live.current().model(SITE).score(&features(&document)).log_odds
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn approving_publishes_logs_and_teaches_at_once(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let id = app.comment_id(TEXT).await;
    let before = log_odds(&app);
    let browser = app.signed_in("mara", Role::Moderator).await;
    let answer = browser.decide(&id, "approve", "1").await;
    assert_eq!((answer.status().as_u16(), location(&answer).as_str()), (303, "/admin/?state=all"));
    assert_eq!(app.state(&id).await, "approved");
    let thread =
        app.browser().get(&format!("/sites/blog/comments?article={ARTICLE}")).await.text().await.unwrap();
    assert!(thread.contains("fresh rye bread"));
    assert!(log_odds(&app) < before, "a person has called it ham");

    let (actor, moderator, from, to): (String, String, String, String) = sqlx::query_as(
        "select actor, name, from_state, to_state from decisions join moderators on moderators.id = moderator_id",
    )
    .fetch_one(&app.pool)
    .await
    .unwrap();
    assert_eq!([actor.as_str(), &moderator, &from, &to], ["moderator", "mara", "held", "approved"]);
    let taught: (i64, Option<String>, Option<String>) =
        sqlx::query_as("select seq, previous, label from examples").fetch_one(&app.pool).await.unwrap();
    assert_eq!(taught, (1, None, Some("ham".to_owned())));
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_was_taught_is_known_after_a_restart(pool: PgPool) {
    let app = TestApp::start(pool.clone(), Policy3::HoldAll).await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    for (text, verdict) in [(TEXT, "spam"), ("Another one", "approve"), ("A third", "reject")] {
        let id = app.comment_id(text).await;
        browser.decide(&id, verdict, "1").await;
        if verdict == "spam" {
            // Changed their mind: what was taught first is forgotten.
            browser.decide(&id, "approve", "2").await;
            browser.decide(&id, "spam", "3").await;
        }
    }
    let taught = app.app.live.current();
    assert_eq!(app.count("select count(*) from examples").await, 4, "rejecting teaches nothing");
    let again = TestApp::start(pool, Policy3::HoldAll).await;
    assert!((log_odds(&app) - log_odds(&again)).abs() < f64::EPSILON);
    assert!(*taught.model(SITE) == *again.app.live.current().model(SITE), "to the last bit");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn undo_restores_everything_but_the_log(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let id = app.comment_id(TEXT).await;
    let before = app.app.live.current();
    let browser = app.signed_in("mara", Role::Moderator).await;
    for verdict in ["spam", "approve", "reject"] {
        let version =
            sqlx::query_scalar::<_, i32>("select version from comments").fetch_one(&app.pool).await.unwrap();
        browser.decide(&id, verdict, &version.to_string()).await;
        assert_ne!(app.state(&id).await, "held");
        let answer = browser.undo().await;
        assert_eq!((answer.status().as_u16(), location(&answer).as_str()), (303, "/admin/"));
        assert_eq!(app.state(&id).await, "held");
        assert!(*app.app.live.current().model(SITE) == *before.model(SITE), "{verdict} and undo");
    }
    assert_eq!(app.count("select count(*) from comments where label is not null").await, 0);
    assert_eq!(
        app.count("select count(*) from decisions").await,
        7,
        "the first one, and each with its undoing"
    );
    assert_eq!(app.count("select count(*) from decisions where undoes is not null").await, 3);
    // The page after it offers no undo again.
    let page = browser.get("/admin/").await.text().await.unwrap();
    assert!(page.contains("Undone") && !page.contains("/admin/undo"), "{page}");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_stale_decision_is_told_who_was_quicker(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let id = app.comment_id(TEXT).await;
    let (mara, ben) =
        (app.signed_in("mara", Role::Moderator).await, app.signed_in("ben", Role::Moderator).await);
    mara.decide(&id, "spam", "1").await;
    let answer = ben.decide(&id, "approve", "1").await;
    assert_eq!(answer.status(), 409);
    let page = answer.text().await.unwrap();
    assert!(page.contains("mara has decided") && page.contains("spam"), "{page}");
    assert_eq!(app.state(&id).await, "spam");
    assert_eq!(ben.decide(&id, "spam", "1").await.status(), 303, "the same verdict is no quarrel");
    assert_eq!(app.count("select count(*) from decisions").await, 2, "and leaves no trace");
    // Undoing what somebody has decided on since is refused too.
    ben.decide(&id, "approve", "2").await;
    let stale: String =
        sqlx::query_scalar("select id::text from decisions where to_state = 'spam' and actor = 'moderator'")
            .fetch_one(&app.pool)
            .await
            .unwrap();
    let answer = mara.post("/admin/undo", &[("site", "1"), ("decision", &stale)]).await;
    assert_eq!(answer.status(), 409);
    assert_eq!(app.state(&id).await, "approved");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn moderators_racing_on_one_comment_make_one_decision(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let id = app.comment_id(TEXT).await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    let verdicts = ["approve", "spam", "reject", "approve", "spam", "reject"];
    let answers = join_all(verdicts.map(|verdict| browser.decide(&id, verdict, "1"))).await;
    assert!(answers.iter().all(|answer| [303, 409].contains(&answer.status().as_u16())));
    assert_eq!(app.count("select count(*) from decisions where actor = 'moderator'").await, 1);
    assert!(app.count("select count(*) from examples").await <= 1);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_the_policy_decided_cannot_be_undone_but_decided_otherwise(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::RejectAll).await;
    let id = app.comment_id(TEXT).await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    let decision: String =
        sqlx::query_scalar("select id::text from decisions").fetch_one(&app.pool).await.unwrap();
    assert_eq!(browser.post("/admin/undo", &[("site", "1"), ("decision", &decision)]).await.status(), 409);
    assert_eq!(browser.decide(&id, "approve", "1").await.status(), 303);
    assert_eq!(app.state(&id).await, "approved");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_log_cannot_be_rewritten(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let id = app.comment_id(TEXT).await;
    app.signed_in("mara", Role::Moderator).await.decide(&id, "spam", "1").await;
    for statement in [
        "update decisions set to_state = 'approved'",
        "delete from decisions",
        "truncate decisions cascade",
        "update examples set label = 'ham'",
        "delete from examples",
        "delete from promotions",
    ] {
        let refused = sqlx::query(statement).execute(&app.pool).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{statement}: {refused}");
    }
}
