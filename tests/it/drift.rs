//! Signs that a model has grown old.

use moderato::service::accounts::Role;
use sqlx::PgPool;
use time::Duration;

use crate::app::{Policy3, TestApp};
use crate::desk::models::{labelled_csv, upload};

/// Copies the first comment `number` times, as comments of later on whose text has this spam probability; the first
/// `spam` of them are labelled spam, the others ham.
async fn copies(app: &TestApp, number: i32, probability: f64, spam: i32) {
    let copies = sqlx::query(
        "insert into comments (site_id, id, article_id, state, author, email, url, body, html, fingerprint, submission_key,
                               spam_probability, model_id, created_at, text_probability, unseen_share, label)
         select site_id, ('01ff0000-0000-7000-8000-' || lpad(to_hex(there + n), 12, '0'))::uuid, article_id, 'held', author,
                email, url, body, html, fingerprint, int4send((there + n)::int4), $2, model_id, created_at, $2, 0.25,
                case when n <= $3 then 'spam' else 'ham' end
         from (select *, (select count(*) from comments) as there from comments order by id limit 1) one,
              generate_series(1, $1) n",
    )
    .bind(number)
    .bind(probability)
    .bind(spam);
    app.unlogged(copies).await;
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_model_that_has_grown_old_shows_it(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.signed_in("mara", Role::Admin).await;
    app.comment("The only comment so far", &[]).await;
    let young = app.app.drift.read(&app.app).await.unwrap();
    assert_eq!((young.recent, young.unseen_share, young.stability, young.audit), (1, None, None, None));

    copies(&app, 600, 0.05, 30).await;
    let cached = app.app.drift.read(&app.app).await.unwrap();
    assert_eq!(cached, young, "read again after a minute only");
    app.pass(Duration::minutes(2));
    let steady = app.app.drift.read(&app.app).await.unwrap();
    assert_eq!(steady.recent, 500);
    assert!((steady.unseen_share.unwrap() - 0.25).abs() < 1e-12);
    assert_eq!(steady.stability, None, "the first comments are still among the recent ones");
    let audit = steady.audit.unwrap();
    // The newest 500 are all ham, and were said to be spam in 5 of 100 cases.
    assert_eq!(audit.comments, 500);
    assert!((audit.brier - 0.0025).abs() < 1e-9 && (audit.ece - 0.05).abs() < 1e-9, "{audit:?}");

    copies(&app, 500, 0.55, 300).await;
    app.pass(Duration::minutes(2));
    let drifted = app.app.drift.read(&app.app).await.unwrap();
    let stability = drifted.stability.unwrap();
    assert!(stability.index > 1.0 && !stability.since_training, "{stability:?}");
    assert!((drifted.audit.unwrap().ece - 0.05).abs() < 1e-9, "60 of 100 were spam where 55 were said");
    let page = browser.get("/admin/models").await.text().await.unwrap();
    assert!(page.contains("How it fares") && page.contains("against its first comments in force"), "{page}");
    let metrics = browser.get("/metrics").await.text().await.unwrap();
    for name in [
        "moderato_unseen_evidence_share 0.25",
        "moderato_score_stability_index ",
        "moderato_audited_brier ",
        "moderato_audited_calibration_error ",
    ] {
        assert!(metrics.contains(name), "{name} is not in {metrics}");
    }
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_model_answers_for_its_own_comments_only(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    app.comment("Judged by the first model", &[]).await;
    copies(&app, 100, 0.5, 50).await;
    assert!(app.app.drift.read(&app.app).await.unwrap().audit.is_some());
    sqlx::query(
        "with copy as (insert into models (checksum, origin, card, artifact, created_at)
                       select 'another', 'imported', card, artifact, created_at from models returning id)
         insert into promotions (model_id, previous_id, kind, promoted_at) select id, 1, 'promote', now() from copy",
    )
    .execute(&app.pool)
    .await
    .unwrap();
    let fresh = app.app.drift.read(&app.app).await.unwrap();
    assert_eq!((fresh.recent, fresh.audit), (0, None), "without waiting for the minute to pass");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn scores_are_compared_with_those_of_the_training_in_its_own_queue(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.signed_in("mara", Role::Admin).await;
    upload(&browser, labelled_csv(), false).await;
    app.run_jobs().await;
    browser.post("/admin/models/promote", &[("model", "2")]).await;
    app.comment("The only comment so far", &[]).await;
    copies(&app, 250, 0.55, 0).await;
    // Measured on 300 ham below 0.1 and 100 spam above 0.9, in a queue whose log-odds of spam are −3: there 0.55 is 0.06.
    let measured = "update models set card = jsonb_set(card, '{calibration,prior}', to_jsonb($1::float8)),
         comparison = jsonb_set(comparison, '{candidate,reliability}', (
             select jsonb_agg(jsonb_build_object('ham', case when n = 0 then 300 else 0 end,
                                                 'spam', case when n = 9 then 100 else 0 end, 'mean_probability', 0.0))
             from generate_series(0, 9) n))
         where id = 2";
    for (prior, as_measured) in [(-3.0, true), (0.0, false)] {
        sqlx::query(measured).bind(prior).execute(&app.pool).await.unwrap();
        app.pass(Duration::minutes(2));
        let stability = app.app.drift.read(&app.app).await.unwrap().stability.unwrap();
        assert!(stability.since_training);
        assert_eq!(stability.index < 0.1, as_measured, "{stability:?}");
    }
}
