//! The embedded Postgres, with real servers: each test has a data directory of its own.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use moderato::store::embedded::{Embedded, EmbeddedError};
use rustix::process::{Pid, Signal, geteuid, getpgid, kill_process};
use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor};
use tempfile::TempDir;

/// Names the data directory for [`a_moderato_to_be_killed`].
const HELPER: &str = "MODERATO_TEST_HELPER_DATA_DIR";

/// A folder that the server's user may enter too, when the tests run as root.
fn data_dir() -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    dir
}

async fn start(data_dir: &Path) -> Embedded {
    Embedded::start(data_dir, None).await.unwrap()
}

async fn connect(embedded: &Embedded) -> PgConnection {
    PgConnection::connect_with(&embedded.connect_options()).await.unwrap()
}

async fn write_a_row(embedded: &Embedded) {
    let mut connection = connect(embedded).await;
    connection.execute("create table kept (word text); insert into kept values ('hello')").await.unwrap();
    connection.close().await.unwrap();
}

async fn read_the_row(embedded: &Embedded) -> String {
    let mut connection = connect(embedded).await;
    let word = sqlx::query_scalar("select word from kept").fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    word
}

fn cluster(data_dir: &Path) -> PathBuf {
    data_dir.join("postgres/data").canonicalize().unwrap()
}

fn postmaster(data_dir: &Path) -> Pid {
    let text = fs::read_to_string(cluster(data_dir).join("postmaster.pid")).unwrap();
    Pid::from_raw(text.lines().next().unwrap().parse().unwrap()).unwrap()
}

/// The server and its watchdog: every process with the cluster's path in its command line.
fn processes(cluster: &Path) -> Vec<Pid> {
    let list = Command::new("ps").args(["-A", "-ww", "-o", "pid=,command="]).output().unwrap();
    String::from_utf8_lossy(&list.stdout)
        .lines()
        .filter(|line| line.contains(cluster.to_str().unwrap()))
        .map(|line| Pid::from_raw(line.split_whitespace().next().unwrap().parse().unwrap()).unwrap())
        .collect()
}

/// Looks at processes that this one has no other way to wait for.
async fn eventually<F: Future<Output = bool>>(what: &str, mut happened: impl FnMut() -> F) {
    for _ in 0..2400 {
        if happened().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("waited a minute, and still not: {what}");
}

#[tokio::test]
async fn rows_outlive_a_restart_and_nothing_is_left_running() {
    let dir = data_dir();
    let embedded = start(dir.path()).await;
    write_a_row(&embedded).await;
    for process in processes(&cluster(dir.path())) {
        assert_ne!(getpgid(Some(process)).unwrap(), getpgid(None).unwrap(), "Ctrl-C would reach it");
    }
    embedded.stop().await.unwrap();
    assert_eq!(processes(&cluster(dir.path())), []);
    assert!(!cluster(dir.path()).join("postmaster.pid").exists());

    let embedded = start(dir.path()).await;
    assert_eq!(read_the_row(&embedded).await, "hello");
    embedded.stop().await.unwrap();
}

#[tokio::test]
async fn there_is_no_way_in_by_network_and_text_is_unicode() {
    let dir = data_dir();
    let embedded = start(dir.path()).await;
    let mut connection = connect(&embedded).await;
    let (addresses, fsync, upper): (String, String, String) =
        sqlx::query_as("select current_setting('listen_addresses'), current_setting('fsync'), upper('ä')")
            .fetch_one(&mut connection)
            .await
            .unwrap();
    assert_eq!((addresses.as_str(), fsync.as_str(), upper.as_str()), ("", "on", "Ä"));
    connection.close().await.unwrap();
    let pid_file = fs::read_to_string(cluster(dir.path()).join("postmaster.pid")).unwrap();
    assert_eq!(pid_file.lines().nth(5), Some(""), "line 6 would be a TCP address");
    let socket_folder = embedded.connect_options().get_socket().unwrap().metadata().unwrap();
    assert_eq!(socket_folder.mode() & 0o777, 0o700);
    assert_ne!(cluster(dir.path()).metadata().unwrap().uid(), 0);
    embedded.stop().await.unwrap();
}

#[tokio::test]
async fn a_second_serve_is_refused_and_a_command_joins_in() {
    let dir = data_dir();
    let embedded = start(dir.path()).await;
    write_a_row(&embedded).await;

    let refused = Embedded::start(dir.path(), None).await.unwrap_err();
    assert!(matches!(refused, EmbeddedError::InUse { .. }), "{refused}");
    let text = refused.to_string();
    assert!(text.contains(dir.path().canonicalize().unwrap().to_str().unwrap()), "{text}");
    assert!(text.contains(&format!("process {}", std::process::id())), "{text}");

    let joined = Embedded::attach_or_start(dir.path(), None).await.unwrap();
    assert_eq!(read_the_row(&joined).await, "hello");
    joined.stop().await.unwrap();
    assert_eq!(read_the_row(&embedded).await, "hello");
    embedded.stop().await.unwrap();
}

#[tokio::test]
async fn a_command_alone_starts_a_server_and_the_next_one_waits_for_its_end() {
    let dir = data_dir();
    let first = Embedded::attach_or_start(dir.path(), None).await.unwrap();
    write_a_row(&first).await;
    let path = dir.path().to_owned();
    let second = tokio::spawn(async move { Embedded::attach_or_start(&path, None).await });
    // Dropped rather than stopped: the server ends by itself.
    drop(first);
    let second = second.await.unwrap().unwrap();
    assert_eq!(read_the_row(&second).await, "hello");
    second.stop().await.unwrap();
    assert_eq!(processes(&cluster(dir.path())), []);
}

#[tokio::test]
async fn a_killed_server_is_started_again() {
    let dir = data_dir();
    let embedded = start(dir.path()).await;
    write_a_row(&embedded).await;
    for _ in 0..2 {
        let killed = postmaster(dir.path());
        kill_process(killed, Signal::KILL).unwrap();
        eventually("the server is back", async || {
            PgConnection::connect_with(&embedded.connect_options()).await.is_ok()
                && postmaster(dir.path()) != killed
        })
        .await;
        assert_eq!(read_the_row(&embedded).await, "hello");
    }
    embedded.stop().await.unwrap();
    assert_eq!(processes(&cluster(dir.path())), []);
}

/// Not a test of its own: the process that the next two kill. It does nothing without their variable.
#[tokio::test]
async fn a_moderato_to_be_killed() {
    let Some(data_dir) = std::env::var_os(HELPER) else { return };
    let embedded = start(Path::new(&data_dir)).await;
    write_a_row(&embedded).await;
    println!("\nready");
    std::future::pending::<()>().await;
    drop(embedded);
}

/// Runs [`a_moderato_to_be_killed`] until its row is written.
fn another_moderato(data_dir: &Path) -> Child {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "embedded::a_moderato_to_be_killed", "--nocapture"])
        .env(HELPER, data_dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    assert!(output.lines().any(|line| line.unwrap() == "ready"), "the helper ended early");
    child
}

#[tokio::test]
async fn a_killed_moderato_leaves_no_server_behind_and_loses_nothing() {
    let dir = data_dir();
    let mut moderato = another_moderato(dir.path());
    assert!(!processes(&cluster(dir.path())).is_empty());
    moderato.kill().unwrap();
    moderato.wait().unwrap();
    // At once, while the old server is still shutting down.
    let embedded = start(dir.path()).await;
    assert_eq!(read_the_row(&embedded).await, "hello");
    embedded.stop().await.unwrap();

    let dir = data_dir();
    let mut moderato = another_moderato(dir.path());
    moderato.kill().unwrap();
    moderato.wait().unwrap();
    let cluster = cluster(dir.path());
    eventually("no process of that cluster", async || processes(&cluster).is_empty()).await;
}

#[tokio::test]
async fn a_server_that_lost_its_watchdog_too_is_taken_over() {
    let dir = data_dir();
    let mut moderato = another_moderato(dir.path());
    let server = postmaster(dir.path());
    let helper = Pid::from_raw(moderato.id().try_into().unwrap()).unwrap();
    // Stopped first, lest it start the server again.
    kill_process(helper, Signal::STOP).unwrap();
    for watchdog in processes(&cluster(dir.path())).into_iter().filter(|pid| *pid != server) {
        // The two halves end each other.
        let _ = kill_process(watchdog, Signal::KILL);
    }
    moderato.kill().unwrap();
    moderato.wait().unwrap();
    assert_eq!(processes(&cluster(dir.path())), [server]);

    let embedded = start(dir.path()).await;
    assert_ne!(postmaster(dir.path()), server);
    assert_eq!(read_the_row(&embedded).await, "hello");
    embedded.stop().await.unwrap();
    assert_eq!(processes(&cluster(dir.path())), []);
}

#[tokio::test]
async fn a_data_directory_may_have_a_long_path() {
    let dir = data_dir();
    let deep = dir.path().join("a folder with a long name".repeat(3)).join("b".repeat(100));
    let embedded = start(&deep).await;
    write_a_row(&embedded).await;
    let joined = Embedded::attach_or_start(&deep, None).await.unwrap();
    assert_eq!(read_the_row(&joined).await, "hello");
    let socket_folder = embedded.connect_options().get_socket().unwrap().clone();
    embedded.stop().await.unwrap();
    assert!(!socket_folder.exists(), "{} should be cleared away", socket_folder.display());
}

/// What happens to a clone below /root.
#[tokio::test]
async fn root_may_keep_its_data_where_nobody_else_may_go() {
    if !geteuid().is_root() {
        return;
    }
    let closed = tempfile::tempdir().unwrap();
    fs::set_permissions(closed.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let data_dir = closed.path().join("data");
    let embedded = start(&data_dir).await;
    write_a_row(&embedded).await;
    embedded.stop().await.unwrap();
    let embedded = start(&data_dir).await;
    assert_eq!(read_the_row(&embedded).await, "hello");
    embedded.stop().await.unwrap();

    assert_eq!(closed.path().metadata().unwrap().mode() & 0o777, 0o700);
    let home = fs::read_link(data_dir.join("postgres")).unwrap();
    fs::remove_dir_all(&home).unwrap();
    let lost = Embedded::start(&data_dir, None).await.unwrap_err();
    assert!(matches!(lost, EmbeddedError::Lost { .. }), "{lost}");
}

#[tokio::test]
async fn a_failed_start_shows_the_end_of_the_servers_log() {
    let dir = data_dir();
    start(dir.path()).await.stop().await.unwrap();
    fs::write(cluster(dir.path()).join("postgresql.conf"), "no_such_setting = 1\n").unwrap();
    let text = Embedded::start(dir.path(), None).await.unwrap_err().to_string();
    assert!(text.contains("unrecognized configuration parameter \"no_such_setting\""), "{text}");
    assert!(text.contains("postgres.log"), "{text}");
}

#[tokio::test]
async fn a_wrong_folder_for_the_programs_is_named() {
    let dir = data_dir();
    let text = Embedded::start(dir.path(), Some(dir.path())).await.unwrap_err().to_string();
    assert!(text.contains("MODERATO_PG_BIN") && text.contains(dir.path().to_str().unwrap()), "{text}");
    assert!(text.contains("no working `initdb`"), "{text}");
}
