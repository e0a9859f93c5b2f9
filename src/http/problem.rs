//! Refusals and faults over HTTP: one table of codes (RFC 9457).

use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde_json::{Map, Value, json};

use crate::factor::nearest;
use crate::lookup::{LookupRefusal, refusal_details};
use crate::product::ProductRefusal;
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
    "unauthorized" 401 "A valid token is needed" "Send `Authorization: Bearer tanyin_…`; an admin makes tokens with `tanyin token create`.";
    "forbidden" 403 "This token does not permit it" "`roles` names the roles that may; a restricted dataset is read by whoever it is granted to.";
    "forged" 403 "The form cannot be believed" "A form is sent from a page of this server, by whoever that page was made for.";
    "read-only" 403 "The server only reads" "It has no database open: ask the server that publishes.";
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
    "no-draft" 404 "The dataset has no draft" "Import a package first: POST /v1/datasets/{id}/imports.";
    "no-import" 404 "There is no such import" "The answer to an upload names its import.";
    "no-token" 404 "There is no such token" "The tokens stand at /v1/tokens.";
    "no-webhook" 404 "There is no such webhook" "The webhooks stand at /v1/webhooks.";
    "no-delivery" 404 "There is no such delivery" "The deliveries of a webhook stand at /v1/webhooks/{id}/deliveries; the last 1000 are kept.";
    "no-match" 404 "No factor matches" "`exists`, `fallbacks`, `nearest` and `elsewhere` say what there is.";
    "no-scheme" 404 "There is no such classification" "The schemes stand at /v1/codes; `valid` lists those that are known here.";
    "no-rule" 404 "There is no such accounting rule" "The rules stand at /v1/rules; `nearest` names those that are written alike.";
    "method-not-allowed" 405 "The route has no such method" "`Allow` names the methods.";
    "ambiguous" 409 "Several factors match" "Name one of the values that tell the candidates apart, or give on_ambiguous=newest.";
    "flagged" 409 "The factor carries a blocking flag" "Name the flag in allow_flags to use the factor all the same.";
    "not-tolerated" 409 "What matches carries warnings that are not tolerated" "Name the flags in `tolerate`, or leave it out to tolerate every warning.";
    "draft-state" 409 "The draft is not where this step begins" "`detail` says where it stands, and what would go.";
    "review" 409 "This person may not decide on it" "Nobody decides on or publishes what they submitted; each reviewer and each key counts once.";
    "nothing-changed" 409 "Nothing would change" "What was asked for is what stands there already.";
    "edited" 409 "Edits by hand would be lost" "Carry them into the package, then import with discard_edits=true.";
    "conflict" 409 "Something else came first" "Read what stands there now, and decide again.";
    "precondition-failed" 412 "The precondition does not hold" "The representation is not the one that If-Match names.";
    "precondition-required" 428 "The revision that you have seen is missing" "Send `If-Match` with the `ETag` of the draft, so that nobody's change is lost.";
    "body-too-large" 413 "The body is too large" "A batch has at most 1000 lookups, a JSON body 2 MiB, an upload what `detail` says.";
    "range-not-satisfiable" 416 "The range is beyond the end" "`Content-Range` gives the length.";
    "invalid-parameter" 422 "A parameter has a value that it cannot have" "`valid` lists its values, or the nearest ones.";
    "findings" 422 "Errors were found in the factor" "`items` says in which column, by which rule, and what would be right.";
    "invalid-body" 422 "The body says something that cannot be" "`detail` says what, and what would be right.";
    "version" 422 "The release cannot have this version" "`next` is the version that the difference demands, where it is known.";
    "selection-too-large" 422 "More matches than a download holds" "`most` is what one holds: narrow the filters, or take whole releases at /v1/datasets/{id}/releases/{version}/files.";
    "too-few" 422 "Too few factors to compare with" "`left_out` counts by reason what could not be compared with; ask more widely, or let something go with `relax`.";
    "unit-mismatch" 422 "The units measure different things" "Ask for a unit of the same dimension.";
    "gwp-unavailable" 422 "The CO2e cannot be computed under this GWP set" "`detail` says why; leave `gwp` out for the published value.";
    "queue-full" 503 "Too much waits already" "Try again after `Retry-After` seconds.";
    "database-unavailable" 503 "The database does not answer" "What is released is served on; try the rest again after `Retry-After` seconds.";
    "fault" 500 "Something is broken in the server" "The log of the server says what, under the id of `instance`.";
}

/// When to ask again what could not be answered for want of the database or of room.
const RETRY_AFTER_SECONDS: &str = "5";

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

    /// What is wrong this time.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// What to do about problems of its kind.
    pub fn about(&self) -> &'static str {
        self.kind.about
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
        let mut response = HttpResponse::build(self.status());
        response.content_type("application/problem+json").insert_header(("Cache-Control", "no-store"));
        match self.kind.status {
            401 => drop(response.insert_header(("WWW-Authenticate", "Bearer realm=\"tanyin\""))),
            405 => {
                let allowed = self.members.get("allowed").and_then(Value::as_str);
                if let Some(value) = allowed.and_then(|names| HeaderValue::from_str(names).ok()) {
                    response.insert_header((ALLOW, value));
                }
            }
            503 => drop(response.insert_header(("Retry-After", RETRY_AFTER_SECONDS))),
            _ => {}
        }
        response.body(self.to_json().to_string())
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

impl From<ProductRefusal> for Problem {
    fn from(refusal: ProductRefusal) -> Self {
        match &refusal {
            ProductRefusal::Damaged(_) => Self::fault(&refusal),
            ProductRefusal::Denied(denied) => denied.clone().into(),
            _ => Self::with(refusal.code(), refusal.to_string(), refusal.details()),
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
            damaged @ FilterRefusal::Damaged(_) => Self::fault(&damaged),
        }
    }
}
