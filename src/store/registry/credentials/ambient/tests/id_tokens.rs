//! Identity tokens: where each CI system has them, for whom they are, and what is said without one.

use super::amazon::{HOST, ROLE, password_of_ecr};
use super::{Said, Surroundings, password, told};
use crate::access::{IdToken, Identity};
use crate::failure::Fallible;
use crate::store::registry::credentials::ambient::Route;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A CI system's, STS, and ECR.
fn world() -> Surroundings {
    Surroundings::new(|sent, number| match sent.place.as_str() {
        "https://vstoken.test/token" => Said::ok(format!(r#"{{"count":1,"value":"github-{number}"}}"#)),
        place if place.contains("sts.") => Said::ok(
            "<AccessKeyId>A</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>",
        ),
        _ => password_of_ecr("p"),
    })
}

fn ecr(token: IdToken) -> Identity {
    Identity::Ecr { role: Some(ROLE.to_owned()), token }
}

fn jwt(audience: &str) -> String {
    format!("e30.{}.x", URL_SAFE_NO_PAD.encode(format!(r#"{{"aud":"{audience}"}}"#)))
}

/// The token that STS gets to see.
async fn shown(world: &Surroundings, variables: &[(&str, &str)], token: IdToken) -> Fallible<String> {
    password(&world.chosen(variables, HOST, ecr(token)).await?).await?;
    let sent = world.sent();
    let sts = sent.iter().rfind(|sent| sent.place.contains("sts.")).expect("STS was asked");
    Ok(sts.pairs["WebIdentityToken"].clone())
}

const GITHUB: [(&str, &str); 3] = [
    ("GITHUB_ACTIONS", "true"),
    ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://vstoken.test/token?api-version=2.0"),
    ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "runner-token"),
];

#[tokio::test]
async fn github_is_asked_for_each_exchange_anew() {
    let world = world();
    assert_eq!(shown(&world, &GITHUB, IdToken::default()).await.as_deref(), Ok("github-1"));
    let sent = world.sent();
    assert_eq!((sent[0].method.as_str(), sent[0].route), ("GET", Route::World));
    assert_eq!(sent[0].headers["authorization"], "Bearer runner-token");
    assert_eq!(sent[0].pairs["audience"], "sts.amazonaws.com");
    assert_eq!(sent[0].pairs["api-version"], "2.0");
    assert!(sent[1..].iter().all(|sent| !format!("{sent:?}").contains("runner-token")));
    let audience = IdToken { audience: Some("other".to_owned()), token: None };
    assert_eq!(shown(&world, &GITHUB, audience).await.as_deref(), Ok("github-4"));
    assert_eq!(world.sent()[3].pairs["audience"], "other");
    assert!(world.told().contains(&"github-1".to_owned()));
}

#[tokio::test]
async fn variables_are_looked_at_in_order() {
    let circle = ("CIRCLE_OIDC_TOKEN_V2", "circle");
    let own = ("CROSSDOCK_ID_TOKEN", "own");
    for (variables, token, expected) in [
        (vec![circle], None, "circle"),
        (vec![circle, own], None, "own"),
        (vec![circle, GITHUB[1], GITHUB[2]], None, "github-1"),
        (vec![circle, own, GITHUB[1], GITHUB[2]], Some("spec"), "spec"),
    ] {
        let token = IdToken { audience: None, token: token.map(Into::into) };
        assert_eq!(shown(&world(), &variables, token).await.as_deref(), Ok(expected), "{variables:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn buildkites_agent_is_asked_for_the_audience() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::TempDir::new().expect("a directory");
    let agent = directory.path().join("buildkite-agent");
    std::fs::write(&agent, "#!/bin/sh\necho \"$*\"\n").expect("written");
    std::fs::set_permissions(&agent, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    let path = format!("{}:/usr/bin:/bin", directory.path().display());
    let variables = [("BUILDKITE", "true"), ("PATH", path.as_str())];
    let token = shown(&world(), &variables, IdToken::default()).await;
    assert_eq!(token.as_deref(), Ok("oidc request-token --audience sts.amazonaws.com"));
    std::fs::write(&agent, "#!/bin/sh\necho CANARY >&2; echo CANARY; exit 3\n").expect("written");
    let failure = shown(&world(), &variables, IdToken::default()).await.expect_err("refused");
    assert!(failure.message.contains("it failed with exit status: 3"), "{failure}");
    assert!(!format!("{failure:?}").contains("CANARY"));
}

#[tokio::test]
async fn without_a_token_each_ci_system_is_told_how_to_have_one() {
    let mut lines = Vec::new();
    for variables in [vec![GITHUB[0]], vec![("GITLAB_CI", "true")], vec![]] {
        let failure = shown(&world(), &variables, IdToken::default()).await.expect_err("no token");
        lines.push(told(&failure));
    }
    insta::assert_snapshot!(lines.join("\n"));
}

#[tokio::test]
async fn a_token_for_another_audience_than_was_asked_for_is_shown_to_nobody() {
    let world = world();
    let token = || IdToken { audience: Some("right".to_owned()), token: Some(jwt("wrong").into()) };
    let failure = shown(&world, &[], token()).await.expect_err("refused");
    insta::assert_snapshot!(told(&failure));
    assert!(world.sent().is_empty());
    let right = IdToken { audience: Some("wrong".to_owned()), ..token() };
    assert!(shown(&world, &[], right).await.is_ok());
}

#[tokio::test]
async fn a_token_that_is_refused_for_its_audience_says_for_whom_it_is() {
    let refuses = Surroundings::new(|_, _| Said::status(400, "<Code>InvalidIdentityToken</Code>"));
    let token = IdToken { audience: None, token: Some(jwt("https://gitlab.com").into()) };
    let failure = shown(&refuses, &[], token).await.expect_err("refused");
    insta::assert_snapshot!(told(&failure));
}

#[tokio::test]
async fn a_ci_system_without_tls_is_not_asked() {
    let variables = [("ACTIONS_ID_TOKEN_REQUEST_URL", "http://evil.test/?a=b"), GITHUB[2]];
    let world = world();
    let failure = shown(&world, &variables, IdToken::default()).await.expect_err("refused");
    assert!(failure.message.contains("is without TLS"), "{failure}");
    assert!(world.sent().is_empty());
}
