//! Compound files (MS-CFB): where binary workbooks lie, and encrypted ones of any kind.

use std::io::Read;
use std::path::Path;

use super::fault::wrong;
use super::{FileFormat, GridError};
use crate::import::limits::MAX_OLE_BYTES;
use crate::import::records::open_regular;

const END_OF_CHAIN: u32 = 0xffff_fffe;
const ENTRY_BYTES: usize = 128;

/// Finds out what a compound file holds.
pub(super) fn tell(path: &Path) -> Result<FileFormat, GridError> {
    let file = Compound::open(path)?;
    let has = |name: &str| file.entries.iter().any(|entry| entry.name == name);
    if has("EncryptedPackage") || has("EncryptionInfo") {
        return Err(wrong("encrypted-file", None, "the workbook wants a password: save it without one"));
    }
    if has("Workbook") {
        super::biff::check(&file)?;
        return Ok(FileFormat::Xls);
    }
    let what = match () {
        () if has("Book") => "a workbook of Excel 95 or earlier; save it as .xlsx",
        () if has("WordDocument") => "a text document (.doc); save the table as a workbook",
        () if has("PowerPoint Document") => "a presentation (.ppt); save the table as a workbook",
        () if has("__properties_version1.0") => "a mail message (.msg); save the file that is attached to it",
        () => "a compound file of another program; save the table as .xlsx",
    };
    Err(wrong("not-a-table", None, format!("the file is no workbook that is known but {what}")))
}

struct Entry {
    name: String,
    start: u32,
    size: u64,
}

/// A compound file in memory.
pub(super) struct Compound {
    bytes: Vec<u8>,
    sector: usize,
    mini_sector: usize,
    cutoff: u64,
    fat: Vec<u32>,
    mini_fat: Vec<u32>,
    mini: Vec<u8>,
    entries: Vec<Entry>,
}

/// Two bytes, low first.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at.checked_add(2)?)?.try_into().ok().map(u16::from_le_bytes)
}

/// Four bytes, low first.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?)?.try_into().ok().map(u32::from_le_bytes)
}

fn damaged() -> GridError {
    wrong("file-unreadable", None, "the workbook is damaged or cut short: get it again")
}

impl Compound {
    /// Reads a compound file and its directory.
    pub fn open(path: &Path) -> Result<Self, GridError> {
        let mut bytes = Vec::new();
        open_regular(path)?.take(MAX_OLE_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_OLE_BYTES {
            return Err(wrong("too-large", None, format!("a binary workbook may have {MAX_OLE_BYTES} bytes: save it as .xlsx")));
        }
        Self::parse(bytes).ok_or_else(damaged)
    }

    fn parse(bytes: Vec<u8>) -> Option<Self> {
        let (shift, mini_shift) = (u16_at(&bytes, 30)?, u16_at(&bytes, 32)?);
        if !matches!(shift, 9 | 12) || mini_shift != 6 {
            return None;
        }
        let cutoff = u64::from(u32_at(&bytes, 56)?);
        let mut file = Self {
            sector: 1 << shift,
            mini_sector: 64,
            cutoff,
            fat: Vec::new(),
            mini_fat: Vec::new(),
            mini: Vec::new(),
            entries: Vec::new(),
            bytes,
        };
        file.read_fat()?;
        let numbers = |bytes: &[u8]| (0..bytes.len() / 4).filter_map(|index| u32_at(bytes, index * 4)).collect::<Vec<_>>();
        let directory = file.chain(u32_at(&file.bytes, 48)?)?;
        file.entries = directory.chunks_exact(ENTRY_BYTES).filter_map(entry).collect();
        let first_mini = u32_at(&file.bytes, 60)?;
        if first_mini != END_OF_CHAIN {
            file.mini_fat = numbers(&file.chain(first_mini)?);
        }
        let root = file.entries.iter().find(|entry| entry.name == "Root Entry").map(|root| root.start);
        if let Some(start) = root.filter(|start| *start != END_OF_CHAIN) {
            file.mini = file.chain(start)?;
        }
        Some(file)
    }

    fn sector_at(&self, number: u32) -> Option<&[u8]> {
        let start = (number as usize).checked_add(1)?.checked_mul(self.sector)?;
        let end = start.checked_add(self.sector)?.min(self.bytes.len());
        self.bytes.get(start..end).filter(|part| !part.is_empty())
    }

    fn read_fat(&mut self) -> Option<()> {
        let most = self.bytes.len() / self.sector + 1;
        let mut places: Vec<u32> =
            (0..109).filter_map(|index| u32_at(&self.bytes, 76 + index * 4)).take_while(|place| *place < END_OF_CHAIN - 2).collect();
        let mut next = u32_at(&self.bytes, 68)?;
        while next < END_OF_CHAIN - 2 {
            let part = self.sector_at(next)?;
            let count = self.sector / 4 - 1;
            places.extend((0..count).filter_map(|index| u32_at(part, index * 4)).take_while(|place| *place < END_OF_CHAIN - 2));
            next = u32_at(part, count * 4)?;
            if places.len() > most {
                return None;
            }
        }
        let mut fat = Vec::new();
        for place in places {
            let part = self.sector_at(place)?;
            fat.extend((0..part.len() / 4).filter_map(|index| u32_at(part, index * 4)));
            if fat.len() > most + self.sector {
                break;
            }
        }
        self.fat = fat;
        Some(())
    }

    /// Sectors one behind another; none where the chain leads out of the file or round in a circle.
    fn chain(&self, start: u32) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let mut at = start;
        while at != END_OF_CHAIN {
            out.extend_from_slice(self.sector_at(at)?);
            if out.len() > self.bytes.len() {
                return None;
            }
            at = *self.fat.get(at as usize)?;
        }
        Some(out)
    }

    fn mini_chain(&self, start: u32) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let mut at = start;
        while at != END_OF_CHAIN {
            let from = (at as usize).checked_mul(self.mini_sector)?;
            out.extend_from_slice(self.mini.get(from..from.checked_add(self.mini_sector)?)?);
            if out.len() > self.mini.len() {
                return None;
            }
            at = *self.mini_fat.get(at as usize)?;
        }
        Some(out)
    }

    /// The bytes of a stream.
    pub fn stream(&self, name: &str) -> Result<Vec<u8>, GridError> {
        let read = || {
            let entry = self.entries.iter().find(|entry| entry.name == name)?;
            let mut bytes = if entry.size < self.cutoff { self.mini_chain(entry.start)? } else { self.chain(entry.start)? };
            let size = usize::try_from(entry.size).ok().filter(|size| *size <= bytes.len())?;
            bytes.truncate(size);
            Some(bytes)
        };
        read().ok_or_else(damaged)
    }
}

fn entry(bytes: &[u8]) -> Option<Entry> {
    let length = usize::from(u16_at(bytes, 64)?).checked_sub(2)?.min(62);
    if bytes.get(66) == Some(&0) {
        return None;
    }
    let units: Vec<u16> = (0..length / 2).filter_map(|index| u16_at(bytes, index * 2)).collect();
    // the upper half of the size is not used in files of 512-byte sectors
    Some(Entry { name: String::from_utf16_lossy(&units), start: u32_at(bytes, 116)?, size: u64::from(u32_at(bytes, 120)?) })
}
