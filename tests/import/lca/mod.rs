//! Exchange formats of life cycle assessment: what the published files give, and what they are refused for.

mod written;

pub use written::openlca_files;

use std::collections::BTreeMap;
use std::path::Path;

use tanyin::factor::Factor;
use tanyin::import::archive::Tree;
use tanyin::import::lca::{self, LcaFormat, Words};
use tanyin::import::{Problem, Step};
use tanyin::validate::{Rule, Severity, read_cells};

use crate::profiles::real;

/// What a tree gives: its counts, its factors, and every finding as `row rule field: message`.
#[derive(Default)]
pub struct Read {
    pub rows: u64,
    pub entries: u64,
    pub parts: u64,
    pub wrong: u64,
    pub skipped: BTreeMap<String, u64>,
    pub factors: BTreeMap<String, Factor>,
    pub findings: Vec<(Option<u64>, Problem)>,
    pub words: Words,
}

impl Read {
    fn take(&mut self, step: Step) {
        let next = self.rows + 1;
        match step {
            Step::Entry(entry) => {
                assert_eq!(entry.row, next);
                self.rows += 1 + entry.parts.len() as u64;
                self.entries += 1;
                self.parts += entry.parts.len() as u64;
                assert!(!entry.factors.is_empty());
                self.findings.extend(entry.notices.into_iter().map(|notice| (Some(entry.row), notice)));
                for cells in &entry.factors {
                    let (factor, findings) = read_cells(entry.row, cells);
                    let findings: Vec<_> = findings.into_iter().filter(|finding| finding.severity == Severity::Error).collect();
                    assert_eq!(findings, [], "{cells:?}");
                    let factor = factor.unwrap();
                    assert!(self.factors.insert(factor.key.clone(), factor).is_none(), "{cells:?}");
                }
            }
            Step::Skipped { row, reason } => {
                assert_eq!(row, next);
                self.rows += 1;
                *self.skipped.entry(reason).or_default() += 1;
            }
            Step::Wrong { row, parts, problems } => {
                assert_eq!(row, next);
                assert!(!problems.is_empty());
                self.rows += 1 + parts.len() as u64;
                self.wrong += 1 + parts.len() as u64;
                self.findings.extend(problems.into_iter().map(|problem| (Some(row), problem)));
            }
            Step::File(problem) => self.findings.push((None, problem)),
        }
    }

    /// Rows, entries, wrong rows, and every reason for skipping.
    #[track_caller]
    pub fn counts(&self, rows: u64, entries: u64, wrong: u64, skipped: &[(&str, u64)]) {
        let skipped: BTreeMap<String, u64> = skipped.iter().map(|(reason, count)| ((*reason).to_owned(), *count)).collect();
        let found = (self.rows, self.entries, self.wrong, &self.skipped);
        assert_eq!(found, (rows, entries, wrong, &skipped), "{:?}", self.findings);
        assert_eq!(self.rows, self.entries + self.parts + self.wrong + self.skipped.values().sum::<u64>());
    }

    /// The message of the only finding of a rule.
    #[track_caller]
    pub fn message(&self, rule: &str) -> &str {
        let mut found = self.findings.iter().filter(|(_, problem)| problem.rule == rule);
        let (Some((_, problem)), None) = (found.next(), found.next()) else { panic!("{rule}: {:?}", self.findings) };
        &problem.message
    }

    /// The rules of the findings, sorted, each once.
    pub fn rules(&self) -> Vec<&'static str> {
        let rules: std::collections::BTreeSet<_> = self.findings.iter().map(|(_, problem)| problem.rule).collect();
        rules.into_iter().collect()
    }

    #[track_caller]
    pub fn factor(&self, key: &str) -> &Factor {
        self.factors.get(key).unwrap_or_else(|| panic!("no {key} in {:?}; {:?}", self.factors.keys(), self.findings))
    }
}

#[track_caller]
pub fn read_tree(tree: &Tree) -> (LcaFormat, Read) {
    let format = lca::detect(tree).unwrap().unwrap_or_else(|| panic!("{} is of no format", tree.name()));
    let mut read = Read::default();
    lca::read(format, tree, &mut |step| {
        read.take(step);
        Ok(())
    })
    .unwrap();
    read.words = lca::words(format, tree).unwrap();
    for (_, problem) in &read.findings {
        assert!(Rule::from_id(problem.rule).is_some(), "{problem:?}");
    }
    for factor in read.factors.values() {
        assert!(read.words.sources.contains_key(&factor.source.id), "{} is not declared", factor.source.id);
        assert!(factor.source.locator.is_some() && factor.source.value_text.is_some(), "{factor:?}");
    }
    (format, read)
}

#[track_caller]
pub fn read_path(path: &Path) -> (LcaFormat, Read) {
    read_tree(&Tree::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// A tree of files written for a test; it reads alike as a folder and as the archive that is kept of it.
#[track_caller]
pub fn read_files(files: &[(&str, &str)]) -> (LcaFormat, Read) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let tree = Tree::open(folder.path()).unwrap();
    let packed = tree.pack().unwrap();
    let (format, from_folder) = read_tree(&tree);
    let (_, from_archive) = read_tree(&Tree::open(packed.path()).unwrap());
    assert_eq!(from_folder.factors, from_archive.factors);
    assert_eq!(from_folder.findings, from_archive.findings);
    (format, from_folder)
}

/// The rules that these tests find.
pub const RULES: [&str; 10] = [
    "archive-unsafe",
    "record-unreadable",
    "no-result",
    "reference-missing",
    "provider-missing",
    "identity-conflict",
    "amount-scaled",
    "amount-kept",
    "language-other",
    "place-mapped",
];

pub const INVENTORY: &str = "inventory without a climate change result";

#[test]
fn names_of_formats_lead_back() {
    let names: Vec<_> = LcaFormat::ALL.into_iter().map(LcaFormat::name).collect();
    assert_eq!(names, ["openlca", "ilcd", "ecospold", "pact", "catena-x"]);
    assert!(LcaFormat::ALL.into_iter().all(|format| LcaFormat::from_name(format.name()) == Some(format)));
    assert_eq!(LcaFormat::from_name("lca"), None);
}

#[test]
fn the_pact_example() {
    let Some(path) = real("pact-pcf/DERIVED-pact-v2.0.1-productfootprint-example.json") else { return };
    let (format, read) = read_path(&path);
    assert_eq!(format, LcaFormat::Pact);
    read.counts(1, 1, 0, &[]);
    let factor = read.factor("pcf/d9be4477-e351-45b3-acd9-e1da05e6f633");
    // 12 litres are in the product, and 0.123 kg stand per one of them (PACT 2.0: "per declared unit").
    assert_eq!((factor.value.as_str(), factor.per.as_str(), factor.region.as_str(), factor.year), ("0.123", "L", "FR", Some(2021)));
    assert_eq!((factor.activity.as_str(), factor.name.en.as_deref()), ("cpc/3342", Some("Green Ethanol")));
    assert_eq!((factor.period.from.as_deref(), factor.period.to.as_deref()), (Some("2021-01-01"), Some("2021-12-31")));
    assert_eq!(factor.flags, ["gwp_unknown", "partial_boundary"]);
    assert_eq!(factor.rule.as_deref(), Some("GHG Protocol Product standard; EPD International: ABC 2021"));
    assert_eq!(factor.certificate.as_deref(), Some("reasonable assurance, ISO ..., by My Auditor, 2022-12-08"));
    assert_eq!((factor.source.id.as_str(), factor.source.unit_text.as_deref()), ("my-corp", Some("kgCO2e / liter")));
    assert!(read.message("amount-kept").contains("12.0 declared units"));
    assert!(factor.note.en.as_deref().unwrap().contains("IPCC AR5"));
}

/// The models' own examples: versions 2 and 3 have no total, the later ones name three places that exclude each other.
#[test]
fn the_catena_x_examples() {
    let Some(folder) = real("catenax-pcf") else { return };
    for version in 2..=8 {
        let path = folder.join(format!("Pcf.v{version}.0.0.json"));
        let (format, read) = read_path(&path);
        assert_eq!(format, LcaFormat::CatenaX, "{version}");
        if version <= 3 {
            read.counts(1, 0, 0, &[("footprint without a total that excludes biogenic uptake", 1)]);
            assert!(read.message("no-result").contains("1 footprints and no declared climate change result"));
            continue;
        }
        read.counts(1, 0, 1, &[]);
        let message = read.message("region-unknown");
        assert!(message.contains("US-NY, which does not lie in DE (geographyCountry)"), "{message}");
        let text = std::fs::read_to_string(&path).unwrap();
        let narrowed: Vec<&str> = text
            .lines()
            .filter(|line| !line.contains("\"geographyCountry\"") && !line.contains("\"geographyRegionOrSubregion\""))
            .collect();
        let (_, read) = read_files(&[("pcf.json", &narrowed.join("\n"))]);
        read.counts(1, 1, 0, &[]);
        let factor = read.factor("pcf/3893bb5d-da16-4dc1-9185-11d97476c254");
        let value = if version == 4 {
            "2.0"
        } else if version == 8 {
            "2.9"
        } else {
            "2"
        };
        assert_eq!((factor.value.as_str(), factor.per.as_str(), factor.region.as_str(), factor.year), (value, "L", "US-NY", Some(2022)));
        assert_eq!(factor.boundary.as_deref(), Some("cradle-to-gate"), "{version}");
        assert_eq!(factor.valid.to.as_deref(), Some("2022-12-31"));
        assert_eq!(factor.quality.as_ref().unwrap().scores["technologicalDQR"].to_string(), "2");
        let expected = if version == 8 { &["gwp_unknown"][..] } else { &["gwp_unknown", "self_reported"] };
        assert_eq!(factor.flags, expected, "{version}");
    }
    // One id for seven footprints: the first with a result would hide the others.
    let (_, read) = read_path(&folder);
    read.counts(7, 0, 6, &[("footprint without a total that excludes biogenic uptake", 1)]);
    assert!(read.rules().contains(&"identity-conflict"));
}

/// Since PACT 3 the declared unit is an amount of a unit, and the value is for that amount.
#[test]
fn footprints_for_an_amount_are_divided() {
    let one = |id: &str, more: &str| {
        format!(
            r#"{{"id":"{id}","specVersion":"3.0.0","status":"Deprecated","created":"2026-03-01T10:00:00Z","companyName":"聚合物公司",
            "companyIds":["urn:lei:529900"],"productNameCompany":"聚丙烯 1234","productClassifications":["urn:pact:productclassification:un-cpc:34720"],
            "pcf":{{"declaredUnitOfMeasurement":"kilogram","declaredUnitAmount":"10","pcfExcludingBiogenicUptake":"42.0",
            "referencePeriodStart":"2025-01-01T00:00:00Z","referencePeriodEnd":"2026-01-01T00:00:00Z","ipccCharacterizationFactors":["AR6"],
            "crossSectoralStandards":["ISO14067","PACT Methodology 3.0"]{more}}}}}"#
        )
    };
    let list =
        format!(r#"{{"data":[{},{},{}]}}"#, one("urn:uuid:A-1", ""), one("b", r#","geographyRegionOrSubregion":"Asia""#), one("b", ""));
    let (format, read) = read_files(&[("list.json", &list)]);
    assert_eq!(format, LcaFormat::Pact);
    read.counts(3, 2, 1, &[]);
    let factor = read.factor("pcf/a-1");
    assert_eq!((factor.value.as_str(), factor.per.as_str(), factor.region.as_str()), ("4.2", "kg", "GLO"));
    assert_eq!((factor.name.zh.as_deref(), factor.source.value_text.as_deref()), (Some("聚丙烯 1234"), Some("42.0")));
    assert_eq!(factor.source.unit_text.as_deref(), Some("kgCO2e / 10 kilogram"));
    assert_eq!(factor.flags, ["converted_by_us", "gwp_unknown", "partial_boundary", "self_reported"]);
    assert_eq!(factor.status, Some(tanyin::factor::Status::Deprecated));
    assert_eq!(factor.source.locator.as_deref(), Some("list.json, data[0].pcf.pcfExcludingBiogenicUptake"));
    assert_eq!((factor.classifications[0].scheme.as_str(), factor.classifications[0].code.as_str()), ("un-cpc", "34720"));
    assert_eq!(read.factor("pcf/b").region, "142");
    assert_eq!(factor.source.id, "publisher-urn-lei-529900");
    assert!(read.message("identity-conflict").contains("list.json, data[2] and list.json, data[1] are both `b`"));
    assert!(read.findings.iter().any(|(row, problem)| (*row, problem.rule) == (Some(1), "amount-scaled")));
}

/// Sixty unit processes without a single result: refused, and told what they hold.
#[test]
fn tiangong_has_inventories_alone() {
    let Some(folder) = real("tiangong-ilcd") else { return };
    let (format, read) = read_path(&folder);
    assert_eq!(format, LcaFormat::Ilcd);
    read.counts(60, 0, 0, &[(INVENTORY, 60)]);
    assert_eq!(
        read.message("no-result"),
        "the files hold 60 processes with 595 exchanges and no declared climate change result: an inventory is not a factor, \
         and none is computed from it; calculate first and export with LCIA results (climate change, GWP 100)"
    );
}

#[test]
fn uslci_and_the_forest_service_have_inventories_alone() {
    let Some(folder) = real("uslci-jsonld") else { return };
    let (format, read) = read_path(&folder);
    assert_eq!(format, LcaFormat::OpenLca);
    read.counts(60, 0, 0, &[(INVENTORY, 60)]);
    assert!(read.message("no-result").contains("60 processes with 1131 exchanges"), "{}", read.message("no-result"));
    assert_eq!(read.rules(), ["no-result"]);
    for (sample, processes) in [("US-FPL", 4), ("beef-cattle-finishing", 8)] {
        let (_, read) = read_path(&real("openlca-jsonld-samples").unwrap().join(sample));
        read.counts(processes, 0, 0, &[(INVENTORY, processes)]);
    }
    for (archive, processes) in [("exchange_sync-all.zip", 2), ("flow_property_factor_sync-all.zip", 1), ("unit_sync-all.zip", 1)] {
        let (format, read) = read_path(&real("openlca-jsonld-samples/olca-zips").unwrap().join(archive));
        assert_eq!(format, LcaFormat::OpenLca);
        read.counts(processes, 0, 0, &[(INVENTORY, processes)]);
    }
}

#[test]
fn the_ecospold_files_have_inventories_alone() {
    let Some(path) = real("uslci-ecospold2/uslci_fy20_q3_01_olca1_10_3_ecospold.zip") else { return };
    let (format, read) = read_path(&path);
    assert_eq!(format, LcaFormat::EcoSpold);
    read.counts(631, 0, 0, &[(INVENTORY, 631)]);
    assert!(read.message("no-result").contains("631 processes with 37349 exchanges"), "{}", read.message("no-result"));
    for sample in ["ecospold1_example.xml", "sample_ecospold2.xml"] {
        let (_, read) = read_path(&real("ecospold-samples").unwrap().join(sample));
        read.counts(1, 0, 0, &[(INVENTORY, 1)]);
        assert_eq!(read.rules(), ["no-result"]);
    }
}

/// The EPD examples refer to flows that were not published with them, so per what they stand is not known.
#[test]
fn the_epd_examples_lack_their_flows() {
    let Some(folder) = real("ilcd-samples") else { return };
    let (format, read) = read_path(&folder.join("epd-v1.3-example.xml"));
    assert_eq!(format, LcaFormat::Ilcd);
    read.counts(1, 0, 1, &[]);
    let message = read.message("reference-missing");
    assert!(message.contains("the flow data set a7432abd-0881-4977-a817-f8aaf627fb91 (wood panel) is not among the files"), "{message}");
    let (_, read) = read_path(&folder.join("sdk_sample_epd.xml"));
    assert_eq!(read.rules(), ["reference-missing", "region-unknown"]);
    let (_, read) = read_path(&folder.join("process.xml"));
    read.counts(1, 0, 0, &[(INVENTORY, 1)]);
}

pub fn flow(id: &str, property: &str) -> String {
    format!(
        r#"<flowDataSet xmlns="http://lca.jrc.it/ILCD/Flow" xmlns:common="http://lca.jrc.it/ILCD/Common"><flowInformation><dataSetInformation>
        <common:UUID>{id}</common:UUID></dataSetInformation><quantitativeReference><referenceToReferenceFlowProperty>0</referenceToReferenceFlowProperty>
        </quantitativeReference></flowInformation><flowProperties><flowProperty dataSetInternalID="0"><referenceToFlowPropertyDataSet
        type="flow property data set" refObjectId="{property}"/><meanValue>1</meanValue></flowProperty></flowProperties></flowDataSet>"#
    )
}

pub const VOLUME: &str = "93a60a56-a3c8-22da-a746-0800200c9a66";

/// The published example with the flow that it refers to: a factor a module and scenario, none of them added up.
#[test]
fn an_epd_gives_a_factor_a_module() {
    let Some(folder) = real("ilcd-samples") else { return };
    let epd = std::fs::read_to_string(folder.join("epd-v1.3-example.xml")).unwrap();
    let own = "a7432abd-0881-4977-a817-f8aaf627fb91";
    let (_, read) = read_files(&[("processes/epd.xml", &epd), (&format!("flows/{own}_00.00.001.xml"), &flow(own, VOLUME))]);
    read.counts(1, 1, 0, &[]);
    let key = "process/57a4ae65-d305-421e-b21f-a3f0c35b8abe";
    let keys: Vec<&str> = read.factors.keys().map(|own| own.strip_prefix(key).unwrap()).collect();
    let expected = [
        "/a1-a3",
        "/a4/transport-to-berlin",
        "/a4/transport-to-gdansk",
        "/c3/100-incineration",
        "/c3/100-recycling",
        "/c4/100-incineration",
        "/c4/100-recycling",
        "/d/100-incineration",
        "/d/100-recycling",
    ];
    assert_eq!(keys, expected);
    let factor = read.factor(&format!("{key}/a1-a3"));
    assert_eq!((factor.per.as_str(), factor.region.as_str(), factor.year), ("m3", "PL", Some(2020)));
    assert_eq!((factor.boundary.as_deref(), factor.name.en.as_deref()), (Some("cradle-to-gate"), Some("Wood panel")));
    assert_eq!((factor.published.as_deref(), factor.valid.to.as_deref()), (Some("2020-05-08"), Some("2024-05-08")));
    assert_eq!(factor.rule.as_deref(), Some("Wood Products PCR; EN 15804+A2"));
    assert_eq!(factor.certificate.as_deref(), Some("EPD042812-01"));
    assert_eq!(factor.activity, "wood-products/wood-panels/wood-panel");
    assert_eq!(factor.source.id, "wood-products-s-a");
    assert_eq!(factor.flags, ["gwp_unknown"]);
    assert_eq!(factor.value.as_str(), "15.559479677163699");
    let credit = read.factor(&format!("{key}/d/100-recycling"));
    assert_eq!(
        (credit.value.as_str(), read.factor(&format!("{key}/d/100-incineration")).value.as_str()),
        ("3.890472762252513", "21.473728298846915")
    );
    assert_eq!((credit.boundary.as_deref(), credit.name.en.as_deref()), (Some("d"), Some("Wood panel, module D (100% recycling)")));
    assert!(credit.note.en.as_deref().unwrap().contains("(the default)"));
    assert!(
        factor.source.locator.as_deref().unwrap().starts_with("processes/epd.xml, /processDataSet/LCIAResults/LCIAResult[7]/other/amount[")
    );
    assert_eq!(read.words.licences.iter().next().map(String::as_str), Some("Free of charge for all users and uses"));
}
