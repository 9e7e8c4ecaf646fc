//! The report: figures as a table for the terminal, or as one HTML page that needs nothing else.

#![expect(clippy::cast_precision_loss, reason = "counts of rows and columns are far below 2^52")]

use std::fmt::Write as _;

use super::card::lines;
use super::evaluation::{BINS, bins};
use crate::classifier::{Evaluation, Label};

/// What a report tells.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// Heading.
    pub title: &'a str,
    /// Facts above the figures: name and value.
    pub facts: &'a [(String, String)],
    /// The figures; none if there was nothing to measure.
    pub evaluation: Option<&'a Evaluation>,
    /// Probability and label of each measured row.
    pub scored: &'a [(f64, Label)],
}

impl Report<'_> {
    /// The report as aligned lines.
    pub fn text(&self) -> String {
        let rows: Vec<(&str, &str)> =
            self.facts.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let figures = self.evaluation.map(lines).unwrap_or_default();
        let figures: Vec<(&str, &str)> =
            figures.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let width = rows.iter().chain(&figures).map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        let mut text = format!("{}\n\n", self.title);
        for (name, value) in rows.iter().chain(&[("", "")]).chain(&figures) {
            let _ = writeln!(text, "{}", format!("{name:width$}  {value}").trim_end());
        }
        text.trim_end().to_owned()
    }
}

const STYLE: &str = "
:root{color-scheme:light dark;--line:#8886;--ham:#2a7f62;--spam:#b3432f}
@media(prefers-color-scheme:dark){:root{--ham:#5cc6a0;--spam:#f08a74}}
body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
th{font-weight:600;width:45%}svg{width:100%;height:auto}figure{margin:2rem 0}text{font-size:12px;fill:currentColor}
";

/// The report as one self-contained page, for light and dark screens.
pub fn html(report: &Report<'_>) -> String {
    let title = html_escape::encode_text(report.title);
    let mut page = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <h1>{title}</h1>\n"
    );
    table(&mut page, report.facts.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    match report.evaluation {
        Some(figures) => {
            page.push_str("<h2>Figures</h2>\n");
            let lines = lines(figures);
            table(&mut page, lines.iter().map(|(name, value)| (*name, value.as_str())));
            reliability(&mut page, report.scored);
            histogram(&mut page, report.scored);
        }
        None => page.push_str("<p>There were too few rows to hold any out, so nothing was measured.</p>\n"),
    }
    page.push_str("</body>\n</html>\n");
    page
}

fn table<'a>(page: &mut String, rows: impl Iterator<Item = (&'a str, &'a str)>) {
    page.push_str("<table>\n");
    for (name, value) in rows {
        let (name, value) = (html_escape::encode_text(name), html_escape::encode_text(value));
        let _ = writeln!(page, "<tr><th scope=\"row\">{name}</th><td>{value}</td></tr>");
    }
    page.push_str("</table>\n");
}

/// Side of the drawings' plane, and room for labels left of and below it.
const SIDE: f64 = 300.0;
const MARGIN: f64 = 40.0;

fn frame(page: &mut String, title: &str, x: &str, y: &str) {
    let (size, bottom, middle) = (SIDE + MARGIN + 10.0, SIDE + 10.0, SIDE / 2.0);
    let _ = write!(
        page,
        "<figure><figcaption>{title}</figcaption>\n<svg viewBox=\"0 0 {size} {size}\" role=\"img\" aria-label=\"{title}\">\n\
         <rect x=\"{MARGIN}\" y=\"10\" width=\"{SIDE}\" height=\"{SIDE}\" fill=\"none\" stroke=\"var(--line)\"/>\n\
         <text x=\"{MARGIN}\" y=\"{}\">0</text><text x=\"{}\" y=\"{}\" text-anchor=\"end\">1</text>\n\
         <text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{x}</text>\n\
         <text x=\"12\" y=\"{}\" transform=\"rotate(-90 12 {})\" text-anchor=\"middle\">{y}</text>\n",
        bottom + 16.0,
        SIDE + MARGIN,
        bottom + 16.0,
        MARGIN + middle,
        bottom + 16.0,
        middle,
        middle
    );
}

/// Of the rows given a probability, how many were spam: on the diagonal the model means what it says.
fn reliability(page: &mut String, scored: &[(f64, Label)]) {
    frame(page, "Reliability", "probability given", "share that was spam");
    let bottom = SIDE + 10.0;
    let _ = writeln!(
        page,
        "<line x1=\"{MARGIN}\" y1=\"{bottom}\" x2=\"{}\" y2=\"10\" stroke=\"var(--line)\" stroke-dasharray=\"4\"/>",
        MARGIN + SIDE
    );
    for bin in bins(scored).into_iter().filter(|bin| bin.rows() > 0) {
        let (x, y) = (MARGIN + SIDE * bin.mean_probability, bottom - SIDE * bin.spam_share());
        let radius = 3.0 + 9.0 * (bin.rows() as f64 / scored.len() as f64).sqrt();
        let _ = writeln!(
            page,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" fill=\"var(--spam)\" fill-opacity=\".7\"><title>{} \
             rows, probability {:.2}, spam {:.2}</title></circle>",
            bin.rows(),
            bin.mean_probability,
            bin.spam_share()
        );
    }
    page.push_str("</svg></figure>\n");
}

/// How the probabilities of ham and spam lie apart.
fn histogram(page: &mut String, scored: &[(f64, Label)]) {
    frame(page, "Scores of ham and spam", "probability given", "rows");
    let bins = bins(scored);
    let most = bins.iter().map(|bin| bin.ham.max(bin.spam)).max().unwrap_or(0).max(1);
    let width = SIDE / BINS as f64;
    for (place, bin) in bins.into_iter().enumerate() {
        for (side, (count, colour)) in [(bin.ham, "ham"), (bin.spam, "spam")].into_iter().enumerate() {
            let height = SIDE * count as f64 / most as f64;
            let x = MARGIN + width * (place as f64 + 0.1 + 0.4 * side as f64);
            let _ = writeln!(
                page,
                "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\" fill=\"var(--{colour})\"><title>{count} \
                 {colour}</title></rect>",
                SIDE + 10.0 - height,
                0.4 * width
            );
        }
    }
    page.push_str("</svg></figure>\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::training::evaluate;

    #[test]
    fn the_page_is_whole_and_safe() {
        let scored = [(0.97, Label::Spam), (0.02, Label::Ham), (0.4, Label::Spam)];
        let evaluation = evaluate(&scored, (0.2, 0.95));
        let facts = [("file".to_owned(), "<script>alert(1)</script>".to_owned())];
        let report = Report { title: "A & B", facts: &facts, evaluation: Some(&evaluation), scored: &scored };
        let page = html(&report);
        assert!(!page.contains("<script>") && page.contains("&lt;script"));
        assert!(!page.contains("http"), "a report loads nothing");
        insta::assert_snapshot!(report.text());
    }
}
