//! Registries as sources: redirects to storage, and quotas that are told.

use super::{Format, Options, Stage, bob, one_platform, table, two_platforms};
use crate::bed::memory::{Authorization, Personality, RequestKind};

#[test]
fn blobs_come_from_wherever_they_are_and_no_credential_goes_there() {
    insta::assert_snapshot!(table(|personality| {
        let stage = Stage::new(personality).pulling("mirror/app", "copy", "['1.0']");
        stage.kind.seed(&two_platforms(1, Format::Oci), "mirror/app", &["1.0"]);
        let run = stage.sync();
        run.expect("exit 0: created 1");
        assert!(stage.other.complete("copy", "1.0"), "{personality:?}");
        let stored = stage.kind.requests().of(RequestKind::StorageGet);
        assert!(stored.iter().all(|get| get.authorization() == Authorization::Absent), "{personality:?}");
        assert!(stored.iter().all(|get| get.status == Some(200)), "{personality:?}\n{stored}");
        let line = format!("{}\n    {}", run.told(), super::tally(&stage.kind));
        stage.sync().expect("exit 0: current 1");
        line
    }));
}

#[test]
fn a_quota_is_spent_on_manifests_only_and_what_is_left_is_reported() {
    let personality = Personality::DockerHub;
    let options = Options::like(personality).users(bob()).quota(100);
    let stage = Stage::with(personality, options).pulling("mirror/app", "copy", "['1.0']");
    stage.kind.seed(&two_platforms(1, Format::Oci), "mirror/app", &["1.0"]);
    let run = stage.sync();
    run.expect("exit 0: created 1");
    // An index and its three manifests.
    assert_eq!(stage.kind.requests().count(RequestKind::ManifestGet), 4);
    let registries = run.report["registries"].as_array().expect("a list").clone();
    let hub = registries.iter().find(|registry| registry["host"] == stage.kind.host().as_str());
    // What it said last; the last two answers may come in any order.
    let left = hub.and_then(|hub| hub["rateLimit"]["remaining"].as_u64());
    assert!(left.is_some_and(|left| (96..=98).contains(&left)), "{registries:#?}");
    // Unchanged tags cost nothing.
    stage.sync().expect("exit 0: current 1");
    assert_eq!(stage.kind.requests().count(RequestKind::ManifestGet), 0);
}

#[test]
fn a_quota_that_is_used_up_is_a_clean_stop_and_the_next_run_goes_on() {
    let personality = Personality::DockerHub;
    let options = Options::like(personality).users(bob()).quota(2);
    let stage = Stage::with(personality, options).pulling("mirror/app", "copy", "['1.0', '1.1', '1.2']");
    for (seed, tag) in [(1, "1.0"), (2, "1.1"), (3, "1.2")] {
        stage.kind.seed(&one_platform(seed, Format::Oci), "mirror/app", &[tag]);
    }
    let run = stage.sync();
    run.expect("exit 7: created 2, quota 1");
    assert!(run.hint().contains("run again"), "{}", run.hint());
    let refused = stage.kind.requests().iter().filter(|request| request.status == Some(429)).count();
    assert_eq!(refused, 0, "nothing is asked for that is not left");
    stage.kind.refill(2);
    stage.sync().expect("exit 0: created 1, current 2");
}
