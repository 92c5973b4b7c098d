//! Whether a directory is a layout that can be used. Changes nothing.

use super::paths::{ALGORITHMS, Paths};
use crate::failure::{Code, Failure, Fallible};
use crate::store::disk::fault::Act;
use crate::store::disk::files::{Opened, is_vacant, open_plain, read_at_most};
use serde::Deserialize;
use std::fmt::Display;
use std::fs::{self, File};
use std::io::ErrorKind;

/// What `oci-layout` holds.
pub(in crate::store) const VERSION: &str = "{\"imageLayoutVersion\":\"1.0.0\"}\n";
/// The only version there is. OCI image-spec, image-layout.md, "oci-layout file".
const SUPPORTED: &str = "1.0.0";
/// Largest `oci-layout` file in bytes.
pub(in crate::store) const VERSION_BYTES_MAX: u64 = 4096;

/// What there is at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// A layout of the version that we know.
    Layout,
    /// Nothing, or an empty directory: a layout can be made there.
    Vacant,
    /// A layout whose making was interrupted at its very first step.
    Begun,
}

/// Looks at the directory; what is neither a layout nor vacant is a failure.
pub(super) fn look(paths: &Paths, act: &Act) -> Fallible<Found> {
    refuse_links(paths, act)?;
    if let Some(found) = look_at_version(paths, act)? {
        return Ok(found);
    }
    if is_vacant(paths.root()).map_err(|e| act.io("read", paths.root(), &e))? {
        return Ok(Found::Vacant);
    }
    // Asked once more, because another process may have been making the layout meanwhile: of what
    // that makes, `oci-layout` is the first.
    look_at_version(paths, act)?.ok_or_else(|| no_layout(paths, act))
}

fn look_at_version(paths: &Paths, act: &Act) -> Fallible<Option<Found>> {
    let path = paths.version();
    match open_plain(&path).map_err(|e| act.io("open", &path, &e))? {
        Opened::File(file, _) => read_version(paths, &file, act).map(Some),
        Opened::Irregular(what) => Err(act.irregular(&path, what)),
        Opened::Absent => Ok(None),
    }
}

/// Reads `oci-layout`.
pub(super) fn read_version(paths: &Paths, file: &File, act: &Act) -> Fallible<Found> {
    let path = paths.version();
    let bytes = read_at_most(file, VERSION_BYTES_MAX).map_err(|e| act.io("read", &path, &e))?;
    let bytes = bytes.unwrap_or_else(|| b"too long".to_vec());
    if bytes.is_empty() {
        return Ok(Found::Begun);
    }
    confirm_version(&bytes, &path.display(), act).map(|()| Found::Layout)
}

/// Whether the content of an `oci-layout`, which `name` is what it is called, says what we know.
pub(in crate::store) fn confirm_version(bytes: &[u8], name: &dyn Display, act: &Act) -> Fallible<()> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Version {
        image_layout_version: String,
    }
    let found = match serde_json::from_slice::<Version>(bytes) {
        Ok(version) if version.image_layout_version == SUPPORTED => return Ok(()),
        Ok(version) => format!("version {:.20?}", version.image_layout_version),
        Err(_) => "something that is not `{\"imageLayoutVersion\": …}`".to_owned(),
    };
    let message = format!("{name} says {found}; only version \"{SUPPORTED}\" is known");
    Err(act.fail(Code::Protocol, message).hint("write the layout again with a current tool"))
}

/// There is no layout in the directory, or no directory.
pub(super) fn no_layout(paths: &Paths, act: &Act) -> Box<Failure> {
    let root = paths.root().display();
    let message = match paths.root().exists() {
        true => format!("{root} is not an OCI image layout: it has no file `oci-layout`"),
        false => format!("there is no directory {root}"),
    };
    act.fail(Code::NotFound, message).hint("name a layout, or for a target a directory that is new or empty")
}

/// Links inside a layout could lead reading and writing anywhere.
fn refuse_links(paths: &Paths, act: &Act) -> Fallible<()> {
    let shelves = ALGORITHMS.map(|algorithm| paths.shelf(algorithm));
    for path in [paths.blobs(), paths.drafts()].iter().chain(&shelves) {
        match fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_symlink() => return Err(act.irregular(path, "a symbolic link")),
            Ok(_) => {}
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            Err(e) => return Err(act.io("look at", path, &e)),
        }
    }
    Ok(())
}
