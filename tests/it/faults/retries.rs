//! What is tried again, how often, and what is not.

use super::{Behaviour, Canned, Registry, RequestKind, Rule, Scene, at_once, count, layer_of, on, on_answer};
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Call, Moment};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const READS: [RequestKind; 3] = [RequestKind::ManifestHead, RequestKind::ManifestGet, RequestKind::BlobGet];
const WRITES: [RequestKind; 3] = [RequestKind::Mount, RequestKind::UploadPut, RequestKind::ManifestPut];

/// Lets each kind of request go wrong once, and expects that a run gets over it.
fn gets_over(behaviour: impl Fn() -> Behaviour) {
    let scene = Scene::new();
    let reads = READS.map(|kind| scene.source.rule(on(kind, behaviour()).first(1)));
    let writes = WRITES.map(|kind| scene.target.rule(on(kind, behaviour()).first(1)));
    let run = scene.sync().code(0);
    assert_eq!(run.outcome(), "created");
    assert!(scene.is_copied());
    for tally in reads.into_iter().chain(writes) {
        assert_eq!(tally.acted(), 1);
    }
    assert_eq!(count(&scene.source, RequestKind::ManifestHead), 2, "{}", scene.source.requests());
    assert_eq!(count(&scene.source, RequestKind::ManifestGet), 2);
    assert_eq!(count(&scene.target, RequestKind::ManifestPut), 2);
    let blobs = scene.image.blobs.len();
    // The PUT that failed takes its POST and its GET along.
    assert_eq!(count(&scene.target, RequestKind::UploadPut), blobs + 1);
    assert_eq!(count(&scene.target, RequestKind::Mount), blobs + 2);
    assert!((blobs + 1..=blobs + 2).contains(&count(&scene.source, RequestKind::BlobGet)));
}

#[test]
fn a_registry_that_is_overloaded_for_a_moment_is_asked_again() {
    gets_over(|| Behaviour::Answer(Canned::new(429)));
}

#[test]
fn an_error_of_a_registry_is_gotten_over() {
    gets_over(|| Behaviour::Answer(Canned::new(502).body("<html>bad gateway</html>")));
}

#[test]
fn a_connection_that_is_dropped_before_the_answer_is_gotten_over() {
    gets_over(|| Behaviour::Drop);
}

#[test]
fn every_status_that_may_pass_is_tried_again_once() {
    at_once([408, 425, 429, 499, 500, 502, 503, 504], |status| {
        let scene = Scene::new();
        scene.source.rule(Rule::on(RequestKind::ManifestHead).first(1).answer(status));
        scene.sync().code(0);
        assert_eq!(count(&scene.source, RequestKind::ManifestHead), 2, "{status}");
    });
}

#[test]
fn a_status_that_will_not_pass_is_not_tried_again() {
    let cases: [(RequestKind, &[u16]); 5] = [
        (RequestKind::ManifestHead, &[403, 410, 418]),
        (RequestKind::ManifestGet, &[400, 403, 404, 405, 410, 415]),
        (RequestKind::BlobGet, &[400, 403, 404, 405, 416]),
        (RequestKind::UploadPut, &[400, 403, 405, 413, 415]),
        (RequestKind::ManifestPut, &[400, 403, 404, 405, 409, 413, 415]),
    ];
    for (kind, statuses) in cases {
        for status in statuses {
            let scene = Scene::of(super::large_image(3));
            let place = if WRITES.contains(&kind) { &scene.target } else { &scene.source };
            let rule = Rule::on(kind).answer(*status);
            // Of the blobs only the layer, whose fate nobody else shares.
            let layer = layer_of(&scene.image);
            let rule = match kind {
                RequestKind::BlobGet | RequestKind::UploadPut => {
                    rule.path(layer.trim_start_matches("sha256:"))
                }
                _ => rule,
            };
            let tally = place.rule(rule);
            let run = scene.sync();
            assert_ne!(run.finished.code, Some(0), "{kind:?} {status}");
            assert_eq!(tally.acted(), 1, "{kind:?} {status}\n{}", place.requests());
            assert_eq!(run.error("retryable"), "false", "{kind:?} {status}");
            assert_eq!(scene.target.tag("copy", "1.0"), None);
        }
    }
}

#[test]
fn a_pause_is_as_long_as_the_registry_asks_in_seconds_or_by_date() {
    let date = "Sun, 06 Nov 1994 08:49:37 GMT";
    let later = "Sun, 06 Nov 1994 08:49:38 GMT";
    let pauses = [
        Canned::new(429).header("retry-after", "1"),
        Canned::new(503).header("retry-after", "1"),
        Canned::new(429).header("date", date).header("retry-after", later),
    ];
    at_once(pauses, |canned| {
        let scene = Scene::new();
        scene.source.rule(on_answer(RequestKind::ManifestHead, canned).first(1));
        let started = Instant::now();
        scene.sync().code(0);
        assert!(started.elapsed() >= Duration::from_secs(1));
        assert_eq!(count(&scene.source, RequestKind::ManifestHead), 2);
    });
}

#[test]
fn a_pause_that_makes_no_sense_is_replaced_by_our_own() {
    at_once(["0", "-1", "soon", "", "1e9", "Sun, 06 Nov 1994 08:49:37 GMT"], |nonsense| {
        let scene = Scene::new();
        let canned = Canned::new(429).header("retry-after", nonsense);
        scene.source.rule(on_answer(RequestKind::ManifestHead, canned).first(1));
        scene.sync().code(0);
        assert_eq!(count(&scene.source, RequestKind::ManifestHead), 2, "{nonsense:?}");
    });
}

#[test]
fn a_pause_that_is_too_long_is_not_waited_for() {
    for kind in [RequestKind::ManifestHead, RequestKind::ManifestPut] {
        let scene = Scene::new();
        let place = if kind == RequestKind::ManifestPut { &scene.target } else { &scene.source };
        let canned = Canned::new(429).header("retry-after", "86400");
        let tally = place.rule(on_answer(kind, canned));
        let run = scene.sync().code(7);
        assert_eq!((run.outcome().as_str(), tally.acted()), ("quota", 1));
        assert!(run.error("hint").contains("86400 s"), "{}", run.error("hint"));
    }
}

#[test]
fn a_503_holds_every_request_to_that_registry_back() {
    let (source, target) = (Registry::start(), Registry::start());
    for number in 0..8 {
        source.seed(&one_platform(number, Format::Oci), &format!("app-{number}"), &["1.0"]);
    }
    let (refused, arrivals) = (Arc::new(Mutex::new(None)), Arc::new(Mutex::new(Vec::new())));
    let noting = |behaviour: Rule| {
        let arrivals = Arc::clone(&arrivals);
        let note = Call::new(move || arrivals.lock().expect("no panic").push(Instant::now()));
        behaviour.then(Behaviour::Call(Moment::Before, note))
    };
    let refusal = Arc::clone(&refused);
    let note = Call::new(move || *refusal.lock().expect("no panic") = Some(Instant::now()));
    let canned = Canned::new(503).header("retry-after", "2");
    source.rule(
        on_answer(RequestKind::ManifestHead, canned).nth(3).then(Behaviour::Call(Moment::Before, note)),
    );
    source.rule(noting(Rule::any()));
    let mut mirror = super::Mirror::of(&[&source, &target]);
    for number in 0..8 {
        mirror =
            mirror.copying(&source, &format!("app-{number}"), &[(&target, &format!("copy-{number}"))], "1.0");
    }
    mirror.sync().code(0);
    let refused = refused.lock().expect("no panic").expect("one was refused");
    let arrivals = arrivals.lock().expect("no panic");
    let (from, to) = (refused + Duration::from_millis(800), refused + Duration::from_millis(1900));
    let within: Vec<_> = arrivals.iter().filter(|at| from <= **at && **at < to).collect();
    assert!(within.is_empty(), "{} of {} requests came in the pause", within.len(), arrivals.len());
    assert!(arrivals.iter().any(|at| *at > to), "the run went on after the pause");
}

#[test]
fn a_blob_that_arrived_without_our_knowing_is_found_and_not_sent_again() {
    let scene = Scene::of(super::large_image(5));
    let layer = layer_of(&scene.image);
    let hex = layer.trim_start_matches("sha256:");
    scene.target.rule(on(RequestKind::UploadPut, Behaviour::DropAfter).path(hex).first(1));
    let run = scene.sync().code(0);
    assert!(scene.is_copied());
    let puts = scene.target.requests().of(RequestKind::UploadPut);
    let of_layer = puts.iter().filter(|put| put.query("digest") == Some(&layer));
    assert_eq!(of_layer.count(), 1, "{puts}");
    assert_eq!(run.report["items"][0]["blobs"]["present"], 1);
    assert_eq!(run.report["items"][0]["attempts"], 2);
}

#[test]
fn a_manifest_that_arrived_without_our_knowing_is_written_again_with_the_same_bytes() {
    let scene = Scene::new();
    scene.target.rule(on(RequestKind::ManifestPut, Behaviour::DropAfter).first(1));
    assert_eq!(scene.sync().code(0).outcome(), "created");
    assert!(scene.is_copied());
    assert_eq!(count(&scene.target, RequestKind::ManifestPut), 2);
}

#[test]
fn a_run_converges_when_every_third_request_goes_wrong() {
    let (source, target) = (Registry::start(), Registry::start());
    let mut mirror = super::Mirror::of(&[&source, &target]);
    for number in 0..4 {
        source.seed(&one_platform(number, Format::Oci), &format!("app-{number}"), &["1.0"]);
        mirror =
            mirror.copying(&source, &format!("app-{number}"), &[(&target, &format!("copy-{number}"))], "1.0");
    }
    let bad = [
        source.rule(Rule::any().every(3).answer(500)),
        target.rule(Rule::any().every(3).then(Behaviour::Drop)),
    ];
    let run = mirror.sync().code(0);
    assert_eq!(run.outcomes(), ["created"; 4]);
    for number in 0..4 {
        assert!(target.complete(&format!("copy-{number}"), "1.0"));
    }
    let (asked, acted) = (source.requests().len() + target.requests().len(), bad[0].acted() + bad[1].acted());
    // Without faults: per image 1 HEAD, 1 GET and 3 blob GETs; 1 HEAD, 3 POSTs, 3 PUTs and 1 PUT.
    let needed = 4 * (5 + 8);
    assert!(acted > 12, "{acted} requests went wrong");
    assert!(asked as u64 <= needed + 3 * acted, "{asked} requests, {acted} of them went wrong");
}
