//! The queue and the other lists, and a comment's own page.

use std::collections::HashSet;

use moderato::comment::Queue;
use moderato::policy::Signal;
use moderato::service::accounts::Role;
use moderato::service::desk;
use scraper::{Html, Selector};
use sqlx::PgPool;
use time::Duration;

use crate::app::{Policy3, SITE, TestApp};

/// Ids of the cards on a page, and where "more" leads.
fn cards(page: &str) -> (Vec<String>, Option<String>) {
    let page = Html::parse_document(page);
    let card = Selector::parse("article[id^='c-']").unwrap();
    let older = Selector::parse("a[rel=next]").unwrap();
    let ids = page.select(&card).map(|card| card.attr("id").unwrap()[2..].to_owned()).collect();
    (ids, page.select(&older).next().map(|link| link.attr("href").unwrap().to_owned()))
}

/// The texts of the comments on a page, without what is marked in them.
fn typed(page: &str) -> Vec<String> {
    let page = Html::parse_document(page);
    let typed = Selector::parse(".typed").unwrap();
    page.select(&typed).map(|text| text.text().collect()).collect()
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_held_comment_is_shown_with_score_and_reasons(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    app.comment(
        "Check out my channel at http://videos.example/me",
        &[("url", "videos.example"), ("second_topic", "x")],
    )
    .await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    let page = browser.get("/admin/").await.text().await.unwrap();
    assert_eq!(typed(&page), ["Check out my channel at http://videos.example/me"]);
    assert!(page.contains("<b class=\"host\">videos.example</b>"), "{page}");
    for shown in [
        "mia@example.org",
        "Held because",
        "the field that only programs see was filled in",
        "model&nbsp;1",
        "blog.example/a-walk-by-the-river",
    ] {
        assert!(page.contains(shown), "{shown} is not in {page}");
    }
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn hostile_text_is_text_everywhere(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let hostile = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>";
    app.comment(hostile, &[("author", hostile)]).await;
    let id = app.comment_id(hostile).await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    for path in ["/admin/", "/admin/?q=%22%3E%3Cscript%3E", &format!("/admin/comments/blog/{id}")] {
        let page = browser.get(path).await.text().await.unwrap();
        let page = Html::parse_document(&page);
        for forbidden in ["main script", "img[onerror]", "[onclick]", "iframe"] {
            assert_eq!(page.select(&Selector::parse(forbidden).unwrap()).count(), 0, "{path}: {forbidden}");
        }
    }
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn lists_come_in_pages_that_miss_and_repeat_nothing(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    for n in 0..60 {
        app.comment(&format!("Comment number {n}"), &[]).await;
    }
    let browser = app.signed_in("mara", Role::Moderator).await;
    let mut seen = Vec::new();
    let mut next = Some("/admin/?order=newest".to_owned());
    while let Some(path) = next {
        let (ids, older) = cards(&browser.get(&path).await.text().await.unwrap());
        assert!(ids.len() <= 25);
        seen.extend(ids);
        next = older;
    }
    assert_eq!(seen.len(), 60);
    assert_eq!(seen.iter().collect::<HashSet<_>>().len(), 60);
    assert!(seen.is_sorted_by(|a, b| a > b), "newest first");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn states_sites_and_words_choose_the_list(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    let bread = app.comment_id("Fresh rye bread, every day").await;
    let river = app.comment_id("Die Brücke über den Fluß ist älter").await;
    browser.decide(&bread, "approve", "1").await;
    let list = async |path: &str| cards(&browser.get(path).await.text().await.unwrap()).0;
    assert_eq!(list("/admin/").await, [river.as_str()]);
    assert_eq!(list("/admin/?state=approved").await, [bread.as_str()]);
    assert_eq!(list("/admin/?state=spam").await, [""; 0]);
    assert_eq!(list("/admin/?state=all&site=blog").await, [river.as_str(), bread.as_str()]);
    assert_eq!(list("/admin/?state=all&q=bread").await, [bread.as_str()]);
    assert_eq!(list("/admin/?state=all&q=BR%C3%9CCKE").await, [river.as_str()]);
    assert_eq!(list("/admin/?state=all&q=mia%40example.org").await.len(), 2);
    assert_eq!(list("/admin/?state=all&q=%22rye+every%22").await, [""; 0]);
    assert_eq!(list("/admin/?state=all&q=bread%00").await, [bread.as_str()]);
    assert_eq!(browser.get("/admin/?state=nonsense").await.status(), 404);
    assert_eq!(browser.get("/admin/?site=nowhere").await.status(), 404);
    let empty = browser.get("/admin/?state=all&q=absent").await.text().await.unwrap();
    assert!(empty.contains("No comment here has the words “absent”."), "{empty}");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_comment_tells_its_history(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    let id = app.comment_id("A comment with a past").await;
    browser.decide(&id, "spam", "1").await;
    browser.undo().await;
    let page = browser.get(&format!("/admin/comments/blog/{id}")).await.text().await.unwrap();
    for told in ["Moderato", "mara", "Spam", "Held", "undone"] {
        assert!(page.contains(told), "{told} is not in {page}");
    }
    assert_eq!(browser.get(&format!("/admin/comments/blog/{}", uuid::Uuid::nil())).await.status(), 404);
    assert_eq!(browser.get("/admin/comments/nowhere/x").await.status(), 404);
}

/// Sets what a comment's score was; the page shows held comments by it.
async fn rescore(app: &TestApp, id: &str, probability: f64) {
    sqlx::query("update comments set spam_probability = $2 where id = $1::uuid")
        .bind(id)
        .bind(probability)
        .execute(&app.pool)
        .await
        .unwrap();
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn every_order_pages_through_everything_once(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let mut scores = Vec::new();
    for n in 0_u32..60 {
        let id = app.comment_id(&format!("Comment number {n}")).await;
        // Scores that are equal in groups, and on both sides of even odds.
        let probability = f64::from(n * 7 % 20) / 20.0;
        rescore(&app, &id, probability).await;
        scores.push((id, probability));
    }
    let browser = app.signed_in("mara", Role::Moderator).await;
    let walk = async |first: &str| {
        let (mut seen, mut next) = (Vec::new(), Some(first.to_owned()));
        while let Some(path) = next {
            let (ids, more) = cards(&browser.get(&path).await.text().await.unwrap());
            seen.extend(ids);
            next = more;
        }
        seen
    };
    let mut expected = scores.clone();
    expected.sort_by(|a, b| (a.1 - 0.5).abs().total_cmp(&(b.1 - 0.5).abs()).then_with(|| a.0.cmp(&b.0)));
    let ids = |rows: &[(String, f64)]| rows.iter().map(|row| row.0.clone()).collect::<Vec<_>>();
    assert_eq!(walk("/admin/").await, ids(&expected), "least certain first");
    assert_eq!(walk("/admin/?order=oldest").await, ids(&scores));
    scores.reverse();
    assert_eq!(walk("/admin/?order=newest").await, ids(&scores));

    app.unlogged(sqlx::query("update comments set state = 'spam'")).await;
    scores.sort_by(|a, b| a.1.total_cmp(&b.1).then_with(|| a.0.cmp(&b.0)));
    assert_eq!(walk("/admin/?state=unchecked").await, ids(&scores), "nearest to the line first");
    browser.decide(&scores[0].0, "approve", "1").await;
    browser.decide(&scores[0].0, "spam", "2").await;
    assert_eq!(walk("/admin/?state=unchecked").await, ids(&scores[1..]), "a person has looked at it");
    assert_eq!(walk("/admin/?state=spam").await.len(), 60);
    for nonsense in
        ["order=line", "after=x", "after=NaN~x", "author=xyz", "article=1", "from=tomorrow", "signal=x"]
    {
        assert_eq!(browser.get(&format!("/admin/?{nonsense}")).await.status(), 404, "{nonsense}");
    }
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn filters_narrow_a_queue_and_can_be_taken_off(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    let ukrainian = "Дуже дякую за статтю, я не знав про паперові копії бюлетенів на дільницях.";
    app.comment(ukrainian, &[("author", "Олена"), ("email", "olena@example.org")]).await;
    app.pass(Duration::days(2));
    app.comment("A trap was here", &[("second_topic", "x"), ("email", "trap@example.org")]).await;
    app.comment("Under another article", &[("article", "https://blog.example/another")]).await;
    let page = async |path: &str| browser.get(path).await.text().await.unwrap();
    for (filter, text) in [
        ("language=ukr", ukrainian),
        ("signal=trap", "A trap was here"),
        ("until=2026-11-24", ukrainian),
        ("from=2026-11-25&q=trap", "A trap was here"),
    ] {
        let page = page(&format!("/admin/?{filter}")).await;
        assert_eq!(typed(&page), [text], "{filter}");
        assert!(page.contains("remove this filter"), "{filter}");
    }
    assert!(page("/admin/?language=deu").await.contains("No comment here fits the filters."));

    // The card leads to its author, and from there to everything by it; and to everything under its article.
    let queue = page("/admin/?q=another").await;
    let href = |queue: &str, part: &str| {
        let link = Selector::parse(&format!("a[href*='{part}']")).unwrap();
        Html::parse_document(queue).select(&link).next().unwrap().attr("href").unwrap().to_owned()
    };
    assert_eq!(typed(&page(&href(&queue, "article=")).await), ["Under another article"]);
    let trapped = page("/admin/?signal=trap").await;
    let author = page(&href(&trapped, "/admin/authors/")).await;
    assert_eq!(typed(&page(&href(&author, "author=")).await), ["A trap was here"]);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn words_of_every_script_are_found(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    for text in [
        "Вибори 2026: кого обрати?",
        "Ёлка стоит у П’ятого дома",
        "选举服务器昨晚被攻击了",
        "選挙のサーバーが落ちた",
        "선거 서버가 공격을 받았다",
        "The election (server) at example.top/x was down",
    ] {
        app.comment(text, &[]).await;
    }
    let found = async |words: &str| {
        let query: String =
            url::form_urlencoded::Serializer::new(String::new()).append_pair("q", words).finish();
        cards(&browser.get(&format!("/admin/?state=all&{query}")).await.text().await.unwrap()).0.len()
    };
    for (words, count) in [
        ("ВИБОРИ", 1),
        ("вибор", 1),
        ("ёлка", 1),
        ("п'ятого", 1),
        ("选举", 1),
        ("举选", 0),
        ("攻击", 1),
        ("選挙の", 1),
        ("サーバー", 1),
        ("선거", 1),
        ("example.top", 1),
        ("election serv", 1),
        ("\"server election\"", 0),
        ("election -server", 0),
        ("mia -election", 5),
        ("') | & ! :* \\", 0),
        ("\"", 0),
    ] {
        assert_eq!(found(words).await, count, "{words}");
    }
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_numbers_on_the_tabs_are_true(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    let mut random = 1_u64;
    let mut next = |below: usize| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(random >> 33).unwrap() % below
    };
    let mut ids = Vec::new();
    for step in 0..120 {
        match next(5) {
            0 | 1 => ids.push(app.comment_id(&format!("Comment of step {step}")).await),
            2 if !ids.is_empty() => {
                let verdict = ["approve", "spam", "reject", "hold"][next(4)];
                let id = &ids[next(ids.len())];
                let version: i32 = sqlx::query_scalar("select version from comments where id = $1::uuid")
                    .bind(id)
                    .fetch_one(&app.pool)
                    .await
                    .unwrap();
                browser.decide(id, verdict, &version.to_string()).await;
            }
            3 if !ids.is_empty() => {
                sqlx::query("update comments set reports = $2 where id = $1::uuid")
                    .bind(&ids[next(ids.len())])
                    .bind(i32::try_from(next(3)).unwrap())
                    .execute(&app.pool)
                    .await
                    .unwrap();
            }
            _ => {
                let mut conn = app.pool.acquire().await.unwrap();
                moderato::store::queues::fold(&mut conn, 3).await.unwrap();
            }
        }
    }
    let counts = desk::counts(&app.app, &[SITE]).await.unwrap();
    for (queue, condition) in [
        (Queue::Held, "state = 'held'"),
        (Queue::Reported, "state = 'approved' and reports > 0"),
        (Queue::Unchecked, "state = 'spam' and label is null"),
        (Queue::Approved, "state = 'approved'"),
        (Queue::Spam, "state = 'spam'"),
        (Queue::Rejected, "state = 'rejected'"),
        (Queue::All, "true"),
    ] {
        let sql = format!("select count(*) from comments where {condition}");
        let counted: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&app.pool).await.unwrap();
        assert_eq!(counts.get(&queue).copied().unwrap_or(0), u64::try_from(counted).unwrap(), "{queue:?}");
    }
    assert!(counts[&Queue::All] > 20, "{counts:?}");
    let page = browser.get("/admin/").await.text().await.unwrap();
    assert!(page.contains(&format!("Held <span class=\"count\">{}</span>", counts[&Queue::Held])), "{page}");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn every_signal_has_an_index(pool: PgPool) {
    for signal in Signal::ALL {
        let name = signal.as_str();
        let definition: Option<String> =
            sqlx::query_scalar("select indexdef from pg_indexes where indexname = 'comments_signal_' || $1")
                .bind(name)
                .fetch_optional(&pool)
                .await
                .unwrap();
        assert!(definition.is_some_and(|sql| sql.contains(&format!("signals @> '{{{name}}}'"))), "{name}");
    }
}
