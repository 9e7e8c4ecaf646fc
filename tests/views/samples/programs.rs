//! Mails, webhooks, the API, keys, log only.

use super::{Say, button, html, layout, moment};
use moderato::comment::State;
use moderato::web::views::{
    ApiAnswer, ApiCall, ApiField, ApiPage, ApiResource, ApiShape, Choice, Delivery, Disagreement, KeyPanel,
    KeyWay, KeysPage, Link, LinkPage, LogOnlyPage, MadeKey, MailTrouble, Quoted, VerdictTrouble, WebhookCard,
    WebhookForm, WebhookPage, WebhooksPage, Words,
};

pub(super) fn notices(say: Say) -> Vec<(&'static str, String)> {
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
        verdicts: ["Given up after 8 tries", "Tried again at 28 November 2026, 12:00 UTC"]
            .map(|standing| VerdictTrouble {
                program: say("WordPress"),
                site: say("A Blog"),
                comment: Link { text: say("Oleh K."), href: "/admin/comments/blog/1".to_owned() },
                spam: true,
                standing: standing.to_owned(),
                error: say("it answered 500"),
                retry: button("Try now"),
            })
            .into(),
        retry_verdicts: button("Try all now"),
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

pub(super) fn api(say: Say) -> ApiPage {
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

pub(super) fn log_only(say: Say) -> LogOnlyPage {
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

pub(super) fn keys(say: Say) -> KeysPage {
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
