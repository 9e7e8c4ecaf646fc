//! `moderato train` and `moderato evaluate`.

use std::fs;
use std::io::Write;
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

/// The same rows in one file or in several, packed or not, read by any number of threads.
#[test]
fn threads_files_and_compression_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let all = small_csv();
    let mut lines: Vec<&str> = all.split_inclusive('\n').collect();
    let header = lines.remove(0);
    let part =
        |lines: &[&str]| std::iter::once(&header).chain(lines).copied().collect::<String>().into_bytes();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&part(&lines[..13])).unwrap();
    let whole = file(folder.path(), "all.csv", all.as_bytes());
    let parts = [
        file(folder.path(), "a.csv.gz", &gzip.finish().unwrap()),
        file(folder.path(), "b.csv.zst", &zstd::bulk::compress(&part(&lines[13..20]), 3).unwrap()),
        file(folder.path(), "c.csv", &part(&lines[20..])),
    ];
    let train = |files: &[&str], threads: &str| {
        let out = folder.path().join("m.model").to_str().unwrap().to_owned();
        let rest = ["--out", &out, "--threads", threads, "--date", "2024-01-01", "--json"];
        let run = moderato(&[&["train", "--csv"], files, &rest].concat());
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
        let mut result = run.json();
        // Which files they were is all that may differ.
        for field in ["sources", "trained_by"] {
            result["card"][field].take();
        }
        for field in ["version", "bytes"] {
            result[field].take();
        }
        (fs::read(&out).unwrap(), result)
    };
    let (bytes, result) = train(&[&whole], "1");
    assert_eq!(bytes, train(&[&whole], "2").0);
    assert_eq!(bytes, train(&[&whole], "3").0);
    assert_eq!(result, train(&parts.each_ref().map(String::as_str), "2").1);
}

#[test]
fn splits_are_chosen_one_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let csv = file(folder.path(), "small.csv", small_csv().as_bytes());
    let other =
        file(folder.path(), "other.csv", b"text,label\nBuy cheap hats now,spam\nI met Ada today.,ham\n");
    let out = folder.path().join("m.model").to_str().unwrap().to_owned();
    let train =
        |rest: &[&str]| moderato(&[&["train", "--csv", &csv, "--out", &out, "--json"], rest].concat());
    let folds = train(&["--folds", "4"]).json();
    assert_eq!((&folds["evaluation"]["rows"], &folds["card"]["rows"]), (&40.into(), &40.into()));
    let given = train(&["--validation-csv", &other]).json();
    assert_eq!((&given["evaluation"]["rows"], &given["card"]["rows"]), (&2.into(), &40.into()));
    assert_eq!(given["card"]["sources"].as_array().unwrap().len(), 1);

    for wrong in [
        &["--folds", "4", "--validation", "0.2"][..],
        &["--folds", "4", "--time-split", "2024-01-01"],
        &["--validation-csv", &other, "--leave-one-file-out"],
        &["--folds", "1"],
        &["--threads", "0"],
        &["--validation-csv", "-", "-"],
    ] {
        let run = train(wrong);
        assert_eq!(run.status, 2, "{wrong:?}: {}", run.stderr);
    }
}

#[test]
fn a_file_that_is_no_model_is_refused() {
    let run = moderato(&["evaluate", "--model", &in_repository("Cargo.toml"), "--csv", "-"]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("not a Moderato model file"), "{}", run.stderr);
}
