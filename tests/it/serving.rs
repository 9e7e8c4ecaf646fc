//! `moderato serve` as a process: starting, stopping, and the model file it needs.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

fn moderato(data_dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moderato"));
    command.env_remove("DATABASE_URL").current_dir(env!("CARGO_MANIFEST_DIR"));
    command.env("MODERATO_DATA_DIR", data_dir).env("MODERATO_LISTEN", "127.0.0.1:0");
    command
}

/// A folder that the database's user can reach.
fn folder() -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

/// Starts a server and waits until it says where it is.
fn serve(data_dir: &Path) -> (Child, Vec<String>) {
    let mut command = moderato(data_dir);
    let mut child =
        command.args(["serve", "--demo"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut said = Vec::new();
    for line in lines {
        let last = line.contains("one-time link") || said.len() > 5;
        said.push(line);
        if last {
            break;
        }
    }
    (child, said)
}

#[test]
fn a_server_starts_answers_and_stops_without_a_trace() {
    let folder = folder();
    let (mut child, said) = serve(folder.path());
    let url = said[0].strip_prefix("Demo article:  ").unwrap().to_owned();
    let page = tokio::runtime::Runtime::new()
        .unwrap()
        .block_on(async { reqwest::get(url).await.unwrap().text().await.unwrap() });
    assert!(page.contains("Leave a Reply"));

    // Other commands use the running server's database.
    let users = moderato(folder.path()).args(["user", "list", "--json"]).output().unwrap();
    assert!(users.status.success(), "{}", String::from_utf8_lossy(&users.stderr));
    assert_eq!(String::from_utf8(users.stdout).unwrap().trim(), "[]");
    // A second server on the same data is refused.
    let second = moderato(folder.path()).arg("serve").output().unwrap();
    assert_eq!(second.status.code(), Some(1));

    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(!folder.path().join("postgres/data/postmaster.pid").exists());
}

#[test]
fn a_missing_or_broken_model_file_is_told_at_start() {
    let folder = folder();
    let whole = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("models/starter.model")).unwrap();
    let file = folder.path().join("starter.model");
    let mut flipped = whole.clone();
    flipped[5_000] ^= 1;
    let cases: [(Option<&[u8]>, &str); 4] = [
        (None, "there is no model file"),
        (Some(&whole[..1_000]), "bytes long"),
        (Some(&flipped), "damaged"),
        (Some(b"not a model at all"), "not a Moderato model file"),
    ];
    for (bytes, told) in cases {
        match bytes {
            Some(bytes) => std::fs::write(&file, bytes).unwrap(),
            None => drop(std::fs::remove_file(&file)),
        }
        let mut command = moderato(folder.path());
        let mut child = command
            .arg("serve")
            .env("MODERATO_STARTER_MODEL", &file)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut errors = String::new();
        child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(1), "{errors}");
        assert!(errors.contains(told) && errors.contains("starter.model"), "{told} is not in {errors}");
        assert!(!errors.contains("panicked"), "{errors}");
    }
}

#[test]
fn sites_people_and_models_are_set_from_the_command_line() {
    let folder = folder();
    let run = |args: &[&str]| {
        let output = moderato(folder.path()).args(args).output().unwrap();
        let told =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code(), told)
    };
    assert_eq!(run(&["site", "add", "blog", "--origin", "https://blog.example"]).0, Some(0));
    let (status, told) = run(&["site", "add", "blog", "--origin", "https://blog.example"]);
    assert!(status == Some(1) && told.contains("already"), "{told}");
    for (wrong, word) in [("Not A Name", "name"), ("-x", "name")] {
        let (status, told) = run(&["site", "add", "--origin", "https://x.example", "--", wrong]);
        assert!(status == Some(1) && told.contains(word), "{told}");
    }
    let (status, told) = run(&["site", "set", "blog", "--approve-below", "0.9", "--reject-from", "0.1"]);
    assert!(status == Some(1) && told.contains("thresholds"), "{told}");
    assert_eq!(run(&["site", "set", "blog", "--reject-from", "0.99"]).0, Some(0));
    let (_, shown) = run(&["site", "show", "blog", "--json"]);
    assert!(shown.contains("0.99") && shown.contains("https://blog.example"), "{shown}");
    let (status, told) = run(&["site", "show", "nowhere"]);
    assert!(status == Some(1) && told.contains("moderato site list"), "{told}");

    let out = folder.path().join("copy.model");
    assert_eq!(run(&["models", "export", "1", "--out", out.to_str().unwrap()]).0, Some(0));
    let (status, told) = run(&["models", "import", out.to_str().unwrap(), "--promote"]);
    assert!(
        status == Some(1) && told.contains("in force already"),
        "the same file is the same model: {told}"
    );
    let (status, told) = run(&["models", "rollback"]);
    assert!(status == Some(1) && told.contains("no model to roll back to"), "{told}");
    let (_, list) = run(&["models", "list"]);
    assert!(list.contains("*    1  starter"), "{list}");
    let (status, told) = run(&["doctor"]);
    assert!(status == Some(1) && told.contains("ok   database") && told.contains("FAIL server"), "{told}");
}
