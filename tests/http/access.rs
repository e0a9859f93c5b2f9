//! Who reads what: every way out, every kind of dataset, every kind of caller; and nothing hidden shows in what others get.

use std::fmt::Write as _;

use serde_json::{Value, json};
use tanyin::canon::Digest;
use tanyin::dataset::Role;
use tanyin::desk::{NewToken, create_token, grant, set_restricted};
use tanyin::http::ROUTES;

use crate::on_both;
use crate::site::{PackageDraft, Response, Site, row};

/// What a way out hands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Versions and standing: everybody gets an answer, and each as much as they may read.
    Versions,
    /// What factors are of.
    Names,
    /// Factors, files, proofs.
    Numbers,
    /// The publisher's file.
    Source,
    /// Nothing of one dataset alone, or nothing of it that is hidden; tested on its own.
    Elsewhere,
    /// Drafts, tokens, imports: by role, and not by what is released.
    Desk,
}

/// Every GET route, with what it hands on. A route without a row fails the test.
const WAYS: &[(&str, Way)] = &[
    ("/v1/datasets", Way::Elsewhere),
    ("/v1/datasets/{id}", Way::Versions),
    ("/v1/datasets/{id}/releases", Way::Versions),
    ("/v1/datasets/{id}/releases/{version}", Way::Versions),
    ("/v1/datasets/{id}/releases/{version}/factors/{key}", Way::Numbers),
    ("/v1/datasets/{id}/releases/{version}/dependents", Way::Names),
    ("/v1/datasets/{id}/releases/{version}/dependents/{key}", Way::Names),
    ("/v1/datasets/{id}/releases/{version}/files/{artefact}", Way::Numbers),
    ("/v1/datasets/{id}/releases/{version}/provenance/{key}", Way::Numbers),
    ("/v1/datasets/{id}/releases/{version}/certificate/{key}", Way::Numbers),
    ("/v1/datasets/{id}/releases/{version}/source", Way::Source),
    ("/v1/datasets/{id}/crosswalk", Way::Numbers),
    ("/v1/datasets/{id}/diff/{range}", Way::Numbers),
    ("/v1/datasets/{id}/delta/{range}", Way::Numbers),
    // tested in current.rs: the same for everybody
    ("/v1/events", Way::Elsewhere),
    ("/v1/feed.atom", Way::Elsewhere),
    ("/v1/webhooks", Way::Desk),
    ("/v1/webhooks/{id}", Way::Desk),
    ("/v1/webhooks/{id}/deliveries", Way::Desk),
    ("/v1/datasets/{id}/releases/{version}/quality", Way::Numbers),
    ("/v1/datasets/{id}/history/{key}", Way::Names),
    ("/v1/factors", Way::Names),
    ("/v1/factors/download", Way::Numbers),
    ("/v1/digests/{sha256}", Way::Elsewhere),
    ("/v1/lookup", Way::Numbers),
    ("/compat/climatiq/data/v1/search", Way::Elsewhere),
    ("/compat/climatiq/data/v1/data-versions", Way::Elsewhere),
    // of several datasets at once, each as far as it may be read: `products.rs`
    ("/v1/codes", Way::Elsewhere),
    ("/v1/codes/{scheme}/{code}", Way::Elsewhere),
    ("/v1/cbam/defaults", Way::Elsewhere),
    ("/v1/rules", Way::Elsewhere),
    ("/v1/rules/{id}", Way::Elsewhere),
    ("/v1/benchmark", Way::Elsewhere),
    ("/v1/compare", Way::Elsewhere),
    ("/v1/log/proof", Way::Numbers),
    ("/v1/imports/{number}", Way::Desk),
    ("/v1/imports/{number}/events", Way::Desk),
    ("/v1/datasets/{id}/draft", Way::Desk),
    ("/v1/datasets/{id}/draft/diff", Way::Desk),
    ("/v1/datasets/{id}/draft/factors/{key}", Way::Desk),
    ("/v1/tokens", Way::Desk),
    ("/3/footprints", Way::Elsewhere),
    ("/3/footprints/{footprint}", Way::Elsewhere),
    ("/log/checkpoint", Way::Elsewhere),
    ("/log/key", Way::Elsewhere),
    ("/log/tile/{path}", Way::Elsewhere),
    ("/v1/log/consistency", Way::Elsewhere),
    ("/healthz", Way::Elsewhere),
    ("/readyz", Way::Elsewhere),
    ("/problems/{code}", Way::Elsewhere),
];

/// Every file that hangs on a release.
const FILES: [&str; 11] = [
    "factors.csv",
    "factors.ndjson",
    "factors.parquet",
    "factors.sqlite",
    "factors.xlsx",
    "datapackage.json",
    "manifest.json",
    "SHA256SUMS",
    "release.tlog-proof",
    "release.record.json",
    "release.places.ndjson",
];

/// A dataset: its id, the class of its licence, whether it is restricted.
const DATASETS: [(&str, &str, bool); 5] = [
    ("open-full", "full", false),
    ("open-values", "values_only", false),
    ("names-alone", "metadata_only", false),
    ("nothing-at-all", "none", false),
    ("shut-in", "full", true),
];

const CALLERS: [&str; 6] = ["anonymous", "stranger", "granted", "steward", "reviewer", "admin"];

fn package(dataset: &str, class: &str, version: &str, count: usize, value: &str) -> PackageDraft {
    let rows = (0..count).map(|number| {
        let (key, value) = (format!("{dataset}-key/{number}"), format!("{value}{number}"));
        row(
            &key,
            &[
                ("activity", &format!("electricity/of-{dataset}")),
                ("name_en", &format!("Name in {dataset}")),
                ("value", &value),
                ("value_text", &value),
                ("note_en", &format!("The note says {value}")),
                ("derived_from", if dataset == "ground" { "" } else { "ground@1.0.0#ground-key/0" }),
                ("rule", if dataset == "ground" { "" } else { "half of it" }),
            ],
        )
    });
    let mut package = PackageDraft::new(dataset, version, rows.collect());
    package.description["title"] = json!(format!("Title of {dataset}"));
    package.description["description"] = json!(format!("Description of {dataset}"));
    package.description["licenses"] =
        json!([{"name": "CC0-1.0", "redistribution": "full"}, {"name": "LicenseRef-bought", "redistribution": class}]);
    package.description["sources"] =
        json!([{"id": "doc", "title": format!("Document of {dataset}"), "path": "https://publisher.example/doc"}]);
    package
}

fn restrict(site: &Site, dataset: &str) {
    let folder = tempfile::tempdir().unwrap();
    package(dataset, "full", "1.0.0", 1, "0.1").write(folder.path());
    site.import(folder.path(), dataset).unwrap();
    set_restricted(site.ground(), &dataset.parse().unwrap(), true, "operator").unwrap();
}

fn token(site: &Site, name: &str, role: Role, grants: &[&str]) -> String {
    let new = NewToken { name, role, expires_at: None };
    let (token, shown) = create_token(site.ground(), &new, "operator").unwrap();
    for dataset in grants {
        grant(site.ground(), &token.id, &dataset.parse().unwrap(), "operator").unwrap();
    }
    format!("Bearer {}", *shown)
}

/// `Authorization` of every caller; nothing for the anonymous one.
fn tokens(site: &Site, granted: &[&str]) -> Vec<(&'static str, Option<String>)> {
    let of = |caller: &'static str| match caller {
        "stranger" => Some(token(site, caller, Role::Reader, &[])),
        "granted" => Some(token(site, caller, Role::Reader, granted)),
        "steward" => Some(token(site, caller, Role::Steward, &[])),
        "reviewer" => Some(token(site, caller, Role::Reviewer, &[])),
        "admin" => Some(token(site, caller, Role::Admin, &[])),
        _ => None,
    };
    CALLERS.into_iter().map(|caller| (caller, of(caller))).collect()
}

#[track_caller]
fn ask(site: &Site, path: &str, token: Option<&str>) -> Response {
    match token {
        Some(token) => site.get_with(path, &[("Authorization", token)]),
        None => site.get(path),
    }
}

/// The table of who reads what, in words of its own: the status, and the code where it is a refusal.
fn expected(way: Way, (_, class, restricted): (&str, &str, bool), caller: &str) -> (u16, &'static str) {
    let rank = ["none", "metadata_only", "values_only", "full"].iter().position(|own| *own == class).unwrap();
    let wanted = match way {
        Way::Versions => return (200, ""),
        Way::Names => 1,
        Way::Numbers => 2,
        Way::Source => 3,
        Way::Elsewhere | Way::Desk => panic!("no one dataset's way out"),
    };
    match caller {
        "steward" | "reviewer" | "admin" => (200, ""),
        "granted" if way != Way::Source => (200, ""),
        "anonymous" if restricted => (401, "unauthorized"),
        "stranger" if restricted => (403, "forbidden"),
        _ if rank >= wanted => (200, ""),
        _ => (403, "not-redistributable"),
    }
}

/// The addresses of a route for a dataset.
fn addresses(route: &str, dataset: &str) -> Vec<String> {
    let key = format!("{dataset}-key/0");
    let path = route.replace("{id}", dataset).replace("{version}", "1.1.0").replace("{key}", &key).replace("{range}", "1.0.0...1.1.0");
    match route {
        "/v1/factors" => vec![format!("{path}?dataset={dataset}"), format!("{path}?dataset={dataset}@1.0.0&q=name")],
        "/v1/factors/download" => ["csv", "sqlite&manifest=zip", "ndjson&manifest=only"]
            .iter()
            .map(|format| format!("{path}?dataset={dataset}&format={format}"))
            .collect(),
        "/v1/lookup" => vec![
            format!("{path}?dataset={dataset}&key={key}"),
            format!("{path}?dataset={dataset}@1.0.0&key={key}&per=MJ&amount=2&unit=kW.h"),
        ],
        "/v1/log/proof" => {
            vec![format!("{path}?dataset={dataset}&version=1.1.0"), format!("{path}?dataset={dataset}&version=1.1.0&key={key}")]
        }
        route if route.ends_with("/crosswalk") => vec![format!("{path}?from=1.0.0&to=1.1.0")],
        route if route.contains("{artefact}") => FILES.iter().map(|file| path.replace("{artefact}", file)).collect(),
        route if route.contains("/delta/") => vec![path.clone(), path.replace("1.1.0", "latest")],
        route if route.contains("{range}") => vec![path.clone(), format!("{path}?format=csv"), format!("{path}?format=ndjson")],
        route if route.contains("provenance") => vec![path.clone(), format!("{path}?format=prov")],
        route if route.contains("{version}") => vec![path.clone(), path.replace("1.1.0", "latest"), path.replace("1.1.0", "%5E1")],
        _ => vec![path],
    }
}

/// What must not stand in an answer to this caller.
fn secrets(dataset: (&str, &str, bool), caller: &str, way: Way, digests: &[String]) -> Vec<String> {
    let (id, _, _) = dataset;
    let mut secrets = Vec::new();
    let way = if way == Way::Source { Way::Numbers } else { way };
    if way == Way::Source || expected(Way::Numbers, dataset, caller).0 != 200 {
        secrets.extend(["7.314", "7.315"].map(str::to_owned));
        secrets.extend(digests.iter().cloned());
        secrets.extend(["gases", "value_text", "percent", "derived_from", "\"sha256\""].map(str::to_owned));
    }
    if expected(Way::Names, dataset, caller).0 != 200 {
        secrets.extend([format!("Name in {id}"), format!("of-{id}"), format!("Document of {id}"), format!("Description of {id}")]);
        secrets.push("publisher.example".to_owned());
    }
    if dataset.2 && expected(Way::Names, dataset, caller).0 != 200 {
        secrets.push(format!("Title of {id}"));
    }
    secrets
}

fn filled(site: &Site) {
    site.publish(&package("ground", "full", "1.0.0", 1, "0.5"));
    restrict(site, "shut-in");
    for (dataset, class, _) in DATASETS {
        site.publish(&package(dataset, class, "1.0.0", 2, "7.314"));
        site.publish(&package(dataset, class, "1.1.0", 2, "7.315"));
    }
    site.address();
    site.wait_for_facts(11);
}

/// Digests of lines, manifests and roots of a dataset.
fn digests(site: &Site, dataset: &str, admin: &str) -> Vec<String> {
    let mut all = Vec::new();
    for version in ["1.0.0", "1.1.0"] {
        let home = format!("/v1/datasets/{dataset}/releases/{version}");
        let release = ask(site, &home, Some(admin)).json();
        all.extend(["manifest", "root", "record"].map(|name| release[name].as_str().unwrap().to_owned()));
        let lines = ask(site, &format!("{home}/files/factors.ndjson"), Some(admin)).body;
        all.extend(lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(|line| Digest::of(line).to_string()));
    }
    all.iter().map(|digest| digest.trim_start_matches("sha256:").to_owned()).collect()
}

#[test]
fn every_way_out_has_a_row() {
    for route in ROUTES.iter().filter(|route| route.method == "GET") {
        assert!(WAYS.iter().any(|(path, _)| *path == route.path), "{}: say in WAYS what it hands on", route.path);
    }
    for (path, _) in WAYS {
        assert!(ROUTES.iter().any(|route| route.path == *path), "{path} is no route any more");
    }
}

on_both!(
    fn every_cell(site: &Site) {
        filled(site);
        let tokens = tokens(site, &DATASETS.map(|(dataset, _, _)| dataset));
        let admin = tokens.last().unwrap().1.clone().unwrap();
        let (mut cells, mut wrong) = (0, String::new());
        for dataset in DATASETS {
            let digests = digests(site, dataset.0, &admin);
            for (route, way) in WAYS.iter().filter(|(_, way)| !matches!(way, Way::Elsewhere | Way::Desk)) {
                for (caller, token) in &tokens {
                    for path in addresses(route, dataset.0) {
                        let answer = ask(site, &path, token.as_deref());
                        cells += 1;
                        check(&answer, (*way, dataset, caller), (&path, &digests), &mut wrong);
                    }
                }
            }
        }
        assert_eq!(wrong, "");
        assert!(cells > 900, "{cells}");
    }
);

fn check(
    answer: &Response,
    (way, dataset, caller): (Way, (&str, &str, bool), &str),
    (path, digests): (&str, &[String]),
    wrong: &mut String,
) {
    let mut fail = |what: String| writeln!(wrong, "{caller}: {path}: {what}").unwrap();
    let (status, code) = expected(way, dataset, caller);
    if answer.status != status {
        return fail(format!("{} instead of {status}: {}", answer.status, answer.text()));
    }
    let text = answer.text();
    if status != 200 && answer.problem() != code {
        fail(format!("{text} instead of {code}"));
    }
    for secret in secrets(dataset, caller, way, digests) {
        if text.contains(&secret) || answer.headers.iter().any(|(_, value)| value.contains(&secret)) {
            fail(format!("it tells {secret}: {text}"));
        }
    }
    let cache = answer.header("cache-control").unwrap_or_default();
    if status != 200 {
        let told = answer.json();
        if cache != "no-store" {
            fail(format!("a refusal is cached: {cache}"));
        }
        if code == "not-redistributable" && (told["redistribution"] != dataset.1 || told["licences"][1]["id"] != "LicenseRef-bought") {
            fail(format!("it does not name licence and class: {told}"));
        }
        let names = dataset.1 == "metadata_only" || dataset.1 == "values_only";
        if code == "not-redistributable" && names && told["source"][0]["url"] != "https://publisher.example/doc" {
            fail(format!("it does not say where to get it: {told}"));
        }
        return;
    }
    let everybody = expected(Way::Numbers, dataset, "anonymous").0 == 200 && (way != Way::Source || dataset.1 == "full");
    let varies = answer.all("vary").iter().any(|vary| vary.contains("Authorization"));
    // what is built on a dataset may stand in any other
    let shared = everybody && !path.contains("/dependents");
    if cache.starts_with("public") != shared || varies == shared {
        fail(format!("Cache-Control: {cache}, Vary: {varies}"));
    }
}

on_both!(
    fn a_lookup_that_is_refused_tells_what_there_is(site: &Site) {
        filled(site);
        let refused = site.get("/v1/lookup?dataset=names-alone&activity=electricity/of-names-alone&key=names-alone-key/1");
        let told = match refused.status {
            403 => refused.json(),
            _ => site.get("/v1/lookup?dataset=names-alone&key=names-alone-key/1").json(),
        };
        let factor = json!({
            "activity": "electricity/of-names-alone", "key": "names-alone-key/1", "kind": "electricity-direct", "metric": "CO2",
            "name": {"en": "Name in names-alone"}, "per": "kW.h", "region": "CN", "source": {"id": "doc"}, "year": 2022
        });
        assert_eq!(told["factor"], factor);
        assert_eq!(told["cite"], "Document of names-alone; names-alone@1.1.0#names-alone-key/1");
        // of what is shut, an existing key and another get one and the same answer
        for dataset in ["shut-in", "nothing-at-all"] {
            let of = |key: &str| {
                [
                    "lookup?dataset=D&key=",
                    "datasets/D/releases/1.0.0/factors/",
                    "datasets/D/history/",
                    "log/proof?dataset=D&version=1.0.0&key=",
                ]
                .map(|path| site.get(&format!("/v1/{}{key}", path.replace('D', dataset))).text())
            };
            assert_eq!(of(&format!("{dataset}-key/0")), of("no-such-key"));
        }
        // a list shows what it may, and counts what it shows
        let page = site.get("/v1/factors?activity=electricity/*&facets=dataset,activity").json();
        assert_eq!(page["total"], 7);
        assert_eq!(page["facets"]["dataset"], json!({"ground": 1, "names-alone": 2, "open-full": 2, "open-values": 2}));
        let hidden: Vec<&Value> =
            page["factors"].as_array().unwrap().iter().filter(|item| item["release"]["dataset"] == "names-alone").collect();
        assert_eq!((hidden.len(), &hidden[0]["digest"], &hidden[0]["factor"]["value"]), (2, &Value::Null, &Value::Null));
        assert_eq!(hidden[0]["redistribution"], "metadata_only");
    }
);

on_both!(
    fn a_batch_is_answered_one_by_one(site: &Site) {
        filled(site);
        let tokens = tokens(site, &["shut-in"]);
        let lookups: Vec<Value> =
            DATASETS.iter().map(|(dataset, _, _)| json!({"dataset": dataset, "key": format!("{dataset}-key/0")})).collect();
        let body = json!({"lookups": lookups}).to_string();
        for (caller, token) in &tokens {
            let mut headers = vec![("Content-Type", "application/json")];
            headers.extend(token.as_deref().map(|token| ("Authorization", token)));
            let answer = site.send("POST", "/v1/lookup/batch", &headers, Some(body.as_bytes()));
            assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")));
            let told = answer.json();
            for (place, dataset) in DATASETS.iter().enumerate() {
                let granted = *caller == "granted" && dataset.0 != "shut-in";
                let (status, _) = expected(Way::Numbers, *dataset, if granted { "stranger" } else { caller });
                assert_eq!(told["results"][place]["status"], status, "{caller} {dataset:?}: {told}");
            }
        }
    }
);

on_both!(
    fn what_speaks_another_language_hands_on_no_more(site: &Site) {
        filled(site);
        let tokens = tokens(site, &["shut-in"]);
        let admin = tokens.last().unwrap().1.clone().unwrap();
        let home = "/compat/climatiq/data/v1";
        let all = ask(site, &format!("{home}/search?data_version=%5E1&results_per_page=500"), Some(&admin)).json();
        let ids: Vec<(String, String)> = all["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one["source_dataset"].as_str().unwrap().to_owned(), one["id"].as_str().unwrap().to_owned()))
            .collect();
        for (caller, token) in
            tokens.iter().map(|(caller, token)| (*caller, token.clone())).chain([("another key", Some("Bearer CLQ_KEY".to_owned()))])
        {
            let found = ask(site, &format!("{home}/search?data_version=%5E1&results_per_page=500"), token.as_deref());
            assert_eq!((found.status, found.header("vary")), (200, Some("Authorization")), "{caller}: {}", found.text());
            for dataset in DATASETS {
                let granted = caller == "granted" && dataset.0 != "shut-in";
                let known = if granted { "stranger" } else { caller };
                let (status, _) = expected(Way::Numbers, dataset, if known == "another key" { "anonymous" } else { known });
                let count = found.json()["results"].as_array().unwrap().iter().filter(|one| one["source_dataset"] == dataset.0).count();
                assert_eq!(count, if status == 200 { 2 } else { 0 }, "{caller} {dataset:?}");
                let selectors = [
                    json!({"data_version": "^1", "activity_id": format!("electricity/of-{}", dataset.0)}),
                    json!({"id": ids.iter().find(|(own, _)| own == dataset.0).unwrap().1}),
                ];
                for selector in selectors {
                    let body = json!({"emission_factor": selector, "parameters": {"energy": 1}}).to_string();
                    let headers: Vec<(&str, &str)> = token.as_deref().map(|token| ("Authorization", token)).into_iter().collect();
                    let answer = site.send("POST", &format!("{home}/estimate"), &headers, Some(body.as_bytes()));
                    assert_eq!(answer.status, if status == 200 { 200 } else { 400 }, "{caller} {body}: {}", answer.text());
                    assert!(status == 200 || !answer.text().contains("7.31"), "{}", answer.text());
                    assert!(status == 200 || !answer.text().contains(&format!("Name in {}", dataset.0)), "{}", answer.text());
                }
            }
            let restricted = expected(Way::Numbers, DATASETS[4], if caller == "another key" { "anonymous" } else { caller }).0 != 200;
            assert!(!restricted || !found.text().contains("shut-in"), "{caller}: {}", found.text());
        }
    }
);

on_both!(
    fn digests_are_looked_up_among_what_may_be_read(site: &Site) {
        filled(site);
        let tokens = tokens(site, &["shut-in"]);
        let admin = tokens.last().unwrap().1.clone().unwrap();
        let line = |dataset: &str| {
            let path = format!("/v1/datasets/{dataset}/releases/1.0.0/files/factors.ndjson");
            let lines = ask(site, &path, Some(&admin)).body;
            Digest::of(lines.split(|byte| *byte == b'\n').next().unwrap()).to_string()
        };
        let unknown = site.get(&format!("/v1/digests/{}", "0".repeat(64)));
        for dataset in DATASETS {
            let digest = line(dataset.0);
            for (caller, token) in &tokens {
                let granted = *caller == "granted" && dataset.0 != "shut-in";
                let (status, _) = expected(Way::Numbers, dataset, if granted { "stranger" } else { caller });
                let answer = ask(site, &format!("/v1/digests/{digest}"), token.as_deref());
                assert_eq!(answer.status, if status == 200 { 200 } else { 404 }, "{caller} {dataset:?}");
                if answer.status == 404 {
                    let shape = |answer: &Response| answer.text().replace(&digest, "D").replace(&format!("sha256:{}", "0".repeat(64)), "D");
                    assert_eq!(shape(&answer), shape(&unknown));
                }
            }
        }
    }
);

/// An address, and status, headers and text of its answer.
type Seen = (String, u16, Vec<(String, String)>, String);

/// Everything that somebody without a grant can see of a site with a hidden dataset.
fn seen(site: &Site, token: Option<&str>) -> Vec<Seen> {
    let mut paths: Vec<String> = [
        "/v1/datasets",
        "/v1/datasets/hidden",
        "/v1/datasets/hidden/releases",
        "/v1/datasets/hidden/releases/latest",
        "/v1/datasets/hidden/releases/%5E1",
        "/v1/factors",
        "/v1/factors?sort=-year&facets=dataset,kind,activity,region,year,category,flag",
        "/v1/factors?q=hidden",
        "/v1/factors/download?format=ndjson",
        "/v1/factors/download?format=csv&q=hidden",
        "/v1/factors/download?format=parquet&dataset=hidden",
        "/v1/factors?activity=electricity/*&limit=1",
        "/v1/factors?region=CN&year=2022&limit=1000",
        "/v1/datasets/ground/releases/1.0.0/dependents",
        "/v1/datasets/ground/releases/1.0.0/dependents/ground-key/0",
        "/v1/datasets/ground/releases/1.0.0/dependents?transitive=false&limit=1",
        "/v1/datasets/outer/releases/1.0.0/factors/outer-key/0",
        "/v1/datasets/outer/history/outer-key/0",
        "/v1/lookup?dataset=outer&activity=electricity/none&kind=electricity-direct",
        "/v1/lookup?dataset=outer&activity=electricity/of-hidden&kind=electricity-direct",
        "/v1/digests/0000000000000000000000000000000000000000000000000000000000000000",
    ]
    .map(str::to_owned)
    .into();
    for key in ["hidden-key/0", "hidden-key/1", "hidden-key/99", "none"] {
        paths.extend([
            format!("/v1/lookup?dataset=hidden&key={key}"),
            format!("/v1/lookup?dataset=hidden@1.0.0&key={key}&per=MJ"),
            format!("/v1/datasets/hidden/releases/1.0.0/factors/{key}"),
            format!("/v1/datasets/hidden/releases/1.0.0/provenance/{key}"),
            format!("/v1/datasets/hidden/releases/1.0.0/certificate/{key}"),
            format!("/v1/datasets/hidden/releases/1.0.0/dependents/{key}"),
            format!("/v1/datasets/hidden/history/{key}"),
            format!("/v1/log/proof?dataset=hidden&version=1.0.0&key={key}"),
        ]);
    }
    for file in FILES {
        paths.push(format!("/v1/datasets/hidden/releases/1.0.0/files/{file}"));
    }
    let mut all = Vec::new();
    for path in paths {
        let answer = ask(site, &path, token);
        let mut headers: Vec<_> = answer.headers.iter().filter(|(name, _)| name != "date").cloned().collect();
        headers.sort(); // their order is the HTTP library's
        all.push((path, answer.status, headers, answer.text()));
    }
    // a provenance names the checkpoint, whose root is that of salted leaves
    let mut from = ask(site, "/v1/datasets/outer/releases/1.0.0/provenance/outer-key/0", token).json();
    from["checkpoint"] = Value::Null;
    // two sites differ in where and when their own packages were read, and so in record and leaf
    let own = regex::Regex::new(r#""file_name":"[^"]*"|"\d{4}-\d\d-\d\dT[0-9:]+Z"|"(record|leaf_digest)":"sha256:[0-9a-f]{64}""#).unwrap();
    all.push(("provenance".to_owned(), 200, Vec::new(), own.replace_all(&from.to_string(), "own").into_owned()));
    all
}

fn still() -> jiff::Timestamp {
    "2026-09-01T12:00:00Z".parse().unwrap()
}

on_both!(
    fn nothing_hidden_shows(site: &Site) {
        let kind = if site.database.starts_with("sqlite") { crate::site::Kind::Sqlite } else { crate::site::Kind::Postgres };
        for (class, restricted) in [("full", true), ("none", false)] {
            let view = |count: usize, value: &str| {
                let site = Site::new(kind).at_time(still);
                site.publish(&package("ground", "full", "1.0.0", 1, "0.5"));
                if restricted {
                    restrict(&site, "hidden");
                }
                site.publish(&package("hidden", class, "1.0.0", count, value));
                let mut outer = package("outer", "full", "1.0.0", 1, "0.25");
                outer.rows[0].insert("derived_from".to_owned(), "hidden@1.0.0#hidden-key/0".to_owned());
                site.publish(&outer);
                site.address();
                site.wait_for_facts(3);
                let stranger = token(&site, "stranger", Role::Reader, &["ground"]);
                (seen(&site, None), seen(&site, Some(&stranger)))
            };
            let (few, many) = (view(1, "0.1"), view(100, "123456.789"));
            for (one, other) in few.0.iter().chain(&few.1).zip(many.0.iter().chain(&many.1)) {
                assert_eq!(one, other);
            }
        }
    }
);

on_both!(
    fn without_a_database_what_is_open_is_served(site: &Site) {
        filled(site);
        let admin = token(site, "admin", Role::Admin, &[]);
        let served = Site::files_of(site);
        for (dataset, class, _) in DATASETS {
            let path = format!("/v1/datasets/{dataset}/releases/1.1.0/factors/{dataset}-key/0");
            let open = class == "values_only" || dataset == "open-full";
            for token in [None, Some(admin.as_str()), Some("Bearer nonsense")] {
                let answer = ask(&served, &path, token);
                let code = match (open, token, dataset) {
                    (true, ..) => "",
                    (false, None, "shut-in") => "unauthorized",
                    (false, None, _) => "not-redistributable",
                    (false, Some("Bearer nonsense"), _) => "unauthorized",
                    (false, Some(_), _) => "database-unavailable",
                };
                let found = if answer.status == 200 { String::new() } else { answer.problem() };
                assert_eq!(found, code, "{path} {token:?}: {}", answer.text());
            }
        }
        assert_eq!(ask(&served, "/v1/factors?dataset=open-full", Some(&admin)).status, 200);
        assert_eq!(ask(&served, "/v1/factors", None).status, 200);
        assert_eq!(ask(&served, "/v1/factors", Some(&admin)).problem(), "database-unavailable");
    }
);
