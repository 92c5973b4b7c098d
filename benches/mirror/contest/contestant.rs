//! Who takes part, and what each is told.

use super::{Contest, Hosts};
use crate::Fallible;
use crate::arguments::{Arguments, Part};
use crate::beds::Bed;
use crate::corpus::{Corpus, at_source};
use crate::floor::Plan;
use crate::scenario::Scenario;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contestant {
    Crossdock,
    /// Another build.
    Other,
    Skopeo,
    Floor,
}

/// Everybody who takes part. Skopeo does one thing after another, which shows with real registries as
/// well as with any; where it takes minutes, it takes part when it is asked to.
pub(super) fn all(arguments: &Arguments, scenario: &Scenario, bed: Bed) -> Vec<Contestant> {
    let mut all = vec![Contestant::Crossdock, Contestant::Floor];
    if arguments.other.is_some() {
        all.push(Contestant::Other);
    }
    let has_time = scenario.part != Part::RepositoryCold || arguments.names(scenario.part);
    if bed == Bed::Registry && arguments.skopeo > 0 && has_time {
        all.push(Contestant::Skopeo);
    }
    all
}

impl Contestant {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Crossdock => "crossdock",
            Self::Other => "other",
            Self::Skopeo => "skopeo",
            Self::Floor => "floor",
        }
    }

    pub(super) fn rounds(self, arguments: &Arguments) -> usize {
        match self {
            Self::Skopeo => arguments.skopeo,
            _ => arguments.repetitions,
        }
    }

    pub(super) fn command(self, contest: &Contest<'_>, hosts: &Hosts) -> Fallible<Command> {
        match self {
            Self::Crossdock => contest.crossdock(&contest.bench.crossdock, hosts),
            Self::Other => {
                contest.crossdock(contest.arguments.other.as_ref().ok_or("there is no other")?, hosts)
            }
            Self::Skopeo => contest.skopeo(hosts),
            Self::Floor => contest.floor(hosts),
        }
    }
}

/// A spec that names every tag of a corpus.
pub(crate) fn spec(corpus: &Corpus, from: &str, to: &str) -> String {
    let mut spec = format!(
        "version: 1\nregistries:\n  {from}: {{ plain_http: true }}\n  {to}: {{ plain_http: true }}\nmirrors:\n"
    );
    for (repository, tags) in corpus.tags() {
        let (source, tags) = (at_source(repository), tags.join(", "));
        spec += &format!("  - source: {from}/{source}\n    target: {to}/{repository}\n    tags: [{tags}]\n");
    }
    spec
}

impl Contest<'_> {
    fn crossdock(&self, program: &Path, hosts: &Hosts) -> Fallible<Command> {
        let spec = spec(&self.corpus, &hosts.source, &hosts.target);
        let spec = self.bench.file("crossdock.yaml", &spec)?;
        self.bench.program(program, ["sync", "--spec", spec.to_str().ok_or("not UTF-8")?])
    }

    fn skopeo(&self, hosts: &Hosts) -> Fallible<Command> {
        let mut spec = format!("{}:\n  tls-verify: false\n  images:\n", hosts.source);
        for (repository, tags) in self.corpus.tags() {
            writeln!(spec, "    {}: [{}]", at_source(repository), tags.join(", "))?;
        }
        let spec = self.bench.file("skopeo.yaml", &spec)?;
        let mut command = self.bench.timed("skopeo");
        // Without `--preserve-digests` it writes its own indexes, and the tags name something else.
        command.args(["sync", "--all", "--preserve-digests", "--src", "yaml", "--dest", "docker"]);
        command.args(["--src-tls-verify=false", "--dest-tls-verify=false"]).arg(spec).arg(&hosts.target);
        Ok(command)
    }

    fn floor(&self, hosts: &Hosts) -> Fallible<Command> {
        let [source, target] = [&hosts.source, &hosts.target].map(|host| format!("http://{host}"));
        let plan = Plan::new(&self.corpus, self.before.as_ref(), &source, &target);
        let plan = self.bench.file("floor.json", &serde_json::to_string(&plan)?)?;
        let mut command = self.bench.timed_self()?;
        command.arg("floor").arg(plan);
        Ok(command)
    }
}
