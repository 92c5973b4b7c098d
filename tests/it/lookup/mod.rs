//! Who speaks about images: what is found at sources, what is compared with targets, and what that costs.
//! Up to the plan; what is written then is in `referrers`.

mod costs;
mod faults;
mod found;
mod policies;

use crate::bed::images::{Format, Image, Manifest, Recipe, Whole};
use crate::bed::memory::{Options, Registry, RequestKind};
use crate::bed::program::{Finished, Program};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// A source, a target, and the program with one rule between them.
struct Scene {
    source: Registry,
    target: Registry,
    program: Program,
    keys: RefCell<String>,
}

impl Scene {
    fn new(source: Registry, target: Registry) -> Self {
        let scene = Self { source, target, program: Program::new(), keys: RefCell::default() };
        scene.rule("tags: ['1']")
    }

    /// With a rule that has these keys beside source and target, in YAML's flow style.
    fn rule(self, keys: &str) -> Self {
        self.again(keys);
        self
    }

    /// The same registries with another rule.
    fn again(&self, keys: &str) -> &Self {
        let (source, target) = (self.source.host(), self.target.host());
        *self.keys.borrow_mut() = format!("  - {{ source: {source}/app, target: {target}/m/app, {keys} }}\n");
        self
    }

    fn run(&self, arguments: &[&str]) -> Finished {
        self.source.clear_requests();
        self.target.clear_requests();
        let (source, target) = (self.source.host(), self.target.host());
        let spec = format!(
            "version: 1\nregistries:\n  {source}: {{ plain_http: true }}\n  {target}: {{ plain_http: true }}\n\
             mirrors:\n{}",
            self.keys.borrow()
        );
        self.program.write("crossdock.yaml", &spec);
        self.program.run(arguments)
    }

    /// Plans, and returns the saved plan, whether something is refused in it or not.
    fn plan(&self) -> Value {
        let finished = self.run(&["plan", "-o", "plan.json"]);
        assert!(matches!(finished.code, Some(0 | 6)), "{}{}", finished.stdout, finished.stderr);
        self.saved()
    }

    fn saved(&self) -> Value {
        serde_json::from_str(&self.program.read("plan.json")).expect("the plan is JSON")
    }

    /// What speaks about the image of the one entry of the plan: whose, which, as what and how.
    fn found(&self) -> BTreeSet<[String; 3]> {
        lines(&self.plan()["entries"][0]["referrers"])
    }

    /// What both were asked beside HEADs and GETs of the images themselves and what is written.
    fn asked(&self) -> [String; 2] {
        [&self.source, &self.target].map(tally)
    }
}

/// Referrers in a plan: subject, digest and link of each.
fn lines(referrers: &Value) -> BTreeSet<[String; 3]> {
    let text = |one: &Value, key: &str| one[key].as_str().unwrap_or_default().to_owned();
    let all = referrers.as_array().expect("a list").iter();
    all.map(|one| ["subject", "digest", "link"].map(|key| text(one, key))).collect()
}

/// The same of what was made.
fn expected(whole: &Whole) -> BTreeSet<[String; 3]> {
    lines(&Value::Array(whole.planned()))
}

fn tally(registry: &Registry) -> String {
    let tally = registry.requests().tally();
    tally.iter().map(|(kind, count)| format!("{kind:?} {count}")).collect::<Vec<_>>().join(", ")
}

fn count(registry: &Registry, kind: RequestKind) -> usize {
    registry.requests().count(kind)
}

/// An image without layers: small, and different for each seed.
fn image(seed: u64) -> Image {
    Recipe::new(seed).build()
}

fn root(image: &Image) -> &Manifest {
    image.root()
}

/// An index of two of these.
fn two(seed: u64) -> Image {
    crate::bed::images::two_platforms(seed, Format::Oci)
}

fn empty() -> Registry {
    Options::new().start()
}
