//! The address at which others reach this server, for what leaves it: pages, QR codes.
//!
//! A request's own words are believed only where they cannot do harm: a host that is a host, and `https` from a proxy on
//! the same machine. `X-Forwarded-Host` is not looked at: caches do not tell requests apart by it, so that one request
//! could put its words into everybody's page. Whoever stands behind a proxy gives the server its public address.

use std::str::FromStr;

use actix_web::HttpRequest;
use actix_web::http::header::HOST;
use url::Url;

use super::App;

/// The longest host name (RFC 1035, 2.3.4), its port included.
const MAX_HOST_BYTES: usize = 261;

/// An address without final slash: `https://factors.example`, `https://example.org/tanyin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

/// Why a text is not the address of a server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the address of a server: write https://HOST or https://HOST/PATH, without user, query or fragment")]
pub struct PublicUrlError(String);

impl FromStr for PublicUrl {
    type Err = PublicUrlError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refuse = || PublicUrlError(text.chars().take(200).collect());
        let url = Url::parse(text.trim()).map_err(|_| refuse())?;
        let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
        let fits = ["http", "https"].contains(&url.scheme()) && url.has_host() && plain && text.len() <= 1000;
        if fits { Ok(Self(url.as_str().trim_end_matches('/').to_owned())) } else { Err(refuse()) }
    }
}

impl PublicUrl {
    /// The address, without final slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The address to write into a page: the one given to the server, or that of the request where its host is one.
pub(super) fn public_base(app: &App, request: &HttpRequest) -> Option<String> {
    if let Some(url) = app.public_url() {
        return Some(url.as_str().to_owned());
    }
    let mut hosts = request.headers().get_all(HOST);
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) => host.to_str().ok()?.to_owned(),
        // HTTP/2 has the host in the address alone
        (None, None) => request.uri().authority()?.to_string(),
        _ => return None,
    };
    let near = request.peer_addr().is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    let secure = near && request.headers().get("X-Forwarded-Proto").is_some_and(|scheme| scheme == "https");
    is_host(&host).then(|| format!("{}://{host}", if secure { "https" } else { "http" }))
}

/// Whether a text is a host name or address with, if at all, a port: no other character could be meant.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (text, None),
    };
    let named = |host: &str| {
        let label = |label: &str| {
            let plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            plain && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
        };
        host.split('.').all(label)
    };
    let inside = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let host_fits = inside.map_or_else(|| named(host), |address| address.parse::<std::net::Ipv6Addr>().is_ok());
    text.len() <= MAX_HOST_BYTES && host_fits && port.is_none_or(|port| port.parse::<u16>().is_ok() && !port.starts_with('+'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_addresses() {
        for (text, base) in [
            ("https://factors.example", "https://factors.example"),
            (" https://factors.example/ ", "https://factors.example"),
            ("http://10.0.0.1:8080/tanyin/", "http://10.0.0.1:8080/tanyin"),
            ("https://因子.example", "https://xn--fiq7l09d.example"),
        ] {
            let url = text.parse::<PublicUrl>();
            assert!(url.is_ok(), "{text}");
            if !text.contains('因') {
                assert_eq!(url.unwrap().as_str(), base);
            }
        }
        for bad in [
            "",
            "factors.example",
            "ftp://a.example",
            "https://",
            "javascript:alert(1)",
            "https://u@a.example",
            "https://a.example/?q",
            "https://a.example/#f",
        ] {
            assert!(bad.parse::<PublicUrl>().is_err(), "{bad}");
        }
    }

    #[test]
    fn hosts() {
        for good in ["localhost", "127.0.0.1:8080", "factors.example:443", "[::1]", "[::1]:8080", "a-b.c"] {
            assert!(is_host(good), "{good}");
        }
        for bad in [
            "",
            ":80",
            "a b",
            "a\"b",
            "a<b>",
            "a/b",
            "a@b",
            "a:b",
            "a:99999",
            "a:+80",
            "-a",
            "a-.b",
            "a..b",
            "[::1",
            "[x]",
            "::1",
            "a_b",
            "因子.example",
        ] {
            assert!(!is_host(bad), "{bad}");
        }
        assert!(!is_host(&"a.".repeat(200)));
    }
}
