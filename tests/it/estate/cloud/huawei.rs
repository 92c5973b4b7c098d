//! Repositories of an organisation of Huawei Cloud's SWR.

use super::{Estate, json};
use crate::bed::cloud::{Answer, Seen};
use crate::bed::signed::Keys;
use crate::bed::signed_huawei::judge;
use serde_json::{Value, json as value};

const HOST: &str = "swr.cn-north-4.myhuaweicloud.com";
const KEYS: Keys<'_> = Keys { id: "AKBED", secret: "canary-key" };

/// The service, with 101 repositories in the organisation; `total` is what it says of that.
fn service(total: Option<usize>) -> impl Fn(&Seen) -> Option<Answer> + Send + Sync {
    move |seen| {
        if seen.path != "/v2/manage/repos" {
            return Some(Answer::new(500, "nobody else is asked"));
        }
        if let Err(why) = judge(seen, &KEYS) {
            return Some(Answer::new(
                401,
                value!({ "error_code": "APIG.0301", "error_msg": why }).to_string(),
            ));
        }
        assert_eq!(seen.parameter("namespace").as_deref(), Some("team"));
        let number =
            |name: &str| seen.parameter(name).and_then(|text| text.parse::<usize>().ok()).unwrap_or(0);
        let (offset, limit) = (number("offset"), number("limit"));
        let item =
            |n: usize| value!({ "namespace": "team", "name": format!("app-{n}"), "total_range": total });
        let items: Vec<Value> = (offset..101.min(offset + limit)).map(item).collect();
        Some(json(&items.into()))
    }
}

fn estate(total: Option<usize>, secret: &str) -> Estate {
    let mut estate = Estate::of(service(total));
    let url = estate.cloud.url();
    for (name, value) in [
        ("HUAWEICLOUD_SDK_REGION_SWR_CN_NORTH_4", url.as_str()),
        ("HUAWEICLOUD_SDK_AK", KEYS.id),
        ("HUAWEICLOUD_SDK_SK", secret),
    ] {
        estate.program = estate.program.variable(name, value);
    }
    let rule = format!("source: {HOST}/team/*\n  target: r.corp/{{repository}}");
    estate.spec(&[HOST], ", credentials: { identity: swr }", &rule);
    estate
}

#[test]
fn an_organisation_is_listed_to_its_end_whether_it_counts_or_not() {
    for (total, requests) in [(Some(101), 2), (None, 3)] {
        let estate = estate(total, KEYS.secret);
        let rules = estate.rules();
        assert_eq!(rules.len(), 101, "{total:?}");
        assert!(rules.contains(&format!("{HOST}/team/app-100 -> r.corp/app-100")));
        assert_eq!(estate.cloud.seen().len(), requests, "{total:?}");
    }
}

#[test]
fn a_list_that_is_short_of_what_it_counts_is_a_failure() {
    let error = estate(Some(102), KEYS.secret).error();
    assert_eq!(error["code"], "protocol", "{error:#}");
    assert!(error["message"].as_str().expect("a message").contains("101 of 102"), "{error:#}");
}

#[test]
fn keys_that_are_refused_list_nothing() {
    let error = estate(None, "canary-wrong").error();
    assert_eq!(error["code"], "credential_unavailable", "{error:#}");
    assert!(error["hint"].as_str().expect("a hint").contains("check the clock"), "{error:#}");
    assert!(!error.to_string().contains("canary"), "{error:#}");
}
