//! Which releases hold a number.

use serde_json::{Value, json};

use super::{factor_bytes, ok, refused, zhejiang_digest};
use crate::on_bundled;

on_bundled!(
    fn every_release_that_holds_the_number(site: &Site) {
        let factor = ok(site, "/v1/datasets/cn-electricity-co2/releases/1.0.0/factors/grid-average/cn/2021");
        let digest = factor.json()["digest"].as_str().unwrap().to_owned();
        let found = ok(site, &format!("/v1/digests/{digest}"));
        assert_eq!(factor_bytes(&found.body), factor_bytes(&factor.body));
        let json = found.json();
        assert_eq!(json["digest"], digest);
        let holders: Vec<(&str, &str)> = json["releases"]
            .as_array()
            .unwrap()
            .iter()
            .map(|holder| (holder["release"]["version"].as_str().unwrap(), holder["key"].as_str().unwrap()))
            .collect();
        let key = "grid-average/cn/2021";
        assert_eq!(holders, [("1.0.0", key), ("1.1.0", key), ("1.2.0", key)]);
        assert_eq!(json["releases"][0]["release"]["dataset"], "cn-electricity-co2");
        assert_eq!(json["releases"][0]["release"]["withdrawn"], Value::Null);
    }
);

on_bundled!(
    fn how_a_digest_may_be_written(site: &Site) {
        let digest = zhejiang_digest(site);
        let hex = digest.strip_prefix("sha256:").unwrap();
        let answer = ok(site, &format!("/v1/digests/{digest}"));
        for written in [hex.to_owned(), format!("sha256%3A{hex}")] {
            assert_eq!(ok(site, &format!("/v1/digests/{written}")).body, answer.body, "{written}");
        }
        assert_eq!(answer.json()["releases"].as_array().unwrap().len(), 2);
        let unknown = "0".repeat(64);
        assert!(refused(site, &format!("/v1/digests/{unknown}"), "no-digest")["detail"].as_str().unwrap().contains(&unknown));
        for wrong in ["abc", "sha256:", "md5:00", &"g".repeat(64), &"0".repeat(63), &"0".repeat(65), "%00", "%FF"] {
            assert_eq!(refused(site, &format!("/v1/digests/{wrong}"), "invalid-parameter")["parameter"], json!("sha256"), "{wrong}");
        }
    }
);
