//! Whether everything that a manifest reaches is in the layout, so that nothing is named before it
//! can be pulled. Reads only.

use super::disk::plain_size;
use super::fault::Act;
use super::paths::Paths;
use super::stored::read_manifest;
use crate::failure::{Code, Fallible};
use crate::oci::{Descriptor, Digest, Manifest, ManifestError, RawManifest};
use crate::store::{IMAGE_MANIFESTS_MAX as MANIFESTS_MAX, INDEX_DEPTH_MAX};
use std::collections::HashSet;

/// Refuses a manifest some of whose blobs or child manifests are not there. A subject may be absent
/// (distribution-spec, "Pushing Manifests with Subject"), and so may layers that are not to be
/// distributed.
pub(super) fn confirm(paths: &Paths, manifest: &RawManifest, act: &Act) -> Fallible<()> {
    let mut seen = HashSet::from([manifest.digest.clone()]);
    let mut open = vec![(manifest.clone(), 0)];
    while let Some((raw, depth)) = open.pop() {
        let Manifest { manifests, blobs, subject: _ } = parse(&raw, act)?;
        for blob in blobs.iter().filter(|blob| !blob.stays_away()) {
            confirm_file(paths, &raw.digest, blob, act)?;
        }
        for child in manifests {
            confirm_file(paths, &raw.digest, &child, act)?;
            // An index may list what is no manifest; then the file is all that is asked for.
            if child.media_type.is_manifest() && seen.insert(child.digest.clone()) {
                open.push((read_child(paths, &raw.digest, &child, act)?, depth + 1));
            }
        }
        if depth > INDEX_DEPTH_MAX || seen.len() > MANIFESTS_MAX {
            let message = format!(
                "{} reaches more than {MANIFESTS_MAX} manifests or {INDEX_DEPTH_MAX} levels",
                manifest.digest
            );
            return Err(act.fail(Code::LimitExceeded, message));
        }
    }
    Ok(())
}

fn parse(raw: &RawManifest, act: &Act) -> Fallible<Manifest> {
    raw.parse().map_err(|why| {
        let code = match why {
            ManifestError::Schema1 => Code::UnsupportedManifest,
            ManifestError::TooManyEntries => Code::LimitExceeded,
            ManifestError::Malformed(_)
            | ManifestError::Ambiguous
            | ManifestError::MediaTypeMismatch { .. } => Code::Corrupt,
        };
        act.fail(code, format!("{} is refused: {why}", raw.digest))
    })
}

fn confirm_file(paths: &Paths, parent: &Digest, child: &Descriptor, act: &Act) -> Fallible<()> {
    let path = paths.blob(&child.digest);
    match plain_size(&path).map_err(|e| act.io("look at", &path, &e))? {
        Some(size_bytes) if size_bytes == child.size_bytes => Ok(()),
        _ => Err(incomplete(parent, child, act)),
    }
}

fn read_child(paths: &Paths, parent: &Digest, child: &Descriptor, act: &Act) -> Fallible<RawManifest> {
    let bytes = read_manifest(paths, &child.digest, act)?.ok_or_else(|| incomplete(parent, child, act))?;
    Ok(RawManifest { media_type: child.media_type.clone(), digest: child.digest.clone(), bytes })
}

fn incomplete(parent: &Digest, child: &Descriptor, act: &Act) -> Box<crate::failure::Failure> {
    let Descriptor { media_type, digest, size_bytes, .. } = child;
    let message =
        format!("{parent} needs {digest} ({media_type}, {size_bytes} bytes), which is not in the layout");
    act.fail(Code::UnsupportedManifest, message)
        .hint("a layout takes complete images only: copy every platform, or have the index rewritten")
}
