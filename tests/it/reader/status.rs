//! `GET /comments/{id}/status` and `GET /privacy/{site}`.

use moderato::service::accounts::Role;
use sqlx::PgPool;
use time::Duration;

use crate::app::{Policy3, TestApp, header, location};

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_held_comment_can_be_followed_by_its_signed_link_only(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let link = location(&app.comment("Please look at me.", &[]).await);
    let browser = app.browser();
    let answer = browser.get(&link).await;
    assert_eq!(answer.status(), 200);
    assert!(header(answer.headers(), "cache-control").contains("no-store"));
    let page = answer.text().await.unwrap();
    assert!(page.contains("Please look at me.") && page.contains("Waiting for a person"), "{page}");

    let id = &link[10..46];
    for forged in
        [format!("/comments/{id}/status"), format!("/comments/{id}/status?t=AAAA"), format!("{link}x")]
    {
        assert_eq!(browser.get(&forged).await.status(), 404, "{forged}");
    }
    let other = location(&app.comment("Somebody else's", &[]).await);
    let (mine, theirs) = (link.split_once("?t=").unwrap(), other.split_once("?t=").unwrap());
    assert_eq!(browser.get(&format!("{}?t={}", theirs.0, mine.1)).await.status(), 404);

    app.signed_in("mara", Role::Moderator).await.decide(id, "approve", "1").await;
    let page = browser.get(&link).await.text().await.unwrap();
    assert!(page.contains(&format!("#comment-{id}")), "{page}");

    app.pass(Duration::days(31));
    assert_eq!(browser.get(&link).await.status(), 404, "links expire");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_privacy_page_follows_the_settings(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let answer = app.browser().get("/privacy/blog").await;
    assert_eq!(answer.status(), 200);
    assert!(answer.text().await.unwrap().contains("A Blog"));
    assert_eq!(app.browser().get("/privacy/nowhere").await.status(), 404);
}
