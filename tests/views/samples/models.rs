//! Models, trainings, figures.

use super::programs::log_only;
use super::{Say, button, html, layout, moment};
use moderato::comment::State;
use moderato::web::views::{
    BadRow, BadRows, Bin, Comparison, Confusion, Difference, Failure, Figures, Link, ModelCard, ModelVersion,
    ModelsPage, Move, Outcome, Progress, Refused, ShadowPage, ShadowPanel, Sign, Signs, SitePromise, Stage,
    TrainingPage, UploadForm,
};

pub(super) fn figures(better: f64) -> Figures {
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

pub(super) fn models(say: Say) -> Vec<(&'static str, String)> {
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
