//! The model card as a page to read beside the model file.

use std::fmt::Write as _;

use crate::classifier::{
    ALPHA_PRESENCE, Calibration, Evaluation, Group, Interval, Model, ModelCard, Subject,
};

/// The card in Markdown. `notes` are the trainer's own remarks, put before the general limits.
pub fn markdown(model: &Model, notes: &str) -> String {
    let card = model.card();
    let mut page = String::from("# Model card\n\n");
    let _ = writeln!(page, "| | |\n|---|---|");
    let _ = writeln!(page, "| version | `{}` |", model.checksum());
    let _ = writeln!(page, "| judges | {} |", card.subject.as_str());
    let _ = writeln!(page, "| trained at | {} |", card.trained_at);
    let _ = writeln!(page, "| trained by | `{}` |", card.trained_by);
    let _ = writeln!(page, "| rows | {} ({} spam, {} ham) |", card.rows, card.spam, card.ham);
    let _ = writeln!(page, "| method | {} |", method(card));
    let _ = writeln!(page, "| feature specification | {} |", card.feature_spec);
    let _ = writeln!(page, "| calibration | {} |", formula(&card.calibration));
    let _ = writeln!(page, "| seed | {} |", card.seed);
    page.push_str(
        "\n## Data\n\n| file | rows | spam | ham | left out | BLAKE3 |\n|---|---|---|---|---|---|\n",
    );
    for source in &card.sources {
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | `{}` |",
            source.name, source.rows, source.spam, source.ham, source.left_out, source.checksum
        );
    }
    page.push_str("\n## Figures\n\n");
    match &card.held_out {
        Some(figures) => {
            let _ = writeln!(page, "Measured on {}.\n", card.measured);
            for (name, value) in lines(figures) {
                let _ = writeln!(page, "- {name}: {value}");
            }
        }
        None => page.push_str("None: there were too few rows to hold any out.\n"),
    }
    page.push_str("\n## Limits\n\n");
    if !notes.trim().is_empty() {
        let _ = writeln!(page, "{}\n", notes.trim());
    }
    page.push_str(
        "- The figures hold for comments like those in the data. On a site of another kind expect less, until the \
         site's own examples have been learned.\n- Probabilities are calibrated for a queue that is half spam.\n",
    );
    page.push_str(match card.subject {
        Subject::Spam => "- It judges advertising, not insults, truth or taste.\n",
        Subject::Abuse => "- It judges abuse, which is called spam above, and nothing else; it holds comments for a person and \
            turns none away.\n",
    });
    page
}

/// What kind of model it is, for people.
pub(super) fn method(card: &ModelCard) -> String {
    format!(
        "naive Bayes: a multinomial (α {}) and a Bernoulli model (α {ALPHA_PRESENCE}) a group, stacked; {} columns in use",
        card.alpha, card.columns
    )
}

/// How the evidence is weighed, for people.
pub(super) fn formula(calibration: &Calibration) -> String {
    let kinds = [("", Group::ALL), (" present", Group::ALL)];
    let weights: Vec<String> = kinds
        .into_iter()
        .flat_map(|(model, groups)| groups.map(|group| format!("{}{model}", group.as_str())))
        .zip(calibration.weights)
        .filter(|(_, weight)| *weight > 0.0)
        .map(|(kind, weight)| format!("{weight:.4} · {kind}"))
        .collect();
    format!(
        "log-odds = {} {:+.4}, fitted on {} out-of-fold rows; where spam is as frequent as in them {:+.4}",
        weights.join(" + "),
        calibration.intercept,
        calibration.rows,
        calibration.prior
    )
}

/// Name and value of each figure, for people.
pub(super) fn lines(figures: &Evaluation) -> Vec<(&'static str, String)> {
    let percent = |share: f64| format!("{:.2} %", 100.0 * share);
    let caught = figures.spam_caught_at_ham_blocked;
    let decisions = figures.decisions;
    let decided = |rows: u64, kind: &str, share: f64, bounds: Interval| {
        if rows == 0 {
            return "0".to_owned();
        }
        let [share, low, high] = [share, bounds.at_least, bounds.at_most].map(percent);
        format!("{rows}, {share} of them {kind} ({low} to {high})")
    };
    vec![
        ("rows", format!("{} ({} spam, {} ham)", figures.rows, figures.spam, figures.ham)),
        ("accuracy", percent(figures.accuracy)),
        ("precision", percent(figures.precision)),
        ("recall (spam caught)", percent(figures.recall)),
        ("F1", format!("{:.4}", figures.f1)),
        ("MCC", format!("{:.4}", figures.mcc)),
        ("ROC AUC", format!("{:.4}", figures.roc_auc)),
        ("PR AUC", format!("{:.4}", figures.pr_auc)),
        ("Brier score", format!("{:.4}", figures.brier)),
        ("calibration error", format!("{:.4}", figures.ece)),
        ("spam called spam / ham", format!("{} / {}", figures.confusion.tp, figures.confusion.fn_)),
        ("ham called ham / spam", format!("{} / {}", figures.confusion.tn, figures.confusion.fp)),
        (
            "spam caught at 0 / 0.1 / 0.5 / 1 % ham blocked",
            [caught.none, caught.one_in_1000, caught.five_in_1000, caught.one_in_100]
                .map(percent)
                .join(" / "),
        ),
        ("decided automatically", percent(decisions.automatic_share)),
        (
            "approved",
            decided(
                decisions.approved,
                "spam",
                decisions.approved_spam_share,
                decisions.approved_spam_interval,
            ),
        ),
        ("held", decisions.held.to_string()),
        (
            "rejected",
            decided(decisions.rejected, "ham", decisions.rejected_ham_share, decisions.rejected_ham_interval),
        ),
    ]
}
