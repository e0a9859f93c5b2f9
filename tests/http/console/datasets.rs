//! Datasets and their releases: what is told of them, what became of them, what changed between them.

use tanyin::canon::Digest;

use super::{attributes, look, page};
use crate::site::{PackageDraft, Site, row};
use crate::{on_both, on_bundled};

on_bundled!(
    fn files_have_their_size_and_digest(site: &Site) {
        let text = page(site, "/datasets/cn-electricity-co2/releases/1.2.0", "en");
        let table = text.split("id=\"downloads\"").nth(1).unwrap().split("</table>").next().unwrap();
        let names: Vec<String> = attributes(table, "href");
        assert_eq!(names.len(), 11, "{names:?}");
        for href in names {
            let bytes = site.get(&href);
            assert_eq!(bytes.status, 200, "{href}");
            assert!(table.contains(&Digest::of(&bytes.body).to_hex()), "{href}");
        }
        for said in ["ce", "What proves it", "How it came about", "120 rows", "@misc{cn-electricity-co2-1.2.0,", "\"type\": \"dataset\""] {
            assert!(text.replace("&#34;", "\"").contains(said), "{said}");
        }
    }
);

on_bundled!(
    fn the_code_that_is_shown_works(site: &Site) {
        let text = page(site, "/datasets/cn-electricity-co2", "en");
        let curl = text.split("<code>curl &#39;").nth(1).unwrap().split("&#39;").next().unwrap().replace("&#38;", "&");
        let answer = site.get(curl.strip_prefix(site.address()).unwrap());
        assert_eq!(answer.status, 200, "{curl}");
        assert!(answer.json()["factor"]["value"].is_string());
        assert!(text.contains("tanyin.lookup(dataset=&#34;cn-electricity-co2@1.2.0&#34;"), "{text}");
    }
);

on_bundled!(
    fn any_two_releases_are_compared(site: &Site) {
        let chosen = look(site, "/datasets/cn-electricity-co2/diff?from=1.0.0&to=1.2.0", "en");
        assert_eq!((chosen.status, chosen.header("location")), (303, Some("/datasets/cn-electricity-co2/diff/1.0.0...1.2.0")));
        let before = look(site, "/datasets/cn-electricity-co2/diff", "en");
        assert_eq!(before.header("location"), Some("/datasets/cn-electricity-co2/diff/1.1.0...1.2.0"));
        let text = page(site, "/datasets/cn-electricity-co2/diff/1.0.0...1.2.0", "en");
        assert!(text.contains("<option selected>1.0.0</option>") && text.contains("MINOR") && text.contains("<b>80</b>"), "{text}");
        assert!(text.contains("/datasets/cn-electricity-co2/releases/1.2.0/factors/grid-average/cn-zj/2023"));
    }
);

on_both!(
    fn what_became_of_releases_is_told(site: &Site) {
        site.publish(&PackageDraft::new("made", "1.0.0", vec![row("a", &[]), row("b", &[]), row("c", &[])]));
        let second = vec![row("a", &[("value", "0.6")]), row("b", &[("value", "0.9")]), row("c", &[("name_en", "Other words")])];
        site.publish(&PackageDraft::new("made", "1.1.0", second));
        let (dataset, version) = ("made".parse().unwrap(), "1.1.0".parse().unwrap());
        tanyin::release::withdraw(site.ground(), &dataset, &version, "wrong unit", "reviewer").unwrap();
        site.wait_for_facts(3);
        let text = page(site, "/datasets/made", "en");
        assert!(text.contains("class=\"gone\"") && text.contains("wrong unit"));
        assert!(text.contains("2\u{202f}other number") && text.contains("1\u{202f}other words"), "{text}");
        assert!(page(site, "/datasets/made/releases/1.1.0", "zh").contains("已撤回"));
        let difference = page(site, "/datasets/made/diff/1.0.0...1.1.0?class=number", "en");
        let rows: Vec<&str> = difference.split("id=\"changes\"").nth(1).unwrap().split("<tr>").skip(2).collect();
        assert_eq!(rows.len(), 2, "{rows:?}");
        assert!(rows[0].contains("+67.7") && rows[1].contains("+11.8"), "the largest move first: {rows:?}");
        let log = page(site, "/log", "en");
        assert!(log.contains("id=\"leaf-2\"") && log.contains("wrong unit") && log.contains("<th scope=\"col\">Fact</th>"));
        assert!(page(site, "/", "en").contains("wrong unit"), "the first page tells what happened lately");
    }
);

on_bundled!(
    fn the_log_is_drawn_and_to_be_checked(site: &Site) {
        let text = page(site, "/log", "en");
        let checkpoint = site.get("/log/checkpoint").text();
        for line in checkpoint.lines().filter(|line| !line.is_empty()) {
            assert!(text.contains(line), "{line}");
        }
        assert!(text.contains(site.get("/log/key").text().trim()) && text.contains("data-proof-panel"));
        let chart = site.get("/log?chart=growth&as=csv");
        assert_eq!((chart.status, chart.header("content-type")), (200, Some("text/csv; charset=utf-8")));
        assert_eq!(chart.text().lines().count(), 8);
        assert_eq!(site.get("/log?chart=growth&as=svg").header("content-type"), Some("image/svg+xml"));
        assert_eq!(site.get("/log?chart=none").status, 422);
    }
);

/// A server on which nothing was released yet shows its first page all the same.
#[test]
fn an_empty_server_has_pages() {
    let site = Site::new(crate::site::Kind::Sqlite);
    for path in ["/", "/search", "/datasets"] {
        assert!(page(&site, path, "en").contains("Tanyin"), "{path}");
    }
}
