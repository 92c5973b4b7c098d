//! Amazon ECR: every way to keys, and the request that they sign.

use super::{Said, Sent, Surroundings, outcome, password, told};
use crate::access::{IdToken, Identity};
use crate::failure::Class;
use crate::store::registry::credentials::ambient::Route;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub(super) const HOST: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
pub(super) const KEYS: [(&str, &str); 2] =
    [("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "secret-of-key")];
pub(super) const ROLE: &str = "arn:aws:iam::123456789012:role/ci/mirror";

/// The answer with a password that lasts twelve hours from the first moment on.
pub(super) fn password_of_ecr(password: &str) -> Said {
    let token = STANDARD.encode(format!("AWS:{password}"));
    Said::ok(format!(
        r#"{{"authorizationData":[{{"authorizationToken":"{token}","expiresAt":1440981360.0,"proxyEndpoint":"x"}}]}}"#
    ))
}

fn role_keys() -> Said {
    Said::ok(
        "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>\
         <SessionToken>role-session</SessionToken><SecretAccessKey>role-secret</SecretAccessKey>\
         <Expiration>2015-08-30T13:36:00Z</Expiration><AccessKeyId>ASIAROLE</AccessKeyId></Credentials>\
         </AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>",
    )
}

const GIVEN: &str = r#"{"Code":"Success","AccessKeyId":"ASIAMACHINE","SecretAccessKey":"machine-secret","Token":"machine-session","Expiration":"2015-08-30T18:36:00Z"}"#;

/// Amazon, as far as a test needs it.
pub(super) fn amazon() -> Surroundings {
    Surroundings::new(|sent, _| match sent.place.as_str() {
        place if place.starts_with("https://sts.") => role_keys(),
        "http://169.254.169.254/latest/api/token" => Said::ok("session-of-imds"),
        "http://169.254.169.254/latest/meta-data/iam/security-credentials/" => Said::ok("mirror-role\n"),
        "http://169.254.169.254/latest/meta-data/iam/security-credentials/mirror-role"
        | "http://169.254.170.2/v2/credentials/x"
        | "http://127.0.0.1:7777/creds" => Said::ok(GIVEN),
        place if place.contains("ecr-public") => {
            let token = STANDARD.encode("AWS:public-password");
            Said::ok(format!(
                r#"{{"authorizationData":{{"authorizationToken":"{token}","expiresAt":1440981360}}}}"#
            ))
        }
        place if place.contains("ecr") => password_of_ecr("ecr-password"),
        other => panic!("nobody expects a request to {other}"),
    })
}

/// The access key that signed a request, and what was signed for.
fn signed_by(sent: &Sent) -> (String, bool) {
    let value = &sent.headers["authorization"];
    let id = value.split("Credential=").nth(1).and_then(|rest| rest.split(',').next()).expect("a credential");
    (id.to_owned(), sent.headers.contains_key("x-amz-security-token"))
}

fn ecr(role: Option<&str>, token: IdToken) -> Identity {
    Identity::Ecr { role: role.map(str::to_owned), token }
}

#[tokio::test]
async fn keys_of_the_environment_sign_the_request_for_a_password() {
    let amazon = amazon();
    let found = amazon.found(&KEYS, HOST).await;
    assert_eq!(
        outcome(&amazon, found).await,
        "user AWS, from ECR by access keys from the environment: ecr-password\n\
         POST https://api.ecr.eu-west-1.amazonaws.com/"
    );
    let sent = &amazon.sent()[0];
    assert_eq!((sent.route, sent.body.as_str()), (Route::World, "{}"));
    assert_eq!(sent.headers["x-amz-target"], "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken");
    assert_eq!(sent.headers["x-amz-date"], "20150830T123600Z");
    assert_eq!(signed_by(sent), ("AKIDEXAMPLE/20150830/eu-west-1/ecr/aws4_request".to_owned(), false));
    let session = [KEYS[0], KEYS[1], ("AWS_SESSION_TOKEN", "session")];
    let found = amazon.found(&session, HOST).await.expect("found").expect("a credential");
    password(&found).await.expect("a password");
    assert!(signed_by(&amazon.sent()[1]).1);
}

#[tokio::test]
async fn each_kind_of_host_has_its_own_service() {
    for (host, place) in [
        ("123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", "https://ecr-fips.us-east-1.amazonaws.com/"),
        ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", "https://api.ecr.cn-north-1.amazonaws.com.cn/"),
        ("123456789012.dkr-ecr.eu-west-1.on.aws", "https://api.ecr.eu-west-1.amazonaws.com/"),
    ] {
        let amazon = amazon();
        let found = amazon.found(&KEYS, host).await.expect("found").expect("a credential");
        password(&found).await.expect("a password");
        assert_eq!(amazon.places(), [format!("POST {place}")], "{host}");
    }
}

#[tokio::test]
async fn the_public_gallery_is_for_everybody_unless_the_spec_asks() {
    let amazon = amazon();
    assert_eq!(amazon.found(&KEYS, "public.ecr.aws").await, Ok(None));
    assert!(amazon.sent().is_empty());
    let chosen = amazon.chosen(&KEYS, "public.ecr.aws", ecr(None, IdToken::default())).await;
    assert_eq!(
        outcome(&amazon, chosen.map(Some)).await,
        "user AWS, from ECR by access keys from the environment: public-password\n\
         POST https://api.ecr-public.us-east-1.amazonaws.com/"
    );
    let sent = &amazon.sent()[0];
    assert_eq!(sent.headers["x-amz-target"], "SpencerFrontendService.GetAuthorizationToken");
    assert!(signed_by(sent).0.ends_with("/us-east-1/ecr-public/aws4_request"));
}

#[tokio::test]
async fn a_role_of_the_spec_is_taken_on_with_the_token_of_the_spec() {
    let amazon = amazon();
    let token = IdToken { audience: None, token: Some("oidc-token".into()) };
    let chosen = amazon.chosen(&KEYS, HOST, ecr(Some(ROLE), token)).await;
    assert_eq!(
        outcome(&amazon, chosen.map(Some)).await,
        "user AWS, from ECR by web identity, role …/mirror: ecr-password\n\
         POST https://sts.eu-west-1.amazonaws.com/\nPOST https://api.ecr.eu-west-1.amazonaws.com/"
    );
    let sent = amazon.sent();
    let form = |name: &str| sent[0].pairs[name].clone();
    assert_eq!([form("Action"), form("RoleArn")], ["AssumeRoleWithWebIdentity", ROLE]);
    assert_eq!([form("WebIdentityToken"), form("RoleSessionName")], ["oidc-token", "crossdock"]);
    assert!(!sent[0].headers.contains_key("authorization"), "the role is taken on without keys");
    assert!(signed_by(&sent[1]).0.starts_with("ASIAROLE/") && signed_by(&sent[1]).1);
}

#[tokio::test]
async fn a_role_of_the_environment_is_taken_on_with_the_file_that_goes_with_it() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "token-of-file\n").expect("written");
    let path = file.path().to_str().expect("text");
    let variables = [
        ("AWS_ROLE_ARN", ROLE),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", path),
        ("CROSSDOCK_ID_TOKEN", "another"),
        ("AWS_ROLE_SESSION_NAME", "nightly"),
    ];
    let amazon = amazon();
    let found = amazon.found(&variables, HOST).await;
    assert!(outcome(&amazon, found).await.starts_with("user AWS, from ECR by web identity, role …/mirror"));
    let sent = amazon.sent();
    assert_eq!(sent[0].pairs["WebIdentityToken"], "token-of-file");
    assert_eq!(sent[0].pairs["RoleSessionName"], "nightly");
    // The file is read each time: whoever writes it renews it.
    std::fs::write(file.path(), "token-of-tomorrow").expect("written");
    let found = amazon.found(&variables, HOST).await.expect("found").expect("a credential");
    password(&found).await.expect("a password");
    assert_eq!(amazon.sent()[2].pairs["WebIdentityToken"], "token-of-tomorrow");
}

#[tokio::test]
async fn a_profile_with_plain_keys_does() {
    let home = tempfile::TempDir::new().expect("a directory");
    let path = home.path().join(".aws");
    std::fs::create_dir(&path).expect("a directory");
    let text = "[default]\naws_access_key_id = ID1\naws_secret_access_key = s1\n[other]\nregion = x\n";
    std::fs::write(path.join("credentials"), text).expect("written");
    let home = home.path().to_str().expect("text");
    let amazon = amazon();
    let found = amazon.found(&[("HOME", home)], HOST).await;
    assert!(
        outcome(&amazon, found).await.starts_with("user AWS, from ECR by the profile default: ecr-password")
    );
    assert!(signed_by(&amazon.sent()[0]).0.starts_with("ID1/"));
    let found = amazon.found(&[("HOME", home), ("AWS_PROFILE", "other")], HOST).await;
    insta::assert_snapshot!(told(&found.expect_err("no keys")), @r#"
    credential_unavailable: 123456789012.dkr.ecr.eu-west-1.amazonaws.com: the profile "other", named by AWS_PROFILE, has no keys in ~/.aws/credentials
      hint: for other kinds of profiles use `helper: ecr-login` in the spec
    "#);
}

#[tokio::test]
async fn the_service_beside_a_container_gives_keys() {
    let relative = [("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/x")];
    let amazon = amazon();
    let found = amazon.found(&relative, HOST).await;
    assert!(outcome(&amazon, found).await.starts_with("user AWS, from ECR by container credentials"));
    assert_eq!(
        (amazon.sent()[0].route, amazon.sent()[0].headers.get("authorization")),
        (Route::Machine, None)
    );
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "pod-token\n").expect("written");
    let full = [
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:7777/creds"),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", file.path().to_str().expect("text")),
    ];
    let found = amazon.found(&full, HOST).await.expect("found").expect("a credential");
    password(&found).await.expect("a password");
    assert_eq!(amazon.sent()[2].headers["authorization"], "pod-token");
    for stranger in ["http://10.0.0.1/creds", "http://evil.test/", "http://169.254.169.254/latest"] {
        let variables = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", stranger)];
        let failure = amazon.found(&variables, HOST).await.expect_err("refused");
        assert_eq!(failure.code.class(), Class::Denied, "{stranger}");
    }
    assert_eq!(amazon.sent().len(), 4);
}

#[tokio::test]
async fn the_metadata_service_is_asked_last_and_by_its_second_version() {
    let amazon = amazon();
    let found = amazon.found(&[], HOST).await;
    let outcome = outcome(&amazon, found).await;
    assert!(
        outcome.starts_with("user AWS, from ECR by instance metadata: ecr-password\nPUT http://169"),
        "{outcome}"
    );
    let sent = amazon.sent();
    assert_eq!(sent.len(), 4);
    assert_eq!(sent[0].route, Route::Probe);
    assert!(sent[0].headers.contains_key("x-aws-ec2-metadata-token-ttl-seconds"));
    for later in &sent[1..3] {
        assert_eq!(later.headers["x-aws-ec2-metadata-token"], "session-of-imds");
        assert_eq!(later.route, Route::Machine);
    }
    let off = [("AWS_EC2_METADATA_DISABLED", "true")];
    assert_eq!(amazon.found(&off, HOST).await, Ok(None));
    assert_eq!(amazon.sent().len(), 4);
}

#[tokio::test]
async fn endpoints_are_those_that_amazons_programs_would_take() {
    let local = [
        KEYS[0],
        KEYS[1],
        ("AWS_ENDPOINT_URL", "https://everything.corp/"),
        ("AWS_ENDPOINT_URL_ECR", "https://ecr.corp/"),
    ];
    for (count, place) in [
        (4, "https://ecr.corp/"),
        (3, "https://everything.corp/"),
        (2, "https://api.ecr.eu-west-1.amazonaws.com/"),
    ] {
        let any = Surroundings::new(|_, _| password_of_ecr("p"));
        let found = any.found(&local[..count], HOST).await.expect("found").expect("a credential");
        password(&found).await.expect("a password");
        assert_eq!(any.places(), [format!("POST {place}")]);
    }
    let plain = [KEYS[0], KEYS[1], ("AWS_ENDPOINT_URL_ECR", "http://ecr.evil.test/")];
    let found = amazon().found(&plain, HOST).await.expect("found").expect("a credential");
    let failure = password(&found).await.expect_err("refused");
    assert!(failure.message.starts_with("AWS_ENDPOINT_URL_ECR is without TLS"), "{failure}");
}

#[tokio::test]
async fn half_of_a_pair_of_keys_is_a_mistake() {
    for half in KEYS {
        let failure = amazon().found(&[half], HOST).await.expect_err("refused");
        assert!(failure.message.starts_with("only one of"), "{failure}");
    }
}

#[tokio::test]
async fn each_refusal_is_told_with_what_to_do() {
    let denied =
        "<ErrorResponse><Error><Code>AccessDenied</Code><Message>CANARY</Message></Error></ErrorResponse>";
    let mut lines = Vec::new();
    for (what, sts, ecr_says) in [
        ("the role does not trust us", Said::status(403, denied), password_of_ecr("p")),
        ("the role may not", role_keys(), Said::status(400, r#"{"__type":"AccessDeniedException"}"#)),
        ("nonsense from STS", Said::ok("<html>CANARY"), password_of_ecr("p")),
        ("nonsense from ECR", role_keys(), Said::ok(r#"{"authorizationData":[]}"#)),
        ("an unknown code", role_keys(), Said::status(400, r#"{"__type":"CANARY"}"#)),
        (
            "a redirect",
            Said::Answer(307, vec![("location", "https://evil.test/".into())], String::new()),
            Said::Silence,
        ),
        ("silence", Said::Silence, Said::Silence),
    ] {
        let surroundings = Surroundings::new(move |sent, _| match sent.place.contains("sts.") {
            true => sts.clone(),
            false => ecr_says.clone(),
        });
        let token = IdToken { audience: None, token: Some("opaque".into()) };
        let found = surroundings.chosen(&[], HOST, ecr(Some(ROLE), token)).await.expect("found");
        lines.push(format!("{what}\n  {}", told(&password(&found).await.expect_err("refused"))));
        assert!(surroundings.sent().iter().all(|sent| sent.place.contains("eu-west-1.amazonaws.com")));
    }
    let lines = lines.join("\n");
    assert!(!lines.contains("CANARY"), "{lines}");
    insta::assert_snapshot!(lines);
}
