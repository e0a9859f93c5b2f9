//! Turns for what looks at many factors: as many at once as there are cores, the others in the order in which they came.

use std::sync::Arc;
use std::time::Duration;

use actix_web::rt::time::timeout;
use actix_web::web::block;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Problem;

/// How long somebody waits for a turn: what is under way may itself be waiting, for an index that is being built.
const LONGEST: Duration = Duration::from_secs(2);

/// Turns that are taken. More at once would share the cores and their caches, and each takes memory for what it finds.
#[derive(Debug, Clone)]
pub(super) struct Turns {
    free: Arc<Semaphore>,
    longest: Duration,
}

impl Turns {
    /// A turn for each core.
    pub(super) fn of_cores() -> Self {
        Self::new(std::thread::available_parallelism().map_or(2, usize::from), LONGEST)
    }

    fn new(count: usize, longest: Duration) -> Self {
        Self { free: Arc::new(Semaphore::new(count)), longest }
    }

    /// A turn that lasts until it is dropped; none after the longest wait.
    pub(super) async fn next(&self) -> Option<OwnedSemaphorePermit> {
        timeout(self.longest, self.free.clone().acquire_owned()).await.ok()?.ok()
    }

    /// Does the work on a thread that answers nobody else, when its turn comes, or without one after the longest wait.
    ///
    /// # Errors
    /// `fault` where the work did not end.
    pub(super) async fn take<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let turn = self.next().await;
        let done = block(move || {
            // the turn lasts as long as the work, which goes on when whoever asked has gone
            let _turn = turn;
            work()
        });
        done.await.map_err(|error| Problem::fault(&error))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use futures_util::future::join_all;

    use super::*;

    #[actix_web::test]
    async fn no_more_at_once_than_there_are_turns() {
        let turns = Turns::new(2, Duration::from_secs(600));
        let counts = Arc::new((AtomicUsize::new(0), AtomicUsize::new(0)));
        let work = || {
            let counts = counts.clone();
            turns.take(move || {
                let (now, most) = &*counts;
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::yield_now();
                now.fetch_sub(1, Ordering::SeqCst);
            })
        };
        let done = join_all((0..200).map(|_| work())).await;
        assert_eq!(done.into_iter().filter(Result::is_ok).count(), 200);
        assert!(counts.1.load(Ordering::SeqCst) <= 2);
    }

    /// Whatever holds every turn cannot hold up the others for ever.
    #[actix_web::test]
    async fn a_turn_that_does_not_end_is_not_waited_for() {
        let turns = Turns::new(1, Duration::from_millis(20));
        let (release, held) = mpsc::channel::<()>();
        let stuck = actix_web::rt::spawn({
            let turns = turns.clone();
            async move { turns.take(move || held.recv().is_ok()).await.is_ok_and(|received| received) }
        });
        actix_web::rt::task::yield_now().await;
        assert_eq!(turns.take(|| 7).await.ok(), Some(7));
        release.send(()).unwrap();
        assert!(stuck.await.unwrap());
    }
}
