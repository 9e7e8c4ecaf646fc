//! Makes the cluster at the first start.

use std::fs;

use super::binaries::Binaries;
use super::error::{EmbeddedError, io};
use super::home::Home;
use super::server::last_lines;

/// Text is told apart and folded by Unicode's rules where the system has them. Sorting stays bytewise,
/// so that an update of the system's C library never invalidates an index.
const CHARACTER_TYPES: [&str; 4] = ["C.UTF-8", "en_US.UTF-8", "UTF-8", "C"];

/// Makes `home`'s cluster if there is none. It is made beside its place and moved there when finished:
/// a cluster that exists is complete.
pub(super) async fn make_where_missing(home: &Home, binaries: &Binaries) -> Result<(), EmbeddedError> {
    let cluster = home.cluster();
    if cluster.exists() {
        return Ok(());
    }
    tracing::info!("first start: making a Postgres {} database in {}", binaries.major, cluster.display());
    let mut output = String::new();
    for character_type in CHARACTER_TYPES {
        let fresh = home.fresh_cluster()?;
        let initdb = binaries.program("initdb");
        let made = home
            .account
            .command(&initdb)
            .args(["--username=moderato", "--encoding=UTF8", "--locale=C"])
            .arg(format!("--lc-ctype={character_type}"))
            // Who may enter the socket's folder is let in; nobody comes by network.
            .args(["--auth-local=trust", "--auth-host=reject", "--no-instructions"])
            .arg("-D")
            .arg(&fresh)
            .output()
            .await
            .map_err(io("run", &initdb))?;
        if made.status.success() {
            return fs::rename(&fresh, &cluster).map_err(io("move into place", &fresh));
        }
        output = last_lines(&String::from_utf8_lossy(&made.stderr));
    }
    Err(EmbeddedError::Initdb { cluster, output })
}
