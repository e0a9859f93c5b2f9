//! Bounds on what one file may ask of memory.

/// The longest record; a longer one ends the file with a finding.
pub const MAX_RECORD_BYTES: usize = 1 << 20;

/// The longest cell (OWASP ASVS 5.0, 5.2.1: limits stated for every input).
pub const MAX_CELL_BYTES: usize = 32 << 10;

/// The most columns.
pub const MAX_COLUMNS: usize = 512;

/// The largest `datapackage.json`.
pub const MAX_DESCRIPTOR_BYTES: u64 = 4 << 20;

/// How many bytes of lines are sorted in memory before they go to a temporary file; as many again are taken meanwhile.
pub const SORT_BUFFER_BYTES: usize = 32 << 20;

/// The largest workbook.
pub const MAX_WORKBOOK_BYTES: u64 = 256 << 20;

/// The most members of an archive.
pub const MAX_ARCHIVE_MEMBERS: usize = 10_000;

/// The most that one member of an archive may inflate to.
pub const MAX_INFLATED_BYTES: u64 = 2 << 30;

/// The most that a member may inflate to, as a multiple of its packed size, once it is larger than [`RATIO_FREE_BYTES`].
pub const MAX_INFLATED_RATIO: u64 = 200;

/// Up to here a member may inflate as it likes.
pub const RATIO_FREE_BYTES: u64 = 16 << 20;

/// The longest text of a workbook's cell: 32,767 characters and what they may take in UTF-8.
pub const MAX_STRING_BYTES: usize = 128 << 10;

/// The most text that the cells of a workbook share.
pub const MAX_STRINGS_BYTES: usize = 128 << 20;

/// How deep elements of XML and members of JSON may be nested.
pub const MAX_DEPTH: usize = 64;

/// The most that the names of an object's records may take.
pub const MAX_NAMES_BYTES: usize = 64 << 20;

/// The largest binary workbook, which is read into memory; Excel itself holds 65,536 rows in one.
pub const MAX_OLE_BYTES: u64 = 64 << 20;
