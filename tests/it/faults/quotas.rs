//! Registries that give only so much: by the hour, which ends a run, and by the second, which slows it.

use super::{Behaviour, Canned, Mirror, Registry, RequestKind, Rule, count, on_answer};
use crate::bed::images::{Format, Image, one_platform};

/// As much as one day's run may want.
const IMAGES: u64 = 6;

/// A source with images, an empty target, and a spec that copies them one request at a time.
fn scene(limits: &str) -> (Registry, Registry, Mirror) {
    let (source, target) = (Registry::start(), Registry::start());
    let mut mirror = Mirror::of(&[&source, &target]);
    mirror = mirror.limits(&source, &format!("concurrent_requests: 1{limits}"));
    for number in 0..IMAGES {
        source.seed(&image(number), &format!("app-{number}"), &["1.0"]);
        mirror = mirror.copying(&source, &format!("app-{number}"), &[(&target, "copies")], &tag(number));
    }
    (source, target, mirror)
}

fn image(number: u64) -> Image {
    one_platform(number, Format::Oci)
}

/// Every image has a tag of its own at the target.
fn tag(number: u64) -> String {
    format!("{{ include: ['1.0'] }}, rename: {{ match: '^', to: 'v{number}-' }}")
}

/// Lets the registry announce what is left, from the next GET of a manifest on.
fn announce(source: &Registry, remaining: std::ops::RangeInclusive<u64>) {
    for (number, remaining) in remaining.rev().enumerate() {
        let set = |name: &str, value: String| Behaviour::SetHeader(name.to_owned(), value);
        let rule = Rule::on(RequestKind::ManifestGet).nth(number as u64 + 1);
        let rule = rule.then(set("ratelimit-limit", "100;w=21600".to_owned()));
        source.rule(rule.then(set("ratelimit-remaining", format!("{remaining};w=21600"))));
    }
}

fn sorted(mut outcomes: Vec<String>) -> Vec<String> {
    outcomes.sort_unstable();
    outcomes
}

/// How many blobs the images have.
fn blobs() -> usize {
    let digests = (0..IMAGES).flat_map(|number| image(number).blobs.into_keys());
    digests.collect::<std::collections::BTreeSet<_>>().len()
}

#[test]
fn a_quota_that_ends_in_the_middle_of_a_run_defers_the_rest_and_the_next_run_goes_on() {
    let (source, target, mirror) = scene("");
    announce(&source, 0..=2);
    let first = mirror.sync().code(7);
    let outcomes = ["created", "created", "created", "quota", "quota", "quota"];
    assert_eq!(sorted(first.outcomes()), outcomes, "{}", first.finished.stdout);
    assert_eq!(first.report["result"], "deferred");
    assert_eq!(first.report["counts"]["deferred"], 3);
    assert!(first.error("hint").contains("run again"), "{}", first.error("hint"));
    assert_eq!(count(&source, RequestKind::ManifestGet), 3, "{}", source.requests());
    assert_eq!(count(&source, RequestKind::ManifestHead), IMAGES as usize, "looking goes on");
    let said = first.report["registries"].as_array().expect("a list").iter();
    let limits: Vec<_> = said.map(|said| &said["rateLimit"]).filter(|limit| !limit.is_null()).collect();
    assert_eq!((&limits[0]["remaining"], &limits[0]["limit"]), (&0.into(), &100.into()));

    let second = mirror.sync().code(0);
    assert_eq!(second.report["counts"]["created"], 3);
    for number in 0..IMAGES {
        assert!(target.complete("copies", &format!("v{number}-1.0")), "{number}");
    }
    assert_eq!(count(&source, RequestKind::ManifestGet), IMAGES as usize, "nothing is fetched twice");
    assert_eq!(count(&source, RequestKind::BlobGet), blobs());
}

#[test]
fn the_reserve_is_left_for_others() {
    let (source, _target, mirror) = scene(", quota_reserve: 20");
    announce(&source, 20..=21);
    let run = mirror.sync().code(7);
    assert_eq!(sorted(run.outcomes())[..3], ["created", "created", "quota"]);
    assert_eq!(count(&source, RequestKind::ManifestGet), 2);
    assert!(run.error("message").contains("20 are for others"), "{}", run.error("message"));
    let mut said = run.report["registries"].as_array().expect("a list").iter();
    assert!(said.any(|said| said["rateLimit"]["reserve"] == 20 && said["rateLimit"]["remaining"] == 20));
}

#[test]
fn a_registry_that_refuses_for_its_quota_is_asked_for_no_more_manifests() {
    let docker_hub = Canned::new(429).error("TOOMANYREQUESTS", "You have reached your pull rate limit.");
    for refusal in [docker_hub, Canned::new(429).header("retry-after", "3600")] {
        let (source, target, mirror) = scene("");
        source.rule(on_answer(RequestKind::ManifestGet, refusal).nth(3));
        let run = mirror.sync().code(7);
        let outcomes = ["created", "created", "quota", "quota", "quota", "quota"];
        assert_eq!(sorted(run.outcomes()), outcomes);
        assert_eq!(count(&source, RequestKind::ManifestGet), 3);
        assert_eq!(target.tags("copies").len(), 2);
    }
}

#[test]
fn a_plan_is_weighed_as_far_as_the_quota_goes() {
    let (source, _target, mirror) = scene(", quota_reserve: 7");
    announce(&source, 7..=8);
    let run = mirror.run("plan").code(0);
    assert_eq!(run.report["counts"]["pending"], IMAGES);
    assert_eq!(count(&source, RequestKind::ManifestGet), 2);
}

#[test]
fn a_target_that_refuses_manifests_for_a_moment_gets_them_all() {
    let (source, target) = (Registry::start(), Registry::start());
    let mut mirror = Mirror::of(&[&source, &target]);
    for number in 0..20 {
        let name = format!("app-{number}");
        source.seed(&image(number), &name, &["1.0"]);
        mirror = mirror.copying(&source, &name, &[(&target, &name)], "1.0");
    }
    let refused = target.rule(Rule::on(RequestKind::ManifestPut).first(5).answer(429));
    let run = mirror.sync().code(0);
    assert_eq!(run.outcomes(), ["created"; 20]);
    assert_eq!(refused.acted(), 5);
    assert_eq!(count(&target, RequestKind::ManifestPut), 25, "each refused one is made again, once");
    let throttled = run.report["registries"].as_array().expect("a list").iter();
    assert_eq!(throttled.map(|said| said["throttled"].as_u64().expect("a number")).sum::<u64>(), 5);
}
