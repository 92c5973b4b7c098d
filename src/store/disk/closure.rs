//! Whether everything that a manifest reaches is in the store, so that nothing is named before it
//! can be pulled. Reads only.

use super::fault::Act;
use crate::failure::{Code, Fallible};
use crate::oci::{Descriptor, Digest, Manifest, ManifestError, RawManifest};
use crate::store::{IMAGE_MANIFESTS_MAX as MANIFESTS_MAX, INDEX_DEPTH_MAX};
use bytes::Bytes;
use std::collections::HashSet;

/// What is there for a manifest to reach. May block.
pub(in crate::store) trait Holdings {
    /// What holds it, in words.
    const NAME: &'static str;

    /// The length of the content in bytes; none when it is not there.
    ///
    /// # Errors
    /// The system does not say.
    fn size_of(&self, digest: &Digest, act: &Act) -> Fallible<Option<u64>>;

    /// The verified bytes of a manifest; none when it is not there.
    ///
    /// # Errors
    /// It cannot be read, or is damaged.
    fn manifest(&self, digest: &Digest, act: &Act) -> Fallible<Option<Bytes>>;
}

/// Refuses a manifest some of whose blobs or child manifests are not there. A subject may be absent
/// (distribution-spec, "Pushing Manifests with Subject"), and so may layers that are not to be
/// distributed.
pub(in crate::store) fn confirm<H: Holdings>(
    holdings: &H,
    manifest: &RawManifest,
    act: &Act,
) -> Fallible<()> {
    let mut seen = HashSet::from([manifest.digest.clone()]);
    let mut open = vec![(manifest.clone(), 0)];
    while let Some((raw, depth)) = open.pop() {
        let Manifest { manifests, blobs, subject: _ } = parse(&raw, act)?;
        for blob in blobs.iter().filter(|blob| !blob.stays_away()) {
            confirm_file(holdings, &raw.digest, blob, act)?;
        }
        for child in manifests {
            confirm_file(holdings, &raw.digest, &child, act)?;
            // An index may list what is no manifest; then the file is all that is asked for.
            if child.media_type.is_manifest() && seen.insert(child.digest.clone()) {
                open.push((read_child(holdings, &raw.digest, &child, act)?, depth + 1));
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

fn confirm_file<H: Holdings>(holdings: &H, parent: &Digest, child: &Descriptor, act: &Act) -> Fallible<()> {
    match holdings.size_of(&child.digest, act)? {
        Some(size_bytes) if size_bytes == child.size_bytes => Ok(()),
        _ => Err(incomplete::<H>(parent, child, act)),
    }
}

fn read_child<H: Holdings>(
    holdings: &H,
    parent: &Digest,
    child: &Descriptor,
    act: &Act,
) -> Fallible<RawManifest> {
    let bytes = holdings.manifest(&child.digest, act)?.ok_or_else(|| incomplete::<H>(parent, child, act))?;
    Ok(RawManifest { media_type: child.media_type.clone(), digest: child.digest.clone(), bytes })
}

fn incomplete<H: Holdings>(parent: &Digest, child: &Descriptor, act: &Act) -> Box<crate::failure::Failure> {
    let Descriptor { media_type, digest, size_bytes, .. } = child;
    let message =
        format!("{parent} needs {digest} ({media_type}, {size_bytes} bytes), which is not in {}", H::NAME);
    act.fail(Code::UnsupportedManifest, message)
        .hint("only complete images are taken: copy every platform, or have the index rewritten")
}
