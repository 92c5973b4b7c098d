//! The files of the directory of one image, and what is in them. Reads only.

use crate::failure::Fallible;
use crate::oci::{Digest, RawManifest};
use crate::store::MANIFEST_BYTES_MAX;
use crate::store::disk::closure::Holdings;
use crate::store::disk::fault::Act;
use crate::store::disk::files::{Opened, open_plain, plain_size, read_at_most};
use crate::store::disk::stored::{damaged, media_type_of, read_manifest, too_large};
use bytes::Bytes;
use std::path::{Path, PathBuf};

/// What `version` holds; skopeo replaces a directory only where it says this.
pub(super) const VERSION: &str = "Directory Transport Version: 1.1\n";

/// The directory of one image. containers/image, directory/directory_transport.go.
#[derive(Debug)]
pub(super) struct ImageDirectory {
    root: PathBuf,
}

impl ImageDirectory {
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Says in which version the directory is.
    pub(super) fn version(&self) -> PathBuf {
        self.root.join("version")
    }

    /// The manifest of the image.
    pub(super) fn top(&self) -> PathBuf {
        self.root.join("manifest.json")
    }

    /// The manifest of this digest, where it is not that of the image.
    pub(super) fn child(&self, digest: &Digest) -> PathBuf {
        self.root.join(format!("{}.manifest.json", digest.hex()))
    }

    /// The blob of this digest.
    pub(super) fn blob(&self, digest: &Digest) -> PathBuf {
        self.root.join(digest.hex())
    }

    /// Where unfinished files are, while there are writers of ours.
    pub(super) fn drafts(&self) -> PathBuf {
        self.root.join(".crossdock")
    }

    /// The manifest of the image; none when there is none. `expected` says by which algorithm its digest is.
    pub(super) fn image(&self, expected: Option<&Digest>, act: &Act) -> Fallible<Option<RawManifest>> {
        let path = self.top();
        let file = match open_plain(&path).map_err(|e| act.io("open", &path, &e))? {
            Opened::File(file, _) => file,
            Opened::Absent => return Ok(None),
            Opened::Irregular(what) => return Err(act.irregular(&path, what)),
        };
        let bytes = read_at_most(&file, MANIFEST_BYTES_MAX).map_err(|e| act.io("read", &path, &e))?;
        let bytes = Bytes::from(bytes.ok_or_else(|| too_large(&path, act))?);
        let media_type = media_type_of(&bytes).ok_or_else(|| damaged(&path, "it is no manifest", act))?;
        Ok(Some(RawManifest::new(media_type, bytes, expected)))
    }

    /// The manifest of this digest; none when it is not there.
    pub(super) fn manifest_of(&self, digest: &Digest, act: &Act) -> Fallible<Option<RawManifest>> {
        if let Some(bytes) = read_manifest(&self.child(digest), digest, act)? {
            let path = self.child(digest);
            let media_type = media_type_of(&bytes).ok_or_else(|| damaged(&path, "it is no manifest", act))?;
            return Ok(Some(RawManifest { media_type, digest: digest.clone(), bytes }));
        }
        Ok(self.image(Some(digest), act)?.filter(|image| image.digest == *digest))
    }
}

impl Holdings for ImageDirectory {
    const NAME: &'static str = "the directory";

    fn size_of(&self, digest: &Digest, act: &Act) -> Fallible<Option<u64>> {
        for path in [self.blob(digest), self.child(digest)] {
            if let Some(size_bytes) = plain_size(&path).map_err(|e| act.io("look at", &path, &e))? {
                return Ok(Some(size_bytes));
            }
        }
        Ok(None)
    }

    fn manifest(&self, digest: &Digest, act: &Act) -> Fallible<Option<Bytes>> {
        read_manifest(&self.child(digest), digest, act)
    }
}
