//! Exchange formats of life cycle assessment and of product footprints: what they declare, and nothing computed from it.
//!
//! A data set gives factors where it declares a climate change result. An
//! inventory without one is passed over and counted; a file with nothing else
//! is refused, and told what it holds. `docs/formats.md` says what is read.

mod draft;
mod ecospold;
mod footprint;
mod ilcd;
mod indicator;
mod json;
mod openlca;
mod places;
mod record;
mod result;
mod units;
mod xml;

use std::io;

use record::Recorder;
pub use record::Words;

use super::archive::{Member, Tree, TreeError};
use super::entry::TakeStep;

/// The largest JSON document or ILCD data set that is read.
const MAX_DOCUMENT_BYTES: u64 = 32 << 20;

/// How much of an XML document is looked at to know its root.
const START_BYTES: u64 = 16 << 10;

/// How many members are looked at to know a format.
const LOOKED_AT: usize = 200;

/// A format of exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LcaFormat {
    /// openLCA JSON-LD (olca-schema 1 and 2).
    OpenLca,
    /// ILCD, also with the EPD extensions (EN 15804).
    Ilcd,
    /// EcoSpold 1 and 2.
    EcoSpold,
    /// PACT product footprints, versions 1 to 3.
    Pact,
    /// Catena-X product carbon footprints.
    CatenaX,
}

impl LcaFormat {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::OpenLca, Self::Ilcd, Self::EcoSpold, Self::Pact, Self::CatenaX];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenLca => "openlca",
            Self::Ilcd => "ilcd",
            Self::EcoSpold => "ecospold",
            Self::Pact => "pact",
            Self::CatenaX => "catena-x",
        }
    }

    /// The format with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }
}

/// The format of a tree, told by its content.
///
/// # Errors
/// What the disk says.
pub fn detect(tree: &Tree) -> io::Result<Option<LcaFormat>> {
    for member in tree.members().iter().filter(|member| !member.has_ending("csv") && !member.has_ending("md")).take(LOOKED_AT) {
        let start = match tree.start(member, START_BYTES) {
            Ok(start) => start,
            Err(error) if record::is_unreadable(&error) => continue,
            Err(error) => return Err(error),
        };
        let found = if is_json(&start) { detect_json(tree, member)? } else { detect_xml(&start) };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn is_json(start: &[u8]) -> bool {
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    text.starts_with(b"{") || text.starts_with(b"[")
}

fn detect_json(tree: &Tree, member: &Member) -> io::Result<Option<LcaFormat>> {
    let Some(document) = tree.read(member, MAX_DOCUMENT_BYTES).ok().and_then(|bytes| json::Json::read(&bytes).ok()) else {
        return Ok(None);
    };
    let footprint = footprint::footprints(&document).first().map(|(_, footprint)| footprint::format(footprint));
    Ok(footprint.or_else(|| openlca::is_entity(&document).then_some(LcaFormat::OpenLca)))
}

fn detect_xml(start: &[u8]) -> Option<LcaFormat> {
    let root = xml::root(start).ok()?;
    let space = root.attribute("xmlns").unwrap_or_default();
    let text = String::from_utf8_lossy(start);
    match root.name.as_str() {
        "ecoSpold" => Some(LcaFormat::EcoSpold),
        _ if space.starts_with("http://lca.jrc.it/ILCD/") || text.contains("http://lca.jrc.it/ILCD/") => Some(LcaFormat::Ilcd),
        _ => None,
    }
}

/// Reads every data set of a tree; each is named by one step, its row being its place among the sorted data sets.
///
/// # Errors
/// What the disk, the archive or `take` says; what is wrong with the data is in the steps.
pub fn read(format: LcaFormat, tree: &Tree, take: &mut TakeStep<'_>) -> Result<(), TreeError> {
    scan(format, tree, &mut Words::default(), take)
}

/// What the files say of themselves: the sources that the cells cite, and licences in their own words.
///
/// None of these formats has a title for a whole file, so that is the steward's to give.
///
/// # Errors
/// As [`read`].
pub fn words(format: LcaFormat, tree: &Tree) -> Result<Words, TreeError> {
    let mut words = Words::default();
    scan(format, tree, &mut words, &mut |_| Ok(()))?;
    Ok(words)
}

/// Both in one reading.
///
/// # Errors
/// As [`read`].
pub fn scan(format: LcaFormat, tree: &Tree, words: &mut Words, take: &mut TakeStep<'_>) -> Result<(), TreeError> {
    let mut recorder = Recorder::new(format, tree, words, take);
    match format {
        LcaFormat::OpenLca => openlca::read(tree, &mut recorder)?,
        LcaFormat::Ilcd => ilcd::read(tree, &mut recorder)?,
        LcaFormat::EcoSpold => ecospold::read(tree, &mut recorder)?,
        LcaFormat::Pact | LcaFormat::CatenaX => footprint::read(tree, &mut recorder)?,
    }
    recorder.finish()?;
    Ok(())
}
