//! The real program: commands, `--json`, exit codes, and what a kill leaves.

mod access;
mod changes;
mod commands;
mod current;
mod jobs;
mod kill;
mod log;
mod provenance;
mod walkthrough;

use std::process::{Command, Output};

use serde_json::Value;

use crate::site::Site;

/// Runs the program on a site's data directory and database.
pub fn tanyin(site: &Site, arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tanyin"));
    command.args(arguments).arg("--data-dir").arg(site.folder.path()).args(["--database-url", &site.database]);
    Ran(command.output().unwrap())
}

/// Runs the program in a folder, without any data directory.
pub fn tanyin_in(folder: &std::path::Path, arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tanyin"));
    command.current_dir(folder).args(arguments).env("TANYIN_DATA_DIR", folder.join("no-data")).stdin(std::process::Stdio::null());
    Ran(command.output().unwrap())
}

/// What the program did.
pub struct Ran(Output);

impl Ran {
    pub fn code(&self) -> i32 {
        self.0.status.code().unwrap()
    }

    /// Standard output as one JSON object.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.0.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", self.out(), self.err()))
    }

    pub fn out(&self) -> String {
        String::from_utf8_lossy(&self.0.stdout).into_owned()
    }

    pub fn err(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }
}
