//! Bounds on what one file may ask of memory.

/// The longest record; a longer one ends the file with a finding.
pub const MAX_RECORD_BYTES: usize = 1 << 20;

/// The longest cell (OWASP ASVS 5.0, 5.2.1: limits stated for every input).
pub const MAX_CELL_BYTES: usize = 32 << 10;

/// The most columns.
pub const MAX_COLUMNS: usize = 512;

/// The largest `datapackage.json`.
pub const MAX_DESCRIPTOR_BYTES: u64 = 4 << 20;

/// How many bytes of lines are sorted in memory before they go to a temporary file.
pub const SORT_BUFFER_BYTES: usize = 64 << 20;
