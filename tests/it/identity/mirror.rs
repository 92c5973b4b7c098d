//! One image from a registry on loopback to a registry of a cloud that is not there, and what became
//! of it. Judges nothing.

use crate::bed::cloud::{Cloud, Said, Seen};
use crate::bed::grants::Users;
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Auth, Locations, Options, Registry};
use crate::bed::program::{Finished, Program};
use serde_json::Value;
use std::collections::BTreeSet;

/// A source, a target behind a cloud, and the program.
pub(super) struct Mirror {
    pub(super) source: Registry,
    pub(super) target: Registry,
    pub(super) cloud: Cloud,
    pub(super) program: Program,
}

/// A run that ended.
pub(super) struct Run {
    pub(super) finished: Finished,
    pub(super) report: Value,
    pub(super) said: String,
}

/// A registry that takes one user.
pub(super) fn basic(user: &str, password: &str) -> Options {
    let users = Users::new().user(user, password).allow(user, "*", "pull,push");
    Options::new().auth(Auth::Basic(users)).locations(Locations::Relative)
}

impl Mirror {
    /// `target` is who answers for every host that is not on loopback, and that `rule` does not
    /// answer for.
    pub(super) fn to(target: Options, rule: impl Fn(&Seen) -> Option<Said> + Send + Sync + 'static) -> Self {
        let (source, target) = (Registry::start(), target.start());
        source.seed(&one_platform(1, Format::Oci), "app", &["1.0"]);
        let cloud = Cloud::before(&target, rule);
        let program = Program::new().variable("http_proxy", &cloud.url());
        Self { source, target, cloud, program }
    }

    /// Sets a variable; `CLOUD` in it stands for the URL of the cloud.
    pub(super) fn variable(mut self, name: &str, value: &str) -> Self {
        self.program = self.program.variable(name, &value.replace("CLOUD", &self.cloud.url()));
        self
    }

    /// Runs `sync` to `host` with these credentials in the spec, as loudly as it can.
    pub(super) fn sync(&self, host: &str, credentials: Option<&str>) -> Run {
        self.write_spec(host, credentials);
        self.run(&["sync", "-vv", "--report", "json=report.json"])
    }

    /// The same with an entry of the input `registry-auth`, and nothing in the spec.
    pub(super) fn pipeline(mut self, host: &str, entry: &str) -> (Self, Run) {
        self.write_spec(host, None);
        let auth = format!("- {{ registry: {host}, {entry} }}");
        self.program = self.program.variable("INPUT_REGISTRY-AUTH", &auth).variable("INPUT_REPORT-DIR", ".");
        self.program = self.program.variable("INPUT_LOG-LEVEL", "trace");
        let run = self.run(&["ci"]);
        (self, run)
    }

    fn write_spec(&self, host: &str, credentials: Option<&str>) {
        let credentials = credentials.map(|keys| format!(", credentials: {{ {keys} }}"));
        let spec = format!(
            "version: 1\nregistries:\n  {source}: {{ plain_http: true }}\n  {host}: {{ plain_http: true{} }}\n\
             mirrors:\n  - {{ source: {source}/app, target: {host}/team/app, tags: \"1.0\" }}\n",
            credentials.unwrap_or_default(),
            source = self.source.host(),
        );
        self.program.write("crossdock.yaml", &spec);
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let finished = self.program.run(arguments);
        let text = self.program.read("report.json");
        let said = format!("{}\n{}\n{text}", finished.stdout, finished.stderr);
        Run { finished, report: serde_json::from_str(&text).expect("the report is JSON"), said }
    }

    /// The hosts that were asked for anything, by the proxy or not, but the source.
    pub(super) fn hosts(&self) -> BTreeSet<String> {
        let own = self.cloud.url().replace("http://", "");
        let hosts = self.cloud.seen().into_iter().map(|seen| seen.host);
        hosts.filter(|host| *host != self.source.host()).map(|host| host.replace(&own, "CLOUD")).collect()
    }

    /// Fails the test when a text arrived anywhere but in requests to `host`.
    pub(super) fn assert_only_at(&self, secret: &str, host: &str) {
        let host = host.replace("CLOUD", &self.cloud.url().replace("http://", ""));
        for seen in self.cloud.seen().iter().filter(|seen| seen.host != host) {
            assert!(
                !format!("{seen:?} {}", String::from_utf8_lossy(&seen.body)).contains(secret),
                "{seen:?}"
            );
        }
    }
}

impl Run {
    /// Fails the test unless the run ended with this code.
    pub(super) fn code(self, code: i32) -> Self {
        assert_eq!(self.finished.code, Some(code), "{}", self.said);
        self
    }

    /// The user and the source of the credential for a registry, as the report has them.
    pub(super) fn credential(&self, host: &str) -> (String, String) {
        let registries = self.report["registries"].as_array().expect("a list");
        let registry = registries.iter().find(|registry| registry["host"] == host).expect("it was asked");
        let text = |name: &str| registry["credential"][name].as_str().unwrap_or_default().to_owned();
        (text("user"), text("source"))
    }

    /// How many requests the report has for a registry.
    pub(super) fn requests(&self, host: &str) -> u64 {
        let registries = self.report["registries"].as_array().expect("a list");
        let counted = registries.iter().filter(|registry| registry["host"] == host);
        counted.map(|registry| registry["requests"].as_u64().expect("a number")).sum()
    }

    /// What went wrong with the image.
    pub(super) fn error(&self) -> String {
        let error = &self.report["items"][0]["error"];
        format!("{} {} {}", error["code"], error["message"], error["hint"])
    }

    /// Fails the test when one of these was written anywhere.
    pub(super) fn assert_silent(&self, secrets: &[&str]) {
        for secret in secrets {
            assert!(!self.said.contains(secret), "{secret} in\n{}", self.said);
        }
    }
}
