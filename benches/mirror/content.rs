//! Bytes that no compression shrinks, the same on every run.

use bytes::Bytes;
use crossdock::oci::Digest;

/// Bytes that are handed over at once.
const PIECE_BYTES: usize = 64 * 1024;
/// What is larger is one block of this size again and again: it takes no memory.
const BLOCK_BYTES: usize = 1 << 20;

/// A blob's bytes: one block, so many times.
#[derive(Debug, Clone)]
pub(crate) struct Content {
    block: Bytes,
    times: u64,
}

impl Content {
    pub(crate) fn once(block: impl Into<Bytes>) -> Self {
        Self { block: block.into(), times: 1 }
    }

    /// `size_bytes` bytes that depend on `seed` and nothing else. Whole MiB where it is more than one.
    pub(crate) fn made_up(seed: u64, size_bytes: usize) -> Self {
        match size_bytes > BLOCK_BYTES {
            true => Self { block: bytes(seed, BLOCK_BYTES), times: (size_bytes / BLOCK_BYTES) as u64 },
            false => Self::once(bytes(seed, size_bytes)),
        }
    }

    pub(crate) fn size_bytes(&self) -> u64 {
        self.block.len() as u64 * self.times
    }

    pub(crate) fn digest(&self) -> String {
        let mut hasher = Digest::of(b"").hasher();
        (0..self.times).for_each(|_| hasher.update(&self.block));
        hasher.finish().to_string()
    }

    /// All of it, in pieces that share the memory of the block.
    pub(crate) fn pieces(&self) -> impl Iterator<Item = Bytes> + Send + 'static {
        let block = self.block.clone();
        let pieces = move |_| {
            let block = block.clone();
            let starts = (0..block.len()).step_by(PIECE_BYTES);
            starts.map(move |start| block.slice(start..(start + PIECE_BYTES).min(block.len())))
        };
        (0..self.times).flat_map(pieces)
    }
}

/// Hashes so many MiB, as the program does it.
pub(crate) fn hash(mib: u64) {
    let content = Content { block: bytes(7, BLOCK_BYTES), times: mib };
    println!("{}", content.digest());
}

/// `size_bytes` bytes that depend on `seed` and nothing else.
fn bytes(seed: u64, size_bytes: usize) -> Bytes {
    let mut state = seed.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(1);
    let mut content = Vec::with_capacity(size_bytes + 8);
    while content.len() < size_bytes {
        content.extend_from_slice(&mix(&mut state).to_le_bytes());
    }
    content.truncate(size_bytes);
    content.into()
}

/// SplitMix64: a counter, well stirred.
fn mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut word = *state;
    word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}
