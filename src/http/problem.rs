//! Refusals and faults over HTTP: one table of codes (RFC 9457).

use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde_json::{Map, Value, json};

use crate::factor::nearest;
use crate::lookup::{LookupRefusal, refusal_details};
use crate::release::{Denied, ResolveError};
use crate::search::FilterRefusal;

/// One kind of problem: code, status, title, what it means and what to do.
#[derive(Debug)]
pub struct ProblemKind {
    /// Stable code, the last part of `type`.
    pub code: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Short, the same for every problem of the kind.
    pub title: &'static str,
    /// What to do.
    pub about: &'static str,
}

macro_rules! problems {
    ($($code:literal $status:literal $title:literal $about:literal;)+) => {
        /// Every kind of problem that the server answers with.
        pub const PROBLEMS: &[ProblemKind] =
            &[$(ProblemKind { code: $code, status: $status, title: $title, about: $about }),+];
    };
}

problems! {
    "missing-parameter" 400 "A parameter is missing" "Give the parameter that `detail` names.";
    "unknown-parameter" 400 "A parameter is not known" "Parameters that the route does not have are refused, so that none is silently without effect.";
    "bad-request" 400 "The request cannot be read" "Each parameter is given once; the body is JSON of the documented shape.";
    "token-required" 401 "A token is needed" "Show a token: `Authorization: Bearer …`.";
    "forbidden" 403 "The token does not permit this" "`detail` says what is missing: another role, or a grant for the dataset.";
    "not-redistributable" 403 "The licence does not permit passing this on" "`redistribution` is the least that the licences of the release permit; the numbers are to be had from the `source`, or by a grant from whoever has a licence.";
    "not-found" 404 "There is no such address" "The routes stand at /docs.";
    "no-dataset" 404 "There is no such dataset" "The datasets stand at /v1/datasets.";
    "no-release" 404 "There is no such release" "The releases stand at /v1/datasets/{id}/releases.";
    "no-factor" 404 "There is no such factor" "The factors of a release stand in its files, and at /v1/factors.";
    "no-artefact" 404 "There is no such file" "`files` names those that there are.";
    "no-source-file" 404 "The source file is not kept here" "Its digest and size stand in the release's record; a server that copied the release from another need not keep it.";
    "no-digest" 404 "No released factor has this digest" "A digest is over the canonical line without its line feed.";
    "no-log" 404 "No log was made here" "A server makes its log when it first starts with a database.";
    "no-tile" 404 "The log has no such tile" "The checkpoint gives the size, and C2SP tlog-tiles which tiles a log of this size has.";
    "no-match" 404 "No factor matches" "`exists`, `fallbacks`, `nearest` and `elsewhere` say what there is.";
    "method-not-allowed" 405 "The route has no such method" "`Allow` names the methods.";
    "ambiguous" 409 "Several factors match" "Name one of the values that tell the candidates apart, or give on_ambiguous=newest.";
    "flagged" 409 "The factor carries a blocking flag" "Name the flag in allow_flags to use the factor all the same.";
    "precondition-failed" 412 "The precondition does not hold" "The representation is not the one that If-Match names.";
    "body-too-large" 413 "The body is too large" "A batch has at most 1000 lookups and 2 MiB.";
    "range-not-satisfiable" 416 "The range is beyond the end" "`Content-Range` gives the length.";
    "invalid-parameter" 422 "A parameter has a value that it cannot have" "`valid` lists its values, or the nearest ones.";
    "unit-mismatch" 422 "The units measure different things" "Ask for a unit of the same dimension.";
    "gwp-unavailable" 422 "The CO2e cannot be computed under this GWP set" "`detail` says why; leave `gwp` out for the published value.";
    "database-unavailable" 503 "The database does not answer" "Open data are served without it; whoever shows a token for others tries again later.";
    "fault" 500 "Something is broken in the server" "The log of the server says what, under the id of `instance`.";
}

/// A problem, ready to be sent as `application/problem+json`.
#[derive(Debug)]
pub struct Problem {
    kind: &'static ProblemKind,
    detail: String,
    members: Map<String, Value>,
}

static FAULTS: AtomicU64 = AtomicU64::new(1);

impl Problem {
    /// A problem of the kind with this code.
    pub fn new(code: &str, detail: impl Into<String>) -> Self {
        Self::with(code, detail, json!({}))
    }

    /// The same with members of its own.
    pub fn with(code: &str, detail: impl Into<String>, members: Value) -> Self {
        const UNLISTED: &ProblemKind = &ProblemKind { code: "fault", status: 500, title: "Something is broken in the server", about: "" };
        let kind = PROBLEMS.iter().find(|kind| kind.code == code);
        let members = match members {
            Value::Object(members) => members,
            _ => Map::new(),
        };
        Self { kind: kind.unwrap_or(UNLISTED), detail: detail.into(), members }
    }

    /// Something broken: the cause goes to the log, an id to the caller.
    pub fn fault(cause: &(dyn std::error::Error + 'static)) -> Self {
        let id = format!("urn:tanyin:fault:{}-{}", std::process::id(), FAULTS.fetch_add(1, Ordering::Relaxed));
        tracing::error!(%id, cause, "fault");
        Self::with("fault", "the server could not do this", json!({"instance": id}))
    }

    /// The problem of a parameter that the route does not have; serde tells it by its words alone.
    pub(super) fn unknown_parameter(error: &impl std::fmt::Display) -> Option<Self> {
        let words = error.to_string();
        let (name, known) = words.strip_prefix("unknown field `")?.split_once('`')?;
        let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
        let name: String = name.chars().take(80).collect();
        let hint = nearest(&name, known.iter().copied()).map(|hint| format!("; did you mean `{hint}`?")).unwrap_or_default();
        let detail = format!("there is no parameter `{name}`{hint}");
        Some(Self::with("unknown-parameter", detail, json!({"parameter": name, "valid": known})))
    }

    /// Its code.
    pub fn code(&self) -> &'static str {
        self.kind.code
    }

    /// Its HTTP status.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.kind.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Its JSON.
    pub fn to_json(&self) -> Value {
        let mut object = json!({
            "type": format!("/problems/{}", self.kind.code),
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
        });
        if let Some(members) = object.as_object_mut() {
            members.extend(self.members.clone());
        }
        object
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.kind.code, self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status()
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::build(self.status())
            .content_type("application/problem+json")
            .insert_header(("Cache-Control", "no-store"))
            .body(self.to_json().to_string())
    }
}

impl From<Box<Denied>> for Problem {
    fn from(denied: Box<Denied>) -> Self {
        Self::with(denied.code(), denied.detail, denied.members.into())
    }
}

impl From<ResolveError> for Problem {
    fn from(error: ResolveError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<LookupRefusal> for Problem {
    fn from(refusal: LookupRefusal) -> Self {
        match &refusal {
            LookupRefusal::Damaged(_) => Self::fault(&refusal),
            _ => Self::with(refusal.code(), refusal.to_string(), refusal_details(&refusal)),
        }
    }
}

impl From<FilterRefusal> for Problem {
    fn from(refusal: FilterRefusal) -> Self {
        let detail = refusal.to_string();
        match refusal {
            FilterRefusal::Release(error) => error.into(),
            FilterRefusal::Denied(denied) => denied.into(),
            FilterRefusal::Parameter { parameter, valid, .. } => {
                Self::with("invalid-parameter", detail, json!({"parameter": parameter, "valid": valid}))
            }
        }
    }
}
