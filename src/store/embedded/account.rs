//! Who the server's processes run as.

use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use super::error::{EmbeddedError, io};

/// Postgres refuses to run as root: where Moderato is root, the server gets one of these users.
const CANDIDATES: [&str; 2] = ["postgres", "nobody"];

/// The user of the server's processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) uid: u32,
    pub(super) gid: u32,
    /// Moderato is root, so that it must (and may) become this user.
    pub(super) switch: bool,
}

impl Account {
    /// Moderato's own user, or, where that is root, the owner of `cluster` if it is there, else
    /// `postgres`, else `nobody`.
    pub(super) fn for_cluster(cluster: &Path) -> Result<Self, EmbeddedError> {
        let uid = rustix::process::geteuid().as_raw();
        if uid != 0 {
            return Ok(Self { uid, gid: rustix::process::getegid().as_raw(), switch: false });
        }
        if let Ok(owner) = cluster.metadata()
            && owner.uid() != 0
        {
            return Ok(Self { uid: owner.uid(), gid: owner.gid(), switch: true });
        }
        let passwd = Path::new("/etc/passwd");
        let users = std::fs::read_to_string(passwd).map_err(io("read", passwd))?;
        let (uid, gid) =
            CANDIDATES.iter().find_map(|name| look_up(&users, name)).ok_or(EmbeddedError::NoAccount)?;
        Ok(Self { uid, gid, switch: true })
    }

    /// A command that runs as this user, with a small, known environment.
    pub(super) fn command(self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C").current_dir("/");
        if let Some(zone) = std::env::var_os("TZ") {
            command.env("TZ", zone);
        }
        if self.switch {
            // The standard library clears root's supplementary groups when it changes the user.
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Whether this user may enter `folder`: asked of the system, which knows about access lists too.
    pub(super) async fn can_enter(self, folder: &Path) -> Result<bool, EmbeddedError> {
        let shell = Path::new("/bin/sh");
        let mut command = self.command(shell);
        command.args(["-c", "cd -- \"$1\"", "sh"]).arg(folder).stdin(Stdio::null()).stderr(Stdio::null());
        Ok(command.status().await.map_err(io("run", shell))?.success())
    }
}

/// User and group id of `name` in the text of `/etc/passwd`.
fn look_up(passwd: &str, name: &str) -> Option<(u32, u32)> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next()? != name {
            return None;
        }
        let mut ids = fields.skip(1).map(str::parse);
        Some((ids.next()?.ok()?, ids.next()?.ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::look_up;

    #[test]
    fn ids_come_from_the_line_of_exactly_that_user() {
        let passwd =
            "root:x:0:0:root:/root:/bin/sh\npostgres2:x:7:8::/:\npostgres:x:101:104:P,,,:/:/bin/sh\nodd:x\n";
        assert_eq!(look_up(passwd, "postgres"), Some((101, 104)));
        assert_eq!(look_up(passwd, "nobody"), None);
        assert_eq!(look_up(passwd, "odd"), None);
    }
}
