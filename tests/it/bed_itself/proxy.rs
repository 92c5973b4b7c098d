//! The proxy passes everything on, streams, and writes down what passed.

use crate::bed::distribution::Distribution;
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Behaviour, Canned, Registry, RequestKind, Rule};
use crate::bed::proxy::Proxy;
use crate::bed::skopeo::Skopeo;
use crate::bed::wire::Ask;

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
