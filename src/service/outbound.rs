//! Posting to addresses that people have typed in, without becoming a way into the network this server stands in: public
//! addresses only, those that were looked at are those that are connected to, and no redirect is followed.

use std::error::Error;
use std::fmt::Write;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{Client, Url};

/// Connecting, sending and the head of the answer take no longer.
const TIMEOUT: Duration = Duration::from_secs(10);
const LONGEST_URL: usize = 2_000;

/// Posts to the outside.
#[derive(Debug)]
pub struct Outbound {
    resolver: PublicOnly,
    /// Made when it is first needed: it reads the system's certificates.
    client: OnceLock<Result<Client, String>>,
}

/// An address cannot be posted to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// It is none.
    #[error(
        "an address begins with https:// or http:// and has at most 2,000 characters, without a name, password or fragment"
    )]
    Form,
    /// It is in a private network.
    #[error("{0} is in a private network: whoever runs this server can allow it (webhook_private_hosts)")]
    Private(String),
}

impl Outbound {
    /// Posts to public addresses, and to these hosts wherever they are.
    pub fn new(private_hosts: &[String]) -> Self {
        let allowed = private_hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
        // The one provider of cryptography this program has; a second call finds it set.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self { resolver: PublicOnly { allowed }, client: OnceLock::new() }
    }

    /// Reads an address as far as it can be told without asking anybody whether it may be posted to.
    pub fn check(&self, address: &str) -> Result<Url, UrlError> {
        let url = Url::parse(address.trim()).map_err(|_unreadable| UrlError::Form)?;
        let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        let fits = matches!(url.scheme(), "http" | "https") && plain && address.len() <= LONGEST_URL;
        let host = url.host_str().filter(|_| fits).ok_or(UrlError::Form)?;
        let literal: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
        if literal.is_some_and(|ip| !is_public(ip)) && !self.resolver.allows(host) {
            return Err(UrlError::Private(host.to_owned()));
        }
        Ok(url)
    }

    /// Posts, and returns the answer's status. The body of the answer is not read. The error is for people.
    pub async fn post(&self, address: &str, headers: HeaderMap, body: String) -> Result<u16, String> {
        let url = self.check(address).map_err(|error| error.to_string())?;
        let client = self.client.get_or_init(|| self.client()).as_ref().map_err(Clone::clone)?;
        let answer =
            client.post(url).headers(headers).body(body).send().await.map_err(|error| told(&error))?;
        Ok(answer.status().as_u16())
    }

    fn client(&self) -> Result<Client, String> {
        Client::builder()
            .user_agent(concat!("Moderato/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .no_proxy()
            .timeout(TIMEOUT)
            .pool_max_idle_per_host(0)
            .dns_resolver(Arc::new(self.resolver.clone()))
            .build()
            .map_err(|error| told(&error))
    }
}

/// An error with its causes; the address is left out, because it may hold a secret.
fn told(error: &reqwest::Error) -> String {
    let mut told = if error.is_timeout() {
        "no answer within 10 seconds".to_owned()
    } else if error.is_connect() {
        "no connection".to_owned()
    } else {
        "it could not be sent".to_owned()
    };
    let mut cause = error.source();
    while let Some(error) = cause {
        // Writing to a string does not fail.
        let _ = write!(told, ": {error}");
        cause = error.source();
    }
    told
}

/// Looks a name up, and refuses it where any of its addresses is in a private network. What it gives is connected to: a
/// name that leads elsewhere a moment later leads nowhere.
#[derive(Debug, Clone)]
struct PublicOnly {
    allowed: Arc<[String]>,
}

impl PublicOnly {
    fn allows(&self, host: &str) -> bool {
        let host = host.trim_matches(['[', ']']).trim_end_matches('.');
        self.allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(host))
    }
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.allows(name.as_str());
        Box::pin(async move {
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if let Some(private) = found.iter().find(|address| !allowed && !is_public(address.ip())) {
                let why = format!("{} leads to {}, which is no public address", name.as_str(), private.ip());
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, why).into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Whether an address belongs to the public internet.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || a == 0
        || (a == 100 && b & 0xc0 == 64) // shared by carriers
        || (a, b, c) == (192, 0, 0)
        || (a, b, c) == (192, 88, 99)
        || (a == 198 && b & 0xfe == 18) // benchmarks
        || a >= 224; // multicast, reserved, broadcast
    !special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, c, ..] = ip.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_public_v4(Ipv4Addr::new(a, b, c, d))
    };
    if let Some(v4) = ip.to_ipv4_mapped() {
        return is_public_v4(v4);
    }
    match (a, b) {
        (0x64, 0xff9b) => {
            let [.., high, low] = ip.segments();
            ip.segments()[2..6] == [0; 4] && embedded(high, low)
        }
        (0x2002, _) => embedded(b, c),
        // Teredo, ORCHID and documentation.
        (0x2001, 0 | 0x10..=0x2f | 0xdb8) | (0x3fff, 0..=0x0fff) => false,
        _ => a & 0xe000 == 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_public_internet_is_public() {
        for private in [
            "127.0.0.1",
            "127.8.8.8",
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.0.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "192.0.0.8",
            "198.18.0.1",
            "203.0.113.9",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fe80::1",
            "fd00::1",
            "fec0::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "3fff::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in [
            "1.1.1.1",
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "2606:4700::1111",
            "64:ff9b::101:101",
            "::ffff:1.1.1.1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn addresses_are_read_before_anybody_is_asked() {
        let outbound = Outbound::new(&["10.0.0.7".to_owned(), "Chat.Internal".to_owned()]);
        for fine in [
            "https://example.org/hook?x=1",
            "http://example.org:8080/",
            "http://10.0.0.7/",
            "https://[2606:4700::1]/",
        ] {
            assert!(outbound.check(fine).is_ok(), "{fine}");
        }
        for wrong in [
            "",
            "example.org",
            "ftp://example.org/",
            "https://me:secret@example.org/",
            "https://example.org/#x",
            "file:///etc/passwd",
        ] {
            assert_eq!(outbound.check(wrong), Err(UrlError::Form), "{wrong}");
        }
        // However a number is written, the parser reads the same one.
        for private in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://[::1]/",
            "http://10.0.0.8/",
        ] {
            assert!(matches!(outbound.check(private), Err(UrlError::Private(_))), "{private}");
        }
        assert!(outbound.resolver.allows("chat.internal") && outbound.resolver.allows("chat.internal."));
        assert!(!outbound.resolver.allows("evil.chat.internal"));
    }
}
