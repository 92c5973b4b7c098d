//! Digests, computed by the bed itself: it judges Crossdock, so it never asks Crossdock's own code.

use sha2::{Digest as _, Sha256, Sha512};

/// The SHA-256 digest of `bytes` as `sha256:…`.
pub fn sha256(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(&Sha256::digest(bytes)))
}

/// Whether `bytes` have the digest `expected`, which may be SHA-256 or SHA-512.
pub fn matches(expected: &str, bytes: &[u8]) -> bool {
    match expected.split_once(':') {
        Some(("sha256", digits)) => hex(&Sha256::digest(bytes)) == digits,
        Some(("sha512", digits)) => hex(&Sha512::digest(bytes)) == digits,
        _ => false,
    }
}

/// Whether `text` is a digest at all.
pub fn is_digest(text: &str) -> bool {
    let digits_expected = match text.split_once(':') {
        Some(("sha256", _)) => 64,
        Some(("sha512", _)) => 128,
        _ => return false,
    };
    let digits = &text[7..];
    digits.len() == digits_expected
        && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
