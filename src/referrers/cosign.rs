//! Whether what cosign wrote at a source may take the place of what it wrote at a target. Pure.

use crate::oci::{Digest, RawManifest};
use std::collections::HashSet;

/// Whether everything that `there` holds is in `source`, too. Cosign adds a layer for each signature, so a
/// tag that grew has all that it had; whoever signed at the target has a layer that the source lacks, and
/// would lose it. What cannot be read holds what nobody knows.
pub(super) fn grew(there: &RawManifest, source: &RawManifest) -> bool {
    let (Some(there), Some(source)) = (layers(there), layers(source)) else { return false };
    there.is_subset(&source)
}

/// The layers of a manifest without its config, which says nothing and lists them again.
fn layers(raw: &RawManifest) -> Option<HashSet<Digest>> {
    let manifest = raw.parse().ok()?;
    if !manifest.manifests.is_empty() {
        return None;
    }
    let config = config(raw);
    let blobs = manifest.blobs.into_iter().map(|blob| blob.digest);
    Some(blobs.filter(|blob| Some(blob) != config.as_ref()).collect())
}

fn config(raw: &RawManifest) -> Option<Digest> {
    let document: serde_json::Value = serde_json::from_slice(&raw.bytes).ok()?;
    document.get("config")?.get("digest")?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::MediaType;
    use bytes::Bytes;

    fn manifest(layers: &[&str]) -> RawManifest {
        let blob = |name: &str| {
            format!(r#"{{"mediaType":"a/b","digest":"{}","size":7}}"#, Digest::of(name.as_bytes()))
        };
        let all: Vec<String> = layers.iter().map(|name| blob(name)).collect();
        let json = format!(
            r#"{{"config":{},"layers":[{}]}}"#,
            blob(&format!("config of {layers:?}")),
            all.join(",")
        );
        RawManifest::new(MediaType::oci_manifest(), Bytes::from(json), None)
    }

    #[test]
    fn a_tag_may_grow_and_lose_nothing() {
        for (there, source, expected) in [
            (&["a"][..], &["a", "b"][..], true),
            (&["a", "b"], &["b", "a"], true),
            (&[], &["a"], true),
            (&["a", "b"], &["a"], false),
            (&["a", "ours"], &["a", "b"], false),
            (&["ours"], &[], false),
        ] {
            assert_eq!(grew(&manifest(there), &manifest(source)), expected, "{there:?} {source:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_kept() {
        let index = |json: &'static str| {
            RawManifest::new(MediaType::oci_index(), Bytes::from_static(json.as_bytes()), None)
        };
        let child = Digest::of(b"child");
        let json = format!(r#"{{"manifests":[{{"mediaType":"a/b","digest":"{child}","size":7}}]}}"#);
        let list = RawManifest::new(MediaType::oci_index(), Bytes::from(json), None);
        for there in [index("7"), list] {
            assert!(!grew(&there, &manifest(&["a"])));
        }
    }
}
