//! The memory registry answers as distribution does, records everything, and notices what is wrong.

use crate::bed::images::{Blob, Format, Image, artifact, one_platform, two_platforms};
use crate::bed::memory::{
    Authorization, Children, Credentials, Options, Referrers, Registry, RequestKind, Writes,
};
use crate::bed::wire::{Ask, Ended, Reply};
use std::time::{Duration, Instant};

const OCI: &str = "application/vnd.oci.image.manifest.v1+json";

fn ask(registry: &Registry, method: &str, target: &str) -> Reply {
    Ask::new(method, target).header("accept", OCI).send(&registry.host()).expect("an answer")
}

fn put_root(registry: &Registry, image: &Image, at: &str) -> Reply {
    let root = image.root();
    Ask::new("PUT", &format!("/v2/app/manifests/{at}"))
        .header("content-type", &root.media_type)
        .body(root.bytes.to_vec())
        .send(&registry.host())
        .expect("an answer")
}

#[test]
fn a_seeded_image_reads_back_by_tag_and_by_digest() {
    let (registry, image) = (Registry::start(), one_platform(1, Format::Oci));
    registry.seed(&image, "team/app", &["1.0", "latest"]);
    for at in ["1.0", &image.digest()] {
        let reply = ask(&registry, "GET", &format!("/v2/team/app/manifests/{at}"));
        assert_eq!((reply.status, reply.ended), (200, Ended::Whole));
        assert_eq!(reply.body, image.root().bytes);
        assert_eq!(reply.header("docker-content-digest"), Some(image.digest().as_str()));
        assert_eq!(reply.header("content-type"), Some(OCI));
    }
    let head = ask(&registry, "HEAD", "/v2/team/app/manifests/latest");
    assert_eq!(head.header("content-length"), Some(image.root().bytes.len().to_string().as_str()));
    assert!(head.body.is_empty());
    assert!(registry.complete("team/app", "1.0"));
    assert_eq!(registry.repositories(), ["team/app"]);
    assert_eq!(registry.tag("team/app", "1.0"), Some(image.digest()));
    let stored = registry.manifest("team/app", "latest").expect("the manifest");
    assert_eq!((stored.media_type.as_str(), &stored.bytes), (OCI, &image.root().bytes));
}

#[test]
fn a_manifest_needs_its_media_type_in_accept() {
    let registry = Registry::start();
    registry.seed(&one_platform(1, Format::Oci), "app", &["oci"]);
    registry.seed(&two_platforms(1, Format::Oci), "app", &["index"]);
    registry.seed(&one_platform(1, Format::Docker), "app", &["docker"]);
    let status = |accept: &str, tag: &str| {
        let ask = Ask::new("GET", &format!("/v2/app/manifests/{tag}")).header("accept", accept);
        ask.send(&registry.host()).expect("an answer").status
    };
    assert_eq!(status("*/*", "oci"), 404);
    assert_eq!(status(OCI, "index"), 404);
    assert_eq!(status(OCI, "docker"), 400);
    assert_eq!(status(&format!("text/html, {OCI};q=0.5"), "oci"), 200);
}

#[test]
fn what_is_not_there_is_an_error_with_a_code() {
    let registry = Registry::start();
    let absent = Blob::new("absent").digest;
    for (target, status, code) in [
        ("/v2/app/manifests/1.0".to_owned(), 404, "MANIFEST_UNKNOWN"),
        ("/v2/app/tags/list".to_owned(), 404, "NAME_UNKNOWN"),
        (format!("/v2/app/blobs/{absent}"), 404, "BLOB_UNKNOWN"),
        ("/v2/app/blobs/sha256:00".to_owned(), 400, "DIGEST_INVALID"),
        ("/v2/app/blobs/uploads/none".to_owned(), 404, "BLOB_UPLOAD_UNKNOWN"),
    ] {
        let reply = ask(&registry, "GET", &target);
        assert_eq!(reply.status, status, "{target}");
        assert_eq!(reply.json()["errors"][0]["code"], code, "{target}");
    }
    for target in ["/", "/v2/Upper/tags/list", &format!("/v2/app/referrers/{absent}"), "/v2/app/manifests/-"]
    {
        let reply = ask(&registry, "GET", target);
        assert_eq!((reply.status, reply.text().as_str()), (404, "404 page not found\n"), "{target}");
    }
    assert_eq!(ask(&registry, "GET", "/v2/").text(), "{}");
    assert_eq!(ask(&registry, "DELETE", "/v2/app/manifests/1.0").status, 405);
    assert_eq!(registry.take_violations().len(), 1, "nobody deletes content");
}

#[test]
fn a_blob_is_read_whole_or_in_part() {
    let (registry, image) = (Registry::start(), one_platform(1, Format::Oci));
    registry.seed(&image, "app", &["1.0"]);
    let blob = image.blobs.values().next().expect("a blob");
    let bytes = blob.piece(0, blob.size_bytes).expect("held");
    let read = |range: &str| {
        let ask = Ask::new("GET", &format!("/v2/app/blobs/{}", blob.digest));
        ask.header("range", range).send(&registry.host()).expect("an answer")
    };
    assert_eq!(read("nonsense").body, bytes);
    let tail = read("bytes=10-");
    assert_eq!((tail.status, tail.body.as_slice()), (206, &bytes[10..]));
    let middle = read("bytes=10-19");
    assert_eq!((middle.status, middle.body.as_slice()), (206, &bytes[10..20]));
    let range = format!("bytes 10-19/{}", bytes.len());
    assert_eq!(middle.header("content-range"), Some(range.as_str()));
    assert_eq!(read(&format!("bytes={}-", bytes.len())).status, 416);
    let gets = registry.requests().of(RequestKind::BlobGet);
    assert_eq!(gets.sent_bytes(), bytes.len() as u64 * 2 - 10 + 10);
}

#[test]
fn a_manifest_before_its_children_is_refused_and_noticed() {
    let (registry, image) = (Registry::start(), one_platform(1, Format::Oci));
    let reply = put_root(&registry, &image, "1.0");
    assert_eq!(reply.status, 400);
    assert_eq!(reply.json()["errors"].as_array().map(Vec::len), Some(image.blobs.len()));
    assert_eq!(reply.json()["errors"][0]["code"], "MANIFEST_BLOB_UNKNOWN");
    let violations = registry.take_violations();
    assert!(violations[0].starts_with("PUT /v2/app/manifests/1.0 arrived before"), "{violations:?}");
    registry.assert_clean();

    let tolerant = Options::new().children(Children::Refused).start();
    assert_eq!(put_root(&tolerant, &image, "1.0").status, 400);
    let sparse = Options::new().children(Children::Unchecked).start();
    assert_eq!(put_root(&sparse, &image, "1.0").status, 201);
    assert!(!sparse.complete("app", "1.0"));
    assert_eq!(sparse.missing("app", "1.0").len(), image.blobs.len());
}

#[test]
#[should_panic(expected = "arrived before what it reaches")]
fn a_violation_fails_the_test_that_drops_the_registry() {
    let registry = Registry::start();
    put_root(&registry, &one_platform(1, Format::Oci), "1.0");
}

#[test]
fn a_manifest_that_lies_is_refused() {
    let (registry, image) = (Registry::start(), one_platform(1, Format::Oci));
    registry.seed(&image, "app", &[]);
    let put = |at: &str, media_type: &str, bytes: &[u8]| {
        let ask = Ask::new("PUT", &format!("/v2/app/manifests/{at}")).header("content-type", media_type);
        let reply = ask.body(bytes).send(&registry.host()).expect("an answer");
        (reply.status, reply.json()["errors"][0]["code"].as_str().expect("a code").to_owned())
    };
    let bytes = image.root().bytes.clone();
    let invalid = (400, "MANIFEST_INVALID".to_owned());
    let other = Blob::new("other").digest;
    assert_eq!(put(&other, OCI, &bytes), (400, "DIGEST_INVALID".to_owned()));
    assert_eq!(put("t", "application/vnd.oci.image.index.v1+json", &bytes), invalid);
    assert_eq!(put("t", "text/plain", &bytes), invalid);
    assert_eq!(put("t", OCI, b"{"), invalid);
    assert_eq!(put("t", OCI, br#"{"schemaVersion":2,"layers":[],"manifests":[]}"#), invalid);
    assert_eq!(put("t", OCI, &vec![b' '; 4 * 1024 * 1024 + 1]), invalid);
    assert_eq!(registry.tag("app", "t"), None);
    assert_eq!(put_root(&registry, &image, "t").status, 201);
    assert_eq!(registry.tag("app", "t"), Some(image.digest()));
}

#[test]
fn a_read_only_registry_refuses_and_counts_writes() {
    let (registry, image) = (Options::new().writes(Writes::Refused).start(), one_platform(1, Format::Oci));
    registry.seed(&image, "app", &["1.0"]);
    assert_eq!(ask(&registry, "GET", "/v2/app/manifests/1.0").status, 200);
    assert_eq!(put_root(&registry, &image, "1.0").status, 405);
    let refused = ask(&registry, "POST", "/v2/app/blobs/uploads/");
    assert_eq!(refused.json()["errors"][0]["code"], "UNSUPPORTED");
    assert_eq!(registry.requests().writes().len(), 2);
}

#[test]
fn every_request_is_recorded_in_the_order_of_arrival() {
    let registry = Options::new().credentials(Credentials::Any).start();
    registry.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    let hello = Ask::new("GET", "/v2/").header("authorization", "Basic YWxpY2U6czNjcmV0");
    hello.send(&registry.host()).expect("an answer");
    ask(&registry, "HEAD", "/v2/app/manifests/1.0");
    ask(&registry, "POST", "/v2/app/blobs/uploads/?mount=sha256:00&from=else%2Fwhere");
    let requests = registry.requests();
    let lines = "GET /v2/ 200\nHEAD /v2/app/manifests/1.0 200\n\
        POST /v2/app/blobs/uploads/?mount=sha256:00&from=else/where 202\n";
    assert_eq!(requests.to_string(), lines);
    let (user, password) = ("alice".to_owned(), "s3cret".to_owned());
    assert_eq!(requests[0].authorization(), Authorization::Basic { user, password });
    assert_eq!(requests[1].authorization(), Authorization::Absent);
    assert_eq!((requests.connections(), requests.at_once_max()), (3, 1));
    let tally = [(RequestKind::Ping, 1), (RequestKind::ManifestHead, 1), (RequestKind::Mount, 1)];
    assert_eq!(requests.tally(), tally.into());
    assert_eq!(registry.open_uploads(), 1);
    registry.clear_requests();
    assert!(registry.requests().is_empty());
}

#[test]
fn the_referrers_api_is_there_when_it_is_asked_for() {
    let (image, kind) = (one_platform(1, Format::Oci), "application/vnd.example.signature");
    let (signature, other) = (artifact(&image, kind, 1), artifact(&image, "application/vnd.example.sbom", 2));
    for (referrers, found, applied) in
        [(Referrers::Unfiltered, 2, None), (Referrers::Filtered, 1, Some("artifactType"))]
    {
        let registry = Options::new().referrers(referrers).start();
        for image in [&image, &signature, &other] {
            registry.seed(image, "app", &[]);
        }
        let reply =
            ask(&registry, "GET", &format!("/v2/app/referrers/{}?artifactType={kind}", image.digest()));
        assert_eq!(reply.json()["manifests"].as_array().map(Vec::len), Some(found));
        assert_eq!(reply.header("oci-filters-applied"), applied);
        let reply = put_root(&registry, &signature, &signature.digest());
        assert_eq!(reply.header("oci-subject"), Some(image.digest().as_str()));
    }
}

#[test]
fn a_registry_goes_down_and_comes_up_with_its_contents() {
    let registry = Options::new().latency(Duration::from_millis(30)).start();
    registry.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
    registry.go_down();
    assert_eq!(Ask::new("GET", "/v2/").send(&registry.host()).expect_err("down"), Ended::Closed);
    registry.come_up();
    let started = Instant::now();
    assert_eq!(ask(&registry, "HEAD", "/v2/app/manifests/1.0").status, 200);
    assert!(started.elapsed() >= Duration::from_millis(30), "the latency is kept");
    registry.remove_tag("app", "1.0");
    assert_eq!(registry.missing("app", "1.0"), ["1.0"]);
    assert_eq!(registry.url(), format!("http://{}", registry.host()));
}
