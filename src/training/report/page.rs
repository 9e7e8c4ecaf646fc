//! The report as one self-contained page: paper and ink, for light and dark screens, phones and printers. It loads
//! nothing and runs nothing.

use std::fmt::Write as _;

use super::super::card as words;
use super::{Report, count, curves, escaped, histogram, mistakes, outcomes, percent, reliability, telling};
use crate::classifier::{Evaluation, ModelCard, Source};
use crate::drawing::Figure;

const STYLE: &str = concat!(include_str!("report.css"), include_str!("../../drawing/drawing.css"));

/// The page.
pub fn html(report: &Report<'_>) -> String {
    let title = escaped(report.title);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<title>{title} · Moderato</title>\n<style>\n{STYLE}</style>\n\
         </head>\n<body>\n<main>\n<header>\n<p class=\"kicker\">Moderato · report</p>\n<h1>{title}</h1>\n"
    );
    match report.evaluation {
        Some(figures) => {
            page.push_str(&outcomes::headline(figures));
            page.push_str("</header>\n");
            page.push_str(&outcomes::outcomes(figures));
            for promise in report.promises {
                let _ = writeln!(page, "<p class=\"words\">{}</p>", escaped(promise));
            }
            page.push_str(&tiles(figures));
            page.push_str("<section>\n<h2>In pictures</h2>\n<div class=\"figures\">\n");
            for figure in [
                histogram::histogram(report.scored, figures),
                reliability::reliability(figures),
                curves::roc(report.scored, figures),
                curves::precision_recall(report.scored, figures),
            ] {
                add(&mut page, &figure);
            }
            page.push_str("</div>\n</section>\n");
        }
        None => page.push_str(
            "<p class=\"lead\">There were too few rows to hold any out, so nothing was measured.</p>\n</header>\n",
        ),
    }
    page.push_str(&telling::telling(&report.card.telling));
    page.push_str(&mistakes::mistakes(report.mistakes));
    let _ = writeln!(page, "<section>\n<h2>The data</h2>\n{}</section>", sources(report.sources));
    page.push_str("<section>\n<h2>This run</h2>\n");
    facts(&mut page, report.facts.iter().map(|(name, value)| (name.as_str(), value.clone())));
    if let Some(figures) = report.evaluation {
        page.push_str("<details><summary>All figures</summary>\n");
        facts(&mut page, crate::training::card::lines(figures));
        page.push_str("</details>\n");
    }
    page.push_str("</section>\n");
    card(&mut page, report.card);
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// The figures that people ask for first.
fn tiles(figures: &Evaluation) -> String {
    let mut html = String::from("<dl class=\"tiles\">\n");
    for (value, name) in [
        (percent(figures.accuracy), "judged rightly at even odds"),
        (format!("{:.4}", figures.roc_auc), "area under the ROC curve"),
        (
            percent(figures.spam_caught_at_ham_blocked.five_in_1000),
            "of the spam caught while 0.5 % of the ham is blocked",
        ),
        (format!("{:.4}", figures.brier), "Brier score; 0 is perfect, 0.25 is a coin"),
    ] {
        let _ = writeln!(html, "<div><dt>{name}</dt><dd>{value}</dd></div>");
    }
    html.push_str("</dl>\n");
    html
}

fn add(page: &mut String, figure: &Figure) {
    let Figure { heading, words, svg, heads, rows } = figure;
    let table = table(heads, rows.iter().cloned());
    let _ = writeln!(
        page,
        "<figure>\n<figcaption><h3>{}</h3>\n<p>{}</p></figcaption>\n{svg}<details><summary>The figures behind \
         it</summary>\n{table}</details>\n</figure>",
        escaped(heading),
        escaped(words)
    );
}

/// A table whose first column names the rows and whose others are figures.
pub(super) fn table(heads: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut html = String::from("<div class=\"wide\"><table>\n<thead><tr>");
    for (column, head) in heads.iter().enumerate() {
        let class = if column == 0 { "" } else { " class=\"number\"" };
        let _ = write!(html, "<th scope=\"col\"{class}>{}</th>", escaped(head));
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        html.push_str("<tr>");
        for (column, cell) in row.iter().enumerate() {
            let cell = escaped(cell);
            let _ = if column == 0 {
                write!(html, "<th scope=\"row\">{cell}</th>")
            } else {
                write!(html, "<td class=\"number\">{cell}</td>")
            };
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div>\n");
    html
}

fn facts<'a>(page: &mut String, facts: impl IntoIterator<Item = (&'a str, String)>) {
    page.push_str("<dl class=\"facts\">\n");
    for (name, value) in facts {
        let _ = writeln!(page, "<div><dt>{}</dt><dd>{}</dd></div>", escaped(name), escaped(&value));
    }
    page.push_str("</dl>\n");
}

fn sources(sources: &[Source]) -> String {
    table(
        &["File", "Rows", "Ham", "Spam", "Left out"],
        sources.iter().map(|source| {
            [source.rows, source.ham, source.spam, source.left_out].iter().fold(
                vec![source.name.clone()],
                |mut row, number| {
                    row.push(count(*number));
                    row
                },
            )
        }),
    )
}

fn card(page: &mut String, card: &ModelCard) {
    page.push_str("<section>\n<h2>The model</h2>\n");
    facts(
        page,
        [
            ("trained at", card.trained_at.clone()),
            ("trained by", card.trained_by.clone()),
            (
                "learned from",
                format!("{} comments ({} spam, {} ham)", count(card.rows), count(card.spam), count(card.ham)),
            ),
            ("method", words::method(card)),
            ("feature specification", card.feature_spec.to_string()),
            ("calibration", words::formula(&card.calibration)),
            ("seed", card.seed.to_string()),
        ],
    );
    if card.sources.iter().any(|source| source.rows > 0) {
        let _ = writeln!(
            page,
            "<details><summary>What it was trained on</summary>\n{}</details>",
            sources(&card.sources)
        );
    }
    page.push_str("</section>\n");
}

#[cfg(test)]
mod tests {
    use super::super::mistakes::Mistakes;
    use super::*;
    use crate::classifier::Label::{self, Ham, Spam};
    use crate::classifier::{Group, Seen, Telling};
    use crate::training::evaluate;

    const HOSTILE: &str = "</bdi><script>alert(\"1\")</script><img src=x onerror='alert(1)'>";

    fn shown<R>(scored: &[(f64, Label)], cuts: (f64, f64), show: impl FnOnce(&Report<'_>) -> R) -> R {
        let evaluation = evaluate(scored, cuts);
        let mut mistakes = Mistakes::default();
        for (line, &(probability, label)) in (1..).zip(scored) {
            mistakes.offer("comments.csv", line, probability, label, HOSTILE);
        }
        let telling = [
            Telling {
                column: 1,
                group: Group::Links,
                token: format!("link to {HOSTILE}"),
                shares_with: None,
                log_odds: 2.1,
                seen: Seen { spam: 41, ham: 0 },
            },
            Telling {
                column: 2,
                group: Group::Words,
                token: "word “thanks”".into(),
                shares_with: Some(format!("word “{HOSTILE}”")),
                log_odds: -1.2,
                seen: Seen { spam: 2, ham: 19 },
            },
        ];
        let source = Source {
            name: "comments.csv".into(),
            rows: scored.len() as u64,
            spam: evaluation.spam,
            ham: evaluation.ham,
            left_out: 1,
            ..Source::default()
        };
        show(&Report {
            title: "A & B",
            facts: &[("file".to_owned(), HOSTILE.to_owned())],
            promises: &["Nothing can be published by itself.".to_owned()],
            evaluation: Some(&evaluation),
            scored,
            mistakes: &mistakes.into_worst(),
            sources: &[source],
            card: &ModelCard { telling: telling.to_vec(), ..ModelCard::default() },
        })
    }

    const SMALL: [(f64, Label); 6] =
        [(0.97, Spam), (0.02, Ham), (0.4, Spam), (0.6, Ham), (0.998, Spam), (0.01, Ham)];

    #[test]
    fn the_page_is_whole() {
        shown(&SMALL, (0.2, 0.95), |report| {
            insta::assert_snapshot!("page", html(report).replace(STYLE, "(report.css)\n"));
            insta::assert_snapshot!("text", report.text());
        });
    }

    #[test]
    fn comments_are_text_and_nothing_is_loaded() {
        let page = shown(&SMALL, (0.2, 0.95), html);
        assert!(!page.contains("<script") && !page.contains("<img") && page.contains("&lt;script&gt;"));
        assert!(!page.contains("://") && !page.contains("@import") && !page.contains("url("));
    }

    #[test]
    fn every_shape_of_data_gives_a_page_without_broken_numbers() {
        let one_class = [(0.3, Ham); 3];
        let extremes = [(0.0, Ham), (1.0, Spam), (1.0, Ham), (0.0, Spam)];
        for (scored, cuts) in [
            (&one_class[..], (0.2, 0.95)),
            (&extremes, (0.0, 1.01)),
            (&extremes, (1.0, 1.0)),
            (&SMALL, (0.5, 0.5)),
            (&[], (0.0, 0.0)),
        ] {
            let page = shown(scored, cuts, html);
            assert!(!page.contains("NaN") && !page.contains("inf"), "{cuts:?} of {scored:?}: {page}");
        }
    }

    #[test]
    fn a_model_that_was_not_measured_has_a_page_too() {
        let page =
            shown(&SMALL, (0.2, 0.95), |report| html(&Report { evaluation: None, scored: &[], ..*report }));
        assert!(page.contains("nothing was measured") && !page.contains("In pictures"));
    }
}
