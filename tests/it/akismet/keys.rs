//! Making and revoking keys.

use std::sync::Arc;
use std::time::{Duration, Instant};

use moderato::service::accounts::Role;
use moderato::service::audit::Actor;
use moderato::service::follow::follow;
use moderato::service::keys::{Kind, find, revoke};
use scraper::{Html, Selector};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;

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

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn other_processes_hear_of_a_revoked_key_within_a_second(pool: PgPool) {
    let app = TestApp::start(pool.clone(), Policy3::Usual).await;
    let client = Client::new(&app).await;
    let other = TestApp::start(pool, Policy3::Usual).await;
    let stop = CancellationToken::new();
    let following = tokio::spawn(follow(Arc::clone(&other.app), stop.clone()));
    // Whatever is heard proves that it listens.
    let second = Client::new(&app).await;
    let elsewhere = |key: &str| Client { app: &other, key: key.to_owned() };
    let until = async |key: &str, wanted: &str| {
        let heard = async { while elsewhere(key).check(&[]).await.body != wanted {} };
        tokio::time::timeout(Duration::from_secs(30), heard).await.unwrap();
    };
    until(&second.key, "false").await;
    assert_eq!(elsewhere(&client.key).check(&[]).await.body, "false");
    revoke(&app.app, Actor::CommandLine, 1, &[1]).await.unwrap();
    let revoked = Instant::now();
    until(&client.key, "invalid").await;
    assert!(revoked.elapsed() < Duration::from_secs(1), "{:?}", revoked.elapsed());
    assert_eq!(elsewhere(&second.key).check(&[]).await.body, "false");
    stop.cancel();
    following.await.unwrap();
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn administrators_make_keys_on_a_page_that_says_what_to_copy(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let admin = app.signed_in("ada", Role::Admin).await;
    let form = [("name", "My <b>blog</b>"), ("site", "blog"), ("kind", "akismet")];
    let page = admin.post("/admin/keys", &form).await;
    assert_eq!(
        (page.status().as_u16(), page.headers()["cache-control"].to_str().unwrap()),
        (200, "private, no-store")
    );
    let page = page.text().await.unwrap();
    assert!(page.contains("My &#60;b&#62;blog"), "{page}");
    let key = Html::parse_document(&page)
        .select(&Selector::parse("#key").unwrap())
        .next()
        .unwrap()
        .attr("value")
        .unwrap()
        .to_owned();
    assert!(page.contains(&format!("define( &#39;WPCOM_API_KEY&#39;, &#39;{key}&#39; );")), "{page}");
    for way in [
        "copy_with(scheme=&#34;http&#34;, host=&#34;127.0.0.1&#34;, port=",
        &format!(
            "new Configuration(&#39;{key}&#39;, &#39;https://blog.example&#39;, baseUrl: &#39;http://127.0.0.1:"
        ),
        "config.rakismet.host",
        "*.rest.akismet.com",
    ] {
        assert!(page.contains(way), "{way} is not in {page}");
    }
    assert!(find(&app.app, Kind::Akismet, &key).is_some());
    assert!(!admin.get("/admin/keys").await.text().await.unwrap().contains(&key), "it is shown once");
    let nameless = admin.post("/admin/keys", &[("name", " "), ("site", "blog"), ("kind", "api")]).await;
    assert_eq!(nameless.status(), 422);
    assert!(nameless.text().await.unwrap().contains("Say in 1 to 60 characters"));
    assert_eq!(
        admin.post("/admin/keys", &[("name", "x"), ("site", "nowhere"), ("kind", "api")]).await.status(),
        404
    );

    assert_eq!(admin.post("/admin/keys/revoke", &[("id", "1")]).await.status(), 303);
    assert!(find(&app.app, Kind::Akismet, &key).is_none());
    assert_eq!(admin.post("/admin/keys/revoke", &[("id", "1")]).await.status(), 404);
    assert_eq!(
        app.count("select count(*) from acts where kind like 'key %' and actor = 'moderator'").await,
        2
    );

    let moderator = app.signed_in("ben", Role::Moderator).await;
    assert_eq!(moderator.get("/admin/keys").await.status(), 403);
    assert_eq!(moderator.post("/admin/keys", &form).await.status(), 403);
    let stranger = app.browser();
    assert_eq!(stranger.post("/admin/keys", &form).await.status(), 303);
}
