//! The log of decisions and where comments stand cannot part.

use std::collections::HashMap;

use moderato::service::accounts::Role;
use sqlx::{PgPool, Row};
use time::Duration;
use uuid::Uuid;

use crate::app::{Policy3, TestApp};

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_change_of_state_that_nobody_decided_is_refused(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let id = app.comment_id("Held").await;
    let mut tx = app.pool.begin().await.unwrap();
    sqlx::query("update comments set state = 'approved', version = 2").execute(&mut *tx).await.unwrap();
    let error = tx.commit().await.unwrap_err().to_string();
    assert!(error.contains(&id) && error.contains("no decision"), "{error}");
    let error = sqlx::query(
        "insert into comments (site_id, id, article_id, state, author, email, url, body, html, fingerprint, submission_key,
                               spam_probability, model_id, created_at)
         select site_id, gen_random_uuid(), article_id, state, author, email, url, body, html, fingerprint, '\\x00',
                spam_probability, model_id, created_at from comments",
    )
    .execute(&app.pool)
    .await
    .unwrap_err();
    assert!(error.to_string().contains("no decision"), "{error}");
    assert_eq!(
        (app.state(&id).await.as_str(), app.count("select count(*) from comments").await),
        ("held", 1)
    );
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn replaying_the_log_gives_every_comment_its_state(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    let mut random = 7_u64;
    let mut next = |below: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(random >> 33).unwrap() % below
    };
    let mut ids = Vec::new();
    for step in 0..100 {
        // The clock of the process that decides next may be behind.
        app.pass(Duration::seconds(if next(3) == 0 { -2 } else { 1 }));
        if ids.is_empty() || next(3) == 0 {
            ids.push(app.comment_id(&format!("Comment of step {step}")).await);
            continue;
        }
        let id = &ids[next(ids.len())];
        let version: i32 = sqlx::query_scalar("select version from comments where id = $1::uuid")
            .bind(id)
            .fetch_one(&app.pool)
            .await
            .unwrap();
        let verdict = ["approve", "spam", "reject", "hold"][next(4)];
        let answer = browser.decide(id, verdict, &version.to_string()).await;
        assert_eq!(answer.status(), 303);
        let decided = app.state(id).await;
        if next(3) == 0 && answer.headers().contains_key("set-cookie") && version > 1 {
            let last: Uuid = sqlx::query_scalar(
                "select id from decisions where moderator_id is not null order by id desc limit 1",
            )
            .fetch_one(&app.pool)
            .await
            .unwrap();
            let form = [("site", "1"), ("decision", &last.to_string()), ("back", "/admin/")];
            let undone = browser.post("/admin/undo", &form).await.status();
            assert!([303, 409].contains(&undone.as_u16()), "{decided}: {undone}");
        }
    }
    let mut replayed: HashMap<Uuid, String> = HashMap::new();
    for row in sqlx::query("select comment_id, from_state, to_state from decisions order by id")
        .fetch_all(&app.pool)
        .await
        .unwrap()
    {
        let (comment, from): (Uuid, Option<String>) = (row.get(0), row.get(1));
        assert_eq!(
            replayed.insert(comment, row.get(2)),
            from,
            "each decision begins where the last one ended"
        );
    }
    let states: HashMap<Uuid, String> = sqlx::query("select id, state from comments")
        .fetch_all(&app.pool)
        .await
        .unwrap()
        .iter()
        .map(|row| (row.get(0), row.get(1)))
        .collect();
    assert_eq!(replayed, states);
    assert!(
        states.len() > 20 && app.count("select count(*) from decisions where undoes is not null").await > 2
    );
}
