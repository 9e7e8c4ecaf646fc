//! Arrows only point down, and libraries stay in their rooms. Reads the `use` paths and every other path that
//! names a module or a crate.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What each folder may name of the crate. `app` and `settings` are what the use cases are handed.
const ARROWS: [(&str, &[&str]); 13] = [
    ("main", &["cli"]),
    ("web", &["app", "service", "classifier", "comment", "drawing", "policy", "training", "store"]),
    ("cli", &["app", "jobs", "web", "service", "settings", "classifier", "policy", "training", "store"]),
    ("jobs", &["app", "service", "store"]),
    ("service", &["app", "settings", "classifier", "comment", "policy", "store", "training"]),
    ("app", &["service", "settings", "store"]),
    ("settings", &[]),
    ("policy", &["classifier", "comment"]),
    ("training", &["classifier", "drawing"]),
    ("drawing", &[]),
    ("classifier", &["comment"]),
    ("store", &["comment"]),
    ("comment", &[]),
];

/// The one folder that may name each library.
const ROOMS: [(&str, &[&str]); 12] = [
    ("lettre", &["service"]),
    ("reqwest", &["service"]),
    ("sqlx", &["store"]),
    ("axum", &["web"]),
    ("axum_extra", &["web"]),
    ("askama", &["web"]),
    ("utoipa", &["web"]),
    ("utoipa_axum", &["web"]),
    ("linfa", &["training"]),
    ("linfa_bayes", &["training"]),
    ("clap", &["cli"]),
    ("tokio", &["app", "cli", "jobs", "service", "store", "web"]),
];

/// What the pure core must not do: no I/O, no clock, no randomness.
const PURE: [&str; 4] = ["comment", "classifier", "drawing", "policy"];
const IMPURE: [&str; 9] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::time::SystemTime",
    "std::time::Instant",
    "now_utc",
    "getrandom",
    "println!",
];

/// Rows of the store that other folders may show, but whose functions they must not call.
const STORE_CALLS_ALLOWED: [&str; 4] = ["store", "service", "app", "jobs"];

fn sources() -> BTreeMap<PathBuf, String> {
    fn walk(folder: &Path, found: &mut BTreeMap<PathBuf, String>) {
        for entry in fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("it is text");
                // Tests in a file may use what they like, and comments are not code.
                let code = text.split("#[cfg(test)]").next().unwrap_or_default();
                let code = code
                    .lines()
                    .filter(|line| !line.trim_start().starts_with("//"))
                    .collect::<Vec<_>>()
                    .join("\n");
                found.insert(path, code);
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
    found
}

/// The top folder (or file) of `src` that a file belongs to.
fn room(path: &Path) -> String {
    let below =
        path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).expect("it is below src");
    let first = below.components().next().expect("it has a name").as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// Names that stand before `::` and after no `::`: crates, and the first module after `crate::`.
fn names_module(code: &str, module: &str) -> bool {
    let grouped = code.split("use crate::{").skip(1).any(|group| {
        group
            .split(';')
            .next()
            .unwrap_or_default()
            .split([',', '{', '}'])
            .any(|name| name.trim().split("::").next().is_some_and(|first| first == module))
    });
    grouped || code.contains(&format!("crate::{module}::")) || code.contains(&format!("crate::{module};"))
}

fn names_library(code: &str, library: &str) -> bool {
    code.match_indices(&format!("{library}::")).any(|(at, _)| {
        !code[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == ':')
    })
}

#[test]
fn arrows_only_point_down() {
    let mut wrong = Vec::new();
    for (path, code) in sources() {
        let from = room(&path);
        if from == "lib" {
            continue;
        }
        let allowed = ARROWS.iter().find(|(folder, _)| *folder == from).map(|(_, to)| *to);
        let allowed =
            allowed.unwrap_or_else(|| panic!("{from} is a new folder: say in ARROWS what it may name"));
        for (to, _) in ARROWS {
            if to != from && !allowed.contains(&to) && names_module(&code, to) {
                wrong.push(format!("{}: {from} must not name {to}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn libraries_stay_in_their_rooms() {
    let mut wrong = Vec::new();
    for (path, code) in sources() {
        let from = room(&path);
        for (library, rooms) in ROOMS {
            if !rooms.contains(&from.as_str()) && names_library(&code, library) {
                wrong.push(format!("{}: {library} belongs to {}", path.display(), rooms.join(", ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_core_is_pure() {
    let mut wrong = Vec::new();
    for (path, code) in sources() {
        if PURE.contains(&room(&path).as_str()) {
            let found = IMPURE.iter().filter(|name| code.contains(*name));
            wrong.extend(found.map(|name| format!("{}: {name}", path.display())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Handlers and commands show rows, but go through a use case to get them: no connection is opened in `web`, and
/// `cli` opens the database for the use cases only.
#[test]
fn only_use_cases_reach_into_the_store() {
    let tables = [
        "articles",
        "comments",
        "decisions",
        "examples",
        "instance",
        "models",
        "moderators",
        "revisions",
        "scores",
        "sessions",
        "shadows",
        "sites",
        "training_files",
    ];
    let mut wrong = Vec::new();
    for (path, code) in sources() {
        if STORE_CALLS_ALLOWED.contains(&room(&path).as_str()) {
            continue;
        }
        for table in tables {
            // A type of the table is named in capitals; a function is not.
            let calls = code.match_indices(&format!("store::{table}::")).any(|(at, name)| {
                code[at + name.len()..].starts_with(|first: char| first.is_ascii_lowercase())
            });
            if calls {
                wrong.push(format!("{}: calls store::{table}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_rules_would_notice() {
    assert!(names_module("use crate::store::comments;", "store"));
    assert!(names_module("use crate::{jobs, web};", "web"));
    assert!(!names_module("use crate::webbing::x;", "web"));
    assert!(names_library("fn f() -> sqlx::Error {}", "sqlx"));
    assert!(!names_library("use crate::store::sqlx_like::x;", "sqlx"));
}
