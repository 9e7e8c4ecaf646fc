//! Settings, and the commands that show them.

use std::collections::BTreeSet;
use std::process::Command;

use moderato::settings::Settings;

fn moderato() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moderato"));
    command.env_remove("DATABASE_URL").current_dir(std::env::temp_dir());
    command
}

/// The example file shows every setting, and its values are the defaults.
#[test]
fn the_example_file_is_the_defaults() {
    let text = include_str!("../../moderato.example.toml");
    let shown: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.trim_start_matches("# ").split_once(" = "))
        .map(|(key, _)| key)
        .filter(|key| key.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        .collect();
    let defaults = serde_json::to_value(Settings::default()).unwrap();
    let known: BTreeSet<&str> = defaults.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(shown, known);

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("moderato.toml");
    std::fs::write(&file, text).unwrap();
    let read = Settings::load(Some(&file)).unwrap();
    assert_eq!(serde_json::to_value(read).unwrap()["listen"], defaults["listen"]);
}

#[test]
fn unknown_settings_are_refused_with_their_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("m.toml");
    std::fs::write(&file, "lissten = \"127.0.0.1:1\"\n").unwrap();
    let output = moderato().args(["config", "check", "--config"]).arg(&file).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("lissten") && told.contains("moderato.example.toml"), "{told}");
}

#[test]
fn text_is_taken_as_it_stands() {
    for (name, value) in [("MODERATO_SMTP_PASSWORD", "0012345"), ("MODERATO_SMTP_USER", "true")] {
        let output = moderato().args(["config", "show"]).env(name, value).output().unwrap();
        let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(output.status.success(), "{name}: {told}");
        assert_eq!(told.contains(value), name == "MODERATO_SMTP_USER", "{told}");
    }
}

#[test]
fn secrets_are_not_shown() {
    let output = moderato()
        .args(["config", "show"])
        .env("DATABASE_URL", "postgres://me:hunter2@localhost/x")
        .env("MODERATO_LOG", "debug")
        .output()
        .unwrap();
    assert!(output.status.success());
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains("log = \"debug\"") && !shown.contains("hunter2"), "{shown}");
}

#[test]
fn usage_and_failure_have_their_own_status() {
    assert_eq!(moderato().arg("no-such-command").output().unwrap().status.code(), Some(2));
    let missing = moderato().args(["config", "check", "--config", "/no/such/file.toml"]).output().unwrap();
    assert_eq!(missing.status.code(), Some(1));
}
