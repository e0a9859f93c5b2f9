//! Bodies of requests: read up to a bound and a time, whatever the sender does.
//!
//! The library reads a chunked body to its end once nobody wants it, however long that takes, and a body without end would
//! hold the connection for ever. Here a body that is too long is read on for a while, so that an honest sender gets the
//! answer, and then cut off.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::rt::time::{Instant, sleep, timeout};
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError};
use bytes::Bytes;
use futures_core::Stream;

use super::Problem;

/// How long a body may take.
const TIME: Duration = Duration::from_secs(30);

/// How much of a body that is too long is read on, and for how long, before the connection is closed.
const READ_ON_BYTES: usize = 16 << 20;
const READ_ON_TIME: Duration = Duration::from_secs(3);

/// How long a connection that is cut off lingers, so that the answer arrives before the end.
const LINGER: Duration = Duration::from_secs(1);

/// A body that has not been read yet.
pub(super) struct Arriving(Payload);

impl FromRequest for Arriving {
    type Error = actix_web::Error;
    type Future = std::future::Ready<Result<Self, Self::Error>>;

    fn from_request(_: &HttpRequest, payload: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self(payload.take())))
    }
}

impl Arriving {
    async fn next(&mut self, until: Instant) -> Result<Option<Bytes>, Problem> {
        let left = until.saturating_duration_since(Instant::now());
        let part = timeout(left, poll_fn(|context| Pin::new(&mut self.0).poll_next(context))).await;
        let part = part.map_err(|_| Problem::new("bad-request", format!("the body did not come within {} s", TIME.as_secs())))?;
        part.transpose().map_err(|error| {
            let detail: String = error.to_string().chars().take(200).collect();
            Problem::new("bad-request", format!("the body cannot be read: {detail}"))
        })
    }

    /// Reads it, up to a bound in bytes.
    ///
    /// # Errors
    /// The whole answer, where it is too long (413), too slow or broken (400).
    pub(super) async fn read(self, limit: usize) -> Result<Vec<u8>, HttpResponse> {
        self.read_or(limit, |problem| problem.error_response()).await
    }

    /// The same with answers of another shape.
    pub(super) async fn read_or(mut self, limit: usize, told: impl Fn(Problem) -> HttpResponse) -> Result<Vec<u8>, HttpResponse> {
        let until = Instant::now() + TIME;
        let mut bytes = Vec::new();
        loop {
            match self.next(until).await {
                Ok(None) => return Ok(bytes),
                Ok(Some(part)) => bytes.extend_from_slice(&part),
                Err(problem) => return Err(self.cut_off(told(problem))),
            }
            if bytes.len() > limit {
                let problem = Problem::new("body-too-large", format!("the body has more than {limit} bytes"));
                return Err(self.refuse_with(told(problem)).await);
            }
        }
    }

    /// Answers without wanting the rest: it is read on for a while, then cut off.
    pub(super) async fn refuse(self, problem: Problem) -> HttpResponse {
        self.refuse_with(problem.error_response()).await
    }

    async fn refuse_with(mut self, answer: HttpResponse) -> HttpResponse {
        let until = Instant::now() + READ_ON_TIME;
        let mut seen = 0usize;
        while let Ok(part) = self.next(until).await {
            let Some(part) = part else { return answer };
            seen = seen.saturating_add(part.len());
            if seen > READ_ON_BYTES {
                break;
            }
        }
        self.cut_off(answer)
    }

    /// Answers, and closes the connection behind the answer: while the receiver of a body is held, the library does not read on.
    fn cut_off(self, answer: HttpResponse) -> HttpResponse {
        actix_web::rt::spawn(async move {
            sleep(LINGER).await;
            drop(self);
        });
        answer
    }
}

/// The media type of a body, without its parameters, in small letters; blank where none is given.
pub(super) fn media_type(request: &HttpRequest) -> String {
    let header = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
