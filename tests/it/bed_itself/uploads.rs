//! Blobs are uploaded at once or in pieces, mounted, refused when their digest is wrong, and need
//! no memory when they are synthetic.

use crate::bed::images::{Blob, BlobBytes, Format, Layer, Recipe, one_platform};
use crate::bed::memory::{Locations, Options, Registry, RequestKind, Storage};
use crate::bed::program::Program;
use crate::bed::wire::{Ask, Reply};
use sha2::{Digest as _, Sha512};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

/// More than this process may have: half of it is the bound.
const BIG_BYTES: u64 = 128 * 1024 * 1024;

fn start(registry: &Registry, query: &str) -> Reply {
    let target = format!("/v2/app/blobs/uploads/{query}");
    Ask::new("POST", &target).send(&registry.host()).expect("an answer")
}

/// The path and query of a `Location`.
fn location(reply: &Reply, registry: &Registry) -> String {
    reply
        .header("location")
        .expect("a location")
        .trim_start_matches(&registry.url())
        .trim_start_matches("//")
        .trim_start_matches(&registry.host())
        .to_owned()
}

fn send(registry: &Registry, method: &str, target: &str, body: &[u8]) -> Reply {
    Ask::new(method, target).body(body).send(&registry.host()).expect("an answer")
}

#[test]
fn a_blob_goes_up_with_post_and_put() {
    for locations in [Locations::Absolute, Locations::Relative, Locations::Bare, Locations::Schemeless] {
        let registry = Options::new().locations(locations).start();
        let blob = Blob::new("some bytes");
        let started = start(&registry, "");
        assert_eq!(started.status, 202);
        let upload = location(&started, &registry);
        let joint = if locations == Locations::Bare { '?' } else { '&' };
        let target = format!("{upload}{joint}digest={}", blob.digest);
        let finished = send(&registry, "PUT", &target, b"some bytes");
        assert_eq!(finished.status, 201);
        assert_eq!(finished.header("docker-content-digest"), Some(blob.digest.as_str()));
        assert!(registry.has_blob("app", &blob.digest));
        assert!(!registry.has_blob("other", &blob.digest));
        assert_eq!(registry.requests().received_bytes(), 10);
        registry.remove_blob(&blob.digest);
        assert!(!registry.has_blob("app", &blob.digest));
    }
}

#[test]
fn a_blob_goes_up_in_pieces_and_tells_how_far_it_is() {
    let registry = Registry::start();
    let digest = format!("sha512:{}", crate::bed::digest::hex(&Sha512::digest(b"onetwo")));
    let first = location(&start(&registry, ""), &registry);
    let patched = send(&registry, "PATCH", &first, b"one");
    assert_eq!((patched.status, patched.header("range")), (202, Some("0-2")));
    let second = location(&patched, &registry);
    let progress = send(&registry, "GET", &second, b"");
    assert_eq!((progress.status, progress.header("range")), (204, Some("0-2")));
    assert_eq!(send(&registry, "PATCH", &second, b"two").status, 202);
    assert_eq!(send(&registry, "PUT", &format!("{second}&digest={digest}"), b"").status, 201);
    assert_eq!(registry.blob(&digest).expect("the blob").size_bytes, 6);
    assert_eq!(send(&registry, "PATCH", &second, b"x").status, 404);
}

#[test]
fn a_wrong_digest_is_refused_and_the_session_survives() {
    let registry = Registry::start();
    let upload = location(&start(&registry, ""), &registry);
    let wrong = Blob::new("other").digest;
    let refused = send(&registry, "PUT", &format!("{upload}&digest={wrong}"), b"some");
    assert_eq!(refused.json()["errors"][0]["code"], "DIGEST_INVALID");
    assert_eq!(registry.blob(&wrong).map(|blob| blob.size_bytes), None);
    assert_eq!(registry.open_uploads(), 1);
    assert_eq!(send(&registry, "DELETE", &upload, b"").status, 204);
    assert_eq!(registry.open_uploads(), 0);
}

#[test]
fn a_mount_needs_the_blob_in_the_other_repository() {
    let (registry, image) = (Registry::start(), one_platform(1, Format::Oci));
    registry.seed(&image, "base", &["1.0"]);
    let digest = image.blobs.keys().next().expect("a blob");
    assert_eq!(start(&registry, &format!("?mount={digest}&from=elsewhere")).status, 202);
    assert_eq!(start(&registry, &format!("?mount={digest}")).status, 202);
    assert!(!registry.has_blob("app", digest));
    assert_eq!(start(&registry, &format!("?mount={digest}&from=base")).status, 201);
    assert_eq!(start(&registry, &format!("?mount={digest}&from=app")).status, 201);
    assert!(registry.has_blob("app", digest));
    let mounts = registry.requests().of(RequestKind::Mount);
    assert_eq!((mounts[2].query("mount"), mounts[2].query("from")), (Some(digest.as_str()), Some("base")));
}

#[test]
fn a_piece_that_is_cut_short_takes_the_session_with_it() {
    let registry = Registry::start();
    let upload = location(&start(&registry, ""), &registry);
    let mut stream = TcpStream::connect(registry.host()).expect("a connection");
    write!(stream, "PATCH {upload} HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nfew").expect("sent");
    stream.shutdown(std::net::Shutdown::Write).expect("closed");
    stream.read_to_end(&mut Vec::new()).expect("no answer");
    assert_eq!(send(&registry, "GET", &upload, b"").status, 404);
    assert_eq!(registry.requests()[1].status, None);
    assert_eq!(registry.requests()[1].body_bytes, 3);
}

#[test]
fn a_big_blob_passes_through_two_registries_without_lying_in_memory() {
    let own = std::env::current_exe().expect("a test knows its program");
    let test = "bed_itself::uploads::carry_a_big_blob";
    let (finished, peak_kib) =
        Program::of(&own.display().to_string()).run_measured(&["--exact", "--ignored", test]);
    assert!(finished.expect_code(0).stdout.contains("1 passed"), "the name of the other test is right");
    assert!(peak_kib * 1024 < BIG_BYTES / 2, "{peak_kib} KiB");
}

#[test]
#[ignore = "the test above runs it in a process of its own, to measure that"]
fn carry_a_big_blob() {
    let image = Recipe::new(1).layer(Layer::synthetic(9, BIG_BYTES)).build();
    let blob = image.blobs.values().find(|blob| blob.size_bytes == BIG_BYTES).expect("the layer");
    let (origin, sink) = (Registry::start(), Options::new().storage(Storage::Hashed).start());
    origin.seed(&image, "big", &["1.0"]);

    let mut get = TcpStream::connect(origin.host()).expect("a connection");
    let head = format!("GET /v2/big/blobs/{} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", blob.digest);
    get.write_all(head.as_bytes()).expect("sent");
    let mut last = [0; 4];
    while last != *b"\r\n\r\n" {
        last.rotate_left(1);
        get.read_exact(&mut last[3..]).expect("the head");
    }
    let upload = location(&start(&sink, ""), &sink);
    let mut put = TcpStream::connect(sink.host()).expect("a connection");
    let head = format!("PUT {upload}&digest={} HTTP/1.1\r\nhost: x\r\n", blob.digest);
    write!(put, "{head}content-length: {BIG_BYTES}\r\nconnection: close\r\n\r\n").expect("sent");
    assert_eq!(std::io::copy(&mut get, &mut put).expect("streamed"), BIG_BYTES);
    let mut answer = String::new();
    put.read_to_string(&mut answer).expect("an answer");

    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let stored = sink.blob(&blob.digest).expect("the blob");
    assert!(matches!(stored.bytes, BlobBytes::Forgotten));
    assert_eq!(send(&sink, "GET", &format!("/v2/app/blobs/{}", blob.digest), b"").status, 500);
    assert_eq!(sink.requests().received_bytes(), BIG_BYTES);
}
