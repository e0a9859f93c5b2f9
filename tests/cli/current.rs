//! Deltas and webhooks on the command line.

use std::process::{Child, Command, Stdio};

use serde_json::json;

use super::tanyin;
use crate::on_both;
use crate::site::receiver::Receiver;
use crate::site::{PackageDraft, row};

/// Ends with its test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.0.kill().and_then(|()| self.0.wait()));
    }
}

on_both!(
    fn a_delta_is_made_and_applied(site: &Site) {
        let rows = |keys: &[&str]| keys.iter().map(|key| row(key, &[("name_en", key)])).collect::<Vec<_>>();
        let some = |regions: &[(&str, &str)]| regions.iter().map(|(key, region)| row(key, &[("region", region)])).collect::<Vec<_>>();
        site.publish(&PackageDraft::new("made", "1.0.0", some(&[("a", "CN"), ("b", "CN-ZJ")])));
        site.publish(&PackageDraft::new("made", "2.0.0", some(&[("a", "CN"), ("c", "CN-BJ")])));
        site.publish(&PackageDraft::new("other", "1.0.0", rows(&["x"])));
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let run = |arguments: &[&str]| tanyin(site, arguments);
        for version in ["1.0.0", "2.0.0"] {
            let name = format!("made@{version}");
            assert_eq!(run(&["export", &name, "--format", "ndjson", "-o", &at(version)]).code(), 0);
        }
        let made = run(&["delta", "make", "made", "1.0.0...2.0.0", "-o", &at("delta"), "--json"]);
        assert_eq!((made.code(), &made.json()["puts"], &made.json()["deletes"]), (0, &json!(1), &json!(1)), "{}", made.err());
        assert_eq!(run(&["delta", "make", "made", "1.0.0...2.0.0", "-o", "-"]).out().as_bytes(), std::fs::read(at("delta")).unwrap());
        let applied = run(&["delta", "apply", &at("1.0.0"), &at("delta"), "-o", &at("next")]);
        assert_eq!(applied.code(), 0, "{}", applied.err());
        assert_eq!(std::fs::read(at("next")).unwrap(), std::fs::read(at("2.0.0")).unwrap());

        std::fs::write(at("next"), "as it was").unwrap();
        let whole = std::fs::read(at("delta")).unwrap();
        std::fs::write(at("short"), &whole[..whole.len() - 20]).unwrap();
        for (base, delta, code) in [("2.0.0", "delta", "delta-base"), ("1.0.0", "short", "delta"), ("1.0.0", "2.0.0", "delta")] {
            let refused = run(&["delta", "apply", &at(base), &at(delta), "-o", &at("next"), "--json"]);
            assert_eq!((refused.code(), &refused.json()["error"]["code"]), (1, &json!(code)), "{}", refused.err());
            assert_eq!(std::fs::read_to_string(at("next")).unwrap(), "as it was");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 5, "nothing half done is left");
        for arguments in
            [&["delta", "make", "none", "1.0.0...2.0.0", "-o", "f"][..], &["delta", "make", "made", "1.0.0...9.0.0", "-o", "f"]]
        {
            assert_eq!(run(arguments).code(), 1, "{arguments:?}");
        }
        for arguments in [&["delta", "make", "made", "1.0.0", "-o", "f"][..], &["delta", "apply", "none", "none", "-o", "f"], &["delta"]] {
            assert_eq!(run(arguments).code(), 2, "{arguments:?}");
        }
    }
);

on_both!(
    /// The server is killed between sending and recording: what it sent is sent again under the same id, then what follows.
    fn a_killed_server_tells_it_again(site: &Site) {
        let regions = ["CN", "CN-ZJ"];
        for version in 0..2 {
            let rows = regions[..=version].iter().map(|region| row(&region.to_lowercase(), &[("region", region)])).collect();
            site.publish(&PackageDraft::new("made", &format!("1.{version}.0"), rows));
        }
        let receiver = Receiver::new();
        receiver.will_answer(&["hang"]);
        let arguments = ["webhook", "create", &receiver.url, "--dataset", "made", "--after", "-1", "--json"];
        let id = tanyin(site, &arguments).json()["id"].as_str().unwrap().to_owned();
        let serve = || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_tanyin"));
            command.args(["serve", "--listen", "127.0.0.1:0", "--webhook-allow", "127.0.0.1", "--database-url", &site.database]);
            Server(command.arg("--data-dir").arg(site.folder.path()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
        };
        let mut first = serve();
        receiver.wait_for(1);
        first.0.kill().unwrap();
        first.0.wait().unwrap();
        let database = site.ground().database().unwrap();
        let mut left = database.read(|c| tanyin::store::webhook_get(c, &id)).unwrap().unwrap();
        assert_eq!((left.seen, left.lease.is_some()), (-1, true), "nothing was recorded");
        // the minute that nobody else would tell it is over
        left.lease_until = Some("2020-01-01T00:00:00Z".to_owned());
        database.write(|c| tanyin::store::webhook_put(c, &left)).unwrap();
        let _second = serve();
        let notices = receiver.wait_for(3);
        assert_eq!(receiver.seqs(), [0, 0, 1]);
        assert_eq!(notices[0].headers["webhook-id"], notices[1].headers["webhook-id"]);
        assert_eq!(notices[0].body, notices[1].body);
    }
);

on_both!(
    fn a_webhook_from_beginning_to_end(site: &Site) {
        site.publish(&PackageDraft::new("made", "1.0.0", vec![row("a", &[])]));
        let receiver = Receiver::new();
        let run = |arguments: &[&str]| tanyin(site, arguments);
        let made = run(&["webhook", "create", &receiver.url, "--dataset", "made", "--type", "withdraw", "--by", "Li", "--json"]);
        assert_eq!(made.code(), 0, "{}", made.err());
        let id = made.json()["id"].as_str().unwrap().to_owned();
        assert!(made.json()["secret"].as_str().unwrap().starts_with("whsec_"));
        assert_eq!(run(&["webhook", "show", &id, "--json"]).json()["secret"], json!(null));
        assert!(run(&["webhook", "list"]).out().contains(&receiver.url));
        let refused = run(&["webhook", "test", &id, "--json"]);
        assert_eq!((refused.code(), &refused.json()["error"]["code"]), (1, &json!("not-delivered")), "{}", refused.err());
        assert_eq!(run(&["webhook", "test", &id, "--webhook-allow", "127.0.0.0/8"]).code(), 0);
        assert_eq!(receiver.notices().len(), 1);
        let listed = run(&["webhook", "deliveries", &id, "--json"]).json()["deliveries"].clone();
        assert_eq!((&listed[0]["outcome"], &listed[1]["outcome"]), (&json!("delivered"), &json!("failed")));
        for (arguments, code) in [
            (&["webhook", "create", "ftp://a.example"][..], "url"),
            (&["webhook", "create", "https://a.example", "--dataset", "none"], "no-dataset"),
            (&["webhook", "create", "https://a.example", "--type", "none"], "type"),
            (&["webhook", "create", "https://a.example", "--after", "9"], "after"),
            (&["webhook", "show", "none"], "no-webhook"),
        ] {
            let refused = run(&[arguments, &["--json"]].concat());
            assert_eq!((refused.code(), &refused.json()["error"]["code"]), (1, &json!(code)), "{arguments:?}");
        }
        assert_eq!(run(&["webhook", "test", &id, "--webhook-allow", "10.0.0.0/99"]).code(), 2);
        assert_eq!(run(&["webhook", "delete", &id]).code(), 0);
        assert_eq!(run(&["webhook", "list", "--json"]).json()["webhooks"], json!([]));
        let events = run(&["events"]).out();
        assert!(events.contains("webhook.delete") && !events.contains("whsec_"), "{events}");
    }
);
