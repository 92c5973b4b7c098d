//! What speaks about images travels with them: signatures, attestations and bills of materials, whatever
//! their shape, between registries that list them and others that do not.

mod combinations;
mod failing;
mod later;
mod layouts;
mod order;
mod others;
mod real;

use crate::bed::images::artifacts::referrers_tag;
use crate::bed::images::{Format, Whole, one_platform, two_platforms};
use crate::bed::memory::{Options, Referrers, Registry};
use crate::bed::wire::Ask;
use crate::commands::pair::Pair;
use serde_json::Value;
use std::collections::BTreeSet;

/// A rule for `app:1`.
const APP: &str = "- { source: SOURCE/app, target: TARGET/app, tags: [\"1\"] }";
const SYNC: [&str; 3] = ["sync", "--progress", "none"];

/// An index for two platforms with everything that may speak about it and its children.
fn signed_index(seed: u64) -> Whole {
    Whole::signed(two_platforms(seed, Format::Oci))
}

/// An image with everything that may speak about it.
fn signed_image(seed: u64) -> Whole {
    Whole::signed(one_platform(seed, Format::Oci))
}

/// A source that has the image under `app:1`, with or without the API, and an empty target.
fn pair(whole: &Whole, source: Referrers, target: Referrers) -> Pair {
    let pair = Pair::with(Options::new().referrers(source), Options::new().referrers(target));
    whole.seed(&pair.source, "app", &["1"], source);
    pair.mirrors(APP);
    pair
}

/// The entries of an index, in no order.
fn entries(index: &[u8]) -> BTreeSet<String> {
    let index: Value = serde_json::from_slice(index).expect("an index is JSON");
    index["manifests"].as_array().expect("a list").iter().map(Value::to_string).collect()
}

/// Fails unless a registry has the image under `app:1`, and everything that speaks about it is there, byte
/// for byte, and is found in the way of that registry.
fn assert_all_there(registry: &Registry, whole: &Whole, api: Referrers) {
    assert_eq!(registry.tag("app", "1"), Some(whole.image.digest()));
    assert_eq!(registry.missing("app", "1"), [""; 0]);
    for (digest, manifest) in whole.manifests() {
        let there = registry.manifest("app", &digest).unwrap_or_else(|| panic!("{digest} is not there"));
        assert_eq!((there.media_type, there.bytes), (manifest.media_type.clone(), manifest.bytes.clone()));
    }
    for digest in whole.blobs().keys() {
        assert!(registry.has_blob("app", digest), "{digest} is not there");
    }
    let mut tags = registry.tags("app");
    tags.remove("1");
    for (tag, digest) in whole.cosign_tags() {
        assert_eq!(tags.remove(&tag), Some(digest), "{tag}");
    }
    for (subject, index) in whole.fallbacks() {
        let tag = referrers_tag(&subject);
        let found = match api {
            Referrers::Absent => {
                tags.remove(&tag).unwrap_or_else(|| panic!("{tag} is not there"));
                registry.manifest("app", &tag).expect("it was a tag").bytes.to_vec()
            }
            Referrers::Unfiltered | Referrers::Filtered => {
                let asked = Ask::new("GET", &format!("/v2/app/referrers/{subject}"));
                asked.send(&registry.host()).expect("an answer").body
            }
        };
        assert_eq!(entries(&found), entries(&index.root().bytes), "{tag}");
    }
    assert!(tags.is_empty(), "nobody needs {tags:?}");
}

/// Where in the order of arrival the PUT of a manifest under this tag or digest is.
fn put_at(registry: &Registry, at: &str) -> usize {
    let requests = registry.requests();
    let is_it = |path: &str| path == format!("/v2/app/manifests/{at}");
    let mut found = requests.iter().enumerate().filter(|(_, put)| put.method == "PUT" && is_it(&put.path));
    let (place, _) = found.next().unwrap_or_else(|| panic!("nobody put {at}:\n{requests}"));
    assert!(found.next().is_none(), "{at} was put more than once:\n{requests}");
    place
}
