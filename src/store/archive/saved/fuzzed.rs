//! What holds for `manifest.json` of what `docker save` writes, whatever the bytes are.

use super::document::{Packing, diff_ids, index, manifest, manifest_type, read};
use crate::oci::{Descriptor, Digest, RawManifest};
use crate::store::layout::index::Index;

/// The manifests that are made are read as what they were made of, and the index finds each by its names.
pub fn docker_archive(bytes: &[u8]) -> bool {
    if let Err(why) = diff_ids(bytes) {
        assert!(!why.is_empty());
    }
    let images = match read(bytes) {
        Ok(images) => images,
        Err(why) => {
            assert!(!why.is_empty());
            return false;
        }
    };
    let mut listed = Vec::new();
    for image in &images {
        let config = Digest::of(image.config.as_bytes());
        let layers = image.layers().iter().map(|name| (Digest::of(name.as_bytes()), 7, Packing::Plain));
        let layers: Vec<_> = layers.collect();
        let text = manifest((&config, 2), &layers);
        let media_type = manifest_type().expect("a media type");
        let raw = RawManifest::new(media_type.clone(), text.clone().into(), None);
        let parsed = raw.parse().expect("a manifest");
        let blobs: Vec<_> = parsed.blobs.into_iter().map(|blob| blob.digest).collect();
        let expected = std::iter::once(config).chain(layers.into_iter().map(|(digest, ..)| digest));
        assert_eq!(blobs, expected.collect::<Vec<_>>());
        let (names, illegal) = image.names();
        assert_eq!(names.len() + illegal.len(), image.repo_tags.iter().flatten().count());
        listed.push((names, Descriptor::new(media_type, raw.digest, text.len() as u64)));
    }
    let index = Index::read(index(&listed).as_bytes()).expect("an index");
    assert_eq!(index.illegal_names().count(), 0);
    for (names, manifest) in &listed {
        assert!(index.digest(&manifest.digest).is_some());
        for name in names {
            let tags = index.tags(&Some(name.repository.to_string().parse().expect("a name")));
            assert!(tags.is_some_and(|tags| tags.iter().any(|tag| Some(tag) == name.tag.as_ref())));
        }
    }
    true
}
