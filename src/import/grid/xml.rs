//! XML: records addressed by a path of local names, their members by path.
//!
//! An attribute is `@name`; of elements that repeat, the first is `a`, the others `a[1]`, `a[2]`. An element's text
//! includes that of the elements within it where it has text of its own; a record's own is `@text`.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;

use quick_xml::events::BytesStart;

use super::decode::{changed, find_encoding};
use super::fault::wrong;
use super::markup::{Markup, Piece, unescaped};
use super::named::Named;
use super::{Cell, GridError, GridRow, GridWish};
use crate::import::records::open_regular;

/// Hands out every record.
pub(super) fn rows(path: &Path, wish: &GridWish, take: &mut dyn FnMut(GridRow) -> io::Result<()>) -> Result<(), GridError> {
    let way = way(wish.records.as_deref())?;
    let wish = GridWish { encodings: encodings(path, wish)?, ..wish.clone() };
    let text = Changed(find_encoding(path, &wish, None)?.open(path)?);
    let mut markup = Markup::new(text);
    let (mut names, mut row, mut root) = (Vec::<String>::new(), 0, String::new());
    loop {
        let opened = match markup.next()? {
            Piece::Open(start) => {
                names.push(start.local_name().as_ref().to_owned());
                if names.len() == 1 {
                    root = names.concat();
                }
                if fits(&way, &names) {
                    row += 1;
                    let mut record = Record::new(row);
                    record.open(&start).map_err(|error| in_row(error, row))?;
                    Some(record)
                } else {
                    None
                }
            }
            Piece::Close => {
                names.pop();
                None
            }
            Piece::Text(_) => None,
            Piece::End => break,
        };
        if let Some(record) = opened {
            markup.held = true;
            let cells = record.read(&mut markup).map_err(|error| in_row(error, row))?;
            markup.held = false;
            names.pop();
            take(GridRow { row, cells })?;
        }
    }
    if row == 0 {
        let wished = wish.records.as_deref().unwrap_or("/*/*");
        return Err(wrong("records-missing", None, format!("no element is at `{wished}`; the document is a `{root}`")));
    }
    Ok(())
}

/// The names on the way to a record; none where it is any child of the root.
fn way(path: Option<&str>) -> Result<Option<Vec<String>>, GridError> {
    let Some(path) = path.filter(|path| !path.is_empty()) else { return Ok(None) };
    let names: Option<Vec<String>> = path.strip_prefix('/').map(|rest| rest.split('/').map(str::to_owned).collect());
    let good = names.filter(|names| names.iter().all(|name| !name.is_empty()));
    good.map(Some).ok_or_else(|| wrong("records-missing", None, format!("`{path}` is no path of elements: write `/root/item`")))
}

fn fits(way: &Option<Vec<String>>, names: &[String]) -> bool {
    way.as_ref().map_or(names.len() == 2, |way| way == names)
}

fn in_row(error: GridError, at: u64) -> GridError {
    match error {
        GridError::Wrong { rule, row: None, message } => wrong(rule, at, message),
        other => other,
    }
}

/// The wished encodings, or the one that the document declares.
fn encodings(path: &Path, wish: &GridWish) -> Result<Vec<String>, GridError> {
    if !wish.encodings.is_empty() {
        return Ok(wish.encodings.clone());
    }
    let mut head = Vec::new();
    open_regular(path)?.take(1024).read_to_end(&mut head)?;
    let text = String::from_utf8_lossy(&head);
    let declaration =
        text.trim_start_matches('\u{feff}').strip_prefix("<?xml").and_then(|rest| rest.split_once("?>")).map_or("", |(inside, _)| inside);
    let Some((_, value)) = declaration.split_once("encoding") else { return Ok(Vec::new()) };
    let value = value.trim_start().trim_start_matches('=').trim_start();
    let quote = value.chars().next().unwrap_or('"');
    Ok(vec![value.trim_start_matches(quote).split(quote).next().unwrap_or_default().to_owned()])
}

struct Changed<R>(R);

impl<R: Read> Read for Changed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(changed)
    }
}

#[derive(Default)]
struct Element {
    path: String,
    text: String,
    /// Whether it has text of its own, beside blanks.
    own: bool,
    parent: bool,
    /// How often each name was there within it.
    names: BTreeMap<String, usize>,
}

struct Record {
    open: Vec<Element>,
    named: Named,
}

impl Record {
    fn new(row: u64) -> Self {
        Self { open: Vec::new(), named: Named::new(row) }
    }

    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), GridError> {
        let name = start.local_name().as_ref().to_owned();
        let path = match self.open.last_mut() {
            None => String::new(),
            Some(parent) => {
                parent.parent = true;
                let count = parent.names.entry(name.clone()).or_default();
                *count += 1;
                let index = if *count > 1 { format!("[{}]", *count - 1) } else { String::new() };
                format!("{}{}{name}{index}", parent.path, if parent.path.is_empty() { "" } else { "." })
            }
        };
        self.named.allow(path.len())?;
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| wrong("file-syntax", None, format!("the XML is malformed ({error})")))?;
            let prefix = attribute.key.prefix();
            if attribute.key.as_ref() == "xmlns" || prefix.is_some_and(|prefix| prefix.as_ref() == "xmlns") {
                continue;
            }
            let at = format!("{path}{}@{}", if path.is_empty() { "" } else { "." }, attribute.key.local_name().as_ref());
            self.named.allow(at.len())?;
            self.named.put(at, Cell::text(unescaped(&attribute.value)?))?;
        }
        self.open.push(Element { path, ..Element::default() });
        Ok(())
    }

    fn text(&mut self, text: &str) {
        if let Some(element) = self.open.last_mut() {
            element.own |= !text.trim_ascii().is_empty();
            element.text.push_str(text);
        }
    }

    /// Ends the innermost element; says whether it was the record.
    fn close(&mut self) -> Result<bool, GridError> {
        let Some(element) = self.open.pop() else { return Ok(true) };
        let last = self.open.is_empty();
        if let Some(parent) = self.open.last_mut() {
            parent.text.push_str(&element.text);
        }
        if element.own || !(element.parent || last) {
            let text = element.text.trim_ascii();
            let stored = (text.len() != element.text.len()).then(|| element.text.clone());
            let path = if last { "@text".to_owned() } else { element.path };
            self.named.put(path, Cell { text: text.to_owned(), stored, number: false })?;
        }
        Ok(last)
    }

    fn read<R: Read>(mut self, markup: &mut Markup<R>) -> Result<super::GridCells, GridError> {
        loop {
            match markup.next()? {
                Piece::Open(start) => self.open(&start)?,
                Piece::Text(text) => self.text(&text),
                Piece::Close => {
                    if self.close()? {
                        return Ok(self.named.into_cells());
                    }
                }
                Piece::End => return Err(wrong("file-unreadable", None, "the XML ends within a record")),
            }
        }
    }
}
