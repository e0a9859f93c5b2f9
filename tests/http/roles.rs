//! Who may ask what: every route and every kind of caller, as a table.
//!
//! A column is a caller; a row is a route with what each caller gets, asserted by a real request. A route without a row fails.
//! Another column needs an entry in [`COLUMNS`] and one more status in every row.

use std::collections::BTreeSet;
use std::sync::Arc;

use tanyin::dataset::Role;
use tanyin::desk::{self, VersionWish};
use tanyin::feed::{Courier, NewWebhook, create_webhook};
use tanyin::http::{ROUTES, Route};
use tanyin::release::{Catalogue, restore, withdraw};
use tanyin::store;

use super::{ask, bearer, example, zhejiang_digest};
use crate::on_both;
use crate::site::{PackageDraft, Response, Site, row};

/// A caller.
struct Column {
    name: &'static str,
    role: Option<Role>,
}

const COLUMNS: [Column; 5] = [
    Column { name: "anonymous", role: None },
    Column { name: "reader", role: Some(Role::Reader) },
    Column { name: "steward", role: Some(Role::Steward) },
    Column { name: "reviewer", role: Some(Role::Reviewer) },
    Column { name: "admin", role: Some(Role::Admin) },
];

type Statuses = [u16; COLUMNS.len()];

const OPEN: Statuses = [200; COLUMNS.len()];

const fn see_draft(done: u16) -> Statuses {
    [401, 403, done, done, done]
}

const fn prepare(done: u16) -> Statuses {
    [401, 403, done, 403, done]
}

const fn decide(done: u16) -> Statuses {
    [401, 403, 403, done, done]
}

const fn administer(done: u16) -> Statuses {
    [401, 403, 403, 403, done]
}

/// What stands on the site before a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Given {
    /// The bundled datasets; nothing that a request could change.
    Bundled,
    /// A draft of `made`.
    Draft,
    /// A draft of `made` that waits for one approval.
    Submitted,
    /// A draft of `made` that may be published.
    Approved,
    /// A release of `made`, withdrawn or not.
    Released { withdrawn: bool },
    /// Another token.
    Token,
    /// A webhook that was told something.
    Webhook,
}

struct Row {
    method: &'static str,
    path: &'static str,
    given: Given,
    body: Option<&'static str>,
    expected: Statuses,
}

const fn open(path: &'static str) -> Row {
    Row { method: "GET", path, given: Given::Bundled, body: None, expected: OPEN }
}

const fn of(method: &'static str, path: &'static str, given: Given, body: Option<&'static str>, expected: Statuses) -> Row {
    Row { method, path, given, body, expected }
}

const REASON: Option<&str> = Some(r#"{"reason":"the unit was wrong"}"#);

const TABLE: &[Row] = &[
    open("/v1/datasets"),
    open("/v1/datasets/{id}"),
    open("/v1/datasets/{id}/releases"),
    open("/v1/datasets/{id}/releases/{version}"),
    open("/v1/datasets/{id}/releases/{version}/factors/{key}"),
    open("/v1/datasets/{id}/releases/{version}/dependents"),
    open("/v1/datasets/{id}/releases/{version}/dependents/{key}"),
    open("/v1/datasets/{id}/releases/{version}/files/{artefact}"),
    open("/v1/datasets/{id}/releases/{version}/provenance/{key}"),
    open("/v1/datasets/{id}/releases/{version}/certificate/{key}"),
    open("/v1/datasets/{id}/releases/{version}/source"),
    open("/v1/datasets/{id}/crosswalk"),
    open("/v1/datasets/{id}/diff/{range}"),
    open("/v1/datasets/{id}/delta/{range}"),
    open("/v1/events"),
    open("/v1/feed.atom"),
    of("GET", "/v1/webhooks", Given::Webhook, None, see_draft(200)),
    of("POST", "/v1/webhooks", Given::Webhook, Some(r#"{"url":"https://receiver.example/"}"#), see_draft(201)),
    of("GET", "/v1/webhooks/{id}", Given::Webhook, None, see_draft(200)),
    of("PATCH", "/v1/webhooks/{id}", Given::Webhook, Some(r#"{"active":false}"#), see_draft(200)),
    of("DELETE", "/v1/webhooks/{id}", Given::Webhook, None, see_draft(204)),
    of("POST", "/v1/webhooks/{id}/test", Given::Webhook, None, see_draft(200)),
    of("GET", "/v1/webhooks/{id}/deliveries", Given::Webhook, None, see_draft(200)),
    of("POST", "/v1/webhooks/{id}/deliveries/{number}/redeliver", Given::Webhook, None, see_draft(200)),
    open("/v1/datasets/{id}/releases/{version}/quality"),
    open("/v1/datasets/{id}/history/{key}"),
    open("/v1/factors"),
    open("/v1/factors/download"),
    open("/v1/digests/{sha256}"),
    open("/v1/lookup"),
    open("/v1/codes"),
    open("/v1/codes/{scheme}/{code}"),
    open("/v1/cbam/defaults"),
    open("/v1/rules"),
    open("/v1/rules/{id}"),
    open("/v1/benchmark"),
    open("/v1/compare"),
    of("POST", "/v1/lookup/batch", Given::Bundled, Some(r#"{"lookups":[]}"#), OPEN),
    open("/3/footprints"),
    open("/3/footprints/{footprint}"),
    of("POST", "/3/events", Given::Bundled, Some("{}"), [400; COLUMNS.len()]),
    of("POST", "/auth/token", Given::Bundled, Some("grant_type=none"), [400; COLUMNS.len()]),
    open("/compat/climatiq/data/v1/search"),
    open("/compat/climatiq/data/v1/data-versions"),
    of("POST", "/compat/climatiq/data/v1/estimate", Given::Bundled, Some(ESTIMATE), OPEN),
    of("POST", "/compat/climatiq/data/v1/estimate/batch", Given::Bundled, Some("[]"), OPEN),
    open("/log/checkpoint"),
    open("/log/key"),
    open("/log/tile/{path}"),
    open("/v1/log/proof"),
    open("/v1/log/consistency"),
    open("/healthz"),
    open("/readyz"),
    open("/problems/{code}"),
    of("GET", "/v1/datasets/{id}/draft", Given::Draft, None, see_draft(200)),
    of("GET", "/v1/datasets/{id}/draft/diff", Given::Draft, None, see_draft(200)),
    of("GET", "/v1/datasets/{id}/draft/factors/{key}", Given::Draft, None, see_draft(200)),
    of("GET", "/v1/imports/{number}", Given::Draft, None, see_draft(200)),
    of("GET", "/v1/imports/{number}/events", Given::Draft, None, see_draft(200)),
    of("POST", "/v1/datasets/{id}/imports", Given::Draft, Some("key\n"), prepare(202)),
    of("PUT", "/v1/datasets/{id}/draft/factors/{key}", Given::Draft, Some(PUT), prepare(200)),
    of(
        "PATCH",
        "/v1/datasets/{id}/draft/factors/{key}",
        Given::Draft,
        Some(r#"{"cells":{"value":"7"},"reason":"a misprint"}"#),
        prepare(200),
    ),
    of("DELETE", "/v1/datasets/{id}/draft/factors/{key}", Given::Draft, REASON, prepare(200)),
    of("DELETE", "/v1/datasets/{id}/draft", Given::Draft, None, prepare(204)),
    of("POST", "/v1/datasets/{id}/draft/submit", Given::Draft, Some(r#"{"bump":"auto"}"#), prepare(200)),
    of("POST", "/v1/datasets/{id}/draft/approve", Given::Submitted, Some("{}"), decide(200)),
    of("POST", "/v1/datasets/{id}/draft/reject", Given::Submitted, Some(r#"{"comment":"look again"}"#), decide(200)),
    of("POST", "/v1/datasets/{id}/draft/publish", Given::Approved, None, decide(201)),
    of("POST", "/v1/datasets/{id}/releases/{version}/withdraw", Given::Released { withdrawn: false }, REASON, decide(200)),
    of("POST", "/v1/datasets/{id}/releases/{version}/restore", Given::Released { withdrawn: true }, REASON, decide(200)),
    of("POST", "/v1/datasets/{id}/releases/{version}/supersede", Given::Released { withdrawn: false }, Some(INSTEAD), decide(200)),
    of("PUT", "/v1/datasets/{id}/policy", Given::Draft, Some(r#"{"approvals":0}"#), administer(200)),
    of("GET", "/v1/tokens", Given::Token, None, administer(200)),
    of("POST", "/v1/tokens", Given::Token, Some(r#"{"name":"chen","role":"reader"}"#), administer(201)),
    of("DELETE", "/v1/tokens/{id}", Given::Token, None, administer(204)),
];

const ESTIMATE: &str = r#"{"emission_factor":{"data_version":"^1","activity_id":"electricity/grid-average","region":"CN-ZJ","year":2022},
    "parameters":{"energy":100,"energy_unit":"kWh"}}"#;

const INSTEAD: &str = r#"{"by":"ipcc-gwp@1.0.0","reason":"it is the same"}"#;

const PUT: &str = r#"{"reason":"from the source","cells":{"activity":"electricity/grid-average","kind":"electricity-direct",
    "name_en":"Grid average","region":"CN","year":"2022","value":"5.5","metric":"CO2","per":"kW.h","source":"doc"}}"#;

#[test]
fn every_route_has_a_row_and_every_row_a_route() {
    let routes: BTreeSet<(&str, &str)> = ROUTES.iter().map(|route| (route.method, route.path)).collect();
    let rows: BTreeSet<(&str, &str)> = TABLE.iter().map(|row| (row.method, row.path)).collect();
    assert_eq!(rows.len(), TABLE.len(), "a route has two rows");
    assert_eq!(routes, rows, "give each new route a row: who gets what");
}

fn made(version: &str, value: &str) -> PackageDraft {
    PackageDraft::new("made", version, vec![row("a", &[("value", value)]), row("b", &[("region", "CN-ZJ")])])
}

/// Brings the site to where a row begins; gives the address.
fn given(site: &Site, given: Given, route: &Route, next: &mut u32) -> String {
    let ground = site.ground();
    let dataset = "made".parse().unwrap();
    let path = route.path.replace("{key}", "a").replace("{version}", "1.0.0").replace("{number}", "1");
    match given {
        Given::Bundled => return example(route).replace("{sha256}", &zhejiang_digest(site)),
        Given::Token => {
            let new = desk::NewToken { name: "wu", role: Role::Reader, expires_at: None };
            return path.replace("{id}", &desk::create_token(ground, &new, "operator").unwrap().0.id);
        }
        Given::Webhook => {
            // a port that nobody listens on: what cannot be delivered is an answer too
            let new = NewWebhook { url: "http://127.0.0.1:1/".to_owned(), ..NewWebhook::default() };
            let hook = create_webhook(ground, &Catalogue::load(ground).unwrap(), &new, "operator").unwrap();
            let tested = Courier::new(ground.clone(), Arc::default(), "").unwrap().test(&hook.id).unwrap();
            return route.path.replace("{id}", &hook.id).replace("{number}", &tested.id.to_string());
        }
        Given::Released { withdrawn } => {
            let (version, reason) = ("1.0.0".parse().unwrap(), "for the table");
            let now = ground.database().unwrap().read(|c| store::is_withdrawn(c, "made", "1.0.0")).unwrap();
            match (now, withdrawn) {
                (false, true) => drop(withdraw(ground, &dataset, &version, reason, "operator").unwrap()),
                (true, false) => drop(restore(ground, &dataset, &version, reason, "operator").unwrap()),
                _ => {}
            }
        }
        Given::Draft | Given::Submitted | Given::Approved => {
            drop(desk::discard(ground, &dataset, "operator"));
            *next += 1;
            let folder = tempfile::tempdir().unwrap();
            made("1.0.0", &format!("1.{next:03}")).write(folder.path());
            assert!(site.import(folder.path(), "made").unwrap().run.is_some());
            desk::set_policy(ground, &dataset, u32::from(given == Given::Submitted), None, "operator").unwrap();
            if given != Given::Draft {
                desk::submit(ground, &dataset, &VersionWish::Auto, "li").unwrap();
            }
        }
    }
    path.replace("{id}", "made")
}

fn request(site: &Site, row: &Row, path: &str, token: Option<&str>) -> Response {
    let mut headers = vec![("Content-Type", "application/json")];
    headers.extend(token.map(|token| ("Authorization", token)));
    let revision = site.ground().database().unwrap().read(|c| store::draft_get(c, "made")).unwrap().map(|draft| draft.revision);
    let tag = format!("\"r{}\"", revision.unwrap_or(0));
    if path.contains("/draft/factors/") && row.method != "GET" {
        headers.push(("If-Match", &tag));
    }
    site.send(row.method, path, &headers, row.body.map(str::as_bytes))
}

on_both!(
    fn everybody_gets_what_the_table_says(site: &Site) {
        desk::publish_bundled(site.ground(), |_| {}).unwrap();
        let tokens: Vec<Option<String>> = COLUMNS.iter().map(|column| column.role.map(|role| bearer(site, column.name, role))).collect();
        let asked = |row: &Row, next: &mut u32| {
            let route = Route { method: row.method, path: row.path };
            for ((column, token), expected) in COLUMNS.iter().zip(&tokens).zip(row.expected) {
                let path = given(site, row.given, &route, next);
                let response = request(site, row, &path, token.as_deref());
                assert_eq!(response.status, expected, "{} {} as {}: {}", row.method, path, column.name, response.text());
                match expected {
                    401 => assert_eq!(
                        (response.problem().as_str(), response.header("www-authenticate")),
                        ("unauthorized", Some("Bearer realm=\"tanyin\""))
                    ),
                    403 => {
                        assert_eq!(response.problem(), "forbidden");
                        let may =
                            COLUMNS.iter().zip(row.expected).filter(|(_, status)| *status < 300).filter_map(|(column, _)| column.role);
                        let named: Vec<Role> = may.collect();
                        assert_eq!(response.json()["roles"], serde_json::to_value(named).unwrap(), "{} {}", row.method, row.path);
                    }
                    _ => {}
                }
            }
        };
        let mut next = 0;
        // what is read from the bundled datasets first: its proofs name the log as they leave it
        TABLE.iter().filter(|row| row.given == Given::Bundled).for_each(|row| asked(row, &mut next));
        site.publish(&made("1.0.0", "0.5"));
        let uploaded = made("1.0.0", "0.6").table();
        let steward = tokens[2].as_deref().unwrap();
        let first = site.send("POST", "/v1/datasets/made/imports", &[("Authorization", steward)], Some(&uploaded));
        assert_eq!((first.status, first.header("location")), (202, Some("/v1/imports/1")), "{}", first.text());
        while ask(site, steward, "GET", "/v1/imports/1", None).json()["finished_at"].is_null() {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        TABLE.iter().filter(|row| row.given != Given::Bundled).for_each(|row| asked(row, &mut next));
    }
);
