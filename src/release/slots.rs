//! A hash table in a file: numbers of factors, found by 64 bits that are spread evenly, in one or two reads.
//!
//! Slots of four bytes, a power of two of them and at least twice as many as there are numbers, filled with `0xff` where empty. A
//! number stands in the slot that the first bits of its hash name, or in the next that was free. Hashes are the first bytes of a
//! SHA-256, so that nobody can choose keys that stand in one heap.

use crate::canon::Digest;

const EMPTY: u32 = u32::MAX;

/// The hash of a key.
pub(super) fn key_hash(key: &[u8]) -> u64 {
    first_bits(&Digest::of(key))
}

/// The first 64 bits of a digest.
pub(super) fn first_bits(digest: &Digest) -> u64 {
    digest.as_bytes().first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// The slot in which a hash is looked for first, of a power of two.
fn home(hash: u64, slots: usize) -> usize {
    let bits = slots.trailing_zeros();
    if bits == 0 { 0 } else { usize::try_from(hash >> (64 - bits)).unwrap_or(0) }
}

/// The table of these hashes; the number of each is its place.
pub(super) fn fill(hashes: &[u64]) -> Vec<u8> {
    let slots = (hashes.len() * 2).next_power_of_two();
    let mut table = vec![EMPTY; slots];
    for (number, hash) in (0u32..).zip(hashes) {
        let mut at = home(*hash, slots);
        while let Some(taken) = table.get(at).filter(|own| **own != EMPTY) {
            debug_assert_ne!(*taken, number);
            at = (at + 1) & (slots - 1);
        }
        if let Some(free) = table.get_mut(at) {
            *free = number;
        }
    }
    table.into_iter().flat_map(u32::to_le_bytes).collect()
}

/// The numbers that may have this hash, in the order of their slots; a damaged table gives wrong numbers and ends all the same.
pub(super) fn probe(table: &[u8], hash: u64) -> impl Iterator<Item = usize> {
    let (slots, _) = table.as_chunks::<4>();
    let count = if slots.len().is_power_of_two() { slots.len() } else { 0 };
    let first = if count == 0 { 0 } else { home(hash, count) };
    let found = (0..count).map_while(move |step| slots.get((first + step) & (count - 1)).map(|own| u32::from_le_bytes(*own)));
    found.take_while(|number| *number != EMPTY).filter_map(|number| usize::try_from(number).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Every number is found under its hash, also where many share one.
        #[test]
        fn each_is_found(hashes in prop::collection::vec(prop_oneof![any::<u64>(), 0u64..4, (u64::MAX - 3)..=u64::MAX], 0..300)) {
            let table = fill(&hashes);
            prop_assert_eq!(table.len(), (hashes.len() * 2).next_power_of_two() * 4);
            for (number, hash) in hashes.iter().enumerate() {
                prop_assert!(probe(&table, *hash).any(|own| own == number));
            }
        }
    }

    #[test]
    fn what_is_damaged_ends() {
        assert_eq!(probe(&[], 7).count(), 0);
        assert_eq!(probe(&[1, 2, 3], 7).count(), 0);
        assert_eq!(probe(&[0; 12], 7).count(), 0);
        // no empty slot: every slot once
        assert_eq!(probe(&[0; 16], u64::MAX).count(), 4);
        assert_eq!(probe(&fill(&[]), 7).count(), 0);
    }
}
