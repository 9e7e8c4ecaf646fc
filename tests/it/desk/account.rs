//! Signing in and out, roles, and requests from elsewhere.

use moderato::service::accounts::{self, AccountError, Role};
use moderato::service::audit::Actor;
use sqlx::PgPool;
use time::Duration;

use crate::app::{PASSWORD, Policy3, TestApp, header, location};

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_first_administrator_is_made_once_by_the_newest_link(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let old = accounts::setup_token(&app.app).await.unwrap().unwrap();
    let token = accounts::setup_token(&app.app).await.unwrap().unwrap();
    let browser = app.browser();
    assert_eq!(browser.get(&format!("/admin/setup?token={old}")).await.status(), 410);
    let path = format!("/admin/setup?token={token}");
    assert_eq!(browser.get(&path).await.status(), 200);

    let form = |password, again| [("name", "mara"), ("password", password), ("password_again", again)];
    let answer = browser.post(&path, &form(PASSWORD, "something else")).await;
    assert_eq!(answer.status(), 422);
    assert!(answer.text().await.unwrap().contains("not the same"));
    let answer = browser.post(&path, &form("short", "short")).await;
    assert_eq!(answer.status(), 422);
    assert!(answer.text().await.unwrap().contains("at least 10 characters"));

    let answer = browser.post(&path, &form(PASSWORD, PASSWORD)).await;
    assert_eq!((answer.status().as_u16(), location(&answer).as_str()), (303, "/admin/"));
    assert_eq!(browser.get("/admin/").await.status(), 200);
    assert_eq!(app.browser().post(&path, &form(PASSWORD, PASSWORD)).await.status(), 410);
    assert_eq!(accounts::setup_token(&app.app).await.unwrap(), None);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn nobody_gets_in_without_signing_in(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let id = app.comment_id("Held").await;
    let browser = app.browser();
    for path in ["/admin/", "/admin/?state=spam", "/admin/models", &format!("/admin/comments/blog/{id}")] {
        let answer = browser.get(path).await;
        assert_eq!(answer.status(), 303, "{path}");
        assert!(location(&answer).starts_with("/admin/sign-in?next=%2Fadmin%2F"), "{}", location(&answer));
    }
    for path in ["/admin/undo", "/admin/models/promote", "/admin/models/rollback", "/admin/models/train"] {
        assert_eq!(browser.post(path, &[]).await.status(), 303, "{path}");
    }
    assert_eq!(browser.decide(&id, "approve", "1").await.status(), 303);
    assert_eq!(app.state(&id).await, "held");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn wrong_words_are_refused_alike_and_signing_out_ends_the_session(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    assert_eq!(browser.get("/admin/").await.status(), 200);
    for (name, password) in [("mara", "wrong password"), ("nobody", PASSWORD), ("", ""), ("no\0body", "\0")] {
        let answer = app.browser().post("/admin/sign-in", &[("name", name), ("password", password)]).await;
        assert_eq!(answer.status(), 422);
        assert!(answer.text().await.unwrap().contains("do not fit together"));
    }
    let answer = app
        .browser()
        .post("/admin/sign-in", &[("name", "MARA"), ("password", PASSWORD), ("next", "//evil.example")])
        .await;
    assert_eq!(location(&answer), "/admin/", "back to the desk only");
    let cookie = header(answer.headers(), "set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");

    assert_eq!(browser.post("/admin/sign-out", &[]).await.status(), 303);
    assert_eq!(browser.get("/admin/").await.status(), 303);
    assert_eq!(app.count("select count(*) from sessions").await, 1, "the other browser's session goes on");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn sessions_end_by_themselves_and_with_the_account(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let mara = app.signed_in("mara", Role::Admin).await;
    let ben = app.signed_in("ben", Role::Moderator).await;
    app.pass(Duration::days(10));
    assert_eq!(mara.get("/admin/").await.status(), 200, "used, and so extended");
    app.pass(Duration::days(10));
    assert_eq!(mara.get("/admin/").await.status(), 200);
    assert_eq!(ben.get("/admin/").await.status(), 303, "not used for 20 days");

    accounts::add(&app.app, "eve", Role::Admin, &[], PASSWORD).await.unwrap();
    accounts::reset_password(&app.app, "mara", "another password").await.unwrap();
    assert_eq!(mara.get("/admin/").await.status(), 303);
    accounts::disable(&app.app, Actor::CommandLine, "mara").await.unwrap();
    let answer =
        app.browser().post("/admin/sign-in", &[("name", "mara"), ("password", "another password")]).await;
    assert_eq!(answer.status(), 422);
    assert!(matches!(
        accounts::disable(&app.app, Actor::CommandLine, "eve").await,
        Err(AccountError::LastAdmin(_))
    ));
    assert!(matches!(
        accounts::set_access(&app.app, Actor::CommandLine, "eve", Some(Role::Viewer), None).await,
        Err(AccountError::LastAdmin(_))
    ));
    assert!(matches!(
        accounts::add(&app.app, "EVE", Role::Viewer, &[], PASSWORD).await,
        Err(AccountError::Taken(_))
    ));
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn roles_hold(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let id = app.comment_id("Held").await;
    let viewer = app.signed_in("vera", Role::Viewer).await;
    let page = viewer.get("/admin/").await.text().await.unwrap();
    assert!(page.contains("Held") && !page.contains("/admin/decide"), "a viewer sees no buttons");
    assert_eq!(viewer.decide(&id, "approve", "1").await.status(), 403);
    let moderator = app.signed_in("mo", Role::Moderator).await;
    assert_eq!(moderator.post("/admin/models/promote", &[("model", "1")]).await.status(), 403);
    assert_eq!(moderator.decide(&id, "approve", "1").await.status(), 303);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn no_other_site_decides_for_a_moderator(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let id = app.comment_id("Held").await;
    let browser = app.signed_in("mara", Role::Admin).await;
    let form = [("site", "1"), ("comment", id.as_str()), ("version", "1"), ("verdict", "approve")];
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "same-site"),
    ] {
        let answer = browser
            .request(reqwest::Method::POST, "/admin/decide")
            .header(name, value)
            .form(&form)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 403, "{name}: {value}");
        assert!(answer.text().await.unwrap().contains("sent from another site"));
    }
    for path in
        ["/admin/sign-out", "/admin/models/rollback", "/admin/models/train", "/admin/sign-in", "/admin/undo"]
    {
        let request = browser.request(reqwest::Method::POST, path).header("sec-fetch-site", "cross-site");
        assert_eq!(request.form(&form).send().await.unwrap().status(), 403, "{path}");
    }
    assert_eq!(app.state(&id).await, "held");
}
