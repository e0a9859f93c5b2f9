//! Tables that are wrong: each with the rule, row and field that say so.

use std::io::{self, Read, Write};
use std::path::Path;

use tanyin::validate::{Sinks, check_table};

use super::{Case, cell, disturbed, refuse_all, sound, table};
use crate::on_both;
use crate::site::{PackageDraft, row};

const HEADER: &str = "key,activity,kind,name_en,region,year,value,metric,per,source";
const ROW: &str = "a,electricity/grid-average,electricity-direct,Grid,CN,2022,0.5366,CO2,kW.h,doc";

fn lines(rows: &[&str]) -> Vec<u8> {
    rows.iter().flat_map(|row| [row.as_bytes(), b"\n"].concat()).collect()
}

/// Gases of natural gas under AR5, written so exactly that rounding excuses nothing.
const GASES: [(&str, &str); 6] = [
    ("metric", "CO2e"),
    ("gwp", "ipcc-ar5-wg1-8.a1-gwp100"),
    ("co2_fossil", "56100.00000"),
    ("ch4_fossil", "1.00000000"),
    ("n2o", "0.100000000"),
    ("per", "TJ"),
];

fn with_gases(value: &'static str) -> Vec<(&'static str, &'static str)> {
    GASES.into_iter().chain([("value", value)]).collect()
}

/// Numbers that are not guessed at, and codes that are not known.
pub(super) fn cells() -> Vec<Case> {
    let digits_35 = "0.12345678901234567890123456789012345";
    vec![
        cell("decimal comma", &[("value", "0,5366")], "decimal", "value", "holds a comma"),
        cell("thousands", &[("value", "5,366.1")], "decimal", "value", "no thousands separator"),
        cell("bound", &[("value", "< 1")], "decimal", "value", "is a bound"),
        cell("not a number", &[("value", "NaN")], "decimal", "value", "not a finite number"),
        cell("infinite", &[("value", "1e400")], "decimal", "value", "exponent"),
        cell("exponent", &[("value", "5E-3")], "decimal", "value", "exponent"),
        cell("plus", &[("value", "+0.5")], "decimal", "value", "plus sign"),
        cell("full-width digits", &[("value", "０.５")], "decimal", "value", "not a decimal number"),
        cell("35 digits", &[("value", digits_35)], "decimal", "value", "35 significant digits"),
        cell("a number of 30,000 digits", &[("value", &"9".repeat(30_000))], "decimal", "value", "at most 34"),
        cell("empty value", &[("value", "")], "required", "value", "is empty"),
        cell("unknown unit", &[("per", "kWh")], "unit-unknown", "per", "kW.h"),
        cell("no unit at all", &[("per", "furlong per fortnight")], "unit-unknown", "per", "furlong"),
        cell("unknown kind", &[("kind", "electricity-indirect")], "kind-unknown", "kind", "electricity-direct"),
        cell("unknown region", &[("region", "UK")], "region-unknown", "region", "`GB`"),
        cell("unknown GWP set", &[("metric", "CO2e"), ("gwp", "AR6")], "gwp-unknown", "gwp", "ipcc-ar6-wg1-7sm7-gwp100"),
        cell("gases do not add up", &with_gases("56154.6"), "gases-sum", "value", "56154.5"),
        cell("gases add up under another set only", &with_gases("56154.8"), "gases-sum", "value", "ipcc-ar5-wg1-8.a1-gwp100"),
        cell("stages do not add up", &[("stages", "A1-A3=0.5000;C4=0.0360")], "stages-sum", "value", "0.536"),
        cell("undeclared source", &[("source", "another")], "source-undeclared", "source", "its sources are doc"),
        cell("formula", &[("name_en", "=HYPERLINK(\"http://evil\")")], "cell-formula", "name_en", "spreadsheet formula"),
        cell("formula by @", &[("note_en", "@SUM(A1:A9)")], "cell-formula", "note_en", "spreadsheet formula"),
        cell("formula behind a sign", &[("locator", "+1-cmd|' /C calc'!A0")], "cell-formula", "locator", "spreadsheet formula"),
        cell("formula that sorting brings first", &[("synonyms_en", "zinc;=1+1")], "cell-formula", "synonyms_en", "`=1+1`"),
        cell("formula as a stage", &[("stages", "@SUM(1+1)=0.5366")], "cell-formula", "stages", "spreadsheet formula"),
        cell("formula as a boundary", &[("boundary", "+a1")], "cell-formula", "boundary", "spreadsheet formula"),
        cell("NUL", &[("name_en", "Grid\0average")], "control-character", "name_en", "U+0000"),
        cell("bell", &[("technology", "a\u{7}b")], "control-character", "technology", "U+0007"),
        cell("escape", &[("note_zh", "\u{1b}[2J")], "control-character", "note_zh", "U+001B"),
        cell("line feed in a name", &[("name_en", "Grid\naverage")], "control-character", "name_en", "U+000A"),
        cell("two lines in a value", &[("value_text", "0.5\r\n366")], "control-character", "value_text", "U+000D"),
    ]
}

/// Tables that are no tables, or not of factors.
pub(super) fn tables() -> Vec<Case> {
    let not_utf8: &[u8] = b"b,electricity/grid-average,electricity-direct,Zhejiang \xd5\xe3\xbd\xad,CN,2022,0.5,CO2,kW.h,doc\n";
    let wide = format!("b{}", ",".repeat(99));
    let many_columns = vec!["key"; 513].join(",");
    let without = |name: &str| {
        let mut package = sound(vec![row("a", &[])]);
        package.columns.retain(|column| column != name);
        package.table()
    };
    vec![
        table("a cell in GBK", [&lines(&[HEADER, ROW]), not_utf8].concat(), vec![("not-utf8", Some(3), Some("name_en"))], "UTF-8"),
        table("a header in GBK", b"key,\xc3\xfb\n".to_vec(), header_in_gbk(), "the header is not UTF-8"),
        table("a column is missing", without("value"), vec![("missing-column", None, Some("value"))], "`value` is missing"),
        table("no name at all", without("name_en"), vec![("missing-column", None, Some("name_en"))], "name_zh"),
        table("an unknown column", lines(&[&format!("{HEADER},vlaue"), ROW]), vec![("unknown-column", Some(1), Some("vlaue"))], "`value`?"),
        table("a nameless column", lines(&[&format!("{HEADER},"), ROW]), vec![("unknown-column", Some(1), Some(""))], "not a column"),
        table("a column twice", lines(&[&format!("{HEADER},year"), ROW]), vec![("duplicate-column", Some(1), Some("year"))], "twice"),
        table("a key twice", lines(&[HEADER, ROW, "", ROW]), vec![("duplicate-key", Some(4), Some("key"))], "row 2 already"),
        table("a wide row", lines(&[HEADER, ROW, &wide]), vec![("cell-count", Some(3), None)], "has 100 cells where the header has 10"),
        table("a narrow row", lines(&[HEADER, ROW, "   "]), vec![("cell-count", Some(3), None)], "has 1 cells"),
        table("too many columns", lines(&[&many_columns]), vec![("row-too-long", Some(1), None)], "more than 512 cells"),
        table("a header alone", lines(&[HEADER]), vec![("no-factors", None, None)], "no factor"),
        table("blank rows alone", lines(&[HEADER, "", "", ""]), vec![("no-factors", None, None)], "no factor"),
        table("nothing", "", vec![("no-header", None, None)], "the file is empty"),
        table("a mark and nothing", "\u{feff}", vec![("byte-order-mark", None, None), ("no-header", None, None)], "the file is empty"),
        table("a quote left open", lines(&[HEADER, ROW, "b,\"x", ROW]), vec![("open-quote", Some(3), None)], "never closed"),
        table("a picture", b"\x89PNG\r\n\x1a\n\0\0".to_vec(), picture(), "the header is not UTF-8"),
        table("UTF-16", utf16(), utf16_findings(), "not a column"),
    ]
}

fn all_missing() -> Vec<super::Expected> {
    let required = ["key", "activity", "kind", "region", "year", "value", "metric", "per", "source", "name_en"];
    required.into_iter().map(|name| ("missing-column", None, Some(name))).collect()
}

fn header_in_gbk() -> Vec<super::Expected> {
    let mut found: Vec<_> = all_missing().into_iter().filter(|(_, _, field)| *field != Some("key")).collect();
    found.push(("not-utf8", Some(1), Some("\u{fffd}\u{fffd}")));
    found
}

fn picture() -> Vec<super::Expected> {
    let mut found = all_missing();
    found.push(("not-utf8", Some(1), Some("\u{fffd}PNG")));
    found
}

fn utf16() -> Vec<u8> {
    "key\n".encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn utf16_findings() -> Vec<super::Expected> {
    let mut found = all_missing();
    found.push(("unknown-column", Some(1), Some("k\0e\0y\0")));
    found
}

/// Files that would fill memory or never end.
pub(super) fn endless() -> Vec<Case> {
    let write = |folder: &Path, head: &str, fill: &dyn Fn(&mut std::fs::File)| {
        let mut file = std::fs::File::create(folder.join("factors.csv")).unwrap();
        file.write_all(head.as_bytes()).unwrap();
        fill(&mut file);
        let path = folder.join("datapackage.json");
        let mut description: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        description["resources"][0].as_object_mut().unwrap().remove("hash");
        std::fs::write(path, description.to_string()).unwrap();
    };
    let too_long = |row| vec![("row-too-long", Some(row), None)];
    let gigabyte = |file: &mut std::fs::File| file.set_len(1 << 30).unwrap();
    let rows = |file: &mut std::fs::File| {
        let block = format!("{ROW}\n").repeat(10_000);
        (0..20).for_each(|_| file.write_all(block.as_bytes()).unwrap());
    };
    vec![
        disturbed("a header of a gigabyte", move |folder| write(folder, "key", &gigabyte), too_long(1), "longer than 1048576 bytes"),
        disturbed("a row of a gigabyte", move |f| write(f, &format!("{HEADER}\n{ROW}\nb"), &gigabyte), too_long(3), "longer than"),
        disturbed("a quote open over 17 MB", move |f| write(f, &format!("{HEADER}\n{ROW}\n\""), &rows), too_long(3), "left open"),
        disturbed("a folder as the table", folder_as_table, vec![("file-unreadable", None, None)], "not a regular file"),
        disturbed("a pipe as the table", pipe_as_table, vec![("file-unreadable", None, None)], "not a regular file"),
    ]
}

fn folder_as_table(folder: &Path) {
    std::fs::remove_file(folder.join("factors.csv")).unwrap();
    std::fs::create_dir(folder.join("factors.csv")).unwrap();
}

fn pipe_as_table(folder: &Path) {
    std::fs::remove_file(folder.join("factors.csv")).unwrap();
    make_pipe(&folder.join("factors.csv"));
}

/// A named pipe that nobody writes to: opening it would wait for ever.
pub(super) fn make_pipe(path: &Path) {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

on_both!(
    fn bad_cells_change_nothing(site: &Site) {
        refuse_all(site, cells());
    }
);

on_both!(
    fn bad_tables_change_nothing(site: &Site) {
        refuse_all(site, tables());
    }
);

on_both!(
    fn endless_files_change_nothing(site: &Site) {
        refuse_all(site, endless());
    }
);

/// Says how much was read of it.
struct Counting<R>(R, u64);

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(buffer)?;
        self.1 += count as u64;
        Ok(count)
    }
}

/// A line without end is given up after one mebibyte, so memory and time do not grow with the file.
#[test]
fn a_line_without_end_is_read_for_a_mebibyte() {
    let endless = Counting(io::Cursor::new(format!("{HEADER}\n{ROW}\n")).chain(io::repeat(b'x')), 0);
    let mut taken = 0;
    let mut line = |_| {
        taken += 1;
        Ok(())
    };
    let (report, reader) = check_table(endless, None, &mut Sinks { line: &mut line, progress: &mut |_| {} }).unwrap();
    assert_eq!((report.rows, report.factors, report.error_rows), (2, 1, 1));
    assert!(reader.1 < 2 << 20, "{} bytes were read", reader.1);
}

on_both!(
    fn what_spreadsheets_write_is_read(site: &Site) {
        let text = |lines: &[&str], end: &str| lines.iter().map(|line| format!("{line}{end}")).collect::<String>();
        let sound = [HEADER, ROW, &ROW.replacen('a', "b", 1)];
        let quoted = sound.map(|line| format!("\"{}\"", line.replace(',', "\",\"")));
        let quoted: Vec<&str> = quoted.iter().map(String::as_str).collect();
        let tables = [
            ("a byte order mark", format!("\u{feff}{}", text(&sound, "\n")), 1),
            ("carriage returns", text(&sound, "\r\n"), 0),
            ("old Macintosh", text(&sound, "\r"), 0),
            ("all quoted", text(&quoted, "\r\n"), 0),
            ("no last line feed", text(&sound, "\n").trim_end().to_owned(), 0),
            ("blank rows", format!("\n{}\n\r\n", text(&sound, "\n\n")), 0),
        ];
        for (number, (name, table, notes)) in tables.into_iter().enumerate() {
            let package = PackageDraft { raw_table: Some(table.into_bytes()), ..PackageDraft::new("sheets", "1.0.0", vec![]) };
            let folder = tempfile::tempdir().unwrap();
            package.write(folder.path());
            let outcome = site.import(folder.path(), "sheets").unwrap();
            let report = &outcome.report;
            assert_eq!((report.factors, report.findings.error, report.findings.info), (2, 0, notes), "{name}: {report:?}");
            assert!(report.adds_up(), "{name}: {report:?}");
            assert_eq!(outcome.run, Some(number as i64 + 1), "{name}");
        }
    }
);
