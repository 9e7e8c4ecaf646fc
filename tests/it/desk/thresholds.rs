//! The thresholds page: what it forecasts is what the thresholds decide, and what nobody looked at it does not know.

use std::collections::HashMap;

use moderato::policy::{Decision, Targets, Thresholds};
use moderato::service::accounts::Role;
use scraper::{Html, Selector};
use sqlx::PgPool;

use crate::app::{Policy3, TestApp, location};

/// Copies the first comment as 600 others of the ten days before, with scores from 0 to 1. Those below 0.2 were
/// published and those from 0.95 on turned away; of both one in ten was drawn for the audit and looked at. The others
/// were held, and decided but for one in twenty. Below even odds they are ham, above it spam.
pub(crate) async fn many(app: &TestApp) {
    app.comment("The first one", &[]).await;
    let copies = sqlx::query(
        "insert into comments (site_id, id, article_id, author, email, url, body, html, fingerprint, submission_key,
                               spam_probability, model_id, created_at, state, entered, label, audit_share, sampled)
         select site_id, (lpad(to_hex(ms), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid, article_id, author,
                '', url, body, html, int4send(n), int4send(n), p, model_id, to_timestamp(ms / 1000.0), decided, decided,
                case when not (case when decided = 'held' then n % 20 = 0 else n % 10 <> 0 end)
                     then case when p < 0.5 then 'ham' else 'spam' end end,
                case when decided <> 'held' then 0.1 end, decided <> 'held' and n % 10 = 0
         from (select * from comments order by id limit 1) one,
              lateral (select n, p, ms, case when p < 0.2 then 'approved' when p >= 0.95 then 'spam' else 'held' end decided
                       from (select n, n * 7 % 600 / 600.0 as p,
                                    (extract(epoch from one.created_at) * 1000)::bigint - n * 1440000::bigint as ms
                             from generate_series(1, 600) n) scored) made",
    );
    app.unlogged(copies).await;
}

/// The cells of each outcome, by its name and by whose thresholds they are.
fn outcomes(page: &str) -> HashMap<(String, String), Vec<String>> {
    let row = Selector::parse("tr[data-outcome]").unwrap();
    let cell = Selector::parse("td").unwrap();
    Html::parse_document(page)
        .select(&row)
        .map(|row| {
            let cells: Vec<String> = row.select(&cell).map(|cell| cell.text().collect()).collect();
            ((row.attr("data-outcome").unwrap().to_owned(), cells[0].clone()), cells)
        })
        .collect()
}

fn text(page: &str, selector: &str) -> Vec<String> {
    let selector = Selector::parse(selector).unwrap();
    Html::parse_document(page).select(&selector).map(|element| element.text().collect()).collect()
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_forecast_is_what_the_thresholds_decide_of_the_same_comments(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    many(&app).await;
    let browser = app.signed_in("mara", Role::Viewer).await;
    let scores: Vec<f64> =
        sqlx::query_scalar("select spam_probability from comments").fetch_all(&app.pool).await.unwrap();
    for (low, high) in [(0.1, 0.9), (0.35, 0.35), (0.0, 1.01), (1.0, 1.0), (0.25, 0.99)] {
        let address = format!("/admin/thresholds?site=blog&approve_below={low}&reject_from={high}");
        let page = browser.get(&address).await.text().await.unwrap();
        let outcomes = outcomes(&page);
        for (whose, thresholds) in
            [("In force", Thresholds::DEFAULT), ("Proposed", Thresholds::new(low, high).unwrap())]
        {
            for (name, decision) in
                [("published", Decision::Approve), ("held", Decision::Hold), ("rejected", Decision::Reject)]
            {
                let replayed = scores.iter().filter(|&&p| thresholds.decide(p) == decision).count();
                let told = &outcomes[&(name.to_owned(), whose.to_owned())][1];
                assert_eq!(*told, replayed.to_string(), "{name} {whose} at {low}, {high}");
            }
        }
    }
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_no_label_speaks_for_is_said_to_be_unknown(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let browser = app.signed_in("mara", Role::Viewer).await;
    let get =
        async |query: &str| browser.get(&format!("/admin/thresholds{query}")).await.text().await.unwrap();
    assert!(get("").await.contains("No comment has come in yet"));
    many(&app).await;
    let page = get("?site=blog&approve_below=0.3&reject_from=0.95").await;
    let outcomes = outcomes(&page);
    let cells = |name: &str, whose: &str| outcomes[&(name.to_owned(), whose.to_owned())].clone();
    // 12 of the 120 published were drawn, and all were ham: 1 - 0.025^(1/12).
    assert_eq!(
        cells("published", "In force")[3..6],
        ["0 spam of 12 labels", "0\u{a0}%", "0\u{a0}% to 26.5\u{a0}%"]
    );
    // With those held that are decided; three still wait, and the first comment of all does, too.
    let proposed = cells("published", "Proposed");
    assert_eq!((proposed[3].as_str(), proposed[6].as_str()), ("0 spam of 69 labels", "4"), "{proposed:?}");
    let sentence = text(&page, ".outlook");
    assert!(
        sentence[0].starts_with("A day: 12 published unseen (0\u{a0}% spam, at most 26.5\u{a0}%), "),
        "{sentence:?}"
    );
    assert!(page.contains("no label speaks for 4"), "{page}");
    assert!(page.contains("12 were looked at and 0 were spam"), "the audit of what was published");
    // Outlines for what nobody looked at, solid bars for what people said.
    assert!(!text(&page, ".scores .outline").is_empty() && !text(&page, ".scores .solid.spam").is_empty());

    // Before there was a sample, nothing at the ends is known.
    sqlx::query("update comments set sampled = false, audit_share = null").execute(&app.pool).await.unwrap();
    let page = get("").await;
    assert!(page.contains("nobody has looked how much of it is spam"), "{page}");
    assert!(page.contains("how many are good is not known"), "{page}");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn an_administrator_puts_a_proposal_in_force(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    many(&app).await;
    let (mara, otto) =
        (app.signed_in("mara", Role::Admin).await, app.signed_in("otto", Role::Moderator).await);
    let site = || app.app.sites.find("blog").unwrap();
    let proposal = [("site", "blog"), ("approve_below", "0.31"), ("reject_from", "0.9")];
    let query = "/admin/thresholds?site=blog&approve_below=0.31&reject_from=0.9";
    assert!(!otto.get(query).await.text().await.unwrap().contains("Put in force"));
    assert_eq!(otto.post("/admin/thresholds", &proposal).await.status(), 403);
    assert_eq!(site().thresholds(), Thresholds::DEFAULT, "a preview changes nothing");

    assert!(mara.get(query).await.text().await.unwrap().contains("Put in force"));
    let answer = mara.post("/admin/thresholds", &proposal).await;
    assert_eq!(location(&answer), "/admin/thresholds?site=blog");
    assert_eq!(site().thresholds(), Thresholds::new(0.31, 0.9).unwrap());
    let page = mara.get("/admin/thresholds?site=blog").await.text().await.unwrap();
    assert!(
        page.contains("The new thresholds are in force") && page.contains("Published below 0.31"),
        "{page}"
    );

    // A promise, and what it was previewed with is what is in force then.
    let targets = [("site", "blog"), ("spam_published", "5"), ("ham_rejected", "2.5")];
    let query = "/admin/thresholds?site=blog&spam_published=5&ham_rejected=2.5";
    let preview = mara.get(query).await.text().await.unwrap();
    assert_eq!(mara.post("/admin/thresholds", &targets).await.status(), 303);
    let promise = site().promise.unwrap();
    assert_eq!(promise.targets, Targets::new(0.05, 0.025, 0.9).unwrap());
    assert!(promise.published.rows > 0, "{promise:?}");
    assert!(
        preview.contains(&format!("Published below {}", promise.thresholds.approve_below())),
        "{preview}"
    );
    assert!(promise.sentences().iter().all(|sentence| preview.contains(sentence)), "{preview}");
    mara.post("/admin/thresholds", &proposal).await;
    assert!(site().promise.is_none(), "thresholds end a promise");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_cannot_be_is_told_and_changes_nothing(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let browser = app.signed_in("mara", Role::Admin).await;
    for (fields, told) in [
        ([("approve_below", "0.9"), ("reject_from", "0.1")], "not above the second one"),
        ([("approve_below", "x<b>"), ("reject_from", "0.1")], "is not a number"),
        ([("spam_published", "60"), ("ham_rejected", "1")], "Both targets are between"),
        ([("spam_published", "0.5"), ("ham_rejected", "")], "is not a number"),
    ] {
        let query: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let page = browser.get(&format!("/admin/thresholds?site=blog&{}", query.join("&"))).await;
        assert_eq!(page.status(), 422, "{query:?}");
        let page = page.text().await.unwrap();
        assert!(page.contains(told) && !page.contains("Put in force") && !page.contains("<b>"), "{page}");
        let posted = browser.post("/admin/thresholds", &[&[("site", "blog")][..], &fields].concat()).await;
        assert_eq!(posted.status(), 422, "{query:?}");
    }
    assert_eq!(browser.post("/admin/thresholds", &[("site", "blog")]).await.status(), 422);
    assert_eq!(browser.get("/admin/thresholds?site=nowhere").await.status(), 404);
    assert_eq!(app.app.sites.find("blog").unwrap().thresholds(), Thresholds::DEFAULT);
}
