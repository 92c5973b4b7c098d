//! What is written in place of what the source has, byte for byte.

use super::{Entries, FormError, Format, Platforms, convert, is_image};
use crate::oci::{Digest, MediaType, RawManifest};
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};

const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

fn digest(what: &str) -> Digest {
    Digest::of(what.as_bytes())
}

fn raw(media_type: &str, json: &str) -> RawManifest {
    RawManifest::new(media_type.parse().expect("a media type"), Bytes::copy_from_slice(json.as_bytes()), None)
}

fn entry(name: &str, platform: &str) -> String {
    let (os, architecture) = platform.split_once('/').expect("a platform");
    format!(
        r#"{{ "mediaType": "{OCI_MANIFEST}", "digest":"{}", "size":7,"platform":{{"architecture":"{architecture}","os":"{os}"}},"new":[1.50] }}"#,
        digest(name)
    )
}

fn attestation(about: &str) -> String {
    format!(
        r#"{{"mediaType":"{OCI_MANIFEST}","digest":"{}","size":8,"annotations":{{"vnd.docker.reference.digest":"{}","vnd.docker.reference.type":"attestation-manifest"}},"platform":{{"architecture":"unknown","os":"unknown"}}}}"#,
        digest(&format!("about {about}")),
        digest(about)
    )
}

fn index(entries: &[String]) -> RawManifest {
    let entries = entries.join(",");
    raw(
        MediaType::oci_index().as_str(),
        &format!(r#"{{"schemaVersion":2,"manifests":[{entries}],"annotations":{{"k":"v"}}}}"#),
    )
}

fn three() -> RawManifest {
    index(&[
        entry("a", "linux/amd64"),
        attestation("a"),
        entry("b", "linux/arm64"),
        attestation("b"),
        entry("c", "windows/amd64"),
    ])
}

fn only(platforms: &[&str]) -> Platforms {
    Platforms::Only(platforms.iter().map(|text| text.parse().expect("a platform")).collect())
}

fn chosen(platforms: &Platforms) -> Entries {
    let mut entries = Entries::read(&three()).expect("an index");
    entries.choose(platforms, &BTreeSet::new());
    entries
}

#[test]
fn an_index_keeps_what_stays_verbatim_and_the_attestations_of_that() {
    let written = chosen(&only(&["linux/amd64"])).written(Format::Keep, &BTreeMap::new());
    // A value that is a list is laid out anew; each entry in it keeps its own spaces no more, its values do.
    insta::assert_snapshot!(String::from_utf8_lossy(&written.bytes));
    assert_eq!(written.media_type, MediaType::oci_index());
    let again = chosen(&only(&["linux/amd64"])).written(Format::Keep, &BTreeMap::new());
    assert_eq!(again.digest, written.digest, "the same every time");
}

#[test]
fn an_index_of_which_nothing_is_left_out_stays_as_it_is() {
    let all = only(&["linux/amd64", "linux/arm64", "windows/amd64"]);
    for platforms in [Platforms::All, all] {
        let written = chosen(&platforms).written(Format::Keep, &BTreeMap::new());
        assert_eq!(written, three());
    }
    assert_eq!(chosen(&Platforms::All).written(Format::Oci, &BTreeMap::new()), three());
}

#[test]
fn what_is_left_out_and_what_is_the_only_one_is_told() {
    let entries = chosen(&only(&["linux/arm64"]));
    let left_out = [digest("a"), digest("about a"), digest("c")].into();
    assert_eq!(entries.left_out(), left_out);
    let images =
        |entries: &Entries| -> Vec<Digest> { entries.images().map(|one| one.digest.clone()).collect() };
    assert_eq!(images(&entries), [digest("b")]);
    assert_eq!(images(&chosen(&only(&["linux/amd64", "linux/arm64"]))), [digest("a"), digest("b")]);
}

#[test]
fn an_index_in_an_index_is_taken_where_something_in_it_is() {
    let nested =
        |name: &str| entry(name, "linux/amd64").replace(OCI_MANIFEST, MediaType::oci_index().as_str());
    let index = index(&[nested("one"), nested("other"), entry("b", "linux/arm64")]);
    let mut entries = Entries::read(&index).expect("an index");
    assert_eq!(
        entries.indexes().map(|one| one.digest.clone()).collect::<Vec<_>>(),
        ["one", "other"].map(digest)
    );
    entries.choose(&only(&["linux/arm64"]), &[digest("one")].into());
    assert_eq!(entries.left_out(), [digest("other")].into(), "whatever platform an index is said to have");
    assert_eq!(entries.images().map(|one| one.digest.clone()).collect::<Vec<_>>(), [digest("b")]);
}

#[test]
fn an_image_without_any_of_the_platforms_is_refused_with_what_there_is() {
    let entries = chosen(&only(&["linux/s390x"]));
    assert_eq!(entries.images().count(), 0);
    let error = FormError::NoPlatform { there: entries.platforms().into_iter().collect() };
    insta::assert_snapshot!(error, @"it has none of the platforms that the rule takes, but linux/amd64, linux/arm64, windows/amd64");
}

#[test]
fn an_image_is_told_from_an_artifact() {
    let artifact = image(OCI[0], OCI[1], OCI[2], "");
    let typed = String::from_utf8_lossy(&artifact.bytes)
        .replace("{\"schemaVersion\"", "{\"artifactType\":\"a/b\",\"schemaVersion\"");
    for (raw, expected) in [
        (image(OCI[0], OCI[1], OCI[2], ""), true),
        (image(DOCKER[0], DOCKER[1], DOCKER[2], ""), true),
        (image(OCI[0], "application/vnd.oci.empty.v1+json", OCI[2], ""), false),
        (raw(OCI[0], &typed), false),
        (raw(OCI[0], "{}"), false),
    ] {
        assert_eq!(is_image(&raw), expected, "{raw:?}");
    }
}

fn image(manifest: &str, config: &str, layer: &str, more: &str) -> RawManifest {
    let (config_digest, layer_digest) = (digest("config"), digest("layer"));
    raw(
        manifest,
        &format!(
            r#"{{"schemaVersion":2,"mediaType":"{manifest}","config":{{"mediaType":"{config}","digest":"{config_digest}","size":3}},"layers":[{{"mediaType":"{layer}","digest":"{layer_digest}","size":4{more}}}]}}"#
        ),
    )
}

const DOCKER: [&str; 3] = [
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.container.image.v1+json",
    "application/vnd.docker.image.rootfs.diff.tar.gzip",
];
const OCI: [&str; 3] =
    [OCI_MANIFEST, "application/vnd.oci.image.config.v1+json", "application/vnd.oci.image.layer.v1.tar+gzip"];

#[test]
fn an_image_goes_from_one_format_to_the_other_and_back() {
    let [docker, oci] = [DOCKER, OCI].map(|[manifest, config, layer]| image(manifest, config, layer, ""));
    assert_eq!(convert(&docker, Format::Oci), Ok(oci.clone()));
    assert_eq!(convert(&oci, Format::Docker), Ok(docker.clone()));
    for same in [convert(&docker, Format::Docker), convert(&docker, Format::Keep)] {
        assert_eq!(same, Ok(docker.clone()));
    }
    let annotated = image(OCI[0], OCI[1], OCI[2], r#","annotations":{"a":"b"}"#);
    assert_eq!(convert(&annotated, Format::Docker), Ok(docker), "Docker knows no annotations");
}

#[test]
fn what_has_no_counterpart_is_refused() {
    for (case, media_types) in [
        ("an artifact", [OCI[0], "application/vnd.oci.empty.v1+json", OCI[2]]),
        ("an encrypted layer", [OCI[0], OCI[1], "application/vnd.oci.image.layer.v1.tar+gzip+encrypted"]),
    ] {
        let [manifest, config, layer] = media_types;
        let converted = convert(&image(manifest, config, layer, ""), Format::Docker);
        assert!(matches!(converted, Err(FormError::NotIn { format: Format::Docker, .. })), "{case}");
    }
    assert!(
        matches!(convert(&three(), Format::Docker), Err(FormError::NotIn { .. })),
        "an index in an index"
    );
}

#[test]
fn a_converted_index_names_the_converted_manifests_and_docker_gets_no_attestations() {
    let old = image(OCI[0], OCI[1], OCI[2], "");
    let entry = entry("a", "linux/amd64").replace(&digest("a").to_string(), &old.digest.to_string());
    let index = index(&[entry, attestation("a")]);
    let new = convert(&old, Format::Docker).expect("converted");
    let converted = [(old.digest, new.clone())].into();
    let mut entries = Entries::read(&index).expect("an index");
    assert_eq!(entries.without(&[digest("about a")].into()), 1);
    let written = entries.written(Format::Docker, &converted);
    assert_eq!(written.media_type, MediaType::docker_list());
    let manifest = written.parse().expect("a list");
    let [child] = &manifest.manifests[..] else { panic!("{manifest:?}") };
    assert_eq!((&child.digest, &child.media_type), (&new.digest, &new.media_type));
    assert_eq!(child.size_bytes, new.bytes.len() as u64);
    assert!(!String::from_utf8_lossy(&written.bytes).contains("annotations"));
}
