//! Abuse beside spam: a model of its own is trained, promoted, holds what spam would let through, and is shown.

use std::fmt::Write as _;
use std::fs;

use moderato::service::accounts::Role;
use sqlx::PgPool;
use tempfile::TempDir;

use crate::app::{Policy3, TestApp};
use crate::command::{in_repository, moderato_with};

/// Trains a model of abuse and returns its file.
async fn model_of_abuse(app: &TestApp, folder: &TempDir) -> String {
    let kind = ["bread", "river", "garden", "song", "article", "bridge", "winter", "photo"];
    let mut csv = "comment,toxic\n".to_owned();
    for n in 0..40 {
        let (one, other) = (kind[n % 8], kind[(n / 8) % 8]);
        writeln!(csv, "You are a worthless idiot and your {one} number {n} is stupid {other} garbage,toxic")
            .unwrap();
        writeln!(csv, "I liked the {one} and the {other} very much when I read it {n} days ago,ok").unwrap();
    }
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("abuse.csv"), csv).unwrap();
    let (data, out) = (path("abuse.csv"), path("abuse.model"));
    let arguments = ["train", "--subject", "abuse", "--csv", &data, "--label-column", "toxic", "--out", &out];
    let run = app.command(&arguments).await;
    assert_eq!(run.status, 0, "{}", run.stderr);
    let card = fs::read_to_string(path("abuse.md")).unwrap();
    assert!(card.contains("| judges | abuse |") && card.contains("--subject abuse"), "{card}");
    out
}

const INSULT: &str = "You are a worthless idiot and your stupid song is garbage";
const PRAISE: &str = "I liked the garden and the bridge very much when I read it";

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn an_insult_that_is_no_spam_waits_for_a_person(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    let folder = TempDir::new().unwrap();
    let file = model_of_abuse(&app, &folder).await;
    let before = app.comment_id(INSULT).await;
    assert_eq!(app.state(&before).await, "approved", "without a model of abuse nothing is held for it");

    let spam_in_force = app.app.live.current().model_id;
    let imported = app.command(&["models", "import", &file, "--promote"]).await;
    assert_eq!(imported.status, 0, "{}", imported.stderr);
    app.app.live.refresh(&mut app.pool.acquire().await.unwrap()).await.unwrap();
    assert_eq!(app.app.live.current().model_id, spam_in_force, "spam is judged as before");

    let insult = app.comment_id(&format!("{INSULT}!")).await;
    let praise = app.comment_id(PRAISE).await;
    assert_eq!((app.state(&insult).await, app.state(&praise).await), ("held".into(), "approved".into()));
    let browser = app.signed_in("mara", Role::Admin).await;
    let queue = browser.get("/admin/?signal=abuse").await.text().await.unwrap();
    assert!(queue.contains(&format!("c-{insult}")) && queue.contains("Held for abuse"), "{queue}");
    assert!(queue.contains("held from 0.80 on") && queue.contains("abuse <b>"), "{queue}");
    let history = browser.get(&format!("/admin/comments/blog/{insult}")).await.text().await.unwrap();
    assert!(history.contains("held from 0.80 on"), "{history}");
    let approved = browser.get("/admin/?state=approved").await.text().await.unwrap();
    assert!(approved.contains("abuse <b>"), "a score of its own: {approved}");

    // A site that wants none of it.
    let set = app.command(&["site", "set", "blog", "--hold-abuse-from", "1.01"]).await;
    assert_eq!(set.status, 0, "{}", set.stderr);
    app.app.sites.reload(&mut app.pool.acquire().await.unwrap(), app.app.now()).await.unwrap();
    let let_through = app.comment_id(&format!("{INSULT}!!")).await;
    assert_eq!(app.state(&let_through).await, "approved");
    let wrong = app.command(&["site", "set", "blog", "--hold-abuse-from", "80"]).await;
    assert!(wrong.status != 0 && wrong.stderr.contains("between 0 and 1"), "{}", wrong.stderr);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn each_subject_has_a_model_in_force_of_its_own(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let folder = TempDir::new().unwrap();
    let file = model_of_abuse(&app, &folder).await;
    let browser = app.signed_in("mara", Role::Admin).await;
    app.command(&["models", "import", &file]).await;
    let page = browser.get("/admin/models").await.text().await.unwrap();
    assert!(page.contains("<td>abuse</td>"), "{page}");
    assert_eq!(browser.post("/admin/models/promote", &[("model", "2")]).await.status(), 303);
    let listed = app.command(&["models", "list"]).await.stdout;
    let in_force: Vec<&str> = listed.lines().filter(|line| line.starts_with('*')).collect();
    assert_eq!(in_force.len(), 2, "{listed}");
    assert!(in_force[0].contains("abuse") && in_force[1].contains("spam"), "{listed}");

    let shadow = app.command(&["models", "shadow", "2"]).await;
    assert!(shadow.status == 1 && shadow.stderr.contains("only models of spam"), "{}", shadow.stderr);
    let back = app.command(&["models", "rollback", "--subject", "abuse"]).await;
    assert!(back.status == 1 && back.stderr.contains("no model to roll back to"), "{}", back.stderr);
    assert_eq!(browser.post("/admin/models/rollback", &[("subject", "abuse")]).await.status(), 409);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_command_line_scores_abuse_beside_spam(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let folder = TempDir::new().unwrap();
    let file = model_of_abuse(&app, &folder).await;
    let csv = folder.path().join("abuse.csv").to_str().unwrap().to_owned();
    let evaluated =
        app.command(&["evaluate", "--model", &file, "--csv", &csv, "--label-column", "toxic"]).await;
    assert!(evaluated.status == 0 && evaluated.stdout.contains("abuse"), "{}", evaluated.stderr);
    let starter = in_repository("models/starter.model");
    let score = |arguments: &[&str]| {
        moderato_with(&[&["score"], arguments].concat(), format!("{INSULT}\n{PRAISE}\n").as_bytes())
    };
    let run = score(&["--model", &starter, "--abuse-model", &file, "--explain"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let scored: Vec<serde_json::Value> =
        run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let abuse = |row: usize| scored[row]["abuse"]["probability"].as_f64().unwrap();
    assert!(abuse(0) > 0.8 && abuse(1) < 0.2, "{scored:?}");
    assert_eq!(scored[0]["decision"], "hold");
    assert!(scored[0]["abuse"]["reasons"][0]["token"].is_string(), "{scored:?}");

    let as_spam = score(&["--model", &file]);
    assert!(as_spam.status == 1 && as_spam.stderr.contains("judges abuse, not spam"), "{}", as_spam.stderr);
    let as_abuse = score(&["--model", &starter, "--abuse-model", &starter]);
    assert!(
        as_abuse.status == 1 && as_abuse.stderr.contains("judges spam, not abuse"),
        "{}",
        as_abuse.stderr
    );
}
