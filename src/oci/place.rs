//! Places on this disk that hold images, each in the way of some tool.

use super::ReferenceError;
use std::fmt;
use std::path::{Component, Path, PathBuf};

/// A file or directory that holds repositories.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// What it is.
    pub kind: PlaceKind,
    /// Where it is, as written but for `.` parts.
    pub path: PathBuf,
}

/// In which way a place holds images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlaceKind {
    /// An OCI image layout in a directory.
    Layout,
    /// An OCI image layout in a tar file, whole or in parts: what `bundle` writes.
    Archive,
    /// What `docker save` writes and `docker load` reads.
    DockerArchive,
    /// The directory of one image, as skopeo writes it.
    Directory,
    /// The directory in which a registry of CNCF distribution keeps its data.
    RegistryData,
}

impl PlaceKind {
    /// Each with the word before the colon, and what follows it.
    pub const ALL: &'static [(&'static str, Self, &'static str)] = &[
        ("oci", Self::Layout, "`oci:` is followed by a directory"),
        ("oci-archive", Self::Archive, "`oci-archive:` is followed by a file"),
        ("docker-archive", Self::DockerArchive, "`docker-archive:` is followed by a file"),
        ("dir", Self::Directory, "`dir:` is followed by a directory"),
        ("registry-data", Self::RegistryData, "`registry-data:` is followed by a directory"),
    ];

    /// The word before the colon.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find_map(|(word, kind, _)| (*kind == self).then_some(*word)).unwrap_or_default()
    }
}

impl Place {
    /// A layout in a directory.
    pub fn layout(directory: impl Into<PathBuf>) -> Self {
        Self { kind: PlaceKind::Layout, path: directory.into() }
    }

    /// What follows the word and the colon, where `text` begins with those of a place.
    pub(super) fn meant(text: &str) -> Option<(PlaceKind, &str)> {
        let (word, rest) = text.split_once(':')?;
        let (_, kind, _) = PlaceKind::ALL.iter().find(|(known, ..)| *known == word)?;
        Some((*kind, rest))
    }

    /// # Errors
    /// There is no path.
    pub(super) fn new(kind: PlaceKind, path: &str) -> Result<Self, ReferenceError> {
        if path.is_empty() {
            let said = PlaceKind::ALL.iter().find_map(|(_, other, said)| (*other == kind).then_some(*said));
            return Err(ReferenceError::Unexpected(said.unwrap_or_default()));
        }
        Ok(Self { kind, path: normal(Path::new(path)) })
    }
}

/// Without `.` parts, so that two ways to write one path are one store.
fn normal(path: &Path) -> PathBuf {
    let parts: PathBuf = path.components().filter(|part| *part != Component::CurDir).collect();
    match parts.as_os_str().is_empty() {
        true => PathBuf::from("."),
        false => parts,
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.word(), self.path.display())
    }
}
