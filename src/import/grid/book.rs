//! An Office Open XML workbook (ECMA-376): its sheets, shared strings and styles.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;

use quick_xml::events::BytesStart;

use super::fault::wrong;
use super::markup::{Markup, Piece, attribute};
use super::numbers::{is_date_format, is_date_id};
use super::sheet::read_sheet;
use super::zipped::Zipped;
use super::{GridError, GridRow, GridWish};
use crate::import::limits::{MAX_STRING_BYTES, MAX_STRINGS_BYTES};

/// A workbook's parts that its sheets refer to.
pub(super) struct Book {
    zipped: Zipped,
    /// Names and members of its sheets of cells, in order.
    sheets: Vec<(String, String)>,
    strings_at: Option<String>,
    styles_at: Option<String>,
    /// Whether days are counted from 1904.
    pub from_1904: bool,
}

impl Book {
    /// Opens a workbook.
    pub fn open(path: &Path) -> Result<Self, GridError> {
        let mut zipped = Zipped::open(path)?;
        let root = relations(&mut zipped, "")?;
        let main = root.values().find(|relation| relation.kind.ends_with("/officeDocument"));
        let at = main.map_or_else(|| "xl/workbook.xml".to_owned(), |relation| relation.target.clone());
        let related = relations(&mut zipped, &at)?;
        let of_kind = |kind: &str| related.values().find(|relation| relation.kind.ends_with(kind)).map(|relation| relation.target.clone());
        let (strings_at, styles_at) = (of_kind("/sharedStrings"), of_kind("/styles"));
        let (mut sheets, mut from_1904) = (Vec::new(), false);
        each_open(zipped.member(&at)?, |start| {
            match start.local_name().as_ref() {
                "workbookPr" => from_1904 = attribute(start, "date1904")?.is_some_and(|value| value == "1" || value == "true"),
                "sheet" => {
                    let (name, id) = (attribute(start, "name")?.unwrap_or_default(), attribute(start, "id")?.unwrap_or_default());
                    if let Some(relation) = related.get(&id).filter(|relation| relation.kind.ends_with("/worksheet")) {
                        sheets.push((name, relation.target.clone()));
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(Self { zipped, sheets, strings_at, styles_at, from_1904 })
    }

    /// The names of its sheets, hidden ones too.
    pub fn sheets(&self) -> Vec<String> {
        self.sheets.iter().map(|(name, _)| name.clone()).collect()
    }

    /// Hands out the rows of the wished sheet, and says which it is.
    pub fn rows(mut self, wish: &GridWish, take: &mut dyn FnMut(GridRow) -> io::Result<()>) -> Result<String, GridError> {
        let position = wished_sheet(&self.sheets(), wish)?;
        let Some((name, at)) = self.sheets.get(position).cloned() else { return Ok(String::new()) };
        let strings = match self.strings_at.clone().filter(|at| self.zipped.has(at)) {
            Some(at) => Strings::read(self.zipped.member(&at)?)?,
            None => Strings::default(),
        };
        let dates = match self.styles_at.clone().filter(|at| self.zipped.has(at)) {
            Some(at) => date_styles(self.zipped.member(&at)?)?,
            None => Vec::new(),
        };
        let shared = SharedParts { strings, dates, from_1904: self.from_1904 };
        read_sheet(self.zipped.member(&at)?, &shared, take)?;
        Ok(name)
    }
}

/// The place of the first wished sheet that is there; without a wish the first.
pub(super) fn wished_sheet(names: &[String], wish: &GridWish) -> Result<usize, GridError> {
    let listed = || names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if names.is_empty() {
        return Err(wrong("sheet-missing", None, "the workbook has no sheet of cells"));
    }
    if wish.sheets.is_empty() {
        return Ok(0);
    }
    let found = wish.sheets.iter().find_map(|wished| names.iter().position(|name| name == wished));
    found.ok_or_else(|| wrong("sheet-missing", None, format!("no sheet is named `{}`; there are {}", wish.sheets.join("` or `"), listed())))
}

struct Relation {
    kind: String,
    target: String,
}

/// What a member refers to, by id; the whole package's for no member.
fn relations(zipped: &mut Zipped, member: &str) -> Result<BTreeMap<String, Relation>, GridError> {
    let (folder, file) = member.rsplit_once('/').map_or(("", member), |(folder, file)| (folder, file));
    let at = format!("{folder}{}_rels/{file}.rels", if folder.is_empty() { "" } else { "/" });
    let mut found = BTreeMap::new();
    if !zipped.has(&at) {
        return Ok(found);
    }
    each_open(zipped.member(&at)?, |start| {
        if start.local_name().as_ref() == "Relationship" && attribute(start, "TargetMode")?.as_deref() != Some("External") {
            let [id, kind, target] = ["Id", "Type", "Target"].map(|name| attribute(start, name));
            let target = resolved(folder, &target?.unwrap_or_default());
            found.insert(id?.unwrap_or_default(), Relation { kind: kind?.unwrap_or_default(), target });
        }
        Ok(())
    })?;
    Ok(found)
}

/// A member's name from a reference; `..` never leads out, as it only names members.
fn resolved(folder: &str, target: &str) -> String {
    let mut parts: Vec<&str> = if target.starts_with('/') { Vec::new() } else { folder.split('/').collect() };
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join("/")
}

/// Every element's beginning.
fn each_open(input: impl Read, mut each: impl FnMut(&BytesStart<'_>) -> Result<(), GridError>) -> Result<(), GridError> {
    let mut markup = Markup::new(input);
    loop {
        match markup.next()? {
            Piece::Open(start) => each(&start)?,
            Piece::End => return Ok(()),
            Piece::Text(_) | Piece::Close => {}
        }
    }
}

/// What cells refer to.
pub(super) struct SharedParts {
    pub strings: Strings,
    /// By style: whether it shows a date.
    pub dates: Vec<bool>,
    pub from_1904: bool,
}

/// Shared strings, one behind another.
#[derive(Default)]
pub(super) struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    fn read(input: impl Read) -> Result<Self, GridError> {
        let mut strings = Self::default();
        let mut markup = Markup::new(input);
        let mut path: Vec<String> = Vec::new();
        loop {
            match markup.next()? {
                Piece::Open(start) => path.push(start.local_name().as_ref().to_owned()),
                Piece::Text(text) if is_run(&path) => strings.text.push_str(&text),
                Piece::Text(_) => {}
                Piece::Close => {
                    if path.pop().as_deref() == Some("si") {
                        strings.end()?;
                    }
                }
                Piece::End => return Ok(strings),
            }
            if strings.text.len() > MAX_STRINGS_BYTES {
                return Err(wrong("too-large", None, format!("the workbook has more than {MAX_STRINGS_BYTES} bytes of text")));
            }
        }
    }

    fn end(&mut self) -> Result<(), GridError> {
        let start = self.ends.last().map_or(0, |end| *end as usize);
        let raw = self.text.get(start..).unwrap_or_default();
        if raw.len() > MAX_STRING_BYTES {
            return Err(wrong("row-too-long", None, format!("a text of the workbook is longer than {MAX_STRING_BYTES} bytes")));
        }
        if raw.contains("_x") {
            let text = unescape_hex(raw);
            self.text.truncate(start);
            self.text.push_str(&text);
        }
        self.ends.push(u32::try_from(self.text.len()).unwrap_or(u32::MAX));
        Ok(())
    }

    /// The text with this number.
    pub fn get(&self, index: usize) -> Option<&str> {
        let start = index.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.text.get(start as usize..*self.ends.get(index)? as usize)
    }
}

/// Whether text here is a run's, and not a phonetic hint's.
pub(super) fn is_run(path: &[String]) -> bool {
    path.last().is_some_and(|name| name == "t") && !path.iter().any(|name| name == "rPh")
}

/// `_x000D_` stands for a character that XML has none for (ECMA-376, 22.4.2.4).
pub(super) fn unescape_hex(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("_x") {
        let (before, escape) = rest.split_at(start);
        out.push_str(before);
        let code = escape.get(2..6).filter(|_| escape.as_bytes().get(6) == Some(&b'_'));
        let digits = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match digits.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32) {
            Some(character) => {
                out.push(character);
                rest = escape.get(7..).unwrap_or_default();
            }
            None => {
                out.push_str("_x");
                rest = escape.get(2..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

/// By style of a cell: whether its number format shows a date.
fn date_styles(input: impl Read) -> Result<Vec<bool>, GridError> {
    let (mut formats, mut styles) = (BTreeMap::new(), Vec::new());
    let mut markup = Markup::new(input);
    let mut path: Vec<String> = Vec::new();
    loop {
        match markup.next()? {
            Piece::Open(start) => {
                let name = start.local_name().as_ref().to_owned();
                let id = || Ok::<_, GridError>(attribute(&start, "numFmtId")?.and_then(|id| id.parse::<u32>().ok()).unwrap_or(0));
                match name.as_str() {
                    "numFmt" if path.last().is_some_and(|parent| parent == "numFmts") => {
                        formats.insert(id()?, is_date_format(&attribute(&start, "formatCode")?.unwrap_or_default()));
                    }
                    "xf" if path.last().is_some_and(|parent| parent == "cellXfs") => styles.push(id()?),
                    _ => {}
                }
                path.push(name);
            }
            Piece::Close => {
                path.pop();
            }
            Piece::Text(_) => {}
            Piece::End => return Ok(styles.into_iter().map(|id| formats.get(&id).copied().unwrap_or(is_date_id(id))).collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_name_members_only() {
        assert_eq!(resolved("xl", "worksheets/sheet1.xml"), "xl/worksheets/sheet1.xml");
        assert_eq!(resolved("xl", "/xl/styles.xml"), "xl/styles.xml");
        assert_eq!(resolved("xl", "../../../etc/passwd"), "etc/passwd");
    }

    #[test]
    fn escapes_of_characters_are_read() {
        for (text, read) in
            [("a_x000D_b", "a\rb"), ("_x005F_x0041_", "_x0041_"), ("_x00", "_x00"), ("x_xé1234_", "x_xé1234_"), ("_xD800_", "_xD800_")]
        {
            assert_eq!(unescape_hex(text), read, "{text}");
        }
    }
}
