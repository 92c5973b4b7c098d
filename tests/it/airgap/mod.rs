//! Bundles on the far side of a gap: pushed, listed, verified; and the whole way, with no route between.

mod broken;
mod delta;
mod gap;
mod killed;
mod names;
mod push;

use crate::bed::images::artifacts::{cosign_signature, notation};
use crate::bed::images::{Format, Image, Layer, Recipe, Whole, two_platforms};
use crate::bed::memory::{Options, Referrers, Registry};
use crate::bed::program::{Finished, Program};
use serde_json::Value;

/// A source with a signed image and another one, a target, and the program between them, with a spec.
pub(super) struct Scene {
    pub(super) source: Registry,
    pub(super) target: Registry,
    pub(super) program: Program,
}

/// An image of two platforms, signed in two ways.
pub(super) fn signed() -> Whole {
    let image = two_platforms(1, Format::Oci);
    let root = image.root().clone();
    let signature = notation(&root, 1);
    Whole::new(image).attach(signature.clone()).attach(notation(signature.root(), 2)).beside(
        &root.digest,
        "sig",
        cosign_signature(&root, &[3]),
    )
}

/// An image of which the second version has one layer in common with the first.
pub(super) fn version(number: u64) -> Image {
    let base = Layer::files(100, 60_000);
    Recipe::new(number).layer(base).layer(Layer::files(100 + number, 20_000)).build()
}

impl Scene {
    pub(super) fn new() -> Self {
        let source = signed().start(Referrers::Filtered, "team/app", "1.0");
        source.seed(&version(1), "team/tool", &["v1"]);
        let scene = Self { source, target: Options::new().start(), program: Program::new() };
        scene.spec(
            "- { source: SOURCE/team/app, target: TARGET/mirror/app, tags: [\"1.0\"] }\n\
             - { source: SOURCE/team/tool, target: TARGET/mirror/tool, tags: [v*], rename: { match: v1, to: stable } }",
        );
        scene
    }

    /// Writes a spec with these rules.
    pub(super) fn spec(&self, rules: &str) {
        let rules: String = rules.lines().map(|line| format!("  {}\n", line.trim())).collect();
        let text = format!(
            "version: 1\nregistries:\n  SOURCE: {{ plain_http: true }}\n  TARGET: {{ plain_http: true }}\n\
             mirrors:\n{rules}"
        );
        self.program.write("crossdock.yaml", &self.placed(&text));
    }

    fn placed(&self, text: &str) -> String {
        text.replace("SOURCE", &self.source.host()).replace("TARGET", &self.target.host())
    }

    pub(super) fn run(&self, words: &[&str]) -> Finished {
        let words: Vec<String> = words.iter().map(|word| self.placed(word)).collect();
        let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
        words.extend(["--progress", "none"]);
        self.program.run(&words)
    }

    /// Writes a bundle of all that the spec takes.
    pub(super) fn create(&self, more: &[&str]) {
        let words: Vec<&str> = ["bundle", "create", "-o", "site.tar"].iter().chain(more).copied().collect();
        self.run(&words).expect_code(0);
        assert!(self.target.requests().is_empty(), "the far side is not there: {}", self.target.requests());
        self.source.clear_requests();
    }

    pub(super) fn json(&self, words: &[&str], code: i32) -> Value {
        let words: Vec<&str> = words.iter().chain(&["--format", "json"]).copied().collect();
        let finished = self.run(&words).expect_code(code);
        serde_json::from_str(&finished.stdout).expect("JSON")
    }
}

/// The words that push a bundle to where it says.
pub(super) const PUSH: [&str; 6] = ["bundle", "push", "site.tar", "--as-bundled", "--spec", "crossdock.yaml"];

/// Asserts that a registry has the signed image, with all that speaks about it.
pub(super) fn assert_signed(registry: &Registry, repository: &str, tag: &str) {
    let whole = signed();
    assert_eq!(registry.tag(repository, tag), Some(whole.image.digest()), "{repository}:{tag}");
    assert_eq!(registry.missing(repository, tag), [""; 0]);
    let holdings = registry.holdings();
    for digest in whole.manifests().keys() {
        assert!(holdings[repository].manifests.contains(digest), "{repository} lacks {digest}");
    }
    for (tag, digest) in whole.cosign_tags() {
        assert_eq!(registry.tag(repository, &tag), Some(digest), "{tag}");
    }
}
