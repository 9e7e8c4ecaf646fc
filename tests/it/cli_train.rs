//! `moderato train` and `moderato evaluate`.

use std::fs;
use std::path::Path;

use crate::command::{in_repository, moderato, moderato_with};

fn file(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

/// Forty comments, half of them spam, all different.
fn small_csv() -> String {
    let things =
        ["shoes", "pills", "watches", "loans", "casino", "followers", "bags", "coins", "tickets", "phones"];
    let rows = (1..).zip(things).map(|(n, thing)| {
        let month = n % 9 + 1;
        format!(
            "a{n},\"Buy cheap {thing} now, visit http://{thing}-{n}.top\",Best {thing},2024-0{month}-01,spam\n\
             b{n},Get your {thing} at half price today!!!,Shop,2024-0{month}-02,spam\n\
             c{n},I wrote about {thing} in my diary as a child.,Ada,2024-0{month}-03,ham\n\
             d{n},\"Thanks, the part on {thing} was new to me.\",Bob,2024-0{month}-04,ham\n"
        )
    });
    std::iter::once("id,comment,author,date,label\n".to_owned()).chain(rows).collect()
}

#[test]
fn training_writes_a_model_a_card_and_a_report_and_is_quiet() {
    let folder = tempfile::tempdir().unwrap();
    let csv = file(folder.path(), "small.csv", small_csv().as_bytes());
    let model = folder.path().join("m.model").to_str().unwrap().to_owned();
    let report = folder.path().join("r.html").to_str().unwrap().to_owned();
    let run = moderato(&["train", "--csv", &csv, "--out", &model, "--report", &report, "--json"]);
    assert_eq!(
        (run.status, run.stderr.as_str()),
        (0, ""),
        "linfa's debugging output is kept off standard error"
    );
    let result = run.json();
    assert_eq!(result["card"]["rows"], 40);
    assert_eq!(result["evaluation"]["rows"], 8);
    let card = fs::read_to_string(folder.path().join("m.md")).unwrap();
    assert!(card.contains(result["version"].as_str().unwrap()) && card.contains("20 spam, 20 ham"));
    assert!(fs::read_to_string(&report).unwrap().contains("<svg"));
    let files = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 4, "no temporary file is left behind");

    let run = moderato(&["evaluate", "--model", &model, "--csv", &csv, "--json"]);
    assert_eq!((run.status, run.json()["spam"].as_u64()), (0, Some(20)));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let csv = file(folder.path(), "small.csv", small_csv().as_bytes());
    let train = |name: &str, seed: &str| {
        let out = folder.path().join(name);
        let run = moderato(&[
            "train",
            "--csv",
            &csv,
            "--out",
            out.to_str().unwrap(),
            "--seed",
            seed,
            "--date",
            "2024-01-01",
        ]);
        assert_eq!(run.status, 0, "{}", run.stderr);
        fs::read(out).unwrap()
    };
    let first = train("a.model", "1");
    assert_eq!(first, train("b.model", "1"));
    assert_ne!(first, train("c.model", "2"));
}

#[test]
fn rows_that_cannot_be_used_are_named_counted_and_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let mut csv = small_csv().into_bytes();
    csv.extend(b"x,text,me,,perhaps\nx,,me,,spam\nx,\xff,me,,spam\nx,too,few\n");
    let csv = file(folder.path(), "bad.csv", &csv);
    let model = folder.path().join("m.model").to_str().unwrap().to_owned();
    let run = moderato(&["train", "--csv", &csv, "--out", &model, "--json"]);
    assert_eq!((run.status, run.json()["left_out"].as_u64()), (0, Some(4)));
    let told: Vec<&str> = run.stderr.lines().map(|line| line.split_once(", line ").unwrap().1).collect();
    insta::assert_snapshot!(told.join("\n"));

    let run = moderato(&["train", "--csv", &csv, "--out", &model, "--strict"]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("line 42: unknown label"), "{}", run.stderr);
}

#[test]
fn what_cannot_be_trained_on_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("m.model").to_str().unwrap().to_owned();
    for (csv, reason) in [
        ("text,label\na,ham\nb,0\n", "all 2 usable rows are ham"),
        ("text,label\n,spam\n", "there is no usable row"),
        (
            "words,label\na,ham\n",
            "looked for content, comment, comment_content, text, body, message, found words, label",
        ),
        ("", "it is empty"),
    ] {
        let run = moderato_with(&["train", "--csv", "-", "--out", &out], csv.as_bytes());
        assert_eq!(run.status, 1);
        assert!(run.stderr.contains(reason), "{} does not say {reason}", run.stderr);
        assert!(!Path::new(&out).exists());
    }
    let run = moderato(&["train", "--csv", "/does/not/exist.csv", "--out", &out]);
    assert_eq!(run.status, 1);
    assert_eq!(moderato(&["train", "--out", &out]).status, 2);
    assert_eq!(moderato_with(&["train", "--csv", "-", "--out", &out, "--validation", "2"], b"").status, 2);
}

#[test]
fn standard_input_compression_and_own_columns_are_understood() {
    let folder = tempfile::tempdir().unwrap();
    let model = folder.path().join("m.model").to_str().unwrap().to_owned();
    let csv = small_csv()
        .replace("comment,", "words,")
        .replace(",label", ",verdict")
        .replace(",spam\n", ",junk\n")
        .replace(",ham\n", ",fine\n");
    let packed = zstd::bulk::compress(csv.as_bytes(), 3).unwrap();
    let columns = ["--text-column", "words", "--label-column", "Verdict", "--spam-value", "junk"];
    let arguments = [&["train", "--csv", "-", "--out", model.as_str(), "--json"][..], &columns].concat();
    let run = moderato_with(&arguments, &packed);
    assert_eq!((run.status, run.json()["card"]["spam"].as_u64()), (0, Some(20)), "{}", run.stderr);
}

#[test]
fn later_rows_can_be_held_out() {
    let folder = tempfile::tempdir().unwrap();
    let csv = file(folder.path(), "small.csv", small_csv().as_bytes());
    let model = folder.path().join("m.model").to_str().unwrap().to_owned();
    let run = moderato(&["train", "--csv", &csv, "--out", &model, "--time-split", "2024-08-01", "--json"]);
    assert_eq!(run.json()["evaluation"]["rows"], 8);
    let run = moderato(&["train", "--csv", &csv, "--out", &model, "--time-split", "2030-01-01"]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("choose another date"), "{}", run.stderr);
}

#[test]
fn a_file_that_is_no_model_is_refused() {
    let run = moderato(&["evaluate", "--model", &in_repository("Cargo.toml"), "--csv", "-"]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("not a Moderato model file"), "{}", run.stderr);
}
