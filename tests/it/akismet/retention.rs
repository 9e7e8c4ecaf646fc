//! What was checked is forgotten after a time, and nothing that is still needed.

use moderato::classifier::Label;
use moderato::service::accounts::Role;
use moderato::service::audit::Actor;
use moderato::service::retention;
use moderato::service::sites::{self, SiteSpec};
use sqlx::PgPool;
use time::Duration;

use super::{Client, spam};
use crate::app::{Policy3, TestApp};

async fn texts(app: &TestApp) -> Vec<String> {
    sqlx::query_scalar("select body from comments where forgotten_at is null order by body")
        .fetch_all(&app.pool)
        .await
        .unwrap()
}

async fn id_of(app: &TestApp, text: &str) -> String {
    sqlx::query_scalar("select id::text from comments where body = $1")
        .bind(text)
        .fetch_one(&app.pool)
        .await
        .unwrap()
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_nobody_needs_is_forgotten_and_the_rest_kept(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    let client = Client::new(&app).await;
    let desk = app.signed_in("mara", Role::Moderator).await;
    for text in ["plain", "reported", "taken back", "edited"] {
        client
            .check(&[
                ("comment_author", "Mia"),
                ("comment_author_email", "mia@example.org"),
                ("comment_content", text),
            ])
            .await;
    }
    client.settle().await;
    client
        .call(
            "/1.1/submit-ham",
            &[
                ("comment_author", "Mia"),
                ("comment_author_email", "mia@example.org"),
                ("comment_content", "reported"),
            ],
        )
        .await;
    desk.decide(&id_of(&app, "taken back").await, "spam", "1").await;
    desk.undo().await;
    let edited = format!("/admin/comments/blog/{}/edit", id_of(&app, "edited").await);
    let form = [("version", "1"), ("author", "Mia"), ("url", ""), ("comment", "edited well")];
    assert_eq!(desk.post(&edited, &form).await.status(), 303);
    // A sampled one waits for somebody to look at it.
    let set = async |spec: SiteSpec| sites::set(&app.app, Actor::CommandLine, &spec).await.unwrap();
    let spec = SiteSpec::of(&app.app.sites.find("blog").unwrap());
    set(SiteSpec { audit_share: 1.0, ..spec.clone() }).await;
    client.check(&[("comment_content", "sampled")]).await;
    set(SiteSpec { thresholds: (0.0, 1.0), ..spec.clone() }).await;
    client.check(&[("comment_content", "held")]).await;
    client.settle().await;
    // What readers send is not a check.
    set(spec).await;
    app.comment("a reader's", &[]).await;

    app.pass(Duration::days(89));
    retention::forget(&app.app).await.unwrap();
    assert_eq!(texts(&app).await.len(), 7, "not before its time");
    app.pass(Duration::days(2));
    retention::forget(&app.app).await.unwrap();
    retention::forget(&app.app).await.unwrap();
    assert_eq!(texts(&app).await, ["a reader's", "edited well", "reported", "sampled", "taken back"]);
    assert_eq!(
        app.count("select count(*) from comments where forgotten_at is not null and author = '' and email = '' and url = '' and html = ''
                   and author_key is null and network is null and traits = '{}' and search @@ to_tsquery('simple', 'kept')").await,
        2
    );
    // The log is as it was, and the desk says what happened.
    assert_eq!(app.count("select count(*) from decisions where actor = 'policy'").await, 8);
    let desk = app.signed_in("later", Role::Moderator).await;
    let page = desk.get("/admin/?state=all").await.text().await.unwrap();
    assert!(page.contains("The text is not kept any longer"), "{page}");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_is_forgotten_teaches_nothing_until_a_report_says_it_again(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::RejectAll).await;
    let client = Client::new(&app).await;
    let rows = || {
        let live = app.app.live.current();
        (live.model(1).rows(Label::Spam), live.model(1).rows(Label::Ham))
    };
    let text = spam("hello");
    let fields = [("comment_author", "Mia"), ("comment_content", text.as_str())];
    client.check(&fields).await;
    client.settle().await;
    let id: String = sqlx::query_scalar("select id::text from comments").fetch_one(&app.pool).await.unwrap();
    app.pass(Duration::days(91));
    retention::forget(&app.app).await.unwrap();
    let desk = app.signed_in("mara", Role::Moderator).await;
    desk.decide(&id, "approve", "1").await;
    assert_eq!((app.state(&id).await.as_str(), rows()), ("approved", (0, 0)), "there is nothing to learn");
    desk.undo().await;
    assert_eq!((app.state(&id).await.as_str(), rows()), ("spam", (0, 0)));

    client.call("/1.1/submit-ham", &fields).await;
    assert_eq!((app.state(&id).await.as_str(), rows()), ("approved", (0, 1)));
    assert_eq!(texts(&app).await, [text.as_str()]);
    // Another process learns the same from the log.
    let other = TestApp::start(app.pool.clone(), Policy3::RejectAll).await;
    other.pass(Duration::days(91));
    other.app.live.refresh(&mut app.app.db.conn().await.unwrap(), other.app.settled()).await.unwrap();
    assert_eq!(other.app.live.current().model(1).rows(Label::Ham), 1);
    app.pass(Duration::days(91));
    retention::forget(&app.app).await.unwrap();
    assert_eq!(texts(&app).await, [text.as_str()], "it has taught");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn everything_due_is_forgotten_in_batches_and_nothing_where_the_operator_keeps_it(pool: PgPool) {
    let app =
        TestApp::start_with(pool.clone(), Policy3::PublishAll, |settings| settings.checks_days = 7).await;
    let client = Client::new(&app).await;
    let site = app.app.sites.find("blog").unwrap();
    let key =
        moderato::service::keys::find(&app.app, moderato::service::keys::Kind::Akismet, &client.key).unwrap();
    let caller = moderato::service::check::Caller { key, site };
    for number in 0..1_100 {
        let check = moderato::service::check::Check {
            blog: "https://blog.example".into(),
            content: format!("Number {number}"),
            ..Default::default()
        };
        moderato::service::check::check(&app.app, &caller, check);
    }
    client.settle().await;
    app.pass(Duration::days(8));
    let keeper = TestApp::start_with(pool, Policy3::PublishAll, |settings| settings.checks_days = 0).await;
    keeper.pass(Duration::days(10_000));
    retention::forget(&keeper.app).await.unwrap();
    assert_eq!(texts(&app).await.len(), 1_100);
    let privacy = app.browser().get("/privacy/blog").await.text().await.unwrap();
    assert!(privacy.contains("7 days, or longer where a person"), "{privacy}");
    retention::forget(&app.app).await.unwrap();
    assert_eq!(texts(&app).await, Vec::<String>::new());
    // The queue's own index serves what is held as well, and is smaller.
    for (state, index) in
        [("state <> 'held'", "using comments_forgettable"), ("state = 'held'", "Index Scan using")]
    {
        let query = format!(
            "explain select id from comments where site_id = 1 and id > '00000000-0000-0000-0000-000000000000'
             and (asked_at is null or asked_at < now()) and key_id is not null and forgotten_at is null and label is null
             and not edited and not sampled and {state} order by id limit 500"
        );
        let plan: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_all(&app.pool).await.unwrap();
        assert!(plan.join("\n").contains(index), "{plan:?}");
    }
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_waited_all_that_time_leaves_the_queue_and_comes_back_when_it_is_asked_about(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let client = Client::new(&app).await;
    let desk = app.signed_in("mara", Role::Moderator).await;
    for text in ["nobody came", "put back", "asked again"] {
        client.check(&[("comment_content", text)]).await;
        client.settle().await;
    }
    let ids = [id_of(&app, "nobody came").await, id_of(&app, "put back").await];
    desk.decide(&ids[1], "reject", "1").await;
    desk.decide(&ids[1], "hold", "2").await;
    app.comment("a reader's", &[]).await;
    app.pass(Duration::days(80));
    client.check(&[("comment_content", "asked again")]).await;
    client.settle().await;
    app.pass(Duration::days(11));
    retention::forget(&app.app).await.unwrap();
    assert_eq!(texts(&app).await, ["a reader's", "asked again", "put back"]);
    assert_eq!(app.state(&ids[0]).await, "rejected");
    // Only what people reject is known to be unwanted: nothing is measured by this one.
    assert_eq!(
        app.count("select count(*) from comments where state = 'rejected' and ruled and entered is null")
            .await,
        1
    );
    let desk = app.signed_in("later", Role::Moderator).await;
    let page = desk.get(&format!("/admin/comments/blog/{}", ids[0])).await.text().await.unwrap();
    assert!(page.contains("nobody has decided on it in 90 days"), "{page}");
    // Its program says it again, and it waits again as long.
    client.check(&[("comment_content", "nobody came")]).await;
    client.settle().await;
    assert_eq!(app.state(&ids[0]).await, "held");
    app.pass(Duration::days(80));
    retention::forget(&app.app).await.unwrap();
    assert_eq!(texts(&app).await, ["a reader's", "nobody came", "put back"]);
}
