//! Huawei Cloud's SWR: a password that is computed, and calls that are signed.

use super::{Said, Surroundings, outcome, password, told};
use crate::access::Identity;
use crate::store::registry::credentials::CredentialKind;

pub(super) const HOST: &str = "swr.cn-north-4.myhuaweicloud.com";
pub(super) const KEYS: [(&str, &str); 2] = [
    ("HUAWEICLOUD_SDK_AK", "QTWAOYTTINDUT2QVKYUC"),
    ("HUAWEICLOUD_SDK_SK", "MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc"),
];
/// As openssl has it.
const PASSWORD: &str = "89aca1198a970e4360203d71cdaa80cfc13ecd55ee84409719e88162d139ef34";

#[tokio::test]
async fn the_password_is_computed_and_nobody_is_asked() {
    let nobody = Surroundings::new(|sent, _| panic!("nobody expects a request to {}", sent.place));
    let found = nobody.found(&KEYS, HOST).await;
    let expected = format!(
        "user cn-north-4@QTWAOYTTINDUT2QVKYUC, from SWR by access keys from the environment: {PASSWORD}\n"
    );
    assert_eq!(outcome(&nobody, found).await, expected);
    assert_eq!(nobody.told(), [PASSWORD]);
}

#[tokio::test]
async fn calls_of_the_service_are_signed_where_the_region_is() {
    for (host, variables, place) in [
        (HOST, &[][..], "https://swr-api.cn-north-4.myhuaweicloud.com/v2/manage/repos"),
        (
            "swr.eu-west-101.myhuaweicloud.eu",
            &[("HUAWEICLOUD_SDK_PROJECT_ID", "0a1b")][..],
            "https://swr-api.eu-west-101.myhuaweicloud.eu/v2/manage/repos",
        ),
        (
            HOST,
            &[("HUAWEICLOUD_SDK_REGION_SWR_CN_NORTH_4", "https://swr.corp")],
            "https://swr.corp/v2/manage/repos",
        ),
    ] {
        let service = Surroundings::new(|_, _| Said::ok("[]"));
        let found = service.found(&[&KEYS, variables].concat(), host).await.expect("found").expect("one");
        let CredentialKind::Minted(minted) = found.kind() else { panic!("{found:?}") };
        let called =
            minted.service().expect("a service").call("GET /v2/manage/repos?limit=1", "", "list").await;
        assert_eq!(called.expect("an answer"), b"[]");
        let sent = &service.sent()[0];
        assert_eq!((sent.place.as_str(), sent.pairs["limit"].as_str()), (place, "1"));
        assert_eq!(sent.headers["x-sdk-date"], "20150830T123600Z");
        let signature = &sent.headers["authorization"];
        let names = if place.contains(".eu/") {
            "content-type;host;x-project-id;x-sdk-date"
        } else {
            "content-type;host;x-sdk-date"
        };
        let expected = format!("SDK-HMAC-SHA256 Access=QTWAOYTTINDUT2QVKYUC, SignedHeaders={names}, ");
        assert!(signature.starts_with(&expected), "{signature}");
    }
}

#[tokio::test]
async fn keys_that_end_are_no_password_and_half_a_pair_is_an_error() {
    let nobody = Surroundings::new(|sent, _| panic!("nobody expects a request to {}", sent.place));
    let session = [KEYS[0], KEYS[1], ("HUAWEICLOUD_SDK_SECURITY_TOKEN", "session")];
    let found = nobody.found(&session, HOST).await.expect("found").expect("a credential");
    let failure = password(&found).await.expect_err("no password");
    assert!(told(&failure).contains("no password that is made of keys that end"), "{failure}");
    assert_eq!(nobody.found(&[], HOST).await, Ok(None));
    let failure = nobody.found(&KEYS[1..], HOST).await.expect_err("half of it");
    assert!(told(&failure).contains("only one of HUAWEICLOUD_SDK_AK and"), "{failure}");
    let failure = nobody.chosen(&[], HOST, Identity::Swr).await.expect_err("no keys");
    assert!(told(&failure).contains("set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK"), "{}", told(&failure));
}
