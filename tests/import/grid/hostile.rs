//! What must be refused, by which rule and with which words; and what must never panic.

use std::io::Write;

use tanyin::import::grid::{GridError, GridWish};

use super::{archive, biff, binary_book, book, compound, encoded, file, open_document, plain, read, read_path, records, sheet};

/// A file that is refused.
pub struct Case {
    name: &'static str,
    bytes: Vec<u8>,
    wish: GridWish,
    pub rule: &'static str,
    row: Option<u64>,
    says: &'static str,
}

fn case(name: &'static str, bytes: impl Into<Vec<u8>>, rule: &'static str, says: &'static str) -> Case {
    Case { name, bytes: bytes.into(), wish: GridWish::default(), rule, row: None, says }
}

impl Case {
    fn row(self, row: u64) -> Self {
        Self { row: Some(row), ..self }
    }

    fn wish(self, wish: GridWish) -> Self {
        Self { wish, ..self }
    }
}

fn cell(cell: &str) -> Vec<u8> {
    book(&format!(r#"<sheetData><row r="3">{cell}</row></sheetData>"#))
}

fn crowd() -> Vec<u8> {
    let names: Vec<String> = (0..=10_000).map(|number| number.to_string()).collect();
    archive(&names.iter().map(|name| (name.as_str(), &b""[..])).collect::<Vec<_>>())
}

fn encrypted_archive() -> Vec<u8> {
    let mut bytes = archive(&[("xl/workbook.xml", b"<workbook/>")]);
    let directory = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    bytes[6] |= 1;
    bytes[directory + 8] |= 1;
    bytes
}

/// Two members of one name.
fn twins() -> Vec<u8> {
    let bytes = archive(&[("xl/workbook.xml", b"<workbook/>"), ("xl/workbook.xmL", b"<workbook/>")]);
    let at: Vec<usize> = bytes.windows(4).enumerate().filter(|(_, window)| *window == b".xmL").map(|(at, _)| at).collect();
    at.into_iter().fold(bytes, |mut bytes, at| {
        bytes[at + 3] = b'l';
        bytes
    })
}

fn no_tables() -> Vec<Case> {
    let web = "\n<!DOCTYPE html><html><table><tr><td>1</td></tr></table></html>";
    vec![
        case("an empty file", "", "not-a-table", "is empty"),
        case("blanks", " \n\n ", "not-a-table", "nothing but blanks"),
        case("a PDF", "%PDF-1.7\n", "not-a-table", "a PDF"),
        case("a picture", b"\x89PNG\r\n\x1a\n\0\0", "not-a-table", "a picture"),
        case("packed", b"\x1f\x8b\x08\0", "not-a-table", "unpack it"),
        case("a web page", web, "not-a-table", "a web page"),
        case("a web archive", "MIME-Version: 1.0\n", "not-a-table", "MHTML"),
        case("bytes", [7_u8, 1, 2, 3, 0, 0, 0, 9, 200, 4, 5], "not-a-table", "neither text nor a workbook"),
        case("an archive", archive(&[("a.csv", b"a,b\n")]), "not-a-table", "unpack it"),
        case("data sets", archive(&[("processes/a.json", b"{}")]), "not-a-table", "openlca"),
        case("a text document", archive(&[("word/document.xml", b"<d/>")]), "not-a-table", ".docx"),
        case("a binary workbook of another kind", archive(&[("xl/workbook.bin", b"x")]), "not-a-table", ".xlsb"),
        case("another compound file", compound(&[("WordDocument", b"x")]), "not-a-table", ".doc"),
        case("an old workbook", compound(&[("Book", b"x")]), "not-a-table", "Excel 95"),
        case("an older workbook", compound(&[("Workbook", &biff(&[(0x0809, vec![0, 5, 5, 0])]))]), "not-a-table", "Excel 95"),
        case("a workbook with a password", compound(&[("EncryptionInfo", b"x"), ("EncryptedPackage", b"x")]), "encrypted-file", "password"),
        case("a binary workbook with a password", binary_book(&[(0x002f, vec![1, 0])], &[]), "encrypted-file", "password"),
        case("an archive with a password", encrypted_archive(), "encrypted-file", "password"),
        case(
            "an OpenDocument with a password",
            archive(&[
                ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
                ("META-INF/manifest.xml", b"<m><manifest:encryption-data/></m>"),
                ("content.xml", b"x"),
            ]),
            "encrypted-file",
            "password",
        ),
    ]
}

fn texts() -> Vec<Case> {
    let gb = encoding_rs::GB18030.encode("a,b\n\"1\n\",2\n电力,3\n").0.into_owned();
    let wide: Vec<u8> = "a,b\n1,2\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    vec![
        case("another encoding", gb.clone(), "encoding", "it can be read as gb18030").row(3),
        case("the wrong encodings", gb.clone(), "encoding", "byte 12 is not UTF-8").row(3).wish(encoded(&["utf-8", "iso-2022-jp"])),
        case("no such encoding", gb, "encoding", "no known encoding").wish(encoded(&["latin-one"])),
        case("UTF-16 without a mark", wide, "encoding", "utf-16le").row(1),
        case("a mark that lies", b"\xef\xbb\xbfa,b\n\xff,2\n", "encoding", "byte order mark").row(2),
        case("two delimiters", "1,5;2\n1,6;3\n", "delimiter", "equally well"),
        case("no delimiter", "a,b\n", "delimiter", "cannot part").wish(GridWish { delimiter: Some(b'"'), ..GridWish::default() }),
        case("an open quote", "a,b\n\"1,2\n", "open-quote", "never closed").row(2),
        case("a long row", [b"a,b\n".to_vec(), vec![b'x'; 2 << 20]].concat(), "row-too-long", "row 2").row(2),
        case("a wide row", [b"a,b\n".to_vec(), vec![b','; 600]].concat(), "row-too-long", "512").row(2),
    ]
}

fn workbooks() -> Vec<Case> {
    let empty = "<sheetData/>";
    let doctype = "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>";
    vec![
        case("a bomb of types", archive(&[("[Content_Types].xml", &vec![b' '; 8 << 20])]), "too-large", "larger than"),
        case("a bomb of small pieces", book(&format!("<sheetData>{}</sheetData>", "<!---->".repeat(3_000_000))), "archive-unsafe", "inflates"),
        case("rows beyond the last", book(&format!("<sheetData>{}</sheetData>", "<row/>".repeat((1 << 20) + 1))), "file-syntax", "1048576").row(1 << 20),
        case("many members", crowd(), "archive-unsafe", "10001 members"),
        case("a bomb of one piece", book(&format!("<sheetData>{}</sheetData>", " ".repeat(4 << 20))), "row-too-long", "longer than"),
        case("twins", twins(), "archive-unsafe", "one name"),
        case("no such sheet", book(empty), "sheet-missing", "there are `Factors`, `Hidden`").wish(sheet("2025")),
        case("no such table", open_document("<table:table table:name=\"A\"/>"), "sheet-missing", "`A`").wish(sheet("B")),
        case("a formula without a value", cell(r#"<c r="B3"><f>A1*2</f></c>"#), "formula-value", "cell B3").row(3),
        case("a formula with an empty value", cell(r#"<c r="B3"><f>A1*2</f><v/></c>"#), "formula-value", "cell B3").row(3),
        case(
            "a formula of OpenDocument without a value",
            open_document("<table:table><table:table-row><table:table-cell table:formula=\"of:=1\"/></table:table-row></table:table>"),
            "formula-value",
            "cell A1",
        )
        .row(1),
        case("a number that is none", cell(r#"<c r="A3"><v>1,5</v></c>"#), "file-syntax", "`1,5` is no number").row(3),
        case("infinity", cell(r#"<c r="A3"><v>inf</v></c>"#), "file-syntax", "is no number").row(3),
        case("a text that is not there", cell(r#"<c r="A3" t="s"><v>9</v></c>"#), "file-syntax", "no shared text").row(3),
        case("a cell of another row", cell(r#"<c r="A4"><v>1</v></c>"#), "file-syntax", "`A4`").row(3),
        case("a cell twice", cell(r#"<c r="A3"><v>1</v></c><c r="A3"><v>2</v></c>"#), "file-syntax", "`A3`").row(3),
        case("rows out of order", book(r#"<sheetData><row r="3"/><row r="2"/></sheetData>"#), "file-syntax", "behind row 3").row(3),
        case("a value far out", cell(r#"<c r="XFD3"><v>1</v></c>"#), "row-too-long", "column 16384").row(3),
        case("entities in a sheet", book(&format!("{doctype}<sheetData/>")), "doctype", "document type"),
        case("an unknown entity", cell(r#"<c r="A3" t="str"><v>&lol;</v></c>"#), "doctype", "&lol;"),
        case("rows without end", open_document(r#"<table:table><table:table-row table:number-rows-repeated="4294967295"><table:table-cell office:value-type="float" office:value="1"/></table:table-row></table:table>"#), "too-large", "repeated").row(1),
        case("columns without end", open_document(r#"<table:table><table:table-row><table:table-cell table:number-columns-repeated="4294967295" office:value-type="float" office:value="1"/></table:table-row></table:table>"#), "row-too-long", "column").row(1),
        case("a sheet outside the file", binary_book(&[(0x0085, [&[0xff; 4][..], &[0, 0, 1, 0], b"X"].concat())], &[]), "file-unreadable", "damaged").wish(sheet("X")),
        case("cut short", book(empty)[..600].to_vec(), "file-unreadable", "cut short"),
    ]
}

fn trees() -> Vec<Case> {
    let deep = format!("[{}1{}]", "[".repeat(100), "]".repeat(100));
    let nested = format!("<r>{}{}</r>", "<a>".repeat(100), "</a>".repeat(100));
    let lol = "<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 \"&lol;&lol;\">]><lolz><a>&lol2;</a></lolz>";
    let long = format!("[{{\"a\":\"{}\"}}]", "x".repeat(2 << 20));
    let paths = format!("[{{\"{}\":[{}1]}}]", "k".repeat(400 << 10), "1,".repeat(1000));
    vec![
        case("a member twice", r#"[{"a":1},{"a":1,"b":2,"a":3}]"#, "duplicate-member", "`a` twice").row(2),
        case("an inner member twice", r#"[{"x":{"a":null,"a":null}}]"#, "duplicate-member", "`a` twice").row(1),
        case("two members by one path", r#"[{"a.b":1,"a":{"b":2}}]"#, "duplicate-member", "`a.b` twice").row(1),
        case("a record twice", r#"{"CN":{"v":1},"CN":{"v":2}}"#, "duplicate-member", "`CN` is there twice").row(2),
        case("the way twice", r#"{"data":[],"data":[]}"#, "duplicate-member", "`data`").wish(records("/data")),
        case("no records there", r#"{"data":{"items":3}}"#, "records-missing", "array of records").wish(records("/data/items")),
        case("nothing there", r#"{"data":{}}"#, "records-missing", "nothing is at").wish(records("/data/items")),
        case("no pointer", "[]", "records-missing", "JSON pointer").wish(records("data")),
        case("JSON cut short", r#"[{"a":1},{"a""#, "file-unreadable", "cut short"),
        case("JSON and more", "[{\"a\":1}] x", "file-syntax", "trailing").row(2),
        case("NaN", "[{\"a\":NaN}]", "file-syntax", "malformed").row(1),
        case("deep JSON", deep, "too-large", "nested deeper").row(1),
        case("a long record", long, "row-too-long", "longer than").row(1),
        case("long paths", paths, "row-too-long", "paths").row(1),
        case("a bad line", "{\"a\":1}\n{\"a\":}\n", "file-syntax", "line 2").row(2),
        case("billion laughs", lol, "doctype", "document type"),
        case("an entity", "<r><i>&xxe;</i></r>", "doctype", "&xxe;").row(1),
        case("deep XML", nested, "too-large", "nested deeper").row(1),
        case("a long element", format!("<r><i>{}</i></r>", "x".repeat(2 << 20)), "row-too-long", "longer than").row(1),
        case("no such element", "<r><i/></r>", "records-missing", "the document is a `r`").wish(records("/r/x")),
        case("no path", "<r><i/></r>", "records-missing", "write `/root/item`").wish(records("r//i")),
        case("XML cut short", "<r><i>1</i><i>", "file-unreadable", "cut short").row(2),
        case("tags that do not match", "<r><i></j></r>", "file-syntax", "malformed").row(1),
        case("an attribute twice", "<r><i a=\"1\" a=\"2\"/></r>", "file-syntax", "malformed").row(1),
        case("attributes of one name", "<r><i x:a=\"1\" y:a=\"2\"/></r>", "duplicate-member", "`@a` twice").row(1),
        case("XML in another encoding", b"<?xml version=\"1.0\" encoding=\"gb2312\"?><r><i>\xff\xff</i></r>", "encoding", "is not GBK"),
    ]
}

/// Everything that is refused.
pub fn cases() -> Vec<Case> {
    [no_tables(), texts(), workbooks(), trees()].into_iter().flatten().collect()
}

#[test]
fn what_is_wrong_is_refused_with_its_rule() {
    let judge = |case: &Case| match read(&case.bytes, &case.wish) {
        Err(GridError::Wrong { rule, row, message }) if (rule, row) == (case.rule, case.row) && message.contains(case.says) => None,
        other => Some(format!("{}: {:.300}", case.name, format!("{other:?}"))),
    };
    let wrong: Vec<String> = cases().iter().filter_map(judge).collect();
    assert!(wrong.is_empty(), "{} are not as expected:\n{}", wrong.len(), wrong.join("\n"));
}

/// Names of members that climb out are names and nothing more: nothing is ever unpacked to disk.
#[test]
fn a_name_that_climbs_out_is_never_followed() {
    let mut bytes = book(r#"<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>"#);
    let before = plain(&bytes);
    let mut zip = zip::ZipWriter::new_append(std::io::Cursor::new(&mut bytes)).unwrap();
    zip.start_file("../../../tmp/tanyin-climbed", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(b"x").unwrap();
    zip.finish().unwrap();
    assert_eq!(plain(&bytes), before);
    assert!(!std::path::Path::new("/tmp/tanyin-climbed").exists());
}

/// Whoever takes the rows may end the reading; the error is theirs.
#[test]
fn an_error_of_the_taker_is_handed_back() {
    let sheet = book(r#"<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>"#);
    for bytes in [b"a,b\n1,2\n".to_vec(), sheet, b"[{\"a\":1}]".to_vec(), b"{\"a\":1}\n{\"a\":1}".to_vec(), b"<r><i/></r>".to_vec()] {
        let path = file(bytes);
        let ended =
            tanyin::import::grid::GridFile::open(&path).unwrap().rows(&GridWish::default(), &mut |_| Err(std::io::Error::other("full")));
        assert!(matches!(ended, Err(GridError::Io(error)) if error.to_string() == "full"));
    }
}

/// Cut at fifty places, or with a bit turned over: a workbook is refused or read, and nothing panics.
#[test]
fn damaged_workbooks_never_panic() {
    let number = |row: u16| (0x0203, [&row.to_le_bytes()[..], &[0, 0, 0, 0], &1.5_f64.to_le_bytes()].concat());
    let rows: String = (1..200).map(|row| format!("<row r=\"{row}\"><c r=\"A{row}\"><v>{row}.5</v></c></row>")).collect();
    let table = "<table:table table:name=\"A\"><table:table-row><table:table-cell office:value-type=\"float\" office:value=\"1\"/></table:table-row></table:table>";
    let sound = [
        binary_book(&[], &(0..200).map(number).collect::<Vec<_>>()),
        book(&format!("<sheetData>{rows}</sheetData>")),
        open_document(table),
    ];
    for bytes in sound {
        let whole = plain(&bytes);
        for part in 0..50 {
            let cut = bytes.len() * part / 50;
            match read(&bytes[..cut], &GridWish::default()) {
                // what fills the last sector may go
                Ok(table) => assert_eq!(table, whole, "cut at {cut} of {}", bytes.len()),
                Err(GridError::Wrong { rule: "file-unreadable" | "not-a-table", .. }) => {}
                Err(error) => panic!("cut at {cut} of {}: {error}", bytes.len()),
            }
        }
        for bit in (0..bytes.len() * 8).step_by(bytes.len() * 8 / 400) {
            let mut turned = bytes.clone();
            turned[bit / 8] ^= 1 << (bit % 8);
            match read(&turned, &GridWish::default()) {
                Ok(_) | Err(GridError::Wrong { .. }) => {}
                Err(GridError::Io(error)) => panic!("bit {bit}: {error}"),
            }
        }
    }
}

/// The real workbook of 1.5 MB in the older format, cut and turned over as above.
#[test]
fn a_damaged_real_workbook_never_panics() {
    let Some(path) = crate::profiles::real("uk-desnz-conversion-factors/conversion-factors-2021-flat-file-automatic-processing.xls") else {
        return;
    };
    let bytes = std::fs::read(path).unwrap();
    for part in 0..50 {
        assert!(read(&bytes[..bytes.len() * part / 50], &GridWish::default()).is_err(), "cut at {part}/50");
    }
    for bit in (0..bytes.len() * 8).step_by(bytes.len() * 8 / 20) {
        let mut turned = bytes.clone();
        turned[bit / 8] ^= 1 << (bit % 8);
        assert!(!matches!(read_path(&file(turned), &sheet("Factors by Category")), Err(GridError::Io(_))), "bit {bit}");
    }
}
