//! Finds a Postgres server on this machine.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::error::EmbeddedError;

/// The oldest major version whose SQL the queries are written for.
const MINIMUM: u32 = 13;

/// Where packages put versioned servers: a folder, how the version's folder begins, what follows it.
const PACKAGED: [(&str, &str, &str); 7] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/usr/libexec", "postgresql", ""),
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local/opt", "postgresql@", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql@", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

/// A folder with a server's programs, and their major version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Binaries {
    folder: PathBuf,
    pub(super) major: u32,
}

impl Binaries {
    /// Picks the server for `cluster`: `chosen` if given, else the first in `PATH`, else the newest
    /// package; where the cluster exists already, only one of its major version will do.
    pub(super) async fn find(chosen: Option<&Path>, cluster: &Path) -> Result<Self, EmbeddedError> {
        let found = match chosen {
            Some(folder) => vec![Self::in_chosen(folder).await?],
            None => Self::installed().await,
        };
        let made_by = std::fs::read_to_string(cluster.join("PG_VERSION")).ok();
        pick(found, made_by.as_deref().map(str::trim), cluster)
    }

    pub(super) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    async fn in_chosen(folder: &Path) -> Result<Self, EmbeddedError> {
        let missing = |missing| EmbeddedError::NotABinFolder { path: folder.to_path_buf(), missing };
        if !folder.join("initdb").is_file() {
            return Err(missing("initdb"));
        }
        Self::in_folder(folder).await.ok_or_else(|| missing("postgres"))
    }

    async fn installed() -> Vec<Self> {
        let mut found: Vec<Self> = Vec::new();
        for folder in in_path().into_iter().chain(packaged()) {
            if let Some(binaries) = Self::in_folder(&folder).await
                && !found.contains(&binaries)
            {
                found.push(binaries);
            }
        }
        found
    }

    async fn in_folder(folder: &Path) -> Option<Self> {
        // A lone `initdb` in PATH is often a link into the folder with all the others.
        let folder = folder.join("initdb").canonicalize().ok()?.parent()?.to_path_buf();
        let version = Command::new(folder.join("postgres")).arg("--version").output().await.ok()?;
        let major = major(str::from_utf8(&version.stdout).ok()?)?;
        Some(Self { folder, major })
    }
}

impl fmt::Display for Binaries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Postgres {} in {}", self.major, self.folder.display())
    }
}

fn pick(found: Vec<Binaries>, made_by: Option<&str>, cluster: &Path) -> Result<Binaries, EmbeddedError> {
    if found.is_empty() {
        return Err(EmbeddedError::NoBinaries);
    }
    let in_words = found.iter().map(Binaries::to_string).collect::<Vec<_>>().join(", ");
    let fits = |binaries: &Binaries| {
        binaries.major >= MINIMUM && made_by.is_none_or(|made_by| made_by == binaries.major.to_string())
    };
    found.into_iter().find(fits).ok_or_else(|| match made_by {
        Some(made_by) => EmbeddedError::OtherVersion {
            cluster: cluster.to_path_buf(),
            made_by: made_by.to_owned(),
            found: in_words,
        },
        None => EmbeddedError::TooOld { minimum: MINIMUM, found: in_words },
    })
}

fn in_path() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

/// The packages' folders, newest version first.
fn packaged() -> Vec<PathBuf> {
    let mut folders: Vec<(u32, PathBuf)> = Vec::new();
    for (parent, prefix, below) in PACKAGED {
        for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
            let name = entry.file_name();
            if let Some(version) = name.to_str().and_then(|name| name.strip_prefix(prefix)?.parse().ok()) {
                folders.push((version, entry.path().join(OsStr::new(below))));
            }
        }
    }
    folders.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    folders.into_iter().map(|(_, folder)| folder).collect()
}

/// `postgres (PostgreSQL) 15.18 (Debian …)`, `… 18beta1` → 15, 18.
fn major(version: &str) -> Option<u32> {
    let number = version.split_once("(PostgreSQL) ")?.1;
    let digits = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    number.get(..digits)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(major: u32) -> Binaries {
        Binaries { folder: PathBuf::from(format!("/pg/{major}")), major }
    }

    #[test]
    fn reads_the_major_version() {
        assert_eq!(major("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major("postgres (PostgreSQL) 9.6.24"), Some(9));
        assert_eq!(major("something else"), None);
    }

    #[test]
    fn a_cluster_gets_the_version_that_made_it_and_a_new_one_the_first() {
        let cluster = Path::new("/data");
        assert_eq!(pick(vec![at(17), at(15)], None, cluster).unwrap(), at(17));
        assert_eq!(pick(vec![at(17), at(15)], Some("15"), cluster).unwrap(), at(15));
        assert_eq!(pick(vec![at(12), at(13)], None, cluster).unwrap(), at(13));
    }

    #[test]
    fn what_does_not_fit_is_named_with_a_remedy() {
        let cluster = Path::new("/data");
        let error = |found, made_by| pick(found, made_by, cluster).unwrap_err().to_string();
        assert!(error(vec![], None).contains("apt install postgresql"));
        assert!(
            error(vec![at(12)], None)
                .contains("needs Postgres 13 or newer; found only Postgres 12 in /pg/12")
        );
        let other = error(vec![at(17)], Some("15"));
        assert!(
            other.contains("made by Postgres 15") && other.contains("found Postgres 17 in /pg/17"),
            "{other}"
        );
        assert!(error(vec![], Some("15")).contains("apt install postgresql"));
    }
}
