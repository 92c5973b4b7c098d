//! Nothing waits for ever, however little may be done at once and whoever waits for whom.

use super::{Image, Mirror, Registry, RequestKind, Rule, Run, count};
use crate::bed::images::{Format, Layer, Recipe, index};

/// Images that share a base, two platforms each.
fn images(number: u64) -> Vec<Image> {
    let base = Layer::files(1, 3000);
    let image = |seed: u64, platform: &str| {
        let recipe = Recipe::new(seed).platform(platform).layer(base.clone());
        recipe.layer(Layer::files(seed % 5 + 10, 2000)).layer(Layer::files(seed + 100, 1000)).build()
    };
    (0..number)
        .map(|seed| index(Format::Oci, &[image(seed, "linux/amd64"), image(seed + 1000, "linux/arm64")]))
        .collect()
}

/// A run that ended by itself, and not by its deadline.
fn ends(mirror: &Mirror) -> Run {
    mirror.sync().code(0)
}

#[test]
fn one_registry_is_source_and_target_with_few_requests_at_once() {
    for limit in [1, 2, 3] {
        let registry = Registry::start();
        let mut mirror = Mirror::of(&[&registry]).limits(&registry, &format!("concurrent_requests: {limit}"));
        // Mounting would spare the bytes.
        registry.rule(Rule::on(RequestKind::Mount).answer(405));
        for (number, image) in images(4).iter().enumerate() {
            let name = format!("app-{number}");
            registry.seed(image, &name, &["1.0"]);
            let targets = [format!("a-{number}"), format!("b-{number}")];
            mirror = mirror.copying(
                &registry,
                &name,
                &[(&registry, &targets[0]), (&registry, &targets[1])],
                "1.0",
            );
        }
        let run = ends(&mirror);
        assert_eq!(run.outcomes(), ["created"; 8]);
        assert!(registry.requests().at_once_max() <= limit.max(2));
    }
}

#[test]
fn many_targets_in_one_registry_that_does_not_mount() {
    for limit in [1, 2, 4] {
        let (source, target) = (Registry::start(), Registry::start());
        target.rule(Rule::on(RequestKind::Mount).answer(405));
        let mut mirror =
            Mirror::of(&[&source, &target]).limits(&target, &format!("concurrent_requests: {limit}"));
        let names: Vec<String> = (0..5).map(|number| format!("copy-{number}")).collect();
        let targets: Vec<(&Registry, &str)> = names.iter().map(|name| (&target, name.as_str())).collect();
        for (number, image) in images(3).iter().enumerate() {
            let name = format!("app-{number}");
            source.seed(image, &name, &[&format!("{number}.0")]);
            mirror = mirror.copying(&source, &name, &targets, &format!("{number}.0"));
        }
        assert_eq!(ends(&mirror).outcomes(), ["created"; 15]);
    }
}

#[test]
fn many_images_for_many_repositories_that_do_not_mount_with_default_limits() {
    let (source, target) = (Registry::start(), Registry::start());
    target.rule(Rule::on(RequestKind::Mount).answer(405));
    let mut mirror = Mirror::of(&[&source, &target]);
    let names: Vec<String> = (0..6).map(|number| format!("copy-{number}")).collect();
    let targets: Vec<(&Registry, &str)> = names.iter().map(|name| (&target, name.as_str())).collect();
    for (number, image) in images(20).iter().enumerate() {
        let name = format!("app-{number}");
        source.seed(image, &name, &[&format!("{number}.0")]);
        mirror = mirror.copying(&source, &name, &targets, &format!("{number}.0"));
    }
    assert_eq!(ends(&mirror).outcomes(), ["created"; 120]);
}

#[test]
fn two_registries_in_both_directions_with_few_requests_at_once() {
    for limit in [1, 2] {
        let (one, other) = (Registry::start(), Registry::start());
        let limits = format!("concurrent_requests: {limit}");
        let mut mirror = Mirror::of(&[&one, &other]).limits(&one, &limits).limits(&other, &limits);
        for (number, image) in images(8).iter().enumerate() {
            let (name, copy) = (format!("app-{number}"), format!("copy-{number}"));
            let both = [(&one, &other), (&other, &one)];
            let (source, target) = both[number % 2];
            source.seed(image, &name, &["1.0"]);
            let third = format!("third-{number}");
            mirror = mirror.copying(source, &name, &[(target, &copy), (source, &third)], "1.0");
        }
        assert_eq!(ends(&mirror).outcomes(), ["created"; 16]);
    }
}

#[test]
fn forty_images_for_two_targets_share_what_they_share() {
    let (source, one, other) = (Registry::start(), Registry::start(), Registry::start());
    let mut mirror = Mirror::of(&[&source, &one, &other]);
    for (number, image) in images(40).iter().enumerate() {
        let (name, copy) = (format!("app-{number}"), format!("copy-{number}"));
        source.seed(image, &name, &["1.0"]);
        mirror = mirror.copying(&source, &name, &[(&one, &copy), (&other, &copy)], "1.0");
    }
    assert_eq!(ends(&mirror).outcomes(), ["created"; 80]);
    let base = Layer::files(1, 3000).blob.digest;
    let gets = source.requests().of(RequestKind::BlobGet);
    assert_eq!(gets.iter().filter(|get| get.path.ends_with(&base)).count(), 1, "the base is fetched once");
    for target in [&one, &other] {
        let puts = target.requests().of(RequestKind::UploadPut);
        assert_eq!(puts.iter().filter(|put| put.query("digest") == Some(&base)).count(), 1);
        assert_eq!(count(target, RequestKind::UploadStart), 0);
    }
}

#[test]
fn whoever_brings_a_shared_blob_and_fails_hands_over() {
    let (source, target) = (Registry::start(), Registry::start());
    let mut mirror = Mirror::of(&[&source, &target]);
    let base = Layer::files(1, 3000).blob.digest;
    for (number, image) in images(6).iter().enumerate() {
        let name = format!("app-{number}");
        source.seed(image, &name, &["1.0"]);
        mirror = mirror.copying(&source, &name, &[(&target, &format!("copy-{number}"))], "1.0");
    }
    // Whoever comes first is refused for good, and so is the second.
    target
        .rule(Rule::on(RequestKind::UploadPut).path(base.trim_start_matches("sha256:")).first(2).answer(400));
    let run = mirror.sync().code(3);
    let outcomes = run.outcomes();
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "protocol").count(), 2, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "created").count(), 4);
    let complete = (0..6).filter(|number| target.complete(&format!("copy-{number}"), "1.0"));
    assert_eq!(complete.count(), 4);
}

#[test]
fn faults_do_not_make_anybody_wait_for_ever() {
    super::at_once(0..3, |seed| {
        let (source, one, other) = (Registry::start(), Registry::start(), Registry::start());
        let limits = format!("concurrent_requests: {}", seed + 1);
        let registries = [&source, &one, &other];
        let mut mirror =
            registries.iter().fold(Mirror::of(&registries), |mirror, r| mirror.limits(r, &limits));
        for (number, image) in images(6).iter().enumerate() {
            let (name, copy) = (format!("app-{number}"), format!("copy-{}", number % 3));
            source.seed(image, &name, &[&format!("{number}.0")]);
            let targets = [(&one, copy.as_str()), (&other, copy.as_str()), (&source, copy.as_str())];
            mirror = mirror.copying(&source, &name, &targets, &format!("{number}.0"));
        }
        source.rule(Rule::on(RequestKind::BlobGet).every(7 + seed).then(super::Behaviour::CutResponse(500)));
        one.rule(Rule::any().every(11 + seed).answer(500));
        other.rule(Rule::on(RequestKind::UploadPut).every(5 + seed).then(super::Behaviour::CutRequest(100)));
        source.rule(Rule::on(RequestKind::Mount).every(4).answer(404));
        assert_eq!(ends(&mirror).outcomes(), ["created"; 18], "seed {seed}");
    });
}
