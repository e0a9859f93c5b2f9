//! The end of a server that is not the end of its process.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Ends the servers that were given it: they listen no more, and what they do in the background ends within seconds.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Tells them to end.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Whether they were told to.
    pub(super) fn is_told(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Rests for a while; says whether there is reason to go on.
    pub(super) fn rest(&self, time: Duration) -> bool {
        std::thread::sleep(time);
        !self.is_told()
    }
}

/// The same where telling one tells the other.
impl PartialEq for Stop {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Stop {}
