//! The page of figures, and the tallies it reads.

use moderato::classifier::Label;
use moderato::service::accounts::{self, Moderator, Role};
use moderato::service::audit::Actor;
use moderato::service::figures::{self, Span};
use moderato::service::sites::{self, SiteSpec};
use moderato::store::tallies;
use moderato::training::evaluate;
use scraper::{Html, Selector};
use sqlx::PgPool;
use time::Duration;

use super::thresholds::many;
use crate::app::{PASSWORD, Policy3, SITE, TestApp};

/// What the tallies have to be, counted from the rows themselves.
const COUNTED: &str = "
    select site_id, (created_at at time zone 'utc')::date as day, 'came in' as measure,
           array[coalesce(entered, ''), state, coalesce(label, ''), coalesce(audit_share::text, ''), sampled::text] as what,
           count(*)::bigint as count
    from comments where moderator_id is null group by 1, 2, 4
    union all
    select site_id, (decided_at at time zone 'utc')::date, measure, what, count(*) from (
        select d.*, exists (select from decisions u where u.undoes = d.id) as undone,
               (select extract(epoch from d.decided_at - h.decided_at) from decisions h
                where h.comment_id = d.comment_id and h.id < d.id and h.to_state = 'held' and h.undoes is null
                order by h.id desc limit 1) as seconds
        from decisions d where d.moderator_id is not null and d.undoes is null and d.act = 'decided'
    ) d, lateral (values ('decided', array[moderator_id::text], true), ('undone', array[moderator_id::text], undone),
                         ('waited', array[floor(4 * ln(greatest(seconds, 1)) / ln(2) + 1e-9)::int::text],
                          not undone and from_state = 'held' and to_state <> 'held')) of (measure, what, there)
    where there group by 1, 2, 3, 4";

const KEPT: &str = "
    select site_id, day, measure, what, sum(count)::bigint as count
    from (select * from tallies union all select * from tally_changes) added
    group by 1, 2, 3, 4 having sum(count) <> 0";

/// Rows that only one of the two has.
async fn differing(app: &TestApp) -> Vec<String> {
    let sql = format!(
        "with counted as ({COUNTED}), kept as ({KEPT})
         select 'kept ' || kept::text from (select * from kept except select * from counted) kept
         union all select 'counted ' || counted::text from (select * from counted except select * from kept) counted"
    );
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(&app.pool).await.unwrap()
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_tallies_are_what_counting_gives_after_random_actions(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let other = app.signed_in("otto", Role::Moderator).await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    let site = app.app.sites.find("blog").unwrap();
    let spec = SiteSpec { audit_share: 0.5, ..SiteSpec::of(&site) };
    sites::set(&app.app, Actor::CommandLine, &spec).await.unwrap();
    let mut random = 5_u64;
    let mut next = |below: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(random >> 33).unwrap() % below
    };
    let texts = [
        "Thank you for this. I walk there every morning, and had no idea the bridge is older than the town",
        "CONGRATULATIONS!!! You have WON a £1000 prize, call 09061701461 now or visit http://win-prize.top",
        "cheap walk prize bridge, see my profile",
    ];
    let mut ids = Vec::new();
    for step in 0..150 {
        app.pass(Duration::minutes(i64::try_from(next(300)).unwrap()));
        match next(7) {
            0 | 1 => ids.push(app.comment_id(&format!("{} {step}", texts[next(3)])).await),
            2 | 3 if !ids.is_empty() => {
                let id = &ids[next(ids.len())];
                let version: i32 = sqlx::query_scalar("select version from comments where id = $1::uuid")
                    .bind(id)
                    .fetch_one(&app.pool)
                    .await
                    .unwrap();
                let who = if next(3) == 0 { &other } else { &browser };
                let verdict = ["approve", "spam", "reject", "hold"][next(4)];
                assert_eq!(who.decide(id, verdict, &version.to_string()).await.status(), 303);
            }
            5 if !ids.is_empty() => {
                let id = &ids[next(ids.len())];
                let version: i32 = sqlx::query_scalar("select version from comments where id = $1::uuid")
                    .bind(id)
                    .fetch_one(&app.pool)
                    .await
                    .unwrap();
                let form = [
                    ("version", version.to_string()),
                    ("comment", format!("An answer {step}")),
                    ("mark", uuid::Uuid::new_v4().to_string()),
                ];
                let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
                let status = browser.post(&format!("/admin/comments/blog/{id}/reply"), &form).await.status();
                assert_eq!(status, 303);
            }
            4 => {
                let status = browser.post("/admin/undo", &[]).await.status();
                assert!([303, 409].contains(&status.as_u16()), "{status}");
            }
            _ => {
                let mut conn = app.pool.acquire().await.unwrap();
                tallies::fold(&mut conn, 3).await.unwrap();
            }
        }
    }
    assert_eq!(differing(&app).await, [""; 0]);
    for measure in ["came in", "waited", "decided", "undone"] {
        let sql = format!("select count(*) from ({KEPT}) kept where measure = '{measure}'");
        let rows: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&app.pool).await.unwrap();
        assert!(rows > 0, "{measure} was tried");
    }
    // What the page tells is added up from the same.
    let figures =
        figures::read(&app.app, Some(&somebody(Role::Moderator)), &[SITE], Span::Year).await.unwrap();
    let exact = async |sql| u64::try_from(app.count(sql).await).unwrap();
    assert_eq!(
        figures.whole.came_in(),
        exact("select count(*) from comments where moderator_id is null").await
    );
    assert_eq!(
        (figures.whole.missed, figures.whole.blocked),
        (
            exact("select count(*) from comments where entered = 'approved' and label = 'spam'").await,
            exact("select count(*) from comments where entered = 'spam' and label = 'ham'").await
        )
    );
    let decided: u64 = figures.people.unwrap().iter().map(|one| one.decided).sum();
    let by_people = "select count(*) from decisions where moderator_id is not null and undoes is null and act = 'decided'";
    assert_eq!(decided, exact(by_people).await);
    let waiting = exact("select count(*) from comments where state = 'held'").await;
    assert_eq!(figures.waiting.ages.iter().sum::<u64>(), waiting);
}

fn somebody(role: Role) -> Moderator {
    Moderator { id: 1, name: "mara".into(), role, site_ids: Vec::new(), session_id: 1 }
}

fn texts(page: &str, selector: &str) -> Vec<String> {
    let selector = Selector::parse(selector).unwrap();
    Html::parse_document(page).select(&selector).map(|one| one.text().collect()).collect()
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn every_figure_has_words_a_drawing_and_its_table(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    let get = async |query: &str| browser.get(&format!("/admin/figures{query}")).await.text().await.unwrap();
    let page = get("").await;
    assert!(
        page.contains("No comment came in on these days") && page.contains("Nothing waits now"),
        "{page}"
    );

    many(&app).await;
    let held: String =
        sqlx::query_scalar("select id::text from comments where state = 'held' order by id limit 1")
            .fetch_one(&app.pool)
            .await
            .unwrap();
    // It came in ten days ago; where it was held since is in its first decision.
    sqlx::query(
        "insert into decisions (site_id, id, comment_id, actor, to_state, reasons, spam_probability, model_id, decided_at)
         select site_id, id, id, 'policy', 'held', '[]', 0.5, model_id, created_at from comments where id = $1::uuid",
    )
    .bind(&held)
    .execute(&app.pool)
    .await
    .unwrap();
    assert_eq!(browser.decide(&held, "reject", "1").await.status(), 303);
    for days in ["7", "28", "91", "364"] {
        let page = get(&format!("?days={days}")).await;
        let figures = texts(&page, "figure h3");
        assert_eq!(figures.len(), 11, "{figures:?}");
        for each in
            ["figure svg[role=img]", "figure svg > title", "figure svg > desc", "figure details table"]
        {
            assert_eq!(texts(&page, each).len(), 11, "{each}");
        }
    }
    let page = get("").await;
    let headings = texts(&page, "figure h3");
    for told in ["Half of the held comments were decided within about 9 days", "1 person made 1 decision"] {
        assert!(headings.iter().any(|heading| heading == told), "{told}: {headings:?}");
    }
    // The column of all in the first table adds up to what there is.
    let all: i64 = texts(&page, "figure:first-of-type table tbody tr td:last-child")
        .iter()
        .take(28)
        .map(|cell| cell.parse::<i64>().unwrap())
        .sum();
    assert_eq!(all, app.count("select count(*) from comments").await);
    assert!(
        page.contains(
            "By the audit sample (12 comments), 0\u{a0}% to 26.5\u{a0}% of what was published is spam"
        ),
        "{page}"
    );
    assert_eq!(browser.get("/admin/figures?days=8").await.status(), 404);
    assert_eq!(browser.get("/admin/figures?site=nowhere").await.status(), 404);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_scores_are_measured_as_they_were_at_submission(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    many(&app).await;
    let figures = figures::read(&app.app, Some(&somebody(Role::Viewer)), &[SITE], Span::Month).await.unwrap();
    let rows: Vec<(f64, String)> =
        sqlx::query_as("select spam_probability, label from comments where label is not null")
            .fetch_all(&app.pool)
            .await
            .unwrap();
    let scored: Vec<(f64, Label)> =
        rows.iter().map(|(p, label)| (*p, if label == "spam" { Label::Spam } else { Label::Ham })).collect();
    let expected = evaluate(&scored, (0.2, 0.95));
    let told = figures.measured.evaluation.unwrap();
    assert_eq!((told.rows, told.roc_auc, told.brier), (expected.rows, expected.roc_auc, expected.brier));
    assert_eq!(figures.measured.labelled, expected.rows);
    let weeks: u64 = figures.measured.weeks.iter().flatten().map(|week| week.rows).sum();
    assert_eq!(weeks, expected.rows, "each is in its week");
    assert_eq!(figures.measured.promotions.len(), 1, "the starter model was put in force");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn figures_are_those_of_ones_own_sites_and_names_are_for_the_team(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::Usual).await;
    let site = app.app.sites.find("blog").unwrap();
    let other = SiteSpec { name: "other".into(), title: "Another".into(), ..SiteSpec::of(&site) };
    sites::add(&app.app, &other).await.unwrap();
    let browser = app.signed_in("mara", Role::Moderator).await;
    let id = app.comment_id("cheap walk prize bridge, see my profile").await;
    browser.decide(&id, "spam", "1").await;
    let other = app.app.sites.find("other").unwrap().id;
    accounts::add(&app.app, "vera", Role::Viewer, &[other], PASSWORD).await.unwrap();
    let viewer = app.browser();
    viewer.post("/admin/sign-in", &[("name", "vera"), ("password", PASSWORD)]).await;
    assert_eq!(viewer.get("/admin/figures?site=blog").await.status(), 404);
    let page = viewer.get("/admin/figures").await.text().await.unwrap();
    assert!(page.contains("No comment came in on these days"), "{page}");
    let page = browser.get("/admin/figures?site=blog").await.text().await.unwrap();
    assert!(texts(&page, "figure tbody th").contains(&"mara".to_owned()), "{page}");
    let everywhere = app.signed_in("vito", Role::Viewer).await;
    let page = everywhere.get("/admin/figures?site=blog").await.text().await.unwrap();
    assert!(!page.contains("mara") && page.contains("is shown to those who moderate"), "{page}");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn whoever_has_nothing_to_do_sees_the_figures_of_the_day(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    app.comment("Yesterday's", &[]).await;
    app.pass(Duration::days(1));
    app.comment("Today's", &[]).await;
    app.comment("Today's second", &[]).await;
    let page = browser.get("/admin/").await.text().await.unwrap();
    assert!(page.contains("Today so far 2 comments came in: 2 published, 0 turned away, 0 held."), "{page}");
}
