//! A model in the shadow: it scores, decides nothing, learns the same, and its differences are listed.

use moderato::classifier::Label;
use moderato::service::accounts::Role;
use sqlx::PgPool;

use super::models::{labelled_csv, upload};
use crate::app::{Policy3, SITE, TestApp};

/// Texts on which the shipped model and one of [`labelled_csv`] are not likely to agree.
const TEXTS: [&str; 6] = [
    "I walked to the bridge and the market, see http://river.example/walk for the light",
    "Buy tickets",
    "Cheap coins, cheap shoes and cheap bags",
    "The prizes are really really cheap now",
    "Subscribe to my channel, it was lovely",
    "The church by the harbour: http://church.example",
];

async fn with_candidate(pool: PgPool) -> (TestApp, crate::app::Browser) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let browser = app.signed_in("mara", Role::Admin).await;
    upload(&browser, labelled_csv(), false).await;
    app.run_jobs().await;
    (app, browser)
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_shadow_scores_and_decides_nothing(pool: PgPool) {
    let (app, browser) = with_candidate(pool).await;
    app.comment("Before there was a shadow", &[]).await;
    assert!(app.app.live.shadow().is_none(), "off by default");
    let page = browser.get("/admin/models/shadow").await.text().await.unwrap();
    assert!(page.contains("No model is in the shadow"));

    assert_eq!(browser.post("/admin/models/shadow", &[("model", "2")]).await.status(), 303);
    assert!(
        browser.get("/admin/models").await.text().await.unwrap().contains("Model 2 scores in the shadow")
    );
    for text in TEXTS {
        app.comment(text, &[]).await;
    }
    assert_eq!(app.count("select count(*) from shadow_scores").await, 6, "one each, and none of before");
    assert_eq!(
        app.count("select count(*) from comments where model_id = 1").await,
        7,
        "the model in force decides"
    );
    assert_eq!(
        app.count("select count(*) from shadow_scores s join comments c on c.id = s.comment_id where s.decided = c.state").await,
        6
    );
    let differing = app.count("select count(*) from shadow_scores where decided <> would_be").await;
    assert!(differing > 0, "the texts are chosen to differ");
    let page = browser.get("/admin/models/shadow").await.text().await.unwrap();
    assert!(page.contains(&format!("would have decided {differing} otherwise")), "{page}");
    let listed = page.matches("open this comment").count();
    assert_eq!(i64::try_from(listed).unwrap(), differing);

    // It has learnt what the model in force has, and nothing else.
    let id = app.comment_id("Something to decide on").await;
    browser.decide(&id, "spam", "1").await;
    let shadow = app.app.live.shadow().unwrap();
    let site = shadow.model(SITE);
    assert_eq!(site.shared().card().rows, 120);
    let learnt = site.rows(Label::Ham) + site.rows(Label::Spam);
    assert_eq!(learnt, i64::unsigned_abs(app.count("select count(*) from examples").await));

    assert_eq!(browser.post("/admin/models/shadow", &[("model", "")]).await.status(), 303);
    app.comment("After the shadow", &[]).await;
    assert!(app.app.live.shadow().is_none());
    assert_eq!(app.count("select count(*) from shadow_scores").await, 7);
    assert_eq!(
        app.count("select count(*) from shadows where moderator_id = 1").await,
        2,
        "who chose is on record"
    );
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn differences_are_paged_by_key(pool: PgPool) {
    let (app, browser) = with_candidate(pool).await;
    browser.post("/admin/models/shadow", &[("model", "2")]).await;
    app.comment("The only real one", &[]).await;
    app.unlogged(sqlx::query(
        "insert into comments (site_id, id, article_id, state, author, email, url, body, html, fingerprint, submission_key,
                               spam_probability, model_id, created_at)
         select site_id, ('01ff0000-0000-7000-8000-0000000000' || to_char(n, 'FM00'))::uuid, article_id, 'held', 'Copy ' || n, email, url, body,
                html, fingerprint, decode(to_char(n, 'FM00'), 'hex'), 0.5, 1, created_at
         from comments, generate_series(10, 39) n",
    ))
    .await;
    sqlx::query(
        "insert into shadow_scores (site_id, comment_id, model_id, spam_probability, decided, would_be)
         select site_id, id, 2, 0.99, 'held', 'spam' from comments where author like 'Copy %'",
    )
    .execute(&app.pool)
    .await
    .unwrap();
    let first = browser.get("/admin/models/shadow").await.text().await.unwrap();
    assert!(first.contains("Copy 39<") && first.contains("Copy 15<") && !first.contains("Copy 14<"));
    let next = first.split('"').find(|part| part.starts_with("/admin/models/shadow?before=")).unwrap();
    let second = browser.get(next).await.text().await.unwrap();
    assert!(second.contains("Copy 14<") && second.contains("Copy 10<") && !second.contains("Copy 15<"));
    assert!(!second.contains("?before="), "there is no more");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_promoted_shadow_is_no_shadow_any_more_and_a_broken_one_harms_nobody(pool: PgPool) {
    let (app, browser) = with_candidate(pool).await;
    assert_eq!(browser.post("/admin/models/shadow", &[("model", "1")]).await.status(), 409, "it is in force");
    assert_eq!(browser.post("/admin/models/shadow", &[("model", "9")]).await.status(), 404);
    browser.post("/admin/models/shadow", &[("model", "2")]).await;
    browser.post("/admin/models/promote", &[("model", "2")]).await;
    assert!(app.app.live.shadow().is_none());
    browser.post("/admin/models/shadow", &[("model", "1")]).await;
    assert_eq!(app.app.live.shadow().unwrap().model_id, 1);
    browser.post("/admin/models/rollback", &[]).await;
    assert!(app.app.live.shadow().is_none());

    browser.post("/admin/models/shadow", &[("model", "2")]).await;
    sqlx::query("update models set artifact = '\\x00' where id = 2").execute(&app.pool).await.unwrap();
    let again = TestApp::start(app.pool.clone(), Policy3::Usual).await;
    assert!(again.app.live.shadow().is_none());
    assert_eq!(again.comment("Still judged", &[]).await.status(), 303);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn only_administrators_choose(pool: PgPool) {
    let (app, _) = with_candidate(pool).await;
    let moderator = app.signed_in("tom", Role::Moderator).await;
    assert_eq!(moderator.post("/admin/models/shadow", &[("model", "2")]).await.status(), 403);
    assert_eq!(moderator.get("/admin/models/shadow").await.status(), 200, "anybody on the desk may look");
    assert_eq!(app.browser().get("/admin/models/shadow").await.status(), 303);
    assert_eq!(app.count("select count(*) from shadows").await, 0);
}
