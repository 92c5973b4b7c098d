//! A source and a target in memory, and the program between them with a spec.

use crate::bed::images::{Format, Image, two_platforms};
use crate::bed::memory::{Options, Registry};
use crate::bed::program::{Finished, Normal, Program};
use crate::transcript::{shown, transcript};
use serde_json::Value;

/// Two registries and a spec about them.
pub struct Pair {
    /// Where images come from.
    pub source: Registry,
    /// Where they go.
    pub target: Registry,
    /// The program; its spec is `crossdock.yaml`.
    pub program: Program,
}

impl Pair {
    /// Two registries that are open to everybody.
    pub fn new() -> Self {
        Self::with(Options::new(), Options::new())
    }

    /// Two registries with these options.
    pub fn with(source: Options, target: Options) -> Self {
        Self { source: source.start(), target: target.start(), program: Program::new() }
    }

    /// A pair whose target is what the spec says: `app:1.0` with two platforms. Nothing is recorded yet.
    pub fn mirrored() -> (Self, Image) {
        let pair = Self::new();
        let image = two_platforms(1, Format::Oci);
        pair.source.seed(&image, "app", &["1.0"]);
        pair.mirrors("- { source: SOURCE/app, target: TARGET/app, tags: [\"1.0\"] }");
        pair.run(&["sync"]).expect_code(0);
        pair.forget();
        (pair, image)
    }

    /// Writes a spec with these rules, where `SOURCE` and `TARGET` stand for the hosts.
    pub fn mirrors(&self, rules: &str) {
        self.registries("SOURCE: { plain_http: true }\nTARGET: { plain_http: true }", rules);
    }

    /// Writes a spec with these registries and rules.
    pub fn registries(&self, registries: &str, rules: &str) {
        let below = |text: &str, by: &str| -> String {
            text.trim().lines().map(|line| format!("{by}{line}\n")).collect()
        };
        let registries = below(registries, "  ");
        let text = format!("version: 1\nregistries:\n{registries}mirrors:\n{}", below(rules, "  "));
        self.program.write("crossdock.yaml", &self.placed(&text));
    }

    /// The text with the hosts in the place of `SOURCE` and `TARGET`.
    pub fn placed(&self, text: &str) -> String {
        text.replace("SOURCE", &self.source.host()).replace("TARGET", &self.target.host())
    }

    /// Runs the program to its end.
    pub fn run(&self, arguments: &[&str]) -> Finished {
        self.program.run(arguments)
    }

    /// Runs the program with a report, which it returns.
    pub fn report(&self, arguments: &[&str]) -> (Finished, Value) {
        let finished = self.run(&[arguments, &["--report", "json=report.json"]].concat());
        (finished, self.read_report())
    }

    /// The report that the last run wrote to `report.json`.
    pub fn read_report(&self) -> Value {
        serde_json::from_str(&self.program.read("report.json")).expect("a report is JSON")
    }

    /// What a user sees of a run.
    pub fn transcript(&self, arguments: &[&str]) -> String {
        transcript(&self.program, &self.normal(), arguments)
    }

    /// What a user saw of a run.
    pub fn shown(&self, finished: &Finished, arguments: &[&str]) -> String {
        shown(finished, &self.normal(), arguments)
    }

    /// Takes out what differs between two runs.
    pub fn normal(&self) -> Normal {
        let normal = self.program.normal().text(&self.source.host(), "source.test");
        normal.text(&self.target.host(), "target.test").digests()
    }

    /// Forgets every request so far.
    pub fn forget(&self) {
        self.source.clear_requests();
        self.target.clear_requests();
    }
}
