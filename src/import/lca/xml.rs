//! XML as elements, with bounds on depth and size; no document type, no entities of its own (XXE, billion laughs).

use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use quick_xml::XmlVersion;
use quick_xml::encoding::DecodingReader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

/// How deep elements may lie in each other; the formats reach fifteen.
const MAX_DEPTH: usize = 64;

/// The most elements of one data set.
const MAX_ELEMENTS: usize = 500_000;

/// The most bytes of one data set.
pub(super) const MAX_BYTES: u64 = 32 << 20;

/// An element by its local names: prefixes differ between programs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Element {
    /// Its local name.
    pub(super) name: String,
    /// Its attributes by local name.
    attributes: Vec<(String, String)>,
    /// The elements in it.
    pub(super) children: Vec<Element>,
    /// The text in it, that of its children apart.
    text: String,
}

impl Element {
    /// An attribute that is not blank.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// Its own text, if it is not blank.
    pub(super) fn text(&self) -> Option<&str> {
        Some(self.text.trim()).filter(|text| !text.is_empty())
    }

    /// Its children of one name.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first element along a path of names: `time/referenceYear`.
    pub(super) fn at(&self, path: &str) -> Option<&Self> {
        path.split('/').try_fold(self, |element, name| element.children.iter().find(|child| child.name == name))
    }

    /// The text of the first element along a path.
    pub(super) fn text_at(&self, path: &str) -> Option<&str> {
        self.at(path)?.text()
    }
}

/// Reads a document with one data set.
pub(super) fn read(bytes: &[u8]) -> Result<Element, String> {
    let mut root = Element::default();
    let mut document = Document::new(bytes);
    document.start(&mut root)?;
    document.inside(&mut root)?;
    document.end()?;
    Ok(root)
}

/// The root of a document, its name and attributes alone.
pub(super) fn root(start: &[u8]) -> Result<Element, String> {
    let mut root = Element::default();
    let mut document = Document { doctype_is_wrong: false, ..Document::new(start) };
    document.start(&mut root)?;
    Ok(root)
}

/// Hands out the children of the root one by one, each forgotten before the next.
pub(super) fn each_child<R: Read>(
    reader: R,
    take: &mut dyn FnMut(&Element, Element) -> io::Result<()>,
) -> io::Result<Result<Element, String>> {
    let mut root = Element::default();
    let mut document = Document::new(reader);
    if let Err(wrong) = document.start(&mut root) {
        return Ok(Err(wrong));
    }
    loop {
        match document.child() {
            Ok(Some(child)) => take(&root, child)?,
            Ok(None) => break,
            Err(wrong) => return Ok(Err(wrong)),
        }
    }
    Ok(document.end().map(|()| root))
}

/// The encoding that the XML declaration names (XML 1.0, 4.3.3); a byte order mark tells of itself.
fn declared_encoding(start: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let text = start.strip_prefix(b"<?xml")?;
    let declaration = text.split(|byte| *byte == b'>').next()?;
    let declaration = std::str::from_utf8(declaration).ok()?;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| "\"'".contains(*quote))?;
    let label = value.get(1..)?.split(quote).next()?;
    encoding_rs::Encoding::for_label(label.as_bytes()).filter(|encoding| encoding.is_ascii_compatible())
}

/// Ends a document whose data set is longer than memory is spent on.
struct Budget<R> {
    inner: R,
    left: Rc<Cell<u64>>,
}

impl<R: Read> Read for Budget<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let left = self.left.get().checked_sub(u64::try_from(read).map_err(io::Error::other)?);
        self.left.set(left.ok_or_else(|| io::Error::other(format!("a data set is longer than {MAX_BYTES} bytes")))?);
        Ok(read)
    }
}

struct Document<R: Read> {
    reader: Reader<BufReader<DecodingReader<BufReader<Budget<R>>>>>,
    left: Rc<Cell<u64>>,
    buffer: Vec<u8>,
    elements: usize,
    doctype_is_wrong: bool,
    /// Whether the root is an empty element, which ends where it starts.
    is_empty: bool,
}

impl<R: Read> Document<R> {
    fn new(inner: R) -> Self {
        let left = Rc::new(Cell::new(MAX_BYTES));
        let mut input = BufReader::new(Budget { inner, left: Rc::clone(&left) });
        // What cannot be read here cannot be read later either, and is said then.
        let declared = input.fill_buf().ok().and_then(declared_encoding);
        let mut decoding = DecodingReader::new(input);
        if let Some(encoding) = declared {
            decoding.set_encoding(encoding);
        }
        let reader = Reader::from_reader(BufReader::new(decoding));
        Self { reader, left, buffer: Vec::new(), elements: 0, doctype_is_wrong: true, is_empty: false }
    }

    fn wrong(&self, what: impl std::fmt::Display) -> String {
        format!("{what} (byte {} of the XML)", self.reader.buffer_position())
    }

    fn next(&mut self) -> Result<Event<'static>, String> {
        self.buffer.clear();
        let event = self.reader.read_event_into(&mut self.buffer).map(Event::into_owned);
        match event.map_err(|error| self.wrong(error))? {
            Event::DocType(_) if self.doctype_is_wrong => {
                Err(self.wrong("has a document type declaration, which is not read: remove `<!DOCTYPE …>`"))
            }
            event => Ok(event),
        }
    }

    /// The root's start.
    fn start(&mut self, root: &mut Element) -> Result<(), String> {
        loop {
            match self.next()? {
                Event::Start(start) => return self.open(&start, root),
                Event::Empty(start) => {
                    self.is_empty = true;
                    return self.open(&start, root);
                }
                Event::Eof => return Err(self.wrong("holds no element")),
                Event::Text(text) if !text.xml10_content().trim().is_empty() => return Err(self.wrong("is not XML")),
                Event::End(_) | Event::GeneralRef(_) | Event::CData(_) => return Err(self.wrong("is not XML")),
                _ => {}
            }
        }
    }

    fn open(&mut self, start: &BytesStart<'_>, element: &mut Element) -> Result<(), String> {
        self.elements += 1;
        if self.elements > MAX_ELEMENTS {
            return Err(self.wrong(format!("has more than {MAX_ELEMENTS} elements in a data set")));
        }
        element.name = start.local_name().into_inner().to_owned();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| self.wrong(error))?;
            let name = attribute.key.local_name().into_inner().to_owned();
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|error| self.wrong(error))?;
            element.attributes.push((name, value.into_owned()));
        }
        Ok(())
    }

    /// The next child of the root; none at the root's end.
    fn child(&mut self) -> Result<Option<Element>, String> {
        if self.is_empty {
            return Ok(None);
        }
        self.left.set(MAX_BYTES);
        self.elements = 0;
        loop {
            let mut child = Element::default();
            match self.next()? {
                Event::Start(start) => {
                    self.open(&start, &mut child)?;
                    self.inside(&mut child)?;
                    return Ok(Some(child));
                }
                Event::Empty(start) => {
                    self.open(&start, &mut child)?;
                    return Ok(Some(child));
                }
                Event::End(_) => return Ok(None),
                Event::Eof => return Err(self.wrong("ends too soon")),
                _ => {}
            }
        }
    }

    /// Everything up to the element's end.
    fn inside(&mut self, element: &mut Element) -> Result<(), String> {
        if self.is_empty {
            return Ok(());
        }
        let mut open: Vec<Element> = Vec::new();
        loop {
            match self.next()? {
                Event::Start(start) => {
                    if open.len() >= MAX_DEPTH {
                        return Err(self.wrong(format!("lies deeper than {MAX_DEPTH} elements")));
                    }
                    let mut child = Element::default();
                    self.open(&start, &mut child)?;
                    open.push(child);
                }
                Event::Empty(start) => {
                    let mut child = Element::default();
                    self.open(&start, &mut child)?;
                    open.last_mut().unwrap_or(element).children.push(child);
                }
                Event::End(_) => match open.pop() {
                    Some(child) => open.last_mut().unwrap_or(element).children.push(child),
                    None => return Ok(()),
                },
                Event::Text(text) => open.last_mut().unwrap_or(element).text.push_str(&text.xml10_content()),
                Event::CData(text) => open.last_mut().unwrap_or(element).text.push_str(&text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let c = self.resolve(&reference)?;
                    open.last_mut().unwrap_or(element).text.push(c);
                }
                Event::Eof => return Err(self.wrong("ends too soon")),
                _ => {}
            }
        }
    }

    fn resolve(&self, reference: &BytesRef<'_>) -> Result<char, String> {
        if let Some(c) = reference.resolve_char_ref().map_err(|error| self.wrong(error))? {
            return Ok(c);
        }
        match reference.xml10_content().as_ref() {
            "lt" => Ok('<'),
            "gt" => Ok('>'),
            "amp" => Ok('&'),
            "quot" => Ok('"'),
            "apos" => Ok('\''),
            _ => Err(self.wrong("names an entity of its own, which is not read")),
        }
    }

    fn end(&mut self) -> Result<(), String> {
        loop {
            match self.next()? {
                Event::Eof => return Ok(()),
                Event::Comment(_) | Event::PI(_) => {}
                Event::Text(text) if text.xml10_content().trim().is_empty() => {}
                _ => return Err(self.wrong("goes on behind the end of its root")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_attributes_and_texts_are_read() {
        let text =
            "<?xml version='1.0'?><a:r xmlns:a='u' n=' 1 &amp; 2 '><!-- --><b>x &lt; &#65;<![CDATA[<]]></b><b/><c><d>y</d></c></a:r>";
        let root = read(text.as_bytes()).unwrap();
        assert_eq!((root.name.as_str(), root.attribute("n"), root.text_at("b")), ("r", Some("1 & 2"), Some("x < A<")));
        assert_eq!((root.text_at("c/d"), root.all("b").count(), root.at("c/e")), (Some("y"), 2, None));
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><r n='\xe9'>\xe4</r>";
        assert_eq!((read(latin).unwrap().attribute("n"), read(latin).unwrap().text()), (Some("\u{e9}"), Some("\u{e4}")));
        let mut names = Vec::new();
        let take = &mut |_: &Element, child: Element| {
            names.push(child.name);
            Ok(())
        };
        assert_eq!(each_child(text.as_bytes(), take).unwrap().unwrap().name, "r");
        assert_eq!(names, ["b", "b", "c"]);
    }

    #[test]
    fn hostile_documents_are_refused() {
        let deep = format!("<r>{}", "<a>".repeat(100));
        let table = [
            ("<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><r>&x;</r>", "document type"),
            ("<r>&x;</r>", "entity"),
            ("<r n='&x;'/>", "byte"),
            ("<r>", "too soon"),
            ("<r></s>", "byte"),
            ("<r/><r/>", "behind"),
            ("", "no element"),
            ("plain", "not XML"),
            (deep.as_str(), "deeper"),
        ];
        for (text, says) in table {
            let wrong = read(text.as_bytes()).unwrap_err();
            assert!(wrong.contains(says), "{text}: {wrong}");
        }
        let long = std::io::repeat(b'x').take(MAX_BYTES + (1 << 20));
        let take = &mut |_: &Element, _: Element| Ok(());
        let wrong = each_child(b"<r><a>".chain(long), take).unwrap().unwrap_err();
        assert!(wrong.contains("longer than"), "{wrong}");
        assert!(root(b"<!DOCTYPE r><r a='1'><b>").unwrap().name == "r");
    }
}
