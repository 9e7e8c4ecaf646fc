//! Making and revoking keys.

use moderato::service::keys::{Kind, find};
use sqlx::PgPool;

use super::Client;
use crate::app::{Policy3, TestApp};

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn keys_are_made_listed_and_revoked_by_command(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let made =
        app.command(&["key", "create", "--site", "blog", "--kind", "akismet", "--name", "Drupal"]).await;
    assert_eq!(made.status, 0, "{}", made.stderr);
    let key = made.stdout.trim().to_owned();
    assert_eq!(key.len(), 12);
    let api =
        app.command(&["key", "create", "--site", "blog", "--kind", "api", "--scope", "read", "--json"]).await;
    let token =
        serde_json::from_str::<serde_json::Value>(&api.stdout).unwrap()["key"].as_str().unwrap().to_owned();
    assert!(token.starts_with("moderato_") && token.len() > 50, "{token}");

    // This process hears of it, as every other one does.
    let mut conn = app.app.db.conn().await.unwrap();
    app.app.api_keys.reload(&mut conn).await.unwrap();
    assert!(find(&app.app, Kind::Akismet, &key).is_some() && find(&app.app, Kind::Api, &token).is_some());
    assert!(find(&app.app, Kind::Api, &key).is_none(), "a key of one kind is none of the other");

    let listed = app.command(&["key", "list", "--json"]).await;
    assert!(!listed.stdout.contains(&key) && !listed.stdout.contains(&token), "{}", listed.stdout);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&listed.stdout).unwrap();
    assert_eq!(
        (rows.len(), rows[1]["name"].as_str(), rows[0]["scopes"][0].as_str()),
        (2, Some("Drupal"), Some("read"))
    );
    let held: Vec<Vec<u8>> =
        sqlx::query_scalar("select key_hash from keys").fetch_all(&app.pool).await.unwrap();
    assert!(held.iter().all(|hash| hash.len() == 32));

    assert_eq!(app.command(&["key", "revoke", "1"]).await.status, 0);
    app.app.api_keys.reload(&mut conn).await.unwrap();
    assert!(find(&app.app, Kind::Akismet, &key).is_none());
    let again = app.command(&["key", "revoke", "1"]).await;
    assert_eq!(again.status, 1);
    assert!(again.stderr.contains("moderato key list"), "{}", again.stderr);
    let unknown = app.command(&["key", "create", "--site", "nowhere", "--kind", "akismet"]).await;
    assert!(unknown.status == 1 && unknown.stderr.contains("nowhere"), "{}", unknown.stderr);
    assert_eq!(app.command(&["key", "create", "--site", "blog", "--kind", "magic"]).await.status, 2);
    assert_eq!(app.count("select count(*) from acts where kind in ('key made', 'key revoked')").await, 3);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_revoked_key_works_no_more(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let client = Client::new(&app).await;
    assert_eq!(client.check(&[]).await.body, "false");
    assert_eq!(app.command(&["key", "revoke", "1"]).await.status, 0);
    app.app.api_keys.reload(&mut app.app.db.conn().await.unwrap()).await.unwrap();
    assert_eq!(client.check(&[]).await.body, "invalid");
}
