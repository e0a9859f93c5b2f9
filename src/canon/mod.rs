//! Bytes that may be hashed: canonical JSON (RFC 8785) and SHA-256 digests.
//!
//! Everything whose identity is a digest goes through this room, and nothing
//! else in the house serialises JSON that is hashed.

mod digest;
mod direct;
mod json;
mod members;

pub use digest::{Digest, DigestError, Hasher, HashingReader};
pub use json::{CanonError, canonical_bytes, canonical_value, parse_canonical};
pub use members::{Members, text_of};
