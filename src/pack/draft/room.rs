//! Whether there is room for a bundle: known before the first byte is fetched.

use crate::failure::{Code, Fallible};
use crate::pack::fault::fail;
use std::fs::Metadata;
use std::path::Path;

/// Refuses a bundle that needs `more_bytes` on a file system that clearly has less. Where nobody can tell, the
/// disk will.
pub(super) fn check(path: &Path, more_bytes: u64) -> Fallible<()> {
    match free_bytes(&folder(path)) {
        Some(free_bytes) if free_bytes < more_bytes => {
            let message = format!("it needs {more_bytes} more bytes, and its disk has {free_bytes}");
            Err(fail(Code::TargetFull, path, message).hint("make room, or write it to another disk"))
        }
        Some(_) | None => Ok(()),
    }
}

/// The folder of a file.
pub(super) fn folder(path: &Path) -> std::path::PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new(".")).to_owned()
}

#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let told = rustix::fs::statvfs(folder).ok()?;
    told.f_bavail.checked_mul(told.f_frsize)
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}

/// How many bytes of a file lie on the disk already.
#[cfg(unix)]
pub(super) fn taken_bytes(file: &Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt as _;
    /// The unit in which systems count. POSIX, `<sys/stat.h>`.
    const UNIT_BYTES: u64 = 512;
    file.blocks().saturating_mul(UNIT_BYTES).min(file.len())
}

/// Elsewhere the standard library does not tell.
#[cfg(not(unix))]
pub(super) fn taken_bytes(file: &Metadata) -> u64 {
    file.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_disk_has_is_refused_before_anything_is_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("site.tar");
        assert!(check(&path, 1).is_ok());
        let failure = check(&path, u64::MAX).expect_err("nobody has that much");
        assert_eq!(failure.code, Code::TargetFull);
        assert!(failure.message.contains(&u64::MAX.to_string()), "{failure}");
        assert!(check(Path::new("/nowhere/at/all/site.tar"), u64::MAX).is_ok(), "the disk will tell");
    }
}
