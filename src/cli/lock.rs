//! `tanyin lock`: the lockfile of a calculator, `tanyin.lock`.

use std::io::{BufRead, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use semver::Version;
use serde_json::{Value, json};

use super::arguments::{parse_version, verifier};
use super::lock_show::{print_outdated, print_pinned};
use super::outcome::{CliError, Refusal};
use super::output::{Output, counted};
use super::place::Place;
use super::tell;
use crate::audit::lock::{
    LOCK_NAME, LocalSource, LockError, LockFileError, LockSource, LockedAmount, LockedFactor, Lockfile, Moved, Outdated, Pin, Requirement,
    ServerSource, Session, SourceError, check_lockfile, outdated,
};
use crate::audit::{Basis, Trust};
use crate::dataset::DatasetId;
use crate::factor::{Decimal, Unit};
use crate::tlog::{Policy, VerifierKey};

/// What to do with a lockfile.
#[derive(Debug, Subcommand)]
pub(super) enum LockCommand {
    /// Pin factors: find the release, check its proof, and write both into the file
    ///
    /// Nothing is written that was not proved: line, manifest, leaf, checkpoint, the log's key, and the policy where one is
    /// given. The log must have grown from the checkpoint that the file has: a fork or a rollback is refused.
    /// The first time, without --key or --policy, the key that the server names is believed, and kept in the file.
    #[command(after_help = "Exit codes: 0 pinned; 1 refused (no such factor, a proof that does not hold, a fork); 3 could not ask.")]
    Add(AddArguments),
    /// Check every pinned factor offline: digest, proof, leaf, checkpoint, signatures
    #[command(after_help = "Exit codes: 0 every link holds; 1 one does not; 2 the command was not understood; 3 the file cannot be read.")]
    Check(CheckArguments),
    /// See what moved since: values, withdrawals, replacements, and what they do to the emissions
    #[command(after_help = "Exit codes: 0 nothing moved; 1 something did, or the answers do not prove themselves; 3 could not ask.\n\
        What lies beyond a factor's requirement is told and does not count as moved.")]
    Outdated(OutdatedArguments),
    /// Move pins to the newest release within their requirements, after showing the difference
    #[command(after_help = "Exit codes: 0 moved, or nothing to move; 1 refused; 3 could not ask.")]
    Update(UpdateArguments),
}

#[derive(Debug, Args)]
struct FileArgument {
    /// The lockfile
    #[arg(long, value_name = "FILE", default_value = LOCK_NAME)]
    file: PathBuf,
}

#[derive(Debug, Args)]
struct TrustArguments {
    /// The log's verifier key, NAME+ID+BASE64, as you got it elsewhere; the file's own keys are not asked then
    #[arg(long = "key", value_name = "VKEY", value_parser = verifier)]
    keys: Vec<VerifierKey>,
    /// Whom you trust: logs, witnesses, reviewers (C2SP tlog-policy with lines `reviewer` and `approvals`)
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// The oldest that the witnesses' signatures may be: 36h, 7d; needs a policy with witnesses
    #[arg(long, value_name = "AGE", value_parser = age, requires = "policy")]
    max_age: Option<u64>,
}

#[derive(Debug, Args)]
struct SourceArguments {
    /// The server to ask [default: the file's; without one, the data folder]
    #[arg(long, value_name = "URL", conflicts_with = "local")]
    server: Option<String>,
    /// Ask the data folder, whatever server the file names
    #[arg(long)]
    local: bool,
}

/// What is pinned.
#[derive(Debug, Args)]
pub(super) struct AddArguments {
    /// What to pin, such as 'cn-electricity-co2@^1#grid-average/cn/2023'; without @, the latest and what is compatible with it
    #[arg(value_name = "DATASET[@REQUIREMENT]#KEY", required = true, value_parser = factor_name)]
    factors: Vec<FactorName>,
    /// The amount whose emission is counted
    #[arg(long, requires = "unit", value_parser = decimal)]
    amount: Option<Decimal>,
    /// Unit of the amount (UCUM)
    #[arg(long, requires = "amount", value_parser = unit)]
    unit: Option<String>,
    /// What it is used for; tells apart two uses of one factor
    #[arg(long, value_name = "TEXT", value_parser = label)]
    label: Option<String>,
    #[command(flatten)]
    source: SourceArguments,
    #[command(flatten)]
    trust: TrustArguments,
    #[command(flatten)]
    file: FileArgument,
}

/// What is checked.
#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    #[command(flatten)]
    trust: TrustArguments,
    #[command(flatten)]
    file: FileArgument,
}

/// What is compared.
#[derive(Debug, Args)]
pub(super) struct OutdatedArguments {
    #[command(flatten)]
    source: SourceArguments,
    #[command(flatten)]
    trust: TrustArguments,
    #[command(flatten)]
    file: FileArgument,
}

/// What is moved.
#[derive(Debug, Args)]
pub(super) struct UpdateArguments {
    /// Only these: keys, DATASET#KEY, or labels
    #[arg(value_name = "KEY")]
    only: Vec<String>,
    /// To exactly this version, within the requirement
    #[arg(long, value_name = "VERSION", value_parser = parse_version)]
    precise: Option<Version>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Show the difference and write nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    source: SourceArguments,
    #[command(flatten)]
    trust: TrustArguments,
    #[command(flatten)]
    file: FileArgument,
}

#[derive(Debug, Clone)]
struct FactorName {
    dataset: DatasetId,
    requirement: Option<Requirement>,
    key: String,
}

fn factor_name(text: &str) -> Result<FactorName, String> {
    let (release, key) = text.split_once('#').filter(|(_, key)| !key.is_empty()).ok_or("write DATASET[@REQUIREMENT]#KEY")?;
    let (dataset, requirement) = match release.split_once('@') {
        None => (release, None),
        Some((dataset, requirement)) => (dataset, Some(requirement.parse().map_err(|error| format!("{error}"))?)),
    };
    Ok(FactorName { dataset: dataset.parse().map_err(|error| format!("{error}"))?, requirement, key: key.to_owned() })
}

fn decimal(text: &str) -> Result<Decimal, String> {
    text.parse().map_err(|error| format!("{error}"))
}

fn unit(text: &str) -> Result<String, String> {
    Unit::parse(text).map(|unit| unit.code().to_owned()).map_err(|error| error.to_string())
}

fn label(text: &str) -> Result<String, String> {
    let fits = !text.trim().is_empty() && text.chars().count() <= 200 && !text.chars().any(char::is_control);
    if fits { Ok(text.trim().to_owned()) } else { Err("a label has 1 to 200 characters on one line".to_owned()) }
}

/// Seconds of `90m`, `36h`, `7d`.
fn age(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is no age: write 90m, 36h or 7d");
    let (digits, unit) = text.split_at_checked(text.len().saturating_sub(1)).ok_or_else(wrong)?;
    let seconds = match unit {
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        _ => return Err(wrong()),
    };
    digits.parse::<u64>().ok().and_then(|count| count.checked_mul(seconds)).ok_or_else(wrong)
}

/// Does what was asked with a lockfile.
pub(super) fn lock(place: &Place, command: &LockCommand, output: &mut Output) -> Result<(), CliError> {
    match command {
        LockCommand::Add(arguments) => add(place, arguments, output),
        LockCommand::Check(arguments) => check(arguments, output),
        LockCommand::Outdated(arguments) => show_outdated(place, arguments, output),
        LockCommand::Update(arguments) => update(place, arguments, output),
    }
}

impl From<LockError> for CliError {
    fn from(error: LockError) -> Self {
        let code = match error {
            LockError::Source(SourceError::Unreachable { .. }) => return Self::fault(error),
            LockError::Source(SourceError::Release(error)) => return error.into(),
            LockError::Source(SourceError::Refused { ref code, .. }) => {
                let message = error.to_string();
                return Refusal::new("refused", message).with(json!({"problem": code})).into();
            }
            LockError::File(error) => return error.into(),
            LockError::Unproved { ref refusal, .. } => {
                let details = json!({"link": refusal.link, "finding": &*refusal.finding});
                return Refusal::new("unproved", error.to_string()).with(details).hint("nothing was changed").into();
            }
            LockError::Fork(_) => "fork",
            LockError::Rollback(_) => "rollback",
            LockError::OtherLog { .. } => "other-log",
            LockError::NoRelease { .. } => "no-release",
            LockError::NoFactor { .. } => "no-factor",
            LockError::Amount { .. } => "unit-mismatch",
        };
        Refusal::new(code, error.to_string()).into()
    }
}

impl From<LockFileError> for CliError {
    fn from(error: LockFileError) -> Self {
        match error {
            LockFileError::Io { .. } => Self::fault(error),
            LockFileError::Conflict(line) => Refusal::new("conflict", format!("the lockfile: {error}")).with(json!({"line": line})).into(),
            LockFileError::Format(_) => Refusal::new("format", format!("the lockfile: {error}")).into(),
            LockFileError::Shape(_) => Refusal::new("lockfile", format!("the lockfile: {error}")).into(),
        }
    }
}

impl TrustArguments {
    /// Those that were given; nobody where nobody was.
    fn trust(&self) -> Result<Trust, CliError> {
        let read = |path: &PathBuf| {
            let refuse = |why: String| Refusal::new("policy", format!("{}: {why}", path.display()));
            let text = std::fs::read_to_string(path).map_err(|error| refuse(error.to_string()))?;
            Policy::parse(&text).map_err(|error| refuse(error.to_string()))
        };
        let policy = self.policy.as_ref().map(read).transpose()?;
        if self.max_age.is_some() && policy.as_ref().is_some_and(|policy: &Policy| policy.quorum_text() == "none") {
            return Err(CliError::Usage(
                "--max-age: the policy names no witness, and nobody else tells how old a checkpoint is".to_owned(),
            ));
        }
        Ok(self.nobody().given(self.keys.clone(), policy).max_age(self.max_age))
    }

    fn nobody(&self) -> Trust {
        Trust::new(u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or(0))
    }
}

impl SourceArguments {
    fn open(&self, place: &Place, file: Option<&Lockfile>) -> Result<Box<dyn LockSource>, CliError> {
        let named = self.server.as_ref().or_else(|| file.and_then(|file| file.server.as_ref()).filter(|_| !self.local));
        match named {
            Some(address) => Ok(Box::new(ServerSource::new(address).map_err(|error| CliError::Usage(format!("--server: {error}")))?)),
            None => {
                let (ground, catalogue) = place.catalogue()?;
                Ok(Box::new(LocalSource::new(ground, catalogue)))
            }
        }
    }
}

/// A file that goes on: read, and sound by the keys that it was written with.
fn known(path: &Path, trust: &TrustArguments) -> Result<Option<Lockfile>, CliError> {
    let Some(file) = Lockfile::read(path)? else { return Ok(None) };
    let mut own = trust.nobody();
    own.adopt(file.log.verifier_keys(), Basis::Own);
    let failures = check_lockfile(&file, &own);
    if failures.is_empty() {
        return Ok(Some(file));
    }
    let refusal = Refusal::new("lockfile", format!("{} does not hold, so nothing is built on it", path.display()));
    let lines = failures.iter().map(ToString::to_string).collect::<Vec<_>>();
    Err(refusal.with(json!({"failures": failures})).hints(lines).hint("take it from your version control as it was").into())
}

fn existing(path: &Path, trust: &TrustArguments) -> Result<Lockfile, CliError> {
    let missing = || Refusal::new("no-lockfile", format!("there is no {}", path.display())).hint("`tanyin lock add` makes it");
    Ok(known(path, trust)?.ok_or_else(missing)?)
}

/// Those that were given, else the file's, else those that the source names, which is said loudly.
fn believed(arguments: &TrustArguments, file: Option<&Lockfile>, source: &dyn LockSource) -> Result<Trust, CliError> {
    let mut trust = arguments.trust()?;
    if let Some(file) = file {
        trust.adopt(file.log.verifier_keys(), Basis::Remembered);
    }
    if trust.keys().is_empty() {
        let named: Vec<VerifierKey> = source.keys().map_err(LockError::from)?.iter().filter_map(|key| key.parse().ok()).collect();
        tell(format_args!("TRUST ON FIRST USE: nobody vouches for the key of {} but itself:", source.place()));
        named.iter().for_each(|key| tell(format_args!("  {key}")));
        tell("  compare it with what its operator publishes elsewhere, or give --key or --policy; it is kept in the lockfile");
        trust.adopt(named, Basis::FirstUse);
    }
    Ok(trust)
}

fn add(place: &Place, arguments: &AddArguments, output: &mut Output) -> Result<(), CliError> {
    let path = &arguments.file.file;
    let old = known(path, &arguments.trust)?;
    let source = arguments.source.open(place, old.as_ref())?;
    let trust = believed(&arguments.trust, old.as_ref(), source.as_ref())?;
    let session = Session::new(source.as_ref(), &trust, old.as_ref());
    let amount = match (&arguments.amount, &arguments.unit) {
        (Some(value), Some(unit)) => Some(LockedAmount { value: value.clone(), unit: unit.clone() }),
        _ => None,
    };
    let mut pins: Vec<Pin> = old.iter().flat_map(|file| &file.factors).map(Pin::of).collect();
    let mut added = Vec::new();
    for name in &arguments.factors {
        let release = session.resolve(&name.dataset, name.requirement.as_ref().unwrap_or(&Requirement::Latest))?;
        let requirement = name.requirement.clone().unwrap_or_else(|| Requirement::caret(&release.version));
        let (key, label) = (name.key.clone(), arguments.label.clone());
        let pin = Pin { dataset: name.dataset.clone(), key, label, requirement, version: release.version.clone(), amount: amount.clone() };
        pins.retain(|own| (&own.dataset, &own.key, &own.label) != (&pin.dataset, &pin.key, &pin.label));
        pins.push(pin.clone());
        added.push((pin, release));
    }
    let file = session.lock(old.as_ref(), &pins)?;
    let mut told = Vec::new();
    for (pin, release) in &added {
        let same = |factor: &&LockedFactor| Pin::of(factor) == *pin;
        if let Some(factor) = file.factors.iter().find(same) {
            let notices = source.notices(&pin.dataset, &pin.version, &pin.key).map_err(LockError::from)?;
            told.push((factor, warnings(factor, release, &notices)));
        }
    }
    file.write(path)?;
    print_pinned(&file, path, &told, trust.basis() == Basis::FirstUse, output)
}

/// What whoever pins a factor must know.
fn warnings(factor: &LockedFactor, release: &crate::audit::lock::ReleaseState, notices: &[crate::audit::lock::LaterNotice]) -> Vec<Value> {
    let mut all = Vec::new();
    let read = factor.line().ok().and_then(|line| crate::factor::Factor::from_line(line.as_bytes()).ok());
    for flag in read.iter().flat_map(|factor| factor.blocking_flags()) {
        all.push(json!({"warning": "flagged", "flag": flag, "why": "a lookup refuses it unless the flag is allowed by name"}));
    }
    if let Some(own) = &release.withdrawn {
        all.push(json!({"warning": "withdrawn", "at": own.at, "why": own.reason}));
    }
    if let Some(own) = &release.superseded {
        all.push(json!({"warning": "superseded", "at": own.at, "by": own.by, "why": own.reason}));
    }
    all.extend(notices.iter().map(|own| json!({"warning": own.flag, "at": own.at, "by": own.by, "why": own.why})));
    all
}

fn check(arguments: &CheckArguments, output: &mut Output) -> Result<(), CliError> {
    let path = &arguments.file.file;
    let missing = || Refusal::new("no-lockfile", format!("there is no {}", path.display())).hint("`tanyin lock add` makes it");
    let file = Lockfile::read(path)?.ok_or_else(missing)?;
    let mut trust = arguments.trust.trust()?;
    trust.adopt(file.log.verifier_keys(), Basis::Own);
    let failures = check_lockfile(&file, &trust);
    let own = trust.basis() == Basis::Own;
    let size = file.log.seen().map(|seen| seen.size);
    if output.is_json() {
        output.json(&json!({"file": path, "sound": failures.is_empty(), "factors": file.factors.len(), "releases": file.releases.len(),
            "log": {"origin": file.log.origin, "size": size, "keys": if own { "of the file" } else { "given" }}, "failures": failures}))?;
    } else {
        for failure in &failures {
            output.line(format_args!("WRONG {failure}"))?;
            failure.factors.iter().try_for_each(|factor| output.line(format_args!("  not to be relied on: {factor}")))?;
        }
    }
    if !failures.is_empty() {
        return Err(CliError::Findings);
    }
    if !output.is_json() {
        let count = |list: usize, one, many| counted(u64::try_from(list).unwrap_or(0), one, many);
        output.line(format_args!(
            "{} of {}: every digest, proof and signature holds, under checkpoint {} of {}",
            count(file.factors.len(), "factor", "factors"),
            count(file.releases.len(), "release", "releases"),
            size.unwrap_or(0),
            file.log.origin
        ))?;
        if own {
            output.line("believed are the keys in the file itself: give --key or --policy to check by your own")?;
        }
    }
    Ok(())
}

fn show_outdated(place: &Place, arguments: &OutdatedArguments, output: &mut Output) -> Result<(), CliError> {
    let file = existing(&arguments.file.file, &arguments.trust)?;
    let source = arguments.source.open(place, Some(&file))?;
    let trust = believed(&arguments.trust, Some(&file), source.as_ref())?;
    let today = outdated(&Session::new(source.as_ref(), &trust, Some(&file)), &file, &|_| None)?;
    print_outdated(&today, output)?;
    if today.moved { Err(CliError::Findings) } else { Ok(()) }
}

fn update(place: &Place, arguments: &UpdateArguments, output: &mut Output) -> Result<(), CliError> {
    let path = &arguments.file.file;
    let file = existing(path, &arguments.trust)?;
    let chosen = choose(&file, arguments)?;
    let source = arguments.source.open(place, Some(&file))?;
    let trust = believed(&arguments.trust, Some(&file), source.as_ref())?;
    let session = Session::new(source.as_ref(), &trust, Some(&file));
    let target = |factor: &LockedFactor| if chosen(factor) { arguments.precise.clone() } else { Some(factor.version.clone()) };
    let today = outdated(&session, &file, &target)?;
    let mut pins: Vec<Pin> = file.factors.iter().map(Pin::of).collect();
    let mut moves = 0_u64;
    for (pin, state) in pins.iter_mut().zip(&today.factors) {
        if let Some(wanted) = state.wanted.as_ref().filter(|wanted| wanted.blocked.is_none() && wanted.state != Moved::Removed) {
            pin.version = wanted.version.clone();
            moves += 1;
        }
    }
    if !output.is_json() {
        print_outdated(&today, output)?;
        output.flush()?;
    }
    let write = moves > 0 && !arguments.dry_run;
    if write {
        agree(arguments.yes, moves)?;
        session.lock(Some(&file), &pins)?.write(path)?;
    }
    told_update(&today, moves, write, output)
}

fn told_update(today: &Outdated, moves: u64, written: bool, output: &mut Output) -> Result<(), CliError> {
    if output.is_json() {
        return output.json(&json!({"moves": moves, "written": written, "difference": today}));
    }
    let pins = counted(moves, "pin", "pins");
    output.line(match (moves, written) {
        (0, _) => "nothing to move".to_owned(),
        (_, true) => format!("moved {pins}"),
        (_, false) => format!("{pins} would move; nothing was written"),
    })
}

/// Which factors are meant: by key, by dataset and key, or by label; all where none is named.
fn choose<'a>(file: &Lockfile, arguments: &'a UpdateArguments) -> Result<impl Fn(&LockedFactor) -> bool + 'a, CliError> {
    fn names(name: &str, factor: &LockedFactor) -> bool {
        name == factor.key || factor.label.as_deref() == Some(name) || name == format!("{}#{}", factor.dataset, factor.key)
    }
    for name in &arguments.only {
        if !file.factors.iter().any(|factor| names(name, factor)) {
            return Err(
                Refusal::new("no-factor", format!("the lockfile pins no factor `{name}`: name a key, DATASET#KEY or a label")).into()
            );
        }
    }
    let chosen = |factor: &LockedFactor| arguments.only.is_empty() || arguments.only.iter().any(|name| names(name, factor));
    if let Some(version) = &arguments.precise {
        let outside = |factor: &&LockedFactor| chosen(factor) && !factor.requirement.allows(version);
        if let Some(factor) = file.factors.iter().find(outside) {
            let why = format!("{}: {version} is not within its requirement {}", factor.id(), factor.requirement);
            let hint = format!("another requirement: tanyin lock add '{}@{version}#{}'", factor.dataset, factor.key);
            return Err(Refusal::new("requirement", why).hint(hint).into());
        }
    }
    Ok(chosen)
}

/// Asks on a terminal; in a pipe only `--yes` agrees.
fn agree(yes: bool, moves: u64) -> Result<(), CliError> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        let why = format!("{} would move, and nobody can be asked", counted(moves, "pin", "pins"));
        return Err(Refusal::new("confirm", why).hint("give --yes to move them, or --dry-run to see the difference alone").into());
    }
    let mut error = std::io::stderr();
    write!(error, "move {}? [y/N] ", counted(moves, "pin", "pins"))?;
    error.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if matches!(answer.trim(), "y" | "Y" | "yes") { Ok(()) } else { Err(Refusal::new("confirm", "nothing was changed").into()) }
}
