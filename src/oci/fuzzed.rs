//! What holds for references, digests and manifests, whatever the bytes are.

use super::manifest::ENTRIES_MAX;
use super::name::{PATH_BYTES_MAX, TAG_BYTES_MAX};
use super::{
    Descriptor, Digest, Hasher, LayoutName, MediaType, RawManifest, Reference, Registry, Repository,
    RepositoryPath, Tag,
};
use bytes::Bytes;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt::{Debug, Display};
use std::str::FromStr;

/// References and what they are made of: what is printed is read as the same, fits into a URL as it is, and
/// an error shows nothing that could drive a terminal.
pub fn reference(bytes: &[u8]) -> bool {
    let Ok(text) = str::from_utf8(bytes) else { return false };
    let reference: Option<Reference> = again(text);
    again::<Repository>(text);
    again::<RepositoryPath>(text).inspect(|path| assert!(path.as_str().len() <= PATH_BYTES_MAX));
    again::<Tag>(text).inspect(|tag| assert!(tag.as_str().len() <= TAG_BYTES_MAX));
    again::<Registry>(text).inspect(fits_into_a_url);
    if let Ok(name) = text.parse::<LayoutName>() {
        assert_eq!(name.as_str(), text);
    }
    let Some(Reference { repository, .. }) = reference else { return false };
    assert_eq!(again::<Repository>(&repository.to_string()), Some(repository.clone()));
    if let Repository::Registry { registry, path } = repository {
        fits_into_a_url(&registry);
        let url = url::Url::parse(&format!("https://{registry}/v2/{path}/manifests/1")).expect("a URL");
        assert_eq!(url.path(), format!("/v2/{path}/manifests/1"));
    }
    true
}

/// Reads a text, and what was read once more from how it is printed.
fn again<T: FromStr<Err: Display> + Display + Debug + PartialEq>(text: &str) -> Option<T> {
    match text.parse::<T>() {
        Ok(value) => {
            let printed = value.to_string();
            assert!(!printed.contains(|c: char| c.is_control() || c.is_whitespace()), "{printed:?}");
            let same = printed.parse().unwrap_or_else(|why| panic!("{printed:?} of {text:?}: {why}"));
            assert_eq!(value, same, "{printed:?} of {text:?}");
            Some(value)
        }
        Err(why) => {
            let why = why.to_string();
            assert!(!why.is_empty() && !why.contains(char::is_control), "{why:?}");
            None
        }
    }
}

/// What is contacted is what was written: host and port, and no user.
fn fits_into_a_url(registry: &Registry) {
    let url = url::Url::parse(&format!("https://{registry}/v2/")).expect("a URL");
    let host = url.host_str().expect("a host");
    assert!(url.username().is_empty() && url.password().is_none() && url.path() == "/v2/", "{url}");
    let port = registry.as_str().strip_prefix(host).unwrap_or_else(|| panic!("{registry} is {host}"));
    assert!(port.is_empty() || port.starts_with(':'), "{registry} is {host}");
}

/// Digests: read strictly, safe as a file name, and the same however the bytes are cut into pieces.
pub fn digest(bytes: &[u8]) -> bool {
    let read = str::from_utf8(bytes).ok().and_then(|text| Some((text, again::<Digest>(text)?)));
    if let Some((text, digest)) = &read {
        assert_eq!(digest.as_str(), *text);
        assert!([64, 128].contains(&digest.hex().len()) && digest.hex().starts_with(digest.short()));
        assert!(text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b':'));
    }
    let sha512 = Hasher::Sha512(Box::default()).finish();
    for empty in [Digest::of(b""), sha512] {
        let (mut whole, mut pieces) = (empty.hasher(), empty.hasher());
        whole.update(bytes);
        let size = usize::from(bytes.first().copied().unwrap_or_default()) + 1;
        bytes.chunks(size).for_each(|piece| pieces.update(piece));
        let digest = whole.finish();
        assert_eq!(digest, pieces.finish());
        assert!(digest.matches(bytes));
        assert_eq!(digest.to_string().parse(), Ok(digest.clone()));
        assert!(!digest.matches(&[bytes, b"x"].concat()));
    }
    read.is_some()
}

/// Manifests, each after a line with its media type: bytes are kept and hashed as they came; what is read
/// is what any other reader of JSON finds, is either an image or an index, and has no more than its limit.
pub fn manifest(bytes: &[u8]) -> bool {
    let line = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let (first, document) = bytes.split_at(line);
    let media_type = str::from_utf8(first).ok().and_then(again::<MediaType>);
    let document = Bytes::copy_from_slice(document.strip_prefix(b"\n").unwrap_or(document));
    let media_type = media_type.unwrap_or_else(MediaType::oci_manifest);
    let sha512 = Hasher::Sha512(Box::default()).finish();
    for expected in [None, Some(&sha512)] {
        let raw = RawManifest::new(media_type.clone(), document.clone(), expected);
        assert!(raw.digest.matches(&document) && raw.bytes == document);
        assert_eq!(raw.digest.algorithm(), expected.map_or("sha256", Digest::algorithm));
    }
    let raw = RawManifest::new(media_type.clone(), document.clone(), None);
    let manifest = match raw.parse() {
        Ok(manifest) => manifest,
        Err(why) => {
            assert!(!why.to_string().is_empty());
            return false;
        }
    };
    assert!(!media_type.is_schema1());
    assert!(manifest.manifests.len() <= ENTRIES_MAX && manifest.blobs.len() <= ENTRIES_MAX);
    let is_manifest = |one: &Descriptor| one.media_type.is_manifest() || one.media_type.is_schema1();
    assert!(manifest.manifests.iter().all(is_manifest));
    // Values that nobody reads may be anything, and some readers take what others do not.
    let Ok(value) = serde_json::from_str::<Value>(&String::from_utf8_lossy(&document)) else { return true };
    let named = |keys: &[&str]| -> BTreeSet<String> {
        let values = keys.iter().filter_map(|key| value.get(key));
        let descriptors = values.flat_map(|value| match value {
            Value::Array(list) => list.iter().collect(),
            other => vec![other],
        });
        descriptors.filter_map(|one| Some(one.get("digest")?.as_str()?.to_owned())).collect()
    };
    let read = |list: &[Descriptor]| -> BTreeSet<String> {
        list.iter().map(|descriptor| descriptor.digest.to_string()).collect()
    };
    let (listed, needed) = (named(&["manifests"]), named(&["config", "layers", "blobs"]));
    assert!(listed.is_empty() || needed.is_empty(), "an image and an index");
    assert!(read(&manifest.manifests).is_subset(&listed));
    assert_eq!(&read(&manifest.manifests) | &read(&manifest.blobs), &listed | &needed);
    for descriptor in manifest.manifests.iter().chain(&manifest.blobs).chain(&manifest.subject) {
        let printed = serde_json::to_string(descriptor).expect("it serialises");
        assert_eq!(serde_json::from_str::<Descriptor>(&printed).expect("a descriptor"), *descriptor);
    }
    true
}
