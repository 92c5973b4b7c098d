//! Filters in registries: what is asked, and what is refused before a byte of a component is fetched.

use super::{digest, fetched, hex, names, spec, stores, told, wait};
use crate::bed::grants::Users;
use crate::bed::images::{Blob, Format, Image, Manifest, index, one_platform};
use crate::bed::memory::{Auth, Behaviour, Options, Registry, RequestKind, Rule};
use crossdock::components;
use crossdock::spec::Spec;
use serde_json::{Value, json};

const COMPONENT: &[u8] = b"\0asm of a registry";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

fn descriptor(media_type: &str, blob: &Blob) -> Value {
    json!({ "mediaType": media_type, "digest": blob.digest, "size": blob.size_bytes })
}

/// An artifact with these layers.
fn artifact(layers: &[(&str, &[u8])]) -> Image {
    let config = Blob::new(b"{}".as_slice());
    let blobs: Vec<Blob> = layers.iter().map(|(_, bytes)| Blob::new(bytes.to_vec())).collect();
    let listed: Vec<Value> =
        layers.iter().zip(&blobs).map(|((media_type, _), blob)| descriptor(media_type, blob)).collect();
    let document = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": descriptor("application/vnd.example.config+json", &config),
        "layers": listed,
    });
    let blobs = blobs.into_iter().chain([config]).map(|blob| (blob.digest.clone(), blob)).collect();
    Image { manifests: vec![Manifest::new(MANIFEST, &document)], blobs }
}

fn filter() -> Image {
    artifact(&[("application/wasm", COMPONENT)])
}

/// A registry with the image at `filters/f:1`.
fn registry(image: &Image) -> Registry {
    let registry = Registry::start();
    registry.seed(image, "filters/f", &["1"]);
    registry
}

/// A filter `f` at `filters/f` with this at the end, and these keys.
fn declared(registry: &Registry, end: &str, keys: &str) -> Spec {
    spec(
        &format!("{}: {{ plain_http: true }}", registry.host()),
        &format!("f: {{ wasm: \"oci://{}/filters/f{end}\"{keys} }}", registry.host()),
    )
}

fn pin(bytes: &[u8]) -> String {
    format!(", sha256: {}", hex(bytes))
}

fn asked(registry: &Registry) -> Vec<RequestKind> {
    registry.requests().iter().map(|request| request.kind).collect()
}

/// What is said, and what was asked.
fn said(registry: &Registry, spec: &Spec) -> String {
    let text = told(spec).replace(&registry.host(), "registry.test");
    format!("{text}\n  {:?}", asked(registry))
}

#[test]
fn a_filter_is_fetched_by_tag_and_pin_by_digest_or_by_both() {
    let image = filter();
    let by_digest = format!("@{}", image.digest());
    for (end, keys) in [
        (":1", pin(COMPONENT)),
        (by_digest.as_str(), String::new()),
        (&format!(":1{by_digest}"), String::new()),
        (&format!(":1{by_digest}"), pin(COMPONENT)),
    ] {
        let registry = registry(&image);
        let fetched = fetched(&declared(&registry, end, &keys)).expect("it is there");
        assert_eq!((fetched.bytes.as_slice(), fetched.digest), (COMPONENT, digest(COMPONENT)), "{end}");
        assert_eq!(fetched.manifest.map(|digest| digest.to_string()), Some(image.digest()));
        assert_eq!(asked(&registry), [RequestKind::ManifestGet, RequestKind::BlobGet], "{end}");
        let path = registry.requests()[0].path.clone();
        assert_eq!(path.ends_with("/1"), !end.contains('@'), "{path}");
    }
}

#[test]
fn older_names_of_the_layer_are_read() {
    for media_type in
        ["application/vnd.wasm.content.layer.v1+wasm", "application/vnd.module.wasm.content.layer.v1+wasm"]
    {
        let registry = registry(&artifact(&[(media_type, COMPONENT)]));
        fetched(&declared(&registry, ":1", &pin(COMPONENT))).expect("it is read");
    }
}

#[test]
fn a_wrong_pin_is_found_before_a_byte_is_fetched() {
    let registry = registry(&filter());
    insta::assert_snapshot!(said(&registry, &declared(&registry, ":1", &pin(b"another"))));
    let both = format!(":1@{}", filter().digest());
    registry.clear_requests();
    let text = said(&registry, &declared(&registry, &both, &pin(b"another")));
    assert!(text.contains("[ManifestGet]"), "{text}");
}

#[test]
fn what_is_no_filter_is_refused_before_a_byte_is_fetched() {
    let wasm = ("application/wasm", COMPONENT);
    let image = one_platform(1, Format::Oci);
    let images = [
        artifact(&[wasm, ("application/wasm", b"\0asm of another")]),
        artifact(&[]),
        artifact(&[("application/vnd.oci.image.layer.v1.tar+gzip", COMPONENT)]),
        index(Format::Oci, std::slice::from_ref(&image)),
        image,
        one_platform(1, Format::Docker),
    ];
    let mut text = String::new();
    for image in images {
        let registry = registry(&image);
        text.push_str(&said(&registry, &declared(&registry, ":1", &pin(COMPONENT))));
        text.push('\n');
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_layer_that_is_announced_too_large_is_not_fetched() {
    let mut image = filter();
    let mut document = image.root().document();
    document["layers"][0]["size"] = json!(33 << 20);
    image.manifests = vec![Manifest::new(MANIFEST, &document)];
    let registry = registry(&image);
    insta::assert_snapshot!(said(&registry, &declared(&registry, ":1", &pin(COMPONENT))));
}

#[test]
fn a_layer_that_is_longer_or_shorter_than_announced_is_refused() {
    for size in [COMPONENT.len() - 1, COMPONENT.len() + 1] {
        let mut image = filter();
        let mut document = image.root().document();
        document["layers"][0]["size"] = json!(size);
        image.manifests = vec![Manifest::new(MANIFEST, &document)];
        let registry = registry(&image);
        let text = said(&registry, &declared(&registry, ":1", &pin(COMPONENT)));
        assert!(text.contains(&format!("the blob shall have {size} bytes but 18 are announced")), "{text}");
        assert_eq!(asked(&registry), [RequestKind::ManifestGet, RequestKind::BlobGet]);
    }
}

#[test]
fn a_layer_with_other_bytes_is_refused_and_one_that_breaks_off_is_fetched_again() {
    let registry = registry(&filter());
    registry.rule(Rule::on(RequestKind::BlobGet).first(1).then(Behaviour::CutResponse(5)));
    fetched(&declared(&registry, ":1", &pin(COMPONENT))).expect("it is whole the second time");
    assert_eq!(registry.requests().count(RequestKind::BlobGet), 2);
    registry.rule(Rule::on(RequestKind::BlobGet).then(Behaviour::WrongBytes));
    let text = told(&declared(&registry, ":1", &pin(COMPONENT)));
    assert!(text.contains("is not what it must be: the bytes have the digest"), "{text}");
}

#[test]
fn a_manifest_that_is_not_there_is_told() {
    let registry = Registry::start();
    insta::assert_snapshot!(said(&registry, &declared(&registry, ":1", &pin(COMPONENT))));
}

#[test]
fn credentials_of_the_spec_are_used() {
    let users = Users::new().user("alice", "s3cret");
    let registry = Options::new().auth(Auth::Basic(users)).start();
    registry.seed(&filter(), "filters/f", &["1"]);
    let host = registry.host();
    let filters = format!("f: {{ wasm: \"oci://{host}/filters/f:1\"{} }}", pin(COMPONENT));
    let keys = "plain_http: true, credentials: { username: alice, password: s3cret }";
    fetched(&spec(&format!("{host}: {{ {keys} }}"), &filters)).expect("alice may read");
    let nobody = told(&spec(&format!("{host}: {{ plain_http: true }}"), &filters));
    assert!(nobody.contains("the filter `f` cannot be fetched"), "{nobody}");
}

#[test]
fn digests_are_asked_for_only_where_no_pin_tells() {
    let registry = registry(&filter());
    let digest_of = |spec: &Spec| {
        registry.clear_requests();
        wait(components::digests(spec, &names(&["f"]), &stores(spec))).expect("it is known")["f"].clone()
    };
    assert_eq!(digest_of(&declared(&registry, ":1", &pin(COMPONENT))), digest(COMPONENT));
    assert_eq!(asked(&registry), []);
    assert_eq!(digest_of(&declared(&registry, &format!("@{}", filter().digest()), "")), digest(COMPONENT));
    assert_eq!(asked(&registry), [RequestKind::ManifestGet]);
}
