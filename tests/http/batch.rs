//! Many questions at once: the order is kept, each has its own status.

use serde_json::{Value, json};

use super::{ZHEJIANG, factor_bytes, ok};
use crate::on_bundled;
use crate::site::{Response, Site};

fn post(site: &Site, body: &Value) -> Response {
    site.send("POST", "/v1/lookup/batch", &[("Content-Type", "application/json")], Some(body.to_string().as_bytes()))
}

fn zhejiang() -> Value {
    json!({"dataset": "cn-electricity-co2", "activity": "electricity/grid-average", "region": "CN-ZJ", "year": 2022})
}

on_bundled!(
    fn each_has_its_own_status(site: &Site) {
        let with = |name: &str, value: Value| {
            let mut lookup = zhejiang();
            lookup[name] = value;
            lookup
        };
        let table = [
            (zhejiang(), 200, ""),
            (with("year", json!("2022")), 200, ""),
            (with("year", Value::Null), 409, "ambiguous"),
            (with("region", json!("CN-XZ")), 404, "no-match"),
            (with("per", json!("kg")), 422, "unit-mismatch"),
            (with("dataset", json!("none")), 404, "no-dataset"),
            (with("dataset", json!("cn-electricity-co2@^9")), 404, "no-release"),
            (with("regoin", json!("CN")), 400, "unknown-parameter"),
            (with("year", json!([2022])), 400, "bad-request"),
            (with("year", json!(2022.5)), 422, "invalid-parameter"),
            (json!({}), 400, "missing-parameter"),
            (json!("lookup"), 400, "bad-request"),
            (with("amount", json!(100)), 200, ""),
        ];
        let lookups: Vec<&Value> = table.iter().map(|(lookup, ..)| lookup).collect();
        let response = post(site, &json!({"lookups": lookups}));
        assert_eq!(response.status, 200, "{}", response.text());
        let results = response.json()["results"].as_array().unwrap().clone();
        assert_eq!(results.len(), table.len());
        for (result, (lookup, status, code)) in results.iter().zip(&table) {
            assert_eq!(result["status"], *status, "{lookup}: {result}");
            if *status == 200 {
                assert_eq!(result["answer"]["factor"]["value"], "0.5153");
            } else {
                assert_eq!(result["problem"]["type"], format!("/problems/{code}"), "{lookup}: {result}");
                assert_eq!(result["problem"]["status"], *status);
            }
        }
        assert_eq!(results[12]["answer"]["result"]["value"], 51.53);
        assert_eq!(response.header("cache-control"), Some("no-store"));
    }
);

on_bundled!(
    fn an_answer_is_that_of_the_lookup_alone(site: &Site) {
        let alone = ok(site, ZHEJIANG);
        let text = post(site, &json!({"lookups": [zhejiang()]})).text();
        assert_eq!(text, format!("{{\"results\":[{{\"status\":200,\"answer\":{}}}]}}", alone.text()));
        assert!(text.as_bytes().windows(factor_bytes(&alone.body).len()).any(|own| own == factor_bytes(&alone.body)));
    }
);

on_bundled!(
    fn a_thousand_and_no_more(site: &Site) {
        assert_eq!(post(site, &json!({"lookups": []})).json(), json!({"results": []}));
        let full = post(site, &json!({"lookups": vec![zhejiang(); 1000]}));
        assert_eq!(full.json()["results"].as_array().unwrap().len(), 1000);
        assert_eq!(post(site, &json!({"lookups": vec![zhejiang(); 1001]})).problem(), "body-too-large");
        let long = json!({"lookups": [{"dataset": "x".repeat(3 << 20)}]});
        assert_eq!(post(site, &long).problem(), "body-too-large");
    }
);

on_bundled!(
    fn bodies_that_are_none(site: &Site) {
        for body in ["", "{", "[]", "{\"lookups\":{}}", "{\"lookups\":[],\"more\":1}", "{\"queries\":[]}", "null", "\u{0}"] {
            let response = site.send("POST", "/v1/lookup/batch", &[("Content-Type", "application/json")], Some(body.as_bytes()));
            assert_eq!(response.problem(), "bad-request", "{body}");
        }
        let invalid = site.send("POST", "/v1/lookup/batch", &[("Content-Type", "application/json")], Some(b"{\"lookups\":[\"\xff\"]}"));
        assert_eq!(invalid.problem(), "bad-request");
        let typed = site.send("POST", "/v1/lookup/batch", &[("Content-Type", "text/plain")], Some(b"{\"lookups\":[]}"));
        assert_eq!(typed.problem(), "bad-request");
    }
);

const NDJSON: &str = "application/x-ndjson";

on_bundled!(
    fn one_result_a_line(site: &Site) {
        let lookups = [zhejiang(), json!({"dataset": "none", "key": "a"}), json!({"dataset": "ipcc-gwp", "activity": "gwp/n2o"})];
        let whole = post(site, &json!({"lookups": lookups})).json();
        let lines = lookups.iter().map(|lookup| format!("{lookup}\r\n\n")).collect::<String>();
        let object = json!({"lookups": lookups}).to_string();
        for (sent, body) in [(NDJSON, lines.as_str()), ("application/json", object.as_str())] {
            let headers = [("Content-Type", sent), ("Accept", NDJSON)];
            let response = site.send("POST", "/v1/lookup/batch", &headers, Some(body.as_bytes()));
            assert_eq!((response.status, response.header("content-type")), (200, Some(NDJSON)), "{}", response.text());
            let results: Vec<Value> = response.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
            assert_eq!(Value::from(results), whole["results"]);
            // lines are read without being asked for as lines too
            let again = site.send("POST", "/v1/lookup/batch", &[("Content-Type", sent)], Some(body.as_bytes()));
            assert_eq!(again.json(), whole);
        }
        assert_eq!(whole["results"][1]["problem"]["item"], 1, "a problem names its item");
    }
);

on_bundled!(
    fn lines_that_do_not_read_are_items(site: &Site) {
        let body = format!("{}\n{{\n\u{0}\n[]\n{}", zhejiang(), zhejiang());
        let response = site.send("POST", "/v1/lookup/batch", &[("Content-Type", NDJSON), ("Accept", NDJSON)], Some(body.as_bytes()));
        let statuses: Vec<Value> =
            response.text().lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["status"].clone()).collect();
        assert_eq!(statuses, [200, 400, 400, 400, 200]);
        let many = "{}\n".repeat(1001);
        let response = site.send("POST", "/v1/lookup/batch", &[("Content-Type", NDJSON)], Some(many.as_bytes()));
        assert_eq!(response.problem(), "body-too-large");
        assert_eq!(site.send("POST", "/v1/lookup/batch", &[("Content-Type", NDJSON)], Some(b"")).json(), json!({"results": []}));
    }
);

on_bundled!(
    fn a_body_without_end_is_cut_off(site: &Site) {
        use std::io::{Read, Write};
        let address = site.address().strip_prefix("http://").unwrap().to_owned();
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(30))).unwrap();
        let head = "POST /v1/lookup/batch HTTP/1.1\r\nHost: tanyin\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        let chunk = [b"1000\r\n".as_slice(), &[b' '; 0x1000], b"\r\n"].concat();
        // the answer comes, and the connection ends soon after it: a client that goes on sending is told by an error
        let begun = std::time::Instant::now();
        while stream.write_all(&chunk).is_ok() {
            assert!(begun.elapsed() < std::time::Duration::from_secs(60), "it reads on and on");
        }
        let mut answer = Vec::new();
        // the connection may be reset behind the answer
        drop(stream.read_to_end(&mut answer));
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 413"), "{}", String::from_utf8_lossy(&answer));
        ok(site, ZHEJIANG);
    }
);

on_bundled!(
    fn numbers_keep_their_digits_and_members_stand_once(site: &Site) {
        let item = |members: &str| format!("{{\"dataset\":\"cn-electricity-co2\",\"key\":\"grid-average/cn-zj/2022\",{members}}}");
        let items = [
            item("\"amount\":1e3"),
            item("\"amount\":0.12345678901234567890"),
            item("\"amount\":1,\"amount\":2"),
            item("\"amount\":1e400"),
            item("\"amount\":true"),
        ];
        let body = format!("{{\"lookups\":[{}]}}", items.join(","));
        let response = site.send("POST", "/v1/lookup/batch", &[("Content-Type", "application/json")], Some(body.as_bytes()));
        let results = response.json()["results"].as_array().unwrap().clone();
        let statuses: Vec<&Value> = results.iter().map(|result| &result["status"]).collect();
        assert_eq!(statuses, [200, 200, 400, 422, 400], "{}", response.text());
        assert_eq!(results[0]["answer"]["result"]["value"], 515.3);
        // 12345678901234567890 and twenty zeros in lowest terms
        assert_eq!(results[1]["answer"]["result"]["computed"][0]["factor"], "1234567890123456789/10000000000000000000");
        assert!(results[2]["problem"]["detail"].as_str().unwrap().contains("`amount` stands twice"), "{}", results[2]);
    }
);
