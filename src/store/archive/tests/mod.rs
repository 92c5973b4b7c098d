//! The archive store as a whole, through the traits that the rest of the program sees.

mod hostile;
mod reading;

use super::ReadArchive;
use crate::failure::Failure;
use crate::oci::{Descriptor, Digest, MediaType, RawManifest};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tar::{Builder, EntryType, Header};

const VERSION: &str = r#"{"imageLayoutVersion":"1.0.0"}"#;
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// A tar that is made member by member.
struct Made(Builder<Vec<u8>>);

impl Made {
    fn new() -> Self {
        Self(Builder::new(Vec::new()))
    }

    fn file(mut self, name: &str, bytes: &[u8]) -> Self {
        let mut header = header(bytes.len() as u64);
        self.0.append_data(&mut header, name, bytes).expect("a member");
        self
    }

    /// A member whose header is as it is given, but for its sum.
    fn member(mut self, name: &str, kind: EntryType, size_bytes: u64, bytes: &[u8]) -> Self {
        let mut header = header(size_bytes);
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_entry_type(kind);
        header.set_cksum();
        self.0.append(&header, bytes).expect("a member");
        self
    }

    fn blob(self, bytes: &[u8]) -> Self {
        self.file(&member_of(bytes), bytes)
    }

    fn bytes(self) -> Vec<u8> {
        self.0.into_inner().expect("an end")
    }
}

fn header(size_bytes: u64) -> Header {
    let mut header = Header::new_ustar();
    header.set_size(size_bytes);
    header.set_mode(0o644);
    header
}

fn member_of(bytes: &[u8]) -> String {
    format!("blobs/sha256/{}", Digest::of(bytes).hex())
}

fn described(media_type: &str, bytes: &[u8]) -> Descriptor {
    Descriptor::new(media_type.parse().expect("a media type"), Digest::of(bytes), bytes.len() as u64)
}

/// An image of one layer, and of a subject where there is one.
fn image(layer: &[u8], subject: Option<&RawManifest>) -> RawManifest {
    let config = described("application/vnd.oci.image.config.v1+json", b"{}");
    let mut document = json!({
        "schemaVersion": 2, "mediaType": MediaType::oci_manifest(), "config": config,
        "layers": [described(LAYER, layer)],
    });
    if let Some(subject) = subject {
        document["subject"] = json!(described(subject.media_type.as_str(), &subject.bytes));
        document["artifactType"] = json!("application/vnd.example.signature");
    }
    RawManifest::new(MediaType::oci_manifest(), document.to_string().into(), None)
}

/// An entry of `index.json`.
fn entry(manifest: &RawManifest, name: Option<&str>) -> Value {
    let mut entry = json!(described(manifest.media_type.as_str(), &manifest.bytes));
    if let Some(name) = name {
        entry["annotations"] = json!({ "org.opencontainers.image.ref.name": name });
    }
    entry
}

fn index(entries: &[Value]) -> String {
    json!({ "schemaVersion": 2, "manifests": entries }).to_string()
}

/// The archive of one image, named `r.test/a:1`, with a signature.
fn one_image(layer: &[u8]) -> (Vec<u8>, RawManifest, RawManifest) {
    let manifest = image(layer, None);
    let signature = image(b"signed", Some(&manifest));
    let index = index(&[entry(&manifest, Some("r.test/a:1")), entry(&signature, None)]);
    let made = Made::new().file("oci-layout", VERSION.as_bytes()).file("index.json", index.as_bytes());
    let made = made.blob(&manifest.bytes).blob(&signature.bytes).blob(b"{}").blob(b"signed").blob(layer);
    (made.bytes(), manifest, signature)
}

fn saved(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("writable");
    path
}

async fn open(path: &Path) -> Result<ReadArchive, Box<Failure>> {
    ReadArchive::open(path).await
}
