//! What a search finds, as a file: the same factors, and a manifest that says what they are.

use std::io::Read;

use serde_json::{Value, json};
use tanyin::bulk::Format;
use tanyin::canon::Digest;
use tanyin::http::{self, Serving};
use tanyin::release::{self, FlagOf};

use crate::on_both;
use crate::on_bundled;
use crate::site::consumers::python;
use crate::site::{Kind, PackageDraft, Response, Site, row};

const FORMATS: [Format; 5] = [Format::Csv, Format::Ndjson, Format::Parquet, Format::Sqlite, Format::Xlsx];

#[track_caller]
fn download(site: &Site, query: &str) -> Response {
    let response = site.get(&format!("/v1/factors/download?{query}"));
    assert_eq!(response.status, 200, "{query}: {}", response.text());
    response
}

/// Saves a selection in every format, and its manifest, and has it read.
fn read_by_all(site: &Site, query: &str) -> usize {
    let folder = tempfile::tempdir().unwrap();
    for format in FORMATS {
        let body = download(site, &format!("{query}&format={}", format.name())).body;
        std::fs::write(folder.path().join(format.file_name()), body).unwrap();
    }
    std::fs::write(folder.path().join("selection.json"), download(site, &format!("{query}&format=parquet&manifest=only")).body).unwrap();
    python("selection.py", &[folder.path().to_str().unwrap()]).trim().parse().unwrap()
}

#[test]
fn every_format_holds_what_the_search_finds() {
    let site = Site::bundled(Kind::Sqlite);
    for query in [
        "year=2022",
        "kind=electricity-direct,electricity-lifecycle&region=CN",
        "dataset=cn-electricity-co2@1.0.0&q=grid",
        "category=Energy*&year=2024",
    ] {
        let total = site.get(&format!("/v1/factors?limit=1&{query}")).json()["total"].as_u64().unwrap();
        assert_eq!(read_by_all(site, query) as u64, total, "{query}");
    }
    assert_eq!(read_by_all(site, "region=GB"), 0);
}

on_bundled! {
    fn the_file_comes_alone_or_with_what_it_is(site: &Site) {
        let alone = download(site, "format=csv&region=CN-ZJ&year=2022");
        assert_eq!(alone.header("content-type"), Some("text/csv; charset=utf-8"));
        assert_eq!(alone.header("content-disposition"), Some("attachment; filename=\"factors.csv\""));
        let link = "</v1/factors/download?region=CN-ZJ&year=2022&format=csv&manifest=only>; rel=\"describedby\"";
        assert_eq!(alone.all("link"), [link]);
        let described = site.get(link[1..].split('>').next().unwrap());
        let manifest = described.json();
        assert_eq!(manifest["query"], json!({"region": "CN-ZJ", "year": "2022"}));
        assert_eq!(manifest["file"]["sha256"], Digest::of(&alone.body).to_string());
        assert_eq!((&manifest["factors"], &manifest["left_out"]), (&json!(1), &json!([])));
        let release = &manifest["releases"][0];
        assert_eq!((&release["dataset"], &release["of"], &release["withdrawn"]), (&json!("cn-electricity-co2"), &json!(120), &Value::Null));
        assert!(manifest["log"]["size"].as_u64() >= Some(6));

        let bundle = download(site, "format=csv&manifest=zip&region=CN-ZJ&year=2022");
        assert_eq!(bundle.header("content-type"), Some("application/zip"));
        let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bundle.body)).unwrap();
        let mut member = |name: &str| {
            let mut bytes = Vec::new();
            zip.by_name(name).unwrap().read_to_end(&mut bytes).unwrap();
            bytes
        };
        assert_eq!(member("factors.csv"), alone.body);
        assert_eq!(member("selection.json"), described.body);
        let terms = String::from_utf8(member("LICENCES.txt")).unwrap();
        assert!(terms.contains("cn-electricity-co2@1.2.0") && terms.contains("LicenseRef-CN-official-document"), "{terms}");
    }
}

on_bundled! {
    fn a_download_that_was_cut_short_goes_on(site: &Site) {
        for query in ["format=sqlite&year=2022", "format=xlsx&year=2022&manifest=zip"] {
            let path = format!("/v1/factors/download?{query}");
            let whole = site.get(&path);
            let etag = whole.header("etag").unwrap();
            assert_eq!(etag, format!("\"sha256-{}\"", Digest::of(&whole.body).to_hex()));
            for cut in [1, 4096, whole.body.len() / 3, whole.body.len() - 1] {
                let rest = site.get_with(&path, &[("Range", &format!("bytes={cut}-")), ("If-Range", etag)]);
                assert_eq!((rest.status, [&whole.body[..cut], &rest.body].concat()), (206, whole.body.clone()), "{query} {cut}");
            }
            let head = site.send("HEAD", &path, &[], None);
            assert_eq!((head.status, head.header("etag")), (200, Some(etag)));
        }
    }
}

on_bundled! {
    fn what_cannot_be_is_refused_with_what_can(site: &Site) {
        let table = [
            ("", "missing-parameter", "format"),
            ("year=2022", "missing-parameter", "format"),
            ("format=parqet", "invalid-parameter", "format"),
            ("format=", "invalid-parameter", "format"),
            ("format=datapackage", "invalid-parameter", "format"),
            ("format=csv&manifest=yes", "invalid-parameter", "manifest"),
            ("format=csv&year=next", "invalid-parameter", "year"),
            ("format=csv&limit=10", "unknown-parameter", "limit"),
            ("format=csv&sort=year", "unknown-parameter", "sort"),
            ("format=csv&cursor=x", "unknown-parameter", "cursor"),
            ("format=csv&knd=process", "unknown-parameter", "knd"),
        ];
        for (query, code, parameter) in table {
            let response = site.get(&format!("/v1/factors/download?{query}"));
            assert_eq!(response.problem(), code, "{query}: {}", response.text());
            assert_eq!(response.json()["parameter"], parameter, "{query}");
            assert!(response.json()["valid"].is_array(), "{}", response.text());
        }
        assert!(site.get("/v1/factors/download?format=parqet").json()["detail"].as_str().unwrap().contains("`parquet`?"));
        for query in ["format=csv&format=csv", "format=csv&year=2022&year=2021"] {
            assert_eq!(site.get(&format!("/v1/factors/download?{query}")).problem(), "bad-request", "{query}");
        }
        assert_eq!(site.get("/v1/factors/download?format=csv&dataset=none").problem(), "no-dataset");
    }
}

on_both! {
    fn what_may_not_be_handed_on_is_left_out_and_counted(site: &Site) {
        let package = |name: &str, class: &str| {
            let mut package = PackageDraft::new(name, "1.0.0", vec![row("a", &[]), row("b", &[])]);
            package.description["licenses"] = json!([{"name": "LicenseRef-bought", "redistribution": class}]);
            package
        };
        for (name, class) in [("given", "values_only"), ("named", "metadata_only"), ("untold", "none")] {
            site.publish(&package(name, class));
        }
        let manifest = download(site, "format=csv&manifest=only").json();
        assert_eq!(manifest["factors"], 2);
        let left_out = json!([{"dataset": "named", "version": "1.0.0", "factors": 2, "licence": "LicenseRef-bought", "redistribution": "metadata_only"}]);
        assert_eq!(manifest["left_out"], left_out);
        let table = download(site, "format=csv").text();
        assert!(table.contains("\ngiven,1.0.0,sha256:") && !table.contains("named") && !table.contains("untold"), "{table}");
        assert!(!manifest.to_string().contains("untold"));
        for name in ["named", "untold"] {
            assert_eq!(site.get(&format!("/v1/factors/download?format=csv&dataset={name}")).problem(), "not-redistributable", "{name}");
        }
    }
}

on_both! {
    /// The file is as it was released; what became known later stands beside it.
    fn flags_raised_later_stand_in_the_manifest(site: &Site) {
        site.publish(&PackageDraft::new("made", "1.0.0", vec![row("a", &[]), row("b", &[("value", "0.7")])]));
        site.address();
        site.wait_for_facts(1);
        let before = download(site, "format=csv&manifest=only").json();
        assert_eq!(before["flagged"], json!([]));
        let (dataset, version) = ("made".parse().unwrap(), "1.0.0".parse().unwrap());
        let of = FlagOf { dataset: &dataset, version: &version, key: "b", flag: "value_disputed" };
        release::flag(site.ground(), of, "the annex says 0.6", "operator/li").unwrap();
        site.wait_for_facts(2);
        let after = download(site, "format=csv&manifest=only").json();
        let flagged = &after["flagged"][0];
        assert!(flagged["at"].is_string(), "{after}");
        let told = ["dataset", "version", "key", "flag", "by", "why"].map(|member| flagged[member].as_str().unwrap_or_default());
        assert_eq!(told, ["made", "1.0.0", "b", "value_disputed", "operator/li", "the annex says 0.6"]);
        assert_eq!((after["flagged"].as_array().map(Vec::len), &after["root"], &after["file"]), (Some(1), &before["root"], &before["file"]));
    }
}

on_bundled! {
    fn values_given_often_make_no_other_selection(site: &Site) {
        let plain = download(site, "format=csv&region=CN,CN-ZJ&year=2022");
        let often = download(site, &format!("format=csv&year=2022&region={}", ["CN-ZJ", "CN"].repeat(1000).join(",")));
        assert_eq!((often.header("etag"), often.all("link")), (plain.header("etag"), plain.all("link")));
        assert!(plain.all("link")[0].contains("region=CN%2CCN-ZJ&year=2022"), "{:?}", plain.all("link"));
        // beyond 2 KiB there is no link
        let years: Vec<String> = (1000..1500).map(|year| year.to_string()).collect();
        let long = download(site, &format!("format=csv&region=CN&year={}", years.join(",")));
        assert_eq!(long.all("link"), [""; 0]);
    }
}

#[test]
fn more_than_a_download_holds_is_refused() {
    let site = Site::bundled(Kind::Sqlite);
    let (sender, receiver) = std::sync::mpsc::channel();
    let ground = site.ground().clone();
    let serving = Serving { max_selection: 10, ..Serving::from("127.0.0.1:0") };
    std::thread::spawn(move || http::serve(ground, serving, |bound| sender.send(bound.to_owned()).unwrap()).unwrap());
    let address = receiver.recv_timeout(std::time::Duration::from_secs(30)).unwrap();
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let ask = |query: &str| agent.get(format!("http://{address}/v1/factors/download?format=csv&{query}")).call().unwrap();
    let mut refused = ask("year=2022");
    assert_eq!(refused.status(), 422);
    let problem: Value = refused.body_mut().read_json().unwrap();
    assert_eq!((&problem["type"], &problem["most"]), (&json!("/problems/selection-too-large"), &json!(10)));
    assert_eq!(ask("region=CN-ZJ").status(), 200);
}
