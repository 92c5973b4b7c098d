//! Who takes part, and what each is told.

use super::{Contest, Hosts};
use crate::Fallible;
use crate::arguments::Arguments;
use crate::beds::Bed;
use crate::corpus::at_source;
use crate::floor::Plan;
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

/// Everybody who takes part. What takes skopeo long are real registries, and its own time.
pub(super) fn all(arguments: &Arguments, bed: Bed) -> Vec<Contestant> {
    let mut all = vec![Contestant::Crossdock, Contestant::Floor];
    if arguments.other.is_some() {
        all.push(Contestant::Other);
    }
    if bed == Bed::Registry && arguments.skopeo > 0 {
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

impl Contest<'_> {
    fn crossdock(&self, program: &Path, hosts: &Hosts) -> Fallible<Command> {
        let (from, to) = (&hosts.source, &hosts.target);
        let mut spec = format!("version: 1\nregistries:\n  {from}: {{ plain_http: true }}\n");
        write!(spec, "  {to}: {{ plain_http: true }}\nmirrors:\n")?;
        for (repository, tags) in self.corpus.tags() {
            writeln!(spec, "  - source: {from}/{}\n    target: {to}/{repository}", at_source(repository))?;
            writeln!(spec, "    tags: [{}]", tags.join(", "))?;
        }
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
