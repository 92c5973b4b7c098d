//! Nothing idles: what does not need each other is under way at the same time. Gates hold answers, so
//! that a run which waited for one of them would never bring the others.

use super::{Mirror, count, tally};
use crate::bed::images::{Format, Image, Layer, Recipe, index, one_platform};
use crate::bed::memory::{Behaviour, Gate, Registry, RequestKind, Rule};
use std::time::{Duration, Instant};

/// How long a test waits for something to be there before it fails.
const WAIT_MAX: Duration = Duration::from_secs(30);

fn held(kind: RequestKind) -> (Rule, Gate) {
    let gate = Gate::closed();
    (Rule::on(kind).then(Behaviour::Hold(gate.clone())), gate)
}

/// An image with this many blobs.
fn of_blobs(seed: u64, blobs: u64) -> Image {
    let layers = (1..blobs).map(|layer| Layer::files(seed * 100 + layer, 500));
    layers.fold(Recipe::new(seed), Recipe::layer).build()
}

#[test]
fn the_longest_chain_of_an_image_has_five_requests() {
    const BLOBS: u64 = 10;
    let (source, target) = (Registry::start(), Registry::start());
    source.seed(&of_blobs(1, BLOBS), "app", &["1"]);
    let gates = [
        (&source, held(RequestKind::ManifestHead)),
        (&target, held(RequestKind::ManifestHead)),
        (&source, held(RequestKind::ManifestGet)),
        (&target, held(RequestKind::Mount)),
        (&source, held(RequestKind::BlobGet)),
        (&target, held(RequestKind::ManifestPut)),
    ];
    let gates: Vec<Gate> = gates
        .into_iter()
        .map(|(registry, (rule, gate))| {
            registry.rule(rule);
            gate
        })
        .collect();
    let [source_head, target_head, manifest, probes, bodies, written] = &gates[..] else { unreachable!() };
    let keys = format!("source: {}/app, target: {}/app, tags: ['1']", source.host(), target.host());
    let mirror = Mirror::between(&[&source, &target]).rule(&keys);
    let running = mirror.start(&["sync"]);
    source_head.wait_for(1);
    target_head.wait_for(1);
    source_head.open();
    target_head.open();
    manifest.wait_for(1);
    manifest.open();
    probes.wait_for(BLOBS as usize);
    probes.open();
    bodies.wait_for(BLOBS as usize);
    bodies.open();
    written.wait_for(1);
    assert_eq!(count(&target, RequestKind::UploadPut), BLOBS as usize);
    written.open();
    running.wait().expect_code(0);
    assert!(target.complete("app", "1"));
}

#[test]
fn the_children_of_an_index_are_fetched_together() {
    const CHILDREN: u64 = 12;
    let (source, target) = (Registry::start(), Registry::start());
    let children: Vec<Image> = (1..=CHILDREN).map(|seed| one_platform(seed, Format::Oci)).collect();
    source.seed(&index(Format::Oci, &children), "app", &["1"]);
    let (rule, gate) = held(RequestKind::ManifestGet);
    let digests: Vec<String> = children.iter().map(Image::digest).collect();
    source.rule(rule.path(&digests.join("|")));
    let keys = format!("source: {}/app, target: {}/app, tags: ['1']", source.host(), target.host());
    let mirror = Mirror::between(&[&source, &target]).rule(&keys);
    let running = mirror.start(&["sync"]);
    gate.wait_for(CHILDREN as usize);
    gate.open();
    running.wait().expect_code(0);
    assert!(target.complete("app", "1"));
}

#[test]
fn whoever_waits_for_a_blob_of_another_keeps_nobody_from_moving() {
    const FOLLOWERS: u64 = 60;
    let (source, target) = (Registry::start(), Registry::start());
    let base = Layer::files(7, 500);
    let (rule, gate) = held(RequestKind::BlobGet);
    source.rule(rule.path(&base.blob.digest));
    let mut mirror = Mirror::between(&[&source, &target]);
    let keys = |name: &str| {
        format!("source: {0}/{name}, target: {1}/{name}, tags: ['1']", source.host(), target.host())
    };
    for number in 0..FOLLOWERS {
        let name = format!("app{number}");
        let own = Layer::files(1000 + number, 500);
        source.seed(&Recipe::new(number).layer(base.clone()).layer(own).build(), &name, &["1"]);
        mirror = mirror.rule(&keys(&name));
    }
    source.seed(&of_blobs(99, 3), "free", &["1"]);
    mirror = mirror.rule(&keys("free"));
    let running = mirror.start(&["sync"]);
    gate.wait_for(1);
    let started = Instant::now();
    while target.tag("free", "1").is_none() {
        assert!(started.elapsed() < WAIT_MAX, "{}", target.requests());
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(target.tags("app0").len(), 0);
    gate.open();
    running.wait().expect_code(0);
    assert!((0..FOLLOWERS).all(|number| target.complete(&format!("app{number}"), "1")));
    assert_eq!(count(&source, RequestKind::BlobGet), 1 + 2 * FOLLOWERS as usize + 3);
}

#[test]
fn a_source_that_does_not_answer_holds_up_no_other() {
    let (slow, quick, target) = (Registry::start(), Registry::start(), Registry::start());
    let tags: Vec<String> = (0..200).map(|number| format!("1.{number}")).collect();
    let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    slow.seed(&one_platform(1, Format::Oci), "app", &tags);
    quick.seed(&one_platform(2, Format::Oci), "app", &["1"]);
    let (rule, gate) = held(RequestKind::ManifestHead);
    slow.rule(rule);
    let keys = |source: &Registry, name: &str| {
        format!("name: {name}, source: {}/app, target: {}/{name}", source.host(), target.host())
    };
    let mirror = Mirror::between(&[&slow, &quick, &target])
        .rule(&format!("{}, on_existing: keep", keys(&slow, "slow")))
        .rule(&keys(&quick, "quick"));
    let running = mirror.start(&["sync"]);
    gate.wait_for(1);
    let started = Instant::now();
    while target.tag("quick", "1").is_none() {
        assert!(started.elapsed() < WAIT_MAX, "{}", target.requests());
        std::thread::sleep(Duration::from_millis(5));
    }
    gate.open();
    running.wait().expect_code(0);
    assert_eq!(target.tags("slow").len(), tags.len());
}

#[test]
fn tags_that_start_together_bring_what_they_share_once() {
    const TAGS: u64 = 24;
    let (source, target) = (Registry::start(), Registry::start());
    let shared = [Layer::files(1, 200_000), Layer::files(2, 200_000)];
    for number in 0..TAGS {
        let image = shared.iter().cloned().fold(Recipe::new(number), Recipe::layer).build();
        source.seed(&image, "app", &[&format!("1.{number}")]);
    }
    let keys = format!("source: {}/app, target: {}/app", source.host(), target.host());
    Mirror::between(&[&source, &target]).rule(&keys).sync();
    assert_eq!(tally(&source), "TagList 1, ManifestGet 24, BlobGet 26, ReferrersGet 1");
    assert_eq!(tally(&target), "TagList 1, ManifestPut 24, Mount 26, UploadPut 26");
    assert!((0..TAGS).all(|number| target.complete("app", &format!("1.{number}"))));
}
