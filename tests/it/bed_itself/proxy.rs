//! The proxy passes everything on, streams, and writes down what passed.

use crate::bed::distribution::Distribution;
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Behaviour, Canned, Cuts, Options, Registry, RequestKind, Rule};
use crate::bed::proxy::Proxy;
use crate::bed::skopeo::Skopeo;
use crate::bed::wire::{Ask, Ended};
use std::time::{Duration, Instant};

#[test]
fn requests_to_a_real_registry_are_recorded() {
    let (image, folder) = (one_platform(1, Format::Oci), tempfile::tempdir().expect("a folder"));
    image.write_layout(folder.path(), "1.0");
    let registry = Distribution::plain();
    let proxy = Proxy::before(registry.host());
    let target = format!("docker://{}/team/app:1.0", proxy.host());
    let skopeo = Skopeo::new();
    skopeo.copy_all(&format!("oci:{}:1.0", folder.path().display()), &target).expect("copied");
    let requests = proxy.requests();
    assert_eq!(requests.count(RequestKind::UploadPut), image.blobs.len());
    assert_eq!(requests.count(RequestKind::ManifestPut), 1);
    assert_eq!(requests.received_bytes(), image.blobs_bytes() + image.root().bytes.len() as u64);
    proxy.clear_requests();
    assert_eq!(skopeo.digest(&target), Ok(image.digest()));
    assert!(proxy.requests().writes().is_empty());
    assert!(proxy.requests().iter().all(|request| request.finished.is_some()));
    assert_eq!(Skopeo::new().digest(&target.replace(&proxy.host(), registry.host())), Ok(image.digest()));
}

#[test]
fn status_headers_and_failure_come_through() {
    let registry = Registry::start();
    registry.rule(Rule::any().nth(1).then(Behaviour::Answer(Canned::new(429).header("retry-after", "7"))));
    registry.rule(Rule::any().nth(2).then(Behaviour::Drop));
    let proxy = Proxy::before(&registry.host());
    let ask = || Ask::new("GET", "/v2/?a=b").header("x-own", "1").send(&proxy.host()).expect("an answer");
    assert_eq!(ask().header("retry-after"), Some("7"));
    assert_eq!(ask().status, 502);
    assert_eq!(ask().text(), "{}");
    assert_eq!(registry.requests()[2].header("x-own"), Some("1"));
    assert_eq!(proxy.requests().to_string(), "GET /v2/ 429\nGET /v2/ 502\nGET /v2/ 200\n");
}

#[test]
fn the_rules_of_the_memory_registry_hold_in_front_of_any_other() {
    let (registry, image) = (Registry::start(), one_platform(1, Format::Oci));
    registry.seed(&image, "app", &["1.0"]);
    let proxy = Proxy::before(&registry.host());
    let blob = image.blobs.values().max_by_key(|blob| blob.size_bytes).expect("a blob");
    let path = format!("/v2/app/blobs/{}", blob.digest);
    let get = || Ask::new("GET", &path).send(&proxy.host());
    let with = |behaviour: Behaviour, reset: bool| {
        proxy.clear_rules();
        let rule = Rule::on(RequestKind::BlobGet).then(behaviour);
        proxy.rule(if reset { rule.then(Behaviour::Reset) } else { rule });
        get()
    };
    let bytes = blob.piece(0, u64::MAX).expect("held");
    for (reset, ended) in [(false, Ended::Closed), (true, Ended::Reset)] {
        let cut = with(Behaviour::CutResponse(100), reset).expect("an answer");
        assert_eq!((cut.ended, cut.body.as_slice()), (ended, &bytes[..100]));
        assert_eq!(with(Behaviour::Drop, reset).map(|reply| reply.status), Err(ended));
    }
    let asked = registry.requests().len();
    assert_eq!(with(Behaviour::DropAfter, false).map(|reply| reply.status), Err(Ended::Closed));
    assert_eq!(registry.requests().len(), asked + 1, "it was done behind");
    let drip = Behaviour::Drip { piece_bytes: 1000, pause: Duration::from_millis(1) };
    assert_eq!(with(drip, false).expect("an answer").body, bytes);
    assert_ne!(with(Behaviour::WrongBytes, false).expect("an answer").body, bytes);
    let changed = Behaviour::SetHeader("etag".to_owned(), "another".to_owned());
    assert_eq!(with(changed, false).expect("an answer").header("etag"), Some("another"));
    assert_eq!(with(Behaviour::Answer(Canned::new(503)), false).expect("an answer").status, 503);
    assert_eq!(registry.requests().len(), asked + 4, "and that was not");
}

#[test]
fn a_request_that_is_cut_arrives_behind_up_to_that_byte() {
    let registry = Options::new().cuts(Cuts::Kept).start();
    let proxy = Proxy::before(&registry.host());
    let tally = proxy.rule(Rule::on(RequestKind::UploadPatch).first(1).then(Behaviour::CutRequest(7)));
    let begun = Ask::new("POST", "/v2/app/blobs/uploads/").send(&proxy.host()).expect("an answer");
    let place = begun.header("location").expect("a place").to_owned();
    let place = &place[place.find("/v2/").expect("a path")..];
    let cut = Ask::new("PATCH", place).body("twelve bytes").send(&proxy.host());
    assert_eq!((cut.map(|reply| reply.status), tally.acted()), (Err(Ended::Closed), 1));
    let range =
        || Ask::new("GET", place).send(&proxy.host()).expect("an answer").header("range").map(str::to_owned);
    let started = Instant::now();
    while range().as_deref() != Some("0-6") {
        assert!(started.elapsed() < Duration::from_secs(10), "{:?}", range());
    }
}
