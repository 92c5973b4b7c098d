//! Registries of clouds: tokens for the catalog, and signed requests for what a service describes.

mod aliyun;
mod google;
mod huawei;

use super::{Estate, json};
use crate::bed::cloud::{Answer, Seen};
use crate::bed::signed::{Keys, judge};
use serde_json::{Value, json as value};

/// Azure, whose catalog wants a token with a scope of its own.
fn azure(seen: &Seen) -> Option<Answer> {
    let challenge = r#"Bearer realm="http://acme.azurecr.io/oauth2/token",service="acme.azurecr.io",scope="registry:catalog:*""#;
    match (seen.path.as_str(), seen.header("authorization")) {
        ("/oauth2/token", basic) => {
            assert!(basic.starts_with("Basic "), "{basic}");
            assert_eq!(seen.parameter("scope").as_deref(), Some("registry:catalog:*"));
            Some(json(&value!({ "access_token": "canary-token" })))
        }
        ("/acr/v1/_catalog", "Bearer canary-token") => Some(match seen.parameter("last").as_deref() {
            None => json(&value!({ "repositories": ["team/a", "team/b"] }))
                .header("link", r#"</acr/v1/_catalog?last=team%2Fb&n=1000&orderby=>; rel="next""#),
            Some("team/b") => json(&value!({ "repositories": ["team/c/d", "x"] })),
            Some(_) => json(&value!({ "repositories": null })),
        }),
        ("/acr/v1/_catalog", _) => Some(Answer::new(401, "{}").header("www-authenticate", challenge)),
        _ => Some(Answer::new(404, "{}")),
    }
}

#[test]
fn azure_is_asked_with_a_token_for_its_catalog() {
    let mut estate = Estate::of(azure);
    estate.program = estate.program.variable("PASSWORD", "canary-pw");
    let keys = ", credentials: { username: alice, password: \"${PASSWORD}\" }";
    estate.spec(&["acme.azurecr.io"], keys, "source: acme.azurecr.io/**\n  target: r.corp/{repository}");
    let rules = estate.rules();
    assert_eq!(rules.len(), 4, "{rules:?}");
    assert!(rules.contains(&"acme.azurecr.io/team/c/d -> r.corp/team/c/d".to_owned()));
    // Refused, a token, and two pages.
    assert_eq!(estate.asked("acme.azurecr.io").len(), 4, "{:?}", estate.asked("acme.azurecr.io"));
}

const HOST: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
const KEYS: Keys<'_> = Keys { id: "ASIABED", secret: "canary-key" };

/// The service of ECR, which judges signatures.
fn amazon(seen: &Seen) -> Option<Answer> {
    if seen.path != "/ecr" {
        return Some(Answer::new(500, "nobody else is asked"));
    }
    if let Err(why) = judge(seen, &KEYS, "eu-west-1/ecr") {
        return Some(Answer::new(
            400,
            value!({ "__type": "InvalidSignatureException", "message": why }).to_string(),
        ));
    }
    let method = seen.header("x-amz-target");
    assert_eq!(method, "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories");
    let body: Value = serde_json::from_slice(&seen.body).ok()?;
    assert_eq!((&body["registryId"], &body["maxResults"]), (&value!("123456789012"), &value!(1000)));
    let item = |name: &str| value!({ "repositoryName": name, "repositoryUri": format!("{HOST}/{name}") });
    Some(json(&match body["nextToken"].as_str() {
        None => value!({ "repositories": [item("team/a"), item("other")], "nextToken": "t" }),
        Some("t") => value!({ "repositories": [item("team/b")] }),
        Some(_) => return Some(Answer::new(400, "{}")),
    }))
}

fn at_amazon(secret: &str) -> Estate {
    let mut estate = Estate::of(amazon);
    let url = format!("{}/ecr", estate.cloud.url());
    for (name, value) in [
        ("AWS_ENDPOINT_URL_ECR", url.as_str()),
        ("AWS_ACCESS_KEY_ID", KEYS.id),
        ("AWS_SECRET_ACCESS_KEY", secret),
    ] {
        estate.program = estate.program.variable(name, value);
    }
    let rule = format!("source: {HOST}/team/**\n  target: r.corp/{{repository}}");
    estate.spec(&[HOST], ", credentials: { identity: ecr }", &rule);
    estate
}

#[test]
fn ecr_is_described_by_its_service_to_who_has_keys() {
    let estate = at_amazon(KEYS.secret);
    assert_eq!(estate.rules(), [format!("{HOST}/team/a -> r.corp/a"), format!("{HOST}/team/b -> r.corp/b")]);
    assert_eq!(estate.cloud.seen().len(), 2, "no password was needed for that");
    let text = format!("{:?}{}", estate.cloud.seen(), estate.program.read("report.json"));
    assert!(!text.contains("canary-key"), "{text}");
}

#[test]
fn ecr_that_refuses_a_signature_lists_nothing() {
    let estate = at_amazon("canary-wrong");
    let error = estate.error();
    assert_eq!(error["code"], "credential_unavailable", "{error:#}");
    assert!(
        error["message"].as_str().expect("a message").contains("did not list the repositories"),
        "{error:#}"
    );
}
