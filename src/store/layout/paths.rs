//! Where things are in a layout directory. Paths are made from validated digests only.

use crate::oci::Digest;
use std::path::{Path, PathBuf};

/// The algorithms that have a directory under `blobs/`.
pub(super) const ALGORITHMS: [&str; 2] = ["sha256", "sha512"];

/// The paths of one layout. OCI image-spec, image-layout.md, "Content".
#[derive(Debug, Clone)]
pub(super) struct Paths {
    root: PathBuf,
}

impl Paths {
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The file that makes a directory a layout; also what writers lock.
    pub(super) fn version(&self) -> PathBuf {
        self.root.join("oci-layout")
    }

    pub(super) fn index(&self) -> PathBuf {
        self.root.join("index.json")
    }

    pub(super) fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }

    /// The directory of one algorithm's blobs.
    pub(super) fn shelf(&self, algorithm: &str) -> PathBuf {
        self.blobs().join(algorithm)
    }

    pub(super) fn blob(&self, digest: &Digest) -> PathBuf {
        self.shelf(digest.algorithm()).join(digest.hex())
    }

    /// Where unfinished files are, while there are writers. Other tools look only at the names that
    /// the specification gives.
    pub(super) fn drafts(&self) -> PathBuf {
        self.root.join(".crossdock")
    }
}
