//! What holds for the documents of bundles, whatever the bytes are.

use super::{BundleIndex, Inventory, LeftOut, header, own_header, read_sums, write_sums};

/// Each document that is read is written as one that is read as the same; an error is text.
pub fn bundle(bytes: &[u8]) -> bool {
    let mut read = false;
    if let Some(index) = told(BundleIndex::read(bytes)) {
        assert_eq!(BundleIndex::read(&index.write()), Ok(index));
        read = true;
    }
    if let Some(left_out) = told(LeftOut::read(bytes)) {
        assert_eq!(LeftOut::read(&left_out.write()), Ok(left_out));
        read = true;
    }
    if let Some(inventory) = told(Inventory::read(bytes)) {
        assert_eq!(Inventory::read(inventory.write().as_bytes()), Ok(inventory));
        read = true;
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Some(sums) = told(read_sums(text))
    {
        let text = write_sums(sums.iter().map(|(name, digest)| (name.as_str(), digest)));
        assert_eq!(read_sums(&text), Ok(sums));
        read |= !text.is_empty();
    }
    if let Some((name, size_bytes)) = own_header(bytes) {
        assert!(bytes.starts_with(&header(&name, size_bytes)));
        read = true;
    }
    read
}

fn told<T>(read: Result<T, String>) -> Option<T> {
    read.map_err(|why| assert!(!why.is_empty())).ok()
}
