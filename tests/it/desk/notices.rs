//! Notices by mail, through a real mail server: who is told when of what, and what the links in a mail do.

use linkify::LinkFinder;
use moderato::service::accounts::{self, Role};
use moderato::service::audit::Actor;
use moderato::settings::Settings;
use sqlx::PgPool;
use time::Duration;

use crate::app::{Browser, PASSWORD, Policy3, TestApp, header};
use crate::smtp::{Mail, Smtp};

/// A Moderato with a mail server.
async fn start(pool: PgPool, set: impl FnOnce(&mut Settings)) -> (TestApp, Smtp) {
    let smtp = Smtp::start().await;
    let app = TestApp::start_with(pool, Policy3::HoldAll, |settings| {
        smtp.set(settings);
        set(settings);
    })
    .await;
    (app, smtp)
}

/// Somebody whose address is confirmed, and who is told this often.
async fn told(app: &TestApp, smtp: &Smtp, name: &str, role: Role, cadence: &str) -> Browser {
    let browser = app.signed_in(name, role).await;
    let address = format!("{name}@example.org");
    let answer =
        browser.post("/admin/account/address", &[("address", &address), ("password", PASSWORD)]).await;
    assert_eq!(answer.status(), 303);
    app.send_out().await;
    let mail = smtp.newest();
    assert_eq!((mail.to.as_str(), mail.subject.as_str()), (address.as_str(), "Confirm your e-mail address"));
    assert_eq!(app.browser().post(&mail.link("/mail/address/"), &[]).await.status(), 200);
    assert_eq!(browser.post("/admin/account/notices", &[("cadence", cadence)]).await.status(), 303);
    browser
}

async fn text(browser: &Browser, path: &str) -> (u16, String) {
    let answer = browser.get(path).await;
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// The links of a mail: approve, spam, reject.
fn links(mail: &Mail) -> Vec<String> {
    mail.links("/mail/decide/")
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_held_comment_is_told_and_decided_by_a_link_that_works_once(pool: PgPool) {
    let (app, smtp) = start(pool, |_| ()).await;
    told(&app, &smtp, "mara", Role::Moderator, "immediately").await;
    let id = app.comment_id("Look at https://casino.example/win now, or write to boss@casino.example").await;
    app.send_out().await;
    let mail = smtp.newest();
    assert_eq!(
        (mail.to.as_str(), mail.subject.as_str()),
        ("mara@example.org", "1 comment waits for a moderator")
    );
    assert!(mail.text.contains("> Look at [link to casino dot example] now"), "{}", mail.text);
    assert!(mail.text.contains("A Blog: 1") && mail.text.contains("Why it waits: "), "{}", mail.text);
    let mut finder = LinkFinder::new();
    finder.url_must_have_scheme(false);
    for link in finder.links(&mail.text) {
        let ours = link.as_str().starts_with(&app.url) || link.as_str().starts_with("https://blog.example/");
        assert!(ours, "{} can be followed", link.as_str());
    }

    // Programs look at every link, more than once: nothing happens.
    let [approve, spam, reject] = links(&mail).try_into().unwrap();
    for link in [&approve, &spam, &reject, &approve] {
        let answer = app.browser().get(link).await;
        assert_eq!(answer.status(), 200);
        assert_eq!(header(answer.headers(), "cache-control"), "private, no-store");
        assert_eq!(header(answer.headers(), "set-cookie"), "");
        let page = answer.text().await.unwrap();
        assert!(page.contains("You decide as mara.") && page.contains("casino.example/win"), "{page}");
        assert!(!page.contains("href=\"https://casino"), "shown as text");
    }
    assert_eq!(app.state(&id).await, "held");
    assert_eq!(app.count("select count(*) from decisions where moderator_id is not null").await, 0);

    let reader = app.browser();
    let answer = reader.post(&spam, &[]).await;
    assert_eq!((answer.status().as_u16(), header(answer.headers(), "set-cookie")), (200, String::new()));
    assert!(answer.text().await.unwrap().contains("Marked as spam"));
    assert_eq!(app.state(&id).await, "spam");
    assert_eq!(reader.get("/admin/").await.status(), 303, "nobody is signed in by it");
    let acts = "select count(*) from acts a join moderators m on m.id = a.actor_id
                where a.kind = 'link in a mail used' and m.name = 'mara' and a.details ->> 'verdict' = 'spam'";
    assert_eq!(app.count(acts).await, 1);

    let answer = reader.post(&spam, &[]).await;
    assert_eq!(answer.status(), 410);
    assert!(answer.text().await.unwrap().contains("This link has been used"));
    // The other links of the comment tell what happened.
    let (status, page) = text(&reader, &approve).await;
    assert!(
        status == 409 && page.contains("mara has decided") && page.contains("The comment is spam now"),
        "{page}"
    );
    assert_eq!(reader.post(&approve, &[]).await.status(), 409);
    assert_eq!(app.state(&id).await, "spam");
    app.send_out().await;
    assert_eq!(smtp.mails().len(), 2, "the question and one notice");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn links_end_with_time_with_the_account_and_with_what_it_may(pool: PgPool) {
    let (app, smtp) = start(pool, |_| ()).await;
    told(&app, &smtp, "mara", Role::Moderator, "immediately").await;
    app.signed_in("adam", Role::Admin).await;
    let id = app.comment_id("Held").await;
    app.send_out().await;
    let link = links(&smtp.newest()).remove(0);
    assert_eq!(app.browser().get(&format!("{link}x")).await.status(), 410);

    accounts::disable(&app.app, Actor::CommandLine, "mara").await.unwrap();
    for answer in [app.browser().get(&link).await, app.browser().post(&link, &[]).await] {
        assert_eq!(answer.status(), 410);
        assert!(!answer.text().await.unwrap().contains("<blockquote"), "says nothing of the comment");
    }
    accounts::enable(&app.app, Actor::CommandLine, "mara").await.unwrap();
    accounts::set_access(&app.app, Actor::CommandLine, "mara", Some(Role::Viewer), None).await.unwrap();
    assert_eq!(app.browser().post(&link, &[]).await.status(), 410);
    accounts::set_access(&app.app, Actor::CommandLine, "mara", Some(Role::Moderator), None).await.unwrap();
    assert_eq!(app.browser().get(&link).await.status(), 200);
    app.pass(Duration::days(3));
    let (status, page) = text(&app.browser(), &link).await;
    assert!(status == 410 && page.contains("This link is too old"), "{page}");
    assert_eq!(app.browser().post(&link, &[]).await.status(), 410);
    assert_eq!(app.state(&id).await, "held");
    let hashes = app.count("select count(*) from action_links where length(token_hash) = 32").await;
    assert_eq!(hashes, 3);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_wave_is_one_mail_and_then_one_more(pool: PgPool) {
    let (app, smtp) = start(pool, |_| ()).await;
    told(&app, &smtp, "mara", Role::Moderator, "immediately").await;
    app.comment_id("The first of a wave").await;
    app.send_out().await;
    assert_eq!(smtp.mails().len(), 2);
    for number in 0..25 {
        app.comment_id(&format!("Number {number} of a wave")).await;
    }
    app.pass(Duration::minutes(9));
    app.send_out().await;
    assert_eq!(smtp.mails().len(), 2, "at most one in ten minutes");
    app.pass(Duration::minutes(1));
    app.send_out().await;
    let mail = smtp.newest();
    assert_eq!((smtp.mails().len(), mail.subject.as_str()), (3, "25 comments wait for a moderator"));
    assert!(mail.text.contains("And 15 more."), "{}", mail.text);
    assert_eq!(links(&mail).len(), 30, "three links for each of ten");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_digest_gathers_and_leaves_out_what_was_decided(pool: PgPool) {
    let (app, smtp) = start(pool, |_| ()).await;
    let mara = told(&app, &smtp, "mara", Role::Moderator, "hourly").await;
    let ben = told(&app, &smtp, "ben", Role::Viewer, "daily").await;
    let first = app.comment_id("The first").await;
    app.send_out().await;
    app.pass(Duration::minutes(30));
    app.comment_id("The second").await;
    app.send_out().await;
    assert_eq!(smtp.mails().len(), 2, "only the two questions");
    assert_eq!(mara.decide(&first, "approve", "1").await.status(), 303);
    app.pass(Duration::minutes(30));
    app.send_out().await;
    let mail = smtp.newest();
    assert_eq!(
        (mail.to.as_str(), mail.subject.as_str()),
        ("mara@example.org", "1 comment waits for a moderator")
    );
    assert!(mail.text.contains("> The second") && !mail.text.contains("The first"));
    app.pass(Duration::hours(23));
    app.send_out().await;
    let mail = smtp.newest();
    assert_eq!(mail.to, "ben@example.org");
    assert!(links(&mail).is_empty(), "a viewer decides nothing");

    // No more of them: the link asks, the button does; mail programs post by themselves.
    assert!(mail.unsubscribe.starts_with(&app.url) && !mail.one_click, "one click needs https");
    let link = mail.link("/mail/unsubscribe/");
    assert_eq!(text(&app.browser(), &link).await.0, 200);
    assert_eq!(app.count("select count(*) from notice_settings where cadence = 'none'").await, 0);
    assert_eq!(app.browser().post(&link, &[("List-Unsubscribe", "One-Click")]).await.status(), 200);
    assert_eq!(app.count("select count(*) from notice_settings where cadence = 'none'").await, 1);
    app.comment_id("The third").await;
    app.pass(Duration::days(2));
    app.send_out().await;
    assert_eq!(smtp.newest().to, "mara@example.org");
    let page = ben.get("/admin/account").await.text().await.unwrap();
    assert!(page.contains("<option value=\"none\" selected>"), "{page}");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn a_mail_server_that_is_down_gets_each_mail_once_when_it_is_back(pool: PgPool) {
    let (app, smtp) = start(pool, |_| ()).await;
    let mara = told(&app, &smtp, "mara", Role::Admin, "immediately").await;
    smtp.break_down(true);
    let first = app.comment_id("While it is down").await;
    app.comment_id("And one more").await;
    app.send_out().await;
    for wait in [1, 5, 30] {
        app.send_out().await;
        app.pass(Duration::minutes(wait));
    }
    app.send_out().await;
    assert_eq!(smtp.mails().len(), 1);
    let page = mara.get("/admin/account").await.text().await.unwrap();
    assert!(page.contains("does not arrive") && page.contains("451"), "{page}");
    let page = mara.get("/admin/webhooks").await.text().await.unwrap();
    assert!(page.contains("Tried again at"), "{page}");
    mara.decide(&first, "spam", "1").await;
    smtp.break_down(false);
    app.pass(Duration::hours(1));
    app.send_out().await;
    app.send_out().await;
    assert_eq!(smtp.mails().len(), 2);
    let mail = smtp.newest();
    assert!(mail.text.contains("And one more") && !mail.text.contains("While it is down"), "as it is now");

    // A process that died between sending and noting it: the mail comes again, as the same one.
    sqlx::query("update mails set state = 'waiting', ended_at = null where kind = 'held'")
        .execute(&app.pool)
        .await
        .unwrap();
    app.pass(Duration::minutes(3));
    app.send_out().await;
    let again = smtp.newest();
    assert_eq!((smtp.mails().len(), &again.message_id), (3, &mail.message_id));
    assert_eq!(links(&again), links(&mail), "and its links are the same");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn what_is_decided_in_time_or_put_back_is_told_once(pool: PgPool) {
    let (app, smtp) = start(pool, |settings| settings.undo_seconds = 15).await;
    let mara = told(&app, &smtp, "mara", Role::Moderator, "immediately").await;
    let id = app.comment_id("Decided at once").await;
    app.pass(Duration::seconds(5));
    mara.decide(&id, "approve", "1").await;
    app.pass(Duration::minutes(1));
    app.send_out().await;
    assert_eq!(smtp.mails().len(), 1, "nobody needs to be told");
    mara.undo().await;
    app.send_out().await;
    assert_eq!(smtp.mails().len(), 1, "not yet");
    app.pass(Duration::seconds(15));
    app.send_out().await;
    assert_eq!(smtp.mails().len(), 2, "it waits after all");
    assert_eq!(app.count("select count(*) from events").await, 0);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn nothing_goes_to_an_address_that_nobody_confirmed(pool: PgPool) {
    let (app, smtp) = start(pool, |_| ()).await;
    let mara = app.signed_in("mara", Role::Moderator).await;
    let set = |address, password| [("address", address), ("password", password)];
    for (address, password, why) in [
        ("nowhere", PASSWORD, "no e-mail address"),
        ("mara@example.org\r\nBcc: x@example.org", PASSWORD, "no e-mail address"),
        ("mara@example.org", "wrong password", "not the present password"),
    ] {
        let answer = mara.post("/admin/account/address", &set(address, password)).await;
        assert_eq!(answer.status(), 422);
        assert!(answer.text().await.unwrap().contains(why), "{why}");
    }
    mara.post("/admin/account/address", &set("mara@example.org", PASSWORD)).await;
    app.comment_id("Held").await;
    app.send_out().await;
    let [mail] = smtp.mails().try_into().unwrap();
    let link = mail.link("/mail/address/");
    assert_eq!(text(&app.browser(), &link).await.0, 200);
    assert_eq!(app.count("select count(*) from notice_settings where confirmed_at is not null").await, 0);
    // Another address since: the link is worth nothing.
    mara.post("/admin/account/address", &set("other@example.org", PASSWORD)).await;
    assert_eq!(app.browser().post(&link, &[]).await.status(), 410);
    app.send_out().await;
    let link = smtp.newest().link("/mail/address/");
    app.pass(Duration::days(1));
    assert_eq!(app.browser().post(&link, &[]).await.status(), 410, "too late");
    for _ in 0..5 {
        mara.post("/admin/account/address", &set("third@example.org", PASSWORD)).await;
    }
    let answer = mara.post("/admin/account/address", &set("sixth@example.org", PASSWORD)).await;
    assert!(answer.text().await.unwrap().contains("Too many addresses"));
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn only_what_is_theirs_is_told(pool: PgPool) {
    let (app, smtp) = start(pool, |_| ()).await;
    let shop = moderato::service::sites::SiteSpec {
        name: "shop".into(),
        title: "A Shop".into(),
        origins: vec!["https://shop.example".into()],
        thresholds: (0.0, 1.0),
        hold_abuse_from: 0.8,
        audit_share: 0.0,
        log_only: false,
        targets: None,
    };
    moderato::service::sites::add(&app.app, &shop).await.unwrap();
    told(&app, &smtp, "mara", Role::Moderator, "immediately").await;
    let shop = app.app.sites.find("shop").unwrap().id;
    accounts::set_access(&app.app, Actor::CommandLine, "mara", None, Some(&[shop])).await.unwrap();
    app.comment_id("Not hers").await;
    app.send_out().await;
    assert_eq!(smtp.mails().len(), 1);
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn without_a_mail_server_the_pages_say_so(pool: PgPool) {
    let app = TestApp::start(pool, Policy3::HoldAll).await;
    let mara = app.signed_in("mara", Role::Admin).await;
    for path in ["/admin/account", "/admin/webhooks"] {
        assert!(
            mara.get(path).await.text().await.unwrap().contains("this server sends no mail")
                || path.ends_with("webhooks")
        );
    }
    assert!(mara.get("/admin/webhooks").await.text().await.unwrap().contains("This server sends no mail"));
    let answer =
        mara.post("/admin/account/address", &[("address", "mara@example.org"), ("password", PASSWORD)]).await;
    assert_eq!(answer.status(), 422);
    app.comment_id("Held").await;
    assert_eq!(app.count("select count(*) from events").await, 0, "nobody listens, nothing is noted");
}

#[sqlx::test(migrator = "moderato::store::MIGRATOR")]
async fn an_invitation_goes_by_mail_and_its_link_works_once(pool: PgPool) {
    let (app, smtp) = start(pool, |_| ()).await;
    let admin = app.signed_in("mara", Role::Admin).await;
    let invite = async |name: &str, address: &str| {
        let form = [("name", name), ("role", "moderator"), ("address", address)];
        let answer = admin.post("/admin/people/invite", &form).await;
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let (status, page) = invite("ben", "ben@@example").await;
    assert_eq!(status, 422);
    assert!(page.contains("one e-mail address") && page.contains("ben@@example"), "{page}");
    assert_eq!(app.count("select count(*) from moderators where name = 'ben'").await, 0);

    let (status, page) = invite("ben", "ben@example.org").await;
    assert!(status == 200 && page.contains("on its way to"), "{page}");
    app.send_out().await;
    let mail = smtp.newest();
    assert_eq!(
        (mail.to.as_str(), mail.subject.as_str()),
        ("ben@example.org", "You are invited to moderate comments")
    );
    let link = mail.link("/admin/password");
    assert!(page.contains(&link.replace('&', "&amp;")), "the same link on the page: {link}");
    let choose = [("password", PASSWORD), ("password_again", PASSWORD)];
    let guest = app.browser();
    assert_eq!(text(&guest, &link).await.0, 200);
    assert_eq!(guest.post(&link, &choose).await.status(), 303);
    assert_eq!(guest.post(&link, &choose).await.status(), 410);

    // A newer link replaces the one in a mail that was not sent yet: that mail is never sent.
    let (status, _) = invite("lea", "lea@example.org").await;
    assert_eq!(status, 200);
    admin.post("/admin/people/link", &[("name", "lea")]).await;
    app.send_out().await;
    assert_eq!(smtp.newest().to, "ben@example.org");
}
