//! Keeps a library's debugging output off standard error.
//!
//! `linfa-bayes` 0.8.1 writes its whole tables there at every fit (megabytes; fixed upstream in May 2026, not
//! released). While [`Silence`] lives, file descriptor 2 of the whole process leads to the null device; whoever
//! must not lose lines meanwhile writes to a duplicate made before.

use std::fs::File;
use std::os::fd::OwnedFd;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::io::Errno;

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Gives standard error back when dropped, in a panic too.
pub(super) struct Silence {
    saved: OwnedFd,
    _turn: MutexGuard<'static, ()>,
}

impl Silence {
    /// Silences standard error; nothing if there is none, or no null device: then noise harms less than failing.
    pub(super) fn new() -> Option<Self> {
        let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let saved = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stderr(), 3).ok()?;
        let null = File::options().write(true).open("/dev/null").ok()?;
        rustix::stdio::dup2_stderr(&null).ok()?;
        Some(Self { saved, _turn: turn })
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        // Both descriptors are open, so only a passing signal or a race with open() can come in between.
        while let Err(Errno::INTR | Errno::BUSY) = rustix::stdio::dup2_stderr(&self.saved) {}
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    /// Where standard error leads.
    fn target() -> (u64, u64) {
        let stderr = File::from(rustix::stdio::stderr().try_clone_to_owned().unwrap());
        let metadata = stderr.metadata().unwrap();
        (metadata.dev(), metadata.ino())
    }

    #[test]
    fn standard_error_comes_back_even_after_a_panic() {
        // Taken under the lock, lest another test is silencing right now.
        let before = {
            let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
            target()
        };
        let panicked = std::panic::catch_unwind(|| {
            let _silence = Silence::new().unwrap();
            assert_ne!(target(), before);
            std::panic::resume_unwind(Box::new(()));
        });
        assert!(panicked.is_err());
        let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!(target(), before);
    }
}
