//! `kill -9` of the real program while it signs: what it answered before, it knows afterwards.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tanyin::tlog::{AddCheckpoint, Checkpoint, Note};

use super::{ORIGIN, add, log_key, request, tree, witness_key};

fn run(folder: &Path) -> (Child, String) {
    let key = folder.join("w.key");
    std::fs::write(&key, format!("{}\n", witness_key(1).to_text().as_str())).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tanyin"));
    command.args(["witness", "--listen", "127.0.0.1:0", "--log", &log_key().verifier().to_string(), "--key"]).arg(&key);
    let mut child = command.arg("--state").arg(folder.join("state")).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let address = lines.find_map(|line| line.unwrap().strip_prefix("listening on ").map(str::to_owned)).unwrap();
    // whoever closes the pipe would stop what is logged
    std::thread::spawn(move || lines.for_each(drop));
    (child, address)
}

/// What the witness has on disk.
fn remembered(folder: &Path) -> Option<Checkpoint> {
    let name = format!("{}.checkpoint", tanyin::canon::Digest::of(ORIGIN.as_bytes()).to_hex());
    let bytes = std::fs::read(folder.join("state").join(name)).ok()?;
    Some(Checkpoint::parse(&Note::parse(bytes).unwrap().text).unwrap())
}

/// Asks until the witness no longer answers; gives the largest size that it signed.
fn grow(address: &str, mut size: u64) -> u64 {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(10))).build().into();
    loop {
        let next: AddCheckpoint = request(&tree(size + 1, 0), size);
        match agent.post(format!("{address}/add-checkpoint")).send(next.to_text()) {
            Ok(answer) if answer.status() == 200 => size += 1,
            Ok(answer) => panic!("{}", answer.status()),
            Err(_) => return size,
        }
    }
}

#[test]
fn a_killed_witness_knows_all_that_it_signed() {
    let folder = tempfile::tempdir().unwrap();
    let mut size = 0;
    for round in 1..=6_u64 {
        let (mut child, address) = run(folder.path());
        let signed = std::thread::scope(|scope| {
            let asked = scope.spawn(|| grow(&address, size));
            std::thread::sleep(Duration::from_millis(23 * round));
            child.kill().unwrap();
            child.wait().unwrap();
            asked.join().unwrap()
        });
        // it may have stored one that it did not come to answer, and never less than it answered
        let known = remembered(folder.path()).map_or(0, |checkpoint| checkpoint.size);
        assert!(known == signed || known == signed + 1, "it signed {signed} and knows {known}");
        size = known;
        if known == 0 {
            continue;
        }
        let (mut child, address) = run(folder.path());
        for other in [request(&tree(known, 1), known), request(&tree(known + 5, 1), known), request(&tree(known + 5, 1), 0)] {
            let status = add(&address, &other).status;
            assert!([409, 422].contains(&status), "another history after a kill: {status}");
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(size > 0, "at least one checkpoint was signed");
}
