//! The audit sample: a random share of what was decided without a person, shown to one who does not see what was.

use moderato::service::accounts::Role;
use moderato::service::audit::Actor;
use moderato::service::sites::{self, SiteSpec};
use scraper::{Html, Selector};
use sqlx::PgPool;

use crate::app::{Policy3, TestApp};

/// Lets the blog audit this share.
async fn audits(app: &TestApp, share: f64) {
    let spec = SiteSpec { audit_share: share, ..SiteSpec::of(&app.app.sites.find("blog").unwrap()) };
    sites::set(&app.app, Actor::CommandLine, &spec).await.unwrap();
}

fn select(page: &str, selector: &str) -> Vec<String> {
    let selector = Selector::parse(selector).unwrap();
    let text = |element: scraper::ElementRef<'_>| element.text().collect::<String>().trim().to_owned();
    Html::parse_document(page).select(&selector).map(text).collect()
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_is_decided_alone_is_sampled_and_what_is_held_is_not(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    app.comment("Before there was a sample", &[]).await;
    audits(&app, 1.0).await;
    app.comment("I liked the bridge", &[]).await;
    let sampled = "select count(*) from comments where sampled and entered = 'approved' and audit_share = 1";
    assert_eq!(app.count(sampled).await, 1);
    let spec = SiteSpec { thresholds: (0.0, 1.0), ..SiteSpec::of(&app.app.sites.find("blog").unwrap()) };
    sites::set(&app.app, Actor::CommandLine, &spec).await.unwrap();
    app.comment("A person decides on this", &[]).await;
    assert_eq!(app.count("select count(*) from comments where entered = 'held' and not sampled").await, 1);
    assert_eq!(app.count("select sum(change)::bigint from queue_changes where queue = 'audit'").await, 1);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_sample_is_judged_blind_and_confirming_is_a_decision(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    audits(&app, 1.0).await;
    let first = app.comment_id("Lovely light on the bridge").await;
    let second = app.comment_id("Cheap pills at http://pills.example now").await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    let queue = async || browser.get("/admin/?state=audit").await.text().await.unwrap();
    let page = queue().await;
    assert_eq!(
        select(&page, ".typed"),
        ["Lovely light on the bridge", "Cheap pills at http://pills.example now"]
    );
    assert_eq!(select(&page, ".tabs a[aria-current]"), ["Audit sample 2"]);
    for hidden in [".score", ".reasons", ".card .state", ".card .abuse"] {
        assert!(select(&page, hidden).is_empty(), "{hidden} is shown");
    }
    assert!(!page.contains("Published because") && page.contains("hidden until you have decided"), "{page}");
    let buttons =
        ["approve", "spam", "reject", "hold"].map(|verdict| format!(".card button[value={verdict}]"));
    assert!(buttons.iter().all(|button| select(&page, button).len() == 2), "each card has all four");

    // It was right: the state stays, and the label and a decision are noted.
    browser.decide(&first, "approve", "1").await;
    assert_eq!(app.state(&first).await, "approved");
    assert_eq!(app.count("select count(*) from comments where label = 'ham' and version = 2").await, 1);
    assert_eq!(app.count("select count(*) from decisions where actor = 'moderator'").await, 1);
    assert_eq!(app.count("select count(*) from examples where label = 'ham'").await, 1);
    browser.undo().await;
    let page = queue().await;
    assert_eq!(select(&page, ".tabs a[aria-current]"), ["Audit sample 2"], "it waits again");
    assert_eq!(app.state(&first).await, "approved");

    // It was wrong; and neither the one nor the other.
    browser.decide(&second, "spam", "1").await;
    browser.decide(&first, "approve", "3").await;
    assert_eq!(app.count("select count(*) from decisions where actor = 'moderator'").await, 4);
    browser.decide(&first, "approve", "4").await;
    assert_eq!(
        app.count("select count(*) from decisions where actor = 'moderator'").await,
        4,
        "said already"
    );
    browser.decide(&first, "reject", "4").await;
    let page = queue().await;
    assert!(page.contains("Everything in the sample has been looked at."), "{page}");
    assert_eq!(select(&page, ".tabs a[aria-current]"), ["Audit sample 0"]);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_is_put_back_waits_as_a_held_comment_until_it_is_decided(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::RejectAll).await;
    audits(&app, 1.0).await;
    let id = app.comment_id("I am not sure about this one").await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    let waits = "select sum(change)::bigint from queue_changes where queue = 'audit'";
    browser.decide(&id, "hold", "1").await;
    assert_eq!((app.count(waits).await, app.state(&id).await.as_str()), (0, "held"));
    browser.undo().await;
    assert_eq!((app.count(waits).await, app.state(&id).await.as_str()), (1, "spam"));
    browser.decide(&id, "spam", "3").await;
    assert_eq!(app.count(waits).await, 0);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn nothing_is_removed_before_its_audit(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    audits(&app, 1.0).await;
    let id = app.comment_id("Do not lose me").await;
    let remove =
        async || sqlx::query("delete from comments").execute(&app.pool).await.unwrap_err().to_string();
    assert!(remove().await.contains("waits in the audit sample: decide on it before it is removed"));
    app.signed_in("mara", Role::Moderator).await.decide(&id, "approve", "1").await;
    assert!(!remove().await.contains("audit"), "only its history keeps it now");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_share_is_set_from_the_command_line(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let run = app.command(&["site", "set", "blog", "--audit-share", "0.05"]).await;
    assert_eq!(run.status, 0, "{}", run.stderr);
    app.command(&["site", "set", "blog", "--title", "Another"]).await;
    let shown = app.command(&["site", "show", "blog", "--json"]).await.json();
    assert_eq!(shown["audit_share"], 0.05);
    let refused = app.command(&["site", "set", "blog", "--audit-share", "5"]).await;
    assert!(refused.status != 0 && refused.stderr.contains("between 0 and 1"), "{}", refused.stderr);
    app.command(&["site", "add", "shop", "--origin", "https://shop.example"]).await;
    let shown = app.command(&["site", "show", "shop", "--json"]).await.json();
    assert_eq!(shown["audit_share"], 0.02);
}
