//! Every view with sample values. `samples(say)` passes each text a stranger could have typed through `say`, so
//! that the same pages are made for looking at and for attacking.

use askama::Template;
use moderato::comment::{Queue, State};
use moderato::policy::{Cuts, End, Scored, Selection, Thresholds, Truth, replay};
use moderato::web::views::{
    Account, AccountPage, Alike, ApiAnswer, ApiCall, ApiField, ApiPage, ApiResource, ApiShape, ArticlePage,
    Audit, AuditPage, AuditRow, AuthorPage, BadRow, BadRows, BanOption, BanPage, Bin, BulkForm, Choice,
    ChoosePassword, Chosen, CodeAsked, CommentCard, CommentForm, CommentPage, Comparison, Confusion,
    Delivery, DeskAuthor, Difference, Disagreement, ErrorPage, Example, Factor, Failure, Feed, FeedEntry,
    FieldError, FieldLimits, Figures, Filters, Flash, FormPage, Hidden, HistoryRow, KeyPanel, KeyWay,
    KeysPage, Layout, LeftOut, Link, LinkPage, LogOnlyPage, MadeKey, MailTrouble, ModelCard, ModelVersion,
    ModelsPage, Moment, Move, NearestComment, NewLink, Note, NoticesPanel, Outcome, Outlook, OwnComment,
    OwnList, OwnLists, Parent, Part, PeoplePage, Person, PostButton, Posted, PrivacyPage, Progress, QrCode,
    QueuePage, Quoted, Reason, Reasons, Refused, Replying, ReportPage, Retention, Revision, RuleForm,
    RuleLine, RulePreview, RulesPage, SafeHtml, Score, ScoreBar, Session, Setup, ShadowPage, ShadowPanel,
    Sign, SignIn, Signs, SitePromise, Stage, Standing, StatusPage, Sum, Tab, Thread, ThresholdFields,
    ThresholdsPage, Told, TrainingPage, UploadForm, Used, User, Verdicts, WebhookCard, WebhookForm,
    WebhookPage, WebhooksPage, Website, Who, WhyPage, Words, WritePage,
};

/// What a stranger's text becomes on its way into the samples.
pub(crate) type Say = fn(&str) -> String;

/// File name and content of every view in every state worth seeing.
pub(crate) fn samples(say: Say) -> Vec<(&'static str, String)> {
    let mut pages = reader(say);
    pages.extend(desk(say));
    pages.extend(rules(say));
    pages.extend(people(say));
    pages.extend(notices(say));
    pages.extend(models(say));
    pages.extend(thresholds(say));
    pages.push(("api.html", html(&api(say))));
    pages
}

fn html(page: &impl Template) -> String {
    page.render().expect("writing to a string cannot fail")
}

fn layout(user: bool) -> Layout {
    let site = Link { text: ArticlePage::PAPER.to_owned(), href: "/".to_owned() };
    Layout {
        lang: "en".to_owned(),
        site: (!user).then_some(site),
        user: user.then(|| User { name: "Mara Lindqvist".to_owned(), admin: true }),
    }
}

fn moment(relative: &str) -> Moment {
    Moment {
        iso: "2026-03-01T09:30:00Z".to_owned(),
        exact: "1 March 2026, 09:30 UTC".to_owned(),
        relative: relative.to_owned(),
    }
}

/// The account of a score that has changed since.
fn why(say: Say) -> WhyPage {
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

fn article() -> Link {
    Link { text: ArticlePage::HEADLINE.to_owned(), href: "/news/election-servers".to_owned() }
}

fn form(say: Say) -> CommentForm {
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

fn filled(say: Say) -> CommentForm {
    CommentForm {
        replying: Some(Replying { id: say("2"), name: say("Oleh K.") }),
        comment: say("I was there that night.\n\nThe page was down, the count was not."),
        author: say(""),
        email: say("dana@example"),
        url: say("example.org/dana"),
        ..form(say)
    }
}

fn with_errors(say: Say) -> CommentForm {
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

fn thread(say: Say) -> Thread {
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

fn own(say: Say) -> OwnComment {
    OwnComment {
        author: say("Dana"),
        posted: moment("a minute ago"),
        body: SafeHtml("<p>I was there that night. The page was down, the count was not.</p>".to_owned()),
        edited: true,
    }
}

fn reader(say: Say) -> Vec<(&'static str, String)> {
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

fn reasons(say: Say, parts: &[(&str, f64)]) -> Reasons {
    Reasons { parts: parts.iter().map(|&(what, log_odds)| Reason { what: say(what), log_odds }).collect() }
}

fn hidden(id: &str) -> Vec<Hidden> {
    vec![
        Hidden { name: "comment", value: id.to_owned() },
        Hidden { name: "version", value: "3".to_owned() },
        Hidden { name: "back", value: "/admin?state=held".to_owned() },
    ]
}

fn button(label: &str) -> PostButton {
    PostButton { action: "/admin/decide".to_owned(), label: label.to_owned(), hidden: hidden("1") }
}

fn card(say: Say, id: &str, state: State, probability: f64, author: DeskAuthor, text: &str) -> CommentCard {
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

fn oleh(say: Say) -> DeskAuthor {
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

fn seo(say: Say) -> DeskAuthor {
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

fn cards(say: Say) -> Vec<CommentCard> {
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

fn queue(say: Say, cards: Vec<CommentCard>) -> QueuePage {
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
            }],
            save: shown.then(|| "author=17".to_owned()),
            remove: None,
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

fn desk(say: Say) -> Vec<(&'static str, String)> {
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

fn rules(say: Say) -> Vec<(&'static str, String)> {
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

fn people(say: Say) -> Vec<(&'static str, String)> {
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

fn notices(say: Say) -> Vec<(&'static str, String)> {
    let link = LinkPage {
        layout: layout(false),
        heading: "Mark this comment as spam?".to_owned(),
        told: vec![say("You decide as Mara Lindqvist.")],
        done: true,
        quoted: Some(Quoted {
            author: say("best-seo-77"),
            site: say("A Blog"),
            article: say("https://blog.example/a-walk"),
            posted: moment("2 hours ago"),
            text: say("Great post! Visit my site."),
        }),
        button: Some(button("Spam")),
        links: vec![Link { text: "Open it on the desk".to_owned(), href: say("/admin/comments/blog/1") }],
    };
    let event = |words: &str| Choice { value: words.to_owned(), words: words.to_owned(), selected: true };
    let form =
        |chat| WebhookForm { url: say("https://hooks.example/"), events: vec![event("comment.held")], chat };
    let list = WebhooksPage {
        layout: layout(true),
        flash: None,
        secret: Some(say("whsec_c2VjcmV0")),
        error: Some("Choose at least one event.".to_owned()),
        webhooks: vec![WebhookCard {
            href: "/admin/webhooks/1".to_owned(),
            host: say("hooks.example"),
            site: say("A Blog"),
            standing: "comment.held; 2 given up".to_owned(),
        }],
        form: form(Some(true)),
        sites: vec![event("A Blog")],
        mails: vec![MailTrouble {
            name: say("Ben Okafor"),
            at: moment("2 hours ago"),
            standing: "Given up after 8 tries".to_owned(),
            error: say("no connection"),
            retry: button("Try now"),
        }],
        configured: true,
    };
    let one = WebhookPage {
        layout: layout(true),
        flash: None,
        error: None,
        site: say("A Blog"),
        host: say("hooks.example"),
        format: "JSON, signed".to_owned(),
        paused: Some(moment("2 hours ago")),
        action: "/admin/webhooks/1/set".to_owned(),
        form: form(None),
        buttons: vec![button("Send a test"), button("Remove")],
        deliveries: vec![Delivery {
            id: "1".to_owned(),
            event: say("comment.held"),
            at: moment("2 hours ago"),
            standing: "Given up".to_owned(),
            tries: 8,
            answer: say("it answered 500"),
            next: Some("28 November 2026, 12:00 UTC".to_owned()),
            replay: button("Send again"),
        }],
    };
    vec![("mail-link.html", html(&link)), ("webhooks.html", html(&list)), ("webhook.html", html(&one))]
}

fn api(say: Say) -> ApiPage {
    let field = |name: &str, shape: Option<&str>| ApiField {
        name: say(name),
        required: shape.is_none(),
        kind: say("text"),
        shape: shape.map(str::to_owned),
        about: Words::of(&say("A name, as in `Bearer KEY`.")),
    };
    let answers = vec![
        ApiAnswer {
            status: "200".to_owned(),
            when: Words::of(&say("What it is")),
            shape: Some("Comment".to_owned()),
        },
        ApiAnswer { status: "304".to_owned(), when: Words::of("It has not changed"), shape: None },
    ];
    ApiPage {
        layout: layout(false),
        version: say("0.1.0"),
        about: Words::of(&say("Comments, by `Authorization: Bearer KEY`.")),
        answers: answers.clone(),
        resources: vec![ApiResource {
            name: say("Comments"),
            about: Words::of(&say("The site's comments.")),
            calls: vec![ApiCall {
                id: "readComment".to_owned(),
                method: "GET",
                path: say("/api/v1/comments/{id}"),
                title: say("Read a comment"),
                about: Words::of(&say("With its history.")),
                scope: say("read"),
                parameters: vec![field("id", None)],
                body: Some("Comment".to_owned()),
                answers,
                example: say("curl \"$URL/api/v1/comments/$ID\""),
            }],
        }],
        shapes: vec![ApiShape {
            name: "Comment".to_owned(),
            about: Words::of(&say("A comment.")),
            fields: vec![field("author", None), field("site", Some("Comment"))],
        }],
    }
}

fn log_only(say: Say) -> LogOnlyPage {
    LogOnlyPage {
        layout: layout(true),
        flash: None,
        sites: vec![(say("A Blog"), true, Some(button("Let it decide")))],
        rows: [("Published", [3, 40, 120]), ("Held", [9, 8, 7]), ("Turned away", [60, 1, 30])],
        agreeing: Some((100, 104, (0.904, 0.989))),
        disagreements: vec![Disagreement {
            href: "/admin/comments/blog/1".to_owned(),
            posted: moment("2 hours ago"),
            author: say("Mia"),
            beginning: say("I walked there in spring."),
            would_be: (State::Spam, 0.97),
            spam: false,
        }],
        older: Some("/admin/log-only?before=1".to_owned()),
    }
}

fn keys(say: Say) -> KeysPage {
    let choice = |words: &str| Choice { value: say(words), words: say(words), selected: false };
    let key = |id, name: &str, works: bool| KeyPanel {
        id,
        name: say(name),
        site: say("A Blog"),
        kind: "Akismet's protocol".to_owned(),
        standing: "Made 3 days ago".to_owned(),
        switch: works.then(|| button("Decide nothing, log only")),
        end: works.then(|| button("Revoke")),
    };
    KeysPage {
        layout: layout(true),
        flash: None,
        error: Some("Say in 1 to 60 characters, without line breaks, what the key is for.".to_owned()),
        made: Some(MadeKey {
            name: say("WordPress"),
            key: say("0123456789ab"),
            ways: vec![KeyWay {
                text: "WordPress",
                how: "Copy these lines into wp-config.php.",
                code: say("define( 'MODERATO_URL', 'https://comments.example' );"),
            }],
        }),
        keys: vec![key(2, "WordPress", true), key(1, "An old blog", false)],
        name: say("WordPress"),
        sites: vec![choice("A Blog"), choice("A Shop")],
        kinds: vec![choice("Akismet's protocol"), choice("The JSON API")],
        scopes: vec![choice("Have comments checked"), choice("Decide on comments")],
    }
}

fn figures(better: f64) -> Figures {
    let bins = [
        (0.03, 0.01, 820),
        (0.14, 0.11, 120),
        (0.3, 0.36, 60),
        (0.5, 0.45, 31),
        (0.7, 0.78, 55),
        (0.88, 0.9, 140),
        (0.98, 0.99, 730),
    ];
    Figures {
        rows: 1_956,
        accuracy: 0.952 + better,
        precision: 0.961 + better,
        recall: 0.944 + better / 2.0,
        f1: 0.952 + better,
        roc_auc: 0.987 - better / 10.0,
        brier: 0.034 - better,
        ece: 0.012,
        caught_at_half_percent: 0.871 + better,
        confusion: Confusion { tp: 948, fp: 22, tn: 930, fn_: 56 },
        reliability: bins.iter().map(|&(said, was, rows)| Bin { said, was: was + better, rows }).collect(),
    }
}

fn models(say: Say) -> Vec<(&'static str, String)> {
    let source = say("comments.csv and 412 decisions");
    let version = |version: &str, live, promote: Option<&str>| ModelVersion {
        judges: "spam".to_owned(),
        version: version.to_owned(),
        origin: source.clone(),
        trained: moment("3 days ago"),
        rows: 12_480,
        accuracy: (version != "1").then_some(0.971),
        live,
        promote: promote.map(button),
        refused: None,
        try_in_shadow: (!live).then(|| button("Try in the shadow")),
        in_shadow: false,
    };
    let refused = || {
        Refused {
        reasons: vec![
            say("Labels look wrong: 65 of 443 measured comments from comments.csv (14.7 %) are labelled against what \
                 comments like them are"),
            "Its probabilities are further from the truth: the Brier score rises by 0.0310 (standard error 0.0042)"
                .to_owned(),
        ],
        promote: Some(button("Promote despite this")),
    }
    };
    let shadow = ShadowPanel {
        model: "5".to_owned(),
        scored: 812,
        differing: 14,
        href: "/admin/models/shadow".to_owned(),
        stop: Some(button("Stop")),
    };
    let sign = |name: &str, value: Option<&str>, meaning: &str| Sign {
        name: name.to_owned(),
        value: value.map(str::to_owned),
        meaning: meaning.to_owned(),
    };
    let index = ModelsPage {
        layout: layout(true),
        flash: None,
        current: Some(ModelCard {
            version: "4".to_owned(),
            origin: source.clone(),
            trained: moment("3 days ago"),
            rows: 12_480,
            spam: 6_012,
            figures: Some(figures(0.01)),
        }),
        signs: Signs {
            recent: 500,
            signs: vec![
                sign(
                    "Never seen before",
                    Some("12\u{a0}%"),
                    "share of what comments consist of that the model has no evidence on",
                ),
                sign(
                    "Change of scores",
                    Some("0.08"),
                    "stability index against its training: from 0.25 on, retrain",
                ),
                sign("Calibration error", None, "said and true share of spam apart, where people decided"),
                sign("Brier score", None, "error of the probability on the same comments, less is better"),
            ],
        },
        promises: vec![
            SitePromise {
                name: "harbour".to_owned(),
                title: say("The Harbour Post"),
                approve_below: Some(0.031),
                reject_from: None,
                sentences: [
                    "What is below 0.031 can be published by itself: 0 of 612 were spam, so 0.376 % at most (the promise \
                     is at most 0.5 % spam, with 90 % confidence)."
                        .to_owned(),
                    "Nothing can be turned away by itself: with no further error, 120 more spam comments are needed to \
                     promise at most 0.1 % genuine, with 90 % confidence."
                        .to_owned(),
                ],
                recent: 500,
                decided: 305,
            },
            SitePromise {
                name: "new-site".to_owned(),
                title: say("A new site"),
                approve_below: None,
                reject_from: None,
                sentences: ["published", "turned away"].map(|what| {
                    format!(
                        "Nothing can be {what} by itself: 50 more genuine comments are needed before anything is promised."
                    )
                }),
                recent: 0,
                decided: 0,
            },
        ],
        shadow: Some(shadow.clone()),
        training: Some(Link {
            text: "A training is at work: reading rows".to_owned(),
            href: "/admin/models/training/7".to_owned(),
        }),
        versions: vec![
            version("6", false, Some("Promote")),
            ModelVersion {
                promote: None,
                refused: Some(refused()),
                try_in_shadow: None,
                in_shadow: true,
                ..version("5", false, None)
            },
            version("4", true, None),
            version("3", false, Some("Roll back")),
            version("1", false, Some("Promote")),
        ],
        upload: Some(UploadForm {
            action: "/admin/models".to_owned(),
            decisions: 412,
            largest: "64 MB".to_owned(),
            error: Some(say(
                "This file has no column for the text. Found: “a”, “b”. Name one of them “content”.",
            )),
        }),
    };
    let first = ModelsPage {
        current: None,
        promises: Vec::new(),
        shadow: None,
        training: None,
        versions: Vec::new(),
        upload: None,
        ..index.clone()
    };
    let left_out = || BadRows {
        used: 1_951,
        left_out: 5,
        rows: vec![
            BadRow { line: 17, reason: say("no text") },
            BadRow { line: 1_203, reason: say("label “maybe” is neither spam nor ham") },
        ],
    };
    let training = |stage| {
        let page = TrainingPage {
            layout: layout(true),
            flash: None,
            source: source.clone(),
            started: moment("2 min ago"),
            stage,
        };
        html(&page)
    };
    let progress = |done| {
        Stage::Running(Progress {
            done,
            phase: "Measuring both models on the same comments".to_owned(),
            poll: "/admin/models/training/7.json".to_owned(),
            refresh_seconds: 3,
        })
    };
    let failure = Failure {
        what: say("All 1,956 rows are spam; a model needs both kinds."),
        next: "Add comments that are not spam and upload the file again.".to_owned(),
        left_out: Some(left_out()),
    };
    let outcome = |current, refused: Option<Refused>| {
        Stage::Done(Box::new(Outcome {
            duel: Some(
                "Comment by comment: only the new one is right on 31, only the present one on 12.".to_owned(),
            ),
            summary: "Model 5 is better on six figures of eight and worse on one.".to_owned(),
            comparison: Some(Comparison {
                candidate_name: "Model 5".to_owned(),
                candidate: figures(0.01),
                current,
            }),
            left_out: left_out(),
            promote: refused.is_none().then(|| button("Promote")),
            refused,
            decided: None,
        }))
    };
    let difference = |decided, would_be, now, shadow_was_right| Difference {
        href: "/admin/comments/paper/1".to_owned(),
        posted: moment("5 min ago"),
        author: say("Best-Watches"),
        beginning: say(
            "Great post! I found the same at my shop, with a discount for readers of this page until Friday",
        ),
        decided,
        would_be,
        now,
        shadow_was_right,
    };
    let in_shadow = ShadowPage {
        layout: layout(true),
        flash: None,
        shadow: Some(shadow),
        moves: vec![
            Move { decided: State::Held, would_be: State::Spam, count: 11 },
            Move { decided: State::Approved, would_be: State::Held, count: 3 },
        ],
        rows: vec![
            difference((State::Held, 0.71), (State::Spam, 0.97), State::Spam, Some(true)),
            difference((State::Approved, 0.11), (State::Held, 0.34), State::Approved, None),
        ],
        older: Some("/admin/models/shadow?before=1".to_owned()),
    };
    vec![
        ("models.html", html(&index)),
        ("models-first.html", html(&first)),
        ("training.html", training(progress(Some(0.62)))),
        ("training-waiting.html", training(progress(None))),
        ("training-failed.html", training(Stage::Failed(failure))),
        ("training-done.html", training(outcome(Some(("Model 4".to_owned(), figures(0.0))), None))),
        (
            "training-refused.html",
            training(outcome(Some(("Model 4".to_owned(), figures(0.03))), Some(refused()))),
        ),
        ("training-done-first.html", training(outcome(None, None))),
        ("log-only.html", html(&log_only(say))),
        ("shadow.html", html(&in_shadow)),
        (
            "shadow-none.html",
            html(&ShadowPage { shadow: None, moves: Vec::new(), rows: Vec::new(), ..in_shadow.clone() }),
        ),
    ]
}

/// A site whose model is mostly right: what it published and turned away was audited, what it held was decided.
fn scored() -> Vec<Scored> {
    (0..1_800_u32)
        .map(|n| {
            let spread = f64::from(n % 600) / 600.0 * 14.0 - 7.0;
            // Few in the middle, many at both ends.
            let log_odds = if n % 9 == 0 { spread * 0.4 } else { 5.5 * spread.signum() + spread * 0.3 };
            let spam_probability = 1.0 / (1.0 + (-log_odds).exp());
            let truth = if (log_odds > 0.0) == (n % 23 != 1) { Truth::Spam } else { Truth::Ham };
            let sampled = n % 7 == 0;
            let (selection, seen) = if (0.2..0.95).contains(&spam_probability) {
                (Selection::Held, n % 5 != 0)
            } else {
                (Selection::Alone { share: 0.14, sampled }, sampled)
            };
            Scored { spam_probability, abuse_probability: None, selection, truth: seen.then_some(truth) }
        })
        .collect()
}

fn thresholds(say: Say) -> Vec<(&'static str, String)> {
    let comments = scored();
    let outlook = |low, high| {
        let thresholds = Thresholds::new(low, high).expect("the samples are in order");
        let forecast = replay(&comments, Cuts { thresholds, hold_abuse_from: 1.0 });
        Outlook { thresholds, forecast, days: 12.4 }
    };
    let present = outlook(0.2, 0.95);
    let mut bars = vec![ScoreBar::default(); moderato::classifier::scale::BARS];
    for comment in &comments {
        let bar = &mut bars[moderato::classifier::scale::bar(comment.spam_probability)];
        *match (comment.truth, comment.spam_probability) {
            (Some(Truth::Ham), _) => &mut bar.ham,
            (Some(Truth::Spam), _) => &mut bar.spam,
            (Some(Truth::Unwanted), _) => &mut bar.unwanted,
            (None, p) if p < 0.2 => &mut bar.published,
            (None, p) if p >= 0.95 => &mut bar.rejected,
            (None, _) => &mut bar.waiting,
        } += 1;
    }
    let field = |text: &str| say(text);
    let page = ThresholdsPage {
        layout: layout(true),
        flash: None,
        sites: vec![
            Choice { value: "harbour".to_owned(), words: say("Harbour Herald"), selected: true },
            Choice { value: "shop".to_owned(), words: say("Shop"), selected: false },
        ],
        title: say("Harbour Herald"),
        fields: ThresholdFields {
            site: field("harbour"),
            approve_below: field("0.4"),
            reject_from: field("0.8"),
            spam_published: field("0.5"),
            ham_rejected: field("0.1"),
        },
        error: None,
        comments: comments.len() as u64,
        days: 12.4,
        present,
        proposed: Some(outlook(0.4, 0.8)),
        promise: Vec::new(),
        put: Some(PostButton {
            action: "/admin/thresholds".to_owned(),
            label: "Put in force".to_owned(),
            hidden: vec![Hidden { name: "site", value: field("harbour") }],
        }),
        bars,
        audit: Audit {
            share: 0.02,
            published: present.forecast.published,
            rejected: present.forecast.rejected,
            waiting: 14,
        },
    };
    let first = ThresholdsPage {
        error: Some(format!("“{}” is not a number: write 0.5, for example.", say("a"))),
        comments: 0,
        present: Outlook {
            forecast: replay(&[], Cuts { thresholds: present.thresholds, hold_abuse_from: 1.0 }),
            ..present
        },
        proposed: None,
        put: None,
        bars: vec![ScoreBar::default(); moderato::classifier::scale::BARS],
        audit: Audit { share: 0.0, published: End::default(), rejected: End::default(), waiting: 0 },
        ..page.clone()
    };
    vec![("thresholds.html", html(&page)), ("thresholds-first.html", html(&first))]
}
