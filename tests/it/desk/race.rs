//! Ten moderators on one queue.

use std::collections::{HashMap, HashSet};

use futures_util::future::join_all;
use moderato::service::accounts::Role;
use reqwest::Method;
use reqwest::header::ACCEPT;
use serde_json::Value;
use sqlx::{PgPool, Row};
use uuid::Uuid;

use crate::app::{Browser, Policy3, SITE, TestApp};

const MODERATORS: usize = 10;
const COMMENTS: usize = 60;

/// What the server told somebody.
#[derive(Default)]
struct Told {
    /// Decisions that were made.
    decided: Vec<Uuid>,
    /// Comments whose last decision was taken back.
    undone: usize,
    /// Comments that somebody else had decided on, and who.
    late: Vec<(Uuid, String)>,
}

/// The comments of a list, with their versions.
fn cards(page: &str) -> Vec<(String, String)> {
    let page = scraper::Html::parse_document(page);
    let form = scraper::Selector::parse("form.verdicts").unwrap();
    let field = |name: &str| scraper::Selector::parse(&format!("input[name={name}]")).unwrap();
    let (comment, version) = (field("comment"), field("version"));
    page.select(&form)
        .map(|form| {
            let value = |field| form.select(field).next().unwrap().attr("value").unwrap().to_owned();
            (value(&comment), value(&version))
        })
        .collect()
}

async fn post(browser: &Browser, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
    let answer = browser.request(Method::POST, path).header(ACCEPT, "application/json").form(form).send();
    let answer = answer.await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// Reads the queue, decides on some of what is on the page, takes one in seven back, and reads it again until it is empty.
async fn work(browser: &Browser, mut chance: u64) -> Told {
    let mut below = move |bound: usize| {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(chance >> 33).unwrap() % bound
    };
    let mut told = Told::default();
    loop {
        let mut seen = cards(&browser.get("/admin/").await.text().await.unwrap());
        if seen.is_empty() {
            return told;
        }
        for _ in 0..5.min(seen.len()) {
            let (comment, version) = seen.swap_remove(below(seen.len()));
            let verdict = ["approve", "spam", "reject"][below(3)];
            let form =
                [("site", "1"), ("comment", comment.as_str()), ("version", &version), ("verdict", verdict)];
            let (status, said) = post(browser, "/admin/decide", &form).await;
            match (status, said["undo"]["decision"].as_str()) {
                (200, Some(decision)) => told.decided.push(decision.parse().unwrap()),
                // Somebody was quicker, and said the same.
                (200, None) => assert!(said["message"].as_str().unwrap().contains("already"), "{said}"),
                (409, _) => {
                    let why = said["detail"].as_str().unwrap();
                    let (who, _) = why.split_once(" has decided").unwrap_or_else(|| panic!("{said}"));
                    told.late.push((comment.parse().unwrap(), who.to_owned()));
                }
                _ => panic!("{status}: {said}"),
            }
            if below(7) == 0 {
                let (status, _) = post(browser, "/admin/undo", &[]).await;
                assert!([200, 409].contains(&status), "{status}");
                told.undone += usize::from(status == 200);
            }
        }
    }
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn ten_moderators_on_one_queue_lose_and_double_nothing(pool: PgPool) {
    let app = TestApp::start(pool.clone(), Policy3::HoldAll).await;
    for n in 0..COMMENTS {
        app.comment_id(&format!("Comment number {n}: what do you think of the mill by the river?")).await;
    }
    let mut browsers = Vec::new();
    for n in 0..MODERATORS {
        browsers.push(app.signed_in(&format!("moderator-{n}"), Role::Moderator).await);
    }
    let told = join_all(browsers.iter().zip(1..).map(|(browser, seed)| work(browser, seed))).await;

    // Nothing is lost, nothing doubled: what was told is what the log has.
    let rows = sqlx::query(
        "select d.id, d.comment_id, d.from_state, d.to_state, d.undoes, m.name from decisions d
         left join moderators m on m.id = d.moderator_id order by d.id",
    )
    .fetch_all(&app.pool)
    .await
    .unwrap();
    let made: HashSet<Uuid> = rows
        .iter()
        .filter(|row| {
            row.get::<Option<String>, _>("name").is_some() && row.get::<Option<Uuid>, _>("undoes").is_none()
        })
        .map(|row| row.get("id"))
        .collect();
    let heard: Vec<Uuid> = told.iter().flat_map(|one| one.decided.iter().copied()).collect();
    assert_eq!(heard.len(), made.len());
    assert_eq!(heard.into_iter().collect::<HashSet<_>>(), made);
    let undone: usize = told.iter().map(|one| one.undone).sum();
    assert_eq!(rows.iter().filter(|row| row.get::<Option<Uuid>, _>("undoes").is_some()).count(), undone);
    assert!(undone > 0 && made.len() >= COMMENTS, "{undone} of {} undone", made.len());

    // Each decision begins where the one before it ended, and the last one is where the comment stands.
    let mut stands: HashMap<Uuid, (String, i32)> = HashMap::new();
    let mut deciders: HashMap<Uuid, HashSet<String>> = HashMap::new();
    for row in &rows {
        let comment = row.get("comment_id");
        let now = stands.entry(comment).or_insert_with(|| ("held".to_owned(), 0));
        if let Some(from) = row.get::<Option<String>, _>("from_state") {
            assert_eq!(now.0, from);
        }
        *now = (row.get("to_state"), now.1 + 1);
        deciders.entry(comment).or_default().extend(row.get::<Option<String>, _>("name"));
    }
    let comments = sqlx::query("select id, state, version from comments").fetch_all(&app.pool).await.unwrap();
    assert_eq!(comments.len(), COMMENTS);
    for row in &comments {
        assert_eq!(stands[&row.get("id")], (row.get("state"), row.get("version")));
    }

    // Who was late was told of somebody who had decided on that very comment.
    for (comment, who) in told.iter().flat_map(|one| &one.late) {
        assert!(deciders[comment].contains(who), "{who}");
    }

    // The numbers are true, and the model is what a start from the database makes of it.
    let page = browsers[0].get("/admin/?state=all").await.text().await.unwrap();
    let shown: HashMap<String, i64> = {
        let page = scraper::Html::parse_document(&page);
        let tab = scraper::Selector::parse(".tabs a[data-queue]").unwrap();
        let count = scraper::Selector::parse(".count").unwrap();
        page.select(&tab)
            .map(|tab| {
                let number: String = tab.select(&count).next().unwrap().text().collect();
                (tab.attr("data-queue").unwrap().to_owned(), number.parse().unwrap())
            })
            .collect()
    };
    for (queue, sql) in [
        ("held", "select count(*) from comments where state = 'held'"),
        ("approved", "select count(*) from comments where state = 'approved'"),
        ("spam", "select count(*) from comments where state = 'spam'"),
        ("rejected", "select count(*) from comments where state = 'rejected'"),
        ("all", "select count(*) from comments"),
    ] {
        assert_eq!(shown[queue], app.count(sql).await, "{queue}");
    }
    let again = TestApp::start(pool, Policy3::HoldAll).await;
    assert!(*app.app.live.current().model(SITE) == *again.app.live.current().model(SITE), "to the last bit");
}
