//! The witness over HTTP: one way in, bounded in size and time.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::ALLOW;
use actix_web::middleware::DefaultHeaders;
use actix_web::rt::time::{sleep, timeout};
use actix_web::web::{self, Data, Payload};
use actix_web::{App, HttpResponse, HttpServer};
use futures_core::Stream;

use super::{AddError, Witness};
use crate::tlog::MAX_ADD_CHECKPOINT;

const TEXT: &str = "text/plain; charset=utf-8";
/// The media type of the size that a conflict is answered with (C2SP tlog-witness).
const SIZE: &str = "text/x.tlog.size";
/// How long a request's body may take.
const BODY: Duration = Duration::from_secs(10);
/// How long a client whose body was cut off may go on sending, until its connection is closed; nothing of it is kept.
const LINGER: Duration = Duration::from_secs(1);
/// A witness is asked by logs, not by the public.
const CONNECTIONS: usize = 1024;

/// Why a witness did not start or went down.
#[derive(Debug, thiserror::Error)]
pub enum WitnessServeError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: String,
        /// What the system said.
        source: io::Error,
    },
    /// The server broke.
    #[error("the witness stopped: {0}")]
    Run(io::Error),
}

/// Serves a witness on an address until SIGINT or SIGTERM; `listening` is called with the address once bound.
///
/// `POST /add-checkpoint` (C2SP tlog-witness), `GET /` with the verifier key, `GET /healthz`.
///
/// # Errors
/// [`WitnessServeError`].
pub fn serve(witness: Witness, address: &str, listening: impl FnOnce(&str)) -> Result<(), WitnessServeError> {
    let witness = Data::from(Arc::new(witness));
    let refuse = |source| WitnessServeError::Listen { address: address.to_owned(), source };
    actix_web::rt::System::new().block_on(async {
        let server = HttpServer::new(move || {
            App::new()
                .app_data(witness.clone())
                .wrap(DefaultHeaders::new().add(("X-Content-Type-Options", "nosniff")).add(("Cache-Control", "no-store")))
                .service(web::resource("/add-checkpoint").route(web::post().to(add_checkpoint)).default_service(web::to(only_post)))
                .service(read("/").route(web::get().to(about)).route(web::head().to(about)))
                .service(read("/healthz").route(web::get().to(healthz)).route(web::head().to(healthz)))
                .default_service(web::to(nowhere))
        })
        .workers(2)
        .max_connections(CONNECTIONS)
        .client_disconnect_timeout(LINGER)
        .bind(address)
        .map_err(refuse)?;
        let bound = server.addrs().first().map(ToString::to_string);
        let running = server.run();
        listening(bound.as_deref().unwrap_or(address));
        running.await.map_err(WitnessServeError::Run)
    })
}

fn read(path: &str) -> actix_web::Resource {
    web::resource(path).default_service(web::to(only_get))
}

fn say(status: StatusCode, text: impl std::fmt::Display) -> HttpResponse {
    HttpResponse::build(status).content_type(TEXT).body(format!("{text}\n"))
}

async fn add_checkpoint(witness: Data<Witness>, body: Payload) -> HttpResponse {
    let mut body = body;
    let request = match timeout(BODY, read_body(&mut body)).await {
        Ok(Ok(request)) => request,
        Ok(Err(refusal)) => return cut_off(body, refusal),
        Err(_) => {
            let late = say(StatusCode::REQUEST_TIMEOUT, format_args!("the request did not come within {} s", BODY.as_secs()));
            return cut_off(body, late);
        }
    };
    // the disk is waited for, so not on a thread that serves others
    match web::block(move || witness.add_checkpoint(&request)).await {
        Ok(Ok(line)) => HttpResponse::Ok().content_type(TEXT).body(line),
        Ok(Err(error)) => refused(&error),
        Err(error) => broken(&error),
    }
}

/// Reads a body of at most [`MAX_ADD_CHECKPOINT`] bytes.
async fn read_body(body: &mut Payload) -> Result<Vec<u8>, HttpResponse> {
    let mut bytes = Vec::new();
    while let Some(part) = poll_fn(|context| Pin::new(&mut *body).poll_next(context)).await {
        bytes.extend_from_slice(&part.map_err(|error| say(StatusCode::BAD_REQUEST, error))?);
        if bytes.len() > MAX_ADD_CHECKPOINT {
            return Err(say(StatusCode::PAYLOAD_TOO_LARGE, format_args!("a request has at most {MAX_ADD_CHECKPOINT} bytes")));
        }
    }
    Ok(bytes)
}

/// Answers, and closes the connection behind the answer.
///
/// The library reads a chunked body to its end once its receiver is gone, however long that takes; while the receiver is
/// held, it closes the connection instead.
fn cut_off(body: Payload, answer: HttpResponse) -> HttpResponse {
    actix_web::rt::spawn(async move {
        sleep(LINGER).await;
        drop(body);
    });
    answer
}

fn refused(error: &AddError) -> HttpResponse {
    match error {
        AddError::Unreadable(error) => say(StatusCode::BAD_REQUEST, error),
        AddError::Broken(error) => broken(error),
        AddError::Refused(refusal) => match refusal.known_size() {
            Some(size) => HttpResponse::Conflict().insert_header(("Content-Type", SIZE)).body(format!("{size}\n")),
            None => say(StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST), refusal),
        },
    }
}

fn broken(error: &dyn std::fmt::Display) -> HttpResponse {
    tracing::error!(%error, "a checkpoint was not cosigned");
    say(StatusCode::INTERNAL_SERVER_ERROR, "the witness is broken; its log says why")
}

async fn about(witness: Data<Witness>) -> HttpResponse {
    say(StatusCode::OK, format_args!("a witness of transparency logs (C2SP tlog-witness, POST /add-checkpoint): {}", witness.verifier()))
}

async fn healthz() -> HttpResponse {
    say(StatusCode::OK, "ok")
}

async fn nowhere() -> HttpResponse {
    say(StatusCode::NOT_FOUND, "there is nothing here: a witness has POST /add-checkpoint, GET / and GET /healthz")
}

async fn only_post() -> HttpResponse {
    HttpResponse::MethodNotAllowed().insert_header((ALLOW, "POST")).content_type(TEXT).body("the method is POST\n")
}

async fn only_get() -> HttpResponse {
    HttpResponse::MethodNotAllowed().insert_header((ALLOW, "GET, HEAD")).content_type(TEXT).body("the methods are GET and HEAD\n")
}
