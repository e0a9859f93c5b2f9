//! Data sets written by hand in the shapes of the formats, and hostile archives.

use std::io::Write;

use tanyin::import::archive::{Tree, TreeError};
use tanyin::import::lca::{self, LcaFormat};

use super::{INVENTORY, Read, VOLUME, flow, read_files, read_path};

fn ilcd(uuid: &str, body: &str, results: &str) -> String {
    format!(
        r#"<processDataSet xmlns="http://lca.jrc.it/ILCD/Process" xmlns:common="http://lca.jrc.it/ILCD/Common"><processInformation>
        <dataSetInformation><common:UUID>{uuid}</common:UUID><name><baseName xml:lang="zh">煤电</baseName>
        <baseName xml:lang="en">Coal power</baseName><mixAndLocationTypes xml:lang="zh">电厂出口</mixAndLocationTypes></name>
        <classificationInformation><common:classification name="ILCD"><common:class level="0" classId="1">Energy carriers</common:class>
        <common:class level="1" classId="1.2">Electricity</common:class></common:classification></classificationInformation></dataSetInformation>
        <quantitativeReference><referenceToReferenceFlow>3</referenceToReferenceFlow></quantitativeReference>
        <time><common:referenceYear>2022</common:referenceYear><common:dataSetValidUntil>2027</common:dataSetValidUntil></time>
        <geography><locationOfOperationSupplyOrProduction location="CN"/></geography></processInformation>{body}
        <exchanges><exchange dataSetInternalID="3"><referenceToFlowDataSet refObjectId="aaaaaaaa-0000-0000-0000-000000000001"/>
        <meanAmount>3.6</meanAmount></exchange></exchanges><LCIAResults>{results}</LCIAResults></processDataSet>"#
    )
}

fn result(id: &str, name: &str, amount: &str) -> String {
    format!(
        r#"<LCIAResult><referenceToLCIAMethodDataSet refObjectId="{id}"><common:shortDescription xml:lang="en">{name}</common:shortDescription>
        </referenceToLCIAMethodDataSet><meanAmount>{amount}</meanAmount></LCIAResult>"#
    )
}

const UUID: &str = "11111111-2222-3333-4444-555555555555";
const ENERGY: &str = "93a60a56-a3c8-11da-a746-0800200c9a66";
const EF31: &str = "6209b35f-9447-40b5-b68c-a1099e3674a0";

fn with_flow(process: &str) -> (LcaFormat, Read) {
    let own = "aaaaaaaa-0000-0000-0000-000000000001";
    read_files(&[("processes/p.xml", process), (&format!("flows/{own}.xml"), &flow(own, ENERGY))])
}

#[test]
fn an_ilcd_result_stands_per_unit_of_its_reference_flow() {
    let owner = r#"<administrativeInformation><publicationAndOwnership><common:referenceToOwnershipOfDataSet refObjectId="x">
        <common:shortDescription xml:lang="zh">天工</common:shortDescription></common:referenceToOwnershipOfDataSet></publicationAndOwnership>
        </administrativeInformation>"#;
    let results =
        result(EF31, "Climate change", "0.99") + &result("706261af-a357-4cc0-a50a-f3033fcbd556", "Climate change-Biogenic", "0.01");
    let (_, read) = with_flow(&ilcd(UUID, owner, &results));
    read.counts(1, 1, 0, &[]);
    let factor = read.factor(&format!("process/{UUID}"));
    assert_eq!((factor.value.as_str(), factor.per.as_str(), factor.kind.as_str()), ("0.275", "MJ", "electricity-lifecycle"));
    assert_eq!((factor.name.zh.as_deref(), factor.name.en.as_deref()), (Some("煤电; 电厂出口"), Some("Coal power")));
    assert_eq!(factor.activity, "energy-carriers/electricity/coal-power");
    assert_eq!((factor.classifications[0].scheme.as_str(), factor.classifications[0].code.as_str()), ("ilcd", "1.2"));
    assert_eq!(factor.flags, ["converted_by_us", "gwp_unknown", "partial_boundary"]);
    assert_eq!((factor.valid.to.as_deref(), factor.source.id.as_str()), (Some("2027-12-31"), "publisher-x"));
    assert_eq!(factor.note.en.as_deref(), Some("Indicator: Climate change. As declared, of which biogenic 0.01"));
    assert!(read.message("amount-scaled").contains("0.99 for an amount of 3.6 is 0.275"));
}

#[test]
fn what_is_unclear_in_an_ilcd_result_is_not_guessed() {
    let (_, read) = with_flow(&ilcd(UUID, "", &result("0", "Global warming (GWP100a)", "1")));
    assert_eq!(
        read.factor(&format!("process/{UUID}")).flags,
        ["converted_by_us", "gwp_unknown", "partial_boundary", "rounded", "unit_uncertain"]
    );
    let (_, read) = with_flow(&ilcd(UUID, "", &result("0", "Climate change - fossil", "1")));
    read.counts(1, 0, 0, &[("climate change result in parts without a total", 1)]);
    let (_, read) = with_flow(&ilcd(UUID, "", &(result(EF31, "a", "1") + &result("77e416eb-a363-4258-a04e-171d843a6460", "b", "2"))));
    let keys: Vec<_> = read.factors.keys().cloned().collect();
    assert_eq!(keys, [format!("process/{UUID}/{EF31}"), format!("process/{UUID}/77e416eb-a363-4258-a04e-171d843a6460")]);
    let german =
        ilcd(UUID, "", &result(EF31, "x", "1")).replace("xml:lang=\"zh\"", "xml:lang=\"de\"").replace("xml:lang=\"en\"", "xml:lang=\"de\"");
    let (_, read) = with_flow(&german);
    assert!(read.message("language-other").contains("`de`"));
    let nowhere = ilcd(UUID, "", &result(EF31, "x", "1")).replace("location=\"CN\"", "location=\"RNA\"");
    assert!(with_flow(&nowhere).1.message("region-unknown").contains("`RNA`"));
}

#[test]
fn one_identity_one_data_set() {
    let own = "aaaaaaaa-0000-0000-0000-000000000001";
    let (one, other) = (ilcd(UUID, "", &result(EF31, "x", "1")), ilcd(UUID, "", &result(EF31, "x", "2")));
    let flow = flow(own, VOLUME);
    let flow = (format!("flows/{own}.xml"), flow);
    let files = [("processes/a.xml", one.as_str()), ("processes/b.xml", &one), ("processes/c.xml", &other), (&flow.0, &flow.1)];
    let (_, read) = read_files(&files);
    read.counts(3, 1, 1, &[("the same data set again", 1)]);
    assert!(read.message("identity-conflict").contains("processes/c.xml and processes/a.xml"));
}

const OPENLCA_RESULT: &str = r#"{"@type":"Result","@id":"R-1","name":"Cement, at plant","category":"Materials/Cement","validFrom":"2021-01-01","validUntil":"2021-12-31",
    "location":{"@type":"Location","@id":"l","name":"Germany"},"impactMethod":{"name":"EF 3.0"},
    "impactResults":[{"indicator":{"@id":"i","name":"Climate change"},"amount":8.0E2},{"indicator":{"@id":"k","name":"Acidification","refUnit":"mol H+ eq"},"amount":1}],
    "flowResults":[{"flow":{"@id":"f","name":"cement"},"isRefFlow":true,"amount":1.0,"unit":{"name":"t"}}]}"#;

/// A result and a process with one, a process without, and what they refer to.
pub fn openlca_files() -> Vec<(&'static str, &'static str)> {
    let category = r#"{"@type":"ImpactCategory","@id":"i","name":"Climate change","refUnit":"kg CO2 eq"}"#;
    let process = r#"{"@type":"Process","@id":"p-1","name":"水泥","category":{"name":"水泥","categoryPath":["Materials"]},"dqEntry":"(2;3;1;1;2)","dqSystem":{"@id":"q"},
        "processDocumentation":{"validFrom":"2020-01-01+01:00","validUntil":"2022-12-31+01:00","publication":{"@id":"s","name":"Cement report"},
        "restrictionsDescription":"Free for all"},"location":{"@id":"cn","name":"China"},
        "exchanges":[{"quantitativeReference":true,"amount":2,"flow":{"@id":"f1"}},{"amount":1,"defaultProvider":{"@id":"gone"}}],
        "impactResults":[{"indicator":{"@id":"i","name":"Climate change"},"amount":1.50}]}"#;
    vec![
        ("results/r-1.json", OPENLCA_RESULT),
        ("processes/p-1.json", process),
        ("processes/p-2.json", r#"{"@type":"Process","@id":"p-2","name":"Bare","exchanges":[{"amount":1}]}"#),
        ("lcia_categories/i.json", category),
        ("locations/cn.json", r#"{"@type":"Location","@id":"cn","code":"CN"}"#),
        ("flows/f1.json", r#"{"@type":"Flow","@id":"f1","flowProperties":[{"isRefFlowProperty":true,"flowProperty":{"@id":"m"}}]}"#),
        ("flow_properties/m.json", r#"{"@type":"FlowProperty","@id":"m","unitGroup":{"@id":"u"}}"#),
        (
            "dq_systems/q.json",
            r#"{"@type":"DQSystem","@id":"q","name":"ecoinvent","indicators":[{"position":1,"name":"Reliability"},{"position":2,"name":"Completeness"},
            {"position":3,"name":"Temporal correlation"},{"position":4,"name":"Geographical correlation"},
            {"position":5,"name":"Further technological correlation"}]}"#,
        ),
        ("unit_groups/u.json", r#"{"@type":"UnitGroup","@id":"u","units":[{"name":"g"},{"isRefUnit":true,"name":"kg"}]}"#),
    ]
}

#[test]
fn openlca_results_and_processes() {
    let files = openlca_files();
    let (format, read) = read_files(&files);
    assert_eq!(format, LcaFormat::OpenLca);
    read.counts(3, 2, 0, &[(INVENTORY, 1)]);
    let factor = read.factor("process/r-1");
    assert_eq!((factor.value.as_str(), factor.per.as_str(), factor.region.as_str(), factor.year), ("800", "t", "DE", Some(2021)));
    assert_eq!(factor.source.value_text.as_deref(), Some("8.0E2"));
    assert_eq!(factor.source.locator.as_deref(), Some("results/r-1.json, impactResults[0]"));
    assert_eq!((factor.activity.as_str(), factor.category.as_deref()), ("materials/cement/cement-at-plant", Some("Materials/Cement")));
    assert_eq!(factor.note.en.as_deref(), Some("Indicator: EF 3.0; Climate change"));
    let factor = read.factor("process/p-1");
    assert_eq!((factor.value.as_str(), factor.per.as_str(), factor.region.as_str(), factor.year), ("0.75", "kg", "CN", None));
    assert_eq!((factor.activity.as_str(), factor.name.zh.as_deref()), ("product/p-1", Some("水泥")));
    let quality = factor.quality.as_ref().unwrap();
    assert_eq!((quality.scheme.as_str(), quality.scores["temporal"].to_string()), ("pedigree", "1".to_owned()));
    assert_eq!(factor.source.id, "cement-report");
    assert!(read.message("provider-missing").contains("processes/p-1.json, exchanges[1] (provider gone)"));
    assert!(read.words.licences.contains("Free for all"));
    // The flow is not there: per what the result stands is not known.
    let (_, read) = read_files(&[files[1], files[3], files[4]]);
    read.counts(1, 0, 1, &[]);
    assert!(read.message("reference-missing").contains("flows/f1.json is not among the files"));
    // The category is not there: its unit is not known.
    let (_, read) = read_files(&files[..1]);
    assert_eq!(read.factor("process/r-1").flags, ["gwp_unknown", "partial_boundary", "unit_uncertain"]);
}

#[test]
fn an_epd_of_openlca_has_its_results_in_other_documents() {
    let epd = r#"{"@type":"Epd","@id":"e","name":"Brick","location":{"name":"DE"},"pcr":{"name":"PCR bricks"},
        "product":{"flow":{"@id":"f"},"unit":{"name":"kg"},"amount":1000},
        "modules":[{"name":"A1-A3","result":{"@id":"m1"}},{"name":"C4","result":{"@id":"m2"}}]}"#;
    let module = |id: &str, amount: &str| {
        format!(
            r#"{{"@type":"Result","@id":"{id}","name":"x","impactResults":[{{"indicator":{{"@id":"i","name":"Climate change","refUnit":"kg CO2 eq"}},"amount":{amount}}}]}}"#
        )
    };
    let (first, second) = (module("m1", "250.5"), module("m2", "3"));
    let (_, read) = read_files(&[("epds/e.json", epd), ("results/m1.json", &first), ("results/m2.json", &second)]);
    read.counts(3, 1, 0, &[("result of a module of an EPD", 2)]);
    let factor = read.factor("process/e/a1-a3");
    assert_eq!(
        (factor.value.as_str(), factor.boundary.as_deref(), factor.rule.as_deref()),
        ("0.2505", Some("cradle-to-gate"), Some("PCR bricks"))
    );
    assert_eq!(read.factor("process/e/c4").value.as_str(), "0.003");
    let (_, read) = read_files(&[("epds/e.json", epd), ("results/m1.json", &first)]);
    assert!(read.message("reference-missing").contains("results/m2.json"));
}

#[test]
fn ecospold_1_results_are_exchanges_of_result_sets() {
    let set = |number: u32, is_result: bool| {
        format!(
            r#"<dataset number="{number}"><metaInformation><processInformation><referenceFunction name="Clinker" localName="熟料" amount="1" unit="kg"
            category="minerals" subCategory="binders"/><geography location="CH"/><timePeriod><startYear>2003</startYear><endYear>2003</endYear></timePeriod>
            <dataSetInformation impactAssessmentResult="{is_result}" languageCode="en" localLanguageCode="zh"/></processInformation></metaInformation>
            <flowData><exchange number="1" category="IPCC 2013" subCategory="climate change" name="GWP 100a" unit="kg CO2-Eq" meanValue="0.87"/>
            <exchange number="2" category="IPCC 2013" subCategory="climate change" name="GWP 20a" unit="kg CO2-Eq" meanValue="0.9"/></flowData></dataset>"#
        )
    };
    let file = format!(r#"<ecoSpold xmlns="http://www.EcoInvent.org/EcoSpold01">{}{}</ecoSpold>"#, set(7, true), set(8, false));
    let (format, read) = read_files(&[("a.xml", &file), ("categories.xml", "<categories/>")]);
    assert_eq!(format, LcaFormat::EcoSpold);
    read.counts(2, 1, 0, &[(INVENTORY, 1)]);
    let factor = read.factor("process/7");
    assert_eq!((factor.value.as_str(), factor.per.as_str(), factor.region.as_str(), factor.year), ("0.87", "kg", "CH", Some(2003)));
    assert_eq!((factor.name.en.as_deref(), factor.name.zh.as_deref()), (Some("Clinker"), Some("熟料")));
    assert_eq!(factor.source.locator.as_deref(), Some("a.xml, dataset[1]/flowData/exchange[1]/@meanValue"));
}

#[test]
fn ecospold_2_results_are_impact_indicators() {
    let set = r#"<ecoSpold xmlns="http://www.EcoInvent.org/EcoSpold02"><activityDataset><activityDescription>
        <activity id="A1"><activityName xml:lang="en">electricity production, hard coal</activityName></activity>
        <classification><classificationSystem xml:lang="en">ISIC rev.4 ecoinvent</classificationSystem>
        <classificationValue xml:lang="en">3510:Electric power generation</classificationValue></classification>
        <geography><shortname xml:lang="en">RER</shortname></geography><timePeriod startDate="2015-01-01" endDate="2020-12-31"/></activityDescription>
        <flowData><intermediateExchange intermediateExchangeId="P1" amount="1"><name xml:lang="en">electricity, high voltage</name>
        <unitName xml:lang="en">kWh</unitName><outputGroup>0</outputGroup></intermediateExchange>
        <impactIndicator impactIndicatorId="I1" amount="1.0512"><impactMethodName>EF v3.1</impactMethodName>
        <impactCategoryName>climate change</impactCategoryName><name>global warming potential (GWP100)</name><unitName>kg CO2-Eq</unitName></impactIndicator>
        <impactIndicator impactIndicatorId="I2" amount="9"><impactMethodName>EF v3.1</impactMethodName>
        <impactCategoryName>climate change: fossil</impactCategoryName><name>GWP100</name><unitName>kg CO2-Eq</unitName></impactIndicator>
        </flowData></activityDataset></ecoSpold>"#;
    let (_, read) = read_files(&[("datasets/A1_P1.spold", set)]);
    read.counts(1, 1, 0, &[]);
    let factor = read.factor("process/a1/p1");
    assert_eq!((factor.value.as_str(), factor.per.as_str(), factor.kind.as_str()), ("1.0512", "kW.h", "electricity-lifecycle"));
    assert_eq!((factor.region.as_str(), factor.year), ("150", None));
    assert_eq!((factor.classifications[0].scheme.as_str(), factor.classifications[0].code.as_str()), ("isic-rev-4-ecoinvent", "3510"));
    assert!(read.message("place-mapped").contains("`RER` is named by the code that it equals, 150"));
    let two = set.replace(
        "<impactIndicator impactIndicatorId=\"I1\"",
        "<intermediateExchange amount=\"2\"><outputGroup>0</outputGroup></intermediateExchange><impactIndicator impactIndicatorId=\"I1\"",
    );
    assert!(read_files(&[("x.spold", &two)]).1.message("reference-missing").contains("2 reference products"));
}

#[test]
fn hostile_documents_are_records_that_cannot_be_read() {
    let xxe = ilcd(UUID, "", "").replace("<processDataSet", "<!DOCTYPE p [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><processDataSet");
    let (_, read) = with_flow(&xxe);
    read.counts(1, 0, 1, &[]);
    assert!(read.message("record-unreadable").contains("document type declaration"));
    let deep = "[".repeat(5000);
    let files = [("processes/a.json", r#"{"@type":"Process","@id":"a"}"#), ("processes/b.json", deep.as_str()), ("processes/c.json", "{")];
    let (_, read) = read_files(&files);
    read.counts(3, 0, 2, &[(INVENTORY, 1)]);
    assert!(
        read.findings.iter().any(|(_, problem)| problem.message.starts_with("processes/b.json: ") && problem.message.contains("deeper"))
    );
    let cut = r#"<ecoSpold xmlns="http://www.EcoInvent.org/EcoSpold01"><dataset number="1"><flowData/></dataset><dataset number="2">"#;
    let (_, read) = read_files(&[("a.xml", cut)]);
    read.counts(2, 0, 1, &[(INVENTORY, 1)]);
    assert!(read.message("record-unreadable").contains("behind its data set 1"));
}

#[test]
fn ten_thousand_data_sets() {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut zip = zip::ZipWriter::new(&mut bytes);
    let options = zip::write::SimpleFileOptions::default();
    for place in 0..10_000 {
        let result = if place == 5_000 {
            r#","impactResults":[{"indicator":{"name":"Climate change","refUnit":"kg CO2 eq"},"amount":2}]"#
        } else {
            ""
        };
        zip.start_file(format!("processes/{place:05}.json"), options).unwrap();
        write!(zip, r#"{{"@type":"Process","@id":"{place}","name":"n","location":{{"name":"CN"}},"exchanges":[{{"isQuantitativeReference":true,"amount":1,"unit":{{"name":"kg"}}}}]{result}}}"#).unwrap();
    }
    zip.finish().unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes.into_inner()).unwrap();
    let (_, read) = read_path(file.path());
    read.counts(10_000, 1, 0, &[(INVENTORY, 9_999)]);
    assert_eq!(read.factor("process/5000").value.as_str(), "2");
}

fn archive(write: impl FnOnce(&mut zip::ZipWriter<&mut std::io::Cursor<Vec<u8>>>)) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut zip = zip::ZipWriter::new(&mut bytes);
    write(&mut zip);
    zip.finish().unwrap();
    bytes.into_inner()
}

#[test]
fn hostile_archives_are_refused_before_they_are_read() {
    let options = zip::write::SimpleFileOptions::default();
    let named = |name: &str| archive(|zip| zip.start_file(name, options).unwrap());
    let pair = |first: &str, second: &str| {
        archive(|zip| {
            zip.start_file(first, options).unwrap();
            zip.start_file(second, options).unwrap();
        })
    };
    // Two entries of one name cannot be written; one is renamed in the finished bytes.
    let mut twice = pair("processes/a.json", "processes/b.json");
    let mark = b"processes/b.json";
    while let Some(at) = twice.windows(mark.len()).position(|window| window == mark) {
        twice[at + 10] = b'a';
    }
    let bomb = archive(|zip| {
        zip.start_file("processes/a.json", options).unwrap();
        zip.write_all(&vec![b' '; 30 << 20]).unwrap();
    });
    let link = archive(|zip| zip.add_symlink("processes/a.json", "/etc/passwd", options).unwrap());
    let mut encrypted = named("a.json");
    let central = encrypted.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    encrypted[central + 8] |= 1;
    let whole = named("processes/a.json");
    let cases = [
        ("climbs", named("../a.json"), "archive-unsafe", "climbs out"),
        ("absolute", named("/etc/passwd"), "archive-unsafe", "absolute"),
        ("back slash", named("a\\..\\b"), "archive-unsafe", "climbs out"),
        ("twice", twice, "archive-unsafe", "twice"),
        ("twice but for case", pair("a.json", "A.json"), "archive-unsafe", "case"),
        ("bomb", bomb, "archive-unsafe", "more than 200 times"),
        ("link", link, "archive-unsafe", "is a link"),
        ("encrypted", encrypted, "encrypted-file", "without a password"),
        ("cut short", whole[..whole.len() - 30].to_vec(), "file-unreadable", "cut short"),
    ];
    for (name, bytes, rule, says) in cases {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        match Tree::open(file.path()) {
            Err(TreeError::Refused(problem)) => {
                assert_eq!(problem.rule, rule, "{name}: {}", problem.message);
                assert!(problem.message.contains(says), "{name}: {}", problem.message);
            }
            Err(error) => panic!("{name}: {error}"),
            Ok(tree) => panic!("{name}: {:?}", tree.members()),
        }
    }
}

/// Packed bytes that do not unpack are a record that cannot be read, not a fault of the disk.
#[test]
fn members_that_do_not_unpack_are_records_that_cannot_be_read() {
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    let set = r#"<ecoSpold xmlns="http://www.EcoInvent.org/EcoSpold01"><dataset number="1"><flowData/></dataset></ecoSpold>"#;
    let mut bytes = archive(|zip| {
        zip.start_file("a.xml", options).unwrap();
        zip.write_all(set.as_bytes()).unwrap();
        zip.start_file("b.xml", options).unwrap();
        zip.write_all(set.replace("\"1\"", "\"2\"").as_bytes()).unwrap();
    });
    let second = bytes.windows(5).position(|window| window == b"b.xml").unwrap();
    bytes[second + 5..second + 25].fill(0xff);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let (format, read) = read_path(file.path());
    assert_eq!(format, LcaFormat::EcoSpold);
    read.counts(2, 0, 1, &[(INVENTORY, 1)]);
    assert!(read.message("record-unreadable").starts_with("b.xml: "));
}

#[cfg(unix)]
#[test]
fn a_folder_is_not_followed_out_of_itself() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.json"), r#"{"@type":"Process","@id":"a"}"#).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("b.json")).unwrap();
    let refused = Tree::open(folder.path()).map(|_| ()).unwrap_err();
    assert!(refused.to_string().contains("`b.json` is a link"), "{refused}");
    std::fs::remove_file(folder.path().join("b.json")).unwrap();
    let tree = Tree::open(folder.path()).unwrap();
    // What grows after it was listed is noticed.
    std::fs::write(folder.path().join("a.json"), r#"{"@type":"Process","@id":"a","name":"longer"}"#).unwrap();
    assert!(tree.pack().unwrap_err().to_string().contains("as long as"));
}

#[test]
fn what_is_no_exchange_format_is_none() {
    for text in ["a,b\n1,2\n", "{}", "[1]", "<html/>", "", "PK"] {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let tree = Tree::open(file.path()).unwrap();
        assert_eq!(lca::detect(&tree).unwrap(), None, "{text}");
    }
    // A file that holds none of the format that it is said to be says so.
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "{}").unwrap();
    for format in LcaFormat::ALL {
        let mut steps = Vec::new();
        lca::read(format, &Tree::open(file.path()).unwrap(), &mut |step| {
            steps.push(format!("{step:?}"));
            Ok(())
        })
        .unwrap();
        assert!(!steps.is_empty(), "{format:?}");
    }
}
