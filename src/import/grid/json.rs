//! JSON and JSON lines: records as members by path, numbers as they are written.
//!
//! No number passes through a float, and no object may name a member twice (RFC 8259, 4).

use std::cell::{Cell as Shared, RefCell};
use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::rc::Rc;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::decode::{changed, find_encoding};
use super::fault::{read_fault, wrong};
use super::markup::Metered;
use super::named::Named;
use super::{Cell, GridCells, GridError, GridRow, GridWish};
use crate::import::limits::{MAX_DEPTH, MAX_NAMES_BYTES, MAX_RECORD_BYTES};

/// Hands out every record of an array, or of an object whose members are records.
pub(super) fn rows(path: &Path, wish: &GridWish, take: &mut dyn FnMut(GridRow) -> io::Result<()>) -> Result<(), GridError> {
    let way = pointer(wish.records.as_deref().unwrap_or_default())?;
    let text = find_encoding(path, wish, None)?.open(path)?;
    let (metered, left) = Metered::new(BufReader::with_capacity(64 << 10, text));
    let walk = Rc::new(Walk { left, take: RefCell::new(take), fault: RefCell::new(None), row: Shared::new(0), found: Shared::new(false) });
    let mut reader = serde_json::Deserializer::from_reader(metered);
    walk.left.set(MAX_RECORD_BYTES as u64);
    let read = Step { walk: &walk, way: &way }.deserialize(&mut reader).and_then(|()| reader.end());
    if let Some(fault) = walk.fault.borrow_mut().take() {
        return Err(fault);
    }
    read.map_err(|error| json_fault(error, walk.row.get() + 1))?;
    if !walk.found.get() {
        return Err(wrong("records-missing", None, format!("nothing is at `{}`", wish.records.as_deref().unwrap_or_default())));
    }
    Ok(())
}

/// The parts of a JSON pointer (RFC 6901).
fn pointer(text: &str) -> Result<Vec<String>, GridError> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let parts =
        text.strip_prefix('/').map(|rest| rest.split('/').map(|part| part.replace("~1", "/").replace("~0", "~")).collect::<Vec<_>>());
    parts
        .filter(|parts| parts.len() <= MAX_DEPTH)
        .ok_or_else(|| wrong("records-missing", None, format!("`{text}` is no JSON pointer: write `/data/items`")))
}

struct Walk<'a> {
    left: Rc<Shared<u64>>,
    take: RefCell<&'a mut dyn FnMut(GridRow) -> io::Result<()>>,
    /// What ended the reading, where it is more than the parser can say.
    fault: RefCell<Option<GridError>>,
    row: Shared<u64>,
    found: Shared<bool>,
}

impl Walk<'_> {
    /// What is read next is one record, or one name.
    fn measure(&self) {
        self.left.set(MAX_RECORD_BYTES as u64);
    }

    /// What is read next is passed over.
    fn pass<'de, A: MapAccess<'de>>(&self, map: &mut A) -> Result<(), A::Error> {
        self.left.set(u64::MAX);
        map.next_value::<IgnoredAny>().map(|_| ())
    }

    fn hand_out<E: serde::de::Error>(&self, name: Option<String>, record: &RawValue) -> Result<(), E> {
        let row = self.row.get() + 1;
        self.row.set(row);
        let handed = record_cells(name, record, row).and_then(|cells| Ok((self.take.borrow_mut())(GridRow { row, cells })?));
        handed.map_err(|fault| self.stop(fault))
    }

    fn stop<E: serde::de::Error>(&self, fault: GridError) -> E {
        let error = E::custom(&fault);
        *self.fault.borrow_mut() = Some(fault);
        error
    }
}

/// One step along the pointer; at its end are the records.
struct Step<'a, 'b> {
    walk: &'a Walk<'b>,
    way: &'a [String],
}

impl<'de> DeserializeSeed<'de> for Step<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Step<'_, '_> {
    type Value = ();

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("an array of records, or an object of records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Some((index, rest)) = self.way.split_first() else {
            self.walk.found.set(true);
            loop {
                self.walk.measure();
                let Some(record) = items.next_element::<Box<RawValue>>()? else { return Ok(()) };
                self.walk.hand_out(None, &record)?;
            }
        };
        let index = index.parse::<u64>().ok();
        for position in 0.. {
            let there = if Some(position) == index {
                self.walk.measure();
                items.next_element_seed(Step { walk: self.walk, way: rest })?.is_some()
            } else {
                self.walk.left.set(u64::MAX);
                items.next_element::<IgnoredAny>()?.is_some()
            };
            if !there {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((member, rest)) = self.way.split_first() else { return self.records(map) };
        let mut seen = false;
        loop {
            self.walk.measure();
            let Some(name) = map.next_key::<String>()? else { return Ok(()) };
            if name != *member {
                self.walk.pass(&mut map)?;
            } else if std::mem::replace(&mut seen, true) {
                return Err(self.walk.stop(wrong("duplicate-member", None, format!("the member `{name}` is there twice"))));
            } else {
                self.walk.measure();
                map.next_value_seed(Step { walk: self.walk, way: rest })?;
            }
        }
    }
}

impl Step<'_, '_> {
    /// The members of an object, each a record.
    fn records<'de, A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.walk.found.set(true);
        let (mut names, mut bytes) = (BTreeSet::new(), 0);
        loop {
            self.walk.measure();
            let Some(name) = map.next_key::<String>()? else { return Ok(()) };
            bytes += name.len();
            let row = self.walk.row.get() + 1;
            if bytes > MAX_NAMES_BYTES {
                return Err(self.walk.stop(wrong(
                    "too-large",
                    row,
                    format!("the names of the records have more than {MAX_NAMES_BYTES} bytes"),
                )));
            }
            if !names.insert(name.clone()) {
                return Err(self.walk.stop(wrong("duplicate-member", row, format!("the record `{name}` is there twice"))));
            }
            self.walk.measure();
            let record = map.next_value::<Box<RawValue>>()?;
            self.walk.hand_out(Some(name), &record)?;
        }
    }
}

/// Hands out every line as a record; blank lines are rows.
pub(super) fn lines(path: &Path, wish: &GridWish, take: &mut dyn FnMut(GridRow) -> io::Result<()>) -> Result<(), GridError> {
    if let Some(pointer) = wish.records.as_deref().filter(|pointer| !pointer.is_empty()) {
        return Err(wrong("records-missing", None, format!("a file of JSON lines has a record a line, and no `{pointer}`")));
    }
    let mut text = BufReader::with_capacity(64 << 10, find_encoding(path, wish, None)?.open(path)?);
    let mut line = Vec::new();
    for row in 1.. {
        line.clear();
        let read = text.by_ref().take(MAX_RECORD_BYTES as u64 + 1).read_until(b'\n', &mut line);
        if read.map_err(|error| read_fault(changed(error), row))? == 0 {
            break;
        }
        if line.len() > MAX_RECORD_BYTES {
            return Err(wrong("row-too-long", row, format!("line {row} is longer than {MAX_RECORD_BYTES} bytes")));
        }
        let cells = if line.trim_ascii().is_empty() {
            GridCells::Named(std::collections::BTreeMap::new())
        } else {
            record_cells(None, serde_json::from_slice(&line).map_err(|error| line_fault(&error, row))?, row)?
        };
        take(GridRow { row, cells })?;
    }
    Ok(())
}

fn line_fault(error: &serde_json::Error, row: u64) -> GridError {
    wrong("file-syntax", row, format!("line {row} is no JSON ({error})"))
}

/// A record's members by path.
fn record_cells(name: Option<String>, record: &RawValue, row: u64) -> Result<GridCells, GridError> {
    let mut named = Named::new(row);
    if let Some(name) = name {
        named.put("@name".to_owned(), Cell::text(name))?;
    }
    let shape = record.get().as_bytes().first();
    let top = if matches!(shape, Some(b'{' | b'[')) { String::new() } else { "@value".to_owned() };
    flatten(top, record, 0, row, &mut named)?;
    Ok(named.into_cells())
}

fn flatten(path: String, value: &RawValue, depth: usize, row: u64, named: &mut Named) -> Result<(), GridError> {
    let text = value.get();
    let fault = |error: serde_json::Error| match error.to_string().strip_prefix(TWICE) {
        Some(name) => {
            let name = name.split(" at line").next().unwrap_or_default();
            wrong("duplicate-member", row, format!("record {row} has the member `{name}` twice"))
        }
        None => wrong("file-syntax", row, format!("record {row}: `{path}` is no JSON ({error})")),
    };
    if depth > MAX_DEPTH {
        return Err(wrong("too-large", row, format!("record {row} is nested deeper than {MAX_DEPTH}")));
    }
    match text.as_bytes().first() {
        Some(b'{') => {
            for (name, member) in serde_json::from_str::<Members<'_>>(text).map_err(fault)?.0 {
                let inner = if path.is_empty() { name } else { format!("{path}.{name}") };
                named.allow(inner.len())?;
                flatten(inner, member, depth + 1, row, named)?;
            }
            Ok(())
        }
        Some(b'[') => {
            for (index, item) in serde_json::from_str::<Vec<&RawValue>>(text).map_err(fault)?.into_iter().enumerate() {
                let inner = format!("{path}[{index}]");
                named.allow(inner.len())?;
                flatten(inner, item, depth + 1, row, named)?;
            }
            Ok(())
        }
        Some(b'"') => {
            let text = serde_json::from_str::<String>(text).map_err(fault)?;
            named.put(path, Cell::text(text))
        }
        Some(b'n') => named.put(path, Cell::default()),
        Some(b't' | b'f') => named.put(path, Cell::text(text)),
        _ => named.put(path, Cell { number: true, ..Cell::text(text) }),
    }
}

const TWICE: &str = "twice: ";

/// The members of an object in order, none of them twice.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> serde::Deserialize<'de> for Members<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Vec<(String, &'de RawValue)>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let (mut names, mut members) = (BTreeSet::new(), Vec::new());
                while let Some((name, value)) = map.next_entry::<String, &'de RawValue>()? {
                    if !names.insert(name.clone()) {
                        return Err(A::Error::custom(format!("{TWICE}{name}")));
                    }
                    members.push((name, value));
                }
                Ok(members)
            }
        }
        deserializer.deserialize_map(Collect).map(Members)
    }
}

fn json_fault(error: serde_json::Error, row: u64) -> GridError {
    if error.is_io() {
        return read_fault(changed(error.into()), row);
    }
    if error.is_eof() {
        return wrong("file-unreadable", None, format!("the JSON is cut short ({error}): get it again"));
    }
    if error.is_data() {
        return wrong("records-missing", None, format!("no records are there: {error}"));
    }
    wrong("file-syntax", row, format!("the JSON is malformed ({error})"))
}
