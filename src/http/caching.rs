//! Representations with validators, digests, ranges and preconditions (RFC 9110, RFC 9530, RFC 9111).

use std::borrow::Cow;
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::http::{Method, StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, ResponseError};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::Problem;
use super::access::Audience;
use crate::canon::Digest;

/// How long an answer may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Freshness {
    /// Bytes that never change: files of a release, tiles.
    Immutable,
    /// Says a release's status, so that a withdrawal arrives.
    Status,
    /// `latest`, ranges, lists.
    Moving,
}

impl Freshness {
    const fn header(self, audience: Audience) -> &'static str {
        match (audience, self) {
            (Audience::Everybody, Self::Immutable) => "public, max-age=31536000, immutable",
            (Audience::Everybody, Self::Status) => "public, max-age=60",
            (Audience::Everybody, Self::Moving) => "public, max-age=5",
            (Audience::Caller, Self::Immutable) => "private, max-age=31536000, immutable",
            (Audience::Caller, Self::Status) => "private, max-age=60",
            (Audience::Caller, Self::Moving) => "private, max-age=5",
        }
    }
}

/// Bytes to be sent, with what HTTP says about them.
pub(super) struct Representation {
    body: Bytes,
    content_type: Cow<'static, str>,
    validator: Validator,
    freshness: Freshness,
    audience: Audience,
    headers: Vec<(&'static str, Cow<'static, str>)>,
    ranges: bool,
}

/// What an entity tag is made of.
enum Validator {
    /// The digest of the bytes, which is told as `Repr-Digest` too.
    Bytes(Digest),
    /// The digest of all that the bytes follow from.
    State(Digest),
}

impl Representation {
    fn new(body: Bytes, content_type: Cow<'static, str>, validator: Validator, freshness: Freshness) -> Self {
        Self { body, content_type, validator, freshness, audience: Audience::Everybody, headers: Vec::new(), ranges: false }
    }

    /// JSON made for this answer.
    pub(super) fn json(body: Vec<u8>, freshness: Freshness) -> Self {
        let digest = Digest::of(&body);
        Self::new(body.into(), JSON.into(), Validator::Bytes(digest), freshness)
    }

    /// JSON that follows from a state, for whoever does not have it already ([`unchanged`]).
    pub(super) fn json_of(state: Digest, body: Vec<u8>, freshness: Freshness) -> Self {
        Self::new(body.into(), JSON.into(), Validator::State(state), freshness)
    }

    /// Stored bytes whose digest is known.
    pub(super) fn stored(body: Bytes, digest: Digest, content_type: &str) -> Self {
        let own = Self::new(body, content_type.to_owned().into(), Validator::Bytes(digest), Freshness::Immutable);
        Self { ranges: true, ..own }
    }

    /// Bytes made for this answer, of another type than JSON.
    pub(super) fn made(body: Vec<u8>, content_type: &str, freshness: Freshness) -> Self {
        Self { content_type: content_type.to_owned().into(), ..Self::json(body, freshness) }
    }

    /// The same under a name that moves on: `latest`, a range.
    pub(super) fn moving(self) -> Self {
        Self { freshness: Freshness::Moving, ..self }
    }

    /// The same for those who see it: what depends on the caller is for no other.
    pub(super) fn to(self, audience: Audience) -> Self {
        let own = Self { audience, ..self };
        if audience == Audience::Caller { own.header("Vary", "Authorization") } else { own }
    }

    /// With a header more.
    pub(super) fn header(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn etag(&self) -> String {
        let (Validator::Bytes(digest) | Validator::State(digest)) = &self.validator;
        entity_tag(digest)
    }

    /// The answer to a GET or HEAD, preconditions first (RFC 9110, 13.2.2).
    pub(super) fn respond<'r>(self, request: impl Into<Conditions<'r>>) -> Result<HttpResponse, Problem> {
        let request = request.into();
        let etag = self.etag();
        if let Some(wanted) = request.text(header::IF_MATCH)
            && !names(wanted, &etag, Comparison::Strong)
        {
            return Err(Problem::new("precondition-failed", format!("the representation is {etag}")));
        }
        if request.text(header::IF_NONE_MATCH).is_some_and(|known| names(known, &etag, Comparison::Weak)) {
            return Ok(self.builder(StatusCode::NOT_MODIFIED, &etag).finish());
        }
        let wanted = request.text(header::RANGE).filter(|_| self.ranges && *request.method == Method::GET);
        let unchanged = request.text(header::IF_RANGE).is_none_or(|validator| validator.trim() == etag);
        match wanted.filter(|_| unchanged).map(|range| read_range(range, self.body.len())) {
            Some(Wanted::Part(start, end)) => self.partial(&etag, start, end),
            Some(Wanted::Beyond) => Ok(self.beyond(&etag)),
            Some(Wanted::Whole) | None => Ok(self.builder(StatusCode::OK, &etag).content_type(&*self.content_type).body(Slices(self.body))),
        }
    }

    fn builder(&self, status: StatusCode, etag: &str) -> HttpResponseBuilder {
        let mut response = HttpResponse::build(status);
        response.insert_header((header::ETAG, etag)).insert_header((header::CACHE_CONTROL, self.freshness.header(self.audience)));
        if self.ranges {
            response.insert_header((header::ACCEPT_RANGES, "bytes"));
        }
        for (name, value) in &self.headers {
            response.append_header((*name, &**value));
        }
        if let Validator::Bytes(digest) = &self.validator
            && status != StatusCode::NOT_MODIFIED
        {
            response.insert_header(("Repr-Digest", digest_field(digest)));
        }
        response
    }

    fn partial(self, etag: &str, start: usize, end: usize) -> Result<HttpResponse, Problem> {
        let total = self.body.len();
        let part = self.body.slice(start..end);
        let content = digest_field(&Digest::of(&part));
        Ok(self
            .builder(StatusCode::PARTIAL_CONTENT, etag)
            .insert_header((header::CONTENT_RANGE, format!("bytes {start}-{}/{total}", end - 1)))
            .insert_header(("Content-Digest", content))
            .content_type(&*self.content_type)
            .body(Slices(part)))
    }

    fn beyond(&self, etag: &str) -> HttpResponse {
        let problem = Problem::new("range-not-satisfiable", format!("the representation has {} bytes", self.body.len()));
        let mut response = problem.error_response();
        let length = format!("bytes */{}", self.body.len());
        for (name, value) in [(header::ETAG, etag), (header::CONTENT_RANGE, &length)] {
            if let Ok(value) = header::HeaderValue::from_str(value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// The entity tag of a digest.
fn entity_tag(digest: &Digest) -> String {
    format!("\"sha256-{}\"", digest.to_hex())
}

/// Whether whoever asks has what follows from this state, so that it need not be made.
pub(super) fn unchanged(request: &HttpRequest, state: &Digest) -> bool {
    Conditions::from(request).text(header::IF_NONE_MATCH).is_some_and(|known| names(known, &entity_tag(state), Comparison::Weak))
}

const JSON: &str = "application/json";

/// The most bytes of a body that are handed on at once.
const SLICE: usize = 64 << 10;

/// Bytes that leave a slice at a time, as the receiver takes them. A body in one piece is copied whole into the buffer of the
/// connection: a mapped file would take its length of memory for each receiver that is slow.
struct Slices(Bytes);

impl MessageBody for Slices {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.0.len() as u64)
    }

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Bytes, Infallible>>> {
        if self.0.is_empty() {
            return Poll::Ready(None);
        }
        let length = self.0.len().min(SLICE);
        Poll::Ready(Some(Ok(self.0.split_to(length))))
    }

    fn try_into_bytes(self) -> Result<Bytes, Self> {
        if self.0.len() <= SLICE { Ok(self.0) } else { Err(self) }
    }
}

/// `sha-256=:<base64>:` (RFC 9530, a structured dictionary).
fn digest_field(digest: &Digest) -> String {
    format!("sha-256=:{}:", STANDARD.encode(digest.as_bytes()))
}

/// As much of a request as says what of a representation is wanted, and whether.
pub(super) struct Conditions<'r> {
    method: &'r Method,
    headers: &'r header::HeaderMap,
}

impl<'r> From<&'r HttpRequest> for Conditions<'r> {
    fn from(request: &'r HttpRequest) -> Self {
        Self { method: request.method(), headers: request.headers() }
    }
}

impl<'r> From<&'r actix_http::Request> for Conditions<'r> {
    fn from(request: &'r actix_http::Request) -> Self {
        Self { method: request.method(), headers: &request.head().headers }
    }
}

impl<'r> Conditions<'r> {
    fn text(&self, name: header::HeaderName) -> Option<&'r str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Strong,
    Weak,
}

/// Whether a list of entity tags names this one; `*` names any.
fn names(list: &str, etag: &str, comparison: Comparison) -> bool {
    list.split(',').map(str::trim).any(|item| match item.strip_prefix("W/") {
        Some(weak) => comparison == Comparison::Weak && weak == etag,
        None => item == "*" || item == etag,
    })
}

#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Whole,
    Part(usize, usize),
    Beyond,
}

/// Reads a `Range` (RFC 9110, 14.1.2). Other units, several ranges and wrong syntax give the whole, as 14.2 permits.
fn read_range(range: &str, length: usize) -> Wanted {
    let Some((first, last)) = range.trim().strip_prefix("bytes=").and_then(|spec| spec.trim().split_once('-')) else {
        return Wanted::Whole;
    };
    let number = |text: &str| -> Option<usize> { text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().unwrap_or(usize::MAX)) };
    match (first, last) {
        ("", suffix) => match number(suffix).filter(|_| !suffix.is_empty()) {
            Some(0) => Wanted::Beyond,
            Some(_) if length == 0 => Wanted::Beyond,
            Some(count) => Wanted::Part(length.saturating_sub(count), length),
            None => Wanted::Whole,
        },
        (first, last) => {
            let end = if last.is_empty() { Some(usize::MAX) } else { number(last) };
            match (number(first), end) {
                (Some(start), Some(end)) if start > end => Wanted::Whole,
                (Some(start), Some(_)) if start >= length => Wanted::Beyond,
                (Some(start), Some(end)) => Wanted::Part(start, end.saturating_add(1).min(length)),
                _ => Wanted::Whole,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let table = [
            ("bytes=0-9", Wanted::Part(0, 10)),
            ("bytes=90-", Wanted::Part(90, 100)),
            ("bytes=90-500", Wanted::Part(90, 100)),
            ("bytes=-10", Wanted::Part(90, 100)),
            ("bytes=-500", Wanted::Part(0, 100)),
            ("bytes=100-", Wanted::Beyond),
            ("bytes=-0", Wanted::Beyond),
            ("bytes=5-2", Wanted::Whole),
            ("bytes=0-1,5-6", Wanted::Whole),
            ("bytes=a-b", Wanted::Whole),
            ("lines=1-2", Wanted::Whole),
            ("bytes=99999999999999999999999-", Wanted::Beyond),
            ("bytes=-", Wanted::Whole),
        ];
        for (range, wanted) in table {
            assert_eq!(read_range(range, 100), wanted, "{range}");
        }
        assert_eq!(read_range("bytes=-5", 0), Wanted::Beyond);
    }

    /// RFC 9530, Appendix B.1: the digest of `{"hello": "world"}` and a line feed.
    #[test]
    fn repr_digest_vector() {
        assert_eq!(digest_field(&Digest::of(b"{\"hello\": \"world\"}\n")), "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:");
        assert_eq!(digest_field(&Digest::of(b"\"world\"}\n")), "sha-256=:jjcgBDWNAtbYUXI37CVG3gRuGOAjaaDRGpIUFsdyepQ=:");
    }

    #[actix_web::test]
    async fn bodies_leave_in_slices() {
        let whole = Bytes::from((0..=255u8).cycle().take(3 * SLICE + 7).collect::<Vec<u8>>());
        let mut body = Slices(whole.clone());
        assert_eq!(body.size(), BodySize::Sized(whole.len() as u64));
        let mut parts = Vec::new();
        while let Some(Ok(part)) = std::future::poll_fn(|context| Pin::new(&mut body).poll_next(context)).await {
            parts.push(part);
        }
        assert_eq!(parts.iter().map(Bytes::len).collect::<Vec<_>>(), [SLICE, SLICE, SLICE, 7]);
        assert_eq!(parts.concat(), whole);
        assert!(Slices(whole).try_into_bytes().is_err() && Slices(Bytes::from_static(b"x")).try_into_bytes().is_ok());
    }

    #[test]
    fn entity_tags() {
        assert!(names("\"a\", \"b\"", "\"b\"", Comparison::Strong));
        assert!(names("*", "\"b\"", Comparison::Strong));
        assert!(!names("W/\"b\"", "\"b\"", Comparison::Strong));
        assert!(names("W/\"b\"", "\"b\"", Comparison::Weak));
    }
}
