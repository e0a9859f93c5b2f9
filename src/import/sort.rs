//! Lines in order of key, with bounded memory: sorted runs on disk, then a merge.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use super::limits::SORT_BUFFER_BYTES;

/// A factor's line with its key and the row that it came from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyedLine {
    /// The factor's key.
    pub key: String,
    /// The row of the source table.
    pub row: u64,
    /// The canonical line.
    pub line: Vec<u8>,
}

/// Takes lines in any order.
pub struct Sorter {
    buffer: Vec<KeyedLine>,
    buffered_bytes: usize,
    runs: Vec<std::fs::File>,
    limit: usize,
}

impl Default for Sorter {
    fn default() -> Self {
        Self::with_limit(SORT_BUFFER_BYTES)
    }
}

impl Sorter {
    /// Keeps about so many bytes in memory.
    pub fn with_limit(limit: usize) -> Self {
        Self { buffer: Vec::new(), buffered_bytes: 0, runs: Vec::new(), limit }
    }

    /// Takes one line.
    pub fn push(&mut self, key: String, row: u64, line: Vec<u8>) -> io::Result<()> {
        self.buffered_bytes += key.len() + line.len() + size_of::<KeyedLine>();
        self.buffer.push(KeyedLine { key, row, line });
        if self.buffered_bytes > self.limit { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> io::Result<()> {
        self.buffer.sort_unstable();
        let mut out = BufWriter::with_capacity(1 << 20, tempfile::tempfile()?);
        for entry in self.buffer.drain(..) {
            write_entry(&mut out, &entry)?;
        }
        let mut run = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        run.seek(SeekFrom::Start(0))?;
        self.runs.push(run);
        self.buffered_bytes = 0;
        Ok(())
    }

    /// All lines by key, then row; equal keys follow each other.
    pub fn finish(mut self) -> io::Result<SortedLines> {
        self.buffer.sort_unstable();
        let mut sources: Vec<Run> = self.runs.into_iter().map(|file| Run::Disk(BufReader::with_capacity(1 << 18, file))).collect();
        sources.push(Run::Memory(self.buffer.into_iter()));
        let mut heap = BinaryHeap::new();
        for (position, source) in sources.iter_mut().enumerate() {
            heap.extend(source.next_entry()?.map(|entry| Reverse((entry, position))));
        }
        Ok(SortedLines { sources, heap })
    }
}

enum Run {
    Disk(BufReader<std::fs::File>),
    Memory(std::vec::IntoIter<KeyedLine>),
}

impl Run {
    fn next_entry(&mut self) -> io::Result<Option<KeyedLine>> {
        match self {
            Self::Memory(entries) => Ok(entries.next()),
            Self::Disk(file) => read_entry(file),
        }
    }
}

/// Lines in order of key.
pub struct SortedLines {
    sources: Vec<Run>,
    heap: BinaryHeap<Reverse<(KeyedLine, usize)>>,
}

impl Iterator for SortedLines {
    type Item = io::Result<KeyedLine>;

    fn next(&mut self) -> Option<Self::Item> {
        let Reverse((entry, position)) = self.heap.pop()?;
        match self.sources.get_mut(position).map(Run::next_entry) {
            Some(Ok(following)) => self.heap.extend(following.map(|next| Reverse((next, position)))),
            Some(Err(error)) => return Some(Err(error)),
            None => {}
        }
        Some(Ok(entry))
    }
}

fn write_entry(out: &mut impl Write, entry: &KeyedLine) -> io::Result<()> {
    for part in [entry.key.as_bytes(), &entry.row.to_le_bytes(), &entry.line] {
        let length = u32::try_from(part.len()).map_err(io::Error::other)?;
        out.write_all(&length.to_le_bytes())?;
        out.write_all(part)?;
    }
    Ok(())
}

fn read_entry(file: &mut impl Read) -> io::Result<Option<KeyedLine>> {
    let Some(key) = read_part(file)? else { return Ok(None) };
    let row = read_part(file)?.and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes);
    match (String::from_utf8(key), row, read_part(file)?) {
        (Ok(key), Some(row), Some(line)) => Ok(Some(KeyedLine { key, row, line })),
        _ => Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
    }
}

fn read_part(file: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match file.read_exact(&mut length) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let mut bytes = vec![0; u32::from_le_bytes(length) as usize];
    file.read_exact(&mut bytes)?;
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn spilled_runs_come_back_sorted(keys in proptest::collection::vec("[a-c]{1,3}", 0..200), limit in 1usize..2000) {
            let mut sorter = Sorter::with_limit(limit);
            for (row, key) in keys.iter().enumerate() {
                sorter.push(key.clone(), row as u64, key.clone().into_bytes()).unwrap();
            }
            let sorted: Vec<_> = sorter.finish().unwrap().map(|entry| { let entry = entry.unwrap(); (entry.key, entry.row) }).collect();
            let mut expected: Vec<_> = keys.into_iter().enumerate().map(|(row, key)| (key, row as u64)).collect();
            expected.sort();
            prop_assert_eq!(sorted, expected);
        }
    }
}
