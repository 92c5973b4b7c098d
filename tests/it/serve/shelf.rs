//! Layouts with many images under names of our choice.

use crate::bed::images::{Format, Image, one_platform, two_platforms};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A layout that is filled image by image.
pub(super) struct Shelf {
    _top: TempDir,
    folder: PathBuf,
    entries: Vec<Value>,
}

impl Shelf {
    /// An empty layout in a directory of this name.
    pub(super) fn new(name: &str) -> Self {
        let top = tempfile::tempdir().expect("a temporary folder can be made");
        let folder = top.path().join(name);
        fs::create_dir(&folder).expect("a folder can be made");
        Self { _top: top, folder, entries: Vec::new() }
    }

    /// Two images of two repositories and one with a bare tag.
    pub(super) fn of_three() -> (Self, Image, Image) {
        let (index, image) = (two_platforms(1, Format::Oci), one_platform(2, Format::Docker));
        let shelf = Self::new("site")
            .with(&index, &["docker.io/library/nginx:1.27", "docker.io/library/nginx:latest"])
            .with(&image, &["quay.io/team/app:v1", "nightly"]);
        (shelf, index, image)
    }

    /// Adds an image under these names; under none, it is only listed.
    pub(super) fn with(mut self, image: &Image, names: &[&str]) -> Self {
        image.write_layout(&self.folder, "replaced");
        let entry = |name: Option<&str>| {
            let mut root = image.root().clone();
            root.annotations
                .extend(name.map(|name| ("org.opencontainers.image.ref.name".to_owned(), name.to_owned())));
            root.descriptor()
        };
        match names {
            [] => self.entries.push(entry(None)),
            names => self.entries.extend(names.iter().map(|name| entry(Some(name)))),
        }
        let index = json!({ "schemaVersion": 2, "manifests": self.entries });
        fs::write(self.folder.join("index.json"), index.to_string()).expect("a layout can be written");
        self
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The file of a blob.
    pub(super) fn blob(&self, digest: &str) -> PathBuf {
        self.folder.join("blobs/sha256").join(digest.trim_start_matches("sha256:"))
    }

    /// The layout as a tar of this name beside it.
    pub(super) fn tar(&self, name: &str) -> PathBuf {
        let path = self.folder.with_file_name(name);
        let file = fs::File::create(&path).expect("a file can be written");
        let mut tar = tar::Builder::new(file);
        for member in ["oci-layout", "index.json"] {
            tar.append_path_with_name(self.folder.join(member), member).expect("a tar can be written");
        }
        tar.append_dir_all("blobs", self.folder.join("blobs")).expect("a tar can be written");
        tar.finish().expect("a tar can be written");
        path
    }
}
