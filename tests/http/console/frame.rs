//! What every page keeps to: headers, languages, sizes, refusals; and no link leads nowhere.

use std::collections::{BTreeMap, VecDeque};

use flate2::read::GzDecoder;
use std::io::Read;

use super::{PAGES, attributes, look, page};
use crate::on_bundled;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
     form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

on_bundled!(
    fn headers_keep_browsers_safe(site: &Site) {
        for path in PAGES.into_iter().chain(["/nowhere", "/datasets/none", "/?unknown=1"]) {
            let response = look(site, path, "en");
            for (name, value) in [
                ("content-security-policy", POLICY),
                ("content-type", "text/html; charset=utf-8"),
                ("x-content-type-options", "nosniff"),
                ("x-frame-options", "DENY"),
                ("referrer-policy", "same-origin"),
                ("cross-origin-opener-policy", "same-origin"),
                ("vary", "Accept-Language, Accept-Encoding, Authorization, Cookie"),
            ] {
                assert_eq!(response.all(name), [value], "{path}: {name}");
            }
            let kept = if response.status == 200 { "private, no-cache" } else { "no-store" };
            assert_eq!(response.header("cache-control"), Some(kept), "{path}");
        }
    }
);

on_bundled!(
    fn nothing_stands_inside_a_page_that_the_policy_forbids(site: &Site) {
        for path in PAGES {
            for lang in ["zh", "en"] {
                let text = page(site, path, lang);
                assert!(!text.contains(" style=") && !text.contains("<style"), "{path}");
                for script in text.split("<script").skip(1) {
                    assert!(script.split('>').next().unwrap().contains(" src=\"/assets/"), "{path}: {script:.80}");
                }
                for handler in ["onclick", "onload", "onerror", "onsubmit", "javascript:"] {
                    assert!(!text.contains(handler), "{path}: {handler}");
                }
            }
        }
    }
);

on_bundled!(
    fn both_languages_are_whole(site: &Site) {
        for path in PAGES {
            let (zh, en) = (page(site, path, "zh-CN,zh;q=0.9"), page(site, path, "en"));
            assert!(zh.contains("<html lang=\"zh-Hans\">") && en.contains("<html lang=\"en\">"), "{path}");
            for (own, other) in [("数据集", "Datasets"), ("透明日志", "Transparency log"), ("跳到正文", "Skip to the content")] {
                assert!(zh.contains(own) && !zh.contains(&format!(">{other}<")), "{path}: {own}");
                assert!(en.contains(other) && !en.contains(&format!(">{own}<")), "{path}: {other}");
            }
            // headings and heads of tables in English are not Chinese: data stand in <bdi>
            for heading in ["<h2", "<h3", "<th scope=\"col\"", "<dt"].iter().flat_map(|mark| en.split(mark).skip(1)) {
                let words: String =
                    heading.split_once('>').unwrap().1.split("</").next().unwrap().split("<bdi>").next().unwrap().to_owned();
                assert!(!words.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{path}: {words}");
            }
        }
    }
);

on_bundled!(
    fn the_language_is_chosen_and_kept(site: &Site) {
        let chosen = look(site, "/datasets?lang=zh", "en");
        assert!(chosen.text().contains("lang=\"zh-Hans\""));
        assert_eq!(chosen.all("set-cookie"), ["lang=zh; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly"]);
        assert!(look(site, "/datasets", "en").all("set-cookie").is_empty());
        let kept = site.get_with("/datasets", &[("Cookie", "lang=zh"), ("Accept-Language", "en")]);
        assert!(kept.text().contains("lang=\"zh-Hans\""));
        let switch = page(site, "/search?q=a+b&year=2023", "zh");
        assert!(attributes(&switch, "href").contains(&"/search?q=a+b&year=2023&lang=en".to_owned()));
    }
);

on_bundled!(
    fn pages_are_small_and_known_again(site: &Site) {
        for path in PAGES {
            let packed = site.get_with(path, &[("Accept-Encoding", "gzip")]);
            assert_eq!(packed.header("content-encoding"), Some("gzip"), "{path}");
            assert!(packed.body.len() < 40 << 10, "{path}: {} bytes", packed.body.len());
            let mut text = String::new();
            GzDecoder::new(packed.body.as_slice()).read_to_string(&mut text).unwrap();
            assert_eq!(text, site.get(path).text(), "{path}");
            let tag = packed.header("etag").unwrap();
            let again = site.get_with(path, &[("If-None-Match", tag)]);
            assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
            let head = site.send("HEAD", path, &[], None);
            assert_eq!((head.status, head.body.len(), head.header("etag")), (200, 0, Some(tag)), "{path}");
        }
        let assets: u64 = attributes(&page(site, "/log", "en"), "href")
            .into_iter()
            .chain(attributes(&page(site, "/log", "en"), "src"))
            .filter(|address| address.starts_with("/assets/"))
            .map(|address| {
                let response = site.get_with(&address, &[("Accept-Encoding", "gzip")]);
                assert_eq!(response.status, 200, "{address}");
                assert_eq!(response.header("cache-control"), Some("public, max-age=31536000, immutable"), "{address}");
                response.body.len() as u64
            })
            .sum();
        assert!(assets < 60 << 10, "{assets} bytes");
        assert_eq!(site.get("/assets/console-000000000000.css").status, 404);
    }
);

on_bundled!(
    fn refusals_are_pages(site: &Site) {
        for (path, status, code) in [
            ("/nowhere", 404, "not-found"),
            ("/datasets/none", 404, "no-dataset"),
            ("/datasets/cn-electricity-co2/releases/9.9.9", 404, "no-release"),
            ("/datasets/cn-electricity-co2/releases/1.x.y/factors", 422, "invalid-parameter"),
            ("/datasets/cn-electricity-co2/diff/1.0.0", 422, "invalid-parameter"),
            ("/datasets/cn-electricity-co2/diff/1.0.0...1.1.0?class=odd", 422, "invalid-parameter"),
            ("/search?page=0", 422, "invalid-parameter"),
            ("/search?dataset=none", 404, "no-dataset"),
            ("/log?page=99", 422, "invalid-parameter"),
            ("/datasets?colour=red", 400, "unknown-parameter"),
        ] {
            for (lang, words) in [("zh", "回首页查找"), ("en", "Search from the start page")] {
                let response = look(site, path, lang);
                let text = response.text();
                assert_eq!(response.status, status, "{path}: {text}");
                assert!(text.contains(&format!("<code>{code}</code>")) && text.contains(words), "{path}: {text}");
            }
        }
        let wrong = site.send("DELETE", "/datasets", &[], None);
        assert_eq!((wrong.status, wrong.header("allow")), (405, Some("GET, HEAD")));
        assert!(wrong.text().contains("<code>method-not-allowed</code>"));
        // programs that ask for what is not there get a problem that they can read
        assert_eq!(site.get("/nowhere").problem(), "not-found");
        assert_eq!(look(site, "/v1/nowhere", "en").problem(), "not-found");
    }
);

/// Every kind of problem has Chinese words.
#[test]
fn problems_are_told_in_chinese() {
    for kind in tanyin::http::PROBLEMS {
        assert!(tanyin::web::problem_words(kind.code).is_some(), "{}", kind.code);
    }
}

on_bundled!(
    fn no_link_leads_nowhere(site: &Site) {
        let mut queue: VecDeque<(String, String)> = PAGES.iter().map(|path| ((*path).to_owned(), "start".to_owned())).collect();
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        let mut visited = 0;
        while let Some((path, from)) = queue.pop_front() {
            let response = look(site, &path, "en");
            assert!(response.status < 400, "{path} (on {from}): {} {}", response.status, response.text());
            visited += 1;
            if response.header("content-type") != Some("text/html; charset=utf-8") || path.starts_with("/v1/") || path.starts_with("/docs")
            {
                continue;
            }
            let text = response.text();
            for link in attributes(&text, "href").into_iter().chain(attributes(&text, "src")) {
                let link = link.split('#').next().unwrap().to_owned();
                let elsewhere = !link.starts_with('/') || ["/sign-in", "/work"].iter().any(|own| link.starts_with(own));
                if elsewhere || link.is_empty() {
                    continue;
                }
                let known = seen.entry(shape(&link)).or_default();
                *known += 1;
                if *known <= 1 {
                    queue.push_back((link, path.clone()));
                }
            }
        }
        assert!(visited > 50, "{visited}");
    }
);

/// What kind of address it is: keys, versions and values left out.
fn shape(link: &str) -> String {
    let (path, query) = link.split_once('?').unwrap_or((link, ""));
    let depth = path.split('/').take(8).map(|part| if part.contains('.') { "v" } else { part }).collect::<Vec<_>>();
    let key = depth.iter().position(|part| ["factors", "certificate", "provenance", "proof"].contains(part));
    let path = depth.iter().take(key.map_or(usize::MAX, |place| place + 1)).copied().collect::<Vec<_>>().join("/");
    let names = query.split('&').map(|pair| pair.split('=').next().unwrap()).collect::<Vec<_>>().join("&");
    format!("{path}{}?{names}", if key.is_some_and(|place| place + 1 < depth.len()) { "/*" } else { "" })
}
