//! Repositories of an instance of Alibaba Cloud's registry.

use super::{Estate, json};
use crate::bed::cloud::{Answer, Seen};
use crate::bed::signed::Keys;
use crate::bed::signed_aliyun::judge;
use serde_json::{Value, json as value};

const HOST: &str = "acme-registry-vpc.cn-hangzhou.cr.aliyuncs.com";
const KEYS: Keys<'_> = Keys { id: "LTAIBED", secret: "canary-key" };

/// The service: `shown` of 250 repositories are listed, although it says that there are all of them.
fn service(shown: usize) -> impl Fn(&Seen) -> Option<Answer> + Send + Sync {
    move |seen| {
        if seen.path != "/acr" {
            return Some(Answer::new(500, "nobody else is asked"));
        }
        if let Err(why) = judge(seen, &KEYS, "2018-12-01") {
            let error = value!({ "Code": "SignatureDoesNotMatch", "Message": why });
            return Some(Answer::new(400, error.to_string()));
        }
        if seen.header("x-acs-action") == "ListInstance" {
            let instances = value!([{ "InstanceId": "cri-1", "InstanceName": "acme" }]);
            return Some(json(&value!({ "IsSuccess": true, "Instances": instances })));
        }
        assert_eq!(seen.header("x-acs-action"), "ListRepository");
        assert_eq!(seen.parameter("InstanceId").as_deref(), Some("cri-1"));
        assert_eq!(seen.parameter("RepoNamespaceName").as_deref(), Some("team"));
        let number =
            |name: &str| seen.parameter(name).and_then(|text| text.parse::<usize>().ok()).unwrap_or(0);
        let (page, size) = (number("PageNo"), number("PageSize"));
        let from = (page - 1) * size;
        let item = |n: usize| value!({ "RepoNamespaceName": "team", "RepoName": format!("app-{n}") });
        let items: Vec<Value> = (from..shown.min(from + size)).map(item).collect();
        Some(json(&value!({ "IsSuccess": true, "Repositories": items, "TotalCount": "250" })))
    }
}

fn estate(shown: usize, secret: &str) -> Estate {
    let mut estate = Estate::of(service(shown));
    let url = format!("{}/acr", estate.cloud.url());
    for (name, value) in [
        ("ALIBABA_CLOUD_CR_ENDPOINT", url.as_str()),
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", KEYS.id),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", secret),
    ] {
        estate.program = estate.program.variable(name, value);
    }
    let rule = format!("source: {HOST}/team/**\n  target: r.corp/{{repository}}");
    estate.spec(&[HOST], ", credentials: { identity: aliyun }", &rule);
    estate
}

#[test]
fn a_namespace_is_listed_page_by_page_and_signed_each_time() {
    let estate = estate(250, KEYS.secret);
    let rules = estate.rules();
    assert_eq!(rules.len(), 250);
    assert!(rules.contains(&format!("{HOST}/team/app-249 -> r.corp/app-249")));
    let methods: Vec<String> =
        estate.cloud.at("/acr").iter().map(|seen| seen.header("x-acs-action").to_owned()).collect();
    let list = "ListRepository";
    assert_eq!(methods, ["ListInstance", list, list, list], "no password was needed for that");
    assert!(!format!("{:?}", estate.cloud.seen()).contains("canary-key"));
}

#[test]
fn a_list_that_is_short_of_what_it_counts_is_a_failure() {
    let estate = estate(249, KEYS.secret);
    let error = estate.error();
    assert_eq!(error["code"], "protocol", "{error:#}");
    assert!(error["message"].as_str().expect("a message").contains("249 of 250"), "{error:#}");
    assert_eq!(estate.cloud.at("/acr").len(), 1 + 2 * 4, "it is read a second time");
}

#[test]
fn keys_that_are_refused_list_nothing() {
    let error = estate(250, "canary-wrong").error();
    assert_eq!(error["code"], "credential_unavailable", "{error:#}");
    assert!(
        error["message"].as_str().expect("a message").contains("did not list the instances"),
        "{error:#}"
    );
    assert!(!error.to_string().contains("canary"), "{error:#}");
}

#[test]
fn without_keys_it_is_told_that_a_password_lists_nothing() {
    let estate = Estate::of(service(250));
    let rule = format!("source: {HOST}/team/**\n  target: r.corp/{{repository}}");
    estate.spec(&[HOST], ", credentials: { username: u, password: p }", &rule);
    let error = estate.error();
    assert_eq!(error["code"], "credential_unavailable", "{error:#}");
    assert!(estate.cloud.seen().is_empty());
}
