//! How a command ends: exit codes, and errors in words and as JSON.
//!
//! 0 fine; 1 refused, or findings of severity error; 2 usage; 3 a fault of disk,
//! database or stored bytes.

use std::error::Error;
use std::io;

use serde_json::{Map, Value, json};

use crate::bulk::ExportError;
use crate::dataset::VersionRefusal;
use crate::desk::DeskError;
use crate::release::ReleaseError;
use crate::store::StoreError;
use crate::validate::TableError;

/// Refused, or findings of severity error.
pub(super) const REFUSED: u8 = 1;
/// The command was not understood.
pub(super) const USAGE: u8 = 2;
/// Disk, database or stored bytes.
pub(super) const FAULT: u8 = 3;

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(super) enum CliError {
    /// The command makes no sense as it was given.
    Usage(String),
    /// Understood and denied.
    Refused(Box<Refusal>),
    /// Something is broken.
    Fault(Box<dyn Error + Send + Sync>),
    /// Errors were found in the data, and have been shown.
    Findings,
    /// Whoever read our output has gone: there is nothing more to say.
    ReaderGone,
}

/// A denial, with what would help.
#[derive(Debug)]
pub(super) struct Refusal {
    code: &'static str,
    message: String,
    details: Map<String, Value>,
    hints: Vec<String>,
}

impl Refusal {
    /// With a stable code and a message.
    pub(super) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: Map::new(), hints: Vec::new() }
    }

    /// Adds members for machines.
    pub(super) fn with(mut self, details: Value) -> Self {
        if let Value::Object(members) = details {
            self.details.extend(members);
        }
        self
    }

    /// Adds a line for people.
    pub(super) fn hint(mut self, line: impl Into<String>) -> Self {
        self.hints.push(line.into());
        self
    }

    /// Adds several.
    pub(super) fn hints(mut self, lines: impl IntoIterator<Item = String>) -> Self {
        self.hints.extend(lines);
        self
    }
}

impl From<Refusal> for CliError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl CliError {
    /// What is said to people, line by line.
    pub(super) fn lines(&self) -> Vec<String> {
        match self {
            Self::Findings | Self::ReaderGone => Vec::new(),
            Self::Usage(message) => vec![format!("error: {message}")],
            Self::Refused(refusal) => {
                let hints = refusal.hints.iter().map(|line| format!("  {line}"));
                std::iter::once(format!("refused: {}", refusal.message)).chain(hints).collect()
            }
            Self::Fault(fault) => {
                let mut causes = chain(fault.as_ref()).into_iter();
                let first = format!("fault: {}", causes.next().unwrap_or_default());
                std::iter::once(first).chain(causes.map(|line| format!("  because: {line}"))).collect()
            }
        }
    }

    /// The program's exit code.
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::ReaderGone => 0,
            Self::Refused(_) | Self::Findings => REFUSED,
            Self::Usage(_) => USAGE,
            Self::Fault(_) => FAULT,
        }
    }

    /// A fault from anything that is an error.
    pub(super) fn fault(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Fault(error.into())
    }

    /// From the store alone.
    pub(super) fn from_store(error: StoreError) -> Self {
        ReleaseError::from(error).into()
    }

    /// From what writes formats.
    pub(super) fn from_export(error: ExportError) -> Self {
        if error.is_refusal() { Refusal::new("format", error.to_string()).into() } else { Self::fault(error) }
    }

    /// The error for machines; nothing where all has been said.
    pub(super) fn to_json(&self) -> Option<Value> {
        let object = |code: &str, message: &str| json!({"code": code, "message": message});
        let error = match self {
            Self::Findings | Self::ReaderGone => return None,
            Self::Usage(message) => object("usage", message),
            Self::Fault(error) => {
                let chain = chain(error.as_ref());
                let (message, causes) = chain.split_first()?;
                json!({"code": "fault", "message": message, "causes": causes})
            }
            Self::Refused(refusal) => {
                let mut error = object(refusal.code, &refusal.message);
                if let Value::Object(members) = &mut error {
                    members.extend(refusal.details.clone());
                }
                error
            }
        };
        Some(json!({"error": error}))
    }
}

/// An error's message and those beneath it; what an upper one has said already is left out.
fn chain(error: &(dyn Error + 'static)) -> Vec<String> {
    let mut said = vec![error.to_string()];
    let mut beneath = error.source();
    while let Some(cause) = beneath {
        let text = cause.to_string();
        if !said.iter().any(|above| above.contains(&text)) {
            said.push(text);
        }
        beneath = cause.source();
    }
    said
}

impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::ReaderGone } else { Self::fault(error) }
    }
}

impl From<serde_json::Error> for CliError {
    fn from(error: serde_json::Error) -> Self {
        io::Error::from(error).into()
    }
}

impl From<TableError> for CliError {
    fn from(error: TableError) -> Self {
        Self::fault(error)
    }
}

impl From<ReleaseError> for CliError {
    fn from(error: ReleaseError) -> Self {
        DeskError::from(error).into()
    }
}

impl From<DeskError> for CliError {
    fn from(error: DeskError) -> Self {
        if let DeskError::Release(ReleaseError::Store(StoreError::Address(message))) = error {
            return Self::Usage(message);
        }
        if !error.is_refusal() {
            return Self::fault(error);
        }
        let refusal = Refusal::new(desk_code(&error), error.to_string());
        match &error {
            DeskError::Version(VersionRefusal::Exists { next, .. } | VersionRefusal::TooLow { next, .. }) => {
                refusal.with(json!({"next": next})).hint("submit with --bump auto to take the next version, or name one with --version")
            }
            DeskError::Edited { .. } => refusal.hint("`tanyin draft show` lists the edits; --discard-edits throws them away"),
            DeskError::Review(_) => refusal.hint("name who acts with --by NAME, at the submission and at the approval"),
            DeskError::Release(ReleaseError::Store(StoreError::NewerSchema { .. })) => {
                refusal.hint("use the program that has migrated it, or a newer one")
            }
            _ => refusal,
        }
        .into()
    }
}

fn desk_code(error: &DeskError) -> &'static str {
    match error {
        DeskError::Release(error) => release_code(error),
        DeskError::Step(_) => "draft-state",
        DeskError::Review(_) => "review",
        DeskError::Version(VersionRefusal::Exists { .. }) => "version-exists",
        DeskError::Version(_) => "version",
        DeskError::Crosswalk(_) => "crosswalk",
        DeskError::NothingNamed(_) => "nothing-named",
        DeskError::NothingChanged(_) => "nothing-changed",
        DeskError::NoDescription { .. } => "no-description",
        DeskError::NoDataset(_) => "no-dataset",
        DeskError::NoComment => "no-comment",
        DeskError::Words(_) => "words",
        DeskError::Expired => "expires",
        DeskError::NoFactor { .. } => "no-factor",
        DeskError::OtherKey { .. } | DeskError::NoSuchShape(_) | DeskError::LastFactor(_) | DeskError::TooManyEdits => "edit",
        DeskError::Upload(_) | DeskError::QueueFull(_) | DeskError::NoImport(_) => "import",
        DeskError::NothingEdited(_) => "nothing-changed",
        DeskError::Edited { .. } => "edited",
        DeskError::NoToken(_) => "no-token",
        DeskError::NoGrant { .. } => "no-grant",
        DeskError::TooFewReviewers { .. } => "policy",
        DeskError::NoEdit(_) => "no-factor",
        DeskError::EditedSince(_) => "conflict",
        DeskError::Table(_) => "fault",
    }
}

fn release_code(error: &ReleaseError) -> &'static str {
    match error {
        ReleaseError::Step(_) => "draft-state",
        ReleaseError::Review(_) => "review",
        ReleaseError::NoDraft(_) => "no-draft",
        ReleaseError::BaseMoved { .. } => "base-moved",
        ReleaseError::NoRelease(_) => "no-release",
        ReleaseError::NoFactor { .. } => "no-factor",
        ReleaseError::NoFlag(_) => "no-flag",
        ReleaseError::Sealed(_) => "sealed",
        ReleaseError::Flagged { .. } => "already-flagged",
        ReleaseError::NotFlagged { .. } => "not-flagged",
        ReleaseError::NoReason => "no-reason",
        ReleaseError::ReadOnly => "read-only",
        ReleaseError::Itself(_) | ReleaseError::TooLong { .. } | ReleaseError::ControlCharacter => "reason",
        ReleaseError::Origin { .. } => "log-origin",
        ReleaseError::Key { .. } => "log-key",
        ReleaseError::Store(StoreError::NoSuchDataset(_)) => "no-dataset",
        ReleaseError::Store(StoreError::NoSuchRelease { .. }) => "no-release",
        ReleaseError::Store(StoreError::VersionExists { .. }) => "version-exists",
        ReleaseError::Store(StoreError::AlreadyWithdrawn { .. }) => "already-withdrawn",
        ReleaseError::Store(StoreError::NotWithdrawn { .. }) => "not-withdrawn",
        ReleaseError::Store(StoreError::OldSchema) => "old-schema",
        ReleaseError::Store(StoreError::StaleRevision { .. } | StoreError::HeadMoved { .. }) => "conflict",
        ReleaseError::Store(StoreError::NewerSchema { .. }) => "newer-schema",
        _ => "fault",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(error: impl Into<CliError>) -> u8 {
        error.into().exit_code()
    }

    #[test]
    fn exit_codes() {
        assert_eq!(code(ReleaseError::NoDraft("x".into())), 1);
        assert_eq!(code(DeskError::NoComment), 1);
        assert_eq!(code(DeskError::NothingChanged(semver::Version::new(1, 0, 0))), 1);
        assert_eq!(CliError::Findings.exit_code(), 1);
        assert_eq!(code(ReleaseError::Store(StoreError::Address("a URL is …".into()))), 2);
        assert_eq!(code(ReleaseError::Disagree("…".into())), 3);
        assert_eq!(code(ReleaseError::from(StoreError::corrupt("a file", "…"))), 3);
        assert_eq!(code(TableError::Io(io::Error::other("disk"))), 3);
        assert_eq!(code(io::Error::from(io::ErrorKind::PermissionDenied)), 3);
        assert_eq!(code(io::Error::from(io::ErrorKind::BrokenPipe)), 0);
        assert_eq!(code(serde_json::Error::io(io::Error::from(io::ErrorKind::BrokenPipe))), 0);
    }

    #[test]
    fn errors_for_machines() {
        let refused = CliError::from(DeskError::Version(VersionRefusal::Exists {
            version: semver::Version::new(1, 0, 0),
            next: semver::Version::new(1, 0, 1),
        }));
        let error = refused.to_json().unwrap();
        assert_eq!(error["error"]["code"], "version-exists");
        assert_eq!(error["error"]["next"], "1.0.1");
        let missing = StoreError::io("open", std::path::Path::new("f"))(io::Error::from(io::ErrorKind::NotFound));
        let fault = CliError::from_store(missing).to_json().unwrap();
        assert_eq!(fault, json!({"error": {"code": "fault", "message": "cannot open f", "causes": ["entity not found"]}}));
        assert_eq!(CliError::Findings.to_json(), None);
    }

    #[test]
    fn no_cause_is_told_twice() {
        let fault = ReleaseError::Prepare(crate::draft::PrepareError::Io(io::Error::other("the disk is full")));
        assert_eq!(chain(&fault), ["writing the draft failed: the disk is full"]);
    }
}
