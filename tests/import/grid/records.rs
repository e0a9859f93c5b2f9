//! JSON and XML: records, and their members by path.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;
use tanyin::import::grid::{Cell, FileFormat};

use super::{encoded, named, plain, read, records};

fn number(text: &str) -> Cell {
    Cell { number: true, ..Cell::text(text) }
}

#[test]
fn members_of_json_are_read_as_they_are_written() {
    let table = plain(
        r#"[{"a":{"b":[{"c":0.50},{"c":1.5E-7}]},"t":"x\u00e9","yes":true,"no":null,"big":123456789012345678901234567890.10},[1,"two"],5]"#,
    );
    assert_eq!((table.format, table.rows.len()), (FileFormat::Json, 3));
    let expected = [
        ("a.b[0].c", number("0.50")),
        ("a.b[1].c", number("1.5E-7")),
        ("t", Cell::text("xé")),
        ("yes", Cell::text("true")),
        ("no", Cell::default()),
    ];
    expected.into_iter().for_each(|(path, cell)| assert_eq!(table.member(1, path), &cell));
    assert_eq!(table.member(1, "big"), &number("123456789012345678901234567890.10"));
    assert_eq!((table.member(2, "[0]"), table.member(2, "[1]")), (&number("1"), &Cell::text("two")));
    assert_eq!(table.member(3, "@value"), &number("5"));
}

#[test]
fn records_of_json_are_found_by_pointer() {
    let text = r#"{"meta":{"n":[1,2]},"data":[{"items":[{"a":1},{"a":2}]}],"by/name":{"CN":{"v":0.5},"NA":{"v":"1"}}}"#;
    let items = read(text, &records("/data/0/items")).unwrap();
    assert_eq!((items.rows.len(), items.member(2, "a")), (2, &number("2")));
    let named = read(text, &records("/by~1name")).unwrap();
    assert_eq!((named.member(1, "@name"), named.member(1, "v")), (&Cell::text("CN"), &number("0.5")));
    assert_eq!((named.member(2, "@name"), named.member(2, "v")), (&Cell::text("NA"), &Cell::text("1")));
    assert_eq!(plain(r#"{"x": {"v": 1}}"#).member(1, "@name"), &Cell::text("x"));
    assert_eq!(plain("[]").rows.len(), 0);
}

#[test]
fn lines_of_json_are_rows() {
    let table = plain("{\"a\":1}\r\n\n{\"a\":{\"b\":\"x\"}}");
    assert_eq!((table.format, table.counts()), (FileFormat::Ndjson, (3, 2)));
    assert_eq!(table.member(3, "a.b"), &Cell::text("x"));
    let wide: Vec<u8> = [0xfeff_u16].into_iter().chain("[{\"a\":\"中\"}]".encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(plain(wide).member(1, "a"), &Cell::text("中"));
}

#[test]
fn members_of_xml_are_read_by_local_names() {
    let text = r#"<?xml version="1.0"?><!-- note --><n:root xmlns:n="urn:x" n:version="1"><skip><item/></skip>
        <list><n:item id="7" n:lang="en" xmlns="urn:y"><name>  CO&#x2082; &amp; <![CDATA[<raw>]]> </name><v u="kg">1.5</v><v u="t">2</v><p>one <b>two</b> three</p><empty/></n:item>
        <item>only text</item></list></n:root>"#;
    let table = read(text, &records("/root/list/item")).unwrap();
    assert_eq!((table.format, table.rows.len()), (FileFormat::Xml, 2));
    let texts: Vec<(&str, &str)> = named(&table.rows[0]).iter().map(|(path, cell)| (path.as_str(), cell.text.as_str())).collect();
    let expected = [
        ("@id", "7"),
        ("@lang", "en"),
        ("empty", ""),
        ("name", "CO₂ & <raw>"),
        ("p", "one two three"),
        ("p.b", "two"),
        ("v", "1.5"),
        ("v.@u", "kg"),
        ("v[1]", "2"),
        ("v[1].@u", "t"),
    ];
    assert_eq!(texts, expected);
    assert_eq!(table.member(1, "name").verbatim(), "  CO₂ & <raw> ");
    assert_eq!(table.member(2, "@text"), &Cell::text("only text"));
    assert_eq!(plain("<r><a><b>1</b></a><c/></r>").rows.len(), 2);
}

#[test]
fn the_encoding_of_xml_is_honoured() {
    let bytes = encoding_rs::GB18030.encode("<?xml version='1.0' encoding='GB2312'?><r><i>电力</i></r>").0.into_owned();
    assert_eq!(plain(&bytes).member(1, "@text"), &Cell::text("电力"));
    assert_eq!(read(&bytes, &encoded(&["gb18030"])).unwrap().member(1, "@text"), &Cell::text("电力"));
    let wide: Vec<u8> =
        "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-16\"?><r><i>中</i></r>".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(plain(&wide).member(1, "@text"), &Cell::text("中"));
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        "[a-z中 \"\\\\]{0,4}".prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::btree_map("[a-c]{1,2}", inner, 0..4).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn flatten(path: &str, value: &Value, out: &mut BTreeMap<String, Cell>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                flatten(&if path.is_empty() { name.clone() } else { format!("{path}.{name}") }, member, out);
            }
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(index, item)| flatten(&format!("{path}[{index}]"), item, out)),
        Value::Null => drop(out.insert(path.into(), Cell::default())),
        Value::Bool(truth) => drop(out.insert(path.into(), Cell::text(truth.to_string()))),
        Value::Number(literal) => drop(out.insert(path.into(), number(&literal.to_string()))),
        Value::String(text) => drop(out.insert(path.into(), Cell::text(text))),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_member_has_its_path(items in prop::collection::vec(prop::collection::btree_map("[a-c]{1,2}", json(), 0..4), 0..4), pretty in any::<bool>()) {
        let text = if pretty { serde_json::to_string_pretty(&items) } else { serde_json::to_string(&items) }.unwrap();
        let table = plain(text);
        prop_assert_eq!(table.rows.len(), items.len());
        for (row, item) in table.rows.iter().zip(&items) {
            let mut expected = BTreeMap::new();
            item.iter().for_each(|(name, value)| flatten(name, value, &mut expected));
            prop_assert_eq!(named(row), &expected);
        }
    }
}
