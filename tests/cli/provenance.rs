//! `tanyin provenance`: the walk in words, and the same JSON as the route.

use super::tanyin;
use crate::on_bundled;

const RELEASE: &str = "cn-electricity-co2@1.2.0";
const KEY: &str = "grid-average/cn-zj/2022";

on_bundled!(
    fn the_walk_from_the_number_to_the_checkpoint(site: &Site) {
        let ran = tanyin(site, &["provenance", RELEASE, KEY]);
        assert_eq!(ran.code(), 0, "{}", ran.err());
        let out = ran.out();
        assert!(out.starts_with("0.5153 kg CO2 per kW.h\n"), "{out}");
        let labels: Vec<&str> =
            out.lines().skip(1).filter_map(|line| line.get(2..13)).map(str::trim).filter(|label| !label.is_empty()).collect();
        let walk = ["line", "row", "file", "cell", "locator", "document", "import", "submitted", "approved", "published", "release"];
        assert_eq!(labels, [&walk[..], &["first in", "leaf", "checkpoint"]].concat());
        for said in [
            "0.5153 kgCO2/kWh",
            "公告2024年第33号",
            "row 浙江",
            "107,505 bytes, kept here",
            "cn-electricity-co2@1.1.0",
            "tanyin.local/log, size ",
        ] {
            assert!(out.contains(said), "{said}: {out}");
        }
    }
);

on_bundled!(
    fn for_machines_it_is_the_answer_of_the_route(site: &Site) {
        let path = format!("/v1/datasets/cn-electricity-co2/releases/1.2.0/provenance/{KEY}");
        for (arguments, query) in [(["--json"].as_slice(), ""), (&["--format", "json"], ""), (&["--format", "prov"], "?format=prov")] {
            let ran = tanyin(site, &[&["provenance", RELEASE, KEY], arguments].concat());
            assert_eq!((ran.code(), ran.json()), (0, site.get(&format!("{path}{query}")).json()), "{arguments:?}");
        }
    }
);

on_bundled!(
    fn what_is_not_there_is_refused(site: &Site) {
        for (release, key, code, hint) in [
            (RELEASE, "grid-average/cn-zj/1999", "no-factor", "grid-average/cn-zj/2021"),
            ("cn-electricity-co2@9.0.0", KEY, "no-release", "1.2.0"),
            ("none@1.0.0", KEY, "no-dataset", "ipcc-gwp"),
        ] {
            let ran = tanyin(site, &["provenance", release, key, "--json"]);
            assert_eq!((ran.code(), ran.json()["error"]["code"].as_str()), (1, Some(code)));
            assert!(ran.err().contains(hint), "{}", ran.err());
        }
    }
);
