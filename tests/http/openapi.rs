//! The OpenAPI document, and the pages to browse it with.
//!
//! `TANYIN_WRITE=1 cargo test --test integration openapi` writes `schema/openapi.json` anew, and the TypeScript types of it.

use std::collections::BTreeSet;

use serde_json::Value;
use tanyin::http::{ROUTES, openapi};

use super::{example, example_body, get_raw, is_open, ok, zhejiang_digest};
use crate::on_bundled;

const CHECKED_IN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/openapi.json");

#[test]
fn the_checked_in_document_is_that_of_the_handlers() {
    let document = serde_json::to_string_pretty(&openapi()).unwrap() + "\n";
    if std::env::var_os("TANYIN_WRITE").is_some() {
        std::fs::write(CHECKED_IN, &document).unwrap();
        let types = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/typescript");
        assert!(std::process::Command::new(types).status().unwrap().success(), "{types} makes the TypeScript types of it");
    }
    let checked_in = std::fs::read_to_string(CHECKED_IN).unwrap_or_default();
    assert!(checked_in == document, "schema/openapi.json is stale: TANYIN_WRITE=1 cargo test --test integration openapi");
}

#[test]
fn it_lists_exactly_the_routes() {
    let document = serde_json::to_value(openapi()).unwrap();
    let documented: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| item.as_object().unwrap().keys().map(move |method| (method.to_uppercase(), path.clone())))
        .collect();
    let routes: BTreeSet<(String, String)> = ROUTES.iter().map(|route| (route.method.to_owned(), route.path.to_owned())).collect();
    assert_eq!(documented, routes);
}

#[test]
fn every_parameter_and_answer_is_described() {
    let document = serde_json::to_value(openapi()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let shown = format!("{method} {path}");
            assert!(operation["summary"].is_string(), "{shown}");
            let succeeds = |code: &&str| operation["responses"][*code]["description"].is_string();
            assert!(["200", "201", "202", "204"].iter().any(succeeds), "{shown}");
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            assert!(parameters.iter().all(|parameter| parameter["description"].is_string()), "{shown}");
            let in_path: Vec<&str> = parameters
                .iter()
                .filter(|parameter| parameter["in"] == "path")
                .map(|parameter| parameter["name"].as_str().unwrap())
                .collect();
            let named: Vec<&str> = path.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
            assert_eq!(in_path, named, "{shown}");
        }
    }
}

on_bundled!(
    fn every_documented_200_is_real(site: &Site) {
        let served: Value = ok(site, "/v1/openapi.json").json();
        assert_eq!(served, serde_json::to_value(openapi()).unwrap());
        for route in ROUTES.iter().filter(|route| is_open(route)) {
            let path = example(route).replace("{sha256}", &zhejiang_digest(site));
            let body = example_body(route).map(str::as_bytes);
            let response = site.send(route.method, &path, &[("Content-Type", "application/json")], body);
            assert_eq!(response.status, 200, "{} {path}: {}", route.method, response.text());
            let documented = &served["paths"][route.path][route.method.to_lowercase()]["responses"]["200"];
            assert!(documented.is_object(), "{} {}", route.method, route.path);
        }
    }
);

on_bundled!(
    fn the_pages_come_whole_from_the_server(site: &Site) {
        let page = ok(site, "/docs/");
        assert!(page.header("content-type").unwrap().starts_with("text/html"), "{:?}", page.headers);
        let html = page.text();
        let sources: Vec<&str> = ["src=\"", "href=\""]
            .iter()
            .flat_map(|attribute| html.split(attribute).skip(1).map(|rest| rest.split('"').next().unwrap()))
            .collect();
        assert!(sources.len() >= 4, "{html}");
        for source in sources {
            assert!(!source.contains("//"), "{source} is at another host");
            let asset = ok(site, &format!("/docs/{}", source.trim_start_matches("./")));
            assert!(!asset.body.is_empty(), "{source}");
            let head = site.send("HEAD", &format!("/docs/{}", source.trim_start_matches("./")), &[], None);
            assert_eq!((head.status, head.header("etag")), (200, asset.header("etag")), "{source}");
        }
        let start = ok(site, "/docs/swagger-initializer.js").text();
        assert!(start.contains("\"/v1/openapi.json\""), "{start}");
        assert!(start.contains("\"validatorUrl\": \"none\""), "the default validator is at another host: {start}");
        assert!(!start.contains("https://") && !start.contains("http://"), "{start}");
        assert_eq!(get_raw(site, b"/docs/none.css").problem(), "not-found");
    }
);
