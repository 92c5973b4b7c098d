//! Tencent Cloud: its API, which judges signatures, pages, throttles and hands out passwords, and its registries.

mod catalogs;
mod credentials;
mod faults;
mod one_shot;

use crate::bed::cloud::{Answer, Cloud, Seen};
use crate::bed::grants::Users;
use crate::bed::images::{Format, one_platform};
use crate::bed::memory::{Auth, Locations, Options, Personality, Registry};
use crate::bed::program::{Finished, Program};
use crate::bed::signed::Keys;
use crate::bed::signed_tencent::judge;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

const KEYS: Keys<'_> = Keys { id: "AKIDbed", secret: "canary-key" };
const CCR: &str = "ccr.ccs.tencentyun.com";
const TCR: &str = "tcr-test.tencentcloudcr.com";
/// Who pulls from CCR, with a password of their own.
const PULLER: (&str, &str) = ("100012345678", "canary-ccr");
/// Whose passwords the API hands out for TCR.
const PUSHER: (&str, &str) = ("100000000007", "canary-made");
const INSTANCE: &str = "tcr-id-7";
/// Names on a page, at most.
const PAGE: usize = 100;

/// What the cloud knows, and how it behaves.
#[derive(Default)]
struct State {
    /// The tags of each repository of CCR, each with when it was pushed.
    tags: BTreeMap<String, Vec<(String, String)>>,
    /// The repositories of TCR, as `namespace/name`.
    repositories: Vec<String>,
    namespaces: BTreeSet<String>,
    /// So many calls are refused for their number.
    throttled: usize,
    /// A method that is refused, with the code.
    refused: Option<(&'static str, &'static str)>,
    /// So many repositories are told of in numbers only.
    hidden: usize,
}

/// Two registries of Tencent's, its API, and the program.
struct Bench {
    ccr: Registry,
    tcr: Arc<Registry>,
    cloud: Cloud,
    state: Arc<Mutex<State>>,
    program: Program,
}

impl Bench {
    fn new() -> Self {
        Self::with(Options::like(Personality::Harbor))
    }

    /// With an instance of TCR that is set up like this.
    fn with(options: Options) -> Self {
        let who =
            |(name, password): (&str, &str), may| Users::new().user(name, password).allow(name, "*", may);
        let ccr = Options::new().auth(Auth::Basic(who(PULLER, "pull"))).start();
        let options = options.auth(Auth::Basic(who(PUSHER, "pull,push"))).locations(Locations::Relative);
        let tcr = Arc::new(options.start());
        let state: Arc<Mutex<State>> = Arc::default();
        let (known, behind) = (Arc::clone(&state), Arc::clone(&tcr));
        let cloud = Cloud::routing(&[(CCR, &ccr), (TCR, &tcr)], move |seen| {
            let is_api = seen.headers.contains_key("x-tc-action");
            is_api.then(|| api(seen, &mut known.lock().expect("no panic while answering"), &behind))
        });
        let program = Program::new()
            .variable("http_proxy", &cloud.url())
            .variable("TENCENTCLOUD_ENDPOINT_URL_TCR", &cloud.url());
        Self { ccr, tcr, cloud, state, program }
    }

    /// Keys of the account in the environment.
    fn keyed(mut self, secret: &str) -> Self {
        for (name, value) in [("TENCENTCLOUD_SECRET_ID", KEYS.id), ("TENCENTCLOUD_SECRET_KEY", secret)] {
            self.program = self.program.variable(name, value);
        }
        self
    }

    /// A repository of CCR with these tags, which were pushed one after the other.
    fn seed(&self, repository: &str, tags: &[&str]) {
        let number = repository.len() as u64;
        self.ccr.seed(&one_platform(number, Format::Docker), repository, tags);
        let at = |(day, tag): (usize, &&str)| ((*tag).to_owned(), format!("2024-01-{:02} 08:00:00", day + 1));
        let tags = tags.iter().enumerate().map(at).collect();
        self.state.lock().expect("no panic").tags.insert(repository.to_owned(), tags);
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().expect("no panic"));
    }

    /// Runs the program, and looks for secrets in all that it says and leaves.
    fn run(&self, arguments: &[&str]) -> Finished {
        let with_report = [arguments, &["--report", "json=report.json"]].concat();
        let finished = self.program.run(&with_report);
        let report = std::fs::read_to_string(self.program.work().join("report.json")).unwrap_or_default();
        let said = format!("{}{}{report}", finished.stdout, finished.stderr);
        assert!(!said.contains("canary"), "{said}");
        finished
    }

    fn report(&self) -> Value {
        serde_json::from_str(&self.program.read("report.json")).expect("JSON")
    }

    /// The calls of the API: each method with what it was given.
    fn calls(&self) -> Vec<(String, Value)> {
        let calls = self.cloud.seen().into_iter().filter(|seen| seen.headers.contains_key("x-tc-action"));
        let call = |seen: Seen| {
            (seen.header("x-tc-action").to_owned(), serde_json::from_slice(&seen.body).unwrap_or_default())
        };
        calls.map(call).collect()
    }

    /// How often each method was called.
    fn counts(&self) -> BTreeMap<String, usize> {
        self.calls().into_iter().fold(BTreeMap::new(), |mut counts, (method, _)| {
            *counts.entry(method).or_default() += 1;
            counts
        })
    }

    /// What is tagged at TCR.
    fn there(&self) -> Vec<String> {
        there(&self.tcr)
    }
}

/// Every tag of a registry, sorted.
fn there(registry: &Registry) -> Vec<String> {
    let repositories = registry.repositories();
    let tags = |name: &String| {
        registry.tags(name).into_keys().map(|tag| format!("{name}:{tag}")).collect::<Vec<_>>()
    };
    repositories.iter().flat_map(tags).collect()
}

/// What the cloud answers: always with the status 200.
fn api(seen: &Seen, state: &mut State, tcr: &Registry) -> Answer {
    let said = answer(seen, state, tcr).unwrap_or_else(
        |code| json!({ "Error": { "Code": code, "Message": "canary of the cloud" }, "RequestId": "r" }),
    );
    Answer::new(200, json!({ "Response": said }).to_string())
}

fn answer(seen: &Seen, state: &mut State, tcr: &Registry) -> Result<Value, &'static str> {
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("POST", "/"));
    assert_eq!(seen.header("x-tc-version"), "2019-09-24");
    judge(seen, &KEYS, "tcr")?;
    if state.throttled > 0 {
        state.throttled -= 1;
        return Err("RequestLimitExceeded");
    }
    let method = seen.header("x-tc-action");
    if let Some((_, code)) = state.refused.filter(|(refused, _)| *refused == method) {
        return Err(code);
    }
    let body: Value = serde_json::from_slice(&seen.body).map_err(|_| "InvalidParameter")?;
    let number = |key: &str| body[key].as_u64().map(|number| number as usize);
    let limit = number("Limit").unwrap_or(20);
    let region = seen.header("x-tc-region");
    if limit > PAGE || region.is_empty() {
        return Err("InvalidParameter");
    }
    if method.ends_with("Personal") {
        return personal(method, &body, state, number("Offset").unwrap_or(0), limit);
    }
    if method == "DescribeInstances" {
        let item = |name: &str, id: &str, region: &str| json!({ "RegistryId": id, "RegistryName": name, "RegionName": region });
        let all = [item("tcr-test-2", "other", "ap-guangzhou"), item("tcr-test", INSTANCE, "ap-chengdu")];
        let seen = |item: &&Value| body["AllRegion"] == true || item["RegionName"] == region;
        let found: Vec<&Value> = all.iter().filter(seen).collect();
        return Ok(json!({ "TotalCount": found.len(), "Registries": found }));
    }
    if body["RegistryId"] != INSTANCE || region != "ap-chengdu" {
        return Err("ResourceNotFound");
    }
    of_instance(method, &body, state, limit, tcr)
}

/// The methods of an instance of the enterprise edition, whose pages are counted from 1.
fn of_instance(
    method: &str,
    body: &Value,
    state: &mut State,
    limit: usize,
    tcr: &Registry,
) -> Result<Value, &'static str> {
    let page = body["Offset"].as_u64().map_or(1, |page| page as usize);
    let namespace = body["NamespaceName"].as_str().unwrap_or_default();
    match method {
        "CreateInstanceToken" => {
            assert_eq!(body["TokenType"], "temp");
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("after 1970");
            let ends = now.as_millis() as u64 + 3_600_000;
            Ok(json!({ "Username": PUSHER.0, "Token": PUSHER.1, "ExpTime": ends }))
        }
        "CreateNamespace" => {
            if !state.namespaces.insert(namespace.to_owned()) {
                return Err("FailedOperation.ErrorTcrResourceConflict");
            }
            tcr.create(&format!("{namespace}/made"));
            Ok(json!({}))
        }
        "DescribeNamespaces" => {
            let like = state.namespaces.iter().filter(|name| name.contains(namespace));
            let all: Vec<Value> = like.map(|name| json!({ "Name": name })).collect();
            Ok(
                json!({ "TotalCount": all.len(), "NamespaceList": paged(&all, (page.max(1) - 1) * limit, limit) }),
            )
        }
        "DescribeRepositories" => {
            let item = |name: &String| {
                let (namespace, short) = name.split_once('/').expect("a namespace");
                // Longer names are told whole, shorter ones without their namespace: both have been seen.
                let told = if name.len().is_multiple_of(2) { name.as_str() } else { short };
                json!({ "Name": told, "Namespace": namespace })
            };
            let is_in = |name: &&String| namespace.is_empty() || name.starts_with(&format!("{namespace}/"));
            let all: Vec<Value> = state.repositories.iter().filter(is_in).map(item).collect();
            let total = all.len() + state.hidden;
            Ok(
                json!({ "TotalCount": total, "RepositoryList": paged(&all, (page.max(1) - 1) * limit, limit) }),
            )
        }
        _ => Err("InvalidAction"),
    }
}

/// The methods of the personal edition.
fn personal(
    method: &str,
    body: &Value,
    state: &State,
    offset: usize,
    limit: usize,
) -> Result<Value, &'static str> {
    match method {
        "DescribeRepositoryOwnerPersonal" => {
            let all: Vec<Value> = state.tags.keys().map(|name| json!({ "RepoName": name })).collect();
            let total = all.len() + state.hidden;
            Ok(json!({ "Data": { "TotalCount": total, "RepoInfo": paged(&all, offset, limit) } }))
        }
        "DescribeImagePersonal" => {
            let tags = state.tags.get(body["RepoName"].as_str().unwrap_or_default());
            let tags = tags.ok_or("ResourceNotFound.ErrNoRepo")?;
            let item =
                |(tag, at): &(String, String)| json!({ "TagName": tag, "PushTime": at, "UpdateTime": at });
            let all: Vec<Value> = tags.iter().map(item).collect();
            Ok(json!({ "Data": { "TagCount": all.len(), "TagInfo": paged(&all, offset, limit) } }))
        }
        _ => Err("InvalidAction"),
    }
}

fn paged(all: &[Value], offset: usize, limit: usize) -> Vec<Value> {
    all.iter().skip(offset).take(limit).cloned().collect()
}
