//! Uploads: queued, run in order, followed, refused; and through a restart.

use std::io::Write;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tanyin::dataset::Role;
use tanyin::desk::{self, NewUpload};
use tanyin::store::{self, JobState};

use super::{ask, bearer};
use crate::on_both;
use crate::site::{PackageDraft, Response, Site, row};

const IMPORTS: &str = "/v1/datasets/made/imports";

fn package(value: &str) -> PackageDraft {
    PackageDraft::new("made", "1.0.0", vec![row("a", &[("value", value)])])
}

fn zipped(package: &PackageDraft) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    package.write(folder.path());
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for name in ["datapackage.json", "factors.csv"] {
        zip.start_file(format!("1.0.0/{name}"), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(&std::fs::read(folder.path().join(name)).unwrap()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[track_caller]
fn upload(site: &Site, token: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
    let headers: Vec<(&str, &str)> = [("Authorization", token)].into_iter().chain(headers.iter().copied()).collect();
    site.send("POST", path, &headers, Some(body))
}

/// What came of an upload.
#[track_caller]
fn ended(site: &Site, token: &str, accepted: &Response) -> Value {
    assert_eq!(accepted.status, 202, "{}", accepted.text());
    let place = accepted.header("location").unwrap();
    let begun = Instant::now();
    loop {
        let state = ask(site, token, "GET", place, None).json();
        if !matches!(state["state"].as_str().unwrap(), "queued" | "running") {
            return state;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{state}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

on_both!(
    fn a_package_comes_as_a_zip_and_a_table_after_it(site: &Site) {
        let li = bearer(site, "li", Role::Steward);
        let bare = ended(site, &li, &upload(site, &li, IMPORTS, &[], &package("1").table()));
        assert_eq!(bare["state"], "refused");
        assert!(bare["message"].as_str().unwrap().contains("has no release yet"), "{bare}");
        let named = [("Content-Disposition", "attachment; filename=\"made-1.0.0.zip\"")];
        let done = ended(site, &li, &upload(site, &li, IMPORTS, &named, &zipped(&package("0.5"))));
        assert_eq!(
            (&done["state"], &done["rows"], &done["findings"]["error"], &done["run"]),
            (&json!("done"), &json!(1), &json!(0), &json!(1)),
            "{done}"
        );
        assert_eq!(
            (&done["difference"]["counts"]["added"], &done["by"], &done["file_name"]),
            (&json!(1), &json!("li"), &json!("made-1.0.0.zip"))
        );
        let draft = ask(site, &li, "GET", "/v1/datasets/made/draft", None);
        assert_eq!(draft.json()["revision"], done["revision"]);
        assert_eq!(draft.json()["import"]["file_name"], "1.0.0/factors.csv");
        let ground = site.ground();
        desk::submit(ground, &"made".parse().unwrap(), &desk::VersionWish::Auto, "li").unwrap();
        tanyin::release::publish(ground, &"made".parse().unwrap(), "wang").unwrap();
        // a form, with the table alone
        let table = String::from_utf8(package("0.7").table()).unwrap();
        let form = |fields: &str| {
            format!("{fields}--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"表.csv\"\r\n\r\n{table}\r\n--x--\r\n")
        };
        let multipart = [("Content-Type", "multipart/form-data; boundary=x")];
        let field = "--x\r\nContent-Disposition: form-data; name=\"profile\"\r\n\r\npackage\r\n";
        let done = ended(site, &li, &upload(site, &li, IMPORTS, &multipart, form(field).as_bytes()));
        assert_eq!(
            (&done["state"], &done["difference"]["counts"]["number"], &done["file_name"]),
            (&json!("done"), &json!(1), &json!("表.csv")),
            "{done}"
        );
        // findings are told, and the draft stays
        let wrong = ended(site, &li, &upload(site, &li, &format!("{IMPORTS}?file_name=wrong.csv"), &[], package("0,7").table().as_slice()));
        assert_eq!(
            (&wrong["state"], &wrong["findings"]["error"], &wrong["items"][0]["rule"]),
            (&json!("refused"), &json!(1), &json!("decimal")),
            "{wrong}"
        );
        assert_eq!(ask(site, &li, "GET", "/v1/datasets/made/draft", None).json()["revision"], done["revision"]);
        let left: Vec<_> = std::fs::read_dir(ground.uploads()).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }
);

on_both!(
    fn an_import_is_followed_to_its_end(site: &Site) {
        let li = bearer(site, "li", Role::Steward);
        let rows = (0..20_000).map(|n| row(&format!("k/{n:05}"), &[])).collect();
        let accepted = upload(site, &li, IMPORTS, &[], &zipped(&PackageDraft::new("made", "1.0.0", rows)));
        let place = format!("{}/events", accepted.header("location").unwrap());
        let events = ask(site, &li, "GET", &place, None);
        assert_eq!(events.header("content-type"), Some("text/event-stream"));
        let text = events.text();
        let last = text.trim_end().rsplit("\n\n").next().unwrap();
        assert!(
            last.starts_with("event: end\ndata: {") && last.contains("\"state\":\"done\"") && last.contains("\"rows\":20000"),
            "{text}"
        );
        assert!(text.starts_with("event: progress\n"), "{text}");
        // once it has ended, the end is all there is to tell
        let again = ask(site, &li, "GET", &place, None).text();
        assert_eq!(again, format!("{last}\n\n"));
        assert_eq!(ask(site, &li, "GET", "/v1/imports/99/events", None).problem(), "no-import");
        for number in ["99", "x", "-1", "99999999999999999999", "%00"] {
            assert_eq!(ask(site, &li, "GET", &format!("/v1/imports/{number}"), None).problem(), "no-import", "{number}");
        }
    }
);

on_both!(
    fn what_cannot_be_uploaded_is_refused(site: &Site) {
        let li = bearer(site, "li", Role::Steward);
        let multipart = [("Content-Type", "multipart/form-data; boundary=x")];
        let form = |part: &str| format!("--x\r\n{part}\r\n--x--\r\n").into_bytes();
        let named = |name: &str| form(&format!("Content-Disposition: form-data; name=\"{name}\"\r\n\r\nv"));
        let table = package("1").table();
        for (path, headers, body, code) in [
            (IMPORTS, [].as_slice(), b"".as_slice(), "bad-request"),
            ("/v1/datasets/UPPER/imports", &[], &table, "no-dataset"),
            ("/v1/datasets/made/imports?profile=none", &[], &table, "invalid-parameter"),
            ("/v1/datasets/made/imports?profile=/etc/x.toml", &[], &table, "invalid-parameter"),
            ("/v1/datasets/made/imports?profile=../x.toml.toml", &[], &table, "invalid-parameter"),
            ("/v1/datasets/made/imports?discard_edits=yes", &[], &table, "invalid-parameter"),
            ("/v1/datasets/made/imports?file_name=..%2Fx", &[], &table, "invalid-parameter"),
            ("/v1/datasets/made/imports?file_name=a%00b", &[], &table, "invalid-parameter"),
            ("/v1/datasets/made/imports?file_name=.hidden", &[], &table, "invalid-parameter"),
            (IMPORTS, &multipart, b"--x--\r\n", "bad-request"),
            (IMPORTS, &multipart, b"no form at all", "bad-request"),
            (IMPORTS, &multipart, &named("colour"), "unknown-parameter"),
            (IMPORTS, &multipart, &named("profile"), "bad-request"),
            (IMPORTS, &[("Content-Type", "multipart/form-data")], &table, "bad-request"),
            ("/v1/datasets/made/imports?file_name=a&file_name=b", &[], &table, "bad-request"),
        ] {
            let refused = upload(site, &li, path, headers, body);
            assert_eq!(refused.problem(), code, "{path}: {}", refused.text());
        }
        let left: Vec<_> = std::fs::read_dir(site.ground().uploads()).map(|entries| entries.collect()).unwrap_or_default();
        assert!(left.is_empty(), "{left:?}");
        // an archive that leads out is an import that is refused
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        zip.start_file("../../escaped", zip::write::SimpleFileOptions::default()).unwrap();
        let refused = ended(site, &li, &upload(site, &li, IMPORTS, &[], &zip.finish().unwrap().into_inner()));
        assert_eq!(refused["state"], "refused");
        assert!(refused["message"].as_str().unwrap().contains("leads out"), "{refused}");
    }
);

/// An upload on disk that waits, on a site whose server does not run.
fn waiting(site: &Site, dataset: &str, table: &[u8]) -> i64 {
    let folder = format!("{:032x}", rand_like());
    let file = desk::upload_file(&site.ground().uploads().join(&folder), "factors.csv");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, table).unwrap();
    let dataset = dataset.parse().unwrap();
    let new = NewUpload {
        dataset: &dataset,
        actor: "li",
        folder: &folder,
        file_name: "factors.csv",
        bytes: 1,
        profile: None,
        discard_edits: false,
    };
    desk::enqueue(site.ground(), &new).unwrap()
}

fn rand_like() -> u128 {
    static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(1);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed).into()
}

fn state(site: &Site, id: i64) -> JobState {
    desk::job(site.ground(), id).unwrap().0.state
}

on_both!(
    fn a_job_that_was_cut_short_runs_once_more(site: &Site) {
        site.publish(&package("0.5"));
        let ground = site.ground();
        let begin = || ground.database().unwrap().write(|c| store::job_begin(c, "2026-01-01T00:00:00Z")).unwrap().unwrap();
        let first = waiting(site, "made", &package("0.6").table());
        // cut short twice
        for attempt in 1..=2 {
            assert_eq!((begin().attempts, state(site, first)), (attempt, JobState::Running));
            assert_eq!(desk::recover_jobs(ground).unwrap(), 1);
        }
        let (job, outcome) = desk::job(ground, first).unwrap();
        assert_eq!(job.state, JobState::Interrupted);
        assert!(outcome.message.unwrap().contains("cut short twice"));
        // cut short once, and then run
        let second = waiting(site, "made", &package("0.6").table());
        begin();
        desk::recover_jobs(ground).unwrap();
        assert_eq!(desk::run_next(ground, &mut |_, _| {}).unwrap(), Some(second));
        let (job, outcome) = desk::job(ground, second).unwrap();
        assert_eq!((job.state, job.attempts, job.run.is_some(), outcome.revision.is_some()), (JobState::Done, 2, true, true));
        // cut short after it had become a run: done, and not run again
        let third = waiting(site, "made", &package("0.7").table());
        begin();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("factors.csv"), package("0.7").table()).unwrap();
        let dataset = "made".parse().unwrap();
        let request = desk::ImportRequest {
            path: &folder.path().join("factors.csv"),
            dataset: &dataset,
            actor: "li",
            dry_run: false,
            discard_edits: false,
            reading: desk::Reading::default(),
        };
        let run = desk::import(ground, &request, &mut |_| {}).unwrap().run;
        desk::recover_jobs(ground).unwrap();
        let (job, outcome) = desk::job(ground, third).unwrap();
        assert_eq!((job.state, job.run, job.attempts), (JobState::Done, run, 1));
        assert_eq!(outcome.import.unwrap()["difference"]["counts"]["number"], 1);
        assert_eq!(desk::run_next(ground, &mut |_, _| {}).unwrap(), None);
        // the queue is bounded
        for _ in 0..desk::MAX_WAITING {
            waiting(site, "made", b"key\n");
        }
        let full = desk::expect_room(ground).unwrap_err();
        assert!(full.is_refusal() && full.to_string().contains("32 imports wait"), "{full}");
        let folder = "f".repeat(32);
        let new =
            NewUpload { dataset: &dataset, actor: "li", folder: &folder, file_name: "f", bytes: 1, profile: None, discard_edits: false };
        assert!(desk::enqueue(ground, &new).is_err());
    }
);
