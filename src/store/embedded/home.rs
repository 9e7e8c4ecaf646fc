//! Where the cluster, its socket and its log lie.

use std::fs::{self, DirBuilder, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, lchown, symlink};
use std::path::{Path, PathBuf};

use super::account::Account;
use super::error::{EmbeddedError, io};

/// Where root's clusters go when the server's user may not enter the data directory.
const STATE_FOLDER: &str = "/var/lib/moderato";

/// A socket's path has at most 107 bytes on Linux and 103 on macOS.
const LONGEST_SOCKET_FOLDER: usize = 103 - "/.s.PGSQL.5432".len();

/// Below a data directory, `postgres/`: the folders of the embedded server and the lock.
///
/// As root, it belongs to root, and only the folders in it belong to the server's user: so the server
/// cannot put a link where root will write.
#[derive(Debug, Clone)]
pub(super) struct Home {
    /// The data directory, as users know it.
    pub(super) data_dir: PathBuf,
    path: PathBuf,
    pub(super) account: Account,
}

impl Home {
    /// Opens the home below `data_dir`, making both where they are missing.
    pub(super) async fn open(data_dir: &Path) -> Result<Self, EmbeddedError> {
        let is_root = rustix::process::geteuid().is_root();
        make_folder(data_dir, is_root)?;
        let data_dir = data_dir.canonicalize().map_err(io("open", data_dir))?;
        let place = data_dir.join("postgres");
        if let Ok(target) = fs::read_link(&place)
            && !place.exists()
        {
            return Err(EmbeddedError::Lost { link: place, target });
        }
        let account = Account::for_cluster(&place.join("data"))?;
        if !place.exists() {
            if account.switch && !account.can_enter(&data_dir).await? {
                move_out(&place)?;
            } else {
                make_folder(&place, is_root)?;
            }
        }
        let path = place.canonicalize().map_err(io("open", &place))?;
        if account.switch && !account.can_enter(&path).await? {
            return Err(EmbeddedError::Unreachable { path, uid: account.uid });
        }
        Ok(Self { data_dir, path, account })
    }

    /// The cluster (what Postgres calls its data directory).
    pub(super) fn cluster(&self) -> PathBuf {
        self.path.join("data")
    }

    /// The lock that one Moderato at a time holds.
    pub(super) fn lock(&self) -> PathBuf {
        self.path.join("lock")
    }

    /// An empty, private folder for a cluster in the making.
    pub(super) fn fresh_cluster(&self) -> Result<PathBuf, EmbeddedError> {
        let path = self.path.join("data.new");
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(io("clear", &path)(error)),
            _ => self.private(path),
        }
    }

    /// The folder for the server's log.
    pub(super) fn log_folder(&self) -> Result<PathBuf, EmbeddedError> {
        self.private(self.path.join("log"))
    }

    /// The folder for the socket: in the home, or in a short place where that makes too long a path.
    pub(super) fn socket_folder(&self) -> Result<PathBuf, EmbeddedError> {
        let near = self.path.join("run");
        if near.as_os_str().len() <= LONGEST_SOCKET_FOLDER {
            return self.private(near);
        }
        let name = blake3::hash(self.path.as_os_str().as_encoded_bytes()).to_hex();
        self.private(self.short_folder().join(format!("moderato-{}", &name[..16])))
    }

    /// Removes what lies outside the data directory for as long as a server runs.
    pub(super) fn clear_away(&self) -> Result<(), EmbeddedError> {
        let folder = self.socket_folder()?;
        fs::remove_dir_all(&folder).map_err(io("remove", &folder))
    }

    fn short_folder(&self) -> PathBuf {
        if self.account.switch {
            return PathBuf::from(if Path::new("/run").is_dir() { "/run" } else { "/var/run" });
        }
        std::env::var_os("XDG_RUNTIME_DIR")
            .map(PathBuf::from)
            .filter(|folder| folder.is_dir() && folder.as_os_str().len() < LONGEST_SOCKET_FOLDER / 2)
            .unwrap_or_else(|| PathBuf::from("/tmp"))
    }

    /// Makes `path` a folder that only the server's user may enter (and root).
    fn private(&self, path: PathBuf) -> Result<PathBuf, EmbeddedError> {
        match DirBuilder::new().mode(0o700).create(&path) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(io("make", &path)(error)),
            _ => {}
        }
        if self.account.switch {
            lchown(&path, Some(self.account.uid), Some(self.account.gid)).map_err(io("hand over", &path))?;
        }
        let made = path.symlink_metadata().map_err(io("open", &path))?;
        if made.is_dir() && made.uid() == self.account.uid && made.mode() & 0o777 == 0o700 {
            Ok(path)
        } else {
            Err(EmbeddedError::NotPrivate { path })
        }
    }
}

/// Makes a folder of Moderato's own, and those above it, where there are none; the server's user may pass
/// through root's, whatever root's umask says.
fn make_folder(path: &Path, is_root: bool) -> Result<(), EmbeddedError> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        make_folder(parent, is_root)?;
    }
    let mode = if is_root { 0o711 } else { 0o700 };
    fs::create_dir_all(path)
        .and_then(|()| fs::set_permissions(path, Permissions::from_mode(mode)))
        .map_err(io("make", path))
}

/// Puts the home where the server's user can reach it, and a link to it in its place.
fn move_out(place: &Path) -> Result<(), EmbeddedError> {
    let name =
        getrandom::u64().map_err(|error| io("name a folder in", Path::new(STATE_FOLDER))(error.into()))?;
    let home = Path::new(STATE_FOLDER).join(format!("{name:016x}"));
    make_folder(&home, true)?;
    match symlink(&home, place) {
        Ok(()) => {
            tracing::info!(
                "the server's user may not enter {}: the database is in {}, and {} points to it",
                place.parent().unwrap_or(place).display(),
                home.display(),
                place.display()
            );
            Ok(())
        }
        // Another Moderato was a moment faster: its place is as good.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            fs::remove_dir(&home).map_err(io("remove", &home))
        }
        Err(error) => Err(io("make the link", place)(error)),
    }
}
