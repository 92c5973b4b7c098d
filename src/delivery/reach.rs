//! What images in an archive are made of. Reads manifests and no other blob. May block.

use crate::failure::Fallible;
use crate::oci::{Descriptor, Digest, RawManifest};
use crate::store::archive::ReadArchive;
use crate::store::{INDEX_DEPTH_MAX, MANIFEST_BYTES_MAX};
use std::collections::HashSet;

/// Something that a manifest, or the index of the archive, names.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// As it is named.
    pub(super) descriptor: Descriptor,
    /// Who names it; none where the index of the archive does.
    pub(super) by: Option<Digest>,
    /// Why what it reaches itself cannot be told, where that is so.
    pub(super) fault: Option<String>,
}

/// All that `roots` reach, each once for each manifest that names it; roots included. A manifest that is not
/// in the archive is a piece, and reaches nothing.
pub(super) fn reach(archive: &ReadArchive, roots: &[Descriptor]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut opened: HashSet<Digest> = HashSet::new();
    let mut level: Vec<(Descriptor, Option<Digest>)> =
        roots.iter().map(|root| (root.clone(), None)).collect();
    for depth in 0.. {
        let mut below = Vec::new();
        for (descriptor, by) in level {
            let is_manifest = descriptor.media_type.is_manifest();
            let is_there = archive.blob_member(&descriptor.digest).is_some();
            let mut piece = Piece { descriptor, by, fault: None };
            if is_manifest && is_there && opened.insert(piece.descriptor.digest.clone()) {
                let children = children(archive, &piece.descriptor);
                match children {
                    Ok(_) if depth > INDEX_DEPTH_MAX => {
                        piece.fault = Some(format!("it lies deeper than {INDEX_DEPTH_MAX} indexes"));
                    }
                    Ok(children) => {
                        let digest = &piece.descriptor.digest;
                        below.extend(children.into_iter().map(|child| (child, Some(digest.clone()))));
                    }
                    Err(why) => piece.fault = Some(why),
                }
            }
            pieces.push(piece);
        }
        if below.is_empty() {
            break;
        }
        level = below;
    }
    pieces
}

/// What a manifest names, but for its subject, which may be elsewhere.
fn children(archive: &ReadArchive, manifest: &Descriptor) -> Result<Vec<Descriptor>, String> {
    let bytes: Fallible<_> = archive.read_document(manifest, MANIFEST_BYTES_MAX);
    let bytes = bytes.map_err(|failure| failure.message.clone())?;
    let (media_type, digest) = (manifest.media_type.clone(), manifest.digest.clone());
    let named = RawManifest { media_type, digest, bytes }.parse().map_err(|why| why.to_string())?;
    Ok(named.manifests.into_iter().chain(named.blobs).collect())
}
