//! Lists that people save, and rejected comments by their reason.

use moderato::service::accounts::Role;
use scraper::{Html, Selector};
use sqlx::PgPool;

use crate::app::{Policy3, TestApp};

/// Names and addresses of somebody's lists, as the desk shows them.
fn own(page: &str) -> Vec<(String, String)> {
    let page = Html::parse_document(page);
    let link = Selector::parse("nav[aria-label='Your lists'] a").unwrap();
    page.select(&link).map(|link| (link.text().collect(), link.attr("href").unwrap().to_owned())).collect()
}

/// What the buttons that forget a list say.
fn forgettable(page: &str) -> Vec<String> {
    let button = Selector::parse("form[action='/admin/lists/remove'] button").unwrap();
    Html::parse_document(page).select(&button).map(|button| button.text().collect()).collect()
}

fn cards(page: &str) -> usize {
    Html::parse_document(page).select(&Selector::parse("article.card").unwrap()).count()
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_list_is_saved_shown_replaced_and_forgotten(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    app.comment_id("The lighthouse keeper retired in spring.").await;
    app.comment_id("Nothing about the tower here.").await;
    let browser = app.signed_in("mara", Role::Viewer).await;
    let page = browser.get("/admin/?q=lighthouse&order=oldest").await.text().await.unwrap();
    assert!(page.contains("Save this list") && own(&page).is_empty(), "{page}");
    assert!(!browser.get("/admin/").await.text().await.unwrap().contains("Save this list"));

    let save = async |name: &str, list: &str| {
        browser.post("/admin/lists", &[("name", name), ("list", list)]).await.status().as_u16()
    };
    assert_eq!(save(" The   lighthouse ", "order=oldest&q=lighthouse&after=0~x&unknown=1").await, 404);
    assert_eq!(save(" The   lighthouse ", "q=lighthouse&order=oldest").await, 303);
    let page = browser.get("/admin/").await.text().await.unwrap();
    let [(name, href)] = &own(&page)[..] else { panic!("{page}") };
    assert_eq!((name.as_str(), href.as_str()), ("The lighthouse", "/admin/?order=oldest&q=lighthouse"));
    let page = browser.get(href).await.text().await.unwrap();
    assert_eq!(cards(&page), 1);
    assert!(!page.contains("Save this list"), "{page}");
    assert_eq!(forgettable(&page), ["Forget “The lighthouse”"]);
    // The same name is the same list.
    assert_eq!(save("The lighthouse", "q=keeper").await, 303);
    assert_eq!(
        own(&browser.get("/admin/").await.text().await.unwrap()),
        [("The lighthouse".to_owned(), "/admin/?q=keeper".to_owned())]
    );

    for (name, list) in [("x", "state=nonsense"), ("x", "site=elsewhere"), ("x", "language=klingon")] {
        assert_eq!(save(name, list).await, 404, "{list}");
    }
    for name in ["", "  ", &"x".repeat(41)] {
        assert_eq!(save(name, "q=a").await, 422, "{name}");
    }
    for n in 1..20 {
        assert_eq!(save(&format!("List {n}"), "q=a").await, 303);
    }
    let full = browser.post("/admin/lists", &[("name", "One more"), ("list", "q=a")]).await;
    assert_eq!(full.status(), 422);
    assert!(full.text().await.unwrap().contains("remove one that you need no more"));

    // Everybody has their own.
    let other = app.signed_in("noor", Role::Moderator).await;
    assert!(own(&other.get("/admin/").await.text().await.unwrap()).is_empty());
    let id = app.count("select id from lists where name = 'The lighthouse'").await.to_string();
    assert_eq!(other.post("/admin/lists/remove", &[("id", &id)]).await.status(), 404);
    assert_eq!(browser.post("/admin/lists/remove", &[("id", &id)]).await.status(), 303);
    assert_eq!(browser.post("/admin/lists/remove", &[("id", &id)]).await.status(), 404);
    let page = browser.get("/admin/").await.text().await.unwrap();
    assert_eq!((own(&page).len(), forgettable(&page).len()), (19, 19), "whichever is shown");
    assert_eq!(app.count("select count(*) from acts where kind = 'list saved'").await, 21);
    assert_eq!(app.count("select count(*) from acts where kind = 'list removed'").await, 1);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn rejected_comments_are_found_by_the_reason_they_stand_for_now(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let browser = app.signed_in("mara", Role::Moderator).await;
    let mut ids = Vec::new();
    for (n, reason) in ["off-topic", "off-topic", "abusive"].into_iter().enumerate() {
        let id = app.comment_id(&format!("Comment number {n} about {reason}.")).await;
        let form = [("site", "1"), ("comment", &id), ("version", "1"), ("reason", reason)];
        assert_eq!(browser.post("/admin/decide", &form).await.status(), 303);
        ids.push(id);
    }
    let listed = async |reason: &str| {
        let page = browser.get(&format!("/admin/?state=rejected&because={reason}")).await;
        cards(&page.text().await.unwrap())
    };
    assert_eq!((listed("off-topic").await, listed("abusive").await, listed("illegal").await), (2, 1, 0));
    // Another reason takes the place of the first.
    browser.decide(&ids[0], "hold", "2").await;
    let again = [("site", "1"), ("comment", &ids[0]), ("version", "3"), ("reason", "illegal")];
    assert_eq!(browser.post("/admin/decide", &again).await.status(), 303);
    assert_eq!((listed("off-topic").await, listed("illegal").await), (1, 1));
    let page = browser.get("/admin/?state=rejected&because=illegal").await.text().await.unwrap();
    assert!(page.contains("rejected: ") && page.contains("Rejected as"), "{page}");
    assert_eq!(browser.get("/admin/?state=rejected&because=boring").await.status(), 404);
    assert!(!browser.get("/admin/").await.text().await.unwrap().contains("Rejected as"));
}
