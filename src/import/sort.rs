//! Lines in order of key, with bounded memory: sorted runs on disk, then a merge.

use std::io::{self, BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::thread::JoinHandle;

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

/// Lines that wait to be sorted: keys beside each other, since they are compared, and lines elsewhere.
#[derive(Default)]
struct Buffer {
    keys: String,
    lines: Vec<u8>,
    entries: Vec<Entry>,
}

/// Where a line and its key stand in a buffer.
#[derive(Clone, Copy)]
struct Entry {
    key: (usize, usize),
    line: (usize, usize),
    row: u64,
}

impl Buffer {
    fn push(&mut self, key: &str, row: u64, line: &[u8]) {
        let (key_start, line_start) = (self.keys.len(), self.lines.len());
        self.keys.push_str(key);
        self.lines.extend_from_slice(line);
        self.entries.push(Entry { key: (key_start, self.keys.len()), line: (line_start, self.lines.len()), row });
    }

    fn size(&self) -> usize {
        self.keys.len() + self.lines.len() + size_of_val(self.entries.as_slice())
    }

    fn key(&self, entry: &Entry) -> &str {
        self.keys.get(entry.key.0..entry.key.1).unwrap_or_default()
    }

    fn line(&self, entry: &Entry) -> &[u8] {
        self.lines.get(entry.line.0..entry.line.1).unwrap_or_default()
    }

    /// The order of [`KeyedLine`].
    fn sort(&mut self) {
        let mut entries = std::mem::take(&mut self.entries);
        let parts = |entry: &Entry| (self.key(entry), entry.row);
        entries.sort_unstable_by(|a, b| parts(a).cmp(&parts(b)).then_with(|| self.line(a).cmp(self.line(b))));
        self.entries = entries;
    }

    /// Sorts, and writes a run that can be read from its start.
    fn spill(mut self) -> io::Result<std::fs::File> {
        self.sort();
        let mut out = BufWriter::with_capacity(1 << 20, tempfile::tempfile()?);
        for entry in &self.entries {
            write_entry(&mut out, self.key(entry), entry.row, self.line(entry))?;
        }
        let mut run = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        run.seek(SeekFrom::Start(0))?;
        Ok(run)
    }
}

/// Takes lines in any order.
pub struct Sorter {
    buffer: Buffer,
    runs: Vec<std::fs::File>,
    /// The run that another thread sorts and writes while the next lines are taken.
    spilling: Option<JoinHandle<io::Result<std::fs::File>>>,
    limit: usize,
}

impl Default for Sorter {
    fn default() -> Self {
        Self::with_limit(SORT_BUFFER_BYTES)
    }
}

impl Sorter {
    /// Keeps about so many bytes in memory, and as many again while they are sorted.
    pub fn with_limit(limit: usize) -> Self {
        Self { buffer: Buffer::default(), runs: Vec::new(), spilling: None, limit }
    }

    /// Takes one line.
    pub fn push(&mut self, key: String, row: u64, line: Vec<u8>) -> io::Result<()> {
        self.buffer.push(&key, row, &line);
        if self.buffer.size() <= self.limit {
            return Ok(());
        }
        self.settle()?;
        let full = std::mem::take(&mut self.buffer);
        self.spilling = Some(std::thread::spawn(move || full.spill()));
        Ok(())
    }

    /// Waits for the run that is being written.
    fn settle(&mut self) -> io::Result<()> {
        if let Some(spilling) = self.spilling.take() {
            self.runs.push(spilling.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(())
    }

    /// All lines by key, then row; equal keys follow each other.
    pub fn finish(mut self) -> io::Result<SortedLines> {
        self.buffer.sort();
        self.settle()?;
        let disk = |file| Run::Disk(BufReader::with_capacity(1 << 18, file));
        let mut sources: Vec<Run> = self.runs.into_iter().map(disk).collect();
        sources.push(Run::Memory(self.buffer, 0));
        let mut heads = Vec::new();
        for (position, source) in sources.iter_mut().enumerate() {
            heads.extend(source.next_entry()?.map(|entry| (entry, position)));
        }
        heads.sort_unstable_by(|a, b| b.cmp(a));
        Ok(SortedLines { sources, heads })
    }
}

enum Run {
    Disk(BufReader<std::fs::File>),
    Memory(Buffer, usize),
}

impl Run {
    fn next_entry(&mut self) -> io::Result<Option<KeyedLine>> {
        match self {
            Self::Memory(buffer, next) => {
                let entry = buffer.entries.get(*next);
                *next += 1;
                let own =
                    |entry: &Entry| KeyedLine { key: buffer.key(entry).to_owned(), row: entry.row, line: buffer.line(entry).to_owned() };
                Ok(entry.map(own))
            }
            Self::Disk(file) => read_entry(file),
        }
    }
}

/// Lines in order of key.
pub struct SortedLines {
    sources: Vec<Run>,
    /// The next line of each run that has one, the last of them first.
    heads: Vec<(KeyedLine, usize)>,
}

impl Iterator for SortedLines {
    type Item = io::Result<KeyedLine>;

    fn next(&mut self) -> Option<Self::Item> {
        let (entry, position) = self.heads.pop()?;
        match self.sources.get_mut(position).map(Run::next_entry) {
            Some(Ok(Some(following))) => {
                let next = (following, position);
                let place = self.heads.partition_point(|head| *head > next);
                self.heads.insert(place, next);
            }
            Some(Err(error)) => return Some(Err(error)),
            Some(Ok(None)) | None => {}
        }
        Some(Ok(entry))
    }
}

fn write_entry(out: &mut impl Write, key: &str, row: u64, line: &[u8]) -> io::Result<()> {
    for length in [key.len(), line.len()] {
        out.write_all(&u32::try_from(length).map_err(io::Error::other)?.to_le_bytes())?;
    }
    out.write_all(&row.to_le_bytes())?;
    out.write_all(key.as_bytes())?;
    out.write_all(line)
}

fn read_entry(file: &mut impl BufRead) -> io::Result<Option<KeyedLine>> {
    if file.fill_buf()?.is_empty() {
        return Ok(None);
    }
    let (mut lengths, mut row) = ([[0; 4]; 2], [0; 8]);
    for length in &mut lengths {
        file.read_exact(length)?;
    }
    file.read_exact(&mut row)?;
    let [mut key, mut line] = lengths.map(|length| vec![0; u32::from_le_bytes(length) as usize]);
    file.read_exact(&mut key)?;
    file.read_exact(&mut line)?;
    let key = String::from_utf8(key).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    Ok(Some(KeyedLine { key, row: u64::from_le_bytes(row), line }))
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
