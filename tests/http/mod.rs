//! The routes, one file a resource; `lookup` has the hand-checked answers.

mod access;
mod batch;
mod certificate;
mod compat;
mod console;
mod crosswalk;
mod current;
mod database_down;
mod dependents;
mod drafts;
mod diff;
mod digests;
mod factor;
mod factors;
mod files;
mod footprints;
mod health;
mod history;
mod imports;
mod log;
mod lookup;
mod lookup_table;
mod openapi;
mod problems;
mod products;
mod provenance;
mod quality;
mod releases;
mod roles;
mod scan;
mod tokens;
mod webhooks;

use std::io::{Read, Write};
use std::net::TcpStream;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use tanyin::canon::Digest;
use tanyin::dataset::Role;
use tanyin::desk::NewToken;
use tanyin::http::Route;

use crate::site::{Kind, Response, Site};

/// Lookups of the electricity datasets, up to where the questions begin.
const ZHEJIANG: &str = "/v1/lookup?dataset=cn-electricity-co2&activity=electricity/grid-average&region=CN-ZJ&year=2022";

/// Asks and asserts 200.
#[track_caller]
fn ok(site: &Site, path: &str) -> Response {
    let response = site.get(path);
    assert_eq!(response.status, 200, "{path}: {}", response.text());
    response
}

/// Asks and asserts a refusal with this code.
#[track_caller]
fn refused(site: &Site, path: &str, code: &str) -> Value {
    let response = site.get(path);
    assert_eq!(response.problem(), code, "{path}: {}", response.text());
    response.json()
}

/// The texts of a JSON list.
#[track_caller]
fn texts(list: &Value) -> Vec<&str> {
    list.as_array().unwrap_or_else(|| panic!("not a list: {list}")).iter().map(|item| item.as_str().unwrap()).collect()
}

/// The factor's bytes inside an answer, not parsed.
#[track_caller]
fn factor_bytes(body: &[u8]) -> Vec<u8> {
    #[derive(Deserialize)]
    struct Envelope<'a> {
        #[serde(borrow)]
        factor: &'a RawValue,
    }
    serde_json::from_slice::<Envelope<'_>>(body).unwrap().factor.get().as_bytes().to_vec()
}

/// Asserts that the factor of an answer is a line of its release, byte for byte, and that the digest is over it.
#[track_caller]
fn assert_line(site: &Site, answer: &Response) {
    let json = answer.json();
    let line = factor_bytes(&answer.body);
    assert_eq!(json["digest"], Digest::of(&line).to_string());
    let (dataset, version) = (json["release"]["dataset"].as_str().unwrap(), json["release"]["version"].as_str().unwrap());
    let lines = ok(site, &format!("/v1/datasets/{dataset}/releases/{version}/files/factors.ndjson")).body;
    assert!(lines.split(|byte| *byte == b'\n').any(|own| own == line), "{}", String::from_utf8_lossy(&line));
}

/// A bundled footprint of electricity: it lacks members that PACT requires, so it is asked for as it is.
static FOOTPRINT: std::sync::LazyLock<String> = std::sync::LazyLock::new(|| {
    let site = Site::bundled(Kind::Sqlite);
    let list = ok(site, "/3/footprints?x-tanyin-incomplete=include&limit=1").json();
    format!("{}?x-tanyin-incomplete=include", list["data"][0]["id"].as_str().unwrap())
});

/// An address that the route answers with 200 over the bundled datasets.
fn example(route: &Route) -> String {
    let line = include_str!("../../datasets/cn-electricity-co2/1.2.0/factors.csv");
    assert!(line.contains("grid-average/cn-zj/2022"));
    let path = route
        .path
        .replace("{id}", "cn-electricity-co2")
        .replace("{version}", "1.2.0")
        .replace("{key}", "grid-average/cn-zj/2022")
        .replace("{artefact}", "factors.csv")
        .replace("{range}", "1.0.0...1.1.0")
        .replace("{path}", "0/000.p/7")
        .replace("{number}", "1")
        .replace("{code}", "no-match")
        .replace("{footprint}", &FOOTPRINT)
        .replace("{scheme}", "cas");
    assert!(!path.replace("{sha256}", "").contains('{'), "{path}: give the new placeholder an example");
    match path.as_str() {
        "/v1/lookup" => ZHEJIANG.to_owned(),
        "/v1/factors/download" => format!("{path}?format=csv&region=CN-ZJ"),
        "/compat/climatiq/data/v1/search" => format!("{path}?data_version=%5E1&activity_id=electricity/grid-average&region=CN-ZJ"),
        "/v1/log/proof" => format!("{path}?dataset=cn-electricity-co2&version=1.2.0&key=grid-average/cn-zj/2022"),
        "/v1/datasets/cn-electricity-co2/crosswalk" => format!("{path}?from=1.0.0"),
        "/v1/codes/cas/no-match" => "/v1/codes/cas/74-82-8".to_owned(),
        "/v1/rules/cn-electricity-co2" => "/v1/rules/gb-t-24067-2024".to_owned(),
        "/v1/benchmark" => format!("{path}?value=0.5&per=kW.h&metric=CO2&activity=electricity/grid-average&year=2023"),
        "/v1/compare" => format!("{path}?dataset=cn-electricity-co2&activity=electricity/grid-average&regions=CN,CN-ZJ&year=2023"),
        "/v1/log/consistency" => format!("{path}?from=3"),
        _ => path,
    }
}

/// Whether a route is answered without a token, as the OpenAPI document says.
fn is_open(route: &Route) -> bool {
    let document = serde_json::to_value(tanyin::http::openapi()).unwrap();
    document["paths"][route.path][route.method.to_lowercase()]["security"].is_null()
}

/// A body that the route answers with 200 over the bundled datasets.
fn example_body(route: &Route) -> Option<&'static str> {
    match (route.method, route.path) {
        ("GET", _) => None,
        (_, "/compat/climatiq/data/v1/estimate") => Some(
            r#"{"emission_factor":{"data_version":"^1","activity_id":"electricity/grid-average","region":"CN-ZJ","year":2022},
                "parameters":{"energy":100,"energy_unit":"kWh"}}"#,
        ),
        (_, "/compat/climatiq/data/v1/estimate/batch") => Some("[]"),
        _ => Some(r#"{"lookups":[]}"#),
    }
}

/// Whether a route speaks another service's language: its refusals have that service's shape.
fn is_compat(route: &Route) -> bool {
    route.path.starts_with("/compat/")
}

/// A new token, as it is sent.
fn bearer(site: &Site, name: &str, role: Role) -> String {
    let new = NewToken { name, role, expires_at: None };
    format!("Bearer {}", *tanyin::desk::create_token(site.ground(), &new, "operator").unwrap().1)
}

/// A request with a token, and a JSON body where one is given.
#[track_caller]
fn ask(site: &Site, token: &str, method: &str, path: &str, body: Option<&str>) -> Response {
    site.send(method, path, &[("Authorization", token), ("Content-Type", "application/json")], body.map(str::as_bytes))
}

/// The digest of 0.5153, asked for.
fn zhejiang_digest(site: &Site) -> String {
    ok(site, ZHEJIANG).json()["digest"].as_str().unwrap().to_owned()
}

/// Sends bytes that no client library would, and reads what comes back until the server closes.
fn send_raw(site: &Site, request: &[u8]) -> Response {
    let mut stream = TcpStream::connect(site.address().strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(std::time::Duration::from_secs(30))).unwrap();
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    // A server that refuses early may reset the connection behind its answer.
    let _ = stream.read_to_end(&mut answer);
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or_else(|| panic!("no answer: {answer:?}"));
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.map(|line| line.split_once(':').unwrap()).map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect();
    Response { status, headers, body: answer[end + 4..].to_vec() }
}

/// A GET whose target is sent as it stands.
fn get_raw(site: &Site, target: &[u8]) -> Response {
    send_raw(site, &[b"GET ", target, b" HTTP/1.1\r\nHost: tanyin\r\nConnection: close\r\n\r\n"].concat())
}
