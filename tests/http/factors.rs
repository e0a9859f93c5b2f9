//! Many factors: filters, facets, pages, and cursors that outlive a publication.

use std::collections::BTreeSet;

use serde_json::json;

use super::{ZHEJIANG, assert_line, factor_bytes, ok, refused, texts};
use crate::site::{PackageDraft, Response, Site, row};
use crate::{on_both, on_bundled};

#[track_caller]
fn total(site: &Site, parameters: &str) -> u64 {
    ok(site, &format!("/v1/factors?limit=1&facets=none&{parameters}")).json()["total"].as_u64().unwrap()
}

fn keys(response: &Response) -> Vec<String> {
    let json = response.json();
    json["factors"].as_array().unwrap().iter().map(|item| item["factor"]["key"].as_str().unwrap().to_owned()).collect()
}

on_bundled!(
    fn filters(site: &Site) {
        let table = [
            ("", 120 + 21 + 133 + 216),
            ("dataset=cn-electricity-co2", 120),
            ("dataset=cn-electricity-co2@1.0.0", 40),
            ("dataset=cn-electricity-co2@~1.1", 80),
            ("dataset=cn-electricity-co2&year=2022", 40),
            ("kind=electricity-direct", 120),
            ("kind=electricity-lifecycle", 21),
            ("kind=transport", 0),
            ("activity=electricity/grid-average", 114),
            ("activity=electricity/grid-average*", 117),
            ("activity=electricity/generation/*", 16),
            ("region=CN-ZJ", 3),
            ("region=CN-ZJ&year=2022", 1),
            ("region=CN-XZ", 0),
            ("flag=value_disputed", 2),
            ("flag=gwp_unknown&year=2024", 11),
            ("q=Zhejiang", 3),
            ("q=%E6%B5%99%E6%B1%9F", 3),
            ("q=2022%20zhejiang", 1),
            ("q=no-such-word-anywhere", 0),
            ("kind=combustion&category=Energy/*", 216),
            ("kind=&region=&year=&q=&dataset=cn-electricity-footprint", 21),
        ];
        for (parameters, expected) in table {
            assert_eq!(total(site, parameters), expected, "{parameters}");
        }
    }
);

on_bundled!(
    fn wrong_filters_are_refused(site: &Site) {
        let table = [
            ("limit=0", "invalid-parameter"),
            ("limit=1001", "invalid-parameter"),
            ("limit=-1", "invalid-parameter"),
            ("limit=many", "invalid-parameter"),
            ("sort=value", "invalid-parameter"),
            ("facets=colour", "invalid-parameter"),
            ("flag=valeu_disputed", "invalid-parameter"),
            ("kind=electricity-dierct", "invalid-parameter"),
            ("region=UK", "invalid-parameter"),
            ("year=now", "invalid-parameter"),
            ("cursor=xyz", "invalid-parameter"),
            ("cursor=OTk5OTk5LjA", "invalid-parameter"),
            ("dataset=none", "no-dataset"),
            ("dataset=ipcc-gwp@9.9.9", "no-release"),
            ("dataset=ipcc-gwp@new", "invalid-parameter"),
            ("colour=red", "unknown-parameter"),
            ("metric=CO3", "invalid-parameter"),
        ];
        for (parameters, code) in table {
            refused(site, &format!("/v1/factors?{parameters}"), code);
        }
        assert_eq!(texts(&refused(site, "/v1/factors?region=UK", "invalid-parameter")["valid"]), ["GB"]);
        let problem = refused(site, "/v1/factors?kind=electricity-dierct", "invalid-parameter");
        assert!(problem["detail"].as_str().unwrap().contains("`electricity-direct`"), "{problem}");
    }
);

on_bundled!(
    fn facets(site: &Site) {
        let facets = ok(site, "/v1/factors?dataset=cn-electricity-co2&limit=1").json()["facets"].clone();
        assert_eq!(facets["year"], json!({"2021": 40, "2022": 40, "2023": 40}));
        assert_eq!(facets["kind"], json!({"electricity-direct": 120}));
        assert_eq!(facets["dataset"], json!({"cn-electricity-co2": 120}));
        assert_eq!(facets["flag"], json!({"partial_gases": 120, "secondary_source": 80}));
        assert_eq!(facets["region"].as_object().unwrap().len(), 38);
        assert!(facets.get("activity").is_none());
        let facets = ok(site, "/v1/factors?facets=activity,%20kind&year=2024").json()["facets"].clone();
        assert_eq!(facets["activity"]["electricity/transmission-distribution"], 2);
        assert_eq!(facets.as_object().unwrap().len(), 2);
        assert_eq!(ok(site, "/v1/factors?facets=none").json()["facets"], json!({}));
    }
);

on_bundled!(
    fn the_default_page_and_its_order(site: &Site) {
        let page = ok(site, "/v1/factors?dataset=cn-electricity-co2");
        let listed = keys(&page);
        assert_eq!(listed.len(), 50);
        assert!(listed.is_sorted());
        assert_eq!(keys(&ok(site, "/v1/factors?limit=1000")).len(), 490);
        assert_eq!(ok(site, "/v1/factors?limit=1000").json()["next"], json!(null));
        assert_eq!(keys(&ok(site, "/v1/factors?region=CN-ZJ&sort=-year"))[0], "grid-average/cn-zj/2023");
        assert_eq!(keys(&ok(site, "/v1/factors?region=CN-ZJ&sort=year"))[0], "grid-average/cn-zj/2021");
        assert_eq!(
            keys(&ok(site, "/v1/factors?dataset=cn-electricity-co2&year=2022&sort=region&limit=2"))[1],
            "grid-average-excl-traded-non-fossil/cn/2022"
        );
        let single = ok(site, "/v1/factors?region=CN-ZJ&year=2022&facets=none");
        let item = single.json()["factors"][0].clone();
        assert_eq!(item["release"]["version"], "1.2.0");
        let lookup = ok(site, ZHEJIANG);
        assert_line(site, &lookup);
        let wanted = format!("{{\"factors\":[{{\"factor\":{},\"digest\":", String::from_utf8(factor_bytes(&lookup.body)).unwrap());
        assert!(single.text().starts_with(&wanted), "{}", single.text());
    }
);

on_bundled!(
    fn pages_hold_every_factor_once(site: &Site) {
        for sort in ["key", "year", "-year", "region"] {
            let mut seen = BTreeSet::new();
            let mut path = format!("/v1/factors?limit=97&facets=none&sort={sort}");
            let mut pages = 0;
            loop {
                let page = ok(site, &path).json();
                for item in page["factors"].as_array().unwrap() {
                    assert!(seen.insert(format!("{}#{}", item["release"]["dataset"], item["factor"]["key"])), "{sort}: {item}");
                }
                pages += 1;
                let Some(next) = page["next"].as_str() else { break };
                path = format!("/v1/factors?limit=97&facets=none&sort={sort}&cursor={next}");
            }
            assert_eq!((pages, seen.len()), (6, 490), "{sort}");
        }
    }
);

on_both!(
    fn a_cursor_outlives_publications_and_withdrawals(site: &Site) {
        let rows = |keys: &[&str]| keys.iter().map(|key| row(key, &[])).collect::<Vec<_>>();
        site.publish(&PackageDraft::new("made", "1.0.0", rows(&["b", "c", "d", "e", "f"])));
        let first = ok(site, "/v1/factors?limit=2");
        assert_eq!(keys(&first), ["b", "c"]);
        let next = first.json()["next"].as_str().unwrap().to_owned();

        site.publish(&PackageDraft::new("made", "1.1.0", rows(&["a", "b", "c", "d", "e", "f"])));
        site.publish(&PackageDraft::new("another", "1.0.0", rows(&["x"])));
        site.wait_for_facts(3);
        let second = ok(site, &format!("/v1/factors?limit=2&cursor={next}"));
        assert_eq!(keys(&second), ["d", "e"], "neither repeated nor skipped");
        assert_eq!(second.json()["total"], 5);
        assert_eq!(keys(&ok(site, "/v1/factors?limit=3")), ["x", "a", "b"]);

        tanyin::release::withdraw(site.ground(), &"made".parse().unwrap(), &"1.0.0".parse().unwrap(), "a typing error", "reviewer")
            .unwrap();
        site.wait_for_facts(4);
        let next = second.json()["next"].as_str().unwrap().to_owned();
        let third = ok(site, &format!("/v1/factors?limit=2&cursor={next}"));
        assert_eq!(keys(&third), ["f"]);
        assert_eq!(third.json()["next"], json!(null));
        assert_eq!(total(site, ""), 7);
        assert_eq!(total(site, "dataset=made@1.0.0"), 5, "a withdrawn release stays readable at its version");
    }
);
