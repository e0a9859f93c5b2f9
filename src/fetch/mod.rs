//! Other servers over HTTP, as a client that trusts none of them: every answer has a largest size and a longest time.
//!
//! Only commands of a person and the log's own witnesses are asked; no request that a server answers makes it fetch. Notices to
//! subscribers are sent by `feed`, which judges every address first.

use std::io::{self, Read, Write};
use std::time::Duration;

use ureq::http::{HeaderMap, Method, Request, Response};
use ureq::{Agent, AsSendBody, Body};
use url::Url;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);
/// How long a server may take to begin its answer.
const FIRST_BYTE: Duration = Duration::from_secs(30);
/// How long a small answer may take as a whole.
const WHOLE: Duration = Duration::from_secs(60);
/// The slowest transfer that a download waits for, in bytes a second, on top of [`WHOLE`].
const SLOWEST: u64 = 16 * 1024;
const MAX_REDIRECTS: u32 = 3;
const BUFFER_BYTES: usize = 64 * 1024;

/// A client of other servers; cheap to clone, connections are kept.
#[derive(Debug, Clone)]
pub struct Fetcher {
    agent: Agent,
}

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// The status (RFC 9110, 15).
    pub status: u16,
    headers: HeaderMap,
    /// The content, without its transfer coding.
    pub body: Vec<u8>,
}

impl Fetched {
    /// A header's value, where it is there and text; the name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// A download whose bytes went elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Downloaded {
    /// The status (RFC 9110, 15).
    pub status: u16,
    /// How many bytes were written.
    pub bytes: u64,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Not an address of the web.
    #[error("`{0}` is no address: write http://HOST[:PORT]/ or https://HOST[:PORT]/")]
    Address(String),
    /// Nobody answered, or not in time, or not in HTTP.
    #[error("{url}: {why}")]
    Failed {
        /// What was asked for.
        url: String,
        /// What happened.
        why: String,
    },
    /// The answer does not end where it must.
    #[error("{url}: the answer is longer than the {limit} bytes that it may have: it was cut off and refused")]
    TooLong {
        /// What was asked for.
        url: String,
        /// The most bytes that were taken.
        limit: u64,
    },
    /// The place that a download is written to.
    #[error("{url}: what was downloaded could not be kept: {source}")]
    Keep {
        /// What was asked for.
        url: String,
        /// Why not.
        source: io::Error,
    },
}

impl Default for Fetcher {
    fn default() -> Self {
        Self::new()
    }
}

impl Fetcher {
    /// A client with the time limits above; it follows at most three redirects and asks for no compression.
    pub fn new() -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(MAX_REDIRECTS)
            .timeout_connect(Some(CONNECT))
            .timeout_recv_response(Some(FIRST_BYTE))
            .timeout_global(Some(WHOLE))
            .user_agent(concat!("tanyin/", env!("CARGO_PKG_VERSION")));
        Self { agent: config.build().into() }
    }

    /// Asks for a small thing, of at most `limit` bytes.
    ///
    /// # Errors
    /// [`FetchError`]; a status that tells of an error is none.
    pub fn get(&self, url: &str, limit: u64) -> Result<Fetched, FetchError> {
        self.small(Method::GET, url, (), limit, WHOLE)
    }

    /// Sends bytes, and reads an answer of at most `limit` bytes.
    ///
    /// # Errors
    /// As [`Fetcher::get`].
    pub fn post(&self, url: &str, body: &[u8], limit: u64) -> Result<Fetched, FetchError> {
        self.small(Method::POST, url, body, limit, WHOLE)
    }

    /// The same, where the whole of it may not take longer than `time`.
    ///
    /// # Errors
    /// As [`Fetcher::get`].
    pub fn post_within(&self, url: &str, body: &[u8], limit: u64, time: Duration) -> Result<Fetched, FetchError> {
        self.small(Method::POST, url, body, limit, time)
    }

    /// Asks for a file of at most `limit` bytes, and writes it where it is wanted as it comes; the answers to a status
    /// other than 200 are not written.
    ///
    /// # Errors
    /// As [`Fetcher::get`], and [`FetchError::Keep`]. Up to `limit` bytes may have been written before.
    pub fn download(&self, url: &str, limit: u64, into: &mut impl Write) -> Result<Downloaded, FetchError> {
        let time = WHOLE.saturating_add(Duration::from_secs(limit / SLOWEST));
        let response = self.run(Method::GET, url, (), time)?;
        let status = response.status().as_u16();
        let bytes = if status == 200 { copy(url, response.into_body(), limit, into)? } else { 0 };
        Ok(Downloaded { status, bytes })
    }

    fn small(&self, method: Method, url: &str, body: impl AsSendBody, limit: u64, time: Duration) -> Result<Fetched, FetchError> {
        let response = self.run(method, url, body, time)?;
        let (parts, answer) = response.into_parts();
        let mut body = Vec::new();
        copy(url, answer, limit, &mut body)?;
        Ok(Fetched { status: parts.status.as_u16(), headers: parts.headers, body })
    }

    fn run(&self, method: Method, url: &str, body: impl AsSendBody, time: Duration) -> Result<Response<Body>, FetchError> {
        let parsed = Url::parse(url).ok().filter(|parsed| matches!(parsed.scheme(), "http" | "https") && parsed.has_host());
        let parsed = parsed.ok_or_else(|| FetchError::Address(url.to_owned()))?;
        let failed = |why: String| FetchError::Failed { url: url.to_owned(), why };
        // what is hashed are the bytes as they are stored, not a coding of them
        let request = Request::builder().method(method).uri(parsed.as_str()).header("accept-encoding", "identity").body(body);
        let request = request.map_err(|error| failed(error.to_string()))?;
        let request = self.agent.configure_request(request).timeout_global(Some(time)).build();
        self.agent.run(request).map_err(|error| failed(error.to_string()))
    }
}

/// Copies at most `limit` bytes; one more is refused.
fn copy(url: &str, body: Body, limit: u64, into: &mut impl Write) -> Result<u64, FetchError> {
    let mut reader = body.into_with_config().limit(u64::MAX).reader();
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut bytes = 0_u64;
    loop {
        let count = match reader.read(&mut buffer) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(FetchError::Failed { url: url.to_owned(), why: format!("after {bytes} bytes: {error}") }),
        };
        let part = buffer.get(..count).unwrap_or_default();
        if part.is_empty() {
            return Ok(bytes);
        }
        bytes = bytes.saturating_add(part.len().try_into().unwrap_or(u64::MAX));
        if bytes > limit {
            return Err(FetchError::TooLong { url: url.to_owned(), limit });
        }
        into.write_all(part).map_err(|source| FetchError::Keep { url: url.to_owned(), source })?;
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use super::*;

    /// Answers one request with these bytes, and closes; gives its address and the request that came.
    fn answer(bytes: &'static [u8]) -> (String, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/x", listener.local_addr().unwrap());
        let served = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = vec![0; 4096];
            let mut length = 0;
            while !request[..length].windows(4).any(|end| end == b"\r\n\r\n") {
                length += stream.read(&mut request[length..]).unwrap();
            }
            // who is cut off closes first
            drop(stream.write_all(bytes));
            String::from_utf8_lossy(&request[..length]).into_owned()
        });
        (address, served)
    }

    #[test]
    fn an_answer_has_status_header_and_body() {
        let (url, served) = answer(b"HTTP/1.1 409 Conflict\r\ncontent-type: text/x.tlog.size\r\ncontent-length: 2\r\n\r\n7\n");
        let fetched = Fetcher::new().post(&url, b"old 3\n", 100).unwrap();
        assert_eq!((fetched.status, fetched.header("Content-Type"), fetched.body.as_slice()), (409, Some("text/x.tlog.size"), &b"7\n"[..]));
        assert!(served.join().unwrap().starts_with("POST /x HTTP/1.1\r\n"));
    }

    #[test]
    fn an_answer_ends_where_it_must() {
        let exact: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n12345";
        for (limit, fits) in [(5, true), (4, false)] {
            let (url, served) = answer(exact);
            let mut kept = Vec::new();
            let got = Fetcher::new().download(&url, limit, &mut kept);
            served.join().unwrap();
            match got {
                Ok(done) => assert!(fits && done == Downloaded { status: 200, bytes: 5 } && kept == b"12345"),
                Err(error) => assert!(!fits && error.to_string().contains("longer than the 4 bytes"), "{error}"),
            }
        }
    }

    #[test]
    fn what_breaks_off_is_no_answer() {
        let (url, served) = answer(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n12345");
        assert!(matches!(Fetcher::new().get(&url, 100), Err(FetchError::Failed { .. })));
        served.join().unwrap();
    }

    #[test]
    fn only_the_web_is_asked() {
        for url in ["ftp://127.0.0.1/", "file:///etc/hosts", "127.0.0.1:80", "http://"] {
            assert!(matches!(Fetcher::new().get(url, 10), Err(FetchError::Address(_))), "{url}");
        }
    }
}
