//! One Moderato at a time for a data directory.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{MetadataExt, fchown};
use std::path::Path;

use super::error::{EmbeddedError, io};

/// What the holder of the lock is doing, which tells the next one whether waiting makes sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// `serve`: for as long as it likes.
    Serve,
    /// Another command, done before long.
    Command,
}

/// Held until it is dropped, or the process ends in whatever way.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// Who has the lock; unknown for the moment between taking it and writing this down.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Holder {
    pub(super) pid: Option<i32>,
    pub(super) role: Option<Role>,
}

impl Lock {
    /// Takes the lock at `path`, or says who has it.
    pub(super) fn take(path: &Path, role: Role) -> Result<Result<Self, Holder>, EmbeddedError> {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(io("open", path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                file.read_to_string(&mut text).map_err(io("read", path))?;
                return Ok(Err(Holder::parse(&text)));
            }
            Err(TryLockError::Error(error)) => return Err(io("lock", path)(error)),
        }
        sign(&mut file, role).and_then(|()| leave_to_owner(&file, path)).map_err(io("write", path))?;
        Ok(Ok(Self { _file: file }))
    }
}

impl Holder {
    fn parse(text: &str) -> Self {
        let (role, pid) = text.trim().split_once(' ').unwrap_or_default();
        let role = match role {
            "serve" => Some(Role::Serve),
            "command" => Some(Role::Command),
            _ => None,
        };
        Self { pid: pid.parse().ok(), role }
    }
}

fn sign(file: &mut File, role: Role) -> std::io::Result<()> {
    let role = match role {
        Role::Serve => "serve",
        Role::Command => "command",
    };
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{role} {}", std::process::id())
}

/// `sudo moderato …` in an ordinary user's data directory must not lock that user out for ever.
fn leave_to_owner(file: &File, path: &Path) -> std::io::Result<()> {
    let Some(folder) = path.parent() else { return Ok(()) };
    let (owner, now) = (folder.metadata()?, file.metadata()?);
    if owner.uid() == now.uid() { Ok(()) } else { fchown(file, Some(owner.uid()), Some(owner.gid())) }
}

#[cfg(test)]
mod tests {
    use super::{Holder, Lock, Role};

    #[test]
    fn the_second_taker_learns_who_has_it_and_the_next_gets_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lock");
        let held = Lock::take(&path, Role::Serve).unwrap().unwrap();
        let pid = i32::try_from(std::process::id()).ok();
        assert_eq!(
            Lock::take(&path, Role::Command).unwrap().unwrap_err(),
            Holder { pid, role: Some(Role::Serve) }
        );
        drop(held);
        let _held = Lock::take(&path, Role::Command).unwrap().unwrap();
        assert_eq!(Lock::take(&path, Role::Serve).unwrap().unwrap_err().role, Some(Role::Command));
    }

    #[test]
    fn a_lock_file_that_says_nothing_yet_is_no_error() {
        assert_eq!(Holder::parse(""), Holder::default());
        assert_eq!(Holder::parse("serve"), Holder::default());
    }
}
