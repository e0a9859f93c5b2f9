//! Finding a factor: by words, by filters, and what is said where nothing is found.

use super::{attributes, look, page};
use crate::on_bundled;

const FACTOR: &str = "/datasets/cn-electricity-co2/releases/1.2.0/factors/grid-average/cn-zj/2023";

on_bundled!(
    fn zhejiang_in_three_steps(site: &Site) {
        let home = page(site, "/", "zh");
        assert!(home.contains("<form role=\"search\" action=\"/search\">") && home.contains("name=\"q\""));
        let found = page(site, "/search?q=%E6%B5%99%E6%B1%9F%20%E7%94%B5%E7%BD%91", "zh");
        let first = found.split("class=\"hit\"").nth(1).unwrap();
        assert!(first.contains(&format!("href=\"{FACTOR}\"")), "{first:.900}");
        for said in ["<b>0.4974</b>", "kg\u{202f}CO₂/kWh", "<mark>浙江</mark>", "2023", "cn-electricity-co2@1.2.0", "匹配于", "地区：浙江"]
        {
            assert!(first.contains(said), "{said}: {first:.2000}");
        }
        assert!(page(site, FACTOR, "zh").contains("0.4974"));
    }
);

on_bundled!(
    fn every_count_leads_to_so_many(site: &Site) {
        let text = page(site, "/search", "en");
        let facets = text.split("class=\"facets\"").nth(1).unwrap().split("</aside>").next().unwrap();
        let mut checked = 0;
        for choice in facets.split("<li>").skip(1).step_by(4) {
            let href = attributes(choice, "href").remove(0);
            let count = choice.split("class=\"count\">").nth(1).unwrap().split('<').next().unwrap();
            let narrowed = page(site, &href, "en");
            assert!(narrowed.contains(&format!("{count} factors")), "{href}: {count}");
            assert!(narrowed.contains("class=\"chosen\""), "{href}");
            checked += 1;
        }
        assert!(checked > 5, "{checked}");
    }
);

on_bundled!(
    fn pages_go_on_where_the_one_before_ended(site: &Site) {
        let mut path = "/search?kind=combustion".to_owned();
        let mut keys = std::collections::BTreeSet::new();
        loop {
            let text = page(site, &path, "en");
            let hits = text.split("class=\"hits\"").nth(1).unwrap().split("</ol>").next().unwrap().to_owned();
            for href in attributes(&hits, "href").into_iter().filter(|href| href.contains("/factors/")) {
                assert!(keys.insert(href.clone()), "{href} stands twice");
            }
            let next = text.split("rel=\"next\" href=\"").nth(1).map(|rest| rest.split('"').next().unwrap().replace("&#38;", "&"));
            match next {
                Some(next) => path = next,
                None => break,
            }
        }
        assert_eq!(keys.len(), 216);
    }
);

on_bundled!(
    fn what_is_wrong_is_said(site: &Site) {
        let wrong = look(site, "/search?q=coal&year=soon", "en");
        assert_eq!(wrong.status, 422);
        let text = wrong.text();
        assert!(text.contains("role=\"alert\"") && text.contains("<code>year</code>") && text.contains("2020..2023"), "{text}");
        let nothing = page(site, "/search?q=qwertzuiop", "zh");
        assert!(nothing.contains("没有找到") && nothing.contains("href=\"/datasets\""));
        let meant = page(site, "/search?q=anthracit", "en");
        assert!(meant.contains("anthracite") || meant.contains("Anthracite"), "{meant}");
        let elsewhere = page(site, "/search?q=%E8%A5%BF%E8%97%8F%20%E7%94%B5%E7%BD%91", "zh");
        assert!(elsewhere.contains("西藏"), "the reader learns that there is none of Tibet");
    }
);

on_bundled!(
    fn a_release_is_browsed_as_a_table(site: &Site) {
        let home = "/datasets/cn-electricity-co2/releases/1.2.0/factors";
        let text = page(site, home, "en");
        assert_eq!(text.matches("<th scope=\"row\">").count(), 50);
        assert!(text.contains("aria-sort=\"ascending\"") && text.contains("1–50"), "{text:.500}");
        let sorted = page(site, &format!("{home}?sort=-year&year=2021..2022"), "en");
        assert!(sorted.contains("aria-sort=\"descending\"") && sorted.contains("80 factors"));
        let download = attributes(&sorted, "href").into_iter().find(|href| href.starts_with("/v1/factors/download?")).unwrap();
        assert!(download.contains("dataset=cn-electricity-co2%401.2.0") && download.contains("year=2021..2022"), "{download}");
        let table = site.get(&download).text();
        assert_eq!(table.lines().count(), 81, "{download}");
    }
);
