//! Organisations of Huawei Cloud's SWR.

use super::Bench;
use crate::bed::cloud::{Answer, Seen};
use crate::bed::memory::{Personality, Registry};
use crate::bed::signed::Keys;
use crate::bed::signed_huawei::{judge, login_key};
use serde_json::{Value, json};
use std::sync::Mutex;

const HOST: &str = "swr.cn-north-4.myhuaweicloud.com";
const SWR: Keys<'_> = Keys { id: "AKBED", secret: "canary-key" };
const USER: &str = "cn-north-4@AKBED";
const KEYS: &str = "credentials: { identity: swr }, create_repositories: true";

/// The service of SWR, which judges signatures, and has organisations like the one that is asked for too.
fn swr(known: &'static [&'static str]) -> impl Fn(&Seen, &Registry) -> Option<Answer> + Send + Sync {
    let known: Mutex<Vec<String>> = Mutex::new(known.iter().map(|name| (*name).to_owned()).collect());
    move |seen, target| {
        if seen.path != "/v2/manage/namespaces" {
            return None;
        }
        if let Err(why) = judge(seen, &SWR) {
            return Some(Answer::new(
                401,
                json!({ "error_code": "APIG.0301", "error_msg": why }).to_string(),
            ));
        }
        let mut known = known.lock().expect("no panic while answering");
        if seen.method == "GET" {
            let asked = seen.parameter("namespace").unwrap_or_default();
            let like = known.iter().filter(|name| name.contains(&asked));
            let list: Vec<Value> = like.map(|name| json!({ "id": 1, "name": name, "auth": 7 })).collect();
            return Some(Answer::new(200, json!({ "namespaces": list }).to_string()));
        }
        let body: Value = serde_json::from_slice(&seen.body).ok()?;
        let name = body["namespace"].as_str()?;
        if name == "theirs" {
            let error = json!({ "errors": [{ "errorCode": "SVCSTG.SWR.X", "errorMessage": "canary" }] });
            return Some(Answer::new(409, error.to_string()));
        }
        known.push(name.to_owned());
        target.create(&format!("{name}/made"));
        Some(Answer::new(201, "{}"))
    }
}

fn bench(known: &'static [&'static str], places: &str) -> Bench {
    let bench = Bench::of(Personality::Swr, HOST, [USER, &login_key(&SWR), places], swr(known));
    bench.variables(&[
        ("HUAWEICLOUD_SDK_REGION_SWR_CN_NORTH_4", "CLOUD"),
        ("HUAWEICLOUD_SDK_AK", SWR.id),
        ("HUAWEICLOUD_SDK_SK", SWR.secret),
    ])
}

fn calls(bench: &Bench) -> Vec<String> {
    bench.calls(|seen| seen.path.starts_with("/v2/manage"))
}

#[test]
fn an_organisation_is_made_once_for_all_that_lies_in_it() {
    let bench = bench(&["my-team", "team-two"], "*");
    let places = ["team/app", "team/other"];
    bench.sync(KEYS, places).expect_code(0);
    bench.assert_complete(places);
    let expected =
        ["GET /v2/manage/namespaces?namespace=team", r#"POST /v2/manage/namespaces {"namespace":"team"}"#];
    assert_eq!(calls(&bench), expected);
    bench.sync(KEYS, places).expect_code(0);
    assert_eq!(calls(&bench).len(), 2);
    let text = format!("{:?}", bench.cloud.seen());
    assert!(!text.contains("canary-key"), "the key signs, and is never sent");
}

#[test]
fn an_organisation_that_is_there_is_not_made_and_a_right_is_what_is_missing() {
    let bench = bench(&["team"], "elsewhere/*");
    bench.target.create("team/app");
    assert_eq!(bench.sync(KEYS, ["team/app", "team/other"]).code, Some(5));
    assert!(bench.errors().iter().all(|error| error["code"] == "denied"), "{:#?}", bench.errors());
    assert_eq!(calls(&bench), ["GET /v2/manage/namespaces?namespace=team"]);
}

#[test]
fn a_name_that_another_account_has_is_told_as_that() {
    let bench = bench(&[], "*");
    assert_ne!(bench.sync(KEYS, ["theirs/app", "theirs/other"]).code, Some(0));
    assert!(bench.hints().contains("of another account is called so"), "{}", bench.hints());
    let posts = calls(&bench).into_iter().filter(|call| call.starts_with("POST")).count();
    assert_eq!(posts, 1, "once in a run");
}

#[test]
fn doctor_says_what_is_absent_and_makes_nothing() {
    let bench = bench(&[], "*");
    bench.sync("credentials: { identity: swr }", ["team/app", "team/other"]);
    assert!(calls(&bench).is_empty(), "without the key, nothing is made");
    bench.sync(KEYS, ["theirs/app", "theirs/other"]);
    let said = bench.doctor();
    assert!(said.contains(&format!("push {HOST}/theirs/app  absent")), "{said}");
    assert!(said.contains("SWR by access keys from the environment"), "{said}");
    assert_eq!(calls(&bench).into_iter().filter(|call| call.starts_with("POST")).count(), 1);
}

#[test]
fn a_signature_that_is_refused_says_to_look_at_the_keys() {
    let users = [USER, &login_key(&Keys { id: SWR.id, secret: "canary-other" }), "*"];
    let bench = Bench::of(Personality::Swr, HOST, users, swr(&[])).variables(&[
        ("HUAWEICLOUD_SDK_REGION_SWR_CN_NORTH_4", "CLOUD"),
        ("HUAWEICLOUD_SDK_AK", SWR.id),
        ("HUAWEICLOUD_SDK_SK", "canary-other"),
    ]);
    assert_eq!(bench.sync(KEYS, ["team/app", "team/other"]).code, Some(5));
    assert!(bench.hints().contains("Huawei Cloud did not say"), "{}", bench.hints());
    assert!(bench.hints().contains("check the clock"), "{}", bench.hints());
}
