//! What stands in a link, as distribution calls its small files that hold a digest. No I/O.

use crate::oci::Digest;

/// Longest link in bytes: `sha512:` with its digits, and room for a line's end.
pub(super) const LINK_BYTES_MAX: u64 = 256;

/// The digest that a link holds, or why it holds none.
pub(super) fn read(bytes: &[u8]) -> Result<Digest, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is no text".to_owned())?;
    text.trim().parse::<Digest>().map_err(|why| format!("{text:.100?} is no digest: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_holds_one_digest_and_nothing_else() {
        let digest = Digest::of(b"x");
        assert_eq!(read(digest.as_str().as_bytes()), Ok(digest.clone()));
        assert_eq!(read(format!("{digest}\n").as_bytes()), Ok(digest.clone()));
        for wrong in [String::new(), "sha256:../../etc".to_owned(), format!("{digest} {digest}")] {
            assert!(read(wrong.as_bytes()).is_err(), "{wrong}");
        }
        assert!(read(b"sha256:\xff").is_err());
    }
}
