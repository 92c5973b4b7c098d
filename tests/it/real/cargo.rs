//! Images of every kind that registries hold, and whether they arrived: skopeo is the judge.

use crate::bed::digest::sha256;
use crate::bed::images::{Blob, Format, Image, Layer, Recipe, one_platform, two_platforms};
use crate::bed::memory::Registry;
use crate::bed::skopeo::Skopeo;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The images, by the repository that they are in; the tag is always `1.0`.
pub struct Cargo(BTreeMap<&'static str, Image>);

/// The tag of every image.
pub const TAG: &str = "1.0";

impl Cargo {
    /// One of each kind.
    pub fn new() -> Self {
        let nothing = Layer { blob: Blob::new(""), diff_id: sha256(b"") };
        let hollow = Recipe::new(5).layer(Layer::files(5, 2000)).layer(nothing).build();
        Self(BTreeMap::from([
            ("team/attested", two_platforms(1, Format::Oci)),
            ("team/docker-list", two_platforms(2, Format::Docker)),
            ("team/docker-one", one_platform(3, Format::Docker)),
            ("team/hollow", hollow),
            ("team/oci-one", one_platform(4, Format::Oci)),
        ]))
    }

    /// The repositories and their images.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Image)> {
        self.0.iter().map(|(repository, image)| (*repository, image))
    }

    /// Writes each image as a layout below `folder`, named as its repository.
    pub fn write_layouts(&self, folder: &Path) {
        for (repository, image) in self.iter() {
            image.write_layout(&folder.join(repository), TAG);
        }
    }

    /// Puts every image into a registry, by skopeo.
    pub fn load(&self, skopeo: &Skopeo, host: &str) {
        let memory = Registry::start();
        for (repository, image) in self.iter() {
            memory.seed(image, repository, &[TAG]);
            let source = docker(&memory.host(), repository);
            Skopeo::new().copy_all_to(&source, skopeo, &docker(host, repository)).expect("loaded");
        }
    }

    /// The rules that mirror every image, from below `source` to below `target`.
    pub fn rules(&self, source: &str, target: &str) -> String {
        let rule = |(repository, _): (&str, &Image)| {
            format!(
                "- {{ source: \"{source}{repository}\", target: \"{target}{repository}\", tags: [\"{TAG}\"] }}\n"
            )
        };
        self.iter().map(rule).collect()
    }

    /// Fails unless skopeo finds every image below `target`, which is `host/` or `host/path/`, byte
    /// for byte, and can fetch all that it reaches.
    pub fn assert_at(&self, skopeo: &Skopeo, target: &str) {
        for (repository, image) in self.iter() {
            assert_at(skopeo, &format!("docker://{target}{repository}:{TAG}"), image);
        }
    }

    /// Fails unless each layout below `folder` holds its image; skopeo reads those that are OCI's.
    pub fn assert_layouts(&self, skopeo: &Skopeo, folder: &Path) {
        for (repository, image) in self.iter() {
            let layout = folder.join(repository);
            assert_holds(&layout, image);
            if !repository.contains("docker") {
                assert_at(skopeo, &format!("oci:{}:{TAG}", layout.display()), image);
            }
        }
    }
}

/// Fails unless skopeo reads this image there. A layout of skopeo's cannot hold Docker's media types,
/// so what is Docker's is copied into skopeo's own kind of folder.
pub fn assert_at(skopeo: &Skopeo, reference: &str, image: &Image) {
    assert_eq!(skopeo.inspect_raw(reference).expect("skopeo reads it"), image.root().bytes, "{reference}");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("copy");
    if image.root().media_type.contains("docker") {
        skopeo.copy_all(reference, &format!("dir:{}", path.display())).expect("skopeo fetches all of it");
        for digest in image.blobs.keys() {
            let file = path.join(digest.trim_start_matches("sha256:"));
            assert_eq!(sha256(&fs::read(file).expect("there")), *digest);
        }
    } else {
        skopeo
            .copy_all(reference, &format!("oci:{}:{TAG}", path.display()))
            .expect("skopeo fetches all of it");
        assert_holds(&path, image);
    }
}

/// A reference in skopeo's words.
fn docker(host: &str, repository: &str) -> String {
    format!("docker://{host}/{repository}:{TAG}")
}

/// Fails unless the layout holds the image: every manifest and blob under its digest, and the right
/// one in the index.
fn assert_holds(folder: &Path, image: &Image) {
    let file = |digest: &str| folder.join("blobs/sha256").join(digest.trim_start_matches("sha256:"));
    for manifest in &image.manifests {
        assert_eq!(fs::read(file(&manifest.digest)).expect("there"), manifest.bytes);
    }
    for digest in image.blobs.keys() {
        assert_eq!(sha256(&fs::read(file(digest)).expect("there")), *digest);
    }
    let index: Value =
        serde_json::from_slice(&fs::read(folder.join("index.json")).expect("there")).expect("JSON");
    assert_eq!(index["manifests"][0]["digest"], *image.digest());
}
