//! Text with a delimiter.

use proptest::prelude::*;
use tanyin::import::grid::{FileFormat, GridFile, GridWish};

use super::{encoded, file, placed, plain, read};

#[test]
fn blank_lines_and_preambles_are_rows() {
    for end in ["\n", "\r\n", "\r"] {
        let table = plain(["# a preamble", "", "name;value", "\"a", "b\";\"1,5\"", ";", "", ""].join(end));
        assert_eq!(table.format, FileFormat::Csv);
        let inner = format!("a{end}b");
        let expected: Vec<(u64, Vec<&str>)> = vec![
            (1, vec!["# a preamble"]),
            (2, vec![]),
            (3, vec!["name", "value"]),
            (4, vec![&inner, "1,5"]),
            (5, vec!["", ""]),
            (6, vec![]),
        ];
        assert_eq!(table.texts(), expected, "{end:?}");
    }
}

#[test]
fn rows_of_any_width_are_handed_out() {
    let wide = vec!["x"; 100].join(",");
    let table = plain(format!("a,b,c,d,e,f,g,h,i,j\n{wide}\n1\n"));
    let widths: Vec<usize> = table.rows.iter().map(|row| placed(row).len()).collect();
    assert_eq!(widths, [10, 100, 1]);
}

#[test]
fn the_delimiter_is_found_out_and_said() {
    let cases = [
        ("a,b\n1,2\n", b','),
        ("a;b\n1,5;2,5\n3,5;x\n", b';'),
        ("a\tb, c\n1\t2\n", b'\t'),
        ("a|b\n1|2\n", b'|'),
        ("one column\n1,2\n", b','),
        ("name\nvalue\n", b','),
        ("preamble, with a comma\n\na;b;c\n1;2;3\n4;5;6\n", b';'),
        ("\"a;b;c\",d\n\"e;f;g\",h\n", b','),
    ];
    for (text, delimiter) in cases {
        let layout = GridFile::open(&file(text)).unwrap().layout(&GridWish::default()).unwrap().unwrap();
        assert_eq!((char::from(layout.delimiter), layout.encoding), (char::from(delimiter), "UTF-8"), "{text}");
    }
    let wish = GridWish { delimiter: Some(b';'), ..GridWish::default() };
    assert_eq!(read("a,b\n1,2\n", &wish).unwrap().texts()[0].1, ["a,b"]);
}

/// A mark wins over what is declared; else the first declared encoding that reads the whole text.
#[test]
fn text_is_read_in_its_encoding() {
    let text = "产品,价格\n电力,1\n";
    let gb = encoding_rs::GB18030.encode(text).0.into_owned();
    for wish in [encoded(&["gb18030"]), encoded(&["utf-8", "gbk"]), encoded(&["gb2312"])] {
        assert_eq!(read(&gb, &wish).unwrap().texts()[1].1, ["电力", "1"]);
    }
    let latin = b"unit\nkg CO\xb2/m\xb3\n";
    assert_eq!(read(latin, &encoded(&["utf-8", "windows-1252"])).unwrap().texts()[1].1, ["kg CO²/m³"]);
    let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
    assert_eq!(read(marked, &encoded(&["windows-1252"])).unwrap().texts()[0].1, ["产品", "价格"]);
    for (mark, wide) in [(b"\xff\xfe", true), (b"\xfe\xff", false)] {
        let units = text.encode_utf16().flat_map(|unit| if wide { unit.to_le_bytes() } else { unit.to_be_bytes() });
        let bytes: Vec<u8> = mark.iter().copied().chain(units).collect();
        assert_eq!(plain(&bytes).texts()[1].1, ["电力", "1"]);
        let label = if wide { "utf-16le" } else { "utf-16be" };
        assert_eq!(read(&bytes[2..], &encoded(&[label])).unwrap().texts()[1].1, ["电力", "1"]);
    }
}

/// Characters that all of these encodings have.
const SHARED: [&str; 10] = ["a", "7", ",", ";", "\"", "\n", " ", "\r\n", "水", "日"];
const LABELS: [&str; 7] = ["utf-8", "utf-16le", "utf-16be", "gb18030", "big5", "shift_jis", "euc-kr"];

fn bytes_of(text: &str, label: &str) -> Vec<u8> {
    match label {
        "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-16be" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        label => encoding_rs::Encoding::for_label(label.as_bytes()).unwrap().encode(text).0.into_owned(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// What is written with every cell quoted reads back, whatever the encoding and the delimiter.
    #[test]
    fn tables_read_back(
        rows in prop::collection::vec(prop::collection::vec(prop::collection::vec(0..SHARED.len(), 0..6), 2..5), 1..8),
        label in 0..LABELS.len(),
        delimiter in prop::sample::select(vec![b',', b';', b'\t', b'|']),
    ) {
        let cells: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| cell.iter().map(|part| SHARED[*part]).collect()).collect()).collect();
        let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        let separator = char::from(delimiter).to_string();
        let text: String = cells.iter().map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(&separator) + "\n").collect();
        // the letter first, so that the file is no JSON or XML
        let bytes = bytes_of(&format!("table\n{text}"), LABELS[label]);
        let wish = GridWish { delimiter: Some(delimiter), ..encoded(&[LABELS[label]]) };
        let table = read(&bytes, &wish).unwrap();
        let found: Vec<Vec<String>> = table.rows.iter().skip(1).map(|row| placed(row).iter().map(|cell| cell.text.clone()).collect()).collect();
        prop_assert_eq!(found, cells);
    }
}
