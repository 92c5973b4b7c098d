//! What must hold whatever somebody asks for, and whatever stands in a file of passwords.

use super::range::{Wanted, wanted};
use super::route::route;
use super::{auth, negotiate};
use crate::oci::MediaType;

/// A request, as bytes: a line with a path, one with a range, one with types that are accepted. No path leads
/// anywhere but to names by the grammar, and no range out of a blob.
pub fn request(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines();
    let (path, range) = (lines.next().unwrap_or_default(), lines.next());
    let asked = route(path);
    if let Ok(asked) = &asked {
        let shown = format!("{asked:?}");
        assert!(
            !shown.contains("../") && !shown.contains("/..") && !shown.contains('%') && !shown.contains('\\'),
            "{path:?}: {shown}"
        );
    }
    for size_bytes in [0, 1, 1000, u64::MAX] {
        if let Wanted::Part(part) = wanted(range, size_bytes) {
            assert!(part.start < part.end && part.end <= size_bytes, "{range:?} of {size_bytes}: {part:?}");
        }
    }
    negotiate::accepts(lines, &MediaType::oci_index());
    asked.is_ok()
}

/// A file of users: it lets somebody in, or is refused.
pub fn htpasswd(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(auth::read)
}
