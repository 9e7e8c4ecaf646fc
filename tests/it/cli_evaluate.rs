//! `moderato evaluate`: what can be promised, and the report.

use std::fmt::Write as _;
use std::fs;

use crate::command::{in_repository, moderato};

/// A model of the comments under two videos, and comments under a third.
fn evaluate(more: &[&str]) -> crate::command::Run {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("m.model").to_str().unwrap().to_owned();
    let [psy, perry, eminem] = ["psy", "katyperry", "eminem"]
        .map(|video| in_repository(&format!("models/data/youtube-{video}.csv")));
    let run = moderato(&["train", "--csv", &psy, &perry, "--out", &model, "--validation", "0"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    moderato(&[&["evaluate", "--model", &model, "--csv", &eminem], more].concat())
}

#[test]
fn thresholds_keep_their_promise_and_the_figures_say_so() {
    let targets = ["--target-spam-published", "0.15", "--target-ham-rejected", "0.1"];
    let run = evaluate(&[&targets[..], &["--json"]].concat());
    assert_eq!(run.status, 0, "{}", run.stderr);
    let figures = run.json();
    let number = |path: &str| figures.pointer(path).and_then(serde_json::Value::as_f64).expect(path);
    let (approve_below, reject_from) =
        (number("/promise/thresholds/approve_below"), number("/promise/thresholds/reject_from"));
    assert!(0.0 < approve_below && approve_below <= reject_from && reject_from < 1.0);
    assert!(number("/promise/published/at_most") <= 0.15 && number("/promise/rejected/at_most") <= 0.1);
    for (decided, promised) in [("approved", "published"), ("rejected", "rejected")] {
        let rows = number(&format!("/decisions/{decided}"));
        assert!(rows > 50.0 && (rows - number(&format!("/promise/{promised}/rows"))).abs() < 0.5);
    }
    assert!(number("/decisions/approved_spam_interval/at_most") <= 0.15);
    let automatic = (number("/decisions/approved") + number("/decisions/rejected")) / number("/rows");
    assert!((number("/decisions/automatic_share") - automatic).abs() < 1e-9);
    let bins = figures["reliability"].as_array().unwrap();
    let rows: f64 = bins.iter().map(|bin| bin["ham"].as_f64().unwrap() + bin["spam"].as_f64().unwrap()).sum();
    assert!((rows - number("/rows")).abs() < 0.5);
}

#[test]
fn what_cannot_be_promised_is_held_and_says_what_is_missing() {
    let run = evaluate(&["--target-spam-published", "0.005", "--target-ham-rejected", "0.001"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(
        run.stdout.contains("Nothing can be published by itself: with no further error, "),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("more spam comments are needed to promise at most 0.1 % genuine"));
    assert!(run.stdout.contains("held                                            448"), "{}", run.stdout);
    assert!(run.stdout.contains("probability said"), "the reliability table is in every evaluation");
}

#[test]
fn targets_go_together_and_are_shares() {
    let model = in_repository("models/starter.model");
    for wrong in [
        &["--target-spam-published", "0.005"][..],
        &["--target-spam-published", "0.005", "--target-ham-rejected", "5"],
        &["--target-spam-published", "0.005", "--target-ham-rejected", "0.1", "--reject-from", "0.9"],
        &["--confidence", "0.8"],
    ] {
        let run = moderato(&[&["evaluate", "--model", &model, "--csv", "-"], wrong].concat());
        assert_eq!(run.status, 2, "{wrong:?}: {}", run.stderr);
    }
}

#[test]
fn the_report_lists_the_worst_mistakes_with_their_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let mut csv = String::from("text,label\n");
    for n in 0..30 {
        let _ = write!(csv, "buy cheap pills number {n},spam\nmy diary of the year {n},ham\n");
    }
    fs::write(path("a.csv"), &csv).unwrap();
    fs::write(path("b.csv"), "text,label\nbuy cheap pills <script>,ham\nmy diary of the year,spam\n")
        .unwrap();
    let run = moderato(&["train", "--csv", &path("a.csv"), "--out", &path("m.model")]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let (model, report, a, b) = (path("m.model"), path("r.html"), path("a.csv"), path("b.csv"));
    let run = moderato(&["evaluate", "--model", &model, "--csv", &a, &b, "--report", &report]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let page = fs::read_to_string(report).unwrap();
    assert!(page.contains("b.csv, line 2</p><blockquote><bdi>buy cheap pills &lt;script&gt;"), "{page}");
    assert!(page.contains("b.csv, line 3</p><blockquote><bdi>my diary of the year"));
    assert!(!page.contains("a.csv, line"), "what is right is no mistake");
}
