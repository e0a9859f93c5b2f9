//! A server of one's own: fresh database, fresh folder, real HTTP on a loopback port.

pub mod consumers;
mod package;
pub mod receiver;

use std::path::Path;
use std::sync::{LazyLock, OnceLock, mpsc};
use std::time::Duration;

use serde_json::Value;
use tanyin::desk::{self, ImportOutcome, ImportRequest, VersionWish};
use tanyin::http;
use tanyin::release::{self, Ground};
use tempfile::TempDir;

pub use package::{PackageDraft, row};

/// Which database a site stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// Runs a test on both databases: `on_both!(fn name(site: &Site) { … })`.
#[macro_export]
macro_rules! on_both {
    ($(#[$meta:meta])* fn $name:ident($site:ident: &Site) $body:block) => {
        mod $name {
            #[allow(unused_imports, reason = "not every test needs its file's helpers")]
            use super::*;

            fn run($site: &$crate::site::Site) $body

            $(#[$meta])*
            #[test]
            fn sqlite() {
                run(&$crate::site::Site::new($crate::site::Kind::Sqlite));
            }

            $(#[$meta])*
            #[test]
            fn postgres() {
                run(&$crate::site::Site::new($crate::site::Kind::Postgres));
            }
        }
    };
}

/// Runs a reading test against the bundled datasets, on both databases: `on_bundled!(fn name(site: &Site) { … })`.
#[macro_export]
macro_rules! on_bundled {
    ($(#[$meta:meta])* fn $name:ident($site:ident: &Site) $body:block) => {
        mod $name {
            #[allow(unused_imports, reason = "not every test needs its file's helpers")]
            use super::*;

            fn run($site: &$crate::site::Site) $body

            $(#[$meta])*
            #[test]
            fn sqlite() {
                run($crate::site::Site::bundled($crate::site::Kind::Sqlite));
            }

            $(#[$meta])*
            #[test]
            fn postgres() {
                run($crate::site::Site::bundled($crate::site::Kind::Postgres));
            }
        }
    };
}

/// A data directory with its database.
pub struct Site {
    pub folder: TempDir,
    pub database: String,
    ground: Ground,
    address: OnceLock<String>,
    running: Running,
}

/// Ends the server of a site with the site.
#[derive(Default)]
struct Running(http::Stop);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// An answer over HTTP.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn all(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str()).collect()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The code of a problem, checked to be one: media type, status and `type`.
    #[track_caller]
    pub fn problem(&self) -> String {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.text());
        let json = self.json();
        assert_eq!(json["status"], self.status, "{json}");
        let code = json["type"].as_str().unwrap().strip_prefix("/problems/").unwrap().to_owned();
        assert!(http::PROBLEMS.iter().any(|kind| kind.code == code && kind.status == self.status), "{json}");
        code
    }
}

impl Site {
    pub fn new(kind: Kind) -> Self {
        Self::at(kind, tempfile::tempdir().unwrap())
    }

    fn at(kind: Kind, folder: TempDir) -> Self {
        let database = match kind {
            Kind::Sqlite => format!("sqlite:{}", folder.path().join("db.sqlite").display()),
            Kind::Postgres => new_postgres_database(),
        };
        let ground = Ground::open(folder.path(), Some(&database), None).unwrap();
        Self { folder, database, ground, address: OnceLock::new(), running: Running::default() }
    }

    /// The same with a clock that stands where it is told.
    pub fn at_time(self, clock: release::Clock) -> Self {
        Self { ground: self.ground.clone().with_clock(clock), ..self }
    }

    /// A server over the published files of another site, without its database.
    pub fn files_of(other: &Self) -> Self {
        let blobs = format!("file:{}", other.folder.path().join("blobs").display());
        let folder = tempfile::tempdir().unwrap();
        let ground = Ground::open_read_only(folder.path(), Some(&blobs)).unwrap();
        Self { folder, database: String::new(), ground, address: OnceLock::new(), running: Running::default() }
    }

    /// With the log's key of another site: what it publishes is another history under the same name.
    pub fn twin(kind: Kind, other: &Self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::copy(other.folder.path().join("log.key"), folder.path().join("log.key")).unwrap();
        Self::at(kind, folder)
    }

    /// The shared site with the bundled datasets: for tests that only read.
    pub fn bundled(kind: Kind) -> &'static Self {
        static SQLITE: LazyLock<Site> = LazyLock::new(|| with_bundled(Kind::Sqlite));
        static POSTGRES: LazyLock<Site> = LazyLock::new(|| with_bundled(Kind::Postgres));
        match kind {
            Kind::Sqlite => &SQLITE,
            Kind::Postgres => &POSTGRES,
        }
    }

    pub fn ground(&self) -> &Ground {
        &self.ground
    }

    /// The ground opened anew, as after a restart.
    pub fn reopen(&self) -> Result<Ground, release::ReleaseError> {
        Ground::open(self.folder.path(), Some(&self.database), None)
    }

    pub fn import(&self, path: &Path, dataset: &str) -> Result<ImportOutcome, desk::DeskError> {
        let dataset = dataset.parse().unwrap();
        let request = ImportRequest {
            path,
            dataset: &dataset,
            actor: "steward",
            dry_run: false,
            discard_edits: false,
            reading: desk::Reading::default(),
        };
        desk::import(&self.ground, &request, &mut |_| {})
    }

    /// Imports, submits under the package's version and publishes.
    #[track_caller]
    pub fn publish(&self, package: &PackageDraft) -> release::Published {
        let folder = tempfile::tempdir().unwrap();
        package.write(folder.path());
        let dataset = package.dataset().parse().unwrap();
        let outcome = self.import(folder.path(), package.dataset()).unwrap();
        assert!(!outcome.report.has_errors(), "{:?}", outcome.report.items);
        desk::submit(&self.ground, &dataset, &VersionWish::Package, "steward").unwrap();
        release::publish(&self.ground, &dataset, "steward").unwrap()
    }

    /// The base address of the running server, started at the first call.
    pub fn address(&self) -> &str {
        self.address.get_or_init(|| {
            let (sender, receiver) = mpsc::channel();
            let ground = self.ground.clone();
            let serving =
                http::Serving { webhook_allow: vec!["127.0.0.1".parse().unwrap()], stop: self.running.0.clone(), .."127.0.0.1:0".into() };
            std::thread::spawn(move || http::serve(ground, serving, |bound| sender.send(bound.to_owned()).unwrap()).unwrap());
            format!("http://{}", receiver.recv_timeout(Duration::from_secs(30)).unwrap())
        })
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Response {
        self.send("GET", path, &[], None)
    }

    #[track_caller]
    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Response {
        self.send("GET", path, headers, None)
    }

    /// One request; the body comes as it was sent, undecoded.
    #[track_caller]
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Response {
        let config =
            ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).timeout_global(Some(Duration::from_secs(60)));
        let agent: ureq::Agent = config.build().into();
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.address()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = match body {
            Some(body) => agent.run(request.body(body.to_vec()).unwrap()),
            None => agent.run(request.body(()).unwrap()),
        }
        .unwrap();
        let headers = response.headers().iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap_or("?").to_owned())).collect();
        let status = response.status().as_u16();
        let body = response.body_mut().with_config().limit(1 << 30).read_to_vec().unwrap();
        Response { status, headers, body }
    }

    /// Takes in what was published since, without waiting for the server's own clock.
    pub fn wait_for_facts(&self, facts: i64) {
        for _ in 0..200 {
            if self.get("/readyz").json()["facts"].as_i64() >= Some(facts) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the server has not seen {facts} public facts after ten seconds");
    }
}

fn with_bundled(kind: Kind) -> Site {
    let site = Site::new(kind);
    desk::publish_bundled(site.ground(), |_| {}).unwrap();
    site
}

/// A new, empty PostgreSQL database on the server that `scripts/test` started.
fn new_postgres_database() -> String {
    use diesel::prelude::*;
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let server = std::env::var("TANYIN_TEST_POSTGRES").expect("set TANYIN_TEST_POSTGRES or run scripts/test");
    let name = format!("integration_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let mut connection = PgConnection::establish(&server).expect("the PostgreSQL of TANYIN_TEST_POSTGRES answers");
    diesel::sql_query(format!("CREATE DATABASE {name}")).execute(&mut connection).unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}
