//! The account of a score: its parts add up, whatever was said and taught in between, and what it tells is so.

use moderato::service::accounts::Role;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use reqwest::header::ACCEPT;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use sqlx::PgPool;

use crate::app::{Browser, Policy3, TestApp};

async fn why(browser: &Browser, id: &str) -> Value {
    let path = format!("/admin/comments/blog/{id}/why");
    let answer = browser.request(Method::GET, &path).header(ACCEPT, "application/json").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is a number"))
}

fn sum(parts: &Value) -> f64 {
    parts.as_array().unwrap().iter().map(|part| number(&part["log_odds"])).sum()
}

fn sigmoid(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

fn assert_adds_up(why: &Value) {
    let (then, now) = (&why["then"], &why["now"]);
    let difference = sigmoid(sum(&then["parts"])) - number(&then["spam_probability"]);
    assert!(difference.abs() < 1e-9, "it came in with {then}");
    let all = number(&now["bias"]) + sum(&now["around"]) + sum(&now["groups"]);
    assert!((all - number(&now["log_odds"])).abs() < 1e-9, "{all} is not {now}");
    assert!((sigmoid(all) - number(&now["spam_probability"])).abs() < 1e-9, "{now}");
    for group in now["groups"].as_array().unwrap() {
        assert!((sum(&group["tokens"]) - number(&group["log_odds"])).abs() < 1e-9, "{group}");
    }
}

/// Comments as they may come, the sound and the odd.
fn text() -> impl Strategy<Value = String> {
    let words =
        "(cheap|watches|thanks|ferry|дякую|結局|win|the|article|http://[a-c]\\.top/[a-z]{3}|£1000|!!!)";
    prop_oneof![
        prop::collection::vec(words.prop_map(String::from), 1..14).prop_map(|words| words.join(" ")),
        "[ -~]{1,80}",
        "\\PC{1,40}",
    ]
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_parts_add_up_whatever_is_said_and_taught(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    let mut runner = TestRunner::deterministic();
    let mut ids = Vec::new();
    for n in 0..40 {
        let text = text().new_tree(&mut runner).unwrap().current();
        // Texts are trimmed, and an empty one is none.
        let id = app.comment_id(&format!("{n} {text}")).await;
        let account = why(&browser, &id).await;
        assert_adds_up(&account);
        assert_eq!(account["now"]["as_then"], true, "nothing was taught since it came in: {account}");
        if n % 3 == 0 {
            let verdict = if n % 2 == 0 { "spam" } else { "approve" };
            assert_eq!(browser.decide(&id, verdict, "1").await.status(), StatusCode::SEE_OTHER);
        }
        ids.push(id);
    }
    for id in ids {
        assert_adds_up(&why(&browser, &id).await);
    }
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn it_tells_what_it_would_be_without_a_link_and_what_is_nearest(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    let offer =
        |word: &str| format!("Buy {word} watches for very little money at http://tick-tock.top before noon");
    let taught = app.comment_id(&offer("cheap")).await;
    let far = app.comment_id("I walked to the harbour before noon, and nobody was there at all").await;
    let id = app.comment_id(&offer("lovely")).await;
    assert_eq!(why(&browser, &id).await["nearest"], Value::Null, "nobody has decided anything");
    browser.decide(&taught, "spam", "1").await;
    browser.decide(&far, "approve", "1").await;

    let account = why(&browser, &id).await;
    let nearest = &account["nearest"];
    assert_eq!((nearest["comment"].as_str(), nearest["label"].as_str()), (Some(&*taught), Some("spam")));
    assert!(number(&nearest["alike"]) > 0.7, "{nearest}");
    assert!(number(&account["now"]["spam_probability"]) > number(&account["then"]["spam_probability"]));
    assert_eq!(account["now"]["as_then"], false, "it has learnt");

    // What it would be without the link is what the same comment without it is.
    let without = account["now"]["without"].as_array().unwrap();
    let link = without.iter().find(|one| one["what"] == "the link to tick-tock.top");
    let bare = app.comment_id(&offer("lovely").replace("http://tick-tock.top", "")).await;
    let bare = number(&why(&browser, &bare).await["now"]["spam_probability"]);
    let queue = sum(&account["now"]["around"]);
    assert!(queue.abs() < 1e-12, "one of each: {account}");
    let said = number(&link.expect("the link tells")["spam_probability"]);
    assert!((said - bare).abs() < 1e-9, "{said} is not {bare}");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn it_is_a_page_for_those_who_may_see_the_comment(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let id = app.comment_id("Look at <b>this</b> \"quoted\" watches offer").await;
    let path = format!("/admin/comments/blog/{id}/why");
    let stranger = app.browser().get(&path).await;
    assert!(!stranger.text().await.unwrap().contains("part by part"));
    let page = app.signed_in("mara", Role::Moderator).await.get(&path).await.text().await.unwrap();
    for words in
        ["part by part", "How it is written", "seen in", "Without it", "Nothing like it has been decided"]
    {
        assert!(page.contains(words), "{words} is missing in {page}");
    }
    let elsewhere = app.signed_in("ben", Role::Moderator).await;
    for path in [format!("/admin/comments/nowhere/{id}/why"), "/admin/comments/blog/x/why".to_owned()] {
        assert_eq!(elsewhere.get(&path).await.status(), StatusCode::NOT_FOUND);
    }
}
