//! A pipeline for tests: two registries, the program, and the environment of a CI around it.

use crate::bed::images::{Format, one_platform};
use crate::bed::program::{Finished, Normal};
use crate::commands::pair::Pair;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

/// Two registries, the program, and what its CI gave it.
pub struct Pipeline {
    /// The registries and the program.
    pub pair: Pair,
}

/// The rule of most tests.
pub const APP: &str = "- { source: SOURCE/app, target: TARGET/app, tags: [\"1.0\"] }";

impl Pipeline {
    /// A pipeline in the CI that these variables are of; `FILES/` and `WORK` in their values stand for
    /// a directory of the runner and for the workspace. Reports and logs have no colour.
    pub fn new(variables: &[(&str, &str)]) -> Self {
        Self::around(Pair::new(), variables)
    }

    /// A pipeline around these registries.
    pub fn around(pair: Pair, variables: &[(&str, &str)]) -> Self {
        let mut pipeline = Self { pair };
        fs::create_dir(pipeline.files()).expect("a folder can be made");
        pipeline.set("CROSSDOCK_COLOR", "never");
        for (name, value) in variables {
            pipeline.set(name, value);
        }
        pipeline
    }

    /// GitHub, with every file that its runner names.
    pub fn github(more: &[(&str, &str)]) -> Self {
        let mut pipeline = Self::new(&GITHUB);
        for (name, value) in more {
            pipeline.set(name, value);
        }
        pipeline
    }

    /// A pipeline whose source has `app:1.0`, and whose spec mirrors it.
    pub fn seeded(variables: &[(&str, &str)]) -> Self {
        let pipeline = Self::github(variables);
        pipeline.pair.source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
        pipeline.pair.mirrors(APP);
        pipeline
    }

    /// Nobody was asked anything.
    pub fn assert_nobody_was_asked(&self) {
        assert!(self.pair.source.requests().is_empty() && self.pair.target.requests().is_empty());
    }

    /// Sets a variable; an empty one is an unset one.
    pub fn set(&mut self, name: &str, value: &str) {
        let value = value
            .replace("FILES/", &format!("{}/", self.files().display()))
            .replace("WORK", &self.pair.program.work().display().to_string());
        let value = self.pair.placed(&value);
        let program = std::mem::take(&mut self.pair.program);
        self.pair.program = program.variable(name, &value);
    }

    /// The directory of the runner.
    pub fn files(&self) -> PathBuf {
        self.pair.program.home().join("runner")
    }

    /// A file there; empty when it is not there.
    pub fn file(&self, name: &str) -> String {
        fs::read_to_string(self.files().join(name)).unwrap_or_default()
    }

    /// A program that writes down how it was called, and what it read.
    pub fn install(&mut self, name: &str) {
        let log = self.files().join(format!("{name}.log"));
        let script = format!("#!/bin/sh\n{{ echo \"$ {name} $*\"; cat; echo; }} >> '{}'\n", log.display());
        let path = self.pair.program.write_home(&format!("bin/{name}"), &script);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("the file is ours");
        let search = format!("{}:/usr/bin:/bin", self.pair.program.home().join("bin").display());
        self.set("PATH", &search);
    }

    /// Runs `crossdock ci`.
    pub fn run(&self) -> Finished {
        self.pair.run(&["ci"])
    }

    /// Runs `crossdock ci`, and reads what it wrote to `$GITHUB_OUTPUT`.
    pub fn outputs(&self) -> (Finished, BTreeMap<String, String>) {
        let _ = fs::remove_file(self.files().join("output"));
        let finished = self.run();
        (finished, read_outputs(&self.file("output")))
    }

    /// Takes out what differs between two runs.
    pub fn normal(&self) -> Normal {
        self.pair
            .normal()
            .pattern("ghadelimiter_[0-9a-f]{16}", "ghadelimiter_[RANDOM]")
            .pattern("crossdock-[0-9a-f]{16}", "crossdock-[RANDOM]")
            .pattern(r"section_(start|end):\d{10}:", "section_$1:[NOW]:")
            .pattern(r"(?m)^\d\d:\d\d:\d\dZ ", "[CLOCK] ")
            .text("\u{1b}", "␛")
            .text("\r", "␍")
    }
}

/// What GitHub's runner sets, as far as it matters.
pub const GITHUB: [(&str, &str); 8] = [
    ("CI", "true"),
    ("GITHUB_ACTIONS", "true"),
    ("GITHUB_SERVER_URL", "https://github.com"),
    ("GITHUB_WORKSPACE", "WORK"),
    ("GITHUB_OUTPUT", "FILES/output"),
    ("GITHUB_STEP_SUMMARY", "FILES/summary"),
    ("GITHUB_ARTIFACTS", "FILES/artifacts"),
    ("RUNNER_TEMP", "FILES/"),
];

/// Reads outputs as GitHub's runner does: `name<<END`, lines, `END`.
pub fn read_outputs(text: &str) -> BTreeMap<String, String> {
    let mut outputs = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let (name, end) = line.split_once("<<").unwrap_or_else(|| panic!("`{line}` begins no output"));
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != end).collect();
        outputs.insert(name.to_owned(), value.join("\n"));
    }
    outputs
}
