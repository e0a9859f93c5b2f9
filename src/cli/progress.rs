//! One line on a terminal while something long is going on; nothing in a pipe.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::output::{clean, counted};

/// How often the line moves.
const TICK: Duration = Duration::from_millis(120);

/// A line on standard error that goes away when it is dropped.
pub(super) struct Progress {
    bar: ProgressBar,
    label: String,
}

impl Progress {
    /// Begins; indicatif draws nothing unless standard error is a terminal.
    pub(super) fn start(label: impl Into<String>) -> Self {
        let label = clean(&label.into());
        let bar = ProgressBar::new_spinner().with_message(label.clone());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(TICK);
        Self { bar, label }
    }

    /// So many rows have been read.
    pub(super) fn rows(&self, rows: u64) {
        self.bar.set_message(format!("{}: {} read", self.label, counted(rows, "row", "rows")));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
