//! Work that several threads do at once and whose results come in order, so that no outcome hangs on their number or their speed.
//!
//! What waits between threads is bounded, so memory is as well, whatever the number of items.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// More threads than this gain nothing: whoever takes the results in order keeps up with no more.
const MOST_THREADS: usize = 8;

/// Items and results that may wait at each thread.
const WAITING: usize = 2;

fn threads() -> usize {
    thread::available_parallelism().map_or(1, std::num::NonZero::get).min(MOST_THREADS)
}

/// Does `work` on every item over the cores, and hands the results to `take` in the order of the items.
///
/// Items are drawn on a thread of their own, results are taken on the caller's. A single item is not worth a thread.
///
/// # Errors
/// What `take` returns; then no more items are drawn than were already under way.
pub fn in_order<T: Send, R: Send, E>(
    items: impl Iterator<Item = T> + Send,
    work: impl Fn(T) -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let mut items = items;
    let Some(first) = items.next() else { return Ok(()) };
    let Some(second) = items.next() else { return take(work(first)) };
    let threads = threads();
    if threads < 2 {
        return [first, second].into_iter().chain(items).try_for_each(|item| take(work(item)));
    }
    thread::scope(|scope| {
        let work = &work;
        let (mut to, mut from): (Vec<SyncSender<T>>, Vec<Receiver<R>>) = (Vec::new(), Vec::new());
        for _ in 0..threads {
            let (item_to, item_from) = sync_channel(WAITING);
            let (result_to, result_from) = sync_channel(WAITING);
            to.push(item_to);
            from.push(result_from);
            // whoever does not listen any more ends the thread
            scope.spawn(move || item_from.into_iter().map(work).try_for_each(|result| result_to.send(result)));
        }
        scope.spawn(move || {
            let turns = (0..to.len()).cycle();
            [first, second].into_iter().chain(items).zip(turns).try_for_each(|(item, turn)| to.get(turn).map(|to| to.send(item))?.ok())
        });
        // each thread has every so-manieth item, so the first that has no more ends it
        from.iter().cycle().map_while(|from| from.recv().ok()).try_for_each(&mut take)
    })
}

/// Items drawn ahead that are handed over at a time.
const HANDED: usize = 256;

/// Draws items on a thread of their own and hands them to `take` in their order.
///
/// # Errors
/// What `take` returns.
pub fn ahead<T: Send, E>(items: impl Iterator<Item = T> + Send, mut take: impl FnMut(T) -> Result<(), E>) -> Result<(), E> {
    let mut items = items.fuse();
    let mut next = move || Some(items.by_ref().take(HANDED).collect::<Vec<T>>()).filter(|drawn| !drawn.is_empty());
    let Some(first) = next() else { return Ok(()) };
    if first.len() < HANDED || threads() < 2 {
        return std::iter::once(first).chain(std::iter::from_fn(next)).flatten().try_for_each(take);
    }
    thread::scope(|scope| {
        let (to, from) = sync_channel(WAITING);
        scope.spawn(move || std::iter::once(first).chain(std::iter::from_fn(next)).try_for_each(|drawn| to.send(drawn)));
        from.into_iter().flatten().try_for_each(&mut take)
    })
}

/// Does two things at once, and gives what both gave.
pub fn both<A: Send, B>(other: impl FnOnce() -> A + Send, own: impl FnOnce() -> B) -> (A, B) {
    thread::scope(|scope| {
        let other = scope.spawn(other);
        let own = own();
        (other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), own)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn results_come_in_the_order_of_the_items() {
        for count in [0_u64, 1, 2, 3, 1000] {
            let mut taken = Vec::new();
            let uneven = |item: u64| {
                std::thread::sleep(std::time::Duration::from_micros(item % 7 * 20));
                item * 2
            };
            in_order(0..count, uneven, |result| {
                taken.push(result);
                Ok::<_, ()>(())
            })
            .unwrap();
            assert_eq!(taken, (0..count).map(|item| item * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_error_ends_it_and_draws_no_more() {
        let drawn = AtomicUsize::new(0);
        let items = (0..1_000_000).inspect(|_| {
            drawn.fetch_add(1, Ordering::Relaxed);
        });
        let mut taken = 0;
        let ended = in_order(
            items,
            |item| item,
            |item| {
                taken += 1;
                if item == 10 { Err("enough") } else { Ok(()) }
            },
        );
        assert_eq!((ended, taken), (Err("enough"), 11));
        assert!(drawn.load(Ordering::Relaxed) < 1000);
    }

    #[test]
    fn a_panic_is_no_end() {
        let panics = std::panic::catch_unwind(|| in_order(0..100, |item| assert!(item != 50), |()| Ok::<_, ()>(())));
        assert!(panics.is_err());
        assert!(std::panic::catch_unwind(|| both(|| panic!("other"), || ())).is_err());
    }

    #[test]
    fn what_is_drawn_ahead_comes_in_order() {
        for count in [0, 1, 255, 256, 257, 5000] {
            let mut taken = Vec::new();
            ahead(0..count, |item| {
                taken.push(item);
                Ok::<_, ()>(())
            })
            .unwrap();
            assert_eq!(taken, (0..count).collect::<Vec<_>>());
        }
        assert_eq!(ahead(0..1_000_000, |item| if item == 700 { Err(item) } else { Ok(()) }), Err(700));
    }

    #[test]
    fn both_are_done() {
        assert_eq!(both(|| 1, || "a"), (1, "a"));
    }
}
