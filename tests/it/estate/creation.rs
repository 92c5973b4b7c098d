//! Targets made ready: what a registry says that it does not have is made, once, as the spec asks for it.

use crate::bed::cloud::{Answer, Cloud, Seen};
use crate::bed::grants::Users;
use crate::bed::images::{Format, two_platforms};
use crate::bed::memory::{Auth, Locations, Options, Personality, Registry};
use crate::bed::program::{Finished, Program};
use crate::bed::signed::{Keys, judge};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::sync::Arc;

const ECR: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const KEYS: Keys<'_> = Keys { id: "ASIABED", secret: "canary-key" };
const PASSWORD: &str = "canary-password";

/// A source, a target that has nothing and makes nothing by itself, and its API.
struct Bench {
    source: Registry,
    target: Arc<Registry>,
    cloud: Cloud,
    program: Program,
}

impl Bench {
    fn of(
        personality: Personality,
        user: &str,
        api: impl Fn(&Seen, &Registry) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        let users = Users::new().user(user, PASSWORD).allow(user, "*", "pull,push");
        let options = Options::like(personality).auth(Auth::Basic(users)).locations(Locations::Relative);
        let (source, target) = (Registry::start(), Arc::new(options.start()));
        source.seed(&two_platforms(1, Format::Oci), "app", &["1.0", "1.1"]);
        source.seed(&two_platforms(2, Format::Oci), "other", &["1.0"]);
        let behind = Arc::clone(&target);
        let cloud = Cloud::answering(&target, move |seen| api(seen, &behind));
        let program = Program::new().variable("http_proxy", &cloud.url()).variable("PASSWORD", PASSWORD);
        Self { source, target, cloud, program }
    }

    /// Mirrors `app` and `other` to these places at a host.
    fn sync(&self, host: &str, keys: &str, [app, other]: [&str; 2]) -> Finished {
        let from = self.source.host();
        self.program.write(
            "crossdock.yaml",
            &format!(
                "version: 1\nregistries:\n  {from}: {{ plain_http: true }}\n  {host}: {{ plain_http: true, {keys} }}\n\
                 mirrors:\n- {{ source: {from}/app, target: {host}/{app}, tags: [\"1.0\", \"1.1\"] }}\n\
                 - {{ source: {from}/other, target: {host}/{other}, tags: [\"1.0\"] }}\n"
            ),
        );
        let finished = self.program.run(&["sync", "--report", "json=report.json"]);
        let said = format!("{}{}{}", finished.stdout, finished.stderr, self.program.read("report.json"));
        assert!(!said.contains("canary"), "{said}");
        finished
    }

    fn errors(&self) -> Vec<Value> {
        let report: Value = serde_json::from_str(&self.program.read("report.json")).expect("JSON");
        report["items"].as_array().expect("items").iter().map(|item| item["error"].clone()).collect()
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

/// The service of ECR: `makes` says what it answers to what would make a repository.
fn ecr(makes: fn(&str, &Registry) -> Answer) -> Bench {
    let service = move |seen: &Seen, target: &Registry| {
        if seen.path != "/ecr" {
            return None;
        }
        if let Err(why) = judge(seen, &KEYS, "eu-west-1/ecr") {
            return Some(Answer::new(
                400,
                json!({ "__type": "InvalidSignatureException", "m": why }).to_string(),
            ));
        }
        let body: Value = serde_json::from_slice(&seen.body).ok()?;
        let name = body["repositoryName"].as_str().unwrap_or_default();
        Some(match seen.header("x-amz-target").rsplit('.').next()? {
            "GetAuthorizationToken" => {
                let token = STANDARD.encode(format!("AWS:{PASSWORD}"));
                Answer::new(
                    200,
                    json!({ "authorizationData": [{ "authorizationToken": token }] }).to_string(),
                )
            }
            "CreateRepository" => makes(name, target),
            "PutLifecyclePolicy" | "SetRepositoryPolicy" => Answer::new(200, "{}"),
            _ => Answer::new(400, "{}"),
        })
    };
    let mut bench = Bench::of(Personality::Ecr, "AWS", service);
    let url = format!("{}/ecr", bench.cloud.url());
    for (name, value) in [
        ("AWS_ENDPOINT_URL_ECR", url.as_str()),
        ("AWS_ACCESS_KEY_ID", KEYS.id),
        ("AWS_SECRET_ACCESS_KEY", KEYS.secret),
    ] {
        bench.program = bench.program.variable(name, value);
    }
    bench
}

const ECR_KEYS: &str = "credentials: { identity: ecr }, create_repositories: { immutable: true, scan: true, labels: \
                        { team: web }, lifecycle: '{\"rules\":[]}', policy: '{\"Statement\":[]}' }";

#[test]
fn repositories_of_ecr_are_made_once_with_all_that_they_shall_have() {
    let bench = ecr(|name, target| {
        target.create(name);
        Answer::new(200, json!({ "repository": {} }).to_string())
    });
    bench.target.create("team/other");
    bench.sync(ECR, ECR_KEYS, ["team/app", "team/other"]).expect_code(0);
    for (name, tag) in [("team/app", "1.0"), ("team/app", "1.1"), ("team/other", "1.0")] {
        assert!(bench.target.complete(name, tag), "{name}:{tag}");
    }
    let asked = bench.asked("/ecr");
    let methods: Vec<&str> = asked.iter().map(|(method, _)| method.as_str()).collect();
    assert_eq!(
        methods,
        ["CreateRepository", "PutLifecyclePolicy", "SetRepositoryPolicy"],
        "once, and only for app"
    );
    assert_eq!(
        asked[0].1,
        json!({
            "repositoryName": "team/app", "registryId": "123456789012", "imageTagMutability": "IMMUTABLE",
            "imageScanningConfiguration": { "scanOnPush": true }, "tags": [{ "Key": "team", "Value": "web" }],
        })
    );
    assert_eq!(asked[1].1["lifecyclePolicyText"], "{\"rules\":[]}");
    // What is there is never made, nor changed.
    bench.sync(ECR, ECR_KEYS, ["team/app", "team/other"]).expect_code(0);
    assert_eq!(bench.asked("/ecr").len(), 3);
}

#[test]
fn somebody_else_who_was_quicker_is_as_good() {
    let bench = ecr(|name, target| {
        target.create(name);
        Answer::new(
            400,
            json!({ "__type": "RepositoryAlreadyExistsException", "message": "there" }).to_string(),
        )
    });
    let keys = "credentials: { identity: ecr }, create_repositories: true";
    bench.sync(ECR, keys, ["team/app", "team/other"]).expect_code(0);
    assert!(bench.target.complete("team/app", "1.1") && bench.target.complete("team/other", "1.0"));
    assert_eq!(bench.asked("/ecr").len(), 2);
}

#[test]
fn a_right_that_is_missing_is_named_and_asked_for_once() {
    let bench = ecr(|_, _| {
        Answer::new(400, json!({ "__type": "AccessDeniedException", "message": "canary" }).to_string())
    });
    let keys = "credentials: { identity: ecr }, create_repositories: true";
    let finished = bench.sync(ECR, keys, ["team/app", "team/other"]);
    assert_ne!(finished.code, Some(0));
    let errors = bench.errors();
    assert!(
        errors
            .iter()
            .any(|error| error["hint"].as_str().is_some_and(|hint| hint.contains("`ecr:CreateRepository`"))),
        "{errors:#?}"
    );
    assert_eq!(bench.asked("/ecr").len(), 2, "for all images of a repository, one question");
    assert!(bench.target.requests().writes().iter().all(|request| request.method == "POST"));
}

#[test]
fn without_the_key_nothing_is_made() {
    let bench = ecr(|_, _| Answer::new(500, "{}"));
    let finished = bench.sync(ECR, "credentials: { identity: ecr }", ["team/app", "team/other"]);
    assert_ne!(finished.code, Some(0));
    assert!(
        bench.errors().iter().all(|error| error["code"] == "repository_missing"),
        "{:#?}",
        bench.errors()
    );
    assert!(bench.asked("/ecr").is_empty());
}

/// Harbor's API for projects.
fn harbor(seen: &Seen, target: &Registry) -> Option<Answer> {
    if seen.path != "/api/v2.0/projects" {
        return None;
    }
    let shown = format!("Basic {}", STANDARD.encode(format!("alice:{PASSWORD}")));
    if seen.header("authorization") != shown {
        return Some(Answer::new(401, "{}"));
    }
    let body: Value = serde_json::from_slice(&seen.body).ok()?;
    match body["project_name"].as_str()? {
        "closed" => Some(Answer::new(403, r#"{"errors":[{"code":"FORBIDDEN","message":"forbidden"}]}"#)),
        project => {
            target.create(&format!("{project}/made"));
            Some(Answer::new(if project == "raced" { 409 } else { 201 }, ""))
        }
    }
}

const HARBOR_KEYS: &str = "profile: harbor, credentials: { username: alice, password: \"${PASSWORD}\" }, \
                           create_repositories: { scan: true }";

#[test]
fn a_project_of_harbor_is_made_once_for_all_of_its_repositories() {
    let bench = Bench::of(Personality::Harbor, "alice", harbor);
    bench.sync("harbor.corp", HARBOR_KEYS, ["team/app", "team/other"]).expect_code(0);
    assert!(bench.target.complete("team/app", "1.1") && bench.target.complete("team/other", "1.0"));
    let metadata = json!({ "public": "false", "auto_scan": "true" });
    let expected = json!({ "project_name": "team", "metadata": metadata });
    assert_eq!(bench.asked("/api/v2.0/projects"), [(String::new(), expected)]);
    bench.sync("harbor.corp", HARBOR_KEYS, ["raced/app", "raced/other"]).expect_code(0);
    assert_eq!(bench.asked("/api/v2.0/projects").len(), 2);
    let finished = bench.sync("harbor.corp", HARBOR_KEYS, ["closed/app", "closed/other"]);
    assert_eq!(finished.code, Some(5), "{}", finished.stdout);
    let errors = bench.errors();
    assert!(
        errors.iter().all(|error| error["code"] == "denied" || error["code"] == "repository_missing"),
        "{errors:#?}"
    );
    assert!(
        errors
            .iter()
            .any(|error| error["hint"].as_str().is_some_and(|hint| hint.contains("create projects")))
    );
    assert_eq!(bench.asked("/api/v2.0/projects").len(), 3);
}

#[test]
fn trying_what_would_be_made_makes_nothing() {
    let bench = ecr(|_, _| Answer::new(500, "{}"));
    bench.target.create("team/other");
    bench.sync(ECR, ECR_KEYS, ["team/app", "team/other"]).expect_code(3);
    let before = bench.asked("/ecr").len();
    let tried = bench.program.run(&["doctor"]).expect_code(0);
    for line in
        ["push 123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app  absent", "/team/other  writable"]
    {
        assert!(tried.stdout.contains(line), "{}", tried.stdout);
    }
    assert_eq!(bench.asked("/ecr").len(), before, "nobody is asked to make anything");
}
