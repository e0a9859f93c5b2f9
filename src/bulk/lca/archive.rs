//! A zip that follows from its members alone: no times, one order, the members as they come.

use std::collections::BTreeSet;
use std::io::{self, Seek, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The most factors in an archive of data sets: each is a file or more, and no reader of the format takes more at once.
pub(super) const MAX_FACTORS: usize = 200_000;

/// An archive that is being written.
pub(super) struct Archive<W: Write + Seek> {
    zip: ZipWriter<W>,
    names: BTreeSet<String>,
}

impl<W: Write + Seek> Archive<W> {
    pub(super) fn new(out: W) -> Self {
        Self { zip: ZipWriter::new(out), names: BTreeSet::new() }
    }

    /// Adds a member.
    pub(super) fn add(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default())
            .unix_permissions(0o644);
        self.zip.start_file(name, options).map_err(io::Error::other)?;
        self.zip.write_all(bytes)
    }

    /// Adds a member that several factors share, once.
    pub(super) fn add_once(&mut self, name: String, bytes: impl FnOnce() -> io::Result<Vec<u8>>) -> io::Result<()> {
        if self.names.contains(&name) {
            return Ok(());
        }
        self.add(&name, &bytes()?)?;
        self.names.insert(name);
        Ok(())
    }

    /// Writes the directory.
    pub(super) fn finish(self) -> io::Result<()> {
        self.zip.finish().map_err(io::Error::other)?.flush()
    }
}
