//! What a file is, told by its content.

use std::io::Read;
use std::path::Path;

use super::fault::wrong;
use super::zipped::Zipped;
use super::{FileFormat, GridError};
use crate::import::records::open_regular;

const HEAD: u64 = 64 << 10;

/// The longest first line that is looked at to tell JSON lines.
const FIRST_LINE: u64 = 1 << 20;

/// Beginnings of what is no table.
const OTHERS: [(&[u8], &str); 21] = [
    (b"%PDF-", "a PDF; ask for the table as a workbook or as text, or type it into one"),
    (b"\x89PNG", "a picture (PNG); ask for the table itself"),
    (b"\xff\xd8\xff", "a picture (JPEG); ask for the table itself"),
    (b"GIF8", "a picture (GIF); ask for the table itself"),
    (b"II*\0", "a picture (TIFF); ask for the table itself"),
    (b"MM\0*", "a picture (TIFF); ask for the table itself"),
    (b"RIFF", "a picture or sound (RIFF); ask for the table itself"),
    (b"{\\rtf", "a text document (RTF); save the table as a workbook or as text"),
    (b"MIME-Version:", "a web archive (MHTML); open it in a spreadsheet program and save it as .xlsx"),
    (b"\x1f\x8b", "packed (gzip); unpack it first"),
    (b"BZh", "packed (bzip2); unpack it first"),
    (b"\xfd7zXZ\0", "packed (xz); unpack it first"),
    (b"(\xb5/\xfd", "packed (zstd); unpack it first"),
    (b"7z\xbc\xaf'\x1c", "an archive (7z); unpack it first"),
    (b"Rar!\x1a\x07", "an archive (RAR); unpack it first"),
    (b"SQLite format 3\0", "a database (SQLite); export its table as CSV"),
    (b"\0\x01\0\0Standard ", "a database (Access); export its table as CSV or as a workbook"),
    (b"PAR1", "a Parquet file; export it as CSV"),
    (b"ARROW1", "an Arrow file; export it as CSV"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
];

/// Finds out what a file is.
pub(super) fn tell(path: &Path) -> Result<FileFormat, GridError> {
    let file = open_regular(path)?;
    if file.metadata()?.len() == 0 {
        return Err(wrong("not-a-table", None, "the file is empty"));
    }
    let mut head = Vec::new();
    file.take(HEAD).read_to_end(&mut head)?;
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return tell_archive(path);
    }
    if head.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return super::ole::tell(path);
    }
    if let Some((_, name)) = OTHERS.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(wrong("not-a-table", None, format!("the file is no table but {name}")));
    }
    tell_text(path, &head)
}

fn tell_archive(path: &Path) -> Result<FileFormat, GridError> {
    let mut zipped = Zipped::open(path)?;
    if zipped.is_encrypted() {
        return Err(wrong("encrypted-file", None, "the archive wants a password: save the file without one"));
    }
    let mimetype = zipped.small("mimetype", 256)?.unwrap_or_default();
    if mimetype.starts_with("application/vnd.oasis.opendocument.spreadsheet") {
        let manifest = zipped.small("META-INF/manifest.xml", 4 << 20)?.unwrap_or_default();
        if manifest.contains("encryption-data") {
            return Err(wrong("encrypted-file", None, "the workbook wants a password: save it without one"));
        }
        return Ok(FileFormat::Ods);
    }
    let types = zipped.small("[Content_Types].xml", 4 << 20)?.unwrap_or_default();
    let is = |name: &str| zipped.has(name);
    if is("xl/workbook.bin") || types.contains("sheet.binary") {
        return Err(wrong("not-a-table", None, "the file is a binary workbook (.xlsb), which is not read: save it as .xlsx"));
    }
    if is("xl/workbook.xml") || types.contains("spreadsheetml.sheet.main+xml") || types.contains("ms-excel.sheet.macroEnabled.main+xml") {
        return Ok(FileFormat::Xlsx);
    }
    let what = match () {
        () if is("word/document.xml") => "a text document (.docx); save the table as a workbook",
        () if types.contains("presentationml") => "a presentation (.pptx); save the table as a workbook",
        () if mimetype.starts_with("application/vnd.oasis.opendocument") => {
            "an OpenDocument file that is no spreadsheet; save the table as a workbook"
        }
        () if is("openlca.json") || zipped.names().iter().any(|name| name.starts_with("processes/") || name.starts_with("flows/")) => {
            "an archive of data sets; import it with the format openlca or ilcd"
        }
        () => "a zip archive; unpack it and import the table in it",
    };
    Err(wrong("not-a-table", None, format!("the file is no workbook but {what}")))
}

/// Tells text by its first character that is no blank.
fn tell_text(path: &Path, head: &[u8]) -> Result<FileFormat, GridError> {
    let (encoding, skip) = encoding_rs::Encoding::for_bom(head).unwrap_or((encoding_rs::UTF_8, 0));
    let wide = encoding != encoding_rs::UTF_8;
    let text: String = if wide {
        encoding.decode_without_bom_handling(head.get(skip..).unwrap_or_default()).0.into_owned()
    } else {
        // UTF-16 without a mark shows as ASCII here
        head.get(skip..).unwrap_or_default().iter().filter(|byte| **byte != 0).map(|byte| char::from(*byte)).collect()
    };
    let control = |character: &char| character.is_ascii_control() && !matches!(character, '\t' | '\n' | '\r' | '\x0c' | '\x1a');
    let zeros = if wide { 0 } else { head.iter().filter(|byte| **byte == 0).count() };
    let binary = if zeros > 0 { !evenly_zero(head) } else { text.chars().filter(control).count() * 50 > text.len() };
    if binary {
        return Err(wrong("not-a-table", None, "the file is neither text nor a workbook that is known: save it as .xlsx or as CSV"));
    }
    let text = text.trim_start();
    let mut characters = text.chars();
    let first = characters.next();
    let second = characters.find(|character| !character.is_whitespace());
    match (first, second) {
        (None, _) => Err(wrong("not-a-table", None, "the file has nothing but blanks")),
        (Some('<'), _) => tell_markup(text),
        (Some('{'), Some('"' | '}') | None) => Ok(if has_lines(path)? { FileFormat::Ndjson } else { FileFormat::Json }),
        (Some('['), Some('{' | '[' | ']' | '"' | '-' | '0'..='9' | 't' | 'f' | 'n') | None) => {
            Ok(if has_lines(path)? { FileFormat::Ndjson } else { FileFormat::Json })
        }
        _ => Ok(FileFormat::Csv),
    }
}

/// Whether zero bytes stand as in UTF-16: nearly all of them at odd places, or nearly all at even ones.
fn evenly_zero(head: &[u8]) -> bool {
    let at = |parity: usize| head.iter().enumerate().filter(|(place, byte)| place % 2 == parity && **byte == 0).count();
    let (even, odd) = (at(0), at(1));
    even.min(odd) * 20 <= even.max(odd)
}

fn tell_markup(text: &str) -> Result<FileFormat, GridError> {
    let start: String = text.chars().take(4096).flat_map(char::to_lowercase).collect();
    if start.contains("<html") || start.contains("<!doctype html") || (start.starts_with("<table") && start.contains("<tr")) {
        let advice = "open it in a spreadsheet program and save it as .xlsx";
        return Err(wrong("not-a-table", None, format!("the file is a web page (HTML), whatever its name ends in: {advice}")));
    }
    Ok(FileFormat::Xml)
}

/// Whether the first line is a JSON value, and another follows.
fn has_lines(path: &Path) -> Result<bool, GridError> {
    let mut head = Vec::new();
    open_regular(path)?.take(FIRST_LINE).read_to_end(&mut head)?;
    let (encoding, skip) = encoding_rs::Encoding::for_bom(&head).unwrap_or((encoding_rs::UTF_8, 0));
    let text = encoding.decode_without_bom_handling(head.get(skip..).unwrap_or_default()).0;
    let Some((first, rest)) = text.trim_start().split_once('\n') else { return Ok(false) };
    Ok(serde_json::from_str::<&serde_json::value::RawValue>(first).is_ok() && !rest.trim_start().is_empty())
}
