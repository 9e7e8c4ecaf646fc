//! A spam wave is one decision: its variants are found, and genuine comments about the same are not among them.

use std::collections::HashSet;

use moderato::service::accounts::Role;
use scraper::{Html, Selector};
use sqlx::PgPool;

use crate::app::{Policy3, TestApp};

/// A variant of one text: other words in most places, other numbers, sometimes another sentence.
fn variant(n: usize) -> String {
    let one = |words: &[&str], turn: usize| words[(n / turn + n * 7) % words.len()].to_owned();
    let (greeting, earn) =
        (one(&["Hello", "Hi", "Dear all", "Friends"], 1), one(&["earn", "make", "get", "win"], 4));
    let (job, time) = (one(&["job", "work", "business"], 3), one(&["day", "week", "month"], 5));
    let who = one(&["sister", "neighbour", "colleague", "cousin", "brother"], 2);
    let (visit, end) =
        (one(&["visit", "see", "check out", "go to"], 6), one(&["now", "today", "before it closes"], 9));
    let extra = if n.is_multiple_of(3) {
        one(&[" No risk at all.", " Nobody is turned down.", " God bless."], 11)
    } else {
        String::new()
    };
    format!(
        "{greeting}, my {who} lost her {job} last year and now she can {earn} ${} a {time} from home with her laptop, \
         {visit} https://easy-cash.example/{n} {end}!{extra}",
        500 + n
    )
}

const GENUINE: [&str; 20] = [
    "My sister lost her job last year as well, and nobody paid her anything for months.",
    "I work from home with my laptop, and it is not as easy as these people say.",
    "Please take down the comment about easy-cash.example, it is a scam.",
    "easy-cash.example took my neighbour's savings. Do not visit it.",
    "How much does a councillor earn in a month? It is in the report on page 12.",
    "She can earn more in a day than the clerk in a year, says the article. Is that so?",
    "Hello, my brother was at the count and now he cannot talk about it.",
    "Friends, the meeting is on Tuesday at seven, in the old school.",
    "I lost my job at the harbour last year. The new owners kept two people.",
    "From home the view of the river is still the same, whatever they build.",
    "My cousin bought a laptop for her work from home and the office never paid it back.",
    "What a business: they closed it before anybody could see the books.",
    "Hi, can somebody visit the archive and check the minutes of last year?",
    "A week from home is worth a month at the office, if the children are at school.",
    "My colleague says it was five hundred a day. I do not believe it.",
    "Dear all, thank you for the flowers and the kind words about my brother.",
    "Now she can walk again, a year after the accident at the bridge.",
    "I make bread at home every week and it costs me less than in the shop.",
    "No risk at all? Ask those who bought shares in the last one.",
    "God bless the people who opened their house to us that night.",
];

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn four_hundred_variants_are_one_decision_and_no_genuine_comment_is_hit(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let (mut spam, mut ham) = (HashSet::new(), HashSet::new());
    for n in 0..400 {
        if n % 20 == 0 {
            ham.insert(app.comment_id(GENUINE[n / 20]).await);
        }
        spam.insert(app.comment_id(&variant(n)).await);
    }
    assert_eq!(spam.len(), 400, "no two variants are the same");
    let browser = app.signed_in("mara", Role::Moderator).await;
    let queue = browser.get("/admin/?q=easy-cash.example+laptop").await.text().await.unwrap();
    let (link, told) = {
        let queue = Html::parse_document(&queue);
        let link = queue.select(&Selector::parse("a.alike").unwrap()).next().unwrap();
        (link.attr("href").unwrap().to_owned(), link.text().collect::<String>())
    };
    assert!(told.contains("like it"), "{told}");

    // In the queue it is one row, and every genuine comment stands beside it, even one the score takes for spam.
    let listed = |page: String| -> Vec<String> {
        let page = Html::parse_document(&page);
        let card = Selector::parse("article.card").unwrap();
        page.select(&card).map(|card| card.attr("id").unwrap()["c-".len()..].to_owned()).collect()
    };
    let page = browser.get("/admin/?order=newest").await.text().await.unwrap();
    assert!(page.contains("behind the rows of their campaigns"), "{page}");
    let rows = listed(page);
    let of_it = rows.iter().filter(|id| spam.contains(*id)).count();
    assert!(of_it < 5, "{of_it} rows of one campaign");
    assert!(rows.len() - of_it >= 7, "{} genuine comments on the first page", rows.len() - of_it);
    let each = listed(browser.get("/admin/?order=newest&each=yes").await.text().await.unwrap());
    assert_eq!((each.len(), each.iter().filter(|id| ham.contains(*id)).count()), (25, 1));
    let (mut seen, mut at) = (HashSet::new(), "/admin/?order=newest".to_owned());
    loop {
        let page = browser.get(&at).await.text().await.unwrap();
        seen.extend(listed(page.clone()));
        let page = Html::parse_document(&page);
        let Some(next) = page.select(&Selector::parse("a[rel=next]").unwrap()).next() else { break };
        at = next.attr("href").unwrap().to_owned();
    }
    assert!(seen.is_superset(&ham), "no genuine comment is behind a row");

    let page = browser.get(&link).await.text().await.unwrap();
    let picks: Vec<String> = Html::parse_document(&page)
        .select(&Selector::parse("input[name=pick]").unwrap())
        .map(|pick| pick.attr("value").unwrap().to_owned())
        .collect();
    let grouped: HashSet<String> =
        picks.iter().map(|pick| pick.split('.').nth(1).unwrap().to_owned()).collect();
    let hit: Vec<_> = grouped.intersection(&ham).collect();
    println!(
        "{} of 400 variants in one campaign, {} of 20 genuine comments",
        grouped.intersection(&spam).count(),
        hit.len()
    );
    assert!(hit.is_empty(), "{hit:?}");
    assert!(grouped.intersection(&spam).count() >= 380, "{} of 400", grouped.len());

    let mut form = vec![("verdict", "spam"), ("back", "/admin/")];
    form.extend(picks.iter().map(|pick| ("pick", pick.as_str())));
    assert_eq!(browser.post("/admin/bulk", &form).await.status(), 303);
    let left = app.count("select count(*) from comments where state = 'held'").await;
    assert_eq!(left, 420 - i64::try_from(picks.len()).unwrap());
    assert_eq!(browser.post("/admin/undo", &[]).await.status(), 303);
    assert_eq!(app.count("select count(*) from comments where state = 'held'").await, 420);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_is_decided_is_in_no_campaign(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let mut ids = Vec::new();
    for n in 0..5 {
        ids.push(app.comment_id(&variant(n)).await);
    }
    let browser = app.signed_in("mara", Role::Moderator).await;
    browser.decide(&ids[0], "approve", "1").await;
    browser.decide(&ids[1], "spam", "1").await;
    let page = browser.get(&format!("/admin/campaigns/blog/{}", ids[2])).await.text().await.unwrap();
    assert!(page.contains("3 comments like this"), "{page}");
    let missing = browser.get(&format!("/admin/campaigns/blog/{}", uuid::Uuid::nil())).await;
    assert_eq!(missing.status(), 404);
}
