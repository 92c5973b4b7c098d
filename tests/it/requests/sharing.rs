//! Content that several images, repositories or targets need comes once.

use super::{Mirror, count};
use crate::bed::images::{Format, Image, Layer, Recipe, one_platform};
use crate::bed::memory::{Behaviour, Call, Canned, Gate, Moment, Registry, Request, RequestKind, Rule};
use std::collections::BTreeMap;

/// Images that share a layer, each with a layer of its own.
fn family(base: &Layer, count: u64) -> Vec<Image> {
    (1..=count)
        .map(|n| Recipe::new(n).layer(base.clone()).layer(Layer::files(1000 + n, 500)).build())
        .collect()
}

/// How often each path was asked for.
fn paths(registry: &Registry, kind: RequestKind) -> BTreeMap<String, usize> {
    let mut paths = BTreeMap::new();
    for request in registry.requests().of(kind).iter() {
        *paths.entry(request.path.clone()).or_default() += 1;
    }
    paths
}

#[test]
fn forty_images_that_share_a_layer_fetch_it_once() {
    let (source, target) = (Registry::start(), Registry::start());
    let base = Layer::files(7, 200_000);
    let mut mirror = Mirror::between(&[&source, &target]);
    for (n, image) in family(&base, 40).iter().enumerate() {
        source.seed(image, &format!("app{n}"), &["1"]);
        let (source, target) = (source.host(), target.host());
        mirror = mirror.rule(&format!("source: {source}/app{n}, target: {target}/app{n}, tags: ['1']"));
    }
    mirror.sync();
    assert!(paths(&source, RequestKind::BlobGet).values().all(|count| *count == 1));
    let base_requests = source.requests().of(RequestKind::BlobGet);
    let base_requests = base_requests.iter().filter(|request| request.path.ends_with(&base.blob.digest));
    assert_eq!(base_requests.count(), 1);
    assert_eq!(count(&source, RequestKind::BlobGet), 81, "40 configs, 40 layers, one base");
    assert_eq!(count(&target, RequestKind::UploadPut), 81);
    assert_eq!(count(&target, RequestKind::Mount), 120, "39 of them mounted the base");
    assert!((0..40).all(|n| target.complete(&format!("app{n}"), "1")));
}

#[test]
fn tags_of_one_repository_that_start_together_upload_a_shared_layer_once() {
    let (source, target) = (Registry::start(), Registry::start());
    let base = Layer::files(7, 500_000);
    for (n, image) in family(&base, 12).iter().enumerate() {
        source.seed(image, "app", &[&format!("1.{n}")]);
    }
    let keys = format!("source: {}/app, target: {}/app", source.host(), target.host());
    Mirror::between(&[&source, &target]).rule(&keys).sync();
    assert_eq!(count(&source, RequestKind::BlobGet), 25);
    assert_eq!(count(&target, RequestKind::Mount), 25, "who waited need not ask: it is there");
    assert_eq!(count(&target, RequestKind::UploadPut), 25);
}

#[test]
fn two_targets_cause_one_get_at_the_source() {
    let (source, one, two) = (Registry::start(), Registry::start(), Registry::start());
    for (n, image) in family(&Layer::files(7, 100_000), 5).iter().enumerate() {
        source.seed(image, "app", &[&format!("1.{n}")]);
    }
    let keys = format!("source: {}/app, target: ['{}/a', '{}/b']", source.host(), one.host(), two.host());
    Mirror::between(&[&source, &one, &two]).rule(&keys).sync();
    assert!(paths(&source, RequestKind::BlobGet).values().all(|count| *count == 1));
    assert_eq!(count(&source, RequestKind::BlobGet), 11);
    assert_eq!(count(&source, RequestKind::ManifestHead), 5);
    assert_eq!(count(&source, RequestKind::ManifestGet), 5);
    for (target, repository) in [(&one, "a"), (&two, "b")] {
        assert_eq!(count(target, RequestKind::UploadPut), 11);
        assert!((0..5).all(|n| target.complete(repository, &format!("1.{n}"))));
    }
}

#[test]
fn several_tags_of_one_image_move_its_content_once() {
    let (source, target) = (Registry::start(), Registry::start());
    source.seed(&one_platform(1, Format::Oci), "app", &["1", "1.2", "1.2.3", "latest"]);
    let keys = format!("source: {}/app, target: {}/app", source.host(), target.host());
    Mirror::between(&[&source, &target]).rule(&keys).sync();
    assert!(paths(&source, RequestKind::BlobGet).values().all(|count| *count == 1));
    assert!(paths(&target, RequestKind::Mount).values().sum::<usize>() <= 3);
    assert_eq!(count(&source, RequestKind::ManifestGet), 1);
    assert_eq!(count(&target, RequestKind::ManifestPut), 4, "a PUT for each tag");
    assert_eq!(target.tags("app").len(), 4);
}

#[test]
fn a_blob_of_another_repository_of_the_target_is_mounted() {
    let (source, target) = (Registry::start(), Registry::start());
    let image = one_platform(1, Format::Oci);
    source.seed(&image, "app", &["1"]);
    let rule = |name: &str| {
        format!("name: {name}, source: {}/app, target: {}/{name}, tags: ['1']", source.host(), target.host())
    };
    let mirror = Mirror::between(&[&source, &target]).rule(&rule("one")).rule(&rule("two"));
    mirror.sync();
    let blobs = image.blobs.len();
    assert_eq!(count(&source, RequestKind::BlobGet), blobs);
    assert_eq!(count(&target, RequestKind::UploadPut), blobs);
    let mounted: u64 = mirror.report()["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|item| item["blobs"]["mounted"].as_u64().expect("a number"))
        .sum();
    assert_eq!(mounted as usize, blobs);
    assert!(target.complete("one", "1") && target.complete("two", "1"));
}

#[test]
fn a_registry_that_does_not_mount_what_it_has_is_asked_by_head_from_then_on() {
    /// More than twice as many as are begun at once.
    const LAYERS: u64 = 200;
    let (source, target) = (Registry::start(), Registry::start());
    let layers = (0..LAYERS).map(|seed| Layer::files(seed, 500));
    let image = layers.fold(Recipe::new(1), Recipe::layer).build();
    source.seed(&image, "app", &["1"]);
    target.seed(&image, "two", &["old"]);
    // It begins an upload where a mount is asked for, although the other repository has the blob.
    let upload = Canned::new(202).header("location", "/v2/two/blobs/uploads/lost");
    target.rule(Rule::on(RequestKind::Mount).path("/two/.*from=one").then(Behaviour::Answer(upload)));
    // The second rule's tags are listed when the first one's image is there.
    let gate = Gate::closed();
    source.rule(Rule::on(RequestKind::TagList).then(Behaviour::Hold(gate.clone())));
    let open = Behaviour::Call(Moment::Committed, Call::new(move || gate.open()));
    target.rule(Rule::on(RequestKind::ManifestPut).path("/one/").then(open));
    let (from, to) = (source.host(), target.host());
    Mirror::between(&[&source, &target])
        .rule(&format!("name: one, source: {from}/app, target: {to}/one, tags: ['1'], referrers: none"))
        .rule(&format!("name: two, source: {from}/app, target: {to}/two, tags: ['1*']"))
        .sync();
    assert!(target.complete("two", "1"));
    let mounts = target.requests().of(RequestKind::Mount);
    let elsewhere = |mount: &&Request| mount.path.contains("/two/") && mount.query("from") == Some("one");
    let refused = mounts.iter().filter(elsewhere).count();
    assert!((1..=LAYERS as usize / 2).contains(&refused), "{refused} mounts were asked for");
    assert!(count(&target, RequestKind::BlobHead) >= refused, "each is looked for instead");
}
