//! The features that tell most, towards spam and towards ham.

use std::fmt::Write as _;

use super::{count, escaped};
use crate::classifier::Telling;

/// The token, and which other one its evidence may come from.
fn name(feature: &Telling) -> String {
    match &feature.shares_with {
        Some(other) => format!("{} (or {})", escaped(&feature.token), escaped(other)),
        None => escaped(&feature.token).into_owned(),
    }
}

/// The section, a table a side. Empty without features.
pub(super) fn telling(features: &[Telling]) -> String {
    if features.is_empty() {
        return String::new();
    }
    let most = features.iter().map(|feature| feature.log_odds.abs()).fold(f64::MIN_POSITIVE, f64::max);
    let mut html = String::from("<section>\n<h2>What tells most</h2>\n<div class=\"pair\">\n");
    for (class, heading, way) in [("spam", "✕ Towards spam", 1.0), ("ham", "✓ Towards ham", -1.0)] {
        let _ = writeln!(
            html,
            "<div class=\"wide\"><table class=\"telling\">\n<caption>{heading}</caption>\n<thead><tr><th \
             scope=\"col\">Feature</th><th scope=\"col\" class=\"number\">Log-odds</th><th scope=\"col\" \
             class=\"number\">In spam</th><th scope=\"col\" class=\"number\">In ham</th></tr></thead>\n<tbody>"
        );
        for feature in features.iter().filter(|feature| way * feature.log_odds > 0.0) {
            let length = 100.0 * feature.log_odds.abs() / most;
            let _ = writeln!(
                html,
                "<tr><th scope=\"row\"><bdi>{}</bdi> <span class=\"small\">{}</span><svg class=\"weight\" viewBox=\"0 0 100 4\" \
                 preserveAspectRatio=\"none\" aria-hidden=\"true\"><rect class=\"bar {class}\" width=\"{length:.1}\" \
                 height=\"4\"/></svg></th><td class=\"number\">{}</td><td class=\"number\">{}</td><td \
                 class=\"number\">{}</td></tr>",
                name(feature),
                feature.group.as_str(),
                format!("{:+.2}", feature.log_odds).replace('-', "−"),
                count(feature.seen.spam.into()),
                count(feature.seen.ham.into())
            );
        }
        html.push_str("</tbody></table></div>\n");
    }
    html.push_str("</div>\n</section>\n");
    html
}
