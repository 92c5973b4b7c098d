//! Whole namespaces and registries: what catalogs list becomes rules, and what they do not tell whole is a
//! failure.

mod cloud;
mod creation;
mod faults;
mod kinds;
mod layouts;
mod real;
mod rules;

use crate::bed::cloud::{Answer, Cloud, Seen};
use crate::bed::memory::Registry;
use crate::bed::program::{Finished, Program};
use serde_json::Value;

/// A cloud that answers for every host by a rule, and the program behind it.
struct Estate {
    cloud: Cloud,
    program: Program,
    /// What answers where the rule does not; nobody shall ask it.
    behind: Registry,
}

impl Estate {
    fn of(rule: impl Fn(&Seen) -> Option<Answer> + Send + Sync + 'static) -> Self {
        let behind = Registry::start();
        let cloud = Cloud::answering(&behind, rule);
        let program = Program::new().variable("http_proxy", &cloud.url());
        Self { cloud, program, behind }
    }

    /// Writes a spec with one rule, for registries that speak plain HTTP; `keys` are those of the first.
    fn spec(&self, hosts: &[&str], keys: &str, rule: &str) {
        let registry = |(at, host): (usize, &&str)| {
            let keys = if at == 0 { keys } else { "" };
            format!("  {host}: {{ plain_http: true{keys} }}\n")
        };
        let registries: String = hosts.iter().enumerate().map(registry).collect();
        let text = format!("version: 1\nregistries:\n{registries}mirrors:\n- {rule}\n  tags: [\"1.0\"]\n");
        self.program.write("crossdock.yaml", &text);
    }

    /// What `explain` says: tags that are spelt out are not asked for, so only catalogs are.
    fn explain(&self) -> Finished {
        self.program.run(&["explain", "--report", "json=report.json"])
    }

    /// The sources and targets of the rules that there are, as `explain` shows them.
    fn rules(&self) -> Vec<String> {
        rules(&self.explain().expect_code(0).stdout)
    }

    /// What went wrong with the one rule.
    fn error(&self) -> Value {
        let finished = self.explain();
        assert_eq!(rules(&finished.stdout), [""; 0], "a part of a catalog is nothing");
        let report: Value = serde_json::from_str(&self.program.read("report.json")).expect("JSON");
        assert_eq!(report["items"].as_array().map(Vec::len), Some(1), "{report:#}");
        report["items"][0]["error"].clone()
    }

    /// The requests to a host, by path and query.
    fn asked(&self, host: &str) -> Vec<String> {
        let seen = self.cloud.seen().into_iter().filter(|seen| seen.host == host);
        let line = |seen: Seen| match seen.query.is_empty() {
            true => seen.path,
            false => format!("{}?{}", seen.path, seen.query),
        };
        seen.map(line).collect()
    }

    /// Fails the test when a text arrived at any host but these, or was printed.
    fn assert_only_at(&self, secret: &str, hosts: &[&str]) {
        for seen in self.cloud.seen().iter().filter(|seen| !hosts.contains(&seen.host.as_str())) {
            let text = format!("{seen:?} {}", String::from_utf8_lossy(&seen.body));
            assert!(!text.contains(secret), "{text}");
        }
        assert!(self.behind.requests().is_empty());
    }
}

/// `SOURCE -> TARGET` for each rule that `explain` shows.
fn rules(stdout: &str) -> Vec<String> {
    let lines = stdout.lines().filter(|line| !line.starts_with(' '));
    lines.filter_map(|line| line.split_once(": ")).map(|(_, rule)| rule.to_owned()).collect()
}

fn json(value: &Value) -> Answer {
    Answer::new(200, value.to_string()).header("content-type", "application/json")
}

/// Every number in a query, such as `page`.
fn number(seen: &Seen, name: &str) -> Option<usize> {
    seen.parameter(name)?.parse().ok()
}
