//! Workbooks: Office Open XML, binary, OpenDocument.

use std::io::Write;

use tanyin::import::grid::{Cell, FileFormat, GridFile, GridWish};

use super::{BOOK, binary_book, book, book_with, file, open_document, plain, read, sheet};

fn number(text: &str, stored: Option<&str>) -> Cell {
    Cell { text: text.into(), stored: stored.map(str::to_owned), number: true }
}

fn date(text: &str, stored: &str) -> Cell {
    Cell { text: text.into(), stored: Some(stored.into()), number: false }
}

#[test]
fn cells_of_every_kind_are_read() {
    let table = plain(book(
        r#"<sheetData>
        <row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c><c r="E1" t="inlineStr"><is><r><t>in</t></r><r><t>line</t></r></is></c></row>
        <row r="2"><c r="A2"><v>0.56000000000000005</v></c><c r="B2"><v>1.5E-7</v></c><c r="C2"><v>12</v></c><c r="D2"><f>1+1</f><v>2</v></c><c r="E2" t="str"><f>A1</f><v>text</v></c><c r="F2" t="str"><f>""</f><v></v></c></row>
        <row r="4"><c r="A4" t="b"><v>1</v></c><c r="B4" t="b"><v>0</v></c><c r="C4" t="e"><v>#N/A</v></c><c r="D4" t="e"><f>X!A1</f><v>#REF!</v></c><c r="E4" t="d"><v>2024-05-17T00:00:00</v></c></row>
        <row r="5"><c r="A5" s="1"><v>45292</v></c><c r="B5" s="2"><v>45292.75</v></c><c r="C5" s="0"><v>45292</v></c><c r="D5" s="1"><v>60</v></c></row>
        <row><c s="1"/><c><v>7</v></c></row></sheetData><mergeCells><mergeCell ref="A1:B1"/></mergeCells>"#,
    ));
    assert_eq!((table.format, table.sheet.as_deref(), table.counts()), (FileFormat::Xlsx, Some("Factors"), (6, 5)));
    assert_eq!(table.texts()[0].1, ["plain", "kg CO₂e & more", "a\nb", "", "inline"]);
    assert_eq!(table.cell(2, 1), &number("0.56", Some("0.56000000000000005")));
    assert_eq!(table.cell(2, 1).verbatim(), "0.56000000000000005");
    assert_eq!(table.cell(2, 2), &number("0.00000015", Some("1.5E-7")));
    assert_eq!((table.cell(2, 3), table.cell(2, 4)), (&number("12", None), &number("2", None)));
    assert_eq!(table.texts()[1].1.len(), 5);
    assert_eq!(table.texts()[2], (3, vec![]));
    assert_eq!(table.texts()[3].1, ["TRUE", "FALSE", "#N/A", "#REF!", "2024-05-17"]);
    assert_eq!((table.cell(5, 1), table.cell(5, 2)), (&date("2024-01-01", "45292"), &date("2024-01-01T18:00:00", "45292.75")));
    assert_eq!((table.cell(5, 3), table.cell(5, 4)), (&number("45292", None), &number("60", None)));
    assert_eq!(table.texts()[5], (6, vec!["", "7"]));
}

#[test]
fn sheets_are_chosen_by_name_hidden_ones_too() {
    let path = file(book("<sheetData/>"));
    assert_eq!(GridFile::open(&path).unwrap().sheets().unwrap(), ["Factors", "Hidden"]);
    let hidden = read(book("<sheetData/>"), &sheet("Hidden")).unwrap();
    assert_eq!((hidden.sheet.as_deref(), hidden.texts()), (Some("Hidden"), vec![(1, vec!["seen"])]));
    let either = GridWish { sheets: vec!["2025".into(), "Hidden".into(), "Factors".into()], ..GridWish::default() };
    assert_eq!(read(book("<sheetData/>"), &either).unwrap().sheet.as_deref(), Some("Hidden"));
    let day = r#"<sheetData><row r="1"><c r="A1" s="1"><v>0</v></c></row></sheetData>"#;
    let old = plain(book_with(&BOOK.replace("<workbookPr/>", "<workbookPr date1904=\"1\"/>"), day));
    assert_eq!(old.texts()[0].1, ["1904-01-01"]);
}

/// A sheet that is styled down to its last cell has no more rows than it has values.
#[test]
fn a_million_empty_rows_and_columns_cost_nothing() {
    let mut data = String::from("<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c>");
    (2..=16_384).for_each(|_| data.push_str("<c s=\"1\"/>"));
    data.push_str("</row><row r=\"2\"/><row r=\"3\"><c r=\"B3\"><v>2</v></c></row>");
    (4..=100_000).for_each(|row| data.push_str(&format!("<row r=\"{row}\" s=\"1\"><c r=\"XFD{row}\" s=\"1\"/></row>")));
    data.push_str("<row r=\"1048576\"><c r=\"XFD1048576\" s=\"1\"/></row></sheetData>");
    assert_eq!(plain(book(&data)).texts(), [(1, vec!["1"]), (2, vec![]), (3, vec!["", "2"])]);
}

#[test]
fn open_document_cells_are_read() {
    let bytes = open_document(
        r##"<table:table table:name="First"><table:table-column/>
        <table:table-row><table:table-cell office:value-type="string"><office:annotation><text:p>a comment</text:p></office:annotation><text:p>kg<text:s text:c="2"/>CO2</text:p><text:p>two</text:p></table:table-cell>
        <table:table-cell table:number-columns-repeated="2" office:value-type="float" office:value="0.56000000000000005"><text:p>0.57</text:p></table:table-cell>
        <table:covered-table-cell/><table:table-cell table:number-columns-repeated="16380"/></table:table-row>
        <table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>
        <table:table-row table:number-rows-repeated="2"><table:table-cell office:value-type="date" office:date-value="2024-05-17"><text:p>17.05.24</text:p></table:table-cell><table:table-cell office:value-type="boolean" office:boolean-value="true"/><table:table-cell table:formula="of:=NA()" office:value-type="string" calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell><table:table-cell office:value-type="percentage" office:value="0.5"/></table:table-row>
        <table:table-row table:number-rows-repeated="1048570"><table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>
        <table:table table:name="Second"><table:table-row><table:table-cell office:value-type="string"><text:p>other</text:p></table:table-cell></table:table-row></table:table>"##,
    );
    let table = plain(&bytes);
    assert_eq!((table.format, table.sheet.as_deref()), (FileFormat::Ods, Some("First")));
    assert_eq!(table.texts()[0].1, ["kg  CO2\ntwo", "0.56", "0.56"]);
    assert_eq!(table.cell(1, 2), &number("0.56", Some("0.56000000000000005")));
    assert_eq!((table.counts(), table.texts()[1].1.len()), ((5, 3), 0));
    assert_eq!(table.texts()[4].1, ["2024-05-17", "TRUE", "#N/A", "0.5"]);
    assert_eq!(read(&bytes, &sheet("Second")).unwrap().texts(), [(1, vec!["other"])]);
    assert_eq!(GridFile::open(&file(&bytes)).unwrap().sheets().unwrap(), ["First", "Second"]);
}

#[test]
fn binary_cells_are_read() {
    let at = |row: u16, column: u16, style: u16, rest: &[u8]| {
        [&row.to_le_bytes()[..], &column.to_le_bytes(), &style.to_le_bytes(), rest].concat()
    };
    let globals = [
        (0x041e, [&[164, 0, 10, 0, 0][..], b"yyyy-mm-dd"].concat()),
        (0x00e0, vec![0, 0, 0, 0]),
        (0x00e0, vec![0, 0, 164, 0]),
        (0x00fc, [&[2, 0, 0, 0, 9, 0, 0, 0][..], &[2, 0, 0], b"ab", &[3, 0, 1, b'k', 0]].concat()),
        (0x003c, [&[1, 0x82, 0x20, b'e', 0][..]].concat()),
    ];
    let cells = [
        (0x00fd, at(0, 0, 0, &0_u32.to_le_bytes())),
        (0x00fd, at(0, 1, 0, &1_u32.to_le_bytes())),
        (0x0204, at(0, 2, 0, &[&[2, 0, 0][..], b"hi"].concat())),
        (0x0203, at(2, 0, 0, &0.569_f64.to_le_bytes())),
        (0x027e, at(2, 1, 0, &((12345_u32 << 2) | 3).to_le_bytes())),
        (0x00bd, at(2, 2, 0, &[&((7_u32 << 2) | 2).to_le_bytes()[..], &[1, 0], &((45292_u32 << 2) | 2).to_le_bytes(), &[3, 0]].concat())),
        (0x0205, at(2, 4, 0, &[0x2a, 1])),
        (0x0205, at(2, 5, 0, &[1, 0])),
        (0x0006, at(2, 6, 0, &[&1.5_f64.to_le_bytes()[..], &[0; 8]].concat())),
        (0x0006, at(2, 7, 0, &[&[0, 0, 0, 0, 0, 0, 0xff, 0xff][..], &[0; 8]].concat())),
        (0x04bc, vec![0; 10]),
        (0x0207, [&[4, 0, 0][..], b"text"].concat()),
        (0x0201, at(3, 200, 0, &[])),
    ];
    let table = plain(binary_book(&globals, &cells));
    assert_eq!((table.format, table.sheet.as_deref(), table.counts()), (FileFormat::Xls, Some("Factors"), (3, 2)));
    assert_eq!(table.texts()[0].1, ["ab", "k₂e", "hi"]);
    assert_eq!(table.texts()[2].1, ["0.569", "123.45", "7", "2024-01-01", "#N/A", "TRUE", "1.5", "text"]);
    assert_eq!((table.cell(3, 1), table.cell(3, 4)), (&number("0.569", None), &date("2024-01-01", "45292")));
}

/// The file's own name says nothing; a link to it is as good as the file.
#[test]
fn the_ending_of_a_name_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let day = book(r#"<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>"#);
    for (name, bytes, format) in [
        ("book.csv", day.as_slice(), FileFormat::Xlsx),
        ("table.xlsx", b"a,b\n1,2\n", FileFormat::Csv),
        ("table.pdf", b"[{\"a\":1}]", FileFormat::Json),
        ("table.png", b"{\"a\":1}\n{\"a\":2}\n", FileFormat::Ndjson),
        ("table.json", b"<r><i/></r>", FileFormat::Xml),
        ("table.xml", b"[Comment],b\n1,2\n", FileFormat::Csv),
    ] {
        let path = folder.path().join(name);
        std::fs::File::create(&path).unwrap().write_all(bytes).unwrap();
        let link = folder.path().join(format!("{name}.link"));
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert_eq!(GridFile::open(&path).unwrap().format(), format, "{name}");
        assert_eq!(GridFile::open(&link).unwrap().format(), format, "{name}");
    }
    assert!(GridFile::open(folder.path()).is_err());
    assert!(GridFile::open(std::path::Path::new("/dev/zero")).is_err());
}
