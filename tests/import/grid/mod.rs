//! Tables of outside files: what is read, exactly, and what is refused, by which rule.

mod hostile;
mod real;
mod records;
mod text;
mod workbooks;

use std::io::{Cursor, Write};
use std::path::Path;

use tanyin::import::grid::{Cell, FileFormat, GridCells, GridError, GridFile, GridRow, GridWish};
use tempfile::TempPath;
use zip::write::SimpleFileOptions;

pub use hostile::cases;

/// What was read of a file.
#[derive(Debug, PartialEq)]
struct Table {
    format: FileFormat,
    sheet: Option<String>,
    rows: Vec<GridRow>,
}

impl Table {
    /// The texts of the cells of each row, by position.
    fn texts(&self) -> Vec<(u64, Vec<&str>)> {
        self.rows.iter().map(|row| (row.row, placed(row).iter().map(|cell| cell.text.as_str()).collect())).collect()
    }

    /// A cell by row and column, both from 1.
    #[track_caller]
    fn cell(&self, row: u64, column: usize) -> &Cell {
        let found = self.rows.iter().find(|found| found.row == row).unwrap_or_else(|| panic!("no row {row}"));
        placed(found).get(column - 1).unwrap_or_else(|| panic!("row {row} has no column {column}"))
    }

    /// A member by record and path.
    #[track_caller]
    fn member(&self, row: u64, path: &str) -> &Cell {
        let found = self.rows.iter().find(|found| found.row == row).unwrap_or_else(|| panic!("no record {row}"));
        named(found).get(path).unwrap_or_else(|| panic!("record {row} has no {path}: {:?}", named(found).keys()))
    }

    /// How many rows, of which so many are not blank, and that their numbers leave none out.
    fn counts(&self) -> (usize, usize) {
        assert!(self.rows.iter().zip(1..).all(|(row, number)| row.row == number), "rows are left out");
        let blank = |cells: &GridCells| match cells {
            GridCells::Placed(cells) => cells.iter().all(|cell| cell.text.is_empty()),
            GridCells::Named(cells) => cells.is_empty(),
        };
        (self.rows.len(), self.rows.iter().filter(|row| !blank(&row.cells)).count())
    }
}

fn placed(row: &GridRow) -> &[Cell] {
    match &row.cells {
        GridCells::Placed(cells) => cells,
        GridCells::Named(_) => panic!("row {} is a record", row.row),
    }
}

fn named(row: &GridRow) -> &std::collections::BTreeMap<String, Cell> {
    match &row.cells {
        GridCells::Named(cells) => cells,
        GridCells::Placed(_) => panic!("record {} is a row", row.row),
    }
}

fn read_path(path: &Path, wish: &GridWish) -> Result<Table, GridError> {
    let file = GridFile::open(path)?;
    let mut rows = Vec::new();
    let sheet = file.rows(wish, &mut |row| {
        rows.push(row);
        Ok(())
    })?;
    Ok(Table { format: file.format(), sheet, rows })
}

fn file(bytes: impl AsRef<[u8]>) -> TempPath {
    let path = tempfile::Builder::new().suffix(".bin").tempfile().unwrap().into_temp_path();
    std::fs::write(&path, bytes).unwrap();
    path
}

fn read(bytes: impl AsRef<[u8]>, wish: &GridWish) -> Result<Table, GridError> {
    read_path(&file(bytes), wish)
}

fn plain(bytes: impl AsRef<[u8]>) -> Table {
    read(bytes, &GridWish::default()).unwrap()
}

fn encoded(labels: &[&str]) -> GridWish {
    GridWish { encodings: labels.iter().map(|label| (*label).to_owned()).collect(), ..GridWish::default() }
}

fn records(path: &str) -> GridWish {
    GridWish { records: Some(path.to_owned()), ..GridWish::default() }
}

fn sheet(name: &str) -> GridWish {
    GridWish { sheets: vec![name.to_owned()], ..GridWish::default() }
}

/// An archive of these members.
fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in members {
        zip.start_file(*name, SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated)).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const TYPES: &str = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#;
const ROOT: &str =
    r#"<Relationships><Relationship Id="r1" Type="http://x/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const RELATED: &str = r#"<Relationships><Relationship Id="s1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="s2" Type="http://x/worksheet" Target="/xl/worksheets/sheet2.xml"/><Relationship Id="s3" Type="http://x/chartsheet" Target="chart.xml"/>
<Relationship Id="t" Type="http://x/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="y" Type="http://x/styles" Target="styles.xml"/></Relationships>"#;
const BOOK: &str = r#"<workbook xmlns:r="http://r"><workbookPr/><sheets><sheet name="Factors" sheetId="1" r:id="s1"/><sheet name="Chart" sheetId="3" r:id="s3"/><sheet name="Hidden" sheetId="2" state="hidden" r:id="s2"/></sheets></workbook>"#;
const STYLES: &str = r#"<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>"#;
const STRINGS: &str = r#"<sst><si><t>plain</t></si><si><r><t xml:space="preserve">kg </t></r><r><rPr/><t>CO&#x2082;e &amp; more</t></r><rPh sb="0" eb="1"><t>hint</t></rPh></si><si><t>a_x000A_b</t></si></sst>"#;

/// A workbook whose sheet `Factors` holds this data.
fn book(data: &str) -> Vec<u8> {
    book_with(BOOK, data)
}

fn book_with(book: &str, data: &str) -> Vec<u8> {
    let sheet = format!("<worksheet><dimension ref=\"A1:XFD1048576\"/>{data}</worksheet>");
    archive(&[
        ("[Content_Types].xml", TYPES.as_bytes()),
        ("_rels/.rels", ROOT.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", RELATED.as_bytes()),
        ("xl/styles.xml", STYLES.as_bytes()),
        ("xl/sharedStrings.xml", STRINGS.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
        (
            "xl/worksheets/sheet2.xml",
            b"<worksheet><sheetData><row><c t=\"inlineStr\"><is><t>seen</t></is></c></row></sheetData></worksheet>",
        ),
    ])
}

/// An OpenDocument spreadsheet of these tables.
fn open_document(tables: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    );
    archive(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", b"<manifest:manifest/>"),
        ("content.xml", content.as_bytes()),
    ])
}

/// A compound file of these streams, in sectors of 512 bytes.
fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    const END: u32 = 0xffff_fffe;
    let (mut fat, mut body, mut directory) = (vec![END - 1, END], Vec::new(), entry("Root Entry", 5, END, 0));
    for (name, bytes) in streams {
        let first = fat.len() as u32;
        directory.extend(entry(name, 2, first, bytes.len() as u32));
        for part in bytes.chunks(512) {
            fat.push(fat.len() as u32 + 1);
            body.extend_from_slice(part);
            body.resize(body.len().next_multiple_of(512), 0);
        }
        *fat.last_mut().unwrap() = END;
    }
    assert!(directory.len() <= 512 && fat.len() <= 128);
    directory.resize(512, 0);
    let mut bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    bytes.resize(512, 0);
    bytes[30] = 9;
    bytes[32] = 6;
    let mut put = |at: usize, number: u32| bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
    put(44, 1);
    put(48, 1);
    put(60, END);
    put(68, END);
    put(76, 0);
    (1..109).for_each(|index| put(76 + index * 4, u32::MAX));
    bytes.extend(fat.iter().flat_map(|next| next.to_le_bytes()));
    bytes.resize(1024, 0xff);
    [bytes, directory, body].concat()
}

fn entry(name: &str, kind: u8, start: u32, size: u32) -> Vec<u8> {
    let mut bytes: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let length = bytes.len() as u16 + 2;
    bytes.resize(128, 0);
    bytes[64..66].copy_from_slice(&length.to_le_bytes());
    bytes[66] = kind;
    bytes[116..120].copy_from_slice(&start.to_le_bytes());
    bytes[120..124].copy_from_slice(&size.to_le_bytes());
    bytes
}

/// Records of a binary workbook.
fn biff(records: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let bytes = |(id, data): &(u16, Vec<u8>)| [&id.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat();
    records.iter().flat_map(bytes).collect()
}

const BOF: u16 = 0x0809;
const EOF: (u16, Vec<u8>) = (0x000a, Vec::new());

/// A binary workbook with one sheet of these records, behind these in its beginning.
fn binary_book(globals: &[(u16, Vec<u8>)], cells: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let bof = || (BOF, vec![0, 6, 5, 0]);
    let head = |place: u32| {
        let bound = (0x0085, [&place.to_le_bytes()[..], &[0, 0, 7, 0], b"Factors"].concat());
        biff(&[vec![bof(), bound], globals.to_vec(), vec![EOF]].concat())
    };
    let place = head(0).len() as u32;
    compound(&[("Workbook", &[head(place), biff(&[vec![bof()], cells.to_vec(), vec![EOF]].concat())].concat())])
}
