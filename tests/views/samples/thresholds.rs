//! Thresholds and promises.

use super::{Say, html, layout};
use moderato::policy::{Cuts, End, Scored, Selection, Thresholds, Truth, replay};
use moderato::web::views::{
    Audit, Choice, Hidden, Outlook, PostButton, ScoreBar, ThresholdFields, ThresholdsPage,
};

/// A site whose model is mostly right: what it published and turned away was audited, what it held was decided.
pub(super) fn scored() -> Vec<Scored> {
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

pub(super) fn thresholds(say: Say) -> Vec<(&'static str, String)> {
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
