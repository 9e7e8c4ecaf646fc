//! `moderato score` with the shipped starter model.

use serde_json::Value;

use crate::command::{Run, in_repository, moderato_with};

fn score(arguments: &[&str], stdin: &[u8]) -> (Run, Vec<Value>) {
    let model = in_repository("models/starter.model");
    let run = moderato_with(&[&["score", "--model", &model][..], arguments].concat(), stdin);
    let objects = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (run, objects)
}

const HAM: &str = "Thanks for the article, I did not know that the county had paper backups.";
const SPAM: &str = "WIN £1000 cash now, click http://best-casino-777.top for your free bonus";

#[test]
fn lines_are_scored_in_order() {
    let (run, objects) = score(&[], format!("{HAM}\n\n{SPAM}").as_bytes());
    assert_eq!((run.status, run.stderr.as_str(), objects.len()), (0, "", 3));
    assert_eq!(objects[0]["decision"], "approve");
    assert_eq!(objects[2]["decision"], "reject");
    assert!(objects[0].get("reasons").is_none());
    let (probability, log_odds) =
        (objects[2]["spam_probability"].as_f64().unwrap(), objects[2]["log_odds"].as_f64().unwrap());
    assert!((probability - 1.0 / (1.0 + (-log_odds).exp())).abs() < 1e-12);
}

#[test]
fn reasons_come_with_explain() {
    let (_, objects) = score(&["--explain"], SPAM.as_bytes());
    let reasons = objects[0]["reasons"].as_array().unwrap();
    assert_eq!(reasons.len(), 10);
    assert!(reasons.iter().any(|reason| reason["group"] == "links"), "{reasons:?}");
}

#[test]
fn thresholds_decide() {
    let (_, objects) =
        score(&["--approve-below", "0", "--reject-from", "1"], format!("{HAM}\n{SPAM}\n").as_bytes());
    assert!(objects.iter().all(|object| object["decision"] == "hold"));
    assert_eq!(score(&["--approve-below", "0.9", "--reject-from", "0.1"], b"").0.status, 2);
}

#[test]
fn json_and_csv_come_with_their_author() {
    let json = format!("{{\"content\": {SPAM:?}, \"author\": \"Casino\", \"email\": null}}\n\"{HAM}\"\n");
    let (run, from_json) = score(&["--format", "ndjson"], json.as_bytes());
    assert_eq!(run.status, 0, "{}", run.stderr);
    let csv = format!("author,comment\nCasino,\"{SPAM}\"\n,\"{HAM}\"\n");
    let (_, from_csv) = score(&["--format", "csv"], csv.as_bytes());
    assert_eq!(from_json, from_csv);
    assert_eq!(from_json[1]["decision"], "approve");
}

#[test]
fn bad_lines_are_told_in_their_place() {
    let (run, objects) = score(&["--format", "ndjson"], b"\"fine\"\n{\n{\"author\":\"x\"}\n\xff\n\"fine\"\n");
    assert_eq!(run.status, 1);
    let lines: Vec<Option<u64>> = objects.iter().map(|object| object["line"].as_u64()).collect();
    assert_eq!(lines, [None, Some(2), Some(3), Some(4), None]);
    assert!(objects[1]["error"].as_str().unwrap().starts_with("not JSON"));
}
