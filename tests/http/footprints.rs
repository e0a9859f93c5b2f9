//! PACT's own routes: lists, filters, pages, one by id, and who sees what.

use serde_json::{Value, json};
use tanyin::canon::Digest;
use tanyin::dataset::Role;
use tanyin::desk::{NewToken, create_token, grant, set_restricted};
use tanyin::release::{FlagOf, flag, restore, unflag, withdraw};

use super::ok;
use crate::on_both;
use crate::site::{PackageDraft, Response, Site, row};

const STATED: &str = "cpc-2.1=41211;pact-exempted-emissions-percent=0.5;pact-fossil-carbon-content=0;pact-fossil-ghg-emissions=2.31;\
                      pact-pcf-including-biogenic-uptake=2.31";

fn steel(dataset: &str, version: &str, values: &[(&str, &str, &str)]) -> PackageDraft {
    let rows = values.iter().map(|(key, value, region)| {
        row(
            key,
            &[
                ("kind", "product-lifecycle"),
                ("activity", "metal/steel"),
                ("name_en", "Steel"),
                ("metric", "CO2e"),
                ("per", "kg"),
                ("value", value),
                ("region", region),
                ("year", "2023"),
                ("gwp", "ipcc-ar6-wg1-7.15-gwp100"),
                ("boundary", "cradle-to-gate"),
                ("rule", "ISO14067"),
                ("classifications", STATED),
            ],
        )
    });
    let mut package = PackageDraft::new(dataset, version, rows.collect());
    package.description["contributors"] = json!([{"title": "Steelworks", "roles": ["publisher"]}]);
    package
}

fn data(response: &Response) -> Vec<Value> {
    assert_eq!(response.status, 200, "{}", response.text());
    response.json()["data"].as_array().unwrap().clone()
}

#[track_caller]
fn refused(response: &Response, status: u16, code: &str) {
    assert_eq!((response.status, response.json()["code"].as_str()), (status, Some(code)), "{}", response.text());
    assert!(response.json()["message"].as_str().is_some_and(|message| !message.is_empty()));
    assert_eq!(response.header("content-type"), Some("application/json"));
}

/// Every footprint of a list, page by page, by the links alone.
fn all(site: &Site, path: &str) -> Vec<Value> {
    let (mut found, mut next) = (Vec::new(), path.to_owned());
    for _ in 0..100 {
        let response = ok(site, &next);
        found.extend(data(&response));
        let Some(link) = response.header("link").map(str::to_owned) else { return found };
        let (link, rest) = link.trim_start_matches('<').split_once('>').unwrap();
        assert_eq!(rest, "; rel=\"next\"");
        next = link.strip_prefix(site.address()).unwrap_or_else(|| panic!("{link} is not absolute")).to_owned();
    }
    panic!("the pages have no end")
}

on_both!(
    fn versions_of_a_footprint_are_its_life(site: &Site) {
        site.publish(&steel("works", "1.0.0", &[("a", "2.30", "CN"), ("b", "2.50", "CN-HE")]));
        site.publish(&steel("works", "1.1.0", &[("a", "2.31", "CN"), ("b", "2.50", "CN-HE")]));
        site.address();
        site.wait_for_facts(2);
        let found = all(site, "/3/footprints");
        let seen: Vec<(&str, &str)> =
            found.iter().map(|one| (one["pcf"]["pcfExcludingBiogenicUptake"].as_str().unwrap(), one["status"].as_str().unwrap())).collect();
        assert_eq!(seen, [("2.31", "Active"), ("2.50", "Active"), ("2.30", "Deprecated")]);
        assert_eq!(found[0]["precedingPfIds"], json!([found[2]["id"]]));
        assert_eq!(found[1].get("precedingPfIds"), None);
        for one in &found {
            let id = one["id"].as_str().unwrap();
            assert_eq!(ok(site, &format!("/3/footprints/{id}")).json(), json!({"data": one}));
            assert_eq!(ok(site, &format!("/3/footprints/{}", id.to_uppercase())).json()["data"]["id"], *id);
        }
        // page by page it is the same
        for limit in 1..4 {
            assert_eq!(all(site, &format!("/3/footprints?limit={limit}")), found);
        }
        // what the newest release no longer gives is deprecated as long as it is withdrawn
        let (dataset, version) = ("works".parse().unwrap(), "1.1.0".parse().unwrap());
        withdraw(site.ground(), &dataset, &version, "a misprint", "operator").unwrap();
        site.wait_for_facts(3);
        let status = |id: &Value| ok(site, &format!("/3/footprints/{}", id.as_str().unwrap())).json()["data"]["status"].clone();
        assert_eq!([&found[0], &found[1], &found[2]].map(|one| status(&one["id"])), ["Deprecated", "Active", "Active"]);
        restore(site.ground(), &dataset, &version, "it was right", "operator").unwrap();
        site.wait_for_facts(4);
        assert_eq!(all(site, "/3/footprints"), found);
    }
);

on_both!(
    fn filters_are_those_of_pact(site: &Site) {
        site.publish(&steel("works", "1.0.0", &[("a", "2.30", "CN"), ("b", "2.50", "CN-HE"), ("c", "1.9", "DE")]));
        let all = data(&ok(site, "/3/footprints"));
        let (product, company) = (all[0]["productIds"][0].as_str().unwrap(), all[0]["companyIds"][0].as_str().unwrap());
        let table = [
            (format!("productId={product}"), 3),
            (format!("productId={}", product.to_uppercase()), 3),
            ("productId=urn:bogus:x".to_owned(), 0),
            (format!("companyId={company}&companyId=urn:other:x"), 3),
            ("companyId=urn:bogus:x".to_owned(), 0),
            ("geography=DE".to_owned(), 1),
            ("geography=cn".to_owned(), 2),
            ("geography=CN-HE&geography=de".to_owned(), 2),
            ("geography=Eastern%20Asia".to_owned(), 2),
            ("geography=XX".to_owned(), 0),
            ("classification=urn:pact:productclassification:un-cpc:41211".to_owned(), 3),
            ("classification=urn:bogus:x".to_owned(), 0),
            ("status=active".to_owned(), 3),
            ("status=Deprecated".to_owned(), 0),
            ("status=BogusStatusValue".to_owned(), 0),
            ("validOn=2025-06-01T00:00:00Z".to_owned(), 3),
            ("validOn=1900-01-01T00:00:00Z".to_owned(), 0),
            ("validAfter=2023-06-01T00:00:00Z".to_owned(), 3),
            ("validAfter=2099-12-31T23:59:59Z".to_owned(), 0),
            ("validBefore=2030-01-01T00:00:00Z".to_owned(), 3),
            ("validBefore=1900-01-01T00:00:00Z".to_owned(), 0),
            ("status=Active&geography=DE".to_owned(), 1),
        ];
        for (query, count) in table {
            assert_eq!(data(&ok(site, &format!("/3/footprints?{query}"))).len(), count, "{query}");
        }
        for query in [
            "limit=x",
            "limit=0",
            "limit=1001",
            "limit=",
            "limit=-1",
            "limit=1.5",
            "validOn=yesterday",
            "validAfter=",
            "x-tanyin-after=x",
            "x-tanyin-after=a@b:c",
            "filter=x",
            "%24filter=x",
            "x-tanyin-incomplete=yes",
            "Limit=1",
            "x-other-id=1",
        ] {
            refused(&site.get(&format!("/3/footprints?{query}")), 400, "BadRequest");
        }
        let told = site.get("/3/footprints?region=CN").json()["message"].as_str().unwrap().to_owned();
        assert!(told.contains("geography"), "{told}");
        for id in ["x", "00000000-0000-8000-8000-000000000000", "%00", "works"] {
            refused(&site.get(&format!("/3/footprints/{id}")), 404, "NotFound");
        }
        refused(&site.send("POST", "/3/events", &[("Content-Type", "application/cloudevents+json")], Some(b"{}")), 400, "NotImplemented");
    }
);

on_both!(
    fn what_lacks_something_says_so(site: &Site) {
        let mut package = steel("works", "1.0.0", &[("a", "2.30", "CN")]);
        package.rows[0].insert("classifications".to_owned(), "cpc-2.1=41211".to_owned());
        site.publish(&package);
        let response = ok(site, "/3/footprints").json();
        assert_eq!((response["data"].as_array().unwrap().len(), &response["leftOut"]["incomplete"]), (0, &json!(1)));
        let given = data(&ok(site, "/3/footprints?x-tanyin-incomplete=include"));
        let comment = given[0]["comment"].as_str().unwrap();
        assert!(comment.contains("exemptedEmissionsPercent") && given[0]["pcf"].get("exemptedEmissionsPercent").is_none(), "{comment}");
        let path = format!("/3/footprints/{}", given[0]["id"].as_str().unwrap());
        refused(&site.get(&path), 404, "NotFound");
        assert_eq!(ok(site, &format!("{path}?x-tanyin-incomplete=include")).json()["data"], given[0]);
    }
);

on_both!(
    fn a_flag_raised_later_stands_in_the_comment(site: &Site) {
        site.publish(&steel("works", "1.0.0", &[("a", "2.30", "CN"), ("b", "2.50", "CN")]));
        let (dataset, version) = ("works".parse().unwrap(), "1.0.0".parse().unwrap());
        let of = FlagOf { dataset: &dataset, version: &version, key: "a", flag: "value_disputed" };
        site.address();
        site.wait_for_facts(1);
        let before = data(&ok(site, "/3/footprints"));
        flag(site.ground(), of, "the annex says 2.4", "operator/li").unwrap();
        site.wait_for_facts(2);
        let found = data(&ok(site, "/3/footprints"));
        let comment = found[0]["comment"].as_str().unwrap();
        for words in ["value_disputed", "operator/li", "the annex says 2.4"] {
            assert!(comment.contains(words), "{comment}");
        }
        assert_eq!((&found[0]["id"], &found[1]), (&before[0]["id"], &before[1]));
        let path = format!("/3/footprints/{}", found[0]["id"].as_str().unwrap());
        assert_eq!(ok(site, &path).json()["data"], found[0]);
        let of = FlagOf { dataset: &dataset, version: &version, key: "a", flag: "value_disputed" };
        unflag(site.ground(), of, "it was right", "operator/li").unwrap();
        site.wait_for_facts(3);
        assert_eq!(data(&ok(site, "/3/footprints")), before);
    }
);

on_both!(
    fn what_is_restricted_shows_to_nobody_else(site: &Site) {
        site.publish(&steel("open", "1.0.0", &[("a", "2.30", "CN")]));
        let folder = tempfile::tempdir().unwrap();
        steel("shut", "1.0.0", &[("a", "7.7", "CN")]).write(folder.path());
        site.import(folder.path(), "shut").unwrap();
        let shut = "shut".parse().unwrap();
        set_restricted(site.ground(), &shut, true, "operator").unwrap();
        site.publish(&steel("shut", "1.0.0", &[("a", "7.7", "CN")]));
        let mut values = steel("names", "1.0.0", &[("a", "8.8", "CN")]);
        values.description["licenses"] = json!([{"name": "LicenseRef-bought", "redistribution": "metadata_only"}]);
        site.publish(&values);
        site.address();
        site.wait_for_facts(3);
        let token = |name: &str, granted: bool| {
            let (token, shown) = create_token(site.ground(), &NewToken { name, role: Role::Reader, expires_at: None }, "operator").unwrap();
            if granted {
                grant(site.ground(), &token.id, &shut, "operator").unwrap();
            }
            shown.to_string()
        };
        let (stranger, granted) = (token("stranger", false), token("granted", true));
        let list = |token: Option<&str>| {
            let header = token.map(|token| format!("Bearer {token}"));
            let headers: Vec<(&str, &str)> = header.iter().map(|header| ("Authorization", header.as_str())).collect();
            site.get_with("/3/footprints", &headers)
        };
        let values = |response: &Response| -> Vec<String> {
            data(response).iter().map(|one| one["pcf"]["pcfExcludingBiogenicUptake"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(values(&list(None)), ["2.30"]);
        assert_eq!(values(&list(Some(&stranger))), ["2.30"]);
        assert_eq!(values(&list(Some(&granted))), ["2.30", "7.7"]);
        assert!(list(Some(&granted)).all("vary").contains(&"Authorization"));
        assert!(!list(None).text().contains("shut") && !list(Some(&stranger)).text().contains("7.7"));
        refused(&list(Some("wrong")), 401, "TokenExpired");
        let id = data(&list(Some(&granted)))[1]["id"].as_str().unwrap().to_owned();
        refused(&site.get(&format!("/3/footprints/{id}")), 404, "NotFound");
        let header = format!("Bearer {granted}");
        assert_eq!(site.get_with(&format!("/3/footprints/{id}"), &[("Authorization", &header)]).status, 200);
    }
);

on_both!(
    /// An id is made of a line: that of a sealed line, or that it changed, would let anybody check a guess.
    fn sealed_releases_leave_no_trace_in_the_life_of_an_open_one(site: &Site) {
        let turn = "turn".parse().unwrap();
        for (version, value, restricted) in [("1.0.0", "1.5", true), ("1.1.0", "2.5", false), ("2.0.0", "3.5", true)] {
            let package = steel("turn", version, &[("a", value, "CN"), ("b", "4.5", "CN")]);
            let folder = tempfile::tempdir().unwrap();
            package.write(folder.path());
            site.import(folder.path(), "turn").unwrap();
            // what stands already is no change
            drop(set_restricted(site.ground(), &turn, restricted, "operator"));
            site.publish(&package);
        }
        site.address();
        site.wait_for_facts(3);
        let told = data(&ok(site, "/3/footprints"));
        let open: Vec<&str> = told.iter().map(|one| one["pcf"]["pcfExcludingBiogenicUptake"].as_str().unwrap()).collect();
        assert_eq!(open, ["2.5", "4.5"]);
        for one in &told {
            assert!(one.get("precedingPfIds").is_none_or(|ids| ids == &json!([])), "{one}");
            assert_eq!(one["status"], "Active", "{one}");
        }
        let published = ok(site, "/v1/datasets/turn/releases/1.1.0").json()["published_at"].as_str().unwrap().to_owned();
        assert_eq!((&told[0]["created"], &told[1]["created"]), (&json!(published), &json!(published)));
    }
);

on_both!(
    fn a_client_of_pact_gets_its_token(site: &Site) {
        use base64::Engine;
        let (_, shown) =
            create_token(site.ground(), &NewToken { name: "client", role: Role::Reader, expires_at: None }, "operator").unwrap();
        let basic = |secret: &str| format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("client:{secret}")));
        let ask = |authorization: &str, body: &str| {
            let headers = [("Authorization", authorization), ("Content-Type", "application/x-www-form-urlencoded")];
            site.send("POST", "/auth/token", &headers, Some(body.as_bytes()))
        };
        let given = ask(&basic(&shown), "grant_type=client_credentials");
        assert_eq!((given.status, given.json()), (200, json!({"access_token": *shown, "token_type": "Bearer"})));
        assert_eq!(given.header("cache-control"), Some("no-store"));
        for (authorization, body, status, error) in [
            (basic("wrong"), "grant_type=client_credentials", 401, "invalid_client"),
            (basic(&"0".repeat(64)), "grant_type=client_credentials", 401, "invalid_client"),
            ("Basic ???".to_owned(), "grant_type=client_credentials", 401, "invalid_client"),
            (basic(&shown), "grant_type=password", 400, "unsupported_grant_type"),
            (basic(&shown), "", 400, "invalid_request"),
        ] {
            let refused = ask(&authorization, body);
            assert_eq!((refused.status, refused.json()["error"].as_str()), (status, Some(error)), "{}", refused.text());
        }
    }
);

on_both!(
    fn the_id_is_of_the_line(site: &Site) {
        let mut package = steel("works", "1.0.0", &[("a", "2.30", "CN")]);
        package.columns.push("published".to_owned());
        package.rows[0].insert("published".to_owned(), "2024-05-06".to_owned());
        site.publish(&package);
        let lines = ok(site, "/v1/datasets/works/releases/1.0.0/files/factors.ndjson").body;
        let id = tanyin::bulk::footprint_id(&"works".parse().unwrap(), &Digest::of(lines.trim_ascii_end()));
        assert_eq!(data(&ok(site, "/3/footprints"))[0]["id"], *id);
        let file = ok(site, "/v1/datasets/works/releases/1.0.0/files/pact.json").json();
        assert_eq!(file["data"], json!(data(&ok(site, "/3/footprints"))));
    }
);
