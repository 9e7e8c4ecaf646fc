//! What the two thresholds make of the rows: a strip of three parts, and the confusion behind it.

use std::fmt::Write as _;

use super::{count, percent};
use crate::classifier::{Decisions, Evaluation, Interval};
use crate::training::evaluation::share;

/// The headline: how much needs nobody, and how often that is wrong.
pub(super) fn headline(figures: &Evaluation) -> String {
    let decisions = figures.decisions;
    let rows = count(figures.rows);
    if decisions.approved + decisions.rejected == 0 {
        return format!("<p class=\"lead\">All {rows} comments wait for a person.</p>\n");
    }
    let end = |name: &str, rows: u64, errors: u64, wrong: &str, bounds: Interval| {
        if rows == 0 {
            return format!("None is {name}.");
        }
        let (share, most) = (percent(share(errors, rows)), percent(bounds.at_most));
        format!("Of the {name}, {share} are {wrong} (at most {most}).")
    };
    format!(
        "<p class=\"lead\"><strong>{}</strong> of {rows} comments need nobody. {} {}</p>\n",
        percent(decisions.automatic_share),
        end(
            "published",
            decisions.approved,
            decisions.approved_spam,
            "spam",
            decisions.approved_spam_interval
        ),
        end(
            "turned away",
            decisions.rejected,
            decisions.rejected_ham,
            "genuine",
            decisions.rejected_ham_interval
        )
    )
}

/// Bounds of a rate, as short as can be: `6.8–13.0 %`.
fn range(bounds: Interval) -> String {
    let (low, high) = (percent(bounds.at_least), percent(bounds.at_most));
    format!("{}–{high}", low.trim_end_matches(" %"))
}

/// The strip and the table: approved, held, rejected by ham and spam.
pub(super) fn outcomes(figures: &Evaluation) -> String {
    let Decisions { approved, held, rejected, approved_spam, held_spam, rejected_ham, .. } =
        figures.decisions;
    let parts = [
        ("ham", "✓", "published", approved, approved - approved_spam, approved_spam),
        ("doubt", "◐", "held", held, held - held_spam, held_spam),
        ("spam", "✕", "turned away", rejected, rejected_ham, rejected - rejected_ham),
    ];
    let mut html = String::from("<div class=\"strip\" aria-hidden=\"true\">");
    for (class, sign, name, rows, _, _) in parts.iter().filter(|part| part.3 > 0) {
        let _ = write!(
            html,
            "<div class=\"{class}\" style=\"flex-grow:{rows}\"><b>{}</b> <span>{sign} {name}</span></div>",
            percent(share(*rows, figures.rows))
        );
    }
    html.push_str(
        "</div>\n<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">Decision</th><th scope=\"col\" \
         class=\"number\">Ham</th><th scope=\"col\" class=\"number\">Spam</th><th scope=\"col\" class=\"number\">Wrong\
         </th><th scope=\"col\" class=\"number\">Believable</th></tr></thead>\n<tbody>\n",
    );
    let intervals = [
        Some((figures.decisions.approved_spam_share, figures.decisions.approved_spam_interval)),
        None,
        Some((figures.decisions.rejected_ham_share, figures.decisions.rejected_ham_interval)),
    ];
    for ((class, sign, name, rows, ham, spam), wrong) in parts.into_iter().zip(intervals) {
        let (wrong, believable) = match wrong {
            Some((wrong, bounds)) if rows > 0 => (percent(wrong), range(bounds)),
            _ => ("–".to_owned(), "–".to_owned()),
        };
        let _ = writeln!(
            html,
            "<tr><th scope=\"row\" class=\"{class}\">{sign} {name}</th><td class=\"number\">{}</td><td class=\"number\">{}\
             </td><td class=\"number\">{wrong}</td><td class=\"number\">{believable}</td></tr>",
            count(ham),
            count(spam)
        );
    }
    html.push_str(
        "</tbody></table></div>\n<p class=\"small\">Believable is what chance leaves open: each bound by itself holds \
         with 90 % confidence (Clopper and Pearson).</p>\n",
    );
    html
}
