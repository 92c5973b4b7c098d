//! Tencent Cloud: keys, the instance that they find, and passwords that are made anew before their end.

use super::{Said, Sent, Surroundings, outcome, password, told};
use crate::access::{CloudKeys, Identity, RegistrySettings};
use crate::store::registry::credentials::Environment;
use serde_json::{Value, json};

pub(super) const HOST: &str = "tcr-test.tencentcloudcr.com";
const KEYS: [(&str, &str); 2] =
    [("TENCENTCLOUD_SECRET_ID", "AKIDtest"), ("TENCENTCLOUD_SECRET_KEY", "secret-of-key")];
/// 2015-08-30T13:36:00Z, an hour after the clocks of a test begin, in milliseconds.
const END_MS: u64 = 1_440_941_760_000;

fn cloud() -> Surroundings {
    Surroundings::new(|sent, number| {
        Said::ok(match method(sent) {
            "DescribeInstances" => {
                let item =
                    json!({ "RegistryId": "tcr-1", "RegistryName": "tcr-test", "RegionName": "ap-chengdu" });
                said(&json!({ "TotalCount": 1, "Registries": [item] }))
            }
            "CreateInstanceToken" => {
                let end = END_MS + 3_600_000 * u64::from(number > 2);
                said(&json!({ "Username": "1000", "Token": format!("password-{number}"), "ExpTime": end }))
            }
            other => panic!("nobody expects a call of {other}"),
        })
    })
}

fn method(sent: &Sent) -> &str {
    &sent.headers["x-tc-action"]
}

fn said(value: &Value) -> String {
    json!({ "Response": value }).to_string()
}

#[tokio::test]
async fn keys_of_the_environment_find_the_instance_and_make_a_password() {
    let cloud = cloud();
    let variables = [KEYS[0], KEYS[1], ("TENCENTCLOUD_TOKEN", "session")];
    let found = cloud.found(&variables, HOST).await;
    assert_eq!(
        outcome(&cloud, found).await,
        "user 1000, from TCR by keys from the environment: password-2\n\
         POST https://tcr.tencentcloudapi.com/\nPOST https://tcr.tencentcloudapi.com/"
    );
    let sent = cloud.sent();
    assert_eq!(
        (method(&sent[0]), sent[0].headers["x-tc-region"].as_str()),
        ("DescribeInstances", "ap-guangzhou")
    );
    assert_eq!(
        (method(&sent[1]), sent[1].headers["x-tc-region"].as_str()),
        ("CreateInstanceToken", "ap-chengdu")
    );
    assert_eq!(sent[1].body, r#"{"TokenType":"temp","RegistryId":"tcr-1"}"#);
    for sent in &sent {
        assert_eq!(
            (sent.headers["x-tc-timestamp"].as_str(), sent.headers["x-tc-token"].as_str()),
            ("1440938160", "session")
        );
        assert!(sent.headers["authorization"].starts_with(
            "TC3-HMAC-SHA256 Credential=AKIDtest/2015-08-30/tcr/tc3_request, SignedHeaders=content-type;host, "
        ));
    }
    assert_eq!(cloud.told(), ["password-2"]);
}

#[tokio::test]
async fn a_password_is_made_anew_before_its_end_and_the_instance_is_found_once() {
    let cloud = cloud();
    let found = cloud.found(&KEYS, HOST).await.expect("found").expect("a credential");
    let now = async || password(&found).await.expect("a password");
    assert!(now().await.ends_with("password-2"));
    cloud.turn(3_500);
    assert!(now().await.ends_with("password-2"), "it lasts for an hour");
    cloud.turn(75);
    assert!(now().await.ends_with("password-3"), "less than half a minute is left");
    cloud.turn(3_000);
    assert!(now().await.ends_with("password-3"));
    let methods: Vec<String> = cloud.sent().iter().map(|sent| method(sent).to_owned()).collect();
    assert_eq!(methods, ["DescribeInstances", "CreateInstanceToken", "CreateInstanceToken"]);
}

#[tokio::test]
async fn keys_of_the_spec_go_before_those_of_the_environment() {
    let cloud = cloud();
    let ambient = cloud.ambient(Environment::of(KEYS));
    let keys =
        CloudKeys { id: "AKIDspec".into(), secret: "s".into(), token: None, region: Some("ap-x".into()) };
    let settings = RegistrySettings { cloud_keys: Some(keys), ..RegistrySettings::default() };
    let registry = HOST.parse().expect("a registry");
    let found = ambient.chosen(&registry, &settings, &Identity::Tcr).await.expect("found");
    assert_eq!(
        password(&found).await.expect("a password"),
        "user 1000, from TCR by `cloud_keys` in the spec: password-2"
    );
    let sent = cloud.sent();
    assert!(sent.iter().all(|sent| sent.headers["authorization"].contains("Credential=AKIDspec/")));
    assert_eq!(sent[0].headers["x-tc-region"], "ap-x");
    assert!(sent[0].body.contains(r#""AllRegion":false"#), "{}", sent[0].body);
}

#[tokio::test]
async fn half_a_pair_is_an_error_and_none_is_nobody() {
    let nobody = Surroundings::new(|sent, _| panic!("nobody expects a request to {}", sent.place));
    assert_eq!(nobody.found(&[], HOST).await, Ok(None));
    assert_eq!(
        nobody.found(&KEYS, "ccr.ccs.tencentyun.com").await,
        Ok(None),
        "it has passwords of its own only"
    );
    let half = nobody.found(&KEYS[..1], HOST).await.expect_err("half");
    assert!(told(&half).contains("only one of TENCENTCLOUD_SECRET_ID and TENCENTCLOUD_SECRET_KEY"), "{half}");
    let none = nobody.chosen(&[], HOST, Identity::Tcr).await.expect_err("none");
    assert!(told(&none).contains("cloud_keys"), "{none}");
}

#[tokio::test]
async fn an_instance_that_is_not_there_and_answers_that_are_none_are_told() {
    let empty = Surroundings::new(|_, _| Said::ok(said(&json!({ "TotalCount": 0, "Registries": [] }))));
    let found = empty.found(&KEYS, HOST).await;
    let why = outcome(&empty, found).await;
    assert!(why.starts_with("not_found: ") && why.contains("no instance `tcr-test`"), "{why}");
    for body in ["", "<html>", r#"{"Response":{}}"#, r#"{"Response":{"Registries":[]}}"#] {
        let strange = Surroundings::new(move |_, _| Said::ok(body));
        let found = strange.found(&KEYS, HOST).await;
        let why = outcome(&strange, found).await;
        assert!(why.starts_with("protocol: "), "{body}: {why}");
        assert_eq!(strange.sent().len(), 1, "{body}");
    }
    // Pages of names that are only alike are read to their end.
    let item = |name: String| json!({ "RegistryId": "x", "RegistryName": name });
    let alike = Surroundings::new(move |_, _| {
        let items: Vec<Value> = (0..100).map(|number| item(format!("tcr-test-{number}"))).collect();
        Said::ok(said(&json!({ "TotalCount": 250, "Registries": items })))
    });
    let found = alike.found(&KEYS, HOST).await;
    assert!(outcome(&alike, found).await.starts_with("not_found: "));
    assert_eq!(alike.sent().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn what_was_too_much_is_asked_again_and_what_is_refused_is_not() {
    for (code, times) in
        [("RequestLimitExceeded", 6), ("InternalError.DbError", 6), ("AuthFailure.SignatureFailure", 1)]
    {
        let busy = Surroundings::new(move |_, _| {
            Said::ok(said(&json!({ "Error": { "Code": code, "Message": "CANARY" } })))
        });
        let found = busy.found(&KEYS, HOST).await;
        let why = outcome(&busy, found).await;
        assert_eq!(busy.sent().len(), times, "{code}: {why}");
        assert!(!why.contains("CANARY"), "{why}");
    }
}
