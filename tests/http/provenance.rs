//! Where a number came from, as our JSON and as W3C PROV-JSON; the file that it was imported from.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tanyin::canon::Digest;

use super::{ok, refused};
use crate::site::{PackageDraft, row};
use crate::{on_both, on_bundled};

const HOME: &str = "/v1/datasets/cn-electricity-co2/releases";
const KEY: &str = "grid-average/cn-zj/2022";

on_bundled!(
    fn from_the_number_to_the_checkpoint(site: &Site) {
        let found = ok(site, &format!("{HOME}/1.2.0/provenance/{KEY}")).json();
        let factor = ok(site, &format!("{HOME}/1.2.0/factors/{KEY}"));
        let release = ok(site, &format!("{HOME}/1.2.0")).json();
        assert_eq!(found["digest"], factor.json()["digest"]);
        assert_eq!((&found["value"], &found["metric"], &found["per"]), (&json!("0.5153"), &json!("CO2"), &json!("kW.h")));
        let proof = ok(site, &format!("/v1/log/proof?dataset=cn-electricity-co2&version=1.2.0&key={KEY}")).json();
        assert_eq!(found["index"], proof["factor"]["index"]);
        // the cell of the document, and the row of the file, as they stand in the package
        let source = &found["source"];
        assert_eq!((&source["value_text"], &source["unit_text"]), (&json!("0.5153"), &json!("kgCO2/kWh")));
        assert_eq!((&source["document"]["id"], &source["level"]), (&json!("mee-2024-33"), &json!("secondary")));
        assert!(source["citation"].as_str().unwrap().contains("公告2024年第33号") && source["locator"].as_str().unwrap().contains("浙江"));
        let row_of = |table: &str| table.lines().position(|line| line.starts_with(KEY)).unwrap() + 1;
        assert_eq!(found["read"], json!({"row": row_of(include_str!("../../datasets/cn-electricity-co2/1.2.0/factors.csv"))}));
        let file = include_bytes!("../../datasets/cn-electricity-co2/1.2.0/factors.csv");
        let kept = json!({"digest": Digest::of(file), "bytes": file.len(), "kept": true, "redistributable": true, "href": format!("{HOME}/1.2.0/source")});
        assert_eq!(found["file"], kept);
        assert_eq!(found["import"]["source"], kept["digest"]);
        // release, leaf, checkpoint
        for member in ["manifest", "record", "root", "leaf", "published_at", "withdrawn"] {
            assert_eq!(found["release"][member], release[member], "{member}");
        }
        let record = ok(site, &format!("{HOME}/1.2.0/files/release.record.json")).json();
        assert_eq!(
            (&found["import"], &found["submitted"], &found["published"]),
            (&record["import"], &record["submitted"], &record["published"])
        );
        let checkpoint = ok(site, "/log/checkpoint").text();
        let said = &found["checkpoint"];
        let text = format!("{}\n{}\n{}\n", said["origin"].as_str().unwrap(), said["size"], said["root"].as_str().unwrap());
        assert!(checkpoint.starts_with(&text), "{checkpoint}");
        // the line is as old as the release before
        assert_eq!(found["first"]["version"], "1.1.0");
        assert_eq!(found["first"]["row"], row_of(include_str!("../../datasets/cn-electricity-co2/1.1.0/factors.csv")));
        let before = ok(site, &format!("{HOME}/1.1.0/provenance/{KEY}")).json();
        assert_eq!(before["first"]["version"], "1.1.0");
        assert_eq!((&found["inputs"], &found["dependents"], &found["reviews"]), (&json!([]), &json!(0), &json!([])));
    }
);

on_bundled!(
    fn it_is_found_from_the_factor_and_under_moving_names(site: &Site) {
        let factor = ok(site, &format!("{HOME}/latest/factors/{KEY}"));
        let link = format!("<{HOME}/1.2.0/provenance/{KEY}>; rel=\"http://www.w3.org/ns/prov#has_provenance\"");
        assert!(factor.all("link").contains(&link.as_str()), "{:?}", factor.all("link"));
        let pinned = ok(site, &format!("{HOME}/1.2.0/provenance/{KEY}"));
        assert_eq!(pinned.header("cache-control"), Some("public, max-age=60"));
        for query in ["", "?format=json", "?format=prov"] {
            let moving = ok(site, &format!("{HOME}/%5E1/provenance/grid-average%2Fcn-zj%2F2022{query}"));
            let rest = if query == "?format=prov" { query } else { "" };
            assert_eq!(moving.header("content-location"), Some(format!("{HOME}/1.2.0/provenance/{KEY}{rest}").as_str()));
            assert_eq!(moving.body == pinned.body, rest.is_empty());
        }
        let etag = pinned.header("etag").unwrap();
        assert_eq!(site.get_with(&format!("{HOME}/1.2.0/provenance/{KEY}"), &[("If-None-Match", etag)]).status, 304);
        let problem = refused(site, &format!("{HOME}/1.2.0/provenance/{KEY}?format=xml"), "invalid-parameter");
        assert_eq!(problem["valid"], json!(["json", "prov"]));
        refused(site, &format!("{HOME}/1.2.0/provenance/grid-average/cn-zj/1999"), "no-factor");
        refused(site, &format!("{HOME}/9.9.9/provenance/{KEY}"), "no-release");
        refused(site, "/v1/datasets/none/releases/1.0.0/provenance/k", "no-dataset");
    }
);

on_both!(
    fn a_kept_line_tells_both_places(site: &Site) {
        let old = row("a", &[("value", "0.50"), ("locator", "p. 1"), ("value_text", "0.50")]);
        site.publish(&PackageDraft::new("made", "1.0.0", vec![row("0", &[]), old]));
        let new = row("a", &[("value", "0.5"), ("locator", "p. 9"), ("value_text", "0.5")]);
        site.publish(&PackageDraft::new("made", "1.1.0", vec![new, row("0", &[]), row("b", &[])]));
        site.wait_for_facts(2);
        let found = ok(site, "/v1/datasets/made/releases/1.1.0/provenance/a").json();
        assert_eq!((&found["value"], &found["source"]["locator"]), (&json!("0.50"), &json!("p. 1")));
        let read = json!({"row": 2, "source": {"id": "doc", "locator": "p. 9", "value_text": "0.5"}, "value": "0.5"});
        assert_eq!(found["read"], read);
        assert_eq!((&found["first"]["version"], &found["first"]["row"]), (&json!("1.0.0"), &json!(3)));
        let fresh = ok(site, "/v1/datasets/made/releases/1.1.0/provenance/b").json();
        assert_eq!((&fresh["read"], &fresh["first"]["version"]), (&json!({"row": 4}), &json!("1.1.0")));
        // without the places, as on a server that copied the release, the row is not known
        let places: Digest = found["import"]["places"].as_str().unwrap().parse().unwrap();
        std::fs::remove_file(site.ground().blobs().path(places)).unwrap();
        let bare = ok(site, "/v1/datasets/made/releases/1.1.0/provenance/a").json();
        assert_eq!((&bare["read"], &bare["first"]["row"]), (&json!(null), &json!(3)));
    }
);

on_both!(
    fn inputs_dependents_and_approvals(site: &Site) {
        use tanyin::desk::{NewReview, VersionWish, approve, set_policy, submit};
        let dataset = "mid".parse().unwrap();
        site.publish(&PackageDraft::new("raw", "1.0.0", vec![row("x", &[])]));
        site.publish(&PackageDraft::new("mid", "1.0.0", vec![row("y", &[])]));
        set_policy(site.ground(), &dataset, 1, None, "admin").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let from = "raw@1.0.0#x;raw@1.0.0#none;far@2.0.0#z.";
        PackageDraft::new("mid", "1.0.1", vec![row("y", &[("derived_from", from)])]).write(folder.path());
        site.import(folder.path(), "mid").unwrap();
        submit(site.ground(), &dataset, &VersionWish::Package, "steward").unwrap();
        let review = NewReview { reviewer: "王 芳 <x>", comment: "seen", signature: None };
        approve(site.ground(), &dataset, &review).unwrap();
        tanyin::release::publish(site.ground(), &dataset, "publisher").unwrap();
        site.publish(&PackageDraft::new("top", "1.0.0", vec![row("z", &[("derived_from", "mid@1.0.1#y")])]));
        tanyin::release::withdraw(site.ground(), &"raw".parse().unwrap(), &"1.0.0".parse().unwrap(), "wrong", "reviewer").unwrap();
        site.wait_for_facts(5);
        let found = ok(site, "/v1/datasets/mid/releases/1.0.1/provenance/y").json();
        let inputs: Vec<(&str, bool)> = found["inputs"]
            .as_array()
            .unwrap()
            .iter()
            .map(|input| (input["known"].as_str().unwrap(), input["withdrawn"].is_object()))
            .collect();
        assert_eq!(inputs, [("no", false), ("release", true), ("factor", true)]);
        assert_eq!((&found["dependents"], &found["release"]["approvals_required"]), (&json!(1), &json!(1)));
        assert_eq!((&found["reviews"][0]["by"], &found["reviews"][0]["comment"]), (&json!("王 芳 <x>"), &json!("seen")));
        assert_eq!((&found["published"]["by"], &found["notices"][0]["by"]), (&json!("publisher"), &json!("raw@1.0.0")));
        let document = ok(site, "/v1/datasets/mid/releases/1.0.1/provenance/y?format=prov").json();
        let of = assert_prov(&document);
        assert!(of.contains("here:people/%E7%8E%8B%20%E8%8A%B3%20%3Cx%3E"), "{of:?}");
        assert!(of.contains("here:datasets/far/releases/2.0.0/factors/z%2E"), "{of:?}");
        let input = ok(site, "/v1/datasets/raw/releases/1.0.0/factors/x").json()["digest"].as_str().unwrap().to_owned();
        assert!(of.contains(input.as_str()), "{of:?}");
        let review = &document["activity"]["here:datasets/mid/releases/1.0.1/reviews/1"];
        assert_eq!(review["tanyin:comment"], "seen", "{document}");
    }
);

/// A relation's two arguments, and what each of them is.
const RELATIONS: [(&str, [(&str, &str); 2]); 6] = [
    ("wasGeneratedBy", [("prov:entity", "entity"), ("prov:activity", "activity")]),
    ("used", [("prov:activity", "activity"), ("prov:entity", "entity")]),
    ("wasDerivedFrom", [("prov:generatedEntity", "entity"), ("prov:usedEntity", "entity")]),
    ("wasAssociatedWith", [("prov:activity", "activity"), ("prov:agent", "agent")]),
    ("wasAttributedTo", [("prov:entity", "entity"), ("prov:agent", "agent")]),
    ("hadMember", [("prov:collection", "entity"), ("prov:entity", "entity")]),
];

/// Whether a text is a qualified name (PROV-N, 3.7.1) with a declared prefix; of the letters, ASCII alone.
fn is_qualified(name: &str, prefixes: &Value) -> bool {
    let Some((prefix, local)) = name.split_once(':') else { return false };
    let bytes = local.as_bytes();
    let fits = |(place, byte): (usize, &u8)| match byte {
        b'%' => bytes.get(place + 1..place + 3).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit)),
        b'-' => place > 0,
        b'.' => place > 0 && place + 1 < bytes.len(),
        byte => byte.is_ascii_alphanumeric() || b"_/@~&+*?#$!".contains(byte),
    };
    prefixes[prefix].is_string() && !local.is_empty() && bytes.iter().enumerate().all(fits)
}

/// Asserts that a document is PROV-JSON whose names are well formed and all declared; gives the names of its things.
#[track_caller]
fn assert_prov(document: &Value) -> BTreeSet<String> {
    let prefixes = &document["prefix"];
    assert_eq!(prefixes["prov"], "http://www.w3.org/ns/prov#");
    for uri in prefixes.as_object().unwrap().values() {
        url::Url::parse(uri.as_str().unwrap()).unwrap();
    }
    let (mut things, mut relations) = (BTreeSet::new(), BTreeSet::new());
    for (member, all) in document.as_object().unwrap().iter().filter(|(member, _)| *member != "prefix") {
        let relation = RELATIONS.iter().find(|(name, _)| name == member);
        assert!(relation.is_some() || ["entity", "activity", "agent"].contains(&member.as_str()), "{member}");
        for (id, attributes) in all.as_object().unwrap() {
            match relation {
                None => {
                    assert!(is_qualified(id, prefixes), "{id}");
                    things.insert(id.clone());
                }
                Some((_, arguments)) => {
                    assert!(id.starts_with("_:") && relations.insert(id.clone()), "{id}");
                    for (argument, kind) in arguments {
                        let thing = attributes[argument].as_str().unwrap();
                        assert!(document[kind][thing].is_object(), "{member} {id}: {thing} is no {kind}");
                    }
                }
            }
            for (name, value) in attributes.as_object().unwrap() {
                assert!(is_qualified(name, prefixes), "{name}");
                assert_value(name, value, prefixes);
            }
        }
    }
    things
}

/// Attributes are texts, or texts with a type or language, or lists of those; times are times.
#[track_caller]
fn assert_value(name: &str, value: &Value, prefixes: &Value) {
    if ["prov:startTime", "prov:endTime", "prov:time"].contains(&name) {
        value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
        return;
    }
    match value {
        Value::Array(values) => values.iter().for_each(|value| assert_value(name, value, prefixes)),
        Value::Object(typed) => {
            let text = typed["$"].as_str().unwrap();
            match (typed.get("type").and_then(Value::as_str), typed.get("lang").and_then(Value::as_str)) {
                (Some("prov:QUALIFIED_NAME"), None) => assert!(is_qualified(text, prefixes), "{text}"),
                (Some("xsd:integer"), None) => drop(text.parse::<i64>().unwrap()),
                (Some("xsd:decimal"), None) => drop(text.parse::<tanyin::factor::Decimal>().unwrap()),
                (Some("xsd:anyURI"), None) => drop(url::Url::parse(text).unwrap()),
                (None, Some("en" | "zh")) => {}
                other => panic!("{name}: {other:?}"),
            }
        }
        _ => assert!(value.is_string(), "{name}: {value}"),
    }
}

on_bundled!(
    fn every_bundled_factor_has_a_sound_prov_document(site: &Site) {
        for (dataset, version) in [
            ("cn-electricity-co2", "1.2.0"),
            ("cn-electricity-footprint", "1.1.0"),
            ("ipcc-gwp", "1.0.0"),
            ("ipcc-stationary-combustion", "1.0.0"),
        ] {
            let home = format!("/v1/datasets/{dataset}/releases/{version}");
            let lines = ok(site, &format!("{home}/files/factors.ndjson")).text();
            for line in lines.lines().step_by(17) {
                let factor: Value = serde_json::from_str(line).unwrap();
                let document = ok(site, &format!("{home}/provenance/{}?format=prov", factor["key"].as_str().unwrap())).json();
                let things = assert_prov(&document);
                let own = Digest::of(line.as_bytes()).to_string();
                assert!(things.contains(&own), "{own}: {things:?}");
                assert_eq!(document["entity"][&own]["prov:value"], json!({"$": factor["value"], "type": "xsd:decimal"}));
            }
        }
    }
);

on_bundled!(
    fn prov_tells_who_made_what_from_what(site: &Site) {
        let document = ok(site, &format!("{HOME}/1.2.0/provenance/{KEY}?format=prov")).json();
        let relation = |name: &str, matching: &[(&str, &str)]| {
            let all = document[name].as_object().unwrap().values();
            all.filter(|own| matching.iter().all(|(argument, id)| own[argument] == **id)).cloned().collect::<Vec<Value>>()
        };
        let found = ok(site, &format!("{HOME}/1.2.0/provenance/{KEY}")).json();
        let line = found["digest"].as_str().unwrap();
        let made = relation("wasGeneratedBy", &[("prov:entity", line)]);
        assert_eq!(made.len(), 1);
        let import = made[0]["prov:activity"].as_str().unwrap();
        assert_eq!(
            document["activity"][import]["tanyin:fileName"], "1.1.0/factors.csv",
            "the import of the release that had the line first"
        );
        let primary = relation("wasDerivedFrom", &[("prov:usedEntity", "here:datasets/cn-electricity-co2/sources/mee-2024-33")]);
        assert_eq!(primary[0]["prov:type"], json!({"$": "prov:PrimarySource", "type": "prov:QUALIFIED_NAME"}));
        let file = found["first"]["import"]["source"].as_str().unwrap();
        assert_eq!(relation("used", &[("prov:activity", import), ("prov:entity", file)]).len(), 1);
        let manifest = found["release"]["manifest"].as_str().unwrap();
        assert_eq!(relation("hadMember", &[("prov:collection", manifest), ("prov:entity", line)]).len(), 1);
        let publication = "here:datasets/cn-electricity-co2/releases/1.2.0/publication";
        assert_eq!(relation("wasAssociatedWith", &[("prov:activity", publication)]).len(), 2, "the publisher and the program");
        assert_eq!(document["agent"]["here:programs/tanyin%200.1.0"]["prov:type"]["$"], "prov:SoftwareAgent");
        // the document names no host, so that it is the same from every address
        let other = site.get_with(&format!("{HOME}/1.2.0/provenance/{KEY}?format=prov"), &[("Host", "other.example")]);
        assert_eq!(other.json(), document);
    }
);

on_bundled!(
    fn the_imported_file_comes_as_it_was_read(site: &Site) {
        let file = ok(site, &format!("{HOME}/1.2.0/source"));
        assert!(file.body == include_bytes!("../../datasets/cn-electricity-co2/1.2.0/factors.csv"));
        for (header, value) in [
            ("etag", format!("\"sha256-{}\"", Digest::of(&file.body).to_hex())),
            ("content-type", "text/csv; charset=utf-8".to_owned()),
            ("content-disposition", "attachment; filename=\"cn-electricity-co2-1.2.0-source.csv\"".to_owned()),
            ("cache-control", "public, max-age=31536000, immutable".to_owned()),
            ("x-content-type-options", "nosniff".to_owned()),
        ] {
            assert_eq!(file.all(header), [value.as_str()], "{header}");
        }
        let part = site.get_with(&format!("{HOME}/1.2.0/source"), &[("Range", "bytes=0-2")]);
        assert_eq!((part.status, part.body.as_slice()), (206, b"key".as_slice()));
        let moving = ok(site, &format!("{HOME}/latest/source"));
        assert_eq!(moving.header("content-location"), Some(format!("{HOME}/1.2.0/source").as_str()));
        assert_eq!(moving.header("cache-control"), Some("public, max-age=5"));
        refused(site, &format!("{HOME}/9.9.9/source"), "no-release");
    }
);

on_bundled!(
    fn a_file_under_a_narrow_licence_is_not_passed_on(site: &Site) {
        let release = ok(site, "/v1/datasets/ipcc-stationary-combustion/releases/1.0.0").json();
        assert_eq!(release["licences"][0]["redistribution"], "values_only");
        let problem = refused(site, "/v1/datasets/ipcc-stationary-combustion/releases/1.0.0/source", "not-redistributable");
        assert_eq!((&problem["status"], &problem["source"]), (&json!(403), &release["sources"]));
        let key = "combustion/anthracite/energy-industries";
        let found = ok(site, &format!("/v1/datasets/ipcc-stationary-combustion/releases/1.0.0/provenance/{key}")).json();
        assert_eq!(found["file"]["digest"], problem["digest"]);
        assert_eq!(
            (&found["file"]["kept"], &found["file"]["redistributable"], &found["file"]["href"]),
            (&json!(true), &json!(false), &json!(null))
        );
    }
);

on_both!(
    fn a_file_that_is_gone_is_told_apart(site: &Site) {
        let mut narrow = PackageDraft::new("two-licences", "1.0.0", vec![row("a", &[])]);
        narrow.description["licenses"] =
            json!([{"name": "CC0-1.0", "redistribution": "full"}, {"name": "LicenseRef-closed", "redistribution": "values_only"}]);
        site.publish(&narrow);
        site.publish(&PackageDraft::new("gone", "1.0.0", vec![row("a", &[("value", "0.7")])]));
        site.wait_for_facts(2);
        refused(site, "/v1/datasets/two-licences/releases/1.0.0/source", "not-redistributable");
        let path = "/v1/datasets/gone/releases/1.0.0/source";
        let digest = Digest::of(&ok(site, path).body);
        std::fs::remove_file(site.ground().blobs().path(digest)).unwrap();
        let problem = refused(site, path, "no-source-file");
        assert_eq!((&problem["status"], &problem["digest"]), (&json!(404), &json!(digest)));
        let found = ok(site, "/v1/datasets/gone/releases/1.0.0/provenance/a").json();
        assert_eq!((&found["file"]["kept"], &found["file"]["href"]), (&json!(false), &json!(null)));
        assert_eq!(found["read"]["row"], 2);
    }
);
