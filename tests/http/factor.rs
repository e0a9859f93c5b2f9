//! One factor by its key.

use serde_json::json;

use super::{ZHEJIANG, assert_line, factor_bytes, get_raw, ok, refused, texts};
use crate::on_bundled;

const HOME: &str = "/v1/datasets/cn-electricity-co2/releases";

on_bundled!(
    fn slashes_may_be_written_either_way(site: &Site) {
        let plain = ok(site, &format!("{HOME}/1.2.0/factors/grid-average/cn-zj/2022"));
        assert_line(site, &plain);
        for key in ["grid-average%2Fcn-zj%2F2022", "grid-average%2fcn-zj/2022", "%67rid-average/cn%2Dzj/2022"] {
            let answer = ok(site, &format!("{HOME}/1.2.0/factors/{key}"));
            assert_eq!(answer.body, plain.body, "{key}");
        }
        let escaped = get_raw(site, format!("{HOME}/1.2.0/factors/grid-average%252Fcn-zj%252F2022").as_bytes());
        assert_eq!(escaped.problem(), "no-factor", "an escaped per cent sign is no slash");
    }
);

on_bundled!(
    fn it_is_the_lookup_without_match_and_result(site: &Site) {
        let mut lookup = ok(site, &ZHEJIANG.replace("co2&", "co2@1.2.0&")).json();
        let answer = ok(site, &format!("{HOME}/1.2.0/factors/grid-average/cn-zj/2022"));
        lookup.as_object_mut().unwrap().retain(|name, _| !["match", "result"].contains(&name.as_str()));
        assert_eq!(answer.json(), lookup);
        assert_eq!(answer.header("cache-control"), Some("public, max-age=60"));
        assert_eq!(answer.header("content-location"), None);
    }
);

on_bundled!(
    fn latest_and_ranges_name_what_they_found(site: &Site) {
        let pinned = ok(site, &format!("{HOME}/1.2.0/factors/grid-average/cn-zj/2022"));
        for version in ["latest", "^1", "%5E1", "~1.2", "%3E%3D1.0.0"] {
            let answer = ok(site, &format!("{HOME}/{version}/factors/grid-average/cn-zj/2022"));
            assert_eq!(answer.body, pinned.body);
            assert_eq!(answer.header("content-location"), Some(format!("{HOME}/1.2.0/factors/grid-average/cn-zj/2022").as_str()));
            assert_eq!(answer.header("cache-control"), Some("public, max-age=5"));
        }
    }
);

on_bundled!(
    fn an_unchanged_factor_has_one_digest_in_every_release(site: &Site) {
        let of = |version: &str| ok(site, &format!("{HOME}/{version}/factors/grid-average/cn/2021"));
        assert_eq!(factor_bytes(&of("1.0.0").body), factor_bytes(&of("1.2.0").body));
        assert_eq!(of("1.0.0").json()["digest"], of("1.2.0").json()["digest"]);
        assert_eq!(of("1.0.0").json()["release"]["version"], "1.0.0");
    }
);

on_bundled!(
    fn a_key_that_does_not_exist_has_neighbours(site: &Site) {
        for (key, near) in
            [("grid-average/cn-zj/2024", "grid-average/cn-zj/2023"), ("aaa", "fossil-power/cn/2021"), ("zzz", "grid-average/cn/2023")]
        {
            let problem = refused(site, &format!("{HOME}/1.2.0/factors/{key}"), "no-factor");
            assert!(texts(&problem["nearest"]).contains(&near), "{key}: {problem}");
        }
        refused(site, &format!("{HOME}/1.0.0/factors/grid-average/cn-zj/2022"), "no-factor");
        refused(site, &format!("{HOME}/7.0.0/factors/grid-average/cn-zj/2022"), "no-release");
        refused(site, "/v1/datasets/none/releases/1.0.0/factors/a", "no-dataset");
        refused(site, &format!("{HOME}/1.2.0/factors/{}", "k".repeat(5000)), "no-factor");
    }
);

on_bundled!(
    fn a_known_answer_is_not_sent_again(site: &Site) {
        let path = format!("{HOME}/1.2.0/factors/grid-average/cn-zj/2022");
        let etag = ok(site, &path).header("etag").unwrap().to_owned();
        for (known, status) in [(etag.as_str(), 304), ("*", 304), ("\"other\"", 200)] {
            assert_eq!(site.get_with(&path, &[("If-None-Match", known)]).status, status, "{known}");
        }
        let head = site.send("HEAD", &path, &[], None);
        assert_eq!((head.status, head.body.len(), head.header("etag")), (200, 0, Some(etag.as_str())));
        assert_eq!(ok(site, &path).json()["flags"], json!(["partial_gases", "secondary_source"]));
    }
);
