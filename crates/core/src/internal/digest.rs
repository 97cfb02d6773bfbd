//! Short identifiers of contents.

use sha2::{Digest, Sha256};

/// The first eight bytes of a digest as a number.
pub fn head(digest: Sha256) -> u64 {
    digest.finalize().first_chunk().map_or(0, |&first| u64::from_be_bytes(first))
}
