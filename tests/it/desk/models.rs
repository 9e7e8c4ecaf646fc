//! Retraining, promoting, rolling back.

use std::fmt::Write;

use moderato::classifier::Label;
use moderato::service::accounts::Role;
use reqwest::Response;
use reqwest::multipart::{Form, Part};
use serde_json::Value;
use sqlx::PgPool;

use crate::app::{Browser, Policy3, SITE, TestApp, location};
use crate::command::in_repository;

/// Labelled rows of two kinds that are easy to tell apart, with two rows that cannot be used.
pub(crate) fn labelled_csv() -> String {
    let mut csv = String::from("comment,label,author\n");
    let things = ["pills", "watches", "loans", "tickets", "bags", "coins", "shoes", "prizes"];
    let places = ["river", "bridge", "market", "church", "station", "school", "harbour"];
    for n in 0..60 {
        let (thing, place) = (things[n % things.len()], places[n % places.len()]);
        let more = "really ".repeat(n / things.len());
        writeln!(csv, "\"Buy {more}cheap {thing} at http://{thing}.top now!!!\",spam,best-{thing}").unwrap();
        writeln!(csv, "\"I walked to the {place}, and the light was {more}lovely\",ham,Ann").unwrap();
    }
    csv.push_str("no label here,,x\nstrange,maybe,x\n");
    csv
}

pub(crate) async fn upload(browser: &Browser, csv: String, with_decisions: bool) -> Response {
    let mut form = Form::new().part("file", Part::text(csv).file_name("../labelled <b>.csv"));
    if with_decisions {
        form = form.text("with_decisions", "yes");
    }
    browser.request(reqwest::Method::POST, "/admin/models/train").multipart(form).send().await.unwrap()
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_csv_becomes_a_candidate_and_a_promotion_swaps_it_in(pool: PgPool) {
    let app = TestApp::start(pool.clone(), Policy3::HoldAll).await;
    let other = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.signed_in("mara", Role::Admin).await;
    let answer = upload(&browser, labelled_csv(), false).await;
    assert_eq!(answer.status(), 303);
    let page = location(&answer);
    assert!(page.starts_with("/admin/models/training/"), "{page}");
    let waiting: Value = browser.get(&format!("{page}/progress")).await.json().await.unwrap();
    assert_eq!(waiting["running"], true);

    assert_eq!(app.run_jobs().await, 1);
    let done = browser.get(&page).await.text().await.unwrap();
    for told in ["Model 2", "Model 1", "Accuracy", "Brier", "line", "unknown label", "Promote"] {
        assert!(done.contains(told), "{told} is not in {done}");
    }
    assert!(!done.contains("<b>.csv"), "the file's name is text");
    assert_eq!(app.app.live.current().model_id, 1, "nothing is promoted by itself");

    assert_eq!(browser.post("/admin/models/promote", &[("model", "2")]).await.status(), 303);
    assert_eq!(app.app.live.current().model_id, 2);
    assert!(browser.get("/admin/models").await.text().await.unwrap().contains("Model 2 is live"));
    let mut conn = other.app.db.conn().await.unwrap();
    other.app.live.refresh(&mut conn, app.app.settled()).await.unwrap();
    assert_eq!(other.app.live.current().model_id, 2, "every process follows");
    app.comment("Judged by the new one", &[]).await;
    assert_eq!(app.count("select model_id from comments").await, 2);

    assert_eq!(browser.post("/admin/models/rollback", &[]).await.status(), 303);
    assert_eq!(app.app.live.current().model_id, 1);
    assert_eq!(browser.post("/admin/models/rollback", &[]).await.status(), 409, "nothing before it");
    assert_eq!(browser.post("/admin/models/promote", &[("model", "1")]).await.status(), 409);
    assert_eq!(browser.post("/admin/models/promote", &[("model", "99")]).await.status(), 404);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_sites_own_decisions_lead_whether_the_model_knows_them_or_not(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.signed_in("mara", Role::Admin).await;
    for n in 0..6 {
        let id = app.comment_id(&format!("A decided comment, number {n}")).await;
        browser.decide(&id, if n % 2 == 0 { "spam" } else { "approve" }, "1").await;
    }
    upload(&browser, labelled_csv(), true).await;
    assert_eq!(app.run_jobs().await, 1);
    // Decided before and after the training: all of it is learnt on top.
    let id = app.comment_id("Decided later").await;
    browser.decide(&id, "approve", "1").await;
    browser.post("/admin/models/promote", &[("model", "2")]).await;
    let live = app.app.live.current();
    let site = live.model(SITE);
    assert_eq!(site.shared().card().rows, 120 + 6);
    assert_eq!((site.rows(Label::Ham), site.rows(Label::Spam)), (3 + 1, 3));
    // And a decision of before the training can still be changed.
    let first: String =
        sqlx::query_scalar("select id::text from comments order by id").fetch_one(&app.pool).await.unwrap();
    browser.decide(&first, "approve", "2").await;
    let live = app.app.live.current();
    assert_eq!((live.model(SITE).rows(Label::Ham), live.model(SITE).rows(Label::Spam)), (3 + 1 + 1, 2));
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn files_that_cannot_be_used_say_why(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.signed_in("mara", Role::Admin).await;
    for (csv, told) in [
        ("a,b\n1,2\n", "no text column"),
        ("comment,label\nonly ham,0\nmore ham,0\n", "needs examples of both"),
        ("comment,label\n,1\n", "no usable row"),
        ("\u{0}\u{1} no table at all\n", "no text column"),
        ("comment,label\nx,\u{0}\ny,1\n", "unknown label"),
    ] {
        let page = location(&upload(&browser, csv.to_owned(), false).await);
        app.run_jobs().await;
        let page = browser.get(&page).await.text().await.unwrap();
        assert!(page.contains(told), "{told} is not in {page}");
    }
    // What a browser sends when no file was chosen.
    let empty = Form::new().part("file", Part::text("").file_name(""));
    let request = browser.request(reqwest::Method::POST, "/admin/models/train");
    let answer = request.multipart(empty).send().await.unwrap();
    assert_eq!(location(&answer), "/admin/models?upload=empty");
    assert!(
        browser
            .get("/admin/models?upload=empty")
            .await
            .text()
            .await
            .unwrap()
            .contains("choose a labelled CSV")
    );
    assert_eq!(app.count("select count(*) from models").await, 1);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_broken_model_is_not_promoted_and_the_old_one_stays(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.signed_in("mara", Role::Admin).await;
    upload(&browser, labelled_csv(), false).await;
    app.run_jobs().await;
    sqlx::query(
        "update models set artifact = set_byte(artifact, 200, 255 - get_byte(artifact, 200)) where id = 2",
    )
    .execute(&app.pool)
    .await
    .unwrap();
    let answer = browser.post("/admin/models/promote", &[("model", "2")]).await;
    assert_eq!(answer.status(), 409);
    assert!(answer.text().await.unwrap().contains("damaged"));

    // Even if it is in force by other means, the process keeps the one it has, and says so.
    sqlx::query(
        "insert into promotions (model_id, previous_id, kind, promoted_at) values (2, 1, 'promote', now())",
    )
    .execute(&app.pool)
    .await
    .unwrap();
    let mut conn = app.app.db.conn().await.unwrap();
    let refused = app.app.live.refresh(&mut conn, app.app.settled()).await.unwrap_err().to_string();
    assert!(refused.contains("model 2") && refused.contains("damaged"), "{refused}");
    assert_eq!(app.app.live.current().model_id, 1);
    assert_eq!(app.comment("Still judged", &[]).await.status(), 303);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn swapping_models_drops_no_request(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.signed_in("mara", Role::Admin).await;
    upload(&browser, labelled_csv(), false).await;
    app.run_jobs().await;
    let posting = async {
        let mut stored = 0;
        for n in 0..40 {
            stored +=
                i64::from(app.comment(&format!("Posted while swapping, {n}"), &[]).await.status() == 303);
        }
        stored
    };
    let swapping = async {
        for _ in 0..5 {
            assert_eq!(browser.post("/admin/models/promote", &[("model", "2")]).await.status(), 303);
            assert_eq!(browser.post("/admin/models/rollback", &[]).await.status(), 303);
        }
    };
    let (stored, ()) = tokio::join!(posting, swapping);
    assert_eq!(stored, 40);
    assert_eq!(app.count("select count(*) from comments").await, 40);
}

/// Rows of real comments; of every five rows `flipped` get the other label.
fn youtube(videos: &[&str], flipped: usize) -> String {
    let mut csv = String::from("author,date,content,class\n");
    let mut rows = 0;
    for video in videos {
        let text =
            std::fs::read_to_string(in_repository(&format!("models/data/youtube-{video}.csv"))).unwrap();
        let mut reader = moderato::training::rows::LabelledRows::open(
            text.as_bytes(),
            &moderato::training::rows::Columns::default(),
        )
        .unwrap()
        .map(Result::unwrap)
        .collect::<Vec<_>>();
        for row in &mut reader {
            let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
            let spam = (row.label == moderato::classifier::Label::Spam) != (rows % 5 < flipped);
            let (author, date, content) = (quoted(&row.author), quoted(&row.date), quoted(&row.content));
            writeln!(csv, "{author},{date},{content},{}", u8::from(spam)).unwrap();
            rows += 1;
        }
    }
    csv
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn clean_labels_pass_and_flipped_ones_take_somebody_who_has_read_why(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.signed_in("mara", Role::Admin).await;
    // The shipped model was trained on this very file, and must not be asked about what it remembers.
    let psy = std::fs::read_to_string(in_repository("models/data/youtube-psy.csv")).unwrap();
    for (model, csv) in [(2, psy), (3, youtube(&["katyperry", "eminem"], 0))] {
        let page = location(&upload(&browser, csv, false).await);
        assert_eq!(app.run_jobs().await, 1);
        let page = browser.get(&page).await.text().await.unwrap();
        assert!(page.contains("A new model is ready") && page.contains("Comment by comment"), "{page}");
        assert_eq!(
            browser.post("/admin/models/promote", &[("model", &model.to_string())]).await.status(),
            303
        );
    }
    browser.post("/admin/models/rollback", &[]).await;

    let page = location(&upload(&browser, youtube(&["katyperry", "eminem"], 1), false).await);
    assert_eq!(app.run_jobs().await, 1);
    for page in [page.as_str(), "/admin/models"] {
        let page = browser.get(page).await.text().await.unwrap();
        assert!(page.contains("Labels look wrong:") && page.contains("Promote despite this"), "{page}");
    }
    let refused = browser.post("/admin/models/promote", &[("model", "4")]).await;
    assert_eq!(refused.status(), 409);
    assert!(refused.text().await.unwrap().contains("Labels look wrong"));
    assert_eq!(app.app.live.current().model_id, 2);
    let read = [("model", "4"), ("despite_refusal", "yes")];
    assert_eq!(browser.post("/admin/models/promote", &read).await.status(), 303);
    assert_eq!(app.app.live.current().model_id, 4);
    assert_eq!(app.count("select count(*) from promotions where despite_refusal").await, 1);
    assert_eq!(
        app.count("select model_id from promotions where despite_refusal and moderator_id = 1").await,
        4
    );
}
