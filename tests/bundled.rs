//! What a fresh server answers: the promises of the README.

use serde_json::json;

use crate::on_bundled;

on_bundled!(
    fn the_first_question(site: &Site) {
        let answer = site.get("/v1/lookup?dataset=cn-electricity-co2&activity=electricity/grid-average&region=CN-ZJ&year=2022");
        assert_eq!(answer.status, 200, "{}", answer.text());
        let json = answer.json();
        assert_eq!(json["factor"]["value"], "0.5153");
        assert_eq!(json["result"]["value"], 0.5153);
        assert_eq!(json["factor"]["source"]["unit_text"], "kgCO2/kWh");
        assert!(json["cite"].as_str().unwrap().contains("公告2024年第33号"), "{json}");
        assert_eq!(json["licence"]["id"], "LicenseRef-CN-official-document");
        assert_eq!((&json["match"]["exact"], &json["match"]["steps"], &json["match"]["candidates"]), (&json!(true), &json!([]), &json!(1)));
        assert_eq!(json["release"]["version"], "1.2.0");
    }
);
