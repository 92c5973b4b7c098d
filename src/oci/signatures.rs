//! Manifests that cosign keeps under a tag, and adds layers to. No I/O.

use super::{Descriptor, Object, RawManifest};
use serde::Deserialize;

#[derive(Deserialize)]
struct Layers {
    layers: Vec<Object<Descriptor>>,
}

/// Whether `new` has every layer that `old` has: then writing it over the old one loses nothing. A layer is
/// its digest and its annotations, for all signatures of one image are over the same bytes, and stand in
/// the annotations. What has no layers, or cannot be read, is kept by nothing but itself.
pub fn keeps_layers(old: &RawManifest, new: &RawManifest) -> bool {
    let layers = |raw: &RawManifest| {
        let Object(Layers { layers }) = serde_json::from_slice(&raw.bytes).ok()?;
        Some(layers.into_iter().map(|Object(layer)| (layer.digest, layer.annotations)).collect::<Vec<_>>())
    };
    match (layers(old), layers(new)) {
        (Some(old), Some(new)) => old.iter().all(|layer| new.contains(layer)),
        _ => old.digest == new.digest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::{Digest, MediaType};

    /// A manifest with a layer for each signature of the same bytes.
    fn signed(signatures: &[&str]) -> RawManifest {
        let digest = Digest::of(b"what is signed");
        let layer = |signature: &&str| {
            format!(
                r#"{{"mediaType":"a/b","digest":"{digest}","size":1,"annotations":{{"sig":"{signature}"}}}}"#
            )
        };
        let layers: Vec<String> = signatures.iter().map(layer).collect();
        let text = format!(r#"{{"config":{{"n":{}}},"layers":[{}]}}"#, layers.len(), layers.join(","));
        RawManifest::new(MediaType::oci_manifest(), text.into(), None)
    }

    #[test]
    fn only_what_was_added_to_may_take_the_place_of_what_was() {
        let rows: [(&[&str], &[&str], bool); 6] = [
            (&["a"], &["a", "b"], true),
            (&["b", "a"], &["a", "b"], true),
            (&[], &["a"], true),
            (&["a"], &["a"], true),
            (&["a", "theirs"], &["a", "b"], false),
            (&["theirs"], &["a"], false),
        ];
        for (old, new, kept) in rows {
            assert_eq!(keeps_layers(&signed(old), &signed(new)), kept, "{old:?} {new:?}");
        }
        let index = RawManifest::new(MediaType::oci_index(), r#"{"manifests":[]}"#.into(), None);
        assert!(keeps_layers(&index, &index));
        assert!(!keeps_layers(&index, &signed(&["a"])) && !keeps_layers(&signed(&[]), &index));
    }
}
