//! Which lines were hashed lately, so that a line that many ask for is not hashed for each of them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// How long a line that was hashed counts as sound: as long as a cache may keep an answer that names a release (`max-age=60`).
const FRESH: Duration = Duration::from_secs(60);

/// A bit for each line, and since when the bits count; all are forgotten at once.
pub(super) struct Checked {
    bits: Vec<AtomicU64>,
    born: Instant,
    /// In which period of [`FRESH`] the bits were set.
    period: AtomicU64,
}

impl Checked {
    /// Nothing was hashed of so many lines.
    pub(super) fn new(lines: usize) -> Self {
        let bits = (0..lines.div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        Self { bits, born: Instant::now(), period: AtomicU64::new(0) }
    }

    /// Whether a line was hashed within the present period, and was sound.
    pub(super) fn is_fresh(&self, number: usize) -> bool {
        self.is_fresh_at(number, self.born.elapsed())
    }

    /// Remembers that a line was hashed and is sound.
    pub(super) fn mark(&self, number: usize) {
        if let Some(word) = self.bits.get(number / 64) {
            word.fetch_or(1 << (number % 64), Ordering::Relaxed);
        }
    }

    fn is_fresh_at(&self, number: usize, age: Duration) -> bool {
        let period = age.as_secs() / FRESH.as_secs();
        if self.period.load(Ordering::Relaxed) != period {
            self.period.store(period, Ordering::Relaxed);
            self.bits.iter().for_each(|word| word.store(0, Ordering::Relaxed));
        }
        self.bits.get(number / 64).is_some_and(|word| word.load(Ordering::Relaxed) >> (number % 64) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_hashed_is_forgotten_after_a_while() {
        let checked = Checked::new(70);
        let at = |number, seconds| checked.is_fresh_at(number, Duration::from_secs(seconds));
        assert!(!at(69, 0));
        checked.mark(69);
        assert!(at(69, 0) && at(69, 59) && !at(5, 59));
        assert!(!at(69, 60), "a new period");
        checked.mark(5);
        assert!(at(5, 119) && !at(5, 600));
        assert!(!at(70_000, 600));
        checked.mark(70_000);
    }
}
