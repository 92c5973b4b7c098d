//! What holds for the links in the data of a registry, whatever the bytes are.

use super::link;
use super::paths::Paths;

/// What is read leads to a file below the root, and is read again from what it is written as.
pub fn registry_link(bytes: &[u8]) -> bool {
    let Ok(digest) = link::read(bytes) else { return false };
    assert_eq!(link::read(digest.as_str().as_bytes()), Ok(digest.clone()));
    let path = Paths::new("root".into()).data(&digest);
    assert!(path.starts_with("root/blobs") && path.ends_with("data"));
    assert!(path.components().all(|part| matches!(part, std::path::Component::Normal(_))));
    true
}
