//! Bytes that are made while they are read: blobs of many gigabytes that never lie in memory.

use crate::bed::digest::hex;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};

/// How many bytes are made at a time.
const BLOCK_BYTES: u64 = 64 * 1024;

/// A sequence of bytes that follows from a seed, readable at any offset.
///
/// Every block is the same noise with the number of the block in its first eight bytes, so that a
/// piece that is lost, doubled or misplaced changes the digest.
#[derive(Debug, Clone)]
pub struct Synthetic {
    noise: Bytes,
    /// Length in bytes.
    pub size_bytes: u64,
}

impl Synthetic {
    /// `size_bytes` bytes that follow from `seed`.
    pub fn new(seed: u64, size_bytes: u64) -> Self {
        let noise = noise(seed, usize::try_from(BLOCK_BYTES).expect("a small number"));
        Self { noise: noise.into(), size_bytes }
    }

    /// At most one block of bytes, from `offset` on and not beyond `end`; empty at the end.
    pub fn piece(&self, offset: u64, end: u64) -> Bytes {
        let end = end.min(self.size_bytes);
        if offset >= end {
            return Bytes::new();
        }
        let (number, within) = (offset / BLOCK_BYTES, offset % BLOCK_BYTES);
        let length = (BLOCK_BYTES - within).min(end - offset);
        let index = |position: u64| usize::try_from(position).expect("less than a block");
        let mut piece = self.noise[index(within)..index(within + length)].to_vec();
        let marked = number.to_le_bytes();
        for (byte, mark) in piece.iter_mut().zip(marked.iter().skip(index(within))) {
            *byte = *mark;
        }
        piece.into()
    }

    /// The SHA-256 digest of all bytes: reads them once.
    pub fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        let mut offset = 0;
        while offset < self.size_bytes {
            let piece = self.piece(offset, self.size_bytes);
            hasher.update(&piece);
            offset += piece.len() as u64;
        }
        format!("sha256:{}", hex(&hasher.finalize()))
    }
}

/// Bytes that look random, do not compress, and follow from `seed` (SplitMix64).
pub fn noise(seed: u64, size_bytes: usize) -> Vec<u8> {
    let mut state = seed;
    let mut bytes = Vec::with_capacity(size_bytes + 8);
    while bytes.len() < size_bytes {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend_from_slice(&(mixed ^ (mixed >> 31)).to_le_bytes());
    }
    bytes.truncate(size_bytes);
    bytes
}
