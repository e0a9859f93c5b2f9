//! `kill -9` in the middle of an import over HTTP: the next server goes on with it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::tanyin;
use crate::on_both;
use crate::site::{PackageDraft, Site, row};

/// A running program, and its address.
struct Running(Child, String);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn serve(site: &Site) -> Running {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tanyin"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--data-dir"]).arg(site.folder.path()).args(["--database-url", &site.database]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let address = lines.by_ref().map(Result::unwrap).find_map(|line| line.strip_prefix("listening on ").map(str::to_owned)).unwrap();
    std::thread::spawn(move || lines.for_each(drop));
    Running(child, address)
}

fn state(server: &Running, token: &str, place: &str) -> Value {
    let answer = ureq::get(format!("{}{place}", server.1)).header("Authorization", token).call();
    answer.unwrap().body_mut().read_json().unwrap()
}

on_both!(
    fn a_killed_import_is_finished_by_the_next_server(site: &Site) {
        site.publish(&PackageDraft::new("killed", "1.0.0", vec![row("k/00000", &[])]));
        let made = tanyin(site, &["token", "create", "li", "--role", "steward", "--json"]);
        assert_eq!(made.code(), 0, "{}", made.err());
        let token = format!("Bearer {}", made.json()["token"].as_str().unwrap());
        let table = PackageDraft::new("killed", "1.1.0", (0..30_000).map(|n| row(&format!("k/{n:05}"), &[])).collect()).table();
        let server = serve(site);
        let accepted =
            ureq::post(format!("{}/v1/datasets/killed/imports", server.1)).header("Authorization", &token).send(&table[..]).unwrap();
        let place = accepted.headers()["location"].to_str().unwrap().to_owned();
        let begun = Instant::now();
        while state(&server, &token, &place)["state"] == "queued" && begun.elapsed() < Duration::from_secs(30) {
            std::thread::sleep(Duration::from_millis(5));
        }
        drop(server); // SIGKILL
        let server = serve(site);
        let begun = Instant::now();
        let done = loop {
            let state = state(&server, &token, &place);
            if !matches!(state["state"].as_str().unwrap(), "queued" | "running") {
                break state;
            }
            assert!(begun.elapsed() < Duration::from_secs(120), "{state}");
            std::thread::sleep(Duration::from_millis(50));
        };
        assert_eq!((done["state"].as_str(), done["rows"].as_u64()), (Some("done"), Some(30_000)), "{done}");
        let draft = tanyin(site, &["draft", "show", "killed", "--json"]).json();
        assert_eq!((&draft["difference"]["counts"]["added"], &draft["import_run"]), (&Value::from(29_999), &done["run"]));
        assert_eq!(std::fs::read_dir(site.ground().uploads()).unwrap().count(), 0);
    }
);

on_both!(
    fn a_draft_is_edited_by_hand(site: &Site) {
        site.publish(&PackageDraft::new("made", "1.0.0", vec![row("a", &[]), row("b", &[("region", "CN-ZJ")])]));
        let folder = tempfile::tempdir().unwrap();
        PackageDraft::new("made", "1.1.0", vec![row("a", &[("value", "0.6")]), row("b", &[("region", "CN-ZJ")])]).write(folder.path());
        let path = folder.path().to_str().unwrap();
        assert_eq!(tanyin(site, &["import", path, "--dataset", "made"]).code(), 0);
        let edit = |rest: &[&str]| tanyin(site, &[&["draft", "edit", "made", "a"], rest].concat());
        let wrong = edit(&["--set", "value=0,61", "--reason", "a misprint", "--json"]);
        assert_eq!((wrong.code(), wrong.json()["items"][0]["rule"].as_str()), (1, Some("decimal")), "{}", wrong.out());
        let done = edit(&["--set", "value=0.61", "--set", "note_en=see p. 3", "--reason", "a misprint", "--by", "li", "--json"]);
        assert_eq!((done.code(), done.json()["factor"]["value"].as_str()), (0, Some("0.61")), "{}", done.err());
        assert_eq!(tanyin(site, &["draft", "remove", "made", "b", "--reason", "not ours"]).code(), 0);
        let shown = tanyin(site, &["draft", "show", "made"]).out();
        assert!(shown.contains("a by operator/li") && shown.contains("not ours"), "{shown}");
        let refused = tanyin(site, &["import", path, "--dataset", "made", "--json"]);
        assert_eq!((refused.code(), refused.json()["error"]["code"].as_str()), (1, Some("edited")), "{}", refused.out());
        assert_eq!(tanyin(site, &["import", path, "--dataset", "made", "--discard-edits"]).code(), 0);
        assert!(!tanyin(site, &["draft", "show", "made"]).out().contains("operator/li"));
        let listed = tanyin(site, &["token", "list"]);
        assert!(listed.code() == 0 && listed.out().contains("no tokens"), "{}", listed.err());
        let made = tanyin(site, &["token", "create", "王 芳", "--role", "reviewer", "--expires", "2099-12-31", "--json"]).json();
        assert_eq!(tanyin(site, &["token", "create", "operator", "--role", "admin"]).code(), 1);
        let id = made["id"].as_str().unwrap();
        assert!(tanyin(site, &["token", "list"]).out().contains("王 芳"));
        assert_eq!((tanyin(site, &["token", "revoke", id]).code(), tanyin(site, &["token", "revoke", id]).code()), (0, 1));
        assert!(tanyin(site, &["token", "list"]).out().contains("revoked"));
    }
);
