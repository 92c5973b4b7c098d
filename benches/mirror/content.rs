//! Bytes that no compression shrinks, the same on every run.

use bytes::Bytes;

/// `size_bytes` bytes that depend on `seed` and nothing else.
pub(crate) fn bytes(seed: u64, size_bytes: usize) -> Bytes {
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
