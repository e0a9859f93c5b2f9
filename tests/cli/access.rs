//! Policy and grants on the command line.

use serde_json::json;

use super::tanyin;
use crate::on_both;
use crate::site::{PackageDraft, row};

on_both!(
    fn a_dataset_is_restricted_and_granted(site: &Site) {
        site.publish(&PackageDraft::new("bought", "1.0.0", vec![row("k", &[])]));
        let run = |arguments: &[&str]| tanyin(site, arguments);
        let policy = run(&["dataset", "policy", "bought", "--restricted", "--json"]);
        assert_eq!((policy.code(), policy.json()), (0, json!({"dataset": "bought", "restricted": true})));
        assert_eq!(run(&["dataset", "policy", "bought"]).code(), 2, "something is to be said");
        assert_eq!(run(&["dataset", "policy", "bought", "--restricted", "--open"]).code(), 2);
        assert_eq!(run(&["dataset", "policy", "none", "--open"]).code(), 1);
        let token = run(&["token", "create", "Li", "--role", "reader", "--json"]).json()["id"].as_str().unwrap().to_owned();
        assert_eq!(run(&["token", "grant", &token, "none"]).code(), 1);
        assert_eq!(run(&["token", "grant", "0123456789abcdef", "bought"]).code(), 1);
        for _ in 0..2 {
            let granted = run(&["token", "grant", &token, "bought", "--json"]);
            assert_eq!((granted.code(), granted.json()), (0, json!({"token": token, "dataset": "bought", "granted": true})));
        }
        assert_eq!(run(&["token", "list", "--json"]).json()["tokens"][0]["grants"], json!(["bought"]));
        assert!(run(&["token", "list"]).out().contains("bought"));
        assert_eq!(run(&["token", "revoke-grant", &token, "bought"]).code(), 0);
        let again = run(&["token", "revoke-grant", &token, "bought", "--json"]);
        assert_eq!((again.code(), &again.json()["error"]["code"]), (1, &json!("no-grant")), "{}", again.err());
        assert_eq!(run(&["token", "list", "--json"]).json()["tokens"][0]["grants"], json!([]));
        let events = run(&["events"]).out();
        for act in ["dataset.policy", "grant.create", "grant.revoke"] {
            assert_eq!(events.matches(&format!("\"{act}\"")).count(), 1, "{act}: {events}");
        }
        // the next release is sealed; whoever holds the data reads it
        let folder = tempfile::tempdir().unwrap();
        PackageDraft::new("bought", "2.0.0", vec![row("k", &[])]).write(folder.path());
        site.import(folder.path(), "bought").unwrap();
        assert_eq!(run(&["draft", "submit", "bought"]).code(), 0);
        assert_eq!(run(&["release", "publish", "bought"]).code(), 0);
        let found = run(&["lookup", "--dataset", "bought", "--key", "k", "--json"]);
        assert_eq!((found.code(), &found.json()["factor"]["value"]), (0, &json!("0.5366")), "{}", found.err());
        assert_eq!(run(&["verify", "bought@2.0.0"]).code(), 0);
    }
);
