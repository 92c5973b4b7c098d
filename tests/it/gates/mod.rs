//! What a rule lets through: sizes, ages, digests and tags that are denied, pins, aliases; and tags that go
//! into a registry together.

mod ages;
mod aliases;
mod denied;
mod pins;
mod sizes;
mod together;

use crate::bed::images::{Format, Image, Layer, Recipe, attestation, index};
use crate::bed::memory::{Registry, RequestKind};
use crate::commands::pair::Pair;
use serde_json::Value;
use std::collections::BTreeMap;

/// A rule for `app` with these keys, each on a line.
fn rule(keys: &str) -> String {
    let keys: String = keys.lines().map(|line| format!("  {}\n", line.trim_end())).collect();
    format!("- source: SOURCE/app\n  target: TARGET/mirror/app\n{keys}")
}

/// Runs `sync`, which ends with this code, and returns what became of each tag: its outcome, and the code of
/// what is wrong with it.
fn synced(pair: &Pair, code: i32) -> BTreeMap<String, String> {
    pair.forget();
    let (finished, report) = pair.report(&["sync"]);
    finished.expect_code(code);
    outcomes(&report)
}

fn outcomes(report: &Value) -> BTreeMap<String, String> {
    let items = report["items"].as_array().expect("a list").iter();
    let told = |item: &Value| {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let source = text(&item["source"]["reference"]);
        let tag = source.rsplit_once(':').map(|(_, tag)| tag.to_owned()).unwrap_or_default();
        let outcome = text(&item["outcome"]);
        let code = text(&item["error"]["code"]);
        (tag, if code.is_empty() { outcome } else { format!("{outcome} {code}") })
    };
    items.map(told).collect()
}

/// The same as one line.
fn line(outcomes: &BTreeMap<String, String>) -> String {
    outcomes.iter().map(|(tag, outcome)| format!("{tag} {outcome}")).collect::<Vec<_>>().join(", ")
}

/// Why the first item was not mirrored.
fn why(pair: &Pair) -> String {
    pair.read_report()["items"][0]["error"]["message"].as_str().unwrap_or_default().to_owned()
}

fn count(registry: &Registry, kind: RequestKind) -> usize {
    registry.requests().count(kind)
}

/// An image that says when it was made.
fn made(platform: &str, seed: u64, created: Option<&str>) -> Image {
    let recipe = Recipe::new(seed).platform(platform).layer(Layer::files(seed, 3000));
    recipe.layer(Layer::files(7, 3000)).created(created).build()
}

/// An index of these, with an attestation of the first.
fn attested(images: &[Image]) -> Image {
    index(Format::Oci, &[images, &[attestation(&images[0])]].concat())
}
