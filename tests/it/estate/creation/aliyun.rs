//! Namespaces and repositories of Alibaba Cloud's registry.

use super::{Bench, PASSWORD};
use crate::bed::cloud::{Answer, Seen};
use crate::bed::memory::{Personality, Registry};
use crate::bed::signed::Keys;
use crate::bed::signed_aliyun::judge;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Mutex;

const HOST: &str = "acme-registry.cn-hangzhou.cr.aliyuncs.com";
const KEYS_OF_ACCOUNT: Keys<'_> = Keys { id: "LTAIBED", secret: "canary-key" };
const KEYS: &str =
    "credentials: { identity: aliyun }, create_repositories: { public: true, immutable: true }";

fn refused(status: u16, code: &str) -> Answer {
    Answer::new(status, json!({ "Code": code, "Message": "canary", "IsSuccess": false }).to_string())
}

fn told(mut body: Value) -> Answer {
    body["IsSuccess"] = true.into();
    body["Code"] = "success".into();
    Answer::new(200, body.to_string())
}

fn instances() -> Answer {
    let instance = |name: &str| json!({ "InstanceId": format!("cri-{name}"), "InstanceName": name });
    told(json!({ "Instances": [instance("acme-two"), instance("acme")], "TotalCount": 2 }))
}

/// Names that have a part in them, as the service looks for them.
fn namespaces(part: &str, known: &BTreeSet<String>) -> Answer {
    let found = known.iter().filter(|name| name.contains(part) && !name.contains('/'));
    let list: Vec<Value> = found.map(|name| json!({ "NamespaceName": name })).collect();
    told(json!({ "Namespaces": list, "TotalCount": list.len().to_string() }))
}

fn repositories(part: &str, known: &BTreeSet<String>) -> Answer {
    let found = known.iter().filter(|name| name.contains(part)).filter_map(|name| name.split_once('/'));
    let item = |(namespace, name): (&str, &str)| json!({ "RepoNamespaceName": namespace, "RepoName": name });
    let list: Vec<Value> = found.map(item).collect();
    told(json!({ "Repositories": list, "TotalCount": list.len() }))
}

/// The service of an instance, which judges signatures and takes each nonce once.
fn service(known: &'static [&'static str]) -> impl Fn(&Seen, &Registry) -> Option<Answer> + Send + Sync {
    let known: Mutex<BTreeSet<String>> = Mutex::new(known.iter().map(|name| (*name).to_owned()).collect());
    let nonces: Mutex<BTreeSet<String>> = Mutex::default();
    move |seen, target| {
        if seen.path != "/acr" {
            return None;
        }
        if let Err(why) = judge(seen, &KEYS_OF_ACCOUNT, "2018-12-01") {
            return Some(Answer::new(
                400,
                json!({ "Code": "SignatureDoesNotMatch", "Message": why }).to_string(),
            ));
        }
        let nonce = seen.header("x-acs-signature-nonce").to_owned();
        if !nonces.lock().expect("no panic while answering").insert(nonce) {
            return Some(refused(400, "SignatureNonceUsed"));
        }
        let text = |name: &str| seen.parameter(name).unwrap_or_default();
        let method = seen.header("x-acs-action");
        if method == "ListInstance" {
            return Some(instances());
        }
        if text("InstanceId") != "cri-acme" {
            return Some(refused(200, "INSTANCE_NOT_EXIST"));
        }
        let mut known = known.lock().expect("no panic while answering");
        let (namespace, name) = (text("RepoNamespaceName"), text("RepoName"));
        let path = format!("{namespace}/{name}");
        Some(match method {
            "GetAuthorizationToken" => told(
                json!({ "TempUsername": "cr_temp_user", "AuthorizationToken": PASSWORD, "ExpireTime": 4102444800000_u64 }),
            ),
            "ListNamespace" => namespaces(&text("NamespaceName"), &known),
            "ListRepository" => repositories(&name, &known),
            "CreateNamespace" if text("NamespaceName") == "closed" => refused(403, "NoPermission"),
            "CreateNamespace" if known.contains(&text("NamespaceName")) => {
                refused(200, "SOMETHING_LIKE_EXISTS")
            }
            "CreateNamespace" => {
                known.insert(text("NamespaceName"));
                told(json!({}))
            }
            "CreateRepository" if !known.contains(&namespace) => refused(200, "NAMESPACE_NOT_EXIST"),
            "CreateRepository" if known.contains(&path) => refused(200, "SOMETHING_LIKE_EXISTS"),
            "CreateRepository" => {
                target.create(&path);
                known.insert(path);
                // Somebody else was quicker, or so it looks.
                if name == "raced" { refused(200, "SOMETHING_LIKE_EXISTS") } else { told(json!({})) }
            }
            _ => refused(404, "InvalidAction.NotFound"),
        })
    }
}

fn bench(known: &'static [&'static str], places: &str) -> Bench {
    let bench = Bench::of(Personality::Aliyun, HOST, ["cr_temp_user", PASSWORD, places], service(known));
    bench.variables(&[
        ("ALIBABA_CLOUD_CR_ENDPOINT", "CLOUD/acr"),
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", KEYS_OF_ACCOUNT.id),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", KEYS_OF_ACCOUNT.secret),
    ])
}

/// The methods that were called, sorted, but those that every run calls.
fn methods(bench: &Bench) -> Vec<String> {
    let called = bench.cloud.at("/acr").into_iter().map(|seen| {
        let subject =
            [seen.parameter("NamespaceName"), seen.parameter("RepoName")].into_iter().flatten().next();
        format!("{} {}", seen.header("x-acs-action"), subject.unwrap_or_default())
    });
    let mut called: Vec<String> =
        called.filter(|line| !line.starts_with("ListInstance") && !line.starts_with("GetAuth")).collect();
    called.sort();
    called
}

fn made(bench: &Bench) -> Vec<String> {
    methods(bench).into_iter().filter(|line| line.starts_with("Create")).collect()
}

#[test]
fn a_repository_is_made_in_a_namespace_that_is_there() {
    let bench = bench(&["team", "team/other", "team/app-two"], "*");
    bench.target.create("team/other");
    let places = ["team/app", "team/other"];
    bench.sync(KEYS, places).expect_code(0);
    bench.assert_complete(places);
    assert_eq!(
        methods(&bench),
        ["CreateRepository app", "ListNamespace team", "ListNamespace team", "ListRepository app"]
    );
    let seen = bench.cloud.at("/acr");
    let create = seen.iter().find(|seen| seen.header("x-acs-action") == "CreateRepository").expect("one");
    for (name, value) in [
        ("InstanceId", "cri-acme"),
        ("RepoNamespaceName", "team"),
        ("RepoName", "app"),
        ("RepoType", "PUBLIC"),
        ("Summary", "app"),
        ("TagImmutability", "true"),
    ] {
        assert_eq!(create.parameter(name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(seen.iter().filter(|seen| seen.header("x-acs-action") == "ListInstance").count(), 1);
    bench.sync(KEYS, places).expect_code(0);
    assert_eq!(made(&bench).len(), 1);
    assert!(!format!("{:?}", bench.cloud.seen()).contains("canary-key"), "the key signs, and is never sent");
}

#[test]
fn a_namespace_is_made_before_its_first_repository() {
    let bench = bench(&["team-two"], "*");
    let places = ["team/app", "team/raced"];
    bench.sync(KEYS, places).expect_code(0);
    bench.assert_complete(places);
    let made = made(&bench);
    assert!(made.contains(&"CreateRepository app".to_owned()), "{made:?}");
    assert!(made.contains(&"CreateRepository raced".to_owned()), "{made:?}");
    let namespaces = made.iter().filter(|line| *line == "CreateNamespace team").count();
    assert!((1..=2).contains(&namespaces), "two images may find out at once: {made:?}");
    let seen = bench.cloud.at("/acr");
    let create = seen.iter().find(|seen| seen.header("x-acs-action") == "CreateNamespace").expect("one");
    assert_eq!(create.parameter("AutoCreateRepo").as_deref(), Some("false"));
    assert_eq!(create.parameter("DefaultRepoType").as_deref(), Some("PUBLIC"));
}

#[test]
fn what_is_there_is_not_made_and_a_right_is_what_is_missing() {
    let bench = bench(&["team", "team/app", "team/other"], "elsewhere/*");
    assert_eq!(bench.sync(KEYS, ["team/app", "team/other"]).code, Some(5));
    assert!(bench.errors().iter().all(|error| error["code"] == "denied"), "{:#?}", bench.errors());
    assert_eq!(made(&bench), [""; 0]);
    assert_eq!(methods(&bench).len(), 4, "two names, and what is asked for each: {:?}", methods(&bench));
    let said = bench.doctor();
    assert!(said.contains(&format!("! push {HOST}/team/app  ")), "{said}");
    assert_eq!(made(&bench), [""; 0]);
}

#[test]
fn a_right_that_the_keys_lack_is_named() {
    let bench = bench(&[], "*");
    assert_eq!(bench.sync(KEYS, ["closed/app", "closed/other"]).code, Some(5));
    assert!(bench.hints().contains("`cr:CreateNamespace`"), "{}", bench.hints());
    let said = bench.doctor();
    assert!(said.contains(&format!("push {HOST}/closed/app  absent")), "{said}");
    assert!(said.contains("ACR EE by access keys from the environment"), "{said}");
}
