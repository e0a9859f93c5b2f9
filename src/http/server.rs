//! Listening, until a signal says stop.

use std::io;
use std::time::Duration;

use actix_service::IntoServiceFactory;
use actix_web::middleware::DefaultHeaders;
use actix_web::web::Data;
use actix_web::{App as ActixApp, HttpServer};

use super::lane::{Lane, SAID};
use super::stop::Stop;
use super::{App, MAX_UPLOAD_BYTES, PublicUrl, configure};
use crate::bulk::MAX_SELECTION;
use crate::feed::AllowRule;
use crate::product::Grading;
use crate::release::{Ground, ReleaseError};

/// Why a server did not start or went down.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// What is released cannot be read.
    #[error(transparent)]
    Release(#[from] ReleaseError),
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address.
        address: String,
        /// What the system said.
        source: io::Error,
    },
    /// The server broke.
    #[error("the server stopped: {0}")]
    Run(io::Error),
}

/// How often a server looks whether it is to end.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Where a server listens, and how others reach it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serving {
    /// `HOST:PORT`; port 0 takes a free one.
    pub address: String,
    /// The address that pages name; each request's own where it is left out.
    pub public_url: Option<PublicUrl>,
    /// The largest upload, in bytes.
    pub max_upload: u64,
    /// The most factors of a selection that is downloaded.
    pub max_selection: usize,
    /// Where notices may be sent although it is not public.
    pub webhook_allow: Vec<AllowRule>,
    /// The bands of benchmarks.
    pub grading: Grading,
    /// Ends it before a signal does.
    pub stop: Stop,
}

/// Listens on an address, and knows of no other.
impl From<&str> for Serving {
    fn from(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            public_url: None,
            max_upload: MAX_UPLOAD_BYTES,
            max_selection: MAX_SELECTION,
            webhook_allow: Vec::new(),
            grading: Grading::shipped().clone(),
            stop: Stop::default(),
        }
    }
}

/// Serves everything released, until SIGINT, SIGTERM or [`Serving::stop`]; `listening` is called with the address once bound.
pub fn serve(ground: Ground, serving: impl Into<Serving>, listening: impl FnOnce(&str)) -> Result<(), ServeError> {
    let serving = serving.into();
    let address = serving.address.as_str();
    let app = App::new(ground)?
        .at(serving.public_url.clone())
        .with_max_upload(serving.max_upload)
        .with_max_selection(serving.max_selection)
        .with_webhooks(serving.webhook_allow.clone().into())
        .with_grading(serving.grading.clone())
        .until(serving.stop.clone());
    app.import_forever().map_err(ServeError::Run)?;
    app.prepare_search().map_err(ServeError::Run)?;
    app.follow_forever().map_err(ServeError::Run)?;
    app.ask_witnesses_forever().map_err(ServeError::Run)?;
    app.deliver_forever().map_err(ServeError::Run)?;
    let refuse = |source| ServeError::Listen { address: address.to_owned(), source };
    actix_web::rt::System::new().block_on(async {
        let server = HttpServer::new(move || {
            let said = SAID.into_iter().fold(DefaultHeaders::new(), DefaultHeaders::add);
            let routes = ActixApp::new().app_data(Data::new(app.clone())).wrap(said).configure(configure);
            Lane { app: app.clone(), routes: routes.into_factory() }
        })
        .bind(address)
        .map_err(refuse)?;
        let bound = server.addrs().first().map(ToString::to_string);
        let running = server.run();
        listening(bound.as_deref().unwrap_or(address));
        let (handle, stop) = (running.handle(), serving.stop.clone());
        actix_web::rt::spawn(async move {
            while !stop.is_told() {
                actix_web::rt::time::sleep(LOOK_EVERY).await;
            }
            handle.stop(true).await;
        });
        running.await.map_err(ServeError::Run)
    })
}
