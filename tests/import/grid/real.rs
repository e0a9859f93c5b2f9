//! The publishers' own files: how many rows each has, and cells of them that were looked up with another program.

use tanyin::import::grid::{FileFormat, GridFile, GridWish};

use super::{Table, encoded, named, read_path, records, sheet};
use crate::profiles::real;

fn table(path: &str, wish: &GridWish) -> Option<Table> {
    real(path).map(|path| read_path(&path, wish).unwrap())
}

/// Texts of cells by row and column, from 1.
#[track_caller]
fn holds(table: &Table, expected: &[(u64, usize, &str)]) {
    for (row, column, text) in expected {
        assert_eq!(table.cell(*row, *column).text, *text, "row {row}, column {column}");
    }
}

#[test]
fn texts() {
    // file, encoding, rows, delimiter, and a cell
    type Expected = (&'static str, &'static str, usize, u8, (u64, usize, &'static str));
    let files: [Expected; 11] = [
        ("cbam-defaults/cbam_defaults.csv", "windows-1252", 12_533, b';', (12_533, 3, "73269098")),
        ("boavizta-pcf/boavizta-data-fr.2022-12-15.csv", "utf-8", 1_219, b';', (1_219, 2, "THUNDERBUG 300 Go")),
        ("boavizta-pcf/boavizta-data-us.2022-12-15.csv", "utf-8", 1_219, b',', (1_219, 1, "Seagate")),
        ("epa-egrid2022/egrid2022_state_national.csv", "utf-8", 53, b',', (53, 4, "11395.3")),
        ("climatiq-oefdb/OpenEmissionFactorsDB.2022-03-24_after-dq-column.csv", "utf-8", 4_164, b',', (4_164, 3, "water-treatment")),
        ("cn-cpcd/core.csv", "utf-8", 559, b',', (559, 4, "234.13kgCO2e / 米")),
        ("ghg-gwp/globalwarmingpotentials.csv", "utf-8", 116, b',', (116, 3, "70")),
        ("agribalyse/Agribalyse_Synthese.2020-11-06_v3.0-blanklines-fixed.csv", "utf-8", 2_480, b',', (2_480, 1, "19599")),
        (
            "epa-useeio-supply-chain/SupplyChainGHGEmissionFactors_v1.3.0_NAICS_byGHG_USD2022.csv",
            "utf-8",
            18_289,
            b',',
            (18_289, 1, "813990"),
        ),
        ("owid-carbon-intensity/carbon-intensity-electricity.csv", "utf-8", 6_107, b',', (6_107, 4, "298.44")),
        ("ademe-base-carbone/base-carbone-extract-2021.csv", "utf-8", 33, b';', (33, 8, "1110")),
    ];
    for (path, encoding, rows, delimiter, (row, column, text)) in files {
        let Some(file) = real(path) else { continue };
        let wish = encoded(&["utf-8", encoding]);
        let layout = GridFile::open(&file).unwrap().layout(&wish).unwrap().unwrap();
        assert_eq!(
            (layout.encoding.to_ascii_lowercase().as_str(), char::from(layout.delimiter)),
            (encoding, char::from(delimiter)),
            "{path}"
        );
        let table = read_path(&file, &wish).unwrap();
        assert_eq!((table.format, table.counts()), (FileFormat::Csv, (rows, rows)), "{path}");
        holds(&table, &[(row, column, text)]);
    }
}

#[test]
fn the_flat_files_of_the_united_kingdom() {
    let factors = sheet("Factors by Category");
    let folder = "uk-desnz-conversion-factors";
    if let Some(table) = table(&format!("{folder}/2016_Flat_format_file_v01-01.xlsx"), &factors) {
        assert_eq!(table.counts(), (5_488, 5_485));
        assert_eq!((table.cell(6, 9).text.as_str(), table.cell(6, 9).verbatim()), ("0.1839968181812754", "0.18399681818127539"));
        assert_eq!((table.cell(9, 9).text.as_str(), table.cell(9, 9).verbatim()), ("0.00009655199999992272", "9.6551999999922717E-5"));
    }
    if let Some(table) = table(&format!("{folder}/conversion-factors-2021-flat-file-automatic-processing.xls"), &factors) {
        assert_eq!((table.format, table.counts()), (FileFormat::Xls, (7_612, 7_610)));
        holds(&table, &[(5, 1, "Scope"), (5, 11, "GHG Conversion Factor 2021"), (6, 4, "Butane"), (6, 11, "0.2224"), (7, 11, "0.00017")]);
        holds(
            &table,
            &[(101, 11, "1.39"), (5_001, 10, "Average car miles Managed cars (by size)"), (5_001, 11, "0.15485"), (7_612, 2, "END")],
        );
    }
    for (file, rows, cells) in [
        (
            "ghg-conversion-factors-2023-flat-file-update.xlsx",
            (8_046, 8_044),
            [(12, "1.74296", "1.7429600000000001"), (14, "0.0009248322147651006", "9.2483221476510056E-4")],
        ),
        (
            "ghg-conversion-factors-2024-FlatFormat_v1_1.xlsx",
            (8_748, 8_746),
            [(12, "1.74296", "1.7429600000000001"), (14, "0.00092", "9.2000000000000003E-4")],
        ),
    ] {
        let Some(table) = table(&format!("{folder}/{file}"), &factors) else { continue };
        assert_eq!(table.counts(), rows, "{file}");
        for (row, text, stored) in cells {
            assert_eq!((table.cell(row, 10).text.as_str(), table.cell(row, 10).verbatim()), (text, stored), "{file}");
        }
    }
    if let Some(path) = real(&format!("{folder}/ghg-conversion-factors-2024-FlatFormat_v1_1.xlsx")) {
        assert_eq!(GridFile::open(&path).unwrap().sheets().unwrap(), ["Front page", "Factors by Category", "Sheet1", "Sheet2"]);
    }
}

#[test]
fn other_workbooks() {
    if let Some(table) = table("ademe-base-carbone/Base_Carbone_V23.6-v2.xlsx", &GridWish::default()) {
        assert_eq!((table.sheet.as_deref(), table.counts()), (Some("Base_Carbone_V23.6"), (18_617, 18_617)));
        holds(
            &table,
            &[(2, 2, "34052"), (2, 6, "\"\"\"\tSalade César au poulet (salade verte\"\"\""), (2, 31, "2021-03-04"), (2, 51, "2.81")],
        );
        holds(&table, &[(18_617, 6, "Zinc"), (18_617, 31, "2014-11-05"), (18_617, 33, "2018-12-01"), (18_617, 51, "2933")]);
        assert_eq!((table.cell(5, 51).text.as_str(), table.cell(5, 51).verbatim()), ("1.12", "1.1200000000000001"));
    }
    if let Some(table) = table("epa-ghg-hub/ghg-emission-factors-hub-2024.xlsx", &GridWish::default()) {
        assert_eq!(table.counts(), (507, 427));
        assert_eq!((table.cell(29, 4).text.as_str(), table.cell(29, 4).verbatim()), ("9.95", "9.9499999999999993"));
        assert_eq!(table.cell(40, 8).verbatim(), "5.4440000000000002E-2");
    }
    for (file, sheets, name, rows) in [
        ("national-greenhouse-account-factors-2022.xlsx", 20, "Table 2", (24, 23)),
        ("national-greenhouse-account-factors-2024.xlsx", 27, "Energy - Scope 1 ", (80, 80)),
    ] {
        let Some(path) = real(&format!("australia-nga/{file}")) else { continue };
        assert_eq!(GridFile::open(&path).unwrap().sheets().unwrap().len(), sheets);
        assert_eq!(read_path(&path, &sheet(name)).unwrap().counts(), rows, "{file}");
    }
    if let Some(table) = table("australia-nga/national-greenhouse-account-factors-2024.xlsx", &sheet("Table 1")) {
        assert_eq!((table.cell(12, 2).text.as_str(), table.cell(12, 2).verbatim()), ("0.56", "0.56000000000000005"));
    }
}

#[test]
fn records_of_json() {
    if let Some(table) = table("taiwan-moenv-cfp/CFED.json", &GridWish::default()) {
        assert_eq!(table.counts(), (1_112, 1_112));
        assert_eq!(
            (table.member(1, "chineseName").text.as_str(), table.member(2, "carbonFootprint.value").text.as_str()),
            ("中文名稱", "3.68E-1")
        );
        assert!(table.member(2, "quantity").number && !table.member(2, "carbonFootprint.value").number);
    }
    if let Some(table) = table("india-open-ef/emission_factors_v1_1.json", &records("/emission_factors")) {
        assert_eq!(table.counts(), (95, 95));
        assert_eq!((table.member(1, "value").text.as_str(), table.member(1, "unit").text.as_str()), ("0.7117", "kgCO2/kWh"));
    }
    if let Some(table) = table("co2js-grid/average-intensities.json", &GridWish::default()) {
        assert_eq!(table.counts(), (222, 222));
        assert_eq!(
            (table.member(1, "@name").text.as_str(), table.member(1, "emissions_intensity_gco2_per_kwh").text.as_str()),
            ("AFG", "123.71")
        );
        let namibia = table.rows.iter().find(|row| named(row)["@name"].text == "NAM").unwrap();
        assert!(!named(namibia)["year"].text.is_empty());
    }
}
