//! What readers see.

use super::{Say, html, layout, moment};
use moderato::web::views::{
    ArticlePage, Choice, CommentForm, ErrorPage, Feed, FeedEntry, FieldError, FieldLimits, FormPage, Link,
    OwnComment, Posted, PrivacyPage, Replying, ReportPage, Retention, SafeHtml, Standing, StatusPage, Thread,
};

pub(super) fn article() -> Link {
    Link { text: ArticlePage::HEADLINE.to_owned(), href: "/news/election-servers".to_owned() }
}

pub(super) fn form(say: Say) -> CommentForm {
    CommentForm {
        site: "harbour".to_owned(),
        article: say("http://localhost:8080/news/election-servers"),
        replying: None,
        comment: String::new(),
        author: String::new(),
        email: String::new(),
        url: String::new(),
        name_required: true,
        email_required: false,
        limits: FieldLimits { comment: 65_525, author: 245, email: 254, url: 500 },
        trap: "subject_line".to_owned(),
        form_token: "1767225600.k7Vd2Jw".to_owned(),
        errors: Vec::new(),
    }
}

pub(super) fn filled(say: Say) -> CommentForm {
    CommentForm {
        replying: Some(Replying { id: say("2"), name: say("Oleh K.") }),
        comment: say("I was there that night.\n\nThe page was down, the count was not."),
        author: say(""),
        email: say("dana@example"),
        url: say("example.org/dana"),
        ..form(say)
    }
}

pub(super) fn with_errors(say: Say) -> CommentForm {
    let error = |field: &str, message: &str| FieldError { field: field.to_owned(), message: say(message) };
    CommentForm {
        errors: vec![
            error("author", "Please give a name. It does not have to be your full one."),
            error("email", "This e-mail address has no dot after the @. Correct it, or leave it out."),
            error("url", "A website starts with https:// or http://."),
            error("article", "The page this comment belongs to is not known here."),
        ],
        ..filled(say)
    }
}

pub(super) fn thread(say: Say) -> Thread {
    let posted =
        |id: &str, parent: Option<&str>, name: &str, website: Option<&str>, at: &str, body: &str| Posted {
            id: id.to_owned(),
            parent: parent.map(str::to_owned),
            author: say(name),
            website: website.map(say),
            posted: moment(at),
            body: SafeHtml(body.to_owned()),
            by_moderator: id == "5",
            edited: id == "4",
            reply_href: Some(format!("?reply_to={id}#respond")),
            report_href: format!("/sites/harbour/comments/{id}/report"),
        };
    let comments = vec![
        posted(
            "1",
            None,
            "Priya N.",
            Some("https://example.org/priya"),
            "5 hours ago",
            "<p>I work two doors down from the courthouse and had no idea the roll lived in the basement. Does it flood there? The street did in 2019.</p>",
        ),
        posted(
            "2",
            Some("1"),
            "Oleh K.",
            None,
            "4 hours ago",
            "<p>It did, up to the second step. The servers stand on a plinth since then. There is a photo in the <a href=\"https://example.org/report\" rel=\"nofollow ugc noopener\">county’s flood report</a>.</p>",
        ),
        posted(
            "3",
            Some("2"),
            "Priya N.",
            None,
            "4 hours ago",
            "<p>Thank you! That is more than the meeting told us.</p>",
        ),
        posted(
            "4",
            Some("3"),
            "harbour_pilot",
            None,
            "3 hours ago",
            "<p>A plinth. For <em>election servers</em>. In a flood zone.</p>",
        ),
        posted(
            "5",
            Some("4"),
            "Oleh K.",
            None,
            "3 hours ago",
            "<p>The archive copy is ninety miles inland, which I think is the point.</p>",
        ),
        posted(
            "6",
            None,
            "Walter Dunne",
            None,
            "2 hours ago",
            "<blockquote><p>Walls fail.</p></blockquote>\n<p>Best line in the piece. I was a locksmith for thirty years and nobody ever wanted to hear it. What I would ask the county:</p>\n<ol><li>Who reads the log?</li><li>How often?</li><li>What happens when they find something?</li></ol>",
        ),
        posted(
            "7",
            None,
            "דנה",
            None,
            "20 minutes ago",
            "<p>שלום מהצד השני של העולם. אצלנו סופרים ביד, ולוקח לילה שלם.</p>",
        ),
    ];
    Thread::new(comments, Some("/sites/harbour/comments.atom?article=x".to_owned()))
}

pub(super) fn own(say: Say) -> OwnComment {
    OwnComment {
        author: say("Dana"),
        posted: moment("a minute ago"),
        body: SafeHtml("<p>I was there that night. The page was down, the count was not.</p>".to_owned()),
        edited: true,
    }
}

pub(super) fn reader(say: Say) -> Vec<(&'static str, String)> {
    let page = |thread, form| {
        html(&ArticlePage { layout: layout(false), published: moment("6 hours ago"), thread, form })
    };
    let apart = |heading: &str, message: Option<&str>, form| {
        html(&FormPage {
            layout: layout(false),
            heading: heading.to_owned(),
            message: message.map(str::to_owned),
            article: Link { text: say("Election servers get a shield"), href: say("/news/election-servers") },
            form,
        })
    };
    let status = |standing, comment| {
        html(&StatusPage { layout: layout(false), standing, article: article(), comment })
    };
    let privacy = |alone| {
        html(&PrivacyPage {
            log_only: false,
            layout: layout(false),
            site_title: ArticlePage::PAPER.to_owned(),
            publishes_alone: alone,
            turns_away_alone: alone,
            email_stored: alone,
            retention: vec![
                Retention {
                    what: "Published comments".to_owned(),
                    how_long: "As long as the page is there".to_owned(),
                },
                Retention { what: "Comments turned away as spam".to_owned(), how_long: "30 days".to_owned() },
                Retention {
                    what: "The code made from your network address".to_owned(),
                    how_long: "90 days".to_owned(),
                },
            ],
            contact: alone.then(|| Link {
                text: "editor@example.org".to_owned(),
                href: "mailto:editor@example.org".to_owned(),
            }),
        })
    };
    let report = |done, errors: Vec<FieldError>| {
        let ground = |value: &str, words: &str| Choice {
            value: value.to_owned(),
            words: words.to_owned(),
            selected: value == "other",
        };
        html(&ReportPage {
            layout: layout(false),
            done,
            action: "/sites/harbour/comments/1/report".to_owned(),
            form_token: "1767225600.k7Vd2Jw".to_owned(),
            trap: "subject_line".to_owned(),
            author: say("Priya N."),
            posted: moment("5 hours ago"),
            body: SafeHtml("<p>Does it flood there? The street did in 2019.</p>".to_owned()),
            back: Link { text: say("example.org/news"), href: say("https://example.org/news#comment-1") },
            grounds: vec![ground("spam", "It is spam or advertising"), ground("other", "Something else")],
            words: say("It is not true."),
            longest: 500,
            site: "harbour".to_owned(),
            message: None,
            errors,
        })
    };
    let wrong = |field: &str| FieldError { field: field.to_owned(), message: say("Please say it shorter.") };
    let error = ErrorPage {
        layout: layout(false),
        status: 404,
        what: "This page does not exist".to_owned(),
        why: Some("The address may be mistyped, or the page was moved.".to_owned()),
        next: "Check the address, or start from the front page.".to_owned(),
        links: vec![Link { text: "To the front page".to_owned(), href: "/".to_owned() }],
        request_id: Some("01935c7e-8f2a-7bb1-9c43-5a1f0c2d9e77".to_owned()),
    };
    let feed = Feed {
        title: say("Comments on “Election servers get a shield”"),
        self_url: say("https://example.org/feed.atom?article=x&y"),
        page_url: say("https://example.org/news/election-servers"),
        updated: "2026-03-01T09:30:00Z".to_owned(),
        entries: vec![FeedEntry {
            id: "01935c7e-8f2a-7bb1-9c43-5a1f0c2d9e77".to_owned(),
            url: say("https://example.org/news/election-servers#comment-1"),
            author: say("Priya N.\u{8}"),
            by_moderator: true,
            published: "2026-03-01T09:30:00Z".to_owned(),
            body: SafeHtml("<p>Does it flood &amp; freeze there?</p>".to_owned()),
        }],
    };
    vec![
        ("article.html", page(thread(say), form(say))),
        ("article-empty.html", page(Thread::new(Vec::new(), None), form(say))),
        ("article-reply.html", page(thread(say), filled(say))),
        ("form-errors.html", apart("Your comment is not posted yet", None, with_errors(say))),
        (
            "form-busy.html",
            apart(
                "Your comment is not posted yet",
                Some(
                    "We could not store it just now. Your text is kept below; please try again in a moment.",
                ),
                filled(say),
            ),
        ),
        (
            "status-held.html",
            status(Standing::Held { usually: Some("within a day".to_owned()) }, Some(own(say))),
        ),
        (
            "status-approved.html",
            status(Standing::Approved { href: say("/news/x#comment-9") }, Some(own(say))),
        ),
        ("status-gone.html", status(Standing::Gone, None)),
        ("report.html", report(false, Vec::new())),
        ("report-errors.html", report(false, vec![wrong("ground"), wrong("words")])),
        ("report-done.html", report(true, Vec::new())),
        ("privacy.html", privacy(true)),
        ("privacy-careful.html", privacy(false)),
        ("error.html", html(&error)),
        ("thread-fragment.html", html(&thread(say))),
        ("feed.xml", html(&feed)),
    ]
}
