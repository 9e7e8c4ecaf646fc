//! Coral's external moderation phase: signed requests, and answers as Coral takes them.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use moderato::service::accounts::Role;
use moderato::service::audit::Actor;
use moderato::service::intake;
use moderato::service::keys::{self, Kind, Spec};
use reqwest::Response;
use serde_json::{Value, json};
use sha2::Sha256;
use sqlx::PgPool;

use crate::akismet::spam;
use crate::app::{ARTICLE, Policy3, TestApp};

const SECRET: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0";

fn sign(secret: &str, body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    format!("sha256={}", HEXLOWER.encode(&mac.finalize().into_bytes()))
}

async fn start(pool: PgPool, policy: Policy3) -> TestApp {
    let app = TestApp::start(pool, policy).await;
    let site = app.app.sites.find("blog").unwrap();
    let spec = Spec { kind: Kind::Coral, name: "Coral", scopes: &[], log_only: false, secret: SECRET };
    keys::create(&app.app, Actor::CommandLine, &site, spec).await.unwrap();
    app
}

/// What Coral's documentation shows.
fn request(text: &str, role: &str) -> String {
    json!({
        "action": "NEW",
        "comment": {"body": text, "parentID": null},
        "author": {"id": "baf4e943-3594-4fcc-b2ba-3e8de7a76352", "role": role},
        "story": {"id": "245b3856-b0a0-4d2f-a6bb-58c71f18d6a6", "url": ARTICLE},
        "site": {"id": "a4bede88-2d2c-4424-bc18-4322a9e285a6"},
        "tenantID": "19ba5794-7eeb-4d46-a81b-c00c61672501",
        "tenantDomain": "blog.example"
    })
    .to_string()
}

async fn post(app: &TestApp, path: &str, body: &str, signature: &str) -> Response {
    let request =
        app.browser().request(reqwest::Method::POST, path).header("content-type", "application/json");
    request.header("x-coral-signature", signature).body(body.to_owned()).send().await.unwrap()
}

async fn ask(app: &TestApp, body: &str) -> (u16, Value) {
    let answer = post(app, "/coral/blog", body, &sign(SECRET, body)).await;
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or(Value::Null))
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn comments_are_judged_as_coral_asks_and_appear_on_the_desk(pool: PgPool) {
    let app = start(pool, Policy3::Usual).await;
    let text = "<p>We walked along the river in spring, thank you for this &lt;lovely&gt; report.</p>";
    assert_eq!(ask(&app, &request(text, "COMMENTER")).await, (204, Value::Null), "Coral's own phases go on");
    let rejected =
        json!({"status": "REJECTED", "actions": [{"actionType": "FLAG", "reason": "COMMENT_DETECTED_SPAM"}]});
    assert_eq!(ask(&app, &request(&spam("hello"), "COMMENTER")).await, (200, rejected));
    assert_eq!(ask(&app, &request(&spam("staff"), "MODERATOR")).await.0, 204, "their own people");
    intake::flush(&app.app).await.unwrap();
    let desk = app.signed_in("mara", Role::Moderator).await;
    let page = desk.get("/admin/?state=all").await.text().await.unwrap();
    assert!(page.contains("along the river") && page.contains("casino"), "{page}");
    assert_eq!(app.count("select count(*) from comments where key_id is not null").await, 3);
    assert_eq!(app.count("select calls from key_usage where blog = 'blog.example'").await, 3);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn doubtful_comments_are_withheld_and_log_only_withholds_nothing(pool: PgPool) {
    let app = start(pool, Policy3::HoldAll).await;
    let (status, answer) = ask(&app, &request("Hm", "COMMENTER")).await;
    assert_eq!((status, answer["status"].as_str()), (200, Some("SYSTEM_WITHHELD")));
    keys::set_log_only(&app.app, Actor::CommandLine, 1, &[1], true).await.unwrap();
    assert_eq!(ask(&app, &request("Hm, again", "COMMENTER")).await.0, 204);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn only_what_is_signed_is_looked_at(pool: PgPool) {
    let app = start(pool, Policy3::PublishAll).await;
    let body = request("Hello", "COMMENTER");
    let right = sign(SECRET, &body);
    let other = sign("another secret of the same length", &body);
    for wrong in [
        String::new(),
        "sha256=".to_owned(),
        "sha256=zz".to_owned(),
        right.replace("sha256=", "sha1="),
        right[..right.len() - 2].to_owned(),
        other.clone(),
        sign(SECRET, "another body"),
        sign("", &body),
    ] {
        let answer = post(&app, "/coral/blog", &body, &wrong).await;
        assert_eq!(answer.status(), 401, "{wrong}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        assert!(answer.text().await.unwrap().contains("signing secret"));
    }
    // A secret that was rolled: Coral signs with both.
    assert_eq!(post(&app, "/coral/blog", &body, &format!("{other},{right}")).await.status(), 204);
    assert_eq!(
        post(&app, "/coral/blog", &body, &right.to_uppercase().replace("SHA", "sha")).await.status(),
        204
    );
    assert_eq!(post(&app, "/coral/nowhere", &body, &right).await.status(), 404);
    intake::flush(&app.app).await.unwrap();
    assert_eq!(app.count("select count(*) from comments").await, 1);

    for bad in ["", "{", "[]", "{\"action\": \"NEW\"}", "{\"action\": \"NEW\", \"comment\": {\"body\": 3}}"] {
        let (status, answer) = ask(&app, bad).await;
        assert_eq!(status, 400, "{bad}");
        assert!(answer["detail"].as_str().unwrap().contains("Send what Coral sends"), "{answer}");
    }
    let huge = request(&"long ".repeat(300_000), "COMMENTER");
    assert_eq!(post(&app, "/coral/blog", &huge, &sign(SECRET, &huge)).await.status(), 413);

    keys::revoke(&app.app, Actor::CommandLine, 1, &[1]).await.unwrap();
    assert_eq!(post(&app, "/coral/blog", &body, &right).await.status(), 401);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_secret_is_set_on_the_desk_and_shown_nowhere_again(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let admin = app.signed_in("ada", Role::Admin).await;
    let make = async |secret: &str| {
        let form = [("name", "Coral"), ("site", "blog"), ("kind", "coral"), ("secret", secret)];
        admin.post("/admin/keys", &form).await
    };
    assert_eq!(make("short").await.status(), 422);
    let page = make(SECRET).await.text().await.unwrap();
    assert!(page.contains(&format!("{}/coral/blog", app.url)), "{page}");
    assert_eq!(make(SECRET).await.status(), 422, "one secret is one key");
    let list = admin.get("/admin/keys").await.text().await.unwrap();
    assert!(!list.contains(SECRET) && list.contains("moderation phase"), "{list}");
    let listed = app.command(&["key", "list", "--json"]).await.stdout;
    assert!(!listed.contains(SECRET) && listed.contains("coral"), "{listed}");
    assert_eq!(app.count("select count(*) from acts where kind = 'key made'").await, 1);
    assert_eq!(ask(&app, &request("Hello there", "COMMENTER")).await.0, 204);
}
