//! `crossdock verify`: targets compared with their sources, piece by piece.

mod beside;
mod exits;
mod pieces;
mod places;

use crate::bed::images::Image;
use crate::commands::pair::Pair;
use serde_json::Value;
use std::collections::BTreeSet;

/// A rule for `app:1.0`.
const APP: &str = "- { source: SOURCE/app, target: TARGET/app, tags: [\"1.0\"] }";

/// Runs `verify`, which must end with this code and write nothing, and returns what it found, which must
/// follow the schema.
fn verified(pair: &Pair, arguments: &[&str], code: i32) -> Value {
    let finished = pair.run(&[&["verify", "--format", "json"], arguments].concat()).expect_code(code);
    assert!(pair.source.requests().writes().is_empty() && pair.target.requests().writes().is_empty());
    let found: Value = serde_json::from_str(&finished.stdout).expect("the result is JSON");
    let schema = crossdock::report::verification::schema();
    assert!(jsonschema::is_valid(&schema, &found), "{found:#}");
    assert_eq!(found["exitCode"], code);
    found
}

/// The digests of an image's pieces that were found so.
fn pieces(image: &Value, result: &str) -> BTreeSet<String> {
    let all = image["pieces"].as_array().expect("a list").iter();
    let found = all.filter(|piece| piece["result"] == result);
    found.map(|piece| piece["digest"].as_str().expect("a text").to_owned()).collect()
}

/// The digests of everything that an image is made of.
fn made_of(image: &Image) -> BTreeSet<String> {
    let manifests = image.manifests.iter().map(|manifest| manifest.digest.clone());
    manifests.chain(image.blobs.keys().cloned()).collect()
}
