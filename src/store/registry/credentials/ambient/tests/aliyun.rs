//! Alibaba Cloud's registry: the id of an instance by its name, and the password that its service gives.

use super::{Said, Surroundings, outcome, password, told};
use crate::access::Identity;

pub(super) const HOST: &str = "acme-registry.cn-hangzhou.cr.aliyuncs.com";
pub(super) const KEYS: [(&str, &str); 2] =
    [("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAIEXAMPLE"), ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "secret")];

/// The service, with an instance whose name begins like another's.
pub(super) fn service() -> Surroundings {
    Surroundings::new(|sent, _| match sent.headers.get("x-acs-action").map(String::as_str) {
        Some("ListInstance") => Said::ok(
            r#"{"IsSuccess":true,"Instances":[{"InstanceId":"cri-2","InstanceName":"acme-two"},
                {"InstanceId":"cri-1","InstanceName":"acme"}]}"#,
        ),
        // Ten minutes from the time of day that the test has.
        _ => Said::ok(
            r#"{"IsSuccess":true,"Code":"success","TempUsername":"cr_temp_user",
                "AuthorizationToken":"cr-password","ExpireTime":1440938760000}"#,
        ),
    })
}

#[tokio::test]
async fn keys_of_the_environment_sign_the_request_for_a_password() {
    let service = service();
    let found = service.found(&KEYS, HOST).await;
    assert_eq!(
        outcome(&service, found).await,
        "user cr_temp_user, from ACR EE by access keys from the environment: cr-password\n\
         POST https://cr.cn-hangzhou.aliyuncs.com/\nPOST https://cr.cn-hangzhou.aliyuncs.com/"
    );
    let [list, get] = &service.sent()[..] else { panic!("two requests") };
    assert_eq!(list.pairs["InstanceName"], "acme");
    assert_eq!((get.pairs["InstanceId"].as_str(), get.body.as_str()), ("cri-1", ""));
    for (sent, method) in [(list, "ListInstance"), (get, "GetAuthorizationToken")] {
        assert_eq!(sent.headers["x-acs-action"], method);
        assert_eq!(sent.headers["x-acs-version"], "2018-12-01");
        assert_eq!(sent.headers["x-acs-date"], "2015-08-30T12:36:00Z");
        assert!(sent.headers["authorization"].starts_with("ACS3-HMAC-SHA256 Credential=LTAIEXAMPLE,"));
        assert!(!sent.headers.contains_key("x-acs-security-token"));
    }
    assert_ne!(list.headers["x-acs-signature-nonce"], get.headers["x-acs-signature-nonce"]);
}

#[tokio::test]
async fn a_password_is_made_anew_before_its_end_and_the_instance_is_asked_for_once() {
    let service = service();
    let session = [KEYS[0], KEYS[1], ("ALIBABA_CLOUD_SECURITY_TOKEN", "session")];
    let found = service.found(&session, HOST).await.expect("found").expect("a credential");
    password(&found).await.expect("a password");
    password(&found).await.expect("the same");
    assert_eq!(service.sent().len(), 2);
    service.turn(600);
    password(&found).await.expect("another");
    let methods: Vec<String> =
        service.sent().iter().map(|sent| sent.headers["x-acs-action"].clone()).collect();
    assert_eq!(methods, ["ListInstance", "GetAuthorizationToken", "GetAuthorizationToken"]);
    assert!(service.sent().iter().all(|sent| sent.headers["x-acs-security-token"] == "session"));
}

#[tokio::test]
async fn inside_of_its_network_the_service_is_asked_there() {
    let service = service();
    let host = "acme-registry-vpc.cn-hangzhou.cr.aliyuncs.com";
    let found = service.found(&KEYS, host).await.expect("found").expect("a credential");
    password(&found).await.expect("a password");
    assert_eq!(service.places()[0], "POST https://cr-vpc.cn-hangzhou.aliyuncs.com/");
}

#[tokio::test]
async fn each_refusal_is_told_with_what_to_do() {
    let mut all = String::new();
    for (status, body) in [
        (400, r#"{"Code":"SignatureDoesNotMatch","Message":"canary"}"#),
        (404, r#"{"Code":"InvalidAccessKeyId.NotFound","Message":"canary"}"#),
        (200, r#"{"IsSuccess":false,"Code":"NoPermission"}"#),
        (200, r#"{"IsSuccess":true,"Instances":[{"InstanceId":"cri-2","InstanceName":"acme-two"}]}"#),
        (200, "[]"),
    ] {
        let service = Surroundings::new(move |_, _| Said::status(status, body));
        let found = service.found(&KEYS, HOST).await.expect("found").expect("a credential");
        all.push_str(&told(&password(&found).await.expect_err("refused")));
        all.push('\n');
        assert_eq!(service.sent().len(), 1, "{body}");
    }
    insta::assert_snapshot!(all);
}

#[tokio::test]
async fn half_a_pair_is_an_error_and_nothing_is_nobody() {
    let service = service();
    assert_eq!(service.found(&[], HOST).await, Ok(None));
    let failure = service.found(&KEYS[..1], HOST).await.expect_err("half of it");
    assert!(told(&failure).contains("only one of ALIBABA_CLOUD_ACCESS_KEY_ID"), "{failure}");
    let failure = service.chosen(&[], HOST, Identity::Aliyun).await.expect_err("no keys");
    assert!(told(&failure).contains("set ALIBABA_CLOUD_ACCESS_KEY_ID and"), "{}", told(&failure));
    let failure = service.chosen(&KEYS, "quay.io", Identity::Aliyun).await.expect_err("another's");
    assert!(told(&failure).contains("is no registry for the identity"), "{failure}");
    assert!(service.sent().is_empty());
}
