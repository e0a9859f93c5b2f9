//! The page of one factor: what it says, what it keeps back, and that hostile data are harmless.

use serde_json::json;

use crate::http::{ok, texts};
use crate::site::{PackageDraft, row};
use crate::{on_both, on_bundled};

const PAGE: &str = "/datasets/cn-electricity-co2/releases/1.2.0/factors/grid-average/cn-zj/2022";

on_bundled!(
    fn a_factor_is_told_in_both_languages(site: &Site) {
        let found = ok(site, &format!("/v1{PAGE}").replace("/factors/", "/provenance/")).json();
        let digest = found["digest"].as_str().unwrap();
        let page = ok(site, &format!("{PAGE}?lang=zh")).text();
        for said in [
            "电力平均二氧化碳排放因子，浙江，2022年",
            "0.5153</span>",
            "kg\u{202f}CO₂/kWh",
            "每千瓦时 0.5153 千克二氧化碳",
            "气体不完整",
            "没有包含全部温室气体",
            "公告2024年第33号",
            "在有数值的 30 个省级行政区中从高到低排第",
            "一字未改",
            "来源中的单元格，逐字",
            "cn-electricity-co2@1.2.0#grid-average/cn-zj/2022",
            digest,
        ] {
            assert!(page.contains(said), "{said}");
        }
        let page = ok(site, &format!("{PAGE}?lang=en")).text();
        for said in [
            "Electricity, grid average, Zhejiang, 2022",
            "0.5153 kg CO2 per kilowatt hour",
            "Partial gases",
            "number 18 of 30 provinces",
            "id=\"proof\"",
            "row 浙江",
        ] {
            assert!(page.contains(said), "{said}");
        }
        for wrong in [" style=\"", "<script>", "onclick"] {
            assert!(!page.contains(wrong), "{wrong}");
        }
        assert_eq!(page.matches("role=\"img\"").count(), page.matches("<desc id=").count());
    }
);

on_bundled!(
    fn every_kind_of_bundled_factor_has_a_page(site: &Site) {
        for (dataset, version) in [("cn-electricity-footprint", "1.1.0"), ("ipcc-gwp", "1.0.0"), ("ipcc-stationary-combustion", "1.0.0")] {
            let home = format!("/datasets/{dataset}/releases/{version}");
            let lines = ok(site, &format!("/v1{home}/files/factors.ndjson")).text();
            for line in lines.lines().step_by(29) {
                let factor: serde_json::Value = serde_json::from_str(line).unwrap();
                let answer = ok(site, &format!("{home}/factors/{}?lang=zh", factor["key"].as_str().unwrap()));
                let page = answer.text();
                assert!(page.contains(&format!(">{}</span>", factor["value"].as_str().unwrap())), "{line}");
                assert!(page.len() < 400 << 10, "{} bytes", page.len());
            }
        }
        let disputed = ok(site, "/datasets/ipcc-gwp/releases/1.0.0/factors/ipcc-ar6-wg1-7.15-gwp100/sf6?lang=en").text();
        assert!(disputed.contains("role=\"alert\"") && disputed.contains("do not use"), "a blocking flag is loud");
    }
);

on_bundled!(
    fn charts_are_had_as_files(site: &Site) {
        let page = ok(site, &format!("{PAGE}?lang=zh")).text();
        assert!(page.contains("chart=provinces&#38;as=csv") || page.contains("chart=provinces&amp;as=csv"), "the page links them");
        let csv = ok(site, &format!("{PAGE}?chart=provinces&as=csv&lang=zh"));
        assert_eq!(csv.header("content-type"), Some("text/csv; charset=utf-8"));
        assert!(
            csv.header("content-disposition")
                .unwrap()
                .starts_with("attachment; filename=\"cn-electricity-co2-1.2.0-grid-average-cn-zj-2022-provinces.csv\"")
        );
        let text = csv.text();
        assert!(text.contains("浙江,CN-ZJ,0.5153\r\n") && text.contains("西藏,CN-XZ,无数值\r\n"), "{text}");
        let svg = ok(site, &format!("{PAGE}?chart=years&as=svg&lang=en"));
        assert_eq!(svg.header("content-type"), Some("image/svg+xml"));
        assert!(svg.text().contains(">0.5153</text>"));
        for (query, code) in [("chart=none", 422), ("chart=years&as=png", 422), ("x=1", 400)] {
            assert_eq!(site.get(&format!("{PAGE}?{query}")).status, code, "{query}");
        }
    }
);

on_bundled!(
    fn a_newer_release_is_told_first(site: &Site) {
        let old = "/datasets/cn-electricity-co2/releases/1.1.0/factors/grid-average/cn-zj/2022";
        let page = ok(site, &format!("{old}?lang=en")).text();
        assert!(page.contains("There is a newer release, 1.2.0") && page.contains("The number is the same there."));
        assert!(page.find("newer release").unwrap() < page.find("<h1>").unwrap());
        let latest = ok(site, &format!("{PAGE}?lang=en")).text();
        assert!(!latest.contains("newer release"));
        for (path, status) in [(PAGE.replace("2022", "1999"), 404), (PAGE.replace("1.2.0", "9.9.9"), 404), (PAGE.replace("-co2", ""), 404)]
        {
            let answer = site.get(&path);
            assert_eq!((answer.status, answer.header("content-type")), (status, Some("text/html; charset=utf-8")), "{path}");
        }
        let near = site.get(&format!("/v1{}", PAGE.replace("2022", "1999"))).json();
        let near = texts(&near["nearest"]).into_iter().map(str::to_owned).collect::<Vec<_>>();
        let page = site.get(&PAGE.replace("2022", "1999")).text();
        assert!(near.iter().any(|key| page.contains(key.as_str())), "what stands near is told: {near:?}");
    }
);

const HOSTILE: &str = "\"><script>alert(1)</script><img src=x onerror='a'>{{7*7}}\u{202e}txt";

on_both!(
    fn hostile_words_stay_words(site: &Site) {
        let cells = [
            ("name_en", HOSTILE),
            ("locator", HOSTILE),
            ("value_text", HOSTILE),
            ("unit_text", HOSTILE),
            ("technology", HOSTILE),
            ("category", HOSTILE),
            ("note_en", HOSTILE),
        ];
        let others = (0..6).map(|number| {
            row(
                &format!("b{number}"),
                &[("name_en", HOSTILE), ("category", HOSTILE), ("activity", "other"), ("value", &format!("0.{number}1"))],
            )
        });
        let mut package = PackageDraft::new("hostile", "1.0.0", std::iter::once(row("a", &cells)).chain(others).collect());
        package.description["title"] = json!(HOSTILE);
        package.description["sources"] = json!([{"id": "doc", "title": HOSTILE, "publisher": HOSTILE, "path": "javascript:alert(1)"}]);
        package.description["licenses"][0]["title"] = json!(HOSTILE);
        site.publish(&package);
        let (dataset, version) = ("hostile".parse().unwrap(), "1.0.0".parse().unwrap());
        tanyin::release::withdraw(site.ground(), &dataset, &version, HOSTILE, "<b>reviewer</b>").unwrap();
        site.wait_for_facts(2);
        for lang in ["zh", "en"] {
            for path in ["/datasets/hostile/releases/1.0.0/factors/a", "/compare"] {
                let query = if path == "/compare" { "&factor=hostile@1.0.0%23a&factor=hostile@1.0.0%23b1" } else { "" };
                let page = ok(site, &format!("{path}?lang={lang}{query}")).text();
                for raw in ["<script>alert", "<img", "onerror='", "href=\"javascript", "<b>reviewer", ">49<"] {
                    assert!(!page.contains(raw), "{raw}: {page}");
                }
            }
        }
        let page = ok(site, "/datasets/hostile/releases/1.0.0/factors/a?lang=zh").text();
        assert!(page.contains("本版本已撤回，请勿使用") && page.find("已撤回").unwrap() < page.find("<h1>").unwrap());
    }
);

on_both!(
    fn numbers_that_may_not_be_passed_on_are_not_shown(site: &Site) {
        let mut package = PackageDraft::new("names", "1.0.0", vec![row("k", &[("value", "0.98765"), ("value_text", "0.98765")])]);
        package.description["licenses"] = json!([{"name": "LicenseRef-names", "redistribution": "metadata_only"}]);
        site.publish(&package);
        let mut nothing = PackageDraft::new("nothing", "1.0.0", vec![row("k", &[])]);
        nothing.description["licenses"] = json!([{"name": "LicenseRef-none", "redistribution": "none"}]);
        site.publish(&nothing);
        site.wait_for_facts(2);
        let page = ok(site, "/datasets/names/releases/1.0.0/factors/k?lang=en").text();
        assert!(page.contains("the number is not shown") && page.contains("Grid average"), "{page}");
        assert!(!page.contains("0.98765") && !page.contains("id=\"proof\""));
        let answer = site.get("/datasets/nothing/releases/1.0.0/factors/k");
        assert!(answer.status != 200 && !answer.text().contains("Grid average"), "{}", answer.text());
        let page = ok(site, "/compare?factor=names@1.0.0%23k&lang=en").text();
        assert!(!page.contains("0.98765") && page.contains("role=\"alert\""), "{page}");
    }
);
