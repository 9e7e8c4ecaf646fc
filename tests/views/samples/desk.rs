//! The desk: queue, card, comment, account of a score.

use super::reader::article;
use super::{Say, button, hidden, html, layout, moment};
use moderato::comment::{Queue, State};
use moderato::web::views::{
    Account, Alike, BulkForm, Choice, Chosen, CommentCard, CommentPage, DeskAuthor, FieldError, Filters,
    Flash, Hidden, HistoryRow, Layout, LeftOut, Link, NearestComment, OwnList, OwnLists, Parent, Part,
    QueuePage, Reason, Reasons, Revision, Score, Setup, SignIn, Sum, Tab, Told, Verdicts, Website, Who,
    WhyPage, WritePage,
};

/// The account of a score that has changed since.
pub(super) fn why(say: Say) -> WhyPage {
    let part = |what: &str, note: &str, log_odds| Part { what: say(what), note: say(note), log_odds };
    let sum = |name: &str, parts: Vec<Part>| {
        let log_odds: f64 = parts.iter().map(|part| part.log_odds).sum();
        Sum { name: name.to_owned(), parts, log_odds, spam_probability: 1.0 / (1.0 + (-log_odds).exp()) }
    };
    let words = || {
        let seen = "seen in 41 spam, 0 genuine";
        vec![part("word “casino”", seen, 2.31), part("words “thank you”", "seen in 2 spam, 90 genuine", -0.9)]
    };
    let account = Account {
        then: Some(sum("14", vec![part("link to example.top", "", 1.9), part("everything else", "", -1.0)])),
        now: sum("15", vec![part("before anything is read", "", -1.37), part("Words", "", 1.41)]),
        since: "It has learnt since the comment came in.".to_owned(),
        groups: vec![sum("Words (2)", words())],
        unseen: 12,
        without: vec![LeftOut { what: say("the link to example.top"), spam_probability: 0.22 }],
        nearest: Some(NearestComment {
            link: Link { text: say("best-seo-77"), href: "/admin/comments/harbour/2".to_owned() },
            label: "Spam".to_owned(),
            alike: 74,
            beginning: say("Great post! Visit my site"),
        }),
    };
    let back = "/admin/comments/harbour/1".to_owned();
    WhyPage { layout: layout(true), back, author: say("Oleh Kovalenko"), account }
}

pub(super) fn reasons(say: Say, parts: &[(&str, f64)]) -> Reasons {
    Reasons { parts: parts.iter().map(|&(what, log_odds)| Reason { what: say(what), log_odds }).collect() }
}

pub(super) fn card(
    say: Say,
    id: &str,
    state: State,
    probability: f64,
    author: DeskAuthor,
    text: &str,
) -> CommentCard {
    CommentCard {
        pick: Some("1.00000000-0000-7000-8000-000000000000.1".to_owned()),
        id: id.to_owned(),
        href: format!("/admin/comments/{id}"),
        state,
        score: Some(Score { spam_probability: probability, approve_below: 0.2, reject_from: 0.95 }),
        reasons: reasons(
            say,
            &[
                ("link to example.top", 2.1),
                ("words “check out”", 1.2),
                ("form answered in 1.2 s", 1.0),
                ("author has 12 approved comments", -0.9),
                ("word “servers”", -0.6),
                ("everything else in the text", -0.4),
                ("same text seen elsewhere", 0.2),
            ],
        ),
        alike: Some(Alike {
            link: Link {
                text: "38 others are like it".to_owned(),
                href: "/admin/campaigns/harbour/1".to_owned(),
            },
            times: "×38".to_owned(),
            folded: true,
        }),
        rejected_because: (state == State::Rejected).then_some("Off topic"),
        edited: state == State::Held,
        account: Some("/admin/comments/harbour/1/why".to_owned()),
        checked: true,
        blind: false,
        abuse: Some(0.31),
        why: match state {
            State::Held => format!("Held because 0.20 ≤ {probability:.2} < 0.95"),
            State::Spam => "Turned away because 0.95 ≤ 0.998".to_owned(),
            _ => "Mara Lindqvist decided so".to_owned(),
        },
        model: Some("4".to_owned()),
        author,
        article: article(),
        article_list: "/admin/?state=all&article=1".to_owned(),
        in_reply_to: Some(Parent {
            author: say("Dana"),
            beginning: say("Does it flood there? The street did in 2019."),
        }),
        language: Some("English".to_owned()),
        reports: 3,
        told: vec![
            Told {
                ground: "something else".to_owned(),
                words: say("It is the same text as under every other article."),
                at: moment("2 minutes ago"),
            },
            Told { ground: "spam".to_owned(), words: String::new(), at: moment("5 minutes ago") },
        ],
        unseen: Some(12),
        posted: moment("2 min ago"),
        text: say(text),
        verdicts: Some(Verdicts { action: "/admin/decide".to_owned(), hidden: hidden(id) }),
    }
}

pub(super) fn oleh(say: Say) -> DeskAuthor {
    DeskAuthor {
        name: say("Oleh K."),
        moderator: false,
        email: Some(say("oleh@example.org")),
        website: None,
        record: "12 approved, 1 spam".to_owned(),
        panel: Some("/admin/authors/harbour/0a".to_owned()),
        ban: Some("/admin/ban/harbour/1".to_owned()),
    }
}

pub(super) fn seo(say: Say) -> DeskAuthor {
    DeskAuthor {
        name: say("best-seo-77"),
        moderator: false,
        email: Some(say("promo77@mail.example")),
        website: Some(Website {
            url: say("https://www.bank.example@cheap-rank.example.top/go?id=77"),
            host: say("cheap-rank.example.top"),
        }),
        record: "first comment".to_owned(),
        panel: None,
        ban: Some("/admin/ban/harbour/2".to_owned()),
    }
}

pub(super) fn cards(say: Say) -> Vec<CommentCard> {
    let long = "This is a very long comment that somebody pasted from a document of theirs. ".repeat(40);
    let spam = "Great post! Check out my site https://cheap-rank.example.top/go?id=77 for the best SEO\n\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let imported = CommentCard {
        score: None,
        reasons: Reasons { parts: Vec::new() },
        blind: false,
        abuse: None,
        why: "Imported from WordPress, never scored".to_owned(),
        model: None,
        in_reply_to: None,
        language: None,
        unseen: None,
        ..card(say, "4", State::Approved, 0.1, oleh(say), "An old one.")
    };
    vec![
        card(
            say,
            "1",
            State::Held,
            0.71,
            oleh(say),
            "I followed the link and the report says the plinth was built in 2020. Which makes you wonder who signed off on the basement in the first place.",
        ),
        card(say, "2", State::Spam, 0.998, seo(say), spam),
        card(say, "3", State::Rejected, 0.12, oleh(say), &long),
        imported,
        CommentCard { verdicts: None, ..card(say, "5", State::Deleted, 0.5, oleh(say), "") },
    ]
}

pub(super) fn queue(say: Say, cards: Vec<CommentCard>) -> QueuePage {
    let tab = |queue, count, current| Tab { queue, count, href: "/admin/?state=held".to_owned(), current };
    let choice =
        |value: &str, words: &str, selected| Choice { value: value.to_owned(), words: say(words), selected };
    let shown = !cards.is_empty();
    QueuePage {
        layout: layout(true),
        queue: Queue::Held,
        tabs: vec![
            tab(Queue::Held, 12, true),
            tab(Queue::Reported, 2, false),
            tab(Queue::Unchecked, 1_203, false),
            tab(Queue::Approved, 48_210, false),
            tab(Queue::All, 61_000, false),
        ],
        orders: vec![
            choice("/admin/", "Least certain", true),
            choice("/admin/?order=oldest", "Oldest", false),
        ],
        sites: vec![
            choice("", "All sites", true),
            choice("harbour", "The Harbour Post", false),
            choice("blog", "A blog", false),
        ],
        filters: Filters {
            chosen: vec![Chosen { words: say("by Oleh K."), without: "/admin/".to_owned() }],
            kept: vec![Hidden { name: "state", value: "held".to_owned() }],
            reasons: Vec::new(),
            signals: vec![choice("trap", "hidden field filled in", false)],
            languages: vec![choice("ukr", "Ukrainian", true)],
            from: String::new(),
            until: say(""),
        },
        own: OwnLists {
            lists: vec![OwnList {
                name: say("Mornings"),
                href: "/admin/?language=ukr".to_owned(),
                current: false,
                forget: button("Forget “Mornings”"),
            }],
            save: shown.then(|| "author=17".to_owned()),
        },
        search: say(""),
        flash: shown.then(|| Flash { message: "Marked as spam".to_owned(), undo: Some(button("Undo")) }),
        cards,
        folded: shown.then(|| Link {
            text: "37 variants behind the rows of their campaigns".to_owned(),
            href: "/admin/?each=yes".to_owned(),
        }),
        next: shown.then(|| "/admin/?after=0.1~17".to_owned()),
        bulk: Some(BulkForm {
            back: "/admin/".to_owned(),
            whole: vec![Link { text: "Spam".to_owned(), href: "/admin/bulk?verdict=spam&".to_owned() }],
        }),
        empty: "Nothing is waiting for you.".to_owned(),
        today: Some("Today so far 153 comments came in: 41 published, 112 turned away, 0 held.".to_owned()),
    }
}

pub(super) fn desk(say: Say) -> Vec<(&'static str, String)> {
    let row = |who: &str, from, to, why: &str, p| HistoryRow {
        at: moment("2 min ago"),
        who: say(who),
        from,
        to,
        reasons: say(why),
        spam_probability: p,
        model: p.map(|_| "4".to_owned()),
    };
    let page = CommentPage {
        layout: layout(true),
        back: "/admin?state=held#c-1".to_owned(),
        flash: None,
        card: cards(say).swap_remove(0),
        history: vec![
            row(
                "Moderato",
                None,
                State::Held,
                "link to example.top +2.1, words “check out” +1.2",
                Some(0.71),
            ),
            row("Mara Lindqvist", Some(State::Held), State::Spam, "", None),
            row("Mara Lindqvist", Some(State::Spam), State::Held, "undone", None),
        ],
        take_back: Some(button("Take back what Mara Lindqvist did last")),
        revisions: vec![Revision {
            at: moment("2 min ago"),
            by: say("Mara Lindqvist"),
            submitted: true,
            author: say("Oleh K."),
            url: say("https://example.top/"),
            text: say("I followed the link and it is worth it."),
            restore: Some(button("Restore this text")),
        }],
    };
    let write = |who: Option<Who>| WritePage {
        layout: layout(true),
        heading: format!("Reply to {}", say("Oleh K.")),
        hint: format!("Published as “{}”, marked as a moderator’s.", say("Mara Lindqvist")),
        message: Some("Ben has put this comment into «spam» in the meantime.".to_owned()),
        errors: vec![FieldError { field: "comment".to_owned(), message: say("Please write something.") }],
        card: cards(say).swap_remove(0).without_verdicts(),
        action: "/admin/comments/harbour/1/reply".to_owned(),
        hidden: hidden("1"),
        text: say("Thank you, we have corrected it."),
        who,
        button: "Approve and reply",
        longest: 65_525,
        back: "/admin/".to_owned(),
    };
    let who = Who { author: say("Oleh K."), url: say("https://example.org/") };
    let signed_out = Layout { site: None, ..layout(false) };
    let sign_in = SignIn {
        layout: signed_out.clone(),
        name: say("mara"),
        next: say("/admin"),
        error: Some("Name and password do not fit together. Check both and try again.".to_owned()),
    };
    let setup = Setup {
        layout: signed_out,
        action: "/admin/setup?token=abc".to_owned(),
        name: say("admin"),
        shortest_password: 10,
        error: None,
    };
    let blind = CommentCard {
        blind: true,
        why: "Drawn at random from what was decided without a person.".to_owned(),
        ..cards(say).swap_remove(3)
    };
    let audit = QueuePage { queue: Queue::Audit, flash: None, ..queue(say, vec![blind]) };
    vec![
        ("queue.html", html(&queue(say, cards(say)))),
        ("audit.html", html(&audit)),
        ("queue-empty.html", html(&queue(say, Vec::new()))),
        ("comment.html", html(&page)),
        ("why.html", html(&why(say))),
        ("reply.html", html(&write(None))),
        ("edit.html", html(&write(Some(who)))),
        ("sign-in.html", html(&sign_in)),
        ("setup.html", html(&setup)),
    ]
}
