//! Targets made ready: what a registry says that it does not have is made, once, as the spec asks for it.

mod aliyun;
mod amazon;
mod google;
mod harbor;
mod huawei;
mod quay;

use crate::bed::cloud::{Answer, Cloud, Seen};
use crate::bed::grants::Users;
use crate::bed::images::{Format, two_platforms};
use crate::bed::memory::{Auth, Locations, Login, Options, Personality, Registry, TokenServer};
use crate::bed::program::{Finished, Program};
use serde_json::Value;
use std::sync::Arc;

const PASSWORD: &str = "canary-password";

/// A source, a target that has nothing and makes nothing by itself, and its API.
struct Bench {
    host: &'static str,
    source: Registry,
    target: Arc<Registry>,
    cloud: Cloud,
    program: Program,
}

impl Bench {
    /// For a registry at a host, with a user who has a password and may write to some places.
    fn of(
        personality: Personality,
        host: &'static str,
        [user, password, places]: [&str; 3],
        api: impl Fn(&Seen, &Registry) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        let users = Users::new().user(user, password).allow(user, places, "pull,push");
        let auth = match personality.login() {
            Login::Basic => Auth::Basic(users),
            Login::Bearer => Auth::Bearer(TokenServer::new(users).realm(&format!("http://{host}/token"))),
        };
        let options = Options::like(personality).auth(auth).locations(Locations::Relative);
        let (source, target) = (Registry::start(), Arc::new(options.start()));
        // One of them takes nothing else.
        let format = if personality == Personality::Swr { Format::Docker } else { Format::Oci };
        source.seed(&two_platforms(1, format), "app", &["1.0", "1.1"]);
        source.seed(&two_platforms(2, format), "other", &["1.0"]);
        let behind = Arc::clone(&target);
        let cloud = Cloud::answering(&target, move |seen| api(seen, &behind));
        let program = Program::new().variable("http_proxy", &cloud.url()).variable("PASSWORD", PASSWORD);
        Self { host, source, target, cloud, program }
    }

    /// Sets variables; `CLOUD` in a value stands for the URL of the cloud.
    fn variables(mut self, variables: &[(&str, &str)]) -> Self {
        for (name, value) in variables {
            self.program = self.program.variable(name, &value.replace("CLOUD", &self.cloud.url()));
        }
        self
    }

    /// Writes a spec that mirrors `app` and `other` to these places.
    fn write(&self, keys: &str, [app, other]: [&str; 2]) {
        let (from, host) = (self.source.host(), self.host);
        self.program.write(
            "crossdock.yaml",
            &format!(
                "version: 1\nregistries:\n  {from}: {{ plain_http: true }}\n  {host}: {{ plain_http: true, {keys} }}\n\
                 mirrors:\n- {{ source: {from}/app, target: {host}/{app}, tags: [\"1.0\", \"1.1\"] }}\n\
                 - {{ source: {from}/other, target: {host}/{other}, tags: [\"1.0\"] }}\n"
            ),
        );
    }

    /// Mirrors `app` and `other` to these places.
    fn sync(&self, keys: &str, places: [&str; 2]) -> Finished {
        self.write(keys, places);
        let finished = self.program.run(&["sync", "--report", "json=report.json"]);
        let said = format!("{}{}{}", finished.stdout, finished.stderr, self.program.read("report.json"));
        assert!(!said.contains("canary"), "{said}");
        finished
    }

    fn errors(&self) -> Vec<Value> {
        let report: Value = serde_json::from_str(&self.program.read("report.json")).expect("JSON");
        report["items"].as_array().expect("items").iter().map(|item| item["error"].clone()).collect()
    }

    /// Fails the test unless all that was mirrored is whole at these places.
    fn assert_complete(&self, [app, other]: [&str; 2]) {
        for (name, tag) in [(app, "1.0"), (app, "1.1"), (other, "1.0")] {
            assert!(self.target.complete(name, tag), "{name}:{tag}");
        }
    }

    /// What a rule of the cloud was asked beside passwords: `METHOD PATH?QUERY BODY` of each request to a host.
    fn calls(&self, is_api: impl Fn(&Seen) -> bool) -> Vec<String> {
        let line = |seen: Seen| {
            let body = String::from_utf8_lossy(&seen.body).into_owned();
            format!("{} {}?{} {body}", seen.method, seen.path, seen.query).trim().replace("? ", " ")
        };
        let lines = self.cloud.seen().into_iter().filter(|seen| is_api(seen)).map(line);
        lines.map(|line| line.trim_end_matches('?').to_owned()).collect()
    }

    /// What `doctor` says.
    fn doctor(&self) -> String {
        let finished = self.program.run(&["doctor"]);
        assert!(!format!("{}{}", finished.stdout, finished.stderr).contains("canary"), "{}", finished.stderr);
        finished.stdout
    }

    /// The hints of what went wrong.
    fn hints(&self) -> String {
        let errors = self.errors();
        errors.iter().filter_map(|error| error["hint"].as_str()).collect::<Vec<_>>().join("\n")
    }

    /// The bodies of requests for a path, with what names the method where there is a header for it.
    fn asked(&self, path: &str) -> Vec<(String, Value)> {
        let seen = self.cloud.at(path).into_iter();
        let called = |seen: Seen| {
            let method = seen.header("x-amz-target").rsplit('.').next().unwrap_or_default().to_owned();
            (method, serde_json::from_slice(&seen.body).unwrap_or_default())
        };
        seen.map(called).filter(|(method, _)| method != "GetAuthorizationToken").collect()
    }
}
