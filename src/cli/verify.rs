//! `tanyin verify`: whether released data are what was released, agreed upon, and signed.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::Args;

use super::arguments::ReleaseName;
use super::outcome::CliError;
use super::output::{Output, counted, grouped};
use super::place::Place;
use crate::audit::{self, Memory, Report, Scope, ServerScope, Store, Trust};
use crate::store::Database;
use crate::tlog::{KeyKind, Policy, VerifierKey};

/// What to verify, and whom to believe.
#[derive(Debug, Args)]
pub(super) struct VerifyArguments {
    /// A release of the data folder (ID@VERSION), downloaded files (FILE or DIRECTORY), or a server (URL) [default: the data folder]
    #[arg(value_name = "ID@VERSION | FILE | DIRECTORY | URL")]
    target: Option<String>,
    /// The log's verifier key, name+id+base64; may be given more than once
    #[arg(long, value_name = "VKEY")]
    key: Vec<LogKey>,
    /// Whom to believe: logs, witnesses, reviewers (C2SP tlog-policy with lines `reviewer` and `approvals`)
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// A checkpoint from elsewhere that the log must continue
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// Where the last checkpoint of each log is remembered [default: $XDG_STATE_HOME/tanyin or ~/.local/state/tanyin]
    #[arg(long, value_name = "DIR", conflicts_with = "no_state")]
    state: Option<PathBuf>,
    /// Remember nothing, and compare with nothing that was seen before
    #[arg(long)]
    no_state: bool,
    /// Want the witnesses' cosignatures to be no older: 90s, 15m, 24h, 7d; needs a policy with witnesses
    #[arg(long, value_name = "DURATION")]
    max_age: Option<Seconds>,
    /// Derive again whatever can be derived: tables and indexes from lines, each line from its factor
    #[arg(long)]
    deep: bool,
    /// Leave out a server's artefacts: log, manifests, records and approvals alone
    #[arg(long)]
    quick: bool,
}

/// A log's key.
#[derive(Debug, Clone)]
struct LogKey(VerifierKey);

impl FromStr for LogKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let key: VerifierKey = text.trim().parse().map_err(|error| format!("{error}"))?;
        match key.kind() {
            KeyKind::Ed25519 => Ok(Self(key)),
            KeyKind::Cosignature => Err("this is a witness's key: it stands in a policy, on a line `witness`".to_owned()),
        }
    }
}

/// A length of time.
#[derive(Debug, Clone, Copy)]
struct Seconds(u64);

impl FromStr for Seconds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no length of time: write 90s, 15m, 24h or 7d");
        let unit = text.chars().last().ok_or_else(wrong)?;
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return Err(wrong()),
        };
        let number: u64 = text.strip_suffix(unit).and_then(|number| number.parse().ok()).ok_or_else(wrong)?;
        number.checked_mul(seconds).map(Self).ok_or_else(wrong)
    }
}

/// What the words name.
enum Target<'a> {
    Data(Option<ReleaseName>),
    Folder(PathBuf),
    Files(PathBuf),
    Server(&'a str),
}

/// Verifies, and says what was found.
pub(super) fn verify(place: &Place, arguments: &VerifyArguments, output: &mut Output) -> Result<(), CliError> {
    let target = target(arguments)?;
    let trust = trust(arguments)?;
    let memory = if arguments.no_state { None } else { state_folder(arguments).map(Memory::new) };
    let checkpoint = arguments.checkpoint.as_deref().map(read_text).transpose()?;
    let scope = |only: Option<ReleaseName>| Scope {
        only: only.map(|name| (name.dataset, name.version)),
        checkpoint: checkpoint.clone(),
        deep: arguments.deep,
    };
    if arguments.deep && matches!(target, Target::Server(_)) {
        return Err(CliError::Usage("--deep derives again what lies here: it is not for servers".to_owned()));
    }
    let mut report = Report::of(arguments.target.clone().unwrap_or_else(|| place.data_dir.display().to_string()));
    match target {
        Target::Server(url) => {
            let scope = ServerScope { quick: arguments.quick, checkpoint };
            audit::verify_server(url, trust, memory.as_ref(), &scope, &mut report);
        }
        Target::Files(path) => audit::verify_files(&path, trust, memory.as_ref(), checkpoint.as_deref(), arguments.deep, &mut report),
        Target::Folder(data_dir) => {
            let (blobs, indexes) = (data_dir.join("blobs"), data_dir.join("indexes"));
            let store = Store { blobs: &blobs, indexes: &indexes, database: None };
            report.note("its database was not looked at: name the folder with --data-dir instead");
            audit::verify_store(&store, trust, memory.as_ref(), &scope(None), &mut report);
        }
        Target::Data(only) => {
            let blobs = place.blobs_folder()?;
            let database = open_database(place, &mut report)?;
            let store = Store { blobs: &blobs, indexes: &place.data_dir.join("indexes"), database: database.as_ref() };
            audit::verify_store(&store, trust, memory.as_ref(), &scope(only), &mut report);
        }
    }
    show(&report, output)
}

fn target(arguments: &VerifyArguments) -> Result<Target<'_>, CliError> {
    let Some(text) = arguments.target.as_deref() else { return Ok(Target::Data(None)) };
    if text.starts_with("http://") || text.starts_with("https://") {
        return Ok(Target::Server(text));
    }
    let path = Path::new(text);
    if path.join("blobs/sha256").is_dir() {
        return Ok(Target::Folder(path.to_owned()));
    }
    if path.exists() {
        return Ok(Target::Files(path.to_owned()));
    }
    match text.parse::<ReleaseName>() {
        Ok(name) => Ok(Target::Data(Some(name))),
        Err(error) if text.contains('@') => Err(CliError::Usage(error)),
        Err(_) => {
            Err(CliError::Usage(format!("`{text}` is neither a file or folder that is there, nor ID@VERSION, nor http://… or https://…")))
        }
    }
}

fn read_text(path: &Path) -> Result<String, CliError> {
    std::fs::read_to_string(path).map_err(|error| CliError::Usage(format!("{}: {error}", path.display())))
}

fn trust(arguments: &VerifyArguments) -> Result<Trust, CliError> {
    let policy = match &arguments.policy {
        None => None,
        Some(path) => {
            let policy = Policy::parse(&read_text(path)?);
            Some(policy.map_err(|error| CliError::Usage(format!("{}: {error}", path.display())))?)
        }
    };
    if arguments.max_age.is_some() && policy.as_ref().is_none_or(|policy| policy.quorum_text() == "none") {
        return Err(CliError::Usage("--max-age looks at the witnesses' times: give a --policy with witnesses and a quorum".to_owned()));
    }
    if arguments.key.is_empty() && policy.as_ref().is_some_and(|policy| policy.logs().is_empty()) {
        return Err(CliError::Usage("the policy names no log: add a line `log VKEY`, or give --key".to_owned()));
    }
    let now = u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or(0);
    let keys = arguments.key.iter().map(|key| key.0.clone()).collect();
    Ok(Trust::new(now).given(keys, policy).max_age(arguments.max_age.map(|age| age.0)))
}

fn state_folder(arguments: &VerifyArguments) -> Option<PathBuf> {
    let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || Some(named("HOME")?.join(".local/state"));
    arguments.state.clone().or_else(|| Some(named("XDG_STATE_HOME").or_else(home)?.join("tanyin")))
}

/// The database, where there ought to be one; released data are verified without it, too.
fn open_database(place: &Place, report: &mut Report) -> Result<Option<Database>, CliError> {
    let Some(url) = place.database()? else {
        report.note("there is no database here: its rows were not compared");
        return Ok(None);
    };
    match Database::open(&url) {
        Ok(database) => Ok(Some(database)),
        Err(error) => {
            report.fault(format!("{url}: {error}"));
            Ok(None)
        }
    }
}

/// What others wrote must not look like a line of ours: no line feeds, no marks that turn the direction of reading.
fn one_line(text: String) -> String {
    let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if c.is_control() || turns(c) { '\u{fffd}' } else { c }).collect()
}

fn show(report: &Report, output: &mut Output) -> Result<(), CliError> {
    if output.is_json() {
        output.json(&serde_json::json!({"sound": report.is_sound(), "report": report}))?;
    } else {
        report.failures.iter().try_for_each(|finding| output.line(one_line(format!("WRONG  {finding}"))))?;
        report.notes.iter().try_for_each(|note| output.line(one_line(format!("note   {note}"))))?;
        for link in &report.chain {
            output.line(one_line(format!("{:<6} {}: {}", if link.closed { "holds" } else { "OPEN" }, link.link, link.says)))?;
        }
        let checked: Vec<String> = report.checked.iter().map(|checked| format!("{} {}", grouped(checked.count), checked.what)).collect();
        output.line(format_args!("checked {}; {}", checked.join(", "), counted(report.bytes, "byte", "bytes")))?;
        let authentic =
            if report.authentic { "signed by a key that is believed" } else { "not checked against a key: give --key or --policy" };
        if report.is_sound() {
            output.line(format_args!("{}: everything that was checked is sound; {authentic}", report.target))?;
        } else {
            output.line(format_args!("{}: {}", report.target, counted(report.failures.len() as u64, "failure", "failures")))?;
        }
    }
    if !report.failures.is_empty() {
        report.faults.iter().for_each(super::tell);
        return Err(CliError::Findings);
    }
    match report.faults.split_first() {
        None => Ok(()),
        Some((first, rest)) => {
            rest.iter().for_each(super::tell);
            Err(CliError::fault(first.clone()))
        }
    }
}
