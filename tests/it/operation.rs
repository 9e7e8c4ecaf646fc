//! Health, metrics, static files, the demo, jobs.

use sqlx::PgPool;

use crate::app::{Policy3, TestApp, header, location};

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn health_and_metrics_answer(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.browser();
    assert_eq!(browser.get("/healthz").await.status(), 200);
    assert_eq!(browser.get("/readyz").await.status(), 200);
    app.comment("Counted", &[]).await;
    let metrics = browser.get("/metrics").await.text().await.unwrap();
    for name in [
        "moderato_comments_total{state=\"held\"}",
        "moderato_http_request_seconds_bucket",
        "/sites/{site}/comments",
    ] {
        assert!(metrics.contains(name), "{name} is not in {metrics}");
    }
    assert!(!metrics.contains("mia@example.org"));
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn static_files_are_kept_for_ever_under_their_hash(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.browser();
    let page = browser.get("/admin/sign-in").await.text().await.unwrap();
    let css = page.split('"').find(|part| part.starts_with("/assets/moderato.")).unwrap();
    let answer = browser.get(css).await;
    assert_eq!(answer.status(), 200);
    assert!(header(answer.headers(), "content-type").starts_with("text/css"));
    assert!(header(answer.headers(), "cache-control").contains("immutable"));
    assert_eq!(browser.get("/assets/moderato.css").await.status(), 404);
    assert_eq!(browser.get("/assets/..%2f..%2fCargo.toml").await.status(), 404);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_demo_article_takes_a_comment_and_shows_it(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    moderato::web::install_demo(&app.app).await.unwrap();
    moderato::web::install_demo(&app.app).await.unwrap();
    let browser = app.browser();
    let article = location(&browser.get("/").await);
    let page = browser.get(&article).await.text().await.unwrap();
    assert!(page.contains("Leave a Reply") && page.contains("No comments yet"), "{page}");
    let address = format!("{}{article}", app.url);
    let form =
        [("article", address.as_str()), ("comment", "I liked this."), ("author", "Mia"), ("email", "")];
    let answer = browser.post("/sites/demo/comments", &form).await;
    assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn an_older_schema_is_told(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    app.app.db.check_schema().await.unwrap();
    sqlx::query("delete from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)")
        .execute(&app.pool)
        .await
        .unwrap();
    let told = app.app.db.check_schema().await.unwrap_err().to_string();
    assert!(told.contains("1 migration(s) behind") && told.contains("moderato migrate"), "{told}");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_dead_processes_job_is_taken_up_again(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let payload = serde_json::json!({ "file": null, "file_name": "", "with_decisions": true });
    let now = moderato::app::Clock::now(&*app.clock);
    let mut conn = app.app.db.conn().await.unwrap();
    moderato::store::jobs::enqueue(&mut conn, "retrain", &payload, now, now).await.unwrap();
    moderato::store::jobs::claim(&mut conn, now).await.unwrap().unwrap();
    assert_eq!(app.run_jobs().await, 0, "it belongs to the process that claimed it");
    app.pass(time::Duration::minutes(2));
    assert_eq!(app.run_jobs().await, 1, "which has given no sign of life");
    assert_eq!(
        app.count("select count(*) from jobs where state = 'failed'").await,
        1,
        "nothing to learn from"
    );
}
