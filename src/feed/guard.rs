//! Where notices may be sent: public addresses, and what the operator names besides.
//!
//! A name is judged by what it resolves to, at every attempt, and the connection goes to the very address that was judged: a
//! name that points elsewhere a moment later changes nothing.

use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use url::{Host, Url};

/// The longest address of a receiver, in bytes.
pub const MAX_URL_BYTES: usize = 2000;

/// An address or a name that notices may be sent to although it is not public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AllowRule {
    /// Every address that begins with these bits.
    Network(IpAddr, u8),
    /// This host, whatever it resolves to.
    Host(String),
}

/// A text that is neither.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a network (10.1.0.0/16, ::1/128), an address nor a host name")]
pub struct AllowRuleError(String);

impl FromStr for AllowRule {
    type Err = AllowRuleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || AllowRuleError(text.chars().take(100).collect());
        let (host, bits) = text.split_once('/').map_or((text, None), |(host, bits)| (host, Some(bits)));
        let Ok(address) = host.trim_matches(['[', ']']).parse::<IpAddr>() else {
            let named = Host::parse(host).ok().filter(|_| bits.is_none());
            return match named {
                Some(Host::Domain(name)) => Ok(Self::Host(name)),
                _ => Err(refuse()),
            };
        };
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.parse::<u8>().map_err(|_| refuse()))?;
        if bits <= most { Ok(Self::Network(address, bits)) } else { Err(refuse()) }
    }
}

/// What is not public and may be sent to all the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowed(Vec<AllowRule>);

impl From<Vec<AllowRule>> for Allowed {
    fn from(rules: Vec<AllowRule>) -> Self {
        Self(rules)
    }
}

/// Why nothing is sent to an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UrlRefusal {
    /// Not the address of a receiver.
    #[error("`url` is no address that notices can be sent to: write https://HOST[:PORT]/PATH, without user, password and fragment")]
    Shape,
    /// Unencrypted, and not named by the operator.
    #[error("`url` is not encrypted: write https://…; http is for receivers that the operator names with --webhook-allow")]
    Plain,
    /// An address that is not everybody's.
    #[error("`{0}` is no public address; the operator may name it with --webhook-allow")]
    Private(String),
}

/// Reads the address of a receiver; what it may be sent to is another question.
///
/// # Errors
/// [`UrlRefusal::Shape`].
pub fn receiver_url(text: &str) -> Result<Url, UrlRefusal> {
    let url = Url::parse(text.trim()).map_err(|_| UrlRefusal::Shape)?;
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let known = ["http", "https"].contains(&url.scheme()) && url.has_host() && url.port() != Some(0);
    if known && plain && url.as_str().len() <= MAX_URL_BYTES && url.as_str().parse::<Uri>().is_ok() {
        Ok(url)
    } else {
        Err(UrlRefusal::Shape)
    }
}

impl Allowed {
    /// Whether notices may be sent there, as far as the address tells without asking a name server.
    ///
    /// # Errors
    /// [`UrlRefusal`].
    pub fn check(&self, url: &Url) -> Result<(), UrlRefusal> {
        let address = match url.host() {
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            _ => None,
        };
        let host = url.host_str().unwrap_or_default().trim_end_matches('.');
        let named = self.names_host(host) || address.is_some_and(|address| self.names(address));
        if named {
            return Ok(());
        }
        let local = host == "localhost" || host.ends_with(".localhost");
        if local || address.is_some_and(|address| !is_public(address)) {
            return Err(UrlRefusal::Private(host.to_owned()));
        }
        // whether a name stands for an address that the operator names is seen when it is resolved
        let may_be_named = address.is_none() && !self.0.is_empty();
        if url.scheme() == "https" || may_be_named { Ok(()) } else { Err(UrlRefusal::Plain) }
    }

    /// Whether a connection to this address, found under this host, may be made.
    fn permits(&self, host: &str, scheme: &str, address: IpAddr) -> Result<(), UrlRefusal> {
        if self.names_host(host) || self.names(address) {
            return Ok(());
        }
        if !is_public(address) {
            return Err(UrlRefusal::Private(address.to_string()));
        }
        if scheme == "https" { Ok(()) } else { Err(UrlRefusal::Plain) }
    }

    fn names_host(&self, host: &str) -> bool {
        let host = host.trim_end_matches('.');
        self.0.iter().any(|rule| matches!(rule, AllowRule::Host(own) if own.trim_end_matches('.').eq_ignore_ascii_case(host)))
    }

    fn names(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|rule| matches!(rule, AllowRule::Network(own, bits) if same_network(own.to_canonical(), address, *bits)))
    }
}

fn same_network(one: IpAddr, other: IpAddr, bits: u8) -> bool {
    let differs = |difference: u128, width: u32| difference.leading_zeros().saturating_sub(128 - width) < u32::from(bits);
    match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => !differs(u128::from(u32::from(one) ^ u32::from(other)), 32),
        (IpAddr::V6(one), IpAddr::V6(other)) => !differs(u128::from(one) ^ u128::from(other), 128),
        _ => false,
    }
}

/// Whether an address is one of the public internet (IANA's registries of special-purpose addresses, RFC 6890).
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    const SPECIAL: [([u8; 4], u8); 15] = [
        ([0, 0, 0, 0], 8),
        ([10, 0, 0, 0], 8),
        ([100, 64, 0, 0], 10),
        ([127, 0, 0, 0], 8),
        ([169, 254, 0, 0], 16),
        ([172, 16, 0, 0], 12),
        ([192, 0, 0, 0], 24),
        ([192, 0, 2, 0], 24),
        ([192, 88, 99, 0], 24),
        ([192, 168, 0, 0], 16),
        ([198, 18, 0, 0], 15),
        ([198, 51, 100, 0], 24),
        ([203, 0, 113, 0], 24),
        ([224, 0, 0, 0], 4),
        ([240, 0, 0, 0], 4),
    ];
    !SPECIAL.iter().any(|(network, bits)| same_network(IpAddr::from(*network), IpAddr::V4(address), *bits))
}

/// Only 2000::/3 was ever given out, and of it not what stands for other networks or for examples.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let within = |first: u16, second: u16, bits: u8| {
        let network = Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0);
        same_network(IpAddr::V6(network), IpAddr::V6(address), bits)
    };
    within(0x2000, 0, 3) && !(within(0x2001, 0, 23) || within(0x2001, 0xdb8, 32) || within(0x2002, 0, 16) || within(0x3fff, 0, 20))
}

/// Resolves names, and keeps of their addresses those that may be sent to.
pub(super) struct Guard(pub(super) Arc<Allowed>);

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guard")
    }
}

impl Resolver for Guard {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = DefaultResolver::default().resolve(uri, config, timeout)?;
        let (host, scheme) = (uri.host().unwrap_or_default(), uri.scheme_str().unwrap_or_default());
        let mut kept = self.empty();
        let mut refused = None;
        for address in found.iter().copied() {
            match self.0.permits(host.trim_matches(['[', ']']), scheme, SocketAddr::ip(&address)) {
                Ok(()) => kept.push(address),
                Err(error) => refused = Some(error),
            }
        }
        match refused {
            Some(error) if kept.is_empty() => Err(ureq::Error::Io(io::Error::new(io::ErrorKind::PermissionDenied, error))),
            _ => Ok(kept),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_addresses_are_public() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.0.1",
            "172.32.0.1",
            "198.17.0.1",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:200::1",
            "240e::1",
            "::ffff:8.8.8.8",
        ] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn which_urls_have_the_shape() {
        for url in ["https://receiver.example/hook", "http://127.0.0.1:9/", "https://[2606:4700::1]:8443/a?b=c", "https://因子.example/"]
        {
            assert!(receiver_url(url).is_ok(), "{url}");
        }
        let long = format!("https://a.example/{}", "x".repeat(MAX_URL_BYTES));
        for url in [
            "",
            "receiver.example",
            "ftp://a.example/",
            "file:///etc/passwd",
            "gopher://a.example/",
            "https://",
            "https://u@a.example/",
            "https://u:p@a.example/",
            "https://a.example/#f",
            "https://a.example:0/",
            "javascript:alert(1)",
            &long,
        ] {
            assert_eq!(receiver_url(url), Err(UrlRefusal::Shape), "{url}");
        }
    }

    #[test]
    fn which_urls_may_be_sent_to() {
        let check = |rules: &[&str], url: &str| {
            let rules: Vec<AllowRule> = rules.iter().map(|rule| rule.parse().unwrap()).collect();
            Allowed::from(rules).check(&receiver_url(url).unwrap())
        };
        let private = |host: &str| Err(UrlRefusal::Private(host.to_owned()));
        for (rules, url, wanted) in [
            (&[][..], "https://receiver.example/", Ok(())),
            (&[], "https://8.8.8.8:444/", Ok(())),
            (&[], "http://receiver.example/", Err(UrlRefusal::Plain)),
            (&[], "http://8.8.8.8/", Err(UrlRefusal::Plain)),
            (&[], "https://localhost/", private("localhost")),
            (&[], "https://a.localhost/", private("a.localhost")),
            (&[], "https://localhost./", private("localhost")),
            (&[], "https://127.1/", private("127.0.0.1")),
            (&[], "https://0x7f000001/", private("127.0.0.1")),
            (&[], "https://2130706433/", private("127.0.0.1")),
            (&[], "https://[::1]/", private("[::1]")),
            (&[], "https://[::ffff:10.0.0.1]/", private("[::ffff:a00:1]")),
            (&[], "https://169.254.169.254/latest/meta-data/", private("169.254.169.254")),
            (&["127.0.0.0/8"], "http://127.0.0.1:8080/", Ok(())),
            (&["127.0.0.1"], "http://127.0.0.2:8080/", private("127.0.0.2")),
            (&["10.1.0.0/16"], "https://10.1.9.9/", Ok(())),
            (&["10.1.0.0/16"], "https://10.2.0.1/", private("10.2.0.1")),
            (&["::1/128"], "http://[::1]:80/", Ok(())),
            (&["10.0.0.0/8"], "https://[::ffff:10.0.0.1]/", Ok(())),
            (&["hooks.internal"], "http://HOOKS.internal/", Ok(())),
            (&["localhost"], "http://localhost:1/", Ok(())),
        ] {
            assert_eq!(check(rules, url), wanted, "{rules:?} {url}");
        }
        for wrong in ["", "10.0.0.0/33", "10.0.0.0/x", "::/129", "a b", "a.example/24", "http://a.example"] {
            assert!(wrong.parse::<AllowRule>().is_err(), "{wrong}");
        }
    }

    /// `localhost` is a name like any other to the resolver; it is refused for the address that it resolves to.
    #[test]
    fn a_connection_goes_to_what_was_judged() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://localhost:{}/", listener.local_addr().unwrap().port());
        let get = |rules: Vec<AllowRule>| {
            let config = ureq::Agent::config_builder().proxy(None).build();
            let guard = Guard(Arc::new(rules.into()));
            ureq::Agent::with_parts(config, ureq::unversioned::transport::DefaultConnector::default(), guard).get(&url).call()
        };
        let error = get(vec!["10.0.0.0/8".parse().unwrap()]).unwrap_err().to_string();
        assert!(error.contains("is no public address"), "{error}");
        let answered = std::thread::spawn(move || {
            use std::io::{Read, Write};
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.read(&mut [0; 1024]).unwrap();
            stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").unwrap();
        });
        assert_eq!(get(vec!["127.0.0.1".parse().unwrap()]).unwrap().status().as_u16(), 204);
        answered.join().unwrap();
    }

    #[test]
    fn a_name_is_judged_by_its_address() {
        let allowed: Allowed = vec!["10.0.0.0/8".parse().unwrap(), "ci.internal".parse().unwrap()].into();
        let permits = |host: &str, scheme: &str, address: &str| allowed.permits(host, scheme, address.parse().unwrap());
        assert_eq!(permits("a.example", "https", "8.8.8.8"), Ok(()));
        assert_eq!(permits("a.example", "http", "8.8.8.8"), Err(UrlRefusal::Plain));
        assert_eq!(permits("a.example", "http", "10.9.9.9"), Ok(()));
        assert_eq!(permits("a.example", "https", "169.254.169.254"), Err(UrlRefusal::Private("169.254.169.254".into())));
        assert_eq!(permits("ci.internal", "http", "192.168.0.9"), Ok(()));
    }
}
