//! Texts of a binary workbook (MS-XLS, 2.5.293): of one or two bytes a character, and parted over records.

use super::GridError;
use super::fault::wrong;
use super::ole::{u16_at, u32_at};
use crate::import::limits::{MAX_STRING_BYTES, MAX_STRINGS_BYTES};

/// A text whose length is one byte.
pub(super) fn short_text(data: &[u8]) -> Option<String> {
    let mut cursor = Cursor::new(std::slice::from_ref(&data));
    let count = usize::from(cursor.byte()?);
    let flags = cursor.byte()?;
    cursor.characters(count, flags)
}

/// A text whose length is two bytes, perhaps with runs of format.
pub(super) fn long_text(segments: &[&[u8]]) -> Option<String> {
    Cursor::new(segments).text()
}

/// The texts that cells share.
#[derive(Default)]
pub(super) struct Strings {
    text: String,
    ends: Vec<u32>,
}

impl Strings {
    /// Reads the table of texts, given with the records that continue it.
    pub fn read(segments: &[&[u8]]) -> Result<Self, GridError> {
        let mut cursor = Cursor::new(segments);
        let mut strings = Self::default();
        let damaged = || wrong("file-unreadable", None, "the workbook is damaged or cut short (its texts are not whole): get it again");
        cursor.skip(4).ok_or_else(damaged)?;
        let count = cursor.number().ok_or_else(damaged)?;
        for _ in 0..count {
            // some programs announce more texts than there are
            if cursor.rest().is_none() {
                break;
            }
            let text = cursor.text().ok_or_else(damaged)?;
            if text.len() > MAX_STRING_BYTES {
                return Err(wrong("row-too-long", None, format!("a text of the workbook is longer than {MAX_STRING_BYTES} bytes")));
            }
            strings.text.push_str(&text);
            if strings.text.len() > MAX_STRINGS_BYTES {
                return Err(wrong("too-large", None, format!("the workbook has more than {MAX_STRINGS_BYTES} bytes of text")));
            }
            strings.ends.push(u32::try_from(strings.text.len()).unwrap_or(u32::MAX));
        }
        Ok(strings)
    }

    /// The text with this number.
    pub fn get(&self, index: usize) -> Option<&str> {
        let start = index.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.text.get(start as usize..*self.ends.get(index)? as usize)
    }
}

/// A place in records that continue each other.
struct Cursor<'a> {
    segments: &'a [&'a [u8]],
    segment: usize,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn new(segments: &'a [&'a [u8]]) -> Self {
        Self { segments, segment: 0, at: 0 }
    }

    /// What is left of the record; the next one's, where nothing is.
    fn rest(&mut self) -> Option<&'a [u8]> {
        loop {
            let rest = self.segments.get(self.segment)?.get(self.at..)?;
            if !rest.is_empty() {
                return Some(rest);
            }
            self.segment += 1;
            self.at = 0;
        }
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.rest()?.first()?;
        self.at += 1;
        Some(byte)
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        for byte in &mut bytes {
            *byte = self.byte()?;
        }
        Some(bytes)
    }

    fn number(&mut self) -> Option<u32> {
        u32_at(&self.take::<4>()?, 0)
    }

    fn skip(&mut self, mut count: usize) -> Option<()> {
        while count > 0 {
            let step = self.rest()?.len().min(count);
            self.at += step;
            count -= step;
        }
        Some(())
    }

    fn text(&mut self) -> Option<String> {
        let count = usize::from(u16_at(&self.take::<2>()?, 0)?);
        let flags = self.byte()?;
        let runs = if flags & 8 != 0 { usize::from(u16_at(&self.take::<2>()?, 0)?) } else { 0 };
        let extra = if flags & 4 != 0 { self.number()? as usize } else { 0 };
        let text = self.characters(count, flags)?;
        // a record of its own may end within its runs
        let runs = runs * 4;
        if self.segments.len() > 1 {
            self.skip(runs.checked_add(extra)?)?;
        }
        Some(text)
    }

    /// So many characters; each record that continues them says again whether they take one byte or two.
    fn characters(&mut self, count: usize, flags: u8) -> Option<String> {
        let mut units = Vec::with_capacity(count.min(1 << 15));
        let mut wide = flags & 1 == 1;
        while units.len() < count {
            let segment = self.segment;
            let mut rest = self.rest()?;
            if self.segment != segment {
                wide = rest.first()? & 1 == 1;
                self.at += 1;
                rest = self.rest()?;
            }
            let width = if wide { 2 } else { 1 };
            let here = (rest.len() / width).min(count - units.len());
            if here == 0 {
                return None;
            }
            let bytes = rest.get(..here * width)?;
            if wide {
                units.extend(bytes.chunks_exact(2).filter_map(|pair| u16_at(pair, 0)));
            } else {
                units.extend(bytes.iter().map(|byte| u16::from(*byte)));
            }
            self.at += here * width;
        }
        String::from_utf16(&units).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_go_on_in_the_next_record() {
        let first = [&[2, 0, 0, 0, 2, 0, 0, 0][..], &[4, 0, 0, b'a', b'b']].concat();
        let second = [&[1, 0x2d, 0x4e, 0x87, 0x65][..], &[1, 0, 8, 1, 0, b'z', 0, 0, 0, 0]].concat();
        let strings = Strings::read(&[&first, &second]).unwrap();
        assert_eq!((strings.get(0), strings.get(1), strings.get(2)), (Some("ab中文"), Some("z"), None));
        assert!(Strings::read(&[&first[..11]]).is_err());
        assert_eq!(Strings::read(&[&first[..8]]).unwrap().get(0), None);
        assert!(Strings::read(&[&[0; 7]]).is_err());
    }
}
