//! Tokens: shown once, found by their digest, refused in one and the same way; and what needs the database without it.

use serde_json::json;
use tanyin::dataset::Role;
use tanyin::desk::{self, NewToken};
use tanyin::http;
use tanyin::store::{self, time_text};

use super::{ZHEJIANG, ask, bearer, database_down::lose_database, ok};
use crate::on_both;
use crate::site::{PackageDraft, Site, row};

on_both!(
    fn a_token_is_shown_once_and_revoked_for_ever(site: &Site) {
        let admin = bearer(site, "wang", Role::Admin);
        let made = ask(site, &admin, "POST", "/v1/tokens", Some(r#"{"name":" 李 ","role":"steward","expires":"2099-12-31"}"#));
        assert_eq!(made.status, 201, "{}", made.text());
        let made = made.json();
        let (token, id) = (made["token"].as_str().unwrap(), made["id"].as_str().unwrap());
        assert!(token.starts_with(&format!("tanyin_{id}_")) && made["name"] == "李" && made["expires_at"] == "2100-01-01T00:00:00Z");
        assert_eq!(made["created_by"], "wang");
        let bearer = format!("Bearer {token}");
        assert_eq!(ask(site, &bearer, "GET", "/v1/datasets/none/draft", None).problem(), "no-draft");
        let listed = ask(site, &admin, "GET", "/v1/tokens", None);
        assert_eq!(listed.header("cache-control"), Some("no-store"));
        assert!(!listed.text().contains(token) && listed.json()["tokens"].as_array().unwrap().len() == 2, "{}", listed.text());
        // in no event, and in no row but as its digest
        let events = site.ground().database().unwrap().read(|c| store::event_list(c, 0, 100)).unwrap();
        let secret = token.splitn(3, '_').nth(2).unwrap();
        assert!(events.iter().any(|event| event.act == "token.create" && event.subject == id));
        assert!(!format!("{events:?}").contains(&secret[..8]));
        assert_eq!(ask(site, &admin, "DELETE", &format!("/v1/tokens/{id}"), None).status, 204);
        assert_eq!(ask(site, &bearer, "GET", "/v1/datasets/none/draft", None).problem(), "unauthorized");
        assert_eq!(ask(site, &admin, "DELETE", &format!("/v1/tokens/{id}"), None).problem(), "no-token");
        for id in ["none", "%00", "a%20b"] {
            assert_eq!(ask(site, &admin, "DELETE", &format!("/v1/tokens/{id}"), None).problem(), "no-token");
        }
        for (body, code) in [
            (r#"{"name":"operator","role":"admin"}"#, "invalid-body"),
            (r#"{"name":"operator/li","role":"admin"}"#, "invalid-body"),
            (r#"{"name":"a\u0000b","role":"admin"}"#, "invalid-body"),
            (r#"{"name":"li","role":"admin","expires":"2020-01-01"}"#, "invalid-body"),
            (r#"{"name":"li","role":"admin","expires":"soon"}"#, "invalid-body"),
            (r#"{"name":"li","role":"owner"}"#, "bad-request"),
            (r#"{"name":"li","role":"admin","more":1}"#, "bad-request"),
            (r#"{"role":"admin"}"#, "bad-request"),
            ("", "bad-request"),
        ] {
            assert_eq!(ask(site, &admin, "POST", "/v1/tokens", Some(body)).problem(), code, "{body}");
        }
    }
);

on_both!(
    /// Whoever guesses learns nothing: the answer is the same to the byte.
    fn wrong_tokens_are_not_told_apart(site: &Site) {
        let ground = site.ground();
        let create = |ground: &tanyin::release::Ground, expires_at| {
            desk::create_token(ground, &NewToken { name: "li", role: Role::Admin, expires_at }, "operator").unwrap()
        };
        let (known, right) = create(ground, None);
        let (revoked, gone) = create(ground, None);
        desk::revoke_token(ground, &revoked.id, "operator").unwrap();
        let past = ground.clone().with_clock(|| "2020-01-01T00:00:00Z".parse().unwrap());
        let (expired, late) = create(&past, Some("2020-01-02T00:00:00Z".parse().unwrap()));
        assert_eq!(expired.expires_at, Some(time_text("2020-01-02T00:00:00Z".parse().unwrap())));
        let other = |token: &str| {
            let last = if token.ends_with('A') { 'E' } else { 'A' };
            format!("{}{last}", &token[..token.len() - 1])
        };
        let unknown = right.replace(&known.id, "0123456789abcdef");
        let wrong = [
            format!("Bearer {}", *gone),
            format!("Bearer {}", *late),
            format!("Bearer {}", other(&right)),
            format!("Bearer {unknown}"),
            "Bearer tanyin_x_y".to_owned(),
            "Bearer".to_owned(),
            "Bearer  ".to_owned(),
            "Basic bGk6bGk=".to_owned(),
            right.to_string(),
            "Bearer tanyin_".to_owned() + &"a".repeat(4000),
        ];
        let answers: Vec<(u16, String)> = wrong
            .iter()
            .map(|token| ask(site, token, "GET", "/v1/tokens", None))
            .map(|answer| {
                assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"tanyin\""));
                (answer.status, answer.text())
            })
            .collect();
        assert!(answers.iter().all(|answer| answer == &answers[0] && answer.0 == 401), "{answers:?}");
        for scheme in ["Bearer", "bearer", "BEARER"] {
            assert_eq!(ask(site, &format!("{scheme} {}", *right), "GET", "/v1/tokens", None).status, 200);
        }
        let twice = [("Authorization", &*format!("Bearer {}", *right)), ("Authorization", "Bearer x")];
        assert_eq!(site.get_with("/v1/tokens", &twice).problem(), "unauthorized");
    }
);

on_both!(
    fn without_the_database_acts_wait_and_reading_goes_on(site: &Site) {
        site.publish(&PackageDraft::new("made", "1.0.0", vec![row("a", &[])]));
        let steward = bearer(site, "li", Role::Steward);
        assert_eq!(ask(site, &steward, "GET", "/v1/datasets/made/draft", None).problem(), "no-draft");
        lose_database(site);
        if site.database.starts_with("postgres") {
            let answer = ask(site, &steward, "GET", "/v1/datasets/made/draft", None);
            assert_eq!(answer.problem(), "database-unavailable");
            assert!(answer.header("retry-after").is_some());
            assert!(!answer.text().contains("integration_"), "the database is nobody's business: {}", answer.text());
        }
        // who shows no token is told so without it
        assert_eq!(site.get("/v1/datasets/made/draft").problem(), "unauthorized");
        for headers in [[].as_slice(), &[("Authorization", steward.as_str())]] {
            assert_eq!(site.get_with("/v1/lookup?dataset=made&key=a", headers).status, 200);
        }
    }
);

#[test]
fn a_server_that_only_reads_says_so() {
    let site = Site::bundled(crate::site::Kind::Sqlite);
    let token = bearer(site, "li", Role::Steward);
    let ground = tanyin::release::Ground::open_read_only(site.folder.path(), None).unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || http::serve(ground, "127.0.0.1:0", |bound| sender.send(bound.to_owned()).unwrap()).unwrap());
    let address = receiver.recv_timeout(std::time::Duration::from_secs(30)).unwrap();
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let get = |path: &str, token: Option<&str>| {
        let request = agent.get(format!("http://{address}{path}"));
        let request = token.into_iter().fold(request, |request, token| request.header("Authorization", token));
        let mut response = request.call().unwrap();
        (response.status().as_u16(), response.body_mut().read_json::<serde_json::Value>().unwrap())
    };
    let draft = "/v1/datasets/ipcc-gwp/draft";
    assert_eq!(get(draft, None).1["type"], "/problems/unauthorized");
    let (status, problem) = get(draft, Some(&token));
    assert_eq!((status, &problem["type"]), (403, &json!("/problems/read-only")));
    assert_eq!(get(ZHEJIANG, None).0, 200);
    ok(site, ZHEJIANG);
}
