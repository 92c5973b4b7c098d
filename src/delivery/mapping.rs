//! Where the images of bundles go. Pure.

use super::Prefix;
use crate::bundle::BundledImage;
use crate::form::Form;
use crate::oci::{Digest, Reference};
use crate::referrers::SourceTags;
use crate::resolve::{Mapping, MappingTarget};
use crate::spec::{OnExisting, Referrers};
use crate::store::Head;
use std::collections::{BTreeMap, BTreeSet};

/// The name of the rule in the report.
const MIRROR: &str = "bundle";

/// Who says where images go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// The bundle.
    AsBundled,
    /// All below this.
    Below(Prefix),
}

/// What brings `images` to where they go. Each image is what the bundle has, whatever its source names now.
///
/// # Errors
/// An image has no target, or two that differ would get one.
pub fn mappings(images: &[&BundledImage], destination: &Destination) -> Result<Vec<Mapping>, String> {
    let mut taken: BTreeMap<Reference, (&Digest, &Reference)> = BTreeMap::new();
    let mut mappings = Vec::new();
    for image in images {
        let targets = targets(image, destination)?;
        for target in &targets {
            let (digest, other) = taken.entry(target.clone()).or_insert((&image.digest, &image.source));
            if **digest != image.digest {
                return Err(format!(
                    "{target} would be {} from {other} and {} from {}: push them one after another, or \
                     give --to for one of them",
                    digest.short(),
                    image.digest.short(),
                    image.source
                ));
            }
        }
        mappings.push(mapping(image, targets));
    }
    Ok(mappings)
}

fn targets(image: &BundledImage, destination: &Destination) -> Result<BTreeSet<Reference>, String> {
    let BundledImage { source, targets, .. } = image;
    let Destination::Below(prefix) = destination else {
        return match targets.is_empty() {
            true => Err(format!("the bundle does not say where {source} goes: give --to or --spec")),
            false => Ok(targets.clone()),
        };
    };
    let repository = prefix.target(&source.repository).map_err(|why| format!("--to {prefix}: {why}"))?;
    // An image that is named by its digest gets the tags that it was to have.
    let tags: BTreeSet<_> = match &source.tag {
        Some(tag) => BTreeSet::from([tag.clone()]),
        None => targets.iter().filter_map(|target| target.tag.clone()).collect(),
    };
    match tags.is_empty() {
        true => Err(format!("{source} has no tag that it could have below {prefix}: give --spec")),
        false => Ok(tags.into_iter().map(|tag| repository.at(tag)).collect()),
    }
}

fn mapping(image: &BundledImage, targets: BTreeSet<Reference>) -> Mapping {
    let BundledImage { source, digest, media_type, size_bytes, .. } = image.clone();
    Mapping {
        mirror: MIRROR.to_owned(),
        spec_line: None,
        source,
        head: Some(Head { digest, media_type, size_bytes: Some(size_bytes) }),
        rename: None,
        targets: targets.into_iter().map(MappingTarget::plain).collect(),
        on_existing: OnExisting::Overwrite,
        form: Form::default(),
        referrers: Referrers::All,
        require: Vec::new(),
        source_tags: SourceTags::Named(1),
        pinned: None,
        gates: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::MediaType;

    fn image(source: &str, content: &str, targets: &[&str]) -> BundledImage {
        BundledImage {
            source: source.parse().expect("a reference"),
            digest: Digest::of(content.as_bytes()),
            media_type: MediaType::oci_manifest(),
            size_bytes: 1,
            name: None,
            targets: targets.iter().map(|target| target.parse().expect("a reference")).collect(),
        }
    }

    fn told(images: &[BundledImage], destination: &Destination) -> Result<Vec<String>, String> {
        let images: Vec<&BundledImage> = images.iter().collect();
        let line = |mapping: Mapping| {
            let targets = mapping.targets.iter().map(|target| target.reference.to_string());
            format!("{} → {}", mapping.source, targets.collect::<Vec<_>>().join(" "))
        };
        Ok(mappings(&images, destination)?.into_iter().map(line).collect())
    }

    #[test]
    fn images_go_where_the_bundle_or_the_flag_says() {
        let digest = Digest::of(b"b");
        let images = [
            image("a.test/a:1", "a", &["r.test/a:1", "r.test/b:2"]),
            image(&format!("a.test/b@{digest}"), "b", &["r.test/b:3"]),
        ];
        let pinned = format!("a.test/b@{digest} → r.test/b:3");
        assert_eq!(
            told(&images, &Destination::AsBundled).as_deref(),
            Ok(&["a.test/a:1 → r.test/a:1 r.test/b:2".to_owned(), pinned][..])
        );
        let below = Destination::Below("o.test/m".parse().expect("a prefix"));
        let pinned = format!("a.test/b@{digest} → o.test/m/b:3");
        assert_eq!(told(&images, &below), Ok(vec!["a.test/a:1 → o.test/m/a:1".to_owned(), pinned]));
    }

    #[test]
    fn what_is_pushed_is_what_the_bundle_has_whatever_the_source_names() {
        let image = image("a.test/a:1", "bundled", &["r.test/a:1"]);
        let mapping = mappings(&[&image], &Destination::AsBundled).expect("a target").remove(0);
        assert_eq!(mapping.head.map(|head| head.digest), Some(image.digest));
    }

    #[test]
    fn an_image_without_a_target_and_two_for_one_are_refused() {
        let nowhere = told(&[image("a.test/a:1", "a", &[])], &Destination::AsBundled);
        assert!(nowhere.expect_err("nowhere").contains("give --to or --spec"));
        let below = Destination::Below("o.test".parse().expect("a prefix"));
        let two =
            |other: &str| told(&[image("a.test/a:1", "a", &[]), image("b.test/a:1", other, &[])], &below);
        assert!(two("b").expect_err("they differ").contains("o.test/a:1 would be"));
        assert_eq!(two("a").map(|all| all.len()), Ok(2), "the same image is no conflict");
    }
}
