//! What a run says is true: nothing is believed that was not seen, and what targets hide is found.

mod deep;
mod given_back;
mod journal;
mod looks;
mod mending;
mod real;
mod verified;

use crate::bed::images::{Format, Image, one_platform};

use crate::bed::memory::{Behaviour, Canned, Children, Options, Registry, RequestKind, Requests, Rule};
use crate::commands::pair::Pair;
use serde_json::Value;

/// A rule for `app:1.0`.
const APP: &str = "- { source: SOURCE/app, target: TARGET/app, tags: [\"1.0\"] }";

/// A target that refuses manifests which reach what it does not have, and a source with `app:1.0`.
fn refusing() -> (Pair, Image) {
    let pair = Pair::with(Options::new(), Options::new().but(|traits| traits.children = Children::Refused));
    let image = one_platform(1, Format::Oci);
    pair.source.seed(&image, "app", &["1.0"]);
    pair.mirrors(APP);
    (pair, image)
}

/// The digest of the largest blob.
pub fn layer_of(image: &Image) -> String {
    image.blobs.values().max_by_key(|blob| blob.size_bytes).expect("a blob").digest.clone()
}

/// Lets a registry say that it has a blob, whether it does or not.
fn lie(registry: &Registry, digest: &str) {
    for (kind, status) in [(RequestKind::BlobHead, 200), (RequestKind::Mount, 201)] {
        // In queries the colon is written in another way.
        let digest = digest.replace(':', "(:|%3A)");
        registry.rule(Rule::on(kind).path(&digest).then(Behaviour::Answer(Canned::new(status))));
    }
}

fn item(report: &Value, at: usize) -> &Value {
    &report["items"][at]
}

/// Those that are about one digest or tag.
fn about(requests: &Requests, kind: RequestKind, what: &str) -> usize {
    let is_about = |path: &str| path.ends_with(what);
    let named = |query: &[(String, String)]| query.iter().any(|(_, value)| value == what);
    requests.of(kind).iter().filter(|request| is_about(&request.path) || named(&request.query)).count()
}
