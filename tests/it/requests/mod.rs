//! What a run asks of registries, request by request. Results alone would not show waste.

mod costs;
mod flow;
mod lists;
mod order;
mod proxies;
mod repeats;
mod sharing;

use crate::bed::memory::{Registry, RequestKind};
use crate::bed::program::{Finished, Program, Running};
use std::fmt::Write as _;

/// The program with a spec for memory registries.
struct Mirror {
    program: Program,
    registries: String,
    rules: String,
}

impl Mirror {
    fn between(registries: &[&Registry]) -> Self {
        let mut text = String::from("version: 1\nregistries:\n");
        for registry in registries {
            writeln!(text, "  {}: {{ plain_http: true }}", registry.host()).expect("a string takes all");
        }
        Self { program: Program::new(), registries: text, rules: String::new() }
    }

    /// Adds a rule: its keys in YAML's flow style, without the braces.
    fn rule(mut self, keys: &str) -> Self {
        writeln!(self.rules, "  - {{ {keys} }}").expect("a string takes all");
        self
    }

    fn run(&self, arguments: &[&str]) -> Finished {
        self.start(arguments).wait()
    }

    fn start(&self, arguments: &[&str]) -> Running {
        self.program.write("crossdock.yaml", &format!("{}mirrors:\n{}", self.registries, self.rules));
        self.program.spawn(arguments)
    }

    fn sync(&self) -> Finished {
        self.run(&["sync", "--report", "json=report.json"]).expect_code(0)
    }

    fn report(&self) -> serde_json::Value {
        serde_json::from_str(&self.program.read("report.json")).expect("the report is JSON")
    }
}

/// How many requests of a kind a registry got.
fn count(registry: &Registry, kind: RequestKind) -> usize {
    registry.requests().count(kind)
}

/// The tally of all requests, for comparison as one text.
fn tally(registry: &Registry) -> String {
    let tally = registry.requests().tally();
    tally.iter().map(|(kind, count)| format!("{kind:?} {count}")).collect::<Vec<_>>().join(", ")
}
