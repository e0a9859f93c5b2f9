//! Whether the server lives and can answer.

use serde_json::json;

use super::ok;
use crate::site::{PackageDraft, row};
use crate::{on_both, on_bundled};

on_bundled!(
    fn it_lives_and_says_how_much_it_knows(site: &Site) {
        let lives = ok(site, "/healthz");
        assert_eq!(lives.json(), json!({"status": "ok"}));
        let ready = ok(site, "/readyz");
        let wanted = json!({"status": "ready", "facts": 7, "datasets": 4, "version": env!("CARGO_PKG_VERSION")});
        assert_eq!(ready.json(), wanted);
        for response in [lives, ready] {
            assert_eq!(response.header("cache-control"), Some("no-store"));
        }
        assert_eq!(site.send("HEAD", "/healthz", &[], None).status, 200);
    }
);

on_both!(
    fn an_empty_server_answers(site: &Site) {
        assert_eq!(ok(site, "/v1/datasets").json(), json!({"datasets": []}));
        let factors = ok(site, "/v1/factors?facets=none").json();
        assert_eq!(factors, json!({"factors": [], "total": 0, "next": null, "facets": {}}));
        assert_eq!(ok(site, "/readyz").json()["facts"], 0);
        assert_eq!(site.get("/v1/lookup?dataset=made&key=a").problem(), "no-dataset");

        site.publish(&PackageDraft::new("made", "1.0.0", vec![row("a", &[])]));
        site.wait_for_facts(1);
        assert_eq!(ok(site, "/v1/lookup?dataset=made&key=a").json()["factor"]["value"], "0.5366");
    }
);
