//! In which order things happen: children first, and copying before discovery ends.

use super::Mirror;
use crate::bed::images::{Format, one_platform, two_platforms};
use crate::bed::memory::{Behaviour, Call, Gate, Moment, Registry, RequestKind, Rule};
use crate::bed::program::Program;

#[test]
fn copying_starts_while_discovery_still_runs() {
    let (source, target) = (Registry::start(), Registry::start());
    source.seed(&one_platform(1, Format::Oci), "early", &["1"]);
    source.seed(&one_platform(2, Format::Oci), "late", &["1"]);
    // The list of the second rule's tags comes only when the first image has arrived.
    let gate = Gate::closed();
    source.rule(Rule::on(RequestKind::TagList).path("/late/").then(Behaviour::Hold(gate.clone())));
    let open = Call::new(move || gate.open());
    target.rule(Rule::on(RequestKind::ManifestPut).nth(1).then(Behaviour::Call(Moment::Committed, open)));
    let rule = |name: &str| format!("source: {0}/{name}, target: {1}/{name}", source.host(), target.host());
    Mirror::between(&[&source, &target]).rule(&rule("early")).rule(&rule("late")).sync();
    assert!(target.complete("early", "1") && target.complete("late", "1"));
}

#[test]
fn a_tag_is_the_last_thing_that_is_written() {
    let (source, target) = (Registry::start(), Registry::start());
    source.seed(&two_platforms(1, Format::Oci), "app", &["1"]);
    let keys = format!("source: {}/app, target: {}/app, tags: ['1']", source.host(), target.host());
    Mirror::between(&[&source, &target]).rule(&keys).sync();
    let writes = target.requests().writes();
    let last = writes.iter().last().expect("something was written");
    assert!(last.path.ends_with("/manifests/1"), "{}", last.path);
    assert!(writes.iter().all(|write| write.path == last.path || write.finished < Some(last.started)));
}

#[test]
fn discovery_and_copying_never_wait_for_each_other() {
    const TAGS: usize = 300;
    let (source, target) = (Registry::start(), Registry::start());
    let image = one_platform(1, Format::Oci);
    let tags: Vec<String> = (0..TAGS).map(|n| format!("1.{n}")).collect();
    let tags: Vec<&str> = tags.iter().map(String::as_str).collect();
    source.seed(&image, "app", &tags);
    let narrow =
        |host: String| format!("  {host}: {{ plain_http: true, limits: {{ concurrent_requests: 2 }} }}\n");
    let registries = narrow(source.host()) + &narrow(target.host());
    let rule =
        format!("{{ source: {}/app, target: ['{}/app', 'oci:./copy'] }}", source.host(), target.host());
    let spec = format!("version: 1\nregistries:\n{registries}mirrors:\n  - {rule}\n");
    let program = Program::new();
    program.write("crossdock.yaml", &spec);
    program.run(&["sync"]).expect_code(0);
    assert_eq!(target.tags("app").len(), TAGS);
    assert!(source.requests().at_once_max() <= 2 && target.requests().at_once_max() <= 2);
    program.run(&["check"]).expect_code(0);
}
