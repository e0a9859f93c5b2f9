//! Deltas and webhooks on the command line.

use serde_json::json;

use super::tanyin;
use crate::on_both;
use crate::site::receiver::Receiver;
use crate::site::{PackageDraft, row};

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
