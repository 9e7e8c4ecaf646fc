//! Rules and bans.

use super::desk::cards;
use super::{Say, button, hidden, html, layout, moment};
use moderato::comment::State;
use moderato::web::views::{
    AuthorPage, BanOption, BanPage, Choice, CommentCard, Example, Link, Note, RuleForm, RuleLine,
    RulePreview, RulesPage, Used,
};

pub(super) fn rules(say: Say) -> Vec<(&'static str, String)> {
    let choice = |words: &str| Choice { value: say(words), words: say(words), selected: false };
    let line = |id: i64, matches: &str, (effect, class), until: &str, note: &str| RuleLine {
        id,
        site: "The Harbour Courier".to_owned(),
        matches: say(matches),
        effect,
        class,
        until: until.to_owned(),
        who: say("Mara Lindqvist"),
        made: moment("3 days ago"),
        note: say(note),
        hits: Link { text: "1204".to_owned(), href: format!("/admin/?state=all&rule={id}") },
        change: Some(format!("/admin/rules?change={id}#make")),
        end: Some(button("End")),
    };
    let form = |error: Option<&str>| RuleForm {
        sites: vec![choice("The Harbour Courier"), choice("All sites")],
        kinds: vec![choice("Words"), choice("E-mail address")],
        effects: vec![choice("Ban: rejected"), choice("Hold: waits for a person")],
        pattern: say("online casino\nfree money"),
        places: vec![choice("the text"), choice("the name"), choice("the website")],
        until: "2026-12-01".to_owned(),
        note: say("They come back every week"),
        replaces: Some(7),
        back: "/admin/rules".to_owned(),
        error: error.map(say),
    };
    let in_force = vec![
        line(
            9,
            "Words: online casino, free money and 12 more (in text, name)",
            ("Hold", "doubt"),
            "for ever",
            "",
        ),
        line(8, "Link to cheap-rank.example.top", ("Ban", "spam"), "2026-12-01", "They come back every week"),
    ];
    let page = RulesPage {
        layout: layout(true),
        flash: None,
        over: vec![line(7, "E-mail address m…@example.org", ("Trust", "ham"), "ended by Mara, just now", "")],
        in_force: in_force.clone(),
        form: Some(form(Some("«co.uk» is no host."))),
    };
    let preview = RulePreview {
        layout: layout(true),
        title: say("Hold: 14 phrases"),
        does: "At The Harbour Courier, for ever. New comments that match are not published unseen."
            .to_owned(),
        caveat: Some("A name can be anybody’s.".to_owned()),
        looked_at: 5_000,
        hits: 37,
        outcomes: vec![(State::Approved, true, 3), (State::Held, false, 4), (State::Spam, false, 30)],
        against_count: 3,
        against_published: true,
        against: cards(say).drain(..1).map(CommentCard::without_verdicts).collect(),
        others: cards(say).drain(1..3).map(CommentCard::without_verdicts).collect(),
        hidden: hidden("1"),
        form: form(None),
    };
    let option = |key, words: &str, published| BanOption {
        key,
        what: say("host:example.top"),
        words: say(words),
        hits: 12,
        published,
        examples: vec![Example {
            href: "/admin/comments/harbour/1".to_owned(),
            author: say("Oleh K."),
            beginning: say("I followed the link and the report says …"),
        }],
    };
    let ban = BanPage {
        layout: layout(true),
        name: say("best-seo-77"),
        site: "The Harbour Courier".to_owned(),
        looked_at: 5_000,
        options: vec![option(1, "E-mail address promo77@mail.example", 0), option(2, "Network 3f9a0c51", 2)],
        hidden: hidden("1"),
        back: "/admin/comments/harbour/1".to_owned(),
    };
    let used = |what: &str, href: Option<&str>, how: &str| Used {
        what: say(what),
        href: href.map(str::to_owned),
        how: how.to_owned(),
    };
    let author = AuthorPage {
        layout: layout(true),
        flash: None,
        name: say("Oleh K."),
        email: say("oleh@example.org"),
        site: "The Harbour Courier".to_owned(),
        record: "1 spam, 12 approved".to_owned(),
        lately: "1 of 3 decided (33 %)".to_owned(),
        first_seen: moment("2 months ago"),
        last_seen: moment("2 min ago"),
        names: vec![used("Oleh K.", None, "12 times"), used("oleh", None, "1 time")],
        networks: vec![used("3f9a0c51", Some("/admin/?state=all&network=3f"), "9 times; nobody else")],
        hosts: vec![used("example.org", None, "3 times")],
        rules: in_force,
        make: Some(vec![choice("E-mail address oleh@example.org"), choice("Network 3f9a0c51")]),
        hidden: hidden("1"),
        notes: vec![Note {
            who: say("Mara Lindqvist"),
            at: moment("3 days ago"),
            text: say("Knows the courthouse well.\nWarned once."),
        }],
        writes: true,
        here: "/admin/authors/harbour/0a".to_owned(),
        cards: cards(say),
        list: Link { text: "All its comments as a list".to_owned(), href: "/admin/?author=0a".to_owned() },
    };
    vec![
        ("rules.html", html(&page)),
        ("rule-preview.html", html(&preview)),
        ("ban.html", html(&ban)),
        ("author.html", html(&author)),
    ]
}
