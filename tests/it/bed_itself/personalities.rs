//! The manners of registries, at the wire: what no run of the program would show on its own.

use crate::bed::images::{Blob, Format, one_platform};
use crate::bed::memory::{Options, Personality, Registry};
use crate::bed::wire::{Ask, Reply};

/// A registry with these manners and the repository `mirror/app`, open to everybody.
fn like(personality: Personality) -> Registry {
    let registry = Options::like(personality).start();
    registry.create("mirror/app");
    registry
}

fn get(registry: &Registry, target: &str) -> Reply {
    Ask::new("GET", target).send(&registry.host()).expect("an answer")
}

/// The path and query where an upload goes on.
fn place(registry: &Registry, reply: &Reply) -> String {
    let location = reply.header("location").expect("a location");
    location.trim_start_matches(&registry.url()).to_owned()
}

fn begin(registry: &Registry) -> String {
    let reply = Ask::new("POST", "/v2/mirror/app/blobs/uploads/").send(&registry.host()).expect("an answer");
    assert_eq!(reply.status, 202);
    place(registry, &reply)
}

fn piece(registry: &Registry, target: &str, range: &str, bytes: &[u8]) -> Reply {
    let ask = Ask::new("PATCH", target).header("content-range", range).body(bytes);
    ask.send(&registry.host()).expect("an answer")
}

/// Two pieces and a PUT: the `Range` after the second, and the status of the PUT.
fn in_two_pieces(personality: Personality) -> (Option<String>, u16) {
    let registry = like(personality);
    let first = piece(&registry, &begin(&registry), "0-2", b"one");
    assert_eq!(first.status, 202, "{personality:?}");
    let second = piece(&registry, &place(&registry, &first), "3-5", b"two");
    assert_eq!(second.status, 202, "{personality:?}");
    let target = format!("{}&digest={}", place(&registry, &second), Blob::new("onetwo").digest);
    let done = Ask::new("PUT", &target).send(&registry.host()).expect("an answer");
    (second.header("range").map(str::to_owned), done.status)
}

#[test]
fn pieces_are_kept_lost_or_told_wrongly() {
    let told = |range: &str, status| (Some(range.to_owned()), status);
    assert_eq!(in_two_pieces(Personality::Distribution3), told("0-5", 201));
    assert_eq!(in_two_pieces(Personality::Ecr), told("0-2", 201));
    assert_eq!(in_two_pieces(Personality::Ghcr), told("0-2", 400));
}

#[test]
fn pieces_that_a_registry_does_not_take_are_refused_in_its_way() {
    let status = |personality: Personality, range: &str, bytes: &[u8]| {
        let registry = like(personality);
        piece(&registry, &begin(&registry), range, bytes).status
    };
    assert_eq!(status(Personality::Gar, "0-2", b"one"), 405);
    assert_eq!(status(Personality::Ghcr, "0-4194304", &vec![0; 4_194_305]), 416);
    assert_eq!(status(Personality::Acr, "3-5", b"two"), 416);
    assert_eq!(status(Personality::Distribution2, "3-5", b"two"), 202);
    let registry = like(Personality::Acr);
    let target = format!("{}&digest=sha256:00", begin(&registry));
    let large = Ask::new("PUT", &target).body(vec![0; 21 << 20]).send(&registry.host()).expect("an answer");
    assert_eq!(large.status, 413);
}

#[test]
fn storage_wants_an_address_that_is_signed_and_nobody_s_name() {
    let registry = like(Personality::Acr);
    let image = one_platform(1, Format::Oci);
    registry.seed(&image, "mirror/app", &["1.0"]);
    let (digest, blob) = image.blobs.iter().next().expect("a blob");
    let leads = get(&registry, &format!("/v2/mirror/app/blobs/{digest}"));
    assert_eq!(leads.status, 307);
    let address = leads.header("location").expect("a location").trim_start_matches("http://").to_owned();
    let (host, path) = address.split_once('/').expect("a path");
    assert_ne!(host, registry.host(), "another origin");
    let path = format!("/{path}");
    let fetched = Ask::new("GET", &path).send(host).expect("an answer");
    assert_eq!((fetched.status, fetched.body.len() as u64), (200, blob.size_bytes));
    let named = Ask::new("GET", &path).header("authorization", "Bearer x").send(host).expect("an answer");
    assert_eq!(named.status, 400);
    assert_eq!(registry.take_violations().len(), 1);
    let unsigned = path.split('?').next().expect("a path");
    assert_eq!(Ask::new("GET", unsigned).send(host).expect("an answer").status, 403);
}

#[test]
fn lists_are_cut_and_refused_as_each_registry_does() {
    let listed = |personality: Personality, query: &str| {
        let registry = like(personality);
        registry.seed(&one_platform(1, Format::Oci), "mirror/app", &["1", "2", "3", "4"]);
        let reply = get(&registry, &format!("/v2/mirror/app/tags/list{query}"));
        (reply.status, reply.header("link").map(str::to_owned), reply.json())
    };
    assert_eq!(listed(Personality::Ecr, "?n=1001").0, 405);
    assert_eq!(listed(Personality::Quay, "?n=101").0, 413);
    let (_, link, page) = listed(Personality::Quay, "");
    assert!(link.is_some_and(|link| link.contains("next_page=") && !link.contains("last=")));
    assert_eq!(page["tags"].as_array().map(Vec::len), Some(3));
    let (_, link, page) = listed(Personality::Gar, "");
    assert_eq!((link, page["manifest"].as_object().map(serde_json::Map::len)), (None, Some(1)));
    let manifest = page["manifest"].as_object().and_then(|map| map.values().next()).expect("one");
    assert_eq!(manifest["tag"], serde_json::json!(["1", "2", "3", "4"]));
    assert!(
        listed(Personality::Nexus, "").2["tags"].as_array().expect("a list").iter().any(|tag| tag.is_null())
    );
}

#[test]
fn a_quota_is_told_and_ends() {
    let registry = Options::like(Personality::DockerHub).quota(1).start();
    registry.seed(&one_platform(1, Format::Oci), "mirror/app", &["1.0"]);
    let ask = |method: &str| {
        let ask = Ask::new(method, "/v2/mirror/app/manifests/1.0");
        let reply =
            ask.header("accept", Format::Oci.manifest_type()).send(&registry.host()).expect("an answer");
        (reply.status, reply.header("ratelimit-remaining").map(str::to_owned))
    };
    assert_eq!(ask("HEAD"), (200, Some("1;w=21600".to_owned())));
    assert_eq!(ask("GET"), (200, Some("0;w=21600".to_owned())));
    assert_eq!(ask("GET").0, 429);
    assert_eq!(ask("HEAD").0, 200, "a HEAD is free");
}
