//! Each misbehaviour is what it says, for the requests that it is meant for, and no other.

use crate::bed::images::{Blob, Format, Image, one_platform};
use crate::bed::memory::{Behaviour, Call, Canned, Cuts, Gate, Moment, Options, Registry, RequestKind, Rule};
use crate::bed::program::{Program, Victim};
use crate::bed::wire::{Ask, Ended, Reply};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A registry with one image, and the path of its largest blob.
fn bed() -> (Registry, Image, String) {
    let (registry, image) = (Registry::start(), one_platform(1, Format::Oci));
    registry.seed(&image, "app", &["1.0"]);
    let largest = image.blobs.values().max_by_key(|blob| blob.size_bytes).expect("a blob");
    let path = format!("/v2/app/blobs/{}", largest.digest);
    (registry, image, path)
}

fn get(registry: &Registry, target: &str) -> Result<Reply, Ended> {
    let ask = Ask::new("GET", target).silence_max(Duration::from_millis(300));
    ask.send(&registry.host())
}

fn on_blob(behaviour: Behaviour) -> Rule {
    Rule::on(RequestKind::BlobGet).then(behaviour)
}

#[test]
fn an_answer_is_given_to_the_first_the_nth_or_every_nth_request() {
    let statuses = |rule: Rule| {
        let (registry, _, path) = bed();
        let tally = registry.rule(rule);
        let seen: Vec<u16> = (0..4).map(|_| get(&registry, &path).expect("an answer").status).collect();
        (seen, tally.matched(), tally.acted())
    };
    let rule = || Rule::on(RequestKind::BlobGet).answer(503);
    assert_eq!(statuses(rule()), (vec![503, 503, 503, 503], 4, 4));
    assert_eq!(statuses(rule().first(2)), (vec![503, 503, 200, 200], 4, 2));
    assert_eq!(statuses(rule().nth(3)), (vec![200, 200, 503, 200], 4, 1));
    assert_eq!(statuses(rule().every(2)), (vec![200, 503, 200, 503], 4, 2));
    assert_eq!(statuses(rule().path("/blobs/sha256:[0-9a-f]{64}$").method("GET")).2, 4);
    assert_eq!(statuses(rule().path("nowhere")).1, 0);
    assert_eq!(statuses(Rule::any().method("PUT").answer(503)).1, 0);
}

#[test]
fn what_happens_by_chance_happens_as_often_as_it_shall_and_the_same_each_time() {
    let acting = |percent, seed| {
        let (registry, _, path) = bed();
        let tally = registry.rule(Rule::on(RequestKind::BlobGet).chance(percent, seed).answer(503));
        let ask = || Ask::new("GET", &path).silence_max(Duration::from_secs(20)).send(&registry.host());
        let statuses: Vec<u16> = (0..200).map(|_| ask().expect("an answer").status).collect();
        assert_eq!(statuses.iter().filter(|status| **status == 503).count() as u64, tally.acted());
        statuses
    };
    let thirty = acting(30, 7);
    let acted = thirty.iter().filter(|status| **status == 503).count();
    assert!((40..=80).contains(&acted), "{acted} of 200");
    assert_eq!(thirty, acting(30, 7));
    assert_ne!(thirty, acting(30, 8));
    assert!(acting(0, 7).iter().all(|status| *status == 200));
}

#[test]
fn an_answer_has_the_headers_and_the_body_that_it_is_given() {
    let (registry, _, path) = bed();
    let canned = Canned::new(429).header("retry-after", "2").error("TOOMANYREQUESTS", "slow down");
    registry.rule(on_blob(Behaviour::Answer(canned)).first(1));
    let reply = get(&registry, &path).expect("an answer");
    assert_eq!((reply.status, reply.header("retry-after")), (429, Some("2")));
    assert_eq!(reply.json()["errors"][0]["code"], "TOOMANYREQUESTS");
    registry.rule(on_blob(Behaviour::Answer(Canned::new(500).body("<html>"))));
    assert_eq!(get(&registry, &path).expect("an answer").text(), "<html>");
    registry.clear_rules();
    assert_eq!(get(&registry, &path).expect("an answer").status, 200);
}

#[test]
fn the_oldest_rule_whose_turn_it_is_acts() {
    let (registry, _, path) = bed();
    let first = registry.rule(Rule::any().answer(500).first(1));
    let second = registry.rule(Rule::any().answer(502).first(2));
    let seen: Vec<u16> = (0..3).map(|_| get(&registry, &path).expect("an answer").status).collect();
    assert_eq!(seen, [500, 502, 200]);
    assert_eq!((first.acted(), second.acted(), second.matched()), (1, 1, 3));
}

#[test]
fn an_upload_may_be_answered_with_its_body_unread() {
    let (registry, _, _) = bed();
    let unread = Behaviour::AnswerUnread(Canned::new(413));
    registry.rule(Rule::on(RequestKind::UploadPut).then(unread));
    let ask = Ask::new("PUT", "/v2/app/blobs/uploads/x?digest=sha256:00").body(vec![0; 4_000_000]);
    // Whether the answer gets through before the reset is the network's choice.
    let _ = ask.send(&registry.host());
    let request = &registry.requests()[0];
    assert_eq!((request.status, request.body_bytes), (Some(413), 0));
}

#[test]
fn a_connection_is_dropped_before_or_after_the_deed() {
    let (registry, image, _) = bed();
    let put = || {
        let ask = Ask::new("PUT", "/v2/app/manifests/2.0").header("content-type", &image.root().media_type);
        ask.body(image.root().bytes.to_vec()).send(&registry.host())
    };
    registry.rule(Rule::on(RequestKind::ManifestPut).nth(1).then(Behaviour::Drop));
    registry.rule(Rule::on(RequestKind::ManifestPut).nth(2).then(Behaviour::DropAfter));
    assert!(put().is_err());
    assert_eq!(registry.tag("app", "2.0"), None);
    assert!(put().is_err());
    assert_eq!(registry.tag("app", "2.0"), Some(image.digest()));
    assert!(registry.requests().iter().all(|request| request.status.is_none()));
    assert_eq!(put().expect("an answer").status, 201);
}

#[test]
fn a_body_is_cut_or_stalls_at_the_byte() {
    let (registry, _, path) = bed();
    registry.rule(on_blob(Behaviour::CutResponse(100)).nth(1));
    registry.rule(on_blob(Behaviour::StallResponse(100)).nth(2));
    registry.rule(on_blob(Behaviour::CutResponse(100)).then(Behaviour::Reset).nth(3));
    for ended in [Ended::Closed, Ended::Silent, Ended::Reset] {
        let reply = get(&registry, &path).expect("a head");
        assert_eq!((reply.status, reply.body.len(), reply.ended), (200, 100, ended));
    }
    assert_eq!(get(&registry, &path).expect("an answer").ended, Ended::Whole);
}

#[test]
fn a_request_is_cut_or_stalls_at_the_byte() {
    let registry = Registry::start();
    registry.rule(Rule::on(RequestKind::UploadPatch).nth(1).then(Behaviour::CutRequest(1000)));
    registry.rule(Rule::on(RequestKind::UploadPatch).nth(2).then(Behaviour::StallRequest(1000)));
    let patch = || {
        let started = Ask::new("POST", "/v2/app/blobs/uploads/").send(&registry.host()).expect("an answer");
        let location = started.header("location").expect("a location").to_owned();
        let ask = Ask::new("PATCH", location.trim_start_matches(&registry.url())).body(vec![0; 300_000]);
        ask.silence_max(Duration::from_millis(300)).send(&registry.host()).map(|reply| reply.status)
    };
    assert!(matches!(patch(), Err(Ended::Closed | Ended::Reset)));
    assert_eq!(patch(), Err(Ended::Silent));
    assert_eq!(patch(), Ok(202));
    let received: Vec<u64> =
        registry.requests().of(RequestKind::UploadPatch).iter().map(|r| r.body_bytes).collect();
    assert!(received[0] > 1000 && received[0] < 300_000, "{received:?}");
}

#[test]
fn nothing_comes_from_a_registry_that_stalls() {
    let (registry, _, path) = bed();
    registry.rule(on_blob(Behaviour::Stall));
    assert_eq!(get(&registry, &path).expect_err("no answer"), Ended::Silent);
}

#[test]
fn a_slow_registry_is_slow_but_right() {
    let (registry, _, path) = bed();
    let whole = get(&registry, &path).expect("an answer").body;
    let pause = Duration::from_millis(5);
    let drip = Behaviour::Drip { piece_bytes: 500, pause };
    registry.rule(on_blob(drip).then(Behaviour::Delay(Duration::from_millis(20))));
    let started = Instant::now();
    assert_eq!(get(&registry, &path).expect("an answer").body, whole);
    let pieces = u32::try_from(whole.len().div_ceil(500)).expect("small");
    assert!(started.elapsed() >= pause * pieces + Duration::from_millis(20));
}

#[test]
fn bytes_and_headers_are_spoilt() {
    let (registry, image, path) = bed();
    let whole = get(&registry, &path).expect("an answer").body;
    registry.rule(
        on_blob(Behaviour::WrongBytes)
            .then(Behaviour::OmitHeader("docker-content-digest".to_owned()))
            .then(Behaviour::SetHeader("content-type".to_owned(), "text/html".to_owned()))
            .then(Behaviour::AddHeader("content-type".to_owned(), "x/y".to_owned())),
    );
    let spoilt = get(&registry, &path).expect("an answer");
    assert_eq!((spoilt.body.len(), &spoilt.body[1..]), (whole.len(), &whole[1..]));
    assert_ne!(spoilt.body[0], whole[0]);
    assert_eq!(spoilt.header("docker-content-digest"), None);
    let types: Vec<_> = spoilt.headers.iter().filter(|(name, _)| name == "content-type").collect();
    assert_eq!(types.len(), 2);
    assert!(!image.digest().is_empty());
}

#[test]
fn a_blob_is_elsewhere() {
    let (registry, image, path) = bed();
    let elsewhere = Registry::start();
    elsewhere.seed(&image, "app", &[]);
    registry.rule(on_blob(Behaviour::RedirectTo(elsewhere.url())));
    let reply = get(&registry, &format!("{path}?a=b")).expect("an answer");
    let location = format!("{}{path}?a=b", elsewhere.url());
    assert_eq!((reply.status, reply.header("location")), (307, Some(location.as_str())));
    assert_eq!(get(&elsewhere, &path).expect("an answer").status, 200);
}

#[test]
fn a_gate_holds_requests_that_are_then_counted_at_once() {
    let (registry, _, path) = bed();
    let gate = Gate::closed();
    registry.rule(on_blob(Behaviour::Hold(gate.clone())));
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| Ask::new("GET", &path).send(&registry.host()).expect("an answer"));
        }
        gate.wait_for(3);
        assert!(registry.requests().iter().all(|request| request.finished.is_none()));
        gate.open();
    });
    assert_eq!((gate.arrived(), registry.requests().at_once_max()), (3, 3));
    assert_eq!(get(&registry, &path).expect("an answer").status, 200);
}

#[test]
fn the_test_is_called_at_each_moment() {
    let (registry, _, path) = bed();
    let calls = Arc::new(AtomicUsize::new(0));
    let call = || {
        let calls = Arc::clone(&calls);
        Call::new(move || {
            calls.fetch_add(1, Ordering::SeqCst);
        })
    };
    let blob = Blob::new("some bytes");
    for moment in [Moment::Before, Moment::Committed, Moment::ResponseByte(10), Moment::ResponseByte(99_999)]
    {
        registry.rule(on_blob(Behaviour::Call(moment, call())).first(1));
        get(&registry, &path).expect("an answer");
        registry.clear_rules();
    }
    assert_eq!(calls.load(Ordering::SeqCst), 3);
    registry.rule(Rule::any().then(Behaviour::Call(Moment::RequestByte(10), call())));
    let ask = Ask::new("PUT", &format!("/v2/app/blobs/uploads/x?digest={}", blob.digest)).body("some bytes");
    ask.send(&registry.host()).expect("an answer");
    assert_eq!(calls.load(Ordering::SeqCst), 4);
}

#[test]
fn a_body_is_longer_or_shorter_than_it_should_be_and_says_so() {
    let (registry, image, path) = bed();
    let digest = path.rsplit('/').next().expect("a digest");
    let bytes = image.blobs[digest].piece(0, u64::MAX).expect("held");
    let with = |by: i64, method: &str| {
        registry.clear_rules();
        registry.rule(Rule::any().then(Behaviour::WrongLength(by)));
        Ask::new(method, &path).send(&registry.host()).expect("an answer")
    };
    let shorter = with(-7, "GET");
    assert_eq!((shorter.ended, shorter.body.as_slice()), (Ended::Whole, &bytes[..bytes.len() - 7]));
    let longer = with(70_000, "GET");
    assert_eq!((longer.ended, longer.body.len()), (Ended::Whole, bytes.len() + 70_000));
    assert_eq!((&longer.body[..bytes.len()], longer.body.last()), (&bytes[..], Some(&0)));
    let length = (bytes.len() + 2).to_string();
    assert_eq!(with(2, "HEAD").header("content-length"), Some(length.as_str()));
}

#[test]
fn a_request_is_cut_at_the_very_byte() {
    let cuts = Options::new().cuts(Cuts::Kept).start();
    cuts.rule(Rule::on(RequestKind::UploadPatch).then(Behaviour::CutRequest(5)));
    let begun = Ask::new("POST", "/v2/app/blobs/uploads/").send(&cuts.host()).expect("an answer");
    let place = begun.header("location").expect("a place").replace(&cuts.url(), "");
    let ended = Ask::new("PATCH", &place).body("twelve bytes").send(&cuts.host());
    assert_eq!(ended.map(|reply| reply.status), Err(Ended::Closed));
    let kept = Ask::new("GET", &place).send(&cuts.host()).expect("an answer");
    assert_eq!(kept.header("range"), Some("0-4"));
}

#[test]
fn a_program_is_killed_by_a_rule_before_anything_is_done() {
    let (registry, _, path) = bed();
    let victim = Victim::default();
    registry.rule(on_blob(Behaviour::Drop).kills(&victim, Moment::Before));
    let sleeper = Program::of("sleep");
    let asking = std::thread::spawn({
        let host = registry.host();
        move || Ask::new("GET", &path).send(&host).map(|reply| reply.status)
    });
    let running = sleeper.spawn(&["600"]);
    running.is(&victim);
    assert_eq!(running.wait().signal, Some(9));
    assert_eq!(asking.join().expect("no panic"), Err(Ended::Closed));
}

#[test]
fn a_body_may_end_late_and_without_saying_its_length() {
    let (registry, _, path) = bed();
    let unmeasured = on_blob(Behaviour::OmitHeader("content-length".to_owned()));
    registry.rule(unmeasured.then(Behaviour::LateEnd(Duration::from_millis(50))));
    let started = Instant::now();
    let reply = get(&registry, &path).expect("an answer");
    assert_eq!((reply.header("content-length"), reply.header("transfer-encoding")), (None, Some("chunked")));
    assert!(reply.body.ends_with(b"\r\n0\r\n\r\n") && started.elapsed() >= Duration::from_millis(50));
}
