//! `tanyin key`: reviewers' and witnesses' keys, which live apart from any server.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::json;

use super::arguments::ReleaseName;
use super::outcome::{CliError, Refusal};
use super::output::Output;
use crate::canon::Digest;
use crate::release::{new_key, write_secret};
use crate::review::approval_text;
use crate::tlog::{KeyKind, SignerKey};

/// What to do with a key.
#[derive(Debug, Subcommand)]
pub(super) enum KeyCommand {
    /// Make a key in a new file that you alone may read, and print its verifier key
    New {
        /// Whose key it is: a name such as wang.example.org/reviewer, without blanks or plus signs
        name: String,
        /// The file
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
        /// A witness's key, for `tanyin witness`, instead of a reviewer's
        #[arg(long)]
        witness: bool,
    },
    /// Print the verifier key of a key file: what others are given
    Show {
        /// The file
        file: PathBuf,
    },
    /// Sign an approval where no server is, and print the line for `tanyin draft approve --signature`
    ///
    /// Look at the difference before you sign. The digest is the one that `tanyin draft show` prints: the manifest's.
    Approve {
        /// What is to be released, such as cn-electricity-co2@1.3.0
        #[arg(value_name = "ID@VERSION")]
        release: ReleaseName,
        /// The manifest's digest: sha256:…
        #[arg(value_name = "DIGEST")]
        manifest: Digest,
        /// Your key
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
}

/// Does what was asked with a key.
pub(super) fn key(command: &KeyCommand, output: &mut Output) -> Result<(), CliError> {
    match command {
        KeyCommand::New { name, output: file, witness } => {
            let kind = if *witness { KeyKind::Cosignature } else { KeyKind::Ed25519 };
            let key = new_key(file, name, kind)?;
            write_secret(file, &format!("{}\n", key.to_text().as_str()))?;
            print(&key, output)
        }
        KeyCommand::Show { file } => print(&read_signer(file)?, output),
        KeyCommand::Approve { release, manifest, key } => {
            let ReleaseName { dataset, version } = release;
            let line = sign(&read_signer(key)?, &approval_text(dataset, version, manifest))?;
            if output.is_json() {
                return output.json(&json!({"dataset": dataset, "version": version, "manifest": manifest, "signature": line}));
            }
            output.line(line)
        }
    }
}

/// The line that signs a text.
pub(super) fn sign(key: &SignerKey, text: &str) -> Result<String, CliError> {
    let signature = key.sign(text).map_err(|error| Refusal::new("key", error.to_string()))?;
    Ok(signature.to_string().trim_end().to_owned())
}

fn print(key: &SignerKey, output: &mut Output) -> Result<(), CliError> {
    let verifier = key.verifier().to_string();
    if output.is_json() { output.json(&json!({"key": verifier})) } else { output.line(verifier) }
}

/// Reads a file with one signer key.
pub(super) fn read_signer(file: &Path) -> Result<SignerKey, CliError> {
    let refuse = |why: String| Refusal::new("key", format!("{}: {why}", file.display())).hint("`tanyin key new NAME -o FILE` makes one");
    let text = std::fs::read_to_string(file).map_err(|error| refuse(error.to_string()))?;
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let [line] = lines.as_slice() else { return Err(refuse(format!("it holds {} keys, not one", lines.len())).into()) };
    Ok(line.parse().map_err(|error| refuse(format!("{error}")))?)
}
