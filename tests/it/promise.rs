//! Sites that decide by a promise: thresholds from the decisions people made there.

use std::sync::Arc;

use moderato::policy::{Promise, Targets, Thresholds};
use moderato::service::accounts::Role;
use moderato::service::audit::Actor;
use moderato::service::follow::follow;
use moderato::service::promises::decided_alone;
use moderato::service::sites::{self, SiteSpec};
use serde_json::Value;
use sqlx::PgPool;
use time::Duration;
use tokio_util::sync::CancellationToken;

use crate::app::{Policy3, TestApp, location};
use crate::command::moderato;

const HAM: &str = "I walked to the bridge, and the light was lovely. Thank you for writing this down.";
const SPAM: &str =
    "Buy cheap pills and replica watches at http://pills-best-price.top now!!! Casino bonus!!!";

/// Lets the blog promise these shares, with nine tenths confidence, or nothing.
async fn promises(app: &TestApp, shares: Option<(f64, f64)>) {
    let spec = SiteSpec {
        hold_abuse_from: 0.8,
        audit_share: 0.0,
        log_only: false,
        name: "blog".into(),
        title: "A Blog".into(),
        origins: vec!["https://blog.example".into()],
        thresholds: (0.2, 0.95),
        targets: shares.map(|(spam, ham)| Targets::new(spam, ham, 0.9).unwrap()),
    };
    sites::set(&app.app, Actor::CommandLine, &spec).await.unwrap();
}

/// What happens some time after decisions.
async fn catch_up(app: &TestApp) {
    app.pass(Duration::seconds(30));
    reload(app).await;
}

async fn reload(app: &TestApp) {
    let mut conn = app.app.db.conn().await.unwrap();
    app.app.sites.reload(&mut conn, app.app.now()).await.unwrap();
}

fn promise(app: &TestApp) -> Promise {
    app.app.sites.find("blog").unwrap().promise.unwrap()
}

fn thresholds(app: &TestApp) -> Thresholds {
    app.app.sites.find("blog").unwrap().thresholds()
}

/// Copies the first comment: `number` comments that people found to be ham, scored from 0.01 to 0.5, and as many that
/// they found to be spam, scored from 0.9 to 1; of each hundred the first `wrong` are the other way round.
async fn decided(app: &TestApp, number: i32, wrong: i32) {
    let copies = sqlx::query(
        "insert into comments (site_id, id, article_id, state, author, email, url, body, html, fingerprint, submission_key,
                               spam_probability, model_id, created_at, label)
         select site_id, ('01ff0000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, article_id, 'held', author, '',
                url, body, html, int4send(n), int4send(n),
                case when n % 2 = 0 then 0.01 + 0.49 * n / (2.0 * $1) else 1 - 0.1 * n / (2.0 * $1) end, model_id,
                created_at, case when (n % 2 = 0) = (n / 2 % 100 >= $2) then 'ham' else 'spam' end
         from (select * from comments order by id limit 1) one, generate_series(1, 2 * $1) n",
    )
    .bind(number)
    .bind(wrong);
    app.unlogged(copies).await;
    sqlx::query("update sites set example_seq = example_seq + 2 * $1")
        .bind(number)
        .execute(&app.pool)
        .await
        .unwrap();
}

/// Where a new comment ends up.
async fn becomes(app: &TestApp, text: &str) -> String {
    let id = app.comment_id(text).await;
    app.state(&id).await
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_new_site_holds_everything_and_says_how_many_decisions_are_missing(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    let models = async || browser.get("/admin/models").await.text().await.unwrap();
    assert!(!models().await.contains("What is decided without a person"), "nothing is promised");

    promises(&app, Some((0.005, 0.001))).await;
    assert_eq!(thresholds(&app), Thresholds::HOLD_ALL);
    let ham = app.comment_id(HAM).await;
    let spam = app.comment_id(SPAM).await;
    assert_eq!((app.state(&ham).await.as_str(), app.state(&spam).await.as_str()), ("held", "held"));
    let page = models().await;
    assert!(page.contains("50 more genuine comments are needed before anything is promised"), "{page}");
    let privacy = browser.get("/privacy/blog").await.text().await.unwrap();
    assert!(privacy.contains("no comment is decided on by a program alone"), "{privacy}");
    let card = browser.get(&format!("/admin/comments/blog/{ham}")).await.text().await.unwrap();
    assert!(card.contains("Held because every comment here is"), "{card}");

    browser.decide(&ham, "approve", "1").await;
    reload(&app).await;
    assert!(models().await.contains("50 more genuine"), "decisions are looked at every half minute");
    catch_up(&app).await;
    assert!(models().await.contains("49 more genuine comments"), "one has been decided");
    // Decided otherwise: a comment counts once, by the last that was said.
    browser.decide(&ham, "spam", "2").await;
    catch_up(&app).await;
    assert!(models().await.contains("50 more genuine comments"), "it is spam now");

    promises(&app, None).await;
    assert_eq!(thresholds(&app), Thresholds::DEFAULT);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn enough_decisions_publish_clear_ham_and_turn_clear_spam_away(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let browser = app.signed_in("mara", Role::Viewer).await;
    promises(&app, Some((0.005, 0.005))).await;
    assert_eq!(becomes(&app, HAM).await, "held");
    decided(&app, 600, 0).await;
    assert_eq!(becomes(&app, "Still the former thresholds for this one.").await, "held");
    catch_up(&app).await;

    let kept = promise(&app);
    for zone in [kept.published, kept.rejected] {
        assert!(zone.missing.is_none() && zone.rows >= 460 && zone.at_most <= 0.005, "{zone:?}");
    }
    assert_eq!(
        becomes(&app, "The river was high this morning, and nobody was on the bridge.").await,
        "approved"
    );
    let spam = app.comment(SPAM, &[("author", "Best Pills"), ("email", "")]).await;
    assert!(!location(&spam).contains("#comment"), "it is not published");
    assert_eq!(app.count("select count(*) from decisions where to_state = 'spam'").await, 1);

    let page = browser.get("/admin/models").await.text().await.unwrap();
    let told = [kept.thresholds.approve_below().to_string(), kept.thresholds.reject_from().to_string()];
    for told in told.iter().chain(&kept.sentences()) {
        assert!(page.contains(told.as_str()), "{told} is not in {page}");
    }
    let site = app.app.sites.find("blog").unwrap();
    let alone = decided_alone(&app.app, &site).await.unwrap();
    assert_eq!((alone.comments, alone.decided), (500, 500));
    assert!(
        page.contains("100.0\u{a0}%") && page.contains("expected, from its newest 500 comments"),
        "{page}"
    );
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn every_process_follows_what_people_decide(pool: PgPool) {
    let app = TestApp::start(pool.clone(), Policy3::HoldAll).await;
    let other = TestApp::start(pool, Policy3::HoldAll).await;
    let stop = CancellationToken::new();
    tokio::spawn(follow(Arc::clone(&other.app), stop.clone()));
    let _ended = stop.drop_guard();
    let becomes = async |missing: Option<u64>| {
        let there = || {
            let promise = other.app.sites.find("blog").unwrap().promise;
            promise.map(|promise| promise.published.missing.unwrap().rows)
        };
        let followed = async {
            while there() != missing {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(30), followed).await.unwrap();
    };
    promises(&app, Some((0.005, 0.001))).await;
    becomes(Some(50)).await;
    other.pass(Duration::seconds(30));
    let browser = app.signed_in("mara", Role::Moderator).await;
    let id = app.comment_id(HAM).await;
    browser.decide(&id, "approve", "1").await;
    becomes(Some(49)).await;
    promises(&app, None).await;
    becomes(None).await;
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn other_targets_are_in_force_at_once(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    app.comment(HAM, &[]).await;
    decided(&app, 1_000, 2).await;
    promises(&app, Some((0.001, 0.001))).await;
    assert_eq!(thresholds(&app), Thresholds::HOLD_ALL, "two of a hundred were decided otherwise");
    promises(&app, Some((0.04, 0.001))).await;
    let [published, rejected] = [promise(&app).published, promise(&app).rejected];
    assert!(published.errors >= 20 && published.at_most <= 0.04 && rejected.rows == 0, "{published:?}");
    assert_eq!(
        becomes(&app, "The river was high this morning, and nobody was on the bridge.").await,
        "approved"
    );
    promises(&app, Some((0.001, 0.04))).await;
    assert_eq!(becomes(&app, "The river was low this evening, and all were on the bridge.").await, "held");
    let [published, rejected] = [promise(&app).published, promise(&app).rejected];
    assert!(published.rows == 0 && rejected.errors >= 20 && rejected.at_most <= 0.04, "{rejected:?}");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn decisions_that_cannot_be_read_leave_the_promise_as_it_was(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    app.comment(HAM, &[]).await;
    decided(&app, 600, 0).await;
    promises(&app, Some((0.005, 0.005))).await;
    let kept = promise(&app);
    assert!(kept.published.rows > 0);
    sqlx::query("update sites set example_seq = example_seq + 1").execute(&app.pool).await.unwrap();
    sqlx::query("alter table comments rename label to broken").execute(&app.pool).await.unwrap();
    catch_up(&app).await;
    assert_eq!(promise(&app), kept);
    promises(&app, Some((0.01, 0.005))).await;
    assert_eq!(thresholds(&app), Thresholds::HOLD_ALL, "there is none with these targets");
    sqlx::query("alter table comments rename broken to label").execute(&app.pool).await.unwrap();
    reload(&app).await;
    assert!(promise(&app).published.rows > 0, "tried again without waiting");
}

#[test]
fn wrong_targets_are_wrong_usage() {
    let set = |arguments: &[&str]| moderato(&[&["site", "set", "blog"], arguments].concat());
    let (spam, ham) = ("--target-spam-published", "--target-ham-rejected");
    for (arguments, told) in [
        (&[spam, "0.005"][..], ham),
        (&[ham, "0.005"], spam),
        (&["--confidence", "0.95"], spam),
        (&[spam, "0.005", ham, "0.7"], "targets are shares between"),
        (&[spam, "0", ham, "0.1"], "targets are shares between"),
        (&[spam, "5 %", ham, "0.1"], "invalid value"),
        (&[spam, "0.005", ham, "0.001", "--approve-below", "0.1"], "cannot be used with"),
        (&[spam, "0.005", ham, "0.001", "--fixed-thresholds"], "cannot be used with"),
    ] {
        let run = set(arguments);
        assert!(run.status == 2 && run.stderr.contains(told), "{arguments:?}: {}", run.stderr);
    }
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_promise_is_set_shown_and_taken_back_from_the_command_line(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let site = async |arguments: &[&str]| {
        let run = app.command(&[&["site"], arguments].concat()).await;
        assert_eq!(run.status, 0, "{}", run.stderr);
        run
    };
    let targets = ["--target-spam-published", "0.005", "--target-ham-rejected", "0.001"];
    site(&[&["set", "blog"][..], &targets].concat()).await;
    let shown: Value = site(&["show", "blog", "--json"]).await.json();
    assert_eq!((&shown["approve_below"], &shown["reject_from"]), (&0.0.into(), &1.01.into()));
    assert_eq!(shown["fixed_thresholds"]["reject_from"], 0.95);
    assert_eq!(shown["promise"]["targets"]["spam_published"], 0.005);
    assert_eq!(shown["promise"]["published"]["missing"]["rows"], 50);
    assert!(shown["promise"]["sentences"][0].as_str().unwrap().contains("50 more genuine"), "{shown}");
    let text = site(&["show", "blog"]).await.stdout;
    assert!(text.contains("promise        Nothing can be turned away by itself"), "{text}");

    // The running server follows, and what is not given stays.
    site(&["set", "blog", "--title", "Another title"]).await;
    reload(&app).await;
    assert_eq!(promise(&app).targets, Targets::new(0.005, 0.001, 0.9).unwrap());
    let refused = app.command(&["site", "set", "blog", "--approve-below", "0.3"]).await;
    assert!(refused.status == 2 && refused.stderr.contains("--fixed-thresholds"), "{}", refused.stderr);
    site(&["set", "blog", "--fixed-thresholds", "--approve-below", "0.3"]).await;
    let shown: Value = site(&["show", "blog", "--json"]).await.json();
    assert_eq!((&shown["approve_below"], &shown["reject_from"]), (&0.3.into(), &0.95.into()));
    assert_eq!(shown["promise"], Value::Null);

    site(
        &[&["add", "shop", "--origin", "https://shop.example", "--confidence", "0.99"][..], &targets]
            .concat(),
    )
    .await;
    let shown: Value = site(&["show", "shop", "--json"]).await.json();
    assert_eq!(shown["promise"]["targets"]["confidence"], 0.99);
}
