//! People, their account, the audit log.

use super::programs::keys;
use super::{Say, button, html, layout, moment};
use moderato::web::views::{
    AccountPage, AuditPage, AuditRow, Choice, ChoosePassword, CodeAsked, Factor, Layout, Link, NewLink,
    NoticesPanel, PeoplePage, Person, QrCode, Session,
};

pub(super) fn people(say: Say) -> Vec<(&'static str, String)> {
    let signed_out = Layout { site: None, ..layout(false) };
    let choice = |words: &str, selected| Choice { value: say(words), words: say(words), selected };
    let code = CodeAsked {
        layout: signed_out.clone(),
        proof: say("AAAB"),
        next: say("/admin/"),
        error: Some("That code does not fit, or has been used: wait for the next one.".to_owned()),
    };
    let password = ChoosePassword {
        layout: signed_out,
        action: "/admin/password?token=abc".to_owned(),
        name: say("Ben Okafor"),
        invited: true,
        shortest_password: 10,
        error: None,
    };
    let session = |browser: &str, this| Session {
        browser: say(browser),
        since: moment("3 days ago"),
        used: moment("2 hours ago"),
        this,
        end: button("End"),
    };
    let account = |factor, codes: &[&str]| AccountPage {
        layout: layout(true),
        flash: None,
        access: say("Moderator: decides on comments at A Blog"),
        shortest_password: 10,
        password_error: Some("That is not the present password.".to_owned()),
        factor,
        factor_error: None,
        notices: NoticesPanel {
            configured: true,
            address: say("mara@example.org"),
            confirmed: true,
            cadences: vec![choice("never", false), choice("together, after an hour", true)],
            sites: vec![choice("A Blog", true)],
            trouble: Some(say("no connection")),
            error: Some("That is no e-mail address.".to_owned()),
        },
        codes: codes.iter().map(|code| say(code)).collect(),
        sessions: vec![session("Firefox on Linux", true), session("Safari on iOS", false)],
        end_others: Some(button("End all others")),
    };
    let qr = QrCode { width: 3, path: "M0 0h1v1h-1zM2 1h1v1h-1z".to_owned() };
    let person = |id, name: &str, active| Person {
        id,
        name: say(name),
        you: id == 1,
        active,
        access: say("Moderator: decides on comments at A Blog"),
        standing: "With a second factor".to_owned(),
        roles: vec![choice("Moderator", true), choice("Viewer", false)],
        sites: vec![choice("A Blog", true), choice("A Shop", false)],
        buttons: vec![button("Link for a new password"), button("Disable")],
    };
    let index = PeoplePage {
        layout: layout(true),
        flash: None,
        link: Some(NewLink {
            name: say("Ben Okafor"),
            url: say("https://comments.example/admin/password?token=abc"),
            lasts: "7 days".to_owned(),
            mailed_to: Some(say("ben@example.org")),
        }),
        error: Some(say("There is somebody named «Ben» already.")),
        people: vec![person(1, "Mara Lindqvist", true), person(2, "Ben Okafor", false)],
        name: say("Ben"),
        mails: true,
        address: say("ben@"),
        roles: vec![choice("Moderator", true)],
        sites: vec![choice("A Blog", false)],
    };
    let row = |what: &str, comment: Option<&str>| AuditRow {
        at: moment("2 hours ago"),
        who: say("Mara Lindqvist"),
        what: what.to_owned(),
        about: say("Ben Okafor"),
        comment: comment.map(str::to_owned),
        details: say("held → spam"),
    };
    let audit = AuditPage {
        layout: layout(true),
        people: vec![choice("Mara Lindqvist", true)],
        kinds: vec![choice("Decided", false)],
        reasons: vec![choice("Off topic", false)],
        sites: vec![choice("A Blog", false)],
        from: say("2026-03-01"),
        until: String::new(),
        rows: vec![row("Decided", Some("/admin/comments/blog/1")), row("Person disabled", None)],
        older: Some("/admin/audit?before=1".to_owned()),
        exports: vec![Link { text: "CSV".to_owned(), href: "/admin/audit/export/csv".to_owned() }],
    };
    vec![
        ("sign-in-code.html", html(&code)),
        ("password.html", html(&password)),
        ("account.html", html(&account(Factor::Off, &[]))),
        ("account-begun.html", html(&account(Factor::Begun { qr: Some(qr), key: say("ABCDEF") }, &[]))),
        ("account-on.html", html(&account(Factor::On { left: 10 }, &["1a2b3-c4d5e", "f6a7b-8c9d0"]))),
        ("people.html", html(&index)),
        ("keys.html", html(&keys(say))),
        ("audit.html", html(&audit)),
    ]
}
