//! By what the sender of a comment is recognised: keyed hashes, worth nothing without the installation's secret.

use std::net::IpAddr;

use data_encoding::HEXLOWER;

use super::limiter::network;
use crate::app::Keys;

/// Keyed hash of an e-mail address, apart for each site, and for all of them; `None` without an address.
pub(super) fn author_key(keys: &Keys, site_id: Option<i64>, email: &str) -> Option<[u8; 16]> {
    if email.is_empty() {
        return None;
    }
    let site = site_id.unwrap_or(0).to_be_bytes();
    Some(hash(&keys.author, &[&site, email.to_lowercase().as_bytes()]))
}

/// The two ways rules know an e-mail address by, in hexadecimal.
pub(super) fn email_keys(keys: &Keys, site_id: i64, email: &str) -> Vec<String> {
    let both = [Some(site_id), None].into_iter().filter_map(|site| author_key(keys, site, email));
    both.map(|key| HEXLOWER.encode(&key)).collect()
}

/// Keyed hash of the network of an address: of IPv6 the first 64 bits. `None` for this machine itself, which is where
/// everybody seems to come from behind a proxy that is not trusted.
pub(super) fn network_key(keys: &Keys, address: IpAddr) -> Option<[u8; 16]> {
    let network = network(address);
    (!network.is_loopback()).then(|| hash(&keys.network, &[network.to_string().as_bytes()]))
}

fn hash(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_keyed(key);
    for part in parts {
        hasher.update(part);
    }
    let mut hash = [0; 16];
    hasher.finalize_xof().fill(&mut hash);
    hash
}
