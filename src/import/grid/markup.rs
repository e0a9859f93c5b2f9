//! XML as a stream of pieces, with bounds on depth and on the bytes of a piece; a document type is refused.

use std::cell::Cell as Shared;
use std::io::{self, BufReader, Read};
use std::rc::Rc;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Error, Reader};

use super::GridError;
use super::fault::{Stop, read_fault, wrong};
use crate::import::limits::{MAX_DEPTH, MAX_RECORD_BYTES};

const BUFFER: usize = 64 << 10;

/// How much may still be read before the allowance is renewed.
pub(super) struct Metered<R> {
    input: R,
    left: Rc<Shared<u64>>,
}

impl<R> Metered<R> {
    /// With nothing allowed yet, and the allowance.
    pub fn new(input: R) -> (Self, Rc<Shared<u64>>) {
        let left = Rc::new(Shared::new(0));
        (Self { input, left: Rc::clone(&left) }, left)
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(left) = self.left.get().checked_sub(1) else {
            return Err(Stop::io("row-too-long", format!("a record or a name is longer than {MAX_RECORD_BYTES} bytes: this is no table")));
        };
        let room = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX).saturating_add(1));
        let count = self.input.read(buffer.get_mut(..room).unwrap_or_default())?;
        self.left.set((left + 1).saturating_sub(count as u64));
        Ok(count)
    }
}

/// A piece of a document.
pub(super) enum Piece<'a> {
    /// An element begins.
    Open(BytesStart<'a>),
    /// Text, or a part of it.
    Text(String),
    /// The innermost element ends.
    Close,
    /// The document ends.
    End,
}

/// A document that is read piece by piece.
pub(super) struct Markup<R: Read> {
    reader: Reader<BufReader<Metered<R>>>,
    left: Rc<Shared<u64>>,
    buffer: Vec<u8>,
    depth: usize,
    /// Whether pieces share one allowance, as those of a record do.
    pub held: bool,
}

impl<R: Read> Markup<R> {
    /// Over UTF-8 text.
    pub fn new(input: R) -> Self {
        let (metered, left) = Metered::new(input);
        let mut reader = Reader::from_reader(BufReader::with_capacity(BUFFER, metered));
        reader.config_mut().expand_empty_elements = true;
        Self { reader, left, buffer: Vec::new(), depth: 0, held: false }
    }

    /// The next piece.
    pub fn next(&mut self) -> Result<Piece<'_>, GridError> {
        if !self.held {
            self.left.set((MAX_RECORD_BYTES + BUFFER) as u64);
        }
        self.buffer.clear();
        let event = match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => event,
            Err(error) => return Err(markup_fault(error)),
        };
        Ok(match event {
            Event::Start(start) | Event::Empty(start) => {
                self.depth += 1;
                if self.depth > MAX_DEPTH {
                    return Err(wrong("too-large", None, format!("elements are nested deeper than {MAX_DEPTH}")));
                }
                Piece::Open(start)
            }
            Event::End(_) => {
                self.depth = self.depth.saturating_sub(1);
                Piece::Close
            }
            Event::Text(text) => Piece::Text(text.xml10_content().into_owned()),
            Event::CData(text) => Piece::Text(text.xml10_content().into_owned()),
            Event::GeneralRef(name) => Piece::Text(reference(&name)?),
            Event::DocType(_) => {
                return Err(wrong("doctype", None, "the XML has a document type (<!DOCTYPE …>), which could name other files: remove it"));
            }
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) => Piece::Text(String::new()),
            Event::Eof if self.depth > 0 => {
                return Err(wrong("file-unreadable", None, "the XML ends within an element: it is cut short; get it again"));
            }
            Event::Eof => Piece::End,
        })
    }
}

fn reference(name: &quick_xml::events::BytesRef<'_>) -> Result<String, GridError> {
    if let Some(character) = name.resolve_char_ref().map_err(markup_fault)? {
        return Ok(character.to_string());
    }
    quick_xml::escape::resolve_predefined_entity(name).map(str::to_owned).ok_or_else(|| {
        wrong(
            "doctype",
            None,
            format!("the XML uses the entity `&{};`, which only a document type could define: write the text itself", &**name),
        )
    })
}

/// The value of an attribute by its local name; namespaces are not asked for.
pub(super) fn attribute(start: &BytesStart<'_>, name: &str) -> Result<Option<String>, GridError> {
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| markup_fault(error.into()))?;
        if attribute.key.local_name().as_ref() == name {
            return unescaped(&attribute.value).map(Some);
        }
    }
    Ok(None)
}

/// Text of an attribute without its references.
pub(super) fn unescaped(value: &str) -> Result<String, GridError> {
    quick_xml::escape::unescape(value).map(std::borrow::Cow::into_owned).map_err(|error| markup_fault(error.into()))
}

fn markup_fault(error: Error) -> GridError {
    let message = error.to_string();
    match error {
        Error::Io(shared) => match Stop::find(&shared) {
            Some(stop) => wrong(stop.rule, None, stop.message.clone()),
            None => read_fault(io::Error::new(shared.kind(), message), None),
        },
        Error::Encoding(_) => wrong("encoding", None, format!("the XML is not in the encoding that it says ({message})")),
        _ => wrong("file-syntax", None, format!("the XML is malformed ({message}): it may be damaged or cut short")),
    }
}
