//! Everything that can be asked wrongly is refused with a problem, and nothing that is asked breaks the server.

use std::collections::BTreeSet;

use tanyin::dataset::Role;
use tanyin::http::{PROBLEMS, ROUTES, Route};

use super::{ZHEJIANG, ask, bearer, example, get_raw, is_compat, ok, refused, send_raw, zhejiang_digest};
use crate::on_bundled;

const JSON: &[(&str, &str)] = &[("Content-Type", "application/json")];

on_bundled!(
    fn every_code_is_reached(site: &Site) {
        let full = format!("{{\"lookups\":[{}]}}", vec!["{}"; 1001].join(","));
        let file = "/v1/datasets/ipcc-gwp/releases/1.0.0/files";
        let sf6 = "/v1/lookup?dataset=ipcc-gwp&key=ipcc-ar6-wg1-7.15-gwp100/sf6";
        let post = |body| ("POST", "/v1/lookup/batch".to_owned(), JSON, Some(body));
        let get = |path: &str| ("GET", path.to_owned(), [].as_slice(), None::<&str>);
        let requests = [
            (get("/v1/lookup"), "missing-parameter"),
            (get("/v1/lookup?colour=red"), "unknown-parameter"),
            (post("{"), "bad-request"),
            (get("/nowhere"), "not-found"),
            (get("/v1/datasets/none"), "no-dataset"),
            (get("/v1/datasets/ipcc-gwp/releases/9.9.9"), "no-release"),
            (get("/v1/datasets/ipcc-gwp/releases/1.0.0/factors/none"), "no-factor"),
            (get(&format!("{file}/none")), "no-artefact"),
            (get("/v1/datasets/ipcc-stationary-combustion/releases/1.0.0/source"), "not-redistributable"),
            (get(&format!("/v1/digests/{}", "0".repeat(64))), "no-digest"),
            (get("/log/tile/0/009"), "no-tile"),
            (get(&ZHEJIANG.replace("2022", "1999")), "no-match"),
            (("DELETE", "/v1/lookup".to_owned(), [].as_slice(), None), "method-not-allowed"),
            (get(&ZHEJIANG.replace("&year=2022", "")), "ambiguous"),
            (get(sf6), "flagged"),
            (get(&format!("{ZHEJIANG}&tolerate=none")), "not-tolerated"),
            (("GET", format!("{file}/factors.csv"), [("If-Match", "\"other\"")].as_slice(), None), "precondition-failed"),
            (post(&full), "body-too-large"),
            (("GET", format!("{file}/factors.csv"), [("Range", "bytes=99999999-")].as_slice(), None), "range-not-satisfiable"),
            (get(&format!("{ZHEJIANG}&per=kWh")), "invalid-parameter"),
            (get("/v1/codes/none/1"), "no-scheme"),
            (get("/v1/rules/none"), "no-rule"),
            (get("/v1/benchmark?value=1&per=kg&category=none"), "too-few"),
            (get(&format!("{ZHEJIANG}&per=kg")), "unit-mismatch"),
            (get(&format!("{ZHEJIANG}&gwp=ipcc-ar4-wg1-2.14-gwp100")), "gwp-unavailable"),
        ];
        // a server without a log is in `log.rs`, a source file that is missing in `provenance.rs`
        let mut reached = BTreeSet::from(["fault", "no-log", "no-source-file"]);
        // what a token does not permit is in `access.rs` and `tokens.rs`, what the desk refuses in `drafts.rs` and `imports.rs`
        reached.extend(["unauthorized", "forbidden", "read-only", "database-unavailable", "no-token"]);
        // a form that another site sent is in `console/work.rs`
        reached.insert("forged");
        // what is no webhook is in `webhooks.rs`
        reached.extend(["no-webhook", "no-delivery"]);
        reached.extend(["no-draft", "draft-state", "review", "nothing-changed", "edited", "conflict", "precondition-required"]);
        reached.extend(["findings", "invalid-body", "version", "no-import", "queue-full"]);
        // a selection that is too large is in `bulk/selection.rs`
        reached.insert("selection-too-large");
        for ((method, path, headers, body), code) in requests {
            let response = site.send(method, &path, headers, body.map(str::as_bytes));
            assert_eq!(response.problem(), code, "{method} {path}: {}", response.text());
            let json = response.json();
            assert!(json["title"].is_string() && !json["detail"].as_str().unwrap().is_empty(), "{json}");
            assert_eq!(response.header("cache-control"), Some("no-store"));
            reached.insert(code);
        }
        assert_eq!(reached, PROBLEMS.iter().map(|kind| kind.code).collect());
    }
);

on_bundled!(
    fn every_type_has_a_page(site: &Site) {
        for kind in PROBLEMS {
            let page = ok(site, &format!("/problems/{}", kind.code)).json();
            assert_eq!((page["status"].as_u64(), page["title"].as_str()), (Some(u64::from(kind.status)), Some(kind.title)));
        }
        refused(site, "/problems/none", "not-found");
    }
);

on_bundled!(
    fn every_route_refuses_unknown_parameters(site: &Site) {
        let admin = bearer(site, "of problems", Role::Admin);
        for route in ROUTES.iter().filter(|route| !is_compat(route)) {
            let path = example(route).replace("{sha256}", &zhejiang_digest(site));
            let path = format!("{path}{}nonsense=1", if path.contains('?') { '&' } else { '?' });
            let response = ask(site, &admin, route.method, &path, (route.method != "GET").then_some("{\"lookups\":[]}"));
            // PACT's and OAuth's own routes refuse in their own shapes
            if route.path.starts_with("/3/") || route.path == "/auth/token" {
                assert_eq!(response.status, 400, "{path}: {}", response.text());
                assert!(response.text().contains("`nonsense`"), "{path}: {}", response.text());
                continue;
            }
            assert_eq!(response.problem(), "unknown-parameter", "{path}: {}", response.text());
            assert_eq!(response.json()["parameter"], "nonsense");
        }
        assert_eq!(site.get("/v1/openapi.json?nonsense=1").problem(), "unknown-parameter");
    }
);

on_bundled!(
    fn every_route_refuses_other_methods(site: &Site) {
        for route in ROUTES {
            let path = example(route).replace("{sha256}", &zhejiang_digest(site));
            let own = |method: &str| ROUTES.contains(&Route { method: Box::leak(method.to_owned().into_boxed_str()), path: route.path });
            let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
            let (allowed, others): (Vec<_>, Vec<_>) =
                known.into_iter().partition(|method| own(if *method == "HEAD" { "GET" } else { method }));
            let allowed: BTreeSet<&str> = allowed.into_iter().collect();
            for method in others.into_iter().filter(|method| *method != "HEAD") {
                let body = matches!(method, "POST" | "PUT" | "PATCH").then_some(b"{}".as_slice());
                let response = site.send(method, &path, &[], body);
                assert_eq!(response.problem(), "method-not-allowed", "{method} {path}");
                let said: BTreeSet<&str> = response.header("allow").unwrap().split(", ").collect();
                assert_eq!(said, allowed, "{method} {path}");
            }
        }
        for path in ["/docs/", "/v1/openapi.json"] {
            assert_eq!(site.send("DELETE", path, &[], None).problem(), "method-not-allowed", "{path}");
        }
    }
);

on_bundled!(
    fn unknown_addresses(site: &Site) {
        for path in
            ["/v1", "/v1/", "/v2/datasets", "/v1/datasets/", "/v1/factor", "/favicon.ico", "/v1/datasets/ipcc-gwp/", "/docs/none.js", "//"]
        {
            refused(site, path, "not-found");
        }
        assert_eq!(site.send("POST", "/nowhere", &[], Some(b"{}")).problem(), "not-found");
        let response = site.get("/docs");
        assert_eq!((response.status, response.header("location")), (307, Some("/docs/")));
    }
);

/// Targets that only an attacker or a broken client sends.
const WILD: [&str; 41] = [
    "/v1/datasets/../../etc/passwd",
    "/v1/datasets/..%2F..%2Fetc%2Fpasswd",
    "/v1/datasets/%2e%2e/%2e%2e/etc/passwd",
    "/v1/datasets/ipcc-gwp/releases/1.0.0/files/../../../../../../etc/passwd",
    "/v1/datasets/ipcc-gwp/releases/1.0.0/files/%2e%2e%2f%2e%2e%2fdb.sqlite",
    "/v1/datasets/ipcc-gwp/releases/..%5C..%5C/files/factors.csv",
    "/v1/datasets/%00",
    "/v1/datasets/ipcc-gwp%00.csv/releases",
    "/v1/datasets/ipcc-gwp/releases/1.0.0/factors/%00",
    "/v1/datasets/ipcc-gwp/releases/1.0.0/factors/%FF%FE",
    "/v1/datasets/%FF/releases/%C0%AF/files/%80",
    "/v1/datasets/%ED%A0%80",
    "/v1/datasets/ipcc-gwp/history/%F5%90%80%80",
    "/v1/datasets/ipcc-gwp/diff/%FF...%00",
    "/v1/datasets/ipcc-gwp/releases/%3E%3D1%2C%3C2%2C%3C3%2C%3C4%2C%3C5%2C%3C6%2C%3C7/files/factors.csv",
    "/v1/datasets/%",
    "/v1/datasets/%2",
    "/v1/datasets/%zz",
    "/v1/lookup?%FF=%FF",
    "/v1/lookup?dataset=%00&key=%FF",
    "/v1/lookup?dataset=ipcc-gwp&key=%ED%A0%80",
    "/v1/lookup?dataset=ipcc-gwp&activity=x&region=%00&year=%FF",
    "/v1/lookup?dataset=ipcc-gwp&activity=gwp/ch4&amount=9999999999999999999999999999999999&unit=Ym10",
    "/v1/lookup?dataset=ipcc-gwp&activity=gwp/ch4&per=((((((((((((((((((((((((((((((((((((((((((((((((kg",
    "/v1/lookup?dataset=ipcc-gwp&activity=gwp/ch4&per=m999999999999999999",
    "/v1/lookup?&&&===&",
    "/v1/lookup?dataset",
    "/v1/factors?cursor=////&q=%FF",
    "/v1/factors?cursor=LTEuMA",
    "/v1/factors?cursor=MC4xODQ0Njc0NDA3MzcwOTU1MTYxNQ",
    "/v1/digests/%FF%00",
    "/problems/%2e%2e%2f",
    "/docs/../Cargo.toml",
    "/docs/..%2f..%2fCargo.toml",
    "/docs/%FF",
    "/%",
    "/?%",
    "*",
    "http://other.example/v1/datasets",
    "/v1//datasets//ipcc-gwp",
    "/;/v1/datasets",
];

/// The same at length: ten kilobytes in every place, and bytes that are no UTF-8.
fn long_targets() -> Vec<Vec<u8>> {
    let long = "a".repeat(10_000);
    let slashes = "/a".repeat(5_000);
    let mut targets = Vec::new();
    for place in ["/v1/datasets/{}", "/v1/datasets/ipcc-gwp/releases/{}", "/v1/datasets/ipcc-gwp/releases/1.0.0/factors/{}"] {
        targets.push(place.replace("{}", &long).into_bytes());
    }
    for place in
        ["/v1/datasets/ipcc-gwp/releases/1.0.0/files/{}", "/v1/datasets/ipcc-gwp/history/{}", "/v1/digests/{}", "/{}", "/problems/{}"]
    {
        targets.push(place.replace("{}", &long).into_bytes());
    }
    for parameter in ["dataset={}", "dataset=ipcc-gwp@{}", "dataset=ipcc-gwp&key={}", "dataset=ipcc-gwp&activity={}", "{}=1"] {
        targets.push(format!("/v1/lookup?{}", parameter.replace("{}", &long)).into_bytes());
    }
    for parameter in ["region", "year", "kind", "per", "gwp", "amount", "allow_flags", "boundary", "on_ambiguous"] {
        targets.push(format!("/v1/lookup?dataset=ipcc-gwp&activity=gwp/ch4&{parameter}={long}").into_bytes());
    }
    for parameter in ["region", "kind", "flag", "q", "sort", "facets", "cursor", "limit", "category"] {
        targets.push(format!("/v1/factors?{parameter}={long}").into_bytes());
    }
    targets.push(format!("/v1/datasets/ipcc-gwp/releases/1.0.0/factors{slashes}").into_bytes());
    targets.push(format!("/v1/lookup?dataset=ipcc-gwp&key=a&{}", "per=kg&".repeat(1_000)).into_bytes());
    for unit in ["(", "1/", "m.", "{", "[", "10*", "-"] {
        targets.push(format!("/v1/lookup?dataset=ipcc-gwp&activity=gwp/ch4&per={}", unit.repeat(30_000 / unit.len())).into_bytes());
    }
    targets.push(b"/v1/datasets/\xff\xfe".to_vec());
    targets.push(b"/v1/lookup?dataset=\xe4\xb8\xad\xff".to_vec());
    targets
}

on_bundled!(
    fn wild_targets_are_refused_and_break_nothing(site: &Site) {
        for target in WILD.iter().map(|target| target.as_bytes().to_vec()).chain(long_targets()) {
            let response = get_raw(site, &target);
            let shown: String = String::from_utf8_lossy(&target).chars().take(120).collect();
            assert!(response.status < 500, "{shown}: {} {}", response.status, response.text());
            assert!(response.status == 200 || response.body.len() < 8 << 10, "{shown}: {} bytes", response.body.len());
            assert!(!response.text().contains("root:"), "{shown}");
            let empty = response.body.is_empty() && matches!(response.status, 307 | 400 | 404);
            // the pages of the console refuse with pages
            let page = !target.starts_with(b"/v1") && response.header("content-type") == Some("text/html; charset=utf-8");
            assert!(response.status == 200 || empty || page || !response.problem().is_empty(), "{shown}");
        }
        ok(site, ZHEJIANG);
    }
);

on_bundled!(
    fn wild_bodies_break_nothing(site: &Site) {
        let lookup = |parameter: &str, value: &str| {
            format!("{{\"lookups\":[{{\"dataset\":\"ipcc-gwp\",\"activity\":\"gwp/ch4\",\"{parameter}\":\"{value}\"}}]}}")
        };
        let many = 1 << 20;
        let bodies = [
            lookup("per", &"(".repeat(many)),
            lookup("per", &"m.".repeat(many / 2)),
            lookup("unit", &"1/".repeat(many / 2)),
            lookup("amount", &"9".repeat(many)),
            lookup("dataset", &"x".repeat(many)),
            lookup("region", &"x".repeat(many)),
            lookup("allow_flags", &"outlier,".repeat(many / 8)),
            format!("{{\"lookups\":[],\"{}\":1}}", "x".repeat(many)),
            lookup(&"x".repeat(many), "1"),
            "[".repeat(many),
            format!("{{\"lookups\":{}", "[".repeat(many)),
            format!("{{\"lookups\":[{}", "{\"a\":".repeat(many / 5)),
        ];
        for body in bodies {
            let response = site.send("POST", "/v1/lookup/batch", JSON, Some(body.as_bytes()));
            let shown = &body[..60];
            assert!(response.status < 500, "{shown}: {}", response.text());
            assert!(response.body.len() < 8 << 10, "{shown}: {} bytes", response.body.len());
        }
        ok(site, ZHEJIANG);
    }
);

on_bundled!(
    fn wild_requests_break_nothing(site: &Site) {
        let long_header = format!("GET /healthz HTTP/1.1\r\nHost: a\r\nX-Long: {}\r\nConnection: close\r\n\r\n", "a".repeat(200_000));
        let requests: [&[u8]; 8] = [
            b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
            b"GET /healthz HTTP/9.9\r\n\r\n",
            b"BREW /coffee HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
            b"GET /healthz HTTP/1.1\r\nHost: a\r\nRange: bytes=\xff\xfe-\r\nAccept-Encoding: \xff\r\nIf-Match: \xff\r\nConnection: close\r\n\r\n",
            b"POST /v1/lookup/batch HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\nConnection: close\r\n\r\n{",
            b"POST /v1/lookup/batch HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n",
            long_header.as_bytes(),
        ];
        for request in requests {
            let response = send_raw(site, request);
            let shown: String = String::from_utf8_lossy(request).chars().take(120).collect();
            assert!(response.status < 500 || response.status == 505, "{shown}: {}", response.status);
        }
        ok(site, ZHEJIANG);
    }
);
