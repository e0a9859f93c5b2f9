//! The filters of a search over HTTP, and what whoever may not read everything learns.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tanyin::dataset::Principal;
use tanyin::release::{self, Catalogue, FlagOf};
use tanyin::search::FilterQuery;

use super::{names, page, products, words};
use crate::site::{PackageDraft, Response, Site, row};
use crate::{on_both, on_bundled};

#[track_caller]
fn ok(site: &Site, path: &str) -> Value {
    let answer = site.get(path);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.json()
}

fn keys(page: &Value) -> Vec<String> {
    page["factors"].as_array().unwrap().iter().map(|item| item["factor"]["key"].as_str().unwrap().to_owned()).collect()
}

on_bundled!(
    fn filters_and_their_lists(site: &Site) {
        let table = [
            ("kind=electricity-direct,combustion", 120 + 216),
            ("kind=electricity-direct,,%20electricity-lifecycle", 141),
            ("dimension=energy", 120 + 21 + 216),
            ("dimension=mass", 133),
            ("dimension=distance", 0),
            ("per=TJ", 216),
            ("per=kW.h,TJ", 141 + 216),
            ("metric=CO2", 120),
            ("metric=CO2,CO2e", 490),
            ("year=2021,2023&kind=electricity-direct", 80),
            ("year=2022..2023&kind=electricity-direct", 80),
            ("year=..2021", 40),
            ("year=2024..", 11),
            ("region=CN-ZJ,CN-GD&year=2022", 2),
            ("source=mee-2024-33", 40),
            ("source=mee-2024-33&region=CN-ZJ", 1),
            ("source=mee-2024-33,mee-2024-12&q=zhejiang", 2),
            ("published=2024-12", 40),
            ("published=2024", 80),
            ("licence=CC0-1.0", 133),
            ("licence=CC0-1.0,LicenseRef-IPCC-facts", 133 + 216),
            ("gwp=ipcc-ar5-wg1-8.a1-gwp100&kind=combustion", 216),
            ("dataset=cn-electricity-co2@%3E=1,%3C1.2,ipcc-gwp", 80 + 133),
            ("dataset=cn-electricity-co2,cn-electricity-co2@latest", 120),
            ("activity=combustion/*&q=natural%20gas", 8),
        ];
        for (parameters, expected) in table {
            assert_eq!(ok(site, &format!("/v1/factors?limit=1&facets=none&{parameters}"))["total"], expected, "{parameters}");
        }
    }
);

on_bundled!(
    fn a_wrong_value_names_the_right_ones(site: &Site) {
        let table = [
            ("dimension=enrgy", "energy"),
            ("per=kWh", "kW.h"),
            ("metric=co2e", "CO2e"),
            ("gwp=ipcc-ar5-wg1-8.a1-gwp", "ipcc-ar5-wg1-8.a1-gwp100"),
            ("year=22", "2023"),
            ("year=2023..2020", "2020..2023"),
            ("published=2024-13", "2024-12"),
            ("licence=CC0", "CC0-1.0"),
            ("source=mee-2024-3", "mee-2024-33"),
            ("activity=electricity/grid-averag", "electricity/grid-average"),
            ("activity=elektricity/*", "electricity/fossil-power"),
            ("category=Energy", "Energy/Electricity"),
            ("sort=relevant", "relevance"),
            ("facets=colour", "licence"),
            ("kind=combustoin", "combustion"),
        ];
        for (parameters, right) in table {
            let answer = site.get(&format!("/v1/factors?{parameters}"));
            assert_eq!(answer.problem(), "invalid-parameter", "{parameters}");
            let valid = answer.json()["valid"].as_array().unwrap().clone();
            assert!(valid.contains(&json!(right)), "{parameters}: {valid:?}");
        }
        let backwards = site.get("/v1/factors?year=2023..2020");
        assert!(backwards.json()["detail"].as_str().unwrap().contains("ends before it begins"), "{}", backwards.text());
        let unknown = site.get("/v1/factors?regoin=CN");
        assert_eq!(unknown.problem(), "unknown-parameter");
        assert!(unknown.json()["detail"].as_str().unwrap().contains("`region`"), "{}", unknown.text());
        let long = format!("/v1/factors?q={}", "x".repeat(5000));
        assert_eq!(site.get(&long).problem(), "invalid-parameter");
    }
);

on_bundled!(
    fn the_answer_tells_how_it_was_read(site: &Site) {
        let found = ok(site, "/v1/factors?q=electricty%20zhejang%202022&facets=none&limit=1");
        assert_eq!(found["search"]["matched"], "typo");
        assert_eq!(found["search"]["read_as"], "electricity zhejiang 2022");
        assert_eq!((&found["search"]["regions"], &found["search"]["years"]), (&json!(["CN-ZJ"]), &json!([2022])));
        assert_eq!(keys(&found), ["grid-average/cn-zj/2022"]);
        assert!(ok(site, "/v1/factors?limit=1").get("search").is_none());
        let facets = ok(site, "/v1/factors?q=%E5%A4%A9%E7%84%B6%E6%B0%94&kind=combustion&limit=1")["facets"].clone();
        assert_eq!(facets["dimension"], json!({"energy": 8}));
        assert_eq!(facets["licence"], json!({"LicenseRef-IPCC-facts": 8}));
        let by_key = ok(site, "/v1/factors?q=zhejiang&sort=key&facets=none");
        assert_eq!(keys(&by_key), ["grid-average/cn-zj/2021", "grid-average/cn-zj/2022", "grid-average/cn-zj/2023"]);
        let by_relevance = ok(site, "/v1/factors?q=zhejiang&facets=none");
        assert_eq!(keys(&by_relevance), ["grid-average/cn-zj/2023", "grid-average/cn-zj/2022", "grid-average/cn-zj/2021"]);
    }
);

fn steel(key: &str, name: &str) -> std::collections::BTreeMap<String, String> {
    let activity = name.split(' ').next().unwrap().to_lowercase();
    row(key, &[("name_en", name), ("activity", &activity), ("kind", "process"), ("per", "t"), ("year", "2022")])
}

on_both!(
    fn a_cursor_keeps_its_order_under_publication(site: &Site) {
        site.publish(&products());
        let all = keys(&ok(site, "/v1/factors?q=steel&facets=none&limit=1000"));
        assert!(all.len() > 6);
        let first = ok(site, "/v1/factors?q=steel&facets=none&limit=3");
        let mut seen = keys(&first);
        let many = (0..30).map(|number| steel(&format!("steel/{number}"), "Steel")).collect();
        site.publish(&PackageDraft::new("more-steel", "1.0.0", many));
        site.wait_for_facts(2);
        let mut next = first["next"].clone();
        while let Some(cursor) = next.as_str() {
            let page = ok(site, &format!("/v1/factors?q=steel&facets=none&limit=3&cursor={cursor}"));
            seen.extend(keys(&page));
            next = page["next"].clone();
        }
        assert_eq!(seen, all);
        assert!(keys(&ok(site, "/v1/factors?q=steel&facets=none&limit=3")).iter().all(|key| key.starts_with("steel/")));
    }
);

on_both!(
    fn later_flags_are_counted_and_lower_a_factor(site: &Site) {
        let published =
            site.publish(&PackageDraft::new("made", "1.0.0", vec![steel("a", "Steel"), steel("b", "Steel"), steel("c", "Copper")]));
        assert_eq!(keys(&ok(site, "/v1/factors?q=steel")), ["a", "b"]);
        let (dataset, version) = ("made".parse().unwrap(), published.version);
        let of = |key| FlagOf { dataset: &dataset, version: &version, key, flag: "value_disputed" };
        release::flag(site.ground(), of("a"), "the annex says otherwise", "operator/w").unwrap();
        release::flag(site.ground(), of("c"), "the annex says otherwise", "operator/w").unwrap();
        site.wait_for_facts(3);
        let found = ok(site, "/v1/factors?q=steel");
        assert_eq!(keys(&found), ["b", "a"]);
        assert_eq!(found["facets"]["flag"], json!({"value_disputed": 1}));
        let listed = ok(site, "/v1/factors?flag=value_disputed,outlier");
        assert_eq!(keys(&listed), ["a", "c"]);
        assert_eq!(listed["factors"][0]["notices"][0]["flag"], "value_disputed");
        assert_eq!(listed["factors"][0]["notices"][0]["why"], "the annex says otherwise");
        assert!(found["factors"][0].get("notices").is_none() && found["factors"][1]["notices"].is_array());
    }
);

on_bundled!(
    fn a_place_or_a_year_without_factors_is_told(site: &Site) {
        let regions = |page: &Value| {
            let all = page["factors"].as_array().unwrap().iter();
            all.map(|item| item["factor"]["region"].as_str().unwrap().to_owned()).collect::<BTreeSet<_>>()
        };
        let tibet = ok(site, "/v1/factors?q=%E8%A5%BF%E8%97%8F%20%E7%94%B5%E5%8A%9B&facets=none&limit=1000");
        assert_eq!(tibet["search"]["regions_without"], json!(["CN-XZ"]));
        assert_eq!((&tibet["search"]["matched"], regions(&tibet)), (&json!("exact"), BTreeSet::from(["CN".to_owned()])));
        let both = ok(site, "/v1/factors?q=Zhejiang%20Jiangsu%20electricity&facets=none&limit=1000");
        assert_eq!((&both["total"], regions(&both)), (&json!(6), BTreeSet::from(["CN-JS".to_owned(), "CN-ZJ".to_owned()])));
        assert!(both["search"].get("regions_without").is_none());
        let later = ok(site, "/v1/factors?q=zhejiang%20electricity%202031&facets=none");
        assert_eq!((&later["search"]["years"], &later["search"]["years_without"]), (&json!([2031]), &json!([2031])));
        assert_eq!(keys(&later), ["grid-average/cn-zj/2023", "grid-average/cn-zj/2022", "grid-average/cn-zj/2021"]);
    }
);

on_both!(
    fn a_rare_translation_does_not_outweigh_the_written_word(site: &Site) {
        let mut rows: Vec<_> = (0..30).map(|n| steel(&format!("power/{n:02}"), &format!("Average electricity number {n}"))).collect();
        rows.push(steel("board", "Printed circuit board, electric power supply"));
        site.publish(&PackageDraft::new("made", "1.0.0", rows));
        let found = keys(&ok(site, "/v1/factors?q=electricity&facets=none"));
        assert_eq!((found.len(), found.last().map(String::as_str)), (31, Some("board")));
    }
);

/// Everything that a stranger's page tells, order and scores included.
fn told(site: &Site, q: &str) -> (Vec<String>, Vec<u64>, String) {
    let catalogue = Catalogue::load(site.ground()).unwrap();
    let page = page(&catalogue, &FilterQuery { facets: None, ..words(q) }, &Principal::Anonymous);
    let rest = format!("{} {:?} {:?}", page.total, page.facets, page.search);
    (names(&page), page.items.iter().map(|item| item.score).collect(), rest)
}

on_both!(
    fn a_restricted_dataset_leaves_no_trace(site: &Site) {
        site.publish(&products());
        let asked = ["steel", "原铝", "zinc ingot", "unobtanium", "unobtanim", "unobt", "alumin", "钢铁材料", "copper unobtanium"];
        let before: Vec<_> = asked.iter().map(|q| told(site, q)).collect();
        let suggestions = |site: &Site| site.get("/v1/factors?licence=none&limit=1").text();
        let former = suggestions(site);
        let rows =
            || (0..40).map(|number| steel(&format!("unobtanium/{number}"), "Unobtanium steel 钢铁材料 原铝 zinc")).collect::<Vec<_>>();
        let folder = tempfile::tempdir().unwrap();
        let mut secret = PackageDraft::new("secret", "1.0.0", rows());
        secret.description["licenses"] = json!([{"name": "LicenseRef-secret", "redistribution": "full"}]);
        secret.write(folder.path());
        site.import(folder.path(), "secret").unwrap();
        tanyin::desk::set_restricted(site.ground(), &"secret".parse().unwrap(), true, "operator").unwrap();
        site.publish(&secret);
        for (q, former) in asked.iter().zip(before) {
            assert_eq!(told(site, q), former, "{q}");
        }
        assert_eq!(suggestions(site), former);
        let catalogue = Catalogue::load(site.ground()).unwrap();
        assert_eq!(page(&catalogue, &words("unobtanium"), &Principal::Operator).total, 40);
    }
);

on_both!(
    fn remarks_of_what_may_not_be_passed_on_are_not_searched(site: &Site) {
        let row = row("k", &[("name_en", "Bought factor"), ("note_en", "secretword"), ("description_en", "hiddenword")]);
        let mut package = PackageDraft::new("names-alone", "1.0.0", vec![row]);
        package.description["licenses"] = json!([{"name": "LicenseRef-bought", "redistribution": "metadata_only"}]);
        site.publish(&package);
        let total = |answer: Response| answer.json()["total"].clone();
        let table =
            [("bought", 1), ("secretword", 0), ("hiddenword", 0), ("secretwor", 0), ("secretwurd", 0), ("secretword%20hiddenword", 0)];
        for (q, expected) in table {
            assert_eq!(total(site.get(&format!("/v1/factors?q={q}"))), expected, "{q}");
        }
        let catalogue = Catalogue::load(site.ground()).unwrap();
        assert_eq!(page(&catalogue, &words("secretword"), &Principal::Operator).total, 1);
    }
);
