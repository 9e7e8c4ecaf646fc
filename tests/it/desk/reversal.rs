//! Whatever a moderator does, undoing all of it leaves nothing but the log.

use moderato::service::accounts::Role;
use reqwest::header::ACCEPT;
use reqwest::{Method, StatusCode};
use serde_json::Value;
use sqlx::PgPool;

use crate::app::{Browser, Policy3, SITE, TestApp};

/// A pseudo-random sequence (Knuth's linear congruential generator), so that a failure can be had again.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len())]
    }
}

async fn post(browser: &Browser, path: &str, form: &[(&str, &str)]) -> StatusCode {
    let request = browser.request(Method::POST, path).header(ACCEPT, "application/json").form(form);
    request.send().await.unwrap().status()
}

/// Everything that is known of the comments but how often they changed, and the numbers of the queues.
async fn everything(app: &TestApp) -> (Value, Value) {
    let comments = "select coalesce(jsonb_agg(to_jsonb(c) - 'version' order by c.id), '[]') from comments c where state <> 'deleted'";
    let queues = "select coalesce(jsonb_object_agg(queue, number), '{}')
                  from (select queue, sum(change) as number from queue_changes where queue <> 'deleted'
                        group by queue having sum(change) <> 0) counted";
    (
        sqlx::query_scalar(comments).fetch_one(&app.pool).await.unwrap(),
        sqlx::query_scalar(queues).fetch_one(&app.pool).await.unwrap(),
    )
}

/// Something to do with a random comment, as its forms do it.
async fn act(app: &TestApp, browser: &Browser, chance: &mut Chance) {
    let all: Vec<(String, i32)> =
        sqlx::query_as("select id::text, version from comments where state <> 'deleted' order by id")
            .fetch_all(&app.pool)
            .await
            .unwrap();
    let (id, version) = &all[chance.below(all.len())];
    let version = version.to_string();
    let verdict = chance.one(&["approve", "spam", "reject", "hold"]);
    match chance.below(10) {
        0..4 => {
            let reason = if verdict == "reject" { chance.one(&["", "off-topic", "duplicate"]) } else { "" };
            let form = [
                ("site", "1"),
                ("comment", id),
                ("version", &version),
                ("verdict", verdict),
                ("reason", reason),
            ];
            let status = post(browser, "/admin/decide", &form).await;
            assert!([200, 409].contains(&status.as_u16()), "an answer is no spam, all else can be: {status}");
        }
        4..6 => {
            let text = format!("{} {}", chance.one(&["Rye", "Spelt", "Oats"]), chance.below(3));
            let form =
                [("version", version.as_str()), ("comment", &text), ("author", chance.one(&["Mia", "Lea"]))];
            assert_eq!(post(browser, &format!("/admin/comments/blog/{id}/edit"), &form).await, 200);
        }
        6..8 => {
            let mark = uuid::Uuid::new_v4().to_string();
            let form = [("version", version.as_str()), ("mark", &mark), ("comment", "Thank you for writing")];
            assert_eq!(post(browser, &format!("/admin/comments/blog/{id}/reply"), &form).await, 200);
        }
        8 => {
            let picks: Vec<String> = all.iter().map(|(id, version)| format!("1.{id}.{version}")).collect();
            let from = chance.below(picks.len());
            let mut form = vec![("verdict", verdict), ("reason", "")];
            form.extend(picks[from..].iter().take(4).map(|pick| ("pick", pick.as_str())));
            let status = browser.post("/admin/bulk", &form).await.status();
            assert!([200, 303].contains(&status.as_u16()), "{status}");
        }
        _ => {
            let status = browser.post("/admin/undo", &[]).await.status();
            assert!([200, 303, 409].contains(&status.as_u16()), "{status}");
        }
    }
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn any_sequence_of_acts_and_undoing_all_of_it_changes_nothing_but_the_log(pool: PgPool) {
    let app = TestApp::start(pool.clone(), Policy3::Usual).await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    for text in [
        "Where can I get fresh rye bread in Mill Lane?",
        "Cheap pills, buy now at http://pills.example/a and http://pills.example/b",
        "Thank you for this article, the river was lovely",
        "Great post! Visit my site http://seo.example/ for casino bonus",
        "I do not agree with what you say about the mill",
        "Earn $500 a day from home at easy-cash.example",
    ] {
        app.comment_id(text).await;
    }
    // Something that was taught before all this, and has to stay.
    let first: String = sqlx::query_scalar("select id::text from comments order by id limit 1")
        .fetch_one(&app.pool)
        .await
        .unwrap();
    app.signed_in("ben", Role::Moderator).await.decide(&first, "approve", "1").await;
    let (before, model) = (everything(&app).await, app.app.live.current());
    let mut acts = 0;
    for seed in 1..=4 {
        let mut chance = Chance(seed);
        for _ in 0..30 {
            act(&app, &browser, &mut chance).await;
        }
        acts = app
            .count("select count(*) from decisions where moderator_id is not null and undoes is null")
            .await;
        assert_ne!(everything(&app).await, before, "seed {seed} did something");
        let mut undone = 0;
        while browser.post("/admin/undo", &[]).await.status() != 409 {
            undone += 1;
            assert!(undone < 1_000, "undo comes to an end");
        }
        let after = everything(&app).await;
        assert_eq!(after.0, before.0, "seed {seed}");
        assert_eq!(after.1, before.1, "seed {seed}");
        assert!(*app.app.live.current().model(SITE) == *model.model(SITE), "seed {seed}: to the last bit");
    }
    for act in ["decided", "edited", "answered"] {
        let done: i64 =
            sqlx::query_scalar("select count(*) from decisions where act = $1 and undoes is not null")
                .bind(act)
                .fetch_one(&app.pool)
                .await
                .unwrap();
        assert!(done > 5, "{done} {act}");
    }
    assert!(acts > 60, "{acts}");
    let again = TestApp::start(pool, Policy3::Usual).await;
    assert!(*again.app.live.current().model(SITE) == *model.model(SITE), "and after a restart");
}
