//! Questions about products, through the program.

use super::tanyin;
use crate::site::{PackageDraft, row};
use crate::{on_both, on_bundled};

on_bundled!(
    fn products_are_asked_about(site: &Site) {
        let compared = tanyin(
            site,
            &[
                "compare",
                "--dataset",
                "cn-electricity-co2",
                "--activity",
                "electricity/grid-average",
                "--regions",
                "CN,CN-ZJ",
                "--year",
                "2023",
            ],
        );
        assert!(compared.code() == 0 && compared.out().contains("0.4974") && compared.out().contains("-6.25706747"), "{}", compared.out());
        let two = "cn-electricity-co2@1.2.0#grid-average/cn/2023";
        let unlike = tanyin(site, &["compare", "--factor", two, "--factor", "cn-electricity-footprint@1.0.0#national-average/cn/2023"]);
        assert!(unlike.code() == 0 && unlike.out().contains("WARNING"), "{}", unlike.out());
        assert_eq!(tanyin(site, &["compare", "--factor", two]).code(), 1);
        let ask =
            ["benchmark", "--value", "0.5", "--per", "kW.h", "--metric", "CO2", "--activity", "electricity/grid-average", "--year", "2023"];
        let stands = tanyin(site, &ask);
        assert!(stands.code() == 0 && stands.out().contains("percentile") && stands.out().contains("not official"), "{}", stands.out());
        let bands = site.folder.path().join("bands.toml");
        std::fs::write(&bands, "[[schemes]]\nid = \"park\"\nbands = [{ grade = \"甲\", up_to = \"100\" }]\n").unwrap();
        let own = tanyin(site, &[ask.as_slice(), &["--grading-file", bands.to_str().unwrap(), "--json"]].concat());
        assert_eq!((own.code(), own.json()["grading"]["grade"].as_str()), (0, Some("甲")));
        std::fs::write(&bands, "schemes = []").unwrap();
        assert_eq!(tanyin(site, &[ask.as_slice(), &["--grading-file", bands.to_str().unwrap()]].concat()).code(), 2);
        let rules = tanyin(site, &["rules", "--level", "national"]);
        assert!(rules.code() == 0 && rules.out().contains("GB/T 24067-2024") && rules.out().contains("of 100"), "{}", rules.out());
        let none = tanyin(site, &["cbam", "--cn", "7208", "--origin", "CN", "--year", "2026", "--json"]);
        assert_eq!((none.code(), none.json()["error"]["code"].as_str()), (1, Some("no-match")));
    }
);

on_both!(
    fn a_default_value_on_the_command_line(site: &Site) {
        let of = |key: &str, boundary: &str, year: &str, value: &str| {
            let codes = ("classifications", "cn=7208");
            let flags = ("flags", "gwp_unknown");
            row(key, &[("value", value), ("metric", "CO2e"), ("per", "kg"), ("boundary", boundary), ("year", year), codes, flags])
        };
        let rows = vec![of("a", "cbam-total", "", "3.00"), of("b", "cbam-total-marked-up", "2026", "3.300")];
        site.publish(&PackageDraft::new("border", "1.0.0", rows));
        let found = tanyin(site, &["cbam", "--cn", "7208 51 20", "--origin", "China", "--year", "2026"]);
        assert_eq!(found.code(), 0, "{}", found.err());
        for part in ["3.300 kg CO2e per kg", "3.00", "10 %", "China is read as CN"] {
            assert!(found.out().contains(part), "{part}: {}", found.out());
        }
        assert_eq!(tanyin(site, &["cbam", "--cn", "7208", "--origin", "DE", "--year", "2026"]).code(), 1);
    }
);
