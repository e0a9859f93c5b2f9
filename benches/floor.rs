//! The least that an import can take: rows of a CSV file as typed values, and the SHA-256 of the file. Nothing is checked or kept.
//!
//! `floor CSV` prints how many rows there are, and the digest.

use std::error::Error;
use std::fs::File;
use std::io::{self, Read};

use serde::Deserialize;
use sha2::{Digest, Sha256};

/// The columns that `scripts/generate-package` writes.
#[derive(Deserialize)]
#[expect(dead_code, reason = "reading them is what is measured")]
struct Row<'a> {
    key: &'a str,
    activity: &'a str,
    kind: &'a str,
    name_en: &'a str,
    name_zh: &'a str,
    region: &'a str,
    year: u16,
    value: f64,
    metric: &'a str,
    per: &'a str,
    gwp: &'a str,
    co2e_origin: &'a str,
    category: &'a str,
    co2_fossil: Option<f64>,
    ch4_fossil: Option<f64>,
    n2o: Option<f64>,
    source: &'a str,
    locator: &'a str,
    value_text: &'a str,
    unit_text: &'a str,
}

/// Bytes that are hashed on their way.
struct Hashed {
    file: File,
    hash: Sha256,
}

impl Read for Hashed {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(into)?;
        self.hash.update(into.get(..count).unwrap_or_default());
        Ok(count)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let Some(path) = std::env::args().skip(1).find(|argument| argument != "--bench") else {
        println!("usage: floor CSV; scripts/bench runs it");
        return Ok(());
    };
    let mut input = Hashed { file: File::open(path)?, hash: Sha256::new() };
    let mut reader = csv::ReaderBuilder::new().buffer_capacity(1 << 20).from_reader(&mut input);
    let header = reader.headers()?.clone();
    let mut record = csv::StringRecord::new();
    let mut rows = 0u64;
    while reader.read_record(&mut record)? {
        std::hint::black_box(record.deserialize::<Row<'_>>(Some(&header))?);
        rows += 1;
    }
    drop(reader);
    println!("{rows} rows, sha256:{}", hex::encode(input.hash.finalize()));
    Ok(())
}
