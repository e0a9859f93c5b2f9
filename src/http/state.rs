//! What every handler sees: the catalogue as it stands now.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;

use super::PublicUrl;
use super::listening::Listeners;
use super::progress::Imports;
use super::stop::Stop;
use super::turns::Turns;
use crate::bulk::{DerivedFiles, MAX_SELECTION};
use crate::feed::{Allowed, Courier, WebhookError};
use crate::product::Grading;
use crate::release::{Catalogue, Ground, ReleaseError, ask_missing_witnesses};

/// How often a server looks for facts that another process published.
const FOLLOW_EVERY: Duration = Duration::from_millis(500);

/// How often the witnesses are asked again while the quorum is missing.
const ASK_EVERY: Duration = Duration::from_secs(60);

/// How often a server looks for webhooks that are to be told something.
const DELIVER_EVERY: Duration = Duration::from_secs(1);

/// The state of a server.
#[derive(Clone)]
pub struct App {
    ground: Ground,
    catalogue: Arc<ArcSwap<Catalogue>>,
    public_url: Option<PublicUrl>,
    following: Arc<Mutex<()>>,
    imports: Arc<Imports>,
    derived: Arc<DerivedFiles>,
    selections: Arc<DerivedFiles>,
    listeners: Arc<Listeners>,
    max_upload: u64,
    max_selection: usize,
    webhook_allowed: Arc<Allowed>,
    grading: Arc<Grading>,
    searches: Turns,
    batches: Turns,
    stop: Stop,
}

/// The largest upload, unless the operator says otherwise: 1 GiB.
pub const MAX_UPLOAD_BYTES: u64 = 1 << 30;

impl App {
    /// Loads everything released.
    pub fn new(ground: Ground) -> Result<Self, ReleaseError> {
        let catalogue = Catalogue::load(&ground)?;
        let derived = Arc::new(DerivedFiles::new(&ground));
        let selections = Arc::new(DerivedFiles::of_selections(&ground));
        Ok(Self {
            ground,
            derived,
            selections,
            catalogue: Arc::new(ArcSwap::from_pointee(catalogue)),
            public_url: None,
            following: Arc::default(),
            imports: Arc::default(),
            listeners: Arc::default(),
            max_upload: MAX_UPLOAD_BYTES,
            max_selection: MAX_SELECTION,
            webhook_allowed: Arc::default(),
            grading: Arc::new(Grading::shipped().clone()),
            searches: Turns::of_cores(),
            batches: Turns::of_cores(),
            stop: Stop::default(),
        })
    }

    /// The same at a public address of its own.
    #[must_use]
    pub fn at(self, public_url: Option<PublicUrl>) -> Self {
        Self { public_url, ..self }
    }

    /// The same with another bound on what is uploaded, in bytes.
    #[must_use]
    pub fn with_max_upload(self, max_upload: u64) -> Self {
        Self { max_upload, ..self }
    }

    /// The same with another bound on the factors of a selection.
    #[must_use]
    pub fn with_max_selection(self, max_selection: usize) -> Self {
        Self { max_selection, ..self }
    }

    /// The most factors of a selection.
    pub fn max_selection(&self) -> usize {
        self.max_selection
    }

    /// The same with addresses that notices may be sent to although they are not public.
    #[must_use]
    pub fn with_webhooks(self, allowed: Allowed) -> Self {
        Self { webhook_allowed: Arc::new(allowed), ..self }
    }

    /// The same, ending when it is told.
    #[must_use]
    pub fn until(self, stop: Stop) -> Self {
        Self { stop, ..self }
    }

    /// Where notices may be sent.
    pub(super) fn webhook_allowed(&self) -> &Allowed {
        &self.webhook_allowed
    }

    /// Takes notices to their receivers.
    pub(super) fn courier(&self) -> Result<Courier, WebhookError> {
        let base = self.public_url.as_ref().map_or("", PublicUrl::as_str);
        Courier::new(self.ground.clone(), self.webhook_allowed.clone(), base)
    }

    /// Tells subscribers what happens, for as long as the server lives; a server without a database tells nobody.
    pub(super) fn deliver_forever(&self) -> std::io::Result<()> {
        if self.ground.database().is_err() {
            return Ok(());
        }
        let (app, courier) = (self.clone(), self.courier().map_err(std::io::Error::other)?);
        std::thread::Builder::new().name("webhooks".to_owned()).spawn(move || {
            let mut told = false;
            while app.stop.rest(DELIVER_EVERY) {
                match courier.run_due(&app.catalogue()) {
                    Ok(_) => told = false,
                    Err(error) if !told => {
                        tracing::warn!(%error, "webhooks wait: the database does not answer");
                        told = true;
                    }
                    Err(_) => {}
                }
            }
        })?;
        Ok(())
    }

    /// The same with other bands for benchmarks.
    #[must_use]
    pub fn with_grading(self, grading: Grading) -> Self {
        Self { grading: Arc::new(grading), ..self }
    }

    /// The bands of benchmarks.
    pub(super) fn grading(&self) -> Arc<Grading> {
        self.grading.clone()
    }

    /// Turns for searches.
    pub(super) fn searches(&self) -> &Turns {
        &self.searches
    }

    /// Turns for batches of lookups.
    pub(super) fn batches(&self) -> &Turns {
        &self.batches
    }

    /// The largest upload, in bytes.
    pub fn max_upload(&self) -> u64 {
        self.max_upload
    }

    /// Files that are made of releases when they are asked for.
    pub(super) fn derived(&self) -> &Arc<DerivedFiles> {
        &self.derived
    }

    /// Files that are made of selections.
    pub(super) fn selections(&self) -> &Arc<DerivedFiles> {
        &self.selections
    }

    /// Those who wait for events.
    pub(super) fn listeners(&self) -> &Arc<Listeners> {
        &self.listeners
    }

    /// Imports as this process sees them.
    pub(super) fn imports(&self) -> &Arc<Imports> {
        &self.imports
    }

    /// Imports what was uploaded; a server without a database imports nothing.
    pub(super) fn import_forever(&self) -> std::io::Result<()> {
        match self.ground.database() {
            Ok(_) => self.imports.run_forever(self.ground.clone(), self.stop.clone()),
            Err(_) => Ok(()),
        }
    }

    /// The public address that it was given.
    pub fn public_url(&self) -> Option<&PublicUrl> {
        self.public_url.as_ref()
    }

    /// Everything released, as it stands now.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.catalogue.load_full()
    }

    /// Database, blobs and indexes.
    pub fn ground(&self) -> &Ground {
        &self.ground
    }

    /// Takes in the facts that came since; says how many.
    pub fn follow(&self) -> Result<i64, ReleaseError> {
        // two at once would build on the same state, and the slower one would put the older state back
        let _one = self.following.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut next = Catalogue::clone(&self.catalogue.load());
        let count = next.follow(&self.ground)?;
        if count > 0 || next.checkpoint() != self.catalogue.load().checkpoint() {
            self.catalogue.store(Arc::new(next));
        }
        Ok(count)
    }

    /// Asks for the cosignatures that the operator wants and the published checkpoint lacks, for as long as the server lives.
    ///
    /// A server without witnesses or without a database asks nobody.
    pub(super) fn ask_witnesses_forever(&self) -> std::io::Result<()> {
        if self.ground.has_witnesses() {
            let (ground, stop) = (self.ground.clone(), self.stop.clone());
            std::thread::Builder::new().name("witnesses".to_owned()).spawn(move || {
                while stop.rest(ASK_EVERY) {
                    ask_missing_witnesses(&ground);
                }
            })?;
        }
        Ok(())
    }

    /// Builds the text indexes that are missing, in the background.
    pub(super) fn prepare_search(&self) -> std::io::Result<()> {
        let app = self.clone();
        std::thread::Builder::new().name("prepare".to_owned()).spawn(move || crate::search::prepare(&app.catalogue())).map(drop)
    }

    /// Follows the public facts in the background, for as long as the server lives.
    pub(super) fn follow_forever(&self) -> std::io::Result<()> {
        let app = self.clone();
        std::thread::Builder::new().name("follow".to_owned()).spawn(move || {
            let mut told = false;
            while app.stop.rest(FOLLOW_EVERY) {
                match app.follow() {
                    Ok(0) => told = false,
                    Ok(_) => {
                        told = false;
                        crate::search::prepare(&app.catalogue());
                    }
                    Err(error) if !told => {
                        tracing::error!(%error, "a public fact cannot be read; what was released before is served on");
                        told = true;
                    }
                    Err(_) => {}
                }
            }
        })?;
        Ok(())
    }
}
