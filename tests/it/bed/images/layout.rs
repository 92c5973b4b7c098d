//! Writes an image as an OCI image layout on disk. OCI image-spec, image-layout.md.

use super::{Blob, Image};
use serde_json::json;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;

impl Image {
    /// Writes a layout into `folder` whose index names this image `tag`; replaces what the index
    /// named before.
    pub fn write_layout(&self, folder: &Path, tag: &str) {
        let blobs = folder.join("blobs/sha256");
        fs::create_dir_all(&blobs).expect("a layout can be written");
        let name = |digest: &str| blobs.join(digest.trim_start_matches("sha256:"));
        for blob in self.blobs.values() {
            write_blob(blob, &name(&blob.digest));
        }
        for manifest in &self.manifests {
            fs::write(name(&manifest.digest), &manifest.bytes).expect("a layout can be written");
        }
        let mut root = self.root().descriptor();
        root["annotations"]["org.opencontainers.image.ref.name"] = json!(tag);
        let index = json!({ "schemaVersion": 2, "manifests": [root] });
        fs::write(folder.join("index.json"), index.to_string()).expect("a layout can be written");
        let version = json!({ "imageLayoutVersion": "1.0.0" });
        fs::write(folder.join("oci-layout"), version.to_string()).expect("a layout can be written");
    }
}

fn write_blob(blob: &Blob, path: &Path) {
    let mut file = File::create(path).expect("a layout can be written");
    let mut offset = 0;
    while offset < blob.size_bytes {
        let piece = blob.piece(offset, blob.size_bytes).expect("an image's blobs have bytes");
        file.write_all(&piece).expect("a layout can be written");
        offset += piece.len() as u64;
    }
}
