//! Each kind of registry with its profile: what is asked of it, what it costs, and what is told where
//! it refuses.
//!
//! The snapshots are tables with a line for each registry. What must hold for all of them is asserted
//! in the tests themselves.

mod cold;
mod large;
mod missing;
mod protected;
mod refused;
mod source;
mod tags;
mod throttled;
mod tokens;
mod without_profile;

use crate::bed::grants::Users;
use crate::bed::images::{Format, Image, Layer, Recipe, one_platform, two_platforms};
use crate::bed::memory::{Auth, Options, Personality, Registry, RequestKind};
use crate::bed::program::{Finished, Program};
use crate::bed::tally::count;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Mutex;

const PASSWORD: &str = "canary-password";

/// A registry with manners, another that does as the specification says, and the program.
struct Stage {
    personality: Personality,
    /// The one with manners.
    kind: Registry,
    /// The other one.
    other: Registry,
    program: Program,
    /// Whether the spec says what kind it is.
    profile: bool,
    rules: String,
}

/// A run that ended.
struct Run {
    finished: Finished,
    report: Value,
}

/// Everything in `mirror/` is bob's.
fn bob() -> Users {
    Users::new().user("bob", PASSWORD).allow("bob", "mirror/*", "pull,push")
}

impl Stage {
    fn new(personality: Personality) -> Self {
        Self::with(personality, Options::like(personality).users(bob()))
    }

    /// With other options for the registry with manners.
    fn with(personality: Personality, options: Options) -> Self {
        let program = Program::new().variable("PASSWORD", PASSWORD);
        let (kind, other) = (options.start(), Registry::start());
        Self { personality, kind, other, program, profile: true, rules: String::new() }
    }

    /// Leaves out of the spec what kind it is.
    fn unknown(mut self) -> Self {
        self.profile = false;
        self
    }

    /// Makes what has to be there before anything can be written to `repositories`.
    fn prepared(self, repositories: &[&str]) -> Self {
        repositories.iter().for_each(|repository| self.kind.create(repository));
        self
    }

    /// Adds a rule from the other registry to the one with manners.
    fn pushing(self, source: &str, target: &str, tags: &str) -> Self {
        let (from, to) = (self.other.host(), self.kind.host());
        self.rule(&format!("source: {from}/{source}, target: {to}/{target}, tags: {tags}"))
    }

    /// Adds a rule from the registry with manners to the other one.
    fn pulling(self, source: &str, target: &str, tags: &str) -> Self {
        let (from, to) = (self.kind.host(), self.other.host());
        self.rule(&format!("source: {from}/{source}, target: {to}/{target}, tags: {tags}"))
    }

    fn rule(mut self, keys: &str) -> Self {
        let number = self.rules.lines().count();
        writeln!(self.rules, "  - {{ name: rule-{number}, {keys} }}").expect("a string takes all");
        self
    }

    /// Runs `sync`, with bob's password.
    fn sync(&self) -> Run {
        self.sync_as(r#"credentials: { username: bob, password: "${PASSWORD}" }"#)
    }

    /// Runs `sync` with these keys for the registry with manners.
    fn sync_as(&self, keys: &str) -> Run {
        let profile = if self.profile { self.personality.profile() } else { "distribution" };
        let spec = format!(
            "version: 1\nregistries:\n  {}: {{ plain_http: true, profile: {profile}, {keys} }}\n  {}: {{ plain_http: true }}\nmirrors:\n{}",
            self.kind.host(),
            self.other.host(),
            self.rules
        );
        self.program.write("crossdock.yaml", &spec);
        self.kind.clear_requests();
        self.other.clear_requests();
        let finished = self.program.run(&["sync", "--deadline", "60s", "--report", "json=report.json"]);
        let report = serde_json::from_str(&self.program.read("report.json")).expect("the report is JSON");
        assert!(!finished.stderr.contains(PASSWORD) && !finished.stdout.contains(PASSWORD));
        Run { finished, report }
    }

    /// What was asked of both: `source | target` when the one with manners is the target.
    fn asked(&self) -> String {
        format!("{} | {}", tally(&self.other), tally(&self.kind))
    }
}

impl Run {
    /// The exit code, and what became of each target tag.
    fn told(&self) -> String {
        let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
        for item in self.items() {
            let outcome = item["error"]["code"].as_str().or(item["outcome"].as_str()).unwrap_or("nothing");
            *outcomes.entry(outcome.to_owned()).or_default() += 1;
        }
        let outcomes: Vec<String> =
            outcomes.iter().map(|(outcome, count)| format!("{outcome} {count}")).collect();
        format!("exit {}: {}", self.finished.code.unwrap_or(-1), outcomes.join(", "))
    }

    /// The same, and what was asked of both, in a line of its own. Where something failed, what was
    /// under way beside it may or may not have been asked, so that is left out.
    fn told_with(&self, stage: &Stage) -> String {
        match self.finished.code {
            Some(0) => format!("{}\n    {}", self.told(), stage.asked()),
            _ => self.told(),
        }
    }

    /// What the user is told to do about the first failure.
    fn hint(&self) -> String {
        let hint = self.items().find_map(|item| item["error"]["hint"].as_str());
        hint.unwrap_or("").to_owned()
    }

    fn items(&self) -> impl Iterator<Item = &Value> {
        self.report["items"].as_array().expect("a list").iter()
    }

    fn expect(&self, told: &str) {
        let errors: Vec<String> = self.items().map(|item| item["error"].to_string()).collect();
        assert_eq!(self.told(), told, "\n{}\n{errors:#?}", self.finished.stderr);
    }
}

/// How many requests of each kind were made, but for those that only found out how to log in.
fn tally(registry: &Registry) -> String {
    let mut tally: BTreeMap<RequestKind, usize> = BTreeMap::new();
    for request in registry.requests().iter() {
        let logs_in = matches!(request.kind, RequestKind::Token | RequestKind::Ping);
        if !logs_in && request.status != Some(401) {
            *tally.entry(request.kind).or_default() += 1;
        }
    }
    let tally: Vec<String> = tally.iter().map(|(kind, count)| format!("{kind:?} {count}")).collect();
    if tally.is_empty() { "-".to_owned() } else { tally.join(", ") }
}

/// A table with a line, or several, for each registry: all at the same time, shown in one order.
fn table(line: impl Fn(Personality) -> String + Sync) -> String {
    let lines = Mutex::new(BTreeMap::new());
    let left: Mutex<Vec<Personality>> = Mutex::new(Personality::ALL.iter().map(|(one, _)| *one).collect());
    let work = || {
        loop {
            let next = left.lock().expect("no panic while taking").pop();
            let Some(personality) = next else { return };
            let text = line(personality);
            lines.lock().expect("no panic while noting").insert(personality, text);
        }
    };
    std::thread::scope(|scope| (0..4).for_each(|_| drop(scope.spawn(work))));
    let lines = lines.into_inner().expect("no panic while noting");
    count("scenes with a registry of its own manners", lines.len());
    lines.iter().fold(String::new(), |mut table, (personality, text)| {
        let name = format!("{personality:?}");
        writeln!(table, "{name:<14} {text}").expect("a string takes all");
        table
    })
}

/// An image of one layer that the presets of the same seed have too.
fn sharing(seed: u64, format: Format) -> Image {
    Recipe::new(seed + 50).format(format).layer(Layer::files(seed, 3000)).build()
}
