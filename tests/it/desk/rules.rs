//! Rules: bans, holding, trust and word lists; what they would have hit, who may make them, and that they end.

use std::sync::Arc;

use moderato::service::accounts::{self, Role};
use moderato::service::audit::Actor;
use moderato::service::authors::forget_networks;
use moderato::service::follow::follow;
use moderato::service::sites::{self, SiteSpec};
use moderato::service::thresholds;
use reqwest::Method;
use scraper::{Html, Selector};
use sqlx::PgPool;
use time::Duration;
use tokio_util::sync::CancellationToken;

use crate::app::{ARTICLE, Browser, Policy3, TestApp, location};

/// A Moderato behind a proxy, so that comments come from where they say.
pub(super) async fn behind_a_proxy(pool: PgPool, policy: Policy3) -> TestApp {
    TestApp::start_with(pool, policy, |settings| {
        settings.trust_forwarded_for = true;
        settings.comments_per_minute = 0;
    })
    .await
}

/// Sends a comment from a network address; its id.
pub(super) async fn send(app: &TestApp, address: &str, fields: &[(&str, &str)]) -> String {
    let mut form = vec![
        ("article", ARTICLE),
        ("comment", "A calm remark"),
        ("author", "Mia"),
        ("email", "mia@example.org"),
    ];
    form.retain(|(name, _)| !fields.iter().any(|(other, _)| other == name));
    form.extend(fields);
    let sent = app.browser().request(Method::POST, "/sites/blog/comments").header("x-forwarded-for", address);
    let location = location(&sent.form(&form).send().await.unwrap());
    let start =
        location.find("#comment-").map_or_else(|| location.find("/comments/").unwrap() + 10, |at| at + 9);
    location[start..start + 36].to_owned()
}

/// What the form for a rule sends, with what a test changes of it.
fn form<'a>(fields: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut form = vec![("site", "blog"), ("effect", "ban")];
    form.retain(|(name, _)| !fields.iter().any(|(other, _)| other == name));
    form.extend(fields);
    form
}

async fn make(browser: &Browser, fields: &[(&str, &str)]) {
    let answer = browser.post("/admin/rules", &form(fields)).await;
    assert_eq!(answer.status(), 303, "{}", answer.text().await.unwrap());
}

async fn preview(browser: &Browser, fields: &[(&str, &str)]) -> String {
    let answer = browser.post("/admin/rules/preview", &form(fields)).await;
    assert_eq!(answer.status(), 200);
    answer.text().await.unwrap()
}

fn texts(page: &str, selector: &str) -> Vec<String> {
    let page = Html::parse_document(page);
    page.select(&Selector::parse(selector).unwrap()).map(|found| found.text().collect()).collect()
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_banned_author_is_turned_away_and_the_reason_says_so(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    let mara = app.signed_in("mara", Role::Moderator).await;
    let before = app.comment_id("Before the ban").await;
    make(&mara, &[("what", "email:Mia@Example.org"), ("note", "Third warning")]).await;
    let banned = app.comment_id("After the ban").await;
    assert_eq!((app.state(&before).await, app.state(&banned).await), ("approved".into(), "rejected".into()));
    let other = location(&app.comment("Somebody else", &[("email", "tom@example.org")]).await);
    assert!(other.contains("#comment-"), "{other}");

    let listed = mara.get("/admin/?state=rejected&signal=rule").await.text().await.unwrap();
    assert!(listed.contains("Banned by rule 1: e-mail address m…@example.org; it scored"), "{listed}");
    let under = mara.get("/admin/?state=all&rule=1").await.text().await.unwrap();
    assert!(under.contains(&format!("c-{banned}")) && !under.contains(&format!("c-{before}")), "{under}");
    let rules = mara.get("/admin/rules").await.text().await.unwrap();
    assert_eq!(texts(&rules, "td.number a"), ["1 comments under rule 1"], "{rules}");
    assert!(
        rules.contains("Third warning") && !rules.contains("ia@example.org"),
        "no whole address: {rules}"
    );
    assert_eq!(app.count("select count(*) from examples").await, 0, "it teaches nothing");
    assert_eq!(
        app.count(
            "select count(*) from comments where ruled and entered = 'rejected' and spam_probability > 0"
        )
        .await,
        1
    );

    // Its author is told no more than anybody whose comment waits.
    let json = app.browser().request(Method::POST, "/sites/blog/comments").json(&serde_json::json!({
        "article": ARTICLE, "comment": "And by a script", "author": "Mia", "email": "mia@example.org"
    }));
    let said: serde_json::Value = json.send().await.unwrap().json().await.unwrap();
    assert_eq!(said["status"], "held");

    let ended = mara.post("/admin/rules/end", &[("rule", "1")]).await;
    assert_eq!(location(&ended), "/admin/rules");
    let after = app.comment_id("After the end").await;
    assert_eq!(app.state(&after).await, "approved");
    let again = mara.post("/admin/rules/end", &[("rule", "1")]).await;
    assert_eq!(again.status(), 404, "it is over already");
    // A person can bring back what a rule turned away.
    mara.decide(&banned, "approve", "1").await;
    assert_eq!(app.state(&banned).await, "approved");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_timed_ban_ends_by_the_clock(pool: PgPool) {
    let app = behind_a_proxy(pool, Policy3::PublishAll).await;
    let mara = app.signed_in("mara", Role::Moderator).await;
    let first = send(&app, "2001:db8:1:2::1", &[]).await;
    make(&mara, &[("kind", "network"), ("pattern", "2001:db8:1:2:9::9"), ("until", "2026-11-24")]).await;
    let banned = send(&app, "2001:db8:1:2::77", &[("comment", "From the same household")]).await;
    let next_door = send(&app, "2001:db8:1:3::1", &[("comment", "From next door")]).await;
    let states = (app.state(&first).await, app.state(&banned).await, app.state(&next_door).await);
    assert_eq!(states, ("approved".into(), "rejected".into(), "approved".into()));
    app.pass(Duration::hours(12));
    let later = send(&app, "2001:db8:1:2::77", &[("comment", "The day after")]).await;
    assert_eq!(app.state(&later).await, "approved");
    let rules = mara.get("/admin/rules").await.text().await.unwrap();
    assert!(rules.contains("No rule is in force") && rules.contains("2026-11-24 (over)"), "{rules}");
    let past = mara.post("/admin/rules", &form(&[("what", "host:a.example"), ("until", "2026-11-24")])).await;
    assert_eq!(past.status(), 422);
    assert!(past.text().await.unwrap().contains("The last day is over already"));
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_preview_counts_what_is_really_hit(pool: PgPool) {
    let app = behind_a_proxy(pool, Policy3::PublishAll).await;
    let mara = app.signed_in("mara", Role::Moderator).await;
    let comments: [(&str, [(&str, &str); 4]); 6] = [
        (
            "203.0.113.1",
            [
                ("comment", "I like the onl1ne cas.ino"),
                ("author", "Ann"),
                ("email", "ann@mail.example.org"),
                ("url", ""),
            ],
        ),
        (
            "203.0.113.2",
            [
                ("comment", "See casino.example.net/x"),
                ("author", "Ann Dresser"),
                ("email", "bob@example.org"),
                ("url", ""),
            ],
        ),
        (
            "203.0.113.1",
            [
                ("comment", "A dress!"),
                ("author", "A N N"),
                ("email", ""),
                ("url", "https://best.casino.example.net"),
            ],
        ),
        (
            "198.51.100.7",
            [
                ("comment", "Найкраще казино"),
                ("author", "Олег"),
                ("email", "oleh@other.example"),
                ("url", ""),
            ],
        ),
        (
            "198.51.100.7",
            [("comment", "最好的赌场在这里"), ("author", "ann"), ("email", "x@other.example"), ("url", "")],
        ),
        (
            "127.0.0.1",
            [("comment", "Online, casino"), ("author", "Zoe"), ("email", "bob@example.org"), ("url", "")],
        ),
    ];
    for (address, fields) in &comments {
        send(&app, address, fields).await;
    }
    for (round, (fields, expected)) in [
        (vec![("what", "email:BOB@example.org")], 2),
        (vec![("what", "domain:example.org")], 3),
        (vec![("what", "name:ANN")], 2),
        (vec![("what", "network:203.0.113.1")], 2),
        (vec![("what", "host:casino.example.net")], 2),
        (
            vec![
                ("kind", "words"),
                ("pattern", "online casino\ndress\nказино\n赌场"),
                ("place", "text"),
                ("place", "name"),
            ],
            5,
        ),
        (vec![("kind", "words"), ("pattern", "casino"), ("place", "site")], 1),
    ]
    .into_iter()
    .enumerate()
    {
        let shown = preview(&mara, &fields).await;
        // Those of the rounds before are there as well.
        let (looked_at, would) = (6 * (round + 1), expected * (round + 1));
        let sentence = format!("Of the newest {looked_at} comments it would have hit {would}:");
        assert!(shown.contains(&sentence), "{fields:?}: {shown}");
        make(&mara, &fields).await;
        let hits = "select count(*) from rule_hits where rule_id = (select max(id) from rules)";
        assert_eq!(app.count(hits).await, 0, "what is here stays");
        for (address, given) in &comments {
            // The same again, as a submission of its own.
            let mark = format!("{round} {address} {}", given[0].1);
            let mut form = vec![("article", ARTICLE)];
            form.extend(given);
            let sent = app.browser().request(Method::POST, "/sites/blog/comments");
            let sent = sent
                .header("x-forwarded-for", *address)
                .header("idempotency-key", mark.escape_unicode().to_string());
            assert_eq!(sent.form(&form).send().await.unwrap().status(), 303);
        }
        assert_eq!(app.count(hits).await, i64::try_from(expected).unwrap(), "{fields:?}");
        let id = app.count("select max(id) from rules").await.to_string();
        mara.post("/admin/rules/end", &[("rule", &id)]).await;
    }
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_people_approved_comes_first_in_a_preview(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let mara = app.signed_in("mara", Role::Moderator).await;
    let good = app.comment_id("The casino of our town is a library now").await;
    let bad = app.comment_id("Casino casino casino").await;
    let waiting = app.comment_id("A casino, perhaps").await;
    mara.decide(&good, "approve", "1").await;
    mara.decide(&bad, "spam", "1").await;
    let shown =
        preview(&mara, &[("kind", "words"), ("pattern", "casino"), ("place", "text"), ("effect", "hold")])
            .await;
    assert!(shown.contains("1 approved, as a person said; 1 held; 1 spam, as a person said."), "{shown}");
    let place = |id: &str| shown.find(&format!("id=\"c-{id}\"")).unwrap();
    assert!(place(&good) < place(&waiting) && place(&good) < place(&bad), "{shown}");
    assert!(shown.contains("1 comment among them is published"), "{shown}");
    let none = preview(&mara, &[("kind", "words"), ("pattern", "absent"), ("place", "text")]).await;
    assert!(none.contains("it would have hit none"), "{none}");
    assert_eq!(app.count("select count(*) from rules").await, 0, "looking makes nothing");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn word_lists_hold_what_would_be_published_and_are_changed_in_one_step(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    let mara = app.signed_in("mara", Role::Moderator).await;
    make(
        &mara,
        &[
            ("kind", "words"),
            ("pattern", "dress\r\nfree money"),
            ("place", "text"),
            ("place", "name"),
            ("effect", "hold"),
        ],
    )
    .await;
    for (text, author, state) in [
        ("A red dress", "Mia", "held"),
        ("FREE   m0ney", "Mia", "held"),
        ("What is your address?", "Mia", "approved"),
        ("Hello", "Tom Dresser", "approved"),
        ("Hello", "The Dress", "held"),
    ] {
        let answer = app.comment(text, &[("author", author)]).await;
        let published = location(&answer).contains("#comment-");
        assert_eq!(published, state == "approved", "{author}: {text}");
    }
    let held = mara.get("/admin/?signal=rule").await.text().await.unwrap();
    assert!(held.contains("To be held by rule 1: “free money” in the text"), "{held}");
    assert!(held.contains("“dress” in the name"), "{held}");

    // One phrase more: the new list takes the place of the old one.
    let changing = mara.get("/admin/rules?change=1").await.text().await.unwrap();
    assert_eq!(texts(&changing, "#rule-pattern"), ["dress\nfree money"]);
    make(
        &mara,
        &[
            ("kind", "words"),
            ("pattern", "dress\nfree money\nhello"),
            ("place", "text"),
            ("replaces", "1"),
            ("effect", "hold"),
        ],
    )
    .await;
    let in_force = app.count("select count(*) from rules where ended_at is null").await;
    assert_eq!(in_force, 1);
    assert!(!location(&app.comment("Hello again", &[]).await).contains("#comment-"));
    let twice = form(&[("what", "host:a.example"), ("replaces", "1")]);
    assert_eq!(mara.post("/admin/rules", &twice).await.status(), 404, "it is replaced already");
    assert_eq!(app.count("select count(*) from rules").await, 2, "all or nothing");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn trust_is_not_for_who_only_types_the_address(pool: PgPool) {
    let app = behind_a_proxy(pool, Policy3::HoldAll).await;
    let mara = app.signed_in("mara", Role::Admin).await;
    let first = send(&app, "203.0.113.1", &[]).await;
    let told = preview(&mara, &[("what", "email:mia@example.org"), ("effect", "trust")]).await;
    assert!(told.contains("can be typed by anybody") && told.contains("it would have hit none"), "{told}");
    make(&mara, &[("what", "email:mia@example.org"), ("effect", "trust"), ("site", "")]).await;
    let unknown = send(&app, "203.0.113.1", &[("comment", "Nobody has seen me from here")]).await;
    assert_eq!(app.state(&unknown).await, "held");
    let card = mara.get(&format!("/admin/comments/blog/{unknown}")).await.text().await.unwrap();
    assert!(
        card.contains("from this network nobody has seen the e-mail address m…@example.org before"),
        "{card}"
    );
    mara.decide(&first, "approve", "1").await;
    let known = send(&app, "203.0.113.1", &[("comment", "From where I always write")]).await;
    let typed = send(&app, "198.51.100.9", &[("comment", "I am Mia as well, honestly")]).await;
    assert_eq!((app.state(&known).await, app.state(&typed).await), ("approved".into(), "held".into()));
    let now = preview(&mara, &[("what", "email:mia@example.org"), ("effect", "trust")]).await;
    assert!(now.contains("it would have hit 2: 1 approved, unseen; 1 held."), "{now}");
    // A ban goes before trust.
    make(&mara, &[("what", "network:203.0.113.1")]).await;
    let banned = send(&app, "203.0.113.1", &[("comment", "Trusted and banned")]).await;
    assert_eq!(app.state(&banned).await, "rejected");
    for what in ["name:Mia", "host:example.org", "domain:example.org"] {
        let refused = mara.post("/admin/rules", &form(&[("what", what), ("effect", "trust")])).await;
        assert_eq!(refused.status(), 422);
        assert!(refused.text().await.unwrap().contains("names, domains, links and words are anybody&#39;s"));
    }
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn surely_spam_stays_spam_whoever_is_trusted(pool: PgPool) {
    let app = behind_a_proxy(pool, Policy3::RejectAll).await;
    let mara = app.signed_in("mara", Role::Moderator).await;
    make(&mara, &[("what", "network:203.0.113.1"), ("effect", "trust")]).await;
    let id = send(&app, "203.0.113.1", &[]).await;
    assert_eq!(app.state(&id).await, "spam");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn moderators_make_rules_for_their_sites_and_administrators_for_all(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    let spec = SiteSpec {
        name: "shop".into(),
        title: "A Shop".into(),
        origins: vec!["https://shop.example".into()],
        thresholds: (1.0, 1.0),
        hold_abuse_from: 0.8,
        audit_share: 0.0,
        log_only: false,
        targets: None,
    };
    sites::add(&app.app, &spec).await.unwrap();
    let sam = app.signed_in("sam", Role::Moderator).await;
    accounts::set_access(&app.app, Actor::CommandLine, "sam", None, Some(&[2])).await.unwrap();
    let vera = app.signed_in("vera", Role::Viewer).await;
    let mara = app.signed_in("mara", Role::Admin).await;
    make(&mara, &[("what", "host:of-the-blog.example")]).await;
    make(&mara, &[("what", "host:of-all.example"), ("site", "")]).await;

    for path in ["/admin/rules", "/admin/rules/preview"] {
        let blog = form(&[("what", "host:a.example")]);
        let all = form(&[("what", "host:a.example"), ("site", "")]);
        assert_eq!(sam.post(path, &blog).await.status(), 404, "{path}: the site is not his");
        assert_eq!(sam.post(path, &all).await.status(), 403, "{path}: nor are all");
        assert_eq!(vera.post(path, &blog).await.status(), 403, "{path}: who looks makes none");
        assert_eq!(app.browser().post(path, &blog).await.status(), 303, "{path}: sign in first");
        let elsewhere = mara.request(Method::POST, path).header("sec-fetch-site", "cross-site").form(&blog);
        assert_eq!(elsewhere.send().await.unwrap().status(), 403, "{path}: from our own pages only");
    }
    for rule in ["1", "2"] {
        assert_eq!(sam.post("/admin/rules/end", &[("rule", rule)]).await.status(), 403);
        assert_eq!(vera.post("/admin/rules/end", &[("rule", rule)]).await.status(), 403);
    }
    assert_eq!(app.count("select count(*) from rules where ended_at is null").await, 2);
    let seen = sam.get("/admin/rules").await.text().await.unwrap();
    assert!(seen.contains("of-all.example") && !seen.contains("of-the-blog.example"), "{seen}");
    assert!(!seen.contains("value=\"\">All sites") && !seen.contains("/admin/rules/end"), "{seen}");
    assert_eq!(sam.get("/admin/rules?change=1").await.status(), 404);
    make(&sam, &[("what", "host:a.example"), ("site", "shop")]).await;
    assert_eq!(app.count("select site_id from rules where id = 3").await, 2);
    let looked = vera.get("/admin/rules").await.text().await.unwrap();
    assert!(looked.contains("of-all.example") && !looked.contains("See what it would hit"), "{looked}");

    // A rule of one site says nothing of another; one of all sites does.
    let all = location(&app.comment("See https://of-all.example/", &[]).await);
    let shop = location(&app.comment("See https://a.example/", &[]).await);
    assert!(!all.contains("#comment-") && shop.contains("#comment-"));

    let audit = mara.get("/admin/audit?kind=rule+made").await.text().await.unwrap();
    assert!(audit.contains("rule 3") && audit.contains("effect ban") && audit.contains("sam"), "{audit}");
    assert_eq!(app.count("select count(*) from acts where kind = 'rule made'").await, 3);
    mara.post("/admin/rules/end", &[("rule", "3")]).await;
    assert_eq!(app.count("select count(*) from acts where kind = 'rule ended' and site_id = 2").await, 1);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn another_process_learns_of_a_rule(pool: PgPool) {
    let app = TestApp::start(pool.clone(), Policy3::PublishAll).await;
    let mara = app.signed_in("mara", Role::Moderator).await;
    let other = TestApp::start(pool, Policy3::PublishAll).await;
    let stop = CancellationToken::new();
    let following = tokio::spawn(follow(Arc::clone(&other.app), stop.clone()));
    make(&mara, &[("what", "host:casino.example")]).await;
    let heard = async {
        // What comes before it has heard is published; each is a comment of its own.
        for round in 0.. {
            let text = format!("{round}: see casino.example.com or https://casino.example/");
            if !location(&other.comment(&text, &[]).await).contains("#comment-") {
                break;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), heard).await.unwrap();
    stop.cancel();
    following.await.unwrap();
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_rules_decide_tells_nothing_of_the_thresholds(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    let site = app.app.sites.find("blog").unwrap();
    let spec = SiteSpec { audit_share: 1.0, ..SiteSpec::of(&site) };
    sites::set(&app.app, Actor::CommandLine, &spec).await.unwrap();
    let mara = app.signed_in("mara", Role::Moderator).await;
    make(&mara, &[("kind", "words"), ("pattern", "casino"), ("place", "text")]).await;
    app.comment("A casino", &[]).await;
    app.comment("A library", &[]).await;
    assert_eq!(app.count("select count(*) from comments where sampled").await, 1);
    let site = app.app.sites.find("blog").unwrap();
    assert_eq!(thresholds::period(&app.app, &site).await.unwrap().comments.len(), 1);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn networks_are_kept_as_hashes_and_forgotten(pool: PgPool) {
    let app = behind_a_proxy(pool, Policy3::PublishAll).await;
    send(&app, "203.0.113.1", &[]).await;
    send(&app, "203.0.113.1", &[("comment", "Again"), ("email", "tom@example.org")]).await;
    send(&app, "127.0.0.1", &[("comment", "From this machine")]).await;
    assert_eq!(app.count("select count(*) from comments where network is null").await, 1);
    assert_eq!(app.count("select count(distinct network) from comments").await, 1);
    assert_eq!(app.count("select count(*) from comments where length(network) = 16").await, 2);
    let plain = "select count(*) from comments c where row_to_json(c)::text like '%203.0.113%'";
    assert_eq!(app.count(plain).await, 0);
    app.pass(Duration::days(89));
    forget_networks(&app.app).await.unwrap();
    assert_eq!(app.count("select count(*) from comments where network is null").await, 1);
    app.pass(Duration::days(2));
    forget_networks(&app.app).await.unwrap();
    assert_eq!(app.count("select count(*) from comments where network is null").await, 3);
    let told = app.browser().get("/privacy/blog").await.text().await.unwrap();
    assert!(told.contains("keyed") && told.contains("90 days"), "{told}");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn the_menu_of_bans_says_what_each_would_hit(pool: PgPool) {
    let app = behind_a_proxy(pool, Policy3::PublishAll).await;
    let mara = app.signed_in("mara", Role::Moderator).await;
    send(&app, "203.0.113.1", &[("comment", "One of the same household"), ("email", "tom@example.org")])
        .await;
    let id = send(&app, "203.0.113.1", &[("comment", "Go to https://casino.example/ and com.")]).await;
    let page = mara.get(&format!("/admin/ban/blog/{id}")).await.text().await.unwrap();
    let options = texts(&page, ".options button");
    assert_eq!(options.len(), 4, "{options:?}");
    assert!(
        options[0].starts_with('1') && options[0].contains("E-mail address mia@example.org"),
        "{options:?}"
    );
    assert!(options[2].contains("Link to casino.example"), "{options:?}");
    assert!(page.contains("would have hit 2 comments, 2 of them published"), "{page}");
    let what = {
        let page = Html::parse_document(&page);
        let buttons = Selector::parse(".options button").unwrap();
        page.select(&buttons).nth(1).unwrap().attr("value").unwrap().to_owned()
    };
    assert!(what.starts_with("network:"));
    make(&mara, &[("what", &what)]).await;
    let banned = send(&app, "203.0.113.1", &[("comment", "From there again"), ("email", "")]).await;
    assert_eq!(app.state(&banned).await, "rejected");
    let viewer = app.signed_in("vera", Role::Viewer).await;
    assert_eq!(viewer.get(&format!("/admin/ban/blog/{id}")).await.status(), 403);
    assert_eq!(mara.get(&format!("/admin/ban/blog/{}", uuid::Uuid::nil())).await.status(), 404);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_is_no_rule_is_told_with_what_was_typed(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::PublishAll).await;
    let mara = app.signed_in("mara", Role::Admin).await;
    for (fields, told) in [
        (vec![("kind", "host"), ("pattern", "co.uk")], "Everything under «co.uk» would match"),
        (vec![("kind", "email"), ("pattern", "nobody")], "«nobody» is no e-mail address"),
        (vec![("kind", "network"), ("pattern", "here")], "«here» is no network address"),
        (vec![("kind", "network"), ("pattern", "127.0.0.1")], "no network address"),
        (vec![("kind", "words"), ("pattern", "…"), ("place", "text")], "no letter, digit or emoji"),
        (vec![("kind", "words"), ("pattern", "fine")], "Say where the words are looked for"),
        (vec![("kind", "host"), ("pattern", " \r\n ")], "Say what it is to match"),
        (vec![("kind", "host"), ("pattern", "a.example"), ("until", "soon")], "“soon” is no day"),
    ] {
        for path in ["/admin/rules", "/admin/rules/preview"] {
            let answer = mara.post(path, &form(&fields)).await;
            assert_eq!(answer.status(), 422, "{fields:?}");
            let page = answer.text().await.unwrap();
            assert!(page.contains(told), "{fields:?}: {page}");
            assert!(texts(&page, "#rule-pattern")[0].contains(fields[1].1.trim()), "{page}");
        }
    }
    let unknown = form(&[("what", "shoe:42")]);
    assert_eq!(mara.post("/admin/rules", &unknown).await.status(), 404);
    assert_eq!(app.count("select count(*) from rules").await, 0);
}
