//! Data that mean harm: script in names, letters that turn the direction, texts without end.

use serde_json::json;

use super::{attributes, page};
use crate::on_both;
use crate::site::{PackageDraft, row};

const HOSTILE: &str = "\"><script>alert(1)</script><img src=x onerror='a'>{{7*7}}&amp;</title>";
const TURNED: &str = "\u{202e}gnp.exe\u{2066}";

on_both!(
    fn hostile_words_stay_words(site: &Site) {
        let long = "很长的名称".repeat(400);
        let cells = [("name_en", HOSTILE), ("name_zh", TURNED), ("technology", HOSTILE), ("synonyms_en", HOSTILE)];
        let other = [("name_en", "Plain"), ("name_zh", long.as_str()), ("value", "0.1")];
        let mut package = PackageDraft::new("hostile", "1.0.0", vec![row("a", &cells), row("b", &other)]);
        for member in ["title", "description"] {
            package.description[member] = json!(HOSTILE);
        }
        package.description["contributors"] = json!([{"title": HOSTILE}]);
        package.description["sources"] =
            json!([{"id": "doc", "title": HOSTILE, "publisher": HOSTILE, "document_no": HOSTILE, "path": "javascript:alert(1)"}]);
        package.description["licenses"][0]["title"] = json!(HOSTILE);
        site.publish(&package);
        package.description["version"] = json!("2.0.0");
        package.rows[0].insert("value".to_owned(), "0.7".to_owned());
        package.rows[1].insert("technology".to_owned(), HOSTILE.to_owned());
        site.publish(&package);
        let (dataset, version) = ("hostile".parse().unwrap(), "1.0.0".parse().unwrap());
        tanyin::release::withdraw(site.ground(), &dataset, &version, HOSTILE, "<b>reviewer</b>").unwrap();
        site.wait_for_facts(3);
        let query = HOSTILE.replace('%', "%25").replace('&', "%26").replace('<', "%3C").replace('>', "%3E").replace('"', "%22");
        let query = query.replace('{', "%7B").replace('}', "%7D").replace(' ', "+");
        for path in [
            "/".to_owned(),
            "/datasets".to_owned(),
            "/datasets/hostile".to_owned(),
            "/datasets/hostile/releases/1.0.0".to_owned(),
            "/datasets/hostile/releases/2.0.0/factors".to_owned(),
            "/datasets/hostile/releases/2.0.0/quality".to_owned(),
            "/datasets/hostile/diff/1.0.0...2.0.0".to_owned(),
            "/search?dataset=hostile".to_owned(),
            format!("/search?q={query}"),
            "/log".to_owned(),
        ] {
            for lang in ["zh", "en"] {
                let text = page(site, &path, lang);
                for raw in ["<script>alert", "<img", "onerror='", ">49<", "<b>reviewer", "&amp;</title"] {
                    assert!(!text.contains(raw), "{path}: {raw}");
                }
                let (head, _) = text.split_once("</head>").unwrap();
                assert_eq!(head.matches("</title>").count(), 1, "{path}");
                assert!(attributes(&text, "href").iter().all(|href| !href.starts_with("javascript")), "{path}");
                // what turns the direction is shut in, so that nothing beside it turns
                for (place, _) in text.match_indices(TURNED) {
                    let before = &text[..place];
                    let open = before.matches("<bdi>").count() - before.matches("</bdi>").count();
                    assert!(open > 0, "{path}: {}", &before[before.len().saturating_sub(120)..]);
                }
            }
        }
        let table = page(site, "/datasets/hostile/releases/2.0.0/factors", "zh");
        assert!(table.contains(&long), "a long name is whole");
    }
);
