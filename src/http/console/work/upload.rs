//! Files that were uploaded and wait for whoever uploaded them to say what becomes of them.
//!
//! Beside the file lies who brought it, for which dataset, so that nobody else decides on it.

use serde::{Deserialize, Serialize};

use crate::dataset::DatasetId;
use crate::desk::upload_file;
use crate::http::Problem;
use crate::release::{Ground, ReleaseError};

/// What is known of a file that waits.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) actor: String,
    pub(super) dataset: String,
    pub(super) file_name: String,
    pub(super) bytes: u64,
}

impl Kept {
    /// Writes it down beside the file.
    pub(super) fn write(&self, ground: &Ground, folder: &str) -> Result<(), Problem> {
        let text = serde_json::to_vec(self).map_err(|error| Problem::fault(&error))?;
        std::fs::write(ground.uploads().join(folder).join("about.json"), text).map_err(|error| ReleaseError::Io(error).into())
    }

    /// Leaves the file to its import.
    pub(super) fn forget(ground: &Ground, folder: &str) {
        drop(std::fs::remove_file(ground.uploads().join(folder).join("about.json")));
    }

    /// What waits in a folder, for this person and this dataset.
    ///
    /// # Errors
    /// `no-import` where nothing does, or it is somebody else's.
    pub(super) fn read(ground: &Ground, folder: &str, dataset: &DatasetId, actor: &str) -> Result<Self, Problem> {
        let gone = || Problem::new("no-import", "what was uploaded is not there any more, or is another person's: upload it again");
        let sound = folder.len() == 32 && folder.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        if !sound {
            return Err(gone());
        }
        let home = ground.uploads().join(folder);
        let text = std::fs::read(home.join("about.json")).map_err(|_| gone())?;
        let kept: Self = serde_json::from_slice(&text).map_err(|_| gone())?;
        let own = kept.actor == actor && kept.dataset == dataset.as_str() && upload_file(&home, &kept.file_name).is_file();
        if own { Ok(kept) } else { Err(gone()) }
    }
}
