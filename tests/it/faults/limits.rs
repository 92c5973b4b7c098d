//! The limits of the spec are kept, whatever there is to do.

use super::{Mirror, Registry, RequestKind};
use crate::bed::images::{Format, two_platforms};
use crate::bed::memory::Options;
use std::time::{Duration, Instant};

fn many(limits: &str) -> (Registry, Registry, Instant) {
    let busy = || Options::new().latency(Duration::from_millis(5)).start();
    let (source, target) = (busy(), busy());
    let mut mirror = Mirror::of(&[&source, &target]).limits(&source, limits).limits(&target, limits);
    for number in 0..6 {
        let (name, copy) = (format!("app-{number}"), format!("copy-{number}"));
        source.seed(&two_platforms(number, Format::Oci), &name, &["1.0"]);
        mirror = mirror.copying(&source, &name, &[(&target, &copy)], "1.0");
    }
    let started = Instant::now();
    mirror.sync().code(0);
    (source, target, started)
}

#[test]
fn no_more_requests_are_under_way_than_the_spec_allows() {
    for limit in [2, 3, 7] {
        let (source, target, _) = many(&format!("concurrent_requests: {limit}"));
        for registry in [&source, &target] {
            let most = registry.requests().at_once_max();
            assert!(most <= limit, "{most} at once, where {limit} may be");
        }
        assert_eq!(target.requests().at_once_max(), limit, "the limit is also used");
    }
}

#[test]
fn no_more_than_sixteen_bodies_each_way_are_under_way_when_the_spec_says_nothing() {
    let (source, target, _) = many("");
    assert!(source.requests().of(RequestKind::BlobGet).at_once_max() <= 16);
    assert!(target.requests().of(RequestKind::UploadPut).at_once_max() <= 16);
    assert!(source.requests().at_once_max() <= 80 && target.requests().at_once_max() <= 80);
}

#[test]
fn a_registry_that_answers_well_is_asked_for_more_at_once_than_in_the_beginning() {
    // As far away as the next town: a round trip is longer than what a busy machine adds.
    let far = || Options::new().latency(Duration::from_millis(40)).start();
    let (source, target) = (far(), far());
    let tags: Vec<String> = (0..300).map(|number| format!("1.{number}")).collect();
    let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    for registry in [&source, &target] {
        registry.seed(&two_platforms(1, Format::Oci), "app", &tags);
    }
    let rule = format!("source: {0}/app, target: {1}/app", source.host(), target.host());
    Mirror::of(&[&source, &target]).rule(&rule).sync().code(0);
    for registry in [&source, &target] {
        let most = registry.requests().of(RequestKind::ManifestHead).at_once_max();
        assert!((17..=64).contains(&most), "{most} at once");
    }
}

#[test]
fn requests_a_second_are_spread_over_time() {
    let (source, target, started) = many("requests_per_second: 50");
    let most = source.requests().len().max(target.requests().len()) as u64;
    // The first second's worth may come at once.
    let least = Duration::from_millis((most - 50) * 1000 / 50);
    assert!(started.elapsed() >= least, "{most} requests in {:?}", started.elapsed());
}
