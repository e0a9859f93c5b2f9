//! Identifiers that follow from what they name: equal releases give equal files, on every machine.

use std::fmt::Write as _;

use crate::canon::{Digest, Hasher};
use crate::dataset::DatasetId;

/// A UUID of version 8 (RFC 9562, 5.8): the first 122 bits of the SHA-256 over the parts, each ended by a NUL.
pub(super) fn uuid(parts: &[&str]) -> String {
    let mut hasher = Hasher::new();
    hasher.update(b"tanyin\0");
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update(b"\0");
    }
    written(first(&hasher.finish()), 8)
}

/// The id of a product footprint: 64 bits of the line's digest, 58 of its dataset's, version 8.
///
/// A line never changes, so a change of any kind is another id; equal lines of two datasets have two.
#[must_use]
pub fn footprint_id(dataset: &DatasetId, digest: &Digest) -> String {
    let payload = u128::from(bits(digest)) << 58 | u128::from(bits(&Digest::of(dataset.as_str().as_bytes())) >> 6);
    written((payload >> 74 << 80 | (payload >> 62 & 0xfff) << 64 | payload & (u128::MAX >> 66)).to_be_bytes(), 8)
}

/// What a footprint's id holds of its line: the first 64 bits of the digest; nothing where a text is no such id.
#[must_use]
pub fn digest_prefix_of(id: &str) -> Option<u64> {
    let is_shaped = id.len() == 36 && [8, 13, 18, 23].iter().all(|place| id.as_bytes().get(*place) == Some(&b'-'));
    let bytes: [u8; 16] = hex::decode(id.replace('-', "")).ok().filter(|_| is_shaped)?.try_into().ok()?;
    let id = u128::from_be_bytes(bytes);
    u64::try_from(id >> 80 << 16 | (id >> 64 & 0xfff) << 4 | id >> 58 & 0xf).ok()
}

/// The first 64 bits of a digest.
fn bits(digest: &Digest) -> u64 {
    digest.as_bytes().first_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

fn first(digest: &Digest) -> [u8; 16] {
    digest.as_bytes().first_chunk::<16>().copied().unwrap_or_default()
}

/// The id under which openLCA keeps a place: a UUID of version 3 over its code alone, in lower case, without a namespace.
pub(super) fn location(code: &str) -> String {
    written(md5(code.to_lowercase().as_bytes()), 3)
}

fn written(mut bytes: [u8; 16], version: u8) -> String {
    bytes[6] = bytes[6] & 0x0f | version << 4;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    bytes.iter().enumerate().fold(String::with_capacity(36), |mut text, (place, byte)| {
        let _ = write!(text, "{}{byte:02x}", if [4, 6, 8, 10].contains(&place) { "-" } else { "" });
        text
    })
}

/// The constants of MD5 (RFC 1321, 3.4): the whole parts of 2^32 times |sin(1)|, |sin(2)|, …
#[rustfmt::skip]
const SINES: [u32; 64] = [
    0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613, 0xfd46_9501,
    0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193, 0xa679_438e, 0x49b4_0821,
    0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d, 0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8,
    0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed, 0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a,
    0xfffa_3942, 0x8771_f681, 0x6d9d_6122, 0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70,
    0x289b_7ec6, 0xeaa1_27fa, 0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665,
    0xf429_2244, 0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
    0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb, 0xeb86_d391,
];

/// How far each round turns (RFC 1321, 3.4).
const TURNS: [[u32; 4]; 4] = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];

/// MD5 (RFC 1321): openLCA derives the ids of places from it. It protects nothing here.
fn md5(text: &[u8]) -> [u8; 16] {
    let mut padded = text.to_vec();
    padded.push(0x80);
    padded.resize(padded.len().next_multiple_of(64) + if padded.len() % 64 > 56 { 64 } else { 0 }, 0);
    let bits = u64::try_from(text.len()).unwrap_or_default().wrapping_mul(8);
    let length = padded.len();
    padded[length - 8..].copy_from_slice(&bits.to_le_bytes());
    let mut state = [0x6745_2301u32, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];
    for block in padded.chunks_exact(64) {
        let words: Vec<u32> = block.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word)).collect();
        let [mut a, mut b, mut c, mut d] = state;
        for (step, sine) in SINES.iter().enumerate() {
            let (mixed, place) = match step / 16 {
                0 => (b & c | !b & d, step),
                1 => (d & b | !d & c, 5 * step + 1),
                2 => (b ^ c ^ d, 3 * step + 5),
                _ => (c ^ (b | !d), 7 * step),
            };
            let sum = a.wrapping_add(mixed).wrapping_add(*sine).wrapping_add(words[place % 16]);
            (a, d, c, b) = (d, c, b, b.wrapping_add(sum.rotate_left(TURNS[step / 16][step % 4])));
        }
        for (own, add) in state.iter_mut().zip([a, b, c, d]) {
            *own = own.wrapping_add(add);
        }
    }
    let mut digest = [0; 16];
    digest.iter_mut().zip(state.iter().flat_map(|word| word.to_le_bytes())).for_each(|(own, byte)| *own = byte);
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn md5_as_the_rfc_tests_it() {
        let table = [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("abc", "900150983cd24fb0d6963f7d28e17f72"),
            ("12345678901234567890123456789012345678901234567890123456789012345678901234567890", "57edf4a22be3c955ac49da2e2107b67a"),
            (&"a".repeat(55), "ef1772b6dff9a122358552954ad0df65"),
            (&"a".repeat(56), "3b0c8ac703f828b04c6c197006d17218"),
            (&"a".repeat(64), "014842d480b571495a4a0363793f7367"),
        ];
        for (text, digest) in table {
            assert_eq!(hex::encode(md5(text.as_bytes())), digest, "{text}");
        }
    }

    #[test]
    fn places_have_the_ids_of_openlca() {
        assert_eq!(location("CN"), "7efdfc94-655a-35dc-aa3e-c85e9bb703fa");
        assert_eq!(location("GLO"), "56bca136-90bb-3a77-9abb-7ce558af711e");
    }

    #[test]
    fn a_footprint_is_found_by_its_id() {
        let datasets: [DatasetId; 2] = ["one".parse().unwrap(), "two".parse().unwrap()];
        for text in ["a", "b", "c", "d", "e", "f"] {
            let digest = Digest::of(text.as_bytes());
            let ids = datasets.each_ref().map(|dataset| footprint_id(dataset, &digest));
            assert_ne!(ids[0], ids[1]);
            let prefix = u64::from_be_bytes(*digest.as_bytes().first_chunk().unwrap());
            for id in ids {
                assert_eq!(digest_prefix_of(&id), Some(prefix), "{id}");
                assert_eq!((&id[14..15], "89ab".contains(&id[19..20])), ("8", true), "{id}");
            }
        }
        assert_ne!(uuid(&["ab", "c"]), uuid(&["a", "bc"]));
        for text in ["", "x", &"-".repeat(36), "0123456789abcdef0123456789abcdef0123"] {
            assert_eq!(digest_prefix_of(text), None, "{text}");
        }
    }
}
