//! Signals and deadlines in the middle of a blob: a clean end, and the next run goes on.

use super::pair::Pair;
use crate::bed::images::{Format, Image, Layer, Recipe, one_platform};
use crate::bed::memory::{Behaviour, Call, Gate, Moment, RequestKind, Rule};
use crate::bed::program::{Finished, Running};
use serde_json::Value;
use std::sync::mpsc;
use std::time::Duration;

/// How long a run may go on after a signal before the test fails: far beyond the program's grace,
/// far below the time after which a body that stands still is given up.
const END_MAX: Duration = Duration::from_secs(30);

/// Bytes of the large layer, and where the source falls silent in it.
const LARGE_BYTES: u64 = 4 << 20;
const SILENT_AFTER_BYTES: u64 = 1 << 20;

const SYNC: [&str; 3] = ["sync", "--report", "json=report.json"];

/// A pair whose source has a small image, which can be copied, and a large one, which stands still.
fn standing_still() -> (Pair, Image, mpsc::Receiver<()>) {
    let pair = Pair::new();
    let large = Recipe::new(1).layer(Layer::files(7, 3000)).layer(Layer::synthetic(1, LARGE_BYTES)).build();
    pair.source.seed(&large, "large", &["1.0"]);
    pair.source.seed(&one_platform(2, Format::Oci), "small", &["1.0"]);
    let digest = &large.blobs.values().max_by_key(|blob| blob.size_bytes).expect("a layer").digest;
    let (reached, arrived) = mpsc::channel();
    let call = Call::new(move || reached.send(()).unwrap_or_default());
    let rule = Rule::on(RequestKind::BlobGet).path(digest);
    let rule = rule.then(Behaviour::Call(Moment::ResponseByte(SILENT_AFTER_BYTES / 2), call));
    pair.source.rule(rule.then(Behaviour::StallResponse(SILENT_AFTER_BYTES)));
    pair.mirrors(
        "
- { source: SOURCE/large, target: TARGET/large, tags: [\"1.0\"] }
- { source: SOURCE/small, target: TARGET/small, tags: [\"1.0\"] }
",
    );
    (pair, large, arrived)
}

/// Waits for the end, but not for long.
fn ended(mut running: Running) -> Finished {
    let started = std::time::Instant::now();
    while !running.has_ended() {
        assert!(started.elapsed() < END_MAX, "the program did not end within {END_MAX:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
    running.wait()
}

/// Nothing at the target is half there, and the next run brings the rest.
fn assert_goes_on(pair: &Pair, large: &Image) {
    assert_eq!(pair.target.tag("large", "1.0"), None, "no tag before its content");
    for repository in pair.target.repositories() {
        for tag in pair.target.tags(&repository).keys() {
            assert!(pair.target.complete(&repository, tag), "{repository}:{tag}");
        }
    }
    let held: Vec<String> =
        large.blobs.keys().filter(|d| pair.target.has_blob("large", d)).cloned().collect();
    pair.source.clear_rules();
    pair.forget();
    pair.run(&["sync"]).expect_code(0);
    assert!(pair.target.complete("large", "1.0") && pair.target.complete("small", "1.0"));
    let fetched = pair.source.requests().of(RequestKind::BlobGet);
    let again: Vec<_> =
        fetched.iter().filter(|get| held.iter().any(|held| get.path.contains(held))).collect();
    assert!(again.is_empty(), "{again:?}");
}

fn signalled(name: &str) -> (Pair, Image, Finished, Value) {
    let (pair, large, arrived) = standing_still();
    let running = pair.program.spawn(&SYNC);
    arrived.recv_timeout(END_MAX).expect("the large blob is fetched");
    running.signal(name);
    let finished = ended(running);
    let report = pair.read_report();
    (pair, large, finished, report)
}

#[test]
fn an_interrupt_in_the_middle_of_a_blob_ends_with_130_and_a_report() {
    let (pair, large, finished, report) = signalled("INT");
    let finished = finished.expect_code(130);
    assert!(finished.stdout.contains("Stopped by SIGINT. Run again to go on."), "{}", finished.stdout);
    assert!(finished.stderr.contains("stopping"), "{}", finished.stderr);
    assert_eq!((&report["result"], &report["exitCode"]), (&"cancelled".into(), &130.into()));
    assert_eq!(report["run"]["cancelled"], true);
    let item = &report["items"][0];
    assert_eq!((&item["outcome"], &item["error"]["code"]), (&"deferred".into(), &"cancelled".into()));
    assert_goes_on(&pair, &large);
}

#[test]
fn a_termination_in_the_middle_of_a_blob_ends_with_143_and_a_report() {
    let (pair, large, finished, report) = signalled("TERM");
    let finished = finished.expect_code(143);
    assert!(finished.stdout.contains("Stopped by SIGTERM. Run again to go on."), "{}", finished.stdout);
    assert_eq!((&report["result"], &report["exitCode"]), (&"cancelled".into(), &143.into()));
    assert_goes_on(&pair, &large);
}

#[test]
fn a_kill_in_the_middle_of_a_blob_leaves_nothing_half_done() {
    let (pair, large, arrived) = standing_still();
    let running = pair.program.spawn(&SYNC);
    arrived.recv_timeout(END_MAX).expect("the large blob is fetched");
    running.signal("KILL");
    assert_eq!(ended(running).signal, Some(9));
    assert!(!pair.program.work().join("report.json").exists(), "no half report");
    assert_goes_on(&pair, &large);
}

/// Deadlines, of which the first that leaves time for everything but the blob that stands still is the
/// one to look at: how long that takes is for the machine to say.
const DEADLINES: [&str; 7] = ["500ms", "1s", "2s", "4s", "8s", "16s", "32s"];

/// Whether the run came to the middle of the large blob, and everything else was done by then.
fn came_to_the_middle(pair: &Pair, large: &Image, arrived: &mpsc::Receiver<()>) -> bool {
    let missing = large.blobs.keys().filter(|digest| !pair.target.has_blob("large", digest)).count();
    arrived.try_recv().is_ok() && missing == 1 && pair.target.complete("small", "1.0")
}

#[test]
fn a_deadline_in_the_middle_of_a_blob_is_told_to_the_user() {
    let ended_in_the_middle = DEADLINES.iter().find_map(|deadline| {
        let (pair, large, arrived) = standing_still();
        let text = pair.transcript(&["sync", "--progress", "none", "--deadline", deadline]);
        came_to_the_middle(&pair, &large, &arrived).then_some((pair, large, text))
    });
    let (pair, large, text) = ended_in_the_middle.expect("the longest deadline is long enough");
    insta::assert_snapshot!(text);
    assert_goes_on(&pair, &large);
}

#[test]
fn a_manifest_that_is_on_its_way_may_arrive_after_the_first_signal() {
    let pair = Pair::new();
    pair.source.seed(&one_platform(2, Format::Oci), "small", &["1.0"]);
    pair.mirrors("- { source: SOURCE/small, target: TARGET/small, tags: [\"1.0\"] }");
    let gate = Gate::closed();
    pair.target.rule(Rule::on(RequestKind::ManifestPut).then(Behaviour::Hold(gate.clone())));
    let running = pair.program.spawn(&SYNC);
    gate.wait_for(1);
    running.signal("TERM");
    std::thread::sleep(Duration::from_millis(100));
    gate.open();
    ended(running).expect_code(143);
    assert!(pair.target.complete("small", "1.0"));
    assert_eq!(pair.read_report()["items"][0]["outcome"], "created");
}

#[test]
fn a_second_signal_ends_at_once_and_still_with_a_report() {
    let pair = Pair::new();
    pair.source.seed(&one_platform(2, Format::Oci), "small", &["1.0"]);
    pair.mirrors("- { source: SOURCE/small, target: TARGET/small, tags: [\"1.0\"] }");
    let gate = Gate::closed();
    pair.target.rule(Rule::on(RequestKind::ManifestPut).then(Behaviour::Hold(gate.clone())));
    let running = pair.program.spawn(&SYNC);
    gate.wait_for(1);
    running.signal("INT");
    std::thread::sleep(Duration::from_millis(100));
    running.signal("INT");
    ended(running).expect_code(130);
    assert_eq!(pair.read_report()["run"]["cancelled"], true);
    gate.open();
}

#[test]
fn a_signal_while_nothing_is_answered_ends_plan_and_check_too() {
    for command in ["plan", "check", "explain"] {
        let pair = Pair::new();
        pair.mirrors("- { source: SOURCE/app, target: TARGET/app, tags: \"*\" }");
        let gate = Gate::closed();
        pair.source.rule(Rule::any().then(Behaviour::Hold(gate.clone())));
        let running = pair.program.spawn(&[command, "--report", "json=report.json"]);
        gate.wait_for(1);
        running.signal("TERM");
        ended(running).expect_code(143);
        assert_eq!(pair.read_report()["result"], "cancelled", "{command}");
        gate.open();
    }
}

#[test]
fn a_plan_that_was_cut_short_is_not_saved() {
    let pair = Pair::new();
    pair.mirrors("- { source: SOURCE/app, target: TARGET/app, tags: \"*\" }");
    let gate = Gate::closed();
    pair.source.rule(Rule::any().then(Behaviour::Hold(gate.clone())));
    pair.run(&["plan", "-o", "plan.json", "--deadline", "200ms"]).expect_code(7);
    assert!(!pair.program.work().join("plan.json").exists());
    gate.open();
}
