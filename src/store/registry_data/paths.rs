//! Where things are in the data of a registry. Paths are made from validated names and digests only.

use crate::oci::{Digest, RepositoryPath, Tag};
use std::path::{Path, PathBuf};

/// Where the data begins below the directory that a registry is given.
pub(super) const BELOW: &str = "docker/registry/v2";

/// The paths of the data of one registry: the layout that CNCF distribution documents in
/// registry/storage/paths.go, version 2.
#[derive(Debug, Clone)]
pub(super) struct Paths {
    root: PathBuf,
}

impl Paths {
    /// `root` is the directory `v2`.
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn blobs(&self) -> PathBuf {
        self.root.join("blobs")
    }

    pub(super) fn repositories(&self) -> PathBuf {
        self.root.join("repositories")
    }

    /// The bytes of content that any number of repositories link to.
    pub(super) fn data(&self, digest: &Digest) -> PathBuf {
        let hex = digest.hex();
        self.blobs().join(digest.algorithm()).join(&hex[..2]).join(hex).join("data")
    }

    /// Says that a repository has a blob.
    pub(super) fn layer(&self, repository: &RepositoryPath, digest: &Digest) -> PathBuf {
        link_below(self.repository(repository).join("_layers"), digest)
    }

    /// Says that a repository has a manifest.
    pub(super) fn revision(&self, repository: &RepositoryPath, digest: &Digest) -> PathBuf {
        link_below(self.repository(repository).join("_manifests/revisions"), digest)
    }

    /// The directories of all tags.
    pub(super) fn tags(&self, repository: &RepositoryPath) -> PathBuf {
        self.repository(repository).join("_manifests/tags")
    }

    /// What is there for one tag.
    pub(super) fn tag(&self, repository: &RepositoryPath, tag: &Tag) -> TagPaths {
        TagPaths(self.tags(repository).join(tag.as_str()))
    }

    /// Where unfinished files are, while there are writers of ours. A registry looks only at the names
    /// that it knows.
    pub(super) fn drafts(&self) -> PathBuf {
        self.root.join(".crossdock")
    }

    pub(super) fn repository(&self, repository: &RepositoryPath) -> PathBuf {
        self.repositories().join(repository.as_str())
    }
}

/// The directory of one tag, wherever it lies.
pub(super) struct TagPaths(pub(super) PathBuf);

impl TagPaths {
    /// What the tag names now.
    pub(super) fn current(&self) -> PathBuf {
        self.0.join("current/link")
    }

    /// Says that the tag has named this manifest.
    pub(super) fn entry(&self, digest: &Digest) -> PathBuf {
        link_below(self.0.join("index"), digest)
    }
}

fn link_below(directory: PathBuf, digest: &Digest) -> PathBuf {
    directory.join(digest.algorithm()).join(digest.hex()).join("link")
}
