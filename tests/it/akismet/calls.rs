//! Calls and answers.

use std::time::Duration;

use sqlx::PgPool;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::{Client, spam};
use crate::app::{Policy3, TestApp};

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn keys_are_verified_by_field_and_by_host(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let client = Client::new(&app).await;
    let key = client.key.clone();
    assert!(
        key.len() == 12 && key.chars().all(|c| c.is_ascii_hexdigit() && !c.is_ascii_uppercase()),
        "{key}"
    );

    let answer = client.call("/1.1/verify-key", &[("key", &key), ("api_key", "")]).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "valid"));
    assert_eq!(answer.kind, "text/plain; charset=utf-8");
    let upper = key.to_uppercase();
    assert_eq!(client.call("/1.1/verify-key", &[("key", &upper)]).await.body, "valid", "without case");

    // WordPress asks about a new key beside its old one.
    let answer = client.call("/1.1/verify-key", &[("key", "000000000000")]).await;
    assert_eq!((answer.status, answer.body.as_str(), answer.help.as_str()), (200, "invalid", ""));
    let answer = client.call("/1.1/verify-key", &[("key", &key), ("blog", "")]).await;
    assert_eq!((answer.body.as_str(), answer.help.as_str()), ("invalid", "Empty \"blog\" value"));

    for (path, host, wanted) in [
        ("/1.1/comment-check", format!("{key}.rest.moderato.example:8080"), "false"),
        ("/1.1/comment-check", format!("{}.rest.moderato.example", key.to_uppercase()), "false"),
        ("/1.1/comment-check", "rest.moderato.example".to_owned(), "invalid"),
    ] {
        let form = [("blog", "https://blog.example/"), ("user_ip", "203.0.113.7"), ("comment_author", "Mia")];
        let request = app.browser().request(reqwest::Method::POST, path).header("host", &host).form(&form);
        assert_eq!(request.send().await.unwrap().text().await.unwrap(), wanted, "{host}");
    }
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn answers_are_exact(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let client = Client::new(&app).await;
    let ham = client
        .check(&[("comment_author", "testUser1"), ("comment_content", "This is a legitimate comment")])
        .await;
    assert_eq!(
        (ham.status, ham.body.as_str(), ham.tip.as_str(), ham.recheck.as_str()),
        (200, "false", "", "")
    );
    assert_eq!(client.check(&[("comment_author", "testUser1")]).await.body, "false", "no content at all");
    let spam = client.check(&[("comment_author", "best seo"), ("comment_content", &spam(""))]).await;
    assert_eq!((spam.status, spam.body.as_str()), (200, "true"));
    assert_eq!((spam.tip.as_str(), spam.help.as_str()), ("", ""), "nobody here has taught the model yet");
    for answer in [&ham, &spam] {
        assert!(answer.guid.len() == 32 && answer.guid.chars().all(|c| c.is_ascii_hexdigit()), "{answer:?}");
        assert_eq!(answer.kind, "text/plain; charset=utf-8");
    }
    for author in ["akismet-guaranteed-spam", "viagra-test-123", "Viagra-test-123"] {
        let answer = client.check(&[("comment_author", author), ("is_test", "1")]).await;
        assert_eq!(answer.body, "true", "{author}");
    }
    let answer = client.check(&[("comment_author_email", "akismet-guaranteed-spam@example.com")]).await;
    assert_eq!(answer.body, "true");
    let role =
        [("user_role", "editor, administrator"), ("comment_content", "Buy viagra http://pills.example.top/")];
    assert_eq!(client.check(&role).await.body, "false");

    let missing = client.check(&[("user_ip", "")]).await;
    assert_eq!((missing.status, missing.body.as_str()), (200, "Missing required field: user_ip."));
    assert_eq!(missing.help, "Empty \"user_ip\" value");
    assert_eq!(missing.guid.len(), 32, "WordPress holds the comment only with a guid");
    let missing = client.check(&[("blog", "")]).await;
    assert_eq!(missing.body, "Missing required field: blog.");
    let wrong = client.check(&[("api_key", "0123456789ab")]).await;
    assert_eq!((wrong.status, wrong.body.as_str(), wrong.guid.len()), (200, "invalid", 32));
    assert!(!wrong.help.is_empty(), "one client throws by this header alone");

    for path in ["/1.1/submit-spam", "/1.1/submit-ham"] {
        let answer = client.call(path, &[("comment_content", "Hello")]).await;
        assert_eq!(answer.body, "Thanks for making the web a better place.");
        assert_eq!(client.call(path, &[("api_key", "0123456789ab")]).await.body, "invalid");
    }
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_other_calls_are_there(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let client = Client::new(&app).await;
    client.check(&[("comment_content", "Thank you for this walk by the river.")]).await;
    client.check(&[("comment_content", &spam("one"))]).await;
    client.check(&[("comment_content", &spam("two"))]).await;
    client.check(&[("comment_content", &spam("two")), ("recheck_reason", "retry")]).await;
    client.check(&[("comment_content", &spam("three")), ("is_test", "true")]).await;
    client.settle().await;
    client.call("/1.1/submit-ham", &[("comment_content", &spam("one"))]).await;
    client.call("/1.1/submit-ham", &[("comment_content", &spam("one"))]).await;

    let limit = client.call("/1.2/usage-limit", &[]).await.json();
    assert_eq!(
        limit,
        serde_json::json!({"limit": "none", "usage": 3, "percentage": "0", "throttled": false})
    );
    let sites = client.call("/1.2/key-sites", &[("month", "2026-11")]).await.json();
    assert_eq!((&sites["total"], &sites["limit"], &sites["offset"]), (&1.into(), &500.into(), &0.into()));
    let site = &sites["2026-11"][0];
    assert_eq!((site["site"].as_str(), site["api_calls"].as_i64()), (Some("blog.example"), Some(3)));
    assert_eq!((site["spam"].as_i64(), site["ham"].as_i64()), (Some(2), Some(1)));
    assert_eq!((site["false_positives"].as_i64(), site["missed_spam"].as_i64()), (Some(1), Some(0)));
    assert_eq!(
        client.call("/1.2/key-sites", &[("month", "2026-10")]).await.json()["2026-10"],
        serde_json::json!([])
    );
    let table = client.call("/1.2/key-sites", &[("format", "csv")]).await;
    assert!(
        table.kind.starts_with("text/csv") && table.body.ends_with("\nblog.example,3,2,1,0,1,false\n"),
        "{table:?}"
    );

    // The report is taken back: nothing was wrong.
    client.call("/1.1/submit-spam", &[("comment_content", &spam("one"))]).await;
    let stats = client.call("/1.1/get-stats", &[("key", &client.key), ("from", "all")]).await.json();
    assert_eq!((stats["spam"].as_i64(), stats["false_positives"].as_i64()), (Some(2), Some(0)));
    assert_eq!(
        (stats["accuracy"].as_str(), stats["breakdown"]["2026-11"]["ham"].as_i64()),
        (Some("100.0"), Some(1))
    );
    assert!(client.call("/1.2/get-key-stats", &[("key", &client.key)]).await.json()["breakdown"].is_object());

    let subscription = client.call("/1.1/get-subscription", &[("key", &client.key)]).await.json();
    assert_eq!(
        (subscription["status"].as_str(), subscription["limit_reached"].as_bool()),
        (Some("active"), Some(false))
    );
    assert!(subscription["account_id"].is_number() && subscription["next_billing_date"] == false);
    assert_eq!(client.call("/1.1/deactivate", &[("key", &client.key)]).await.body, "deactivated");
    assert!(!client.call("/1.1/token", &[]).await.body.is_empty());
    for path in [
        "/1.2/usage-limit",
        "/1.2/key-sites",
        "/1.1/get-subscription",
        "/1.1/get-stats",
        "/1.1/deactivate",
        "/1.1/token",
    ] {
        let wrong = client.call(path, &[("api_key", "ffffffffffff"), ("key", "ffffffffffff")]).await;
        assert_eq!((wrong.status, wrong.body.as_str()), (200, "invalid"), "{path}");
    }
    assert_eq!(app.browser().get("/1.1/test").await.text().await.unwrap(), "connected");
    assert_eq!(app.browser().get("/1.2/compatible-plugins").await.text().await.unwrap(), "{}");
    let query = format!("/1.2/usage-limit?api_key={}", client.key);
    assert!(app.browser().get(&query).await.text().await.unwrap().contains("\"none\""), "by GET as well");
    assert_eq!(app.browser().get("/1.1/verify-wpcom-key").await.status(), 404);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn forms_of_every_sort_are_read(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let client = Client::new(&app).await;
    let address = app.url.trim_start_matches("http://").to_owned();
    let raw = async |version: &str, headers: &str, body: &[u8]| {
        let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
        let head = format!(
            "POST /1.1/comment-check HTTP/{version}\r\nHost: rest.example\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        let mut answer = String::new();
        tokio::time::timeout(Duration::from_secs(20), stream.read_to_string(&mut answer))
            .await
            .unwrap()
            .unwrap();
        answer.to_lowercase()
    };
    let start = format!("api_key={}&blog=https%3A%2F%2Fblog.example&user_ip=203.0.113.7", client.key);

    // What WordPress sends: HTTP/1.0, its own charset, empty fields without `=`, arrays, hundreds of other fields.
    let mut body =
        format!("{start}&comment_author_url&comment_context%5B0%5D=a&comment_context[]=b&x=%ZZ&%FF=%FE");
    let others = (0..600).map(|number| format!("&POST_field_{number}=value&HTTP_X_{number}=header"));
    body.extend(others);
    let mut body = body.into_bytes();
    body.extend(b"&comment_author=Andr\xe9&comment_content=Merci+pour+cet+article");
    let kind = "Content-Type: application/x-www-form-urlencoded; charset=ISO-8859-1\r\n";
    let answer = raw("1.0", kind, &body).await;
    assert!(answer.starts_with("http/1.0 200") && answer.ends_with("\r\n\r\nfalse"), "{answer}");
    assert!(answer.contains("content-length: 5") && !answer.contains("chunked"), "{answer}");
    client.settle().await;
    assert_eq!(app.count("select count(*) from comments where author = 'André'").await, 1);
    assert_eq!(
        app.count("select count(*) from comments where body like '%value%'").await,
        0,
        "nothing else is kept"
    );

    // A megabyte, without a type.
    let long = format!("{start}&comment_content={}", "lovely+walk+".repeat(90_000));
    let answer = raw("1.1", "", long.as_bytes()).await;
    assert!(answer.starts_with("http/1.1 200") && answer.ends_with("false"), "{answer}");
    client.settle().await;
    assert_eq!(app.count("select max(octet_length(body))::bigint from comments").await / 1_000, 65);
    let huge = format!("{start}&comment_content={}", "lovely+walk+".repeat(400_000));
    assert!(raw("1.1", "", huge.as_bytes()).await.starts_with("http/1.1 413"));
}
