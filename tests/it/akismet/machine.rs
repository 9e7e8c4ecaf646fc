//! What becomes of comments that were asked about: on the desk, in the model, in the next answer.

use moderato::service::accounts::Role;
use moderato::service::intake;
use sqlx::PgPool;

use super::{Client, spam};
use crate::app::{ARTICLE, Policy3, TestApp};

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_is_asked_about_is_on_the_desk_and_on_no_page_of_ours(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    let client = Client::new(&app).await;
    let fields = [
        ("permalink", ARTICLE),
        ("comment_author", "Oleh <b>"),
        ("comment_author_email", "oleh@example.org"),
        ("comment_content", "I walked there <script>alert(1)</script> in spring."),
    ];
    let first = client.check(&fields).await;
    let again = client.check(&fields).await;
    assert_eq!(first.guid, again.guid, "the same comment");
    client.settle().await;
    assert_eq!(app.count("select count(*) from comments").await, 1);
    let desk = app.signed_in("mara", Role::Moderator).await;
    let page = desk.get("/admin/?state=approved").await.text().await.unwrap();
    assert!(page.contains("Oleh &#60;b&#62;") && page.contains("in spring"), "{page}");
    let thread =
        app.browser().get(&format!("/sites/blog/comments?article={ARTICLE}")).await.text().await.unwrap();
    assert!(!thread.contains("in spring"), "{thread}");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn reports_teach_once_and_the_last_one_holds(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let client = Client::new(&app).await;
    let text = spam("hello");
    let fields = [("comment_author", "Mia"), ("comment_content", text.as_str())];
    assert_eq!(client.check(&fields).await.body, "true");
    let rows = || {
        let live = app.app.live.current();
        let model = live.model(1);
        (model.rows(moderato::classifier::Label::Spam), model.rows(moderato::classifier::Label::Ham))
    };
    for (call, taught, state) in [
        ("/1.1/submit-ham", (0, 1), "approved"),
        ("/1.1/submit-ham", (0, 1), "approved"),
        ("/1.1/submit-spam", (1, 0), "spam"),
        ("/1.1/submit-ham", (0, 1), "approved"),
    ] {
        client.call(call, &fields).await;
        let standing: String =
            sqlx::query_scalar("select state from comments").fetch_one(&app.pool).await.unwrap();
        assert_eq!((rows(), standing.as_str()), (taught, state), "{call}");
    }
    assert_eq!(app.count("select count(*) from decisions where actor = 'key'").await, 3);
    // One that nobody asked about, and one that is a test.
    client.call("/1.1/submit-spam", &[("comment_content", &spam("never seen"))]).await;
    client.call("/1.1/submit-spam", &[("comment_content", &spam("test")), ("is_test", "1")]).await;
    assert_eq!((rows(), app.count("select count(*) from comments").await), ((1, 1), 2));
    // The desk tells who said so.
    let desk = app.signed_in("mara", Role::Moderator).await;
    let id: String = sqlx::query_scalar("select id::text from comments order by id limit 1")
        .fetch_one(&app.pool)
        .await
        .unwrap();
    let page = desk.get(&format!("/admin/comments/blog/{id}")).await.text().await.unwrap();
    assert!(page.contains("Take back what WordPress did last"), "{page}");
    let decision: String = sqlx::query_scalar(
        "select id::text from decisions where actor = 'key' order by id desc offset 1 limit 1",
    )
    .fetch_one(&app.pool)
    .await
    .unwrap();
    let form = [("site", "1"), ("decision", decision.as_str()), ("back", "/admin/")];
    assert_eq!(desk.post("/admin/undo", &form).await.status(), 303);
    assert_eq!((app.state(&id).await.as_str(), rows()), ("spam", (2, 0)), "what was said before holds again");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_was_reported_counts_for_the_next_check(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let client = Client::new(&app).await;
    let text = "A short note that nobody would mind.";
    assert_eq!(client.check(&[("comment_content", text)]).await.body, "false");
    client.settle().await;
    client.call("/1.1/submit-spam", &[("comment_content", text)]).await;
    client.check(&[("comment_content", "Another one.")]).await;
    client.settle().await;
    client.check(&[("comment_author", "Somebody else"), ("comment_content", text)]).await;
    client.settle().await;
    let fired: Vec<String> =
        sqlx::query_scalar("select unnest(signals) from comments where author = 'Somebody else'")
            .fetch_all(&app.pool)
            .await
            .unwrap();
    assert_eq!(fired, ["repeated"]);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn discarding_takes_more_than_a_score(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let client = Client::new(&app).await;
    let trap = [("honeypot_field_name", "website2"), ("website2", "http://x.example")];
    let with_trap = async |word: &str| {
        let text = spam(word);
        let mut fields = vec![("comment_content", text.as_str())];
        fields.extend(trap);
        client.check(&fields).await
    };
    assert_eq!(with_trap("before").await.tip, "", "nobody has taught anything here");
    for number in 0..50 {
        client.call("/1.1/submit-spam", &[("comment_content", &spam(&format!("number {number}")))]).await;
        let ham = format!("The view from bridge {number} is lovely in the morning, thank you.");
        client.call("/1.1/submit-ham", &[("comment_content", &ham)]).await;
    }
    let blatant = with_trap("after").await;
    assert_eq!((blatant.body.as_str(), blatant.tip.as_str()), ("true", "discard"));
    let score_alone = client.check(&[("comment_content", &spam("another"))]).await;
    assert_eq!((score_alone.body.as_str(), score_alone.tip.as_str()), ("true", ""));
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn when_storing_cannot_keep_up_the_answer_is_provisional_and_nothing_acknowledged_is_lost(
    pool: PgPool,
) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let client = Client::new(&app).await;
    let site = app.app.sites.find("blog").unwrap();
    let key =
        moderato::service::keys::find(&app.app, moderato::service::keys::Kind::Akismet, &client.key).unwrap();
    let caller = moderato::service::check::Caller { key, site };
    let mut taken = 0;
    // Nobody stores: the queue fills up.
    let full = loop {
        let check = moderato::service::check::Check {
            blog: "https://blog.example".into(),
            author: format!("Reader {taken}"),
            ..Default::default()
        };
        match moderato::service::check::check(&app.app, &caller, check).said {
            moderato::service::check::Said::Later(seconds) => break seconds,
            _ => taken += 1,
        }
        assert!(taken < 100_000, "it is bounded");
    };
    let answer = client.check(&[("comment_author", "One too many")]).await;
    assert_eq!((answer.status, answer.body.as_str(), answer.recheck), (200, "false", full.to_string()));
    intake::flush(&app.app).await.unwrap();
    assert_eq!(app.count("select count(*) from comments").await, taken);
    assert_eq!(app.count("select calls from key_usage").await, taken);
    assert_eq!(client.check(&[("comment_author", "One too many")]).await.recheck, "");
}
