//! What one image, one blob and one tag cost.

use super::{Mirror, count, tally};
use crate::bed::images::{Format, Layer, Recipe, one_platform, two_platforms};
use crate::bed::memory::{Registry, RequestKind};

#[test]
fn a_new_blob_costs_two_requests_and_an_image_nothing_needless() {
    let (source, target) = (Registry::start(), Registry::start());
    let image = Recipe::new(1).layer(Layer::files(1, 3000)).layer(Layer::files(2, 3000)).build();
    source.seed(&image, "app", &["1"]);
    let keys = format!("source: {}/app, target: {}/app, tags: ['1']", source.host(), target.host());
    Mirror::between(&[&source, &target]).rule(&keys).sync();
    // One question whether the source lists referrers, and one list of tags that tells that there are none.
    assert_eq!(tally(&source), "TagList 1, ManifestHead 1, ManifestGet 1, BlobGet 3, ReferrersGet 1");
    assert_eq!(tally(&target), "ManifestHead 1, ManifestPut 1, Mount 3, UploadPut 3");
    assert!(target.complete("app", "1"));
}

#[test]
fn a_known_blob_costs_one_request_and_no_byte() {
    let (source, target) = (Registry::start(), Registry::start());
    let base = Layer::files(1, 3000);
    let old = Recipe::new(1).layer(base.clone()).build();
    let new = Recipe::new(2).layer(base.clone()).layer(Layer::files(2, 3000)).build();
    target.seed(&old, "app", &["old"]);
    source.seed(&new, "app", &["new"]);
    let keys = format!("source: {}/app, target: {}/app, tags: [new]", source.host(), target.host());
    let mirror = Mirror::between(&[&source, &target]).rule(&keys);
    mirror.sync();
    let starts = target.requests().of(RequestKind::Mount);
    assert_eq!(starts.len(), 3, "config, base and new layer are asked for once");
    assert_eq!(count(&target, RequestKind::UploadPut), 2, "the base layer is there already");
    assert_eq!(count(&source, RequestKind::BlobGet), 2);
    let item = &mirror.report()["items"][0];
    assert_eq!(item["blobs"], serde_json::json!({ "copied": 2, "mounted": 0, "present": 1 }));
}

#[test]
fn literal_tags_cause_no_listing_and_patterns_one() {
    let (source, target) = (Registry::start(), Registry::start());
    source.seed(&one_platform(1, Format::Oci), "app", &["1.0", "1.1", "2.0"]);
    let pair = format!("source: {}/app, target: {}/app", source.host(), target.host());
    let literal = format!("{pair}, tags: {{ include: ['1.0', '2.0'], exclude: ['2.*'] }}, referrers: none");
    Mirror::between(&[&source, &target]).rule(&literal).sync();
    assert_eq!(count(&source, RequestKind::TagList), 0);
    assert_eq!(target.tags("app").into_keys().collect::<Vec<_>>(), ["1.0"]);
    Mirror::between(&[&source, &target]).rule(&format!("{pair}, tags: ['1.*']")).sync();
    assert_eq!(count(&source, RequestKind::TagList), 1);
    assert_eq!(target.tags("app").into_keys().collect::<Vec<_>>(), ["1.0", "1.1"]);
}

#[test]
fn an_index_costs_one_get_for_each_of_its_manifests() {
    let (source, target) = (Registry::start(), Registry::start());
    for (tag, format) in [("oci", Format::Oci), ("docker", Format::Docker)] {
        source.seed(&two_platforms(tag.len() as u64, format), "app", &[tag]);
        source.clear_requests();
        target.clear_requests();
        let keys = format!("source: {}/app, target: {}/app, tags: [{tag}]", source.host(), target.host());
        Mirror::between(&[&source, &target]).rule(&keys).sync();
        let children =
            source.manifest("app", tag).is_some().then(|| count(&source, RequestKind::ManifestGet) - 1);
        assert_eq!(children, Some(count(&target, RequestKind::ManifestPut) - 1));
        assert_eq!(count(&target, RequestKind::ManifestHead), 1, "{tag}");
        assert!(target.complete("app", tag));
        assert_eq!(source.tag("app", tag), target.tag("app", tag));
    }
}

#[test]
fn an_immutable_tag_that_is_there_is_never_asked_for() {
    let (source, target) = (Registry::start(), Registry::start());
    source.seed(&one_platform(1, Format::Oci), "app", &["1.0.0", "1.0.1"]);
    target.seed(&one_platform(2, Format::Oci), "app", &["1.0.0", "1.0.1"]);
    let keys = format!(
        "source: {}/app, target: {}/app, tags: ['1.0.0', '1.0.1'], immutable: ['1.*']",
        source.host(),
        target.host()
    );
    Mirror::between(&[&source, &target]).rule(&keys).sync();
    assert_eq!(tally(&source), "");
    assert_eq!(tally(&target), "TagList 1");
}
