//! The auditor's page, run command by command on a folder and nothing else.

use std::path::Path;
use std::process::Command;

/// The `sh` blocks of a page, each with the `text` block that follows it.
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once("\n```") {
        let (language, after) = after.split_once('\n').unwrap();
        let (body, after) = after.split_once("\n```").unwrap();
        match language {
            "sh" => found.push((body.to_owned(), String::new())),
            "text" => found.last_mut().unwrap().1 = body.to_owned(),
            _ => {}
        }
        rest = after;
    }
    found
}

/// Whether the output is as the page shows it; `…` stands for anything.
fn fits(shown: &str, said: &str) -> bool {
    let mut rest = said.trim_end();
    let parts: Vec<&str> = shown.trim_end().split('…').collect();
    for (place, part) in parts.iter().enumerate() {
        let found = if place == 0 { rest.starts_with(part).then_some(0) } else { rest.find(part) };
        let Some(found) = found else { return false };
        rest = &rest[found + part.len()..];
    }
    shown.trim_end().ends_with('…') || rest.is_empty()
}

/// Runs a script as the page's reader would, in a folder, with the program on the PATH. Without a network where the system
/// lets us take it away.
fn run(folder: &Path, script: &str) -> (bool, String) {
    let program = Path::new(env!("CARGO_BIN_EXE_tanyin"));
    let path = format!("{}:{}", program.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let alone = Command::new("unshare").args(["-rn", "true"]).output().is_ok_and(|output| output.status.success());
    let mut command = if alone { Command::new("unshare") } else { Command::new("bash") };
    if alone {
        command.args(["-rn", "bash"]);
    }
    command.args(["-euo", "pipefail", "-c", script]).current_dir(folder).env("PATH", path).env("HOME", folder).env("LC_ALL", "C.UTF-8");
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), text)
}

#[track_caller]
fn must(folder: &Path, script: &str) -> String {
    let (fine, said) = run(folder, script);
    assert!(fine, "{script}\n{said}");
    said
}

/// Publishes 1.1.0 with two signed approvals, takes the folder out, and removes the server.
const PREPARE: &str = r#"
export TANYIN_DATA_DIR=server TANYIN_LOG_ORIGIN=factors.example/log
data="$DATASETS/cn-electricity-co2"
id=cn-electricity-co2
tanyin import "$data/1.0.0" --dataset $id --by li
tanyin draft submit $id --by li
tanyin release publish $id --by li
tanyin key new wang.example/reviewer -o wang.key
tanyin key new chen.example/reviewer -o chen.key
tanyin key new zhao.example/reviewer -o zhao.key
tanyin dataset policy $id --approvals 2 --reviewer "$(tanyin key show wang.key)" --reviewer "$(tanyin key show chen.key)" --reviewer "$(tanyin key show zhao.key)"
tanyin import "$data/1.1.0" --dataset $id --by li
tanyin draft submit $id --by li
manifest=$(tanyin --json draft show $id | grep -o '"manifest":"sha256:[0-9a-f]*"' | head -1 | cut -d'"' -f4)
line=$(tanyin key approve $id@1.1.0 "$manifest" --key wang.key)
tanyin draft approve $id --by wang --signature "$line"
tanyin draft approve $id --by chen --key chen.key
tanyin release publish $id --by li
cp server/blobs/log/checkpoint checkpoint.txt
tanyin export $id@1.1.0 --format audit -o audit
cat > policy.txt <<POLICY
log $(head -1 server/blobs/log/key)
reviewer wang $(tanyin key show wang.key)
reviewer chen $(tanyin key show chen.key)
reviewer zhao $(tanyin key show zhao.key)
group reviewers 2 wang chen zhao
approvals reviewers
quorum none
POLICY
rm -r server wang.key chen.key zhao.key
"#;

#[test]
fn from_a_number_in_a_report_to_its_source() {
    let folder = tempfile::tempdir().unwrap();
    let datasets = concat!(env!("CARGO_MANIFEST_DIR"), "/datasets");
    must(folder.path(), &format!("DATASETS='{datasets}'\n{PREPARE}"));
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/audit.md")).unwrap();
    let blocks = blocks(&page);
    assert_eq!(blocks.len(), 6);
    for (script, shown) in blocks {
        assert!(!shown.is_empty(), "{script}: the page does not say what it prints");
        let said = must(folder.path(), &script);
        assert!(fits(&shown, &said), "{script}\nprints\n{said}\nbut the page shows\n{shown}");
    }
}

#[test]
fn wildcards_stand_for_anything() {
    assert!(fits("a…c\n…", "abc\nx\ny") && fits("a\nb", "a\nb\n") && fits("…b", "ab"));
    assert!(!fits("a…c", "ab") && !fits("a", "ab") && !fits("b", "ab"));
}
