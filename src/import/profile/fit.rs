//! Which shipped profiles a file looks made for, to tell a steward who named none.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use super::Profile;
use super::bind::HeaderSearch;
use crate::import::grid::{GridCells, GridFile, GridRow};

/// How many records without a header are looked at.
const RECORDS_SEEN: usize = 20;

/// The shipped profiles whose header, or whose records' members, the file has; none for what is no table.
pub fn fitting(path: &Path) -> Vec<&'static str> {
    let Ok(grid) = GridFile::open(path) else { return Vec::new() };
    let fits = |name: &&str| Profile::open(name).is_ok_and(|profile| profile.fits(&grid));
    Profile::shipped().into_iter().filter(fits).collect()
}

impl Profile {
    fn fits(&self, grid: &GridFile) -> bool {
        let sheets = grid.sheets().unwrap_or_default();
        if !sheets.is_empty() && !self.wish.sheets.is_empty() && !self.wish.sheets.iter().any(|wished| sheets.contains(wished)) {
            return false;
        }
        let mut look = Look { header: HeaderSearch::default(), members: BTreeSet::new(), records: 0, found: false };
        // the reading is ended by an error once enough was seen
        let ended = grid.rows(&self.wish, &mut |row| if look.take(self, row) { Err(io::Error::other("enough was seen")) } else { Ok(()) });
        drop(ended);
        look.found || look.has_members(self)
    }
}

struct Look {
    header: HeaderSearch,
    members: BTreeSet<String>,
    records: usize,
    found: bool,
}

impl Look {
    /// Whether enough was seen.
    fn take(&mut self, profile: &Profile, row: GridRow) -> bool {
        match (&row.cells, &profile.header) {
            (GridCells::Placed(cells), Some(rule)) => {
                if let Some(labels) = self.header.take(rule, cells) {
                    self.found = profile.bind(labels).is_ok();
                    return true;
                }
                self.header.is_over(rule)
            }
            (GridCells::Placed(_), None) => true,
            (GridCells::Named(cells), _) => {
                self.members.extend(cells.keys().cloned());
                self.records += 1;
                self.records >= RECORDS_SEEN
            }
        }
    }

    fn has_members(&self, profile: &Profile) -> bool {
        let wanted = |rule: &&super::rules::ColumnRule| !rule.optional;
        self.records > 0 && profile.columns.iter().filter(wanted).all(|rule| rule.labels.iter().any(|path| self.members.contains(path)))
    }
}
