//! Who may do what where, how people get in, and what is kept of what they did.

use std::net::IpAddr;

use data_encoding::BASE32_NOPAD;
use moderato::service::accounts::{self, AccountError, Role};
use moderato::service::audit::{Actor, Deed};
use moderato::service::sign_in::{self, Entry, Visitor};
use moderato::service::sites::{self, SiteSpec};
use scraper::{Html, Selector};
use serde_json::Value;
use sqlx::PgPool;
use time::Duration;
use totp_rs::{Builder, Secret};

use crate::app::{Browser, PASSWORD, Policy3, TestApp, header, location};

/// The text, or the attribute, of what a selector finds on a page.
fn found(page: &str, selector: &str, attribute: Option<&str>) -> Vec<String> {
    let page = Html::parse_document(page);
    page.select(&Selector::parse(selector).unwrap())
        .map(|element| match attribute {
            Some(name) => element.attr(name).unwrap().to_owned(),
            None => element.text().collect(),
        })
        .collect()
}

async fn page(browser: &Browser, path: &str) -> String {
    let answer = browser.get(path).await;
    assert_eq!(answer.status(), 200, "{path}");
    answer.text().await.unwrap()
}

/// A second site, and somebody who is confined to it.
async fn confined(app: &TestApp, role: Role) -> Browser {
    let spec = SiteSpec {
        audit_share: 0.0,
        log_only: false,
        name: "shop".into(),
        title: "A Shop".into(),
        origins: vec!["https://shop.example".into()],
        thresholds: (0.0, 1.0),
        hold_abuse_from: 0.8,
        targets: None,
    };
    sites::add(&app.app, &spec).await.unwrap();
    let browser = app.signed_in("sam", role).await;
    accounts::set_access(&app.app, Actor::CommandLine, "sam", None, Some(&[2])).await.unwrap();
    browser
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn who_is_confined_to_a_site_sees_and_decides_nothing_of_another(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let id = app.comment_id("Of the blog alone").await;
    let sam = confined(&app, Role::Moderator).await;
    let mara = app.signed_in("mara", Role::Moderator).await;
    assert!(page(&mara, "/admin/").await.contains(&id), "confined to none is all");

    for path in ["/admin/", "/admin/?state=all", "/admin/?site=shop&state=all"] {
        let list = page(&sam, path).await;
        assert!(!list.contains(&id) && !list.contains("A Blog"), "{path}");
        assert!(
            list.contains("Held <span class=\"count\">0</span>"),
            "{path}: the numbers are those of one's sites"
        );
    }
    for path in ["/admin/?site=blog".to_owned(), format!("/admin/comments/blog/{id}")] {
        assert_eq!(sam.get(&path).await.status(), 404, "{path}");
    }
    assert_eq!(sam.decide(&id, "approve", "1").await.status(), 404);
    assert_eq!(sam.get(&format!("/admin/campaigns/blog/{id}")).await.status(), 404);
    let pick = format!("1.{id}.1");
    for path in ["/admin/bulk/preview", "/admin/bulk"] {
        let answer = sam.post(path, &[("verdict", "spam"), ("pick", &pick)]).await.text().await.unwrap();
        assert!(!answer.contains("Of the") && !answer.contains("/blog/"), "{path}: {answer}");
    }
    assert!(!page(&sam, "/admin/bulk?verdict=spam&state=all").await.contains(&id));
    assert_eq!(app.state(&id).await, "held");
    assert_eq!(mara.decide(&id, "approve", "1").await.status(), 303);
    let decision: uuid::Uuid = sqlx::query_scalar("select id from decisions where moderator_id is not null")
        .fetch_one(&app.pool)
        .await
        .unwrap();
    let undo = [("site", "1"), ("decision", &decision.to_string()), ("back", "/admin/")];
    assert_eq!(sam.post("/admin/undo", &undo).await.status(), 404);
    assert_eq!(app.state(&id).await, "approved");

    accounts::set_access(&app.app, Actor::CommandLine, "sam", None, Some(&[1, 2])).await.unwrap();
    assert_eq!(sam.post("/admin/undo", &undo).await.status(), 303, "at once");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_viewer_of_a_site_sees_it_and_an_administrator_everything(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let id = app.comment_id("Of the blog alone").await;
    let sam = confined(&app, Role::Viewer).await;
    assert!(!page(&sam, "/admin/").await.contains(&id));
    accounts::set_access(&app.app, Actor::CommandLine, "sam", None, Some(&[1])).await.unwrap();
    let list = page(&sam, "/admin/").await;
    assert!(list.contains(&id) && !list.contains("/admin/decide"));
    accounts::set_access(&app.app, Actor::CommandLine, "sam", Some(Role::Admin), Some(&[2])).await.unwrap();
    assert!(page(&sam, "/admin/").await.contains(&id));
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_command_line_confines_and_invites(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let invited = app.command(&["user", "invite", "ben", "--role", "viewer", "--site", "blog"]).await;
    assert_eq!(invited.status, 0, "{}", invited.stderr);
    let path = invited.stdout.trim().split_once("/admin").unwrap().1.to_owned();
    assert_eq!(app.browser().get(&format!("/admin{path}")).await.status(), 200);
    let unknown = app.command(&["user", "set-sites", "ben", "--site", "elsewhere"]).await;
    assert!(
        unknown.status != 0 && unknown.stderr.contains("no site named «elsewhere»"),
        "{}",
        unknown.stderr
    );
    assert!(app.command(&["user", "list"]).await.stdout.contains("viewer  blog  invited"));
    assert_eq!(app.command(&["user", "set-sites", "ben"]).await.status, 0);
    let list: Value = serde_json::from_str(&app.command(&["user", "list", "--json"]).await.stdout).unwrap();
    assert_eq!(list[0]["sites"], Value::Array(Vec::new()));
    assert_eq!(app.count("select count(*) from acts where actor = 'command line' and about_id = 1").await, 2);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn an_invitation_works_once_and_for_a_week(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let admin = app.signed_in("ada", Role::Admin).await;
    let invite = async |name: &str| {
        let form = [("name", name), ("role", "moderator"), ("site", "blog")];
        let answer = admin.post("/admin/people/invite", &form).await;
        assert_eq!(answer.status(), 200);
        let url = found(&answer.text().await.unwrap(), "#link", Some("value")).remove(0);
        url[app.url.len()..].to_owned()
    };
    let link = invite("ben").await;
    let taken = admin.post("/admin/people/invite", &[("name", "BEN"), ("role", "viewer")]).await;
    assert_eq!(taken.status(), 422);
    assert!(taken.text().await.unwrap().contains("There is somebody named"));
    assert!(page(&admin, "/admin/people").await.contains("Invited; the link works until"));

    let ben = app.browser();
    let answer = ben.get(&link).await;
    assert_eq!(header(answer.headers(), "referrer-policy"), "strict-origin", "no request tells the token");
    assert_eq!(header(answer.headers(), "cache-control"), "private, no-store");
    let chosen = [("password", PASSWORD), ("password_again", PASSWORD)];
    let unlike = [("password", PASSWORD), ("password_again", "something else")];
    assert_eq!(ben.post(&link, &unlike).await.status(), 422);
    assert_eq!(ben.post("/admin/sign-in", &[("name", "ben"), ("password", "")]).await.status(), 422);
    assert_eq!(ben.post(&link, &chosen).await.status(), 303);
    assert_eq!(
        (ben.get(&link).await.status(), ben.post(&link, &chosen).await.status()),
        (410.try_into().unwrap(), 410.try_into().unwrap())
    );
    assert_eq!(ben.post("/admin/sign-in", &[("name", "ben"), ("password", PASSWORD)]).await.status(), 303);
    assert!(page(&ben, "/admin/account").await.contains("Moderator: decides on comments at A Blog"));

    let late = invite("lea").await;
    app.pass(Duration::days(8));
    assert_eq!(app.browser().get(&late).await.status(), 410);
    assert_eq!(app.count("select count(*) from acts where kind = 'person invited'").await, 2);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn people_are_managed_by_administrators_and_one_always_stays(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let admin = app.signed_in("ada", Role::Admin).await;
    let ben = app.signed_in("ben", Role::Moderator).await;
    for path in ["/admin/people", "/admin/audit", "/admin/audit/export/csv"] {
        assert_eq!(ben.get(path).await.status(), 403, "{path}");
    }
    for action in ["invite", "access", "link", "disable", "enable", "second-factor-off"] {
        let path = format!("/admin/people/{action}");
        assert_eq!(ben.post(&path, &[("name", "ada"), ("role", "viewer")]).await.status(), 403, "{path}");
        let elsewhere = admin.request(reqwest::Method::POST, &path).header("sec-fetch-site", "cross-site");
        assert_eq!(elsewhere.form(&[("name", "ben"), ("role", "admin")]).send().await.unwrap().status(), 403);
    }
    for (action, form) in
        [("disable", vec![("name", "ada")]), ("access", vec![("name", "ada"), ("role", "viewer")])]
    {
        let answer = admin.post(&format!("/admin/people/{action}"), &form).await;
        assert_eq!(answer.status(), 422);
        assert!(answer.text().await.unwrap().contains("only administrator"));
    }
    // Somebody invited cannot sign in yet, and so does not count.
    admin.post("/admin/people/invite", &[("name", "eve"), ("role", "admin")]).await;
    assert_eq!(admin.post("/admin/people/disable", &[("name", "ada")]).await.status(), 422);

    assert_eq!(admin.post("/admin/people/disable", &[("name", "ben")]).await.status(), 303);
    assert_eq!(ben.get("/admin/").await.status(), 303, "at once");
    assert_eq!(admin.post("/admin/people/link", &[("name", "ben")]).await.status(), 422);
    assert_eq!(admin.post("/admin/people/enable", &[("name", "ben")]).await.status(), 303);
    assert_eq!(ben.get("/admin/").await.status(), 303, "a session that has ended stays so");
    assert_eq!(ben.post("/admin/sign-in", &[("name", "ben"), ("password", PASSWORD)]).await.status(), 303);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_link_and_a_change_of_password_end_sessions(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let admin = app.signed_in("ada", Role::Admin).await;
    let here = app.signed_in("ben", Role::Moderator).await;
    let elsewhere = app.browser();
    elsewhere.post("/admin/sign-in", &[("name", "ben"), ("password", PASSWORD)]).await;
    let change = |present, new, again| [("present", present), ("password", new), ("password_again", again)];
    let new = "another password";
    for (form, why) in [
        (change("wrong password", new, new), "not the present password"),
        (change(PASSWORD, "short", "short"), "at least 10 characters"),
        (change(PASSWORD, new, "x"), "not the same"),
    ] {
        let answer = here.post("/admin/account/password", &form).await;
        assert_eq!(answer.status(), 422);
        assert!(answer.text().await.unwrap().contains(why), "{why}");
    }
    assert_eq!(here.post("/admin/account/password", &change(PASSWORD, new, new)).await.status(), 303);
    assert_eq!(
        (here.get("/admin/").await.status(), elsewhere.get("/admin/").await.status()),
        (200.try_into().unwrap(), 303.try_into().unwrap())
    );

    let link = async || {
        let answer = admin.post("/admin/people/link", &[("name", "ben")]).await.text().await.unwrap();
        found(&answer, "#link", Some("value")).remove(0)[app.url.len()..].to_owned()
    };
    let (first, second) = (link().await, link().await);
    assert_eq!(app.browser().get(&first).await.status(), 410, "a newer link replaces it");
    let chosen = [("password", PASSWORD), ("password_again", PASSWORD)];
    assert_eq!(app.browser().post(&second, &chosen).await.status(), 303);
    assert_eq!(here.get("/admin/").await.status(), 303);
    let old = link().await;
    app.pass(Duration::hours(25));
    assert_eq!(app.browser().get(&old).await.status(), 410);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn sessions_are_listed_and_ended(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let here = app.signed_in("ben", Role::Moderator).await;
    let phone = app.browser();
    let sign_in = phone
        .request(reqwest::Method::POST, "/admin/sign-in")
        .header("user-agent", "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0")
        .form(&[("name", "ben"), ("password", PASSWORD)]);
    assert_eq!(sign_in.send().await.unwrap().status(), 303);
    let other = app.signed_in("mia", Role::Moderator).await;
    app.pass(Duration::hours(2));
    let list = page(&here, "/admin/account").await;
    let browsers = found(&list, "tbody th", None);
    assert_eq!(browsers, ["Unknown browser (this one)", "Firefox on Android"]);
    assert!(list.contains(">2 hours ago<"), "since when");

    let session = found(&list, "input[name=session]", Some("value")).remove(0);
    other.post("/admin/account/sessions/end", &[("session", &session)]).await;
    assert_eq!(phone.get("/admin/").await.status(), 200, "nobody else's");
    assert_eq!(here.post("/admin/account/sessions/end", &[("session", &session)]).await.status(), 303);
    assert_eq!(phone.get("/admin/").await.status(), 303);
    phone.post("/admin/sign-in", &[("name", "ben"), ("password", PASSWORD)]).await;
    here.post("/admin/account/sessions/end", &[]).await;
    assert_eq!(
        (here.get("/admin/").await.status(), phone.get("/admin/").await.status()),
        (200.try_into().unwrap(), 303.try_into().unwrap())
    );
}

fn code(key: &str, app: &TestApp) -> String {
    let secret: [u8; 20] = BASE32_NOPAD.decode(key.as_bytes()).unwrap().try_into().unwrap();
    let codes = Builder::new().with_secret(Secret::new_stack(secret)).build().unwrap();
    codes.generate(u64::try_from(app.app.now().unix_timestamp()).unwrap()).to_string()
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_second_factor_is_asked_for_and_each_code_taken_once(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let ben = app.signed_in("ben", Role::Moderator).await;
    let begin = "/admin/account/second-factor";
    assert_eq!(ben.post(begin, &[("password", "wrong password")]).await.status(), 422);
    assert_eq!(ben.post(begin, &[("password", PASSWORD)]).await.status(), 303);
    let list = page(&ben, "/admin/account").await;
    let key = found(&list, "code.key", None).remove(0);
    assert!(list.contains("<svg class=\"qr\""));
    let sign_in = async |browser: &Browser| {
        browser.post("/admin/sign-in", &[("name", "ben"), ("password", PASSWORD)]).await
    };
    assert_eq!(sign_in(&app.browser()).await.status(), 303, "what is not confirmed asks for nothing");

    let confirm = "/admin/account/second-factor/confirm";
    assert_eq!(ben.post(confirm, &[("code", "000000x")]).await.status(), 422);
    // Whoever comes by later sees no secret, and nothing can be confirmed by it.
    app.pass(Duration::minutes(10));
    assert!(found(&page(&ben, "/admin/account").await, "code.key", None).is_empty());
    assert_eq!(ben.post(confirm, &[("code", &code(&key, &app))]).await.status(), 422);
    assert_eq!(ben.post(begin, &[("password", PASSWORD)]).await.status(), 303);
    let key = found(&page(&ben, "/admin/account").await, "code.key", None).remove(0);
    let first = code(&key, &app);
    let answer = ben.post(confirm, &[("code", &first)]).await;
    assert_eq!(answer.status(), 200);
    let recovery = found(&answer.text().await.unwrap(), ".codes code", None);
    assert_eq!(recovery.len(), 10);
    assert!(!page(&ben, "/admin/account").await.contains(&recovery[0]), "shown once");

    let browser = app.browser();
    let step = sign_in(&browser).await;
    assert_eq!((step.status().as_u16(), header(step.headers(), "set-cookie").as_str()), (200, ""));
    let proof = found(&step.text().await.unwrap(), "input[name=proof]", Some("value")).remove(0);
    let enter = async |browser: &Browser, code: &str| {
        let form = [("proof", proof.as_str()), ("code", code), ("next", "/admin/models")];
        browser.post("/admin/sign-in/code", &form).await
    };
    assert_eq!(enter(&browser, &first).await.status(), 422, "the code that confirmed it has been used");
    app.pass(Duration::seconds(31));
    let second = code(&key, &app);
    let entered = enter(&browser, &format!("{} {}", &second[..3], &second[3..])).await;
    assert_eq!(location(&entered), "/admin/models");
    assert_eq!(browser.get("/admin/").await.status(), 200);
    assert_eq!(enter(&app.browser(), &second).await.status(), 422, "no code twice");
    assert_eq!(enter(&app.browser(), &first).await.status(), 422, "and none of before");
    assert_eq!(location(&enter(&app.browser(), &recovery[3].to_uppercase()).await), "/admin/models");
    assert_eq!(enter(&app.browser(), &recovery[3]).await.status(), 422, "a recovery code works once");
    assert!(page(&ben, "/admin/account").await.contains("9 recovery codes are left"));

    app.pass(Duration::minutes(10));
    let late = enter(&app.browser(), &code(&key, &app)).await;
    assert_eq!(late.status(), 422);
    assert!(late.text().await.unwrap().contains("took too long"));
    let forged = [("proof", "AAAA"), ("code", "123456")];
    assert_eq!(app.browser().post("/admin/sign-in/code", &forged).await.status(), 422);

    let off = "/admin/account/second-factor/off";
    assert_eq!(ben.post(off, &[("password", "wrong password")]).await.status(), 422);
    assert_eq!(ben.post(off, &[("password", PASSWORD)]).await.status(), 303);
    assert_eq!(sign_in(&app.browser()).await.status(), 303);
    assert_eq!(app.count("select count(*) from recovery_codes").await, 0);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn an_administrator_switches_off_a_second_factor_that_is_lost(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let ben = app.signed_in("ben", Role::Moderator).await;
    ben.post("/admin/account/second-factor", &[("password", PASSWORD)]).await;
    let key = found(&page(&ben, "/admin/account").await, "code.key", None).remove(0);
    ben.post("/admin/account/second-factor/confirm", &[("code", &code(&key, &app))]).await;
    let sign_in = [("name", "ben"), ("password", PASSWORD)];
    assert_eq!(app.browser().post("/admin/sign-in", &sign_in).await.status(), 200);
    let admin = app.signed_in("ada", Role::Admin).await;
    assert!(page(&admin, "/admin/people").await.contains("With a second factor"));
    assert_eq!(admin.post("/admin/people/second-factor-off", &[("name", "ben")]).await.status(), 303);
    assert_eq!(app.browser().post("/admin/sign-in", &sign_in).await.status(), 303);
    let log = page(&admin, "/admin/audit?kind=second+factor+off&person=ada").await;
    assert_eq!(found(&log, "tbody td:nth-child(4)", None), ["ben"]);
}

/// Signs in from an address.
async fn from(app: &TestApp, address: &str, name: &str, password: &str) -> Result<Entry, AccountError> {
    let address: IpAddr = address.parse().unwrap();
    sign_in::sign_in(&app.app, name, password, &Visitor { address, browser: "A browser".to_owned() }).await
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn guessing_takes_longer_and_longer_and_shuts_nobody_out(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    accounts::add(&app.app, "ada", Role::Admin, &[], PASSWORD).await.unwrap();
    assert!(matches!(from(&app, "203.0.113.1", "ada", PASSWORD).await, Ok(Entry::In(_))));
    let mut waits = [Vec::new(), Vec::new()];
    // Each from another address; for somebody who is there and for nobody alike.
    for (name, waits) in ["ada", "nobody"].into_iter().zip(&mut waits) {
        for guess in 0..9 {
            match from(&app, &format!("198.51.100.{guess}"), name, "wrong password").await {
                Ok(entry) => assert_eq!(entry, Entry::Refused),
                Err(AccountError::Wait(wait)) => {
                    waits.push(wait.whole_seconds());
                    app.pass(wait);
                    assert!(matches!(from(&app, "198.51.100.99", name, "wrong").await, Ok(Entry::Refused)));
                }
                Err(other) => panic!("{other}"),
            }
        }
    }
    assert_eq!(waits[0], [2, 4, 8, 16]);
    assert_eq!(waits[0], waits[1], "nothing tells whether there is somebody of that name");
    assert!(matches!(from(&app, "198.51.100.200", "ada", PASSWORD).await, Err(AccountError::Wait(_))));
    assert!(
        matches!(from(&app, "203.0.113.1", "ada", PASSWORD).await, Ok(Entry::In(_))),
        "where its owner has signed in before, strangers' guesses do not count"
    );
    accounts::reset_password(&app.app, "ada", PASSWORD).await.unwrap();
    assert!(matches!(from(&app, "198.51.100.200", "ada", PASSWORD).await, Ok(Entry::In(_))));

    // One address against many names.
    let mut refused = 0;
    while let Ok(Entry::Refused) = from(&app, "192.0.2.1", &format!("name {refused}"), "wrong password").await
    {
        refused += 1;
    }
    assert_eq!(refused, 30);
    app.pass(Duration::hours(25));
    assert!(
        matches!(from(&app, "192.0.2.1", "x", "wrong password").await, Ok(Entry::Refused)),
        "forgotten after a day"
    );
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn guesses_at_the_same_moment_gain_nothing(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let guesses = (0..12).map(|_| from(&app, "203.0.113.1", "ada", "wrong password"));
    let results = futures_util::future::join_all(guesses).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 5);

    let browser = app.browser();
    let answer = browser.post("/admin/sign-in", &[("name", "ADA "), ("password", PASSWORD)]).await;
    assert_eq!((answer.status().as_u16(), header(answer.headers(), "retry-after").as_str()), (429, "3"));
    assert!(answer.text().await.unwrap().contains("Try again in 3 seconds"));
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_people_do_is_shown_filtered_and_exported(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let id = app.comment_id("Held").await;
    let admin = app.signed_in("ada", Role::Admin).await;
    let ben = app.signed_in("ben", Role::Moderator).await;
    ben.decide(&id, "approve", "1").await;
    ben.undo().await;
    app.browser().post("/admin/sign-in", &[("name", "ben"), ("password", "wrong password")]).await;
    app.browser().post("/admin/sign-in", &[("name", "hunter2hunter2"), ("password", "wrong password")]).await;
    app.pass(Duration::days(1));
    ben.post("/admin/sign-out", &[]).await;

    let column = async |query: &str, number: u8| {
        found(
            &page(&admin, &format!("/admin/audit{query}")).await,
            &format!("tbody td:nth-child({number})"),
            None,
        )
    };
    let everything = [
        "Signed out",
        "Sign-in failed",
        "Sign-in failed",
        "Undone",
        "Decided",
        "Signed in",
        "Person added",
        "Signed in",
        "Person added",
        "Site added",
    ];
    assert_eq!(column("", 3).await, everything);
    assert_eq!(column("?kind=decided", 5).await, ["held → approved"]);
    assert_eq!(column("?kind=decided", 4).await, ["a comment at blog"]);
    assert_eq!(column("?site=blog", 3).await, ["Undone", "Decided", "Site added"]);
    assert_eq!(
        column("?person=ben", 2).await,
        ["ben", "somebody not signed in", "ben", "ben", "ben", "command line"]
    );
    assert_eq!(column("?from=2026-11-25", 3).await, ["Signed out"]);
    assert_eq!(column("?until=2026-11-24&person=ada", 3).await, ["Signed in", "Person added"]);
    for nonsense in ["kind=x", "person=x", "site=x", "from=x", "before=x"] {
        assert_eq!(admin.get(&format!("/admin/audit?{nonsense}")).await.status(), 404, "{nonsense}");
    }
    assert_eq!(admin.get("/admin/audit/export/xml").await.status(), 404);

    let answer = admin.get("/admin/audit/export/ndjson").await;
    assert_eq!(header(answer.headers(), "content-type"), "application/x-ndjson");
    let lines: Vec<Value> =
        answer.text().await.unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), everything.len());
    assert_eq!((&lines[4]["actor"], &lines[4]["comment"]), (&Value::from("ben"), &Value::from(id.as_str())));
    let csv = admin.get("/admin/audit/export/csv?person=ada").await.text().await.unwrap();
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    assert_eq!(
        reader.records().map(|record| record.unwrap()[3].to_owned()).collect::<Vec<_>>(),
        ["signed in", "person added"]
    );

    // Nothing of what strangers type, no secret, and no way to change it.
    let details: Vec<String> =
        sqlx::query_scalar("select details::text from acts").fetch_all(&app.pool).await.unwrap();
    assert!(!details.iter().any(|text| text.contains("hunter2") || text.contains(PASSWORD)), "{details:?}");
    for change in ["update acts set kind = 'x'", "delete from acts", "truncate acts"] {
        let error = sqlx::query(change).execute(&app.pool).await.unwrap_err().to_string();
        assert!(error.contains("append-only"), "{error}");
    }
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_log_goes_on_by_key_and_knows_every_kind(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let admin = app.signed_in("ada", Role::Admin).await;
    accounts::add(&app.app, "ben", Role::Viewer, &[], PASSWORD).await.unwrap();
    for _ in 0..60 {
        accounts::disable(&app.app, Actor::CommandLine, "ben").await.unwrap();
        accounts::enable(&app.app, Actor::CommandLine, "ben").await.unwrap();
    }
    let (mut seen, mut next) = (Vec::new(), Some("/admin/audit".to_owned()));
    while let Some(path) = next {
        let list = page(&admin, &path).await;
        seen.extend(found(&list, "tbody td:nth-child(3)", None));
        next = found(&list, "a[rel=next]", Some("href")).pop();
    }
    assert_eq!(seen.len(), 124);
    assert_eq!(seen[..2], ["Person enabled", "Person disabled"]);
    for deed in Deed::ALL {
        assert_eq!(Deed::parse(deed.as_str()), Some(deed));
    }
}
