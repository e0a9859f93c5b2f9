//! Content codings of a release's files, the same whatever the number of threads that made them.
//!
//! A gzip file is one member (RFC 1952) whose blocks were packed apart: each is deflated on its own and ended by a sync flush,
//! so that it stops at a byte's edge and refers to nothing before it. Any reader of gzip reads it.

use std::io::{self, Write};

use flate2::{Compression, Crc};

use super::ReleaseError;
use crate::store::{BlobWriter, Blobs, StoredBlob};

/// zstd's level: 3 is its default; higher ones cost more time than lines of numbers gain.
const ZSTD_LEVEL: i32 = 3;

/// No name, no time, no hint of the level; the system is unknown (255), as it does not matter.
const GZIP_HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// The last block, which is empty.
const LAST_BLOCK: [u8; 2] = [3, 0];

/// A part of a gzip file.
pub(super) struct Packed {
    deflated: Vec<u8>,
    crc: Crc,
}

impl Packed {
    /// Packs a part.
    pub(super) fn of(bytes: &[u8]) -> io::Result<Self> {
        let mut crc = Crc::new();
        crc.update(bytes);
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::default());
        encoder.write_all(bytes)?;
        encoder.flush()?;
        Ok(Self { deflated: std::mem::take(encoder.get_mut()), crc })
    }
}

/// A gzip file in the making.
pub(super) struct Gzip<W> {
    out: W,
    crc: Crc,
}

impl<W: Write> Gzip<W> {
    /// An empty one.
    pub(super) fn new(mut out: W) -> io::Result<Self> {
        out.write_all(&GZIP_HEADER)?;
        Ok(Self { out, crc: Crc::new() })
    }

    /// Takes the next part.
    pub(super) fn push(&mut self, part: &Packed) -> io::Result<()> {
        self.crc.combine(&part.crc);
        self.out.write_all(&part.deflated)
    }

    /// Ends it.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.out.write_all(&LAST_BLOCK)?;
        self.out.write_all(&self.crc.sum().to_le_bytes())?;
        self.out.write_all(&self.crc.amount().to_le_bytes())?;
        Ok(self.out)
    }
}

/// The gzip coding of a stored file that is small enough for memory.
pub(super) fn gzip_of(blobs: &Blobs, bytes: &[u8]) -> Result<StoredBlob, ReleaseError> {
    let mut gzip = Gzip::new(blobs.writer()?)?;
    gzip.push(&Packed::of(bytes)?)?;
    Ok(gzip.finish()?.finish()?)
}

/// The zstd coding of a stored file: one frame that tells its size.
pub(super) fn zstd_of(blobs: &Blobs, stored: StoredBlob) -> Result<StoredBlob, ReleaseError> {
    let mut zstd = zstd::Encoder::new(blobs.writer()?, ZSTD_LEVEL)?;
    zstd.include_checksum(true)?;
    zstd.set_pledged_src_size(Some(stored.bytes))?;
    let mut file = io::BufReader::with_capacity(1 << 20, blobs.open_blob(stored.digest)?);
    io::copy(&mut file, &mut zstd)?;
    Ok(BlobWriter::finish(zstd.finish()?)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn gzip(parts: &[&[u8]]) -> Vec<u8> {
        let mut gzip = Gzip::new(Vec::new()).unwrap();
        for part in parts {
            gzip.push(&Packed::of(part).unwrap()).unwrap();
        }
        gzip.finish().unwrap()
    }

    #[test]
    fn parts_make_one_member() {
        let noise: Vec<u8> = (0..300_000_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        let text = "the same words, ".repeat(20_000);
        let rows: [&[&[u8]]; 5] = [&[], &[b""], &[b"a"], &[b"a", b"", b"bc"], &[&noise, text.as_bytes(), &noise, b"\n"]];
        for parts in rows {
            let packed = gzip(parts);
            // the strict reader takes one member, and nothing may follow it
            let mut decoder = flate2::bufread::GzDecoder::new(packed.as_slice());
            let mut unpacked = Vec::new();
            decoder.read_to_end(&mut unpacked).unwrap();
            assert!(unpacked == parts.concat() && decoder.into_inner().is_empty());
            assert_eq!(packed, gzip(parts), "packed twice");
        }
    }

    #[test]
    fn a_changed_byte_is_noticed() {
        let packed = gzip(&[b"some words", b"and others"]);
        for place in GZIP_HEADER.len()..packed.len() {
            let mut changed = packed.clone();
            changed[place] ^= 1;
            let mut unpacked = Vec::new();
            let read = flate2::bufread::GzDecoder::new(changed.as_slice()).read_to_end(&mut unpacked);
            assert!(read.is_err() || unpacked != b"some wordsand others", "{place}");
        }
    }
}
