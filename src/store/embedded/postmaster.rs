//! A server that an earlier Moderato left behind, or that another one runs: what `postmaster.pid` says.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{Pid, Signal};
use tokio::net::UnixStream;
use tokio::time::{Instant, sleep};

use super::error::{EmbeddedError, io};

/// How long a server may take to end that was asked to.
const PATIENCE: Duration = Duration::from_mins(1);

/// The first lines of `postmaster.pid`, which a server writes when it starts and removes when it ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Postmaster {
    cluster: PathBuf,
    pid: Pid,
    /// Known from a moment after the start on.
    pub(super) socket_folder: Option<PathBuf>,
}

impl Postmaster {
    /// What `cluster`'s file says, if there is one.
    pub(super) fn of(cluster: &Path) -> Result<Option<Self>, EmbeddedError> {
        let path = file(cluster);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Self::parse(cluster, &text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(io("read", &path)(error)),
        }
    }

    fn parse(cluster: &Path, text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let pid = Pid::from_raw(lines.next()?.trim().parse().ok()?)?;
        // Then the cluster, the start time and the port.
        let socket_folder = lines.nth(3).map(str::trim).filter(|line| !line.is_empty()).map(PathBuf::from);
        Some(Self { cluster: cluster.to_path_buf(), pid, socket_folder })
    }

    /// Makes room for a new server on `cluster`: ends one that still runs, and clears away what one that
    /// was killed left behind. Only the holder of the lock may call this.
    pub(super) async fn clear_the_way(cluster: &Path) -> Result<(), EmbeddedError> {
        let Some(left) = Self::of(cluster)? else { return Ok(()) };
        if left.is_alive().await {
            tracing::info!("a server of an earlier run is still here (process {}): stopping it", left.pid);
            left.stop().await?;
        }
        // In a container, process ids come round again at each start. Postgres would take whoever has its
        // old id for itself, and refuse to start.
        match Self::of(cluster)? {
            Some(stale)
                if rustix::process::test_kill_process(stale.pid).is_ok() && !stale.is_alive().await =>
            {
                let path = file(cluster);
                fs::remove_file(&path).map_err(io("remove", &path))
            }
            _ => Ok(()),
        }
    }

    /// Fast shutdown: sessions are ended, everything is written, nothing is lost.
    async fn stop(&self) -> Result<(), EmbeddedError> {
        // It may end between the look and the signal.
        let _ = rustix::process::kill_process(self.pid, Signal::INT);
        let deadline = Instant::now() + PATIENCE;
        while self.is_alive().await {
            if Instant::now() > deadline {
                return Err(EmbeddedError::Stop { seconds: PATIENCE.as_secs() });
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Whether this process is the server of this cluster, and not another that got its old id.
    async fn is_alive(&self) -> bool {
        self.has_its_command_line() || self.answers().await
    }

    fn has_its_command_line(&self) -> bool {
        let cluster = self.cluster.as_os_str().as_encoded_bytes();
        fs::read(format!("/proc/{}/cmdline", self.pid))
            .is_ok_and(|line| line.split(|byte| *byte == 0).any(|argument| argument == cluster))
    }

    async fn answers(&self) -> bool {
        let Some(folder) = &self.socket_folder else { return false };
        let Ok(stream) = UnixStream::connect(folder.join(".s.PGSQL.5432")).await else { return false };
        stream.peer_cred().is_ok_and(|peer| peer.pid() == Some(self.pid.as_raw_pid()))
    }
}

fn file(cluster: &Path) -> PathBuf {
    cluster.join("postmaster.pid")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_file_in_each_of_its_stages() {
        let cluster = Path::new("/d");
        let full = "4711\n/d\n1700000000\n5432\n/d/run\n\n  1 2\nready   \n";
        let read = Postmaster::parse(cluster, full).unwrap();
        assert_eq!(read.pid.as_raw_pid(), 4711);
        assert_eq!(read.socket_folder, Some(PathBuf::from("/d/run")));
        assert_eq!(Postmaster::parse(cluster, "4711\n/d\n17\n5432\n\n").unwrap().socket_folder, None);
        assert_eq!(Postmaster::parse(cluster, "4711\n").unwrap().socket_folder, None);
        assert_eq!(Postmaster::parse(cluster, ""), None);
    }

    #[tokio::test]
    async fn a_stranger_with_the_old_process_id_is_let_live_and_the_file_removed() {
        let folder = tempfile::tempdir().unwrap();
        let pid = std::process::id();
        fs::write(file(folder.path()), format!("{pid}\n{}\n17\n5432\n/nowhere\n", folder.path().display()))
            .unwrap();
        Postmaster::clear_the_way(folder.path()).await.unwrap();
        assert_eq!(Postmaster::of(folder.path()).unwrap(), None);
    }
}
