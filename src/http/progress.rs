//! The one thread that imports what was uploaded, and those who listen to how far it is.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::web::Data;
use bytes::Bytes;
use futures_core::Stream;
use futures_util::StreamExt;
use futures_util::stream::unfold;
use serde_json::json;

use super::imports::{has_ended, off_thread};
use super::stop::Stop;
use super::{App, Problem};
use crate::desk::{self, JobOutcome, recover_jobs, run_next};
use crate::release::Ground;
use crate::store::ImportJob;

/// The most listeners at once.
const MAX_LISTENERS: usize = 64;

/// How often the thread looks for uploads that another process took in.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// How often a listener is told how far it is.
const TELL_EVERY: Duration = Duration::from_millis(250);

/// How often a listener hears that nothing happened, so that nobody between closes the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How long the thread waits for a database that does not answer.
const REST: Duration = Duration::from_secs(2);

/// Imports as this process sees them.
#[derive(Default)]
pub(super) struct Imports {
    rows: Mutex<BTreeMap<i64, u64>>,
    waiting: Mutex<bool>,
    called: Condvar,
    listeners: AtomicUsize,
}

impl Imports {
    /// How many rows of a running import were read.
    pub(super) fn rows(&self, id: i64) -> Option<u64> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner).get(&id).copied()
    }

    /// Says that something waits.
    pub(super) fn wake(&self) {
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.called.notify_one();
    }

    /// Somebody listens; nothing where too many do.
    pub(super) fn listen(self: &Arc<Self>) -> Option<Listener> {
        let room = |count: usize| (count < MAX_LISTENERS).then_some(count + 1);
        self.listeners.fetch_update(Ordering::Relaxed, Ordering::Relaxed, room).ok()?;
        Some(Listener(self.clone()))
    }

    fn wait(&self) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let woken = self.called.wait_timeout_while(waiting, LOOK_EVERY, |waiting| !*waiting);
        *woken.unwrap_or_else(PoisonError::into_inner).0 = false;
    }

    /// Imports what waits, one after the other, for as long as the server lives.
    pub(super) fn run_forever(self: &Arc<Self>, ground: Ground, stop: Stop) -> std::io::Result<()> {
        let own = self.clone();
        let mut known = false;
        let work = move || {
            while !stop.is_told() {
                if !known {
                    match recover_jobs(&ground) {
                        Ok(cut) if cut > 0 => tracing::info!(cut, "imports that were cut short go on"),
                        Ok(_) => {}
                        Err(_) => {
                            std::thread::sleep(REST);
                            continue;
                        }
                    }
                }
                let heard = |id, rows| {
                    own.rows.lock().unwrap_or_else(PoisonError::into_inner).insert(id, rows);
                };
                let mut heard = heard;
                let ran = run_next(&ground, &mut heard);
                own.rows.lock().unwrap_or_else(PoisonError::into_inner).clear();
                known = ran.is_ok();
                match ran {
                    Ok(Some(_)) => {}
                    Ok(None) => own.wait(),
                    Err(error) => {
                        tracing::warn!(%error, "an import cannot go on; it is tried again");
                        std::thread::sleep(REST);
                    }
                }
            }
        };
        std::thread::Builder::new().name("imports".to_owned()).spawn(work)?;
        Ok(())
    }
}

/// Counts as one listener for as long as it lives.
pub(super) struct Listener(Arc<Imports>);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.listeners.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What a listener heard last.
struct Hearing {
    app: Data<App>,
    _listener: Listener,
    id: i64,
    told: Option<(String, u64)>,
    quiet_since: Instant,
    ended: bool,
}

impl Hearing {
    /// The next event; nothing once the end was told.
    async fn next(&mut self) -> Option<Bytes> {
        while !self.ended {
            let (ground, id) = (self.app.ground().clone(), self.id);
            // a running import is known here; anything else is asked of the database
            let rows = self.app.imports().rows(id);
            let state = match rows {
                Some(rows) => Ok(("running".to_owned(), rows, None)),
                None => match off_thread(move || desk::job(&ground, id)).await {
                    Ok(Ok((job, outcome))) => Ok(told(&job, outcome)),
                    Ok(Err(error)) => Err(Problem::from(error)),
                    Err(problem) => Err(problem),
                },
            };
            match state {
                Err(problem) => {
                    self.ended = true;
                    return Some(event("problem", &problem.to_json()));
                }
                Ok((state, rows, Some(end))) => {
                    self.ended = true;
                    drop((state, rows));
                    return Some(event("end", &end));
                }
                Ok((state, rows, None)) => {
                    let now = (state, rows);
                    if self.told.as_ref() != Some(&now) {
                        let body = json!({"import": id, "state": now.0, "rows": now.1});
                        self.told = Some(now);
                        self.quiet_since = Instant::now();
                        return Some(event("progress", &body));
                    }
                }
            }
            if self.quiet_since.elapsed() >= KEEP_ALIVE {
                self.quiet_since = Instant::now();
                return Some(Bytes::from_static(b": still here\n\n"));
            }
            actix_web::rt::time::sleep(TELL_EVERY).await;
        }
        None
    }
}

fn told(job: &ImportJob, outcome: JobOutcome) -> (String, u64, Option<serde_json::Value>) {
    let state = job.state.as_str().to_owned();
    if !has_ended(job.state) {
        return (state, 0, None);
    }
    let member = |name: &str| outcome.import.as_ref().and_then(|import| import.get(name)).cloned().unwrap_or_default();
    let end = json!({"import": job.id, "state": state, "rows": member("rows"), "findings": member("findings"), "run": job.run,
        "revision": outcome.revision, "message": outcome.message, "href": format!("/v1/imports/{}", job.id)});
    (state, 0, Some(end))
}

fn event(name: &str, body: &serde_json::Value) -> Bytes {
    Bytes::from(format!("event: {name}\ndata: {body}\n\n"))
}

/// The events of an import, until it has ended.
pub(super) fn events(app: Data<App>, listener: Listener, id: i64) -> impl Stream<Item = Result<Bytes, Infallible>> + use<> {
    let hearing = Hearing { app, _listener: listener, id, told: None, quiet_since: Instant::now(), ended: false };
    unfold(hearing, async |mut hearing| Some((Ok(hearing.next().await?), hearing))).fuse()
}
