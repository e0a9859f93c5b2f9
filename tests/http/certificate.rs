//! The certificate of one number: what it says, that it is safe, and which address it names.

use std::time::Duration;

use serde_json::json;
use tanyin::http::{self, Serving};

use super::{get_raw, ok, refused, send_raw};
use crate::site::{PackageDraft, Site, row};
use crate::{on_both, on_bundled};

const PATH: &str = "/v1/datasets/cn-electricity-co2/releases/1.2.0/certificate/grid-average/cn-zj/2022";

/// The page asked for under this host, with further header lines.
fn page_for(site: &Site, host: &str, more: &str) -> String {
    let request = format!("GET {PATH} HTTP/1.1\r\nHost: {host}\r\n{more}Connection: close\r\n\r\n");
    send_raw(site, request.as_bytes()).text()
}

on_bundled!(
    fn everything_stands_on_one_page(site: &Site) {
        let answer = ok(site, PATH);
        let page = answer.text();
        let found = ok(site, &PATH.replace("certificate", "provenance")).json();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        for said in [
            "中国电力二氧化碳排放因子",
            "China: electricity CO2 emission factors",
            "电力平均二氧化碳排放因子，浙江，2022年",
            "Electricity, grid average, Zhejiang, 2022",
            "每千瓦时 0.5153 千克二氧化碳",
            "0.5153 kg CO2 per kilowatt hour",
            "电力直接排放（electricity-direct）",
            "Electricity, direct (electricity-direct)",
            "浙江（CN-ZJ）",
            "Zhejiang (CN-ZJ)",
            "2022, 2022-01-01 – 2022-12-31",
            "generation",
            "公告2024年第33号",
            "Announcement on the publication of the 2022 electricity CO2 emission factors",
            "row 浙江",
            "0.5153 kgCO2/kWh",
            "LicenseRef-CN-official-document",
            "气体不完整（警告）",
            "Partial gases (warning, partial_gases)",
            "cn-electricity-co2@1.2.0",
            "bundled",
            "tanyin verify proof.json --key VKEY",
            &text(&found["digest"]),
            &text(&found["release"]["manifest"]),
            &text(&found["release"]["published_at"]),
            "叶序号 ",
            "leaf index ",
            &text(&found["checkpoint"]["origin"]),
            found["checkpoint"]["root"].as_str().unwrap().trim_end_matches('='),
        ] {
            assert!(page.contains(said), "{said}");
        }
        assert!(!page.contains("class=\"banner\""));
        assert_eq!(page.matches("<svg").count(), 1);
        assert!(page.len() < 60 << 10, "{} bytes", page.len());
        for (header, value) in [
            ("content-type", "text/html; charset=utf-8"),
            ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:"),
            ("referrer-policy", "no-referrer"),
            ("cache-control", "public, max-age=60"),
            ("vary", "X-Forwarded-Proto"),
        ] {
            assert_eq!(answer.all(header), [value], "{header}");
        }
        for other in ["<script", "src=", "@import", "url(", "<link", "<img", "<iframe"] {
            assert!(!page.contains(other), "{other}");
        }
    }
);

on_bundled!(
    fn every_kind_of_bundled_factor_has_one(site: &Site) {
        for (dataset, version) in [("cn-electricity-footprint", "1.1.0"), ("ipcc-gwp", "1.0.0"), ("ipcc-stationary-combustion", "1.0.0")] {
            let home = format!("/v1/datasets/{dataset}/releases/{version}");
            let lines = ok(site, &format!("{home}/files/factors.ndjson")).text();
            for line in lines.lines().step_by(13) {
                let factor: serde_json::Value = serde_json::from_str(line).unwrap();
                let page = ok(site, &format!("{home}/certificate/{}", factor["key"].as_str().unwrap())).text();
                assert!(page.contains(&format!(" {} ", factor["value"].as_str().unwrap())), "{line}");
                assert!(page.contains(&tanyin::canon::Digest::of(line.as_bytes()).to_string()));
                if let Some(gwp) = factor["gwp"].as_str() {
                    assert!(page.contains(gwp), "{line}");
                }
            }
        }
        let disputed = ok(site, "/v1/datasets/ipcc-gwp/releases/1.0.0/certificate/ipcc-ar6-wg1-7.15-gwp100/sf6").text();
        assert!(disputed.contains("class=\"banner\"") && disputed.contains("Do not use"), "a blocking flag is loud");
    }
);

on_bundled!(
    fn wrong_questions_are_refused(site: &Site) {
        refused(site, &PATH.replace("2022", "1999"), "no-factor");
        refused(site, &PATH.replace("1.2.0", "9.9.9"), "no-release");
        refused(site, &PATH.replace("cn-electricity-co2", "none"), "no-dataset");
        let latest = ok(site, &PATH.replace("1.2.0", "latest"));
        assert_eq!(latest.header("content-location"), Some(PATH));
        assert!(latest.text().contains(PATH), "the page names the exact version");
    }
);

const HOSTILE: &str = "\"><script>alert(1)</script><img src=x onerror='a'>{{7*7}}&amp;</style>";

on_both!(
    fn hostile_words_stay_words(site: &Site) {
        let cells = [("name_en", HOSTILE), ("locator", HOSTILE), ("value_text", HOSTILE), ("unit_text", HOSTILE), ("technology", HOSTILE)];
        let mut package = PackageDraft::new("hostile", "1.0.0", vec![row("a", &cells)]);
        package.description["title"] = json!(HOSTILE);
        package.description["sources"] =
            json!([{"id": "doc", "title": HOSTILE, "publisher": HOSTILE, "document_no": HOSTILE, "path": "javascript:alert(1)"}]);
        package.description["licenses"][0]["title"] = json!(HOSTILE);
        site.publish(&package);
        let (dataset, version) = ("hostile".parse().unwrap(), "1.0.0".parse().unwrap());
        tanyin::release::withdraw(site.ground(), &dataset, &version, HOSTILE, "<b>reviewer</b>").unwrap();
        site.wait_for_facts(2);
        let page = ok(site, "/v1/datasets/hostile/releases/1.0.0/certificate/a").text();
        for raw in ["<script", "<img", "onerror='", "{{7*7}}</", "&amp;</style", "href=\"javascript", "<b>", ">49<"] {
            assert!(!page.contains(raw), "{raw}: {page}");
        }
        assert_eq!((page.matches("</style>").count(), page.matches("<a ").count()), (1, 1));
        assert!(page.contains("&#60;script&#62;alert(1)&#60;/script&#62;"), "{page}");
    }
);

on_both!(
    fn what_was_withdrawn_is_loud(site: &Site) {
        site.publish(&PackageDraft::new("raw", "1.0.0", vec![row("x", &[])]));
        site.publish(&PackageDraft::new("mid", "1.0.0", vec![row("y", &[("derived_from", "raw@1.0.0#x")])]));
        site.wait_for_facts(2);
        let paths = ["/v1/datasets/raw/releases/1.0.0/certificate/x", "/v1/datasets/mid/releases/1.0.0/certificate/y"];
        assert!(paths.iter().all(|path| !ok(site, path).text().contains("class=\"banner\"")));
        let (dataset, version) = ("raw".parse().unwrap(), "1.0.0".parse().unwrap());
        tanyin::release::withdraw(site.ground(), &dataset, &version, "单位有误", "reviewer").unwrap();
        site.wait_for_facts(3);
        let own = ok(site, paths[0]);
        let page = own.text();
        assert!(page.contains("已撤回，请勿使用") && page.contains("WITHDRAWN: DO NOT USE") && page.contains("单位有误"), "{page}");
        assert!(own.header("deprecation").is_some());
        assert!(page.find("class=\"banner\"").unwrap() < page.find("class=\"value\"").unwrap(), "it stands above the number");
        let page = ok(site, paths[1]).text();
        assert!(page.contains("raw@1.0.0") && page.contains("单位有误") && page.contains("class=\"banner\""), "{page}");
        assert!(!page.contains("WITHDRAWN: DO NOT USE"));
    }
);

on_bundled!(
    fn the_address_is_that_of_the_request_where_it_is_one(site: &Site) {
        let named = |page: &str, base: &str| page.contains(&format!("href=\"{base}{PATH}\"")) && page.contains("<svg");
        assert!(named(&page_for(site, "factors.example:8443", ""), "http://factors.example:8443"));
        assert!(named(&page_for(site, "factors.example", "X-Forwarded-Proto: https\r\n"), "https://factors.example"));
        assert!(named(&page_for(site, "[::1]:80", "X-Forwarded-Proto: javascript\r\n"), "http://[::1]:80"));
        let page = page_for(site, "factors.example", "X-Forwarded-Host: evil.example\r\nForwarded: host=evil.example\r\n");
        assert!(named(&page, "http://factors.example") && !page.contains("evil"), "{page}");
        for host in ["a\"onmouseover=x", "<b>", "a/../b", "user@evil.example", "a zz", "x:99999"] {
            let page = page_for(site, host, "");
            assert!(!page.contains(host), "{host}: {page}");
            // where the host is none, the page names no host and has no code, or the server refuses the request
            assert!(!page.contains("<svg") && (page.is_empty() || page.contains("/problems/") || page.contains(PATH)), "{host}: {page}");
        }
        assert!(get_raw(site, format!("{PATH}?x=1").as_bytes()).status == 400);
    }
);

on_bundled!(
    fn the_public_address_is_the_servers_own(site: &Site) {
        let (sender, receiver) = std::sync::mpsc::channel();
        let ground = site.ground().clone();
        let public_url = Some("https://factors.example/emissions/".parse().unwrap());
        let serving = Serving { public_url, ..Serving::from("127.0.0.1:0") };
        std::thread::spawn(move || http::serve(ground, serving, |bound| sender.send(bound.to_owned()).unwrap()).unwrap());
        let address = receiver.recv_timeout(Duration::from_secs(30)).unwrap();
        let mut answer = ureq::get(format!("http://{address}{PATH}")).call().unwrap();
        let page = answer.body_mut().read_to_string().unwrap();
        assert!(page.contains(&format!("href=\"https://factors.example/emissions{PATH}\"")), "{page}");
        assert!(page.contains("curl -o proof.json &#39;https://factors.example/emissions/v1/log/proof?dataset"), "{page}");
        assert!(!page.contains("127.0.0.1"));
    }
);
