//! Rows of a sheet as they are put together from cells: what is empty costs nothing.

use std::io;

use super::fault::wrong;
use super::{Cell, GridCells, GridError, GridRow};
use crate::import::limits::{MAX_COLUMNS, MAX_RECORD_BYTES};

/// Takes cells, and hands out rows up to the last that holds something.
pub(super) struct RowTaker<'a> {
    take: &'a mut dyn FnMut(GridRow) -> io::Result<()>,
    cells: Vec<Cell>,
    bytes: usize,
    handed_out: u64,
}

impl<'a> RowTaker<'a> {
    /// Nothing was taken yet.
    pub fn new(take: &'a mut dyn FnMut(GridRow) -> io::Result<()>) -> Self {
        Self { take, cells: Vec::new(), bytes: 0, handed_out: 0 }
    }

    /// A cell of the row that is being read; the first column is 0.
    pub fn put(&mut self, row: u64, column: usize, cell: Cell) -> Result<(), GridError> {
        if cell.text.is_empty() && cell.stored.is_none() {
            return Ok(());
        }
        if column >= MAX_COLUMNS {
            return Err(wrong(
                "row-too-long",
                row,
                format!("row {row} has something in column {}; at most {MAX_COLUMNS} are read", column + 1),
            ));
        }
        self.bytes += cell.text.len();
        if self.bytes > MAX_RECORD_BYTES {
            return Err(wrong("row-too-long", row, format!("row {row} is longer than {MAX_RECORD_BYTES} bytes")));
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, Cell::default());
        }
        if let Some(place) = self.cells.get_mut(column) {
            *place = cell;
        }
        Ok(())
    }

    /// The row ends, and stands so many times; blank ones are handed out once another follows that is not.
    pub fn end_rows(&mut self, row: u64, times: u64) -> Result<(), GridError> {
        self.bytes = 0;
        if self.cells.is_empty() {
            return Ok(());
        }
        for blank in self.handed_out + 1..row {
            (self.take)(GridRow { row: blank, cells: GridCells::Placed(Vec::new()) })?;
        }
        let cells = std::mem::take(&mut self.cells);
        for row in row..row.saturating_add(times) {
            self.handed_out = row;
            (self.take)(GridRow { row, cells: GridCells::Placed(cells.clone()) })?;
        }
        Ok(())
    }

    /// The cells of the row so far.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }
}
