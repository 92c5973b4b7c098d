//! The program with a spec for memory registries, and what became of a run. Judges nothing.

use crate::bed::memory::Registry;
use crate::bed::program::{Finished, Program};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// When a run gives up: one that hangs ends with 7, and not with the test run. Where three of ten requests
/// fail, pauses before next attempts alone take dozens of seconds.
const DEADLINE: &str = "180s";

/// A spec that grows, and the program that runs it.
pub(crate) struct Mirror {
    pub(crate) program: Program,
    registries: BTreeMap<String, String>,
    rules: String,
}

/// A run that ended.
pub(crate) struct Run {
    pub(crate) finished: Finished,
    pub(crate) report: Value,
}

impl Mirror {
    /// A spec for these registries, with default settings.
    pub(crate) fn of(registries: &[&Registry]) -> Self {
        let empty = Self { program: Program::new(), registries: BTreeMap::new(), rules: String::new() };
        registries.iter().fold(empty, |mirror, registry| mirror.setting(registry, "plain_http: true"))
    }

    /// Sets the keys of a registry, in YAML's flow style without the braces.
    pub(crate) fn setting(self, registry: &Registry, keys: &str) -> Self {
        self.setting_of(&registry.host(), keys)
    }

    pub(crate) fn setting_of(mut self, host: &str, keys: &str) -> Self {
        self.registries.insert(host.to_owned(), keys.to_owned());
        self
    }

    /// Limits of a registry.
    pub(crate) fn limits(self, registry: &Registry, limits: &str) -> Self {
        self.setting(registry, &format!("plain_http: true, limits: {{ {limits} }}"))
    }

    /// Adds a rule: from one repository to others, for `tags` as a spec has them.
    pub(crate) fn copying(
        self,
        source: &Registry,
        repository: &str,
        targets: &[(&Registry, &str)],
        tags: &str,
    ) -> Self {
        let targets: Vec<String> =
            targets.iter().map(|(registry, name)| format!("{}/{name}", registry.host())).collect();
        let tags = if tags.starts_with(['{', '[']) { tags.to_owned() } else { format!("[{tags:?}]") };
        let source = format!("{}/{repository}", source.host());
        self.rule(&format!("source: {source}, target: [{}], tags: {tags}", targets.join(", ")))
    }

    /// Adds a rule, in YAML's flow style without the braces.
    pub(crate) fn rule(mut self, keys: &str) -> Self {
        let number = self.rules.lines().count();
        writeln!(self.rules, "  - {{ name: rule-{number}, {keys} }}").expect("a string takes all");
        self
    }

    /// Sets a variable of the program's environment.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.program = self.program.variable(name, value);
        self
    }

    pub(crate) fn sync(&self) -> Run {
        self.run("sync")
    }

    pub(crate) fn run(&self, command: &str) -> Run {
        let registries = self.registries.iter().fold(String::new(), |mut text, (host, keys)| {
            writeln!(text, "  {host}: {{ {keys} }}").expect("a string takes all");
            text
        });
        let spec = format!("version: 1\nregistries:\n{registries}mirrors:\n{}", self.rules);
        self.program.write("crossdock.yaml", &spec);
        let arguments = [command, "--deadline", DEADLINE, "--report", "json=report.json"];
        let finished = self.program.run(&arguments);
        let text = self.program.read("report.json");
        Run { finished, report: serde_json::from_str(&text).expect("the report is JSON") }
    }
}

impl Run {
    /// Fails the test, with all that was said, unless the run ended with this code.
    pub(crate) fn code(self, code: i32) -> Self {
        let Self { finished, report } = self;
        let errors: Vec<String> = items(&report).map(|item| item["error"].to_string()).collect();
        assert_eq!(
            finished.code,
            Some(code),
            "\nstdout:\n{}\nstderr:\n{}\n{errors:#?}",
            finished.stdout,
            finished.stderr
        );
        Self { finished, report }
    }

    /// Each target tag with what became of it, or the code of what went wrong, in order.
    pub(crate) fn outcomes(&self) -> Vec<String> {
        let said = |item: &Value| match item["error"]["code"].as_str() {
            Some(code) => code.to_owned(),
            None => item["outcome"].as_str().unwrap_or("nothing").to_owned(),
        };
        items(&self.report).map(said).collect()
    }

    /// The same for a run with one item.
    pub(crate) fn outcome(&self) -> String {
        let outcomes = self.outcomes();
        assert_eq!(outcomes.len(), 1, "{outcomes:?}");
        outcomes.into_iter().next().expect("one")
    }

    /// A field of the first error, as text.
    pub(crate) fn error(&self, field: &str) -> String {
        let errors = items(&self.report).map(|item| &item["error"]);
        let mut found = errors.filter(|error| !error.is_null()).map(|error| &error[field]);
        let value = found.next().expect("something went wrong");
        value.as_str().map_or_else(|| value.to_string(), str::to_owned)
    }
}

fn items(report: &Value) -> impl Iterator<Item = &Value> {
    report["items"].as_array().expect("a list").iter()
}
