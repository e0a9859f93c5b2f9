//! Two editions of a publisher's table, one after the other: what the difference says, and the version that it demands.

use std::path::Path;

use tanyin::dataset::{Bump, ChangeCounts};
use tanyin::desk::{self, Difference, ImportRequest, Reading, VersionWish};
use tanyin::import::Format;
use tanyin::release;

use super::real;
use crate::on_both;
use crate::site::Site;

/// Imports an edition, submits it under the version that follows by itself, and publishes it.
#[track_caller]
fn publish(site: &Site, path: &Path, dataset: &str, profile: &str) -> (Difference, String) {
    let dataset = dataset.parse().unwrap();
    let format = Format::open(profile).unwrap_or_else(|error| panic!("{error}"));
    let reading = Reading { format: Some(&format), file_name: None, facts: None };
    let request = ImportRequest { path, dataset: &dataset, actor: "steward", dry_run: false, discard_edits: false, reading };
    let outcome = desk::import(site.ground(), &request, &mut |_| {}).unwrap();
    assert!(!outcome.report.has_errors(), "{:?}", outcome.report.items);
    let submitted = desk::submit(site.ground(), &dataset, &VersionWish::Auto, "steward").unwrap();
    let published = release::publish(site.ground(), &dataset, "steward").unwrap();
    assert_eq!(Some(&published.version), submitted.difference.next.as_ref());
    assert_eq!(outcome.difference.as_ref(), Some(&submitted.difference));
    (submitted.difference, published.version.to_string())
}

// Every value changes, and so do the price year and the GWP set, which change what a factor means: MAJOR.
on_both! {
    fn epa_supply_chain_from_1_2_to_1_3(site: &Site) {
        const FOLDER: &str = "epa-useeio-supply-chain/SupplyChainGHGEmissionFactors";
        let (Some(old), Some(new)) =
            (real(&format!("{FOLDER}_v1.2_NAICS_CO2e_USD2021.csv")), real(&format!("{FOLDER}_v1.3.0_NAICS_CO2e_USD2022.csv")))
        else {
            return;
        };
        let (first, version) = publish(site, &old, "us-epa-supply-chain", "us-epa-supply-chain");
        assert_eq!((first.counts.added, version.as_str()), (3048, "1.0.0"));
        let (second, version) = publish(site, &new, "us-epa-supply-chain", "us-epa-supply-chain");
        assert_eq!(second.counts, ChangeCounts { meaning: 3048, ..ChangeCounts::default() });
        assert_eq!((second.bump, version.as_str()), (Bump::Major, "2.0.0"));
        assert!(second.metadata, "a source document of its own");
    }
}

// The headings of all factors stay, 30 vehicles get a first value, and one factor loses its value: wood from closed-loop
// sources (112.97 kg CO2e/t in 2023) is blank in 2024. What a calculator could have used is gone, so that this is MAJOR too.
on_both! {
    fn uk_from_2023_to_2024(site: &Site) {
        const FOLDER: &str = "uk-desnz-conversion-factors";
        let (Some(old), Some(new)) = (
            real(&format!("{FOLDER}/ghg-conversion-factors-2023-flat-file-update.xlsx")),
            real(&format!("{FOLDER}/ghg-conversion-factors-2024-FlatFormat_v1_1.xlsx")),
        ) else {
            return;
        };
        let (first, version) = publish(site, &old, "uk-ghg-conversion-factors", "uk-desnz-flat");
        assert_eq!((first.counts.added, version.as_str()), (2643, "1.0.0"));
        let (second, version) = publish(site, &new, "uk-ghg-conversion-factors", "uk-desnz-flat");
        // the data year is a number of every factor
        assert_eq!(second.counts, ChangeCounts { added: 30, removed: 1, number: 2642, ..ChangeCounts::default() });
        assert_eq!((second.bump, version.as_str()), (Bump::Major, "2.0.0"));
    }
}
