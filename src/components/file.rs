//! A component in a file: its size is looked at before it is read.

use super::LoadError;
use crate::filter::COMPONENT_BYTES_MAX;
use std::io;
use std::path::Path;
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

/// Reads the file of the filter `name`: at most [`COMPONENT_BYTES_MAX`] bytes.
pub(super) async fn read(name: &str, path: &Path) -> Result<Vec<u8>, LoadError> {
    let shown = path.display();
    let unreadable = |why: io::Error| match why.kind() {
        io::ErrorKind::NotFound => LoadError::source(
            name,
            format!("there is no file {shown}"),
            format!("build it, or correct `wasm` of `{name}`; the path is relative to the working directory"),
        ),
        _ => LoadError::source(
            name,
            format!("{shown} cannot be read: {why}"),
            "let this user read it, or name another file",
        ),
    };
    // Asked before it is opened: opening a pipe would wait for a writer.
    let found = tokio::fs::metadata(path).await.map_err(unreadable)?;
    if !found.is_file() {
        let what = if found.is_dir() { "a directory" } else { "no regular file" };
        let hint = "name the component itself, such as `filters/name.wasm`";
        return Err(LoadError::source(name, format!("{shown} is {what}"), hint));
    }
    let too_large = |bytes: u64| too_large(name, &shown.to_string(), bytes);
    if found.len() > COMPONENT_BYTES_MAX {
        return Err(too_large(found.len()));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).await.map_err(unreadable)?;
    // One more than allowed, in case that it grew meanwhile.
    file.take(COMPONENT_BYTES_MAX + 1).read_to_end(&mut bytes).await.map_err(unreadable)?;
    match bytes.len() as u64 {
        length if length > COMPONENT_BYTES_MAX => Err(too_large(length)),
        _ => Ok(bytes),
    }
}

/// What is at `place` has more bytes than any component may have.
pub(super) fn too_large(name: &str, place: &str, bytes: u64) -> LoadError {
    let limit = COMPONENT_BYTES_MAX >> 20;
    LoadError::source(
        name,
        format!("{place} has {bytes} bytes, and a filter has at most {limit} MiB"),
        "strip debug information from it, or leave parts of its runtime out",
    )
}
