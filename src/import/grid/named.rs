//! A record's members as they are put together.

use std::collections::BTreeMap;

use super::fault::wrong;
use super::{Cell, GridCells, GridError};
use crate::import::limits::MAX_RECORD_BYTES;

/// Members by path, each there once; the paths may not grow beyond measure either.
pub(super) struct Named {
    row: u64,
    cells: BTreeMap<String, Cell>,
    path_bytes: usize,
}

impl Named {
    /// Of the record with this number.
    pub fn new(row: u64) -> Self {
        Self { row, cells: BTreeMap::new(), path_bytes: 0 }
    }

    /// Another path of so many bytes.
    pub fn allow(&mut self, bytes: usize) -> Result<(), GridError> {
        self.path_bytes += bytes;
        if self.path_bytes > 8 * MAX_RECORD_BYTES {
            return Err(wrong("row-too-long", self.row, format!("record {}: the paths of its members are too long", self.row)));
        }
        Ok(())
    }

    /// A member; two by the same path are an error.
    pub fn put(&mut self, path: String, cell: Cell) -> Result<(), GridError> {
        if self.cells.contains_key(&path) {
            return Err(wrong("duplicate-member", self.row, format!("record {} has the member `{path}` twice", self.row)));
        }
        self.cells.insert(path, cell);
        Ok(())
    }

    /// All of them.
    pub fn into_cells(self) -> GridCells {
        GridCells::Named(self.cells)
    }
}
