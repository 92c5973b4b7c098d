//! A run that finds nothing to do, and one that finds little.

use super::{Mirror, tally};
use crate::bed::images::{Format, one_platform, two_platforms};
use crate::bed::memory::{Registry, RequestKind};
use crate::bed::program::Program;

#[test]
fn a_second_run_asks_once_on_each_side_and_writes_nothing() {
    let (source, target) = (Registry::start(), Registry::start());
    source.seed(&two_platforms(1, Format::Oci), "app", &["1", "latest"]);
    source.seed(&two_platforms(2, Format::Docker), "app", &["2"]);
    source.seed(&one_platform(3, Format::Oci), "other", &["3"]);
    let rule = |name: &str| format!("source: {0}/{name}, target: {1}/m/{name}", source.host(), target.host());
    let mirror = Mirror::between(&[&source, &target]).rule(&rule("app")).rule(&rule("other"));
    mirror.sync();
    source.clear_requests();
    target.clear_requests();
    let second = mirror.sync();
    // Whether the source lists referrers is asked once; its lists of tags tell the rest.
    assert_eq!(tally(&source), "TagList 2, ManifestHead 4, ReferrersGet 1");
    assert_eq!(tally(&target), "ManifestHead 4");
    assert_eq!(second.stdout.lines().count(), 3, "{}", second.stdout);
    assert_eq!(mirror.report()["requests"]["total"], 11);
}

#[test]
fn only_the_tag_that_moved_is_written_again() {
    let (source, target) = (Registry::start(), Registry::start());
    let (old, new) = (one_platform(1, Format::Oci), one_platform(2, Format::Oci));
    source.seed(&old, "app", &["1", "latest"]);
    let keys = format!("source: {}/app, target: {}/app, tags: ['1', latest]", source.host(), target.host());
    let mirror = Mirror::between(&[&source, &target]).rule(&keys);
    mirror.sync();
    source.seed(&new, "app", &["latest"]);
    mirror.run(&["check"]).expect_code(2);
    target.clear_requests();
    mirror.sync();
    assert_eq!(target.requests().count(RequestKind::ManifestPut), 1);
    assert_eq!(target.tag("app", "latest"), Some(new.digest()));
    assert_eq!(target.tag("app", "1"), Some(old.digest()));
    mirror.run(&["check"]).expect_code(0);
}

#[test]
fn ten_thousand_tags_are_planned_in_little_memory() {
    const PEAK_KIB_MAX: u64 = 80 * 1024;
    let (source, target) = (Registry::start(), Registry::start());
    let image = one_platform(1, Format::Oci);
    let tags: Vec<String> = (0..10_000).map(|n| format!("1.{n}.0")).collect();
    let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    source.seed(&image, "app", &tags);
    // A round number would look like a list that was cut.
    target.seed(&image, "app", &tags[..5_001]);
    let spec = format!(
        "version: 1\nregistries:\n  {0}: {{ plain_http: true }}\n  {1}: {{ plain_http: true }}\n\
         mirrors:\n  - {{ source: {0}/app, target: {1}/app }}\n",
        source.host(),
        target.host()
    );
    let program = Program::new();
    program.write("crossdock.yaml", &spec);
    let (finished, peak_kib) = program.run_measured(&["plan"]);
    let finished = finished.expect_code(0);
    assert!(
        finished.stdout.contains("Plan: 4999 to create, 0 to update, 5001 current"),
        "{}",
        finished.stdout
    );
    // A list with a round number of tags is asked for its end, because no tag of a signature is in it.
    assert_eq!(tally(&source), "TagList 2, ManifestHead 5001, ManifestGet 4999, ReferrersGet 1");
    assert_eq!(tally(&target), "TagList 1, ManifestHead 5001");
    assert!(peak_kib < PEAK_KIB_MAX, "{peak_kib} KiB");
}
